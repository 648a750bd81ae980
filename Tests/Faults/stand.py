"""The stand on which faults are tried: a gateway, the upstream behind it, and a client that notes what it sees."""

import concurrent.futures
import dataclasses
import itertools
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients"))

from program import Program
from upstream import Upstream
from wire import Broken, Connection, eventually, message

import table

TARGET = "/v1/chat/completions"
#: How long the stand's gateway waits for an upstream.
UPSTREAM_TIMEOUT = 2.0
#: How long its clients do: longer than anything that is not a hang.
PATIENCE = 60.0


@dataclasses.dataclass
class Seen:
    """What a client saw of one request."""

    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    text: str = ""
    #: Finish reasons, `[DONE]`s and error events, in their order.
    ends: list = dataclasses.field(default_factory=list)
    error: dict | None = None
    usage: dict | None = None
    #: The connection ended in the middle, or what came was no HTTP.
    broken: str = ""
    #: Seconds: the whole, and the longest time without a byte.
    seconds: float = 0.0
    stall: float = 0.0

    @property
    def is_answer(self):
        return self.status == 200 and not self.broken and self.error is None and self.ends in (["stop"], ["stop", "[DONE]"])

    @property
    def is_false_end(self):
        """`[DONE]` behind something that was no end."""
        return "[DONE]" in self.ends and (self.error is not None or self.ends != ["stop", "[DONE]"])


class Watched(Connection):
    """A connection that notes the longest silence."""

    def __init__(self, port, **options):
        super().__init__(port, **options)
        self.socket.settimeout(PATIENCE)
        self.stall, self._last = 0.0, time.monotonic()

    def _fill(self):
        super()._fill()
        now = time.monotonic()
        self.stall, self._last = max(self.stall, now - self._last), now

    def ready(self):
        self._last = time.monotonic()


def ask(port, number, is_stream, model="google/gemini-2.5-flash", headers=(), connection=None):
    """Asks once and reads to the end."""
    asked = {"model": model, "messages": [{"role": "user", "content": "number %d" % number}], "stream": is_stream}
    if is_stream:
        asked["stream_options"] = {"include_usage": True}
    seen, began = Seen(), time.monotonic()
    own = connection or Watched(port)
    try:
        own.ready()
        read(own.request("POST", TARGET, asked, headers), is_stream, seen)
    except (Broken, OSError, ValueError) as problem:
        seen.broken = repr(problem)
    finally:
        seen.stall, seen.seconds = own.stall, time.monotonic() - began
        if connection is None:
            own.close()
    return seen


def read(response, is_stream, seen):
    seen.status, seen.headers = response.status, dict(response.headers)
    if response.header("content-type") != "text/event-stream":
        document = response.json()
        seen.error = document.get("error")
        for choice in document.get("choices", []):
            seen.text += choice["message"]["content"] or ""
            seen.ends.append(choice["finish_reason"])
        seen.usage = document.get("usage")
        return
    texts = []
    while (event := response.event()) is not None:
        if event == "[DONE]":
            seen.ends.append(event)
        elif isinstance(event, dict) and "error" in event:
            seen.error = event["error"]
            seen.ends.append("error")
        elif isinstance(event, dict):
            seen.usage = event.get("usage") or seen.usage
            for choice in event["choices"]:
                texts.append(choice["delta"].get("content") or "")
                if choice["finish_reason"]:
                    seen.ends.append(choice["finish_reason"])
    seen.text = "".join(texts)


def judge(seen, expected, is_stream):
    """What is wrong with what a client saw; empty when nothing is."""
    wrong = []
    if seen.broken:
        return ["broken: " + seen.broken]
    if seen.is_false_end:
        wrong.append("a false end: %r" % seen.ends)
    if expected.kind == "answer":
        if not seen.is_answer:
            wrong.append("no answer: %d %r %r" % (seen.status, seen.error, seen.ends))
        elif seen.text != table.ANSWER:
            wrong.append("bytes lost or doubled: %r" % seen.text)
        elif expected.usage and (seen.usage["prompt_tokens"], seen.usage["completion_tokens"]) != (4, 3):
            wrong.append("usage: %r" % seen.usage)
        return wrong
    if seen.error is None:
        return ["no error: %d %r" % (seen.status, seen.text)]
    if seen.status != expected.status or seen.error["code"] != expected.code:
        wrong.append("another error: %d %r" % (seen.status, seen.error))
    for name, value in expected.headers:
        if seen.headers.get(name) != value:
            wrong.append("%s is %r" % (name, seen.headers.get(name)))
    if expected.kind == "told" and (not is_stream or seen.ends != ["error"]):
        wrong.append("ends: %r" % seen.ends)
    if seen.text != "".join(table.PIECES[:expected.pieces]):
        wrong.append("bytes lost or doubled: %r" % seen.text)
    return wrong


class Listener:
    """A port behind which every connection meets the same."""

    def __init__(self, meet):
        self._meet = meet
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self._meet(connection)
            except OSError:
                if self._listener.fileno() < 0:
                    return

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        for connection in [*self._open, self._listener]:
            connection.close()


def speaks_plainly(connection):
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    connection.close()


def says_nothing(connection):
    pass


class Stranger:
    """Speaks TLS with a certificate of its own making, and nothing more."""

    def __init__(self, folder):
        names = [str(folder / "key.pem"), str(folder / "certificate.pem")]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", names[0], "-out", names[1],
             "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(names[1], names[0])

    def __call__(self, connection):
        connection.settimeout(5)
        self._context.wrap_socket(connection, server_side=True).close()


class Stand:
    """A gateway and its upstream. A request's number says which fault it meets."""

    def __init__(self, before=(), fake_clock=None, **configuration):
        self._before, self._fake_clock = before, fake_clock
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        self.upstream = Upstream()
        self.upstream.otherwise = self._act
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))
        self._listeners = {
            "untrusted": Listener(Stranger(folder)), "plain": Listener(speaks_plainly), "hung": Listener(says_nothing),
        }
        self._numbers = itertools.count(1)
        self._faults, self._attempts = {}, {}
        (folder / "user.json").write_text(json.dumps({
            "type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh",
            "token_uri": self.upstream.url + "/token",
        }))
        self.configuration = {
            "listen": {"port": 0}, "auth": {"mode": "none"},
            "backends": [
                self._backend("vertex", self.upstream.url),
                self._backend("refused", "http://127.0.0.1:%d" % self._closed.getsockname()[1]),
                *(self._backend(n, "https://127.0.0.1:%d" % peer.port) for n, peer in self._listeners.items()),
            ],
            "models": {"aliases": {
                name: {"backend": name, "model": "gemini-2.5-flash"} for name in ("refused", *self._listeners)
            }},
            "upstream": {"timeout": "%gs" % UPSTREAM_TIMEOUT}, "stream": {"keepalive": "60s"},
            **configuration,
        }
        self.path = folder / "pollux.yaml"
        self.path.write_text(json.dumps(self.configuration))
        self.program = self._launch(folder)
        self.port = self.program.port
        if not eventually(lambda: "configuration" in self.readiness()):
            raise AssertionError("the gateway is not ready: %s" % self.readiness())

    def _launch(self, folder):
        arguments, environment = ["serve", "--config", str(self.path)], {}
        if self._fake_clock:
            self._clock = folder / "clock"
            self.set_clock("+0")
            environment = {
                "LD_PRELOAD": self._fake_clock, "FAKETIME_TIMESTAMP_FILE": str(self._clock), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "POLLUX_CONFIG": str(self.path),
            }
            arguments = []  # Swift does not find them where libfaketime is loaded.
        return Program(arguments, self._folder.name, before=self._before, **environment).started()

    def set_clock(self, offset):
        """The wall clock, for the gateway alone: `+2h`, `-1d`."""
        new = self._clock.with_suffix(".new")
        new.write_text(offset + "\n")
        os.replace(new, self._clock)

    def _backend(self, name, url):
        path = str(pathlib.Path(self._folder.name) / "user.json")
        return {"name": name, "kind": "vertex", "project": "p", "location": "us-central1", "base_url": url,
                "credentials": {"type": "file", "path": path}}

    def close(self):
        self.program.stop()
        self.upstream.close()
        for peer in [*self._listeners.values(), self._closed]:
            peer.close()
        self._folder.cleanup()

    # What upstream does

    def _act(self, exchange):
        text = exchange.request.json["contents"][0]["parts"][0]["text"]
        number = int(text.split()[-1])
        self._attempts[number] = self._attempts.get(number, 0) + 1
        fault, is_once = self._faults.get(number, (None, False))
        if fault is None or (is_once and self._attempts[number] > 1):
            return table.is_well(exchange)
        return fault.act(exchange)

    # What operators do

    def write(self, **members):
        """Replaces the configuration's file."""
        self.configuration = {**self.configuration, **members}
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.configuration))
        os.replace(new, self.path)

    def hang_up(self):
        self.program.process.send_signal(signal.SIGHUP)

    def readiness(self):
        with Connection(self.port) as connection:
            return connection.request("GET", "/readyz").json()

    # What clients do

    def number(self):
        """The number of a request that meets no fault."""
        return next(self._numbers)

    def meet(self, fault, is_stream, is_once):
        """One request that meets a fault; gives what was seen, and what is wrong with it."""
        number = next(self._numbers)
        self._faults[number] = (fault, is_once)
        seen = ask(self.port, number, is_stream, fault.model)
        seen.attempts = self._attempts.get(number, 0)
        return seen, judge(seen, fault.expected(is_stream, is_once), is_stream)

    def ask_well(self, is_stream=False, **options):
        number = next(self._numbers)
        seen = ask(self.port, number, is_stream, **options)
        return seen, judge(seen, table.HEALED, is_stream)

    # What the process holds

    def settle(self, descriptors=None):
        """Closes upstream's idle connections, and waits until the gateway has noticed."""
        self.upstream.refuse()
        self.upstream.accept()
        if descriptors is None:
            eventually(lambda: self.descriptors == self.descriptors, 1)
        else:
            eventually(lambda: self.descriptors <= descriptors, 3)

    @property
    def resident(self):
        return self.program.resident_bytes()

    @property
    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.program.process.pid))


def together(count, act):
    """Calls `act(index)` so often, at the same time."""
    with concurrent.futures.ThreadPoolExecutor(min(count, 64)) as threads:
        return list(threads.map(act, range(count)))
