#!/usr/bin/env python3
"""Memory and rows over many requests with a stored key, limits, budgets, usage and the page's traffic.

    python3 Benchmarks/Keys/soak.py .build/release/pollux [REQUESTS]

Sixteen connections ask the emulator in turn. What the process holds is told at each tenth; at the end the rows that were
written are compared with the requests, and nothing may have been dropped.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

CONNECTIONS = 16
TOKEN = "bench"
LIMITS = [
    "--rpm", "1000000000", "--tpm", "1000000000", "--concurrent", "1000", "--budget-day", "1000000",
    "--budget-month-tokens", "1000000000000",
]


def asks(port, key, count, failures):
    body = json.dumps({"model": "gemini-2.5-flash", "max_tokens": 20, "messages": [{"role": "user", "content": "Hi"}]})
    message = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer %s\r\n"
        "content-length: %d\r\n\r\n%s" % (key, len(body), body)).encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        reader = connection.makefile("rb")
        for _ in range(count):
            connection.sendall(message)
            status = reader.readline()
            length = 0
            while (line := reader.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            reader.read(length)
            if b" 200 " not in status:
                failures.append(status)


def metric(port, name):
    request = urllib.request.Request(
        "http://127.0.0.1:%d/metrics" % port, headers={"authorization": "Bearer " + TOKEN})
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read().decode()
    return int(float(re.search(r"^%s(?:\{.*\})? (\S+)$" % name, text, re.M)[1]))


def main():
    binary, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500_000
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder, "pollux.db")
        key = subprocess.run(
            [binary, "keys", "create", "soak", "--store", str(store), *LIMITS], capture_output=True, text=True, check=True
        ).stdout.strip()
        environment = {
            **os.environ, "POLLUX_STORE_PATH": str(store), "POLLUX_AUTH_MODE": "gateway", "POLLUX_ADMIN_PORT": "0",
            "POLLUX_ADMIN_TOKEN": TOKEN,
        }
        process = subprocess.Popen(
            [binary, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        complaints = []
        threading.Thread(target=lambda: complaints.extend(process.stderr), daemon=True).start()
        try:
            ports = {}
            while len(ports) < 2:
                found = re.search(r"(listens on|admin side is at) http://127\.0\.0\.1:(\d+)", process.stdout.readline())
                if found:
                    ports[found[1]] = int(found[2])
            threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()
            soak(process.pid, ports, key, count)
        finally:
            process.terminate()
            process.wait()
        print("complaints: %s" % ([line for line in complaints if "error" in line] or "none"))
        lines = subprocess.run(
            [binary, "usage", "--store", str(store), "--json"], capture_output=True, text=True, check=True).stdout
        print("rows: %d of %d requests" % (sum(line["requests"] for line in json.loads(lines)["lines"]), count))


def soak(pid, ports, key, count):
    page = os.sysconf("SC_PAGE_SIZE")
    failures = []
    print("| requests | memory, MB | rows waiting | rows dropped |")
    print("| ---: | ---: | ---: | ---: |")
    for tenth in range(11):
        if tenth:
            threads = [
                threading.Thread(target=asks, args=(ports["listens on"], key, count // 10 // CONNECTIONS, failures))
                for _ in range(CONNECTIONS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        resident = int(pathlib.Path("/proc/%d/statm" % pid).read_text().split()[1]) * page
        admin = ports["admin side is at"]
        print("| %d | %.1f | %d | %d |" % (
            count // 10 * tenth, resident / 1e6, metric(admin, "pollux_store_rows_waiting"),
            metric(admin, "pollux_store_rows_dropped_total")), flush=True)
    print("failures: %d" % len(failures))


main()
