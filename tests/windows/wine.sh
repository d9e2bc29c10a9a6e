#!/usr/bin/env bash
# Runs a Windows program of the bench: wine.sh 'C:\deno\deno.exe' --version
# The working folder and the environment are passed on, and the program has the pid of this script.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/bench.sh"
exec_in_system wine "$@"
