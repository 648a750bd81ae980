"""More connections than there may be: idle ones make room, on whatever event loop they are."""

import time

from conftest import KEY
from scenes import FLASH, user
from upstream import says
from wire import Connection, message

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
