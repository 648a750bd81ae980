#!/bin/sh
# What keys cost: a gateway with a stored key, all limits, budgets, usage rows, metrics and the page's traffic, beside one
# with a key in its configuration and nothing else. CPU time of a request, in turns.
#
#     Benchmarks/Keys/cost.sh [SCENARIOS] [RUNS]
#
# BENCH_DIR    the harness: run.py and what it needs
# POLLUX_BIN   the program, else the release build
# SCALE        factor for the length of each measurement
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
harness=${BENCH_DIR:-$root/../shared/bench}
pollux=${POLLUX_BIN:-$root/.build/release/pollux}
for program in cc python3; do
    command -v "$program" >/dev/null 2>&1 || { echo "left out: $program is not installed" >&2; exit 1; }
done
[ -f "$harness/run.py" ] || { echo "left out: there is no benchmark harness in $harness (BENCH_DIR)" >&2; exit 1; }
[ -x "$pollux" ] || { echo "There is no program at $pollux: make release" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$work/bin" "$work/adapters"
cp -R "$harness/." "$work/harness/"
chmod -R u+w "$work/harness"
ln -s "$pollux" "$work/bin/pollux"
PATH=$work/bin:$PATH
export PATH

# shellcheck disable=SC2046
set -- "${1:-small_c32,agent_c8,stream_c8}" "${2:-3}" $(python3 "$root/scripts/free-ports.py" 2)
scenarios=$1 runs=$2 stub=$3 listen=$4

# The same key in the store in place of the configuration; the start puts it there.
sed -e '/^auth:/,/^backends:/{/^backends:/!d}' "$work/harness/adapters/pollux.yaml.in" >"$work/adapters/keys.yaml.in"
cat >>"$work/adapters/keys.yaml.in" <<END
auth: {mode: gateway}
store: {path: @DIR@/pollux.db}
admin: {port: 0, token: bench}
END
sed -e 's|"name": "pollux"|"name": "pollux-keys"|' -e 's|"pollux.yaml.in"|"keys.yaml.in"|' \
    "$work/harness/adapters/pollux.json" >"$work/adapters/keys.json"
python3 - "$work/adapters/keys.json" "$root/Benchmarks/Keys/start.sh" <<'END'
import json, sys
path, start = sys.argv[1:]
adapter = json.load(open(path))
key = adapter["headers"][0].split()[-1]
adapter["start"] = ["sh", start, "@DIR@", key]
json.dump(adapter, open(path, "w"))
END

ulimit -n "$(ulimit -Hn)"
cd "$work/harness"
python3 run.py bench -g pollux,pollux-keys -s "$scenarios" -n "$runs" -A "$work/adapters" -w "$work/run" \
    --stub-port "$stub" --port "$listen" --time-scale "${SCALE:-1}" -o "$work/results.json" >"$work/log" 2>&1 \
    || { cat "$work/log" >&2; exit 1; }
exec python3 "$root/Benchmarks/Keys/table.py" "$work/results.json"
