#!/usr/bin/env bash
# Runs the tests on the Windows bench: unit tests inside wine, then black-box tests against the program under wine.
#
#   run.sh                 all of them
#   run.sh FILE …          these test files of tests/blackbox, tests/wire or tests/windows
#
# WSGI_EXPRESS_WINDOWS_PROGRAM names a compiled wsgi-express.exe (as Windows sees it) that takes the place of deno.
# Exits 0 with a message that can't be overlooked where the bench can't be set up; with WSGI_EXPRESS_WINDOWS=required, 1.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/bench.sh"
cd "$ROOT"

if ! tests/windows/setup.sh; then
  echo "########## NOT TESTED ON WINDOWS: the bench can't be set up, see above ##########" >&2
  [ "${WSGI_EXPRESS_WINDOWS:-}" != required ] || exit 1
  exit 0
fi
finish() {
  in_system wineserver --kill >/dev/null 2>&1 || true
}
trap finish EXIT

status=0
export WSGI_EXPRESS_TEST_EXCLUDED=tests/windows/excluded.txt

if [ $# -eq 0 ]; then
  echo "== Unit tests inside wine"
  WSGI_EXPRESS_TEST_PYTHONS='C:\Python311\python.exe;C:\Python312\python.exe;C:\Python313\python.exe;C:\Python314\python.exe' \
    tests/windows/wine.sh 'C:\deno\deno.exe' test -A --no-check --quiet \
    --preload=tests/windows/exclude.ts \
    tests/core/net/portable_test.ts tests/core/http tests/core/wsgi tests/core/supervisor tests/core/log \
    tests/core/options tests/ffi || status=1
  set -- tests/windows tests/blackbox/{basics,bodies,responses,streaming,environ,errors,loading,logs,threads}_test.ts \
    tests/blackbox/{queue,access_log,process_life,command_line,events,warnings,timeouts}_test.ts tests/wire/wire_test.ts
fi

echo "== Black-box tests against the program under wine"
export WSGI_EXPRESS_WINDOWS_DRIVE="$DRIVE_C"
export WSGI_EXPRESS_TEST_PYTHONS='3.14=C:\venvs\314'
# Under wine this signal is Ctrl-C.
export WSGI_EXPRESS_TEST_STOP_SIGNAL=SIGINT
program="${WSGI_EXPRESS_WINDOWS_PROGRAM:-}"
json() { sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/"/' <<<"$1"; }
if [ -n "$program" ]; then
  export WSGI_EXPRESS_COMMAND="[$(json "$ROOT/tests/windows/wine.sh"), $(json "$program")]"
else
  main="Z:${ROOT//\//\\}\\cli\\main.ts"
  export WSGI_EXPRESS_COMMAND="[$(json "$ROOT/tests/windows/wine.sh"), \"C:\\\\deno\\\\deno.exe\", \"run\", \"-A\", \"--quiet\", $(json "$main")]"
fi
deno test -A --preload=tests/windows/exclude.ts "$@" || status=1
exit "$status"
