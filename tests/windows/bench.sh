# Where the Windows bench is, and how to run a Windows program in it. Sourced by setup.sh, run.sh and wine.sh.

# Not called WSGI_EXPRESS_…: those the tests keep from the program.
BENCH="${WINDOWS_BENCH:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/wsgi-express-windows}"
# Debian with wine 10 in it, whatever the machine itself runs.
SYSTEM="$BENCH/system"
# Drive C: as Linux sees it.
DRIVE_C="$SYSTEM/opt/prefix/drive_c"
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

# The versions that are tested, with those of the packages that hold them.
DENO_VERSION=2.9.6
CPYTHONS="3.11.3-1.5.9 3.12.1-1.5.10 3.13.5-1.5.12 3.14.3-1.5.13"
# Part of the stamp that says a bench is complete: raise it when setup.sh changes what it makes.
BENCH_VERSION=2

# Runs a command inside the system, in the working folder, with the environment passed on. Replaces the shell. Drive Z: is
# the root of this machine, in all calls alike: wine's server, which opens the files, stays from one call to the next.
exec_in_system() {
  local prepare='
    system=$0
    mkdir -p "$system/host"
    mount --rbind / "$system/host"
    for folder in proc sys dev; do mount --rbind "/$folder" "$system/$folder"; done
    exec chroot "$system" "$@"
  '
  # What stays must not keep the lock of use_bench_alone.
  exec unshare --mount --propagation private bash -c "$prepare" "$SYSTEM" \
    env -C "/host$PWD" HOME=/root LC_ALL=C.UTF-8 PATH=/usr/bin:/bin WINEPREFIX=/opt/prefix WINEDEBUG=-all \
    "WINEDLLOVERRIDES=winemenubuilder.exe=d;mscoree=;mshtml=" "$@" 9>&-
}

in_system() {
  (exec_in_system "$@")
}

# Waits up to so many seconds for others who use the bench, and has it alone until this shell ends. Fails where the
# folder can't be written, or where the others need longer.
use_bench_alone() {
  # A child of who has it.
  [ "${WSGI_EXPRESS_WINDOWS_LOCKED:-}" != "$BENCH" ] || return 0
  if ! { mkdir -p "$BENCH" && exec 9>"$BENCH/lock"; } 2>/dev/null; then
    echo "$BENCH can't be written; WINDOWS_BENCH names another folder" >&2
    return 1
  fi
  if ! flock --nonblock 9; then
    [ "$1" = 0 ] || echo "Waiting for another run that uses $BENCH …"
    flock --wait "$1" 9 || return 1
  fi
  export WSGI_EXPRESS_WINDOWS_LOCKED="$BENCH"
}

# Pids of all that runs inside the system.
bench_processes() {
  local root
  root="$(realpath -m "$SYSTEM")"
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/root" 2>/dev/null)" != "$root" ] || echo "${process#/proc/}"
  done
}

# Ends every Windows program and wine itself; their mounts end with them.
stop_wine() {
  local left round
  for round in 1 2 3 4 5 6 7 8 9 10; do
    left="$(bench_processes)"
    [ -n "$left" ] || return 0
    # shellcheck disable=SC2086
    kill -KILL $left 2>/dev/null || true
    sleep 0.2
  done
  echo "These processes of the bench don't end: $left" >&2
  return 1
}
