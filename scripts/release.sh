#!/bin/sh
# Builds the program that is shipped: the release build without symbols. Prints its size and the shared libraries that it
# still needs.
#
#     scripts/release.sh        → .build/pollux
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/toolchain.sh"

build_release || die "The build failed."
built=$root/.build/release/pollux
shipped=$root/.build/pollux
strip -o "$shipped" "$built"

printf '%s\n' "$shipped"
printf '%-10s %s\n' version "$("$shipped" --version)"
printf '%-10s %s bytes (%s before strip)\n' size "$(wc -c <"$shipped")" "$(wc -c <"$built")"
printf 'shared libraries:\n'
ldd "$shipped" | awk '{ print "  " $1 }'
