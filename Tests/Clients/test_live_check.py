"""`pollux check --live`: which credential was found where, a token, one call, and what helps when one of them fails."""

import json
import re
import socket

import pytest

from conftest import KEY, PROJECT, LOCATION, digest
from program import run
from upstream import error_of, responds

PRIVATE = ["secret-of-the-file", "refresh-of-the-file", "developer-key-of-ours", "container-key-of-ours", "token-"]
COUNTED = responds(200, {"totalTokens": 1})
PLACE = "/v1/projects/%s/locations/%s" % (PROJECT, LOCATION)


@pytest.fixture
def user_file(gateways, tmp_path):
    path = tmp_path / "user.json"
    path.write_text(json.dumps({
        "type": "authorized_user", "client_id": "client", "client_secret": "secret-of-the-file",
        "refresh_token": "refresh-of-the-file", "token_uri": gateways.upstream.url + "/token",
        "quota_project_id": "payer",
    }))
    return path


def configuration(*backends, mode="gateway", **members):
    auth = {"mode": mode}
    if mode == "gateway":
        auth["keys"] = [{"name": "suite", "sha256": digest(KEY)}]
    return {"listen": {"port": 0}, "auth": auth, "backends": list(backends), **members}


def check(gateways, document=None, *arguments, **environment):
    """The command's lines, exit code first."""
    file = ["--config", str(gateways.write(document))] if document else []
    environment = {"DEVELOPER_KEY": "developer-key-of-ours", "CONTAINER_KEY": "container-key-of-ours", **environment}
    done = run(["check", "--live", *file, *arguments], gateways.folder, **environment)
    for secret in PRIVATE:
        assert secret not in done.stdout + done.stderr
    return done.returncode, done.stdout


def managed(gateways, user_file, **members):
    return gateways.vertex(credentials={"type": "file", "path": str(user_file)}, **members)


def line(output, step):
    """What is said of one step."""
    found = re.findall("^  %s +(.*)$" % step, output, re.M)
    assert len(found) == 1, output
    return found[0]


# What works


def test_a_backend_that_is_ready(gateways, upstream, user_file):
    """The credential and its place, the token's life, the call and its time; exit code 0."""
    upstream.script(COUNTED)
    code, output = check(gateways, configuration(managed(gateways, user_file)))
    assert code == 0
    assert output.startswith("backend 'vertex', vertex\n")
    assert line(output, "credential") == "authorized user (from %s)" % user_file
    assert re.fullmatch(r"good for 3600 s, obtained in \d+ ms", line(output, "token"))
    assert line(output, "call") == "POST %s%s/publishers/google/models/gemini-2.5-flash:countTokens" % (
        upstream.url, PLACE)
    assert re.fullmatch(r"200 in \d+ ms", line(output, "answer"))
    assert output.endswith("  ready\n\n1 of 1 backends ready.\n")
    request = upstream.only_request()
    assert request.target == PLACE + "/publishers/google/models/gemini-2.5-flash:countTokens"
    assert request.header("authorization") == "Bearer token-%d" % upstream.tokens
    assert request.header("x-goog-user-project") == "payer"
    assert len(upstream.token_requests) == 1


def test_the_model_is_one_that_the_operator_names(gateways, upstream, user_file):
    """A model that is not served there would prove nothing."""
    document = configuration(
        managed(gateways, user_file), models={"aliases": {"mine": {"backend": "vertex", "model": "gemini-3-pro"}}})
    assert check(gateways, document)[0] == 0
    assert upstream.only_request().target.endswith("/models/gemini-3-pro:countTokens")


def test_every_kind_of_backend(gateways, upstream, user_file):
    """Each is asked for what it has, with the credential that is its own (AUTH-008)."""
    place = {"project": PROJECT, "location": LOCATION, "base_url": upstream.url,
             "credentials": {"type": "file", "path": str(user_file)}}
    document = configuration(
        gateways.developer(),
        {"name": "container", "kind": "openai", "base_url": upstream.url + "/v1", "api_key": "env:CONTAINER_KEY"},
        {"name": "open", "kind": "openai", "base_url": upstream.url + "/v1"},
        {"name": "llama", "kind": "vertex-endpoint", "endpoint_id": "11", **place},
        {"name": "tuned", "kind": "gemini-tuned", "endpoint_id": "22", "base_model": "gemini-2.5-flash", **place},
    )
    code, output = check(gateways, document)
    assert (code, output.splitlines()[-1]) == (0, "5 of 5 backends ready."), output
    asked = [(r.method, r.target, r.header("authorization"), r.header("x-goog-api-key")) for r in upstream.requests]
    tokens = ["Bearer token-%d" % (upstream.tokens - 1), "Bearer token-%d" % upstream.tokens]
    assert asked == [
        ("GET", "/v1beta/models?pageSize=1", None, "developer-key-of-ours"),
        ("GET", "/v1/models", "Bearer container-key-of-ours", None),
        ("GET", "/v1/models", None, None),
        ("POST", PLACE + "/endpoints/11/chat/completions", tokens[0], None),
        ("POST", PLACE + "/endpoints/22:countTokens", tokens[1], None),
    ]
    assert upstream.requests[3].json["max_tokens"] == 1
    assert "credential  API key (backends[].api_key)" in output
    assert "credential  none is sent" in output


def test_a_server_without_a_list_of_models_is_there_all_the_same(gateways, upstream):
    upstream.script(responds(404, {"detail": "Not Found"}))
    code, output = check(gateways, configuration({"name": "c", "kind": "openai", "base_url": upstream.url + "/v1"}))
    assert code == 0 and "the server has no list of models" in line(output, "answer")


def test_clients_that_bring_their_own_credential(gateways, upstream):
    """In passthrough mode nothing is obtained; a refusal without a credential shows that the upstream is there."""
    upstream.script(responds(401, error_of(401, "UNAUTHENTICATED")))
    code, output = check(gateways, configuration(gateways.vertex(), mode="passthrough"))
    assert code == 0
    assert line(output, "credential") == "the client's own goes along; none is sent now"
    assert line(output, "answer").endswith("as it must be without a credential")
    assert upstream.token_requests == []


# Without a file


def test_what_serve_would_find(gateways, upstream, user_file):
    """Google's files, then a key, and else the emulator, as `pollux serve` has it (CRED-001)."""
    base = {"POLLUX_UPSTREAM_BASE_URL": upstream.url}
    code, output = check(gateways, GOOGLE_APPLICATION_CREDENTIALS=str(user_file), GOOGLE_CLOUD_PROJECT="p9", **base)
    assert code == 0
    assert line(output, "credential") == "authorized user (from %s, GOOGLE_APPLICATION_CREDENTIALS)" % user_file
    assert "/v1/projects/p9/locations/global/" in line(output, "call")
    code, output = check(gateways, GEMINI_API_KEY="developer-key-of-ours", **base)
    assert code == 0 and line(output, "credential") == "API key"
    code, output = check(gateways)
    assert code == 0
    assert output.startswith("No Google credentials were found, so `pollux serve` would start the built-in emulator.")
    assert "backend 'emulator', vertex" in output


def test_credentials_that_are_nowhere(gateways):
    """The search order's end, with what can be done (CRED-001)."""
    code, output = check(gateways, None, "--upstream", "vertex")
    assert code == 1
    assert line(output, "credential").startswith("Could not find default credentials.")
    assert "gcloud auth application-default login" in line(output, "remedy")
    assert output.endswith("  not ready\n\n0 of 1 backends ready.\n")


# What fails


@pytest.mark.parametrize(
    "status, answer, said, helps",
    [
        (400, {"error": "invalid_grant", "error_description": "Bad Request"}, "answered 400: invalid_grant", "Log in again"),
        (401, {"error": "invalid_client"}, "answered 401: invalid_client", "client_id and client_secret"),
        (503, {}, "answered 503.", "Can this machine reach that host?"),
        (200, {"token": "x"}, "answered no usable token", "Something else answers"),
        (200, {"access_token": "x", "expires_in": -5}, "has expired already", "Something else answers"),
    ],
)
def test_no_token(gateways, upstream, user_file, status, answer, said, helps):
    """The endpoint's words and how long it took; nothing is called."""
    upstream.token_behaviour = responds(status, answer)
    code, output = check(gateways, configuration(managed(gateways, user_file)))
    assert code == 1
    assert said in line(output, "token") and line(output, "remedy").startswith(helps)
    assert re.search(r"\(after \d+ ms\)$", line(output, "token"))
    assert upstream.requests == []


def google(status, word, message, reason=None):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else ()
    return responds(status, error_of(status, word, message, details=details))


@pytest.mark.parametrize(
    "answer, said, helps",
    [
        (google(403, "PERMISSION_DENIED", "Vertex AI API has not been used", "SERVICE_DISABLED"), "403 in", "Switch the API on"),
        (google(403, "PERMISSION_DENIED", "Permission 'aiplatform.endpoints.predict' denied", "IAM_PERMISSION_DENIED"),
         "aiplatform.endpoints.predict", "Grant roles/aiplatform.user"),
        (google(403, "PERMISSION_DENIED", "Caller does not have permission", "USER_PROJECT_DENIED"), "403 in", "The quota project"),
        (google(404, "NOT_FOUND", "Publisher Model was not found"), "was not found", "Look at project, location, model"),
        (google(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), "429 in", "The credential is right"),
        (google(401, "UNAUTHENTICATED", "Request had invalid authentication credentials"), "401 in", "The upstream does not know"),
        (google(503, "UNAVAILABLE", "Unavailable"), "503 in", "The credential was not refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_upstream_refuses(gateways, upstream, user_file, answer, said, helps):
    """Google's own words, and what helps."""
    upstream.script(answer)
    code, output = check(gateways, configuration(managed(gateways, user_file)))
    assert code == 1
    assert said in line(output, "answer") and line(output, "remedy").startswith(helps), output


def test_a_key_that_is_none(gateways, upstream):
    upstream.script(google(400, "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID"))
    code, output = check(gateways, configuration(gateways.developer()))
    assert code == 1 and line(output, "remedy").startswith("The key is none")


def test_nobody_listens(gateways):
    """Reasons and remedies of connections that do not come about."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))  # Nobody else gets the port, and nobody listens on it.
    for url, said, helps in [
        ("http://127.0.0.1:%d" % taken.getsockname()[1], "the connection was refused", "Nothing listens there"),
        ("http://nowhere.invalid", "its name was not found", "Look at location"),
    ]:
        code, output = check(gateways, configuration({"name": "c", "kind": "openai", "base_url": url}))
        assert code == 1
        assert line(output, "answer") == "none: " + said and line(output, "remedy").startswith(helps)
    taken.close()


def test_one_of_two_is_not_ready(gateways, upstream, user_file):
    """One fault hides no other backend; the exit code says that not all is well."""
    document = configuration(
        gateways.vertex(name="lost", credentials={"type": "file", "path": "/nowhere.json"}), gateways.developer())
    code, output = check(gateways, document)
    assert code == 1
    assert "/nowhere.json" in output and output.endswith("1 of 2 backends ready.\n")


def test_how_the_command_is_used(gateways):
    """Without `--live` there must be a file."""
    for arguments in (["check"], ["check", "--config", "x.yaml", "--upstream", "vertex"]):
        assert run(arguments, gateways.folder).returncode == 64
