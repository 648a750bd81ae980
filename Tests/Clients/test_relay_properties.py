"""What holds for whatever a self-deployed model answers, tried with many answers that are made by chance.

POLLUX_PROPERTY_CASES multiplies the number of cases, POLLUX_PROPERTY_SEED moves to other ones.
"""

import json
import random

import pytest

from generator import written
from test_properties import Findings, flipped, misshapen, seeds
from test_self_deployed import post, server, start
from upstream import chunk, completion, container_chunk, stream_head
from validator import assert_error

REASONS = ("stop", "length", "tool_calls", "eos_token", "stop_sequence", "OF_TOMORROW")
CALLS = (
    {"id": "0", "function": {"name": "f", "arguments": {"a": 1}}},
    {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":"}},
    {"index": 0, "function": {"arguments": "1}"}}, {"index": 3, "id": "", "function": {"name": None}},
)


@pytest.fixture(scope="module", params=["vllm", "tgi"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def program(gateways, kind):
    """A gateway that asks once only."""
    return start(gateways, server(gateways, server=kind), upstream={"max_retries": 0})


def answer(chance):
    calls = [chance.choice(CALLS) for _ in range(chance.choice((0, 0, 1, 2)))]
    message = {"tool_calls": calls} if calls else {}
    return completion(chance.choice(("", "Hi", "Größe 🌞")), chance.choice(REASONS), message=message)


def events(chance):
    made = [container_chunk({"role": "assistant", "content": "a"}) for _ in range(chance.choice((0, 1, 3)))]
    calls = chance.sample(CALLS, chance.choice((0, 1, 2)))
    made += [container_chunk({"tool_calls": chance.choice(([call], call))}) for call in calls]
    if chance.random() < 0.8:
        made.append(container_chunk({}, chance.choice(REASONS), usage=chance.choice((None, {"prompt_tokens": 10**30}))))
    if chance.random() < 0.1:
        made.append({"error": chance.choice(("text", {"message": "No.", "code": 400}, []))})
    return made


def bent(document, chance):
    """The document, or something that is not quite it."""
    return misshapen(document, chance) if chance.random() < 0.4 else document


def asked(upstream, program, data, is_stream, chance):
    """What a client gets when the container says `data`, in pieces and to its end or not."""
    pieces = [data[:len(data) // 2], data[len(data) // 2:]]
    ends = chance.random() < 0.8

    def streamed(exchange):
        exchange.send(stream_head() + b"".join(chunk(piece) for piece in pieces if piece))
        exchange.end() if ends else exchange.leave("close")

    upstream.script(*[streamed if is_stream else lambda exchange: exchange.respond(200, data)] * 2)
    response = post(program, {"model": "m", "messages": [], "stream": is_stream})
    upstream.reset()
    return response


def test_a_whole_answer_is_relayed_or_an_error(program, upstream, kind):
    """A JSON object that is no error goes to the client, the rest is an error of OpenAI's shape (SELF-030, 09 § 6)."""
    findings = Findings()
    for seed in seeds(150):
        chance = random.Random("whole %s %d" % (kind, seed))
        data = written(bent(answer(chance), chance)).encode(errors="surrogatepass")
        data = flipped(data, chance) if chance.random() < 0.2 else data
        with findings.of("seed %d: %r" % (seed, data)):
            response = asked(upstream, program, data, False, chance)
            if response.status == 200:
                assert isinstance(json.loads(response.body), dict)
                assert kind == "tgi" or response.body == data
            else:
                assert_error(response.json())
    assert program.is_alive()
    findings.tell()


def test_a_stream_ends_well_or_with_an_error(program, upstream, kind):
    """`[DONE]` or one error event is the end, whatever came before it (SELF-041, SELF-042, STREAM-060)."""
    findings = Findings()
    for seed in seeds(150):
        chance = random.Random("stream %s %d" % (kind, seed))
        gap = chance.choice((b"\n\n", b"\r\n\r\n"))
        made = [written(bent(one, chance)).encode(errors="surrogatepass") for one in events(chance)]
        made += [b"[DONE]"] * (chance.random() < 0.6)
        data = b"".join(b"data:" + chance.choice((b"", b" ")) + one + gap for one in made)
        if data and chance.random() < 0.2:
            data = flipped(data, chance)
        with findings.of("seed %d: %r" % (seed, data)):
            response = asked(upstream, program, data, True, chance)
            if response.status != 200:
                assert_error(response.json())
                continue
            last = [line for line in response.body.splitlines() if line.startswith(b"data:")][-1]
            last = last.removeprefix(b"data:").strip()
            assert last == b"[DONE]" or assert_error(json.loads(last)), response.body
    assert program.is_alive()
    findings.tell()
