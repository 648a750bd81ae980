"""What a stream adds up to is what the whole answer says.

Every golden and every recorded stream goes through the gateway to the SDK, whose accumulator puts the chunks
together: strings are appended, numbers added, lists merged by `index`. The same events, folded into one answer of
`generateContent`, go through the gateway unstreamed. Both messages must be the same.
"""

import base64
import json
import pathlib
import re

import openai
import pytest
from openai import Stream
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from conftest import KEY
from upstream import chunk, responds, stream_head

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "Golden"
STREAMS = sorted(str(path.parent.relative_to(GOLDEN)) for path in GOLDEN.glob("*/*/upstream.sse"))


def events_of(data):
    """The documents of a stream whose events are well formed."""
    text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for event in text.split("\n\n"):
        lines = [line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
        if lines and lines != ["[DONE]"]:
            yield json.loads("\n".join(lines))


# One answer of many events


def steps(path):
    """The steps of an RFC 9535 path in one of its plain forms; none for what is no path."""
    step = r"""\.([^.\[]+)|\[(\d+)\]|\[('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]"""
    if not re.fullmatch(r"\$(?:%s)+" % step, path, re.DOTALL):
        return []
    result = []
    for name, index, quoted in re.findall(step, path[1:], re.DOTALL):
        if quoted:
            inner = quoted[1:-1].replace("\\'", "'")
            name = json.loads('"' + re.sub(r'(?<!\\)"', r'\\"', inner) + '"')
        result.append(int(index) if index else name)
    return result


class Arguments:
    """The arguments that come by paths; what cannot be written any more is left out, as in the stream."""

    def __init__(self):
        self.value, self.open, self.last, self.begun = {}, None, [], []

    def add(self, fragment):
        path = steps(fragment["jsonPath"])
        if not path or (self.open != path and not self.begin(path)):
            return
        holder = self.value
        for step in path[:-1]:
            holder = holder[step]
        before = holder[path[-1]] if self.open == path else ""
        if "stringValue" in fragment:
            holder[path[-1]] = before + fragment["stringValue"]
        else:
            holder[path[-1]] = fragment.get("numberValue", fragment.get("boolValue"))
        self.open = path if fragment.get("willContinue") else None

    def begin(self, path):
        """Makes the containers down to the path's last step; False for a place that is closed, or of another kind."""
        shared = 0
        while shared < min(len(path), len(self.last)) - 1 and path[shared] == self.last[shared]:
            shared += 1
        holder = self.value
        for step in path[:shared]:
            holder = holder[step]
        if path[:shared + 1] in self.begun or isinstance(holder, list) != isinstance(path[shared], int):
            return False
        for depth in range(shared, len(path)):
            self.begun.append(path[:depth + 1])
            fresh = None if depth + 1 == len(path) else [] if isinstance(path[depth + 1], int) else {}
            if isinstance(holder, list):
                holder.append(fresh)
            else:
                holder[path[depth]] = fresh
            holder = fresh
        self.last = path
        return True


class Fold:
    """One candidate of all its events."""

    def __init__(self, index):
        self.members = {"index": index}
        self.parts = []
        self.call = self.arguments = None
        self.tokens = {"chosenCandidates": [], "topCandidates": []}
        self.citations = []

    def add(self, candidate):
        for name in ("finishReason", "finishMessage", "urlContextMetadata"):
            if candidate.get(name):
                self.members[name] = candidate[name]
        if candidate.get("finishReason"):
            self.members["safetyRatings"] = candidate.get("safetyRatings")
        for name, value in (candidate.get("groundingMetadata") or {}).items():
            if value not in ({}, [], None):
                self.members.setdefault("groundingMetadata", {})[name] = value
        metadata = candidate.get("citationMetadata") or {}
        for citation in metadata.get("citations") or metadata.get("citationSources") or []:
            if citation not in self.citations:
                self.citations.append(citation)
        for name, tokens in self.tokens.items():
            tokens += (candidate.get("logprobsResult") or {}).get(name, [])
        waits = self.call is not None and self.arguments is None
        parts = (candidate.get("content") or {}).get("parts") or []
        for number, part in enumerate(parts):
            self.add_part(part, is_first=number == 0)
        if waits and self.arguments is None:
            self.call = None if self.call not in [p.get("functionCall") for p in parts] else self.call

    def add_part(self, part, is_first):
        if "functionCall" in part:
            return self.add_call(part)
        last = self.parts[-1] if self.parts else {}
        is_same = set(part) <= {"text", "thought"} and set(last) == set(part)
        is_same = is_same and last.get("thought") == part.get("thought")
        if is_first and is_same and part["text"] and last["text"]:
            last["text"] += part["text"]
        else:
            self.parts.append(dict(part))

    def add_call(self, part):
        call = part["functionCall"]
        if call.get("name"):
            self.call = {k: v for k, v in call.items() if k not in ("partialArgs", "willContinue")}
            goes_on = call.get("willContinue") and not call.get("args")
            self.arguments = Arguments() if goes_on or call.get("partialArgs") else None
            self.parts.append({**part, "functionCall": self.call})
            if call.get("args") and self.arguments is None:
                self.call = None
        elif self.call is not None:
            if "thoughtSignature" in part:
                holder = next(p for p in self.parts if p.get("functionCall") is self.call)
                holder.setdefault("thoughtSignature", part["thoughtSignature"])
            if call.get("args"):
                self.call["args"] = call["args"]
                self.call = None
        if self.call is not None and self.arguments:
            for fragment in call.get("partialArgs", []):
                self.arguments.add(fragment)
            self.call["args"] = self.arguments.value
            if not call.get("willContinue"):
                self.call = self.arguments = None

    def candidate(self):
        made = {**self.members, "content": {"role": "model", "parts": self.parts}}
        if self.citations:
            made["citationMetadata"] = {"citations": self.citations}
        if self.tokens["chosenCandidates"]:
            made["logprobsResult"] = self.tokens
        return made


def folded(events):
    """The one answer with the same parts."""
    answer, folds, usage = {}, {}, {}
    for event in events:
        for name in ("responseId", "modelVersion", "createTime"):
            if name in event and not answer.get("_begun"):
                answer[name] = event[name]
        answer["_begun"] = True
        counts = event.get("usageMetadata") or {}
        tiers = {k: counts[k] for k in ("trafficType", "serviceTier") if k in counts}
        if counts.get("totalTokenCount") or not usage.get("totalTokenCount"):
            kept = {k: usage[k] for k in ("trafficType", "serviceTier") if k in usage}
            usage = {**kept, **counts} if counts else usage
        usage.update(tiers)
        taken = set()
        for place, candidate in enumerate(event.get("candidates") or []):
            index = candidate.get("index", place if 0 in taken else 0)
            taken.add(index)
            folds.setdefault(index, Fold(index)).add(candidate)
        if event.get("promptFeedback") is not None:
            answer["promptFeedback"] = event["promptFeedback"]
    del answer["_begun"]
    if usage:
        answer["usageMetadata"] = usage
    answer["candidates"] = [fold.candidate() for fold in folds.values()]
    return answer


# What both sides are compared by


def plain(value):
    """Without what accumulating adds, and without what is made up or of its moment."""
    if isinstance(value, dict):
        dropped = {"parsed", "parsed_arguments", "expires_at"}
        return {k: plain(v) for k, v in value.items() if k not in dropped and v is not None}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, str) and value.startswith("UklGR"):  # A stream cannot tell its length in a RIFF header.
        sound = base64.b64decode(value)
        return sound[:4] + sound[8:40] + sound[44:]
    if isinstance(value, str):
        return re.sub(r"^(function-call-|audio_|chatcmpl-)[-0-9A-Za-z]+$", r"\1*", value)
    return value


def plain_message(message):
    made = plain(message)
    for call in made.get("tool_calls", []):
        call.pop("index", None)
        if "function" in call:  # Digits are the golden cases' matter.
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    google = made.get("extra_content", {}).get("google", {})
    if "thought" in google:
        google["thought"] = bool(google["thought"])  # Accumulators add booleans.
    return made


@pytest.fixture
def ask(managed, developer):
    """Posts a golden case's request and gives the SDK's own view of the answer."""

    def ask(name, cast_to, **options):
        folder = GOLDEN / name
        settings = json.loads((folder / "options.json").read_text()) if (folder / "options.json").exists() else {}
        program = developer if settings.get("service") == "developer" else managed
        base = "/v1beta/openai" if settings.get("base") == "studio" else "/v1"
        body = json.loads((folder / "request.json").read_text())
        if not options:
            body = {k: v for k, v in body.items() if k not in ("stream", "stream_options")}
        client = openai.OpenAI(base_url=program.url + base, api_key=KEY, max_retries=0, timeout=20)
        return client.post("/chat/completions", body=body, cast_to=cast_to, **options)

    return ask


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_adds_up_to_the_whole_answer(upstream, ask, name):
    """The accumulated message is the unstreamed one, and so is the usage (STREAM-020…036, STREAM-043,
    STREAM-050…057)."""
    data = (GOLDEN / name / "upstream.sse").read_bytes()
    upstream.script(*[lambda exchange: exchange.send(stream_head() + chunk(data) + b"0\r\n\r\n")] * 3)
    ends_well = (GOLDEN / name / "expected.sse").read_text().endswith("data: [DONE]\n\n")
    state, last, usage = ChatCompletionStreamState(), {}, None
    if not ends_well:
        with pytest.raises(openai.APIError):
            for _ in ask(name, ChatCompletionChunk, stream=True, stream_cls=Stream[ChatCompletionChunk]):
                pass
        return
    for piece in ask(name, ChatCompletionChunk, stream=True, stream_cls=Stream[ChatCompletionChunk]):
        state.handle_chunk(piece)
        usage = piece.usage or usage
        for choice in piece.choices:
            last[choice.index] = choice
    completion = state.current_completion_snapshot  # The final one raises for `length` and `content_filter`.

    upstream.reset()
    upstream.script(responds(200, folded(list(events_of(data)))))
    whole = ask(name, object)

    assert len(completion.choices) == len(whole["choices"])
    for choice, expected in zip(sorted(completion.choices, key=lambda c: c.index), whole["choices"]):
        assert choice.index == expected["index"]
        assert choice.finish_reason == expected["finish_reason"]
        assert plain_message(choice.message.to_dict()) == plain_message(expected["message"])
        told = last[choice.index].to_dict().get("extra_content")
        assert plain(told) == plain(expected.get("extra_content"))
        logprobs = choice.logprobs.to_dict() if choice.logprobs else None
        assert plain(logprobs) == plain(expected["logprobs"])
    if usage is not None:
        assert usage.to_dict() == whole["usage"]


def test_there_are_streams():
    """Both kinds are there, so that the test above tests something."""
    assert sum(name.startswith("recorded/") for name in STREAMS) >= 10
    assert len(STREAMS) >= 60
