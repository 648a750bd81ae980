"""Marked secrets in every input, and nowhere in what is told: logs, metrics, admin answers, errors, notes.

Every marker holds CANARY. Credentials may not show anywhere but upstream; contents of messages and answers, beyond
that, only in the answer to their own client.
"""

import hashlib
import json

import pytest

from conftest import VERTEX_BASE
from scenes import user
from test_admin import ask
from upstream import answer_of, candidate, error_of, responds, streams
from wire import Connection, eventually

MARK = "CANARY"
CLIENT_KEY = "sk-CANARY-client-key-000001"
WRONG_KEY = "sk-CANARY-wrong-key-0000002"
QUERY_KEY = "CANARY-query-key-0000000003"
ADMIN_TOKEN = "CANARY-admin-token-00000004"
BACKEND_KEY = "AIzaCANARY-backend-api-key-0005".ljust(39, "0")
REFRESH_TOKEN = "CANARY-refresh-token-000006"
CLIENT_SECRET = "CANARY-client-secret-000007"
ACCESS_TOKEN = "ya29.CANARY-access-token-08"
GOOGLE_TOKEN = "ya29.CANARY-google-token-09"
CREDENTIALS = [
    CLIENT_KEY, WRONG_KEY, QUERY_KEY, ADMIN_TOKEN, BACKEND_KEY, REFRESH_TOKEN, CLIENT_SECRET, ACCESS_TOKEN, GOOGLE_TOKEN,
]
ADMIN = ("authorization", "Bearer " + ADMIN_TOKEN)
TOLD = ["/metrics", "/admin/status", "/admin/requests?limit=1000", "/admin/traffic"]

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


def breaks(exchange):
    exchange.begin()
    exchange.event(BREAKS)
    exchange.leave("close")


def echoes(status, name, secrets):
    """An upstream that repeats what it was sent in its error."""
    message = "You sent Bearer %s and key %s with CANARY-echo." % secrets
    return responds(status, error_of(status, name, message))


@pytest.fixture
def cages(gateways, upstream):
    """Gateways of each kind whose every secret is marked."""
    folder = gateways.folder
    path = folder / "canary.json"
    path.write_text(json.dumps({
        "type": "authorized_user", "client_id": "client", "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN, "token_uri": upstream.url + "/token",
    }))
    upstream.token_behaviour = responds(
        200, {"access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"})
    digest = lambda key: hashlib.sha256(key.encode()).hexdigest()  # noqa: E731
    auth = {
        "keys": [{"name": "caged", "sha256": digest(CLIENT_KEY)}, {"name": "query", "sha256": digest(QUERY_KEY)}],
        "allow_query_key": True,
    }

    def start(backend, mode):
        path = gateways.write({
            "listen": {"port": 0}, "auth": {"mode": mode, **(auth if mode == "gateway" else {})},
            "backends": [backend], "admin": {"port": 0, "token": "env:CANARY_ADMIN"},
        })
        return gateways.launch(
            "serve", "--config", str(path), CANARY_ADMIN=ADMIN_TOKEN, CANARY_BACKEND=BACKEND_KEY).started()

    managed = gateways.vertex(credentials={"type": "file", "path": str(path)})
    developer = {**gateways.developer(), "credentials": {"type": "api_key", "key": "env:CANARY_BACKEND"}}
    container = {"name": "vllm", "kind": "openai", "base_url": upstream.url + "/v1", "api_key": "env:CANARY_BACKEND"}
    return {
        "managed": start(managed, "gateway"), "developer": start(developer, "gateway"),
        "container": start(container, "gateway"), "passthrough": start(gateways.vertex(), "passthrough"),
    }


def requests_of(kind):
    """Credentials and targets with which a client of this kind comes."""
    if kind == "passthrough":
        return [(("authorization", "Bearer " + GOOGLE_TOKEN), VERTEX_BASE + "/chat/completions")]
    return [
        (("authorization", "Bearer " + CLIENT_KEY), "/v1/chat/completions"),
        (("x-goog-api-key", CLIENT_KEY), "/v1beta/openai/chat/completions"),
        (("x-none", "1"), "/v1/chat/completions?key=" + QUERY_KEY),
        (("authorization", "Bearer " + WRONG_KEY), "/v1/chat/completions"),
        (("x-none", "1"), "/v1/nowhere?key=" + QUERY_KEY),
    ]


@pytest.mark.parametrize("kind", ["managed", "developer", "container", "passthrough"])
def test_no_secret_and_no_content_is_told(cages, upstream, kind):
    program = cages[kind]
    secrets = (ACCESS_TOKEN if kind == "managed" else GOOGLE_TOKEN, BACKEND_KEY)
    got = []
    for headers, target in requests_of(kind):
        for stream in (False, True):
            upstream.script(
                (streams(ANSWERED) if stream else responds(200, ANSWERED)), echoes(400, "INVALID_ARGUMENT", secrets),
                echoes(403, "PERMISSION_DENIED", secrets), breaks,
            )
            for _ in range(4):
                with Connection(program.port) as connection:
                    response = connection.chat(
                        {**ASKED, "stream": stream}, [headers, ("x-pollux-explain", "1"), ("x-odd", "CANARY-header")],
                        target,
                    )
                    got.append((response, response.read()))
            upstream.reset()
            upstream.token_behaviour = responds(
                200, {"access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        with Connection(program.port) as connection:  # Not JSON, and too odd to be HTTP.
            response = connection.request("POST", target, b'{"CANARY-broken', [headers])
            got.append((response, response.read()))
    assert len(got) > 8 and any(response.status == 200 for response, _ in got)
    # To clients: no credential at all, whole or in the parts that a mask leaves; notes say nothing of contents.
    for response, body in got:
        head = json.dumps(response.headers)
        assert not [secret for secret in CREDENTIALS if secret in head or secret.encode() in body], response.headers
        assert MARK not in head, response.headers
    # To the operator: nothing with a mark.
    for target in TOLD:
        answer = ask(program, target, (ADMIN,))
        assert answer.status == 200 and MARK.encode() not in answer.body, (target, answer.body)
    assert ask(program, "/admin/status", (("authorization", "Bearer CANARY"),)).status == 401
    last = got[-1][0].header("x-request-id")
    assert eventually(lambda: any(last in line for line in program.output))
    assert not [line for line in program.output + program.errors if MARK in line]
