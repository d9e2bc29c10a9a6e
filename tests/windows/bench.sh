# Where the Windows bench is, and how to run a Windows program in it. Sourced by setup.sh, run.sh and wine.sh.

BENCH="${XDG_CACHE_HOME:-$HOME/.cache}/wsgi-express-windows"
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
  exec unshare --mount --propagation private bash -c "$prepare" "$SYSTEM" \
    env -C "/host$PWD" HOME=/root LC_ALL=C.UTF-8 PATH=/usr/bin:/bin WINEPREFIX=/opt/prefix WINEDEBUG=-all \
    "WINEDLLOVERRIDES=winemenubuilder.exe=d;mscoree=;mshtml=" "$@"
}

in_system() {
  (exec_in_system "$@")
}
