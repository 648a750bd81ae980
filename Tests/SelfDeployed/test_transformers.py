"""`transformers serve` with a model of random weights: it says nonsense, in its own dialect of Chat Completions.

What it does otherwise than the reference: no `[DONE]`, usage in the last chunk whether asked for or not, errors as
`{"detail": …}` or as plain text, a list of models without the one that it serves.
"""

import pathlib
import subprocess
import threading

import openai
import pytest

from conftest import Server, environment, sdk, stream_bytes

MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.fixture(scope="module")
def server(home):
    programs = environment("transformers")
    model = home / "tiny"
    (home / "huggingface" / "hub").mkdir(parents=True)
    maker = pathlib.Path(__file__).with_name("tiny_model.py")
    subprocess.run([programs / "python", maker, model], check=True, capture_output=True, timeout=300)
    running = Server([programs / "transformers", "serve", model, "--device", "cpu"], "/v1/models", home,
                     HF_HOME=str(home / "huggingface"))
    running.model = str(model)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def program(gateway, server):
    """The operator names the model; clients call it as they like."""
    return gateway(server, upstream_model=server.model, models={"list": ["tiny"]})


def test_a_whole_answer(program, server):
    """The server's answer, with the name that it gives itself (SELF-030, SELF-033)."""
    with sdk(program) as client:
        answer = client.chat.completions.create(model="any", messages=MESSAGES, max_tokens=8)
    assert answer.object == "chat.completion" and answer.model.startswith(server.model)
    assert answer.choices[0].finish_reason == "length" and answer.choices[0].message.content
    assert answer.usage.completion_tokens == 8


def test_the_clients_own_name_when_the_operator_wants_it(gateway, server):
    """`echo_model` (SELF-033)."""
    with sdk(gateway(server, upstream_model=server.model, echo_model=True)) as client:
        assert client.chat.completions.create(model="mine", messages=MESSAGES, max_tokens=2).model == "mine"
        chunks = list(client.chat.completions.create(model="mine", messages=MESSAGES, max_tokens=2, stream=True))
        assert {chunk.model for chunk in chunks} == {"mine"}


def test_a_stream_gets_the_end_that_it_lacks(program):
    """The server sends no `[DONE]`; every choice has its end, so the gateway adds it, once (SELF-040, SELF-041)."""
    data = stream_bytes(program, {"model": "any", "messages": MESSAGES, "max_tokens": 8})
    assert data.count(b"[DONE]") == 1 and data.endswith(b"data: [DONE]\n\n")
    assert data.count(b'"finish_reason":"length"') == 1


def test_the_sdk_reads_a_stream(program):
    with sdk(program) as client:
        chunks = list(client.chat.completions.create(model="any", messages=MESSAGES, max_tokens=16, stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert chunks[-1].usage.completion_tokens == 16


def test_errors_of_fastapi_are_openais(gateway, server):
    """`{"detail": …}` and plain text (09 § 6)."""
    with sdk(gateway(server)) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(model="another", messages=MESSAGES)
        assert "another" in refused.value.message and refused.value.code == "invalid_value"
        with pytest.raises(openai.InternalServerError) as failed:
            client.chat.completions.create(model=server.model, messages="no list")
        assert failed.value.status_code == 500 and isinstance(failed.value.body, dict)


def test_its_list_is_empty_and_the_operators_is_not(program):
    """What the operator names is listed beside what the server lists (MOD-006, 09 § 7)."""
    with sdk(program) as client:
        assert [(model.id, model.owned_by) for model in client.models.list()] == [("tiny", "self-deployed")]


def test_a_client_that_leaves_and_many_at_once(program):
    """A stream that is given up does not stop the next ones."""
    with sdk(program) as client:
        stream = client.chat.completions.create(model="any", messages=MESSAGES, max_tokens=400, stream=True)
        next(iter(stream))
        stream.close()
        ends = []

        def one():
            chunks = list(client.chat.completions.create(model="any", messages=MESSAGES, max_tokens=8, stream=True))
            ends.append([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1])

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert ends == ["length"] * 4
