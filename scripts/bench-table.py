#!/usr/bin/env python3
"""Results of the benchmark harness as one table: the gateway beside nginx of the same run.

    scripts/bench-table.py [--write docs/performance.md] results.json ...

--write puts the table between the two marks of that file, in place of the one before.
"""
import argparse
import collections
import json
import pathlib
import statistics

NAMES = {
    "small_c1": "small request, one connection",
    "small_c32": "small request, 32 connections",
    "small_r100": "small request, 100 in a second",
    "agent_c8": "agent request of 14 KB with 15 tools, 8 connections",
    "long_c4": "long request of 400 KB, 4 connections",
    "image_c2": "image of 4 MB, 2 connections",
    "answer64k_c8": "answer of 64 KB, 8 connections",
    "mix_c16": "mix of these, 16 connections",
    "stream_c1": "stream at full speed, one connection, a chunk",
    "stream_c8": "stream at full speed, 8 connections, a chunk",
    "stream_agent": "stream with one tool call, 8 connections",
    "stream_20ms": "50 streams with a chunk every 20 ms, a chunk",
    "streams100": "100 streams with a chunk every 50 ms, a chunk",
    "streams1000": "1,000 streams with a chunk every 50 ms, a chunk",
    "streams5000": "5,000 streams with a chunk every 50 ms, a chunk",
    "streams5000s": "5,000 streams with a chunk every 500 ms, a chunk",
    "soak": "30 s of small and agent requests, 32 connections",
}
MARKS = ("<!-- bench -->", "<!-- /bench -->")


def name(scenario):
    if scenario.startswith("size"):
        return f"request of {int(scenario[4:-1]):,} KB, one connection"
    return NAMES.get(scenario, scenario)


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(results):
    cost = collections.defaultdict(list)
    peak = collections.defaultdict(list)
    wrong = collections.Counter()
    for result in results:
        key = result["scenario"], result["gateway"]
        of_chunk = result["scenario"].startswith("stream") and result["scenario"] != "stream_agent"
        value = result.get("cpu_us_chunk" if of_chunk else "cpu_us")
        if value is None:
            continue
        cost[key].append(value)
        peak[key].append(result["rss_peak_mb"])
        wrong[key] += result.get("errors", 0)
    lines = [
        "| scenario | nginx, µs | Pollux, µs | ratio | memory at the peak, MB: nginx | Pollux | wrong answers |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for scenario in dict.fromkeys(scenario for scenario, _ in cost):
        ours, other = (scenario, "pollux"), (scenario, "nginx")
        if ours not in cost or other not in cost:
            continue
        mine, its = statistics.median(cost[ours]), statistics.median(cost[other])
        ratio = f"{mine / its:.2f}" if its else "–"
        lines.append(
            f"| {name(scenario)} | {figure(its)} | {figure(mine)} | {ratio} | {max(peak[other]):.0f} "
            f"| {max(peak[ours]):.0f} | {wrong[ours]} |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    results = []
    for file in arguments.files:
        data = json.loads(file.read_text())
        results += data if isinstance(data, list) else data["results"]
    text = table(results)
    print(text)
    if arguments.write:
        document = arguments.write.read_text()
        before, rest = document.split(MARKS[0], 1)
        behind = rest.split(MARKS[1], 1)[1]
        arguments.write.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{behind}")


main()
