"""Paths, model names and credentials, on the wire."""

import json
import re

import pytest

from conftest import DEVELOPER_KEY, KEY, OTHER_KEY, VERTEX_BASE, digest
from scenes import FLASH, user
from upstream import error_of, responds, says
from wire import Connection

BEARER = ("authorization", "Bearer " + KEY)
VERTEX_MODEL = "/v1/projects/test-project/locations/us-central1/publishers/google/models/"


def body(model=FLASH, **members):
    return {"model": model, "messages": [user("Hi")], **members}


def post(program, target="/v1/chat/completions", document=None, headers=(BEARER,)):
    """One request on a connection of its own."""
    return request(program, "POST", target, body() if document is None else document, headers)


def request(program, method, target, document=None, headers=(BEARER,)):
    with Connection(program.port) as connection:
        response = connection.request(method, target, document, headers)
        response.read()
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", response.header("x-request-id")), "GEN-009"
    return response


# Routes


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_the_vertex_form_names_project_and_location(passthrough, upstream, version):
    """The path's version, project and location are those of the upstream call (EP-001, 01 § 2)."""
    target = "/%s/projects/their-project/locations/europe-west4/endpoints/openapi/chat/completions" % version
    assert post(passthrough, target).status == 200
    assert upstream.only_request().target == (
        "/%s/projects/their-project/locations/europe-west4/publishers/google/models/gemini-2.5-flash:generateContent"
        % version
    )


def test_the_short_form_takes_the_configured_project(managed, upstream):
    """Project and location come from the configuration (EP-004)."""
    assert post(managed).status == 200
    assert upstream.only_request().target == VERTEX_MODEL + "gemini-2.5-flash:generateContent"


def test_the_studio_form_is_served(managed, upstream):
    """`/v1beta/openai` serves what `/v1` serves (EP-005)."""
    assert post(managed, "/v1beta/openai/chat/completions").status == 200
    assert upstream.only_request().target == VERTEX_MODEL + "gemini-2.5-flash:generateContent"


def test_a_stream_asks_for_server_sent_events(managed, upstream):
    """`stream` selects the streaming method (REQ-013)."""
    assert post(managed, document=body(stream=True)).status == 200
    assert upstream.only_request().target == VERTEX_MODEL + "gemini-2.5-flash:streamGenerateContent?alt=sse"


def test_the_developer_api_has_its_own_path(developer, upstream):
    """Developer API: no project in the path (01 § 2)."""
    post(developer)
    post(developer, document=body(stream=True))
    assert [r.target for r in upstream.requests] == [
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ]


@pytest.mark.parametrize(
    "target", ["/v1/chat/completions/", "//v1//chat/completions", "/v1/chat%2Fcompletions/x", "/v1/%63hat/completions"]
)
def test_paths_are_read_leniently_but_once(managed, upstream, target):
    """Trailing slashes do not matter; segments are percent-decoded once (01 § 1)."""
    expected = 404 if "%2F" in target else 200
    assert post(managed, target).status == expected


def test_health_needs_no_upstream(managed, upstream):
    """`/healthz` says ok without a key and without an upstream call (EP-009)."""
    response = request(managed, "GET", "/healthz", headers=())
    assert (response.status, response.json()) == (200, {"status": "ok"})
    assert upstream.requests == []


def test_readiness_means_a_token(managed, upstream):
    """`/readyz` is 200 when a token could be had (EP-009)."""
    post(managed)
    assert request(managed, "GET", "/readyz", headers=()).status == 200


def test_without_a_token_it_is_not_ready(gateways, upstream):
    """`/readyz` is 503 while the token endpoint fails; the gateway lives (EP-009)."""
    upstream.token_behaviour = responds(500, {})
    program = gateways.start(gateways.managed())
    assert request(program, "GET", "/readyz", headers=()).status == 503
    assert request(program, "GET", "/healthz", headers=()).status == 200
    program.stop()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_not_allowed(managed, method):
    """A known path with another method is 405 with `Allow` (EP-011)."""
    response = request(managed, method, "/v1/chat/completions")
    assert response.status == 405 and response.header("allow") == "POST"
    response.error()


@pytest.mark.parametrize("target", ["/x", "/", "/v2/chat/completions", "/v1/chat", "/v1/chat/completions/more", "/%zz"])
def test_an_unknown_path_is_named(managed, target):
    """404 `unknown_url` with OpenAI's words (EP-011)."""
    response = post(managed, target)
    assert response.status == 404
    error = response.error()
    assert error["code"] == "unknown_url"
    assert error["message"] == "Unknown request URL: POST %s. Please check the URL for typos." % target


@pytest.mark.parametrize("rest", ["/completions", "/responses", "/images/generations", "/audio/speech", "/audio/transcriptions"])
@pytest.mark.parametrize("base", ["/v1", "/v1beta/openai", VERTEX_BASE])
def test_what_is_not_built_says_so(managed, rest, base):
    """404 `unsupported_endpoint` (EP-008)."""
    response = post(managed, base + rest)
    assert response.status == 404 and response.error()["code"] == "unsupported_endpoint"


@pytest.mark.parametrize(
    "project, location, param",
    [
        ("Upper", "us-central1", "project"),
        ("-p", "us-central1", "project"),
        ("p" * 64, "us-central1", "project"),
        ("p%2Fq", "us-central1", "project"),
        ("p", "us.evil.example", "location"),
        ("p", "evil.example%2F", "location"),
        ("p", "us-central1-", "location"),
        ("p", "x@evil.example", "location"),
        ("p", "l" * 41, "location"),
    ],
)
def test_names_in_the_path_cannot_lead_elsewhere(passthrough, upstream, project, location, param):
    """A project or location that could change the host is refused, and nothing is sent (EP-013)."""
    response = post(passthrough, "/v1/projects/%s/locations/%s/endpoints/openapi/chat/completions" % (project, location))
    assert response.status == 400 and response.error()["param"] == param
    assert upstream.requests == []


def test_projects_and_locations_can_be_limited(gateways, upstream):
    """Others than the allowed ones are 403 (EP-013)."""
    program = gateways.start(
        gateways.vertex(), "passthrough",
        routing={"allowed_projects": ["good"], "allowed_locations": ["us-central1"]},
    )
    form = "/v1/projects/%s/locations/%s/endpoints/openapi/chat/completions"
    assert post(program, form % ("good", "us-central1")).status == 200
    for project, location, code in (
        ("bad", "us-central1", "project_not_allowed"), ("good", "europe-west4", "location_not_allowed"),
    ):
        response = post(program, form % (project, location))
        assert response.status == 403 and response.error()["code"] == code
    assert len(upstream.requests) == 1
    program.stop()


def test_override_ignores_the_paths_project(gateways, upstream):
    """`routing.override` lets clients with placeholder paths work (01 § 1)."""
    program = gateways.start(gateways.managed(), routing={"override": True})
    target = "/v1/projects/placeholder/locations/nowhere/endpoints/openapi/chat/completions"
    assert post(program, target).status == 200
    assert upstream.only_request().target.startswith(VERTEX_MODEL)
    program.stop()


# Models


@pytest.mark.parametrize(
    "model",
    [
        "gemini-2.5-flash",
        "google/gemini-2.5-flash",
        "models/gemini-2.5-flash",
        "publishers/google/models/gemini-2.5-flash",
        "projects/p/locations/l/publishers/google/models/gemini-2.5-flash",
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_every_spelling_of_a_model_is_known_and_echoed(managed, upstream, model, stream):
    """All spellings mean the bare id upstream; the answer has the client's own (MOD-001, MOD-004)."""
    response = post(managed, document=body(model, stream=stream))
    assert "models/gemini-2.5-flash:" in upstream.only_request().target
    echoed = {e["model"] for e in response.events() if e != "[DONE]"} if stream else {response.json()["model"]}
    assert echoed == {model}


def test_an_alias_wins(gateways, upstream):
    """The operator's alias table comes first; its name is what the client sees (MOD-001, MOD-004)."""
    program = gateways.start(
        gateways.managed(), models={"aliases": {"gpt-4o": {"backend": "vertex", "model": "gemini-2.5-pro"}}}
    )
    response = post(program, document=body("gpt-4o"))
    assert response.json()["model"] == "gpt-4o"
    assert "models/gemini-2.5-pro:" in upstream.only_request().target
    program.stop()


@pytest.mark.parametrize(
    "model",
    ["", "../x", "http://evil.example/x", "google/", "google/../x", "-x", "x y", "x?alt=json", "x#y", "x%2Fy", "é",
     "google/a/b", "x" * 129, "a:b/../../c", "projects/p/locations/l/publishers/google/models/"],
)
def test_a_hostile_model_name_goes_nowhere(managed, upstream, model):
    """404 `model_not_found`, and nothing is sent (MOD-002, MOD-005)."""
    response = post(managed, document=body(model))
    assert response.status == 404
    error = response.error()
    assert error["code"] == "model_not_found" and error["type"] == "invalid_request_error"
    if len(model) < 100:
        assert error["message"] == "The model `%s` does not exist or you do not have access to it." % model
    assert upstream.requests == []


@pytest.mark.parametrize("document", [{"messages": [user("Hi")]}, body(None), body(7), body(["gemini-2.5-flash"])])
def test_a_model_must_be_given(managed, upstream, document):
    """400 with OpenAI's words (MOD-003)."""
    response = post(managed, document=document)
    assert response.status == 400
    error = response.error()
    assert (error["message"], error["code"], error["param"]) == (
        "you must provide a model parameter", "missing_required_parameter", "model"
    )


# Gateway keys


@pytest.mark.parametrize(
    "header",
    [BEARER, ("Authorization", "bearer " + KEY), ("authorization", "BEARER  " + KEY), ("x-goog-api-key", KEY), ("api-key", KEY)],
)
def test_a_key_is_read_where_clients_put_it(managed, upstream, header):
    """The key may stand in three headers; the scheme's case does not matter (AUTH-002, AUTH-004)."""
    assert post(managed, headers=[header]).status == 200


def test_the_first_place_counts(managed, upstream):
    """`Authorization` comes before `x-goog-api-key`, that before `api-key` (AUTH-004)."""
    assert post(managed, headers=[BEARER, ("x-goog-api-key", "wrong")]).status == 200
    assert post(managed, headers=[("x-goog-api-key", KEY), ("api-key", "wrong")]).status == 200
    assert post(managed, headers=[("authorization", "Bearer wrong"), ("x-goog-api-key", KEY)]).status == 401


@pytest.mark.parametrize("headers", [[], [("authorization", "Bearer ")], [("authorization", "Basic dTpw")], [("api-key", "")]])
def test_a_missing_key_is_asked_for(managed, upstream, headers):
    """401 with OpenAI's words and `WWW-Authenticate` (AUTH-006)."""
    response = post(managed, headers=headers)
    assert response.status == 401 and response.header("www-authenticate") == "Bearer"
    error = response.error()
    assert (error["message"], error["code"]) == ("You didn't provide an API key.", None)
    assert upstream.requests == []


@pytest.mark.parametrize(
    "key, shown",
    [("abcdefghwxyz", "abcd****wxyz"), ("sk-" + "0" * 40 + "tail", "sk-0****tail"), ("elevenchars", "***********"), ("x", "*")],
)
def test_a_wrong_key_is_shown_masked(managed, upstream, key, shown):
    """401; only a long key shows its ends (AUTH-006)."""
    response = post(managed, headers=[("authorization", "Bearer " + key)])
    assert response.status == 401
    error = response.error()
    assert error["code"] == "invalid_api_key"
    assert error["message"].startswith("Incorrect API key provided: %s." % shown), error["message"]
    assert upstream.requests == []


def test_a_key_can_be_limited(gateways, upstream):
    """A key may be for some models and projects only (AUTH-005)."""
    keys = [
        {"name": "narrow", "sha256": digest(KEY), "models": ["google/gemini-2.5-*"], "projects": ["test-project"]},
        {"name": "wide", "sha256": digest(OTHER_KEY)},
    ]
    program = gateways.start(gateways.managed(), auth={"keys": keys})
    wide = ("authorization", "Bearer " + OTHER_KEY)
    assert post(program).status == 200
    assert post(program, document=body("google/gemini-3-flash-preview")).error()["code"] == "model_not_found"
    assert post(program, document=body("google/gemini-3-flash-preview"), headers=[wide]).status == 200
    other = "/v1/projects/other/locations/us-central1/endpoints/openapi/chat/completions"
    refused = post(program, other)
    assert refused.status == 403 and refused.error()["code"] == "project_not_allowed"
    program.stop()


def test_a_pattern_of_models_may_have_several_stars(gateways, upstream):
    """In a key's pattern each `*` stands for any characters (AUTH-005)."""
    keys = [{"name": "fast", "sha256": digest(KEY), "models": ["google/gemini-*-flash*"]}]
    program = gateways.start(gateways.managed(), auth={"keys": keys})
    assert post(program, document=body("google/gemini-2.5-flash")).status == 200
    assert post(program, document=body("google/gemini-3-flash-preview")).status == 200
    assert post(program, document=body("google/gemini-2.5-pro")).error()["code"] == "model_not_found"
    program.stop()


def test_a_key_has_a_rate(gateways, upstream):
    """Beyond its requests per minute a key gets 429 with `Retry-After` (AUTH-005, 05 § 2)."""
    keys = [{"name": "slow", "sha256": digest(KEY), "rpm": 2}]
    program = gateways.start(gateways.managed(), auth={"keys": keys})
    statuses = [post(program).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = post(program)
    assert refused.error()["code"] == "rate_limit_exceeded" and int(refused.header("retry-after")) > 0
    program.stop()


def test_a_key_in_the_query_counts_only_when_allowed(managed, developer, upstream):
    """`?key=` works only with `auth.allow_query_key` (AUTH-004)."""
    target = "/v1/chat/completions?key=" + KEY
    assert post(managed, target, headers=()).status == 401
    assert upstream.requests == []
    assert post(developer, target, headers=()).status == 200
    assert KEY not in upstream.only_request().target


def test_no_key_is_ever_logged(managed, developer, upstream):
    """Keys, tokens and contents stay out of the logs, whatever happens (AUTH-004, CRED-010)."""
    secret = "sk-secret-in-the-query-123"
    for program in (managed, developer):
        for target in ("/v1/chat/completions?key=" + secret, "/nowhere?key=" + secret):
            response = post(program, target, headers=[("authorization", "Bearer " + secret)])
            program.access_entry(response.header("x-request-id"))
        text = "\n".join(program.output + program.errors)
        for hidden in (secret, KEY, DEVELOPER_KEY, "token-1", "refresh_token"):
            assert hidden not in text, hidden


# What upstream sees


def test_a_gateway_key_does_not_leave_the_gateway(managed, upstream):
    """Vertex gets the gateway's token and nothing of the client's key (AUTH-002, AUTH-008)."""
    post(managed, headers=[BEARER, ("x-goog-user-project", "billed")])
    sent = upstream.only_request()
    assert re.fullmatch(r"Bearer token-\d+", sent.header("authorization"))
    assert sent.header("x-goog-api-key") is None
    assert KEY not in str(sent.headers) + sent.target
    assert sent.header("x-goog-user-project") is None, "the gateway's own project pays"


def test_the_developer_api_gets_the_gateways_key(developer, upstream):
    """Developer API: `x-goog-api-key`, never in the address, never beside a token (CRED-007, AUTH-008)."""
    post(developer)
    sent = upstream.only_request()
    assert sent.header("x-goog-api-key") == DEVELOPER_KEY
    assert sent.header("authorization") is None and DEVELOPER_KEY not in sent.target


@pytest.mark.parametrize("token", ["ya29.a0Abc-_token", "x", "a" * 2048, "with spaces inside"])
def test_a_clients_token_is_passed_through_unchanged(passthrough, upstream, token):
    """Passthrough: the token is not inspected, and Vertex gets it as it is (AUTH-001)."""
    assert post(passthrough, headers=[("authorization", "Bearer " + token)]).status == 200
    sent = upstream.only_request()
    assert sent.header("authorization") == "Bearer " + token
    assert sent.header("x-goog-api-key") is None
    assert upstream.token_requests == []


@pytest.mark.parametrize("name", ["authorization", "x-goog-api-key", "api-key"])
def test_a_clients_developer_key_is_passed_through(developer_passthrough, upstream, name):
    """Passthrough to the Developer API: the value goes as `x-goog-api-key` alone (AUTH-001, AUTH-008)."""
    value = "AIzaClientsOwn" if name != "authorization" else "Bearer AIzaClientsOwn"
    assert post(developer_passthrough, headers=[(name, value)]).status == 200
    sent = upstream.only_request()
    assert sent.header("x-goog-api-key") == "AIzaClientsOwn"
    assert sent.header("authorization") is None


def test_two_credentials_become_one(passthrough, developer_passthrough, upstream):
    """A client with both kinds gets one of them through, never both (AUTH-008)."""
    both = [("authorization", "Bearer the-token"), ("x-goog-api-key", "the-key"), ("api-key", "third")]
    post(passthrough, headers=both)
    post(developer_passthrough, headers=both)
    first, second = upstream.requests
    assert first.header("authorization") == "Bearer the-token" and first.header("x-goog-api-key") is None
    assert second.header("x-goog-api-key") == "the-token" and second.header("authorization") is None
    assert all(r.header("api-key") is None for r in upstream.requests)


def test_passthrough_needs_a_token(passthrough, upstream):
    """401 without one, and nothing is sent (AUTH-001, AUTH-006)."""
    response = post(passthrough, headers=())
    assert response.status == 401 and response.header("www-authenticate") == "Bearer"
    assert upstream.requests == []


def test_an_expired_token_is_the_clients_business(passthrough, upstream):
    """Passthrough: upstream's 401 is the client's 401, asked for once (AUTH-009, ERR-012)."""
    upstream.script(responds(401, error_of(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")))
    response = post(passthrough)
    assert response.status == 401
    error = response.error()
    assert (error["code"], error["type"]) == ("invalid_api_key", "invalid_request_error")
    assert len(upstream.requests) == 1


OFFERED = [
    ("x-goog-user-project", "billed"),
    ("x-goog-request-params", "a=b"),
    ("x-vertex-ai-llm-request-type", "dedicated"),
    ("x-vertex-ai-llm-shared-request-type", "flex"),
    ("x-server-timeout", "30"),
    ("x-team", "blue"),
]
WITHHELD = [
    ("cookie", "a=b"),
    ("x-stainless-lang", "python"),
    ("openai-organization", "org"),
    ("openai-project", "proj"),
    ("x-other", "1"),
    ("proxy-authorization", "Basic x"),
    ("te", "trailers"),
    ("x-forwarded-for", "10.0.0.1"),
    ("referer", "http://client.example"),
]


def test_only_listed_headers_are_forwarded(passthrough, upstream):
    """Google's own headers and those of `upstream.forward_headers` go upstream; others never (AUTH-007)."""
    assert post(passthrough, headers=[BEARER, *OFFERED, *WITHHELD]).status == 200
    sent = upstream.only_request()
    assert {name: sent.header(name) for name, _ in OFFERED} == dict(OFFERED)
    assert sent.names().isdisjoint({name for name, _ in WITHHELD})
    assert sent.names() <= {name for name, _ in OFFERED} | {
        "host", "content-type", "content-length", "accept", "accept-encoding", "user-agent", "authorization",
    }


def test_anonymous_clients_need_no_key(anonymous, upstream):
    """Mode `none`: no credential is asked for, and a given one is not passed on (AUTH-003)."""
    assert post(anonymous, headers=()).status == 200
    assert post(anonymous).status == 200
    for sent in upstream.requests:
        assert re.fullmatch(r"Bearer token-\d+", sent.header("authorization"))
        assert KEY not in str(sent.headers)


def test_upstream_bodies_are_json_of_this_request(managed, upstream):
    """Upstream gets JSON with its length, and the message as it was said (GEN-001, GEN-004)."""
    text = "Grüße, 世界 🌞 \u0000 \"quoted\" / \\ end"
    assert post(managed, document={"model": FLASH, "messages": [user(text)]}).status == 200
    sent = upstream.only_request()
    assert sent.header("content-type").startswith("application/json")
    assert sent.json == {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    assert "Grüße, 世界 🌞".encode() in sent.body and b"\\/" not in sent.body


def test_answers_are_canonical(managed, upstream):
    """Compact JSON, members sorted, slashes and other scripts unescaped, no newline at the end (GEN-004)."""
    upstream.script(says("Łódź/PL 🌞"))
    raw = post(managed).body
    text = raw.decode()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "Łódź/PL 🌞" in text
