#!/usr/bin/env bash
# Builds the Windows test bench on Linux: wine 10 in a small Debian of its own, Deno and CPython for Windows, and a
# virtual environment with Flask and Django for each CPython. About two minutes, 2 GB, outside the source tree.
#
# Everything comes from the package registries that apt, npm, mvn and pip of this machine are set to. Needs root (chroot,
# mount namespaces), mmdebstrap, npm, mvn, unzip and pip. Exits 0 where a complete bench is there already.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/bench.sh"

stamp="$BENCH/complete"
wanted="$BENCH_VERSION deno $DENO_VERSION cpython $CPYTHONS"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

fail() {
  echo "The Windows bench can't be set up: $*" >&2
  exit 1
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "it needs Linux on x86-64"
[ "$(id -u)" = 0 ] || fail "it needs root, for chroot and mount"
unshare --mount true 2>/dev/null || fail "mount namespaces are not allowed here"
if ! command -v mmdebstrap >/dev/null; then
  { apt-get update && apt-get install --yes --no-install-recommends mmdebstrap; } >/dev/null 2>&1 ||
    fail "there is no mmdebstrap, and apt can't install it"
fi
for program in npm mvn unzip pip; do
  command -v "$program" >/dev/null || fail "there is no $program"
done

downloads="$BENCH/downloads"
mkdir -p "$downloads"

make_system() {
  [ -x "$SYSTEM/usr/lib/wine/wineserver64" ] && return
  echo "Installing wine 10 …"
  local mirror
  mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)"
  [ -n "$mirror" ] || fail "apt has no package source"
  rm -rf "$SYSTEM.new"
  mmdebstrap --quiet --variant=minbase --include=wine,wine64,ca-certificates \
    --aptopt='APT::Install-Recommends "false"' trixie "$SYSTEM.new" "$mirror" >"$BENCH/system.log" 2>&1 ||
    fail "mmdebstrap failed, see $BENCH/system.log"
  mv "$SYSTEM.new" "$SYSTEM"
}

make_prefix() {
  [ -d "$DRIVE_C/windows/system32" ] && return
  # Also left behind by a setup that was interrupted.
  rm -rf "$SYSTEM/opt/prefix"
  echo "Making the Windows drive …"
  in_system wineboot --init >"$BENCH/wineboot.log" 2>&1 || fail "wineboot failed, see $BENCH/wineboot.log"
  # There is no display, and nothing here needs one.
  in_system wineserver --kill || true
  ln -sfn /host "$SYSTEM/opt/prefix/dosdevices/z:"
  in_system wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f >>"$BENCH/wineboot.log" 2>&1
}

make_deno() {
  echo "Deno $DENO_VERSION for Windows …"
  local package="deno-win32-x64-$DENO_VERSION.tgz"
  [ -f "$downloads/$package" ] ||
    (cd "$downloads" && npm pack --silent "@deno/win32-x64@$DENO_VERSION" >/dev/null) || fail "npm pack failed"
  mkdir -p "$DRIVE_C/deno"
  tar -xzf "$downloads/$package" -C "$DRIVE_C/deno" --strip-components=1 package/deno.exe
}

# The package's files in the places where python.org's installer puts them.
make_python() {
  local package=$1 minor tag folder
  minor="$(cut -d. -f1,2 <<<"$package")"
  tag="${minor/./}"
  folder="$DRIVE_C/Python$tag"
  [ -f "$folder/complete" ] && return
  echo "CPython ${package%-*} for Windows, with Flask and Django …"
  local archive="cpython-$package-windows-x86_64.jar"
  [ -f "$downloads/$archive" ] || mvn --quiet dependency:copy \
    "-Dartifact=org.bytedeco:cpython:$package:jar:windows-x86_64" "-DoutputDirectory=$downloads" >/dev/null ||
    fail "mvn dependency:copy failed"
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
  touch "$folder/complete"
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
  pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --only-binary=:all: \
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
