#!/usr/bin/env bash
# What can be said of the sources without running them: format, imports, warnings, lengths of files.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root" || exit 1
. scripts/toolchain.sh
. scripts/report.sh
. scripts/debug-build.sh
require_toolchain
results=.build/results
mkdir -p "$results"
rm -f "$results/check"

# pass_or_fail NAME STATUS
pass_or_fail() { if [ "$2" -eq 0 ]; then record "$1" 1 0; else record "$1" 0 1; fi }

begin "Format"
swift format lint --strict --recursive Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Keys/Sources Examples/swift Snippets \
    Package.swift
pass_or_fail format $?

begin "Files of more than 400 lines: which second concept has moved in?"
find Sources Tests -name '*.swift' -exec wc -l {} + | awk '$2 != "total" && $1 > 400 { print; n++ } END { if (!n) print "none" }'

begin "Build: declared imports, no warnings"
# A compiler warns of what it compiles: the sources of a clean build need not be compiled again.
clean=.build/no-warnings.stamp
if [ ! -e "$clean" ] || [ -n "$(find Package.swift Sources Tests Examples/swift Snippets -newer "$clean" -print -quit)" ]; then
    rm -f "$clean"
    forget_own_targets
fi
: >"$clean.new"
if debug_build "$results/build.log"; then
    record build 1 0
    warnings=$(own_warnings "$results/build.log")
    if [ -z "$warnings" ]; then mv "$clean.new" "$clean"; else printf '\n%s\n' "$warnings"; fi
    [ -z "$warnings" ]
    pass_or_fail warnings $?
else
    record build 0 1
    leave_out warnings "the build failed"
fi

finish "$results/check"
