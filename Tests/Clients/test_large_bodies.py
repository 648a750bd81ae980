"""Large requests: read in place, however they are cut, and whatever comes behind them."""

import base64
import random

import pytest
from conftest import KEY
from scenes import FLASH, user
from upstream import says
from wire import Connection, message

AUTHORIZED = ("authorization", "Bearer " + KEY)


def picture(size, seed):
    data = base64.b64encode(random.Random(seed).randbytes(size)).decode()
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + data}}
    return data, {"model": FLASH, "messages": [{"role": "user", "content": [part]}]}


def sent_data(request):
    return request.json["contents"][0]["parts"][0]["inlineData"]["data"]


@pytest.mark.parametrize("size", [40_000, 98_304, 100_000, 700_001, 3_000_000])
@pytest.mark.parametrize("cut", [1 << 30, 200_003, 65_536, 4_099])
def test_a_large_body_arrives_whole_and_what_follows_it_is_answered(developer, upstream, size, cut):
    """Two large requests and a small one on one connection, the next sent before the answer to the one before."""
    upstream.script(says("One."), says("Two."), says("Three."))
    pictures = [picture(size, seed) for seed in (1, 2)]
    bodies = [body for _, body in pictures] + [{"model": FLASH, "messages": [user("Hi")]}]
    data = b"".join(message("POST", "/v1/chat/completions", body, [AUTHORIZED]) for body in bodies)
    with Connection(developer.port) as connection:
        for start in range(0, len(data), cut):
            connection.send(data[start : start + cut])
        answers = []
        for _ in bodies:
            response = connection.response()
            answers.append(response.read())
            assert response.status == 200
    for word, answer in zip((b"One.", b"Two.", b"Three."), answers):
        assert word in answer
    requests = upstream.requests[-3:]
    assert [sent_data(request) for request in requests[:2]] == [data for data, _ in pictures]
