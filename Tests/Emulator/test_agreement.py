"""The strict validator and the emulator take and refuse the same requests; where they do not, the reason is known.

CONFORMANCE_DIR names the conformance tools; without them there is nothing to compare with, and the module is left out.
POLLUX_MUTATIONS is the number of changed requests, POLLUX_MUTATION_SEED moves to other ones.
"""

import http.client
import json
import os
import pathlib
import re
import sys

import pytest
from mutator import Mutator

FOLDER = pathlib.Path(os.environ.get("CONFORMANCE_DIR", pathlib.Path(__file__).parents[3] / "shared" / "conformance"))
if not (FOLDER / "gemini_validator.py").exists():
    pytest.skip("the conformance tools are not at %s" % FOLDER, allow_module_level=True)
sys.path.insert(0, str(FOLDER))
import gemini_validator  # noqa: E402

MUTATIONS = int(os.environ.get("POLLUX_MUTATIONS", "1500"))
SEED = int(os.environ.get("POLLUX_MUTATION_SEED", "1"))

# What the emulator refuses and the validator takes: the words of the refusal, and why (docs/emulator.md). What the
# validator refuses, the emulator refuses without exception.
STRICTER = {
    r"Unsupported MIME type|which is not supported\. Update the mimeType": "media kinds are checked",
    r"combination of response modalities": "a model answers in its own modalities",
    r"Multiple candidates is not enabled|Penalty is not enabled": "ranges by model",
    r"ending with a model turn": "newer models do not continue a turn",
    r"Corrupted thought signature": "signatures are verified",
    r"logprobs must be in the range \[1": "Vertex AI takes 1 to 20 alternatives",
    r"Thinking is not supported|Thinking level .* is not supported": "levels and budgets by model",
    r"thinking budget .* is invalid|Budget 0 is invalid": "budgets by model",
    r"does not match to a display_name": "references in results name their parts",
    r"cached content|CachedContent|The name must be|the name must be": "caches must exist",
}


def recordings():
    for path in sorted((FOLDER / "recorded").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            recording = json.loads(line)
            if recording["status"] == 200 and recording.get("request") and recording["method"] in METHODS:
                yield recording


METHODS = ("generateContent", "streamGenerateContent", "countTokens")


class Asker:
    """One kept connection to the emulator."""

    def __init__(self, emulator):
        self.connection = http.client.HTTPConnection(emulator.url.removeprefix("http://"), timeout=20)

    def verdict(self, recording, request):
        """The status, and the refusal's text."""
        version, model, method = recording["version"], recording["model"], recording["method"]
        headers = {"content-type": "application/json"}
        if recording["api"] == "vertex":
            path = "/%s/projects/p/locations/l/publishers/google/models/%s:%s" % (version, model, method)
            headers["authorization"] = "Bearer token"
        else:
            path = "/%s/models/%s:%s" % (version, model, method)
            headers["x-goog-api-key"] = "key"
        self.connection.request("POST", path, json.dumps(request).encode(), headers)
        answer = self.connection.getresponse()
        body = json.loads(answer.read())
        if answer.status == 200:
            return 200, ""
        return answer.status, (body[0] if isinstance(body, list) else body)["error"]["message"]


def refusal(recording, request):
    """What the validator says; nothing when it takes the request."""
    error, _ = gemini_validator.validate(
        recording["api"], recording["version"], recording["model"], recording["method"], json.dumps(request).encode()
    )
    return error["error"]["message"] if error else ""


def known(text):
    return any(re.search(pattern, text) for pattern in STRICTER)


def test_every_recorded_request_is_taken(emulator):
    """What the live services answered with 200, the emulator does."""
    asker, count = Asker(emulator), 0
    for recording in recordings():
        assert not refusal(recording, recording["request"])
        status, text = asker.verdict(recording, recording["request"])
        assert status == 200, (recording["id"], text)
        count += 1
    assert count > 150


def test_mutated_requests_are_judged_alike(emulator):
    """Changed requests: both take them or both refuse them, but for the differences that are listed."""
    asker, mutator = Asker(emulator), Mutator(SEED)
    originals = list(recordings())
    surprises, agreed, listed, refused = [], 0, 0, 0
    for index in range(MUTATIONS):
        recording = originals[index % len(originals)]
        request = mutator.mutate(recording["request"])
        expected = refusal(recording, request)
        status, text = asker.verdict(recording, request)
        assert status in (200, 400, 403, 404), (status, text)
        refused += bool(expected)
        if bool(expected) == (status != 200):
            agreed += 1
        elif status != 200 and known(text):
            listed += 1
        else:
            surprises.append({
                "recording": recording["id"], "model": recording["model"], "validator": expected[:300],
                "emulator": text[:300],
            })
    print("%d agreed (%d refused), %d listed differences, %d surprises" % (agreed, refused, listed, len(surprises)))
    assert 0.2 * MUTATIONS < refused < 0.8 * MUTATIONS
    assert not surprises, json.dumps(surprises[:10], indent=1)
