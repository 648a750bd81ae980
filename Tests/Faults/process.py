"""What happens to the process. Each scene has a gateway of its own, and gives its figure."""

import glob
import time

from clients import request
from figure import Before, Figure, seconds
from stand import Seen, Stand, Watched, judge, read, together
import table
from wire import Connection, eventually


def half_a_stream_then(gate):
    """Two pieces, then the rest when the gate opens."""

    def act(exchange):
        made = [b"%x\r\n%s\r\n" % (len(data), data) for data in table.events()]
        exchange.begin()
        exchange.send(b"".join(made[:2]))
        gate.wait(60)
        exchange.send(b"".join(made[2:]) + b"0\r\n\r\n")

    return act


def judge_ends(stand, figure, firsts, responses, expected):
    """Reads the rest of streams whose first events were read, and waits for the process's end."""
    for first, response in zip(firsts, responses):
        seen = Seen()
        read(response, True, seen)
        seen.text = first["choices"][0]["delta"]["content"] + seen.text
        figure.wrong += judge(seen, expected, True)
    if stand.program.wait() != 0:
        figure.wrong.append("exit code %d" % stand.program.process.returncode)


def terminated(count=500):
    """SIGTERM while streams run."""
    figure = Figure("SIGTERM under %d streams" % count, requests=count)
    stand = Stand()
    try:
        gate = stand.upstream.gate()
        stand.upstream.script(*[half_a_stream_then(gate)] * count)
        connections = [Watched(stand.port) for _ in range(count)]
        for connection in connections:
            connection.send(request(stand.number(), is_stream=True))
        responses = [connection.response() for connection in connections]
        firsts = [response.event() for response in responses]
        began = time.monotonic()
        stand.program.terminate()
        gate.set()
        judge_ends(stand, figure, firsts, responses, table.UNCOUNTED)
        figure.outcome = "every stream ends well; the process ends after " + seconds(time.monotonic() - began)
        figure.stall = max(connection.stall for connection in connections)
        for connection in connections:
            connection.close()
    finally:
        stand.close()
    return figure


def abandoned(count=500):
    """SIGTERM while streams run that do not end within the limit."""
    figure = Figure("SIGTERM under %d streams that do not end" % count, requests=count)
    stand = Stand(shutdown={"drain_timeout": "500ms"})
    try:
        stand.upstream.script(*[half_a_stream_then(stand.upstream.gate())] * count)
        connections = [Watched(stand.port) for _ in range(count)]
        for connection in connections:
            connection.send(request(stand.number(), is_stream=True))
        responses = [connection.response() for connection in connections]
        firsts = [response.event() for response in responses]
        began = time.monotonic()
        stand.program.terminate()
        judge_ends(stand, figure, firsts, responses, table.told("service_unavailable"))
        figure.outcome = "one error event each after 500 ms; the process ends after " + seconds(time.monotonic() - began)
        figure.stall = max(connection.stall for connection in connections)
        for connection in connections:
            connection.close()
    finally:
        stand.close()
    return figure


RUBBISH = ["", "{", "listen: [", "\x00\xff", "listen: {prot: 1}", "backends: []", "- 1", "&a [*a]"]


def rubbish(count=100):
    """SIGHUP with files that are no configuration, while requests come."""
    figure = Figure("SIGHUP with rubbish, %d times" % count)
    stand = Stand()
    try:
        before, good = Before(stand), stand.path.read_text()
        for index in range(count):
            stand.path.write_text(RUBBISH[index % len(RUBBISH)])
            stand.hang_up()
            for seen, wrong in together(4, lambda n: stand.ask_well(is_stream=n % 2 == 0)):
                figure.requests += 1
                figure.wrong += wrong
                figure.stall = max(figure.stall, seen.stall)
        if not eventually(lambda: stand.readiness()["configuration"]["refused"]):
            figure.wrong.append("readiness does not tell of the refusal")
        stand.path.write_text(good)
        stand.hang_up()
        if not eventually(lambda: not stand.readiness()["configuration"]["refused"]):
            figure.wrong.append("a good file is not taken")
        figure.outcome = "answered by the old configuration"
        before.note(figure)
    finally:
        stand.close()
    return figure


def reloads(count=1000, warm=200):
    """Configurations that come one after the other, each another one."""
    figure = Figure("%d reloads" % count)
    stand = Stand()

    def reload(number):
        stand.write(limits={"max_body_bytes": 1_000_000 + number})
        stand.hang_up()
        if not eventually(lambda: stand.readiness()["configuration"]["generation"] > number):
            figure.wrong.append("reload %d was not seen" % number)
        seen, wrong = stand.ask_well(is_stream=number % 2 == 0)
        figure.requests += 1
        figure.wrong += wrong
        figure.stall = max(figure.stall, seen.stall)

    try:
        for number in range(1, warm + 1):
            reload(number)
        before = Before(stand)
        for number in range(warm + 1, warm + count + 1):
            reload(number)
        figure.outcome = "answered, by the old or the new configuration"
        before.note(figure)
    finally:
        stand.close()
    return figure


def few_descriptors(limit=256, idle=400, count=200):
    """A process that may open few files, clients that hold more connections than that, and others that ask."""
    figure = Figure("%d file descriptors, %d idle clients" % (limit, idle))
    stand = Stand(before=["prlimit", "--nofile=%d:%d" % (limit, limit)])
    try:
        before = Before(stand)
        held = [Connection(stand.port) for _ in range(idle)]
        time.sleep(1.5)  # Connections younger than a second are not closed to make room.
        for seen, wrong in together(count, lambda n: stand.ask_well(is_stream=n % 2 == 0)):
            figure.requests += 1
            figure.wrong += wrong
            figure.stall = max(figure.stall, seen.stall)
        most = stand.descriptors
        for connection in held:
            connection.close()
        figure.outcome = "answered, with %d descriptors; idle connections made room" % most
        before.note(figure)
    finally:
        stand.close()
    return figure


def faketime_library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def clock_jumps(jumps=("+2h", "-2h", "+400d", "+0")):
    """The wall clock jumps, for the gateway alone; its tokens last an hour."""
    figure = Figure("the clock jumps by " + ", ".join(jumps[:-1]) + " and back")
    library = faketime_library()
    if library is None:
        return None
    stand = Stand(fake_clock=library)
    try:
        before = Before(stand)
        tokens = []
        for jump in jumps:
            asked = len(stand.upstream.token_requests)
            stand.set_clock(jump)
            for _ in range(3):
                for seen, wrong in together(8, lambda n: stand.ask_well(is_stream=n % 2 == 0)):
                    figure.requests += 1
                    figure.wrong += wrong
                    figure.stall = max(figure.stall, seen.stall)
            tokens.append(len(stand.upstream.token_requests) - asked)
        figure.outcome = "answered; calls to the token server after each jump: " + ", ".join(map(str, tokens))
        figure.tokens = tokens
        before.note(figure)
    finally:
        stand.close()
    return figure
