"""What a spill adds to a request: figures for `docs/regions.md`.

    POLLUX_BIN=.build/release/pollux python Tests/Clients/measure_spill.py

Two upstreams answer after a simulated round trip. One series of requests goes straight to a place, the other is
refused with 429 at the first place and answered by the second; each request asks for a model of its own, so that
no place rests.
"""

import pathlib
import statistics
import tempfile
import time

from conftest import KEY, Gateways
from scenes import user
from upstream import Upstream, error_of, responds, says
from wire import Connection

REQUESTS = 300
AUTHORIZED = ("authorization", "Bearer " + KEY)


def after(seconds, behaviour):
    """Answers as from afar."""

    def delayed(exchange):
        time.sleep(seconds)
        behaviour(exchange)

    return delayed


def milliseconds(times):
    times = sorted(times)
    return statistics.median(times) * 1000, times[len(times) * 99 // 100] * 1000


def measure(gateways, first, second, round_trip):
    backend = gateways.vertex(credentials={"type": "api_key", "key": "env:DEVELOPER_KEY"})
    del backend["location"], backend["base_url"]
    backend["locations"] = [{"name": "eu", "base_url": first.url}, {"name": "us", "base_url": second.url}]
    program = gateways.start(backend, upstream={"retry_budget": 100})
    refusal = after(round_trip, responds(429, error_of(429, "RESOURCE_EXHAUSTED", retry="60s")))
    answer = after(round_trip, says("Well."))
    straight, spilled = [], []
    with Connection(program.port) as connection:
        for number in range(2 * REQUESTS):
            spills = number % 2 == 1
            first.script(refusal if spills else answer)
            if spills:
                second.script(answer)
            body = {"model": "gemini-2.5-flash-%d-%g" % (number, round_trip), "messages": [user("Hi")]}
            begun = time.perf_counter()
            response = connection.chat(body, [AUTHORIZED])
            response.read()
            took = time.perf_counter() - begun
            assert response.status == 200, response.body
            assert ("429" in response.header("x-pollux-route")) is spills
            (spilled if spills else straight).append(took)
    program.stop()
    return milliseconds(straight), milliseconds(spilled)


def main():
    first, second = Upstream(), Upstream()
    with tempfile.TemporaryDirectory() as folder:
        gateways = Gateways(pathlib.Path(folder), first)
        print("| Round trip | Straight p50 / p99 | With a spill p50 / p99 | Added p50 | Of it the gateway's |")
        print("|---|---|---|---|---|")
        for round_trip in (0.0, 0.02, 0.1):
            straight, spilled = measure(gateways, first, second, round_trip)
            added = spilled[0] - straight[0]
            print(
                "| %d ms | %.2f / %.2f ms | %.2f / %.2f ms | %.2f ms | %.2f ms |"
                % (round_trip * 1000, *straight, *spilled, added, added - round_trip * 1000)
            )
    first.close()
    second.close()


if __name__ == "__main__":
    main()
