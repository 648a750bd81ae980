"""Every fault of an upstream, once and for ever, for whole answers and for streams (docs/reliability.md)."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Faults"))

import table
from stand import Stand, together

CASES = [  # Each fault, for both kinds of answer.
    (fault, is_stream, is_once)
    for fault in table.ALL for is_stream in (False, True) for is_once in (True, False)
    if fault.expected(is_stream, is_once) is not None
]


def name(case):
    fault, is_stream, is_once = case
    return "%s, %s, %s" % (fault.name, "streamed" if is_stream else "whole", "once" if is_once else "ever")


@pytest.fixture(scope="module")
def outcomes():
    """All of them at the same time: nobody's fault may reach another."""
    stand = Stand()
    try:
        outcomes = together(len(CASES), lambda index: stand.meet(*CASES[index]))
        assert stand.program.is_alive()
        assert stand.ask_well()[1] == [] and stand.ask_well(is_stream=True)[1] == []
        yield dict(zip(map(name, CASES), outcomes))
    finally:
        stand.close()


@pytest.mark.parametrize("case", [name(case) for case in CASES])
def test_a_fault_of_upstream(outcomes, case):
    """Seen as what it is, once, or not at all while another attempt is allowed (ERR-050, STREAM-004, STREAM-060)."""
    seen, wrong = outcomes[case]
    assert wrong == [], (seen, wrong)
