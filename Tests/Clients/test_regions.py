"""A model in several places: spills, rests, probes. Two scripted upstreams are two locations.

Health is remembered by model, so every test asks for a model name of its own.
"""

import json
import threading

import openai
import pytest

from conftest import EU, KEY, PROJECT, US, new_model
from regions import AUTHORIZED, UNAVAILABLE, ask, chunks, leg, refused, route, sdk, stream, throttled
from scenes import user
from test_admin import ask as admin
from test_metrics import Samples
from test_reload import Reloadable
from upstream import (
    DEFAULT_TEXT, Moment, answer_of, candidate, completion, error_of, relays, responds, says, streams,
    vllm_events,
)
from wire import Connection, message

INTERNAL = responds(500, error_of(500, "INTERNAL", "Internal error."))


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
    program = gateways.start(gateways.located(second_upstream))
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
    gateway = Reloadable(gateways, backends=[gateways.located(second_upstream)])
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
    program = gateways.start(gateways.located(second_upstream, us={"weight": 3}))
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
    program = gateways.start(gateways.located(second_upstream))
    model = new_model("gemini-2.5-flash-image")
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
    model = new_model("gemini-3-flash-preview")
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


def test_the_admin_listener_tells_how_each_place_is(gateways, upstream, elsewhere, model):
    """`/admin/status`: who rests, and what became of requests there."""
    program = gateways.start(
        gateways.located(elsewhere), admin={"port": 0, "token": "env:ADMIN_TOKEN"},
    )
    upstream.script(throttled())
    elsewhere.script(says("Hello."))
    assert ask(program, model)[0] == "Hello."
    places = {place["location"]: place for place in admin(program, "/admin/status").json()["places"]}
    assert (places[EU]["condition"], places[EU]["throttled"], places[EU]["spilled"]) == ("resting", 1, 1)
    assert 0 < places[EU]["rest_ms"] <= 30_000
    assert (places[US]["condition"], places[US]["requests"], places[US]["failed"]) == ("well", 1, 0)
    samples = Samples(admin(program, "/metrics").body.decode())
    assert samples.sum("pollux_places", location=EU, condition="resting") == samples.sum("pollux_places", location=EU)
    assert samples.sum("pollux_places", location=US, condition="well") == 1
    for name in ("throttled", "rests", "spills"):
        assert samples.sum("pollux_place_%s_total" % name, location=EU) == 1, name
        assert samples.sum("pollux_place_%s_total" % name, location=US) == 0, name
    program.stop()
