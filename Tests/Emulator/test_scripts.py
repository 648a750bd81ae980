"""What a test can make the emulator do, and what it can ask afterwards."""

import time

import pytest
from google.genai import errors, types

MODEL = "gemini-2.5-flash"


def ask(client, text="Hello"):
    return client.models.generate_content(model=MODEL, contents=text)


def test_fixed_answers_in_their_order(client, emulator):
    """Text, then a whole body, then as usual."""
    emulator.script("""
        rules:
          - {times: 1, answer: {text: "It is Paris."}}
          - times: 1
            answer:
              json:
                candidates:
                  - content: {role: model, parts: [{text: "Fixed."}]}
                    finishReason: STOP
    """)
    assert [ask(client).text for _ in range(2)] == ["It is Paris.", "Fixed."]
    assert "emulator" in ask(client).text


def test_a_burst_of_errors_is_tried_again(emulator):
    """The SDK's own retries come through a burst."""
    client = emulator.client(
        "developer",
        retry_options=types.HttpRetryOptions(attempts=4, initial_delay=0.01, max_delay=0.02),
    )
    emulator.script("rules: [{times: 2, error: {status: 503}}]")
    assert ask(client).text
    assert [entry["status"] for entry in emulator.requests()] == [503, 503, 200]


def test_quotas_are_for_each_region(emulator):
    """A pool of regions goes on when one of them is used up."""
    emulator.script("""
        quotas:
          - {model: "gemini-2.5-*", region: us-central1, requests_per_minute: 2}
          - {region: europe-west1, requests_per_minute: 1}
    """)
    america, europe = emulator.client("vertex"), emulator.client("vertex", location="europe-west1")
    assert ask(america).text and ask(america).text and ask(europe).text
    for client in (america, europe):
        with pytest.raises(errors.ClientError) as raised:
            ask(client)
        assert raised.value.code == 429
        assert any(detail.get("retryDelay") for detail in raised.value.details["error"]["details"])
    emulator.advance("60s")
    assert ask(america).text
    assert {entry["region"] for entry in emulator.requests()} == {"us-central1", "europe-west1"}


@pytest.mark.parametrize("kind", ["RESET", "TRUNCATE"])
def test_streams_that_break(emulator, kind):
    """Two events, then the end."""
    emulator.script("rules: [{fault: {kind: %s, after_events: 2}}]" % kind)
    seen = []
    with pytest.raises(Exception):
        for piece in emulator.client("developer").models.generate_content_stream(model=MODEL, contents="Hello"):
            seen.append(piece)
    assert len(seen) <= 2


def test_silence(emulator):
    """A hang is the client's own timeout."""
    emulator.script("rules: [{fault: {kind: HANG, before_head: true}}]")
    with pytest.raises(Exception, match="(?i)time"):
        ask(emulator.client("developer", timeout=300))


def test_latency_and_pace(emulator):
    """Answers wait as long as the script says."""
    client = emulator.client("developer")
    emulator.script("rules: [{times: 1, latency: 200ms}, {pace: {first_event: 100ms, every_event: 10ms}}]")
    start = time.monotonic()
    ask(client)
    assert 0.2 <= time.monotonic() - start < 2
    start = time.monotonic()
    stream = client.models.generate_content_stream(model=MODEL, contents="Hello")
    next(stream)
    first = time.monotonic() - start
    assert first >= 0.1
    pieces = len(list(stream))
    assert time.monotonic() - start >= first + pieces * 0.008


def test_directives_by_script(client, emulator):
    """A script may say what a prompt may say."""
    emulator.script("rules: [{match: {body: tricky}, directives: finish=SAFETY}]")
    assert ask(client, "a tricky one").candidates[0].finish_reason is types.FinishReason.SAFETY
    assert ask(client, "a plain one").candidates[0].finish_reason is types.FinishReason.STOP


def test_the_log_tells_what_was_sent(client, emulator):
    """Bodies, models and services, and no secret."""
    client.models.generate_content(model=MODEL, contents="Look at me", config={"temperature": 0.25})
    entry = emulator.requests()[-1]
    assert entry["body"]["generationConfig"]["temperature"] == 0.25
    assert entry["model"] == MODEL and entry["operation"] == "generateContent"
    assert entry["service"] == ("vertex" if client.vertexai else "developer")
    assert "test-token" not in str(emulator.requests()) and "test-key" not in str(emulator.requests())
    emulator.send("DELETE", "/emulator/requests")
    assert emulator.requests() == []


def test_a_script_file(tmp_path):
    """`--script FILE` with a recorded answer beside it; what is wrong with it stops the start."""
    from conftest import Emulator
    from program import run

    (tmp_path / "answer.json").write_text('{"candidates":[{"content":{"parts":[{"text":"Recorded."}]}}]}')
    (tmp_path / "script.yaml").write_text("rules: [{answer: {recording: answer.json}}]\n")
    emulator = Emulator(tmp_path, "--script", str(tmp_path / "script.yaml"))
    try:
        assert ask(emulator.client("developer")).text == "Recorded."
    finally:
        emulator.program.stop()
    (tmp_path / "script.yaml").write_text("rules: [{answers: {}}]\n")
    ended = run(["emulate", "--script", str(tmp_path / "script.yaml")], tmp_path)
    assert ended.returncode != 0 and "answers" in ended.stderr
