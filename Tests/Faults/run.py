"""Tries every fault, and prints the table of docs/reliability.md.

    make faults                          against the release build
    POLLUX_BIN=… python Tests/Faults/run.py [--requests 20] [--quick] [NAME …]

A NAME runs only the faults in whose names it stands. The exit code is not 0 when anything was seen that should not be.
"""

import argparse
import sys
import time

from stand import Stand, together
import clients
import process
import table
from figure import Before, Figure, seconds


def outcome(expected):
    if expected is None:
        return ""
    if expected.kind == "answer":
        return "the answer"
    return "%s `%s`" % ("%d" % expected.status if expected.kind == "error" else "error event", expected.code)


def said(fault):
    """What a client sees of a fault, in a few words."""
    parts = []
    for is_once in (True, False):
        kinds = [outcome(fault.expected(is_stream, is_once)) for is_stream in (False, True)]
        kinds = list(dict.fromkeys(kind for kind in kinds if kind))
        if kinds:
            parts.append(("once: " if is_once else "ever: ") + " / ".join(kinds))
    if len(parts) == 2 and parts[0].split(": ", 1)[1] == parts[1].split(": ", 1)[1]:
        return parts[0].split(": ", 1)[1]
    return "; ".join(part.removeprefix("ever: ") if len(parts) == 1 else part for part in parts)


def upstream_fault(stand, fault, count):
    """One row of the table: the fault once and for ever, whole and streamed."""
    figure, before = Figure(fault.name, said(fault)), Before(stand)
    for is_once in (True, False):
        for is_stream in (False, True):
            if fault.expected(is_stream, is_once) is None:
                continue
            for seen, wrong in together(count, lambda _: stand.meet(fault, is_stream, is_once)):
                figure.requests += 1
                figure.wrong += wrong
                figure.stall = max(figure.stall, seen.stall)
    return before.note(figure)


def chapters(options):
    """Titles, and the scenes of each as functions."""
    count, small = options.requests, options.quick
    for title, faults in (
        ("Connections", table.CONNECTION), ("Contents", table.CONTENT), ("Framing", table.FRAMING),
        ("Refusals", table.REFUSALS),
    ):
        yield "Upstream: " + title.lower(), [
            (fault.name, lambda stand, fault=fault: upstream_fault(stand, fault, 2 if "100 MB" in fault.name else count))
            for fault in faults
        ]
    yield "Clients", [
        ("client reads nothing", clients.slow_reader),
        ("client writes byte by byte", clients.slow_writer),
        *(("client leaves " + stage, lambda stand, stage=stage: clients.disconnects(stand, stage, count))
          for stage in clients.STAGES),
        ("client sends requests at once", clients.pipelining),
        ("idle connections", lambda stand: clients.idle_connections(stand, 500 if small else 10_000)),
    ]
    yield "The process", [
        ("SIGTERM under streams", lambda _: process.terminated(50 if small else 500)),
        ("SIGTERM under streams that do not end", lambda _: process.abandoned(50 if small else 500)),
        ("SIGHUP with rubbish", lambda _: process.rubbish(10 if small else 100)),
        ("reloads", lambda _: process.reloads(*((50, 50) if small else (1000, 200)))),
        ("file descriptors", lambda _: process.few_descriptors()),
        ("the clock jumps", lambda _: process.clock_jumps()),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=20, help="requests of each kind that meet a fault")
    parser.add_argument("--quick", action="store_true", help="fewer connections, streams and reloads")
    parser.add_argument("names", nargs="*", help="parts of the names of faults; all without")
    options = parser.parse_args()
    began, figures, left_out = time.monotonic(), [], []
    stand = Stand()
    # A first round, so that memory is compared with that of a process at work.
    together(64, lambda n: stand.ask_well(is_stream=n % 2 == 0))
    try:
        for title, scenes in chapters(options):
            rows = []
            for name, scene in scenes:
                if options.names and not any(part in name for part in options.names):
                    continue
                figure = scene(stand)
                if figure is None:
                    left_out.append(name)
                    continue
                rows.append(figure)
                wrong = "; ".join(sorted(set(figure.wrong))[:3])
                print("%-60s %s" % (figure.fault, wrong or "as it should be"), file=sys.stderr)
            if rows:
                print("\n### %s\n\n%s\n%s" % (title, Figure.HEAD, "\n".join(figure.row for figure in rows)))
            figures += rows
    finally:
        stand.close()
    for name in left_out:
        print("\nLeft out: %s (faketime is not installed)" % name)
    wrong = sum(len(figure.wrong) for figure in figures)
    print("\n%d faults, %d requests, %d errors too many; longest stall %s; %.0f s in all." % (
        len(figures), sum(figure.requests for figure in figures), wrong,
        seconds(max((figure.stall for figure in figures), default=0)), time.monotonic() - began))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
