#!/usr/bin/env python3
"""A store of a million requests, and how long the admin side's answers take that the page asks for.

    python3 Benchmarks/Keys/rows.py .build/release/pollux [ROWS]

The rows are of ninety days, forty keys, eight models, three locations; the sums of their days are made with them, as the
gateway makes them. Every question is asked fifty times over HTTP, while requests come in.
"""

import json
import os
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

KEYS, MODELS, DAYS = 40, 8, 90
TOKEN = "bench"
TIMES = 50


def fill(path, count):
    """Rows and the sums of their days, through the tables that the program has made."""
    chance = random.Random(7)
    now = int(time.time())
    sums = {}
    rows = []
    for _ in range(count):
        seconds = now - chance.randrange(DAYS * 86400)
        client, model = "team-%02d" % chance.randrange(KEYS), "gemini-2.5-model-%d" % chance.randrange(MODELS)
        location = chance.choice(["eu", "us", "asia"])
        prompt, completion = chance.randrange(20, 4000), chance.randrange(5, 800)
        cost = prompt * 300 + completion * 2500
        kind = (client, model, "vertex", location, 200, None, "stop", 1, 0)
        rows.append((
            seconds * 1000, kind, "%032x" % chance.getrandbits(128), prompt, completion, cost, chance.randrange(200, 9000),
            200, 0, 0, 0, 0))
        total = sums.setdefault((seconds // 86400, client, model, "vertex", location), [0] * 4)
        for index, value in enumerate((1, prompt, completion, cost)):
            total[index] += value
    rows.sort()
    with sqlite3.connect(path) as store:
        for begin in range(0, count, 1000):
            block, kinds = rows[begin:begin + 1000], {}
            first = block[0][0]
            requests = [(kinds.setdefault(row[1], len(kinds)), row[0] - first) + row[2:] for row in block]
            store.execute(
                "INSERT INTO request_block (first_ms, last_ms, kinds, requests) VALUES (?, ?, ?, ?)",
                [first, block[-1][0]] + [json.dumps(list(part), separators=(",", ":")) for part in (kinds, requests)])
        store.executemany(
            "INSERT INTO usage_day VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, ?, 0, 0, ?, 0, 0, ?)",
            [key + tuple(total) for key, total in sums.items()])
    return len(sums)


def told(port, target):
    request = urllib.request.Request(
        "http://127.0.0.1:%d%s" % (port, target), headers={"authorization": "Bearer " + TOKEN})
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()


def chat(port, key, stopped):
    body = json.dumps({"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "Hi"}]}).encode()
    while not stopped.is_set():
        request = urllib.request.Request("http://127.0.0.1:%d/v1/chat/completions" % port, body, {
            "content-type": "application/json", "authorization": "Bearer " + key})
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()
        stopped.wait(0.02)


def main():
    binary, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder, "pollux.db")
        made = subprocess.run([binary, "keys", "create", "bench", "--store", str(store)], capture_output=True, text=True, check=True)
        for number in range(KEYS):
            subprocess.run(
                [binary, "keys", "create", "team-%02d" % number, "--store", str(store), "--budget-month", "500"],
                capture_output=True, check=True)
        lines = fill(store, count)
        print("%d rows, %d sums of days, %d MB" % (count, lines, store.stat().st_size >> 20))
        environment = {
            **os.environ, "POLLUX_STORE_PATH": str(store), "POLLUX_AUTH_MODE": "gateway", "POLLUX_ADMIN_PORT": "0",
            "POLLUX_ADMIN_TOKEN": TOKEN,
        }
        begun = time.monotonic()
        process = subprocess.Popen(
            [binary, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            ports = {}
            while len(ports) < 2:
                line = process.stdout.readline()
                found = re.search(r"(listens on|admin side is at) http://127\.0\.0\.1:(\d+)", line)
                if found:
                    ports[found[1]] = int(found[2])
            print("it listens after %.0f ms" % ((time.monotonic() - begun) * 1000))
            threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()
            stopped = threading.Event()
            client = threading.Thread(target=chat, args=(ports["listens on"], made.stdout.strip(), stopped), daemon=True)
            client.start()
            measure(ports["admin side is at"])
            stopped.set()
            client.join()
        finally:
            process.terminate()
            process.wait()


def measure(port):
    day = time.strftime("%Y-%m-%d", time.gmtime())
    month = day[:8] + "01"
    print("| question | median, ms | longest, ms | bytes |")
    print("| --- | ---: | ---: | ---: |")
    for target in [
        "/admin/keys", "/admin/usage?by=key&since=" + day, "/admin/usage?by=key&since=" + month,
        "/admin/usage?by=key,model&since=" + month, "/admin/usage?by=key", "/admin/usage?by=key,model,day",
        "/admin/usage?by=month,backend,location", "/admin/requests?limit=200", "/admin/traffic?seconds=900", "/admin/status",
        "/metrics",
    ]:
        times = []
        for _ in range(TIMES):
            begin = time.perf_counter()
            answer = told(port, target)
            times.append((time.perf_counter() - begin) * 1000)
        print("| `%s` | %.1f | %.1f | %d |" % (
            re.sub(r"\d{4}-\d\d-\d\d", "…", target), statistics.median(times), max(times), len(answer)))


main()
