"""Traces: what a collector gets, read with OpenTelemetry's own definitions."""

import http.server
import queue
import threading

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from conftest import KEY
from scenes import FLASH, user
from test_metrics import metrics
from upstream import error_of, responds, streams, text_of
from wire import Connection, eventually

CLIENT = ("authorization", "Bearer " + KEY)
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = ("traceparent", "00-%s-%s-01" % (TRACE, SPAN))


class Collector:
    """A collector of traces; what it gets is kept."""

    def __init__(self):
        self.requests = queue.Queue()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.requests.put((self.path, dict(self.headers.items()), body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d/v1/traces" % self.server.server_port

    def spans(self, count):
        """The next spans; at least so many."""
        found = []
        while len(found) < count:
            path, headers, body = self.requests.get(timeout=10)
            headers = {name.lower(): value for name, value in headers.items()}
            assert path == "/v1/traces" and headers["content-type"] == "application/x-protobuf"
            assert headers["authorization"] == "Bearer collector-token"
            message = ExportTraceServiceRequest.FromString(body)
            for resource in message.resource_spans:
                assert values(resource.resource.attributes)["service.name"] == "pollux"
                for scope in resource.scope_spans:
                    found += scope.spans
        return found


def values(attributes):
    """Attributes as a dict; lists of texts as lists."""
    found = {}
    for pair in attributes:
        kind = pair.value.WhichOneof("value")
        value = getattr(pair.value, kind)
        found[pair.key] = [one.string_value for one in value.values] if kind == "array_value" else value
    return found


@pytest.fixture(scope="module")
def collector():
    made = Collector()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def traced(gateways, collector):
    """Only what clients ask for is traced."""
    return gateways.start(
        gateways.managed(), tracing={"endpoint": collector.url, "token": "collector-token", "sample": 0}
    )


def chat(program, *headers, **members):
    with Connection(program.port) as connection:
        body = {"model": FLASH, "messages": [user("Hi")], **members}
        response = connection.chat(body, [CLIENT, *headers])
        response.read()
    return response


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_is_two_spans_in_the_trace_of_its_client(traced, collector, upstream, stream):
    upstream.script(streams(text_of("Well.")) if stream else responds(200, text_of("Well.")))
    response = chat(traced, SAMPLED, ("tracestate", "vendor=1"), stream=stream)
    own, call = sorted(collector.spans(2), key=lambda span: span.kind)
    assert (own.kind, call.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert own.trace_id.hex() == call.trace_id.hex() == TRACE
    assert own.parent_span_id.hex() == SPAN and call.parent_span_id == own.span_id
    assert (own.name, call.name) == ("POST chat", "chat gemini-2.5-flash")
    assert own.start_time_unix_nano < call.start_time_unix_nano < call.end_time_unix_nano <= own.end_time_unix_nano
    facts = values(own.attributes)
    assert facts["http.response.status_code"] == 200 and facts["url.path"] == "/v1/chat/completions"
    assert facts["pollux.request_id"] == response.header("x-request-id") and facts["pollux.client"] == "suite"
    assert ("first token" in {event.name for event in own.events}) is stream
    facts = values(call.attributes)
    assert facts["gen_ai.operation.name"] == "chat" and facts["gen_ai.provider.name"] == "gcp.vertex_ai"
    assert facts["gen_ai.request.model"] == "gemini-2.5-flash" and facts["gen_ai.response.finish_reasons"] == ["stop"]
    assert (facts["gen_ai.usage.input_tokens"], facts["gen_ai.usage.output_tokens"]) == (4, 3)
    sent = upstream.only_request()
    assert sent.header("traceparent") == "00-%s-%s-01" % (TRACE, call.span_id.hex())
    assert sent.header("tracestate") == "vendor=1"


def test_an_error_is_one(traced, collector, upstream):
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT")))
    chat(traced, SAMPLED)
    own, call = sorted(collector.spans(2), key=lambda span: span.kind)
    assert call.status.code == Status.STATUS_CODE_ERROR and values(call.attributes)["error.type"]
    assert own.status.code == Status.STATUS_CODE_UNSET  # The client's own mistake is no error of the server's.


@pytest.mark.parametrize(
    "header",
    [None, "00-%s-%s-00" % (TRACE, SPAN), "00-%s-%s-01" % ("0" * 32, SPAN), "00-%s-%s-01" % (TRACE.upper(), SPAN),
     "ff-%s-%s-01" % (TRACE, SPAN), "nonsense", "00-%s-%s-01-more" % (TRACE, SPAN)],
)
def test_what_nobody_asks_for_is_not_traced(traced, collector, upstream, header):
    chat(traced, *([("traceparent", header)] if header else []))
    assert upstream.only_request().header("traceparent") is None
    chat(traced, ("traceparent", "00-%s-%s-01" % ("c" * 32, SPAN)))
    assert {span.trace_id.hex() for span in collector.spans(2)} == {"c" * 32}


def test_a_part_of_the_others_is_traced(gateways, collector, upstream):
    """All of them, here; and the upstream hears of it only where that is wanted."""
    program = gateways.start(
        gateways.managed(), tracing={
            "endpoint": collector.url, "token": "collector-token", "sample": 1, "propagate": False,
        },
    )
    for _ in range(3):
        chat(program)
    spans = collector.spans(6)
    assert len({span.trace_id for span in spans}) == 3 and len({span.span_id for span in spans}) == 6
    assert all(request.header("traceparent") is None for request in upstream.requests)
    program.terminate()
    assert program.wait() == 0


@pytest.mark.parametrize("headers, state", [
    ([SAMPLED, ("tracestate", "a=1"), ("tracestate", "b=2,c=3")], "a=1,b=2,c=3"),
    ([("tracestate", "a=1")], None), ([("traceparent", "nonsense"), ("tracestate", "a=1")], None),
], ids=["several", "without a span", "with no span"])
def test_states_of_vendors_go_with_the_clients_span(gateways, collector, upstream, headers, state):
    """All of them, in their order, as W3C Trace Context has it; none with a trace that begins here."""
    program = gateways.start(
        gateways.managed(), tracing={"endpoint": collector.url, "token": "collector-token", "sample": 1})
    chat(program, *headers)
    sent = upstream.only_request()
    assert sent.header("traceparent") and sent.header("tracestate") == state
    collector.spans(2)
    program.stop()


@pytest.fixture
def losing(gateways):
    """All requests are traced, and what becomes of the traces is counted."""
    started = []

    def start(endpoint):
        started.append(gateways.start(
            gateways.managed(), admin={"port": 0, "token": "env:ADMIN_TOKEN"}, tracing={"endpoint": endpoint, "sample": 1}))
        return started[-1]

    yield start
    for program in started:
        program.stop()


def test_a_collector_that_is_away_stops_nothing(losing, upstream):
    """Why traces are lost is told once, and how many is counted."""
    program = losing("http://127.0.0.1:9/v1/traces")
    told = []
    for number in range(1, 4):
        assert chat(program).status == 200
        assert eventually(lambda: metrics(program).sum("pollux_traces_lost_total") == number)
        told = [line for line in list(program.errors) if "Traces" in line]
    assert len(told) == 1 and "the collector cannot be reached: Connection refused" in told[0]
    assert metrics(program).sum("pollux_traces_exported_total") == 0


def test_a_collector_that_refuses_for_a_while(losing, upstream):
    """The end of it is told, too, with what was lost meanwhile. One connection serves for all that is sent."""
    statuses, connections = [503, 503, 200, 200], set()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            connections.add(self.client_address)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(statuses.pop(0))
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = losing("http://127.0.0.1:%d/v1/traces" % server.server_port)
    for left in (3, 2, 1, 0):
        assert chat(program).status == 200
        assert eventually(lambda: len(statuses) == left)
    assert eventually(lambda: metrics(program).sum("pollux_traces_exported_total") == 2)
    assert metrics(program).sum("pollux_traces_lost_total") == 2
    told = [line for line in list(program.errors) if "Traces" in line]
    assert len(told) == 2 and "the collector answers 503" in told[0] and "2 were lost" in told[1]
    assert len(connections) == 1
    server.shutdown()
