"""What was measured of one fault."""

import dataclasses


@dataclasses.dataclass
class Figure:
    fault: str
    #: What is said of it in the table.
    outcome: str = ""
    requests: int = 0
    #: Requests that did not end as they should have: an error where another attempt was allowed, a false `[DONE]`,
    #: bytes lost or doubled, a broken connection.
    wrong: list = dataclasses.field(default_factory=list)
    #: Seconds without a byte for a client, at most.
    stall: float = 0.0
    #: Bytes of memory and descriptors more than before.
    memory: int = 0
    descriptors: int = 0

    HEAD = (
        "| Fault | Seen by the client | Requests | Errors too many | Bytes lost or doubled | Longest stall | Memory "
        "| Descriptors |\n|---|---|---:|---:|---:|---:|---:|---:|"
    )

    @property
    def row(self):
        lost = sum("bytes lost" in text for text in self.wrong)
        return "| %s | %s | %d | %d | %d | %s | %+.1f MB | %+d |" % (
            self.fault, self.outcome, self.requests, len(self.wrong), lost, seconds(self.stall),
            self.memory / 1e6, self.descriptors,
        )


def seconds(value):
    return "%.0f ms" % (value * 1000) if value < 1 else "%.1f s" % value


class Before:
    """What a process held; a figure gets the difference."""

    def __init__(self, stand):
        stand.settle()
        self.stand, self.memory, self.descriptors = stand, stand.resident, stand.descriptors

    def note(self, figure):
        self.stand.settle(self.descriptors)
        figure.memory = self.stand.resident - self.memory
        figure.descriptors = self.stand.descriptors - self.descriptors
        if not self.stand.program.is_alive():
            figure.wrong.append("the process has ended")
        return figure
