#!/usr/bin/env bash
# Tries every fault against the release build, and prints the table of docs/reliability.md.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root" || exit 1
. scripts/toolchain.sh
. scripts/python.sh

build_release || die "The build failed; nothing was tried."
python_environment clients Tests/Clients/requirements.txt || die "Python's packages could not be installed."
POLLUX_BIN=$root/.build/release/pollux exec timeout -k 10 1800 .build/venv-clients/bin/python -B Tests/Faults/run.py "$@"
