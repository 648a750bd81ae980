"""An HTTP/1.1 client that hides nothing: framing is checked, and can be broken on purpose."""

import json
import socket
import time

PATIENCE = 10.0


class Broken(AssertionError):
    """The peer's framing is wrong, or the connection ended inside a message."""


class Response:
    """One answer; its body is read on demand."""

    def __init__(self, connection, status, headers, has_body):
        self.connection, self.status, self.headers = connection, status, headers
        self._left = 0
        self._is_chunked = (self.header("transfer-encoding") or "").lower() == "chunked"
        self._is_over = not has_body
        if has_body and not self._is_chunked:
            length = self.header("content-length")
            if length is None:
                raise Broken("neither content-length nor chunked: %r" % headers)
            self._left = int(length)
            self._is_over = self._left == 0
        self._body = bytearray()
        self._read_to = 0

    @property
    def body(self):
        """What was read so far."""
        return bytes(self._body)

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def header(self, name):
        values = self.all(name)
        assert len(values) <= 1, "header %s is repeated: %r" % (name, values)
        return values[0] if values else None

    def more(self):
        """Reads the next piece of the body; empty at its end."""
        if self._is_over:
            return b""
        if self._is_chunked:
            size = int(self.connection.line().split(b";")[0], 16)
            piece = self.connection.exactly(size)
            if self.connection.line() != b"":
                raise Broken("a chunk is longer than it says")
            self._is_over = size == 0
        else:
            piece = self.connection.some(self._left)
            self._left -= len(piece)
            self._is_over = self._left == 0
        self._body += piece
        return piece

    def read(self):
        """The whole body."""
        while not self._is_over:
            self.more()
        return self.body

    def json(self):
        return json.loads(self.read())

    def error(self):
        """The error object of a body that is one (ERR-001)."""
        document = self.json()
        assert isinstance(document, dict) and isinstance(document.get("error"), dict), document
        error = document["error"]
        assert isinstance(error["message"], str) and isinstance(error["type"], str), error
        assert "code" in error and "param" in error, error
        assert isinstance(error["code"], (str, type(None))), error
        return error

    def event(self):
        """The next server-sent event: a dict, "[DONE]", a comment (": …"), or None at the end."""
        while True:
            end = self._body.find(b"\n\n", self._read_to)
            if end >= 0:
                text = self._body[self._read_to:end].decode("utf-8")
                self._read_to = end + 2
                return parse_event(text)
            if not self.more() and self._is_over:
                rest = bytes(self._body[self._read_to:])
                if rest:
                    raise Broken("bytes behind the last event: %r" % rest)
                return None

    def events(self):
        """All events that are left."""
        found = []
        while True:
            event = self.event()
            if event is None:
                return found
            found.append(event)


def parse_event(text):
    """STREAM-002: one `data: ` line of JSON, or a comment."""
    if text.startswith(":"):
        return text
    if "\n" in text or not text.startswith("data: "):
        raise Broken("not one data line: %r" % text)
    data = text[len("data: "):]
    return data if data == "[DONE]" else json.loads(data)


class Connection:
    """One connection to the gateway."""

    def __init__(self, port, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # Writing

    def send(self, data):
        self.socket.sendall(data)

    def request(self, method, target, body=None, headers=(), chunked=False):
        """Sends one request and gives its answer's head."""
        self.send(message(method, target, body, headers, chunked))
        return self.response(method)

    def chat(self, body, headers=(), target="/v1/chat/completions"):
        return self.request("POST", target, body, headers)

    # Reading

    def _fill(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Broken("the connection ended inside a message; read so far: %r" % self._buffer[:200])
        self._buffer += data

    def line(self):
        while b"\r\n" not in self._buffer:
            self._fill()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def exactly(self, count):
        while len(self._buffer) < count:
            self._fill()
        piece, self._buffer = self._buffer[:count], self._buffer[count:]
        return piece

    def some(self, most):
        if not self._buffer:
            self._fill()
        return self.exactly(min(most, len(self._buffer)))

    def response(self, method="POST"):
        version, status, *_ = self.line().split(b" ", 2)
        if version != b"HTTP/1.1":
            raise Broken("version %r" % version)
        headers = []
        while True:
            line = self.line()
            if not line:
                break
            name, _, value = line.partition(b":")
            headers.append((name.decode("ascii").lower(), value.decode("latin-1").strip()))
        if int(status) == 100:
            return self.response(method)
        return Response(self, int(status), headers, has_body=method != "HEAD")

    def ends(self, timeout=5.0):
        """Whether the peer closes the connection within this time, with nothing more to read."""
        self.socket.settimeout(timeout)
        try:
            return not self._buffer and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        finally:
            self.socket.settimeout(PATIENCE)

    def reset(self):
        """Leaves without a farewell: the peer sees RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()


def message(method, target, body=None, headers=(), chunked=False):
    """The bytes of one request; a body that is no bytes is written as JSON."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = ["%s %s HTTP/1.1" % (method, target), "host: gateway"]
    lines += ["%s: %s" % pair for pair in headers]
    if body is not None:
        lines.append("content-type: application/json")
        lines.append("transfer-encoding: chunked" if chunked else "content-length: %d" % len(body))
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    if not chunked:
        return head + (body or b"")
    pieces = [body[i:i + 16384] for i in range(0, len(body), 16384)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def eventually(condition, timeout=5.0):
    """Waits for a condition that no event announces; its last value is given."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.005)


def is_listening(port):
    """Whether somebody takes connections at this port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
