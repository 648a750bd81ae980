"""Starts what the samples need and runs every one of them.

    python run_all.py [--pollux ../../.build/release/pollux]

No Google account is needed: `pollux emulate` stands in for Gemini. Each sample runs in a process of its own, with
nothing but POLLUX_BASE_URL and POLLUX_API_KEY set for it. The last line is "N passed, M failed".
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
KEY = "sample-key-of-this-gateway"
PROJECT, LOCATION = "my-project", "us-central1"
# How long a program may take to listen, and a sample to end.
START_SECONDS, SAMPLE_SECONDS = 20, 60

OPEN = ["chat", "reasoning", "streaming", "function_calling", "image", "audio", "structured_output", "safety_settings"]
LISTENS = re.compile(r"listens on (http://[0-9.]+:[0-9]+)")


def clean_environment() -> dict:
    """The environment without what would change a gateway's or a client's mind."""
    prefixes = ("POLLUX_", "GOOGLE_", "GEMINI_", "OPENAI_")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


class Program:
    """A started program that says on standard output where it listens."""

    def __init__(self, arguments: list[str]):
        self.lines: list[str] = []
        self.address = None
        self.found = threading.Event()
        self.process = subprocess.Popen(
            arguments, env=clean_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        if not self.found.wait(START_SECONDS) or self.address is None:
            self.stop()
            sys.exit(f"{' '.join(arguments)} does not listen:\n{''.join(self.lines)}")

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            match = LISTENS.search(line)
            if match and self.address is None:
                self.address = match.group(1)
                self.found.set()
        self.found.set()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


@contextlib.contextmanager
def running(*arguments: str):
    program = Program([str(argument) for argument in arguments])
    try:
        yield program.address
    finally:
        program.stop()


def gateway_configuration(folder: pathlib.Path, name: str, auth: dict, backend: dict) -> pathlib.Path:
    path = folder / f"{name}.yaml"
    # JSON is YAML.
    path.write_text(json.dumps({"listen": {"port": 0}, "auth": auth, "backends": [backend]}))
    return path


def run(sample: str, base_url: str, api_key: str) -> bool:
    environment = clean_environment() | {"POLLUX_BASE_URL": base_url, "POLLUX_API_KEY": api_key}
    try:
        result = subprocess.run(
            [sys.executable, HERE / f"{sample}.py"], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SAMPLE_SECONDS,
        )
        passed, output = result.returncode == 0, result.stdout
    except subprocess.TimeoutExpired as error:
        passed, output = False, f"{error.stdout or ''}\nno end after {SAMPLE_SECONDS} s"
    print(f"{'PASS' if passed else 'FAIL'} {sample}.py", flush=True)
    if not passed:
        print(output)
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pollux", default=HERE.parents[1] / ".build/release/pollux", help="the program")
    pollux = pathlib.Path(parser.parse_args().pollux).resolve()

    with tempfile.TemporaryDirectory() as folder, running(pollux, "emulate", "--port", "0") as emulator:
        vertex = {"name": "vertex", "kind": "vertex", "project": PROJECT, "location": LOCATION, "base_url": emulator}
        passthrough = gateway_configuration(
            pathlib.Path(folder), "passthrough", {"mode": "passthrough"},
            {"name": "vertex", "kind": "vertex", "base_url": emulator},
        )
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        keys = gateway_configuration(
            pathlib.Path(folder), "gateway", {"mode": "gateway", "keys": [{"name": "sample", "sha256": digest}]},
            vertex | {"credentials": {"type": "api_key", "key": "emulator"}},
        )
        results = []
        with running(pollux, "serve", "--upstream", "emulator", "--port", "0") as address:
            results += [run(sample, f"{address}/v1", "any") for sample in OPEN]
        with running(pollux, "serve", "--config", passthrough) as address:
            base_url = f"{address}/v1/projects/{PROJECT}/locations/{LOCATION}/endpoints/openapi"
            results.append(run("google_token", base_url, "ya29.a-google-access-token"))
        with running(pollux, "serve", "--config", keys) as address:
            results.append(run("gateway_key", f"{address}/v1", KEY))
    print(f"\n{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
