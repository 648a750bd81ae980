"""Servers that people run themselves, behind the gateway."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import openai
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Clients"))
from program import Program, clean_environment  # noqa: E402

START = 300.0


def environment(name):
    """The folder of a server's own Python environment; `scripts/self-deployed.sh` makes it."""
    folder = ROOT / ".build" / ("venv-" + name)
    if not (folder / "bin" / "python").exists():
        pytest.skip("%s is not installed: make self-deployed" % name)
    return folder / "bin"


class Server:
    """A running server, on a port of its own."""

    def __init__(self, command, ready, home, **variables):
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self.port = chosen.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.log = home / "server.log"
        # Byte code is kept: without it every start compiles for more than a minute.
        variables = {**clean_environment(home), "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", **variables}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(self.port)], env=variables, stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=home)
        end = time.monotonic() + START
        while not self._answers(ready):
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()[-4000:]
            time.sleep(0.2)

    def _answers(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def gateway(home):
    """Starts gateways before a server, and ends them."""
    made = []

    def start(server, models=None, **members):
        backend = {"name": "own", "kind": "openai", "base_url": server.url + "/v1", **members}
        document = {"listen": {"port": 0}, "auth": {"mode": "none"}, "backends": [backend],
                    "models": {"discover": True, "cache_ttl": "1s", **(models or {})}}
        path = home / ("pollux-%d.yaml" % len(list(home.iterdir())))
        path.write_text(json.dumps(document))
        made.append(Program(["serve", "--config", str(path)], home, SERVER_KEY=os.environ.get("SERVER_KEY", "")).started())
        return made[-1]

    yield start
    for program in made:
        program.stop()


def sdk(program, **options):
    return openai.OpenAI(base_url=program.url + "/v1", api_key="any", timeout=60, max_retries=0, **options)


def stream_bytes(program, body):
    """The bytes of a streamed answer."""
    request = urllib.request.Request(
        program.url + "/v1/chat/completions", json.dumps({**body, "stream": True}).encode(),
        {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return answer.read()
