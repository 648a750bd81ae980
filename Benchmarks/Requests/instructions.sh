#!/bin/sh
# Counts the instructions that whole requests take in the gateway's process, from the client's bytes to the answer's,
# without the kernel's. Callgrind counts alike on a busy machine and on an idle one.
#
#     Benchmarks/Requests/instructions.sh [small|agent|stream|small-keys|agent-keys|stream-keys …]
#
# A stream has a hundred chunks and comes as fast as it can; counted is a chunk, with its part of the request.
#
# With -keys the client's key is in a store and has every kind of limit, usage is written, and the page's sums are made:
# what other threads do for that is counted, too. It is done four times a second, however slow Callgrind makes requests.
#
# What it counted is left in .build/requests/NAME.callgrind, for callgrind_annotate: with --inclusive=yes it says
# what each function costs with all that it calls.
#
# BENCH_DIR    the harness: the stub upstream and the load generator
# POLLUX_BIN   the program, else the release build
# REQUESTS     how many are counted
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
harness=${BENCH_DIR:-$root/../shared/bench}
pollux=${POLLUX_BIN:-$root/.build/release/pollux}
requests=${REQUESTS:-3000}
for program in valgrind cc python3 curl; do
    command -v "$program" >/dev/null 2>&1 || { echo "left out: $program is not installed" >&2; exit 1; }
done
[ -f "$harness/loadgen.c" ] || { echo "left out: there is no benchmark harness in $harness (BENCH_DIR)" >&2; exit 1; }
[ -x "$pollux" ] || { echo "There is no program at $pollux: make release" >&2; exit 1; }

work=$root/.build/requests
gateway=
stub=
trap 'for process in $gateway $stub; do kill "$process" 2>/dev/null || true; done' EXIT INT TERM
mkdir -p "$work"
cc -O2 -o "$work/stub" "$harness/stub.c"
cc -O2 -o "$work/loadgen" "$harness/loadgen.c" -lm
# Callgrind needs the names of functions only, and old versions cannot read the rest.
strip -g -o "$work/pollux" "$pollux"
# Valgrind 3.19 writes into the mask that it is given here, and libdispatch's cannot be written to.
cc -O2 -shared -fPIC -x c -o "$work/mask.so" - <<'SOURCE'
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return syscall(SYS_rt_sigsuspend, &copy, 8);
}
SOURCE
# shellcheck disable=SC2046
set -- $(python3 "$root/scripts/free-ports.py" 2) "$@"
listen=$1 upstream=$2
shift 2
[ $# -gt 0 ] || set -- small agent

authorization=$(python3 - "$harness" "$root/Benchmarks" "$work" "$listen" "$upstream" <<'SOURCE'
import json, pathlib, sys

harness, benchmarks, work, listen, upstream = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path[:0] = [harness, benchmarks]
import run
from harness import with_stored_key

work = pathlib.Path(work)
for name, kind, answer in (("small", "small", "u1024"), ("agent", "agent", "tool"), ("stream", "small", "s100-c60")):
    body = run.request(kind, "gemini-bench-" + answer, name == "stream")
    (work / (name + ".json")).write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
adapter = json.loads((pathlib.Path(harness) / "adapters/pollux.json").read_text())
configuration = (pathlib.Path(harness) / "adapters/pollux.yaml.in").read_text()
configuration = configuration.replace("@PORT@", listen).replace("@STUB_PORT@", upstream)
(work / "pollux.yaml").write_text(configuration)
(work / "keys.yaml").write_text(with_stored_key(configuration, work))
print(adapter["headers"][0])
SOURCE
)

# load KIND ANSWER CONNECTIONS NUMBER [OPTION]
load() {
    "$work/loadgen" --port "$listen" --req "/v1/chat/completions|$2|$work/$1.json|1" --header "$authorization" \
        --conns "$3" --duration 120 --max "$4" ${5:+"$5"}
}

"$work/stub" -p "$upstream" >/dev/null 2>&1 &
stub=$!
for kind; do
    case $kind in
    *-keys)
        configuration=$work/keys.yaml
        sh "$root/Benchmarks/Keys/store.sh" "$work/pollux" "$work" "$configuration" "${authorization##* }"
        ;;
    *) configuration=$work/pollux.yaml ;;
    esac
    case ${kind%-keys} in
    small) answer=u1024 connections=32 number=$requests unit=request ;;
    agent) answer=tool connections=8 number=$requests unit=request ;;
    stream) answer=s100-c60 connections=8 number=$((requests / 30)) unit=chunk ;;
    *) echo "There is no kind of request '$kind'." >&2 && exit 1 ;;
    esac
    counts=$work/$kind.callgrind
    rm -f "$counts"
    # One processor makes one event loop.
    LD_PRELOAD=$work/mask.so taskset -c 0 valgrind -q --tool=callgrind --instr-atstart=no \
        --callgrind-out-file="$counts" "$work/pollux" serve --config "$configuration" >/dev/null 2>"$work/log" &
    gateway=$!
    tries=0
    until curl -so /dev/null "127.0.0.1:$listen/healthz"; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat "$work/log" >&2 && exit 1; }
        sleep 0.3
    done
    option=
    [ $unit = request ] || option=--stream
    load "${kind%-keys}" "$answer" "$connections" $((number / 10)) "$option" >/dev/null
    callgrind_control -i on "$gateway" >/dev/null 2>&1
    load "${kind%-keys}" "$answer" "$connections" "$number" "$option" >"$work/load.json"
    callgrind_control -i off "$gateway" >/dev/null 2>&1
    kill "$gateway"
    wait "$gateway" || true
    gateway=
    python3 - "$kind" "$number" $unit "$counts" "$work/load.json" <<'SOURCE'
import json, sys

kind, number, unit, counts, load = sys.argv[1:]
load = json.load(open(load))
assert load["ok"] == int(number) and not load["errors"], load
units = int(number) * (100 if unit == "chunk" else 1)
with open(counts, errors="replace") as lines:
    total = next(int(line.split()[1]) for line in lines if line.startswith("totals:"))
print(f"{kind:11s} {total / units:9,.0f} instructions for each of {units:,} {unit}s")
SOURCE
done
