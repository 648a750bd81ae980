"""The model list, and single models (EP-006, MOD-006)."""

import asyncio
import json
import urllib.parse

import openai
import pytest

from conftest import DEVELOPER_KEY, KEY, OTHER_KEY, VERTEX_BASE, digest
from test_routes_auth import BEARER, request
from upstream import completion, error_of, responds, says
from wire import eventually

DISCOVER = {"discover": True, "cache_ttl": "1h"}
BASES = ["/v1", "/v1beta/openai", VERTEX_BASE]


def sdk(program, key=KEY, base="/v1", kind=openai.OpenAI):
    return kind(base_url=program.url + base, api_key=key, timeout=10, max_retries=0)


def get(program, target, headers=(BEARER,)):
    return request(program, "GET", target, headers=headers)


def ids(response):
    assert response.status == 200, response.body
    return [model["id"] for model in response.json()["data"]]


def gemini(*names, methods=("generateContent",), **members):
    models = [{"name": "models/" + name, "supportedGenerationMethods": list(methods)} for name in names]
    return {"models": models, **members}


def publisher(*names, **members):
    return {"publisherModels": [{"name": "publishers/google/models/" + name} for name in names], **members}


@pytest.fixture
def started(gateways):
    """Gateways that end with the test."""
    made = []

    def start(backend, *arguments, **members):
        made.append(gateways.start(backend, *arguments, **members))
        return made[-1]

    yield start
    for program in made:
        program.stop()


# Against the emulator


@pytest.mark.parametrize(
    "base, prefix",
    [("/v1", "google/"), ("/v1beta/openai", "models/"), ("/v1/projects/p/locations/global/endpoints/openapi", "google/")],
)
def test_the_sdk_lists_and_retrieves(emulated, base, prefix):
    """`models.list()` and `.retrieve()` on every base; each base lists its own form of names (EP-006, 01 § 1)."""
    with sdk(emulated, "any", base) as client:
        models = list(client.models.list())
        names = [model.id for model in models]
        assert names == sorted(names) and prefix + "gemini-2.5-flash" in names
        assert prefix + "gemini-embedding-001" in names and prefix + "text-embedding-005" in names
        assert all(m.object == "model" and m.owned_by == "google" and m.created == 0 for m in models)
        assert not any("tts" in name for name in names)
        for model in models:
            assert client.models.retrieve(model.id) == model
        with pytest.raises(openai.NotFoundError) as caught:
            client.models.retrieve("gemini-0-nowhere")
        assert caught.value.code == "model_not_found"


def test_the_asynchronous_sdk(emulated):
    """The same asynchronously (EP-006)."""

    async def scene():
        async with sdk(emulated, "any", kind=openai.AsyncOpenAI) as client:
            names = [model.id async for model in client.models.list()]
            models = await asyncio.gather(*(client.models.retrieve(name) for name in names))
            assert [model.id for model in models] == names and len(names) > 10

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_every_listed_model_answers(emulated):
    """What is listed can be asked: chat models chat, embedding models embed (MOD-006)."""
    with sdk(emulated, "any") as client:
        for model in client.models.list():
            if "embedding" in model.id:
                assert client.embeddings.create(model=model.id, input="Hi").data
            else:
                assert client.chat.completions.create(model=model.id, messages=[{"role": "user", "content": "Hi"}])


# What is configured


CONFIGURED = {
    "list": ["gemini-2.5-pro", "google/gemini-2.5-flash", "models/gemini-2.5-pro", "meta/llama-4"],
    "aliases": {
        "fast": {"backend": "vertex", "model": "gemini-2.5-flash-lite"},
        "house": {"backend": "own", "model": "Llama-3"},
    },
}


@pytest.fixture
def configured(gateways, started):
    own = {"name": "own", "kind": "openai", "base_url": gateways.upstream.url + "/v1"}
    backends = [gateways.managed(), own]
    keys = [
        {"name": "all", "sha256": digest(KEY)},
        {"name": "some", "sha256": digest(OTHER_KEY), "models": ["google/gemini-2.5-flash*"], "projects": ["test-project"]},
    ]
    path = gateways.write(
        {"listen": {"port": 0}, "auth": {"mode": "gateway", "keys": keys}, "backends": backends, "models": CONFIGURED}
    )
    program = gateways.launch("serve", "--config", str(path)).started()
    yield program
    program.stop()


def test_aliases_and_the_configured_list(configured, upstream):
    """Aliases under their own names, then the list in the base's form; sorted, each once; nobody is asked (MOD-006)."""
    assert get(configured, "/v1/models").json() == {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": 0, "owned_by": owner}
            for name, owner in [
                ("fast", "google"), ("google/gemini-2.5-flash", "google"), ("google/gemini-2.5-pro", "google"),
                ("house", "self-deployed"), ("meta/llama-4", "meta"),
            ]
        ],
    }
    studio = ["fast", "house", "meta/llama-4", "models/gemini-2.5-flash", "models/gemini-2.5-pro"]
    assert ids(get(configured, "/v1beta/openai/models")) == studio
    assert len(ids(get(configured, VERTEX_BASE + "/models/"))) == 5
    assert upstream.requests == []


@pytest.mark.parametrize(
    "name",
    ["gemini-2.5-pro", "google/gemini-2.5-pro", "models/gemini-2.5-pro", "publishers/google/models/gemini-2.5-pro",
     "projects/p/locations/l/publishers/google/models/gemini-2.5-pro"],
)
@pytest.mark.parametrize("base", BASES)
def test_one_model_under_any_of_its_names(configured, base, name):
    """Every spelling, with slashes as they are or escaped, finds the model that the base lists (MOD-006, MOD-001)."""
    listed = ("models/" if "openai" in base.split("/") else "google/") + "gemini-2.5-pro"
    for written in (name, urllib.parse.quote(name, safe="")):
        assert get(configured, base + "/models/" + written).json()["id"] == listed
    assert get(configured, base + "/models/fast").json() == {
        "id": "fast", "object": "model", "created": 0, "owned_by": "google",
    }
    assert get(configured, base + "/models/meta%2Fllama-4").json()["owned_by"] == "meta"


@pytest.mark.parametrize("name", ["gemini-9", "google/fast", "Fast", "..%2Fx", "http:%2F%2Fx", "gemini-2.5-flash-lite"])
def test_a_model_that_is_not_listed(configured, name):
    """404 `model_not_found`; what an alias stands for is not found by it (MOD-006, MOD-002)."""
    response = get(configured, "/v1/models/" + name)
    assert (response.status, response.error()["code"]) == (404, "model_not_found")


def test_a_key_sees_its_models(configured):
    """A key with models of its own sees these only, in its projects only (AUTH-005)."""
    other = [("authorization", "Bearer " + OTHER_KEY)]
    assert ids(get(configured, "/v1/models", other)) == ["fast", "google/gemini-2.5-flash"]
    assert get(configured, "/v1/models/gemini-2.5-pro", other).status == 404
    elsewhere = "/v1/projects/elsewhere/locations/global/endpoints/openapi/models"
    assert get(configured, elsewhere, other).error()["code"] == "project_not_allowed"
    assert get(configured, elsewhere).status == 200


def test_a_key_may_name_aliases(gateways, upstream):
    """A key that is allowed an alias may use it, whoever serves it, and sees it in the list (AUTH-005, MOD-006)."""
    own = {"name": "own", "kind": "openai", "base_url": gateways.upstream.url + "/v1"}
    path = gateways.write(
        {
            "listen": {"port": 0}, "backends": [gateways.managed(), own], "models": CONFIGURED,
            "auth": {"mode": "gateway", "keys": [{"name": "narrow", "sha256": digest(KEY), "models": ["fast", "house"]}]},
        }
    )
    program = gateways.launch("serve", "--config", str(path)).started()
    assert ids(get(program, "/v1/models")) == ["fast", "house"]
    assert get(program, "/v1/models/house").status == 200
    upstream.script(says("Hello."), responds(200, completion()))
    for model, status in [("fast", 200), ("house", 200), ("gemini-2.5-flash-lite", 404), ("Llama-3", 404)]:
        chat = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
        assert request(program, "POST", "/v1/chat/completions", chat).status == status, model
    program.stop()


def test_who_may_ask(configured):
    """A list is for clients that are known, and to be read only (AUTH-006, EP-011)."""
    assert get(configured, "/v1/models", ()).status == 401
    for target in ("/v1/models", "/v1/models/fast"):
        response = request(configured, "POST", target, {})
        assert response.status == 405 and response.header("allow") == "GET"
    head = request(configured, "HEAD", "/v1/models")
    assert head.status == 200 and head.body == b""


def test_the_list_is_canonical(configured):
    """Compact, its members sorted (GEN-004)."""
    for target in ("/v1/models", "/v1/models/fast"):
        text = get(configured, target).body.decode()
        assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_nothing_is_configured(managed, upstream):
    """Without aliases, list and discovery the list is empty, and nobody is asked (MOD-006)."""
    assert get(managed, "/v1/models").json() == {"object": "list", "data": []}
    assert upstream.requests == []


# What the upstream lists


def test_vertex_is_asked(gateways, started, upstream):
    """The publisher's list, page by page, for the path's project, once for the time to live (MOD-006, 10 § 7)."""
    program = started(gateways.managed(), models=DISCOVER)
    upstream.script(
        responds(200, publisher("gemini-2.5-flash", "gemini-2.5-flash-tts", "imagen-4", nextPageToken="a/b c")),
        responds(200, publisher("text-embedding-005", "gemini-2.5-flash")),
    )
    expected = ["google/gemini-2.5-flash", "google/text-embedding-005"]
    assert ids(get(program, "/v1/models")) == expected
    assert [(r.method, r.target, r.body) for r in upstream.requests] == [
        ("GET", "/v1beta1/publishers/google/models?pageSize=100", b""),
        ("GET", "/v1beta1/publishers/google/models?pageSize=100&pageToken=a%2Fb%20c", b""),
    ]
    assert all(r.header("x-goog-user-project") == "test-project" for r in upstream.requests)
    assert all(r.header("authorization").startswith("Bearer token-") for r in upstream.requests)
    assert ids(get(program, "/v1/models")) == expected
    assert get(program, "/v1/models/gemini-2.5-flash").status == 200
    assert len(upstream.requests) == 2


def test_the_developer_api_is_asked(gateways, started, upstream):
    """Its models say what they can do, and its key is in a header (MOD-006, 10 § 7, CRED-007)."""
    program = started(gateways.developer(), models={**DISCOVER, "list": ["gemini-own"]})
    embedding = gemini("gemini-embedding-001", methods=["embedContent"])["models"]
    other = gemini("imagen-4", methods=["predict"])["models"]
    upstream.script(responds(200, {"models": gemini("gemini-2.5-flash")["models"] + embedding + other}))
    assert ids(get(program, "/v1/models")) == [
        "google/gemini-2.5-flash", "google/gemini-embedding-001", "google/gemini-own",
    ]
    sent = upstream.only_request()
    assert (sent.method, sent.target) == ("GET", "/v1beta/models?pageSize=1000")
    assert sent.header("x-goog-api-key") == DEVELOPER_KEY and sent.header("x-goog-user-project") is None


def test_a_list_without_end(gateways, started, upstream):
    """An upstream that always has one more page is read for so long only (MOD-006)."""
    program = started(gateways.developer(), models=DISCOVER)
    upstream.script(*[responds(200, gemini("gemini-%d" % i, nextPageToken="t")) for i in range(40)])
    assert len(ids(get(program, "/v1/models"))) == 20
    assert len(upstream.requests) == 20


def test_an_old_list_is_better_than_none(gateways, started, upstream):
    """After the time to live the upstream is asked again; when it fails, the old list is served (MOD-006)."""
    program = started(gateways.developer(), models={"discover": True, "cache_ttl": "1s"}, upstream={"max_retries": 0})
    first, second = gemini("gemini-a"), gemini("gemini-b")
    failures = [
        responds(503, error_of(503, "UNAVAILABLE", "No.")), responds(200, [1]), responds(200, {"models": 7}),
        responds(403, error_of(403, "PERMISSION_DENIED", "No.")),
    ]
    upstream.script(responds(200, first))
    assert ids(get(program, "/v1/models")) == ["google/gemini-a"]

    def old_list_after(count):
        return ids(get(program, "/v1/models")) == ["google/gemini-a"] and len(upstream.requests) >= count

    for count, failure in enumerate(failures, 2):
        upstream.script(failure)
        assert eventually(lambda: old_list_after(count), 10)
    upstream.script(responds(200, second))
    assert eventually(lambda: ids(get(program, "/v1/models")) == ["google/gemini-b"], 10)


def test_no_list_is_an_error(gateways, started, upstream):
    """Without an old list the upstream's failure is told, after a second try (MOD-006, ERR-013, ERR-051)."""
    program = started(gateways.developer(), models=DISCOVER)
    upstream.script(responds(403, error_of(403, "PERMISSION_DENIED", "No.")))
    response = get(program, "/v1/models")
    assert (response.status, response.error()["code"]) == (403, "permission_denied")
    upstream.script(responds(503, error_of(503, "UNAVAILABLE", "No.", retry="0.01s")), responds(200, gemini("gemini-a")))
    assert ids(get(program, "/v1/models")) == ["google/gemini-a"]
    assert len(upstream.requests) == 3


def test_tenants_do_not_share_a_list(gateways, started, upstream):
    """A credential may decide what is listed: each client of the Developer API has a list of its own (MOD-006)."""
    program = started(gateways.developer(), "passthrough", models=DISCOVER)
    upstream.script(responds(200, gemini("gemini-a")), responds(200, gemini("gemini-b")))
    for key, name in (("one", "gemini-a"), ("two", "gemini-b"), ("one", "gemini-a")):
        assert ids(get(program, "/v1/models", [("authorization", "Bearer " + key)])) == ["google/" + name]
    assert [r.header("x-goog-api-key") for r in upstream.requests] == ["one", "two"]


def test_a_client_of_vertex_pays_for_its_list(gateways, started, upstream):
    """A client's own token and project go to Google; a project it names itself wins (MOD-006, AUTH-007)."""
    program = started(gateways.vertex(), "passthrough", models=DISCOVER)
    upstream.script(responds(200, publisher("gemini-a")), responds(200, publisher("gemini-b")))
    own = ("authorization", "Bearer ya29.own")
    target = "/v1/projects/%s/locations/global/endpoints/openapi/models"
    assert ids(get(program, target % "one", [own])) == ["google/gemini-a"]
    assert ids(get(program, target % "two", [own, ("x-goog-user-project", "payer")])) == ["google/gemini-b"]
    assert [r.header("x-goog-user-project") for r in upstream.requests] == ["one", "payer"]
    assert all(r.header("authorization") == "Bearer ya29.own" for r in upstream.requests)
