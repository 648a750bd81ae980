#!/usr/bin/env python3
"""What keys cost: a gateway with a stored key, all limits, budgets, usage rows, metrics and the page's traffic, beside one
with a key in its configuration and nothing else.

    Benchmarks/Keys/cost.py [--rounds N] [--program PATH] [--control] [SCENARIO…]

Both share a processor and are loaded at the same time, so that whatever the machine does meanwhile meets both: the rise
is repeated within a few tenths of a per cent, where gateways in turns scatter by four. Measured is CPU time of a request
(of a stream, of a chunk), the rows' way into the file with it, four times in each round; rounds begin with new processes.
Printed: medians, and of all measured rises the mean with the standard error of the rounds. With --control both have the
key in their configuration: what is told then is the error of the method.
"""

import argparse
import concurrent.futures
import pathlib
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import ROOT, SCENARIOS, Bench, free_ports, processor_time, started, units, with_stored_key

# Longer than usage waits until it is written.
SETTLED_AFTER = 1.2
MEASUREMENTS = 4


def measured(bench, processes, ports, scenario):
    """Microseconds of a unit, of each gateway."""
    before = [processor_time(process.pid)[0] for process in processes]
    with concurrent.futures.ThreadPoolExecutor() as loads:
        seconds = SCENARIOS[scenario][3]
        results = list(loads.map(lambda port: bench.load(port, scenario, seconds), ports))
    time.sleep(SETTLED_AFTER)
    after = [processor_time(process.pid)[0] for process in processes]
    return [(end - start) / 1000 / units(result) for start, end, result in zip(before, after, results)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default=str(ROOT / ".build/release/pollux"))
    parser.add_argument("--control", action="store_true")
    parser.add_argument("scenario", nargs="*", default=["small", "agent", "stream"])
    options = parser.parse_args()
    for scenario in options.scenario:
        if scenario not in SCENARIOS:
            parser.error("there is no scenario '%s', but %s" % (scenario, ", ".join(SCENARIOS)))
    bench = Bench(ROOT / ".build/keys-cost", options.scenario)
    stub_port, *ports = free_ports(3)
    plain, full = bench.folder / "plain.yaml", bench.folder / "keys.yaml"
    plain.write_text(bench.configuration("pollux.yaml", ports[0], stub_port))
    text = bench.configuration("pollux.yaml", ports[1], stub_port)
    full.write_text(text if options.control else with_stored_key(text, bench.folder))
    store = ["sh", str(ROOT / "Benchmarks/Keys/store.sh"), options.program, str(bench.folder), str(full)]
    print("| scenario | static key, µs | stored key, limits, usage, metrics, µs | rise, % | standard error |")
    print("| --- | ---: | ---: | ---: | ---: |", flush=True)
    stub = bench.start_stub(stub_port)
    try:
        for scenario in options.scenario:
            costs, rises = [], []
            for _ in range(options.rounds):
                if not options.control:
                    subprocess.run([*store, bench.authorization.split()[-1]], check=True)
                processes = []
                try:
                    for path, port in zip((plain, full), ports):
                        processes.append(started([options.program, "serve", "--config", str(path)], port))
                    pairs = [measured(bench, processes, ports, scenario) for _ in range(MEASUREMENTS)]
                finally:
                    for process in processes:
                        process.terminate()
                        process.wait()
                costs += pairs
                rises.append(statistics.mean(100 * (second / first - 1) for first, second in pairs))
            error = statistics.stdev(rises) / len(rises) ** 0.5 if len(rises) > 1 else float("nan")
            medians = (statistics.median(column) for column in zip(*costs))
            print("| %s | %.2f | %.2f | %+.1f | %.1f |" % (scenario, *medians, statistics.mean(rises), error), flush=True)
    finally:
        stub.terminate()
        stub.wait()


main()
