"""Parameters that show only on the wire: headers, several calls for one request, types, and bytes."""

import json
import threading

import pytest

from conftest import KEY
from scenes import FLASH, WEATHER, call, calling, result, user
from upstream import answer_of, candidate, error_of, responds, says, text_of
from wire import Connection

BEARER = ("authorization", "Bearer " + KEY)
THIRD = "google/gemini-3-flash-preview"
LATEST = "gemini-flash-latest"
SHARED, DEDICATED = "x-vertex-ai-llm-shared-request-type", "x-vertex-ai-llm-request-type"


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


def ask(program, headers=(), target="/v1/chat/completions", **members):
    """One request on a connection of its own; its answer, read to the end."""
    with Connection(program.port) as connection:
        response = connection.chat(body(**members), [BEARER, *headers], target)
        response.read()
    return response


def chunks_of(response):
    assert response.status == 200, response.body
    events = response.events()
    assert events[-1] == "[DONE]", events[-1]
    return events[:-1]


# Where it goes


@pytest.mark.parametrize("model", ["google/gemini-2.5-pro", "gemini-2.5-pro", "models/gemini-2.5-pro"])
def test_the_model_selects_the_url(managed, upstream, model):
    """`model` stands in the address, and nowhere in the body (REQ-002)."""
    assert ask(managed, model=model).status == 200
    sent = upstream.only_request()
    assert sent.target.endswith("/publishers/google/models/gemini-2.5-pro:generateContent")
    assert "model" not in sent.json


def test_a_cache_is_of_the_project_in_the_path(passthrough, upstream):
    """A bare cache id is completed with the place that the request goes to, not the configured one (XB-002)."""
    target = "/v1/projects/their-project/locations/europe-west4/endpoints/openapi/chat/completions"
    ask(passthrough, target=target, extra_body={"google": {"cached_content": "c1"}})
    assert upstream.only_request().json["cachedContent"] == (
        "projects/their-project/locations/europe-west4/cachedContents/c1"
    )


# Service tiers


@pytest.mark.parametrize(
    "tier, shared, kind",
    [
        (None, None, None), ("auto", None, None), ("default", None, None), ("of tomorrow", None, None),
        ("flex", "flex", None), ("priority", "priority", None), ("fast", "priority", None),
        ("scale", None, "dedicated"),
    ],
)
def test_a_tier_is_a_header_on_vertex(managed, upstream, tier, shared, kind):
    """Vertex has no member for the tier, so it travels in headers (REQ-024, TIER-001…004)."""
    assert ask(managed, service_tier=tier).status == 200
    sent = upstream.only_request()
    assert (sent.header(SHARED), sent.header(DEDICATED)) == (shared, kind)
    assert set(sent.json) == {"contents"}


@pytest.mark.parametrize(
    "tier, member", [("auto", None), ("flex", "flex"), ("priority", "priority"), ("fast", "priority"), ("scale", None)]
)
def test_a_tier_is_a_member_of_the_developer_api(developer, upstream, tier, member):
    """The Developer API has a member and knows no such headers (TIER-001…004)."""
    assert ask(developer, service_tier=tier).status == 200
    sent = upstream.only_request()
    assert sent.json.get("serviceTier") == member
    assert sent.names().isdisjoint({SHARED, DEDICATED})


@pytest.mark.parametrize("stream", [False, True])
def test_a_tier_may_be_exclusive(gateways, upstream, stream):
    """`service_tier_exclusive` skips provisioned throughput (TIER-002, TIER-003)."""
    program = gateways.start(gateways.managed(), service_tier_exclusive=True)
    for tier, expected in [("flex", ("flex", "shared")), ("fast", ("priority", "shared")), ("auto", (None, None)),
                           ("scale", (None, "dedicated"))]:
        assert ask(program, service_tier=tier, stream=stream).status == 200
        sent = upstream.requests[-1]
        assert (sent.header(SHARED), sent.header(DEDICATED)) == expected, tier
    program.stop()


def test_the_clients_own_headers_win(managed, upstream):
    """Who sends Google's header means it: the tier does not change it (TIER-002, TIER-004)."""
    ask(managed, [(SHARED, "priority")], service_tier="flex")
    ask(managed, [(DEDICATED, "shared")], service_tier="scale")
    first, second = upstream.requests
    assert (first.all(SHARED), second.all(DEDICATED)) == (["priority"], ["shared"])


# Labels


@pytest.fixture(scope="module")
def labelling(gateways):
    """The operator bills by the clients' metadata."""
    program = gateways.start(gateways.managed(), metadata_as_labels=True)
    yield program
    program.stop()


@pytest.mark.parametrize(
    "metadata, labels",
    [
        ({"team": "core", "run-1": "a_b-9"}, {"team": "core", "run-1": "a_b-9"}),
        ({"Team Name": "Größe/1.5"}, {"team_name": "gr__e_1_5"}),
        ({"1st": "1st"}, {"k_1st": "1st"}),
        ({"_x": "_x", "-y": "-y", "é": "é"}, {"k__x": "_x", "k_-y": "-y", "k__": "_"}),
        ({"k" * 70: "v" * 70}, {"k" * 63: "v" * 63}),
        ({"9" * 70: ""}, {"k_" + "9" * 61: ""}),
        ({"": "x"}, {"k_": "x"}),
        ({}, None),
        (None, None),
    ],
)
def test_metadata_becomes_labels(labelling, upstream, metadata, labels):
    """Keys and values get the form that Google bills by (REQ-025 and its detail)."""
    assert ask(labelling, metadata=metadata).status == 200
    assert upstream.only_request().json.get("labels") == labels


def test_at_most_64_labels(labelling, upstream):
    """Google takes 64 labels: those that come first (REQ-025)."""
    ask(labelling, metadata={"k%02d" % number: "v" for number in range(70)})
    assert list(upstream.only_request().json["labels"]) == ["k%02d" % number for number in range(64)]


def test_labels_by_name_win(labelling, upstream):
    """`extra_body.google.labels` is Google's own member, and goes as it is (XB-012, REQ-025)."""
    ask(labelling, metadata={"team": "core"}, extra_body={"google": {"labels": {"cost": "7"}}})
    assert upstream.only_request().json["labels"] == {"cost": "7"}


def test_the_developer_api_has_no_labels(gateways, upstream):
    """There metadata is ignored, whatever the operator wishes (REQ-025)."""
    program = gateways.start(gateways.developer(), metadata_as_labels=True)
    assert ask(program, metadata={"team": "core"}).status == 200
    assert set(upstream.only_request().json) == {"contents"}
    program.stop()


# Types

WRONG = {
    "messages": ("x", {}, 1),
    "max_completion_tokens": ("1", 1.5, True, []), "max_tokens": ("1", 1.5, {}), "n": ("1", 1.5, False),
    "temperature": ("1", True, [1]), "top_p": ("1", {}), "top_k": ("1", []), "frequency_penalty": ("0", True),
    "presence_penalty": ("0", {}), "seed": ("1", 1.5, True), "stop": (1, {}, True),
    "stream": ("true", 1, {}), "stream_options": (True, "x", []),
    "response_format": (1, True, []), "tools": ({}, "x", 1), "tool_choice": (1, True, []),
    "parallel_tool_calls": ("true", 0), "functions": ({}, "x"), "function_call": (1, True, []),
    "web_search_options": (True, "x", []),
    "reasoning_effort": (1, {}, True), "logprobs": (1, "true"), "top_logprobs": ("1", 1.5),
    "modalities": ("text", {}, 1), "audio": ("x", [], True), "service_tier": (1, {}), "metadata": ("x", [], 1),
    "user": (1, {}), "safety_identifier": (1, []), "prompt_cache_key": (1, {}), "prompt_cache_retention": (24, {}),
    "prompt_cache_options": ("x", []), "store": ("true", 1), "prediction": ("x", []), "verbosity": (1, {}),
    "moderation": ("x", []), "logit_bias": ([], "x", 1),
}
WRONG_OF_GOOGLE = {
    "safety_settings": ({}, "x"), "cached_content": (1, {}), "thinking_config": ("low", []),
    "thought_tag_marker": (1, {}), "stream_function_call_arguments": ("true", 1), "tools": ({}, "x"),
    "media_resolution": (1, {}), "tool_config": ("x", []), "generation_config": ("x", []),
    "response_modalities": ("IMAGE", {}), "speech_config": ("Kore", []), "image_config": ("16:9", []),
    "audio_timestamp": ("true", 1), "aspect_ratio": (1, {}), "labels": ([], "x"), "model_armor_config": ("x", []),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_type_is_refused(managed, upstream, name):
    """Every known member has its type, also one without effect; nothing goes upstream (GEN-003)."""
    for value in WRONG[name]:
        response = ask(managed, **{"logprobs": True, "stream": True, name: value})
        error = response.error()
        assert (response.status, error["code"], error["param"]) == (400, "invalid_type", name), (value, error)
        assert error["message"].startswith("Invalid type for '%s': expected a" % name), error
    assert upstream.requests == []


@pytest.mark.parametrize("name", WRONG_OF_GOOGLE)
def test_a_wrong_type_of_googles_is_refused(managed, upstream, name):
    """So have the members of `extra_body.google`, in both places (GEN-003, XB-001…012)."""
    for value in WRONG_OF_GOOGLE[name]:
        for members in ({"extra_body": {"google": {name: value}}}, {"google": {name: value}}):
            response = ask(managed, **members)
            error = response.error()
            assert (response.status, error["code"]) == (400, "invalid_type"), (value, error)
            assert error["param"] == "extra_body.google." + name
    assert upstream.requests == []


# Bytes


def test_a_growing_conversation_keeps_its_beginning(managed, upstream):
    """Each request begins with the bytes of the one before, up to where its conversation ended (GEN-004)."""
    messages = [{"role": "system", "content": "Be brief. Æ / \u2028"}]
    for turn in range(3):
        messages += [user("Weather on day %d?" % turn)]
        ask(managed, messages=messages, tools=[WEATHER], tool_choice="auto", temperature=0.5)
        messages += [calling(call("c%d" % turn)), result("c%d" % turn, '{"deg": %d}' % turn)]
        ask(managed, messages=messages, tools=[WEATHER], tool_choice="auto", temperature=0.1 * turn)
        messages += [{"role": "assistant", "content": "%d degrees." % turn}]
    bodies = [request.body for request in upstream.requests]
    assert len(bodies) == 6
    for earlier, later in zip(bodies, bodies[1:]):
        end = earlier.index(b'],"generationConfig"')
        assert later.startswith(earlier[:end] + b",")
    assert list(json.loads(bodies[0])) == ["systemInstruction", "tools", "toolConfig", "contents", "generationConfig"]


def test_the_same_request_is_the_same_bytes(managed, upstream):
    """Whatever the order and the spacing of the client's members (GEN-004)."""
    members = body(tools=[WEATHER], temperature=0.5, max_tokens=9, seed=1)
    for document in (json.dumps(members), json.dumps(dict(reversed(members.items())), indent=3)):
        with Connection(managed.port) as connection:
            assert connection.chat(document.encode(), [BEARER]).read()
    assert upstream.requests[0].body == upstream.requests[1].body


# What only the upstream can decide


def test_json_beside_functions_is_for_google_to_refuse(managed, upstream):
    """The combination goes upstream whole, and Google's 400 comes back (FMT-007)."""
    message = "Function calling with a response mime type: 'application/json' is unsupported"
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", message)))
    response = ask(managed, tools=[WEATHER], response_format={"type": "json_object"})
    assert (response.status, response.error()["message"]) == (400, message)
    sent = upstream.only_request().json
    assert sent["tools"] and sent["generationConfig"] == {"responseMimeType": "application/json"}


@pytest.mark.parametrize("stream", [False, True])
def test_sampling_is_taken_back_once(managed, upstream, stream):
    """Where a `-latest` model refuses sampling, it is asked again without (00 § 5 note 3, REQ-006…008)."""
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", "Unsupported parameter: top_p")))
    response = ask(managed, model=LATEST, temperature=0.2, top_p=0.9, top_k=40, max_tokens=9, stream=stream)
    assert response.status == 200
    first, second = upstream.requests
    assert first.json["generationConfig"] == {"maxOutputTokens": 9, "temperature": 0.2, "topP": 0.9, "topK": 40}
    assert second.json["generationConfig"] == {"maxOutputTokens": 9}


def test_sampling_is_not_taken_back_twice(managed, upstream):
    """A second refusal is the client's (00 § 5 note 3)."""
    refusal = responds(400, error_of(400, "INVALID_ARGUMENT", "temperature is not supported"))
    upstream.script(refusal, refusal)
    assert ask(managed, model=LATEST, temperature=0.2).status == 400
    assert len(upstream.requests) == 2


# The last message


@pytest.mark.parametrize("own, status", [(None, 400), ("continue", 200), ("error", 400)])
def test_the_operator_may_refuse_a_last_answer(gateways, upstream, own, status):
    """`trailing_assistant: error` is a 400 where the model would refuse; a request may differ (MSG-022)."""
    program = gateways.start(gateways.managed(), trailing_assistant="error")
    members = {"extra_body": {"pollux": {"trailing_assistant": own}}} if own else {}
    messages = [user("A poem."), {"role": "assistant", "content": "Roses are"}]
    response = ask(program, model="gemini-3.6-flash", messages=messages, **members)
    assert response.status == status
    if status == 400:
        error = response.error()
        assert error["message"] == "The last message must not have role 'assistant' for this model."
        assert upstream.requests == []
    assert ask(program, messages=messages).status == 200
    program.stop()


# Several calls for one request


def by_seed(behave):
    """A behaviour that knows which call of a fan-out it answers: `seed` is 100 and its number."""
    return lambda exchange: behave(exchange, exchange.request.json["generationConfig"]["seed"] - 100)


def test_calls_differ_by_seed_and_answer_in_order(managed, upstream):
    """Call i has `seed` + i and is choice i, whichever ends first; usage is summed (NFAN-001, REQ-011)."""
    answered = [upstream.gate() for _ in range(3)]

    def behave(exchange, number):
        if number < 2:
            assert answered[number + 1].wait(10)
        made = answer_of(candidate({"text": "Number %d." % number}), identifier="r%d" % number, usage=(4, number + 1))
        exchange.respond(200, json.dumps(made).encode())
        answered[number].set()

    upstream.script(*[by_seed(behave)] * 3)
    completion = ask(managed, model=THIRD, n=3, seed=100).json()
    assert [c["index"] for c in completion["choices"]] == [0, 1, 2]
    assert [c["message"]["content"] for c in completion["choices"]] == ["Number 0.", "Number 1.", "Number 2."]
    assert completion["id"] == "r0"
    usage = completion["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (12, 6, 18)
    configurations = [request.json["generationConfig"] for request in upstream.requests]
    assert sorted(c["seed"] for c in configurations) == [100, 101, 102]
    assert all(set(c) == {"seed"} for c in configurations)


def test_seeds_stay_within_32_bits(managed, upstream):
    """The seed after the largest one is the smallest of the folded ones (NFAN-001, REQ-011)."""
    ask(managed, model=THIRD, n=2, seed=2147483647)
    assert {r.json["generationConfig"]["seed"] for r in upstream.requests} == {2147483647, 0}


def test_seeds_of_the_extension_differ_too(managed, upstream):
    """A seed in `generation_config` is one that was given: the choices are not all the same (NFAN-001, XB-009)."""
    google = {"generation_config": {"seed": 7, "candidate_count": 2}}
    ask(managed, model=THIRD, n=2, extra_body={"google": google})
    assert sorted(r.json["generationConfig"]["seed"] for r in upstream.requests) == [7, 8]
    assert not any("candidateCount" in r.json["generationConfig"] for r in upstream.requests)


def test_without_a_seed_the_calls_are_alike(managed, upstream):
    """No seed is invented (NFAN-001)."""
    ask(managed, model=THIRD, n=2)
    assert [r.json for r in upstream.requests] == [{"contents": [{"parts": [{"text": "Hi"}], "role": "user"}]}] * 2


@pytest.mark.parametrize("n, calls", [(8, 1), (9, 9)])
def test_eight_candidates_are_one_call(managed, upstream, n, calls):
    """Up to eight candidates Gemini gives itself; beyond that each has its call (REQ-005, NFAN-001)."""
    if calls == 1:
        made = answer_of(*[candidate({"text": str(number)}, index=number) for number in range(n)])
        upstream.script(responds(200, made))
    completion = ask(managed, n=n).json()
    assert [c["index"] for c in completion["choices"]] == list(range(n))
    assert len(upstream.requests) == calls
    expected = {"candidateCount": 8} if calls == 1 else None
    assert all(r.json.get("generationConfig") == expected for r in upstream.requests)


def test_at_most_eight_calls_at_a_time(managed, upstream):
    """Eight run side by side, and the next begins when one has ended (NFAN-001)."""
    lock, together = threading.Lock(), upstream.gate()
    running, most = [0], [0]

    def behave(exchange, number):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            if running[0] == 8:
                together.set()
        assert together.wait(10)
        with lock:
            running[0] -= 1
        says(str(number))(exchange)

    upstream.script(*[by_seed(behave)] * 20)
    completion = ask(managed, model=THIRD, n=20, seed=100).json()
    assert [c["message"]["content"] for c in completion["choices"]] == [str(number) for number in range(20)]
    assert most[0] == 8


def test_streams_of_several_calls_are_one(managed, upstream):
    """Chunks come as they are made, each with its index; `id` is that of call 0, usage the sum (NFAN-001, REQ-014)."""
    first = upstream.gate()

    def behave(exchange, number):
        if number == 1:
            assert first.wait(10)
        exchange.begin()
        exchange.event(text_of("One " if number else "Zero ", finish=None, identifier="r%d" % number))
        first.set()
        exchange.event(text_of("more.", identifier="r%d" % number, usage=(4, 3 + number)))
        exchange.end()

    upstream.script(*[by_seed(behave)] * 2)
    made = chunks_of(
        ask(managed, model=THIRD, n=2, seed=100, stream=True, stream_options={"include_usage": True})
    )
    texts = {0: "", 1: ""}
    for chunk in made:
        for choice in chunk["choices"]:
            texts[choice["index"]] += choice["delta"].get("content") or ""
    assert texts == {0: "Zero more.", 1: "One more."}
    assert {chunk["id"] for chunk in made} == {"r0"}
    assert made[-1]["choices"] == [] and made[-1]["usage"]["completion_tokens"] == 7
    assert made[-1]["usage"]["prompt_tokens"] == 8


def test_each_call_takes_sampling_back(managed, upstream):
    """What one call is refused, all are: every one is asked again without (NFAN-001, 00 § 5 note 3)."""
    def refuses(exchange):
        if "temperature" in exchange.request.json.get("generationConfig", {}):
            return responds(400, error_of(400, "INVALID_ARGUMENT", "temperature is not supported"))(exchange)
        return says("Well.")(exchange)

    upstream.script(*[refuses] * 4)
    response = ask(managed, model=LATEST, temperature=0.2, n=2)
    assert response.status == 200, response.body
    assert [c["message"]["content"] for c in response.json()["choices"]] == ["Well.", "Well."]


@pytest.fixture(scope="module")
def partial(gateways):
    """The operator prefers some choices to none."""
    program = gateways.start(gateways.managed(), n_partial=True, upstream={"max_retries": 0})
    yield program
    program.stop()


def test_some_choices_are_better_than_none(partial, upstream):
    """With `n_partial: true` the calls that failed are left out, and the others keep their index (NFAN-001)."""
    def behave(exchange, number):
        if number == 1:
            return responds(429, error_of(429, "RESOURCE_EXHAUSTED", "No more."))(exchange)
        return says(str(number))(exchange)

    upstream.script(*[by_seed(behave)] * 3)
    response = ask(partial, model=THIRD, n=3, seed=100)
    assert response.status == 200, response.body
    assert [(c["index"], c["message"]["content"]) for c in response.json()["choices"]] == [(0, "0"), (2, "2")]


def test_no_choice_at_all_is_an_error(partial, upstream):
    """When every call fails there is nothing to give (NFAN-001)."""
    upstream.script(*[responds(429, error_of(429, "RESOURCE_EXHAUSTED", "No more."))] * 2)
    assert ask(partial, model=THIRD, n=2).status == 429
