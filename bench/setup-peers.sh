#!/bin/sh
# Installs the servers that the benchmarks compare with.
#
#   bench/setup-peers.sh [DIR]        default DIR: bench/.peers
#
#   PEERS_PYTHON     Python for granian, gunicorn, waitress, bjoern and uWSGI (default: python3)
#   MOD_WSGI_PYTHON  Python for mod_wsgi 4.8.0, which is of the time of CPython 3.8 to 3.10
#                    (default: the first of python3.10, python3.9, python3.8 on PATH)
#
# A server that does not build is told at the end and leaves the others installed.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
dir=${1:-$here/.peers}
peers_python=${PEERS_PYTHON:-python3}
mod_wsgi_python=${MOD_WSGI_PYTHON:-}
failed=""

say() { printf '%s\n' "$*"; }

first_command() {
  for name in "$@"; do
    # Asked to run, since a version manager's stand-in may be on PATH for a Python that is not selected.
    if "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
}

# The load generator, Apache with its headers, libev for bjoern.
if ! command -v wrk >/dev/null 2>&1 || ! command -v apxs >/dev/null 2>&1 || [ ! -e /usr/include/ev.h ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y wrk apache2 apache2-dev libev-dev
    # The distribution's own Apache is not wanted: each benchmark starts its own.
    service apache2 stop >/dev/null 2>&1 || true
  else
    say "setup-peers: install wrk, Apache with its development files (apxs) and libev's headers first;" \
      "on Debian: wrk apache2 apache2-dev libev-dev" >&2
    exit 1
  fi
fi

mkdir -p "$dir"
dir=$(CDPATH= cd -- "$dir" && pwd)

install_into() { # VENV PACKAGE...
  venv=$1
  shift
  if ! "$venv/bin/python" -m pip install --quiet "$@" >"$dir/$1.log" 2>&1; then
    failed="$failed $1"
    say "setup-peers: $1 could not be installed, see $dir/$1.log" >&2
  fi
}

say "servers of the newest releases, on $("$peers_python" --version)"
"$peers_python" -m venv "$dir/python"
for package in granian gunicorn waitress bjoern uwsgi flask django; do
  install_into "$dir/python" "$package"
done

[ -n "$mod_wsgi_python" ] || mod_wsgi_python=$(first_command python3.10 python3.9 python3.8)
if [ -z "$mod_wsgi_python" ]; then
  say "setup-peers: no CPython 3.8 to 3.10 for mod_wsgi 4.8.0; name one in MOD_WSGI_PYTHON" >&2
  failed="$failed mod_wsgi"
else
  # Apache started by root serves as www-data. Where that user can't read the Python (a home directory of mode 0700),
  # mod_wsgi needs a copy that it can.
  prefix=$("$mod_wsgi_python" -c 'import sys; print(sys.base_prefix)')
  if [ "$(id -u)" = 0 ] && ! setpriv --reuid www-data --clear-groups test -r "$prefix/bin"; then
    say "www-data can't read $prefix: copying it"
    rm -rf "$dir/mod_wsgi-base"
    cp -a "$prefix" "$dir/mod_wsgi-base"
    mod_wsgi_python=$dir/mod_wsgi-base/bin/python3
  fi
  say "mod_wsgi-express 4.8.0 on $("$mod_wsgi_python" --version)"
  "$mod_wsgi_python" -m venv "$dir/mod_wsgi"
  install_into "$dir/mod_wsgi" wheel
  install_into "$dir/mod_wsgi" setuptools
  for package in mod_wsgi==4.8.0 flask django; do
    install_into "$dir/mod_wsgi" "$package"
  done
fi

if [ -n "$failed" ]; then
  say "setup-peers: not installed:$failed" >&2
  exit 1
fi
say "installed in $dir"
[ "$dir" = "$here/.peers" ] || say "use it with --peers $dir, or WSGI_EXPRESS_PEERS=$dir"
