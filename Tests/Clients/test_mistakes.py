"""What a client can do wrong in a request; and that it goes on afterwards."""

import json
import threading

import pytest

from outcomes import KEY, TARGET, body, goes_on, refusal, serves, whole_stream
from scenes import FLASH, user
from upstream import DEFAULT_TEXT, says
from wire import Broken, Connection, message


@pytest.mark.parametrize(
    "data",
    [b"", b" ", b"{", b"}", b"nonsense", b'{"model":', b"{'model':1}", b'{"a":1,}', b'{"a":01}', b'{"a":1}{"b":2}',
     b'{"a":"\x01"}', b'{"a":"\\x"}', b'{"a":NaN}', b"\xff\xfe{\x00}\x00", b'{"model":"google/gemini-2.5-flash"'],
)
def test_a_body_that_is_no_json(managed, upstream, connection, data):
    """400 in OpenAI's words, without a code (05 § 2)."""
    error = refusal(connection.chat(data, [KEY]), 400, None)
    assert error["message"] == "We could not parse the JSON body of your request."
    assert upstream.requests == []
    goes_on(managed, connection)


@pytest.mark.parametrize("data", [b"[]", b'"text"', b"7", b"null", b"true"])
def test_a_body_that_is_no_object(managed, upstream, connection, data):
    """400 `invalid_type` (05 § 2)."""
    refusal(connection.chat(data, [KEY]), 400, "invalid_type")
    goes_on(managed, connection)


@pytest.mark.parametrize(
    "members, param",
    [
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": []}, "top_p"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"n": 1.5}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"seed": "x"}, "seed"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": ["Hi"]}, "messages[0]"),
        ({"messages": [{"role": 1, "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
        ({"tools": {}}, "tools"),
        ({"tools": [7]}, "tools[0]"),
        ({"response_format": 3}, "response_format"),
        ({"logit_bias": 3}, "logit_bias"),
        ({"reasoning_effort": 3}, "reasoning_effort"),
        ({"parallel_tool_calls": "no"}, "parallel_tool_calls"),
        ({"stream_options": {"include_usage": "yes"}, "stream": True}, "stream_options.include_usage"),
    ],
)
def test_a_value_of_the_wrong_type(managed, upstream, connection, members, param):
    """400 that names the parameter; nothing goes upstream (GEN-003)."""
    response = connection.chat(body(**members), [KEY])
    assert response.status == 400, response.read()
    error = response.error()
    assert error["type"] == "invalid_request_error" and error["param"] == param, error
    assert upstream.requests == []
    goes_on(managed, connection)


@pytest.mark.parametrize("role", ["robot", "", "User", None])
def test_an_unknown_role(managed, upstream, connection, role):
    """400 with the roles that there are (MSG-006)."""
    error = refusal(connection.chat(body(messages=[{"role": role, "content": "x"}]), [KEY]), 400, "invalid_value")
    assert error["param"] == "messages[0].role"
    assert "'system', 'assistant', 'user', 'function', 'tool', and 'developer'" in error["message"]
    goes_on(managed, connection)


def test_no_messages(managed, upstream, connection):
    """400 `empty_array` in OpenAI's words (REQ-001)."""
    error = refusal(connection.chat(body(messages=[]), [KEY]), 400, "empty_array")
    assert error["param"] == "messages" and "minimum length 1" in error["message"]
    goes_on(managed, connection)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [65537, 4_000_000])
def test_a_body_over_the_limit(narrow, upstream, chunked, size):
    """413, readable also for a client that sends on to its end (GEN-010)."""
    with Connection(narrow.port) as connection:
        data = b" " * size

        def send():
            try:
                connection.send(message("POST", TARGET, data, [KEY], chunked))
            except OSError:
                pass  # The gateway need not take a body that it has refused.

        sender = threading.Thread(target=send)
        sender.start()
        refusal(connection.response(), 413, "request_too_large")
        sender.join(10)
        assert not sender.is_alive()
    assert upstream.requests == []
    goes_on(narrow)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_refused_is_logged_under_its_name(narrow, upstream, chunked):
    """The client's own x-request-id is in the answer and in the log, though the body was never read (GEN-009)."""
    name = "too-large-%s" % chunked
    with Connection(narrow.port) as connection:
        response = connection.request("POST", TARGET, b" " * 70_000, [("x-request-id", name)], chunked)
        refusal(response, 413, "request_too_large")
        assert response.header("x-request-id") == name
    entry = narrow.access_entry(name)
    assert (entry["status"], entry["error"], entry["path"]) == (413, "request_too_large", TARGET)


def test_the_sdk_sees_that_a_body_is_too_large(narrow, upstream):
    """The SDK gets the 413, not a broken connection (GEN-010, ERR-016)."""
    import openai

    with openai.OpenAI(base_url=narrow.url + "/v1", api_key="any", max_retries=0, timeout=10) as client:
        for size in (70_000, 8_000_000):
            with pytest.raises(openai.APIStatusError) as caught:
                client.chat.completions.create(model=FLASH, messages=[user("x" * size)])
            assert caught.value.status_code == 413 and caught.value.code == "request_too_large"
    goes_on(narrow)


def test_a_body_at_the_limit(narrow, upstream):
    """The limit itself is allowed (GEN-010)."""
    start, end = json.dumps(body(user="?")).encode().split(b"?")
    data = start + b"x" * (65536 - len(start) - len(end)) + end
    with Connection(narrow.port) as connection:
        for chunked in (False, True):
            assert connection.request("POST", TARGET, data, [KEY], chunked).read()
        goes_on(narrow, connection)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe2\x82"])
@pytest.mark.parametrize("place", [b'{"model":"google/gemini-2.5-flash","messages":[{"role":"user","content":"a%sb"}]}', b'{"a%sb":1}'])
def test_a_body_that_is_no_utf8(managed, upstream, connection, bad, place):
    """400: JSON is UTF-8 (GEN-001)."""
    refusal(connection.chat(place.replace(b"%s", bad), [KEY]), 400, None)
    assert upstream.requests == []
    goes_on(managed, connection)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        json.dumps(body()).encode()[:-1] + b',"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        json.dumps(body()).encode()[:-1] + b',"x":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    ],
    ids=["open arrays", "open objects", "arrays", "arrays in a member", "objects in a member"],
)
def test_ten_thousand_levels(managed, upstream, connection, data):
    """Depth is an error, not an end (01 § 3.5, SCH-004)."""
    response = connection.chat(data, [KEY])
    assert response.status == 400
    response.error()
    goes_on(managed, connection)


def test_a_schema_of_ten_thousand_levels(managed, upstream, connection):
    """A schema has a limit of its own (SCH-004)."""
    schema = b'{"type":"object","properties":{"a":' * 1000 + b"{}" + b"}}" * 1000
    data = json.dumps(body(tools=[{"type": "function", "function": {"name": "f", "parameters": "?"}}])).encode()
    assert connection.chat(data.replace(b'"?"', schema), [KEY]).status == 400
    with Connection(managed.port) as fresh:
        error = fresh.chat(data.replace(b'"?"', schema), [KEY]).error()
    assert "Invalid schema" in error["message"] or "parse" in error["message"], error
    goes_on(managed)


@pytest.mark.parametrize("key", [None, "sk-wrong-key-0000"])
def test_a_bad_key_does_not_end_the_connection(managed, upstream, connection, key):
    """401, and the next request of the connection is served (AUTH-006)."""
    headers = [("authorization", "Bearer " + key)] if key else []
    refusal(connection.chat(body(), headers), 401, "invalid_api_key" if key else None)
    goes_on(managed, connection)


@pytest.mark.parametrize("method, target, status", [("POST", "/nowhere", 404), ("DELETE", TARGET, 405), ("BREW", TARGET, 405)])
def test_a_wrong_address_does_not_end_the_connection(managed, upstream, connection, method, target, status):
    """404 and 405, and the next request of the connection is served (EP-011)."""
    if method == "BREW":  # A method that HTTP does not know may also be refused as such.
        with Connection(managed.port) as other:
            assert other.request(method, target, b"{}", [KEY]).status in (400, 405, 501)
        return goes_on(managed)
    response = connection.request(method, target, body(), [KEY])
    assert response.status == status
    response.error()
    goes_on(managed, connection)


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"\r\n\r\n\r\n\r\nnonsense\r\n\r\n",
        b"POST /v1/chat/completions\r\n\r\n",
        b"POST /v1/chat/completions HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nno colon here\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 50_000 + b"\r\n",
    ],
    ids=["no request", "blank lines", "no version", "a strange version", "TLS", "no colon", "length in words",
         "negative length", "two lengths", "length and chunks", "no chunk size", "a long address", "a long header",
         "many headers"],
)
def test_what_is_no_http(managed, upstream, data):
    """A broken head is refused and the connection ends; nothing of it is served."""
    with Connection(managed.port) as connection:
        try:
            connection.send(data)
        except OSError:
            pass
        try:
            response = connection.response()
            # RFC 9110 § 15.6.6: a version that nobody speaks is a 505.
            assert 400 <= response.status < 500 or (response.status == 505 and b"HTTP/9.9" in data), response.status
            response.read()
        except Broken as error:
            assert "read so far: b''" in str(error), error
        assert connection.ends()
    assert upstream.requests == []
    goes_on(managed)


def test_a_broken_request_line_is_told(managed, upstream):
    """400 before the connection ends: a person who tries by hand sees why."""
    with Connection(managed.port) as connection:
        connection.send(b"NONSENSE\r\n\r\n")
        response = connection.response()
        assert response.status == 400
        response.error()
        assert connection.ends()


def test_a_broken_request_behind_a_good_one(managed, upstream, connection):
    """The good one is served before the broken one ends the connection."""
    assert serves(connection)
    connection.send(b"NONSENSE\r\n\r\n")
    assert connection.response().status == 400
    goes_on(managed)


@pytest.mark.parametrize("part", [b"POST /v1/chat/comp", b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 50\r\n\r\n{\"model\""])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_leaves_in_the_middle_of_its_request(managed, upstream, part, how):
    """Half a request is nobody's request."""
    connection = Connection(managed.port)
    connection.send(part)
    connection.reset() if how == "reset" else connection.close()
    goes_on(managed)
    assert len(upstream.requests) == 1  # The one of `goes_on`.


def test_a_request_that_comes_byte_by_byte(managed, upstream, connection):
    """Framing does not depend on how bytes are cut."""
    for index in range(len(data := message("POST", TARGET, body(), [KEY], chunked=True))):
        connection.send(data[index:index + 1])
    assert connection.response().json()["choices"][0]["message"]["content"] == DEFAULT_TEXT
    goes_on(managed, connection)


def test_pipelined_requests_are_answered_in_order(managed, upstream, connection):
    """Several requests sent at once get their answers one after the other, errors among them."""
    gate = upstream.gate()

    def slow(exchange):
        gate.wait(10)
        says("first")(exchange)

    upstream.script(slow, says("third"), says("fifth"))
    connection.send(
        message("POST", TARGET, body(), [KEY])
        + message("POST", TARGET, b"not json", [KEY])
        + message("POST", TARGET, body(stream=True), [KEY])
        + message("GET", "/healthz")
        + message("POST", TARGET, body(), [KEY])
    )
    upstream.wait_for_requests(1)
    gate.set()
    assert connection.response().json()["choices"][0]["message"]["content"] == "first"
    refusal(connection.response(), 400, None)
    assert whole_stream(connection.response()) == "third"
    assert connection.response().json() == {"status": "ok"}
    assert connection.response().json()["choices"][0]["message"]["content"] == "fifth"
    goes_on(managed, connection)


def test_pipelined_answers_are_complete(managed, upstream, connection):
    """Each pipelined answer has its own body and id (GEN-009)."""
    upstream.script(says("one"), says("two"), says("three"))
    for name in ("one", "two", "three"):
        connection.send(message("POST", TARGET, body(stream=name == "two"), [KEY, ("x-request-id", name)]))
    for name in ("one", "two", "three"):
        response = connection.response()
        assert response.header("x-request-id") == name
        text = whole_stream(response) if name == "two" else response.json()["choices"][0]["message"]["content"]
        assert text == name
    goes_on(managed, connection)


def test_expect_100_continue(managed, upstream, connection):
    """curl asks before it sends a large body, and is told to go on."""
    data = json.dumps(body()).encode()
    connection.send(message("POST", TARGET, data, [KEY, ("expect", "100-continue")])[: -len(data)])
    assert connection.line() == b"HTTP/1.1 100 Continue"
    assert connection.line() == b""
    connection.send(data)
    assert connection.response().json()["object"] == "chat.completion"
    goes_on(managed, connection)


def test_an_old_client_that_goes_on_is_told_that_it_may(managed, upstream, connection):
    """HTTP/1.0 with `Connection: keep-alive`: without the same word in the answer such a client waits for the end."""
    data = json.dumps(body()).encode()
    for _ in range(2):
        connection.send(
            b"POST %s HTTP/1.0\r\nconnection: keep-alive\r\n%s\r\ncontent-length: %d\r\n\r\n%s"
            % (TARGET.encode(), ("%s: %s" % KEY).encode(), len(data), data)
        )
        response = connection.response()
        assert response.read() and (response.status, response.header("connection")) == (200, "keep-alive")


def test_connection_close_is_obeyed(managed, upstream, connection):
    """A client that asks for the connection's end gets it, after its answer."""
    response = connection.chat(body(), [KEY, ("connection", "close")])
    assert response.json()["object"] == "chat.completion"
    assert connection.ends()
