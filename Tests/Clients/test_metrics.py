"""Metrics, as Prometheus reads them; and the document that explains them."""

import pathlib
import re
import shutil
import sqlite3
import subprocess
import time

import pytest

from conftest import KEY, digest
from program import REPOSITORY
from scenes import FLASH, user
from test_admin import CLIENT, ask, chat
from upstream import error_of, responds, says, streams, text_of
from wire import Connection, eventually


class Samples(dict):
    """Values by name and labels."""

    def __init__(self, text):
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, labels, value = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line).groups()
                pairs = re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', labels or "")
                self[name, frozenset(pairs)] = float(value)

    def sum(self, name, **labels):
        wanted = set(labels.items())
        return sum(value for (own, pairs), value in self.items() if own == name and wanted <= pairs)

    def names(self):
        return {name for name, _ in self}


def text_of_metrics(program):
    response = ask(program, "/metrics")
    assert response.status == 200 and response.header("content-type").startswith("text/plain; version=0.0.4")
    return response.body.decode()


def metrics(program):
    return Samples(text_of_metrics(program))


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (Debian: prometheus) is not installed")
def test_promtool_finds_nothing_to_say(watched, upstream):
    chat(watched, "for-promtool", stream=True)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text_of_metrics(watched), capture_output=True, text=True, timeout=20
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_requests_are_counted_by_how_they_ended(watched, upstream):
    before = metrics(watched)
    upstream.script(
        says("One."), streams(text_of("Two.")), responds(400, error_of(400, "INVALID_ARGUMENT")),
        responds(503, error_of(503, "UNAVAILABLE", retry="0.01s")), says("Again."),
    )
    for number in range(4):
        chat(watched, "counted-%d" % number, stream=number == 1)
    after = metrics(watched)

    def grown(name, **labels):
        return after.sum(name, **labels) - before.sum(name, **labels)

    model = {"operation": "chat", "model": "gemini-2.5-flash", "backend": "vertex"}
    assert grown("pollux_requests_total", status="2xx", stream="false", **model) == 2
    assert grown("pollux_requests_total", status="2xx", stream="true", **model) == 1
    assert grown("pollux_requests_total", status="4xx", **model) == 1
    assert grown("pollux_retries_total", **model) == 1
    assert grown("pollux_tokens_total", kind="prompt", **model) == 12
    assert grown("pollux_tokens_total", kind="completion", **model) == 9
    assert grown("gen_ai_client_operation_duration_seconds_count", gen_ai_operation_name="chat") == 3
    assert grown("gen_ai_client_token_usage_sum", gen_ai_token_type="input") == 12
    assert grown("gen_ai_server_time_to_first_token_seconds_count") == 1
    assert grown("pollux_own_duration_seconds_count") == 3
    assert 0 < grown("pollux_own_duration_seconds_sum") < grown("gen_ai_client_operation_duration_seconds_sum")
    assert grown("pollux_phase_duration_seconds_count", phase="stream") == 1
    assert after.sum("pollux_token_usable", backend="vertex") == 1


def test_what_is_open_is_seen_while_it_is_open(watched, upstream):
    gate = upstream.gate()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("One", finish=None))
        gate.wait(20)
        exchange.event(text_of("two."))
        exchange.end()

    upstream.script(behaviour)
    with Connection(watched.port) as connection:
        response = connection.chat({"model": FLASH, "messages": [user("Hi")], "stream": True}, [CLIENT])
        response.event()
        during = metrics(watched)
        assert (during.sum("pollux_requests_running"), during.sum("pollux_streams_open")) == (1, 1)
        assert during.sum("pollux_upstream_connections", state="active") == 1
        gate.set()
        response.events()
        after = metrics(watched)
        assert (after.sum("pollux_requests_running"), after.sum("pollux_streams_open")) == (0, 0)
        assert after.sum("pollux_client_connections") == 1


def test_a_stream_that_breaks_off_is_counted(watched, upstream):
    before = metrics(watched)

    def breaks(exchange):
        exchange.begin()
        exchange.event(text_of("One", finish=None))
        exchange.leave("close")

    upstream.script(breaks)
    chat(watched, "breaks", stream=True)
    after = metrics(watched)
    assert after.sum("pollux_truncations_total") - before.sum("pollux_truncations_total") == 1
    assert after.sum("pollux_errors_total", code="upstream_unreachable") > before.sum(
        "pollux_errors_total", code="upstream_unreachable"
    )


REFUSALS = [
    (400, "INVALID_ARGUMENT", "invalid_argument"), (400, "FAILED_PRECONDITION", "failed_precondition"),
    (403, "PERMISSION_DENIED", "permission_denied"), (404, "NOT_FOUND", "not_found"), (409, "ABORTED", "conflict"),
    (422, "UNKNOWN", "unprocessable_entity"), (418, "UNKNOWN", "upstream_error"), (500, "UNKNOWN", "upstream_error"),
    (501, "UNIMPLEMENTED", "not_implemented"),
]


def test_errors_are_counted_by_the_code_that_the_client_got(watched, upstream):
    """Those for which an upstream is the reason, and those that are the gateway's own; none of them is `other`."""
    before = metrics(watched)
    codes = []
    for status, word, code in REFUSALS:
        upstream.script(responds(status, error_of(status, word)))
        codes.append(chat(watched, "refused-%d" % len(codes)).json()["error"]["code"])
    assert codes == [code for _, _, code in REFUSALS]
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,!!!!"}}
    for members in ({"temperature": 9}, {"temperature": -1}, {"messages": [{"role": "user", "content": [image]}]}):
        codes.append(chat(watched, "own-%d" % len(codes), **members).json()["error"]["code"])
    assert codes[-3:] == ["decimal_above_max_value", "decimal_below_min_value", "invalid_base64"]
    after = metrics(watched)
    for code in set(codes):
        grown = after.sum("pollux_errors_total", code=code) - before.sum("pollux_errors_total", code=code)
        assert grown == codes.count(code), code
    assert after.sum("pollux_errors_total", code="other") == before.sum("pollux_errors_total", code="other")


def test_every_code_of_the_golden_cases_can_be_counted():
    """The cases have an error for each rule; what is no number among their codes is a word of the gateway's."""
    source = pathlib.Path(REPOSITORY, "Sources/Service/PolluxObservation/ErrorCodes.swift").read_text()
    files = (path for path in pathlib.Path(REPOSITORY, "Tests/Golden").rglob("*") if path.is_file())
    cases = "".join(path.read_text(errors="replace") for path in files)
    codes = set(re.findall(r'"code":"([a-z_0-9]*[a-z][a-z_0-9]*)"', cases))
    assert len(codes) > 30 and codes - set(re.findall(r'"([a-z_0-9]+)"', source)) == set()


def test_no_client_can_make_labels(watched, upstream):
    """Models are named once an upstream has answered for them; error codes are the gateway's own."""
    before = metrics(watched)
    for number in range(30):
        upstream.script(responds(404, error_of(404, "NOT_FOUND", "Model not found.")))
        chat(watched, "hostile-%d" % number, model="google/made-up-%d" % number)
    samples = metrics(watched)
    models = {dict(pairs)["model"] for name, pairs in samples if name == "pollux_requests_total"}
    assert not any("made-up" in model for model in models) and "other" in models
    refused = {"model": "other", "status": "4xx"}
    assert samples.sum("pollux_requests_total", **refused) - before.sum("pollux_requests_total", **refused) == 30


@pytest.fixture
def keyed(gateways, tmp_path):
    """A gateway with a store, and what it tells of it."""
    path = tmp_path / "pollux.db"
    program = gateways.start(
        gateways.managed(), admin={"port": 0, "token": "env:ADMIN_TOKEN"}, store={"path": str(path), "max_pending": 1000},
        auth={"keys": [{"name": "suite", "sha256": digest(KEY), "rpm": 5, "budget_day_tokens": 20}]},
    )
    program.store_path = path
    yield program
    program.stop()


def test_keys_are_counted_by_how_they_are(keyed):
    """Those of the configuration and those of the store, whatever their names."""
    for name in ("a", "b", "c"):
        assert ask(keyed, "/admin/keys", method="POST", document={"name": name}).status == 201
    ask(keyed, "/admin/keys", method="POST", document={"name": "short", "expires": "1s"})
    ask(keyed, "/admin/keys/c/revoke", method="POST", document={})
    assert eventually(lambda: metrics(keyed).sum("pollux_keys", source="store", state="expired") == 1)
    samples = metrics(keyed)
    assert samples.sum("pollux_keys", source="configuration", state="active") == 1
    assert samples.sum("pollux_keys", source="store", state="active") == 2
    assert samples.sum("pollux_keys", source="store", state="revoked") == 1
    assert ask(keyed, "/admin/status").json()["store"]["keys"] == {"active": 2, "expired": 1, "revoked": 1}


def test_limits_that_were_hit_are_counted_by_which(keyed, upstream):
    """Every limit has its series from the start, so that the first refusal is a rise."""
    before = metrics(keyed)
    hit = {dict(pairs)["limit"] for name, pairs in before if name == "pollux_limits_hit_total"}
    assert hit == {"requests_per_minute", "tokens_per_minute", "concurrent_requests"} | {
        "budget_" + kind + reserved for kind in ("day", "month", "day_tokens", "month_tokens")
        for reserved in ("", "_reserved")}
    assert before.sum("pollux_limits_hit_total") == 0
    for code in ("server_overloaded", "request_too_large"):
        assert before["pollux_errors_total", frozenset({("code", code)})] == 0
    for number in range(7):  # Seven tokens each: the fourth is refused by the budget, the sixth by the rate.
        chat(keyed, "limit-%d" % number, max_completion_tokens=3)
    after = metrics(keyed)
    assert after.sum("pollux_limits_hit_total", limit="budget_day_tokens") == 2
    assert after.sum("pollux_limits_hit_total", limit="requests_per_minute") == 2
    assert after.sum("pollux_errors_total", code="insufficient_quota") == 2


def test_the_store_tells_how_it_is(keyed, upstream):
    """Written, away with the reason and the time, waiting, lost; and well again. Requests that are refused are rows, too."""
    chat(keyed, "store-0")
    assert eventually(lambda: metrics(keyed).sum("pollux_store_rows_written_total") == 1)
    samples = metrics(keyed)
    assert samples.sum("pollux_store_state", state="writing") == samples.sum("pollux_store_state") == 1
    assert samples.sum("pollux_store_rows_limit") == 1000
    other = sqlite3.connect(keyed.store_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Connection(keyed.port) as connection:
        for _ in range(1002):
            connection.chat({"model": FLASH, "messages": [user("Hi")]}, [CLIENT]).read()
    assert eventually(lambda: metrics(keyed).sum("pollux_store_state", state="away") == 1)
    assert eventually(lambda: metrics(keyed).sum("pollux_store_rows_dropped_total") == 2)
    samples = metrics(keyed)
    assert samples.sum("pollux_store_rows_waiting") == 1000 and samples.sum("pollux_store_state") == 1
    assert time.time() - 10 < samples.sum("pollux_store_state_since_timestamp_seconds") <= time.time()
    store = ask(keyed, "/admin/status").json()["store"]
    assert (store["state"], store["rows_waiting"], store["rows_dropped"]) == ("away", 1000, 2)
    assert store["reason"] == "another process holds a lock on the file"
    other.execute("ROLLBACK")
    assert eventually(lambda: metrics(keyed).sum("pollux_store_rows_written_total") == 1001)
    samples = metrics(keyed)
    assert samples.sum("pollux_store_state", state="writing") == 1 and samples.sum("pollux_store_rows_waiting") == 0


def test_the_document_has_every_metric_and_no_other(watched, upstream):
    chat(watched, "for-the-document", stream=True)
    told = set(re.findall(r"^# TYPE (\S+)", text_of_metrics(watched), re.M))
    document = pathlib.Path(REPOSITORY, "docs", "observability.md").read_text()
    rows = document[document.index("## Metrics"):]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", rows, re.M)) == told
