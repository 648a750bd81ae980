"""A model in several places: spills, rests, probes, deadlines, hedges. Two scripted upstreams are two locations.

Health is remembered by model, so every test asks for a model name of its own.
"""

import itertools
import json
import re
import threading
import time

import openai
import pytest

from conftest import KEY, PROJECT
from scenes import user
from test_admin import ask as admin
from test_reload import Reloadable
from upstream import (
    DEFAULT_TEXT, Moment, Upstream, answer_of, candidate, completion, error_of, relays, responds, says, streams,
    vllm_events,
)
from wire import Connection, message

EU, US = "europe-west4", "us-central1"
AUTHORIZED = ("authorization", "Bearer " + KEY)
names = itertools.count(1)


def throttled(retry="30s"):
    return responds(429, error_of(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", retry=retry))


UNAVAILABLE = responds(503, error_of(503, "UNAVAILABLE", "The service is currently unavailable."))
INTERNAL = responds(500, error_of(500, "INTERNAL", "Internal error."))


@pytest.fixture(scope="session")
def second_upstream():
    made = Upstream()
    yield made
    made.close()


@pytest.fixture
def elsewhere(second_upstream):
    """The second location, with an empty script."""
    second_upstream.reset()
    yield second_upstream
    second_upstream.reset()


@pytest.fixture
def model():
    return "google/gemini-2.5-flash-test%d" % next(names)


def located(gateways, elsewhere, eu=(), us=(), **members):
    """A Vertex backend in two locations."""
    backend = gateways.vertex(credentials={"type": "api_key", "key": "env:DEVELOPER_KEY"}, **members)
    for name in ("location", "base_url"):
        del backend[name]
    return {
        **backend, "locations": [
            {"name": EU, "base_url": gateways.upstream.url, **dict(eu)},
            {"name": US, "base_url": elsewhere.url, **dict(us)},
        ],
    }


@pytest.fixture(scope="session")
def regions(gateways, second_upstream):
    """Two locations, in order."""
    return gateways.start(located(gateways, second_upstream))


@pytest.fixture(scope="session")
def patient(gateways, second_upstream):
    """Two locations; a first byte must be there soon, and streams hear comments."""
    return gateways.start(
        located(gateways, second_upstream), upstream={"first_byte_timeout": "300ms"}, stream={"keepalive": "250ms"},
    )


@pytest.fixture(scope="session")
def hedging(gateways, second_upstream):
    return gateways.start(
        located(gateways, second_upstream), upstream={"hedge_tokens_per_hour": 1_000_000},
        stream={"keepalive": "250ms"},
    )


def sdk(program, **options):
    return openai.OpenAI(base_url=program.url + "/v1", api_key=KEY, **{"timeout": 10, "max_retries": 0, **options})


def ask(program, model, headers=None, **members):
    """One unary request by the SDK: its text, and where it was."""
    with sdk(program) as client:
        raw = client.chat.completions.with_raw_response.create(
            model=model, messages=[user("Hi")], extra_headers=headers or {}, **members
        )
        return raw.parse().choices[0].message.content, route(raw.headers)


def refused(program, model, **members):
    """One request that fails; the SDK's exception, and where it was."""
    with sdk(program) as client, pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=model, messages=[user("Hi")], **members)
    return caught.value, route(caught.value.response.headers)


def route(headers):
    """`x-pollux-route` without its times."""
    text = headers["x-pollux-route"]
    assert re.fullmatch(r"[\x20-\x7e]{1,1000}", text)
    return re.sub(r";\d+ms", "", text)


def leg(location, *words):
    return ";".join(["vertex/" + location, *map(str, words)])


def stream(program, model, **members):
    connection = Connection(program.port)
    return connection, connection.chat(
        {"model": model, "messages": [user("Hi")], "stream": True, **members}, [AUTHORIZED]
    )


def chunks(response):
    return [e for e in response.events() if not isinstance(e, str) or not e.startswith(":")]


# Spills


def test_a_429_is_answered_by_another_location_at_once(regions, upstream, elsewhere, model):
    """No visible error, no pause; the resting location is left alone as long as it asked."""
    upstream.script(throttled("34s"))
    assert ask(regions, model) == (DEFAULT_TEXT, "%s, %s" % (leg(EU, 429), leg(US, 200)))
    for _ in range(3):
        assert ask(regions, model) == (DEFAULT_TEXT, leg(US, 200))
    assert len(upstream.requests) == 1 and len(elsewhere.requests) == 4
    assert upstream.requests[0].body == elsewhere.requests[0].body
    assert "/locations/%s/" % EU in upstream.requests[0].target
    assert "/locations/%s/" % US in elsewhere.requests[0].target


def test_another_model_of_the_same_location_is_well(regions, upstream, elsewhere, model):
    upstream.script(throttled())
    ask(regions, model)
    assert ask(regions, model + "x") == (DEFAULT_TEXT, leg(EU, 200))


def test_a_daily_quota_of_one_location_is_not_anothers(regions, upstream, elsewhere, model):
    quota = "Quota exceeded for quota metric 'requests per day', limit: 0"
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", quota)))
    assert ask(regions, model)[0] == DEFAULT_TEXT


@pytest.mark.parametrize("failure", [UNAVAILABLE, INTERNAL], ids=["503", "500"])
def test_a_failure_is_answered_elsewhere(regions, upstream, elsewhere, model, failure):
    upstream.script(failure)
    text, path = ask(regions, model)
    assert text == DEFAULT_TEXT and path.endswith(leg(US, 200))
    assert len(upstream.requests) == len(elsewhere.requests) == 1


def test_what_is_the_requests_own_fault_is_told(regions, upstream, elsewhere, model):
    """400–404 are never tried elsewhere (ERR-053)."""
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", "Bad.")))
    error, path = refused(regions, model)
    assert error.status_code == 400 and path == leg(EU, 400) and elsewhere.requests == []


def test_a_burst_of_503_is_invisible(regions, upstream, elsewhere, model):
    """Many at once: nobody sees an error, and the failing location hears only what was on its way, and probes."""
    upstream.script(*[UNAVAILABLE] * 200)
    results = []

    def many():
        for _ in range(5):
            results.append(ask(regions, model)[0])

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [DEFAULT_TEXT] * 40
    assert len(elsewhere.requests) == 40 and len(upstream.requests) < 20


def test_a_location_that_refuses_connections(gateways, upstream, second_upstream, elsewhere, model):
    program = gateways.start(located(gateways, second_upstream))
    upstream.refuse()
    try:
        assert ask(program, model) == (DEFAULT_TEXT, "%s, %s" % (leg(EU, "unreachable"), leg(US, 200)))
        assert ask(program, model) == (DEFAULT_TEXT, leg(US, 200))
    finally:
        upstream.accept()
        program.stop()


def test_a_connection_that_breaks_before_the_head(regions, upstream, elsewhere, model):
    upstream.script(lambda exchange: exchange.leave("reset"))
    text, path = ask(regions, model)
    assert text == DEFAULT_TEXT and path == "%s, %s" % (leg(EU, "broken"), leg(US, 200))


def test_an_error_inside_a_200_before_the_first_event(regions, upstream, elsewhere, model):
    """The client sees one whole stream."""
    upstream.script(streams(error_of(503, "UNAVAILABLE", "Overloaded.")))
    with sdk(regions) as client:
        events = list(client.chat.completions.create(model=model, messages=[user("Hi")], stream=True))
    assert "".join(e.choices[0].delta.content or "" for e in events if e.choices) == DEFAULT_TEXT
    assert events[-1].choices[0].finish_reason == "stop"
    assert len(upstream.requests) == len(elsewhere.requests) == 1


def test_a_stream_that_ends_before_its_first_event(regions, upstream, elsewhere, model):
    upstream.script(streams())
    connection, response = stream(regions, model)
    with connection:
        assert chunks(response)[-1] == "[DONE]"
    assert len(upstream.requests) >= 1 and len(elsewhere.requests) + len(upstream.requests) == 2


def test_a_failure_after_the_first_byte_is_told_and_not_repeated(regions, upstream, elsewhere, model):
    def breaks(exchange):
        exchange.begin()
        exchange.event(answer_of(candidate({"text": "One"}, finish=None)))
        exchange.leave("reset")

    upstream.script(breaks)
    connection, response = stream(regions, model)
    with connection:
        *_, last = chunks(response)
        assert route(dict(response.headers)) == leg(EU, 200)
    assert last["error"]["code"] in ("upstream_unreachable", "upstream_stream_incomplete")
    assert elsewhere.requests == [] and b"[DONE]" not in response.body


def test_both_locations_fail(regions, upstream, elsewhere, model):
    """The last error is told, with the way it went."""
    upstream.script(throttled("40s"))
    elsewhere.script(throttled("50s"))
    error, path = refused(regions, model)
    assert error.status_code == 429 and error.response.headers["retry-after"] == "50"
    assert path == "%s, %s" % (leg(EU, 429), leg(US, 429))
    # Both rest: the one that is back first is asked all the same.
    text, path = ask(regions, model)
    assert text == DEFAULT_TEXT and path == leg(EU, 200, "last-resort")
    assert ask(regions, model) == (DEFAULT_TEXT, leg(EU, 200))


# Rest and return


def test_one_request_finds_out_whether_a_location_is_back(regions, upstream, elsewhere, model):
    """After the rest a single probe goes there; while it is out, all others stay away; then all come back."""
    gate = upstream.gate()

    def waits(exchange):
        gate.wait()
        says("Back again.")(exchange)

    upstream.script(throttled("0.05s"), waits)
    ask(regions, model)
    probed = []

    def probe():
        while len(upstream.requests) < 2:
            probed.append(ask(regions, model))

    prober = threading.Thread(target=probe)
    prober.start()
    upstream.wait_for_requests(2)
    for _ in range(3):
        assert ask(regions, model) == (DEFAULT_TEXT, leg(US, 200))
    gate.set()
    prober.join()
    assert probed[-1] == ("Back again.", leg(EU, 200, "probe"))
    assert ask(regions, model) == (DEFAULT_TEXT, leg(EU, 200))
    assert len(upstream.requests) == 3


def test_a_probe_that_fails_is_invisible(regions, upstream, elsewhere, model):
    upstream.script(throttled("0.05s"), throttled("60s"))
    ask(regions, model)
    while len(upstream.requests) < 2:
        last = ask(regions, model)
        assert last[0] == DEFAULT_TEXT
    assert last[1] == "%s, %s" % (leg(EU, 429, "probe"), leg(US, 200))
    assert ask(regions, model) == (DEFAULT_TEXT, leg(US, 200))


def test_a_probe_whose_client_leaves_is_made_again(regions, upstream, elsewhere, model):
    left = Moment()
    upstream.script(throttled("0.05s"), lambda exchange: exchange.see_leaving(left))
    ask(regions, model)
    body = {"model": model, "messages": [user("Hi")]}
    while len(upstream.requests) < 2:
        with Connection(regions.port) as connection:
            connection.send(request_bytes(body))
            while not is_answered_or_probe(upstream, connection):
                pass
    left.wait()
    while True:
        text, path = ask(regions, model)
        assert text == DEFAULT_TEXT
        if "probe" in path:
            break
    assert path == leg(EU, 200, "probe")


def request_bytes(body):
    return message("POST", "/v1/chat/completions", json.dumps(body).encode(), [AUTHORIZED])


def is_answered_or_probe(upstream, connection):
    """Whether the request was answered (by the other location), or is the probe."""
    if len(upstream.requests) >= 2:
        return True
    connection.socket.settimeout(0.02)
    try:
        return bool(connection.socket.recv(1))
    except TimeoutError:
        return False


def test_a_rest_survives_a_new_configuration(gateways, upstream, second_upstream, elsewhere, model):
    """What was learned of locations belongs to the process."""
    gateway = Reloadable(gateways, backends=[located(gateways, second_upstream)])
    try:
        upstream.script(throttled("60s"))
        ask(gateway.program, model)
        gateway.write(limits={"max_concurrent_requests": 100})
        gateway.hang_up()
        gateway.wait_for_generation(2)
        assert ask(gateway.program, model) == (DEFAULT_TEXT, leg(US, 200))
        assert len(upstream.requests) == 1
    finally:
        gateway.program.stop()


def test_requests_are_shared_out_by_weight(gateways, upstream, second_upstream, elsewhere, model):
    program = gateways.start(located(gateways, second_upstream, us={"weight": 3}))
    try:
        with Connection(program.port) as connection:
            for _ in range(40):
                response = connection.chat({"model": model, "messages": [user("Hi")]}, [AUTHORIZED])
                assert response.status == 200 and response.read()
        assert abs(len(upstream.requests) - 10) <= 1 and len(elsewhere.requests) == 40 - len(upstream.requests)
    finally:
        program.stop()


# What stays where it is


def test_a_location_in_the_path_is_the_clients_own_choice(regions, upstream, elsewhere, model):
    """Whoever names a location may have to keep its data there."""
    upstream.script(throttled("1s"))
    base = "/v1/projects/%s/locations/%s/endpoints/openapi" % (PROJECT, EU)
    with openai.OpenAI(base_url=regions.url + base, api_key=KEY, max_retries=0) as client:
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model=model, messages=[user("Hi")])
    assert "x-pollux-route" not in caught.value.response.headers and elsewhere.requests == []


@pytest.mark.parametrize("name, served", [("abc", "eu"), ("projects/p/locations/us-central1/cachedContents/abc", "us")])
def test_cached_content_is_in_one_location(regions, upstream, elsewhere, model, name, served):
    here, other = (upstream, elsewhere) if served == "eu" else (elsewhere, upstream)
    here.script(throttled())
    error, _ = refused(regions, model, extra_body={"google": {"cached_content": name}})
    assert error.status_code == 429 and len(here.requests) == 1 and other.requests == []
    assert here.requests[0].json["cachedContent"].endswith("cachedContents/abc")


# Fan-out, embeddings, relays, backends


def test_one_call_of_a_fan_out_spills_alone(gateways, upstream, second_upstream, elsewhere):
    """The other calls' answers are kept."""
    program = gateways.start(located(gateways, second_upstream))
    model = "google/gemini-2.5-flash-image-test%d" % next(names)
    try:
        upstream.script(throttled(), says("Two."), says("Three."))
        elsewhere.script(says("One."))
        with sdk(program) as client:
            answer = client.chat.completions.create(model=model, messages=[user("Hi")], n=3)
        assert sorted(c.message.content for c in answer.choices) == ["One.", "Three.", "Two."]
        assert len(upstream.requests) == 3 and len(elsewhere.requests) == 1
    finally:
        program.stop()


def test_embeddings_spill(regions, upstream, elsewhere):
    upstream.script(throttled())
    vectors = responds(200, {"predictions": [{"embeddings": {"values": [0.5, 1], "statistics": {"token_count": 3}}}]})
    elsewhere.script(vectors)
    with sdk(regions) as client:
        answer = client.embeddings.create(model="google/text-embedding-005", input="Hi", encoding_format="float")
    assert answer.data[0].embedding == [0.5, 1] and answer.usage.prompt_tokens == 3
    assert upstream.requests[0].body == elsewhere.requests[0].body


@pytest.fixture(scope="session")
def containers(gateways, second_upstream):
    """Two servers of one self-deployed model, as a pool."""
    backends = [
        {"name": "one", "kind": "openai", "base_url": gateways.upstream.url + "/v1", "api_key": "env:DEVELOPER_KEY"},
        {"name": "two", "kind": "openai", "base_url": second_upstream.url + "/v2", "upstream_model": "served"},
    ]
    pool = {"name": "llamas", "members": ["one", "two"]}
    return gateways.start(None, backends=backends, pools=[pool], routing={"default_backend": "llamas"})


def test_a_container_that_is_overloaded_is_stood_in_for(containers, upstream, elsewhere, model):
    """Each gets the body, the path and the credential that are its own."""
    upstream.script(responds(503, {"error": "Model is overloaded", "error_type": "overloaded"}))
    elsewhere.script(responds(200, completion("From two.")))
    assert ask(containers, model) == ("From two.", "one;503, two;200")
    one, two = upstream.only_request(), elsewhere.only_request()
    assert (one.target, two.target) == ("/v1/chat/completions", "/v2/chat/completions")
    assert one.json["model"] == model and two.json["model"] == "served"
    assert one.header("authorization") and two.header("authorization") is None


def test_a_containers_stream_is_stood_in_for(containers, upstream, elsewhere, model):
    upstream.script(lambda exchange: exchange.leave("reset"))
    elsewhere.script(relays(vllm_events("From ", "two.")))
    with sdk(containers) as client:
        events = list(client.chat.completions.create(model=model, messages=[user("Hi")], stream=True))
    assert "".join(e.choices[0].delta.content or "" for e in events) == "From two."


def test_another_backend_gets_no_foreign_signature(gateways, upstream, second_upstream, elsewhere):
    """A signature means something only to the backend that made it (SIG-009): the other gets the placeholder."""
    key = {"type": "api_key", "key": "env:DEVELOPER_KEY"}
    backends = [
        gateways.vertex(credentials=key),
        {"name": "studio", "kind": "gemini-api", "base_url": second_upstream.url, "credentials": key},
    ]
    pool = {"name": "all", "members": ["vertex", "studio"]}
    program = gateways.start(None, backends=backends, pools=[pool], routing={"default_backend": "all"})
    model = "google/gemini-3-flash-preview-test%d" % next(names)
    asked = [user("Weather in Oslo?")]
    call = {"functionCall": {"name": "get_weather", "args": {"city": "Oslo"}}, "thoughtSignature": "QUJDRA=="}
    try:
        with sdk(program) as client:
            upstream.script(responds(200, answer_of(candidate(call))))
            answer = client.chat.completions.create(model=model, messages=asked, tools=[WEATHER])
            assert answer.choices[0].message.tool_calls[0].extra_content["google"]["thought_signature"] == "QUJDRA=="
            history = asked + [
                answer.choices[0].message.model_dump(exclude_none=True),
                {"role": "tool", "tool_call_id": answer.choices[0].message.tool_calls[0].id, "content": "12 C"},
            ]
            client.chat.completions.create(model=model, messages=history, tools=[WEATHER])
            upstream.script(throttled())
            client.chat.completions.create(model=model, messages=history, tools=[WEATHER])
        own, spilled = upstream.requests[1], elsewhere.only_request()
        assert signature_of(own) == "QUJDRA==" and signature_of(spilled) != "QUJDRA=="
        assert spilled.target.startswith("/v1beta/models/") and spilled.header("x-goog-api-key")
    finally:
        program.stop()


def test_a_backend_whose_credential_fails_is_stood_in_for(gateways, upstream, second_upstream, elsewhere, model):
    """Its token is renewed once; then another backend's credential is tried, and the failing one is left alone."""
    backends = [
        gateways.managed(),
        {
            "name": "studio", "kind": "gemini-api", "base_url": second_upstream.url,
            "credentials": {"type": "api_key", "key": "env:DEVELOPER_KEY"},
        },
    ]
    pool = {"name": "all", "members": ["vertex", "studio"]}
    program = gateways.start(None, backends=backends, pools=[pool], routing={"default_backend": "all"})
    unauthenticated = responds(401, error_of(401, "UNAUTHENTICATED", "Invalid credentials."))
    try:
        upstream.script(unauthenticated, unauthenticated)
        place = "vertex/us-central1;401"
        assert ask(program, model) == (DEFAULT_TEXT, "%s, %s, studio;200" % (place, place))
        assert ask(program, model) == (DEFAULT_TEXT, "studio;200")
    finally:
        program.stop()


WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


def signature_of(request):
    [part] = [p for c in request.json["contents"] for p in c["parts"] if "functionCall" in p]
    return part["thoughtSignature"]


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
def test_a_client_that_waits_a_second_is_told_before_it_gives_up(regions, upstream, elsewhere, model, header):
    upstream.script(silent)
    begun = time.monotonic()
    with Connection(regions.port) as connection:
        body = {"model": model, "messages": [user("Hi")]}
        response = connection.chat(body, [AUTHORIZED, (header, "1")])
        assert response.status == 504 and response.error()["code"] == "upstream_timeout"
    assert 0.5 < time.monotonic() - begun < 1


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
        located(gateways, second_upstream), upstream={"hedge_tokens_per_hour": 49}, stream={"keepalive": "250ms"},
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


# The budget


def test_retries_do_not_amplify_an_outage(gateways, upstream, second_upstream, elsewhere, model):
    """Everything fails: second tries stay within the budget, and the way says when there was none left."""
    program = gateways.start(located(gateways, second_upstream), upstream={"retry_budget": 1})
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


def test_the_admin_listener_tells_how_each_place_is(gateways, upstream, elsewhere, model):
    """`/admin/status`: who rests, and what became of requests there."""
    program = gateways.start(
        located(gateways, elsewhere), admin={"port": 0, "token": "env:ADMIN_TOKEN"},
    )
    upstream.script(throttled())
    elsewhere.script(says("Hello."))
    assert ask(program, model)[0] == "Hello."
    places = {place["location"]: place for place in admin(program, "/admin/status").json()["places"]}
    assert (places[EU]["condition"], places[EU]["throttled"], places[EU]["spilled"]) == ("resting", 1, 1)
    assert 0 < places[EU]["rest_ms"] <= 30_000
    assert (places[US]["condition"], places[US]["requests"], places[US]["failed"]) == ("well", 1, 0)
    program.stop()
