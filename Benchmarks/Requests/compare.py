#!/usr/bin/env python3
"""nginx and one or more builds of Pollux in turns under the same load: CPU time of each, its own and the kernel's, and
its memory.

    Benchmarks/Requests/compare.py [--runs N] [--no-nginx] [--program PATH]… SCENARIO…

A unit is a chunk of a stream, else a request. Printed: medians of all runs.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import ROOT, SCENARIOS, Bench, free_ports, processor_time, started, units


def memory(pid):
    """Resident megabytes."""
    status = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measured(bench, process, port, scenario):
    pid = process.pid
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    pid = int(children[0]) if children else pid  # nginx's worker.
    if "--max" not in SCENARIOS[scenario][4]:
        bench.load(port, scenario, 0.3)
    idle, before = memory(pid), processor_time(pid)
    result = bench.load(port, scenario, SCENARIOS[scenario][3])
    total, own, kernel = (end - start for start, end in zip(before, processor_time(pid)))
    micros = total / 1000 / units(result)
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
    bench = Bench(ROOT / ".build/compare", options.scenario)
    stub_port, nginx_port, pollux_port = free_ports(3)
    nginx, pollux = bench.folder / "nginx.conf", bench.folder / "pollux.yaml"
    nginx.write_text(bench.configuration("nginx.conf", nginx_port, stub_port))
    pollux.write_text(
        bench.configuration("pollux.yaml", pollux_port, stub_port) + "limits: {max_concurrent_requests: 8192}\n")
    programs = options.program or [str(ROOT / ".build/release/pollux")]
    gateways = [] if options.no_nginx else [("nginx", ["/usr/sbin/nginx", "-c", str(nginx)], nginx_port)]
    gateways += [(path, [path, "serve", "--config", str(pollux)], pollux_port) for path in programs]
    stub = bench.start_stub(stub_port)
    try:
        for scenario in options.scenario:
            runs = {name: [] for name, _, _ in gateways}
            for _ in range(options.runs):
                for name, command, port in gateways:
                    process = started(command, port)
                    try:
                        runs[name].append(measured(bench, process, port, scenario))
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
