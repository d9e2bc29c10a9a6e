#!/usr/bin/env bash
# Runs the tests on the Windows bench: unit tests inside wine, then black-box tests against the program under wine.
#
#   run.sh                 all of them
#   run.sh FILE …          these test files; those of tests/core and tests/ffi run inside wine
#   run.sh --stop          only ends what an earlier run that was killed has left
#
# A file that fails, or takes longer than seven minutes, is run again, up to three times: wine is not Windows, and some of
# its calls fail now and then. The last line says "N passed, M failed".
#
# WSGI_EXPRESS_WINDOWS_SECONDS: after so many seconds no file is begun any more; those left out are told.
# WSGI_EXPRESS_WINDOWS_PROGRAM names a compiled wsgi-express.exe (as Windows sees it) that takes the place of deno.
# Exits 0 with a message that can't be overlooked where the bench can't be set up; with WSGI_EXPRESS_WINDOWS=required, 1.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/bench.sh"
cd "$ROOT"

FILE_SECONDS=420
SETUP_SECONDS=900
# How long another run may take.
WAIT_SECONDS=900

child=
output=
passed=0
failed=0
again=()
late=()
TRIES=3

if [ "${1:-}" = --stop ]; then
  use_bench_alone 0 || exit 0
  stop_wine
  exit
fi

not_tested() {
  echo "########## NOT TESTED ON WINDOWS: $* ##########" >&2
  [ "${WSGI_EXPRESS_WINDOWS:-}" != required ] || exit 1
  exit 0
}

# limited FILE SECONDS COMMAND …: its output goes to the file. Can be interrupted meanwhile.
limited() {
  # Redirected here and not where this is called, as the traps that run meanwhile have something to say.
  timeout --kill-after=10 "${@:2}" </dev/null >"$1" 2>&1 &
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

interrupted() {
  trap '' TERM INT
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
  echo "########## The Windows tests were interrupted ##########" >&2
  failed=$((failed + 1))
  exit 1
}

finish() {
  local status=$?
  stop_wine || status=1
  [ -z "$output" ] || rm -f "$output"
  if [ $((passed + failed)) -gt 0 ]; then
    [ ${#again[@]} -eq 0 ] || echo "Passed at a later try only: ${again[*]}"
    [ ${#late[@]} -eq 0 ] || echo "########## NOT TESTED ON WINDOWS, the time was over: ${late[*]} ##########"
    echo "$passed passed, $failed failed"
  fi
  exit "$status"
}

# A program that stays, so that wine does not start and end with each test.
start_wine() {
  stop_wine
  tests/windows/wine.sh 'C:\deno\deno.exe' eval 'setInterval(() => {}, 1e9)' </dev/null >/dev/null 2>&1 &
  disown
  limited /dev/null 60 tests/windows/wine.sh 'C:\deno\deno.exe' --version
}

# The test files that run inside wine.
test_inside() {
  WSGI_EXPRESS_TEST_PYTHONS="$(printf 'C:\\Python%s\\python.exe;' 311 312 313 314)" \
    limited "$output" "$FILE_SECONDS" tests/windows/wine.sh 'C:\deno\deno.exe' test -A --no-check --quiet \
    --preload=tests/windows/exclude.ts "$@"
}

test_outside() {
  limited "$output" "$FILE_SECONDS" deno test -A --no-check --preload=tests/windows/exclude.ts "$@"
}

# Runs `test_inside FILE …` or `test_outside FILE …`, and again where that fails; counts the tests.
run_tests() {
  local status=0 begin=$SECONDS counts try
  if [ "$SECONDS" -gt "${WSGI_EXPRESS_WINDOWS_SECONDS:-86400}" ]; then
    late+=("${*:2}")
    return
  fi
  "$@" || status=$?
  for ((try = 2; try <= TRIES && status != 0; try++)); do
    tail -n 200 "$output"
    echo "########## FAILED, status $status: ${*:2}: try $try of $TRIES ##########"
    status=0
    start_wine || true
    "$@" || status=$?
    [ "$status" != 0 ] || again+=("${*:2}")
  done
  cat "$output"
  counts="$(sed 's/\x1b\[[0-9;]*m//g' "$output" |
    sed -n 's/^\(ok\|FAILED\) | \([0-9]*\) passed.* | \([0-9]*\) failed.*/\2 \3/p' | tail -n 1)"
  passed=$((passed + ${counts% *}+0))
  if [ "$status" != 0 ]; then
    echo "########## FAILED $TRIES TIMES, status $status: ${*:2} ##########"
    # One that hangs, or a crash, has no counts.
    failed=$((failed + (${counts#* }+0 > 0 ? ${counts#* }+0 : 1)))
    start_wine || true
  fi
  echo "-- ${*:2}: $((SECONDS - begin)) s"
}

trap interrupted TERM INT
trap finish EXIT

use_bench_alone "$WAIT_SECONDS" || not_tested "the bench can't be used, see above"
stop_wine
output="$(mktemp)"
begin=$SECONDS
status=0
limited "$output" "$SETUP_SECONDS" tests/windows/setup.sh || status=$?
cat "$output"
[ "$status" = 0 ] || not_tested "the bench can't be set up (status $status), see above"
echo "-- setup: $((SECONDS - begin)) s"
start_wine || not_tested "wine does not run Deno on this machine"

export WSGI_EXPRESS_TEST_EXCLUDED=tests/windows/excluded.txt

inside=()
outside=()
if [ $# -eq 0 ]; then
  inside=(tests/core/net/portable_test.ts tests/core/{http,wsgi,supervisor,log,options} tests/ffi)
  outside=(tests/windows/{server,console,environment,embedded,services,task_scheduler}_test.ts
    tests/blackbox/{basics,bodies,responses,streaming,environ,alike,errors,loading,logs,threads}_test.ts
    tests/blackbox/{queue,access_log,process_life,recycling,reload,command_line,events,warnings}_test.ts
    tests/blackbox/timeouts_test.ts tests/wire/wire_test.ts)
else
  for file; do
    case "$file" in
      tests/core/* | tests/ffi* | tests/cli/*) inside+=("$file") ;;
      *) outside+=("$file") ;;
    esac
  done
fi

if [ ${#inside[@]} -gt 0 ]; then
  echo "== Unit tests inside wine"
  run_tests test_inside "${inside[@]}"
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
for file in "${outside[@]}"; do run_tests test_outside "$file"; done
[ "$failed" = 0 ]
[ ${#late[@]} -eq 0 ] || [ "${WSGI_EXPRESS_WINDOWS:-}" != required ]
