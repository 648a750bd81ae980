"""Connections: more than there may be, and such as ask without reading."""

import time

from conftest import KEY
from scenes import FLASH, user
from upstream import says
from wire import Connection, eventually, message

AUTHORIZED = ("authorization", "Bearer " + KEY)


def test_room_is_made_by_another_event_loop(gateways, upstream):
    """Connections go to the loops in turn: one loop's are busy, the other's are idle, and both kinds of new ones come in."""
    gate = upstream.gate()

    def held(exchange):
        gate.wait(10)
        says("Held.")(exchange)

    upstream.script(held, held, *[says("New.")] * 4)
    program = gateways.start(gateways.developer(), limits={"max_connections": 4})
    opened = [Connection(program.port) for _ in range(4)]
    body = {"model": FLASH, "messages": [user("Hi")]}
    for busy in opened[::2]:
        busy.send(message("POST", "/v1/chat/completions", body, [AUTHORIZED]))
    upstream.wait_for_requests(2)
    time.sleep(1.2)  # Connections younger than a second are not closed to make room.
    for _ in range(2):
        with Connection(program.port) as new:
            response = new.chat(body, [AUTHORIZED])
            response.read()
            assert response.status == 200
    gate.set()
    program.stop()


def test_answers_that_nobody_reads_are_few(gateways):
    """Whoever asks on and on and reads nothing is answered when he reads: answers do not gather in memory."""
    names = ["model-%03d-%s" % (number, "m" * 30) for number in range(400)]
    program = gateways.start(gateways.developer(), models={"list": names})
    count = 400

    def answered():
        return sum('"/v1/models"' in line for line in list(program.output))

    with Connection(program.port, receive_buffer=16384) as connection:
        connection.send(message("GET", "/v1/models", headers=[AUTHORIZED]) * count)
        assert eventually(answered, 10)
        worked = -1.0
        while program.processor_seconds() - worked > 0.1:
            worked = program.processor_seconds()
            time.sleep(1)
        before = answered()
        assert before < count / 2, "%d answers of 40 KB were made, and none was read" % before
        for _ in range(count):
            response = connection.response("GET")
            response.read()
            assert response.status == 200
        response = connection.request("GET", "/healthz")
        response.read()
        assert response.status == 200
    program.stop()
