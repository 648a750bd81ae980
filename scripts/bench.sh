#!/bin/sh
# Runs the benchmarks that lie beside the checkout against the release build.
#
#     scripts/bench.sh [quick|all|core|sweep|scale|soak|SCENARIO,…]
#
# BENCH_DIR    the harness: run.py and what it needs
# GATEWAYS     which gateways are measured
# RUNS         how often; the table has medians
# TIME_SCALE   of a scenario's seconds
# WRITE=1      puts the table into docs/performance.md, too
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/toolchain.sh"
cd "$root"

harness=${BENCH_DIR:-../shared/bench}
[ -f "$harness/bench.sh" ] || die "There is no benchmark harness in $harness; name its folder with BENCH_DIR=…"
command -v python3 >/dev/null 2>&1 && command -v cc >/dev/null 2>&1 \
    || install_packages "The benchmarks need Python and a C compiler" python3 gcc libc6-dev || exit 1
build_release || die "The build failed; nothing was measured."

# A copy: the harness builds its tools beside itself, and its own folder may be read-only.
mkdir -p .build/bench
cp -R "$harness/." .build/bench/
chmod -R u+w .build/bench
# Thousands of streams at a time are more than a process takes on unless it is told to.
printf 'limits: {max_concurrent_requests: 8192}\n' >>.build/bench/adapters/pollux.yaml.in
PATH=$root/.build/release:$PATH:/usr/sbin
export PATH
ulimit -n "$(ulimit -Hn)"

case ${1:-quick} in
all) groups='core sweep scale soak' ;;
*) groups=${1:-quick} ;;
esac
files=
for group in $groups; do
    file=.build/bench/$(printf %s "$group" | tr , _).json
    python3 .build/bench/run.py bench -g "${GATEWAYS:-direct,nginx,pollux}" -s "$group" -n "${RUNS:-1}" \
        --time-scale "${TIME_SCALE:-1}" -w .build/bench/work -o "$file" >&2
    files="$files $file"
done
# The names hold no spaces.
# shellcheck disable=SC2086
exec python3 scripts/bench-table.py ${WRITE:+--write docs/performance.md} $files
