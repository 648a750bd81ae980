"""The admin listener: who may come in, and what it tells (EP-010)."""

import json
import re

import pytest

from conftest import ADMIN_TOKEN, KEY
from program import run
from scenes import FLASH, user
from upstream import error_of, responds, says, streams, text_of
from wire import Connection

TOKEN = ("authorization", "Bearer " + ADMIN_TOKEN)
CLIENT = ("authorization", "Bearer " + KEY)


def ask(program, target, headers=(TOKEN,), method="GET", host=None, document=None):
    """One request to the admin listener; `host` takes the place of the usual one, `document` is its body."""
    body = b"" if document is None else json.dumps(document).encode()
    with Connection(program.admin_port) as connection:
        lines = ["%s %s HTTP/1.1" % (method, target), "host: " + (host or "127.0.0.1:%d" % program.admin_port)]
        lines += ["%s: %s" % pair for pair in headers]
        if body:
            lines.append("content-length: %d" % len(body))
        connection.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
        response = connection.response(method)
        response.read()
        return response


def chat(program, name, **members):
    body = {"model": FLASH, "messages": [user("Hi")], **members}
    with Connection(program.port) as connection:
        response = connection.chat(body, [CLIENT, ("x-request-id", name), ("x-pollux-explain", "1")])
        response.read()
    return response


# Who may come in


@pytest.mark.parametrize("target", ["/metrics", "/admin/status", "/admin/requests", "/admin/traffic"])
@pytest.mark.parametrize(
    "headers",
    [(), (("authorization", "Bearer wrong"),), (("authorization", "Basic " + ADMIN_TOKEN),), (CLIENT,),
     (("authorization", "Bearer " + ADMIN_TOKEN + "x"),), (("authorization", "Bearer " + ADMIN_TOKEN[:-1]),),
     (("x-goog-api-key", ADMIN_TOKEN),)],
)
def test_what_tells_something_wants_the_token(watched, target, headers):
    response = ask(watched, target, headers)
    assert response.status == 401 and response.header("www-authenticate") == "Bearer"
    assert set(response.json()["error"]) == {"message"}


def test_a_query_is_no_place_for_the_token(watched):
    assert ask(watched, "/admin/status?token=%s&key=%s" % (ADMIN_TOKEN, ADMIN_TOKEN), ()).status == 401


def test_health_wants_nothing(watched):
    response = ask(watched, "/healthz", ())
    assert response.status == 200 and response.json() == {"status": "ok"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1", "", "a@127.0.0.1"]
)
def test_a_name_that_is_not_ours_is_refused(watched, host):
    """A web page may make its own name lead here (DNS rebinding), and then sends that name."""
    for target in ("/healthz", "/admin/status", "/"):
        response = ask(watched, target, host=host or " ")
        assert response.status in (400, 403), response.body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "[::1]:9", "10.1.2.3:9100", "LOCALHOST"])
def test_addresses_and_localhost_are_known(watched, host):
    assert ask(watched, "/admin/status", host=host).status == 200


@pytest.mark.parametrize(
    "header",
    [("origin", "http://evil.example"), ("origin", "null"), ("origin", "http://127.0.0.1:1"),
     ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")],
)
def test_other_web_pages_may_not_ask(watched, header):
    """Not even with the token, which they might have been given."""
    assert ask(watched, "/admin/status", (TOKEN, header)).status == 403


def test_the_own_page_may_ask(watched):
    origin = ("origin", "http://127.0.0.1:%d" % watched.admin_port)
    assert ask(watched, "/admin/status", (TOKEN, origin, ("sec-fetch-site", "same-origin"))).status == 200


@pytest.mark.parametrize("target", ["/healthz", "/admin/status", "/nowhere"])
def test_every_answer_forbids_what_a_page_does_not_need(watched, target):
    response = ask(watched, target)
    policy = dict(part.strip().split(" ", 1) for part in response.header("content-security-policy").split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'" and policy["connect-src"] == "'self'"
    assert response.header("x-content-type-options") == "nosniff" and response.header("cache-control") == "no-store"


def test_a_long_body_is_refused(watched):
    with Connection(watched.admin_port) as connection:
        body = b"x" * 100_000
        connection.send(
            b"GET /admin/status HTTP/1.1\r\nhost: localhost\r\n%s\r\ncontent-length: %d\r\n\r\n%s"
            % (("%s: %s" % TOKEN).encode(), len(body), body)
        )
        response = connection.response()
        assert response.status == 413 and "65536" in response.json()["error"]["message"]
        assert response.header("cache-control") == "no-store"


@pytest.mark.parametrize("method, target, allowed", [
    ("POST", "/metrics", "GET, HEAD"), ("DELETE", "/admin/status", "GET, HEAD"), ("OPTIONS", "/healthz", "GET, HEAD"),
    ("PUT", "/admin/keys", "GET, POST, HEAD"), ("GET", "/admin/keys/x/revoke", "POST"),
    ("DELETE", "/admin/keys/x", "GET, PATCH, HEAD"), ("TRACE", "/metrics", "GET, HEAD"),
])
def test_a_known_path_and_another_method(watched, method, target, allowed):
    """405 with the methods that there are (EP-011)."""
    with Connection(watched.admin_port) as connection:
        connection.send(("%s %s HTTP/1.1\r\nhost: localhost\r\n%s: %s\r\n\r\n" % (method, target, *TOKEN)).encode())
        response = connection.response(method)
        assert response.status == 405 and response.json()["error"]["message"]
        assert sorted(response.header("allow").split(", ")) == sorted(allowed.split(", "))


def test_a_probe_may_ask_for_the_head_alone(watched):
    """HEAD is answered as GET is, without the body."""
    with Connection(watched.admin_port) as connection:
        for target in ("/healthz", "/metrics"):
            connection.send(("HEAD %s HTTP/1.1\r\nhost: localhost\r\n%s: %s\r\n\r\n" % (target, *TOKEN)).encode())
            assert connection.response("HEAD").status == 200


def test_clients_do_not_see_it(watched):
    """The listener for clients has none of its routes."""
    with Connection(watched.port) as connection:
        for target in ("/metrics", "/admin/status"):
            response = connection.request("GET", target, headers=[TOKEN])
            assert response.status == 404 and response.error()["code"] == "unknown_url"


def test_without_a_token_nobody_gets_in(gateways, tmp_path):
    """Unless the file says so, and only on loopback."""
    closed = gateways.start(gateways.vertex(), "passthrough", admin={"port": 0})
    assert any("admin.token: no token" in line for line in closed.errors)
    assert ask(closed, "/admin/status", ()).status == 401
    assert ask(closed, "/admin/status", (("authorization", "Bearer "),)).status == 401
    opened = gateways.start(gateways.vertex(), "passthrough", admin={"port": 0, "allow_anonymous": True})
    assert ask(opened, "/admin/status", ()).status == 200
    path = gateways.write(
        {"backends": [gateways.vertex()], "admin": {"port": 9, "address": "0.0.0.0", "allow_anonymous": True}}
    )
    refused = run(["serve", "--config", str(path)], tmp_path)
    assert refused.returncode != 0 and "admin.allow_anonymous" in refused.stderr


# What it tells


def test_the_state_names_backends_and_the_age_of_their_tokens(watched, upstream):
    chat(watched, "for-the-state")
    state = ask(watched, "/admin/status").json()
    assert state["configuration"]["generation"] == 1 and not state["configuration"]["refused"]
    assert not state["draining"]
    assert state["auth_mode"] == "gateway" and state["uptime_seconds"] >= 0
    (backend,) = state["backends"]
    assert (backend["name"], backend["kind"], backend["credential"]) == ("vertex", "vertex", "token")
    assert backend["requests"] >= 1 and backend["healthy"] is True
    token = backend["token"]
    assert token["state"] == "fresh" and token["refreshes"] >= 1 and token["age_seconds"] >= 0


def test_recent_requests_come_with_what_became_of_their_fields(watched, upstream):
    chat(watched, "recent-1", user="me")
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT")))
    chat(watched, "recent-2")
    last, first = ask(watched, "/admin/requests?limit=2").json()["requests"]
    assert (last["request_id"], last["status"]) == ("recent-2", 400)
    assert (first["request_id"], first["status"], first["operation"]) == ("recent-1", 200, "chat")
    assert {note["path"]: note["fate"] for note in first["notes"]}["user"] == "ignored"


def test_only_so_many_requests_are_remembered(watched, upstream):
    for number in range(25):
        chat(watched, "many-%d" % number)
    names = [entry["request_id"] for entry in ask(watched, "/admin/requests?limit=1000").json()["requests"]]
    assert names[0] == "many-24" and len(names) == 20
    numbers = [int(name.removeprefix("many-")) for name in names if name.startswith("many-")]
    assert len(numbers) >= 15 and numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize(
    "target",
    ["/admin/requests?limit=0", "/admin/requests?limit=x", "/admin/traffic?seconds=1", "/admin/traffic?lines=colour",
     "/admin/requests?limti=5", "/admin/traffic?Model=x"])
def test_what_cannot_be_asked_for_is_refused(watched, target):
    """A name that there is not, too: a filter that is mistyped would tell more than was asked for."""
    refused = ask(watched, target)
    assert refused.status == 400 and re.search(r"[?](\w+)", target)[1] in refused.json()["error"]["message"]


def test_traffic_is_added_up_over_time_and_by_name(watched, upstream):
    upstream.script(says("One."), streams(text_of("Two.")), responds(400, error_of(400, "INVALID_ARGUMENT")))
    for number in range(3):
        chat(watched, "traffic-%d" % number, stream=number == 1)
    report = ask(watched, "/admin/traffic?seconds=60").json()
    assert report["total"]["requests"] >= 3 and report["total"]["errors"] >= 1
    assert len(report["over_time"]) == 12 == 60 // report["step_seconds"]
    assert sum(slot["requests"] for slot in report["over_time"]) == report["total"]["requests"]
    assert [row["name"] for row in report["by_client"] if row["name"]] == ["suite"]
    assert [row["name"] for row in report["by_backend"] if row["name"]] == ["vertex"]
    assert report["total"]["p50_ms"] <= report["total"]["p95_ms"] <= report["total"]["p99_ms"]
    assert report["total"]["first_token_p50_ms"] > 0
    lines = ask(watched, "/admin/traffic?seconds=60&lines=client").json()["lines"]
    assert [line["name"] for line in lines if line["name"]] == ["suite"]
    assert all(len(line["over_time"]) == 12 for line in lines)
    assert sum(slot["requests"] for line in lines for slot in line["over_time"]) >= report["total"]["requests"]
    assert "lines" not in report
    nothing = ask(watched, "/admin/traffic?seconds=60&model=none-such").json()
    assert nothing["total"]["requests"] == 0 and nothing["by_client"] == []


def test_names_that_clients_make_up_do_not_fill_the_traffic_report(watched, upstream):
    """Fifty models are told apart, the busiest; the others are one row."""
    with Connection(watched.port) as connection:
        for number in range(70):
            upstream.script(responds(404, error_of(404, "NOT_FOUND", "Model not found.")))
            connection.chat({"model": "google/invented-%d" % number, "messages": [user("Hi")]}, [CLIENT]).read()
    report = ask(watched, "/admin/traffic?seconds=60").json()
    names = [row["name"] for row in report["by_model"]]
    assert len(names) == 51 and names[-1] == "other" and "gemini-2.5-flash" in names
    assert sum(row["requests"] for row in report["by_model"]) == report["total"]["requests"]


def test_the_admin_side_ends_with_the_process(gateways):
    program = gateways.start(gateways.vertex(), "passthrough", admin={"port": 0, "allow_anonymous": True})
    assert ask(program, "/healthz", ()).status == 200
    program.terminate()
    assert program.wait() == 0
