"""The asynchronous `openai` SDK: the same promises, and many requests at once."""

import asyncio
import json

import openai
import pytest

from conftest import KEY
from scenes import FLASH, THIRD, WEATHER, Person, user
from test_sdk_sync import answered
from upstream import Moment, answer_of, candidate, error_of, responds, says, streams, text_of


def sdk(program, key=KEY, **options):
    options.setdefault("max_retries", 0)
    return openai.AsyncOpenAI(base_url=program.url + "/v1", api_key=key, timeout=20, **options)


def ask(client, content="Hello", model=FLASH, **members):
    return client.chat.completions.create(model=model, messages=[user(content)], **members)


def running(test):
    """Runs a coroutine test to its end, within a bound."""

    def run(**fixtures):
        asyncio.run(asyncio.wait_for(test(**fixtures), 60))

    return run


def test_a_question_is_answered(emulated):
    """A completion has text, a finish reason and usage (RESP-001…007)."""

    async def scene():
        async with sdk(emulated) as client:
            completion = await ask(client)
            assert completion.choices[0].finish_reason == "stop" and completion.usage.total_tokens > 0
            assert completion._request_id

    running(scene)()


def test_a_stream_gives_the_whole_answer(emulated):
    """The chunks of a stream add up to the unstreamed answer (STREAM-020…025)."""

    async def scene():
        async with sdk(emulated) as client:
            whole = (await ask(client)).choices[0].message.content
            chunks = [chunk async for chunk in await ask(client, stream=True)]
            assert "".join(c.choices[0].delta.content or "" for c in chunks) == whole
            assert chunks[-1].choices[0].finish_reason == "stop" and chunks[-1].usage.total_tokens > 0

    running(scene)()


@pytest.mark.parametrize("asked", [True, None, False])
def test_usage_in_a_stream_comes_as_asked(emulated, asked):
    """Asked for: its own last chunk. Not said: on the finish chunk. Refused: nowhere (STREAM-040…042)."""
    options = {} if asked is None else {"stream_options": {"include_usage": asked}}

    async def scene():
        async with sdk(emulated) as client:
            chunks = [chunk async for chunk in await ask(client, stream=True, **options)]
        assert [bool(c.usage) for c in chunks] == [False] * (len(chunks) - 1) + [asked is not False]

    running(scene)()


@pytest.mark.parametrize("model", [FLASH, THIRD])
def test_a_streamed_tool_loop_comes_to_its_end(emulated, model):
    """Two parallel calls, their results, a closing answer, without `extra_content` (SIG-012, STREAM-030)."""

    async def scene():
        messages = [user("What is the weather in Oslo and Paris?")]
        async with sdk(emulated) as client:
            async with client.chat.completions.stream(model=model, messages=messages, tools=[WEATHER]) as stream:
                choice = (await stream.get_final_completion()).choices[0]
            assert choice.finish_reason == "tool_calls"
            assert [json.loads(c.function.arguments)["city"] for c in choice.message.tool_calls] == ["Oslo", "Paris"]
            messages += answered(choice.message, keep_extras=False)
            async with client.chat.completions.stream(model=model, messages=messages, tools=[WEATHER]) as stream:
                choice = (await stream.get_final_completion()).choices[0]
        assert choice.finish_reason == "stop" and "get_weather" in choice.message.content

    running(scene)()


def test_parse_gives_an_object(emulated):
    """`parse()` with a pydantic model gives an instance of it (FMT-004)."""

    async def scene():
        async with sdk(emulated) as client:
            completion = await client.chat.completions.parse(
                model=FLASH, messages=[user("Tell me of a person")], response_format=Person
            )
        assert isinstance(completion.choices[0].message.parsed, Person)

    running(scene)()


@pytest.mark.parametrize(
    "status, name, kind",
    [
        (400, "INVALID_ARGUMENT", openai.BadRequestError),
        (404, "NOT_FOUND", openai.NotFoundError),
        (429, "RESOURCE_EXHAUSTED", openai.RateLimitError),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_errors_have_the_sdks_classes(managed, upstream, status, name, kind, stream):
    """An error before the first chunk is the SDK's exception, also for a stream (STREAM-004, 05 § 2)."""
    upstream.script(responds(status, [error_of(status, name, "Google said so.")]))

    async def scene():
        async with sdk(managed) as client:
            with pytest.raises(kind, match="Google said so."):
                await ask(client, stream=stream)

    running(scene)()


def test_a_wrong_key_is_an_authentication_error(managed, upstream):
    """401 (AUTH-006)."""

    async def scene():
        async with sdk(managed, key="sk-wrong") as client:
            with pytest.raises(openai.AuthenticationError):
                await ask(client)

    running(scene)()


def test_an_error_inside_a_stream_is_raised(managed, upstream):
    """The SDK raises what the stream's last event says (STREAM-060)."""
    upstream.script(streams(text_of("Half an ", finish=None), error_of(503, "UNAVAILABLE", "Gone.")))

    async def scene():
        async with sdk(managed) as client:
            with pytest.raises(openai.APIError, match="Gone."):
                async for _ in await ask(client, stream=True):
                    pass

    running(scene)()


def test_the_sdk_waits_as_long_as_google_asks(managed, upstream):
    """A `RetryInfo` becomes the delay that the SDK obeys (ERR-040)."""
    upstream.script(responds(429, error_of(429, "RESOURCE_EXHAUSTED", retry="0.3s")), says("Now."))

    async def scene():
        async with sdk(managed, max_retries=1) as client:
            return (await ask(client)).choices[0].message.content

    assert asyncio.run(scene()) == "Now."
    assert len(upstream.requests) == 2


def test_leaving_a_stream_ends_the_upstream_call(managed, upstream):
    """Who breaks off a stream also ends what it costs (STREAM-009)."""
    left = Moment()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("One", finish=None))
        exchange.see_leaving(left)

    upstream.script(behaviour)

    async def scene():
        async with sdk(managed) as client:
            stream = await ask(client, stream=True)
            async for chunk in stream:
                assert chunk.choices[0].delta.content == "One"
                break
            await stream.close()

    running(scene)()
    left.wait(5)


def test_a_hundred_streams_do_not_mix(managed, upstream):
    """Each of many streams at once gets its own answer, whole and in order."""

    def echo(exchange):
        text = exchange.request.json["contents"][0]["parts"][0]["text"]
        exchange.begin()
        for piece in range(5):
            exchange.event(answer_of(candidate({"text": "%s.%d " % (text, piece)}, finish=None)))
        exchange.event(answer_of(candidate({"text": "end"})))
        exchange.end()

    count = 100
    upstream.script(*[echo] * count)

    async def scene():
        async with sdk(managed) as client:

            async def one(number):
                stream = await ask(client, "n%d" % number, stream=True)
                return "".join([c.choices[0].delta.content or "" async for c in stream])

            return await asyncio.gather(*(one(n) for n in range(count)))

    texts = asyncio.run(asyncio.wait_for(scene(), 60))
    assert texts == ["".join("n%d.%d " % (n, p) for p in range(5)) + "end" for n in range(count)]
