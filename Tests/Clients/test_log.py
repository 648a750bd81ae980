"""What the access log tells of a request: one line each, of facts and without contents."""

import json
import os
import re
import socket
import threading

import pytest

from conftest import ADMIN_TOKEN
from program import Program
from scenes import FLASH, user
from upstream import answer_of, candidate, responds, says, streams, text_of
from wire import Connection, eventually, is_listening

KEY = ("authorization", "Bearer sk-pollux-clients-0001")


def entry_of(program, name, body, **request):
    """The log's line of one request, made to its end."""
    with Connection(program.port) as connection:
        response = connection.chat(body, [KEY, ("x-request-id", name)], **request)
        received = response.read()
    return program.access_entry(name), received


def chat(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


COUNTED = {
    **text_of("Well."),
    "usageMetadata": {
        "promptTokenCount": 40, "candidatesTokenCount": 5, "thoughtsTokenCount": 7, "cachedContentTokenCount": 30,
        "totalTokenCount": 52,
    },
}


@pytest.mark.parametrize("stream", [False, True])
def test_a_line_tells_who_asked_what_and_what_it_took(managed, upstream, stream):
    upstream.script(streams(COUNTED) if stream else responds(200, COUNTED))
    entry, received = entry_of(managed, "told-%s" % stream, chat(stream=stream))
    assert {name: entry[name] for name in ("method", "path", "status", "client", "model", "backend", "location")} == {
        "method": "POST", "path": "/v1/chat/completions", "status": 200, "client": "suite",
        "model": "gemini-2.5-flash", "backend": "vertex", "location": "us-central1",
    }
    assert entry["stream"] is stream and entry["finish_reason"] == "stop"
    assert (entry["prompt_tokens"], entry["cached_tokens"]) == (40, 30)
    assert (entry["completion_tokens"], entry["thinking_tokens"]) == (12, 7)
    assert entry["bytes_out"] == len(received) and entry["bytes_in"] > 50
    assert 0 < entry["own_us"] <= (entry["ms"] + 1) * 1000 and 0 <= entry["upstream_ms"] <= entry["ms"]
    assert ("first_token_ms" in entry) is stream and "truncated" not in entry and "error" not in entry


def test_a_stream_that_breaks_off_is_marked(managed, upstream):
    """The line keeps what was counted until then (STREAM-060)."""
    begun = answer_of(candidate({"text": "One"}, finish=None), usage=(4, 3))

    def breaks(exchange):
        exchange.begin()
        exchange.event(begun)
        exchange.leave("close")

    upstream.script(breaks)
    entry, _ = entry_of(managed, "breaks-off", chat(stream=True))
    assert entry["truncated"] is True and entry["error"] == "upstream_unreachable"
    assert entry["prompt_tokens"] == 4 and "finish_reason" not in entry


def test_a_request_that_never_went_upstream_is_all_ours(managed, upstream):
    entry, _ = entry_of(managed, "never-upstream", {"messages": [user("Hi")]})
    assert entry["status"] == 400 and entry["error"] == "missing_required_parameter"
    assert "upstream_ms" not in entry and "model" not in entry
    assert upstream.requests == []


def test_what_is_no_http_has_its_line(managed):
    """Under the name that its answer has; of the request nobody could read more."""
    with Connection(managed.port) as connection:
        connection.send(b"NONSENSE\r\n\r\n")
        response = connection.response()
        response.read()
    entry = managed.access_entry(response.header("x-request-id"))
    assert (response.status, entry["status"], entry["error"]) == (400, 400, "invalid_http")


def test_a_request_whose_client_left_in_the_middle_has_its_line(managed, upstream):
    """With what had come of its body."""
    with Connection(managed.port) as connection:
        connection.send(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: half\r\ncontent-length: 50\r\n\r\n{\"model\"")
    entry = managed.access_entry("half")
    assert entry["status"] == 499 and entry["path"] == "/v1/chat/completions" and entry["bytes_in"] == 8
    assert upstream.requests == []


def test_contents_and_keys_are_in_no_line(managed, upstream):
    """Neither the question nor the answer nor the key, also where the query names one (CRED-010)."""
    upstream.script(says("The answer is a secret of its own."))
    before = len(managed.output)
    entry_of(
        managed, "no-contents", {"model": FLASH, "messages": [user("The question is a secret, too.")]},
        target="/v1/chat/completions?key=sk-query-secret",
    )
    lines = "\n".join(managed.output[before:])
    assert "no-contents" in lines
    for secret in ("answer is", "question is", "sk-query", "sk-pollux"):
        assert secret not in lines


def test_a_line_may_be_for_people(gateways, upstream):
    """Also where an upstream sends what a terminal would obey."""
    program = gateways.start(
        {"name": "vllm", "kind": "openai", "base_url": upstream.url + "/v1"}, "none", log={"format": "text"}
    )
    error = {"error": {"message": "No.", "type": "x", "param": None, "code": "\x1b[31mred\nline"}}
    upstream.script(responds(400, error))
    with Connection(program.port) as connection:
        connection.chat({"model": "m", "messages": [user("Hi")]}, [("x-request-id", "for-people")]).read()
    line = program.wait_for(lambda: next((line for line in program.output if "for-people" in line), None))
    assert " 400 POST /v1/chat/completions anonymous m@vllm " in line
    assert re.search(r" \d+(\.\d\d)? ms \(own \d+(\.\d\d)?\) ", line)
    assert line.isascii() and line.isprintable()


def test_a_pipe_that_does_not_wait_loses_no_line(gateways, upstream, tmp_path):
    """Whoever shares the program's standard output may have set it not to wait (O_NONBLOCK)."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    configuration = {
        "listen": {"port": 0}, "auth": {"mode": "none"}, "backends": [gateways.managed()],
        "admin": {"port": 0, "token": "env:ADMIN_TOKEN"},
    }
    program = Program(
        ["serve", "--config", str(gateways.write(configuration))], tmp_path, standard_output=writer,
        DEVELOPER_KEY="k", ADMIN_TOKEN=ADMIN_TOKEN)
    os.close(writer)
    gateways.programs.append(program)
    gathered = b""
    while b"The admin side" not in gathered:
        gathered += os.read(reader, 4096)
    port = int(re.search(rb"listens on http://127\.0\.0\.1:(\d+)", gathered)[1])
    count = 500  # Some 200 KB, where the pipe holds 64.
    with Connection(port) as connection:
        for number in range(count):
            connection.chat({"messages": []}, [("x-request-id", "in-the-pipe-%d" % number)]).read()
    program.terminate()
    while piece := os.read(reader, 65536):
        gathered += piece
    os.close(reader)
    assert program.wait() == 0
    told = [json.loads(line) for line in gathered.decode().splitlines() if line.startswith('{"time"')]
    assert [entry["request_id"] for entry in told] == ["in-the-pipe-%d" % number for number in range(count)]


def test_closed_standard_outputs_are_nobody_elses(tmp_path):
    """Numbers that are free would be those of a connection, or of the store, into which the log would go."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Program(["serve", "--port", str(port)], tmp_path, before=["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-'])
    try:
        assert eventually(lambda: is_listening(port), 20)
        opened = {number: os.readlink("/proc/%d/fd/%d" % (program.process.pid, number)) for number in range(3)}
        assert set(opened.values()) == {"/dev/null"}
    finally:
        program.stop()


# Server-Timing


def timings(response):
    return {
        name: float(duration)
        for name, duration in (part.split(";dur=") for part in response.header("server-timing").split(", "))
    }


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_tells_whose_time_it_took(managed, upstream, stream):
    """A slow upstream shows in its own part, and only there."""

    def slow(exchange):
        threading.Event().wait(0.2)
        says("Done.")(exchange)

    upstream.script(slow)
    with Connection(managed.port) as connection:
        response = connection.chat(chat(stream=stream), [KEY])
        response.read()
    told = timings(response)
    assert set(told) == {"own", "upstream"} and told["upstream"] >= 200 and 0 < told["own"] < 100


def test_an_error_tells_it_too_and_nothing_of_an_upstream_that_was_not_asked(managed):
    with Connection(managed.port) as connection:
        response = connection.chat({"messages": []}, [KEY])
        response.read()
    assert response.status == 400 and set(timings(response)) == {"own"}


def test_it_can_be_turned_off(gateways, upstream):
    program = gateways.start(gateways.managed(), "none", server_timing=False)
    with Connection(program.port) as connection:
        response = connection.chat(chat())
        response.read()
    assert response.status == 200 and response.header("server-timing") is None
