"""A new configuration without a restart: what changes, what stays, what is refused."""

import json
import os
import pathlib
import signal

import pytest

from conftest import KEY, OTHER_KEY, digest
from outcomes import goes_on, whole_stream
from scenes import FLASH, user
from test_admin import ask
from upstream import answer_of, candidate, error_of, responds, text_of
from wire import Connection, eventually

BEARER = ("authorization", "Bearer " + KEY)
OTHER_BEARER = ("authorization", "Bearer " + OTHER_KEY)


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


def keys(*names):
    """Gateway keys by these names, of the first and the second test key."""
    return {"mode": "gateway", "keys": [{"name": n, "sha256": digest(k)} for n, k in zip(names, (KEY, OTHER_KEY))]}


class Reloadable:
    """A gateway whose configuration can be written anew."""

    def __init__(self, gateways, **members):
        self.configuration = {
            "listen": {"port": 0}, "auth": keys("suite"), "backends": [gateways.managed()],
            "reload": {"watch": False}, **members,
        }
        self.path = gateways.write(self.configuration)
        self.program = gateways.launch("serve", "--config", str(self.path)).started()
        assert eventually(lambda: "configuration" in self.readiness())

    def readiness(self):
        with Connection(self.program.port) as connection:
            return connection.request("GET", "/readyz").json()

    def write(self, **members):
        """Replaces the file as editors and Kubernetes do: by another file of its name."""
        self.configuration = {**self.configuration, **members}
        self.write_text(json.dumps(self.configuration))

    def write_text(self, text):
        new = self.path.with_suffix(".new")
        new.write_text(text)
        os.replace(new, self.path)

    def hang_up(self):
        self.program.process.send_signal(signal.SIGHUP)

    def has_generation(self, number):
        """While a backend that was just read has no token yet, the answer is that, and names no configuration."""
        answer = self.readiness()
        return "configuration" in answer and answer["configuration"]["generation"] >= number

    def wait_for_generation(self, number):
        assert eventually(lambda: self.has_generation(number)), self.program.errors
        assert self.readiness()["configuration"] | {"loaded_at": 0} == {
            "generation": number, "loaded_at": 0, "refused": False,
        }

    def wait_for_refusal(self):
        assert eventually(lambda: self.readiness()["configuration"]["refused"]), self.program.errors

    def status(self, header=BEARER, **members):
        with Connection(self.program.port) as connection:
            response = connection.chat(body(**members), [header])
            response.read()
            return response.status


@pytest.fixture
def reloadable(gateways, upstream):
    made = []

    def make(**members):
        made.append(Reloadable(gateways, **members))
        return made[-1]

    yield make
    for gateway in made:
        gateway.program.stop()


def test_a_hangup_reads_the_configuration_again(reloadable, upstream):
    """SIGHUP: new keys, aliases and limits hold for every new request, on all loops and kept connections."""
    gateway = reloadable()
    kept = [Connection(gateway.program.port) for _ in range(8)]
    for connection in kept:
        assert connection.chat(body(), [BEARER]).read()
    gateway.write(
        auth={**keys("first", "second"), "keys": keys("first", "second")["keys"][1:]},
        models={"aliases": {"quick": {"backend": "vertex", "model": "gemini-2.5-flash"}}},
        limits={"max_body_bytes": 500},
    )
    gateway.hang_up()
    gateway.wait_for_generation(2)
    for connection in kept:
        assert connection.chat(body(), [BEARER]).error()["code"] == "invalid_api_key"
        assert connection.chat(body(model="quick"), [OTHER_BEARER]).read() and upstream.requests[-1]
        assert connection.chat(body(user="x" * 500), [OTHER_BEARER]).status == 413
        connection.close()


def test_a_changed_file_is_noticed(reloadable):
    """With `reload.watch`, nobody has to send a signal."""
    gateway = reloadable(reload={"watch": True})
    gateway.write(auth=keys("suite", "added"))
    gateway.wait_for_generation(2)
    assert gateway.status(OTHER_BEARER) == 200


def test_a_changed_secret_is_noticed(reloadable, gateways, upstream, tmp_path):
    """A `file:` secret is read again when it is replaced, and later requests carry the new one."""
    secret = tmp_path / "key"
    secret.write_text("first-key\n")
    backend = {**gateways.developer(), "credentials": {"type": "api_key", "key": "file:%s" % secret}}
    gateway = reloadable(reload={"watch": True}, backends=[backend])
    assert gateway.status() == 200
    (tmp_path / "new").write_text("second-key\n")
    os.replace(tmp_path / "new", secret)
    gateway.wait_for_generation(2)
    assert gateway.status() == 200
    assert [r.header("x-goog-api-key") for r in upstream.requests] == ["first-key", "second-key"]


def test_another_admin_token_counts_without_a_restart(reloadable, tmp_path):
    """The one before opens nothing any more."""
    token = tmp_path / "token"
    token.write_text("the-first-token")
    gateway = reloadable(reload={"watch": True}, admin={"port": 0, "token": "file:%s" % token})

    def status(text):
        return ask(gateway.program, "/admin/status", (("authorization", "Bearer " + text),)).status

    assert (status("the-first-token"), status("the-second-token")) == (200, 401)
    (tmp_path / "new").write_text("the-second-token")
    os.replace(tmp_path / "new", token)
    gateway.wait_for_generation(2)
    assert (status("the-first-token"), status("the-second-token")) == (401, 200)
    gateway.write(admin={"port": 1, "token": "file:%s" % token, "recent_requests": 7}, limits={"queue": 1})
    gateway.wait_for_generation(3)
    assert status("the-second-token") == 200
    told = "\n".join(gateway.program.errors)
    assert "admin: a listener does not move" in told and "admin.recent_requests: " in told


def test_credentials_that_come_later_are_noticed(reloadable, gateways, tmp_path):
    """The file that names them may be there first, as where two volumes are mounted."""
    gateway = reloadable(reload={"watch": True})
    usable = pathlib.Path(gateways.managed()["credentials"]["path"]).read_text()
    late = tmp_path / "late.json"
    gateway.write(backends=[gateways.vertex(credentials={"type": "file", "path": str(late)})])
    gateway.wait_for_refusal()
    late.write_text("{")
    assert eventually(lambda: sum("late.json" in line for line in list(gateway.program.errors)) >= 2)
    late.write_text(usable)
    gateway.wait_for_generation(2)
    assert gateway.status() == 200


RUBBISH = ["", "backends: [", "listen: {prot: 1}", "\x00\xff", "[]", "backends: []",
           json.dumps({"backends": [{"name": "v", "kind": "vertex", "project": "p",
                                     "credentials": {"type": "file", "path": "/nowhere/key.json"}}]})]


@pytest.mark.parametrize("text", RUBBISH)
def test_rubbish_is_refused(reloadable, text):
    """What is wrong with a new configuration is logged; the old one stays, and a good one mends it."""
    gateway = reloadable()
    gateway.write_text(text)
    gateway.hang_up()
    gateway.wait_for_refusal()
    gateway.program.wait_for(lambda: any("refused" in line for line in gateway.program.errors))
    assert any(str(gateway.path) in line or "backend" in line for line in gateway.program.errors)
    assert gateway.readiness()["configuration"]["generation"] == 1
    assert gateway.status() == 200
    gateway.write(auth=keys("suite", "added"))
    gateway.hang_up()
    gateway.wait_for_generation(2)
    assert gateway.status(OTHER_BEARER) == 200


def test_errors_of_a_reload_have_their_places(reloadable):
    """As at the start: file, line, column, key (12)."""
    gateway = reloadable()
    gateway.write_text("listen:\n  prot: 1\n")
    gateway.hang_up()
    gateway.program.wait_for(lambda: [e for e in gateway.program.errors if "%s:2:3: listen.prot" % gateway.path in e])


def test_a_file_that_comes_back_to_what_it_was(reloadable):
    """A refused configuration that is taken back leaves no trace in readiness."""
    gateway = reloadable()
    old = gateway.path.read_text()
    gateway.write_text("nonsense")
    gateway.hang_up()
    gateway.wait_for_refusal()
    gateway.write_text(old)
    gateway.hang_up()
    assert eventually(lambda: not gateway.readiness()["configuration"]["refused"])
    assert gateway.readiness()["configuration"]["generation"] == 1


def test_the_listener_stays_where_it_is(reloadable):
    """An address that changes is named in a warning; everything else of the new configuration is served."""
    gateway = reloadable()
    gateway.write(listen={"port": 1}, auth=keys("suite", "added"))
    gateway.hang_up()
    gateway.wait_for_generation(2)
    gateway.program.wait_for(lambda: [e for e in gateway.program.errors if "listen" in e and "restart" in e])
    assert gateway.status(OTHER_BEARER) == 200


def test_the_store_stays_where_it_is(reloadable, tmp_path):
    """Another store needs a restart, and the log says so; the rest of the new configuration is served."""
    gateway = reloadable()
    gateway.write(store={"path": str(tmp_path / "late.db")}, limits={"max_body_bytes": 500})
    gateway.hang_up()
    gateway.wait_for_generation(2)
    assert any("store: " in line and "restart" in line for line in gateway.program.errors)
    assert gateway.status(user="x" * 500) == 413
    assert not (tmp_path / "late.db").exists()


def test_running_requests_keep_their_configuration(reloadable, gateways, upstream):
    """A stream that began under the old configuration ends under it, though its key and backend are gone."""
    gateway = reloadable()
    gate = upstream.gate()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("One ", finish=None))
        gate.wait(20)
        exchange.event(text_of("two."))
        exchange.end()

    upstream.script(behaviour)
    with Connection(gateway.program.port) as connection:
        response = connection.chat(body(stream=True), [BEARER])
        assert response.event()["choices"][0]["delta"]["content"] == "One "
        gateway.write(auth={"mode": "none"}, backends=[{**gateways.developer(), "name": "other"}])
        gateway.hang_up()
        gateway.wait_for_generation(2)
        gate.set()
        assert whole_stream(response) == "two."
        assert connection.chat(body()).read()
    assert upstream.requests[-1].header("x-goog-api-key")


def test_tokens_stay(reloadable, upstream):
    """Credentials that did not change keep their token: no reload costs a call to the token endpoint (CRED-008)."""
    gateway = reloadable()
    assert gateway.status() == 200
    upstream.token_requests.clear()
    for number in range(2, 6):
        gateway.write(limits={"max_body_bytes": 100_000 + number})
        gateway.hang_up()
        gateway.wait_for_generation(number)
        assert gateway.status() == 200
    assert upstream.token_requests == []
    assert len({r.header("authorization") for r in upstream.requests}) == 1


def test_a_replaced_key_file_is_noticed(reloadable, gateways, upstream):
    """Without a reload: when Google refuses the old token, the next one comes from the new file (CRED-003, CRED-008)."""
    gateway = reloadable()
    assert gateway.status() == 200
    path = pathlib.Path(gateway.configuration["backends"][0]["credentials"]["path"])
    old = path.read_text()
    try:
        new = path.with_suffix(".new")
        new.write_text(old.replace('"refresh"', '"another"'))
        os.replace(new, path)
        upstream.script(responds(401, error_of(401, "UNAUTHENTICATED")))
        assert gateway.status() == 200
        assert b"another" in upstream.token_requests[-1].body
    finally:
        path.write_text(old)


def test_signatures_stay(reloadable, upstream):
    """A tool call's signature that the client drops is still there after a reload (SIG-010)."""
    gateway = reloadable()
    part = {"functionCall": {"name": "look", "args": {}, "id": "call-1"}, "thoughtSignature": "c2lnbmVk"}
    upstream.script(lambda exchange: exchange.respond(200, json.dumps(answer_of(candidate(part))).encode()))
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    model = "google/gemini-3-pro-preview"
    with Connection(gateway.program.port) as connection:
        answer = connection.chat(body(model=model, tools=tools), [BEARER]).json()
        made = answer["choices"][0]["message"]["tool_calls"][0]
        made.pop("extra_content", None)
        gateway.write(limits={"max_body_bytes": 100_000})
        gateway.hang_up()
        gateway.wait_for_generation(2)
        messages = [
            user("Look."), {"role": "assistant", "tool_calls": [made]},
            {"role": "tool", "tool_call_id": made["id"], "content": "seen"},
        ]
        assert connection.chat(body(model=model, tools=tools, messages=messages), [BEARER]).status == 200
    assert upstream.requests[-1].json["contents"][1]["parts"][0]["thoughtSignature"] == "c2lnbmVk"


def test_rate_limits_stay(reloadable):
    """A reload gives nobody a fresh minute (AUTH-005)."""
    limited = keys("suite")
    limited["keys"][0]["rpm"] = 2
    gateway = reloadable(auth=limited)
    assert [gateway.status() for _ in range(3)] == [200, 200, 429]
    gateway.write(limits={"max_body_bytes": 100_000})
    gateway.hang_up()
    gateway.wait_for_generation(2)
    assert gateway.status() == 429


def test_many_reloads_leave_nothing_behind(reloadable):
    """Memory and descriptors stay where they are, however often the configuration changes."""
    gateway = reloadable()
    process = gateway.program.process.pid

    def reload_times(first, count):
        for number in range(first, first + count):
            gateway.write(limits={"max_body_bytes": 100_000 + number})
            gateway.hang_up()
            assert eventually(lambda: gateway.readiness()["configuration"]["generation"] >= number)

    reload_times(2, 60)
    descriptors = len(os.listdir("/proc/%d/fd" % process))
    before = gateway.program.resident_bytes()
    reload_times(62, 120)
    assert len(os.listdir("/proc/%d/fd" % process)) <= descriptors + 2
    assert gateway.program.resident_bytes() - before < 2 * 1024 * 1024
    goes_on(gateway.program)
