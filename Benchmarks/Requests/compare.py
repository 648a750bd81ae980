#!/usr/bin/env python3
"""nginx and one or more builds of Pollux in turns under the same load: CPU time of each, its own and the kernel's, and
its memory. Scheduler statistics are exact to the nanosecond, where the harness counts ticks of ten milliseconds.

    Benchmarks/Requests/compare.py [--runs N] [--no-nginx] [--program PATH]… SCENARIO…

The harness is beside the checkout, or where BENCH_DIR says. Gateway and load have a processor each; a unit is a chunk of
a stream, else a request. Printed: medians of all runs.
"""

import argparse
import glob
import json
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HARNESS = pathlib.Path(os.environ.get("BENCH_DIR", ROOT.parent / "shared/bench"))
WORK = ROOT / ".build/compare"
# Body, answer, connections, seconds, and what else the load generator is told.
SCENARIOS = {
    "small": ("small", "u1024", 32, 2, ()),
    "small1": ("small", "u1024", 1, 2, ()),
    "agent": ("agent", "tool", 8, 2, ()),
    "image": ("image", "u1024", 2, 2.5, ()),
    "size1024k": ("size%d" % (1 << 20), "u1024", 1, 2, ()),
    "size4096k": ("size%d" % (4 << 20), "u1024", 1, 2.5, ()),
    "size16384k": ("size%d" % (16 << 20), "u1024", 1, 4, ()),
    "stream": ("small", "s100-c60", 8, 2, ("--stream",)),
    "paced": ("small", "s100-c60-p20", 50, 4.5, ("--stream",)),
    "streams1000": ("small", "s80-c60-p50", 1000, 6, ("--stream", "--ramp", "2000")),
    "streams5000": ("small", "s20-c60-p500", 5000, 12, ("--stream", "--ramp", "4000", "--max", "5000")),
}


def memory(pid):
    """Resident megabytes."""
    status = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_time(pid):
    """Nanoseconds in all, and ticks of its own and of the kernel."""
    total = sum(int(open(path).read().split()[0]) for path in glob.glob("/proc/%d/task/*/schedstat" % pid))
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()
    return total, int(fields[11]), int(fields[12])


def started(command, port, cpu="0"):
    process = subprocess.Popen(["taskset", "-c", cpu, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.5)
            return process
        except OSError:
            time.sleep(0.1)
    raise SystemExit("%s does not listen" % command[0])


def load(port, scenario, seconds, authorization):
    body, answer, connections, _, others = SCENARIOS[scenario]
    path = WORK / (scenario + ".json")
    command = ["taskset", "-c", "1", str(WORK / "loadgen"), "--port", str(port), "--conns", str(connections)]
    command += ["--req", "/v1/chat/completions|%s|%s|1" % (answer, path), "--header", authorization]
    command += ["--duration", str(seconds), "--timeout", "30", *others]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(process, port, scenario, authorization):
    pid = process.pid
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    pid = int(children[0]) if children else pid  # nginx's worker.
    if "--max" not in SCENARIOS[scenario][4]:
        load(port, scenario, 0.3, authorization)
    idle, before = memory(pid), processor_time(pid)
    result = load(port, scenario, SCENARIOS[scenario][3], authorization)
    after = processor_time(pid)
    if result["errors"]:
        print("%d wrong answers: %s" % (result["errors"], result["first_error"]), file=sys.stderr)
    total, own, kernel = (end - start for start, end in zip(before, after))
    micros = total / 1000 / max(1, result["chunks"] or result["ok"])
    share = own / max(1, own + kernel)
    wait = (result.get("ttft_us") or result["latency_us"])["p50"]
    return micros, micros * share, micros * (1 - share), idle, memory(pid), wait


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-nginx", action="store_true")
    parser.add_argument("--program", action="append")
    parser.add_argument("scenario", nargs="+", choices=SCENARIOS)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    WORK.mkdir(parents=True, exist_ok=True)
    for name, library in (("stub", ()), ("loadgen", ("-lm",))):
        subprocess.run(["cc", "-O2", "-o", WORK / name, HARNESS / (name + ".c"), *library], check=True)
    ports = subprocess.run([sys.executable, ROOT / "scripts/free-ports.py", "3"], capture_output=True, text=True)
    stub_port, nginx_port, pollux_port = map(int, ports.stdout.split())
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HARNESS))
    import run  # The harness's own bodies.

    adapters = HARNESS / "adapters"
    authorization = json.loads((adapters / "pollux.json").read_text())["headers"][0]
    for name, port in (("nginx.conf", nginx_port), ("pollux.yaml", pollux_port)):
        text = (adapters / (name + ".in")).read_text()
        if name == "pollux.yaml":
            text += "limits: {max_concurrent_requests: 8192}\n"
        for word, value in (("@PORT@", port), ("@STUB_PORT@", stub_port), ("@DIR@", WORK)):
            text = text.replace(word, str(value))
        (WORK / name).write_text(text)
    for scenario in options.scenario:
        body, answer, _, _, others = SCENARIOS[scenario]
        request = run.request(body, "gemini-bench-" + answer, "--stream" in others)
        (WORK / (scenario + ".json")).write_text(json.dumps(request, ensure_ascii=False))
    programs = options.program or [str(ROOT / ".build/release/pollux")]
    gateways = [] if options.no_nginx else [("nginx", ["/usr/sbin/nginx", "-c", str(WORK / "nginx.conf")], nginx_port)]
    gateways += [(path, [path, "serve", "--config", str(WORK / "pollux.yaml")], pollux_port) for path in programs]
    stub = started([str(WORK / "stub"), "-p", str(stub_port)], stub_port, cpu="1")
    try:
        for scenario in options.scenario:
            runs = {name: [] for name, _, _ in gateways}
            for _ in range(options.runs):
                for name, command, port in gateways:
                    process = started(command, port)
                    try:
                        runs[name].append(measured(process, port, scenario, authorization))
                    finally:
                        process.terminate()
                        process.wait()
            for name, results in runs.items():
                row = [statistics.median(column) for column in zip(*results)]
                print(
                    "%-12s %-24s %8.2f us: own %8.2f, kernel %8.2f; memory %5.1f -> %5.1f MB; first answer %8.1f us"
                    % (scenario, name[-24:], *row), flush=True)
    finally:
        stub.terminate()


main()
