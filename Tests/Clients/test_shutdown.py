"""The end of the process while requests run: what they are told, and when it is over."""

import re
import signal
import subprocess

import pytest

from outcomes import told_in_stream, whole_stream
from program import binary, clean_environment
from scenes import FLASH, user
from upstream import says, text_of
from wire import Connection, eventually, is_listening, message

TARGET = "/v1/chat/completions"


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


@pytest.fixture
def mortal(gateways, upstream):
    """Makes gateways that the test ends."""
    made = []

    def make(**members):
        made.append(gateways.start(gateways.managed(), "none", **members))
        return made[-1]

    yield make
    for program in made:
        program.stop()


def waits_between(gate, first="One ", second="two."):
    """A stream that waits in its middle."""

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of(first, finish=None))
        gate.wait(20)
        exchange.event(text_of(second))
        exchange.end()

    return behaviour


def test_a_drain_is_told_on_open_connections(mortal, upstream):
    """From the signal on `/readyz` is 503 and new requests are, with `Retry-After`; `/healthz` stays 200 (EP-009)."""
    program, gate = mortal(), upstream.gate()
    upstream.script(waits_between(gate))
    others = [Connection(program.port) for _ in range(3)]
    for other in others:
        assert other.request("GET", "/healthz").json() == {"status": "ok"}
    with Connection(program.port) as running:
        response = running.chat(body(stream=True))
        assert response.event()
        program.terminate()
        assert eventually(lambda: not is_listening(program.port))
        healthy = others[0].request("GET", "/healthz")
        assert healthy.json() == {"status": "ok"} and healthy.header("connection") == "close"
        ready = others[1].request("GET", "/readyz")
        assert ready.status == 503 and ready.error()["code"] == "service_unavailable"
        asked = others[2].chat(body())
        assert (asked.status, asked.header("retry-after"), asked.error()["code"]) == (503, "1", "service_unavailable")
        assert all(other.ends() for other in others)
        gate.set()
        assert whole_stream(response) == "two."
    assert program.wait() == 0
    assert len(upstream.requests) == 1


def test_the_drain_has_a_limit(mortal, upstream):
    """After `shutdown.drain_timeout` a stream gets one error event, a whole answer a 503; then the process ends."""
    program, gate = mortal(shutdown={"drain_timeout": "300ms"}), upstream.gate()

    def never(exchange):
        gate.wait(20)
        says("Too late.")(exchange)

    upstream.script(waits_between(gate), never)
    with Connection(program.port) as streaming, Connection(program.port) as waiting:
        response = streaming.chat(body(stream=True))
        assert response.event()["choices"][0]["delta"]["content"] == "One "
        waiting.send(message("POST", TARGET, body()))
        upstream.wait_for_requests(2)
        program.terminate()
        assert told_in_stream(response, "service_unavailable") == ""
        refused = waiting.response()
        assert (refused.status, refused.header("retry-after")) == (503, "1")
        assert refused.error()["code"] == "service_unavailable"
        assert streaming.ends() and waiting.ends()
    assert program.wait() == 0


def test_a_second_signal_ends_at_once(mortal, upstream):
    """Whoever asks twice does not wait for the limit; streams are told all the same."""
    program, gate = mortal(shutdown={"drain_timeout": "1h"}), upstream.gate()
    upstream.script(waits_between(gate))
    with Connection(program.port) as connection:
        response = connection.chat(body(stream=True))
        assert response.event()
        program.terminate()
        assert eventually(lambda: not is_listening(program.port)) and program.is_alive()
        program.process.send_signal(signal.SIGINT)
        assert told_in_stream(response, "service_unavailable") == ""
    assert program.wait(5) == 0


def test_a_slow_reader_gets_its_end(mortal, upstream):
    """An answer that is complete here, and not yet there, is not cut off."""
    program = mortal()
    text = "x" * 8_000_000
    upstream.script(says(text))
    with Connection(program.port, receive_buffer=65536) as connection:
        connection.send(message("POST", TARGET, body(), [("x-request-id", "slow-end")]))
        assert program.access_entry("slow-end", 20)["status"] == 200
        program.terminate()
        assert eventually(lambda: not is_listening(program.port))
        assert connection.response().json()["choices"][0]["message"]["content"] == text
        assert connection.ends()
    assert program.wait() == 0


def test_half_a_request_is_refused(mortal, upstream):
    """A request whose end has not come is told, not cut off."""
    program, gate = mortal(), upstream.gate()
    upstream.script(waits_between(gate))
    with Connection(program.port) as running, Connection(program.port) as half:
        response = running.chat(body(stream=True))
        assert response.event()
        half.send(message("POST", TARGET, body(user="x" * 1000))[:-500])
        program.terminate()
        refused = half.response()
        assert refused.status == 503 and refused.error()["code"] == "service_unavailable"
        gate.set()
        assert whole_stream(response) == "two."
    assert program.wait() == 0


def test_many_streams_end_well(mortal, upstream):
    """SIGTERM under 200 streams: each comes to its own end, none to another's."""
    program, gate, count = mortal(), upstream.gate(), 200
    upstream.script(*[waits_between(gate)] * count)
    connections = [Connection(program.port) for _ in range(count)]
    for connection in connections:
        connection.send(message("POST", TARGET, body(stream=True)))
    responses = [connection.response() for connection in connections]
    for response in responses:
        assert response.event()["choices"][0]["delta"]["content"] == "One "
    program.terminate()
    assert eventually(lambda: not is_listening(program.port))
    gate.set()
    assert [whole_stream(response) for response in responses] == ["two."] * count
    assert program.wait() == 0
    for connection in connections:
        connection.close()


def test_a_log_that_nobody_reads_does_not_hold_the_process(gateways):
    """A pipe that is full stops neither requests nor the end of the process."""
    configuration = {"listen": {"port": 0}, "auth": {"mode": "none"}, "backends": [gateways.managed()]}
    process = subprocess.Popen(
        [binary(), "serve", "--config", str(gateways.write(configuration))], env=clean_environment(gateways.folder),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    try:
        port = int(re.search(rb"http://127\.0\.0\.1:(\d+)", process.stdout.readline())[1])
        with Connection(port) as connection:
            for _ in range(400):  # Some 100 KiB of log; a pipe takes 64.
                assert connection.request("GET", "/healthz", headers=[("x-request-id", "r" * 128)]).read()
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
