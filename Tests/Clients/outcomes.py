"""How a request that met a fault ends: what is checked of the answer, and that all goes on afterwards."""

import time

from scenes import FLASH, user
from upstream import DEFAULT_TEXT, Moment
from wire import Connection

KEY = ("authorization", "Bearer sk-pollux-clients-0001")
TARGET = "/v1/chat/completions"


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


def serves(connection):
    """One ordinary request, and its ordinary answer."""
    response = connection.chat(body(), [KEY])
    assert response.status == 200, response.read()
    return response.json()["choices"][0]["message"]["content"] == DEFAULT_TEXT


def goes_on(program, connection=None):
    """The next request works: on this connection, and on a new one."""
    assert program.is_alive()
    if connection is not None:
        assert serves(connection)
    with Connection(program.port) as fresh:
        assert serves(fresh)
    assert program.is_alive()


def refusal(response, status, code):
    """An HTTP error of this status and code, marked with the request's id (ERR-001, GEN-009)."""
    assert response.status == status, (response.status, response.read())
    assert response.header("content-type") == "application/json"
    assert response.header("x-request-id")
    error = response.error()
    assert error["code"] == code, error
    return error


def told_in_stream(response, code):
    """A 200 stream whose last event is an error; before it, chunks without a finish reason (STREAM-060)."""
    assert response.status == 200, response.read()
    *chunks, last = [e for e in response.events() if not isinstance(e, str) or not e.startswith(":")]
    assert b"[DONE]" not in response.body
    assert set(last) == {"error"}, last
    assert last["error"]["code"] in ({code} if isinstance(code, str) else code), last
    assert all(c["finish_reason"] is None for e in chunks for c in e["choices"])
    return "".join(c["delta"].get("content", "") for e in chunks for c in e["choices"])


def whole_stream(response):
    """A 200 stream that ends well; gives its text."""
    assert response.status == 200, response.read()
    *chunks, done = [e for e in response.events() if not isinstance(e, str) or not e.startswith(":")]
    assert done == "[DONE]"
    assert [c["finish_reason"] for e in chunks for c in e["choices"]][-1]
    return "".join(c["delta"].get("content", "") for e in chunks for c in e["choices"])


def offers(upstream, offered, rounds, last):
    """Scripts a stream of more than is taken at once: `offered`, so many times, and `last`.

    Gives the moment at which no more is taken, with the bytes until then, and the gate behind which it goes on.
    """
    taken, full, total = Moment(), upstream.gate(), 0

    def behaviour(exchange):
        nonlocal total
        exchange.begin()
        for _ in range(rounds):
            rest = memoryview(offered)
            while rest:
                sent = exchange.send_slowly(rest, time.monotonic() + 0.5)
                total += sent
                rest = rest[sent:]
                if not sent and not full.is_set():
                    taken.happens(total)
                    full.wait(10)
        exchange.send(last)
        exchange.end()
        taken.happens(total)

    upstream.script(behaviour)
    return taken, full
