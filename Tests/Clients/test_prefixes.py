"""A conversation that grows: what was sent before is sent again, to the byte (GEN-004)."""

import json

import pytest

from conftest import KEY
from scenes import FLASH, THIRD, WEATHER, call, calling, result, user
from upstream import says
from wire import Connection

CONVERSATION = [
    {"role": "system", "content": "Be brief. Say “yes” or “no”."},
    user("Is it raining in Oslo? \u00e9\U0001f327"),
    calling(call("call_1", arguments='{"city": "Oslo", "exact": 1.10}')),
    result("call_1", '{"rain": true, "mm": 12.50}'),
    {"role": "assistant", "content": "Yes."},
    user([{"type": "text", "text": "And here?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]),
    calling(call("call_2"), call("call_3", arguments='{"city":"Bergen"}')),
    result("call_3", "plain text"),
    result("call_2", [{"type": "text", "text": "[1, 2]"}]),
    {"role": "assistant", "content": [{"type": "text", "text": "No."}, {"type": "text", "text": "Perhaps."}]},
    user("Thanks."),
    user("Really."),
]
# Where a request may end: behind a user's message, or behind all results of the calls before.
ENDS = [2, 4, 6, 9, 11, 12]


def upstream_body(program, upstream, messages, model):
    upstream.script(says("ok"))
    body = {
        "model": model, "messages": messages, "tools": [WEATHER], "temperature": 0.5, "reasoning_effort": "low",
        "max_tokens": 100,
    }
    with Connection(program.port) as connection:
        answer = connection.chat(body, headers=[("authorization", "Bearer " + KEY)])
        assert (answer.status, answer.json()["choices"][0]["message"]["content"]) == (200, "ok")
    return upstream.requests[-1].body


@pytest.mark.parametrize("model", [FLASH, THIRD])
@pytest.mark.parametrize("backend", ["managed", "developer"])
def test_the_beginning_stays(request, upstream, backend, model):
    """Each upstream body, up to the first new message, is the one before: implicit caching finds it again (GEN-004)."""
    program = request.getfixturevalue(backend)
    before = None
    for end in ENDS:
        body = upstream_body(program, upstream, CONVERSATION[:end], model)
        contents = body.index(b'"contents":[')
        assert json.loads(body)
        if before is not None:
            # All that was sent before, without the brackets that ended its last message.
            tail = before.rindex(b']}],"generationConfig"')
            assert tail > before.index(b'"contents":[')
            assert body[:tail] == before[:tail]
        assert body.index(b'"systemInstruction"') < body.index(b'"tools"') < contents
        before = body


@pytest.mark.parametrize("backend", ["managed", "developer"])
def test_the_same_request_gives_the_same_bytes(request, upstream, backend):
    """Nothing in the body depends on time, chance or what came before (GEN-004)."""
    program = request.getfixturevalue(backend)
    assert upstream_body(program, upstream, CONVERSATION[:4], FLASH) == upstream_body(
        program, upstream, CONVERSATION[:4], FLASH
    )
