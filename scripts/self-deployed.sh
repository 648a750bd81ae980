#!/usr/bin/env bash
# Real servers of self-deployed models behind the gateway: see Tests/SelfDeployed/README.md.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root" || exit 1
. scripts/toolchain.sh
. scripts/report.sh
. scripts/debug-build.sh
. scripts/python.sh
results=.build/results
mkdir -p "$results"
rm -f "$results/self-deployed" "$results/self-deployed.xml"

begin "Build"
if [ -z "${POLLUX_BIN:-}" ]; then
    require_toolchain
    debug_build "$results/build.log" || { record build 0 1; finish "$results/self-deployed"; exit 1; }
fi

begin "Servers"
for server in transformers litellm; do
    python_environment "$server" "Tests/SelfDeployed/requirements-$server.txt" \
        || leave_out "$server" "its packages cannot be installed here"
done

begin "Self-deployed models"
if ! python_environment clients Tests/Clients/requirements.txt; then
    record self-deployed 0 1
else
    unset PYTHONDONTWRITEBYTECODE
    POLLUX_BIN=${POLLUX_BIN:-$root/.build/debug/pollux} timeout -k 10 1200 .build/venv-clients/bin/python -m pytest -q \
        --junitxml="$results/self-deployed.xml" Tests/SelfDeployed </dev/null
    count_junit self-deployed "$results/self-deployed.xml" || record self-deployed 0 1
fi
finish "$results/self-deployed"
