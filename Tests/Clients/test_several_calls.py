"""Several calls for one answer: what one of them gets wrong is asked for again alone, and is no part of the answer."""

import functools
import itertools

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState

from conftest import KEY as GATEWAY_KEY
from scenes import FLASH, THIRD, user
from upstream import UNAVAILABLE, answer_of, candidate, error_of, responds, streams, text_of
from wire import Connection

KEY = ("authorization", "Bearer " + GATEWAY_KEY)
SEED = 100
TOOLS = [{"type": "function", "function": {"name": "now"}}]
CALL = {"functionCall": {"id": "c1", "name": "now"}}


def ask(program, **members):
    """One request for two choices; its response, read to its end."""
    with Connection(program.port) as connection:
        body = {"model": THIRD, "messages": [user("Hi")], "n": 2, "seed": SEED, **members}
        response = connection.chat(body, [KEY])
        response.read()
        return response


@pytest.fixture
def answers(upstream):
    """Scripts what each of the two calls is answered, one attempt after the other."""

    def script(*attempts):
        left = [list(behaviours) for behaviours in attempts]

        def behaviour(exchange):
            call = exchange.request.json["generationConfig"]["seed"] - SEED
            left[call].pop(0)(exchange)

        upstream.script(*[behaviour] * sum(map(len, left)))

    return script


def texts(response):
    assert response.status == 200, response.body
    return [choice["message"]["content"] for choice in response.json()["choices"]]


def events_of_choice(response, index):
    assert response.status == 200, response.body
    events = response.events()
    assert events[-1] == "[DONE]", events[-1]
    return [c for e in events[:-1] for c in e["choices"] if c["index"] == index]


@pytest.mark.parametrize("fault", [
    {}, {"candidates": []}, [], "x", UNAVAILABLE, [UNAVAILABLE], error_of(500, "INTERNAL"),
])
def test_a_fault_of_one_answer_is_mended(managed, upstream, answers, fault):
    """An answer that is none, also at 200, is asked for again, and the others are not (RESP-041, RESP-042, ERR-051,
    NFAN-001)."""
    answers([responds(200, text_of("a"))], [responds(200, fault), responds(200, text_of("b"))])
    assert texts(ask(managed)) == ["a", "b"]
    assert len(upstream.requests) == 3


def test_an_empty_answer_is_repeated_beside_the_budget(once, upstream, answers):
    """Once, although nothing else is asked for again (RESP-041, ERR-054, NFAN-001)."""
    answers([responds(200, text_of("a"))], [responds(200, {}), responds(200, text_of("b"))])
    assert texts(ask(once)) == ["a", "b"]
    upstream.reset()

    def first(exchange):
        upstream.wait_for_requests(3)
        streams(text_of("a"))(exchange)

    answers([first], [streams(), streams(text_of("b"))])
    response = ask(once, stream=True)
    assert [c["delta"].get("content") for c in events_of_choice(response, 1)] == ["b", None]


@pytest.mark.parametrize("streamed", [True, False])
def test_a_malformed_call_of_one_answer_is_repeated(once, upstream, answers, streamed):
    """An accident of sampling is asked for once more, for its choice alone (RESP-031, NFAN-001)."""
    made = streams if streamed else functools.partial(responds, 200)
    accident = answer_of(candidate(finish="MALFORMED_FUNCTION_CALL"))

    def other(exchange):
        upstream.wait_for_requests(3)
        made(text_of("a"))(exchange)

    answers([other], [made(accident), made(text_of("b"))])
    response = ask(once, stream=streamed)
    if streamed:
        assert [c["delta"].get("content") for c in events_of_choice(response, 1)] == ["b", None]
    else:
        assert texts(response) == ["a", "b"]


def test_an_answer_that_cannot_be_read_is_left_out(gateways, upstream, answers):
    """With `n_partial` a choice whose answer is none is left out, too (NFAN-001, RESP-042)."""
    program = gateways.start(gateways.managed(), n_partial=True, upstream={"max_retries": 0})
    answers([responds(200, [error_of(500, "INTERNAL")])], [responds(200, text_of("b"))])
    (choice,) = ask(program).json()["choices"]
    assert (choice["index"], choice["message"]["content"]) == (1, "b")


def test_a_blocked_choice_tells_why(managed, answers):
    """The choice of a call whose prompt was blocked says so as the only choice would (RESP-040, NFAN-001)."""
    blocked = {"promptFeedback": {"blockReason": "BLOCKLIST", "blockReasonMessage": "Not this."}}
    answers([responds(200, blocked)], [responds(200, text_of("b"))])
    first, second = ask(managed).json()["choices"]
    assert (first["finish_reason"], first["message"]["refusal"]) == ("content_filter", "Not this.")
    assert first["extra_content"] == {"google": {"block_reason": "BLOCKLIST"}}
    assert second["message"]["content"] == "b" and "extra_content" not in second


def test_an_attempt_that_nobody_saw_is_forgotten(managed, upstream, answers):
    """A call that was held back when its attempt failed is not told beside the next attempt's (ERR-050, STREAM-031,
    NFAN-001)."""

    def last(exchange):
        upstream.wait_for_requests(3)
        streams(text_of("b"))(exchange)

    held = answer_of(candidate(CALL, finish=None))
    answers([streams(held, UNAVAILABLE), streams(answer_of(candidate(CALL)))], [last])
    response = ask(managed, stream=True, tools=TOOLS)
    choices = events_of_choice(response, 0)
    assert [call["id"] for c in choices for call in c["delta"].get("tool_calls", [])] == ["c1"]


def test_a_stream_waits_for_the_attempt_that_is_made_again(managed, upstream, answers):
    """A call whose first attempt ended without a reason has not ended: `[DONE]` waits for it (STREAM-003, STREAM-061,
    NFAN-001)."""
    gate = upstream.gate()

    def first(exchange):
        upstream.wait_for_requests(2)
        streams(answer_of(candidate({"text": "Hm.", "thought": True}, finish=None)))(exchange)

    def again(exchange):
        gate.set()
        upstream.wait_for_requests(3)
        exchange.pause(0.2)
        streams(text_of("a"))(exchange)

    def other(exchange):
        gate.wait(10)
        streams(text_of("b"))(exchange)

    answers([first, again], [other])
    response = ask(managed, stream=True)
    assert [c["delta"] for c in events_of_choice(response, 0)] == [{"role": "assistant"}, {"content": "a"}, {}]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_sdk_puts_each_choice_in_its_place(managed, upstream, answers, order):
    """First chunks come in the order of their indices, whichever call answers first: the SDK fails when the first one is
    not 0, and mistakes a choice that comes before a lower one (STREAM-020…022, NFAN-001)."""

    def in_turn(call, document):
        def behaviour(exchange):
            assert gates[order.index(call)].wait(10)
            streams(document)(exchange)

        return behaviour

    gates = [upstream.gate() for _ in order]
    gates[0].set()
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
    answers([in_turn(0, answer_of(candidate(CALL)))], [in_turn(1, blocked)], [in_turn(2, text_of("c"))])
    client = openai.OpenAI(base_url=managed.url + "/v1", api_key=GATEWAY_KEY, max_retries=0, timeout=20)
    state = ChatCompletionStreamState()
    for chunk in client.chat.completions.create(
        model=THIRD, messages=[user("Hi")], n=3, seed=SEED, tools=TOOLS, stream=True
    ):
        state.handle_chunk(chunk)
        ended = sum(choice.finish_reason is not None for choice in state.current_completion_snapshot.choices)
        for gate in gates[:ended + 1]:
            gate.set()
    first, second, third = state.current_completion_snapshot.choices
    assert [call.id for call in first.message.tool_calls] == ["c1"] and first.finish_reason == "tool_calls"
    assert second.message.refusal.startswith("The prompt was blocked") and second.finish_reason == "content_filter"
    assert (third.message.content, third.finish_reason) == ("c", "stop")
    assert {choice.message.role for choice in (first, second, third)} == {"assistant"}


def folded(program, **members):
    """The choices that the SDK makes of a stream."""
    client = openai.OpenAI(base_url=program.url + "/v1", api_key=GATEWAY_KEY, max_retries=0, timeout=20)
    state = ChatCompletionStreamState()
    for chunk in client.chat.completions.create(messages=[user("Hi")], stream=True, **members):
        state.handle_chunk(chunk)
    return state.get_final_completion().choices


def test_choices_of_one_call_begin_in_their_order(managed, upstream):
    """So it is when one call makes all of them, and the last one comes first (STREAM-020…022, REQ-005)."""
    upstream.script(
        streams(
            answer_of(candidate({"text": "c"}, finish=None, index=2)),
            answer_of(candidate({"text": "a"}, index=0), candidate({"text": "d"}, index=2)),
            answer_of(candidate(index=1)),
        )
    )
    choices = folded(managed, model=FLASH, n=3)
    assert [(c.index, c.message.content, c.finish_reason) for c in choices] == [
        (0, "a", "stop"), (1, "", "stop"), (2, "cd", "stop"),
    ]
    assert {choice.message.role for choice in choices} == {"assistant"}


@pytest.mark.parametrize("members", [{}, {"n": 2}])
def test_a_choice_that_never_comes_leaves_the_stream_incomplete(managed, upstream, members):
    """The client asked for it, and it was begun for the sake of a later one: `[DONE]` would say that it has an end
    (STREAM-060, STREAM-061)."""
    upstream.script(*[streams(answer_of(candidate({"text": "b"}, index=1)))] * 2)
    with Connection(managed.port) as connection:
        response = connection.chat({"model": FLASH, "messages": [user("Hi")], "stream": True, **members}, [KEY])
        response.read()
    assert response.events()[-1]["error"]["code"] == "upstream_stream_incomplete"
