"""Media that the gateway fetches, and media that models make."""

import base64
import io
import wave

import openai
import pytest

from conftest import KEY, OTHER_KEY, digest
from scenes import FLASH, PNG, user
from upstream import answer_of, candidate, error_of, responds, says, sends, streams

URL_REFUSED = error_of(400, "INVALID_ARGUMENT", "Cannot fetch content from the provided URL. URL_ROBOTED-ROBOTED_DENIED")
SPEECH = "google/gemini-2.5-flash-preview-tts"
PAINTER = "google/gemini-2.5-flash-image"
PCM = bytes(range(64))


def sdk(program, key=KEY, **options):
    return openai.OpenAI(base_url=program.url + "/v1", api_key=key, timeout=10, max_retries=0, **options)


def image(url):
    return {"type": "image_url", "image_url": {"url": url}}


def ask(client, *parts, model=FLASH, **members):
    content = [{"type": "text", "text": "What is this?"}, *parts]
    return client.chat.completions.create(model=model, messages=[user(content)], **members)


def serves(body, content_type="image/png", status=200, headers=()):
    """A web server's answer."""
    return lambda exchange: exchange.respond(status, body, headers=headers, content_type=content_type)


def redirects(location):
    return serves(b"", status=302, headers=[("location", location)])


def inline(mime_type, data):
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(data).decode()}}


def fetched(upstream):
    return [request.target for request in upstream.requests if request.method == "GET"]


def parts_sent(upstream):
    asked = [request for request in upstream.requests if request.method == "POST"]
    return [part for content in asked[-1].json["contents"] for part in content["parts"] if "text" not in part]


@pytest.fixture(scope="module")
def fetching(gateways):
    """A gateway that fetches, also from this machine, and not much."""
    media = {"http": "fetch", "allow_private": True, "max_fetch_bytes": "64KiB"}
    return gateways.start(gateways.managed(), media=media)


@pytest.fixture(scope="module")
def falling_back(gateways):
    """A gateway that forwards addresses and may fetch from this machine."""
    return gateways.start(gateways.managed(), media={"allow_private": True})


@pytest.fixture(scope="module")
def guarded(gateways):
    """A gateway that fetches as it is shipped."""
    return gateways.start(gateways.managed(), media={"http": "fetch"})


# Fetching


@pytest.mark.parametrize("streamed", [True, False])
def test_media_is_fetched_and_sent_inline(fetching, upstream, streamed):
    """In fetch mode the gateway downloads an address and sends its bytes with the server's type (MM-003, MM-040)."""
    upstream.script(serves(PNG, "image/png; charset=binary"), says("A dot."))
    with sdk(fetching) as client:
        answer = ask(client, image(upstream.url + "/dot?size=1#top"), stream=streamed)
        if streamed:
            assert "".join(c.choices[0].delta.content or "" for c in answer if c.choices) == "A dot."
        else:
            assert answer.choices[0].message.content == "A dot."
    assert upstream.requests[0].header("accept") == "*/*"
    assert fetched(upstream) == ["/dot?size=1"]
    assert parts_sent(upstream) == [inline("image/png", PNG)]


def test_plain_http_is_fetched_for_the_developer_api(gateways, upstream):
    """The Developer API does not fetch from `http://`, so the gateway does (MM-003)."""
    program = gateways.start(gateways.developer(), media={"allow_private": True})
    upstream.script(serves(PNG), says("A dot."))
    with sdk(program) as client:
        ask(client, image(upstream.url + "/dot.png"), model="gemini-2.5-flash")
    assert parts_sent(upstream) == [inline("image/png", PNG)]


def test_the_type_of_what_was_fetched(fetching, upstream):
    """A type that says nothing gives way to the extension, and that to the first bytes (MM-040)."""
    cases = [
        ("/a", "image/webp", b"????", "image/webp"),
        ("/b.jpg", "application/octet-stream", b"????", "image/jpeg"),
        ("/c.csv", "text/plain", b"a;b", "text/csv"),
        ("/d", "application/octet-stream", PNG, "image/png"),
        ("/e", "text/plain", b"Hello.", "text/plain"),
    ]
    with sdk(fetching) as client:
        for path, content_type, body, expected in cases:
            upstream.reset()
            upstream.script(serves(body, content_type), says("Seen."))
            ask(client, image(upstream.url + path))
            assert parts_sent(upstream) == [inline(expected, body)]


def test_each_address_is_fetched_once(fetching, upstream):
    """Identical addresses are fetched once for a request, and stand wherever they were named (MM-040)."""
    upstream.script(serves(PNG), says("Dots."))
    url = upstream.url + "/dot.png"
    with sdk(fetching) as client:
        ask(client, image(url), image(url), {"type": "file", "file": {"file_id": url}})
    assert fetched(upstream) == ["/dot.png"]
    assert parts_sent(upstream) == [inline("image/png", PNG)] * 3


@pytest.mark.parametrize("head", [b"HTTP/1.1 000 OK\r\n\r\n", b"HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}"])
def test_statuses_that_are_none(fetching, upstream, head):
    """Whoever owns the address of a picture cannot end the process with his answer (MM-040)."""
    upstream.script(sends(head), serves(PNG), says("A dot."))
    with sdk(fetching) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            ask(client, image(upstream.url + "/dot.png"))
        assert refused.value.code == "invalid_image_url"
        ask(client, image(upstream.url + "/dot.png"))
    assert parts_sent(upstream) == [inline("image/png", PNG)]


def test_too_many_addresses(fetching, upstream):
    """A request may name as many media as a prompt may have pictures, and no more (MM-040)."""
    with sdk(fetching) as client, pytest.raises(openai.BadRequestError) as refused:
        ask(client, *[image("%s/%d.png" % (upstream.url, number)) for number in range(901)])
    assert refused.value.code == "invalid_image_url"
    assert not upstream.requests


def test_media_that_are_too_much_together(gateways, upstream):
    """All media of a request together have a limit, too (MM-040)."""
    media = {"http": "fetch", "allow_private": True, "max_fetch_bytes": "32MiB"}
    program = gateways.start(gateways.managed(), media=media)
    piece = PNG + bytes((30 << 20) - len(PNG))
    upstream.script(*[serves(piece)] * 5)
    with sdk(program) as client, pytest.raises(openai.BadRequestError) as refused:
        ask(client, *[image("%s/%d.png" % (upstream.url, number)) for number in range(5)])
    assert "more than 134217728 bytes" in refused.value.message
    program.stop()


def test_fetches_run_side_by_side(fetching, upstream):
    """Up to eight fetches of a request run at the same time (MM-040)."""
    gate = upstream.gate()

    def waits(exchange):
        if len(fetched(upstream)) >= 8:
            gate.set()
        assert gate.wait(10)
        exchange.respond(200, PNG, content_type="image/png")

    upstream.script(*[waits] * 8, *[serves(PNG)] * 2, says("Dots."))
    with sdk(fetching) as client:
        ask(client, *[image("%s/%d.png" % (upstream.url, number)) for number in range(10)])
    assert sorted(fetched(upstream)) == sorted("/%d.png" % number for number in range(10))
    assert parts_sent(upstream) == [inline("image/png", PNG)] * 10


def test_redirects_are_followed_five_times(fetching, upstream):
    """Five redirects are followed, relative ones too; the sixth is one too many (MM-040)."""
    upstream.script(*[redirects("/next%d" % n) for n in range(4)], redirects(upstream.url + "/last"), serves(PNG), says("."))
    with sdk(fetching) as client:
        ask(client, image(upstream.url + "/first"))
        assert fetched(upstream) == ["/first", "/next0", "/next1", "/next2", "/next3", "/last"]
        upstream.reset()
        upstream.script(*[redirects("/next%d" % n) for n in range(6)])
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, image(upstream.url + "/first"))
    assert caught.value.code == "invalid_image_url"
    assert len(upstream.requests) == 6


@pytest.mark.parametrize(
    "behaviour",
    [
        serves(b"x" * 65537),
        lambda exchange: (
            exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n"),
            exchange.send(b"8000\r\n" + b"x" * 32768 + b"\r\n"), exchange.send(b"8001\r\n" + b"x" * 32769 + b"\r\n0\r\n\r\n"),
        ),
        serves(b"gone", status=404),
        redirects("file:///etc/passwd"),
        redirects("gopher://127.0.0.1/"),
    ],
    ids=["large", "large in chunks", "not found", "to a file", "to another scheme"],
)
def test_what_cannot_be_fetched_is_refused(fetching, upstream, behaviour):
    """Whatever is wrong with an address, the client reads one 400, and the model is not asked (MM-040)."""
    upstream.script(behaviour)
    with sdk(fetching) as client, pytest.raises(openai.BadRequestError) as caught:
        ask(client, image(upstream.url + "/dot.png"))
    assert caught.value.code == "invalid_image_url"
    assert [r.method for r in upstream.requests] == ["GET"]


HIDDEN = [
    "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
]
ELSEWHERE = [
    "http://169.254.169.254/computeMetadata/v1/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://100.64.0.1/", "http://224.0.0.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[ff02::1]/",
    "http://metadata.google.internal@127.0.0.1/", "http://no-such-host.invalid/", "http://",
]


@pytest.mark.parametrize("host", HIDDEN)
def test_this_machine_is_not_fetched_from(guarded, upstream, host):
    """No spelling of a loopback address is reached (MM-040)."""
    with sdk(guarded) as client, pytest.raises(openai.BadRequestError) as caught:
        ask(client, image("http://%s:%d/dot.png" % (host, upstream.port)))
    assert caught.value.code == "invalid_image_url"
    assert upstream.requests == []


@pytest.mark.parametrize("url", ELSEWHERE)
def test_networks_behind_the_gateway_are_not_fetched_from(guarded, upstream, url):
    """Private, shared, link-local and multicast addresses are not reached; the answer tells nothing of the network
    (MM-040)."""
    with sdk(guarded) as client, pytest.raises(openai.BadRequestError) as caught:
        ask(client, image(url))
    assert caught.value.code == "invalid_image_url"
    assert upstream.requests == []


def test_what_google_reads_is_not_fetched(guarded, upstream):
    """YouTube and Cloud Storage are left to Google in fetch mode, too (MM-004, MM-002)."""
    with sdk(guarded) as client:
        ask(client, image("https://youtu.be/9hE5-98ZeCg"), image("gs://bucket/dot.png"))
    assert [part["fileData"]["fileUri"] for part in parts_sent(upstream)] == [
        "https://youtu.be/9hE5-98ZeCg", "gs://bucket/dot.png",
    ]


# Second tries


@pytest.mark.parametrize("streamed", [True, False])
def test_what_google_cannot_fetch_is_fetched_here(falling_back, upstream, streamed):
    """A 400 that names the address is answered with one try in fetch mode (MM-006)."""
    upstream.script(responds(400, URL_REFUSED), serves(PNG), says("A dot."))
    url = upstream.url + "/dot.png"
    with sdk(falling_back) as client:
        answer = ask(client, image(url), stream=streamed)
        if streamed:
            assert "".join(c.choices[0].delta.content or "" for c in answer if c.choices) == "A dot."
        else:
            assert answer.choices[0].message.content == "A dot."
    first, _, _ = upstream.requests
    assert first.json["contents"][0]["parts"][1] == {"fileData": {"fileUri": url, "mimeType": "image/png"}}
    assert [r.method for r in upstream.requests] == ["POST", "GET", "POST"]
    assert parts_sent(upstream) == [inline("image/png", PNG)]


def test_a_refusal_in_other_words_that_names_the_address_is_one(falling_back, upstream):
    """Whatever the words: who names the address could not read what is there (MM-006)."""
    url = upstream.url + "/dot.png"
    words = "Unable to process the image at %s: it took too long." % url
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", words)), serves(PNG), says("A dot."))
    with sdk(falling_back) as client:
        assert ask(client, image(url)).choices[0].message.content == "A dot."
    assert parts_sent(upstream) == [inline("image/png", PNG)]


def test_a_refusal_that_names_another_address_is_told(falling_back, upstream):
    """Google's errors name pages of its documentation (MM-006)."""
    words = "Invalid request. See https://ai.google.dev/gemini-api/docs."
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT", words)))
    with sdk(falling_back) as client, pytest.raises(openai.BadRequestError, match="Invalid request"):
        ask(client, image(upstream.url + "/dot.png"))
    assert len(upstream.requests) == 1


def test_all_calls_of_a_fan_out_get_what_was_fetched(falling_back, upstream):
    """One fetch serves all calls of a fan-out (MM-006, NFAN-001)."""

    def answers(exchange):
        if exchange.request.method == "GET":
            serves(PNG)(exchange)
        elif b"fileData" in exchange.request.body:
            responds(400, URL_REFUSED)(exchange)
        else:
            says("A dot.")(exchange)

    upstream.script(*[answers] * 5)
    with sdk(falling_back) as client:
        made = ask(client, image(upstream.url + "/dot.png"), model="google/gemini-3-flash-preview", n=2)
    assert [choice.message.content for choice in made.choices] == ["A dot.", "A dot."]
    assert fetched(upstream) == ["/dot.png"]


def test_it_is_tried_once_only(falling_back, upstream):
    """When the second try is refused as well the client reads the refusal (MM-006)."""
    upstream.script(responds(400, URL_REFUSED), serves(PNG), responds(400, URL_REFUSED))
    with sdk(falling_back) as client, pytest.raises(openai.BadRequestError):
        ask(client, image(upstream.url + "/dot.png"))
    assert len(upstream.requests) == 3


def test_the_second_try_is_guarded(managed, upstream):
    """The second try reaches no hidden address either (MM-006, MM-040)."""
    upstream.script(responds(400, URL_REFUSED))
    with sdk(managed) as client, pytest.raises(openai.BadRequestError) as caught:
        ask(client, image(upstream.url + "/dot.png"))
    assert caught.value.code == "invalid_image_url"
    assert [r.method for r in upstream.requests] == ["POST"]


def test_the_second_try_can_be_off(gateways, upstream):
    """`media.http_fallback: false` (MM-006)."""
    program = gateways.start(gateways.managed(), media={"http_fallback": False, "allow_private": True})
    upstream.script(responds(400, URL_REFUSED))
    with sdk(program) as client, pytest.raises(openai.BadRequestError, match="Cannot fetch content"):
        ask(client, image(upstream.url + "/dot.png"))
    assert len(upstream.requests) == 1


# Images


def paints(streamed, picture=PNG):
    parts = [{"text": "A dot: "}, inline("image/png", picture)]
    if streamed:
        return streams(*[answer_of(candidate(part, finish=None)) for part in parts], answer_of(candidate()))
    return responds(200, answer_of(candidate(*parts)))


@pytest.mark.parametrize("picture", [PNG, PNG + bytes(100_000)], ids=["small", "large"])
@pytest.mark.parametrize("streamed", [True, False])
def test_an_image_goes_to_the_client_and_back(managed, upstream, streamed, picture):
    """The image stands in `audio` and in `images`; sent back as it is, it is one part before the text (IMG-001, IMG-002,
    IMG-004, IMG-005)."""
    upstream.script(paints(streamed, picture))
    question = user("Paint a dot.")
    with sdk(managed) as client:
        if streamed:
            with client.chat.completions.stream(model=PAINTER, messages=[question]) as stream:
                message = stream.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.create(model=PAINTER, messages=[question]).choices[0].message
        assert message.content == "A dot: " and base64.b64decode(message.audio.data) == picture
        assert message.audio.model_extra["extra_content"] == {"google": {"mime_type": "image/png"}}
        [shown] = message.model_extra["images"]
        assert shown["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(picture).decode()
        kept = message.model_dump(exclude_none=True)
        signed = {**image(shown["image_url"]["url"]), "extra_content": {"google": {"thought_signature": "QUJD"}}}
        for again in (kept, {"role": "assistant", "content": [signed, {"type": "text", "text": "A dot: "}]}):
            client.chat.completions.create(model=PAINTER, messages=[question, again, user("Bigger.")])
    part = inline("image/png", picture)
    for request, expected in zip(upstream.requests[1:], (part, {**part, "thoughtSignature": "QUJD"}), strict=True):
        assert request.json["contents"][1] == {"role": "model", "parts": [expected, {"text": "A dot: "}]}


def test_the_audio_field_can_be_kept_from_images(gateways, upstream):
    """`images.suppress_audio_field` (IMG-006)."""
    program = gateways.start(gateways.managed(), images={"suppress_audio_field": True})
    upstream.script(paints(False))
    with sdk(program) as client:
        message = client.chat.completions.create(model=PAINTER, messages=[user("Paint a dot.")]).choices[0].message
    assert message.audio is None and len(message.model_extra["images"]) == 1


# Speech


@pytest.fixture(scope="module")
def two_keys(gateways):
    keys = [{"name": "a", "sha256": digest(KEY)}, {"name": "b", "sha256": digest(OTHER_KEY)}]
    return gateways.start(gateways.managed(), auth={"keys": keys})


def speaks(streamed):
    pieces = [
        {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": base64.b64encode(piece).decode()}}
        for piece in (PCM[:10], PCM[10:31], PCM[31:])
    ]
    if streamed:
        return streams(*[answer_of(candidate(piece, finish=None)) for piece in pieces], answer_of(candidate()))
    return responds(200, answer_of(candidate(*pieces)))


def speech(client, streamed, kind):
    """The answer's `audio`: id, bytes, time of its end."""
    members = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": kind}}
    answer = client.chat.completions.create(model=SPEECH, messages=[user("Say hello.")], stream=streamed, **members)
    if not streamed:
        audio = answer.choices[0].message.audio
        return audio.id, base64.b64decode(audio.data), audio.expires_at, audio.transcript
    joined = {}
    for chunk in answer:
        for choice in chunk.choices:
            for key, value in (choice.delta.model_extra.get("audio") or {}).items():
                joined[key] = joined[key] + value if key in joined else value
    return joined["id"], base64.b64decode(joined["data"], validate=True), joined["expires_at"], joined["transcript"]


@pytest.mark.parametrize("kind", ["pcm16", "wav"])
@pytest.mark.parametrize("streamed", [True, False])
def test_speech_is_named_by_its_id_later(two_keys, upstream, streamed, kind):
    """Speech comes in the format that was asked for; later its id alone stands for it, for the key that got it and no
    other (AUD-003…006, MSG-017)."""
    upstream.script(speaks(streamed))
    with sdk(two_keys) as mine, sdk(two_keys, OTHER_KEY) as theirs:
        identifier, data, expires, transcript = speech(mine, streamed, kind)
        assert identifier.startswith("audio_") and len(identifier) == 30 and transcript == ""
        if kind == "wav":
            assert data[:4] == b"RIFF" and data[8:16] == b"WAVEfmt " and data[44:] == PCM
            assert int.from_bytes(data[40:44], "little") == (0xFFFFFFFF if streamed else len(PCM))
        else:
            assert data == PCM
        history = [user("Say hello."), {"role": "assistant", "audio": {"id": identifier}}, user("And again.")]
        for client in (mine, theirs, mine):
            client.chat.completions.create(model=FLASH, messages=history)
    own, foreign, again = (request.json["contents"] for request in upstream.requests[1:])
    assert own == again and [content["role"] for content in own] == ["user", "model", "user"]
    [part] = own[1]["parts"]
    assert part["inlineData"]["mimeType"] == "audio/wav"
    with wave.open(io.BytesIO(base64.b64decode(part["inlineData"]["data"]))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24000, 1, 2)
        assert file.readframes(1000) == PCM
    assert [content["role"] for content in foreign] == ["user"]
    assert expires > 0
