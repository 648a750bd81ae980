"""A Gemini service whose every answer is scripted, down to the byte.

A behaviour is a function of one `Exchange`. `upstream.script(first, second)` gives the next requests their
behaviours; requests beyond the script get a short, complete answer, or `upstream.otherwise`. Requests to `/token` are answered by the
token endpoint, which hands out `token-1`, `token-2`, ….
"""

import collections
import json
import select
import socket
import threading
import time

PATIENCE = 15.0
DEFAULT_TEXT = "All is well."


# What Gemini says


def candidate(*parts, finish="STOP", **members):
    made = {"content": {"role": "model", "parts": list(parts)}, **members}
    if finish:
        made["finishReason"] = finish
    return made


def answer_of(*candidates, model="gemini-2.5-flash", usage=(4, 3), identifier="r1", **members):
    """One GenerateContentResponse."""
    made = {"candidates": list(candidates), "modelVersion": model, "responseId": identifier, **members}
    if usage:
        prompt, answer = usage
        made["usageMetadata"] = {
            "promptTokenCount": prompt, "candidatesTokenCount": answer, "totalTokenCount": prompt + answer,
        }
    return made


def text_of(text, finish="STOP", **members):
    return answer_of(candidate({"text": text}, finish=finish), **members)


def error_of(code, status, message="It went wrong.", retry=None, details=()):
    """One Google error object."""
    details = list(details)
    if retry:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry})
    made = {"code": code, "message": message, "status": status}
    if details:
        made["details"] = details
    return {"error": made}


UNAVAILABLE = error_of(503, "UNAVAILABLE", "The service is currently unavailable.", retry="0.01s")


# Behaviours


def responds(status, document, headers=()):
    """Answers with a JSON body."""
    return lambda exchange: exchange.respond(status, json.dumps(document).encode(), headers=headers)


def says(text, **members):
    """Answers with this text, streamed or not as it was asked."""

    def behaviour(exchange):
        if exchange.request.is_stream:
            exchange.stream(text_of(text, **members))
        else:
            exchange.respond(200, json.dumps(text_of(text, **members)).encode())

    return behaviour


def streams(*events):
    return lambda exchange: exchange.stream(*events)


def sends(data, then="close"):
    """Sends these bytes as they are; `then` is "close", "reset" or "stay"."""

    def behaviour(exchange):
        exchange.send(data)
        exchange.leave(then)

    return behaviour


def stream_head():
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(document):
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\r\n\r\n"


# What servers of self-deployed models say


def completion(text="All is well.", finish="stop", model="container-model", message=(), **members):
    """vLLM's answer, with what it adds to the reference."""
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1760000000, "model": model,
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant", "content": text, "refusal": None, "tool_calls": [], "reasoning": None,
                    **dict(message),
                },
                "logprobs": None, "finish_reason": finish, "stop_reason": None, "token_ids": None,
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}, "prompt_logprobs": None, **members,
    }


def container_chunk(delta, finish=None, index=0, **members):
    """One chunk of vLLM's stream."""
    return {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1760000000, "model": "container-model",
        "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}], **members,
    }


DONE = b"data: [DONE]\n\n"


def container_event(document, gap=b" "):
    return b"data:" + gap + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def vllm_events(*texts, done=True, finish="stop"):
    """The events of one streamed text."""
    events = [container_event(container_chunk({"role": "assistant", "content": ""}))]
    events += [container_event(container_chunk({"content": text})) for text in texts]
    if finish:
        events.append(container_event(container_chunk({"content": ""}, finish)))
    return events + ([DONE] if done else [])


def tgi_events(*documents, done=True):
    """TGI's events: no space behind the colon."""
    return [container_event(document, gap=b"") for document in documents] + ([DONE] if done else [])


def relays(events, then="end"):
    """Streams these bytes, each in a piece of its own; `then` is "end", "close", "reset" or "stay"."""

    def behaviour(exchange):
        exchange.begin()
        for data in events:
            exchange.send(chunk(data))
        if then == "end":
            return exchange.end()
        exchange.leave(then)

    return behaviour


class Moment:
    """Something that happens once, and when."""

    def __init__(self):
        self._event = threading.Event()
        self.time = None
        self.value = None

    def happens(self, value=True):
        self.time, self.value = time.monotonic(), value
        self._event.set()

    def wait(self, timeout=PATIENCE):
        assert self._event.wait(timeout), "it did not happen within %g s" % timeout
        return self.value

    def has_happened(self):
        return self._event.is_set()


class Request:
    """What the gateway sent."""

    def __init__(self, method, target, headers, body, connection):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.connection = connection

    @property
    def is_stream(self):
        return ":streamGenerateContent" in self.target

    @property
    def json(self):
        return json.loads(self.body)

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def header(self, name):
        values = self.all(name)
        assert len(values) <= 1, "header %s is repeated: %r" % (name, values)
        return values[0] if values else None

    def names(self):
        return {key for key, _ in self.headers}


class Gone(Exception):
    """The gateway closed the connection, or the behaviour did."""


class Exchange:
    """One request and the connection that its answer goes to."""

    def __init__(self, upstream, connection, request):
        self.upstream, self.socket, self.request = upstream, connection, request
        self.sent = 0

    def send(self, data):
        try:
            self.socket.sendall(data)
            self.sent += len(data)
        except OSError as error:
            raise Gone from error

    def send_slowly(self, data, deadline):
        """Sends as much as the gateway takes until the deadline; gives the number of bytes."""
        view, sent = memoryview(data), 0
        while sent < len(data) and time.monotonic() < deadline:
            _, writable, _ = select.select([], [self.socket], [], 0.1)
            if not writable:
                continue
            try:
                sent += self.socket.send(view[sent:sent + 65536], socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error
        return sent

    def respond(self, status, body, headers=(), content_type="application/json; charset=UTF-8"):
        lines = ["HTTP/1.1 %d Scripted" % status, "content-type: " + content_type, "content-length: %d" % len(body)]
        lines += ["%s: %s" % pair for pair in headers]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def begin(self):
        self.send(stream_head())

    def event(self, document):
        self.send(chunk(event(document)))

    def end(self):
        self.send(b"0\r\n\r\n")

    def stream(self, *documents):
        self.begin()
        for document in documents:
            self.event(document)
        self.end()

    def leave(self, how):
        if how == "stay":
            return
        if how == "half-close":
            self.socket.shutdown(socket.SHUT_WR)
            return self.see_leaving(Moment())
        if how == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self.socket.close()
        else:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        raise Gone

    def pause(self, seconds):
        """Waits as long as a fault is slow."""
        time.sleep(seconds)

    def leave_when_left(self):
        """Says nothing more until the gateway has gone."""
        self.see_leaving(Moment())

    def see_leaving(self, moment, timeout=PATIENCE):
        """Tells `moment` when the gateway closes its side."""
        readable, _, _ = select.select([self.socket], [], [], timeout)
        if readable:
            try:
                data = self.socket.recv(1)
            except OSError:
                data = b""
            if not data:
                moment.happens()
        raise Gone


class Upstream:
    """The service, on a port of its own."""

    def __init__(self):
        self._lock = threading.Condition()
        self._script = collections.deque()
        self._busy = set()
        self._idle = set()
        self._gates = []
        self.requests = []
        self.token_requests = []
        self.tokens = 0
        self.token_behaviour = None
        self.otherwise = says(DEFAULT_TEXT)
        self._listener = self._bound(0)
        self.port = self._listener.getsockname()[1]
        self.accept()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    # For tests

    def script(self, *behaviours):
        with self._lock:
            self._script.extend(behaviours)

    def gate(self):
        """An event for behaviours to wait on; it opens at the test's end at the latest."""
        gate = threading.Event()
        self._gates.append(gate)
        return gate

    def wait_for_requests(self, count, timeout=PATIENCE):
        with self._lock:
            assert self._lock.wait_for(lambda: len(self.requests) >= count, timeout), (
                "%d of %d requests came" % (len(self.requests), count)
            )
            return list(self.requests)

    def only_request(self):
        assert len(self.requests) == 1, [r.target for r in self.requests]
        return self.requests[0]

    def reset(self):
        """Forgets what was asked and scripted, and ends what still hangs."""
        for gate in self._gates:
            gate.set()
        self._gates = []
        with self._lock:
            self._script.clear()
            self.requests = []
            self.token_requests = []
            self.token_behaviour = None
            busy = list(self._busy)
        for connection in busy:
            self._end(connection)
        with self._lock:
            self._lock.wait_for(lambda: not self._busy, PATIENCE)

    def refuse(self):
        """From now on nobody listens on the port; what was open is closed."""
        self._stop_listening()
        with self._lock:
            connections = list(self._busy | self._idle)
        for connection in connections:
            self._end(connection)
        with self._lock:
            assert self._lock.wait_for(lambda: not (self._busy | self._idle), PATIENCE)
        self._listener = self._bound(self.port)

    def accept(self):
        self._listener.listen(256)
        listener = self._listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def close(self):
        self.reset()
        self._stop_listening()

    # Serving

    @staticmethod
    def _bound(port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return listener

    def _stop_listening(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    @staticmethod
    def _end(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _serve(self, listener):
        number = 0
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            number += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._idle.add(connection)
            threading.Thread(target=self._converse, args=(connection, number), daemon=True).start()

    def _converse(self, connection, number):
        reader = connection.makefile("rb")
        try:
            while True:
                request = self._read(reader, number)
                if request is None:
                    return
                with self._lock:
                    self._idle.discard(connection)
                    self._busy.add(connection)
                self._answer(Exchange(self, connection, request))
                with self._lock:
                    self._busy.discard(connection)
                    self._idle.add(connection)
                    self._lock.notify_all()
        except (Gone, OSError, ValueError):
            pass
        finally:
            reader.close()
            connection.close()
            with self._lock:
                self._busy.discard(connection)
                self._idle.discard(connection)
                self._lock.notify_all()

    @staticmethod
    def _read(reader, number):
        start = reader.readline().decode("latin-1").split()
        if len(start) < 2:
            return None
        headers = []
        while True:
            line = reader.readline().decode("latin-1").rstrip("\r\n")
            if not line:
                break
            name, _, value = line.partition(":")
            headers.append((name.lower(), value.strip()))
        length = int(dict(headers).get("content-length", 0))
        if dict(headers).get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(reader.readline(), 16)
                body += reader.read(size)
                reader.readline()
                if size == 0:
                    break
        else:
            body = reader.read(length)
        return Request(start[0], start[1], headers, body, number)

    def _answer(self, exchange):
        if exchange.request.target.startswith("/token"):
            with self._lock:
                self.token_requests.append(exchange.request)
                behaviour = self.token_behaviour
                self.tokens += 1
                document = {"access_token": "token-%d" % self.tokens, "expires_in": 3600, "token_type": "Bearer"}
            return behaviour(exchange) if behaviour else responds(200, document)(exchange)
        with self._lock:
            self.requests.append(exchange.request)
            behaviour = self._script.popleft() if self._script else self.otherwise
            self._lock.notify_all()
        return behaviour(exchange)
