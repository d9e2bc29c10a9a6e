#!/usr/bin/env bash
# Builds the container image with Docker or Podman, whichever runs here, and tests it.
#
# Exits 0 with a message that can't be overlooked where neither runs; with WSGI_EXPRESS_CONTAINER=required, 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for engine in docker podman none; do
  if "$engine" info >/dev/null 2>&1; then break; fi
done
if [ "$engine" = none ]; then
  echo "########## NOT TESTED: the container image, as neither Docker nor Podman runs here ##########" >&2
  [ "${WSGI_EXPRESS_CONTAINER:-}" != required ] || exit 1
  exit 0
fi

image="wsgi-express-test:$$"
trap '"$engine" rmi --force "$image" >/dev/null 2>&1 || true' EXIT
format=()
# The other format of Podman has no health check.
if [ "$engine" = podman ]; then format=(--format docker); fi
"$engine" build "${format[@]}" -f Containerfile -t "$image" \
  --build-arg COMMIT="$(git rev-parse HEAD 2>/dev/null || true)" .
WSGI_EXPRESS_ENGINE="$engine" WSGI_EXPRESS_IMAGE="$image" deno test -A tests/container/image_test.ts
