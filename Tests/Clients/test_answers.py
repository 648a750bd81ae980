"""How answers come back: headers of streams, second tries, errors with their headers, several calls for one answer."""

import json
import threading
import time

import openai
import pytest

from conftest import KEY as GATEWAY_KEY
from scenes import FLASH, THIRD, call, calling, result, user
from upstream import (
    UNAVAILABLE, Moment, answer_of, candidate, error_of, responds, says, streams, text_of,
)
from wire import Connection

KEY = ("authorization", "Bearer " + GATEWAY_KEY)
ACCIDENT = answer_of({"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "Malformed function call: f("})


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


def ask(program, members=None, headers=()):
    """One request; its response, read to its end."""
    with Connection(program.port) as connection:
        response = connection.chat({**body(), **(members or {})}, [KEY, *headers])
        response.read()
        return response


def text(response):
    return response.json()["choices"][0]["message"]["content"]


def chunks(response):
    """The chunks of a stream that ends well, without `[DONE]`."""
    assert response.status == 200, response.read()
    events = response.read().decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""], events[-3:]
    return [json.loads(event.removeprefix("data: ")) for event in events[:-2]]


def start(gateways, **members):
    return gateways.start(gateways.managed(), "none", **members)


@pytest.fixture(scope="session")
def never_again(gateways):
    """A gateway that does not ask again for a malformed call, and asks upstream only once."""
    return start(gateways, retry_malformed_function_call=0, upstream={"max_retries": 0})


@pytest.fixture(scope="session")
def twice_again(gateways):
    """A gateway that asks twice more for a malformed call."""
    return start(gateways, retry_malformed_function_call=2)


@pytest.fixture(scope="session")
def retries_429(gateways):
    return start(gateways, upstream={"retry_429": True})


# The head of a stream


def test_the_head_of_a_stream(managed, upstream):
    """Server-sent events, in chunks, not stored, not held back, not compressed (STREAM-001, STREAM-002, STREAM-003)."""
    upstream.script(streams(text_of("One ", finish=None), text_of("two.")))
    response = ask(managed, {"stream": True}, [("accept-encoding", "gzip, br"), ("x-request-id", "head-of-a-stream")])
    wanted = {
        "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no",
        "transfer-encoding": "chunked", "x-request-id": "head-of-a-stream", "content-encoding": None,
        "content-length": None,
    }
    assert response.status == 200
    assert {name: response.header(name) for name in wanted} == wanted
    assert [c["choices"][0]["delta"].get("content") for c in chunks(response)] == ["One ", "two.", None]


def test_text_is_not_held_back(managed, upstream):
    """Each event is sent when it has come, while upstream is still busy (STREAM-005)."""
    seen = [upstream.gate() for _ in range(3)]

    def behaviour(exchange):
        exchange.begin()
        for number, gate in enumerate(seen):
            exchange.event(text_of("piece %d" % number, finish=None))
            assert gate.wait(10)
        exchange.event(text_of("!"))
        exchange.end()

    upstream.script(behaviour)
    with Connection(managed.port) as connection:
        response = connection.chat(body(stream=True), [KEY])
        for number, gate in enumerate(seen):
            assert response.event()["choices"][0]["delta"]["content"] == "piece %d" % number
            gate.set()
        assert response.event()["choices"][0]["delta"] == {"content": "!"}


# Second tries for answers


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"])
def test_an_accident_is_asked_for_once_more(managed, upstream, reason, stream):
    """If it happens again, the answer is returned as it is mapped (RESP-031, STREAM-004, STREAM-028)."""
    accident = answer_of({"finishReason": reason, "finishMessage": "Bad."})
    again = streams(accident) if stream else responds(200, accident)
    upstream.script(again, again, says("Never asked for."))
    response = ask(managed, {"stream": stream})
    told = {"google": {"finish_message": "Bad.", "finish_reason": reason}}
    if stream:
        first, finish = chunks(response)
        assert first["choices"][0]["delta"] == {"content": "", "role": "assistant"}
        choice = finish["choices"][0]
    else:
        choice = response.json()["choices"][0]
        assert choice["message"]["content"] == ""
    assert (choice["finish_reason"], choice["extra_content"]) == ("stop", told)
    assert len(upstream.requests) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_how_often_an_accident_is_asked_for_again(never_again, twice_again, upstream, stream):
    """The operator says how often; 0 is never (RESP-031, ERR-054)."""
    again = streams(ACCIDENT) if stream else responds(200, ACCIDENT)
    for program, tries in ((never_again, 1), (twice_again, 3)):
        upstream.reset()
        upstream.script(*[again] * 4)
        assert ask(program, {"stream": stream}).status == 200
        assert len(upstream.requests) == tries


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "part", [{"text": "So far."}, {"functionCall": {"name": "f", "args": {"a": 1}}}], ids=["text", "call"],
)
def test_what_is_of_use_is_not_asked_for_again(managed, upstream, part, stream):
    """An accident that carries text or a call is an answer (RESP-031)."""
    answer = answer_of(candidate(part, finish="MALFORMED_FUNCTION_CALL"))
    upstream.script(streams(answer) if stream else responds(200, answer))
    response = ask(managed, {"stream": stream})
    choice = (chunks(response)[-1] if stream else response.json())["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert len(upstream.requests) == 1


def test_an_accident_behind_text_is_not_repeated(managed, upstream):
    """In streams only while nothing has been sent (RESP-031, ERR-050)."""
    upstream.script(streams(text_of("So far.", finish=None), ACCIDENT))
    assert [c["choices"][0]["finish_reason"] for c in chunks(ask(managed, {"stream": True}))] == [None, "stop"]
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_answer_has_a_try_of_its_own(once, upstream, stream):
    """Beside an accident's, and beside the budget, which is spent here (RESP-041, ERR-054)."""
    nothing = {"modelVersion": "gemini-2.5-flash", "usageMetadata": {"totalTokenCount": 3}}
    kind = streams if stream else lambda answer: responds(200, answer)
    upstream.script(kind(nothing), kind(ACCIDENT), says("At last."))
    response = ask(once, {"stream": stream})
    said = chunks(response)[0]["choices"][0]["delta"]["content"] if stream else text(response)
    assert said == "At last." and len(upstream.requests) == 3


# Second tries for failures


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status, name", [(408, "X"), (500, "INTERNAL"), (502, "X"), (503, "UNAVAILABLE")])
def test_what_is_tried_again(managed, upstream, status, name, stream):
    """A failure that may pass is tried once more (ERR-050, ERR-051)."""
    upstream.script(responds(status, error_of(status, name, retry="0.01s")), says("Back."))
    response = ask(managed, {"stream": stream})
    said = chunks(response)[0]["choices"][0]["delta"]["content"] if stream else text(response)
    assert said == "Back." and len(upstream.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 413, 422, 429, 501, 504])
def test_what_is_not_tried_again(developer_passthrough, upstream, status):
    """What will be the same the next time, or costs what the client must decide (ERR-051, ERR-053)."""
    upstream.script(responds(status, error_of(status, "X", retry="0.01s")), says("Never asked for."))
    with Connection(developer_passthrough.port) as connection:
        response = connection.chat(body(), [("x-goog-api-key", "AIza" + "c" * 35)])
        assert response.status == status, response.read()
    assert len(upstream.requests) == 1


def test_429_is_tried_again_where_the_operator_wants_it(retries_429, upstream):
    """`upstream.retry_429`; a quota that is spent stays spent (ERR-051, ERR-018)."""
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", retry="0.01s")), says("Back."))
    assert text(ask(retries_429)) == "Back."
    upstream.reset()
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", "Quota: limit: 0", retry="0.01s")))
    response = ask(retries_429)
    assert response.error()["code"] == "insufficient_quota" and len(upstream.requests) == 1


@pytest.mark.parametrize(
    "delay, least, most", [("0.9s", 0.9, 5), ("30s", 0.375, 5), (None, 0.375, 5)],
    ids=["what was asked for", "not more than ten seconds", "half a second"],
)
def test_how_long_it_waits(managed, upstream, delay, least, most):
    """`RetryInfo` up to 10 s; else half a second, a quarter more or less (ERR-052).

    How late a busy machine is cannot be told; how early can.
    """
    times = []

    def fails(exchange):
        times.append(time.monotonic())
        responds(503, error_of(503, "UNAVAILABLE", retry=delay))(exchange)

    def succeeds(exchange):
        times.append(time.monotonic())
        says("Back.")(exchange)

    upstream.script(fails, succeeds)
    assert text(ask(managed)) == "Back."
    assert least - 0.01 <= times[1] - times[0] <= most


def test_the_waits_grow(gateways, upstream):
    """0.5 s · 2^attempt, each with its jitter (ERR-052, ERR-050)."""
    program = start(gateways, upstream={"max_retries": 2})
    times = []

    def fails(exchange):
        times.append(time.monotonic())
        responds(503, error_of(503, "UNAVAILABLE"))(exchange)

    upstream.script(fails, fails, fails, says("Never asked for."))
    response = ask(program)
    assert response.status == 503 and len(times) == 3
    first, second = times[1] - times[0], times[2] - times[1]
    assert first >= 0.365 and second >= 0.74
    program.stop()


def test_special_tries_are_beside_the_budget(once, upstream):
    """A new token, the other placeholder, and a request without sampling, all for one request that has no retries
    left (ERR-054, CRED-008, SIG-013)."""
    model = "google/gemini-3-flash-preview"
    history = [user("Weather?"), calling(call("c1")), result("c1", "12 C")]
    upstream.script(
        responds(401, error_of(401, "UNAUTHENTICATED", "No.")),
        responds(400, error_of(400, "INVALID_ARGUMENT", "Function call is missing a thought_signature.")),
        says("All right."),
    )
    response = ask(once, {"model": model, "messages": history})
    assert response.status == 200, response.read()
    assert text(response) == "All right." and len(upstream.requests) == 3
    first, second, third = upstream.requests
    assert first.header("authorization") != second.header("authorization")
    assert "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=" in second.body.decode()
    assert '"skip_thought_signature_validator"' in third.body.decode()


# Errors


def test_the_list_is_restored_where_the_operator_wants_it(gateways, upstream):
    """`errors.google_list_wrapper`: the one-element array of Google's endpoints (ERR-002)."""
    program = start(gateways, errors={"google_list_wrapper": True})
    upstream.script(responds(400, [error_of(400, "INVALID_ARGUMENT", "Bad.")]))
    response = ask(program)
    (wrapped,) = response.json()
    assert response.status == 400 and wrapped["error"]["message"] == "Bad."
    program.stop()


def test_a_code_is_a_string(managed, upstream):
    """Google's number is the status line's; the SDKs type `code` as a string (ERR-003, ERR-001)."""
    upstream.script(responds(404, error_of(404, "NOT_FOUND", "models/x is not found for API version v1.")))
    error = ask(managed).json()["error"]
    assert error == {
        "code": "model_not_found", "message": "models/x is not found for API version v1.", "param": "model",
        "status": "NOT_FOUND", "type": "invalid_request_error",
    }


@pytest.fixture
def counted(once, upstream):
    """The SDK with its own two retries, before a gateway that makes none; and how long it took."""

    def counted(*behaviours):
        upstream.reset()
        upstream.script(*behaviours)
        began = time.monotonic()
        with openai.OpenAI(base_url=once.url + "/v1", api_key="any", timeout=20) as client:
            try:
                said = client.chat.completions.create(model=FLASH, messages=[user("Hi")]).choices[0].message.content
            except openai.APIStatusError as error:
                said = error
        return said, len(upstream.requests), time.monotonic() - began

    return counted


def failure(status, name, retry=None, headers=()):
    return responds(status, error_of(status, name, "No.", retry=retry), headers)


def test_the_sdk_waits_as_long_as_it_is_told(counted):
    """It retries 409, 429 and 500 and above, after `retry-after-ms` (ERR-043, ERR-040)."""
    said, count, seconds = counted(failure(429, "RESOURCE_EXHAUSTED", "0.3s"), says("Back."))
    assert (said, count) == ("Back.", 2) and 0.29 <= seconds
    for status, name in ((409, "ABORTED"), (500, "INTERNAL"), (503, "UNAVAILABLE"), (504, "DEADLINE_EXCEEDED")):
        fails = failure(status, name, "0.01s")
        assert counted(fails, fails, says("Back."))[:2] == ("Back.", 3)


@pytest.mark.parametrize(
    "behaviour, kind",
    [
        (failure(429, "RESOURCE_EXHAUSTED", "500s"), openai.RateLimitError),
        (failure(429, "RESOURCE_EXHAUSTED", headers=[("retry-after", "500")]), openai.RateLimitError),
        (responds(429, error_of(429, "RESOURCE_EXHAUSTED", "Quota exceeded, limit: 0", "1s")), openai.RateLimitError),
        (failure(501, "UNIMPLEMENTED"), openai.InternalServerError),
        (failure(400, "INVALID_ARGUMENT"), openai.BadRequestError),
        (failure(404, "NOT_FOUND"), openai.NotFoundError),
    ],
    ids=["a long delay", "a long header", "a spent quota", "not implemented", "a bad request", "not found"],
)
def test_the_sdk_does_not_retry_in_vain(counted, behaviour, kind):
    """`x-should-retry: false` and long delays are obeyed (ERR-043, ERR-044, ERR-021)."""
    said, count, _ = counted(behaviour, says("Never asked for."))
    assert isinstance(said, kind) and count == 1


# Several calls for one answer


def of(text_, index=0, **usage):
    answer = answer_of({"content": {"parts": [{"text": text_}]}, "finishReason": "STOP", "index": index}, usage=None)
    return {**answer, "usageMetadata": usage}


COUNTS = dict(
    promptTokenCount=10, candidatesTokenCount=4, thoughtsTokenCount=6, totalTokenCount=20, cachedContentTokenCount=8,
    promptTokensDetails=[{"modality": "AUDIO", "tokenCount": 2}], trafficType="ON_DEMAND",
)


@pytest.mark.parametrize("stream", [False, True])
def test_counts_of_several_calls_are_summed(once, upstream, stream):
    """Each call's own counts, details and all; a choice for each call (NFAN-001, STREAM-043, USE-001…006)."""
    usage = {
        "completion_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 12}, "prompt_tokens": 20,
        "extra_properties": {"google": {"traffic_type": "ON_DEMAND"}},
        "prompt_tokens_details": {"audio_tokens": 4, "cached_tokens": 16}, "total_tokens": 40,
    }
    kind = streams if stream else lambda answer: responds(200, answer)
    upstream.script(kind(of("a", **COUNTS)), kind(of("b", **COUNTS)))
    response = ask(once, {"model": THIRD, "n": 2, "stream": stream, "service_tier": "auto"})
    if stream:
        made = chunks(response)
        finished = [c["choices"][0]["index"] for c in made if c["choices"][0]["finish_reason"]]
        assert sorted(finished) == [0, 1] and [c["usage"] for c in made if "usage" in c] == [usage]
        assert made[-1]["usage"] == usage
    else:
        answer = response.json()
        assert [c["index"] for c in answer["choices"]] == [0, 1]
        assert answer["usage"] == usage and answer["service_tier"] == "default"


def test_a_blocked_prompt_in_several_calls(once, upstream):
    """Blocked for all of them: one choice that says so, as for one call (RESP-040, NFAN-001)."""
    usage = {"promptTokenCount": 5, "totalTokenCount": 5}
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage}
    upstream.script(responds(200, blocked), responds(200, blocked))
    answer = ask(once, {"model": THIRD, "n": 2}).json()
    (choice,) = answer["choices"]
    assert choice["message"]["refusal"] == "The prompt was blocked by the provider (SAFETY)."
    assert choice["finish_reason"] == "content_filter"
    assert choice["extra_content"] == {"google": {"block_reason": "SAFETY"}}
    assert (answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]) == (10, 0)


def test_a_prompt_that_only_one_of_several_calls_blocks(once, upstream):
    """The choice of that call is filtered, the others are answers (RESP-040, RESP-033, NFAN-001)."""
    blocked = {"candidates": [], "promptFeedback": {"blockReason": "BLOCKLIST"}}
    upstream.script(responds(200, of("a")), responds(200, blocked))
    choices = ask(once, {"model": THIRD, "n": 2}).json()["choices"]
    assert sorted((c["finish_reason"], c["message"]["content"], c["message"]["refusal"]) for c in choices) == [
        ("content_filter", None, "The prompt was blocked by the provider (BLOCKLIST)."), ("stop", "a", None),
    ]


@pytest.mark.parametrize(
    "bad, status, code",
    [
        ({}, 502, "upstream_empty_response"), ({"candidates": []}, 502, "upstream_empty_response"),
        ([], 502, "upstream_invalid_response"), ("x", 502, "upstream_invalid_response"),
        ([error_of(429, "RESOURCE_EXHAUSTED")], 429, "rate_limit_exceeded"),
    ],
    ids=["nothing", "no candidates", "a list", "a string", "an error"],
)
def test_one_of_several_answers_that_is_none(once, upstream, bad, status, code):
    """What one call must not answer, one of several must not either (RESP-041, RESP-042, NFAN-001)."""
    upstream.script(responds(200, of("a")), responds(200, bad), responds(200, bad))  # An empty one is repeated.
    response = ask(once, {"model": THIRD, "n": 2})
    assert (response.status, response.error()["code"]) == (status, code)


# Streams


def test_a_stream_retried_behind_its_first_event_is_not_mixed(managed, upstream):
    """What an attempt said that the client never saw is forgotten: id and usage are those of the answer (ERR-050,
    STREAM-020)."""
    silent = {"usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9}, "responseId": "lost", "modelVersion": "x"}
    upstream.script(streams(silent, UNAVAILABLE), says("Back.", identifier="kept"))
    made = chunks(ask(managed, {"stream": True}))
    assert {c["id"] for c in made} == {"kept"} and made[-1]["usage"]["prompt_tokens"] == 4


def test_a_list_of_events_without_a_stream(managed, upstream):
    """A JSON body that holds an error behind answers ends like a stream that broke (STREAM-062, STREAM-060)."""
    upstream.script(responds(200, [text_of("One ", finish=None), error_of(500, "INTERNAL", "Oops.")]))
    response = ask(managed, {"stream": True})
    *made, last, end = response.read().decode().split("\n\n")
    assert json.loads(made[0].removeprefix("data: "))["choices"][0]["delta"]["content"] == "One "
    assert json.loads(last.removeprefix("data: "))["error"]["message"] == "Oops." and end == ""


def test_comments_do_not_end_second_tries(hasty, upstream):
    """A comment is nothing of an answer: an accident behind it is still asked for again (STREAM-006, RESP-031)."""
    gate, asked = upstream.gate(), Moment()

    def waits(exchange):
        asked.happens()
        gate.wait(10)
        streams(ACCIDENT)(exchange)

    upstream.script(waits, says("Better."))
    with Connection(hasty.port) as connection:
        response = connection.chat(body(stream=True))
        assert response.event() == ": keep-alive"
        threading.Timer(0.01, gate.set).start()
        events = [e for e in response.events() if not isinstance(e, str) or not e.startswith(":")]
    assert events[0]["choices"][0]["delta"]["content"] == "Better." and events[-1] == "[DONE]"
