#!/bin/sh
# Builds Pollux when a source has changed, and starts it.
#
#     scripts/serve.sh [--port PORT] [--config FILE] [--upstream emulator|vertex|gemini-api]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/toolchain.sh"

build_release || die "The build failed; nothing was started."
exec "$root/.build/release/pollux" serve "$@"
