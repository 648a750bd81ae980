"""What holds for every request and every answer, tried with many that are made by chance.

POLLUX_PROPERTY_CASES multiplies the number of cases, POLLUX_PROPERTY_SEED moves to other ones. What fails is shown
with its seed and its body.
"""

import contextlib
import copy
import json
import os
import random
import re
import socket

import pytest

from conftest import Gateways
from generator import SERVICES, Digits, Generator, refused, written
from upstream import Upstream, chunk, responds, says, stream_head, streams
from validator import (
    assert_completion, assert_error, assert_gemini_takes, assert_same_meaning, assert_stream, gemini_validator,
    told_in_pieces, told_whole,
)
from wire import Connection, message

TIMES = float(os.environ.get("POLLUX_PROPERTY_CASES", "1"))
FIRST = int(os.environ.get("POLLUX_PROPERTY_SEED", "0"))
SHOWN = int(os.environ.get("POLLUX_PROPERTY_SHOWN", "3"))
PLAIN = {"model": "google/gemini-2.5-flash", "messages": [{"role": "user", "content": "Hi"}]}
MEGABYTE = 1 << 20
FORMS = [(service, form) for service in SERVICES for form in ("json", "openapi")]


def seeds(count):
    return range(FIRST, FIRST + max(1, int(count * TIMES)))


class Steady(Upstream):
    """An upstream that answers everything in one way, until it is told another."""

    def __init__(self):
        self.behaviour = says("All is well.")
        super().__init__()

    def _answer(self, exchange):
        if exchange.request.target.startswith("/token"):
            return super()._answer(exchange)
        with self._lock:
            self.requests.append(exchange.request)
        return self.behaviour(exchange)

    def sent_by(self, action):
        """What `action` gives, and what was asked upstream meanwhile."""
        with self._lock:
            self.requests = []
        given = action()
        with self._lock:
            return given, list(self.requests)


class Client:
    """A client that keeps its connection as long as the gateway does."""

    def __init__(self, program):
        self.program, self.connection = program, None

    def ask(self, target, text):
        if self.connection is None:
            self.connection = Connection(self.program.port)
        response = self.connection.request("POST", target, text)
        response.read()
        if (response.header("connection") or "").lower() == "close":
            self.leave()
        return response

    def leave(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def assert_lives(self):
        """The next request on the connection is answered."""
        response = self.ask("/v1/chat/completions", written(PLAIN).encode())
        assert response.status == 200, response.body


class Findings:
    """Failures of many cases, told together."""

    def __init__(self):
        self.found, self.count = [], 0

    @contextlib.contextmanager
    def of(self, case, client=None):
        self.count += 1
        try:
            yield
        except (AssertionError, OSError, ValueError, LookupError, TypeError) as error:
            self.found.append("%s: %s\n%s" % (type(error).__name__, str(error)[:3000], str(case)[:20000]))
            if client:
                client.leave()

    def tell(self):
        if self.found:
            shown = "\n\n".join(self.found[:SHOWN])
            pytest.fail("%d of %d cases failed:\n%s" % (len(self.found), self.count, shown), pytrace=False)


@pytest.fixture(scope="module")
def steady():
    upstream = Steady()
    yield upstream
    upstream.close()


@pytest.fixture(scope="module")
def steady_gateways(tmp_path_factory, steady):
    """Gateways by service and form of schemas, asked for when they are needed."""
    made = Gateways(tmp_path_factory.mktemp("properties"), steady)
    started = {}

    def gateway(service, form="json", upstream=None):
        key = service, form, upstream
        if key not in started:
            backend = made.managed if service == "vertex" else made.developer
            base = {"base_url": upstream} if upstream else {}
            started[key] = made.start(
                backend(schema_mode=form, **base), "none", upstream={"max_retries": 0, "timeout": "5s"},
                stream={"idle_timeout": "2s"}, media={"http_fallback": False},
            )
        return started[key]

    yield gateway
    made.stop()


@pytest.fixture(autouse=True)
def well(steady):
    steady.behaviour = says("All is well.")


def ask_as(client, case):
    return client.ask(case.target, case.text)


def assert_answer(response, case):
    assert response.status == 200, "status %d: %s" % (response.status, response.body[:2000])
    if case.is_stream:
        assert assert_stream(response.events()), response.body[-2000:]
    else:
        assert_completion(response.json())


# A. What is valid for OpenAI becomes valid for Gemini


@pytest.mark.parametrize("service, form", FORMS)
def test_every_valid_request_becomes_one_that_gemini_takes(steady, steady_gateways, service, form):
    """No field, message, part, tool or schema of OpenAI makes a body that Google's services refuse (02, 06, 07, 08)."""
    validator, client, findings = gemini_validator(), Client(steady_gateways(service, form)), Findings()
    for seed in seeds(300):
        case = Generator(seed, service).case()
        with findings.of(case, client):
            response, sent = steady.sent_by(lambda: ask_as(client, case))
            assert_answer(response, case)
            assert sent, "nothing was asked upstream"
            for request in sent:
                assert_same_meaning(case.body, *assert_gemini_takes(validator, service, request, form))
    findings.tell()


def continued(case, message):
    """The conversation with its answer, as it was, and what the client says to that."""
    results = [{"role": "tool", "tool_call_id": c["id"], "content": "11"} for c in message.get("tool_calls", ())]
    if "function_call" in message:
        results = [{"role": "function", "name": message["function_call"]["name"], "content": "11"}]
    messages = [*case.body["messages"], message, *results, {"role": "user", "content": "And then?"}]
    return case._replace(body={**case.body, "messages": messages})


@pytest.mark.parametrize("service", SERVICES)
def test_every_valid_request_is_answered_by_the_emulator(emulated, steady_gateways, service):
    """The emulator refuses what Gemini refuses; each answer is one of OpenAI's, and goes on as it is (03, 04, 08)."""
    program = emulated
    if service == "developer":
        found = emulated.wait_for(lambda: re.search(r"on 127\.0\.0\.1:(\d+)\)", "\n".join(emulated.output)))
        program = steady_gateways(service, upstream="http://127.0.0.1:" + found[1])
    client, findings = Client(program), Findings()
    for seed in seeds(120):
        case = Generator(seed, service).case()
        # The emulator has no cache of the generator's name, and says so.
        for google in (case.body.get("google"), (case.body.get("extra_body") or {}).get("google")):
            (google or {}).pop("cached_content", None)
        message = None
        with findings.of(case, client):
            response = ask_as(client, case)
            assert_answer(response, case)
            message = None if case.is_stream else response.json()["choices"][0]["message"]
        if message:
            case = continued(case, message)
            with findings.of(case, client):
                assert_answer(ask_as(client, case), case)
    findings.tell()


@pytest.mark.parametrize("service", SERVICES)
def test_one_fault_in_a_valid_request_is_told_by_its_name(steady, steady_gateways, service):
    """Whatever stands beside it, a fault is a 400 that names the member, and nothing is asked upstream (02, 05)."""
    client, findings = Client(steady_gateways(service)), Findings()
    for seed in seeds(300):
        case, code, param, rule = refused(seed, service)
        with findings.of("%s, %s\n%s" % (rule, code, case), client):
            response, sent = steady.sent_by(lambda: ask_as(client, case))
            assert response.status != 200, "taken: " + rule
            error = assert_error(response.json())
            assert response.status == (404 if code == "model_not_found" else 400), response.body
            assert error["type"] == "invalid_request_error" and not sent, response.body
            assert (error["param"] or "").startswith(param), "%s: %r, not %r" % (rule, error["param"], param)
            assert code in (None, error["code"]), "%s: %r, not %r" % (rule, error["code"], code)
    findings.tell()


# B. What is no request at all


WRONG = (
    None, True, 0, -1, 1.5, 10**40, 1e300, "", "x", "\u0000", "data:,", "<", [], {}, [[]], [None], {"a": {"b": []}},
    Digits("1e999"), Digits("-1E+400"), Digits("9223372036854775807"), Digits("-9223372036854775808"), Digits("-0"),
)


def places(value):
    """Every place in a JSON value, as its container and key."""
    found, left = [], [value]
    while left:
        holder = left.pop()
        for key in holder if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                left.append(holder[key])
    return found


def misshapen(document, chance):
    """A copy with a few values in it replaced, taken away or moved."""
    made = json.loads(written(document))
    for _ in range(chance.choice((1, 1, 2, 4))):
        holder, key = chance.choice(places(made) or [([None], 0)])
        choice = chance.random()
        if choice < 0.7:
            holder[key] = copy.deepcopy(chance.choice(WRONG))
        elif choice < 0.85:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(places(made) or [([None], 0)])[0])
    return made


def flipped(text, chance):
    made = bytearray(text)
    for _ in range(chance.choice((1, 1, 3, 20))):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def broken(case, chance):
    """Bytes that are no longer this case's body."""
    text = case.text
    cut = chance.randrange(len(text))
    return chance.choice((
        lambda: chance.randbytes(chance.choice((0, 1, 10, 1000, 70000))),
        lambda: text[:cut], lambda: text[:cut],
        lambda: flipped(text, chance), lambda: flipped(text, chance),
        lambda: written(misshapen(case.body, chance), chance).encode(errors="surrogatepass"),
        lambda: written(misshapen(case.body, chance), chance).encode(errors="surrogatepass"),
        lambda: text[:cut] + chance.randbytes(5) + text[cut:],
        lambda: b"\xef\xbb\xbf" + text, lambda: text + text, lambda: b" \n",
        lambda: chance.choice((b"[", b"{\"a\":", b"[{\"messages\":")) * chance.choice((10, 600, 100000)),
        lambda: text.replace(b"\"content\":\"", b"\"content\":\"\\ud800"),
    ))()


def assert_answer_or_error(response, statuses):
    if response.status == 200:
        if response.header("content-type").startswith("text/event-stream"):
            return assert_stream(response.events())
        return assert_completion(response.json())
    assert response.status in statuses, "status %d: %s" % (response.status, response.body[:1000])
    return assert_error(response.json())


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_no_request_gets_an_error_and_harms_nobody(steady, steady_gateways, service):
    """Random and broken bodies are refused in OpenAI's form; the connection and the memory stay fit (ERR-001)."""
    program = steady_gateways(service)
    client, findings = Client(program), Findings()
    client.assert_lives()
    memory = program.resident_bytes()
    for seed in seeds(400):
        chance = random.Random("broken %s %d" % (service, seed))
        case = Generator(seed, service).case()
        while service == "developer" and "http" in case.text.decode():  # A flipped address is one to fetch (MM-003).
            case = Generator(chance.random(), service).case()
        body = broken(case, chance)
        with findings.of("seed %d: POST %s\n%r" % (seed, case.target, body), client):
            response, sent = steady.sent_by(lambda: client.ask(case.target, body))
            assert_answer_or_error(response, range(400, 500))
            for request in sent:
                json.loads(request.body)
            if seed % 5 == 0:
                client.assert_lives()
    findings.tell()
    assert program.is_alive()
    assert program.resident_bytes() < memory + 128 * MEGABYTE


def test_bytes_that_are_no_message_end_the_connection(steady_gateways):
    """Whatever comes in place of a message, an answer is an answer, and the connection then ends (05 § 2)."""
    program, findings = steady_gateways("vertex"), Findings()
    good = message("POST", "/v1/chat/completions", PLAIN)
    for seed in seeds(150):
        chance = random.Random("message %d" % seed)
        data = chance.choice((
            lambda: chance.randbytes(chance.choice((1, 50, 5000))), lambda: good[:chance.randrange(len(good))],
            lambda: flipped(good, chance), lambda: flipped(good[:60], chance) + good[60:],
        ))()
        with findings.of("seed %d: %r" % (seed, data)), Connection(program.port) as connection:
            with contextlib.suppress(OSError):  # The gateway may have left already.
                connection.send(data)
                connection.socket.shutdown(socket.SHUT_WR)
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := connection.socket.recv(65536):
                    received += piece
            # 501 and 505 are the client's faults too: a transfer coding and a version that nobody speaks.
            assert not received or re.match(rb"HTTP/1\.1 ([24]\d\d|50[15]) ", received), received
            if received and not received.startswith(b"HTTP/1.1 200"):
                length = int(re.search(rb"(?i)content-length: (\d+)", received)[1])
                assert_error(json.loads(received.partition(b"\r\n\r\n")[2][:length]))
    findings.tell()
    Client(program).assert_lives()


# C. What an upstream may say


REASONS = (
    "STOP", "STOP", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "PROHIBITED_CONTENT",
    "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "IMAGE_SAFETY", "NO_IMAGE",
    "FINISH_REASON_UNSPECIFIED", "OF_TOMORROW",
)
PIXEL = {"mimeType": "image/png", "data": "iVBORw0KGgo="}
SOUND = {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AAECAwQFBgcICQ=="}


class Answers:
    """Makes answers of Gemini's shape, with all that was ever seen in one."""

    def __init__(self, chance, generator):
        self.chance, self.generator = chance, generator
        self.has, self.pick, self.text = generator.has, generator.pick, generator.text

    def part(self):
        made = self.pick((
            lambda: {"text": self.text()}, lambda: {"text": self.text()}, lambda: {"text": ""},
            lambda: {"text": self.text(), "thought": True}, lambda: {"text": self.text(), "thought": True},
            lambda: {"functionCall": self.call()}, lambda: {"functionCall": self.call()},
            lambda: {"inlineData": self.pick((PIXEL, SOUND))},
            lambda: {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a.png"}},
            lambda: {"executableCode": {"language": "PYTHON", "code": "print(1)\n"}},
            lambda: {"codeExecutionResult": {"outcome": self.pick(("OUTCOME_OK", "OUTCOME_FAILED")), "output": "1\n"}},
            lambda: {"toolCall": {"id": "t", "toolType": "GOOGLE_SEARCH"}},
            lambda: {"ofTomorrow": self.generator.object()}, lambda: {},
        ))()
        if self.has(0.2):
            made["thoughtSignature"] = self.pick(("QUJD", "", "QUJD-_"))
        return made

    def call(self):
        made = {"name": self.pick(("get_weather", "f", "default_api:f", "Größe"))}
        if self.has(0.8):
            made["args"] = self.pick(({}, None, self.generator.object()))
        if self.has(0.5):
            made["id"] = self.pick(("", "c1", "c2", "ü"))
        return made

    def candidate(self, finish=True):
        parts = [self.part() for _ in range(self.pick((0, 1, 1, 2, 4)))]
        whole = {"content": {"role": "model", "parts": parts}}
        made = self.pick((whole, whole, {"content": {"parts": parts}}, {"content": {}}, {}))
        if finish:
            made["finishReason"] = self.pick(REASONS)
        if self.has(0.1):
            made["finishMessage"] = self.text()
        if self.has(0.2):
            made["safetyRatings"] = [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}]
        if self.has(0.2):
            made["groundingMetadata"] = self.pick(({}, self.grounding()))
        if self.has(0.1):
            made["citationMetadata"] = {"citations": [{"startIndex": 0, "endIndex": 9, "uri": "https://example.com"}]}
        if self.has(0.2):
            chosen = [{"token": self.text(), "logProbability": -0.5} for _ in range(self.pick((0, 1, 3)))]
            made["logprobsResult"] = {"chosenCandidates": chosen, "topCandidates": [{"candidates": chosen}]}
        return made

    def grounding(self):
        web = {"web": {"uri": "https://example.com/ä", "title": "T"}}
        segment = {"startIndex": self.pick((0, 1, 3)), "endIndex": self.pick((2, 7, 9999)), "text": "x"}
        supports = [{"segment": self.pick((segment, {})), "groundingChunkIndices": self.pick(([0], [0, 1], [7], []))}]
        return {"groundingChunks": [web, {"maps": {}}], "groundingSupports": supports, "webSearchQueries": ["q"]}

    def answer(self, finish=True):
        made = {"candidates": [self.candidate(finish) for _ in range(self.pick((1, 1, 1, 2)))]}
        for index, one in enumerate(made["candidates"]):
            if index or self.has(0.5):
                one["index"] = index
        if self.has(0.7):
            made["usageMetadata"] = {
                "promptTokenCount": 5, "candidatesTokenCount": 3, "thoughtsTokenCount": 4, "totalTokenCount": 12,
                "trafficType": self.pick(("ON_DEMAND", "OF_TOMORROW")),
            }
        facts = {"modelVersion": "m-1", "responseId": "r1", "createTime": "2026-03-21T18:11:27.235482Z"}
        made.update((name, value) for name, value in facts.items() if self.has(0.7))
        if self.has(0.05):
            made = {"promptFeedback": self.pick(({"blockReason": "SAFETY"}, {}, {"blockReason": "OF_TOMORROW"}))}
        if self.has(0.2):
            for holder, _ in places(made):
                if isinstance(holder, dict) and "args" not in holder and self.has(0.3):
                    holder["xNew"] = self.generator.value()
                    break
        return made

    def events(self):
        """The events of one whole stream; each index that occurs is finished in the last one."""
        events = [self.answer(finish=self.has(0.1)) for _ in range(self.pick((0, 1, 3)))]
        seen = {c.get("index", 0) for e in events for c in e.get("candidates", [])}
        last = {"candidates": [{"index": index, "finishReason": self.pick(REASONS)} for index in sorted(seen or {0})]}
        if not seen:
            last["candidates"][0]["content"] = {"parts": [{"text": "Hi"}]}
        return [*events, last]


def question(generator):
    """A request whose options decide how an answer is written."""
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "get_weather")]
    options = {
        "tools": tools, "functions": [tools[0]["function"]], "logprobs": True, "parallel_tool_calls": False,
        "service_tier": "flex", "extra_body": generator.pick((
            {"google": {"thinking_config": {"include_thoughts": True}}},
            {"google": {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "think"}},
            {"google": {"thinking_config": {"include_thoughts": True}}, "pollux": {"thoughts": "reasoning_content"}},
        )),
    }
    return {**PLAIN, **{name: options[name] for name in generator.some(options, 4)}}


def is_whole(data):
    """Whether the events in these bytes finish every index that they begin, or block the prompt."""
    seen, finished, is_blocked = set(), set(), False
    for piece in re.split(rb"\r?\n\r?\n", data):
        with contextlib.suppress(ValueError):
            document = json.loads(piece.removeprefix(b"data: "))
            is_blocked |= "promptFeedback" in document
            for one in document.get("candidates", []):
                seen.add(one.get("index", 0))
                if "finishReason" in one:
                    finished.add(one.get("index", 0))
    return seen == finished if seen else is_blocked


def sends_in_pieces(data, chance, is_closed):
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 1, 5, 30))))
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)]) if end > start]

    def behaviour(exchange):
        exchange.send(stream_head() + b"".join(map(chunk, pieces)))
        exchange.end() if is_closed else exchange.leave(chance.choice(("close", "reset")))

    return behaviour


def answers_of(seed, kind):
    chance = random.Random("%s %d" % (kind, seed))
    generator = Generator("%s %d" % (kind, seed), "vertex")
    return chance, generator, Answers(chance, generator)


PATHS = ("/v1/chat/completions", "/v1beta/openai/chat/completions")


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_becomes_a_completion_or_an_error(steady, steady_gateways, service):
    """Gemini's answers, known or new, whole or not, are read as completions, else told as errors (03, 05)."""
    client, findings = Client(steady_gateways(service)), Findings()
    for seed in seeds(400):
        chance, generator, answers = answers_of(seed, "answer " + service)
        document, body, status, is_good = answers.answer(), question(generator), 200, False
        choice = chance.random()
        if choice < 0.4:
            data, is_good = json.dumps(document).encode(), True
        elif choice < 0.7:
            data = written(misshapen(document, chance), chance).encode(errors="surrogatepass")
        elif choice < 0.8:
            data = flipped(json.dumps(document, ensure_ascii=False).encode(), chance)
        elif choice < 0.9:
            data = json.dumps(document).encode()
            data = data[:chance.randrange(len(data))]
        else:
            status = chance.choice((200, 400, 401, 403, 404, 418, 429, 499, 500, 503, 302))
            data = chance.choice((b"", b"[]", b"{}", b"<html>No</html>", b"{\"error\":[]}", chance.randbytes(50)))
        steady.behaviour = lambda exchange: exchange.respond(status, data)
        with findings.of("seed %d\n%s\n%d %r" % (seed, json.dumps(body), status, data), client):
            response = client.ask(chance.choice(PATHS), json.dumps(body).encode())
            assert_answer_or_error(response, range(400, 600))
            assert response.status == 200 or not is_good, response.body
    steady.behaviour = says("All is well.")
    client.assert_lives()
    findings.tell()


@pytest.mark.parametrize("service", SERVICES)
def test_every_stream_ends_with_all_reasons_or_with_an_error(steady, steady_gateways, service):
    """However a stream is cut, shaped or broken off: `[DONE]` comes when all is there, and only then (STREAM-060,
    STREAM-061)."""
    client, findings = Client(steady_gateways(service)), Findings()
    for seed in seeds(400):
        chance, generator, answers = answers_of(seed, "stream " + service)
        body = {**question(generator), "stream": True}
        if chance.random() < 0.5:
            body["stream_options"] = {"include_usage": chance.random() < 0.5}
        events, choice = answers.events(), chance.random()
        is_misshapen = choice > 0.75
        if is_misshapen:
            events = [misshapen(one, chance) if chance.random() < 0.5 else one for one in events]
        end = chance.choice((b"\r\n\r\n", b"\n\n"))
        data = b"".join(b"data: " + written(one).encode(errors="surrogatepass") + end for one in events)
        is_closed = not 0.4 < choice < 0.6
        if 0.4 < choice < 0.75:
            data = data[:chance.randrange(len(data))]
        if choice > 0.9:
            data = flipped(data, chance) if choice < 0.98 else chance.randbytes(chance.choice((1, 300, 20000)))
        steady.behaviour = sends_in_pieces(data, chance, is_closed)
        if choice < 0.03:  # STREAM-062
            steady.behaviour = responds(200, events)
        case = "seed %d\n%s\n%r, then %s" % (seed, json.dumps(body), data, "the end" if is_closed else "nothing")
        with findings.of(case, client):
            response = client.ask(chance.choice(PATHS), json.dumps(body).encode())
            if response.status == 200:
                is_complete = assert_stream(response.events())
            else:
                is_complete = not assert_error(response.json())
            if not is_misshapen:
                is_all_there = is_closed and is_whole(data)
                assert is_all_there or not is_complete, "a false end: %s" % response.body
                assert is_complete or choice > 0.4, "an error without a reason: %s" % response.body
    steady.behaviour = says("All is well.")
    client.assert_lives()
    findings.tell()


@pytest.mark.parametrize("service", SERVICES)
def test_a_stream_tells_what_the_whole_answer_tells(steady, steady_gateways, service):
    """The same answer of Gemini's, streamed, adds up to the same text, thoughts, calls and reasons (03, 04)."""
    client, findings = Client(steady_gateways(service)), Findings()
    for seed in seeds(200):
        chance, generator, answers = answers_of(seed, "both " + service)
        document, body, path = answers.answer(), question(generator), chance.choice(PATHS)
        with findings.of("seed %d\n%s\n%s" % (seed, json.dumps(body), json.dumps(document)), client):
            steady.behaviour = responds(200, document)
            whole = client.ask(path, json.dumps(body).encode())
            steady.behaviour = streams(document)
            pieces = client.ask(path, json.dumps({**body, "stream": True}).encode())
            assert whole.status == pieces.status == 200, "%s\n%s" % (whole.body, pieces.body)
            assert told_in_pieces(pieces.events()) == told_whole(whole.json())
    findings.tell()


# D. What does not matter


def envelopes(body):
    """The objects of OpenAI's API in a request; not what clients put into them: schemas, arguments, native options."""
    found, left = [], [(body, "")]
    inside = {
        "": "messages tools functions tool_choice function_call response_format stream_options web_search_options audio"
            " prediction extra_body google",
        "messages": "content tool_calls function_call audio images extra_content extra_part",
        "content": "image_url input_audio file video_url extra_content extra_part",
        "tool_calls": "function custom extra_content extra_part", "images": "image_url", "extra_content": "google",
        "extra_part": "google", "tools": "function custom", "custom": "format", "format": "grammar",
        "tool_choice": "function custom allowed_tools", "allowed_tools": "tools", "response_format": "json_schema",
        "audio": "voice", "extra_body": "google pollux",
    }
    while left:
        value, name = left.pop()
        if isinstance(value, list):
            left += [(element, name) for element in value]
        elif isinstance(value, dict) and (name != "tools" or value.get("type") in ("function", "custom")):
            found.append(value)
            left += [(value[inner], inner) for inner in inside.get(name, "").split() if inner in value]
    return found


def with_unknown(body, generator):
    for holder in envelopes(body):
        if generator.has(0.7):
            name = generator.pick(("x_new", "zz", "größe", "0", "", "Model"))
            members = [*holder.items(), (name, generator.value())]
            generator.chance.shuffle(members)
            holder.clear()
            holder.update(members)


def reordered(body, generator):
    for holder in envelopes(body):
        members = list(holder.items())
        generator.chance.shuffle(members)
        holder.clear()
        holder.update(members)


@pytest.mark.parametrize("service", SERVICES)
def test_spelling_order_and_unknown_members_change_nothing(steady, steady_gateways, service):
    """The same request makes the same bytes; members that nobody knows, their order and their spelling do not matter
    (GEN-002, GEN-004)."""
    client, findings = Client(steady_gateways(service)), Findings()

    def upstream_bodies(target, text):
        response, sent = steady.sent_by(lambda: client.ask(target, text))
        assert response.status == 200, response.body
        return sorted(request.body for request in sent)

    for seed in seeds(120):
        case = Generator(seed, service).case()
        generator = Generator("changes %d" % seed, service)
        with findings.of(case, client):
            plain = upstream_bodies(case.target, written(case.body).encode())
            assert upstream_bodies(case.target, written(case.body).encode()) == plain, "not the same bytes again"
            assert upstream_bodies(case.target, case.text) == plain, "another spelling"
            for change in (with_unknown, reordered):
                body = Generator(seed, service).case().body
                change(body, generator)
                text = written(body).encode()
                bodies = [json.loads(sent) for sent in upstream_bodies(case.target, text)]
                assert bodies == [json.loads(sent) for sent in plain], "%s\n%s" % (change.__name__, text.decode())
    findings.tell()
