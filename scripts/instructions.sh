#!/usr/bin/env bash
# Counts the instructions that operations of the core take, and fails where one takes 5 % more than its baseline.
#
#     scripts/instructions.sh            compares with Benchmarks/instructions.txt
#     scripts/instructions.sh update     writes what it counts there
#
# Callgrind counts alike on a busy machine and on an idle one. A baseline belongs to one version of Swift, of the C
# library and of callgrind: after a change of these, look at the counts and update.
#
# The last line is "N passed, M failed".
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root" || exit 1
. scripts/toolchain.sh
command -v valgrind >/dev/null 2>&1 || die "The instructions are counted by valgrind, which is not there."
baseline=Benchmarks/instructions.txt
# How often each operation is done; what one takes is the mean.
times=200
# Per cent.
tolerance=5

swift build -c release --package-path Benchmarks --product core >&2 </dev/null || exit 1
mkdir -p .build/instructions
program=.build/instructions/core
# Callgrind needs the names of functions only, and old versions cannot read the rest.
strip -g -o "$program" Benchmarks/.build/release/core || exit 1

# count NAME: instructions of one such operation; nothing when it failed.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*measuredSection*' \
        "$program" "$1" "$times" 2>&1 </dev/null | awk -v times="$times" '/Collected/ { printf "%.0f\n", $4 / times }'
}

passed=0
failed=0
new=()
while read -r name expected; do
    found=$(count "$name")
    new+=("$name ${found:-$expected}")
    if [ -z "$found" ] || [ "$found" -eq 0 ]; then
        failed=$((failed + 1))
        printf '%-16s could not be counted\n' "$name"
        continue
    fi
    change=$(awk -v found="$found" -v expected="$expected" 'BEGIN { printf "%+.1f", (found / expected - 1) * 100 }')
    if awk -v change="$change" -v tolerance="$tolerance" 'BEGIN { exit !(change > tolerance) }'; then
        failed=$((failed + 1))
        verdict="more than $tolerance % above the baseline"
    else
        passed=$((passed + 1))
        verdict=
    fi
    printf '%-16s %8d instructions, baseline %8d, %s %% %s\n' "$name" "$found" "$expected" "$change" "$verdict"
done <"$baseline"

if [ "${1:-}" = update ]; then
    printf '%s\n' "${new[@]}" >"$baseline"
    failed=0
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
