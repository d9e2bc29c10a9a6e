#!/usr/bin/env bash
# Builds the Windows test bench on Linux: wine 10 in a small Debian of its own, Deno and CPython for Windows, and a
# virtual environment with Flask and Django for each CPython. About a minute, 2.4 GB, outside the source tree.
#
# Everything comes from the package registries that apt, npm, mvn and pip of this machine are set to. Needs root (chroot,
# mount namespaces); mmdebstrap, npm, mvn, unzip and pip are installed where they are missing and apt is there. Exits 0
# where a complete bench is there already. An interrupted one goes on where it was.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/bench.sh"

fail() {
  echo "The Windows bench can't be set up: $*" >&2
  exit 1
}

use_bench_alone 900 || fail "its folder can't be used"
stamp="$BENCH/complete"
wanted="$BENCH_VERSION deno $DENO_VERSION cpython $CPYTHONS"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "it needs Linux on x86-64"
[ "$(id -u)" = 0 ] || fail "it needs root, for chroot and mount"
unshare --mount true 2>/dev/null || fail "mount namespaces are not allowed here"

# A program on PATH, else installed from Debian. $2: its package.
need() {
  command -v "$1" >/dev/null && return
  echo "Installing $2 …"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$2"; } \
    >"$BENCH/apt.log" 2>&1 || fail "there is no $1, and apt can't install $2, see $BENCH/apt.log"
}
need mmdebstrap mmdebstrap
need npm npm
need mvn maven
need unzip unzip

# pip, in an environment of its own where there is none.
pip="$(command -v pip || true)"
if [ -z "$pip" ]; then
  python3 -m venv "$BENCH/pip" >"$BENCH/pip.log" 2>&1 || fail "there is no pip, see $BENCH/pip.log"
  pip="$BENCH/pip/bin/pip"
fi

downloads="$BENCH/downloads"
rm -rf "$downloads/new"
mkdir -p "$downloads"

# downloaded NAME COMMAND …: the command puts the file into the folder that is its last word, unless it is there already.
downloaded() {
  local name=$1
  [ ! -f "$downloads/$name" ] || return 0
  mkdir -p "$downloads/new"
  "${@:2}" "$downloads/new" >"$BENCH/download.log" 2>&1 || fail "can't get $name, see $BENCH/download.log"
  mv "$downloads/new/$name" "$downloads/$name"
}
npm_pack() { npm pack --silent "$1" --pack-destination "$2"; }
maven_copy() { mvn --batch-mode dependency:copy "-Dartifact=$1" "-DoutputDirectory=$2"; }

make_system() {
  [ -x "$SYSTEM/usr/lib/wine/wineserver64" ] && return
  echo "Installing wine 10 …"
  local mirror
  mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)"
  [ -n "$mirror" ] || fail "apt has no package source"
  rm -rf --one-file-system "$SYSTEM" "$SYSTEM.new"
  mmdebstrap --quiet --variant=minbase --include=wine,wine64,ca-certificates \
    --aptopt='APT::Install-Recommends "false"' trixie "$SYSTEM.new" "$mirror" >"$BENCH/system.log" 2>&1 ||
    fail "mmdebstrap failed, see $BENCH/system.log"
  mv "$SYSTEM.new" "$SYSTEM"
}

make_prefix() {
  local made="$SYSTEM/opt/prefix/made"
  [ -f "$made" ] && return
  stop_wine
  rm -rf "$SYSTEM/opt/prefix"
  echo "Making the Windows drive …"
  in_system wineboot --init >"$BENCH/wineboot.log" 2>&1 || fail "wineboot failed, see $BENCH/wineboot.log"
  in_system wineserver --wait
  ln -sfn /host "$SYSTEM/opt/prefix/dosdevices/z:"
  # There is no display, and nothing here needs one.
  in_system wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f >>"$BENCH/wineboot.log" 2>&1 ||
    fail "wine can't change its registry, see $BENCH/wineboot.log"
  in_system wineserver --wait
  touch "$made"
}

make_deno() {
  echo "Deno $DENO_VERSION for Windows …"
  local package="deno-win32-x64-$DENO_VERSION.tgz"
  downloaded "$package" npm_pack "@deno/win32-x64@$DENO_VERSION"
  mkdir -p "$DRIVE_C/deno"
  tar -xzf "$downloads/$package" -C "$DRIVE_C/deno" --strip-components=1 package/deno.exe
}

# The package's files in the places where python.org's installer puts them.
make_python() {
  local package=$1 minor tag folder
  minor="$(cut -d. -f1,2 <<<"$package")"
  tag="${minor/./}"
  folder="$DRIVE_C/Python$tag"
  if [ "$(cat "$folder/complete" 2>/dev/null)" = "$package" ]; then return; fi
  echo "CPython ${package%-*} for Windows, with Flask and Django …"
  local archive="cpython-$package-windows-x86_64.jar"
  downloaded "$archive" maven_copy "org.bytedeco:cpython:$package:jar:windows-x86_64"
  rm -rf "$folder" "$folder.new"
  mkdir -p "$folder.new"
  unzip -q "$downloads/$archive" 'org/bytedeco/cpython/windows-x86_64/*' -d "$folder.new"
  mv "$folder.new/org/bytedeco/cpython/windows-x86_64" "$folder"
  rm -rf "$folder.new"
  mv "$folder/lib" "$folder/Lib"
  mkdir -p "$folder/DLLs"
  mv "$folder"/Lib/*.pyd "$folder"/Lib/*.dll "$folder/DLLs/"
  mv "$folder"/DLLs/vcruntime140*.dll "$folder/"
  rm -rf "$folder/Lib/test" "$folder/Lib/site-packages" "$folder/bin" "$folder/include" "$folder/jnipython.dll"
  make_environment "$minor" "$tag" "$folder"
  rm "$downloads/$archive"
  echo "$package" >"$folder/complete"
}

# CPython's launcher of environments is not in the packages, so there is one of the bench's own, built by Go where that is
# installed; the tests of the layout that it makes say so where it is missing.
make_launcher() {
  if command -v go >/dev/null; then
    echo "The launcher of virtual environments …"
    GOOS=windows GOARCH=amd64 CGO_ENABLED=0 GO111MODULE=off \
      go build -trimpath -o "$DRIVE_C/venvlauncher.exe" "$ROOT/tests/windows/venv_launcher.go" ||
      fail "go can't build the launcher"
  else
    echo "There is no Go to build the launcher of virtual environments with: one layout is left out" >&2
  fi
}

# As virtualenv makes them on Windows: copies of the interpreter and its library, and pyvenv.cfg that names the original.
make_environment() {
  local minor=$1 tag=$2 python=$3 folder="$DRIVE_C/venvs/$2"
  rm -rf "$folder"
  mkdir -p "$folder/Scripts" "$folder/Lib/site-packages"
  cp "$python/python.exe" "$python/python$tag.dll" "$python"/vcruntime140*.dll "$folder/Scripts/"
  printf 'home = C:\\Python%s\r\ninclude-system-site-packages = false\r\nversion = %s\r\n' "$tag" "$minor" \
    >"$folder/pyvenv.cfg"
  "$pip" install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --only-binary=:all: \
    --platform win_amd64 --implementation cp --python-version "$minor" \
    --target "$folder/Lib/site-packages" Flask==3.1.0 Django==5.2 tzdata ||
    fail "pip can't install Flask and Django for Windows"
}

make_system
make_prefix
make_deno
make_launcher
for package in $CPYTHONS; do make_python "$package"; done
echo "$wanted" >"$stamp"
