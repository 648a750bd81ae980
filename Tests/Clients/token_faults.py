"""Access tokens that end, and token services that fail, under load: what clients notice of it.

    POLLUX_BIN=.build/release/pollux python Tests/Clients/token_faults.py [--seconds 20] [SCENE…]

Every scene starts the program before a stand-in for Google, which takes a token only while it lives. Tokens live two
seconds instead of an hour: all that the gateway does within an hour happens within two seconds, refreshed at half of
the life. It prints one row for each scene.
"""

import argparse
import dataclasses
import http.server
import json
import pathlib
import sys
import tempfile
import threading
import time

from program import Program
from wire import Connection

LIFE = 2
ANSWER = json.dumps({
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}, "responseId": "r",
    "modelVersion": "gemini-2.5-flash",
}).encode()
REFUSAL = json.dumps({"error": {"code": 401, "message": "Request had invalid authentication credentials.",
                                "status": "UNAUTHENTICATED"}}).encode()


class Google:
    """Tokens and answers. A scene decides by the time since the start what the token service does."""

    def __init__(self, scene):
        self.scene, self.began = scene, time.monotonic()
        self.lock = threading.Lock()
        self.ends = {}
        self.fetches = self.failed = self.refused = self.running = self.most = 0
        self.cached = None
        self.revocation = 1
        self.refusal = threading.Event()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                answer = service.token() if self.path == "/token" else service.model(self.headers["authorization"])
                status, body = answer
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Service(http.server.ThreadingHTTPServer):
            request_queue_size = 1024
            daemon_threads = True

        self.server = Service(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def age(self):
        return time.monotonic() - self.began

    def token(self):
        with self.lock:
            self.fetches += 1
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            asked = time.monotonic()
            delay, status = self.scene.service(self.age())
            time.sleep(delay)
            if status != 200:
                with self.lock:
                    self.failed += 1
                return status, b"{}"
            issued = self._issue(asked)
            if self.scene.revokes_next and self.fetches > 1 and self._revokes():
                self.refusal.clear()
                self.refusal.wait(LIFE / 2)
            return 200, json.dumps({"token_type": "Bearer", **issued}).encode()
        finally:
            with self.lock:
                self.running -= 1

    def _issue(self, now):
        with self.lock:
            if self.scene.shares and self.cached and self.ends[self.cached] - now > LIFE / 2:
                # As a metadata server does: what is left of a token that others use, too.
                return {"access_token": self.cached, "expires_in": int(self.ends[self.cached] - now)}
            token = "token-%d" % self.fetches
            self.ends[token] = now + self.scene.life
            self.cached = token
            members = {"access_token": token}
            said = self.scene.says(self.fetches)
            if said is not None:
                members["expires_in"] = said
            return members

    def _revokes(self):
        """Whether it is time again that all tokens end; they have ended then."""
        with self.lock:
            if not self.scene.revoke_every or self.age() < self.revocation:
                return False
            self.revocation += self.scene.revoke_every
            self.ends = {}
            return True

    def model(self, authorization):
        token = (authorization or "").removeprefix("Bearer ")
        if not self.scene.revokes_next:
            self._revokes()
        with self.lock:
            if time.monotonic() >= self.ends.get(token, 0):
                self.refused += 1
                self.refusal.set()
                return 401, REFUSAL
        return 200, ANSWER

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@dataclasses.dataclass
class Scene:
    """What goes wrong. Times are seconds since the start."""

    name: str
    #: how long a token really lives
    life: float = LIFE
    #: (delay, status) of the token service at a time
    service: object = lambda age: (0, 200)
    #: `expires_in` of the nth token
    says: object = lambda number: LIFE
    #: the token service hands out what is left of one token
    shares: bool = False
    #: seconds; the first time after one second
    revoke_every: float = 0
    #: it happens while the next token is on its way, which ends with the others
    revokes_next: bool = False


def within(age, period, length):
    """Whether a fault that comes back is on: `length` seconds of every `period`, from the first second on.

    Three attempts must not meet it: they are up to 3.6 s apart, and longer where the service is slow.
    """
    return 1 <= age % period < 1 + length


SCENES = [
    Scene("tokens of 2 s"),
    Scene("tokens of 5 s", life=5, says=lambda number: 5),
    Scene("tokens half used", life=2 * LIFE, shares=True, says=lambda number: 2 * LIFE),
    Scene("token service slow, 0.7 s each time", service=lambda age: (0.7, 200)),
    Scene("token service fails for 1.2 s of every 6 s", service=lambda age: (0, 503 if within(age, 6, 1.2) else 200)),
    Scene("expires_in of 10^12, none, 0.5 and 2 in turn",
          says=lambda number: [10**12, None, 0.5, 2][number % 4]),
    Scene("all tokens revoked every 7 s", revoke_every=7),
    Scene("all tokens revoked every 7 s, with the next one on its way", revoke_every=7, revokes_next=True),
    Scene("all of it", revoke_every=7,
          service=lambda age: (0.3 if within(age, 3, 1) else 0, 503 if within(age, 6, 1.2) else 200)),
]


@dataclasses.dataclass
class Figures:
    requests: int = 0
    errors: int = 0
    #: milliseconds
    longest: float = 0
    typical: float = 0
    fetches: int = 0
    failed: int = 0
    most: int = 0
    refused: int = 0


def start(google, folder):
    credentials = folder / "user.json"
    credentials.write_text(json.dumps({"type": "authorized_user", "client_id": "c", "client_secret": "s",
                                       "refresh_token": "r", "token_uri": google.url + "/token"}))
    configuration = folder / "pollux.yaml"
    configuration.write_text(json.dumps({
        "listen": {"port": 0}, "auth": {"mode": "none"},
        "backends": [{"name": "vertex", "kind": "vertex", "project": "p", "location": "global", "base_url": google.url,
                      "credentials": {"type": "file", "path": str(credentials)}}],
    }))
    return Program(["serve", "--config", str(configuration)], folder).started()


def ask(connection):
    body = {"model": "google/gemini-2.5-flash", "messages": [{"role": "user", "content": "Hi"}]}
    response = connection.request("POST", "/v1/chat/completions", body)
    response.read()
    return response.status


def load(program, seconds, clients, pause):
    """Clients that ask again and again, each once at least. Gives the milliseconds of every request, and how many failed."""
    times, errors, lock = [], [0], threading.Lock()
    end = time.monotonic() + seconds

    def one():
        own, failed = [], 0
        with Connection(program.port) as connection:
            while not own or time.monotonic() < end:
                began = time.monotonic()
                failed += ask(connection) != 200
                own.append((time.monotonic() - began) * 1000)
                time.sleep(pause)
        with lock:
            times.extend(own)
            errors[0] += failed

    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 30)
    return sorted(times), errors[0]


def run(scene, seconds, clients=8, pause=0.02):
    """One scene from a cold start."""
    google = Google(scene)
    with tempfile.TemporaryDirectory() as folder:
        program = start(google, pathlib.Path(folder))
        google.began = time.monotonic()
        times, errors = load(program, seconds, clients, pause)
        program.stop()
    google.close()
    return Figures(len(times), errors, times[-1], times[len(times) // 2], google.fetches, google.failed, google.most,
                   google.refused)


def crowd(count=500):
    """So many clients at once, before there is a token; the token service needs half a second."""
    scene = Scene("%d clients at once, no token yet" % count, service=lambda age: (0.5, 200), life=60,
                  says=lambda number: 60)
    google = Google(scene)
    with tempfile.TemporaryDirectory() as folder:
        program = start(google, pathlib.Path(folder))
        times, errors = load(program, 0, count, 0)
        program.stop()
    google.close()
    return scene, Figures(len(times), errors, times[-1], times[len(times) // 2], google.fetches, google.failed,
                          google.most, google.refused)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("scenes", nargs="*", help="words of the scenes to run; all without")
    options = parser.parse_args()
    print("| scene | requests | errors | longest, ms | median, ms | tokens fetched | fetches failed | at once | 401 |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    chosen = [scene for scene in SCENES if not options.scenes or any(word in scene.name for word in options.scenes)]
    rows = [(scene, run(scene, options.seconds)) for scene in chosen]
    if not options.scenes:
        rows.append(crowd())
    for scene, found in rows:
        print("| %s | %d | %d | %.0f | %.1f | %d | %d | %d | %d |" % (
            scene.name, found.requests, found.errors, found.longest, found.typical, found.fetches - found.failed,
            found.failed, found.most, found.refused))
    return sum(found.errors for _, found in rows)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
