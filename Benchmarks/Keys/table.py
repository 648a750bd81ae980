#!/usr/bin/env python3
"""Medians of CPU time for each request (of streams, for each chunk) without keys' trimmings and with them."""

import json
import statistics
import sys

results = json.load(open(sys.argv[1]))["results"]
print("| scenario | static key, µs | stored key, limits, usage, metrics, µs | rise, % | errors |")
print("| --- | ---: | ---: | ---: | ---: |")
for scenario in dict.fromkeys(row["scenario"] for row in results):
    rows = [row for row in results if row["scenario"] == scenario and row.get("ok")]
    name = "cpu_us_chunk" if any("cpu_us_chunk" in row for row in rows) else "cpu_us"
    plain, full = (
        statistics.median([row[name] for row in rows if row["gateway"] == gateway] or [float("nan")])
        for gateway in ("pollux", "pollux-keys")
    )
    errors = sum(row.get("errors", 0) for row in results if row["scenario"] == scenario)
    print("| %s | %.2f | %.2f | %+.1f | %d |" % (scenario, plain, full, 100 * (full / plain - 1), errors))
