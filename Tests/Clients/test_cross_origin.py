"""What browsers are told, so that web pages may call the gateway: only where the operator allows it (EP-012)."""

import pytest

from conftest import KEY
from outcomes import body
from wire import Connection

PAGE, OTHER = ("origin", "https://app.example"), ("origin", "https://other.example")
BEARER = ("authorization", "Bearer " + KEY)
ASKS = [("access-control-request-method", "POST"), ("access-control-request-headers", "authorization,content-type")]
TARGETS = ["/v1/chat/completions", "/v1/models", "/v1/embeddings", "/healthz", "/v1/nowhere"]


@pytest.fixture(scope="module")
def open_to_one(gateways):
    return gateways.start(gateways.developer(), cors={"allowed_origins": ["https://app.example"]})


@pytest.fixture(scope="module")
def open_to_all(gateways):
    return gateways.start(gateways.developer(), cors={"allowed_origins": ["*"]})


def told(response):
    """Status, and what is said to browsers."""
    response.read()
    names = [name for name, _ in response.headers if name.startswith("access-control-") or name == "vary"]
    return response.status, {name: response.header(name) for name in names}


def asks(connection, target, *headers):
    return told(connection.request("OPTIONS", target, None, list(headers)))


READABLE = {
    "access-control-allow-origin": "https://app.example", "access-control-expose-headers": "*", "vary": "origin",
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_page_may_ask_first(open_to_one, target):
    """A preflight needs no key, on any path; the connection goes on."""
    with Connection(open_to_one.port) as connection:
        for _ in range(2):
            assert asks(connection, target, PAGE, *ASKS) == (200, {
                **READABLE, "access-control-allow-methods": "GET, POST",
                "access-control-allow-headers": "*, authorization", "access-control-max-age": "7200",
            })


def test_a_question_before_has_a_name(open_to_one):
    """x-request-id is on every answer, the client's own where it sent one (GEN-009)."""
    with Connection(open_to_one.port) as connection:
        response = connection.request("OPTIONS", TARGETS[0], None, [PAGE, *ASKS, ("x-request-id", "asked-1")])
        response.read()
        assert response.header("x-request-id") == "asked-1"


def test_a_question_before_has_its_line_in_the_log(open_to_one):
    """As every request has: a page that cannot get in leaves a trace."""
    with Connection(open_to_one.port) as connection:
        connection.request("OPTIONS", TARGETS[0], None, [PAGE, *ASKS, ("x-request-id", "asked-2")]).read()
    line = open_to_one.access_entry("asked-2")
    assert (line["method"], line["path"], line["status"], line["client"]) == ("OPTIONS", TARGETS[0], 200, "")


@pytest.mark.parametrize("members, headers, status", [
    ({}, [BEARER], 200), ({"stream": True}, [BEARER], 200), ({"messages": 1}, [BEARER], 400), ({}, [], 401),
], ids=["answer", "stream", "mistake", "no key"])
def test_a_page_may_read_every_answer(open_to_one, upstream, members, headers, status):
    """Also errors, which a page could not tell apart otherwise."""
    with Connection(open_to_one.port) as connection:
        assert told(connection.chat(body(**members), [PAGE, *headers])) == (status, READABLE)


def test_what_is_too_large_may_be_read(gateways):
    program = gateways.start(
        gateways.developer(), limits={"max_body_bytes": 65536}, cors={"allowed_origins": ["https://app.example"]},
    )
    with Connection(program.port) as connection:
        assert told(connection.chat(b"x" * 65537, [PAGE, BEARER])) == (413, READABLE)
    program.stop()


def test_other_pages_are_told_nothing(open_to_one, upstream):
    """The answer is there for programs; a browser keeps it from the page. Caches learn that it depends on the origin."""
    with Connection(open_to_one.port) as connection:
        assert told(connection.chat(body(), [OTHER, BEARER])) == (200, {"vary": "origin"})
        assert told(connection.chat(body(), [BEARER])) == (200, {"vary": "origin"})
        assert asks(connection, TARGETS[0], OTHER, *ASKS) == (405, {"vary": "origin"})


def test_all_pages(open_to_all, upstream):
    with Connection(open_to_all.port) as connection:
        assert told(connection.chat(body(), [OTHER, BEARER])) == (
            200, {"access-control-allow-origin": "*", "access-control-expose-headers": "*"})
        assert asks(connection, TARGETS[0], OTHER, *ASKS)[0] == 200


def test_nothing_is_said_by_default(developer, upstream):
    with Connection(developer.port) as connection:
        assert told(connection.chat(body(), [PAGE, BEARER])) == (200, {})
        assert asks(connection, TARGETS[0], PAGE, *ASKS) == (405, {})
