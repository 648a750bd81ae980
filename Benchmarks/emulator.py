#!/usr/bin/env python3
"""What the emulator costs: start-up, and CPU time of a request beside the gateway's own for the same one.

    python3 Benchmarks/emulator.py .build/release/pollux [REQUESTS]

The gateway stands in front of the emulator, both as processes of their own with one event loop busy; 16 connections ask
in turn. CPU time is user and system of the whole process, from /proc.
"""

import json
import os
import pathlib
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 16
HELLO = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}
PARAMETERS = {
    "type": "object", "required": ["city"],
    "properties": {"city": {"type": "string", "description": "a city"}, "n": {"type": "integer"}},
}
TOOLS = [
    {"type": "function", "function": {"name": "f%d" % i, "description": "d" * 200, "parameters": PARAMETERS}}
    for i in range(15)
]
AGENT = {**HELLO, "messages": [{"role": "user", "content": "x" * 8000}], "tools": TOOLS}


def start(binary, arguments, **environment):
    """The process, its port, and the milliseconds until it said so."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [binary, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, **environment},
    )
    for line in process.stdout:
        found = re.search(r"listens on http://127\.0\.0\.1:(\d+)", line)
        if found:
            spent = (time.perf_counter() - begun) * 1000
            # What is logged must be read, or the process waits.
            threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()
            return process, int(found[1]), spent
    raise SystemExit("%s did not start" % arguments[0])


def cpu(process):
    """Seconds of user and system time so far."""
    fields = pathlib.Path("/proc/%d/stat" % process.pid).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def post(path, body):
    body = json.dumps(body).encode()
    head = "POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return (head % (path, len(body))).encode() + body


def drive(port, request, total):
    """Sends a request `total` times over kept connections, one after the other on each."""
    selector, left, done = selectors.DefaultSelector(), total, 0
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        connection.sendall(request)
        left -= 1
    while done < total:
        for key, _ in selector.select():
            read = key.data
            read += key.fileobj.recv(1 << 18)
            end = read.find(b"\r\n\r\n")
            if end < 0:
                continue
            assert read.startswith(b"HTTP/1.1 200"), bytes(read[:500])
            length = re.search(rb"content-length: (\d+)", read[:end].lower())
            if len(read) >= end + 4 + int(length[1]) if length else read.endswith(b"0\r\n\r\n"):
                read.clear()
                done += 1
                if left > 0:
                    key.fileobj.sendall(request)
                    left -= 1
    for key in list(selector.get_map().values()):
        key.fileobj.close()


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    starts = []
    for _ in range(11):
        process, _, spent = start(binary, ["emulate"])
        starts.append(spent)
        process.terminate()
        process.wait()
    starts.sort()
    print("start-up: %.0f ms (median of %d), %.0f ms the longest" % (starts[5], len(starts), starts[-1]))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        emulator, port, _ = start(binary, ["emulate"])
        backend = "{name: e, kind: gemini-api, base_url: 'http://127.0.0.1:%d', credentials: {type: api_key, key: 'env:K'}}"
        file.write("listen: {port: 0}\nauth: {mode: none}\nbackends: [%s]\n" % (backend % port))
        file.flush()
        gateway, front, _ = start(binary, ["serve", "--config", file.name], K="k")
        try:
            for name, body in (("small", HELLO), ("stream", {**HELLO, "stream": True}), ("agent, 14 KB", AGENT)):
                request = post("/v1/chat/completions", body)
                drive(front, request, 500)
                before = cpu(emulator), cpu(gateway)
                drive(front, request, count)
                own, its = cpu(emulator) - before[0], cpu(gateway) - before[1]
                print("%-13s emulator %4.0f µs, gateway %4.0f µs, ratio %.2f"
                      % (name, own / count * 1e6, its / count * 1e6, own / its))
            pages = int(pathlib.Path("/proc/%d/statm" % emulator.pid).read_text().split()[1])
            print("resident: %.0f MB" % (pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
        finally:
            gateway.terminate()
            emulator.terminate()


if __name__ == "__main__":
    main()
