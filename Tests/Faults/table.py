"""What an upstream can do wrong, and what a client may see of it.

Each fault is one row. It happens to the first attempt of a request only ("once"), or to every attempt ("ever"); a
request asks for a whole answer or for a stream. While nothing of the answer has reached the client, another attempt is
allowed: then a fault that happens once must not be seen at all.
"""

import dataclasses
import json
from typing import Callable

from upstream import chunk, error_of, event, stream_head, text_of

PIECES = ["Grüße ", "aus ", "日本 ", "🌞 ", "und Łódź."]
ANSWER = "".join(PIECES)
USAGE = {"prompt": 4, "completion": 3}


# What a client may see


@dataclasses.dataclass(frozen=True)
class Expected:
    """`kind` is "answer", "error" (an HTTP error) or "told" (the last event of a stream)."""

    kind: str
    status: int = 200
    code: str = ""
    #: How much of the answer comes before the error, in pieces.
    pieces: int = 0
    headers: tuple = ()
    usage: bool = True


HEALED = Expected("answer")
UNCOUNTED = Expected("answer", usage=False)


def error(status, code, **headers):
    return Expected("error", status, code, headers=tuple((k.replace("_", "-"), v) for k, v in headers.items()))


def told(code, pieces=2):
    return Expected("told", 200, code, pieces)


UNREACHABLE = error(502, "upstream_unreachable")
INVALID = error(502, "upstream_invalid_response")
EMPTY = error(502, "upstream_empty_response")
SILENT = error(504, "upstream_timeout")
BUSY = error(503, "service_unavailable")


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    act: Callable
    #: What is seen of a whole answer and of a stream when every attempt fails; `None`: it does not apply.
    whole: Expected | None
    stream: Expected | None
    #: The same when only the first attempt fails.
    whole_once: Expected | None = HEALED
    stream_once: Expected | None = HEALED
    #: The model, when the fault is one of a backend of its own.
    model: str = "google/gemini-2.5-flash"

    def expected(self, is_stream, is_once):
        if is_once:
            return self.stream_once if is_stream else self.whole_once
        return self.stream if is_stream else self.whole


# What upstream says when it is well


def document(index=None, **members):
    """The whole answer, or one event of it."""
    if index is None:
        return text_of(ANSWER, **members)
    is_last = index == len(PIECES) - 1
    made = text_of(PIECES[index], finish="STOP" if is_last else None, usage=(4, 3) if is_last else None, **members)
    return made


def whole_body():
    return json.dumps(document(), ensure_ascii=False).encode()


def events(**members):
    return [event(document(index, **members)) for index in range(len(PIECES))]


def head(length, kind="application/json", extra=""):
    return ("HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n%s\r\n" % (kind, length, extra)).encode()


def is_well(exchange):
    if exchange.request.is_stream:
        exchange.send(stream_head() + b"".join(map(chunk, events())) + b"0\r\n\r\n")
    else:
        exchange.send(head(len(whole_body())) + whole_body())


# What it does wrong


def breaks(how, whole=None, stream=None):
    """Sends some bytes, and is gone."""

    def act(exchange):
        data = stream if exchange.request.is_stream else whole
        if data:
            exchange.send(data())
        exchange.leave(how)

    return act


def body(data, kind="application/json", extra="", stream_kind=None):
    """Sends this body, whatever was asked for, in good HTTP."""

    def act(exchange):
        content = data() if callable(data) else data
        is_stream = exchange.request.is_stream
        exchange.send(head(len(content), (stream_kind or kind) if is_stream else kind, extra) + content)

    return act


def stream_of(*pieces, whole=None):
    """Sends a stream of these bytes, in good HTTP; to who asked for a whole answer, the good one."""

    def act(exchange):
        if not exchange.request.is_stream:
            return whole(exchange) if whole else is_well(exchange)
        exchange.send(stream_head())
        for piece in pieces:
            exchange.send(chunk(piece() if callable(piece) else piece))
        exchange.end()

    return act


def refuses(status, document, headers=()):
    def act(exchange):
        exchange.respond(status, json.dumps(document).encode(), headers=headers)

    return act


def is_silent(exchange):
    exchange.leave_when_left()


def begins(count, half=False):
    """The bytes of a stream up to so many events; `half`: and half of the next."""

    def data():
        made = events()
        sent = stream_head() + b"".join(map(chunk, made[:count]))
        if half:
            sent += b"%x\r\n" % len(made[count]) + made[count][: len(made[count]) // 2]
        return sent

    return data


def first_two():
    return b"".join(events()[:2])


def inside_a_character():
    """Up to the second byte of 日."""
    third = events()[2]
    return begins(2)() + b"%x\r\n" % len(third) + third[: third.index("日".encode()) + 2]


def half_a_body():
    return head(len(whole_body())) + whole_body()[: len(whole_body()) // 2]


def drips(exchange):
    """One byte at a time."""
    data = (stream_head() + b"".join(map(chunk, events())) + b"0\r\n\r\n") if exchange.request.is_stream else (
        head(len(whole_body())) + whole_body())
    for index in range(len(data)):
        exchange.send(data[index:index + 1])
        exchange.pause(0.001)


def wrong_length(difference):
    def act(exchange):
        kind = "text/event-stream" if exchange.request.is_stream else "application/json"
        content = b"".join(events()) if exchange.request.is_stream else whole_body()
        exchange.send(head(len(content) + difference, kind) + content)
        exchange.leave("close")

    return act


def huge(megabytes):
    """One event, or one answer, of so many megabytes."""

    def act(exchange):
        filler = b"x" * (1 << 20)
        start, end = whole_body().split(ANSWER.encode())
        if exchange.request.is_stream:
            exchange.send(stream_head() + chunk(b"data: " + start))
            for _ in range(megabytes):
                exchange.send(chunk(filler))
            exchange.send(chunk(end + b"\n\n") + b"0\r\n\r\n")
        else:
            exchange.send(head(len(start) + len(end) + megabytes * len(filler)) + start)
            for _ in range(megabytes):
                exchange.send(filler)
            exchange.send(end)

    return act


def with_usage(*counts):
    """A stream whose events carry these counts; `None`: none."""

    def data():
        made = []
        for index, piece in enumerate(PIECES):
            finish = "STOP" if index == len(PIECES) - 1 else None
            made.append(event(text_of(piece, finish=finish, usage=counts[index])))
        if len(counts) > len(PIECES):
            made.append(event({"usageMetadata": text_of("", usage=counts[-1])["usageMetadata"]}))
        return b"".join(made)

    return stream_of(data)


def reframed(change):
    """The good stream, framed otherwise."""
    return stream_of(lambda: change(b"".join(events())))


UNAVAILABLE = error_of(503, "UNAVAILABLE", "Busy.", retry="0.01s")
EXHAUSTED = error_of(429, "RESOURCE_EXHAUSTED", "Quota exceeded.")
UNAUTHENTICATED = error_of(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
HTML = b"<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>"


def limited(expected, *, retry=None, headers=()):
    said = error_of(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", retry=retry)
    return dict(act=refuses(429, said, headers), whole=expected, stream=expected, whole_once=expected, stream_once=expected)


def status(code, name, expected, once=HEALED):
    said = refuses(code, error_of(code, name, "It went wrong.", retry="0.01s"))
    return dict(act=said, whole=expected, stream=expected, whole_once=once, stream_once=once)


def well_formed(act):
    """Odd, but an answer: nothing is tried again."""
    return dict(act=act, whole=HEALED, stream=HEALED)


CONNECTION = [
    Fault("connection refused", None, UNREACHABLE, UNREACHABLE, None, None, model="refused"),
    Fault("TLS: a certificate of nobody's", None, UNREACHABLE, UNREACHABLE, None, None, model="untrusted"),
    Fault("TLS: the peer speaks none", None, UNREACHABLE, UNREACHABLE, None, None, model="plain"),
    Fault("TLS: the peer says nothing", None, SILENT, SILENT, None, None, model="hung"),
    Fault("accepted, then silent", is_silent, SILENT, SILENT, SILENT, SILENT),
    Fault("reset before the head", breaks("reset"), UNREACHABLE, UNREACHABLE),
    Fault("closed before the head", breaks("close"), UNREACHABLE, UNREACHABLE),
    Fault("half-closed before the head", breaks("half-close"), UNREACHABLE, UNREACHABLE),
    Fault("reset in the head", breaks("reset", *[lambda: b"HTTP/1.1 200 OK\r\ncontent-ty"] * 2),
          UNREACHABLE, UNREACHABLE),
    Fault("reset behind the head", breaks("reset", lambda: head(9), stream_head), UNREACHABLE, UNREACHABLE),
    Fault("reset in the body, before the first token", breaks("reset", half_a_body, begins(0, half=True)),
          UNREACHABLE, UNREACHABLE),
    Fault("half-closed in the body, before the first token", breaks("half-close", half_a_body, begins(0, half=True)),
          UNREACHABLE, UNREACHABLE),
    Fault("closed in an event, after the first token", breaks("close", None, begins(2, half=True)),
          None, told("upstream_unreachable"), None, told("upstream_unreachable")),
    Fault("closed between events, after the first token", breaks("close", None, begins(2)),
          None, told("upstream_unreachable"), None, told("upstream_unreachable")),
    Fault("half-closed after the first token", breaks("half-close", None, begins(2)),
          None, told("upstream_unreachable"), None, told("upstream_unreachable")),
    Fault("closed inside a UTF-8 character", breaks("close", None, inside_a_character),
          None, told("upstream_unreachable"), None, told("upstream_unreachable")),
    Fault("one byte at a time", drips, HEALED, HEALED),
]

CONTENT = [
    Fault("no HTTP", breaks("close", *[lambda: b"nonsense\r\n\r\n"] * 2), INVALID, INVALID),
    Fault("HTML at 200", body(HTML, "text/html"), INVALID, EMPTY),
    Fault("an empty 200", body(b"", stream_kind="text/event-stream"), INVALID, EMPTY),
    Fault("an object with nothing in it", body(b"{}"), EMPTY, EMPTY),
    Fault("an error in a list at 200", body(json.dumps([UNAVAILABLE]).encode()), BUSY, BUSY),
    Fault("an error as the first event", stream_of(event(UNAVAILABLE), whole=body(json.dumps(UNAVAILABLE).encode())),
          BUSY, BUSY),
    Fault("a bare error after the first token", stream_of(first_two, json.dumps(UNAVAILABLE, indent=1).encode()),
          None, told("service_unavailable"), None, told("service_unavailable")),
    Fault("truncated JSON", stream_of(lambda: b"data: " + whole_body()[:-40] + b"\n\n",
          whole=body(lambda: whole_body()[:-40])), INVALID, INVALID),
    Fault("truncated JSON after the first token", stream_of(first_two, lambda: events()[2][:-9] + b"\n\n"),
          None, told("upstream_invalid_response"), None, told("upstream_invalid_response")),
    Fault("broken gzip", body(b"\x1f\x8b\x08\x00broken", extra="content-encoding: gzip\r\n",
          stream_kind="text/event-stream"), INVALID, INVALID),
    Fault("Content-Length too long", wrong_length(40), UNREACHABLE, told("upstream_unreachable", 5),
          stream_once=told("upstream_unreachable", 5)),
    Fault("Content-Length too short", wrong_length(-40), INVALID, told("upstream_invalid_response", 4),
          stream_once=told("upstream_invalid_response", 4)),
    Fault("a frame of 100 MB", huge(100), None, INVALID, None, HEALED),
    Fault("no finish reason", stream_of(first_two), None, told("upstream_stream_incomplete"), None,
          told("upstream_stream_incomplete")),
    Fault("no finish reason, but [DONE]", stream_of(first_two, b"data: [DONE]\n\n"), None,
          told("upstream_stream_incomplete"), None, told("upstream_stream_incomplete")),
]

FRAMING = [
    Fault("lines end in CRLF", **well_formed(reframed(lambda data: data))),
    Fault("lines end in LF", **well_formed(reframed(lambda data: data.replace(b"\r\n", b"\n")))),
    Fault("lines end in CR", **well_formed(reframed(lambda data: data.replace(b"\r\n", b"\r")))),
    Fault("byte order mark", **well_formed(reframed(lambda data: b"\xef\xbb\xbf" + data))),
    Fault("comments", **well_formed(reframed(lambda data: b": hello\n\n" + data.replace(b"\r\n\r\n", b"\n\n:\n\n")))),
    Fault("event:, id: and retry: lines", **well_formed(
        reframed(lambda data: data.replace(b"data: ", b"event: x\nid: 1\nretry: 5\ndata:")))),
    Fault("no blank line at the end", **well_formed(reframed(bytes.rstrip))),
    Fault("[DONE] at the end", **well_formed(reframed(lambda data: data + b"data: [DONE]\n\n"))),
    Fault("an event cut at every byte", **well_formed(
        stream_of(*[data[i:i + 1] for data in [b"".join(events())] for i in range(len(data))]))),
    Fault("early hints before the head", **well_formed(
        lambda exchange: (exchange.send(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"), is_well(exchange)))),
    Fault("a finish reason in every event", **well_formed(reframed(
        lambda data: b"".join(event(text_of(p, finish="STOP")) for p in PIECES)))),
    Fault("usage before the text", **well_formed(with_usage((4, 3), None, None, None, None))),
    Fault("usage after the text", **well_formed(with_usage(None, None, None, None, None, (4, 3)))),
    Fault("usage twice", **well_formed(with_usage(None, (4, 1), None, None, (4, 3)))),
    Fault("usage never", **{**well_formed(with_usage(None, None, None, None, None)), "stream": UNCOUNTED,
                           "stream_once": UNCOUNTED}),
]

REFUSALS = [
    Fault("429 without a delay", **limited(error(429, "rate_limit_exceeded", retry_after=None, retry_after_ms=None))),
    Fault("429 with RetryInfo", **limited(
        error(429, "rate_limit_exceeded", retry_after="35", retry_after_ms="34074"), retry="34.074s")),
    Fault("429 with Retry-After in seconds", **limited(
        error(429, "rate_limit_exceeded", retry_after="7"), headers=[("retry-after", "7")])),
    Fault("429 with Retry-After as a date long past", **limited(
        error(429, "rate_limit_exceeded", retry_after="0"),
        headers=[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")])),
    Fault("429 with both", **limited(
        error(429, "rate_limit_exceeded", retry_after="2"), retry="1.5s", headers=[("retry-after", "9")])),
    Fault("429 with a delay that is none", **limited(
        error(429, "rate_limit_exceeded", retry_after=None), retry="soon", headers=[("retry-after", "later")])),
    Fault("429 for longer than clients wait", **limited(
        error(429, "rate_limit_exceeded", x_should_retry="false"), retry="500s")),
    Fault("401", **status(401, "UNAUTHENTICATED", error(502, "upstream_authentication_failed", x_should_retry="false"))),
    Fault("408", **status(408, "UNKNOWN", error(408, "upstream_error"))),
    Fault("500", **status(500, "INTERNAL", error(500, "upstream_error"))),
    Fault("502", **status(502, "UNKNOWN", error(502, "upstream_error"))),
    Fault("503", **status(503, "UNAVAILABLE", BUSY)),
    Fault("504", **status(504, "DEADLINE_EXCEEDED", SILENT, SILENT)),
    Fault("400", **status(400, "INVALID_ARGUMENT", *[error(400, "invalid_argument")] * 2)),
]

ALL = CONNECTION + CONTENT + FRAMING + REFUSALS
