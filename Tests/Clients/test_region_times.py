"""Limits of time and of second tries, for a model in several places."""

import threading
import time

import openai
import pytest

from conftest import EU, US, new_model
from regions import AUTHORIZED, ask, leg, refused, sdk, stream
from scenes import user
from upstream import DEFAULT_TEXT, Moment, answer_of, candidate, error_of, responds
from wire import Connection


@pytest.fixture(scope="session")
def patient(gateways, second_upstream):
    """Two locations; a first byte must be there soon, and streams hear comments."""
    return gateways.start(
        gateways.located(second_upstream), upstream={"first_byte_timeout": "700ms"}, stream={"keepalive": "250ms"},
    )


# Time


def silent(exchange):
    """Reads the request and says nothing, until the gateway goes."""
    exchange.see_leaving(Moment())


def test_a_silent_location_is_stood_in_for(patient, upstream, elsewhere, model):
    upstream.script(silent)
    assert ask(patient, model) == (DEFAULT_TEXT, "%s, %s" % (leg(EU, "silent"), leg(US, 200)))


def test_a_stream_whose_first_event_is_late_is_stood_in_for(patient, upstream, elsewhere, model):
    """The head alone is no event, and comments to the client are no answer."""

    def begins(exchange):
        exchange.begin()
        silent(exchange)

    upstream.script(begins)
    connection, response = stream(patient, model)
    with connection:
        events = response.events()
    assert events[0].startswith(":") and events[-1] == "[DONE]"


def test_the_first_byte_limit_alone_tries_again_and_then_tells(patient, upstream, elsewhere, model):
    upstream.script(silent)
    elsewhere.script(silent, silent)
    error, path = refused(patient, model)
    assert error.status_code == 504 and error.code == "upstream_timeout"
    assert path == ", ".join([leg(EU, "silent"), leg(US, "silent"), leg(US, "silent")])


@pytest.mark.parametrize("header", ["x-request-timeout", "x-stainless-timeout", "x-stainless-read-timeout"])
def test_a_client_that_waits_a_second_is_told_before_it_gives_up(regions, upstream, elsewhere, header):
    """The best of three counts: a busy machine may bring the answer later than it was sent."""

    def takes():
        upstream.script(silent)
        begun = time.monotonic()
        with Connection(regions.port) as connection:
            body = {"model": new_model(), "messages": [user("Hi")]}
            response = connection.chat(body, [AUTHORIZED, (header, "1")])
            assert response.status == 504 and response.error()["code"] == "upstream_timeout"
        return time.monotonic() - begun

    assert any(0.5 < takes() < 1 for _ in range(3))


def test_the_sdks_own_timeout_becomes_an_answer(regions, upstream, elsewhere, model):
    """The SDK says how long it waits; it gets a 504 instead of its own timeout."""
    upstream.script(silent)
    with sdk(regions, timeout=1.0) as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=model, messages=[user("Hi")])
    assert caught.value.status_code == 504 and caught.value.code == "upstream_timeout"


def test_in_a_stream_the_time_counts_from_event_to_event(regions, upstream, elsewhere, model):
    """A stream that is longer than the timeout is fine; one that falls silent ends with an error event."""
    gate = upstream.gate()

    def speaks(exchange):
        exchange.begin()
        for word in ("One ", "two ", "three "):
            exchange.event(answer_of(candidate({"text": word}, finish=None)))
            gate.wait(0.5)
        silent(exchange)

    upstream.script(speaks)
    texts, begun = [], time.monotonic()
    with sdk(regions, timeout=1.2) as client, pytest.raises(openai.APIError) as caught:
        for event in client.chat.completions.create(model=model, messages=[user("Hi")], stream=True):
            texts.append(event.choices[0].delta.content or "")
    assert "".join(texts) == "One two three " and time.monotonic() - begun > 1.2
    assert caught.value.code == "upstream_timeout" and not isinstance(caught.value, openai.APITimeoutError)


def test_a_timeout_that_is_no_number(regions, upstream, elsewhere, model):
    """Refused where a person wrote it, ignored where an SDK did."""
    with sdk(regions) as client, pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=model, messages=[user("Hi")], extra_headers={"x-request-timeout": "soon"}
        )
    assert caught.value.param == "x-request-timeout" and upstream.requests == []
    assert ask(regions, model, headers={"x-stainless-timeout": "NOT_GIVEN"})[0] == DEFAULT_TEXT


# The budget


def test_retries_do_not_amplify_an_outage(gateways, upstream, second_upstream, elsewhere, model):
    """Everything fails: second tries stay within the budget, and the way says when there was none left."""
    program = gateways.start(gateways.located(second_upstream), upstream={"retry_budget": 1})
    failing = responds(503, error_of(503, "UNAVAILABLE", "Down.", retry="0.001s"))
    upstream.script(*[failing] * 2000)
    elsewhere.script(*[failing] * 2000)
    outcomes = []

    def many():
        with Connection(program.port) as connection:
            for _ in range(50):
                response = connection.chat({"model": model, "messages": [user("Hi")]}, [AUTHORIZED])
                outcomes.append((response.status, response.header("x-pollux-route")))
                response.read()

    begun = time.monotonic()
    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begun
    try:
        assert {status for status, _ in outcomes} == {503}
        retries = len(upstream.requests) + len(elsewhere.requests) - 400
        assert 50 < retries <= 100 + 10 * took + 4 + 8
        assert any(path.endswith(";no-budget") for _, path in outcomes)
    finally:
        program.stop()
