"""A second request beside a slow first one: which wins, which loses, and what it may cost."""

import pytest

from conftest import EU, US
from regions import AUTHORIZED, UNAVAILABLE, chunks, leg, route
from scenes import user
from upstream import DEFAULT_TEXT, Moment, says
from wire import Connection


@pytest.fixture(scope="session")
def hedging(gateways, second_upstream):
    return gateways.start(
        gateways.located(second_upstream), upstream={"hedge_tokens_per_hour": 1_000_000},
        stream={"keepalive": "250ms"},
    )


# Hedges


@pytest.fixture
def one_loop(gateways, second_upstream):
    """Times are known by event loop: one connection keeps to one."""

    class Loop:
        def __init__(self, program):
            self.connection = Connection(program.port)

        def ask(self, model, **members):
            response = self.connection.chat(
                {"model": model, "messages": [user("Hi")], "max_tokens": 50, **members}, [AUTHORIZED]
            )
            return response

        def train(self, model, upstream, **members):
            for _ in range(20):
                assert self.ask(model, **members).read()
            upstream.requests.clear()

    made = []

    def make(program):
        made.append(Loop(program))
        return made[-1]

    yield make
    for loop in made:
        loop.connection.close()


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_second_request_wins(hedging, upstream, elsewhere, model, one_loop, is_stream):
    """The first byte is later than usual: the other location answers, and the first request is cancelled."""
    loop, left = one_loop(hedging), Moment()
    loop.train(model, upstream, stream=is_stream)
    elsewhere.requests.clear()
    upstream.script(lambda exchange: exchange.see_leaving(left))
    response = loop.ask(model, stream=is_stream)
    if is_stream:
        assert chunks(response)[-1] == "[DONE]"
    else:
        assert response.json()["choices"][0]["message"]["content"] == DEFAULT_TEXT
    assert route(dict(response.headers)) == "%s, %s" % (leg(EU, "late"), leg(US, 200, "hedge=won"))
    left.wait()
    entry = hedging.access_entry(response.header("x-request-id"))
    assert (entry["hedges"], entry["location"], entry.get("spills")) == (1, US, None)
    assert elsewhere.only_request().body == upstream.only_request().body


def test_a_second_request_loses(hedging, upstream, elsewhere, model, one_loop):
    """The first answer comes in the end: the second request is cancelled."""
    loop, left = one_loop(hedging), Moment()
    loop.train(model, upstream)
    elsewhere.requests.clear()

    def late(exchange):
        elsewhere.wait_for_requests(1)
        says("Better late.")(exchange)

    upstream.script(late)
    elsewhere.script(lambda exchange: exchange.see_leaving(left))
    response = loop.ask(model)
    assert response.json()["choices"][0]["message"]["content"] == "Better late."
    assert route(dict(response.headers)) == "%s, %s" % (leg(EU, 200), leg(US, "late", "hedge=lost"))
    left.wait()


def test_a_second_request_takes_over_when_the_first_fails(hedging, upstream, elsewhere, model, one_loop):
    loop, gate = one_loop(hedging), upstream.gate()
    loop.train(model, upstream)
    elsewhere.requests.clear()

    def fails(exchange):
        elsewhere.wait_for_requests(1)
        UNAVAILABLE(exchange)
        gate.set()

    def answers(exchange):
        gate.wait()
        says("From elsewhere.")(exchange)

    upstream.script(fails)
    elsewhere.script(answers)
    response = loop.ask(model)
    assert response.json()["choices"][0]["message"]["content"] == "From elsewhere."
    assert route(dict(response.headers)) == "%s, %s" % (leg(EU, 503), leg(US, 200, "hedge=won"))
    assert len(elsewhere.requests) == 1


def test_hedges_end_with_their_tokens(gateways, upstream, second_upstream, elsewhere, model, one_loop):
    """What a losing request might cost must fit into the hour's tokens: a comment comes, but no second request."""
    program = gateways.start(
        gateways.located(second_upstream), upstream={"hedge_tokens_per_hour": 49}, stream={"keepalive": "250ms"},
    )
    loop, gate = one_loop(program), upstream.gate()
    loop.train(model, upstream, stream=True)
    elsewhere.requests.clear()

    def late(exchange):
        gate.wait()
        says("Late.")(exchange)

    upstream.script(late)
    try:
        response = loop.ask(model, stream=True)
        assert response.event().startswith(":") and elsewhere.requests == []
        gate.set()
        assert chunks(response)[-1] == "[DONE]"
    finally:
        program.stop()
