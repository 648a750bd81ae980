"""Keys that the store holds, limits and budgets, usage, and what happens when the store is away."""

import asyncio
import contextlib
import csv
import glob
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import openai
import pytest

from conftest import KEY, digest
from program import Program, binary, clean_environment, run
from scenes import FLASH, user
from upstream import answer_of, candidate, completion, error_of, responds, says, streams, text_of
from wire import Connection, eventually

DURATION = re.compile(r"^(\d+h)?(\d+m)?\d+(\.\d+)?s$|^\d+ms$")


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


class Keys:
    """`pollux keys` on one file."""

    def __init__(self, folder, path):
        self.folder, self.path = folder, path

    def run(self, *arguments):
        return run(["keys", arguments[0], "--store", str(self.path), *arguments[1:]], self.folder)

    def create(self, name, *arguments):
        made = self.run("create", name, *arguments)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def usage(self, *arguments):
        shown = run(["usage", "--store", str(self.path), *arguments], self.folder)
        assert shown.returncode == 0, shown.stderr
        return shown.stdout

    def rows(self, *arguments):
        return json.loads(self.usage("--json", *arguments))["lines"]


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path, tmp_path / "pollux.db")


@pytest.fixture
def served(gateways, keys):
    """Starts gateways on the store of `keys`, and ends them."""
    started = []

    def start(**members):
        store = {"path": str(keys.path), **members.pop("store", {})}
        members.setdefault("auth", {"keys": []})
        started.append(gateways.start(gateways.managed(), store=store, **members))
        return started[-1]

    yield start
    for program in started:
        program.stop()


def chat(program, key, document=None):
    with Connection(program.port) as connection:
        response = connection.chat(document or body(), [("authorization", "Bearer " + key)])
        response.read()
        return response


def status(program, key):
    return chat(program, key).status


def client(program, key, **options):
    return openai.OpenAI(base_url=program.url + "/v1", api_key=key, max_retries=0, **options)


def store_state(program):
    with Connection(program.port) as connection:
        return connection.request("GET", "/readyz").json().get("store")


# Keys


def test_a_key_is_shown_once_and_taken_within_a_second(keys, served, upstream):
    """`pollux keys create` prints the key and nothing else; a running gateway knows it soon."""
    program = served()
    key = keys.create("team-a", "--owner", "Ann", "--model", "google/*", "--rpm", "60")
    assert re.fullmatch(r"sk-pollux-[A-Za-z0-9]{43}", key)
    assert eventually(lambda: status(program, key) == 200, timeout=1.5)
    for command in (["list"], ["list", "--json"], ["show", "team-a"]):
        shown = keys.run(*command)
        assert "team-a" in shown.stdout and key not in shown.stdout + shown.stderr
        assert digest(key) not in shown.stdout
    assert json.loads(keys.run("show", "team-a").stdout)["rpm"] == 60
    assert key.encode() not in keys.path.read_bytes()
    assert oct(keys.path.stat().st_mode & 0o777) == "0o600"


def test_a_revoked_key_is_401(keys, served, upstream):
    """The next call with a revoked key is refused like any wrong key (AUTH-006)."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    assert keys.run("revoke", "team").returncode == 0
    assert eventually(lambda: status(program, key) == 401, timeout=1.5)
    assert chat(program, key).error()["code"] == "invalid_api_key"


def test_a_rotated_key(keys, served, upstream):
    """The new text is taken at once; the old one only as long as was asked for."""
    program = served()
    first = keys.create("team")
    second = keys.run("rotate", "team", "--grace", "1h").stdout.strip()
    assert eventually(lambda: (status(program, first), status(program, second)) == (200, 200))
    third = keys.run("rotate", "team").stdout.strip()
    assert eventually(lambda: status(program, third) == 200)
    assert (status(program, first), status(program, second)) == (401, 401)


def test_an_expired_key(keys, served, upstream):
    """A key is taken until it expires, without anybody's doing."""
    program = served()
    key = keys.create("team", "--expires", "2s")
    assert eventually(lambda: status(program, key) == 200)
    assert eventually(lambda: status(program, key) == 401)
    assert chat(program, key).error()["message"] == "This API key has expired."
    assert json.loads(keys.run("show", "team").stdout)["state"] == "expired"


def test_models_and_projects_of_a_key(keys, served, upstream):
    """A stored key is held to its models as a configured one is (AUTH-005)."""
    program = served()
    key = keys.create("team", "--model", "gemini-2.5-pro", "--project", "other")
    assert eventually(lambda: status(program, key) == 404)
    refused = chat(program, key, body(model="gemini-2.5-pro"))
    assert (refused.status, refused.error()["code"]) == (403, "project_not_allowed")


def test_configured_keys_and_stored_ones_side_by_side(keys, served, upstream):
    """Keys of the configuration go on working beside the store's, and win where a name is the same."""
    stored = keys.create("suite")
    program = served(auth={"keys": [{"name": "suite", "sha256": digest(KEY)}]})
    assert (status(program, KEY), status(program, stored)) == (200, 401)
    assert any("'suite' is in the configuration and in the store" in line for line in program.errors)


@pytest.mark.parametrize("how", ["finish", "cut"])
def test_a_key_that_is_revoked_in_the_middle_of_a_stream(keys, served, upstream, how):
    """The stream ends as the operator wants; the next call is 401."""
    program = served(auth={"keys": [], "revoked_streams": how})
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    gate = upstream.gate()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(answer_of(candidate({"text": "Half"}, finish=None), usage=None))
        gate.wait()
        exchange.event(text_of(" and half."))
        exchange.end()

    upstream.script(behaviour)
    stream = client(program, key).chat.completions.create(model=FLASH, messages=[user("Hi")], stream=True)
    assert next(iter(stream)).choices[0].delta.content == "Half"
    keys.run("revoke", "team")
    if how == "cut":
        with pytest.raises(openai.APIError) as raised:
            list(stream)
        assert raised.value.code == "invalid_api_key"
        gate.set()
    else:
        assert eventually(lambda: status(program, key) == 401)
        gate.set()
        assert "".join(c.choices[0].delta.content or "" for c in stream if c.choices) == " and half."
    assert eventually(lambda: status(program, key) == 401)


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["a b"], "name"), (["a\"b"], "name"), (["x'; DROP TABLE client_key; --"], "name"), (["a\nb"], "name"),
        (["a" * 64], "name"), (["a", "--rpm", "0"], "rpm"), (["a", "--rpm=-1"], "rpm"), (["a", "--tpm", "9" * 18], "tpm"),
        (["a", "--rpm", "9" * 30], "rpm"), (["a", "--concurrent", "0"], "concurrent"),
        (["a", "--budget-day", "0"], "--budget-day:"), (["a", "--budget-day=-5"], "--budget-day:"),
        (["a", "--budget-month", "1e9"], "--budget-month:"), (["a", "--budget-month", "999999999"], "--budget-month:"),
        (["a", "--budget-day-tokens", "0"], "--budget-day-tokens:"), (["a", "--owner", "bell\x07"], "--owner:"),
        (["a", "--model", "two words"], "--model:"), (["a", "--expires", "2020-01-01"], "--expires:"),
        (["a", "--expires", "soon"], "--expires:"),
    ],
)
def test_what_cannot_be_meant_is_refused(keys, arguments, word):
    """The error names the option, before a store is looked for; nothing is made."""
    refused = keys.run("create", *arguments)
    assert refused.returncode == 64 and refused.stdout == ""
    assert word in refused.stderr
    assert not keys.path.exists()
    keys.create("other")
    keys.run("revoke", "other")
    assert [json.loads(line)["name"] for line in keys.run("list", "--json").stdout.splitlines()] == ["other"]


def test_a_key_is_changed_while_it_is_used(keys, served, upstream):
    """Its text stays, limits count at once, and what was used before counts against a budget that is given later."""
    program = served()
    key = keys.create("team", "--rpm", "1", "--owner", "Ann")
    assert eventually(lambda: status(program, key) == 200)
    assert status(program, key) == 429
    assert keys.run("change", "TEAM", "--rpm", "1000", "--concurrent", "4").returncode == 0
    assert eventually(lambda: status(program, key) == 200, timeout=1.5)
    shown = json.loads(keys.run("show", "team").stdout)
    assert (shown["rpm"], shown["concurrent"], shown["owner"]) == (1000, 4, "Ann")
    keys.run("change", "team", "--remove", "rpm", "--remove", "owner", "--budget-month-tokens", "1")
    assert eventually(lambda: chat(program, key).header("x-ratelimit-limit-requests") is None, timeout=1.5)
    assert chat(program, key).error()["code"] == "insufficient_quota"
    listed = keys.run("list").stdout
    assert "4 at a time, 1 tokens/month" in listed and "Ann" not in listed


@pytest.mark.parametrize("arguments, word", [
    (["team"], "What is to be changed?"), (["team", "--rpm", "0"], "--rpm:"), (["team", "--remove", "name"], "--remove"),
    (["team", "--budget-day", "1e3"], "--budget-day:"), (["nobody", "--rpm", "1"], "'nobody'"),
    (["old", "--rpm", "1"], "revoked"),
])
def test_what_cannot_be_changed(keys, arguments, word):
    """The key stays as it was."""
    keys.create("team", "--rpm", "5")
    keys.create("old")
    keys.run("revoke", "old")
    before = keys.run("list", "--json").stdout
    refused = keys.run("change", *arguments)
    assert refused.returncode != 0 and word in refused.stderr
    assert keys.run("list", "--json").stdout == before


def test_every_limit_is_listed(keys):
    """Nobody takes a key that has one for a key without."""
    keys.create("all", "--rpm", "6", "--tpm", "7", "--concurrent", "8", "--budget-day", "1.5", "--budget-month", "20",
                "--budget-day-tokens", "9", "--budget-month-tokens", "10")
    assert keys.run("list").stdout.splitlines()[1].endswith(
        "6 rpm, 7 tpm, 8 at a time, $1.50/day, $20.00/month, 9 tokens/day, 10 tokens/month")


def test_a_long_list_of_models_makes_no_long_lines(keys):
    """A line is one key; who wants to know all of it asks for JSON."""
    models = ["gemini-%d-%s" % (n, "x" * 150) for n in range(20)]
    keys.create("long", "--owner", "O" * 200, *[word for model in models for word in ("--model", model)])
    keys.create("short")
    lines = keys.run("list").stdout.splitlines()
    assert len(lines) == 3 and max(map(len, lines)) < 200
    assert json.loads(keys.run("show", "long").stdout)["models"] == models


def to_full_disk(keys, *arguments):
    """The command's end, when there is no room for what it writes."""
    with open("/dev/full", "w") as full:
        return subprocess.run(
            [binary(), *arguments, "--store", str(keys.path)], env=clean_environment(keys.folder), stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=20)


@pytest.mark.parametrize("arguments", [["create", "b"], ["rotate", "a"]])
def test_a_text_that_could_not_be_shown_is_told(keys, arguments):
    """It is nowhere else: whoever thinks that it is in a file must hear that it is not."""
    keys.create("a")
    lost = to_full_disk(keys, "keys", *arguments)
    assert lost.returncode == 1 and "No space left on device" in lost.stderr
    assert "pollux keys rotate " + arguments[1] in lost.stderr


@pytest.mark.parametrize("arguments", [
    ["keys", "list"], ["keys", "list", "--json"], ["keys", "show", "a"], ["usage"], ["usage", "--csv"],
    ["usage", "--json"],
])
def test_half_a_report_is_no_success(keys, arguments):
    keys.create("a")
    lost = to_full_disk(keys, *arguments)
    assert lost.returncode == 1 and "Cannot write to the standard output: No space left on device" in lost.stderr


@pytest.mark.parametrize("make, words", [
    (lambda path: path.mkdir(), "this is a folder"), (os.mkfifo, "this is a device or a pipe"),
    (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
], ids=["folder", "pipe", "loop"])
def test_a_store_that_is_no_file(keys, gateways, upstream, make, words):
    """Commands and the gateway say what it is, and nobody waits for it."""
    make(keys.path)
    for arguments in (["keys", "list"], ["keys", "create", "a"], ["usage"]):
        refused = run([*arguments, "--store", str(keys.path)], keys.folder)
        assert refused.returncode == 1 and words in refused.stderr, arguments
    program = gateways.start(
        gateways.managed(), auth={"keys": [{"name": "own", "sha256": digest(KEY)}]}, store={"path": str(keys.path)})
    assert status(program, KEY) == 200
    assert program.wait_for(lambda: any(words in line for line in program.output + program.errors))
    program.stop()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_a_store_of_somebody_else(keys):
    """As when root makes the first key, and the service has a user of its own."""
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    command = [binary(), "keys", "list", "--store"]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = folder + "/pollux.db"
        assert run(["keys", "create", "a", "--store", path], keys.folder).returncode == 0
        try:
            refused = subprocess.run([*command, path], **nobody, capture_output=True, text=True, timeout=20, cwd="/")
        except PermissionError:
            pytest.skip("somebody else may not run %s" % binary())
    assert refused.returncode == 1 and "this user may not read the file" in refused.stderr


def test_a_name_is_given_once(keys):
    """Usage is told by names: a name means one key for ever."""
    keys.create("team")
    assert "'TEAM'" in keys.run("create", "TEAM").stderr
    keys.run("revoke", "team")
    assert keys.run("create", "team").returncode != 0
    assert "'nobody'" in keys.run("revoke", "nobody").stderr


def test_a_name_of_the_configuration_is_taken(keys, gateways):
    """The configuration's key would win: a key that is shown and never taken helps nobody."""
    configuration = gateways.write({
        "auth": {"mode": "gateway", "keys": [{"name": "team", "sha256": digest(KEY)}]},
        "store": {"path": str(keys.path)}, "backends": [gateways.vertex(credentials={"type": "metadata"})],
    })
    refused = run(["keys", "create", "TEAM", "--config", str(configuration)], keys.folder)
    assert refused.returncode != 0 and refused.stdout == "" and "'TEAM'" in refused.stderr
    assert run(["keys", "create", "other", "--config", str(configuration)], keys.folder).returncode == 0


@pytest.mark.parametrize("command", ["rotate", "revoke", "show"])
def test_a_store_is_made_with_its_first_key_only(keys, command):
    """A path that is mistyped is an error, and no new empty store."""
    refused = keys.run(command, "team")
    assert refused.returncode != 0 and "the file is not there" in refused.stderr
    assert not keys.path.exists()


# Limits


def limited(gateways, **limits):
    key = {"name": "limited", "sha256": digest(KEY), **limits}
    return gateways.start(gateways.managed(), auth={"keys": [key]})


def test_rates_are_told_as_openai_tells_them(gateways, upstream):
    """`x-ratelimit-…` on good answers and on refusals, `Retry-After` on these; the SDK reads a 429."""
    program = limited(gateways, rpm=2, tpm=1000)
    with client(program, KEY) as sdk:
        first = sdk.chat.completions.with_raw_response.create(
            model=FLASH, messages=[user("Hi")], max_completion_tokens=50)
        assert first.headers["x-ratelimit-limit-requests"] == "2"
        assert first.headers["x-ratelimit-remaining-requests"] == "1"
        assert first.headers["x-ratelimit-limit-tokens"] == "1000"
        # Seven tokens were taken; they flow back within half a second.
        assert 993 <= int(first.headers["x-ratelimit-remaining-tokens"]) <= 1000
        for name in ("requests", "tokens"):
            assert DURATION.match(first.headers["x-ratelimit-reset-" + name])
        stream = sdk.chat.completions.with_raw_response.create(
            model=FLASH, messages=[user("Hi")], stream=True, max_completion_tokens=50)
        assert stream.headers["x-ratelimit-remaining-requests"] == "0"
        list(stream.parse())
        with pytest.raises(openai.RateLimitError) as raised:
            sdk.chat.completions.create(model=FLASH, messages=[user("Hi")])
    assert raised.value.code == "rate_limit_exceeded"
    assert 0 < int(raised.value.response.headers["retry-after"]) <= 30
    assert raised.value.response.headers["x-ratelimit-remaining-requests"] == "0"
    program.stop()


def test_tokens_that_were_not_needed_come_back(gateways, upstream):
    """An answer is taken to be as long as it may; what it did not need is free again at its end."""
    program = limited(gateways, tpm=1000)
    for _ in range(5):
        response = chat(program, KEY, body(max_completion_tokens=900))
        assert response.status == 200
    # Five answers of seven tokens; some have flowed back already.
    assert 960 <= int(response.header("x-ratelimit-remaining-tokens")) <= 999
    program.stop()


def test_a_failed_request_costs_no_tokens(gateways, upstream):
    """What the upstream refused is given back."""
    program = limited(gateways, tpm=1000)
    upstream.script(lambda exchange: exchange.respond(400, b'{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT"}}'))
    response = chat(program, KEY, body(max_completion_tokens=500))
    assert (response.status, response.header("x-ratelimit-remaining-tokens")) == (400, "1000")
    program.stop()


MALFORMED = answer_of(candidate(finish="MALFORMED_FUNCTION_CALL"), usage=(10, 20))


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_was_thrown_away_is_paid_for(keys, served, upstream, stream):
    """A malformed call is asked for again (RESP-031): the client reads the second answer's counts, the row has both."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    before = tokens(keys)
    first = streams(MALFORMED) if stream else responds(200, MALFORMED)
    upstream.script(first, says("Hello."))
    with client(program, key) as asking:
        answer = asking.chat.completions.create(
            **body(stream=stream, **({"stream_options": {"include_usage": True}} if stream else {})))
        usage = list(answer)[-1].usage if stream else answer.usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (4, 3)
    assert eventually(lambda: tokens(keys) == (before[0] + 14, before[1] + 23)), keys.rows()


def test_choices_whose_sibling_failed_are_paid_for(keys, served, upstream):
    """The request fails as a whole (NFAN-001), and the upstream counted what it answered."""
    program = served()
    key = keys.create("team")
    first_is_answered = upstream.gate()

    def answers(exchange):
        says("Hello.")(exchange)
        first_is_answered.set()

    def refuses(exchange):
        first_is_answered.wait(5)
        exchange.pause(0.1)  # The first answer has been read by then.
        responds(400, error_of(400, "INVALID_ARGUMENT"))(exchange)

    assert eventually(lambda: status(program, key) == 200)
    before = tokens(keys)
    upstream.script(answers, refuses)
    assert chat(program, key, body(model="google/gemini-3-pro-preview", n=2)).status == 400
    assert eventually(lambda: tokens(keys) == (before[0] + 4, before[1] + 3)), keys.rows()


def tokens(keys):
    """Tokens of prompts and answers that all rows have together, once there are any."""
    eventually(lambda: keys.rows() != [])
    return tuple(sum(row[name] for row in keys.rows()) for name in ("prompt_tokens", "completion_tokens"))


def test_a_hundred_at_once_against_a_budget_for_ten(gateways, upstream):
    """No budget is overrun by more than one request, however many come at once."""
    program = limited(gateways, budget_day_tokens=10 * 7)

    async def go():
        async with openai.AsyncOpenAI(base_url=program.url + "/v1", api_key=KEY, max_retries=0) as sdk:

            async def one():
                try:
                    # Three tokens, of which the upstream takes three; the prompt is estimated.
                    await sdk.chat.completions.create(model=FLASH, messages=[user("Hi")], max_completion_tokens=3)
                    return "answered"
                except openai.RateLimitError as error:
                    return error.code

            outcomes = []
            for _ in range(20):
                outcomes += await asyncio.gather(*(one() for _ in range(100)))
                if "insufficient_quota" in outcomes[-100:]:
                    break
            return outcomes

    outcomes = asyncio.run(go())
    assert 10 <= outcomes.count("answered") <= 11
    assert set(outcomes) <= {"answered", "rate_limit_exceeded", "insufficient_quota"}
    refused = chat(program, KEY)
    assert (refused.status, refused.error()["code"]) == (429, "insufficient_quota")
    assert refused.header("x-should-retry") == "false"
    assert 0 < int(refused.header("retry-after")) <= 86_400
    program.stop()


def test_a_budget_in_money(gateways, upstream):
    """Dollars are counted by the model's price: 4 tokens at $0.30 and 3 at $2.50 a million are $0.0000087."""
    program = limited(gateways, budget_day="0.00002")
    outcomes = [chat(program, KEY).status for _ in range(4)]
    assert outcomes == [200, 200, 200, 429], "the third goes over: it ran alone, and something was left"
    program.stop()


def test_requests_at_a_time(gateways, upstream):
    """`concurrent` counts what runs; who leaves makes room."""
    program = limited(gateways, concurrent=1)
    gate = upstream.gate()
    upstream.script(lambda exchange: (gate.wait(), exchange.respond(200, json.dumps(text_of("Late.")).encode())))
    with Connection(program.port) as connection:
        connection.send(request_bytes(body()))
        upstream.wait_for_requests(1)
        refused = chat(program, KEY)
        assert (refused.status, refused.error()["code"], refused.header("retry-after")) == (429, "rate_limit_exceeded", "1")
        gate.set()
        assert connection.response().status == 200
    assert eventually(lambda: status(program, KEY) == 200)
    program.stop()


def request_bytes(document):
    text = json.dumps(document).encode()
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\nauthorization: Bearer " + KEY.encode()
        + b"\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(text) + text
    )


def test_who_leaves_pays_for_the_prompt(gateways, upstream):
    """A client that disconnects settles its reservation: the prompt was sent, the answer was not read."""
    program = limited(gateways, tpm=1000)
    gate = upstream.gate()
    upstream.script(lambda exchange: (exchange.begin(), gate.wait()))
    with Connection(program.port) as connection:
        connection.send(request_bytes(body(max_completion_tokens=700, stream=True)))
        upstream.wait_for_requests(1)
    gate.set()

    def remaining():
        return int(chat(program, KEY, body(max_completion_tokens=1)).header("x-ratelimit-remaining-tokens") or 0)

    assert eventually(lambda: 850 <= remaining() < 1000)
    program.stop()


def test_requests_wait_for_others_to_end(gateways, upstream):
    """Beyond the process's limit requests wait in turn; 503 `server_overloaded` when the queue is full or time is up."""
    program = gateways.start(
        gateways.managed(), limits={"max_concurrent_requests": 1, "queue": 1, "queue_timeout": "300ms"})
    gate = upstream.gate()
    upstream.script(lambda exchange: (gate.wait(), exchange.respond(200, json.dumps(text_of("Late.")).encode())))
    with Connection(program.port) as first, Connection(program.port) as second, Connection(program.port) as third:
        first.send(request_bytes(body()))
        upstream.wait_for_requests(1)
        second.send(request_bytes(body()))
        late = second.response()
        late.read()
        assert (late.status, late.error()["code"], late.header("retry-after")) == (503, "server_overloaded", "1")
        second.send(request_bytes(body()))
        # The place in the queue is taken as soon as the second request is there.
        refusals = []
        assert eventually(lambda: refusals.append(chat(program, KEY).status) or 503 in refusals)
        third.send(request_bytes(body()))
        gate.set()
        assert first.response().status == 200
    program.stop()


def test_limits_survive_a_reload(gateways, upstream):
    """What a key has used is not forgotten when the configuration is read again."""
    configuration = {
        "listen": {"port": 0}, "backends": [gateways.managed()], "reload": {"watch": False},
        "auth": {"mode": "gateway", "keys": [{"name": "limited", "sha256": digest(KEY), "rpm": 1}]},
    }
    path = gateways.write(configuration)
    program = gateways.launch("serve", "--config", str(path)).started()
    assert status(program, KEY) == 200
    configuration["usage"] = {"mode": "google"}
    path.write_text(json.dumps(configuration))
    program.process.send_signal(signal.SIGHUP)

    def generation():
        with Connection(program.port) as connection:
            return connection.request("GET", "/readyz").json()["configuration"]["generation"]

    assert eventually(lambda: generation() == 2)
    assert status(program, KEY) == 429
    program.stop()


# Usage


def test_usage_by_key_model_and_day(keys, served, upstream):
    """Tokens by kind and their cost, summed up; thoughts are paid as answer, what is cached costs less."""
    program = served()
    key, other = keys.create("team"), keys.create("other")
    assert eventually(lambda: status(program, other) == 200)
    document = answer_of(candidate({"text": "Yes."}))
    document["usageMetadata"] = {
        "promptTokenCount": 1000, "cachedContentTokenCount": 400, "candidatesTokenCount": 100,
        "thoughtsTokenCount": 50, "totalTokenCount": 1150,
    }
    upstream.script(lambda exchange: exchange.respond(200, json.dumps(document).encode()))
    assert status(program, key) == 200
    assert eventually(lambda: {row["key"] for row in keys.rows()} == {"team", "other"})
    row = next(row for row in keys.rows("--by", "key,model,day") if row["key"] == "team")
    # 600 at $0.30, 400 at $0.03, 150 at $2.50 a million.
    assert row["cost"] == "0.000567"
    assert (row["prompt_tokens"], row["cached_tokens"], row["completion_tokens"], row["thinking_tokens"]) == (
        1000, 400, 150, 50)
    assert (row["model"], row["requests"], row["unpriced_requests"]) == ("gemini-2.5-flash", 1, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["day"])
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % keys.path, uri=True)) as database:
        asked = database.execute("SELECT model, prompt, cost, status, finish FROM request WHERE client = 'team'").fetchall()
        assert asked == [("gemini-2.5-flash", 1000, 567000, 200, "stop")]
    table = list(csv.DictReader(io.StringIO(keys.usage("--csv", "--by", "key"))))
    assert {r["key"]: r["cost"] for r in table}["team"] == "0.000567"
    assert "team" in keys.usage() and keys.rows("--since", "2999-01-01") == []
    assert [r["requests"] for r in keys.rows("--by", "key", "--key", "team")] == [1]


def test_counts_that_cannot_be(keys, served, upstream):
    """An upstream that counts beyond reason: the answer comes, and nothing overflows that adds it up."""
    program = served()
    key = keys.create("team", "--budget-day", "1")
    assert eventually(lambda: status(program, key) == 200)
    huge = dict.fromkeys(
        ["promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount"],
        2**63 - 1)
    document = {**answer_of(candidate({"text": "Yes."})), "usageMetadata": huge}
    upstream.script(lambda exchange: exchange.respond(200, json.dumps(document).encode()))
    assert chat(program, key).json()["choices"][0]["message"]["content"] == "Yes."
    assert eventually(lambda: sum(row["requests"] for row in keys.rows()) == 2)
    assert keys.rows()[0]["prompt_tokens"] < 10**10
    assert chat(program, key).error()["code"] == "insufficient_quota"


def test_an_unknown_model_costs_nothing_and_is_reported(keys, served, upstream):
    """Nobody guesses a price."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: chat(program, key, body(model="gemini-99-test")).status == 200)
    assert eventually(lambda: keys.rows() != [])
    assert [(row["cost"], row["unpriced_requests"]) for row in keys.rows()] == [("0.00", 1)]


def test_a_budget_in_dollars_and_a_model_without_a_price(keys, served, upstream):
    """It could not hold what the model really costs: who wants that to be refused, says so."""
    program = served(usage={"unpriced": "refuse"})
    money, tokens = keys.create("money", "--budget-month", "100"), keys.create("tokens", "--budget-day-tokens", "900000")
    unknown = body(model="gemini-99-test")
    assert eventually(lambda: chat(program, tokens, unknown).status == 200)
    refused = chat(program, money, unknown)
    assert (refused.status, refused.error()["code"], refused.error()["param"]) == (403, "model_price_unknown", "model")
    assert (status(program, money), status(program, KEY)) == (200, 401)
    assert eventually(lambda: {row["key"]: row["errors"] for row in keys.rows()} == {"money": 1, "tokens": 0})


def test_prices_of_the_operator(keys, served, upstream, tmp_path):
    """A file of prices wins over the shipped ones, and may name models that nobody knows."""
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps([{"match": "gemini-99-*", "input": 1000, "output": 2000}, {"match": "nobody", "input": 1, "output": 1}]))
    program = served(usage={"prices": str(prices)})
    key = keys.create("team")
    assert eventually(lambda: chat(program, key, body(model="gemini-99-test")).status == 200)
    assert eventually(lambda: [row["cost"] for row in keys.rows()] == ["0.01"])


def test_a_models_name_cannot_move_the_cursor(keys, gateways, upstream):
    """Clients name models of self-deployed servers as they like; the table shows no control character of it."""
    upstream.script(responds(200, completion()))
    own = {"name": "own", "kind": "openai", "base_url": upstream.url + "/v1"}
    program = gateways.start(own, store={"path": str(keys.path)})
    assert chat(program, KEY, body(model="a\x1b[2J\nb\u009bc\u202ed\u200b")).status == 200
    assert eventually(lambda: keys.rows() != [])
    program.stop()
    shown = keys.usage("--by", "model")
    assert "a?[2J?b?c?d?" in shown and len(shown.splitlines()) == 2
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown.replace("\n", ""))


def test_a_price_of_an_alias(keys, served, upstream, tmp_path):
    """A model that has no price under its own name has that of the alias by which it was asked for (docs/keys.md)."""
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps([{"match": "my-llama", "input": 1000, "output": 2000}]))
    program = served(
        usage={"prices": str(prices)}, models={"aliases": {"my-llama": {"backend": "vertex", "model": "gemini-99-test"}}})
    key = keys.create("team")
    assert eventually(lambda: chat(program, key, body(model="my-llama")).status == 200)
    assert eventually(lambda: [(row["cost"], row["unpriced_requests"]) for row in keys.rows()] == [("0.01", 0)])


@pytest.mark.parametrize(
    "text, word", [("[{", "not JSON"), ('[{"match":"a","input":-1,"output":1}]', "row 1"), ("[{}]", "'match'")])
def test_prices_that_cannot_be_meant(gateways, tmp_path, text, word):
    """`pollux check` names the file, the row and the reason."""
    prices = tmp_path / "prices.json"
    prices.write_text(text)
    path = gateways.write({"backends": [gateways.vertex()], "usage": {"prices": str(prices)}})
    checked = run(["check", "--config", str(path)], tmp_path)
    assert checked.returncode == 1
    assert "usage.prices" in checked.stderr and word in checked.stderr


def test_a_stream_that_is_cut_is_a_row_too(keys, served, upstream):
    """What the upstream had counted until then is kept, and that the answer is not whole."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    gate = upstream.gate()
    upstream.script(
        lambda exchange: (
            exchange.begin(), exchange.event(answer_of(candidate({"text": "Ha"}, finish=None), usage=(9, 1))), gate.wait()))
    stream = client(program, key).chat.completions.create(model=FLASH, messages=[user("Hi")], stream=True)
    next(iter(stream))
    stream.close()
    gate.set()
    assert eventually(lambda: sum(row["truncated"] for row in keys.rows()) == 1)
    assert sum(row["prompt_tokens"] for row in keys.rows()) == 4 + 9


# A sudden end


def test_a_sudden_end_loses_no_key_and_at_most_a_second_of_usage(keys, served, upstream):
    """SIGKILL: what is older than a second is in the file; budgets go on where they were."""
    program = served()
    key = keys.create("team", "--budget-day-tokens", "70")
    assert eventually(lambda: status(program, key) == 200)
    count = 1
    for _ in range(4):
        assert chat(program, key, body(max_completion_tokens=3)).status == 200
        count += 1
    time.sleep(1)
    program.process.kill()
    program.wait()
    assert sqlite3.connect(keys.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sum(row["requests"] for row in keys.rows()) == count
    again = served()
    answered = 0
    for _ in range(20):
        response = chat(again, key, body(max_completion_tokens=3))
        if response.status != 200:
            break
        answered += 1
    assert response.error()["code"] == "insufficient_quota"
    assert 5 <= answered <= 6, "35 of 70 tokens were spent before"


def test_killed_again_and_again(keys, served, upstream):
    """However often it happens: the file stays whole, and every key that was shown is there."""
    made = []
    for number in range(4):
        program = served()
        made.append(keys.create("team-%d" % number))
        assert eventually(lambda: status(program, made[-1]) == 200)
        writers = [subprocess.Popen(
            [sys.executable, "-c", "import sys,time\nfrom wire import Connection\nend=time.time()+5\n"
             "while time.time()<end:\n with Connection(%d) as c: c.chat(%r,[('authorization','Bearer %s')]).read()"
             % (program.port, body(), made[-1])],
            cwd=os.path.dirname(__file__), stderr=subprocess.DEVNULL)]
        time.sleep(0.2 + number * 0.13)
        program.process.kill()
        program.wait()
        for writer in writers:
            writer.kill()
            writer.wait()
        assert sqlite3.connect(keys.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    program = served()
    assert [status(program, key) for key in made] == [200] * 4


# A clock that jumps


class FakeClock:
    """A wall clock that the test sets, for programs that are started with `before` (libfaketime)."""

    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)

    def __init__(self, folder):
        self.file = folder / "clock"
        self.before = [
            "env", "LD_PRELOAD=" + self.library, "FAKETIME_TIMESTAMP_FILE=%s" % self.file, "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
        self.jump("+0")

    def jump(self, offset):
        """`+25h` or `-2h`, from what is really the time."""
        self.file.write_text(offset + "\n")


@pytest.mark.skipif(not FakeClock.library, reason="libfaketime (Debian: libfaketime) is not installed")
def test_a_clock_that_jumps(keys, gateways, upstream, tmp_path):
    """Forward and back: budgets are those of their day, keys expire by what the clock says, and rates do not notice."""
    clock = FakeClock(tmp_path)
    path = gateways.write({
        "listen": {"port": 0}, "auth": {"mode": "gateway"}, "backends": [gateways.managed()],
        "store": {"path": str(keys.path)},
    })
    spent, rated = keys.create("spent", "--budget-day-tokens", "7"), keys.create("rated", "--rpm", "2")
    ending = keys.create("ending", "--expires", "1h")
    # Before libfaketime, Swift does not find its arguments.
    program = Program(["serve"], tmp_path, before=clock.before, POLLUX_CONFIG=str(path)).started()
    try:
        assert (status(program, spent), status(program, rated), status(program, rated)) == (200, 200, 200)
        assert chat(program, spent).error()["code"] == "insufficient_quota"
        clock.jump("+25h")
        assert eventually(lambda: status(program, spent) == 200), "another day has another budget"
        assert (status(program, ending), status(program, rated)) == (401, 429)
        clock.jump("-1h")
        assert eventually(lambda: status(program, ending) == 200)
        clock.jump("+0")
        assert eventually(lambda: chat(program, spent).error()["code"] == "insufficient_quota"), "the day remembers"
        assert status(program, rated) == 429
        days = lambda: {row["day"] for row in keys.rows("--by", "day", "--key", "spent")}  # noqa: E731
        assert eventually(lambda: len(days()) == 2), "each request is a row of the day that the clock said"
    finally:
        program.stop()


# Without its store


def goes_on(program, key):
    """Requests are served, and limits hold from memory."""
    assert status(program, key) == 200


def test_the_file_is_locked(keys, served, upstream):
    """Another process holds the lock: usage waits and is written later; the state is shown and logged once."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    assert eventually(lambda: store_state(program) == "writing" and keys.rows() != [])
    other = sqlite3.connect(keys.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for _ in range(3):
        goes_on(program, key)
    assert eventually(lambda: store_state(program) == "away")
    goes_on(program, key)
    other.execute("ROLLBACK")
    assert eventually(lambda: store_state(program) == "writing")
    assert eventually(lambda: sum(row["requests"] for row in keys.rows()) == 5)
    assert len([line for line in program.errors if "holds a lock" in line]) == 1


def test_a_frozen_process_holds_the_lock(keys, served, upstream):
    """A process that was stopped while it wrote: nobody waits for it."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sqlite3,sys,time\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n"
         "c.execute('BEGIN IMMEDIATE')\nprint('held',flush=True)\ntime.sleep(60)", str(keys.path)],
        stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(20):
            goes_on(program, key)
        assert time.monotonic() - began < 5
        assert eventually(lambda: store_state(program) == "away")
    finally:
        holder.kill()
        holder.wait()
    assert eventually(lambda: sum(row["requests"] for row in keys.rows()) == 21)


def test_the_file_is_deleted(keys, served, upstream):
    """A new file is made, with the keys that were known; usage goes on in it."""
    program = served()
    key = keys.create("team")
    assert eventually(lambda: status(program, key) == 200)
    for name in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(str(keys.path) + name)
    goes_on(program, key)
    assert eventually(lambda: keys.path.exists() and store_state(program) == "writing")
    goes_on(program, key)
    assert eventually(lambda: sum(row["requests"] for row in keys.rows()) >= 2)
    assert json.loads(keys.run("show", "team").stdout)["state"] == "active"
    assert any("the file was gone" in line for line in program.errors)


def test_the_store_cannot_be_read_at_the_start(gateways, upstream, tmp_path):
    """A key that may be the store's is not called wrong: 503. Configured keys are served; the gateway is not ready."""
    broken = tmp_path / "pollux.db"
    broken.write_text("This is no database, and it is long enough for SQLite to see that it is none.\n" * 20)
    program = gateways.start(
        gateways.managed(), auth={"keys": [{"name": "suite", "sha256": digest(KEY)}]}, store={"path": str(broken)})
    unknown = chat(program, "sk-pollux-perhaps")
    assert (unknown.status, unknown.error()["code"], unknown.header("retry-after")) == (503, "service_unavailable", "1")
    assert status(program, KEY) == 200
    with Connection(program.port) as connection:
        assert connection.request("GET", "/readyz").status == 503
    broken.unlink()
    assert eventually(lambda: status(program, "sk-pollux-perhaps") == 401)
    program.stop()


def test_who_checks_no_keys_is_ready_without_them(gateways, upstream, tmp_path):
    """The store is there for usage then: without it everybody is served."""
    (tmp_path / "pollux.db").write_text("This is no database.\n" * 100)
    program = gateways.start(gateways.developer(), "none", store={"path": str(tmp_path / "pollux.db")})
    with Connection(program.port) as connection:
        ready = connection.request("GET", "/readyz")
        assert (ready.status, ready.json()["store"]) == (200, "away")
        response = connection.chat(body(), [])
        response.read()
        assert response.status == 200
    program.stop()


@contextlib.contextmanager
def small_disk(folder):
    """A file system of one megabyte; the test is left out where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_the_disk_is_full(gateways, upstream, tmp_path):
    """Usage waits until there is room again."""
    with small_disk(tmp_path / "disk") as folder:
        keys = Keys(tmp_path, folder / "pollux.db")
        key = keys.create("team")
        program = gateways.start(gateways.managed(), auth={"keys": []}, store={"path": str(keys.path)})
        answered = []

        def goes_on():
            answered.append(status(program, key))
            return answered[-1] == 200

        assert eventually(lambda: keys.rows() != [] if goes_on() else False)
        ballast = folder / "ballast"
        with pytest.raises(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

        assert eventually(lambda: goes_on() and store_state(program) == "away")
        assert any("no space left" in line or "store" in line and "memory" in line for line in program.errors)
        assert goes_on()
        ballast.unlink()
        assert eventually(lambda: store_state(program) == "writing")
        assert goes_on() and set(answered) == {200}
        assert eventually(lambda: sum(row["requests"] for row in keys.rows()) == len(answered)), "none is lost"
        program.stop()


def test_the_file_is_read_only(gateways, upstream, tmp_path):
    """Keys are read all the same; usage waits until the file can be written."""
    with small_disk(tmp_path / "disk") as folder:
        keys = Keys(tmp_path, folder / "pollux.db")
        key = keys.create("team")
        program = gateways.start(gateways.managed(), auth={"keys": []}, store={"path": str(keys.path)})
        assert eventually(lambda: status(program, key) == 200 and keys.rows() != [])
        before = sum(row["requests"] for row in keys.rows())
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=False, capture_output=True)
        if os.access(folder, os.W_OK):
            # The open files keep the file system writable: it starts on one that is not.
            program.stop()
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            program = gateways.start(gateways.managed(), auth={"keys": []}, store={"path": str(keys.path)})
        goes_on(program, key)
        assert eventually(lambda: store_state(program) == "away")
        goes_on(program, key)
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        assert eventually(lambda: store_state(program) == "writing")
        assert eventually(lambda: sum(row["requests"] for row in keys.rows()) >= before + 2)
        program.stop()


def test_a_second_process_on_the_same_file(keys, served, upstream):
    """It says so, reads keys, and takes over when the first one ends."""
    first = served()
    key = keys.create("team")
    assert eventually(lambda: status(first, key) == 200)
    second = served()
    assert eventually(lambda: store_state(second) == "reading")
    assert any("another process writes it" in line for line in second.errors)
    assert status(second, key) == 200
    assert eventually(lambda: sum(row["requests"] for row in keys.rows()) == 1)
    first.stop()
    assert eventually(lambda: store_state(second) == "writing")
    assert eventually(lambda: sum(row["requests"] for row in keys.rows()) == 2)
