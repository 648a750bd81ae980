"""Requests of many small parts take their time in proportion, and no event loop is held by one."""

import pytest

from outcomes import KEY, body, goes_on
from scenes import THIRD, call, calling, result, user
from wire import Connection

MANY = 3000


def functions(*names):
    return [{"type": "function", "function": {"name": name}} for name in names]


SHAPES = {
    "tools": lambda: body(tools=functions(*("f%d" % n for n in range(MANY)))),
    "names that Gemini refuses": lambda: body(tools=functions(*("é" + chr(0x4E00 + n) for n in range(MANY)))),
    "names to choose from": lambda: body(
        model="gemini-2.0-flash", tools=functions(*("f%d" % n for n in range(MANY))),
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": functions(*("f%d" % n for n in range(MANY)))},
        },
    ),
    "native tools": lambda: body(extra_body={"google": {"tools": [{"t%d" % n: {}} for n in range(MANY)]}}),
    "answers": lambda: body(
        messages=[user("Hi"), *({"role": "assistant", "content": "Yes."} for _ in range(MANY)), user("Go on")]
    ),
    "results in another order": lambda: body(
        model=THIRD,
        messages=[
            user("Hi"), calling(*(call("c%d" % n, "look", "{}") for n in range(MANY))),
            *(result("c%d" % n, "ok") for n in reversed(range(MANY))),
        ],
    ),
    "results by name": lambda: body(
        model=THIRD,
        messages=[
            user("Hi"), calling(*(call("c%d" % n, "f%d" % (n // 2), "{}") for n in range(MANY))),
            *({"role": "function", "name": "f%d" % (n // 2), "content": "ok"} for n in reversed(range(MANY))),
        ],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_many_of_a_kind(managed, upstream, shape):
    """What grew with the square or the cube of their number took minutes (TOOL-002, TOOL-013, TOOL-032, MSG-021)."""
    with Connection(managed.port) as connection:
        response = connection.chat(SHAPES[shape](), [KEY])
        assert response.status == 200, response.read()
        response.read()
    sent = upstream.only_request().json
    declared = [f["name"] for tool in sent.get("tools", []) for f in tool.get("functionDeclarations", [])]
    assert len(set(declared)) == len(declared) and len(declared) in (0, MANY)
    goes_on(managed)


def test_large_and_often(managed, upstream):
    """Of a request that goes out for each choice anew only so much is kept as a machine has memory for (NFAN-001)."""
    big = body(messages=[user("Ünique " * 20 + str(n)) for n in range(20000)], model=THIRD, n=128)
    with Connection(managed.port) as connection:
        response = connection.chat(big, [KEY])
        error = response.error()
        assert response.status == 413
        assert (error["code"], error["param"]) == ("request_too_large", "n")
    assert not upstream.requests
    goes_on(managed)
