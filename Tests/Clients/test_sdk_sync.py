"""The `openai` SDK against the gateway: what an application developer relies on."""

import base64
import json
import time

import openai
import pytest

from conftest import KEY
from scenes import FLASH, PNG, THIRD, WEATHER, Person, call, calling, result, user
from upstream import UNAVAILABLE, answer_of, candidate, error_of, responds, says, streams, text_of


def sdk(program, key=KEY, **options):
    options.setdefault("max_retries", 0)
    return openai.OpenAI(base_url=program.url + "/v1", api_key=key, timeout=10, **options)


@pytest.fixture
def client(emulated):
    """A client of a gateway with the embedded emulator behind it."""
    with sdk(emulated, key="any") as made:
        yield made


@pytest.fixture
def scripted(managed):
    """A client of a gateway with the scripted upstream behind it."""
    with sdk(managed) as made:
        yield made


def ask(client, content="Hello", model=FLASH, **members):
    return client.chat.completions.create(model=model, messages=[user(content)], **members)


# Answers


def test_a_question_is_answered(client):
    """A completion has one choice with text, a finish reason and counted tokens (RESP-001…007)."""
    completion = ask(client)
    assert completion.object == "chat.completion"
    assert completion.model == FLASH
    assert completion.id and completion.system_fingerprint == "gemini-2.5-flash"
    assert abs(completion.created - time.time()) < 60
    [choice] = completion.choices
    assert (choice.index, choice.finish_reason, choice.message.role) == (0, "stop", "assistant")
    assert "Hello" in choice.message.content
    assert choice.message.refusal is None and choice.message.tool_calls is None
    usage = completion.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens > usage.completion_tokens_details.reasoning_tokens > 0


def test_the_request_id_reaches_the_caller(client, emulated):
    """`_request_id` is the id under which the gateway logs the request (GEN-009)."""
    completion = ask(client)
    assert completion._request_id
    entry = emulated.access_entry(completion._request_id)
    assert entry["status"] == 200 and entry["model"] == "gemini-2.5-flash"


def test_a_request_id_of_the_caller_is_kept(client):
    """A client's own `x-request-id` comes back (GEN-009)."""
    completion = ask(client, extra_headers={"x-request-id": "order-66.a_b"})
    assert completion._request_id == "order-66.a_b"


def test_system_and_developer_messages_instruct(scripted, upstream):
    """Both roles become the system instruction, in order, wherever they stand (MSG-001)."""
    scripted.chat.completions.create(
        model=FLASH,
        messages=[
            {"role": "system", "content": "Be brief."}, user("Hi"), {"role": "developer", "content": "Be kind."},
        ],
    )
    sent = upstream.only_request().json
    assert sent["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]}
    assert sent["contents"] == [{"role": "user", "parts": [{"text": "Hi"}]}]


def test_system_messages_reach_the_model(client):
    """The emulator tells how long its system instruction is (MSG-001)."""
    completion = client.chat.completions.create(
        model=FLASH, messages=[{"role": "system", "content": "Be brief."}, user("Hi")]
    )
    assert "system instruction of 9 characters" in completion.choices[0].message.content


def test_a_conversation_keeps_its_turns(scripted, upstream):
    """Assistant messages become model turns (MSG-003)."""
    scripted.chat.completions.create(
        model=FLASH, messages=[user("1+1?"), {"role": "assistant", "content": "2"}, user("Sure?")]
    )
    assert [c["role"] for c in upstream.only_request().json["contents"]] == ["user", "model", "user"]


def test_text_ends_before_a_stop_sequence(client):
    """`stop` as a string and as a list (REQ-012)."""
    for stop in ("emulator", ["nowhere", "emulator"]):
        completion = ask(client, stop=stop)
        assert completion.choices[0].message.content == "This is the Pollux "
        assert completion.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_token_limit_cuts_the_answer(client, name):
    """`max_tokens` and its newer name end the answer with reason `length` (REQ-003, REQ-004, 03 § 3)."""
    completion = ask(client, reasoning_effort="none", **{name: 5})
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens <= 5


def test_two_choices_come_for_n_2(client):
    """`n` gives that many choices in the order of their index (REQ-005, RESP-006)."""
    completion = ask(client, n=2)
    assert [c.index for c in completion.choices] == [0, 1]
    assert completion.choices[0].message.content != completion.choices[1].message.content


def test_n_works_where_gemini_refuses_it(client):
    """Gemini 3 gives one candidate a call, so the gateway calls twice (NFAN-001)."""
    completion = ask(client, n=2, model=THIRD)
    assert [c.index for c in completion.choices] == [0, 1]
    assert all(c.message.content and c.finish_reason == "stop" for c in completion.choices)


def test_n_streams_too(client):
    """The choices of a stream carry their index, and each one finishes once (NFAN-001, STREAM-025)."""
    for model in (FLASH, THIRD):
        finished, texts = [], {0: "", 1: ""}
        for chunk in ask(client, n=2, model=model, stream=True):
            for choice in chunk.choices:
                texts[choice.index] += choice.delta.content or ""
                if choice.finish_reason:
                    finished.append((choice.index, choice.finish_reason))
        assert sorted(finished) == [(0, "stop"), (1, "stop")], model  # Two calls may end in any order.
        assert texts[0] and texts[1]


@pytest.mark.parametrize(
    "model, effort, sent",
    [
        (FLASH, "none", {"thinkingBudget": 0}),
        (FLASH, "low", {"thinkingBudget": 1024}),
        (FLASH, "high", {"thinkingBudget": 24576}),
        (THIRD, "minimal", {"thinkingLevel": "MINIMAL"}),
        (THIRD, "medium", {"thinkingLevel": "MEDIUM"}),
        (THIRD, "xhigh", {"thinkingLevel": "HIGH"}),
    ],
)
def test_reasoning_effort_sets_how_much_is_thought(scripted, upstream, model, effort, sent):
    """`reasoning_effort` is a budget for Gemini 2.5 and a level for Gemini 3 (THINK-001)."""
    ask(scripted, model=model, reasoning_effort=effort)
    assert upstream.only_request().json["generationConfig"]["thinkingConfig"] == sent


def test_reasoning_tokens_are_counted(client):
    """Reasoning tokens are part of the completion tokens, and none are spent at effort `none` (USE-002, USE-005)."""
    assert ask(client, reasoning_effort="low").usage.completion_tokens_details.reasoning_tokens > 0
    assert ask(client, reasoning_effort="none").usage.completion_tokens_details.reasoning_tokens == 0


def test_logprobs_fit_the_sdk(client):
    """Each token has its probability, and as many others as were asked for (LOGP-001, LOGP-002)."""
    [choice] = ask(client, logprobs=True, top_logprobs=2, reasoning_effort="none").choices
    assert choice.logprobs.content
    for token in choice.logprobs.content:
        assert token.logprob <= 0 and bytes(token.bytes).decode() == token.token
        assert len(token.top_logprobs) == 2


# Streams


def test_a_stream_gives_the_whole_answer(client):
    """Chunks share id, model and time; the role comes once, the reason last (STREAM-020…025)."""
    whole = ask(client).choices[0].message.content
    chunks = list(ask(client, stream=True))
    assert {(c.id, c.model, c.created, c.object) for c in chunks} == {
        (chunks[0].id, FLASH, chunks[0].created, "chat.completion.chunk")
    }
    deltas = [c.choices[0].delta for c in chunks]
    assert "".join(d.content or "" for d in deltas) == whole
    assert [d.role for d in deltas] == ["assistant"] + [None] * (len(deltas) - 1)
    assert [c.choices[0].finish_reason for c in chunks] == [None] * (len(chunks) - 1) + ["stop"]


@pytest.mark.parametrize("asked", [True, None, False])
def test_usage_in_a_stream_comes_as_asked(client, asked):
    """Asked for: its own last chunk. Not said: on the finish chunk. Refused: nowhere (STREAM-040…042)."""
    options = {} if asked is None else {"stream_options": {"include_usage": asked}}
    chunks = list(ask(client, stream=True, **options))
    with_usage = [c for c in chunks if c.usage]
    if asked is False:
        assert not with_usage
        assert all("usage" not in c.model_fields_set for c in chunks)
        return
    assert with_usage == chunks[-1:]
    assert with_usage[0].usage.total_tokens > 0
    assert bool(with_usage[0].choices) is (asked is None)
    assert all(("usage" in c.model_fields_set) is (asked is True) for c in chunks[:-1])


def test_the_stream_helper_accumulates(client):
    """`.stream()` ends with the message that an unstreamed request gives (04 § 2.1)."""
    whole = ask(client).choices[0].message.content
    with client.chat.completions.stream(model=FLASH, messages=[user("Hello")]) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    message = final.choices[0].message
    assert (message.role, message.content, final.choices[0].finish_reason) == ("assistant", whole, "stop")


def test_the_first_chunk_does_not_wait_for_the_rest(scripted, upstream):
    """A chunk is sent on as soon as upstream has sent it (STREAM-005)."""
    gate = upstream.gate()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("One ", finish=None))
        gate.wait(10)
        exchange.event(text_of("two."))
        exchange.end()

    upstream.script(behaviour)
    stream = ask(scripted, stream=True)
    assert next(stream).choices[0].delta.content == "One "
    gate.set()
    assert "".join(c.choices[0].delta.content or "" for c in stream) == "two."


def test_thoughts_are_shown_when_asked_for(client):
    """With a marker, thoughts stand in tags before the answer, streamed or not (THINK-030, STREAM-050…052)."""
    google = {"google": {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "think"}}
    whole = ask(client, extra_body=google).choices[0].message
    assert whole.content.startswith("<think>") and whole.content.count("</think>") == 1
    with client.chat.completions.stream(model=FLASH, messages=[user("Hello")], extra_body=google) as stream:
        final = stream.get_final_completion().choices[0].message
    assert final.content == whole.content


# Tools


def test_a_single_tool_is_called(client):
    """A call has an id, a name and arguments that parse (TOOL-040, TOOL-042)."""
    [choice] = ask(client, "What is the weather in Oslo?", tools=[WEATHER]).choices
    assert choice.finish_reason == "tool_calls" and choice.message.content is None
    [made] = choice.message.tool_calls
    assert made.type == "function" and made.id
    assert made.function.name == "get_weather"
    assert json.loads(made.function.arguments) == {"city": "Oslo"}


@pytest.mark.parametrize("model", [FLASH, THIRD])
def test_parallel_tools_are_called(client, model):
    """Two calls of one answer have different ids (TOOL-041)."""
    [choice] = ask(client, "What is the weather in Oslo and Paris?", model, tools=[WEATHER]).choices
    cities = [json.loads(c.function.arguments)["city"] for c in choice.message.tool_calls]
    assert cities == ["Oslo", "Paris"]
    assert len({c.id for c in choice.message.tool_calls}) == 2


def test_parallel_tools_can_be_refused(client):
    """With `parallel_tool_calls: false` only the first call is returned (06 § 3)."""
    [choice] = ask(
        client, "What is the weather in Oslo and Paris?", tools=[WEATHER], parallel_tool_calls=False
    ).choices
    assert len(choice.message.tool_calls) == 1


@pytest.mark.parametrize("model", [FLASH, THIRD])
def test_streamed_calls_are_numbered(client, model):
    """Calls of a stream have an index from 0, and the reason is `tool_calls` (STREAM-026, STREAM-030…032)."""
    names, arguments, reasons = {}, {}, []
    for chunk in ask(client, "What is the weather in Oslo and Paris?", model, tools=[WEATHER], stream=True):
        for made in chunk.choices[0].delta.tool_calls or []:
            if made.function.name:
                assert made.index not in names and made.id and made.type == "function"
                names[made.index] = made.function.name
            arguments[made.index] = arguments.get(made.index, "") + (made.function.arguments or "")
        reasons.append(chunk.choices[0].finish_reason)
    assert names == {0: "get_weather", 1: "get_weather"}
    assert [json.loads(arguments[i])["city"] for i in (0, 1)] == ["Oslo", "Paris"]
    assert reasons[-1] == "tool_calls" and not any(reasons[:-1])


@pytest.mark.parametrize("choice, called", [("required", True), ("none", False), ("auto", False)])
def test_tool_choice_decides(client, choice, called):
    """`required` calls, `none` does not, `auto` leaves it to the model (TOOL-021…023)."""
    message = ask(client, "Good morning", tools=[WEATHER], tool_choice=choice).choices[0].message
    assert bool(message.tool_calls) is called


def answered(message, keep_extras):
    """The history after a tool answer: the message, and a result for each call."""
    kept = message.model_dump(exclude_none=True)
    if not keep_extras:
        kept = calling(*(call(c.id, c.function.name, c.function.arguments) for c in message.tool_calls))
    return [kept, *(result(c.id, json.dumps({"celsius": 12})) for c in message.tool_calls)]


@pytest.mark.parametrize("model", [FLASH, THIRD])
@pytest.mark.parametrize("keep_extras", [True, False])
@pytest.mark.parametrize("streamed", [True, False])
def test_a_tool_loop_comes_to_its_end(client, model, keep_extras, streamed):
    """Calls, results, answer: also for clients that drop `extra_content`, which Gemini 3 would refuse (SIG-010, SIG-012)."""
    messages = [user("What is the weather in Oslo and Paris?")]
    for step in range(4):
        if streamed:
            with client.chat.completions.stream(model=model, messages=messages, tools=[WEATHER]) as stream:
                choice = stream.get_final_completion().choices[0]
        else:
            choice = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER]).choices[0]
        if choice.finish_reason != "tool_calls":
            break
        messages += answered(choice.message, keep_extras)
    assert step == 1 and choice.finish_reason == "stop"
    assert "get_weather" in choice.message.content and "12" in choice.message.content


def test_a_dropped_signature_is_remembered(scripted, upstream):
    """The gateway sends the signature that belongs to a call whose client dropped it (SIG-010, 08 § 7)."""
    made = {"functionCall": {"id": "c-known", "name": "get_weather", "args": {"city": "Oslo"}}, "thoughtSignature": "QUJD"}
    upstream.script(responds(200, answer_of(candidate(made), model="gemini-3-flash-preview")))
    question = user("Weather in Oslo?")
    ask(scripted, "Weather in Oslo?", THIRD, tools=[WEATHER])
    scripted.chat.completions.create(
        model=THIRD, tools=[WEATHER], messages=[question, calling(call("c-known")), result("c-known", "12 C")]
    )
    assert upstream.requests[1].json["contents"][1:] == [
        {"role": "model", "parts": [made]},
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c-known", "name": "get_weather", "response": {"output": "12 C"}}}
            ],
        },
    ]


def test_a_kept_signature_goes_back(scripted, upstream):
    """A signature that the client kept returns to its call unchanged (SIG-001, SIG-005)."""
    kept = {**call("c9"), "extra_content": {"google": {"thought_signature": "REVG"}}}
    scripted.chat.completions.create(
        model=THIRD, tools=[WEATHER], messages=[user("Weather?"), calling(kept), result("c9", "12 C")]
    )
    part = upstream.only_request().json["contents"][1]["parts"][0]
    assert part["thoughtSignature"] == "REVG" and part["functionCall"]["id"] == "c9"


# Structured answers


@pytest.mark.parametrize("model", [FLASH, THIRD])
def test_parse_gives_an_object(client, model):
    """`parse()` with a pydantic model gives an instance of it (FMT-004, 06 § 7)."""
    completion = client.chat.completions.parse(
        model=model, messages=[user("Tell me of a person")], response_format=Person
    )
    assert isinstance(completion.choices[0].message.parsed, Person)


def test_parse_gives_typed_tool_calls(client):
    """`parse()` with a pydantic tool gives its arguments as an instance (06 § 4)."""
    tool = openai.pydantic_function_tool(Person, name="add_person")
    completion = client.chat.completions.parse(
        model=FLASH, messages=[user("Add a person")], tools=[tool], tool_choice="required"
    )
    assert isinstance(completion.choices[0].message.tool_calls[0].function.parsed_arguments, Person)


def test_the_stream_helper_parses(client):
    """`.stream()` with a pydantic model gives an instance at its end (FMT-004)."""
    with client.chat.completions.stream(
        model=FLASH, messages=[user("Tell me of a person")], response_format=Person
    ) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Person)


def test_json_object_gives_json(client):
    """`json_object` gives a JSON object (FMT-003)."""
    content = ask(client, response_format={"type": "json_object"}).choices[0].message.content
    assert isinstance(json.loads(content), dict)


# Media


def test_an_image_is_seen(client):
    """A data URL arrives with its type and its bytes (MM-001)."""
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    completion = ask(
        client, [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    )
    assert "an image/png of %d bytes" % len(PNG) in completion.choices[0].message.content


def test_sound_is_heard(client):
    """`input_audio` arrives with its type and its bytes (MM-020, MM-021)."""
    data = base64.b64encode(b"RIFF\x24\0\0\0WAVE").decode()
    completion = ask(client, [{"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}])
    assert "an audio/wav of 12 bytes" in completion.choices[0].message.content


def test_cloud_storage_is_named_to_vertex(client):
    """A `gs://` address goes to Vertex with the type of its extension (MM-002, MM-012)."""
    completion = ask(client, [{"type": "image_url", "image_url": {"url": "gs://bucket/scones.jpg"}}])
    assert "an image/jpeg at gs://bucket/scones.jpg" in completion.choices[0].message.content


def test_cloud_storage_is_unknown_to_the_developer_api(developer, upstream):
    """The Developer API cannot read `gs://`, and nothing is sent (MM-002)."""
    with sdk(developer) as client, pytest.raises(openai.BadRequestError, match="Cloud Storage"):
        ask(client, [{"type": "image_url", "image_url": {"url": "gs://bucket/scones.jpg"}}])
    assert upstream.requests == []


# Extensions


SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}]


@pytest.mark.parametrize(
    "extra", [{"google": {"safety_settings": SAFETY}}, {"extra_body": {"google": {"safety_settings": SAFETY}}}]
)
def test_extra_body_carries_safety_settings(scripted, upstream, extra):
    """Both places where the SDK's `extra_body` can end up are read (XB-001, REQ-029, REQ-030)."""
    ask(scripted, extra_body=extra)
    assert upstream.only_request().json["safetySettings"] == SAFETY


def test_unknown_members_are_ignored(scripted, upstream):
    """What the gateway does not know does no harm, at any depth (GEN-002)."""
    ask(scripted, extra_body={"frobnicate": {"a": [1, {"b": None}]}}, store=True, verbosity="low")
    assert set(upstream.only_request().json) == {"contents"}


# Refusals


def test_a_blocked_prompt_is_a_filtered_answer(scripted, upstream):
    """A blocked prompt is an answer with a refusal, streamed or not (RESP-040, STREAM-061)."""
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9}}
    text = "The prompt was blocked by the provider (SAFETY)."
    upstream.script(responds(200, blocked), streams(blocked))
    [choice] = ask(scripted).choices
    assert (choice.finish_reason, choice.message.content, choice.message.refusal) == ("content_filter", None, text)
    chunks = list(ask(scripted, stream=True))
    assert "".join(c.choices[0].delta.refusal or "" for c in chunks) == text
    assert chunks[-1].choices[0].finish_reason == "content_filter"


# Errors


@pytest.mark.parametrize(
    "members, param, code",
    [
        ({"temperature": 3.5}, "temperature", "decimal_above_max_value"),
        ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
        ({"stop": list("abcdef")}, "stop", "array_above_max_length"),
        ({"reasoning_effort": "lots"}, "reasoning_effort", None),
        ({"tools": [{"type": "robot"}]}, "tools[0].type", None),
        ({"tool_choice": "required"}, "tool_choice", None),
        ({"response_format": {"type": "xml"}}, "response_format.type", None),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [user([{"type": "smell"}])]}, "messages[0].content[0].type", None),
    ],
)
def test_a_mistake_is_named(scripted, upstream, members, param, code):
    """A `BadRequestError` says which parameter is wrong, and nothing goes upstream (02, 05 § 1)."""
    with pytest.raises(openai.BadRequestError) as caught:
        scripted.chat.completions.create(**{"model": FLASH, "messages": [user("Hi")], **members})
    error = caught.value
    assert error.param == param
    assert code is None or error.code == code
    assert error.type == "invalid_request_error" and error.request_id
    assert upstream.requests == []


def test_a_wrong_key_is_an_authentication_error(managed, upstream):
    """401 with a masked key (AUTH-006)."""
    with sdk(managed, key="sk-wrong-key-9999") as client, pytest.raises(openai.AuthenticationError) as caught:
        ask(client)
    assert caught.value.code == "invalid_api_key"
    assert "sk-w****9999" in caught.value.message
    assert upstream.requests == []


def test_a_model_that_is_none_is_not_found(scripted, upstream):
    """404 `model_not_found` (MOD-002)."""
    with pytest.raises(openai.NotFoundError) as caught:
        ask(scripted, model="../secrets")
    assert caught.value.code == "model_not_found"
    assert upstream.requests == []


@pytest.mark.parametrize(
    "status, name, kind, code",
    [
        (400, "INVALID_ARGUMENT", openai.BadRequestError, "invalid_argument"),
        (400, "FAILED_PRECONDITION", openai.BadRequestError, "failed_precondition"),
        (403, "PERMISSION_DENIED", openai.PermissionDeniedError, "permission_denied"),
        (404, "NOT_FOUND", openai.NotFoundError, "not_found"),
        (409, "ABORTED", openai.ConflictError, "conflict"),
        (429, "RESOURCE_EXHAUSTED", openai.RateLimitError, "rate_limit_exceeded"),
        (500, "INTERNAL", openai.InternalServerError, "upstream_error"),
        (501, "UNIMPLEMENTED", openai.InternalServerError, "not_implemented"),
        (503, "UNAVAILABLE", openai.InternalServerError, "service_unavailable"),
        (504, "DEADLINE_EXCEEDED", openai.InternalServerError, "upstream_timeout"),
    ],
)
def test_googles_errors_have_the_sdks_classes(scripted, upstream, status, name, kind, code):
    """Each of Google's statuses is the SDK's exception for it, with Google's message (ERR-010…023)."""
    said = responds(status, [error_of(status, name, "Google said so.", retry="0.01s")])
    upstream.script(said, said)
    with pytest.raises(kind) as caught:
        ask(scripted)
    error = caught.value
    assert (error.status_code, error.code) == (status, code)
    assert "Google said so." in error.message and error.body["status"] == name


def test_too_long_a_prompt_is_recognised(scripted, upstream):
    """Gemini's words for it become OpenAI's code (ERR-030)."""
    message = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", message)))
    with pytest.raises(openai.BadRequestError) as caught:
        ask(scripted)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "messages")


def test_an_error_inside_a_stream_is_raised(scripted, upstream):
    """The SDK raises what the stream's last event says, after the text that came before (STREAM-060)."""
    upstream.script(streams(text_of("Half an ", finish=None), error_of(429, "RESOURCE_EXHAUSTED", "No more.")))
    seen = ""
    with pytest.raises(openai.APIError, match="No more.") as caught:
        for chunk in ask(scripted, stream=True):
            seen += chunk.choices[0].delta.content or ""
    assert seen == "Half an " and caught.value.code == "rate_limit_exceeded"


# Retries of the SDK


def test_the_sdk_waits_as_long_as_google_asks(managed, upstream):
    """A `RetryInfo` becomes the delay that the SDK obeys (ERR-040)."""
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", retry="0.6s")), says("Now."))
    with sdk(managed, max_retries=1) as client:
        began = time.monotonic()
        assert ask(client).choices[0].message.content == "Now."
    assert 0.6 <= time.monotonic() - began < 5
    assert len(upstream.requests) == 2


def test_the_sdk_gives_up_when_told_so(managed, upstream):
    """A spent daily quota is not asked for again: `x-should-retry: false` (ERR-018, ERR-044)."""
    quota = {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}],
    }
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", details=[quota])))
    with sdk(managed, max_retries=3) as client, pytest.raises(openai.RateLimitError) as caught:
        ask(client)
    assert caught.value.code == "insufficient_quota"
    assert len(upstream.requests) == 1


def test_the_gateway_retries_for_the_sdk(scripted, upstream):
    """One unavailable answer is not even seen by the client (ERR-050, ERR-051)."""
    upstream.script(responds(503, UNAVAILABLE), says("Back."))
    assert ask(scripted).choices[0].message.content == "Back."
    assert len(upstream.requests) == 2


# Other bases


@pytest.mark.parametrize("base", ["/v1", "/v1beta/openai", "/v1/projects/p1/locations/us-central1/endpoints/openapi"])
def test_every_base_serves_the_sdk(emulated, base):
    """A client changes its base URL and nothing else (EP-001, EP-004, EP-005)."""
    for end in ("", "/"):
        with openai.OpenAI(base_url=emulated.url + base + end, api_key="any", max_retries=0, timeout=10) as client:
            assert ask(client).choices[0].finish_reason == "stop"
