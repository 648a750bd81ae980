"""Upstream says no, or will not have the token; what a client is told of it, and that it goes on afterwards."""

import json

import pytest

from outcomes import KEY, body, goes_on, refusal, serves, told_in_stream, whole_stream
from upstream import UNAVAILABLE, chunk, error_of, event, responds, says, stream_head, streams, text_of
from wire import Connection, eventually


# Upstream: says no


def test_errors_in_a_list_are_unwrapped(managed, upstream, connection):
    """Google's one-element list becomes an object (ERR-002)."""
    for stream in (False, True):
        upstream.script(responds(400, [error_of(400, "INVALID_ARGUMENT", "Bad request.")]))
        error = refusal(connection.chat(body(stream=stream), [KEY]), 400, "invalid_argument")
        assert (error["message"], error["status"], error["param"]) == ("Bad request.", "INVALID_ARGUMENT", None)
        goes_on(managed, connection)


@pytest.mark.parametrize(
    "said, message",
    [
        ({"error": "Overloaded", "error_type": "overloaded"}, "Overloaded"),
        ({"object": "error", "message": "From vLLM", "code": 400}, "From vLLM"),
        ({"detail": "From FastAPI"}, "From FastAPI"),
        ({"error": {"message": json.dumps(error_of(400, "INVALID_ARGUMENT", "Inner."))}}, "Inner."),
        ({}, "Upstream returned HTTP 400."),
    ],
)
def test_errors_of_other_shapes_are_read(managed, upstream, connection, said, message):
    """Text Generation Inference, vLLM, FastAPI, and errors inside errors (ERR-004)."""
    upstream.script(responds(400, said))
    response = connection.chat(body(), [KEY])
    assert response.status == 400
    assert response.error()["message"] == message
    goes_on(managed, connection)


def test_secrets_in_errors_are_blotted_out(managed, upstream, connection):
    """Tokens and keys in upstream's words do not reach the client (CRED-010)."""
    key = "AIza" + "A" * 35
    words = "Bad Authorization: Bearer ya29.secret-token and key %s here" % key
    detail = {"@type": "type.googleapis.com/google.rpc.DebugInfo", "detail": "token ya29.other-secret"}
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", words, details=[detail])))
    raw = connection.chat(body(), [KEY]).read()
    for secret in (b"ya29.", key.encode(), b"secret-token", b"other-secret"):
        assert secret not in raw, raw
    goes_on(managed, connection)


def test_an_error_as_the_first_event_is_retried(managed, upstream, connection):
    """What a plain 503 would get, a 503 inside a 200 stream gets too (STREAM-004)."""
    upstream.script(streams(UNAVAILABLE), says("Back."))
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "Back."
    assert len(upstream.requests) == 2
    goes_on(managed, connection)


@pytest.mark.parametrize(
    "said",
    [
        streams(error_of(429, "RESOURCE_EXHAUSTED", "No more.")),
        streams([error_of(429, "RESOURCE_EXHAUSTED", "No more.")]),
        lambda e: e.send(stream_head() + chunk(json.dumps(error_of(429, "RESOURCE_EXHAUSTED", "No more."), indent=1).encode()) + b"0\r\n\r\n"),
        lambda e: e.send(stream_head() + chunk(json.dumps([error_of(429, "RESOURCE_EXHAUSTED", "No more.")], indent=1).encode()) + b"0\r\n\r\n"),
        responds(200, error_of(429, "RESOURCE_EXHAUSTED", "No more.")),
    ],
    ids=["an event", "a list in an event", "bare", "a bare list", "a JSON body"],
)
def test_an_error_as_the_first_event_is_an_http_error(managed, upstream, connection, said):
    """Never a 200 stream (STREAM-004, STREAM-008, STREAM-062)."""
    upstream.script(said)
    error = refusal(connection.chat(body(stream=True), [KEY]), 429, "rate_limit_exceeded")
    assert error["message"] == "No more."
    goes_on(managed, connection)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_error_later_in_the_stream(managed, upstream, connection, bare, wrapped):
    """As an event or as a bare JSON body, alone or in a list: one error event, no `[DONE]` (STREAM-008, STREAM-060)."""
    error = error_of(503, "UNAVAILABLE", "Gone.")
    document = [error] if wrapped else error
    said = json.dumps(document, indent=2).encode() if bare else event(document)
    first = event(text_of("Grüße ", finish=None))
    upstream.script(lambda e: e.send(stream_head() + chunk(first) + chunk(said) + b"0\r\n\r\n"))
    assert told_in_stream(connection.chat(body(stream=True), [KEY]), "service_unavailable") == "Grüße "
    goes_on(managed, connection)


def test_an_error_behind_the_finish_reason_is_still_told(managed, upstream, connection):
    """The finish reason is held until upstream's end, so an error may still come (STREAM-025, STREAM-060)."""
    upstream.script(streams(text_of("All said."), error_of(500, "INTERNAL", "Oops.")))
    assert told_in_stream(connection.chat(body(stream=True), [KEY]), "upstream_error") == "All said."
    goes_on(managed, connection)


def test_a_burst_of_503_is_retried_once(managed, upstream, connection):
    """One more attempt by default; then the error is told (ERR-050, ERR-051)."""
    upstream.script(responds(503, UNAVAILABLE), says("Back."))
    assert connection.chat(body(), [KEY]).json()["choices"][0]["message"]["content"] == "Back."
    assert len(upstream.requests) == 2
    upstream.script(responds(503, UNAVAILABLE), responds(503, UNAVAILABLE), says("Never asked for."))
    refusal(connection.chat(body(), [KEY]), 503, "service_unavailable")
    assert len(upstream.requests) == 4
    upstream.reset()
    goes_on(managed, connection)


@pytest.mark.parametrize("status, name", [
    (400, "INVALID_ARGUMENT"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND"), (409, "ABORTED"),
    (429, "RESOURCE_EXHAUSTED"), (500, "UNKNOWN"), (500, "DATA_LOSS"),
])
def test_a_refusal_is_not_retried(managed, upstream, connection, status, name):
    """What will not change is asked for once (ERR-051, ERR-053)."""
    upstream.script(responds(status, error_of(status, name)))
    assert connection.chat(body(), [KEY]).status == status
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_a_429_carries_its_delay(managed, upstream, connection, stream):
    """`RetryInfo` becomes both headers, rounded up (ERR-040, 05 § 6)."""
    said = [error_of(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", retry="34.074s")]
    upstream.script(responds(429, said))
    response = connection.chat(body(stream=stream), [KEY])
    assert (response.header("retry-after"), response.header("retry-after-ms")) == ("35", "34074")
    assert response.json() == {
        "error": {
            "code": "rate_limit_exceeded", "message": "Quota exceeded.", "param": None, "type": "rate_limit_error",
            "status": "RESOURCE_EXHAUSTED", "details": said[0]["error"]["details"],
        }
    }
    goes_on(managed, connection)


def test_upstreams_own_retry_after_is_passed_on(managed, upstream, connection):
    """Without `RetryInfo` the header counts; without both there is none (ERR-041, ERR-042)."""
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED"), [("retry-after", "7")]))
    response = connection.chat(body(), [KEY])
    assert response.status == 429 and response.header("retry-after") == "7"
    response.read()
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED")))
    response = connection.chat(body(), [KEY])
    assert response.header("retry-after") is None and response.header("retry-after-ms") is None
    response.read()
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", retry="500s")))
    response = connection.chat(body(), [KEY])
    assert response.header("x-should-retry") == "false", "ERR-044"


@pytest.mark.parametrize(
    "said, told",
    [
        ([("retry-after-ms", "300")], ("1", "300")),
        ([("retry-after", "7"), ("retry-after-ms", "6500.5")], ("7", "6501")),
        ([("retry-after-ms", "soon"), ("retry-after", "2")], ("2", "2000")),
        ([("retry-after", "0.25")], ("1", "250")),
        ([("retry-after", "-1")], (None, None)),
        ([("retry-after", "inf")], (None, None)),
        ([("retry-after-ms", "1" * 40)], (None, None)),
    ],
)
def test_a_delay_may_be_told_in_parts_of_a_second(managed, upstream, connection, said, told):
    """`retry-after-ms` goes before `retry-after`, as OpenAI's SDKs read them; what is no number is none (ERR-041)."""
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED"), said))
    response = connection.chat(body(), [KEY])
    assert (response.header("retry-after"), response.header("retry-after-ms")) == told
    refusal(response, 429, "rate_limit_exceeded")


@pytest.mark.parametrize("status, name", [(500, "UNKNOWN"), (429, "RESOURCE_EXHAUSTED"), (400, "INVALID_ARGUMENT")])
@pytest.mark.parametrize("said, told", [("false", "false"), ("true", "true"), ("maybe", None)])
def test_whether_to_retry_is_the_upstreams_word(managed, upstream, connection, status, name, said, told):
    """OpenAI's SDKs obey `x-should-retry` before they look at the status: it reaches them (ERR-043)."""
    upstream.script(responds(status, error_of(status, name), [("x-should-retry", said)]))
    response = connection.chat(body(), [KEY])
    assert (response.status, response.header("x-should-retry")) == (status, told)
    response.read()


def test_the_gateway_obeys_the_upstreams_word_itself(managed, upstream, connection):
    """What would be tried again is not, where the upstream says so (ERR-051)."""
    upstream.script(responds(503, error_of(503, "UNAVAILABLE"), [("x-should-retry", "false")]))
    assert connection.chat(body(), [KEY]).status == 503
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "said", ["9223372036854775807", "9223372036854775", "1000000000", "Wed, 21 Oct 2026 9223372036854775807:00:00 GMT"]
)
def test_a_delay_beyond_all_reason_is_none(managed, upstream, connection, said):
    """Who waits for thirty years waits for nothing: there is no header, and nothing else goes wrong (ERR-041)."""
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED"), [("retry-after", said)]))
    response = connection.chat(body(), [KEY])
    assert response.status == 429 and response.header("retry-after") is None
    response.read()
    goes_on(managed, connection)


# Tokens


UNAUTHENTICATED = error_of(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")


@pytest.mark.parametrize("stream", [False, True])
def test_an_expired_token_is_refreshed_once(managed, upstream, connection, stream):
    """A 401 for the gateway's own token costs one refresh, and the client does not see it (CRED-008)."""
    serves(connection)
    upstream.reset()
    upstream.script(responds(401, [UNAUTHENTICATED]), says("With a new token."))
    response = connection.chat(body(stream=stream), [KEY])
    text = whole_stream(response) if stream else response.json()["choices"][0]["message"]["content"]
    assert text == "With a new token."
    first, second = (r.header("authorization") for r in upstream.requests)
    assert first != second and len(upstream.token_requests) == 1
    goes_on(managed, connection)


def test_a_token_that_is_still_refused(managed, upstream, connection):
    """502 without detail, which the SDK must not repeat (CRED-009)."""
    upstream.script(responds(401, UNAUTHENTICATED), responds(401, UNAUTHENTICATED))
    response = connection.chat(body(), [KEY])
    assert response.header("x-should-retry") == "false"
    error = refusal(response, 502, "upstream_authentication_failed")
    assert "token-" not in error["message"] and len(upstream.requests) == 2
    goes_on(managed, connection)


def test_a_token_endpoint_that_fails(gateways, upstream):
    """Without a token: 502, nothing goes upstream; with one again, it goes on (CRED-008, CRED-009)."""
    upstream.token_behaviour = responds(503, {"error": "busy"})
    program = gateways.start(gateways.managed())
    with Connection(program.port) as connection:
        response = connection.chat(body(), [KEY])
        assert response.header("x-should-retry") == "false"
        refusal(response, 502, "upstream_authentication_failed")
        assert upstream.requests == []
        upstream.token_behaviour = None

        def recovers():
            answer = connection.chat(body(), [KEY])
            answer.read()
            return answer.status == 200

        assert eventually(recovers, 15)
        goes_on(program, connection)
    program.stop()
