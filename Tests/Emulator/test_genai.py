"""Google's own SDK against the emulator, in the ways that its documentation shows, on both services."""

import asyncio
import enum
import io
import struct
import zlib

import pydantic
import pytest
from google import genai
from google.genai import errors, types

MODEL = "gemini-2.5-flash"
THIRD = "gemini-3-flash-preview"
LONG = "Call me Ishmael. Some years ago, never mind how long precisely. " * 120


def test_generate(client):
    """One question, one answer, with its usage."""
    answer = client.models.generate_content(model=MODEL, contents="Why is the sky blue?")
    assert "Why is the sky blue?" in answer.text
    usage = answer.usage_metadata
    assert usage.total_token_count == (
        usage.prompt_token_count + usage.candidates_token_count + (usage.thoughts_token_count or 0)
    )
    assert answer.candidates[0].finish_reason is types.FinishReason.STOP
    assert answer.model_version == MODEL and answer.response_id


def test_the_same_question_has_the_same_answer(client):
    """Answers depend on the request alone."""
    asked = [client.models.generate_content(model=MODEL, contents="Hello").text for _ in range(2)]
    assert asked[0] == asked[1]


def test_stream(client):
    """The pieces of a stream are the whole answer."""
    whole = client.models.generate_content(model=MODEL, contents="Tell me about Oslo")
    pieces = list(client.models.generate_content_stream(model=MODEL, contents="Tell me about Oslo"))
    assert len(pieces) > 3
    assert "".join(piece.text or "" for piece in pieces) == whole.text
    assert pieces[-1].candidates[0].finish_reason is types.FinishReason.STOP


def test_asynchronous(client):
    """The SDK's other half."""

    async def ask():
        whole = await client.aio.models.generate_content(model=MODEL, contents="Hello")
        stream = await client.aio.models.generate_content_stream(model=MODEL, contents="Hello")
        return whole.text, "".join([piece.text or "" async for piece in stream])

    whole, streamed = asyncio.run(ask())
    assert whole == streamed


def test_configuration(client):
    """System instruction, limits, stop sequences, several candidates."""
    config = types.GenerateContentConfig(
        system_instruction="Be short.", temperature=0.5, top_p=0.9, top_k=20, seed=5, max_output_tokens=200,
        stop_sequences=["describe"], candidate_count=2, presence_penalty=0.1,
        safety_settings=[types.SafetySetting(category="HARM_CATEGORY_HARASSMENT", threshold="BLOCK_NONE")],
        thinking_config=types.ThinkingConfig(thinking_budget=0),
    )
    answer = client.models.generate_content(model=MODEL, contents="Hello", config=config)
    assert len(answer.candidates) == 2
    assert answer.text.endswith("I only ")
    short = client.models.generate_content(
        model=MODEL, contents="Hello",
        config=types.GenerateContentConfig(max_output_tokens=4, thinking_config={"thinking_budget": 0}),
    )
    assert short.candidates[0].finish_reason is types.FinishReason.MAX_TOKENS


def test_chat(client):
    """A chat carries its history."""
    chat = client.chats.create(model=MODEL)
    assert "1 message" in chat.send_message("Hello, I am Ada.").text
    assert "3 messages" in chat.send_message("Who am I?").text
    streamed = "".join(piece.text or "" for piece in chat.send_message_stream("And you?"))
    assert "5 messages" in streamed
    assert [content.role for content in chat.get_history()[:4]] == ["user", "model"] * 2


@pytest.mark.parametrize("model", [MODEL, THIRD])
def test_automatic_function_calling(client, model):
    """The SDK calls Python functions until the text comes; signatures go round with Gemini 3."""
    asked = []

    def get_weather(city: str, unit: str = "celsius") -> dict:
        """The weather of a city."""
        asked.append(city)
        return {"degrees": 12, "city": city}

    answer = client.models.generate_content(
        model=model, contents="What is the weather in Oslo and Paris?",
        config=types.GenerateContentConfig(tools=[get_weather]),
    )
    assert sorted(asked) == ["Oslo", "Paris"]
    assert "get_weather returned" in answer.text
    chat = client.chats.create(model=model, config=types.GenerateContentConfig(tools=[get_weather]))
    assert "12" in chat.send_message("And the weather in Rome?").text
    assert asked[-1] == "Rome"
    assert chat.send_message("Thank you.").text


def test_steps(client):
    """A loop of several steps ends."""
    calls = []

    def search(query: str) -> str:
        """Searches."""
        calls.append(query)
        return "found"

    answer = client.models.generate_content(
        model=THIRD, contents="Look it up [[emulate: steps=3]]", config=types.GenerateContentConfig(tools=[search]),
    )
    assert len(calls) == 3 and answer.text


def test_declared_functions(client):
    """A declaration by hand, a forced call, its result."""
    declaration = types.FunctionDeclaration(
        name="set_light", description="Sets a light.",
        parameters=types.Schema(
            type="OBJECT", required=["brightness", "colour"],
            properties={
                "brightness": types.Schema(type="INTEGER", minimum=0, maximum=100),
                "colour": types.Schema(type="STRING", enum=["daylight", "warm"]),
            },
        ),
    )
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declaration])],
        tool_config=types.ToolConfig(
            function_calling_config=types.FunctionCallingConfig(mode="ANY", allowed_function_names=["set_light"])
        ),
    )
    answer = client.models.generate_content(model=MODEL, contents="Make it warm, 40 percent", config=config)
    call = answer.function_calls[0]
    assert call.name == "set_light" and call.args["colour"] == "warm" and call.args["brightness"] == 40
    history = [
        types.UserContent("Make it warm, 40 percent"), answer.candidates[0].content,
        types.Content(role="user", parts=[types.Part.from_function_response(name="set_light", response={"ok": True})]),
    ]
    done = client.models.generate_content(
        model=MODEL, contents=history, config=types.GenerateContentConfig(tools=config.tools)
    )
    assert "set_light returned" in done.text


def test_a_lost_signature_is_refused(client):
    """Gemini 3 wants its thought signatures back (08 § 6)."""
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[types.FunctionDeclaration(name="go")])],
        automatic_function_calling={"disable": True},
    )
    answer = client.models.generate_content(model=THIRD, contents="Please call go", config=config)
    content = answer.candidates[0].content
    result = types.Content(role="user", parts=[types.Part.from_function_response(name="go", response={"ok": True})])
    assert content.parts[0].thought_signature
    assert client.models.generate_content(model=THIRD, contents=["Go", content, result], config=config).text
    content.parts[0].thought_signature = content.parts[0].thought_signature[:-1] + b"?"
    with pytest.raises(errors.ClientError, match="signature"):
        client.models.generate_content(model=THIRD, contents=["Go", content, result], config=config)
    content.parts[0].thought_signature = None
    with pytest.raises(errors.ClientError, match="thought_signature"):
        client.models.generate_content(model=THIRD, contents=["Go", content, result], config=config)


class Kind(enum.Enum):
    FRUIT = "fruit"
    TREE = "tree"


class Recipe(pydantic.BaseModel):
    name: str
    minutes: int = pydantic.Field(ge=5, le=90)
    kind: Kind
    steps: list[str] = pydantic.Field(min_length=2)
    rating: float | None = None


def test_json_schema(client):
    """Pydantic models, lists of them and JSON Schema give what fits them."""
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Recipe)
    assert isinstance(client.models.generate_content(model=MODEL, contents="A recipe", config=config).parsed, Recipe)
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=list[Recipe])
    several = client.models.generate_content(model=MODEL, contents="Recipes", config=config)
    assert several.parsed and all(isinstance(one, Recipe) for one in several.parsed)
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=Recipe.model_json_schema()
    )
    text = client.models.generate_content(model=MODEL, contents="A recipe", config=config).text
    assert Recipe.model_validate_json(text)
    config = types.GenerateContentConfig(response_mime_type="text/x.enum", response_schema=Kind)
    assert client.models.generate_content(model=MODEL, contents="Kind?", config=config).text in ("fruit", "tree")


def test_files_as_bytes(client):
    """Images, audio and documents as bytes and as addresses."""
    parts = [
        types.Part.from_bytes(data=b"\x89PNG\r\n\x1a\nrest", mime_type="image/png"),
        types.Part.from_bytes(data=b"%PDF-1.7", mime_type="application/pdf"),
        types.Part.from_bytes(data=b"RIFFxxxxWAVE", mime_type="audio/wav"),
        types.Part.from_uri(file_uri="https://example.com/video.mp4", mime_type="video/mp4"),
    ]
    answer = client.models.generate_content(model=MODEL, contents=["What is this?", *parts])
    for word in ("an image/png of 12 bytes", "an application/pdf", "an audio/wav", "video.mp4"):
        assert word in answer.text
    modalities = {detail.modality.value for detail in answer.usage_metadata.prompt_tokens_details}
    assert modalities == {"TEXT", "IMAGE", "DOCUMENT", "AUDIO", "VIDEO"}
    with pytest.raises(errors.ClientError):
        client.models.generate_content(model=MODEL, contents=types.Part.from_bytes(data=b"GIF8", mime_type="image/gif"))


def test_embeddings(client):
    """Near texts are near; several texts give several vectors."""
    near, far = "The cat sat on the mat", "Interest rates rose"
    answer = client.models.embed_content(
        model="gemini-embedding-001", contents=near, config=types.EmbedContentConfig(output_dimensionality=64)
    )
    assert len(answer.embeddings[0].values) == 64
    models = ["gemini-embedding-001", *(["text-embedding-005"] if client.vertexai else [])]

    def product(first, second):
        return sum(a * b for a, b in zip(first, second))

    for model in models:
        several = client.models.embed_content(model=model, contents=[near, "A cat on the mat sat", far])
        vectors = [embedding.values for embedding in several.embeddings]
        assert product(vectors[0], vectors[1]) > product(vectors[0], vectors[2]) + 0.3


def test_count_tokens(client):
    """Tokens are those that an answer reports."""
    counted = client.models.count_tokens(model=MODEL, contents="Why is the sky blue?")
    answer = client.models.generate_content(model=MODEL, contents="Why is the sky blue?")
    assert counted.total_tokens == answer.usage_metadata.prompt_token_count


def test_caches(client, emulator):
    """Create, use, keep longer, list, delete; and what has ended is gone."""
    cache = client.caches.create(
        model=MODEL,
        config=types.CreateCachedContentConfig(
            contents=[types.UserContent(LONG)], system_instruction="You know the book.", display_name="book", ttl="600s"
        ),
    )
    assert cache.usage_metadata.total_token_count > 1024
    config = types.GenerateContentConfig(cached_content=cache.name)
    answer = client.models.generate_content(model=MODEL, contents="Who speaks?", config=config)
    assert answer.usage_metadata.cached_content_token_count == cache.usage_metadata.total_token_count
    assert answer.usage_metadata.prompt_token_count > cache.usage_metadata.total_token_count
    longer = client.caches.update(name=cache.name, config=types.UpdateCachedContentConfig(ttl="1200s"))
    assert (longer.expire_time - cache.expire_time).total_seconds() >= 599
    assert client.caches.get(name=cache.name).display_name == "book"
    assert [one.name for one in client.caches.list()] == [cache.name]
    emulator.advance("1300s")
    with pytest.raises(errors.ClientError):
        client.models.generate_content(model=MODEL, contents="Who speaks?", config=config)
    other = client.caches.create(
        model=MODEL, config=types.CreateCachedContentConfig(contents=[types.UserContent(LONG)])
    )
    client.caches.delete(name=other.name)
    assert not list(client.caches.list())
    with pytest.raises(errors.ClientError, match="too small"):
        client.caches.create(
            model=MODEL, config=types.CreateCachedContentConfig(contents=[types.UserContent("short")])
        )


def test_models(client):
    """The list, page by page, and one model."""
    names = [model.name.rsplit("/", 1)[-1] for model in client.models.list(config={"page_size": 5})]
    assert MODEL in names and len(names) > 10
    assert client.models.get(model=MODEL).name.endswith(MODEL)
    assert not list(client.models.list(config={"query_base": False}))


def test_express_mode(emulator):
    """Vertex AI with a key and without a project."""
    address = types.HttpOptions(base_url=emulator.url)
    express = genai.Client(vertexai=True, api_key="test-key", http_options=address)
    assert express.models.generate_content(model=MODEL, contents="Hello").text
    assert "/v1beta1/publishers/google/models/" in emulator.requests()[-1]["target"]


def test_tuned_endpoint(emulator):
    """A tuned model is called by its endpoint."""
    name = "projects/test-project/locations/us-central1/endpoints/1234567890"
    assert emulator.client("vertex").models.generate_content(model=name, contents="Hello").text


def test_thoughts(client):
    """Thoughts are shown when asked for, and counted always."""
    config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))
    answer = client.models.generate_content(model=MODEL, contents="Think", config=config)
    assert [bool(part.thought) for part in answer.candidates[0].content.parts] == [True, False]
    assert answer.usage_metadata.thoughts_token_count > 0


def test_logprobs(client):
    """The chosen tokens make up the text; alternatives come in the number that was asked for."""
    config = types.GenerateContentConfig(response_logprobs=True, logprobs=3)
    candidate = client.models.generate_content(model=MODEL, contents="Hello", config=config).candidates[0]
    chosen = candidate.logprobs_result.chosen_candidates
    assert "".join(token.token for token in chosen) == candidate.content.parts[0].text
    assert all(len(top.candidates) == 3 for top in candidate.logprobs_result.top_candidates)
    assert candidate.avg_logprobs < 0


def test_grounding(client):
    """Supports point at bytes of the text, also behind an emoji."""
    config = types.GenerateContentConfig(tools=[types.Tool(google_search=types.GoogleSearch())])
    candidate = client.models.generate_content(model=MODEL, contents="Wo ist 🌍 heute?", config=config).candidates[0]
    text = candidate.content.parts[0].text.encode()
    supports = candidate.grounding_metadata.grounding_supports
    assert supports
    for support in supports:
        segment = support.segment
        assert text[segment.start_index or 0:segment.end_index].decode() == segment.text


def test_code_execution(client):
    """Code, what it printed, and the text."""
    config = types.GenerateContentConfig(tools=[types.Tool(code_execution=types.ToolCodeExecution())])
    answer = client.models.generate_content(model=MODEL, contents="Run code: sum of 20 and 22", config=config)
    printed = io.StringIO()
    exec(answer.executable_code, {"print": lambda value: printed.write("%s\n" % value)})  # Python that we wrote.
    assert printed.getvalue() == answer.code_execution_result == "42\n"


def test_picture(client):
    """A PNG that decodes."""
    answer = client.models.generate_content(model="gemini-2.5-flash-image", contents="Draw a red castle")
    data = next(part.inline_data for part in answer.candidates[0].content.parts if part.inline_data).data
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    pixels, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        content = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + content)
        pixels += content if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(pixels)) == (width + 1) * height


def test_speech(client):
    """24 kHz PCM, in one piece and as a stream."""
    config = types.GenerateContentConfig(
        response_modalities=["AUDIO"],
        speech_config=types.SpeechConfig(
            voice_config=types.VoiceConfig(prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Kore"))
        ),
    )
    model = "gemini-2.5-flash-preview-tts"
    text = "Say cheerfully: have a wonderful day!"
    whole = client.models.generate_content(model=model, contents=text, config=config).candidates[0].content.parts
    assert all(part.inline_data.mime_type == "audio/L16;codec=pcm;rate=24000" for part in whole)
    streamed = b"".join(
        piece.candidates[0].content.parts[0].inline_data.data
        for piece in client.models.generate_content_stream(model=model, contents=text, config=config)
    )
    assert streamed == b"".join(part.inline_data.data for part in whole)


def test_blocked_prompt(client):
    """A blocked prompt has feedback and no candidates."""
    answer = client.models.generate_content(model=MODEL, contents="[[emulate: block=SAFETY]]")
    assert answer.prompt_feedback.block_reason is types.BlockedReason.SAFETY
    assert not answer.candidates


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "MALFORMED_FUNCTION_CALL", "MAX_TOKENS"])
def test_finish_reasons(client, reason):
    """The SDK's own names."""
    answer = client.models.generate_content(model=MODEL, contents="Tell me [[emulate: finish=%s]]" % reason)
    assert answer.candidates[0].finish_reason is types.FinishReason[reason]


def test_errors(client):
    """What the service refuses, the SDK raises, with Google's text."""
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model="gemini-0", contents="Hello", config={"temperature": 3})
    assert raised.value.code == 400 and "temperature" in raised.value.message
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model="no-such-model", contents="Hello")
    assert raised.value.code == 404
