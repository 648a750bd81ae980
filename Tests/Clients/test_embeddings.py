"""Embeddings: the `openai` SDK and the wire, against the emulator and the scripted upstream."""

import array
import asyncio
import base64
import json
import math
import sys
import threading

import openai
import pytest

from conftest import DEVELOPER_KEY, KEY, VERTEX_BASE, digest
from test_routes_auth import BEARER, post, request
from upstream import PATIENCE, UNAVAILABLE, Moment, error_of, responds
from wire import Connection

FIRST = "google/gemini-embedding-001"
NEWER = "google/gemini-embedding-2"
TEXT = "google/text-embedding-005"
VERTEX_MODEL = "/v1/projects/test-project/locations/us-central1/publishers/google/models/"


def sdk(program, key=KEY, base="/v1", kind=openai.OpenAI, **options):
    options.setdefault("max_retries", 0)
    return kind(base_url=program.url + base, api_key=key, timeout=20, **options)


def vector_of(text):
    """What the scripted upstream gives for a text: numbers that tell it, and that 32 bits hold."""
    return [float(len(text)), float(sum(text.encode()) % 4096), 0.5, -0.25]


def embeds(exchange):
    """Answers any of the three methods, as the real services do."""
    request = exchange.request
    method, document = request.target.rpartition(":")[2], request.json
    if method == "predict":
        answer = {
            "predictions": [
                {"embeddings": {"values": vector_of(i["content"]), "statistics": {"token_count": 3, "truncated": False}}}
                for i in document["instances"]
            ]
        }
    elif method == "batchEmbedContents":
        texts = [r["content"]["parts"][0]["text"] for r in document["requests"]]
        answer = {"embeddings": [{"values": vector_of(t)} for t in texts]}
    else:
        text = document["content"]["parts"][0]["text"]
        answer = {"embedding": {"values": vector_of(text)}, "usageMetadata": {"promptTokenCount": 2, "totalTokenCount": 2}}
    exchange.respond(200, json.dumps(answer, indent=2).encode())


def length(vector):
    return math.sqrt(sum(x * x for x in vector))


def nearness(first, second):
    return sum(x * y for x, y in zip(first, second))


@pytest.fixture
def client(emulated):
    with sdk(emulated, key="any") as made:
        yield made


@pytest.fixture
def scripted(managed):
    with sdk(managed) as made:
        yield made


# Against the emulator


@pytest.mark.parametrize("model, size", [(FIRST, 3072), (NEWER, 3072), (TEXT, 768), ("text-multilingual-embedding-002", 768)])
def test_a_text_is_embedded(client, model, size):
    """One string gives one vector, with its model and its usage (EP-007, EMB-001, EMB-004, EMB-005, EMB-007)."""
    answer = client.embeddings.create(model=model, input="The quick brown fox")
    assert (answer.object, answer.model) == ("list", model)
    [embedding] = answer.data
    assert (embedding.object, embedding.index) == ("embedding", 0)
    assert len(embedding.embedding) == size and length(embedding.embedding) == pytest.approx(1, abs=1e-4)
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == 5


@pytest.mark.parametrize("model", [FIRST, NEWER, TEXT])
def test_what_is_not_asked_for_is_what_is_asked_for(client, model):
    """The SDK's default, which is base64, and both formats by name give the same vector (EMB-006)."""
    default, text, packed = (
        client.embeddings.create(model=model, input=["Hello"], **members).data[0].embedding
        for members in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"})
    )
    assert isinstance(default, list) and isinstance(text, list) and isinstance(packed, str)
    numbers = array.array("f", base64.b64decode(packed))
    if sys.byteorder == "big":
        numbers.byteswap()
    assert list(default) == list(numbers)
    assert array.array("f", text) == numbers


def test_texts_that_share_words_are_near(client):
    """Several texts keep their order; the emulator's vectors depend on the words (EMB-001, EMB-004)."""
    texts = ["A cat sat on the mat", "The cat on a mat sat", "Quarterly revenue grew"]
    vectors = [d.embedding for d in client.embeddings.create(model=NEWER, input=texts).data]
    assert nearness(vectors[0], vectors[1]) > 0.9 > 0.3 > abs(nearness(vectors[0], vectors[2]))
    assert [client.embeddings.create(model=NEWER, input=t).data[0].embedding for t in texts] == vectors


@pytest.mark.parametrize("model", [FIRST, NEWER, TEXT])
def test_dimensions(client, model):
    """`dimensions` cuts the vector; more than the model has is the upstream's 400 (EMB-002)."""
    answer = client.embeddings.create(model=model, input="Hello", dimensions=256)
    assert len(answer.data[0].embedding) == 256
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=model, input="Hello", dimensions=4096)
    assert caught.value.code == "invalid_argument" and "outputDimensionality" in caught.value.message


def test_the_task_shapes_the_vector(client):
    """`task_type` reaches the model (EMB-002)."""
    vectors = [
        client.embeddings.create(
            model=NEWER, input="Hello", extra_body={"google": {"task_type": task}}
        ).data[0].embedding
        for task in ("RETRIEVAL_QUERY", "retrieval_query", "CLUSTERING")
    ]
    assert vectors[0] == vectors[1] != vectors[2]
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model=NEWER, input="Hello", extra_body={"google": {"task_type": "DANCE"}})


@pytest.mark.parametrize("model", [FIRST, NEWER])
def test_a_text_that_must_not_be_cut(client, model):
    """`auto_truncate: false` refuses what would be cut, and the error is about the input (EMB-002, ERR-030)."""
    text = "word " * 9000
    assert client.embeddings.create(model=model, input=text).usage.prompt_tokens in (2048, 8192)
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=model, input=text, extra_body={"google": {"auto_truncate": False}})
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "input")


@pytest.mark.parametrize("base", ["/v1", "/v1beta/openai", "/v1/projects/p/locations/global/endpoints/openapi"])
def test_every_base_embeds(emulated, base):
    """Embeddings are served on every base (EP-007)."""
    with sdk(emulated, "any", base) as client:
        assert len(client.embeddings.create(model="gemini-embedding-001", input="Hello").data[0].embedding) == 3072


def test_a_chat_model_does_not_embed(client):
    """The upstream's 404 is a 404 here (ERR-014, ERR-031)."""
    with pytest.raises(openai.NotFoundError) as caught:
        client.embeddings.create(model="google/gemini-2.5-flash", input="Hello")
    assert caught.value.code == "model_not_found"


def test_the_asynchronous_sdk(emulated):
    """Many requests at once, with and without a format (EMB-004, EMB-006)."""

    async def scene():
        async with sdk(emulated, "any", kind=openai.AsyncOpenAI) as client:
            answers = await asyncio.gather(
                *(client.embeddings.create(model=NEWER, input=["a %d" % i, "b %d" % i]) for i in range(8)),
                *(
                    client.embeddings.create(model=TEXT, input="c %d" % i, encoding_format="float")
                    for i in range(8)
                ),
            )
            assert [len(a.data) for a in answers] == [2] * 8 + [1] * 8
            assert all(len(d.embedding) == (3072 if len(a.data) == 2 else 768) for a in answers for d in a.data)

    asyncio.run(asyncio.wait_for(scene(), 60))


# Against the scripted upstream


def test_the_developer_api_gets_one_batch(developer, upstream):
    """All texts travel in one call, in order, and the key is Google's (EMB-003, EMB-007, AUTH-002)."""
    upstream.script(embeds)
    with sdk(developer) as client:
        answer = client.embeddings.create(
            model=FIRST, input=["one", "three"], dimensions=768, user="u",
            extra_body={"google": {"task_type": "RETRIEVAL_DOCUMENT", "title": "T"}},
        )
    assert [d.embedding for d in answer.data] == [vector_of("one"), vector_of("three")]
    assert answer.usage.prompt_tokens == 0
    sent = upstream.only_request()
    assert (sent.method, sent.target) == ("POST", "/v1beta/models/gemini-embedding-001:batchEmbedContents")
    assert sent.header("x-goog-api-key") == DEVELOPER_KEY and sent.header("authorization") is None
    assert sent.json == {
        "requests": [
            {
                "model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]},
                "outputDimensionality": 768, "taskType": "RETRIEVAL_DOCUMENT", "title": "T",
            }
            for text in ("one", "three")
        ]
    }


def test_the_developer_api_takes_a_hundred_at_once(developer, upstream):
    """More texts than one batch may hold are several batches (EMB-003)."""
    upstream.script(*[embeds] * 3)
    texts = ["text %d" % i for i in range(230)]
    with sdk(developer) as client:
        answer = client.embeddings.create(model=FIRST, input=texts)
    assert [d.embedding for d in answer.data] == [vector_of(t) for t in texts]
    assert [d.index for d in answer.data] == list(range(230))
    assert sorted(len(r.json["requests"]) for r in upstream.requests) == [30, 100, 100]


def test_vertex_predicts_with_older_models(scripted, upstream):
    """The text models take many instances, and their counts are added (EMB-005, EMB-007)."""
    upstream.script(embeds)
    answer = scripted.embeddings.create(model=TEXT, input=["one", "three"], dimensions=256)
    assert [d.embedding for d in answer.data] == [vector_of("one"), vector_of("three")]
    assert answer.usage.prompt_tokens == 6
    sent = upstream.only_request()
    assert sent.target == VERTEX_MODEL + "text-embedding-005:predict"
    assert sent.header("authorization").startswith("Bearer token-")
    assert sent.json == {
        "instances": [{"content": "one"}, {"content": "three"}],
        "parameters": {"outputDimensionality": 256, "autoTruncate": True},
    }


def test_vertex_predicts_one_instance_of_the_first_model(scripted, upstream):
    """`gemini-embedding-001` takes one instance per call (EMB-005)."""
    upstream.script(*[embeds] * 3)
    answer = scripted.embeddings.create(model=FIRST, input=["a", "bb", "ccc"])
    assert [d.embedding for d in answer.data] == [vector_of(t) for t in ("a", "bb", "ccc")]
    assert answer.usage.total_tokens == 9
    assert [len(r.json["instances"]) for r in upstream.requests] == [1, 1, 1]


def test_at_most_eight_calls_run_at_once(scripted, upstream):
    """Newer models embed one content a call, eight at a time; order is kept (EMB-004)."""
    gate, running, most, lock = upstream.gate(), [0], [0], threading.Lock()

    def waits(exchange):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(PATIENCE)
        with lock:
            running[0] -= 1
        embeds(exchange)

    upstream.script(*[waits] * 30)
    texts = ["text %d" % i for i in range(30)]
    answers = []
    asking = threading.Thread(target=lambda: answers.append(scripted.embeddings.create(model=NEWER, input=texts)))
    asking.start()
    upstream.wait_for_requests(8)
    assert len(upstream.requests) == 8
    gate.set()
    asking.join(PATIENCE)
    assert [d.embedding for d in answers[0].data] == [vector_of(t) for t in texts]
    assert answers[0].usage.prompt_tokens == 60 and most[0] <= 8
    assert len(upstream.requests) == 30 and upstream.requests[0].target == VERTEX_MODEL + "gemini-embedding-2:embedContent"


def test_as_many_texts_as_there_may_be(scripted, upstream):
    """2048 texts are embedded, and one more is a 400 (EMB-001)."""
    upstream.script(*[embeds] * 9)
    texts = [str(i) for i in range(2048)]
    answer = scripted.embeddings.create(model=TEXT, input=texts)
    assert [d.embedding for d in answer.data] == [vector_of(t) for t in texts]
    assert len(upstream.requests) == 9
    with pytest.raises(openai.BadRequestError) as caught:
        scripted.embeddings.create(model=TEXT, input=texts + ["x"])
    assert caught.value.code == "array_above_max_length" and len(upstream.requests) == 9


@pytest.mark.parametrize(
    "members, code, param",
    [
        ({"input": [1, 2, 3]}, "invalid_type", "input"),
        ({"input": [[1, 2], [3]]}, "invalid_type", "input"),
        ({"input": ""}, "empty_string", "input"),
        ({"input": ["a", ""]}, "empty_string", "input[1]"),
        ({"input": []}, "empty_array", "input"),
        ({}, "missing_required_parameter", "input"),
        ({"input": "a", "dimensions": 0}, "integer_below_min_value", "dimensions"),
        ({"input": "a", "encoding_format": "int8"}, "invalid_value", "encoding_format"),
        ({"input": "a", "model": None}, "missing_required_parameter", "model"),
        ({"input": "a", "model": "../x"}, None, None),
    ],
)
def test_bad_requests_are_named(managed, upstream, members, code, param):
    """Nothing is sent, and the error names the field (EMB-001, EMB-002, EMB-006, MOD-002, MOD-003)."""
    response = post(managed, "/v1/embeddings", {"model": FIRST, **members})
    error = response.error()
    if code:
        assert (response.status, error["code"], error["param"]) == (400, code, param)
    else:
        assert (response.status, error["code"]) == (404, "model_not_found")
    assert upstream.requests == []


def test_tokens_are_refused_with_the_way_out(scripted):
    """LangChain sends token arrays unless it is told otherwise; the error says how (EMB-001)."""
    with pytest.raises(openai.BadRequestError) as caught:
        scripted.embeddings.create(model=FIRST, input=[[1, 2]])
    assert "check_embedding_ctx_length=False" in caught.value.message


def test_a_body_that_is_no_object(managed, upstream):
    """Not JSON, and no object, as for chat (05 § 2)."""
    assert post(managed, "/v1/embeddings", b"{").error()["code"] is None
    assert post(managed, "/v1/embeddings", []).error()["code"] == "invalid_type"


# Second tries, errors, limits


def test_one_call_is_tried_again(managed, upstream):
    """A 503 of one call is tried again; the others' vectors are kept (ERR-050, ERR-051, EMB-004)."""
    upstream.script(embeds, responds(503, UNAVAILABLE), embeds, embeds)
    response = post(managed, "/v1/embeddings", {"model": NEWER, "input": ["a", "bb", "ccc"]})
    assert [d["embedding"] for d in response.json()["data"]] == [vector_of(t) for t in ("a", "bb", "ccc")]
    assert len(upstream.requests) == 4
    entry = managed.access_entry(response.header("x-request-id"))
    assert entry["retries"] == 1 and entry["prompt_tokens"] == 6 and entry["stream"] is False
    assert (entry["model"], entry["backend"], entry["path"]) == ("gemini-embedding-2", "vertex", "/v1/embeddings")


def test_a_call_that_fails_for_good_ends_the_request(scripted, upstream):
    """A vector that is missing is an error, never a shorter list (ERR-018, EMB-007)."""
    limit = responds(429, error_of(429, "RESOURCE_EXHAUSTED", "Slow down.", retry="7s"))

    def refuses(exchange):
        upstream.wait_for_requests(3)
        limit(exchange)

    upstream.script(embeds, refuses, embeds)
    with pytest.raises(openai.RateLimitError) as caught:
        scripted.embeddings.create(model=NEWER, input=["a", "bb", "ccc"])
    assert caught.value.response.headers["retry-after"] == "7" and caught.value.code == "rate_limit_exceeded"


def test_an_expired_token_is_fetched_anew_once(gateways, upstream):
    """A 401 of one call throws the token away; vectors that came are kept (CRED-008)."""
    program = gateways.start(gateways.managed())
    expired = responds(401, error_of(401, "UNAUTHENTICATED", "Expired."))
    upstream.script(expired, embeds)
    with sdk(program) as client:
        answer = client.embeddings.create(model=NEWER, input=["a"])
        assert answer.data[0].embedding == vector_of("a") and len(upstream.requests) == 2
        tokens = [r.header("authorization") for r in upstream.requests]
        assert tokens[0] != tokens[1]

        def expires(exchange):
            upstream.wait_for_requests(5)
            expired(exchange)

        upstream.script(embeds, embeds, expires, *[embeds] * 3)
        answer = client.embeddings.create(model=NEWER, input=["a", "bb", "ccc"])
        assert [d.embedding for d in answer.data] == [vector_of(t) for t in ("a", "bb", "ccc")]
        assert 6 <= len(upstream.requests) <= 8
    program.stop()


@pytest.mark.parametrize(
    "answer",
    [
        {"embeddings": [{"values": [1]}]}, {"embeddings": [{"values": [1]}, {"values": []}]},
        {"embeddings": [{"values": [1]}, {"values": ["NaN"]}]}, {"embeddings": [{"values": [1]}] * 3}, {}, [], 7,
    ],
)
def test_an_answer_that_is_none(developer, upstream, answer):
    """Fewer or more vectors than texts, and vectors of no numbers, are 502 (EMB-003, EMB-007)."""
    upstream.script(responds(200, answer))
    response = post(developer, "/v1/embeddings", {"model": FIRST, "input": ["a", "b"]})
    assert (response.status, response.error()["code"]) == (502, "upstream_invalid_response")
    assert len(upstream.requests) == 1


def test_an_error_with_status_200(developer, upstream):
    """An error in the body is one, whatever the status says (ERR-004)."""
    upstream.script(responds(200, error_of(400, "INVALID_ARGUMENT", "No.")))
    response = post(developer, "/v1/embeddings", {"model": FIRST, "input": "a"})
    assert (response.status, response.error()["code"]) == (400, "invalid_argument")


def test_silence_ends_with_504(hasty, upstream):
    """The upstream has `upstream.timeout` for all calls together (ERR-026)."""
    gate = upstream.gate()
    upstream.script(*[lambda exchange: gate.wait(PATIENCE)] * 2)
    response = post(hasty, "/v1/embeddings", {"model": NEWER, "input": ["a", "b"]}, ())
    assert (response.status, response.error()["code"]) == (504, "upstream_timeout")


def test_a_client_that_leaves_ends_the_calls(managed, upstream):
    """The upstream calls are cancelled, and no further one is made (STREAM-009)."""
    gone = Moment()
    upstream.script(*[lambda exchange: exchange.see_leaving(gone)] * 8)
    with Connection(managed.port) as connection:
        body = json.dumps({"model": NEWER, "input": [str(i) for i in range(20)]}).encode()
        connection.send(
            b"POST /v1/embeddings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\ncontent-length: %d\r\n\r\n"
            % (KEY.encode(), len(body)) + body
        )
        upstream.wait_for_requests(8)
    gone.wait()
    assert len(upstream.requests) == 8


def test_credentials_are_those_of_chat(passthrough, developer_passthrough, upstream):
    """A missing key is 401; a client's own goes to Google (AUTH-001, AUTH-006, EP-001)."""
    target = "/v1/projects/p/locations/europe-west4/endpoints/openapi/embeddings"
    asked = {"model": TEXT, "input": "a"}
    assert post(passthrough, target, asked, ()).status == 401 and upstream.requests == []
    upstream.script(embeds, embeds)
    assert post(passthrough, target, asked, [("authorization", "Bearer ya29.own")]).status == 200
    sent = upstream.only_request()
    assert sent.header("authorization") == "Bearer ya29.own"
    assert sent.target == "/v1/projects/p/locations/europe-west4/publishers/google/models/text-embedding-005:predict"
    assert post(developer_passthrough, "/v1/embeddings", asked, [("authorization", "Bearer own-key")]).status == 200
    assert upstream.requests[1].header("x-goog-api-key") == "own-key"


def test_a_key_has_its_models_and_its_rate(gateways, upstream):
    """A key's models and its requests per minute count here too (AUTH-005)."""
    keys = [{"name": "k", "sha256": digest(KEY), "models": ["google/text-*"], "rpm": 2}]
    program = gateways.start(gateways.managed(), auth={"keys": keys})
    upstream.script(embeds)
    assert post(program, "/v1/embeddings", {"model": TEXT, "input": "a"}).status == 200
    assert post(program, "/v1/embeddings", {"model": FIRST, "input": "a"}).error()["code"] == "model_not_found"
    assert post(program, "/v1/embeddings", {"model": TEXT, "input": "a"}).status == 429
    program.stop()


def test_an_alias_leads_to_its_model(gateways, upstream):
    """Aliases win, and the answer names what was asked for (MOD-001, MOD-004)."""
    aliases = {"small": {"backend": "vertex", "model": "text-embedding-005"}}
    program = gateways.start(gateways.managed(), models={"aliases": aliases})
    upstream.script(embeds)
    assert post(program, "/v1/embeddings", {"model": "small", "input": "a"}).json()["model"] == "small"
    assert upstream.only_request().target.endswith("/text-embedding-005:predict")
    program.stop()


def test_what_became_of_the_fields(developer, upstream):
    """Notes tell what has no effect, and a strict request is refused instead (REQ-026, EMB-002)."""
    upstream.script(embeds)
    asked = {"model": FIRST, "input": "a", "user": "u", "google": {"auto_truncate": True}}
    response = post(developer, "/v1/embeddings", asked, [BEARER, ("x-pollux-explain", "1")])
    notes = json.loads(response.header("x-pollux-notes"))
    assert {note["path"] for note in notes} == {"user", "extra_body.google.auto_truncate"}
    strict = post(developer, "/v1/embeddings", {**asked, "pollux": {"strict": True}})
    assert (strict.status, strict.error()["code"]) == (400, "strict_translation")


def test_only_post_embeds(managed):
    """Another method is 405 with `Allow` (EP-011)."""
    for base in ("/v1", "/v1beta/openai", VERTEX_BASE):
        response = request(managed, "GET", base + "/embeddings")
        assert response.status == 405 and response.header("allow") == "POST"
