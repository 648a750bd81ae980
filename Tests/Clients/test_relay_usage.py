"""What models behind vLLM and TGI took: read from answers that pass through as they are (SELF-030, SELF-040, SELF-044)."""

import json

import pytest

from conftest import KEY, digest
from scenes import user
from test_admin import ask
from test_metrics import metrics
from test_self_deployed import post, server
from upstream import DONE, completion, container_chunk, container_event, relays, responds, tgi_events, vllm_events
from wire import Connection, eventually

USAGE = {"prompt_tokens": 50, "completion_tokens": 40, "total_tokens": 90, "prompt_tokens_details": {"cached_tokens": 30}}
ASKED = {"model": "served", "messages": [user("Hi")], "max_tokens": 100}
STREAMED = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}


@pytest.fixture
def counted(gateways, tmp_path):
    """Starts a gateway in front of a container, with a store, a price and a key that may take 1000 tokens a minute."""
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps([{"match": "served", "input": 1, "cached": 0.5, "output": 2}]))
    started = []

    def start(**backend):
        path = gateways.write({
            "listen": {"port": 0}, "backends": [server(gateways, **backend)], "usage": {"prices": str(prices)},
            "auth": {"mode": "gateway", "keys": [{"name": "team", "sha256": digest(KEY), "tpm": 1000}]},
            "store": {"path": str(tmp_path / "pollux.db")}, "admin": {"port": 0, "token": "env:ADMIN_TOKEN"},
        })
        started.append(gateways.launch("serve", "--config", str(path), CONTAINER_KEY="c").started())
        return started[-1]

    yield start
    for program in started:
        program.stop()


def usage(program):
    """The one line of usage, when it is written."""
    return eventually(lambda: ask(program, "/admin/usage?by=key,model").json()["lines"])[0]


def remaining(program):
    """What the key may still take in this minute, as a request tells that takes nothing."""
    return int(post(program, b"{").header("x-ratelimit-remaining-tokens"))


@pytest.mark.parametrize("normalize", [False, True])
def test_a_whole_answer_is_counted(counted, upstream, normalize):
    """Log, usage, cost, metrics and limits have what the container counted; its bytes are its own."""
    program = counted(normalize=normalize)
    answer = json.dumps(completion(usage=USAGE, finish="length"), indent=1).encode()
    upstream.script(lambda exchange: exchange.respond(200, answer))
    response = post(program, ASKED)
    assert response.body == answer
    entry = program.access_entry(response.header("x-request-id"))
    assert (entry["prompt_tokens"], entry["cached_tokens"], entry["completion_tokens"]) == (50, 30, 40)
    assert entry["finish_reason"] == "length" and "tokens_estimated" not in entry
    line = usage(program)
    assert (line["model"], line["prompt_tokens"], line["completion_tokens"]) == ("served", 50, 40)
    # 20 at $1, 30 at $0.50, 40 at $2 a million.
    assert (line["cost"], line["unpriced_requests"]) == ("0.000115", 0)
    assert metrics(program).sum("pollux_tokens_total", kind="completion", model="served") == 40
    assert 900 < remaining(program) <= 1000 - 90 + 20, "90 of 1000 are taken, and flow back with time"


@pytest.mark.parametrize("kind", ["vllm", "tgi"])
def test_a_stream_is_counted_by_its_last_counts(counted, upstream, kind):
    """vLLM sends them when they are asked for, TGI with the last chunk."""
    program = counted(server=kind)
    counts = container_chunk({}, usage=USAGE)
    if kind == "vllm":
        events = vllm_events("a", done=False, finish="length") + [container_event({**counts, "choices": []}), DONE]
    else:
        events = tgi_events(
            container_chunk({"role": "assistant", "content": "a"}), container_chunk({"content": ""}, "length", usage=USAGE))
    upstream.script(relays(events))
    response = post(program, STREAMED)
    entry = program.access_entry(response.header("x-request-id"))
    assert (entry["prompt_tokens"], entry["completion_tokens"], entry["finish_reason"]) == (50, 40, "length")
    assert usage(program)["cost"] == "0.000115"
    assert 900 < remaining(program) <= 930


def test_a_stream_without_counts_is_paid_by_its_length(counted, upstream):
    """Nobody counted: limits and usage have the same estimate, and the log says that it is one."""
    program = counted()
    upstream.script(relays(vllm_events("word " * 20)))
    response = post(program, {**ASKED, "stream": True})
    entry = program.access_entry(response.header("x-request-id"))
    assert entry["tokens_estimated"] is True and 0 < entry["completion_tokens"] <= 100
    line = usage(program)
    assert (line["prompt_tokens"], line["completion_tokens"]) == (entry["prompt_tokens"], entry["completion_tokens"])
    taken = line["prompt_tokens"] + line["completion_tokens"]
    assert 1000 - taken <= remaining(program) <= 1000 - taken + 20


def test_a_client_that_leaves_pays_for_what_was_counted(counted, upstream):
    """Counts that came with every chunk hold at the end, whatever the end."""
    program = counted()
    gate = upstream.gate()

    def behaviour(exchange):
        exchange.begin()
        first = container_event(container_chunk({"content": "a"}, usage=USAGE))
        exchange.send(b"%x\r\n%s\r\n" % (len(first), first))
        gate.wait()

    upstream.script(behaviour)
    with Connection(program.port) as connection:
        connection.chat(STREAMED, [("authorization", "Bearer " + KEY)]).event()
    gate.set()
    line = usage(program)
    assert (line["truncated"], line["prompt_tokens"], line["completion_tokens"]) == (1, 50, 40)


def test_embeddings_are_counted(counted, upstream):
    """Their prompt."""
    program = counted()
    upstream.script(responds(200, {"object": "list", "data": [], "usage": {"prompt_tokens": 8, "total_tokens": 8}}))
    post(program, {"model": "served", "input": "Hi"}, target="/v1/embeddings")
    assert usage(program)["prompt_tokens"] == 8
