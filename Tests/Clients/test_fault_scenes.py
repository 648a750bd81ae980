"""What clients do wrong and what happens to the process, each scene in a small size (docs/reliability.md)."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Faults"))

import clients
import process
from stand import Stand, together


@pytest.fixture(scope="module")
def stand():
    made = Stand()
    together(16, lambda number: made.ask_well(is_stream=number % 2 == 0))
    yield made
    made.close()


def is_right(figure):
    assert figure.wrong == []
    assert figure.descriptors <= 0
    return figure


def test_a_client_that_reads_nothing(stand):
    """What is taken from upstream meanwhile is bounded; nothing is lost or doubled (STREAM-010)."""
    figure = is_right(clients.slow_reader(stand, megabytes=24))
    assert figure.held < 16 * 1024 * 1024
    assert figure.memory < 8 * 1024 * 1024


def test_a_client_that_writes_byte_by_byte(stand):
    """Slow requests are requests."""
    is_right(clients.slow_writer(stand, count=8))


@pytest.mark.parametrize("stage", clients.STAGES)
def test_a_client_that_leaves(stand, stage):
    """Wherever it does: upstream's call is cancelled, others are served, nothing stays (STREAM-009)."""
    is_right(clients.disconnects(stand, stage, count=4))


def test_a_client_that_sends_ahead(stand):
    """Fifty requests in one write are answered one after the other."""
    is_right(clients.pipelining(stand, count=50))


def test_idle_connections(stand):
    """They cost little, and others are served."""
    is_right(clients.idle_connections(stand, count=300, watch=0))


def test_sigterm_under_streams():
    """Each comes to its own end."""
    assert process.terminated(60).wrong == []


def test_sigterm_under_streams_that_do_not_end():
    """Each gets one error event, and no `[DONE]`."""
    assert process.abandoned(60).wrong == []


def test_sighup_with_rubbish():
    """Requests do not notice."""
    is_right(process.rubbish(8))


def test_many_reloads():
    """Memory and descriptors stay where they are."""
    figure = is_right(process.reloads(60, warm=40))
    assert figure.memory < 2 * 1024 * 1024


def test_few_descriptors():
    """Idle clients make room: who asks is answered, though descriptors are short."""
    is_right(process.few_descriptors(limit=256, idle=200, count=64))


@pytest.mark.skipif(process.faketime_library() is None, reason="libfaketime is not installed (Debian: faketime)")
def test_the_clock_jumps():
    """Requests do not notice; a token that has ended by the clock is fetched anew."""
    figure = process.clock_jumps()
    assert figure.wrong == []
    assert figure.tokens[0] >= 1
