"""The command line, the configuration, the end."""

import json
import re
import socket

import pytest

from conftest import KEY, digest
from outcomes import whole_stream
from program import run
from scenes import FLASH, user
from upstream import says, text_of
from wire import Broken, Connection, eventually, is_listening, message

GOOD = """\
# A comment, to move the lines.
listen:
  address: 127.0.0.1
  port: 0
auth:
  mode: gateway
  keys:
    - {name: suite, sha256: %s}
backends:
  - name: developer
    kind: gemini-api
    credentials: {type: api_key, key: env:DEVELOPER_KEY}
stream:
  keepalive: 15s
""" % digest(KEY)


def body(**members):
    return {"model": FLASH, "messages": [user("Hi")], **members}


@pytest.fixture
def written(tmp_path):
    def write(text, name="pollux.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_it_says_its_version(tmp_path):
    """`--version` prints a version number and nothing else."""
    result = run(["--version"], tmp_path)
    assert result.returncode == 0 and re.fullmatch(r"\d+\.\d+\.\d+\n", result.stdout) and not result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["check", "--help"], ["emulate", "--help"]])
def test_it_helps(tmp_path, arguments):
    """`--help` names the options."""
    result = run(arguments, tmp_path)
    assert result.returncode == 0 and "USAGE: pollux" in result.stdout


@pytest.mark.parametrize("arguments", [["srve"], ["serve", "--prot", "1"], ["serve", "--port", "many"], ["check"]])
def test_wrong_arguments_are_told(tmp_path, arguments):
    """What is not understood ends with an error and the usage."""
    result = run(arguments, tmp_path)
    assert result.returncode != 0 and "Usage: pollux" in result.stderr and not result.stdout


# check


def test_a_good_configuration_is_right(tmp_path, written):
    """`check` of a good file ends with 0."""
    result = run(["check", "--config", str(written(GOOD))], tmp_path, DEVELOPER_KEY="k")
    assert result.returncode == 0, result.stderr


def test_the_environment_may_name_the_file_or_say_all(tmp_path, written):
    """As for `serve`: an empty variable counts as none (docs/configuration.md)."""
    named = run(["check"], tmp_path, DEVELOPER_KEY="k", POLLUX_CONFIG=str(written(GOOD)))
    assert named.returncode == 0 and "pollux.yaml: the configuration is right." in named.stdout
    backends = "[{name: developer, kind: gemini-api}]"
    alone = run(["check"], tmp_path, GEMINI_API_KEY="k", POLLUX_BACKENDS=backends, POLLUX_CONFIG="")
    assert alone.returncode == 0, alone.stderr
    wrong = run(["check"], tmp_path, GEMINI_API_KEY="k", POLLUX_BACKENDS=backends.replace("kind", "kidn"))
    assert wrong.returncode == 1 and "POLLUX_BACKENDS:1:20: backends[0].kidn: " in wrong.stderr


def test_empty_variables_choose_nothing(gateways):
    """What a compose file makes of variables that are not set."""
    names = ("POLLUX_CONFIG", "POLLUX_BACKENDS", "POLLUX_AUTH_MODE", "GEMINI_API_KEY", "GOOGLE_API_KEY",
             "GOOGLE_APPLICATION_CREDENTIALS")
    program = gateways.launch("serve", "--port", "0", **dict.fromkeys(names, "")).started()
    program.wait_for(lambda: any("emulator answers" in line for line in program.output))
    program.stop()


def test_json_is_yaml_too(tmp_path, written):
    """A configuration may be written as JSON (12)."""
    path = written(json.dumps({"backends": [{"name": "v", "kind": "vertex", "project": "p"}]}))
    assert run(["check", "--config", str(path)], tmp_path).returncode == 0


@pytest.mark.parametrize(
    "good, bad, line, key, words",
    [
        ("port: 0", "port: 99999", 4, "listen.port", "65535"),
        ("port: 0", "prot: 0", 4, "listen.prot", "did you mean 'port'"),
        ("listen:", "lisen:", 2, "lisen", "did you mean 'listen'"),
        ("keepalive: 15s", "keepalive: 15", 14, "stream.keepalive", "unit"),
        ("keepalive: 15s", "keepalve: 15s", 14, "stream.keepalve", "did you mean 'keepalive'"),
        ("kind: gemini-api", "kind: gemini", 11, "backends[0].kind", "gemini-api"),
        ("mode: gateway", "mode: open", 6, "auth.mode", "passthrough"),
        (digest(KEY), "abc", 8, "auth.keys[0].sha256", ""),
        ("env:DEVELOPER_KEY", "env:NOT_SET_ANYWHERE", 12, "backends[0].credentials.key", "NOT_SET_ANYWHERE"),
    ],
)
def test_a_mistake_is_located(tmp_path, written, good, bad, line, key, words):
    """Each error says file, line, key and what was expected; the exit code is not 0 (12)."""
    assert good in GOOD
    path = written(GOOD.replace(good, bad, 1))
    result = run(["check", "--config", str(path)], tmp_path, DEVELOPER_KEY="k")
    assert result.returncode != 0
    found = [e for e in result.stderr.splitlines() if e.startswith("%s:%d:" % (path, line)) and "%s:" % key in e]
    assert found and words in found[0], result.stderr


def test_all_mistakes_are_told_at_once(tmp_path, written):
    """Nobody has to correct a file one error at a time."""
    text = GOOD.replace("port: 0", "port: x").replace("kind: gemini-api", "kind: x").replace("15s", "x")
    result = run(["check", "--config", str(written(text))], tmp_path, DEVELOPER_KEY="k")
    for key in ("listen.port", "backends[0].kind", "stream.keepalive"):
        assert key in result.stderr


@pytest.mark.parametrize("text", ["a: [", "\t- x", "a: b: c", "- just\n- a list", "", "text", "\x00"])
def test_what_is_no_configuration(tmp_path, written, text):
    """Broken YAML and other things are an error with the file's name, not a crash."""
    path = written(text)
    result = run(["check", "--config", str(path)], tmp_path)
    assert 0 < result.returncode < 100 and str(path) in result.stderr


def test_a_missing_file_is_told(tmp_path):
    """The file's name is in the error."""
    for command in ("check", "serve"):
        result = run([command, "--config", "/nowhere/pollux.yaml"], tmp_path)
        assert 0 < result.returncode < 100 and "/nowhere/pollux.yaml" in result.stderr


def test_serve_refuses_what_check_refuses(tmp_path, written):
    """An unknown key is a start-up error (12)."""
    path = written(GOOD.replace("port: 0", "prot: 0"))
    result = run(["serve", "--config", str(path)], tmp_path, DEVELOPER_KEY="k")
    assert result.returncode != 0 and "%s:4:" % path in result.stderr and "listen.prot" in result.stderr


def test_an_unknown_variable_is_told(tmp_path, written):
    """A misspelt variable does not pass in silence (12)."""
    path = written(GOOD)
    result = run(["check", "--config", str(path)], tmp_path, DEVELOPER_KEY="k", POLLUX_LISTEN_PROT="1")
    assert "POLLUX_LISTEN_PROT" in result.stderr and result.returncode != 0


def test_a_literal_secret_is_warned_about(tmp_path, written):
    """A secret in the file works, with a warning that does not repeat it (12)."""
    path = written(GOOD.replace("env:DEVELOPER_KEY", "AIzaLiteral"))
    result = run(["check", "--config", str(path)], tmp_path)
    assert result.returncode == 0
    assert "warning" in result.stderr and "backends[0].credentials.key" in result.stderr
    assert "AIzaLiteral" not in result.stderr + result.stdout


def test_anonymous_needs_loopback(tmp_path, written):
    """Mode `none` on an open address is refused unless the operator says that it is meant (AUTH-003)."""
    open_to_all = GOOD.replace("address: 127.0.0.1", "address: 0.0.0.0").replace("mode: gateway", "mode: none")
    result = run(["check", "--config", str(written(open_to_all))], tmp_path, DEVELOPER_KEY="k")
    assert result.returncode != 0 and "allow_anonymous" in result.stderr
    meant = open_to_all.replace("mode: none", "mode: none\n  allow_anonymous: true")
    result = run(["check", "--config", str(written(meant))], tmp_path, DEVELOPER_KEY="k")
    assert result.returncode == 0, result.stderr


# Sources


@pytest.fixture
def taken_port():
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_in_use_is_told(tmp_path, taken_port):
    """The error names the address and says that it is in use."""
    result = run(["serve", "--port", str(taken_port)], tmp_path)
    assert 0 < result.returncode < 100
    assert "127.0.0.1:%d" % taken_port in result.stderr and "in use" in result.stderr
    assert "listens on" not in result.stdout


def test_the_admin_sides_port_in_use_is_told(tmp_path, written, taken_port):
    """The same for `admin.port`."""
    backend = {"name": "o", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"}
    admin = {"port": taken_port, "token": "env:ADMIN_TOKEN"}
    path = written(json.dumps({"listen": {"port": 0}, "auth": {"mode": "none"}, "admin": admin, "backends": [backend]}))
    result = run(["serve", "--config", str(path)], tmp_path, ADMIN_TOKEN="any")
    assert result.returncode == 1 and "127.0.0.1:%d: Address already in use\n" % taken_port in result.stderr


def test_the_emulators_port_in_use_is_told(tmp_path, taken_port):
    """The same for `pollux emulate`."""
    result = run(["emulate", "--port", str(taken_port)], tmp_path)
    assert 0 < result.returncode < 100 and str(taken_port) in result.stderr and "in use" in result.stderr


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["serve", "--replay", "{folder}/none"], "No such file or directory"),
        (["serve", "--record", "{folder}/file/recordings"], "Not a directory"),
        (["emulate", "--script", "{folder}/none"], "No such file or directory"),
        (["explain", "--response", "--request", "{folder}/none"], "No such file or directory"),
        (["keys", "list", "--store", "{folder}/none"], "the file is not there"),
        (["health", "--url", "http://127.0.0.1:{port}/readyz"], "Connection refused"),
        (["conformance", "--target", "http://127.0.0.1:{port}"], "Connection refused"),
        (["conformance", "--target", "nonsense"], "http://"),
    ],
)
def test_what_the_system_refuses_is_told_in_its_words(tmp_path, arguments, words):
    """The reason as the system gives it, and nothing of a library's inner life."""
    (tmp_path / "file").touch()
    with socket.socket() as nobody:  # Bound, and nobody listens.
        nobody.bind(("127.0.0.1", 0))
        names = {"folder": str(tmp_path), "port": nobody.getsockname()[1]}
        result = run([argument.format(**names) for argument in arguments], tmp_path)
    told = result.stdout + result.stderr
    assert result.returncode == 1 and words in told, told
    assert not any(inner in told for inner in ("Domain=", "errno", "UserInfo", "HTTPClientError", "any more")), told


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["keys", "rotate", "x", "--grace", "2026-12-31"], "--grace: expected a time such as 10m, 12h or 30d"),
        (["keys", "create", "x", "--expires", "2026-02-30"], "--expires: expected a date such as 2026-12-31, or a time"),
        (["keys", "create", "x", "--budget-day", "1e9"], "--budget-day: expected dollars"),
        (["emulate", "--port", "99999"], "--port must be at most 65535"),
        (["usage", "--by", "day,day"], "--by: expected some of key, model, backend, location, day, month, each once"),
    ],
)
def test_a_value_that_cannot_be_meant_is_told_with_the_commands_own_usage(tmp_path, arguments, words):
    result = run(arguments, tmp_path)
    assert result.returncode == 64 and words in result.stderr
    command = " ".join(arguments[:2] if arguments[0] == "keys" else arguments[:1])
    assert "Usage: pollux %s " % command in result.stderr


@pytest.mark.parametrize("path, words", [("/no/such.pem", "No such file or directory"), ("/etc/hostname", "PEM")])
def test_authorities_that_cannot_be_used_are_told(tmp_path, written, path, words):
    result = run(["check", "--config", str(written(GOOD + "upstream: {ca_file: %s}" % path))], tmp_path, DEVELOPER_KEY="k")
    assert result.returncode == 1 and "upstream.ca_file: %s " % path in result.stderr and words in result.stderr


@pytest.mark.parametrize("content", [None, "{", "{}", '{"type": "gdch_service_account"}'])
def test_unusable_credentials_are_told(tmp_path, written, content):
    """A credentials file that is missing or wrong is a start-up error that names backend and file, not a crash (CRED-001)."""
    credentials = tmp_path / "credentials.json"
    if content is not None:
        credentials.write_text(content)
    backend = {
        "name": "mine", "kind": "vertex", "project": "p", "credentials": {"type": "file", "path": str(credentials)},
    }
    path = written(json.dumps({"listen": {"port": 0}, "auth": {"mode": "none"}, "backends": [backend]}))
    result = run(["serve", "--config", str(path)], tmp_path)
    assert 0 < result.returncode < 100, result.stderr[:300]
    assert "mine" in result.stderr and str(credentials) in result.stderr


def test_the_environment_wins_over_the_file(gateways, written, taken_port):
    """A variable replaces the file's value (12)."""
    path = written(GOOD.replace("port: 0", "port: %d" % taken_port))
    program = gateways.launch("serve", "--config", str(path), POLLUX_LISTEN_PORT="0").started()
    assert program.port != taken_port
    program.stop()


def test_a_flag_wins_over_the_environment(gateways, written, taken_port):
    """A flag replaces both (12)."""
    path = written(GOOD.replace("port: 0", "port: %d" % taken_port))
    program = gateways.launch(
        "serve", "--config", str(path), "--port", "0", POLLUX_LISTEN_PORT=str(taken_port)
    ).started()
    assert program.port != taken_port
    program.stop()


def test_the_environment_alone_can_set_any_key(gateways, upstream):
    """Every key has its variable (12)."""
    program = gateways.launch(
        "serve", "--port", "0", "--upstream", "emulator", POLLUX_LIMITS_MAX_BODY_BYTES="100"
    ).started()
    with Connection(program.port) as connection:
        assert connection.chat(body(user="x" * 100)).status == 413
    program.stop()


def test_the_emulator_runs_alone(gateways):
    """`pollux emulate` answers as Gemini does, for other programs' tests."""
    program = gateways.launch("emulate", "--port", "0").started()
    asked = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    with Connection(program.port) as connection:
        answer = connection.request(
            "POST", "/v1beta/models/gemini-2.5-flash:generateContent", asked, [("x-goog-api-key", "any")]
        ).json()
    assert "Hello" in answer["candidates"][0]["content"]["parts"][-1]["text"]
    program.terminate()
    assert program.wait() == 0


def test_without_anything_the_emulator_answers(emulated):
    """A newcomer without credentials gets an answer, and is told whose it is."""
    assert emulated.wait_for(lambda: any("emulator" in line for line in emulated.output))
    with Connection(emulated.port) as connection:
        assert "emulator" in connection.chat(body()).json()["choices"][0]["message"]["content"]


# The end


@pytest.fixture
def mortal(gateways, upstream):
    """A gateway that the test ends."""
    program = gateways.start(gateways.managed(), "none")
    yield program
    program.stop()


def test_an_idle_gateway_ends_at_once(mortal):
    """SIGTERM with open connections but no request: exit code 0 (12)."""
    with Connection(mortal.port) as connection:
        assert connection.request("GET", "/healthz").json() == {"status": "ok"}
        mortal.terminate()
        assert mortal.wait(10) == 0
        assert connection.ends()


@pytest.mark.parametrize("command", ["serve", "emulate"])
def test_a_signal_at_the_first_moment_is_obeyed(gateways, command):
    """Who says that it listens also listens to SIGTERM: an orchestrator may change its mind at once."""
    codes = []
    for _ in range(8):
        program = gateways.launch(command, "--port", "0").started()
        program.terminate()
        codes.append(program.wait(10))
    assert codes == [0] * 8


def test_a_running_stream_ends_well(mortal, upstream):
    """SIGTERM closes the listener, and lets a stream come to its `[DONE]`."""
    gate = upstream.gate()

    def behaviour(exchange):
        exchange.begin()
        exchange.event(text_of("One ", finish=None))
        gate.wait(20)
        exchange.event(text_of("two."))
        exchange.end()

    upstream.script(behaviour)
    with Connection(mortal.port) as connection:
        response = connection.chat(body(stream=True))
        assert response.event()["choices"][0]["delta"]["content"] == "One "
        mortal.terminate()
        assert eventually(lambda: not is_listening(mortal.port))
        assert mortal.is_alive()
        gate.set()
        assert whole_stream(response) == "two."
        assert connection.ends()
    assert mortal.wait() == 0


def test_a_running_request_ends_well(mortal, upstream):
    """The same for an answer in one piece; the request behind it is refused or the connection ends (05 § 2)."""
    gate = upstream.gate()

    def behaviour(exchange):
        gate.wait(20)
        says("Done.")(exchange)

    upstream.script(behaviour)
    with Connection(mortal.port) as connection:
        connection.send(message("POST", "/v1/chat/completions", body()))
        upstream.wait_for_requests(1)
        mortal.terminate()
        assert eventually(lambda: not is_listening(mortal.port))
        connection.send(message("POST", "/v1/chat/completions", body()))
        gate.set()
        assert connection.response().json()["choices"][0]["message"]["content"] == "Done."
        try:
            assert connection.response().status == 503
        except Broken:
            pass
    assert mortal.wait() == 0
    assert len(upstream.requests) == 1


def test_every_request_is_in_the_log_at_the_end(mortal, upstream):
    """The last lines are written before the process ends."""
    with Connection(mortal.port) as connection:
        for number in range(50):
            connection.chat(body(), [("x-request-id", "last-%d" % number)]).read()
    mortal.terminate()
    assert mortal.wait() == 0
    for number in range(50):
        assert mortal.access_entry("last-%d" % number)["status"] == 200
