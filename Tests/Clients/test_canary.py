"""Marked secrets in every input, and nowhere in what is told or kept: logs, metrics, traces, errors, notes, the admin
side's answers and the page, recordings, the database.

Every marker holds CANARY. Credentials may not show anywhere but upstream; contents of messages and answers, beyond that,
only in the answer to their own client, and in recordings, which are made of them.
"""

import hashlib
import json
import re
import subprocess

import pytest

from conftest import VERTEX_BASE
from scenes import user
from test_admin import ask
from test_traces import Collector
from tls import needs_openssl
from upstream import answer_of, candidate, error_of, responds, streams
from wire import Connection, eventually

MARK = b"CANARY"
CLIENT_KEY = "sk-CANARY-client-key-000001"
WRONG_KEY = "sk-CANARY-wrong-key-0000002"
QUERY_KEY = "CANARY-query-key-0000000003"
ADMIN_TOKEN = "CANARY-admin-token-00000004"
BACKEND_KEY = "AIzaCANARY-backend-api-key-0005".ljust(39, "0")
REFRESH_TOKEN = "CANARY-refresh-token-000006"
CLIENT_SECRET = "CANARY-client-secret-000007"
ACCESS_TOKEN = "ya29.CANARY-access-token-08"
GOOGLE_TOKEN = "ya29.CANARY-google-token-09"
WRONG_ADMIN = "CANARY-wrong-admin-token-10"
COLLECTOR_TOKEN = "CANARY-collector-token-0011"
CREDENTIALS = [
    CLIENT_KEY, WRONG_KEY, QUERY_KEY, ADMIN_TOKEN, BACKEND_KEY, REFRESH_TOKEN, CLIENT_SECRET, ACCESS_TOKEN, GOOGLE_TOKEN,
    WRONG_ADMIN, COLLECTOR_TOKEN,
]
ADMIN = ("authorization", "Bearer " + ADMIN_TOKEN)
TOLD = [
    "/metrics", "/admin/status", "/admin/requests?limit=1000", "/admin/traffic", "/admin/keys", "/admin/keys/stored",
    "/admin/usage?by=key,model,backend,location,day,month", "/healthz", "/", "/page/main.js", "/page/playground.js",
    "/admin/usage?by=CANARY", "/admin/usage?key=CANARY", "/admin/traffic?model=CANARY", "/CANARY",
]
KINDS = ["refresh-token", "service-account", "developer", "container", "passthrough"]

ASKED = {
    "model": "google/gemini-2.5-flash",
    "messages": [
        {"role": "system", "content": "CANARY-system"},
        user([{"type": "text", "text": "CANARY-question"},
              {"type": "image_url", "image_url": {"url": "data:image/png;base64,Q0FOQVJZQ0FOQVJZ"}}]),
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "CANARY-call", "type": "function", "function": {"name": "find", "arguments": '{"q":"CANARY-argument"}'}}]},
        {"role": "tool", "tool_call_id": "CANARY-call", "content": "CANARY-result"},
    ],
    "tools": [{"type": "function", "function": {"name": "find", "description": "CANARY-description", "parameters": {
        "type": "object", "properties": {"q": {"type": "string", "default": "CANARY-default", "title": "CANARY-title"}}}}}],
    "stop": ["CANARY-stop"], "user": "CANARY-user", "metadata": {"key": "CANARY-metadata"}, "store": True,
    "prediction": {"type": "content", "content": "CANARY-prediction"}, "safety_identifier": "CANARY-identifier",
    "prompt_cache_key": "CANARY-cache-key", "seed": 7,
}
ANSWERED = answer_of(candidate({"text": "CANARY-thought", "thought": True}, {"text": "CANARY-answer"}))
BREAKS = answer_of(candidate({"text": "CANARY-begun"}, finish=None))
TOKEN = responds(200, {"access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"})


def breaks(exchange):
    exchange.begin()
    exchange.event(BREAKS)
    exchange.leave("close")


def echoes(kind, status, name):
    """An upstream that repeats in its error with what the gateway came to it."""
    secret = {"developer": BACKEND_KEY, "container": BACKEND_KEY, "passthrough": GOOGLE_TOKEN}.get(kind, ACCESS_TOKEN)
    return responds(status, error_of(status, name, "You sent Bearer %s and key %s with CANARY-echo." % (secret, secret)))


@pytest.fixture(scope="module")
def private_key(tmp_path_factory):
    """A service account's key, in PEM: each of its lines is a secret."""
    needs_openssl()
    path = tmp_path_factory.mktemp("canary") / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-out", str(path)], check=True, capture_output=True)
    return path.read_text()


class Cage:
    """A gateway of one kind whose every secret is marked, with everything on that tells or keeps something."""

    def __init__(self, kind, gateways, folder, collector, private_key):
        self.folder, self.collector, self.secrets = folder, collector, list(CREDENTIALS)
        credentials = folder / "credentials.json"
        if kind == "service-account":
            self.secrets += [line for line in private_key.splitlines()[1:-1] if len(line) == 64]
            document = {"type": "service_account", "project_id": "p", "private_key_id": "CANARY-id", "client_email": "a@b.c",
                        "private_key": private_key}
        else:
            document = {"type": "authorized_user", "client_id": "client", "client_secret": CLIENT_SECRET,
                        "refresh_token": REFRESH_TOKEN}
        credentials.write_text(json.dumps({**document, "token_uri": gateways.upstream.url + "/token"}))
        backend = {
            "developer": {**gateways.developer(), "credentials": {"type": "api_key", "key": "env:CANARY_BACKEND"}},
            "container": {"name": "vllm", "kind": "openai", "base_url": gateways.upstream.url + "/v1",
                          "api_key": "env:CANARY_BACKEND"},
            "passthrough": gateways.vertex(),
        }.get(kind) or gateways.vertex(credentials={"type": "file", "path": str(credentials)})
        auth = {"mode": "passthrough"} if kind == "passthrough" else {
            "mode": "gateway", "allow_query_key": True,
            "keys": [{"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest(), "tpm": 1_000_000_000}
                     for name, key in (("caged", CLIENT_KEY), ("query", QUERY_KEY))],
        }
        path = gateways.write({
            "listen": {"port": 0}, "auth": auth, "backends": [backend], "admin": {"port": 0, "token": "env:CANARY_ADMIN"},
            "store": {"path": str(folder / "pollux.db")},
            "tracing": {"endpoint": collector.url, "token": "env:CANARY_COLLECTOR", "sample": 1, "propagate": False},
        })
        self.program = gateways.launch(
            "serve", "--config", str(path), "--record", str(folder / "recordings"), CANARY_ADMIN=ADMIN_TOKEN,
            CANARY_BACKEND=BACKEND_KEY, CANARY_COLLECTOR=COLLECTOR_TOKEN,
        ).started()
        self.stored = ask(self.program, "/admin/keys", (ADMIN,), "POST", document={"name": "stored"}).json()["text"]
        self.secrets.append(self.stored)

    def has_secret(self, data):
        return [secret for secret in self.secrets if secret.encode() in data]


@pytest.fixture
def cage(request, gateways, upstream, tmp_path, private_key):
    upstream.token_behaviour = TOKEN
    collector = Collector()
    made = Cage(request.param, gateways, tmp_path, collector, private_key)
    made.kind = request.param
    yield made
    made.program.stop()
    collector.server.shutdown()


def callers(cage):
    """Credentials and targets with which clients come, in each form that a header may have."""
    chat = "/v1/chat/completions"
    if cage.kind == "passthrough":
        return [(("authorization", "Bearer " + GOOGLE_TOKEN), VERTEX_BASE + "/chat/completions"),
                (("x-goog-api-key", GOOGLE_TOKEN), VERTEX_BASE + "/chat/completions")]
    return [
        (("authorization", "Bearer " + CLIENT_KEY), chat), (("x-goog-api-key", CLIENT_KEY), "/v1beta/openai/chat/completions"),
        (("api-key", CLIENT_KEY), chat), (("authorization", "bearer " + cage.stored), chat),
        (("x-goog-api-key", cage.stored), chat), (("api-key", cage.stored), chat), (("x-none", "1"), chat + "?key=" + QUERY_KEY),
        (("authorization", "Bearer " + WRONG_KEY), chat), (("x-goog-api-key", WRONG_KEY), chat),
        (("x-none", "1"), "/v1/nowhere?key=" + QUERY_KEY),
    ]


def all_answers(cage, upstream):
    """Everything that clients get who come in every way, with every end."""
    got = []
    for credential, target in callers(cage):
        for stream in (False, True):
            upstream.script(
                streams(ANSWERED) if stream else responds(200, ANSWERED), echoes(cage.kind, 400, "INVALID_ARGUMENT"),
                echoes(cage.kind, 403, "PERMISSION_DENIED"), breaks,
            )
            for _ in range(4):
                with Connection(cage.program.port) as connection:
                    headers = [credential, ("x-pollux-explain", "1"), ("x-odd", "CANARY-header")]
                    response = connection.chat({**ASKED, "stream": stream}, headers, target)
                    got.append((response, response.read()))
            upstream.reset()
            upstream.token_behaviour = TOKEN
        with Connection(cage.program.port) as connection:  # Not JSON.
            response = connection.request("POST", target, b'{"CANARY-broken', [credential])
            got.append((response, response.read()))
    return got


@pytest.mark.parametrize("cage", KINDS, indirect=True)
def test_no_secret_and_no_content_is_told_or_kept(cage, upstream):
    program = cage.program
    got = all_answers(cage, upstream)
    assert len(got) >= 18 and any(response.status == 200 for response, _ in got)
    # To clients: no credential at all; heads and notes say nothing of contents.
    for response, body in got:
        head = json.dumps(response.headers).encode()
        assert not cage.has_secret(head + body) and MARK not in head, response.headers
    # To the operator: nothing with a mark, whether the token is right or wrong.
    for target in TOLD:
        for headers in ((ADMIN,), (("authorization", "Bearer " + WRONG_ADMIN),), ()):
            answer = ask(program, target, headers)
            told = json.dumps(answer.headers).encode() + answer.body
            assert MARK not in told and not cage.has_secret(told), (target, told)
    for document in ({"name": "CANARY name"}, {"name": "x", "CANARY": 1}, {"name": "x", "expires": "CANARY"}):
        refused = ask(program, "/admin/keys", (ADMIN,), "POST", document=document)
        assert refused.status == 400 and not cage.has_secret(refused.body), refused.body
    # To the person at the playground: what it has sent, and no credential.
    for target in ("/admin/playground/chat", "/admin/playground/explain"):
        answer = ask(program, target, (ADMIN, ("x-client-key", CLIENT_KEY)), "POST", document=ASKED)
        assert answer.status in (200, 401) and not cage.has_secret(json.dumps(answer.headers).encode() + answer.body)
    # The log.
    last = got[-1][0].header("x-request-id")
    assert eventually(lambda: any(last in line for line in program.output))
    assert not [line for line in program.output + program.errors if MARK in line.encode() or cage.has_secret(line.encode())]
    # Traces.
    bodies = [cage.collector.requests.get(timeout=10)[2]]
    while last.encode() not in bodies[-1]:
        bodies.append(cage.collector.requests.get(timeout=10)[2])
    assert not [body for body in bodies if MARK in body or cage.has_secret(body)]
    # The database, its log, and the lock beside it.
    assert eventually(lambda: ask(program, "/admin/usage", (ADMIN,)).json()["lines"] or cage.kind == "passthrough")
    assert eventually(lambda: re.search(rb"rows_waiting\":0", ask(program, "/admin/status", (ADMIN,)).body))
    kept = {path.name: path.read_bytes() for path in cage.folder.glob("pollux.db*")}
    assert {"pollux.db", "pollux.db-wal"} <= set(kept) and sum(map(len, kept.values())) > 4096
    assert not [name for name, data in kept.items() if MARK in data or cage.has_secret(data)]
    # Recordings hold contents, and nothing else.
    program.stop()
    files = list((cage.folder / "recordings").iterdir())
    assert files and any(b"CANARY-question" in path.read_bytes() for path in files)
    for path in files:
        assert not cage.has_secret(path.name.encode() + path.read_bytes()), path.name
