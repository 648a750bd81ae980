"""`pollux explain`: what would be sent, what comes back, and what becomes of every field."""

import json
import subprocess

import pytest

from program import binary, clean_environment
from scenes import FLASH, THIRD, WEATHER, user
from upstream import answer_of, candidate, text_of

ANSWER = answer_of(candidate({"functionCall": {"name": "get_weather", "args": {"city": "Oslo"}}}))


def explain(home, document, *arguments):
    """Runs the command; gives its exit code and what it printed."""
    text = document if isinstance(document, str) else json.dumps(document)
    result = subprocess.run(
        [binary(), "explain", *arguments], input=text, env=clean_environment(home), capture_output=True, text=True,
        timeout=20,
    )
    assert not result.stderr
    return result.returncode, result.stdout


def request(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


def fields(document):
    return {field["path"]: (field["fate"], field["rules"]) for field in document["fields"]}


def test_a_request_is_shown_as_it_would_be_sent(tmp_path):
    """The call, the body, and a line for every field with its fate and rules."""
    code, text = explain(tmp_path, request(temperature=0.5, user="u1"))
    assert code == 0
    assert text.startswith("POST /v1beta/models/gemini-2.5-flash:generateContent\n")
    assert '"temperature": 0.5' in text
    assert any(line.startswith("mapped") and "temperature" in line and "REQ-006" in line for line in text.splitlines())
    assert any(line.startswith("ignored") and " user " in line for line in text.splitlines())


def test_machines_get_json(tmp_path):
    """`--json` prints one document: the call, the body, and the fields (GEN-002, REQ-006, TOOL-002)."""
    tool = {"type": "function", "function": {"name": "get weather"}}
    code, text = explain(tmp_path, request(temperature=0.5, tools=[tool], stream=True, odd=1), "--json")
    document = json.loads(text)
    assert code == 0
    assert document["call"] == "POST /v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    assert document["result"]["generationConfig"] == {"temperature": 0.5}
    told = fields(document)
    assert told["temperature"] == ("mapped", "REQ-006")
    assert told["tools[0].function.name"] == ("changed", "TOOL-002")
    assert told["odd"][0] == "ignored"


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["--upstream", "vertex"], "/v1/projects/PROJECT/locations/global/publishers/google/models/gemini-2.5-flash"),
        (
            ["--upstream", "vertex", "--path", "/v1/projects/p-1/locations/us-east1/endpoints/openapi/chat/completions"],
            "/v1/projects/p-1/locations/us-east1/publishers/google/models/gemini-2.5-flash",
        ),
        (["--path", "/v1beta/openai/chat/completions"], "/v1beta/models/gemini-2.5-flash"),
    ],
)
def test_every_base_and_backend_has_its_call(tmp_path, arguments, path):
    """The path and the backend decide the call (EP-001, EP-004, EP-005)."""
    code, text = explain(tmp_path, request(), "--json", *arguments)
    assert code == 0
    assert json.loads(text)["call"] == "POST %s:generateContent" % path


def test_a_request_that_would_be_refused_shows_the_error(tmp_path):
    """The client's error stands in the result's place, and the exit code is 1 (REQ-006)."""
    code, text = explain(tmp_path, request(temperature=3), "--json")
    document = json.loads(text)
    assert code == 1 and document["status"] == 400
    assert document["error"]["error"]["param"] == "temperature"


def test_what_is_not_json_is_said_so(tmp_path):
    code, text = explain(tmp_path, "{nonsense", "--json")
    assert code == 1 and json.loads(text)["error"]["error"]["code"] == "invalid_json"


def test_an_answer_is_shown_as_the_client_reads_it(tmp_path):
    """`--response` translates what Gemini answered; `--request` names the request it belongs to (RESP-012)."""
    own = tmp_path / "request.json"
    own.write_text(json.dumps(request(model=THIRD, tools=[WEATHER])))
    code, text = explain(tmp_path, ANSWER, "--response", "--json", "--request", str(own))
    document = json.loads(text)
    assert code == 0
    assert document["result"]["model"] == THIRD
    [choice] = document["result"]["choices"]
    assert choice["finish_reason"] == "tool_calls"
    told = fields(document)
    assert told["candidates[0].content.parts[0].functionCall.name"][0] == "mapped"
    assert told["candidates[0].finishReason"] == ("mapped", "RESP-030…032")


def test_a_stream_is_shown_event_by_event(tmp_path):
    """`--stream` translates server-sent events, and tells of each event's fields (STREAM-001)."""
    stream = "".join("data: %s\n\n" % json.dumps(event) for event in (text_of("Hel", finish=None), text_of("lo")))
    code, text = explain(tmp_path, stream, "--stream", "--json")
    document = json.loads(text)
    assert code == 0
    assert document["result"].endswith("data: [DONE]\n\n")
    told = fields(document)
    assert told["event[0].candidates[0].content.parts[0].text"][0] == "mapped"
    assert told["event[1].candidates[0].finishReason"][0] == "mapped"


def test_a_stream_may_be_an_array_of_answers(tmp_path):
    """What `streamGenerateContent` answers without `alt=sse` is read as the gateway reads it (STREAM-062)."""
    answers = [text_of("Hel", finish=None), text_of("lo")]
    code, text = explain(tmp_path, json.dumps(answers, indent=1), "--stream", "--json")
    document = json.loads(text)
    assert code == 0 and "event[1].candidates[0].finishReason" in fields(document)
    assert document["result"].count("chat.completion.chunk") == 3 and document["result"].endswith("[DONE]\n\n")
    code, text = explain(tmp_path, json.dumps([{"error": {"code": 429, "message": "m"}}]), "--stream", "--json")
    assert code == 1 and json.loads(text)["status"] == 429


def test_a_stream_that_breaks_off_is_no_answer(tmp_path):
    """Without a finishReason there is no end to show (STREAM-061)."""
    code, text = explain(tmp_path, "data: %s\n\n" % json.dumps(text_of("Hel", finish=None)), "--stream", "--json")
    assert code == 1 and json.loads(text)["error"]["error"]["code"] == "stream_incomplete"


def test_options_that_exclude_each_other_are_refused(tmp_path):
    result = subprocess.run(
        [binary(), "explain", "--response", "--stream"], input="", env=clean_environment(tmp_path),
        capture_output=True, text=True, timeout=20,
    )
    assert result.returncode != 0 and "exclude" in result.stderr
