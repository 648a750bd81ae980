"""The benchmark harness for programs that measure gateways in turns: its stub upstream, its load, and the CPU time that
processes took. The scheduler's statistics are exact to the nanosecond, where the harness counts ticks of ten milliseconds.

The harness is beside the checkout, or where BENCH_DIR says. Gateway and load have a processor each.
"""

import glob
import json
import os
import pathlib
import resource
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
HARNESS = pathlib.Path(os.environ.get("BENCH_DIR", ROOT.parent / "shared/bench"))
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


def free_ports(number):
    command = [sys.executable, ROOT / "scripts/free-ports.py", str(number)]
    return map(int, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


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


class Bench:
    """The harness's programs, the bodies of scenarios and its key, in a folder of their own."""

    def __init__(self, folder, scenarios):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, library in (("stub", ()), ("loadgen", ("-lm",))):
            subprocess.run(["cc", "-O2", "-o", folder / name, HARNESS / (name + ".c"), *library], check=True)
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(HARNESS))
        import run  # The harness's own bodies.

        for scenario in scenarios:
            body, answer, _, _, others = SCENARIOS[scenario]
            request = run.request(body, "gemini-bench-" + answer, "--stream" in others)
            (folder / (scenario + ".json")).write_text(json.dumps(request, ensure_ascii=False))
        self.authorization = json.loads((HARNESS / "adapters/pollux.json").read_text())["headers"][0]

    def start_stub(self, port):
        return started([str(self.folder / "stub"), "-p", str(port)], port, cpu="1")

    def configuration(self, name, port, stub_port):
        """The text of an adapter's file."""
        text = (HARNESS / "adapters" / (name + ".in")).read_text()
        for word, value in (("@PORT@", port), ("@STUB_PORT@", stub_port), ("@DIR@", self.folder)):
            text = text.replace(word, str(value))
        return text

    def load(self, port, scenario, seconds):
        """What the load generator says of its run; wrong answers are told."""
        _, answer, connections, _, others = SCENARIOS[scenario]
        path = self.folder / (scenario + ".json")
        command = ["taskset", "-c", "1", str(self.folder / "loadgen"), "--port", str(port), "--conns", str(connections)]
        command += ["--req", "/v1/chat/completions|%s|%s|1" % (answer, path), "--header", self.authorization]
        command += ["--duration", str(seconds), "--timeout", "30", *others]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        if result["errors"]:
            print("%d wrong answers: %s" % (result["errors"], result["first_error"]), file=sys.stderr)
        return result


def with_stored_key(configuration, folder):
    """The same configuration, whose keys are in a store in the folder, with an admin listener."""
    before, behind = configuration.split("auth:", 1)
    stored = "auth: {mode: gateway}\nstore: {path: %s/pollux.db}\nadmin: {port: 0, token: bench}\n" % folder
    return before + stored + behind[behind.index("\nbackends:") + 1:]


def units(result):
    """Chunks of streams, else requests."""
    return max(1, result["chunks"] or result["ok"])
