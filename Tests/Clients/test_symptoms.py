"""What users of other gateways met, where it takes a running server or several turns.

The rest of these stories are golden cases, in `Tests/Golden/symptoms`.
"""

import base64
import json

import openai
import pytest

from conftest import KEY
from scenes import FLASH, PNG, THIRD, WEATHER, call, calling, result, user
from upstream import (
    UNAVAILABLE, answer_of, candidate, chunk, error_of, responds, says, sends, stream_head, streams, text_of,
)

PLACEHOLDER = base64.b64encode(b"skip_thought_signature_validator").decode()
MODEL = "gemini-3-flash-preview"


def sdk(program, **options):
    options.setdefault("max_retries", 0)
    return openai.OpenAI(base_url=program.url + "/v1", api_key=KEY, timeout=10, **options)


@pytest.fixture
def client(managed):
    with sdk(managed) as made:
        yield made


def ask(client, content="Weather in Oslo?", model=THIRD, tools=(WEATHER,), **members):
    return client.chat.completions.create(model=model, messages=[user(content)], tools=list(tools), **members)


def made(identifier, city="Oslo", signature=None):
    """A part with a function call, as Gemini sends it."""
    part = {"functionCall": {"id": identifier, "name": "get_weather", "args": {"city": city}}}
    return {**part, "thoughtSignature": signature} if signature else part


def plain(message):
    """An assistant message as a client keeps it that knows only the Chat Completions reference."""
    kept = calling(*(call(c.id, c.function.name, c.function.arguments) for c in message.tool_calls or []))
    return {**kept, "content": message.content}


def second_turn(client, turns, model=THIRD, **members):
    """Sends the history of the first turn, and a result for each call."""
    results = [result(c["id"], "4 C") for c in turns["tool_calls"]]
    return client.chat.completions.create(
        model=model, messages=[user("Weather in Oslo?"), turns, *results], tools=[WEATHER], **members
    )


def signatures(request):
    return [p.get("thoughtSignature") for p in request.json["contents"][1]["parts"]]


def stream_of(client, model=FLASH):
    with client.chat.completions.stream(
        model=model, messages=[user("Weather in Oslo?")], tools=[WEATHER]
    ) as stream:
        return stream.get_final_completion().choices[0]


def told(client, streamed):
    """Text, refusal and reason of an answer, streamed or not."""
    if not streamed:
        choice = ask(client, model=FLASH).choices[0]
        return choice.message.content or "", choice.message.refusal, choice.finish_reason
    text, refusal, reasons = "", None, []
    for piece in ask(client, model=FLASH, stream=True):
        [choice] = piece.choices
        text += choice.delta.content or ""
        refusal = choice.delta.refusal or refusal
        reasons.append(choice.finish_reason)
    assert not any(reasons[:-1])
    return text, refusal, reasons[-1]


# Signatures


@pytest.mark.parametrize("streamed", [False, True])
def test_the_signature_is_missing_on_turn_two(client, upstream, streamed):
    """A client without `extra_content` comes back, and its calls have their signatures: each its own, and only those that had one (SIG-010, SIG-011, TOOL-043) (T01) (T04)"""
    parts = [made("s-%d-a" % streamed, "Oslo", "QUJD"), made("s-%d-b" % streamed, "Rome")]
    answer = answer_of(candidate(*parts), model=MODEL)
    upstream.script(streams(answer) if streamed else responds(200, answer))
    choice = stream_of(client, model=THIRD) if streamed else ask(client).choices[0]
    second_turn(client, plain(choice.message))
    assert signatures(upstream.requests[1]) == ["QUJD", None]


def test_the_signature_is_mangled_by_id_normalisation(client, upstream):
    """Ids hold nothing: when a client cuts them and changes their letters, the call still has its result, and the placeholder in place of a damaged signature (SIG-012, TOOL-032, TOOL-040) (T02)"""
    long = "function-call-" + "Ab+/=" * 240
    upstream.script(responds(200, answer_of(candidate(made(long, signature="QUJD")), model=MODEL)))
    [first] = ask(client).choices[0].message.tool_calls
    assert first.id == long
    cut = first.id[:64].lower().replace("+", "-").replace("/", "_")
    second_turn(client, calling(call(cut)))
    request = upstream.requests[1]
    assert signatures(request) == [PLACEHOLDER]
    [part] = request.json["contents"][2]["parts"]
    assert part["functionResponse"]["id"] == cut and part["functionResponse"]["response"] == {"output": "4 C"}


@pytest.fixture(scope="module")
def two_backends(gateways):
    """Two places that serve the same model, and an older one beside it."""
    second = {**gateways.managed(), "name": "other", "location": "europe-west4"}
    aliases = {
        "here": {"backend": "vertex", "model": MODEL}, "there": {"backend": "other", "model": MODEL},
        "older": {"backend": "vertex", "model": "gemini-2.5-flash"},
    }
    program = gateways.start(gateways.managed(), models={"aliases": aliases}, backends=[gateways.managed(), second])
    yield program
    program.stop()


@pytest.mark.parametrize("first, second", [("here", "there"), ("there", "here"), ("older", "here")])
def test_a_signature_is_replayed_to_another_backend(two_backends, upstream, first, second):
    """A signature means something only where it was made: another backend, and another family of models, gets the placeholder (SIG-009, SIG-012) (T03)"""
    with sdk(two_backends) as client:
        upstream.script(responds(200, answer_of(candidate(made("r-%s-%s" % (first, second), signature="QUJD")))))
        turns = plain(ask(client, model=first).choices[0].message)
        second_turn(client, turns, second)
        assert signatures(upstream.requests[1]) == [PLACEHOLDER]
        second_turn(client, turns, first)
        assert signatures(upstream.requests[2]) == ["QUJD"]


def test_the_same_signature_on_two_parts(client, upstream):
    """Text and call of one answer had a signature each: each comes back once, on its own part (SIG-002, SIG-006, SIG-010) (T05)"""
    parts = [{"text": "I look that up, for once.", "thoughtSignature": "REVG"}, made("t-a", signature="QUJD")]
    upstream.script(responds(200, answer_of(candidate(*parts), model=MODEL)))
    second_turn(client, plain(ask(client).choices[0].message))
    assert upstream.requests[1].json["contents"][1]["parts"] == parts


def test_a_signature_of_the_clients_wins(client, upstream):
    """`extra_content` is sent and not needed back; what does come back wins over what is remembered (SIG-005, SIG-011) (T06)"""
    upstream.script(responds(200, answer_of(candidate(made("w-a", signature="QUJD")), model=MODEL)))
    [first] = ask(client).choices[0].message.tool_calls
    assert first.extra_content == {"google": {"thought_signature": "QUJD"}}
    own = {**call("w-a"), "extra_content": {"google": {"thought_signature": "REVG"}}}
    second_turn(client, calling(own))
    assert signatures(upstream.requests[1]) == ["REVG"]


# Calls in streams


def test_parallel_calls_are_glued_together(client, upstream):
    """Two calls of two events are two calls to the SDK's accumulator, with whole arguments (STREAM-030, STREAM-032) (T07) (T08)"""
    upstream.script(
        streams(
            answer_of(candidate(made("a", "Oslo"), finish=None)),
            answer_of(candidate(made("b", "Rome"), finish=None)),
            answer_of(candidate({"text": ""})),
        )
    )
    choice = stream_of(client)
    seen = [(c.id, c.function.name, json.loads(c.function.arguments)["city"]) for c in choice.message.tool_calls]
    assert seen == [("a", "get_weather", "Oslo"), ("b", "get_weather", "Rome")]


@pytest.mark.parametrize("streamed", [False, True])
def test_stop_after_a_call(client, upstream, streamed):
    """The reason is `tool_calls`, streamed and not, although Gemini says STOP (STREAM-026, RESP-030) (T09)"""
    events = [answer_of(candidate(made("a"), finish=None)), answer_of(candidate({"text": ""}))]
    upstream.script(streams(*events) if streamed else responds(200, answer_of(candidate(made("a")))))
    choice = stream_of(client) if streamed else ask(client, model=FLASH).choices[0]
    assert choice.finish_reason == "tool_calls" and len(choice.message.tool_calls) == 1


def declared(request):
    return request.json["tools"][0]["functionDeclarations"][0]["name"]


def test_a_renamed_function_streams_under_its_own_name(client, upstream):
    """The client never sees the name that Gemini took in place of its own (TOOL-002) (T14)"""
    odd = {"type": "function", "function": {"name": "1-do.it!"}}
    upstream.script(lambda e: e.stream(answer_of(candidate({"functionCall": {"name": declared(e.request)}}))))
    chunks = list(ask(client, model=FLASH, tools=[odd], stream=True))
    assert [c.function.name for k in chunks for c in k.choices[0].delta.tool_calls or []] == ["1-do.it!"]
    assert declared(upstream.only_request()) == "_1-do.it_"


# Histories


PRUNED = [user("Two?"), calling(call("a"), call("b", arguments='{"city":"Rome"}')), result("b", "14"), user("So?")]
LATE = [user("Oslo?"), calling(call("a")), user("Hurry."), result("a", "4"), user("So?")]
LOST = "No result was recorded for this call."
ORPHANED = [user("Oslo?"), result("a", "4"), user("So?")]


@pytest.mark.parametrize(
    "messages, param, named",
    [(PRUNED, "messages[1]", "a"), (LATE, "messages[1]", "a"), (ORPHANED, "messages[1].role", "preceeding")],
    ids=["a missing result", "a late result", "an orphan"],
)
def test_a_pruned_history_is_a_400_that_says_where(client, upstream, messages, param, named):
    """Without leave to repair, the SDK raises an error that names the message, and nothing is sent (TOOL-031) (T11)"""
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=FLASH, messages=messages)
    assert caught.value.param == param and named in caught.value.message
    assert upstream.requests == []


@pytest.fixture(scope="module")
def repairing(gateways):
    """A gateway that mends histories."""
    program = gateways.start(gateways.managed(), history={"repair": True})
    yield program
    program.stop()


@pytest.mark.parametrize(
    "messages, parts, mended",
    [
        (PRUNED, [["Two?"], ["a", "b"], [LOST, "14"], ["So?"]], ["messages[1].tool_calls[0]"]),
        (LATE, [["Oslo?"], ["a"], ["4"], ["Hurry.", "So?"]], ["messages[3]"]),
        (ORPHANED, [["Oslo?", "Result of an earlier tool call: 4", "So?"]], ["messages[1]"]),
    ],
    ids=["a missing result", "a late result", "an orphan"],
)
@pytest.mark.parametrize("by", ["operator", "request"])
def test_a_pruned_history_is_mended(repairing, client, upstream, messages, parts, mended, by):
    """With leave to repair, by the operator or in the request, Gemini gets what it takes, and a header tells what was done (TOOL-031) (T11)"""
    with sdk(repairing) as own:
        asked = (own if by == "operator" else client).chat.completions.with_raw_response.create(
            model=FLASH, messages=messages, extra_headers={"x-pollux-explain": "1"},
            extra_body={} if by == "operator" else {"pollux": {"repair": True}},
        )
    notes = [n for n in json.loads(asked.headers["x-pollux-notes"]) if n["fate"] == "repaired"]
    assert [n["path"] for n in notes if n["rule"] == "TOOL-031"] == mended
    names = iter("ab")
    seen = [
        [
            p.get("text") or (next(names) if "functionCall" in p else p["functionResponse"]["response"]["output"])
            for p in content["parts"]
        ]
        for content in upstream.only_request().json["contents"]
    ]
    assert seen == parts


def test_ids_restart_in_every_reply(client, upstream):
    """Where Gemini gives no ids, those that are made up differ over the rounds of a conversation (TOOL-040, TOOL-041) (T13)"""
    part = {"functionCall": {"name": "get_weather", "args": {"city": "Oslo"}}}
    upstream.script(*[responds(200, answer_of(candidate(part, part)))] * 3)
    ids = [c.id for _ in range(3) for c in ask(client, model=FLASH).choices[0].message.tool_calls]
    assert len(set(ids)) == 6 and all(i.startswith("function-call-") and len(i) == 50 for i in ids)


def test_the_prefix_changes_as_a_conversation_grows(client, upstream):
    """Implicit caching lives from equal beginnings: the body of the next turn begins with that of this one, up to where this conversation ended (GEN-004) (T34)"""
    system = {"role": "system", "content": "Be brief."}
    turns = [system, user("Weather in Oslo?")]
    for addition in ([], [calling(call("a")), result("a", "4 C")], [user("And Rome?")]):
        turns = turns + addition
        client.chat.completions.create(
            model=FLASH, messages=turns, tools=[WEATHER], tool_choice="auto", temperature=0.5, seed=len(turns)
        )
    bodies = [r.body for r in upstream.requests]
    for earlier, later in zip(bodies, bodies[1:]):
        ended = earlier.index(b'],"generationConfig"')
        assert later.startswith(earlier[:ended]) and list(json.loads(later))[:4] == [
            "systemInstruction", "tools", "toolConfig", "contents"
        ]


# Schemas


@pytest.mark.parametrize("where", ["tools", "response_format"])
def test_a_schema_explodes(client, upstream, where):
    """Twenty definitions that refer to each other leave as they came, not inlined a million times (SCH-001, SCH-004) (T20)"""
    names = ["N%d" % i for i in range(20)]
    definitions = {
        n: {
            "type": "object", "description": "d" * 500,
            "properties": {"to" + m: {"$ref": "#/$defs/" + m} for m in names if m != n},
        }
        for n in names
    }
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/N0"}}, "$defs": definitions}
    assert len(json.dumps(schema)) > 23_000
    if where == "tools":
        ask(client, tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])
    else:
        ask(client, tools=[], response_format={"type": "json_schema", "json_schema": {"name": "f", "schema": schema}})
    request = upstream.only_request()
    assert len(request.body) < 30_000 and b'"$ref":"#/$defs/N7"' in request.body


# Answers and streams


@pytest.mark.parametrize(
    "reason, mapped", [("MAX_TOKENS", "length"), ("NO_IMAGE", "stop"), ("SAFETY", "content_filter")]
)
@pytest.mark.parametrize("streamed", [False, True])
def test_choices_is_empty(client, upstream, reason, mapped, streamed):
    """A candidate without content is a choice with a reason (RESP-006, RESP-021, STREAM-028) (T23) (T28)"""
    answer = answer_of({"finishReason": reason})
    upstream.script(streams(answer) if streamed else responds(200, answer))
    text, _, reason_told = told(client, streamed)
    assert (text, reason_told) == ("", mapped)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_blocked_prompt(client, upstream, streamed):
    """No candidates at all: one choice that was filtered and says so (RESP-040, STREAM-061) (T24)"""
    answer = {"promptFeedback": {"blockReason": "OTHER"}, "usageMetadata": {"promptTokenCount": 4}}
    upstream.script(streams(answer) if streamed else responds(200, answer))
    assert told(client, streamed) == ("", "The prompt was blocked by the provider (OTHER).", "content_filter")


@pytest.mark.parametrize("then", ["close", "reset", "end"])
def test_a_stream_without_a_finish(client, upstream, then):
    """Text, and then nothing: the SDK raises, and never reads a reason that nobody gave (STREAM-060, STREAM-061) (T25)"""

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("It is ", finish=None))
        exchange.event(text_of("cold", finish=None))
        exchange.end() if then == "end" else exchange.leave(then)

    upstream.script(behaviour)
    seen, reasons = "", []
    with pytest.raises(openai.APIError):
        for piece in ask(client, model=FLASH, stream=True):
            seen += piece.choices[0].delta.content or ""
            reasons.append(piece.choices[0].finish_reason)
    assert "It is cold".startswith(seen) and not any(reasons)
    assert len(upstream.requests) == 1


def test_an_error_inside_a_200_stream_before_its_first_word(client, upstream):
    """The client sees nothing of it but the answer of the second try (STREAM-004) (T26)"""
    upstream.script(streams(UNAVAILABLE), says("Cold."))
    assert stream_of(client).message.content == "Cold."
    assert len(upstream.requests) == 2


def test_an_error_inside_a_200_stream(client, upstream):
    """After the first word it is an `APIError` with Google's words, and no end is made up (STREAM-060) (T26)"""
    upstream.script(streams(text_of("It is ", finish=None), error_of(429, "RESOURCE_EXHAUSTED", "No more.")))
    seen = []
    with pytest.raises(openai.APIError) as caught:
        for piece in ask(client, model=FLASH, stream=True):
            seen.append(piece.choices[0])
    assert caught.value.message == "No more." and caught.value.code == "rate_limit_exceeded"
    assert [c.delta.content for c in seen] == ["It is "] and seen[0].finish_reason is None


def test_stop_on_every_chunk(client, upstream):
    """All text arrives, with one reason at its end (STREAM-027) (T27)"""
    upstream.script(streams(text_of("It is"), text_of(" very"), text_of(" cold.")))
    reasons, seen = [], ""
    for piece in ask(client, model=FLASH, stream=True):
        seen += piece.choices[0].delta.content or ""
        reasons.append(piece.choices[0].finish_reason)
    assert seen == "It is very cold." and reasons[-1] == "stop" and not any(reasons[:-1])


@pytest.mark.parametrize("streamed", [False, True])
def test_thoughts_are_missing_from_usage(client, upstream, streamed):
    """Prompt and completion are the total, thoughts among them (USE-002, USE-003, USE-005, STREAM-040) (T29)"""
    answer = text_of("Cold.")
    answer["usageMetadata"] = {
        "promptTokenCount": 20, "candidatesTokenCount": 198, "thoughtsTokenCount": 405, "totalTokenCount": 623
    }
    upstream.script(streams(answer) if streamed else responds(200, answer))
    if streamed:
        usage = list(ask(client, model=FLASH, stream=True, stream_options={"include_usage": True}))[-1].usage
    else:
        usage = ask(client, model=FLASH).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (20, 603, 623)
    assert usage.completion_tokens_details.reasoning_tokens == 405


@pytest.mark.parametrize("streamed", [False, True])
def test_an_empty_answer_with_stop(client, upstream, streamed):
    """It is told as it is, and not asked for again (RESP-021, STREAM-028) (T31)"""
    answer = answer_of({"content": {"role": "model"}, "finishReason": "STOP"})
    upstream.script(streams(answer) if streamed else responds(200, answer))
    assert told(client, streamed) == ("", None, "stop")
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "model, thinking",
    [
        ("gemini-2.5-pro", {"thinkingBudget": 128}), ("gemini-3-pro-preview", {"thinkingLevel": "LOW"}),
        ("gemini-3-flash-preview", {"thinkingLevel": "MINIMAL"}), ("gemini-2.0-flash", None),
    ],
)
def test_reasoning_effort_where_thinking_cannot_be_stopped(client, upstream, model, thinking):
    """Never a 400 of ours: the least that the model takes, or nothing (THINK-001, THINK-003) (T33)"""
    ask(client, model="google/" + model, reasoning_effort="none")
    sent = upstream.only_request().json.get("generationConfig", {}).get("thinkingConfig")
    assert sent == thinking


# Media


@pytest.fixture(scope="module")
def fetching(gateways):
    """A gateway that fetches media itself, also from this machine."""
    program = gateways.start(
        gateways.managed(), media={"http": "fetch", "allow_private": True, "max_fetch_bytes": 4096}
    )
    yield program
    program.stop()


def look(client, url):
    return client.chat.completions.create(
        model=FLASH, messages=[user([{"type": "image_url", "image_url": {"url": url}}])]
    )


def picture(exchange, content=PNG, kind="image/png"):
    exchange.respond(200, content, content_type=kind)


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream"])
def test_media_without_an_extension(fetching, upstream, kind):
    """The type comes from the header, and where that says nothing from the content (MM-003, MM-040) (T36)"""
    upstream.script(lambda e: picture(e, kind=kind))
    with sdk(fetching) as client:
        look(client, upstream.url + "/pictures/42?sig=a%2Fb")
    fetched, asked = upstream.requests
    assert (fetched.method, fetched.target) == ("GET", "/pictures/42?sig=a%2Fb")
    assert asked.json["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(PNG).decode()}}
    ]


def test_media_with_a_redirect(fetching, upstream):
    """A redirect is followed, and takes no credential with it (MM-040) (T36)"""
    upstream.script(lambda e: e.respond(302, b"", headers=[("location", "/moved/cat.png")]), picture)
    with sdk(fetching) as client:
        look(client, upstream.url + "/cat.png")
    first, second, asked = upstream.requests
    assert second.target == "/moved/cat.png"
    assert not {"authorization", "x-goog-api-key", "cookie"} & (first.names() | second.names())
    assert asked.json["contents"][0]["parts"][0]["inlineData"]["mimeType"] == "image/png"


@pytest.mark.parametrize("announced", [True, False])
def test_media_that_is_too_large(fetching, upstream, announced):
    """Reading stops at the limit, whatever the header says; the model is not asked (MM-040) (T36)"""
    if announced:
        upstream.script(lambda e: picture(e, b"x" * 4097))
    else:
        head = stream_head().replace(b"text/event-stream", b"image/png")
        upstream.script(sends(head + chunk(b"x" * 4096) + chunk(b"x" * 65536), then="stay"))
    with sdk(fetching) as client, pytest.raises(openai.BadRequestError) as caught:
        look(client, upstream.url + "/film.png")
    assert caught.value.code == "invalid_image_url"
    assert [r.method for r in upstream.requests] == ["GET"]


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "localhost", "[::1]", "2130706433"])
def test_media_from_the_inside(gateways, upstream, inward, host):
    """An address inside is refused before any packet (MM-040) (T47)"""
    with sdk(inward) as client, pytest.raises(openai.BadRequestError) as caught:
        look(client, "http://%s:%d/latest/meta-data" % (host, upstream.port))
    assert caught.value.code == "invalid_image_url"
    assert upstream.requests == []


@pytest.fixture(scope="module")
def inward(gateways):
    """A gateway that fetches media itself, from public addresses only."""
    program = gateways.start(gateways.managed(), media={"http": "fetch"})
    yield program
    program.stop()
