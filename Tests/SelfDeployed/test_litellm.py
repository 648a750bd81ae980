"""LiteLLM's proxy with answers of its own: another gateway as the upstream, with keys, lists, vectors and quotas.

What it does otherwise than the reference: error codes are numbers in text.
"""

import json

import openai
import pytest

from conftest import Server, environment, sdk, stream_bytes

MESSAGES = [{"role": "user", "content": "Hi"}]
KEY = "sk-of-the-operator"
TEXT = "A mock says what it was told."


def model(name, response):
    parameters = {"model": "openai/" + name, "api_key": "none", "mock_response": response}
    return {"model_name": name, "litellm_params": parameters}


@pytest.fixture(scope="module")
def server(home):
    programs = environment("litellm")
    path = home / "litellm.yaml"
    models = [model("mock", TEXT), model("limited", "litellm.RateLimitError"), model("vectors", [0.5, -0.25])]
    path.write_text(json.dumps({"model_list": models, "general_settings": {"master_key": KEY}}))
    running = Server(
        [programs / "litellm", "--config", path, "--telemetry", "False"], "/health/liveliness", home,
        LITELLM_LOCAL_MODEL_COST_MAP="True", DISABLE_ADMIN_UI="True")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def program(gateway, server, home):
    (home / "key").write_text(KEY)
    return gateway(server, api_key="file:%s" % (home / "key"))


def test_whole_and_streamed(program):
    """The same text both ways; counts in a stream when they are asked for (SELF-030, SELF-040, SELF-044)."""
    with sdk(program) as client:
        answer = client.chat.completions.create(model="mock", messages=MESSAGES)
        assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
        chunks = list(client.chat.completions.create(
            model="mock", messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert answer.usage.total_tokens > 0 and chunks[-1].usage.total_tokens > 0
    data = stream_bytes(program, {"model": "mock", "messages": MESSAGES})
    assert data.count(b"[DONE]") == 1 and data.rstrip().endswith(b"data: [DONE]")


def test_errors_have_codes_that_are_words(program):
    """A quota, an unknown model, a missing field: OpenAI's exceptions, and codes that are no numbers (09 § 6)."""
    with sdk(program) as client:
        with pytest.raises(openai.RateLimitError) as limited:
            client.chat.completions.create(model="limited", messages=MESSAGES)
        assert limited.value.code == "rate_limit_exceeded"
        with pytest.raises(openai.BadRequestError) as unknown:
            client.chat.completions.create(model="nowhere", messages=MESSAGES)
        assert "nowhere" in unknown.value.message and unknown.value.code == "invalid_value"
        with pytest.raises(openai.BadRequestError) as missing:
            client.post("/chat/completions", body={"model": "mock"}, cast_to=object)
        assert (missing.value.param, missing.value.code) == ("messages", "invalid_value")


def test_a_key_that_is_wrong_is_shown_to_nobody(gateway, server):
    """Without a database this server has no 401: its own words reach the client, the operator's key does not (CRED-010)."""
    with sdk(gateway(server, api_key="sk-of-somebody-else")) as client:
        with pytest.raises(openai.APIStatusError) as refused:
            client.chat.completions.create(model="mock", messages=MESSAGES)
    assert "sk-of-somebody-else" not in str(refused.value.body)


def test_models_and_vectors(program):
    """`models.list()`, and `embeddings.create()` with the SDK's base64, which this server does not know (09 § 7)."""
    with sdk(program) as client:
        listed = [(model.id, model.owned_by) for model in client.models.list()]
        assert listed == [(name, "self-deployed") for name in ("limited", "mock", "vectors")]
        assert client.models.retrieve("mock").id == "mock"
        vectors = client.embeddings.create(model="vectors", input="Hi")
    assert vectors.data[0].embedding == [0.5, -0.25]
