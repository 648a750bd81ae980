#!/bin/sh
# Builds the program that is shipped: one file with Swift's libraries in it, without symbols. Prints its size and the
# shared libraries that it still needs.
#
#     scripts/release.sh        → .build-release/pollux
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/toolchain.sh"
require_toolchain

# A folder of its own: other flags would compile the release build of `make serve` anew.
folder=$root/.build-release
swift build --package-path "$root" --scratch-path "$folder" -c release --static-swift-stdlib --product pollux >&2 \
    || die "The build failed."
built=$folder/release/pollux
strip -o "$folder/pollux" "$built"

printf '%s\n' "$folder/pollux"
printf '%-10s %s\n' version "$("$folder/pollux" --version)"
printf '%-10s %s bytes (%s before strip)\n' size "$(wc -c <"$folder/pollux")" "$(wc -c <"$built")"
printf 'shared libraries:\n'
ldd "$folder/pollux" | awk '{ print "  " $1 }'
