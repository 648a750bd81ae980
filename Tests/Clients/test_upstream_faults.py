"""What goes wrong upstream; and that it goes on afterwards.

After every fault the same connection (where HTTP allows it) and a new one serve the next request, the process is
alive, and no stream that broke ends in `[DONE]` (STREAM-060).
"""

import gzip
import json
import threading
import time

import pytest

from outcomes import KEY, body, goes_on, refusal, serves, told_in_stream, whole_stream
from upstream import (
    DEFAULT_TEXT, Moment, answer_of, chunk, error_of, event, responds, says, sends, stream_head, streams,
    text_of,
)
from wire import Connection, eventually


# Upstream: not there, or not Gemini


@pytest.mark.parametrize("stream", [False, True])
def test_upstream_refuses_connections(managed, upstream, connection, stream):
    """502 `upstream_unreachable`, after one more try (ERR-025, ERR-051)."""
    serves(connection)
    upstream.refuse()
    try:
        response = connection.chat(body(stream=stream), [KEY])
        refusal(response, 502, "upstream_unreachable")
        entry = managed.access_entry(response.header("x-request-id"))
        assert entry["retries"] == 1 and entry["status"] == 502
    finally:
        upstream.accept()
    goes_on(managed, connection)


HTML = b"<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>"


def html(status):
    return lambda exchange: exchange.respond(status, HTML, content_type="text/html")


@pytest.mark.parametrize("stream", [False, True])
def test_upstream_answers_html(managed, upstream, connection, stream):
    """A web page is no answer: 502 (RESP-042)."""
    upstream.script(html(200), html(200))
    response = connection.chat(body(stream=stream), [KEY])
    error = refusal(response, 502, "upstream_empty_response" if stream else "upstream_invalid_response")
    assert error["message"] == "The upstream's answer could not be read: it came as text/html."
    upstream.reset()
    goes_on(managed, connection)


def compressed(status, document, content_type="application/json"):
    data = gzip.compress(document)
    return lambda e: e.respond(status, data, headers=[("content-encoding", "gzip")], content_type=content_type)


@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_in_a_coding_that_nobody_asked_for(upstream, connection, stream, content_type):
    """The error names it, so that whoever runs the gateway finds the proxy that did it (RESP-042)."""
    said = compressed(200, b"data: {}\n\n" if content_type == "text/event-stream" else b"{}", content_type)
    upstream.script(*[said] * 2)
    error = refusal(connection.chat(body(stream=stream), [KEY]), 502, "upstream_invalid_response")
    assert error["message"] == "The upstream's answer could not be read: it came as gzip."


def test_an_error_in_a_coding_that_nobody_asked_for(upstream, connection):
    """What cannot be read is not told: the status remains (ERR-004)."""
    upstream.script(compressed(403, b'{"error":{"message":"No."}}'))
    error = refusal(connection.chat(body(), [KEY]), 403, "permission_denied")
    assert error["message"] == "Upstream returned HTTP 403."


@pytest.mark.parametrize("stream", [False, True])
def test_upstream_answers_an_html_error(managed, upstream, connection, stream):
    """A proxy's page becomes an error with its words, without its tags (ERR-004, ERR-027)."""
    upstream.script(html(502), html(502))
    error = refusal(connection.chat(body(stream=stream), [KEY]), 502, "upstream_error")
    assert error["type"] == "server_error"
    assert "It works!" in error["message"] and "<" not in error["message"]
    assert len(upstream.requests) == 2
    goes_on(managed, connection)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed(managed, upstream, connection, status):
    """It would carry credentials elsewhere: 502 (ERR-027)."""
    upstream.script(
        lambda e: e.respond(status, b"", headers=[("location", upstream.url + "/elsewhere")]),
        lambda e: e.respond(status, b"", headers=[("location", upstream.url + "/elsewhere")]),
    )
    response = connection.chat(body(), [KEY])
    assert response.status == 502 and response.error()["code"] == "upstream_error"
    assert not any("elsewhere" in r.target for r in upstream.requests)
    upstream.reset()
    goes_on(managed, connection)


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"7", b'"x"', b"{", b'{"candidates":[', b"\xff\xfe", b"[" * 100_000, b'{"candidates":7}']
)
def test_an_answer_that_makes_no_sense(managed, upstream, connection, answer):
    """502, whatever it is (RESP-041, RESP-042)."""
    nonsense = lambda exchange: exchange.respond(200, answer)
    upstream.script(nonsense, nonsense)
    response = connection.chat(body(), [KEY])
    assert response.status == 502, response.read()
    assert response.error()["code"] in ("upstream_invalid_response", "upstream_empty_response")
    upstream.reset()
    goes_on(managed, connection)


def test_an_empty_answer_is_asked_for_again(managed, upstream, connection):
    """Nothing at all is repeated once, then told (RESP-041)."""
    upstream.script(responds(200, {"candidates": []}), says("Second."))
    assert connection.chat(body(), [KEY]).json()["choices"][0]["message"]["content"] == "Second."
    upstream.script(responds(200, {}), responds(200, {}))
    refusal(connection.chat(body(), [KEY]), 502, "upstream_empty_response")
    assert len(upstream.requests) == 4
    goes_on(managed, connection)


def test_a_malformed_call_is_asked_for_again(managed, upstream, connection):
    """A sampling accident is repeated once, streamed or not (RESP-031)."""
    accident = answer_of({"finishReason": "MALFORMED_FUNCTION_CALL"})
    upstream.script(responds(200, accident), says("Better."))
    assert connection.chat(body(), [KEY]).json()["choices"][0]["message"]["content"] == "Better."
    upstream.script(streams(accident), says("Better."))
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "Better."
    goes_on(managed, connection)


# Upstream: dies


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    "data", [b"", b"HTTP/1.1 200 OK\r\ncontent-ty", b"HTTP/1.1 2", b"nonsense\r\n\r\n"],
    ids=["before the head", "in the head", "in the status", "with nonsense"],
)
def test_upstream_dies_before_its_answer(once, upstream, stream, how, data):
    """An HTTP error of a server, never a 200 (ERR-025, STREAM-004)."""
    codes = {"upstream_unreachable"} if not data else {"upstream_unreachable", "upstream_invalid_response"}
    upstream.script(*[sends(data, how)] * 6)
    with Connection(once.port) as connection:
        response = connection.chat(body(stream=stream), [KEY])
        assert response.status == 502
        assert response.error()["code"] in codes
        upstream.reset()
        goes_on(once, connection)


@pytest.mark.parametrize("stream", [False, True])
def test_one_death_is_not_noticed(managed, upstream, connection, stream):
    """A fresh connection that could not be made is tried again (ERR-051)."""
    serves(connection)
    upstream.refuse()
    response = []
    asking = threading.Thread(target=lambda: response.append(connection.chat(body(stream=stream), [KEY])))
    asking.start()
    upstream.accept()
    asking.join(10)
    text = whole_stream(response[0]) if stream else response[0].json()["choices"][0]["message"]["content"]
    assert text == DEFAULT_TEXT
    goes_on(managed, connection)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_upstream_dies_in_its_body(managed, upstream, connection, how):
    """Half an answer is no answer: 502 (ERR-025)."""
    whole = json.dumps(text_of("Half an answer")).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(whole)
    upstream.script(*[sends(head + whole[:40], how)] * 2)
    response = connection.chat(body(), [KEY])
    assert response.status == 502
    response.error()
    upstream.reset()
    goes_on(managed, connection)


FIRST = event(text_of("Grüße ", finish=None))
SECOND = event(text_of("🌞 aus Łódź"))
LATER_DEATHS = {
    "between events": chunk(FIRST),
    "inside an event": chunk(FIRST) + chunk(SECOND[:20]),
    "inside a character": chunk(FIRST) + chunk(SECOND[: SECOND.index("🌞".encode()) + 2]),
    "inside a chunk": chunk(FIRST) + chunk(SECOND)[:30],
    "inside a chunk's size": chunk(FIRST) + b"4",
}


@pytest.mark.parametrize("data", LATER_DEATHS.values(), ids=LATER_DEATHS)
@pytest.mark.parametrize("how", ["close", "reset"])
def test_upstream_dies_in_its_stream(managed, upstream, connection, how, data):
    """What was said is kept, then the error is told (STREAM-060)."""
    codes = {"upstream_unreachable", "upstream_invalid_response"}
    seen = upstream.gate()

    def behaviour(exchange):
        exchange.send(stream_head() + chunk(FIRST))
        seen.wait(10)
        exchange.send(data[len(chunk(FIRST)):])
        exchange.leave(how)

    upstream.script(behaviour)
    response = connection.chat(body(stream=True), [KEY])
    assert response.event()["choices"][0]["delta"]["content"] == "Grüße "
    seen.set()
    assert told_in_stream(response, codes) == ""
    goes_on(managed, connection)


def test_a_stream_that_ends_inside_a_character(managed, upstream, connection):
    """An unreadable last event of a body that ended in order is told as such (STREAM-060, STREAM-007)."""
    cut = SECOND[: SECOND.index("🌞".encode()) + 2]
    upstream.script(lambda e: e.send(stream_head() + chunk(FIRST) + chunk(cut) + b"0\r\n\r\n"))
    assert told_in_stream(connection.chat(body(stream=True), [KEY]), "upstream_invalid_response") == "Grüße "
    goes_on(managed, connection)


@pytest.mark.parametrize("bad", [b"data: {nonsense\r\n\r\n", b"data: [1,2]\r\n\r\n", b'data: "x"\r\n\r\n', b"data: {\"a\":\"\xff\"}\r\n\r\n"])
def test_an_event_that_makes_no_sense(managed, upstream, connection, bad):
    """The stream ends with an error, not with an invention (STREAM-060)."""
    upstream.script(lambda e: e.send(stream_head() + chunk(FIRST) + chunk(bad) + chunk(SECOND) + b"0\r\n\r\n"))
    assert told_in_stream(connection.chat(body(stream=True), [KEY]), "upstream_invalid_response") == "Grüße "
    goes_on(managed, connection)


def test_events_may_be_cut_anywhere(managed, upstream, connection):
    """At every byte, inside characters and between `\\r` and `\\n` (STREAM-007)."""
    data = b"\xef\xbb\xbf: hello\r\n\r\n" + FIRST + SECOND + b"data: [DONE]\r\n\r\n"

    def behaviour(exchange):
        exchange.send(stream_head())
        for index in range(len(data)):
            exchange.send(chunk(data[index:index + 1]))
        exchange.end()

    upstream.script(behaviour)
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "Grüße 🌞 aus Łódź"
    goes_on(managed, connection)


def test_a_last_event_without_its_blank_line_counts(managed, upstream, connection):
    """A stream's last event is read although its end is missing (STREAM-007)."""
    upstream.script(lambda e: e.send(stream_head() + chunk(FIRST + SECOND.rstrip()) + b"0\r\n\r\n"))
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "Grüße 🌞 aus Łódź"
    goes_on(managed, connection)


@pytest.mark.parametrize("ending", [b"", b"data: [DONE]\r\n\r\n", b": bye\r\n\r\n"])
def test_a_stream_without_a_finish_reason(managed, upstream, connection, ending):
    """Nobody said why it ended, so it did not end well: also when upstream says `[DONE]` (STREAM-061)."""
    upstream.script(*[lambda e: e.send(stream_head() + chunk(FIRST + ending) + b"0\r\n\r\n")] * 2)
    assert told_in_stream(connection.chat(body(stream=True), [KEY]), "upstream_stream_incomplete") == "Grüße "
    upstream.reset()
    goes_on(managed, connection)


def test_a_stream_of_nothing(managed, upstream, connection):
    """Repeated once; then 502, not an empty answer (RESP-041, STREAM-004)."""
    upstream.script(streams(), streams())
    refusal(connection.chat(body(stream=True), [KEY]), 502, "upstream_empty_response")
    assert len(upstream.requests) == 2
    goes_on(managed, connection)


def test_a_stream_that_is_a_body(managed, upstream, connection):
    """A proxy that gathered the stream into a JSON array, or a single answer, is understood (STREAM-062)."""
    upstream.script(responds(200, [text_of("One ", finish=None), text_of("two")]))
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "One two"
    upstream.script(responds(200, text_of("Three")))
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "Three"
    listed = json.dumps([text_of("One ", finish=None), text_of("two")]).encode()
    upstream.script(lambda exchange: exchange.respond(200, listed, content_type="text/event-stream"))
    assert whole_stream(connection.chat(body(stream=True), [KEY])) == "One two"
    goes_on(managed, connection)


# Upstream: silent


def hangs(left):
    return lambda exchange: exchange.see_leaving(left)


def test_upstream_never_answers(impatient, upstream):
    """504 `upstream_timeout`; the upstream call is given up (ERR-026)."""
    for stream in (False, True):
        left = Moment()
        upstream.script(hangs(left))
        with Connection(impatient.port) as connection:
            began = time.monotonic()
            refusal(connection.chat(body(stream=stream), [KEY]), 504, "upstream_timeout")
            assert 0.9 < time.monotonic() - began < 5
            left.wait(5)
            goes_on(impatient, connection)


def test_upstream_stops_inside_its_body(impatient, upstream):
    """The whole body must come in time (ERR-026)."""
    left = Moment()

    def behaviour(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{")
        exchange.see_leaving(left)

    upstream.script(behaviour)
    with Connection(impatient.port) as connection:
        refusal(connection.chat(body(), [KEY]), 504, "upstream_timeout")
        left.wait(5)
        goes_on(impatient, connection)


def test_upstream_stops_inside_its_stream(impatient, upstream):
    """A stream that falls silent ends with `upstream_timeout` (STREAM-011)."""
    left = Moment()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("One", finish=None))
        exchange.see_leaving(left)

    upstream.script(behaviour)
    with Connection(impatient.port) as connection:
        assert told_in_stream(connection.chat(body(stream=True), [KEY]), "upstream_timeout") == "One"
        left.wait(5)
        goes_on(impatient, connection)


def test_a_slow_stream_is_not_idle(impatient, upstream):
    """The limit is on silence, not on the whole: a stream may take longer than it (STREAM-011)."""

    def behaviour(exchange):
        exchange.begin()
        pause = threading.Event()
        for _ in range(6):
            exchange.event(text_of("x", finish=None))
            pause.wait(0.3)
        exchange.event(text_of("!"))
        exchange.end()

    upstream.script(behaviour)
    with Connection(impatient.port) as connection:
        assert whole_stream(connection.chat(body(stream=True), [KEY])) == "xxxxxx!"


def test_comments_keep_a_quiet_stream_alive(hasty, upstream):
    """While upstream is quiet the client gets comments, and then its answer (STREAM-006)."""
    gate = upstream.gate()

    def behaviour(exchange):
        gate.wait(10)
        says("At last.")(exchange)

    upstream.script(behaviour)
    with Connection(hasty.port) as connection:
        response = connection.chat(body(stream=True), [KEY])
        assert response.status == 200
        assert response.event() == ": keep-alive" and response.event() == ": keep-alive"
        gate.set()
        assert whole_stream(response) == "At last."
        goes_on(hasty, connection)


def test_an_error_behind_a_comment_is_told_in_the_stream(hasty, upstream):
    """Once the head is out there is no other place for it (STREAM-004, STREAM-060)."""
    gate = upstream.gate()

    def behaviour(exchange):
        gate.wait(10)
        responds(400, error_of(400, "INVALID_ARGUMENT", "No."))(exchange)

    upstream.script(behaviour)
    with Connection(hasty.port) as connection:
        response = connection.chat(body(stream=True), [KEY])
        assert response.event() == ": keep-alive"
        gate.set()
        assert told_in_stream(response, "invalid_argument") == ""
        goes_on(hasty, connection)


def test_a_comment_between_two_attempts(hasty, upstream):
    """Either the second attempt is made, or the first one's error is told; never silence (ERR-050, STREAM-006)."""
    upstream.script(responds(503, error_of(503, "UNAVAILABLE", "Busy.", retry="0.6s")), says("Back."))
    with Connection(hasty.port) as connection:
        response = connection.chat(body(stream=True), [KEY])
        assert response.status == 200
        assert response.event() == ": keep-alive"
        if len(upstream.wait_for_requests(1)) and eventually(lambda: len(upstream.requests) == 2, 0.9):
            assert whole_stream(response) == "Back."
        else:
            assert told_in_stream(response, "service_unavailable") == ""
        upstream.reset()
        goes_on(hasty, connection)


def test_a_whole_answer_gets_no_comments(hasty, upstream):
    """An unstreamed answer is one JSON document (STREAM-006)."""
    gate = upstream.gate()

    def behaviour(exchange):
        gate.wait(0.6)
        says("Fine.")(exchange)

    upstream.script(behaviour)
    with Connection(hasty.port) as connection:
        assert connection.chat(body(), [KEY]).json()["choices"][0]["message"]["content"] == "Fine."
