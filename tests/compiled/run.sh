#!/usr/bin/env bash
# Compiles the program and runs the black-box tests against the one file, with no Deno and no Node.js on PATH.
#
#   run.sh             all of them
#   run.sh FILE …      these test files
#
# DENORT_BIN names the base; else setup.sh makes one, of an older release of Deno, where that is possible. Exits 0 with a
# message that can't be overlooked where there is no base; with WSGI_EXPRESS_COMPILED=required, 1.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
source "$ROOT/tests/compiled/folder.sh"
cd "$ROOT"

deno="$(command -v deno)"
compiler="$deno"
if [ $# -eq 0 ]; then set -- tests/blackbox/*_test.ts tests/wire/wire_test.ts tests/cli/main_test.ts; fi
if [ -z "${DENORT_BIN:-}" ]; then
  if ! tests/compiled/setup.sh; then
    echo "########## NOT TESTED: the compiled program, as there is no base, see above ##########" >&2
    [ "${WSGI_EXPRESS_COMPILED:-}" != required ] || exit 1
    exit 0
  fi
  export DENORT_BIN="$COMPILED/denort"
  compiler="$COMPILED/deno"
  # Text imports were not yet stable then, and the types not yet the same.
  export DENO_UNSTABLE_RAW_IMPORTS=1
  # Nor could node:net take over a descriptor.
  tests=()
  for file; do [ "${file##*/}" = portable_test.ts ] || tests+=("$file"); done
  set -- "${tests[@]}"
fi

output="$(mktemp -d)"
tools="$(mktemp -d)"
trap 'rm -rf "$output" "$tools"' EXIT
"$compiler" run -A --no-check tools/compile.ts --require-base --no-check --output "$output"
unset DENO_UNSTABLE_RAW_IMPORTS

# Everything that is on PATH but what could stand in for a part of the program.
for folder in /bin /usr/bin /sbin /usr/sbin; do
  for program in "$folder"/*; do
    case "${program##*/}" in
      deno* | denort* | node* | npm* | npx*) ;;
      *) ln -sf "$program" "$tools/" ;;
    esac
  done
done
export WSGI_EXPRESS_COMMAND
WSGI_EXPRESS_COMMAND="$(echo "$output"/wsgi-express-*)"
export PATH="$tools"
"$deno" test -A --no-check "$@"
