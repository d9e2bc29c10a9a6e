#!/bin/sh
# Installs wsgi-express for this user: downloads the binary of this system, checks its SHA-256, puts it into a folder.
#
#   curl -fsSL https://…/install.sh | sh
#   sh install.sh --version 4.8.0 --to ~/.local/bin
#
# --version VERSION   a release other than the latest
# --to FOLDER         default ~/.local/bin; no root is needed
# --from URL          where the releases are, or a folder with them
#
# WSGI_EXPRESS_REPOSITORY names another repository on GitHub, OWNER/NAME, for releases of your own;
# WSGI_EXPRESS_RELEASES is the same as --from.
set -eu

REPOSITORY="${WSGI_EXPRESS_REPOSITORY:-wsgi-express/wsgi-express}"
RELEASES="${WSGI_EXPRESS_RELEASES:-https://github.com/$REPOSITORY/releases}"
version=latest
folder="${HOME:?HOME is not set}/.local/bin"

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case "$1" in
    --version) version="${2:?--version needs a version}" ;;
    --to) folder="${2:?--to needs a folder}" ;;
    --from) RELEASES="${2:?--from needs a URL or a folder}" ;;
    *) fail "unknown option $1; options: --version VERSION, --to FOLDER, --from URL" ;;
  esac
  shift 2
done

case "$(uname -s)" in
  Linux) system=unknown-linux-gnu ;;
  Darwin) system=apple-darwin ;;
  *) fail "there is no binary for $(uname -s); on Windows use install.ps1" ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) processor=x86_64 ;;
  aarch64 | arm64) processor=aarch64 ;;
  *) fail "there is no binary for the processor $(uname -m)" ;;
esac
if [ "$system" = unknown-linux-gnu ] && [ -e /etc/alpine-release ]; then
  fail "the binary needs glibc, and Alpine Linux has musl: use Deno, see docs/install.md"
fi
name="wsgi-express-$processor-$system"

case "$version" in
  latest) place="$RELEASES/latest/download" ;;
  *) place="$RELEASES/download/v${version#v}" ;;
esac

temporary="$(mktemp -d)"
trap 'rm -rf "$temporary"' EXIT INT TERM

fetch() {
  case "$place" in
    http://* | https://*)
      if command -v curl >/dev/null 2>&1; then
        curl -fsSL --proto '=https,http' -o "$temporary/$1" "$place/$1"
      elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$temporary/$1" "$place/$1"
      else
        fail "neither curl nor wget is here"
      fi
      ;;
    *) cp "${RELEASES#file://}/$1" "$temporary/$1" ;;
  esac || fail "can't get $place/$1"
}

fetch "$name"
fetch SHA256SUMS
expected="$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$temporary/SHA256SUMS")"
[ -n "$expected" ] || fail "SHA256SUMS has no line for $name"
if command -v sha256sum >/dev/null 2>&1; then
  found="$(sha256sum "$temporary/$name" | cut -d ' ' -f 1)"
else
  found="$(shasum -a 256 "$temporary/$name" | cut -d ' ' -f 1)"
fi
[ "$found" = "$expected" ] ||
  fail "the checksum of $name is $found and should be $expected: nothing was installed"

mkdir -p "$folder" || fail "can't make the folder $folder"
folder="$(cd "$folder" && pwd)"
chmod 755 "$temporary/$name"
# Into the folder first, then over the old one in one step: a running server keeps its file.
new="$folder/.wsgi-express.new"
trap 'rm -rf "$temporary" "$new"' EXIT INT TERM
cp "$temporary/$name" "$new" || fail "can't write into $folder"
case "$("$new" --version 2>&1 || true)" in
  "wsgi-express "*) ;;
  *) fail "$name does not run here: nothing was installed" ;;
esac
mv -f "$new" "$folder/wsgi-express"

echo "Installed $folder/wsgi-express"
case ":${PATH:-}:" in
  *":$folder:"*) ;;
  *) echo "$folder is not on PATH. Add it: export PATH=\"$folder:\$PATH\"" ;;
esac
