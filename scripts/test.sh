#!/usr/bin/env bash
# Every test there is, from nothing: Swift, the core's instructions, OpenAI's own client, Google's own SDK against the
# emulator, the examples, and conformance where it is present.
#
# CONFORMANCE_DIR   the conformance tools beside the checkout
# PROGRAM=release   tries the clients, examples and conformance against the release build instead of the debug build
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root" || exit 1
. scripts/toolchain.sh
. scripts/report.sh
. scripts/debug-build.sh
. scripts/python.sh
require_toolchain
results=.build/results
mkdir -p "$results"
rm -f "$results"/test "$results"/*.xml

# The developer's own settings and credentials are nobody's business here.
for name in $(compgen -e | grep -E '^(POLLUX|GOOGLE|GEMINI|OPENAI|GATEWAY|REPLAY)_'); do unset "$name"; done
export PYTHONDONTWRITEBYTECODE=1

pollux=.build/${PROGRAM:-debug}/pollux
# No suite takes a quarter of this; what hangs is ended.
limit=1200

# last_counts NAME LOG STATUS: records the "N passed, M failed" with which LOG ends.
last_counts() {
    local passed failed
    read -r passed failed < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$2" | tail -n 1)
    if [ -z "${passed:-}" ] || { [ "$3" -ne 0 ] && [ "$failed" -eq 0 ]; }; then
        record "$1" "${passed:-0}" 1
        printf '%s ended with status %d; see %s\n' "$1" "$3" "$2"
    else
        record "$1" "$passed" "$failed"
    fi
}

begin "Swift: build"
if ! debug_build "$results/build.log"; then
    record swift 0 1
    leave_out "everything else" "the build failed"
    finish "$results/test"
    exit 1
fi

if [ "${PROGRAM:-debug}" = release ] && ! build_release; then
    record "the release build" 0 1
    finish "$results/test"
    exit 1
fi

begin "Swift: test"
timeout -k 10 "$limit" swift test --skip-build --disable-xctest --xunit-output "$results/swift.xml" \
    >"$results/swift.log" 2>&1 </dev/null
status=$?
grep -vE '^(◇|✔ (Suite|Test) "|✔ (Suite|Test) [^r]|↳|➜)' "$results/swift.log"
# The reporter of Swift Testing adds its name where XCTest writes a file, too.
report=$results/swift.xml
[ -s "$results/swift-swift-testing.xml" ] && report=$results/swift-swift-testing.xml
before=$total_failed
count_junit swift "$report" || record swift 0 1
# A crash ends the run between two test cases.
if [ "$status" -ne 0 ] && [ "$total_failed" -eq "$before" ]; then
    record "swift's end" 0 1
    printf 'swift test ended with status %d; see %s\n' "$status" "$results/swift.log"
fi

begin "Instructions of the core"
if ! command -v valgrind >/dev/null 2>&1 && ! install_packages "Valgrind counts the core's instructions" valgrind; then
    leave_out instructions "no valgrind"
else
    timeout -k 10 "$limit" scripts/instructions.sh 2>"$results/instructions-build.log" </dev/null \
        | tee "$results/instructions.log"
    last_counts instructions "$results/instructions.log" "${PIPESTATUS[0]}"
fi

begin "OpenAI's and Google's Python clients, examples, conformance"
if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1 \
    && ! install_packages "The other tests need Python with venv" python3 python3-venv; then
    leave_out "clients, emulator, examples, conformance" "no Python with venv"
    finish "$results/test"
    exit
fi

# A test that needs one of these and does not find it is left out, and says so.
[ -n "$(find /usr/lib -name libfaketimeMT.so.1 -print -quit 2>/dev/null)" ] \
    || install_packages "A clock that jumps is made by libfaketime" libfaketime >/dev/null
command -v promtool >/dev/null 2>&1 || install_packages "Metrics are checked with promtool" prometheus >/dev/null

begin "Clients"
if [ ! -f Tests/Clients/requirements.txt ]; then
    leave_out clients "Tests/Clients is not there"
elif ! python_environment clients Tests/Clients/requirements.txt; then
    record clients 0 1
else
    POLLUX_BIN=$root/$pollux timeout -k 10 "$limit" .build/venv-clients/bin/python -m pytest -q -p no:cacheprovider \
        --junitxml="$results/clients.xml" Tests/Clients </dev/null
    status=$?
    before=$total_failed
    count_junit clients "$results/clients.xml" || record clients 0 1
    if [ "$status" -ne 0 ] && [ "$total_failed" -eq "$before" ]; then record "clients' end" 0 1; fi
fi

begin "Emulator"
if ! python_environment emulator Tests/Emulator/requirements.txt; then
    record emulator 0 1
else
    POLLUX_BIN=$root/$pollux CONFORMANCE_DIR=$(realpath -m "${CONFORMANCE_DIR:-../shared/conformance}") \
        timeout -k 10 "$limit" .build/venv-emulator/bin/python -m pytest -q -p no:cacheprovider \
        --junitxml="$results/emulator.xml" Tests/Emulator </dev/null
    status=$?
    before=$total_failed
    count_junit emulator "$results/emulator.xml" || record emulator 0 1
    if [ "$status" -ne 0 ] && [ "$total_failed" -eq "$before" ]; then record "emulator's end" 0 1; fi
fi

begin "Page"
# Chromium is large: it is installed only where nobody waits for it twice.
command -v chromium >/dev/null 2>&1 || install_packages "The page is tried in Chromium" chromium >/dev/null
if ! python_environment page Tests/Page/requirements.txt; then
    record page 0 1
else
    POLLUX_BIN=$root/$pollux timeout -k 10 300 .build/venv-page/bin/python -m pytest -q -rfEs \
        --junitxml="$results/page.xml" Tests/Page </dev/null
    status=$?
    before=$total_failed
    count_junit page "$results/page.xml" || record page 0 1
    if [ "$status" -ne 0 ] && [ "$total_failed" -eq "$before" ]; then record "page's end" 0 1; fi
fi

begin "Examples"
if ! python_environment examples Examples/python/requirements.txt; then
    record examples 0 1
else
    timeout -k 10 "$limit" .build/venv-examples/bin/python Examples/python/run_all.py --pollux "$pollux" \
        2>&1 </dev/null | tee "$results/examples.log"
    last_counts examples "$results/examples.log" "${PIPESTATUS[0]}"
fi

begin "Conformance"
conformance=${CONFORMANCE_DIR:-../shared/conformance}
if [ ! -f "$conformance/run.py" ]; then
    leave_out conformance "the conformance tools are not beside the checkout (CONFORMANCE_DIR=$conformance)"
elif ! python_environment conformance "$conformance/requirements.txt"; then
    record conformance 0 1
else
    read -r vertex developer container forward replay < <(.build/venv-conformance/bin/python scripts/free-ports.py 5)
    GATEWAY_CMD=$pollux GATEWAY_AUTH=1 GATEWAY_OWN_TOKENS=1 GATEWAY_UPSTREAM_TIMEOUT=3 REPLAY_PORT=$replay \
        timeout -k 10 "$limit" .build/venv-conformance/bin/python "$conformance/run.py" --start \
        --gateway "http://127.0.0.1:$vertex" --gateway-dev "http://127.0.0.1:$developer" \
        --gateway-pass "http://127.0.0.1:$container" --gateway-forward "http://127.0.0.1:$forward" \
        --creds-dir .build/conformance 2>&1 </dev/null | tee "$results/conformance.log" | grep -vE '^(PASS|SKIP) '
    last_counts conformance "$results/conformance.log" "${PIPESTATUS[0]}"
    while IFS= read -r line; do leave_out conformance "$line"; done \
        < <(sed -n 's/^SKIP  *[^ ]*  *\([^ ]*\) .*:: \(.*\)/\1 (\2)/p' "$results/conformance.log")
fi

finish "$results/test"
