"""What clients do wrong, and what it costs the others. Each scene gives its figure."""

import statistics
import threading
import time

from figure import Before, Figure, seconds
from stand import TARGET, Seen, Watched, judge, read, together
import table
from upstream import Moment, chunk, event, text_of
from wire import Connection, eventually, message


def request(number=0, is_stream=False, extra=""):
    content = "number %d%s" % (number, extra)
    return message("POST", TARGET, {"model": "google/gemini-2.5-flash", "stream": is_stream,
                                    "messages": [{"role": "user", "content": content}]})


def others_are_served(stand, figure):
    for is_stream in (False, True):
        seen, wrong = stand.ask_well(is_stream)
        figure.requests += 1
        figure.wrong += wrong
        figure.stall = max(figure.stall, seen.stall)


def slow_reader(stand, megabytes=64):
    """A client asks for a long stream and reads nothing until upstream can send no more."""
    figure, before = Figure("client reads nothing", requests=1), Before(stand)
    piece = "x" * 16000
    block = chunk(event(text_of(piece, finish=None))) * 64
    taken, full = Moment(), threading.Event()

    def act(exchange):
        exchange.begin()
        total = 0
        for _ in range(megabytes):
            rest = memoryview(block)
            while rest:
                sent = exchange.send_slowly(rest, time.monotonic() + 0.5)
                total, rest = total + sent, rest[sent:]
                if not sent and not full.is_set():
                    taken.happens(total)
                    full.wait(20)
        exchange.event(text_of("end"))
        exchange.end()
        taken.happens(total)

    stand.upstream.script(act)
    with Watched(stand.port, receive_buffer=65536) as connection:
        connection.send(request(is_stream=True))
        held = taken.wait(60)
        grown = stand.resident - before.memory
        others_are_served(stand, figure)
        full.set()
        seen = Seen()
        read(connection.response(), True, seen)
    if seen.text != piece * 64 * megabytes + "end" or seen.ends != ["stop", "[DONE]"]:
        figure.wrong.append("bytes lost or doubled: %d" % len(seen.text))
    figure.outcome = "%.1f MB taken of %d, memory %+.1f MB; then the whole" % (held / 1e6, megabytes, grown / 1e6)
    figure.held = held
    return before.note(figure)


def slow_writer(stand, count=20, pause=0.001):
    """Requests that come byte by byte."""
    figure, before = Figure("client writes byte by byte", requests=count), Before(stand)

    def one(_):
        number = stand.number()
        with Watched(stand.port) as connection:
            for byte in (data := request(number)):
                connection.send(bytes([byte]))
                time.sleep(pause)
            seen = Seen()
            connection.ready()
            read(connection.response(), False, seen)
            return judge(seen, table.HEALED, False), connection.stall, len(data)

    for wrong, stall, _ in together(count, one):
        figure.wrong += wrong
        figure.stall = max(figure.stall, stall)
    figure.outcome = "answered"
    return before.note(figure)


STAGES = {
    "before a request": (lambda: b"", None),
    "in the head": (lambda: request()[:30], None),
    "in the body": (lambda: request()[:-20], None),
    "waiting for a whole answer": (request, lambda e: None),
    "in a whole answer": (request, lambda e: e.send(table.half_a_body())),
    "before the first token": (lambda: request(is_stream=True), lambda e: None),
    "in the middle of a stream": (lambda: request(is_stream=True), lambda e: e.send(table.begins(2)())),
    "with requests sent ahead": (lambda: request() * 20, lambda e: None),
}


def disconnects(stand, stage, count=20):
    """Clients leave; the figure says when upstream saw that its call was cancelled."""
    sent, begin = STAGES[stage]
    figure, before = Figure("client leaves " + stage, requests=count), Before(stand)
    delays = []
    for attempt in range(count):
        reached, left = Moment(), Moment()

        def act(exchange):
            begin(exchange)
            reached.happens()
            exchange.see_leaving(left)

        if begin:
            stand.upstream.script(act)
        connection = Connection(stand.port)
        connection.send(sent())
        if begin:
            reached.wait()
        began = time.monotonic()
        connection.reset() if attempt % 2 else connection.close()
        if begin:
            left.wait()
            delays.append(left.time - began)
    others_are_served(stand, figure)
    figure.outcome = "nobody is told"
    if delays:
        figure.outcome = "upstream is cancelled after %s (median), %s (longest)" % (
            seconds(statistics.median(delays)), seconds(max(delays)))
    figure.delays = delays
    return before.note(figure)


def pipelining(stand, count=100):
    """Many requests in one write, whole and streamed in turn."""
    figure, before = Figure("client sends %d requests at once" % count, requests=count), Before(stand)
    with Watched(stand.port) as connection:
        connection.send(b"".join(request(stand.number(), is_stream=index % 2 == 1) for index in range(count)))
        for index in range(count):
            seen = Seen()
            read(connection.response(), index % 2 == 1, seen)
            figure.wrong += judge(seen, table.UNCOUNTED, index % 2 == 1)
        figure.stall = connection.stall
    figure.outcome = "answered in order"
    return before.note(figure)


def processor_seconds(stand):
    with open("/proc/%d/stat" % stand.program.process.pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def idle_connections(stand, count=10_000, watch=2.0):
    """Connections that have asked once, and stay."""
    figure, before = Figure("%d idle connections" % count), Before(stand)
    connections = []
    try:
        for index in range(count):
            connection = Connection(stand.port)
            if connection.request("GET", "/healthz").json() != {"status": "ok"}:
                figure.wrong.append("no answer on connection %d" % index)
            connections.append(connection)
        held = stand.resident - before.memory
        began, used = time.monotonic(), processor_seconds(stand)
        time.sleep(watch)
        used = (processor_seconds(stand) - used) / (time.monotonic() - began)
        others_are_served(stand, figure)
        for connection in connections[:: max(1, count // 50)]:
            if connection.request("GET", "/healthz").status != 200:
                figure.wrong.append("a kept connection is gone")
        figure.outcome = "%.1f kB each; %.1f %% of a processor while idle" % (held / count / 1000, used * 100)
    finally:
        for connection in connections:
            connection.close()
    eventually(lambda: stand.descriptors <= before.descriptors + 8, 10)
    return before.note(figure)
