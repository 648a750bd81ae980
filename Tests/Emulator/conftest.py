"""The emulator as Google's own libraries see it: one running program for the suite, and clients of both services."""

import json
import os
import pathlib
import sys
import urllib.request

import google.oauth2.credentials
import pytest
from google import genai

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Clients"))
from program import Program  # noqa: E402

SERVICES = ("vertex", "developer")


class Emulator:
    """A running `pollux emulate`, and its own routes."""

    def __init__(self, home, *arguments):
        self.program = Program(["emulate", *arguments], home).started()
        self.url = self.program.url

    def send(self, method, path, body=None, headers=()):
        """The status and the parsed body of one request."""
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, dict(headers), method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    def script(self, text):
        status, body = self.send("POST", "/emulator/script", text)
        assert status == 200, body

    def requests(self):
        return self.send("GET", "/emulator/requests")[1]["requests"]

    def advance(self, span):
        assert self.send("POST", "/emulator/clock", {"advance": span})[0] == 200

    def client(self, service, location="us-central1", **options):
        """Google's client, unchanged but for the address."""
        http_options = genai.types.HttpOptions(base_url=self.url, **options)
        if service == "developer":
            return genai.Client(api_key="test-key", http_options=http_options)
        return genai.Client(
            vertexai=True, project="test-project", location=location,
            credentials=google.oauth2.credentials.Credentials("test-token"), http_options=http_options,
        )


@pytest.fixture(scope="session", autouse=True)
def environment():
    """Nothing of the developer's machine: no keys, no projects."""
    for name in [name for name in os.environ if name.startswith(("GOOGLE_", "GEMINI_", "CLOUDSDK_", "GCE_"))]:
        del os.environ[name]


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    running = Emulator(tmp_path_factory.mktemp("home"))
    yield running
    running.program.stop()


@pytest.fixture
def emulator(program):
    """The shared emulator, as new."""
    assert program.send("POST", "/emulator/reset", {})[0] == 200
    program.send("DELETE", "/emulator/script")
    return program


@pytest.fixture(params=SERVICES)
def client(request, emulator):
    return emulator.client(request.param)
