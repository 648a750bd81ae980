"""`pollux serve --record` and `--replay`: what was answered once is answered again, without an upstream."""

import json
import re
import stat
import time

import openai
import pytest

from conftest import DEVELOPER_KEY, KEY, digest
from program import run
from scenes import FLASH, THIRD, WEATHER, calling, result, user
from test_sdk_sync import ask, sdk
from upstream import chunk, error_of, event, responds, says, sends, stream_head, streams, text_of


@pytest.fixture
def recording(gateways, upstream, tmp_path):
    """Starts a gateway that records what the scripted upstream answers; gives the program and the folder."""

    def start(*options):
        folder = tmp_path / "recordings"
        configuration = {
            "listen": {"port": 0}, "auth": {"mode": "gateway", "keys": [{"name": "suite", "sha256": digest(KEY)}]},
            "backends": [gateways.developer()], "upstream": {"max_retries": 0},
        }
        program = gateways.launch(
            "serve", "--config", str(gateways.write(configuration)), "--record", str(folder), *options
        ).started()
        return program, folder

    return start


@pytest.fixture
def replaying(gateways):
    """Starts a gateway that answers from a folder, with nothing configured."""
    started = []

    def start(folder, *options):
        started.append(gateways.launch("serve", "--port", "0", "--replay", str(folder), *options).started())
        return started[-1]

    yield start
    for program in started:
        program.stop()


def cassettes(folder):
    """The recordings in their order."""
    return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]


def record(recording, upstream, *behaviours, options=(), ask=ask):
    """One request of the SDK for each behaviour; gives the answers and the folder, once all is written."""
    program, folder = recording(*options)
    answers = []
    for behaviour in behaviours:
        upstream.script(behaviour)
        with sdk(program) as client:
            answers.append(ask(client))
    program.terminate()
    assert program.wait() == 0
    return answers, folder


def test_a_whole_answer_comes_again(recording, replaying, upstream):
    """The same request gets the same answer, id and usage included."""
    (answer,), folder = record(recording, upstream, says("Recorded."))
    with sdk(replaying(folder), key="any") as client:
        again = ask(client)
    assert again.choices[0].message.content == "Recorded."
    ours, theirs = again.model_dump(), answer.model_dump()
    ours.pop("created"), theirs.pop("created")
    assert ours == theirs


def test_a_stream_comes_again(recording, replaying, upstream):
    """Event by event, with its end."""

    def streamed(client):
        with client.chat.completions.stream(model=FLASH, messages=[user("Hello")]) as stream:
            events = [event.type for event in stream]
            return events, stream.get_final_completion().choices[0].message.content

    events = streams(text_of("One ", None), text_of("two ", None), text_of("three."))
    (answer,), folder = record(recording, upstream, events, ask=streamed)
    assert answer[1] == "One two three."
    with sdk(replaying(folder), key="any") as client:
        assert streamed(client) == answer


def test_a_loop_of_tools_comes_again(gateways, replaying, tmp_path):
    """Ids and signatures of one run hold in the next."""
    folder = tmp_path / "recordings"

    def loop(program):
        with sdk(program, key="any") as client:
            first = client.chat.completions.create(
                model=THIRD, messages=[user("The weather in Oslo?")], tools=[WEATHER], tool_choice="required"
            )
            (call,) = first.choices[0].message.tool_calls
            messages = [
                user("The weather in Oslo?"),
                calling({"id": call.id, "type": "function", "function": call.function.model_dump()}),
                result(call.id, "12 C"),
            ]
            second = client.chat.completions.create(model=THIRD, messages=messages, tools=[WEATHER])
            return call.function.arguments, second.choices[0].message.content

    program = gateways.launch("serve", "--port", "0", "--upstream", "emulator", "--record", str(folder)).started()
    answers = loop(program)
    program.terminate()
    assert program.wait() == 0
    assert loop(replaying(folder)) == answers


def test_an_error_comes_again(recording, replaying, upstream):
    """With its status, its text and the time to wait."""

    def refused(client):
        with pytest.raises(openai.RateLimitError) as caught:
            ask(client)
        return caught.value.status_code, caught.value.body["message"], caught.value.response.headers["retry-after"]

    behaviour = responds(429, error_of(429, "RESOURCE_EXHAUSTED", "Slow down.", retry="7s"))
    (answer,), folder = record(recording, upstream, behaviour, ask=refused)
    assert answer == (429, "Slow down.", "7")
    with sdk(replaying(folder), key="any") as client:
        assert refused(client) == answer


def test_a_broken_stream_breaks_again(recording, replaying, upstream):
    """STREAM-060, STREAM-061: what was no end is none when it is repeated."""

    def broken(client):
        texts = []
        with pytest.raises(openai.APIError) as caught:
            for part in ask(client, stream=True):
                texts.append(part.choices[0].delta.content)
        return texts, caught.value.code

    behaviour = sends(stream_head() + chunk(event(text_of("Half", None))), then="reset")
    (answer,), folder = record(recording, upstream, behaviour, ask=broken)
    assert answer[0] == ["Half"]
    assert cassettes(folder)[0]["calls"][0]["ending"] == "broken"
    with sdk(replaying(folder), key="any") as client:
        assert broken(client) == answer


def test_each_request_is_a_readable_file(recording, upstream):
    """Both sides, with times, for the user's eyes only."""
    _, folder = record(recording, upstream, says("One"), says("Two"))
    first, second = cassettes(folder)
    assert first["client"]["request"]["body"][0]["json"]["messages"] == [user("Hello")]
    assert first["calls"][0]["request"]["body"][0]["json"]["contents"][0]["parts"] == [{"text": "Hello"}]
    assert first["calls"][0]["request"]["url"].endswith("/v1beta/models/gemini-2.5-flash:generateContent")
    assert first["calls"][0]["sent_ms"] <= first["calls"][0]["response"]["body"][0]["ms"]
    assert second["client"]["response"]["body"][0]["json"]["choices"][0]["message"]["content"] == "Two"
    for file in folder.iterdir():
        assert re.fullmatch(r"\d{8}T\d{6}\.\d{3}Z-[A-Za-z0-9._-]+\.json", file.name)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert len(file.read_text().splitlines()) > 50
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_secret_is_recorded(recording, upstream):
    """CRED-010: neither the client's key nor the gateway's, wherever they stand."""
    behaviour = responds(400, error_of(400, "INVALID_ARGUMENT", "The key %s and %s." % (KEY, DEVELOPER_KEY)))

    def refused(client):
        with pytest.raises(openai.BadRequestError):
            ask(client, "My key is %s; yours is %s." % (KEY, DEVELOPER_KEY), user=KEY)

    _, folder = record(recording, upstream, behaviour, ask=refused)
    (file,) = folder.iterdir()
    text = file.read_text()
    assert KEY not in text and DEVELOPER_KEY not in text and text.count("[removed]") >= 4


@pytest.mark.parametrize("contents", ["hash", "remove"])
def test_contents_can_be_left_out(recording, replaying, upstream, contents):
    """Shape, names and counts stay, and the same request is still known."""
    _, folder = record(recording, upstream, says("A secret plan."), options=["--record-contents", contents])
    (file,) = folder.iterdir()
    text = file.read_text()
    assert "Hello" not in text and "secret plan" not in text and '"gemini-2.5-flash"' in text
    with sdk(replaying(folder), key="any") as client:
        assert re.fullmatch(r"\[(sha256 [0-9a-f]{16}, )?14 bytes\]", ask(client).choices[0].message.content)


def test_a_request_that_was_not_recorded_is_refused_with_the_nearest(recording, replaying, upstream):
    """The message says which recording is near, and where the request differs."""
    _, folder = record(recording, upstream, says("Recorded."))
    with sdk(replaying(folder), key="any") as client:
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, "Hullo", seed=7)
        message = caught.value.body["message"]
        assert 'contents[0].parts[0].text: "Hullo", recorded "Hello"' in message
        assert 'generationConfig: {"seed":7}, not recorded' in message
        assert next(folder.iterdir()).name in message
        with pytest.raises(openai.BadRequestError, match="No recording is of POST .*gemini-2.5-pro:generateContent"):
            ask(client, model="google/gemini-2.5-pro")


def test_tolerant_replay_compares_the_conversation(recording, replaying, upstream):
    """Settings and white space may differ, words may not."""
    _, folder = record(recording, upstream, says("Recorded."))
    with sdk(replaying(folder, "--replay-match", "tolerant"), key="any") as client:
        assert ask(client, "  Hello\n", seed=7, temperature=0).choices[0].message.content == "Recorded."
        with pytest.raises(openai.BadRequestError, match="No recording matches"):
            ask(client, "Hullo")


def test_the_original_pace_can_be_kept(recording, replaying, upstream):
    """With `--replay-timing original`, nothing comes earlier than it did."""
    _, folder = record(recording, upstream, says("Late."))
    (file,) = folder.iterdir()
    document = json.loads(file.read_text())
    call = document["calls"][0]
    call["response"]["body"][0]["ms"] = call["sent_ms"] + 300
    file.write_text(json.dumps(document))
    with sdk(replaying(folder, "--replay-timing", "original"), key="any") as client:
        began = time.monotonic()
        assert ask(client).choices[0].message.content == "Late."
        assert time.monotonic() - began >= 0.3


def test_a_folder_that_cannot_be_replayed_is_named(tmp_path):
    """Nothing there, no recordings, or a file that is none."""
    empty = tmp_path / "empty"
    empty.mkdir()
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "x.json").write_text('{"cassette": 1}')
    for folder, message in [
        (tmp_path / "none", "Cannot read the recordings in"), (empty, "There are no recordings in"),
        (bad, "x.json: time is missing"),
    ]:
        outcome = run(["serve", "--port", "0", "--replay", str(folder)], tmp_path)
        assert outcome.returncode != 0 and message in outcome.stderr
