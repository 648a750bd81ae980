"""One run of the program: its arguments, its output, its end."""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
START = 20.0
STOP = 20.0


def binary() -> str:
    """The program's path: POLLUX_BIN, or the debug build."""
    path = pathlib.Path(os.environ.get("POLLUX_BIN", ".build/debug/pollux"))
    return str(path if path.is_absolute() else REPOSITORY / path)


def clean_environment(home, **extra) -> dict:
    """The environment without anything that a developer's machine says about Google or Pollux."""
    unwanted = ("POLLUX_", "GOOGLE_", "GEMINI_", "GCE_", "GCLOUD_", "CLOUDSDK_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return {**kept, "HOME": str(home), "NO_GCE_CHECK": "true", **extra}


def run(arguments, home, **environment) -> subprocess.CompletedProcess:
    """Runs the program to its end; should it crash, it does so without the time that a backtrace takes."""
    environment.setdefault("SWIFT_BACKTRACE", "enable=no")
    return subprocess.run(
        [binary(), *arguments], env=clean_environment(home, **environment), capture_output=True, text=True,
        timeout=START,
    )


class Program:
    """A running `pollux`; its output is gathered line by line."""

    def __init__(self, arguments, home, before=(), standard_output=subprocess.PIPE, **environment):
        self.process = subprocess.Popen(
            [*before, binary(), *arguments], env=clean_environment(home, **environment), stdin=subprocess.DEVNULL,
            stdout=standard_output, stderr=subprocess.PIPE, text=True, errors="replace",
        )
        self.output, self.errors = [], []
        self._news = threading.Condition()
        for stream, lines in ((self.process.stdout, self.output), (self.process.stderr, self.errors)):
            if stream:
                threading.Thread(target=self._gather, args=(stream, lines), daemon=True).start()
        self.port = None

    def _gather(self, stream, lines):
        for line in stream:
            with self._news:
                lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def wait_for(self, find, timeout=START):
        """Waits until `find()` gives something, asking again at each new line."""
        end = time.monotonic() + timeout
        with self._news:
            while True:
                found = find()
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._is_reading()):
                    raise AssertionError(
                        "not seen in the output (exit code %s)\nstdout: %s\nstderr: %s"
                        % (self.process.poll(), "\n".join(self.output[-20:]), "\n".join(self.errors[-20:]))
                    )
                self._news.wait(min(left, 0.2))

    def _is_reading(self):
        return not (self.process.stdout.closed and self.process.stderr.closed) and self._grace()

    def _grace(self):
        # The pipes of an ended process are empty soon; a moment for the gathering threads.
        self._ended = getattr(self, "_ended", None) or time.monotonic()
        return time.monotonic() - self._ended < 1

    def started(self):
        """Waits for the line that says where the program listens."""
        pattern = re.compile(r"listens on http://127\.0\.0\.1:(\d+)")
        self.port = int(self.wait_for(lambda: next(filter(None, map(pattern.search, list(self.output))), None))[1])
        return self

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    @property
    def admin_port(self):
        """The admin listener's port, which is told a moment later."""
        pattern = re.compile(r"The admin side is at http://127\.0\.0\.1:(\d+)/")
        return int(self.wait_for(lambda: next(filter(None, map(pattern.search, list(self.output))), None))[1])

    def is_alive(self):
        return self.process.poll() is None

    def access_entry(self, request_id, timeout=5.0):
        """The access log's line of one request."""

        def find():
            for line in self.output:
                if request_id in line and line.startswith("{"):
                    entry = json.loads(line)
                    if entry.get("request_id") == request_id:
                        return entry
            return None

        return self.wait_for(find, timeout)

    def resident_bytes(self):
        """Memory the process holds now."""
        pages = int(pathlib.Path("/proc/%d/statm" % self.process.pid).read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def processor_seconds(self):
        """Time of processors that the process took until now."""
        fields = pathlib.Path("/proc/%d/stat" % self.process.pid).read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=STOP):
        return self.process.wait(timeout)

    def stop(self):
        """Ends the process: with SIGTERM, and when it does not listen, with SIGKILL."""
        if self.is_alive():
            self.terminate()
            try:
                self.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.wait()
