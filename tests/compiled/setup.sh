#!/usr/bin/env bash
# Makes what the compiled program needs to be built and run where Deno's own base can't be downloaded: a release of Deno
# and the base of the same release, outside the source tree. Both come from the package registry that pip is set to: the
# package of Deno itself, and a program that was compiled with that release, whose executable is the base with the program
# behind it. Exits 0 where both are there already.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
source "$ROOT/tests/compiled/folder.sh"

fail() {
  echo "The compiled program can't be tested: $*" >&2
  exit 1
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "the base is for Linux on x86-64"
if [ -x "$COMPILED/deno" ] && [ -x "$COMPILED/denort" ]; then exit 0; fi
for program in pip unzip deno; do
  command -v "$program" >/dev/null || fail "there is no $program"
done

downloads="$(mktemp -d)"
trap 'rm -rf "$downloads"' EXIT
fetch() {
  pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$downloads" "$1" ||
    fail "pip can't download $1"
}
fetch "deno==$DENO_RELEASE"
fetch "$COMPILED_PROGRAM"
mkdir -p "$COMPILED"
unzip -q -o -j "$downloads"/deno-*.whl '*/deno' -d "$COMPILED"
unzip -q -o -j "$downloads"/bids_validator_deno-*.whl '*/bids-validator-deno' -d "$downloads"
chmod +x "$COMPILED/deno"
deno run -A "$ROOT/tests/compiled/elf_end.ts" "$downloads/bids-validator-deno" "$COMPILED/denort"
# What it says of itself without a program.
said="$("$COMPILED/denort" 2>&1 || true)"
[[ "$said" == *"standalone binary"* ]] || fail "what was cut out is no base"
