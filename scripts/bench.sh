#!/bin/sh
# Runs the benchmarks that lie beside the checkout against the release build.
#
#     scripts/bench.sh [quick|all]
#
# BENCH_DIR   the harness: bench.sh, run.py and what they need
# GATEWAYS    which gateways are measured
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
PATH=$root/.build/release:$PATH:/usr/sbin
GATEWAYS=${GATEWAYS:-direct,nginx,pollux}
PEERS=${PEERS:-no}
export PATH GATEWAYS PEERS
exec .build/bench/bench.sh "${1:-quick}"
