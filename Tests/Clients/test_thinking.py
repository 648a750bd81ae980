"""Thoughts and their signatures over several requests: what an agent with any client lives on."""

import contextlib
import json

import openai
import pytest

from conftest import KEY, OTHER_KEY, VERTEX_BASE, digest
from scenes import FLASH, THIRD, WEATHER, call, calling, result, user
from upstream import (
    Moment, answer_of, candidate, chunk, error_of, responds, says, sends, stream_head, streams,
)

PLACEHOLDER = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
LITERAL = "skip_thought_signature_validator"
MISSING = error_of(
    400, "INVALID_ARGUMENT",
    "Unable to submit request because function call `default_api:get_weather` in the 2. content block is missing "
    "a `thought_signature`.",
)
SEARCH = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}
THOUGHTS = {"google": {"thinking_config": {"include_thoughts": True}}}


def sdk(program, key=KEY, base="/v1", **options):
    return openai.OpenAI(base_url=program.url + base, api_key=key, timeout=10, max_retries=0, **options)


@pytest.fixture(scope="module")
def shared(gateways):
    """A gateway with two keys and two backends before the same upstream."""
    backends = [gateways.managed(), {**gateways.managed(), "name": "other"}]
    configuration = {
        "listen": {"port": 0},
        "auth": {
            "mode": "gateway",
            "keys": [{"name": "a", "sha256": digest(KEY)}, {"name": "b", "sha256": digest(OTHER_KEY)}],
        },
        "backends": backends,
        "models": {"aliases": {"elsewhere": {"backend": "other", "model": "gemini-3-flash-preview"}}},
    }
    return gateways.launch("serve", "--config", str(gateways.write(configuration))).started()


def made(name, signature=None, identifier=None, **arguments):
    """A `functionCall` part."""
    inner = {"name": name, "args": arguments}
    if identifier:
        inner["id"] = identifier
    return {"functionCall": inner, **({"thoughtSignature": signature} if signature else {})}


def scripts(upstream, streamed, *answers):
    """Each answer is a list of parts; streamed, every part is an event."""
    for parts in answers:
        if streamed:
            events = [answer_of(candidate(part, finish=None), model="gemini-3-flash-preview") for part in parts]
            upstream.script(streams(*events, answer_of(candidate(), model="gemini-3-flash-preview")))
        else:
            upstream.script(responds(200, answer_of(candidate(*parts), model="gemini-3-flash-preview")))


def ask(client, messages, streamed=False, model=THIRD, tools=(WEATHER, SEARCH), **members):
    """The answer's message; of a stream as the SDK adds it up."""
    if tools:
        members["tools"] = list(tools)
    if streamed:
        with client.chat.completions.stream(model=model, messages=messages, **members) as stream:
            return stream.get_final_completion().choices[0].message
    return client.chat.completions.create(model=model, messages=messages, **members).choices[0].message


def stripped(message):
    """What a client that knows only OpenAI's fields keeps of a message."""
    kept = {"role": "assistant", "content": message.content}
    if message.tool_calls:
        kept["tool_calls"] = [call(c.id, c.function.name, c.function.arguments) for c in message.tool_calls]
    return kept


def model_parts(request):
    return [part for content in request.json["contents"] if content["role"] == "model" for part in content["parts"]]


def signatures(request):
    """What each part is, and the signature on it."""
    return [
        (part.get("functionCall", {}).get("name") or part.get("text"), part.get("thoughtSignature"))
        for part in model_parts(request)
    ]


# Agents


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("keeps", [True, False])
def test_a_loop_of_several_steps_and_tools_keeps_every_signature(shared, upstream, streamed, keeps):
    """A client that drops every unknown field runs a multi-step, multi-tool Gemini 3 loop: each signature goes back
    once, on the part that it came from, and no placeholder is needed (SIG-001, SIG-005, SIG-006, SIG-010)."""
    steps = [
        [made("search", "c3RlcCAx", q="fjord"), made("get_weather", city="Oslo")],  # parallel: only the first
        [{"text": "One more look. "}, made("get_weather", "c3RlcCAy", city="Paris")],
        [{"text": "It is warmer in Paris.", "thoughtSignature": "c3RlcCAz"}],
        [made("search", "c3RlcCA0", q="bakery")],
        [{"text": "There is one."}],
    ]
    scripts(upstream, streamed, *steps)
    messages = [user("Where is it warmer?")]
    with sdk(shared) as client:
        for step in range(len(steps)):
            message = ask(client, messages, streamed)
            messages.append(message.model_dump(exclude_none=True) if keeps else stripped(message))
            messages += [result(c.id, "{\"celsius\": %d}" % step) for c in message.tool_calls or []]
            if not message.tool_calls:
                messages.append(user("And a bakery?"))
    whole = [
        ("search", "c3RlcCAx"), ("get_weather", None), ("One more look. ", None), ("get_weather", "c3RlcCAy"),
        ("It is warmer in Paris.", "c3RlcCAz"), ("search", "c3RlcCA0"),
    ]
    for request, count in zip(upstream.requests, (0, 2, 4, 5, 6), strict=True):
        assert signatures(request) == whole[:count]
        ids = [p["functionCall"]["id"] for p in model_parts(request) if "functionCall" in p]
        results = [
            p["functionResponse"]["id"] for c in request.json["contents"] for p in c["parts"] if "functionResponse" in p
        ]
        assert ids == results and len(set(ids)) == len(ids)


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("backend", ["vertex", "developer"])
def test_the_emulator_finds_every_signature_valid(emulated, streamed, keeps, backend):
    """The embedded emulator refuses missing and damaged signatures as Gemini 3 does: a loop over several turns meets
    no refusal, nor does one whose thoughts are shown (SIG-004, SIG-010, SIG-012, THINK-041)."""
    base = "/v1" if backend == "vertex" else "/v1beta/openai"
    messages = []
    with sdk(emulated, base=base) as client:
        for question in ("What is the weather in Oslo and Paris?", "And in Rome?"):
            messages.append(user(question))
            for _ in range(4):
                message = ask(client, messages, streamed, extra_body={"extra_body": THOUGHTS})
                messages.append(message.model_dump(exclude_none=True) if keeps else stripped(message))
                if not message.tool_calls:
                    break
                messages += [result(c.id, "12 C") for c in message.tool_calls]
            assert message.content and not message.tool_calls


@pytest.mark.parametrize("ending", ["the client leaves", "the upstream breaks off"])
def test_a_call_whose_stream_does_not_end_keeps_its_signature(shared, upstream, ending):
    """Some clients leave as soon as they have a call, and go on with it without its signature (SIG-010, STREAM-009)."""
    left = Moment()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(answer_of(candidate(made("search", "c3RlcCAx", "cut-off-1", q="fjord"), finish=None)))
        if ending == "the client leaves":
            exchange.see_leaving(left)
        exchange.leave("close")

    upstream.script(behaviour)
    question = user("Where is it warmer?")
    with sdk(shared) as client:
        stream = client.chat.completions.create(model=THIRD, messages=[question], tools=[SEARCH], stream=True)
        found = next(iter(stream)).choices[0].delta.tool_calls[0]
        if ending == "the client leaves":
            stream.close()
            left.wait()
        else:
            with pytest.raises(openai.APIError):
                list(stream)
        kept = calling(call(found.id, "search", found.function.arguments))
        ask(client, [question, kept, result(found.id, "{}")], tools=[SEARCH])
    assert signatures(upstream.requests[-1]) == [("search", "c3RlcCAx")]


@pytest.mark.parametrize("streamed", [True, False])
def test_a_text_without_its_signature_gets_it_back(shared, upstream, streamed):
    """The exact text of a message finds its signature again, also as its only part; another text finds none (SIG-010,
    SIG-006)."""
    text = "Zürich – \"42\" \U0001F600\n"
    scripts(upstream, streamed, [{"text": text[:8]}, {"text": text[8:]}, {"text": "", "thoughtSignature": "dGV4dA=="}])
    with sdk(shared) as client:
        message = ask(client, [user("Hi")], streamed, tools=None)
        assert message.content == text
        for content in (text, text.strip(), [{"type": "text", "text": text}]):
            ask(client, [user("Hi"), {"role": "assistant", "content": content}, user("Go on")], tools=None)
    assert signatures(upstream.requests[1]) == [(text, "dGV4dA==")]
    assert signatures(upstream.requests[2]) == [(text.strip(), None)]
    assert signatures(upstream.requests[3]) == [(text, "dGV4dA==")]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("written", ["QUI\\u003d", "QU\\/D", "\\u0051UJD"])
def test_a_signature_that_came_with_escapes(managed, upstream, streamed, written):
    """Google writes `=` as `\\u003d`: what is remembered of a text is the signature, not its spelling (SIG-004,
    SIG-010)."""
    signature = json.loads('"%s"' % written)
    answer = json.dumps(answer_of(candidate({"text": "An answer %s." % written, "thoughtSignature": "HERE"})))
    answer = answer.replace("HERE", written).encode()
    if streamed:
        upstream.script(sends(stream_head() + chunk(b"data: " + answer + b"\r\n\r\n") + chunk(b""), "stay"))
    else:
        upstream.script(lambda exchange: exchange.respond(200, answer))
    with sdk(managed) as client:
        text = ask(client, [user("Hi")], streamed, tools=None).content
        ask(client, [user("Hi"), {"role": "assistant", "content": text}, user("Go on")], tools=None)
    assert signatures(upstream.requests[1]) == [(text, signature)]


def test_what_a_client_sends_is_not_replaced(shared, upstream):
    """The vault is asked only where the client sent nothing (SIG-011)."""
    scripts(upstream, False, [made("search", "c3RvcmVk", "call-own", q="x")])
    with sdk(shared) as client:
        ask(client, [user("Hi")])
        own = {**call("call-own", "search", "{}"), "extra_content": {"google": {"thought_signature": "c2VudA=="}}}
        ask(client, [user("Hi"), calling(own), result("call-own", "ok")])
    assert signatures(upstream.requests[1]) == [("search", "c2VudA==")]


# Whose signatures


def follow(client, model=THIRD, identifier="call-bound"):
    return ask(client, [user("Hi"), calling(call(identifier, "search", "{}")), result(identifier, "ok")], model=model)


def test_signatures_are_bound_to_tenant_backend_and_family(shared, upstream):
    """Another key, another backend and another model family do not find a signature (SIG-009, SIG-010)."""
    scripts(upstream, False, [made("search", "Ym91bmQ=", "call-bound", q="x")])
    with sdk(shared) as mine, sdk(shared, OTHER_KEY) as theirs:
        ask(mine, [user("Hi")])
        follow(mine)
        follow(mine, "google/gemini-3.1-pro-preview")  # The same family.
        follow(theirs)
        follow(mine, "elsewhere")
        follow(mine, FLASH)
    found = [signatures(request) for request in upstream.requests[1:]]
    assert found == [
        [("search", "Ym91bmQ=")], [("search", "Ym91bmQ=")], [("search", PLACEHOLDER)], [("search", PLACEHOLDER)],
        [("search", None)],
    ]


def test_a_signature_of_an_older_family_stays_there(shared, upstream):
    """What Gemini 2.5 signed is not sent to Gemini 3 (SIG-009)."""
    upstream.script(responds(200, answer_of(candidate(made("search", "b2xk", q="x")))))
    with sdk(shared) as client:
        identifier = ask(client, [user("Hi")], model=FLASH).tool_calls[0].id
        follow(client, FLASH, identifier)
        follow(client, THIRD, identifier)
    assert [signatures(r) for r in upstream.requests[1:]] == [[("search", "b2xk")], [("search", PLACEHOLDER)]]


def test_passthrough_tenants_are_places_or_keys(passthrough, developer_passthrough, upstream):
    """Tokens of one project path share; other locations and other keys of the Developer API do not (SIG-010)."""
    scripts(upstream, False, [made("search", "cGxhY2U=", "call-place", q="x")])
    elsewhere = VERTEX_BASE.replace("us-central1", "europe-west4")
    with contextlib.ExitStack() as stack:
        first, second, third = (
            stack.enter_context(sdk(passthrough, key, base))
            for key, base in (("token-a", VERTEX_BASE), ("token-b", VERTEX_BASE), ("token-a", elsewhere))
        )
        ask(first, [user("Hi")])
        for client in (first, second, third):
            follow(client, identifier="call-place")
    expected = ["cGxhY2U=", "cGxhY2U=", PLACEHOLDER]
    assert [signatures(r) for r in upstream.requests[1:]] == [[("search", s)] for s in expected]

    upstream.reset()
    scripts(upstream, False, [made("search", "a2V5", "call-key", q="x")])
    with sdk(developer_passthrough, "key-a") as mine, sdk(developer_passthrough, "key-b") as theirs:
        ask(mine, [user("Hi")], model="gemini-3-flash-preview")
        follow(mine, "gemini-3-flash-preview", "call-key")
        follow(theirs, "gemini-3-flash-preview", "call-key")
    assert [signatures(r) for r in upstream.requests[1:]] == [[("search", "a2V5")], [("search", PLACEHOLDER)]]


def test_the_vault_can_be_off(gateways, upstream):
    """`signature_cache.enabled: false`: nothing is remembered, and the placeholder serves (SIG-010, SIG-012)."""
    program = gateways.start(gateways.managed(), signature_cache={"enabled": False})
    scripts(upstream, False, [made("search", "b2Zm", "call-off", q="x")])
    with sdk(program) as client:
        ask(client, [user("Hi")])
        follow(client, identifier="call-off")
    assert signatures(upstream.requests[1]) == [("search", PLACEHOLDER)]


# The placeholder's two forms


@pytest.mark.parametrize("own", [None, "context_engineering_is_the_way_to_go"])
def test_the_other_form_is_tried_once_and_remembered(gateways, upstream, own):
    """A 400 that speaks of thought signatures is answered with the placeholder's other form, once, and the form that
    works is remembered for the backend, also when the client itself sent a placeholder (SIG-012, SIG-013)."""
    program = gateways.start(gateways.managed())
    upstream.script(responds(400, MISSING))
    first = call("c1", "search", "{}")
    if own:
        first["extra_content"] = {"google": {"thought_signature": own}}
    with sdk(program) as client:
        ask(client, [user("Hi"), calling(first), result("c1", "ok")])
        follow(client)
    assert [signatures(r) for r in upstream.requests] == [[("search", s)] for s in (PLACEHOLDER, LITERAL, LITERAL)]


def test_a_second_refusal_is_told(gateways, upstream):
    """When neither form is taken the client reads the upstream's 400, and nothing is learned from it (SIG-013)."""
    program = gateways.start(gateways.managed())
    upstream.script(responds(400, MISSING), responds(400, MISSING))
    with sdk(program) as client:
        with pytest.raises(openai.BadRequestError, match="thought_signature"):
            follow(client)
        follow(client)
    assert [signatures(r) for r in upstream.requests] == [[("search", s)] for s in (PLACEHOLDER, LITERAL, PLACEHOLDER)]


@pytest.mark.parametrize("streamed", [True, False])
def test_all_calls_of_a_fan_out_change_the_form(gateways, upstream, streamed):
    """What is wrong with one call of a fan-out is wrong with all: each is sent anew, once (SIG-013, NFAN-001)."""
    program = gateways.start(gateways.managed())

    def answers(exchange):
        if LITERAL.encode() in exchange.request.body:
            says("Found.")(exchange)
        else:
            responds(400, MISSING)(exchange)

    upstream.script(*[answers] * 6)
    messages = [user("Hi"), calling(call("c1", "search", "{}")), result("c1", "ok")]
    with sdk(program) as client:
        made = client.chat.completions.create(model=THIRD, messages=messages, n=3, stream=streamed)
        if streamed:
            texts = {}
            for choice in (choice for chunk in made for choice in chunk.choices):
                texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
        else:
            texts = {choice.index: choice.message.content for choice in made.choices}
    assert texts == {0: "Found.", 1: "Found.", 2: "Found."}


def test_without_a_placeholder_nothing_is_tried_again(shared, upstream):
    """A refused signature of a client's own is the client's matter (SIG-013)."""
    upstream.script(responds(400, MISSING))
    own = {**call("c1", "search", "{}"), "extra_content": {"google": {"thought_signature": "c2VudA=="}}}
    with sdk(shared) as client, pytest.raises(openai.BadRequestError):
        ask(client, [user("Hi"), calling(own), result("c1", "ok")])
    assert len(upstream.requests) == 1


# Thoughts


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("keeps", [True, False])
def test_untagged_thoughts_are_told_from_the_answer_again(shared, upstream, streamed, keeps):
    """Without a marker only the gateway's memory knows where thoughts end: they go back as thoughts, whatever became
    of the flag, which the SDK adds up to `2` (THINK-031, THINK-041, SIG-010)."""
    scripts(
        upstream, streamed,
        [{"text": "Plan. ", "thought": True}, {"text": "Check. ", "thought": True}, {"text": "42", "thoughtSignature": "QUJD"}],
    )
    with sdk(shared) as client:
        message = ask(client, [user("Hi")], streamed, tools=None, extra_body={"extra_body": THOUGHTS})
        assert message.content == "Plan. Check. 42"
        flag = message.model_extra["extra_content"]["google"]["thought"]
        assert flag == 2 if streamed else flag is True
        kept = message.model_dump(exclude_none=True) if keeps else stripped(message)
        ask(client, [user("Hi"), kept, user("Go on")], tools=None)
    assert model_parts(upstream.requests[1]) == [
        {"text": "Plan. Check. ", "thought": True}, {"text": "42", "thoughtSignature": "QUJD"},
    ]


@pytest.mark.parametrize("streamed", [True, False])
def test_tagged_thoughts_come_back_as_thoughts(shared, upstream, streamed):
    """Tags are taken off again and the thoughts marked (THINK-030, THINK-042)."""
    scripts(upstream, streamed, [{"text": "Plan.", "thought": True}, {"text": "42"}])
    extra = {"extra_body": {"google": {**THOUGHTS["google"], "thought_tag_marker": "think"}}}
    with sdk(shared) as client:
        message = ask(client, [user("Hi")], streamed, tools=None, extra_body=extra)
        assert message.content == "<think>Plan.</think>42"
        ask(client, [user("Hi"), stripped(message), user("Go on")], tools=None, extra_body=extra)
    assert model_parts(upstream.requests[1]) == [{"text": "Plan.", "thought": True}, {"text": "42"}]


@pytest.mark.parametrize("streamed", [True, False])
def test_thoughts_apart_come_back_as_thoughts(shared, upstream, streamed):
    """`reasoning_content` of an answer, also of one that ended early, is a thought when it comes back (THINK-033,
    THINK-044)."""
    scripts(upstream, streamed, [{"text": "Plan.", "thought": True}, {"text": "42"}], [{"text": "Plan.", "thought": True}])
    extra = {"extra_body": {**THOUGHTS, "pollux": {"thoughts": "reasoning_content"}}}
    messages = [user("Hi")]
    with sdk(shared) as client:
        for content in ("42", None if streamed else ""):
            message = ask(client, messages, streamed, tools=None, extra_body=extra)
            assert (message.content, message.model_extra["reasoning_content"]) == (content, "Plan.")
            messages += [message.model_dump(exclude_none=True), user("Go on")]
        ask(client, messages, tools=None)
    assert model_parts(upstream.requests[2]) == [
        {"text": "Plan.", "thought": True}, {"text": "42"}, {"text": "Plan.", "thought": True},
    ]


def test_the_operator_decides_about_thinking(gateways, upstream):
    """`thinking.strict_none`, `thinking.merge_config` and `thoughts.delivery` (THINK-001, THINK-014, THINK-033)."""
    program = gateways.start(
        gateways.managed(), thinking={"strict_none": True, "merge_config": True}, thoughts={"delivery": "reasoning_content"}
    )
    scripts(upstream, False, [{"text": "Plan.", "thought": True}, {"text": "42"}])
    with sdk(program) as client:
        with pytest.raises(openai.BadRequestError, match="'none' is not supported with this model"):
            ask(client, [user("Hi")], reasoning_effort="none")
        message = ask(client, [user("Hi")], tools=None, reasoning_effort="low", extra_body={"extra_body": THOUGHTS})
    assert upstream.only_request().json["generationConfig"] == {
        "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "LOW"}
    }
    assert (message.content, message.model_extra["reasoning_content"]) == ("42", "Plan.")
