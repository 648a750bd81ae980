"""Models behind vLLM, TGI and other servers that speak Chat Completions themselves: bytes pass through."""

import json
import threading
import time

import openai
import pytest

from conftest import KEY, LOCATION, PROJECT, digest
from outcomes import offers
from scenes import WEATHER, user
from upstream import (
    DONE, Moment, chunk, completion, container_chunk, container_event, relays, responds, says, sends, tgi_events,
    vllm_events,
)
from wire import Connection, message

CONTAINER_KEY = "sk-container-0001"
AUTHORIZED = ("authorization", "Bearer " + KEY)
CHAT = "/v1/chat/completions"
ENDPOINT = "/v1/projects/%s/locations/%s/endpoints/%%s/chat/completions" % (PROJECT, LOCATION)


# Gateways


def server(gateways, **members):
    """A server of one's own (SELF-003)."""
    return {
        "name": "container", "kind": "openai", "base_url": gateways.upstream.url + "/v1", "api_key": "env:CONTAINER_KEY",
        **members,
    }


def start(gateways, backend, *others, **members):
    """A gateway in front of `backend`; the other backends come behind it."""
    auth = members.pop("auth", {"mode": "gateway", "keys": [{"name": "suite", "sha256": digest(KEY)}]})
    configuration = {"listen": {"port": 0}, "auth": auth, "backends": [backend, *others], **members}
    path = gateways.write(configuration)
    return gateways.launch("serve", "--config", str(path), CONTAINER_KEY=CONTAINER_KEY).started()


@pytest.fixture(scope="module")
def vllm(gateways):
    """vLLM behind the gateway: nothing is repaired."""
    return start(gateways, server(gateways))


@pytest.fixture(scope="module")
def tgi(gateways):
    """TGI behind the gateway: answers are repaired."""
    return start(gateways, server(gateways, server="tgi"))


@pytest.fixture(scope="module")
def hurried(gateways):
    """A gateway that soon loses patience with a container, and soon says that it is still there."""
    return start(
        gateways, server(gateways), upstream={"timeout": "1s"}, stream={"idle_timeout": "1s", "keepalive": "250ms"}
    )


@pytest.fixture(scope="module")
def google(gateways):
    """Containers on Vertex AI, reached with the gateway's own Google token."""
    managed = gateways.managed()
    endpoint = {key: managed[key] for key in ("base_url", "credentials", "project", "location")}
    return start(
        gateways, managed, {"name": "llama", "kind": "vertex-endpoint", "endpoint_id": "1234", **endpoint},
        {"name": "tuned", "kind": "gemini-tuned", "endpoint_id": "5678", "base_model": "gemini-2.5-flash", **endpoint},
    )


def sdk(program, key=KEY, path="/v1", **options):
    options.setdefault("max_retries", 0)
    return openai.OpenAI(base_url=program.url + path, api_key=key, timeout=10, **options)


def ask(program, **members):
    """A completion, or all chunks of a stream."""
    with sdk(program) as client:
        answer = client.chat.completions.create(**{"model": "my/model", "messages": [user("Hi")], **members})
        return list(answer) if members.get("stream") else answer


def post(program, body, headers=(AUTHORIZED,), target=CHAT):
    with Connection(program.port) as connection:
        response = connection.request("POST", target, body, list(headers))
        response.read()
        return response


def stream_bytes(program, body=None):
    """The bytes of a whole stream."""
    response = post(program, body or {"model": "m", "messages": [], "stream": True})
    assert response.status == 200, response.body
    return response.body


def raises(kind, call):
    with pytest.raises(kind) as caught:
        call()
    return caught.value


# Requests


def test_a_request_without_edits_arrives_as_it_was_sent(vllm, upstream):
    """The same bytes, white space and digits included (SELF-003, SELF-017, SELF-019, SELF-020)."""
    body = b'{ "messages": [ {"role":"user","content":"\\u00e9"} ],\r\n "model": "a/b:c" , "temperature": 1.50,' \
        b' "top_logprobs": 20, "reasoning_effort": "xhigh", "unknown": 1e2}'
    upstream.script(responds(200, completion()))
    assert post(vllm, body).status == 200
    request = upstream.only_request()
    assert request.body == body
    assert (request.method, request.target) == ("POST", "/v1/chat/completions")


def test_the_headers_that_a_container_gets(vllm, upstream):
    """Its own key and our request id, and nothing of the client's (AUTH-002, AUTH-007, 09 § 3)."""
    upstream.script(responds(200, completion()), relays(vllm_events("a")))
    own = [AUTHORIZED, ("x-request-id", "mine-1"), ("cookie", "c=1"), ("x-goog-user-project", "p"),
           ("x-stainless-lang", "python"), ("openai-organization", "o"), ("api-key", KEY), ("x-goog-api-key", KEY)]
    assert post(vllm, {"model": "m", "messages": []}, own).header("x-request-id") == "mine-1"
    post(vllm, {"model": "m", "messages": [], "stream": True})
    whole, stream = upstream.requests
    assert whole.names() == {
        "host", "content-type", "content-length", "accept", "user-agent", "authorization", "x-request-id"
    }
    assert whole.header("authorization") == "Bearer " + CONTAINER_KEY
    assert whole.header("x-request-id") == "mine-1"
    assert (whole.header("accept"), stream.header("accept")) == ("application/json", "text/event-stream")
    assert KEY not in str(whole.headers) + str(stream.headers)


def test_a_container_without_a_key_gets_none(gateways, upstream):
    """A gateway key is not for containers (09 § 2, AUTH-002)."""
    backend = server(gateways)
    del backend["api_key"]
    program = start(gateways, backend)
    upstream.script(responds(200, completion()))
    assert post(program, {"model": "m", "messages": []}).status == 200
    assert "authorization" not in upstream.only_request().names()
    program.stop()


def test_a_client_may_bring_the_credential_along(gateways, upstream):
    """In passthrough mode a container without a key gets the client's (09 § 2, AUTH-001, AUTH-009)."""
    backend = server(gateways)
    del backend["api_key"]
    program = start(gateways, backend, auth={"mode": "passthrough"})
    upstream.script(responds(200, completion()), responds(401, {"error": {"message": "No.", "code": 401}}))
    headers = [("authorization", "Bearer own-token")]
    assert post(program, {"model": "m", "messages": []}, headers).status == 200
    assert upstream.only_request().header("authorization") == "Bearer own-token"
    refused = post(program, {"model": "m", "messages": []}, headers)
    assert (refused.status, refused.error()["code"]) == (401, "invalid_api_key")
    program.stop()


def test_parameters_of_the_vendor_reach_the_model(vllm, upstream):
    """Members of a raw `extra_body` are lifted, Google's are removed (SELF-012)."""
    upstream.script(responds(200, completion()))
    post(vllm, {"model": "m", "messages": [], "extra_body": {"top_k": 5, "model": "no", "google": {"a": 1}}, "google": {}})
    assert upstream.only_request().json == {"model": "m", "messages": [], "top_k": 5}


def test_a_conversation_with_gemini_goes_on_with_a_container(vllm, upstream):
    """What only Gemini understands is removed, `developer` becomes `system` (SELF-013, SELF-014, SELF-018)."""
    upstream.script(responds(200, completion()))
    signature = {"google": {"thought_signature": "c2ln"}}
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    ask(
        vllm, tools=[WEATHER], tool_choice="validated",
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "assistant", "content": None, "extra_content": signature,
             "tool_calls": [{**call, "extra_content": signature}]},
            {"role": "tool", "tool_call_id": "1", "content": "4"},
        ],
    )
    sent = upstream.only_request().json
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert sent["messages"][1] == {"role": "assistant", "content": None, "tool_calls": [call]}
    assert sent["tool_choice"] == "auto" and sent["tools"] == [WEATHER]


def test_what_tgi_takes_only_in_its_own_way(gateways, upstream):
    """`stop`, `max_tokens` and schemas (SELF-014, SELF-015, SELF-016, SELF-021)."""
    program = start(
        gateways,
        server(gateways, server="tgi", legacy_max_tokens=True, tgi_legacy_grammar=True, map_developer_role=False),
    )
    upstream.script(responds(200, completion()))
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    ask(
        program, stop="END", max_completion_tokens=7, messages=[{"role": "developer", "content": "x"}],
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
    )
    sent = upstream.only_request().json
    assert (sent["stop"], sent["max_tokens"]) == (["END"], 7)
    assert "max_completion_tokens" not in sent
    assert sent["response_format"] == {"type": "json", "value": schema}
    assert sent["messages"][0]["role"] == "system"
    program.stop()


def test_aliases_and_the_operators_model(gateways, upstream):
    """An alias leads to the container under its own name there (MOD-001, SELF-010, SELF-011)."""
    program = start(
        gateways, server(gateways, upstream_model="served"), server(gateways, name="plain"),
        models={
            "aliases": {
                "mine": {"backend": "plain", "model": "meta-llama/Llama-3.1-8B-Instruct"},
                "lab/*": {"backend": "plain", "model": "*"},
            }
        },
    )
    for asked, sent in [("any", "served"), ("mine", "meta-llama/Llama-3.1-8B-Instruct"), ("lab/org/m", "org/m")]:
        upstream.reset()
        upstream.script(responds(200, completion()))
        ask(program, model=asked)
        assert upstream.only_request().json["model"] == sent
    program.stop()


def test_a_key_for_some_models_opens_no_others(gateways, upstream):
    """A key's models are names of aliases and containers, too (AUTH-005)."""
    program = start(
        gateways, server(gateways), models={"aliases": {"mine": {"backend": "container", "model": "x/y"}}},
        auth={"mode": "gateway", "keys": [{"name": "narrow", "sha256": digest(KEY), "models": ["mine", "lab-*"]}]},
    )
    upstream.script(responds(200, completion()), responds(200, completion()))
    for allowed in ("mine", "lab-1"):
        assert post(program, {"model": allowed, "messages": []}).status == 200
    refused = post(program, {"model": "other", "messages": []})
    assert (refused.status, refused.error()["code"]) == (404, "model_not_found")
    program.stop()


def test_what_is_no_request_goes_nowhere(vllm, upstream):
    """Only what routing needs is checked: JSON, an object, a model (MOD-003, GEN-001)."""
    for body, code in [(b"{", None), (b"[]", "invalid_type"), ({"messages": []}, "missing_required_parameter")]:
        response = post(vllm, body)
        assert (response.status, response.error()["code"]) == (400, code)
    assert upstream.requests == []


def test_a_length_that_is_none_is_the_servers_to_refuse(gateways, upstream):
    """What is reckoned for the key's limits stays within bounds; the request goes on as it is."""
    program = start(gateways, server(gateways), auth={
        "mode": "gateway", "keys": [{"name": "suite", "sha256": digest(KEY), "tpm": 1_000_000_000}],
    })
    for number in (-2**63, 2**63 - 1):
        body = {"model": "m", "messages": [user("Hi")], "n": 2**63 - 1, "max_tokens": number}
        assert post(program, body).status in (200, 429)
    assert post(program, {"model": "m", "messages": [user("Hi")]}).status == 200
    program.stop()


# Addresses on Vertex AI


def test_containers_and_tuned_models_on_vertex_ai(google, upstream):
    """EP-002 and EP-003 lead to the endpoint, with Google's token (SELF-001, SELF-005, SELF-010, MOD-003)."""
    for target, path, model in [
        (ENDPOINT % "1234", "1234", ""), ("/v1/endpoints/1234/chat/completions", "1234", ""),
        (ENDPOINT % "999", "999", ""), (ENDPOINT % "1234", "1234", "any"),
    ]:
        upstream.reset()
        upstream.script(responds(200, completion()))
        body = {"messages": [], **({"model": model} if model else {})}
        response = post(google, body, target=target)
        assert (response.status, response.json()["model"]) == (200, "container-model")
        request = upstream.only_request()
        assert request.target == ENDPOINT % path
        assert request.json["model"] == model
        assert request.header("authorization").startswith("Bearer token-")


def test_a_tuned_model_is_gemini(google, upstream):
    """Its address is the endpoint's, its language Gemini's (SELF-006)."""
    upstream.script(says("Tuned."))
    response = post(google, {"messages": [user("Hi")]}, target=ENDPOINT % "5678")
    assert response.json()["choices"][0]["message"]["content"] == "Tuned."
    request = upstream.only_request()
    assert request.target == "/v1/projects/%s/locations/%s/endpoints/5678:generateContent" % (PROJECT, LOCATION)
    assert request.json["contents"] == [{"role": "user", "parts": [{"text": "Hi"}]}]


def test_unknown_endpoints(google, upstream):
    """Only digits are forwarded, and only what can be an endpoint's name is looked at (SELF-005, EP-013)."""
    unknown = post(google, {"messages": []}, target=ENDPOINT % "no-digits")
    assert (unknown.status, unknown.error()["code"]) == (404, "endpoint_not_found")
    hostile = post(google, {"messages": []}, target=ENDPOINT % "a.b")
    assert (hostile.status, hostile.error()["param"]) == (400, "endpoint_id")
    assert upstream.requests == []


def test_other_publishers_models(google, upstream):
    """They go to Google's own endpoint, as they were sent (SELF-004, MOD-005)."""
    body = b'{"model": "meta/llama-4-maas", "messages": [{"role": "developer", "content": "x"}]}'
    upstream.script(responds(200, completion()))
    assert post(google, body, target=ENDPOINT % "openapi").status == 200
    request = upstream.only_request()
    assert (request.target, request.body) == (ENDPOINT % "openapi", body)


def test_a_token_that_expired_is_renewed(google, upstream):
    """One forced refresh after a 401 of Google's (CRED-008); then the gateway is at fault (CRED-009)."""
    refusal = responds(401, {"error": {"code": 401, "message": "Expired.", "status": "UNAUTHENTICATED"}})
    upstream.script(refusal, responds(200, completion()), refusal, refusal)
    assert post(google, {"messages": []}, target=ENDPOINT % "1234").status == 200
    first, second = [request.header("authorization") for request in upstream.requests]
    assert first != second
    failed = post(google, {"messages": []}, target=ENDPOINT % "1234")
    assert (failed.status, failed.error()["code"]) == (502, "upstream_authentication_failed")


# Whole answers


def test_an_answer_is_relayed_byte_for_byte(vllm, upstream):
    """With what vLLM adds, and the container's model name (SELF-030, SELF-032, SELF-033)."""
    answer = json.dumps(completion("é", kv_transfer_params={"a": 1.0}), indent=3).encode() + b"\n"
    headers = [("x-request-id", "theirs"), ("x-compute-time", "5"), ("set-cookie", "a=1"), ("server", "uvicorn"),
               ("connection", "keep-alive, x-hop"), ("x-hop", "1"), ("keep-alive", "timeout=5")]
    upstream.script(
        lambda exchange: exchange.respond(200, answer, headers, content_type="application/json; charset=utf-8")
    )
    response = post(vllm, {"model": "m", "messages": []}, [AUTHORIZED, ("x-request-id", "ours")])
    assert response.body == answer
    assert response.header("content-type") == "application/json; charset=utf-8"
    assert response.header("x-request-id") == "ours"
    assert response.header("x-compute-time") == "5"
    assert not {"set-cookie", "server", "x-hop", "keep-alive"} & {name for name, _ in response.headers}


def test_the_sdk_reads_an_answer(vllm, upstream):
    """Text, finish reason and counts are the container's (SELF-030, SELF-032)."""
    upstream.script(responds(200, completion("Bonjour", message={"reasoning": "Hm."})))
    answer = ask(vllm)
    assert answer.choices[0].message.content == "Bonjour"
    assert answer.choices[0].message.reasoning == "Hm."
    assert (answer.model, answer.usage.total_tokens) == ("container-model", 9)
    assert vllm.access_entry(answer._request_id)["status"] == 200


def test_tgis_tool_calls_are_repaired(tgi, upstream):
    """An id, text for arguments, `tool_calls` as the end (SELF-031)."""
    call = {"id": "0", "type": "function", "function": {"description": None, "name": "get_weather", "arguments": {"city": "Oslo"}}}
    answer = completion(None, "eos_token", message={"tool_calls": [call, call]}, object="text_completion")
    upstream.script(responds(200, answer))
    repaired = ask(tgi, tools=[WEATHER])
    assert repaired.object == "chat.completion"
    [choice] = repaired.choices
    first, second = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls"
    assert json.loads(first.function.arguments) == {"city": "Oslo"}
    assert first.id.startswith("function-call-") and first.id != second.id


def test_the_clients_model_name_when_it_is_wanted(gateways, upstream):
    """`echo_model` (SELF-033), whole and streamed."""
    program = start(gateways, server(gateways, echo_model=True))
    upstream.script(responds(200, completion()), relays(vllm_events("a")))
    assert ask(program).model == "my/model"
    assert {piece.model for piece in ask(program, stream=True)} == {"my/model"}
    program.stop()


def test_an_empty_answer_is_an_error(vllm, upstream):
    """A body of nothing is no completion; it is asked for again once (RESP-041)."""
    upstream.script(*[sends(b"HTTP/1.1 204 No Content\r\n\r\n", then="stay")] * 2)
    assert post(vllm, {"model": "m", "messages": []}).error()["code"] == "upstream_empty_response"


@pytest.mark.parametrize(
    "data, kind, status, code",
    [
        (b"<html><body>Sign in</body></html>", "text/html", 502, "upstream_invalid_response"),
        (b'{"id": "chatcmpl-1", "choices": [', "application/json", 502, "upstream_invalid_response"),
        (b"[]", "application/json", 502, "upstream_invalid_response"),
        (b'{"object": "error", "message": "No such model", "code": 404}', "application/json", 404, "model_not_found"),
        (b'{"error": "busy", "error_type": "overloaded"}', "application/json", 429, "overloaded"),
    ],
    ids=["html", "cut off", "no object", "vLLM's error", "TGI's error"],
)
def test_what_is_no_answer_at_200(gateways, upstream, data, kind, status, code):
    """Only answers are relayed as they are: what something in between says is an error, and an error is one (09 § 6)."""
    program = start(gateways, server(gateways), upstream={"max_retries": 0})
    upstream.script(lambda exchange: exchange.respond(200, data, content_type=kind))
    response = post(program, {"model": "m", "messages": []})
    assert (response.status, response.error()["code"]) == (status, code)
    program.stop()


def test_what_the_gateway_says_itself_is_said_once(gateways, upstream):
    """A key's rates and the gateway's times stand in the place of the upstream's own; the rest is relayed (SELF-030)."""
    program = start(
        gateways, server(gateways), auth={"mode": "gateway", "keys": [{"name": "k", "sha256": digest(KEY), "rpm": 60}]})
    upstream.script(responds(200, completion(), headers=[
        ("x-ratelimit-limit-requests", "7"), ("x-ratelimit-limit-tokens", "8"), ("server-timing", "theirs"), ("x-more", "1"),
    ]))
    response = post(program, {"model": "m", "messages": []})
    assert response.header("x-ratelimit-limit-requests") == "60"
    assert response.header("server-timing").startswith("own;")
    assert (response.header("x-ratelimit-limit-tokens"), response.header("x-more")) == ("8", "1")
    program.stop()


def test_a_large_body_passes(vllm, upstream):
    """Megabytes in both directions, unchanged (SELF-030)."""
    text = "é\n" * 1_000_000
    upstream.script(responds(200, completion(text)))
    body = json.dumps({"model": "m", "messages": [user(text)]}).encode()
    assert post(vllm, body).json()["choices"][0]["message"]["content"] == text
    assert upstream.only_request().body == body
    upstream.reset()
    upstream.script(responds(200, completion()))
    post(vllm, json.dumps({"model": "m", "messages": [user(text)], "extra_body": {"a": 1}}).encode())
    assert upstream.only_request().json == {"model": "m", "messages": [user(text)], "a": 1}


# Streams


@pytest.mark.parametrize("cut", [1, 7, 100000])
def test_a_stream_is_relayed_byte_for_byte(vllm, upstream, cut):
    """However it is split, comments included (SELF-040, SELF-044)."""
    data = b": ping\r\n\r\n" + b"".join(vllm_events("Bon", "jour é😀", done=False))
    data += container_event({"choices": [], "usage": {"total_tokens": 9}}) + DONE
    upstream.script(relays([data[at:at + cut] for at in range(0, len(data), cut)]))
    response = post(vllm, {"model": "m", "messages": [], "stream": True})
    assert response.body == data
    assert response.header("content-type") == "text/event-stream"
    assert response.header("cache-control") == "no-cache"


def test_the_sdk_reads_a_stream(vllm, upstream):
    """The pieces come one by one, and the usage with the last (SELF-040, SELF-044)."""
    usage = container_event(container_chunk({}, usage={"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}))
    upstream.script(relays(vllm_events("Bon", "jour", done=False) + [usage, DONE]))
    pieces = ask(vllm, stream=True, stream_options={"include_usage": True})
    assert "".join(p.choices[0].delta.content or "" for p in pieces) == "Bonjour"
    assert pieces[-1].usage.total_tokens == 9
    assert upstream.only_request().json["stream_options"] == {"include_usage": True}


def test_an_event_arrives_when_it_is_complete(vllm, upstream):
    """Each event is sent on at once, and half of one waits (SELF-040, STREAM-005)."""
    gate = upstream.gate()
    first, second, *rest = vllm_events("Bon", "jour")

    def behaviour(exchange):
        exchange.begin()
        exchange.send(chunk(first + second[:20]))
        gate.wait(10)
        exchange.send(chunk(second[20:] + b"".join(rest)))
        exchange.end()

    upstream.script(behaviour)
    with Connection(vllm.port) as connection:
        response = connection.chat({"model": "m", "messages": [], "stream": True}, [AUTHORIZED])
        assert response.event()["choices"][0]["delta"]["role"] == "assistant"
        assert response.body == first
        gate.set()
        response.read()
        assert response.body == first + second + b"".join(rest)


def test_the_end_that_a_server_forgets_is_added(vllm, tgi, upstream):
    """`[DONE]`, when every choice has its end (SELF-041)."""
    for program in (vllm, tgi):
        events = b"".join(vllm_events("a", done=False))
        upstream.script(relays([events]))
        assert stream_bytes(program) == events + DONE
    both = [container_event(container_chunk({"content": "a"}, "stop", index)) for index in (0, 1)]
    upstream.script(relays(both))
    body = {"model": "m", "messages": [], "stream": True, "n": 2}
    assert stream_bytes(vllm, body) == b"".join(both) + DONE
    upstream.script(relays(both[:1]))
    assert b"upstream_stream_incomplete" in stream_bytes(vllm, body)


@pytest.mark.parametrize("then", ["end", "close", "reset"])
def test_a_stream_that_breaks_off_ends_with_an_error(vllm, upstream, then):
    """Half an event is dropped, so that the error can be read; there is no `[DONE]` (SELF-040, SELF-041)."""
    first, second, *_ = vllm_events("Bon", "jour")
    upstream.script(relays([first + second, b'data: {"choices": [{"delta": {"con'], then))
    data = stream_bytes(vllm)
    assert data.startswith(first + second + b'data: {"error":') and b"[DONE]" not in data
    error = json.loads(data[len(first + second) + 6:])["error"]
    assert error["type"] == "server_error"
    assert error["code"] == ("upstream_stream_incomplete" if then == "end" else "upstream_unreachable")
    upstream.script(relays([first + second], then))
    assert isinstance(raises(openai.APIError, lambda: ask(vllm, stream=True)), openai.APIError)


def test_a_missing_blank_line_at_the_end_does_not_matter(vllm, upstream):
    """The last event counts when it can be read (STREAM-007)."""
    data = b"".join(vllm_events("a"))
    upstream.script(relays([data[:-2]]))
    assert stream_bytes(vllm) == data


def test_tgis_streamed_tool_calls_are_repaired(tgi, upstream):
    """What TGI repeats in each delta is sent once (SELF-042)."""

    def delta(arguments, role="assistant"):
        function = {"name": "get_weather", "arguments": arguments}
        call = {"index": 0, "id": "0", "type": "function", "function": function}
        return {"role": role, "tool_calls": [call]}

    end = container_chunk({"role": "assistant", "content": ""}, "eos_token")
    upstream.script(
        relays(tgi_events(*[container_chunk(delta(piece)) for piece in ('{"ci', 'ty":', '"Oslo"}')], end))
    )
    with sdk(tgi) as client:
        with client.chat.completions.stream(model="m", messages=[user("Hi")], tools=[WEATHER]) as stream:
            final = stream.get_final_completion()
    [choice] = final.choices
    [call] = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and choice.message.role == "assistant"
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Oslo"})
    assert call.id.startswith("function-call-") and call.type == "function"


@pytest.mark.parametrize(
    "document, code",
    [
        ({"error": "Request failed during generation", "error_type": "generation"}, "generation"),
        ({"error": {"message": "CUDA error", "type": "InternalServerError", "param": None, "code": 500}}, "upstream_error"),
        ({"object": "error", "message": "CUDA error", "type": "InternalServerError", "param": None, "code": 500},
         "upstream_error"),
    ],
)
def test_an_error_in_a_stream_has_openais_shape(vllm, tgi, upstream, document, code):
    """Also vLLM's, although it is not repaired otherwise (SELF-043, STREAM-060)."""
    for program in (vllm, tgi):
        upstream.script(relays(vllm_events("a", finish=None, done=False) + [container_event(document, b""), DONE]))
        with Connection(program.port) as connection:
            response = connection.chat({"model": "m", "messages": [], "stream": True}, [AUTHORIZED])
            error = response.events()[-1]["error"]
            assert (error["code"], error["type"], error["param"]) == (code, "server_error", None)


def test_an_error_before_the_first_event_is_an_http_error(gateways, upstream):
    """As long as nothing was sent there is a better place for it (STREAM-004)."""
    program = start(gateways, server(gateways), upstream={"max_retries": 0})
    upstream.script(relays([container_event({"error": "Model is overloaded", "error_type": "overloaded"})]))
    response = post(program, {"model": "m", "messages": [], "stream": True})
    assert (response.status, response.error()["code"]) == (429, "overloaded")
    upstream.script(relays([], "end"))
    response = post(program, {"model": "m", "messages": [], "stream": True})
    assert (response.status, response.error()["code"]) == (502, "upstream_empty_response")
    program.stop()


def test_bare_json_in_a_stream_is_an_error(vllm, upstream):
    """Google prints one when it ends a container's stream (STREAM-008)."""
    error = json.dumps([{"error": {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED"}}], indent=1)
    upstream.script(relays(vllm_events("a", finish=None, done=False) + [error.encode()]))
    data = stream_bytes(vllm)
    assert b'data: {"error":{"code":"rate_limit_exceeded"' in data and data.endswith(b"}}\n\n")


def test_a_whole_answer_where_a_stream_was_asked_for(vllm, upstream):
    """The client reads it as one chunk (STREAM-062)."""
    upstream.script(responds(200, completion("Whole.")))
    [piece] = ask(vllm, stream=True)
    assert piece.object == "chat.completion.chunk"
    assert (piece.choices[0].delta.content, piece.choices[0].finish_reason) == ("Whole.", "stop")


def test_a_server_that_does_not_end_its_stream(vllm, upstream):
    """Behind `[DONE]` nothing is waited for long (STREAM-003)."""
    data = b"".join(vllm_events("a"))
    upstream.script(relays([data], "stay"))
    started = time.monotonic()
    assert stream_bytes(vllm) == data
    assert time.monotonic() - started < 5


def test_a_connection_is_used_again(vllm, upstream):
    """Streams that ended properly leave their connection open."""
    count = 4
    upstream.script(*[relays(vllm_events("a")) for _ in range(count)])
    with Connection(vllm.port) as connection:
        for _ in range(count):
            connection.chat({"model": "m", "messages": [], "stream": True}, [AUTHORIZED]).read()
    assert len({request.connection for request in upstream.requests}) == 1


# Failures


@pytest.mark.parametrize(
    "status, document, expected, kind",
    [
        (400, {"error": {"message": "Bad.", "type": "BadRequestError", "param": None, "code": 400}}, "invalid_value",
         openai.BadRequestError),
        (404, {"error": {"message": "The model `x` does not exist.", "type": "NotFoundError", "param": None, "code": 404}},
         "model_not_found", openai.NotFoundError),
        (400, {"object": "error", "message": "Bad.", "type": "BadRequestError", "param": None, "code": 400},
         "invalid_value", openai.BadRequestError),
        (422, {"error": "Input validation error", "error_type": "validation"}, "validation",
         openai.UnprocessableEntityError),
        (429, {"error": "Model is overloaded", "error_type": "overloaded"}, "overloaded", openai.RateLimitError),
        (424, {"error": "Request failed", "error_type": "generation"}, "generation", openai.InternalServerError),
        (422, {"detail": [{"loc": ["body"], "msg": "Field required"}]}, "unprocessable_entity",
         openai.UnprocessableEntityError),
        (403, [{"error": {"code": 403, "message": "Permission denied.", "status": "PERMISSION_DENIED"}}],
         "permission_denied", openai.PermissionDeniedError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_have_openais_shape(vllm, upstream, status, document, expected, kind, stream):
    """Whoever made them: vLLM, TGI, FastAPI or Google before the container (ERR-001…004, ERR-017, ERR-024)."""
    upstream.script(responds(status, document))
    error = raises(kind, lambda: ask(vllm, stream=stream))
    assert error.code == expected and isinstance(error.body["message"], str) and error.body["message"]
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("said", ["true", "false"])
def test_a_servers_word_on_retries_reaches_the_client(vllm, upstream, said):
    """OpenAI's SDKs obey it before they look at the status (ERR-043)."""
    upstream.script(responds(409, {"error": {"message": "Busy.", "code": 409}}, [("x-should-retry", said)]))
    response = post(vllm, {"model": "m", "messages": []})
    assert (response.status, response.header("x-should-retry")) == (409, said)
    assert len(upstream.requests) == 1


def test_a_busy_server_is_asked_again(vllm, upstream):
    """503 and lost connections are repeated once; 429 is the client's business (ERR-050, ERR-051)."""
    upstream.script(responds(503, {"error": "Busy", "error_type": "overloaded"}), responds(200, completion("Now.")))
    assert ask(vllm).choices[0].message.content == "Now."
    upstream.script(sends(b"", "reset"), relays(vllm_events("Now.")))
    assert "".join(p.choices[0].delta.content or "" for p in ask(vllm, stream=True)) == "Now."
    assert len(upstream.requests) == 4


def test_nobody_listens(gateways, upstream):
    """502 `upstream_unreachable` (ERR-025)."""
    program = start(gateways, server(gateways, base_url="http://127.0.0.1:9/v1"), upstream={"max_retries": 0})
    response = post(program, {"model": "m", "messages": []})
    assert (response.status, response.error()["code"]) == (502, "upstream_unreachable")
    program.stop()


def test_a_refused_key_of_the_gateway_is_not_the_clients_fault(vllm, upstream):
    """502, and nothing of the key (CRED-009, CRED-010)."""
    upstream.script(responds(401, {"error": "Bad key Bearer " + CONTAINER_KEY}))
    response = post(vllm, {"model": "m", "messages": []})
    assert (response.status, response.error()["code"]) == (502, "upstream_authentication_failed")
    assert CONTAINER_KEY.encode() not in response.body
    assert CONTAINER_KEY not in "\n".join(vllm.output + vllm.errors)


def test_a_silent_server(hurried, upstream):
    """Comments keep the client's stream alive, then it is told (STREAM-006, STREAM-011, ERR-026)."""
    gate = upstream.gate()
    upstream.script(lambda exchange: gate.wait(10))
    response = post(hurried, {"model": "m", "messages": []})
    assert (response.status, response.error()["code"]) == (504, "upstream_timeout")
    upstream.script(relays(vllm_events("a", finish=None, done=False), "stay"))
    with Connection(hurried.port) as connection:
        response = connection.chat({"model": "m", "messages": [], "stream": True}, [AUTHORIZED])
        events = response.events()
    assert ": keep-alive" in events
    assert events[-1]["error"]["code"] == "upstream_timeout"
    gate.set()


@pytest.mark.parametrize("begun", [False, True])
def test_a_client_that_leaves_ends_the_call(vllm, upstream, begun):
    """The container need not go on, whether it had begun or not (STREAM-009)."""
    left, reached = Moment(), Moment()

    def behaviour(exchange):
        if begun:
            exchange.begin()
            exchange.send(chunk(vllm_events("a")[0]))
        reached.happens()
        exchange.see_leaving(left)

    upstream.script(behaviour)
    with Connection(vllm.port) as connection:
        body = {"model": "m", "messages": [], "stream": True}
        headers = [AUTHORIZED, ("x-request-id", "leaves-%s" % begun)]
        connection.send(message("POST", CHAT, body, headers))
        reached.wait()
        if begun:
            assert connection.response().event()
        gone = time.monotonic()
    left.wait()
    assert left.time - gone < 1
    assert vllm.access_entry("leaves-%s" % begun)["status"] == 499


def test_a_client_that_does_not_read_slows_the_container_down(vllm, upstream):
    """What is in flight is bounded, and nothing is lost (STREAM-010)."""
    offered = chunk(container_event(container_chunk({"content": "x" * 16000}))) * 64
    rounds = 48
    taken, full = offers(upstream, offered, rounds, chunk(container_event(container_chunk({}, "stop")) + DONE))
    before = vllm.resident_bytes()
    with Connection(vllm.port, receive_buffer=65536) as connection:
        connection.send(message("POST", CHAT, {"model": "m", "messages": [], "stream": True}, [AUTHORIZED]))
        held = taken.wait(20)
        assert held < 24 * 1024 * 1024, "%d bytes were taken for a client that reads nothing" % held
        assert vllm.resident_bytes() - before < 48 * 1024 * 1024
        full.set()
        response = connection.response()
        response.read()
        assert response.body.count(b"x" * 16000) == rounds * 64
        assert response.body.endswith(DONE)


def test_an_event_that_never_ends_is_not_kept(vllm, upstream):
    """An event may hold 64 MiB (EventCutter): then the answer cannot be read (STREAM-060)."""
    piece = chunk(b"x" * (1 << 20))

    def behaviour(exchange):
        exchange.begin()
        exchange.send(chunk(b"data: "))
        for _ in range(80):
            exchange.send(piece)

    upstream.script(behaviour)
    response = post(vllm, {"model": "m", "messages": [], "stream": True})
    assert (response.status, response.error()["code"]) == (502, "upstream_invalid_response")


def test_many_streams_at_once(vllm, upstream):
    """Each client gets its own."""
    count = 24
    upstream.script(*[relays(vllm_events(*["piece "] * 20)) for _ in range(count)])
    found = []

    def one():
        found.append(stream_bytes(vllm))

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [b"".join(vllm_events(*["piece "] * 20))] * count


# Embeddings and models (09 § 7)


VECTOR = {"object": "list", "model": "bge", "usage": {"prompt_tokens": 2, "total_tokens": 2},
          "data": [{"object": "embedding", "index": 0, "embedding": "AACAPwAAAEA="}]}


def test_embeddings_are_the_containers(vllm, upstream):
    """`U/embeddings`, byte for byte both ways; the SDK's base64 is the container's business (EP-007, 09 § 7)."""
    answer = json.dumps(VECTOR, indent=1).encode()
    upstream.script(lambda exchange: exchange.respond(200, answer), responds(200, VECTOR))
    body = b'{"input": [1, 2,  3], "model":"bge", "truncate_prompt_tokens": 5}'
    response = post(vllm, body, target="/v1/embeddings")
    assert (response.status, response.body) == (200, answer)
    request = upstream.only_request()
    assert (request.method, request.target, request.body) == ("POST", "/v1/embeddings", body)
    assert request.header("authorization") == "Bearer " + CONTAINER_KEY
    with sdk(vllm) as client:
        vectors = client.embeddings.create(model="bge", input="Hi")
    assert vectors.data[0].embedding == [1.0, 2.0] and upstream.requests[1].json["encoding_format"] == "base64"


def test_embeddings_have_the_edits_of_names_and_no_repairs(gateways, upstream):
    """The operator's model name goes upstream; what TGI's chats need is no business of vectors (SELF-010, SELF-012)."""
    program = start(gateways, server(gateways, server="tgi", upstream_model="served", echo_model=True))
    upstream.script(responds(200, VECTOR))
    response = post(program, {"input": "Hi", "model": "mine", "extra_body": {"normalize": True}}, target="/v1/embeddings")
    assert upstream.only_request().json == {"input": "Hi", "model": "served", "normalize": True}
    assert response.json() == {**VECTOR, "model": "mine"}
    program.stop()


def test_errors_of_embeddings_are_openais(vllm, google, upstream):
    """The container's error in OpenAI's shape; an endpoint of Vertex AI has no embeddings (09 § 6, 09 § 7)."""
    upstream.script(responds(400, {"error": {"message": "Too long.", "type": "BadRequestError", "param": None, "code": 400}}))
    refused = post(vllm, {"input": "Hi", "model": "bge"}, target="/v1/embeddings")
    assert (refused.status, refused.error()["message"]) == (400, "Too long.")
    for body, code in [(b"[]", "invalid_type"), ({"input": "Hi"}, "missing_required_parameter")]:
        assert post(vllm, body, target="/v1/embeddings").error()["code"] == code
    absent = post(google, {"input": "Hi", "model": "meta/x"}, target="/v1/embeddings")
    assert (absent.status, absent.error()["code"]) == (404, "model_not_found")
    assert len(upstream.requests) == 1


def listed(program):
    with sdk(program) as client:
        return [(model.id, model.owned_by) for model in client.models.list()]


def test_the_containers_own_list(gateways, upstream):
    """With `models.discover` what the server lists, under its own names, beside the aliases (EP-006, MOD-006, 09 § 7)."""
    aliases = {"mine": {"backend": "container", "model": "x"}, "lab/*": {"backend": "container", "model": "*"}}
    program = start(gateways, server(gateways), models={"discover": True, "aliases": aliases, "list": ["fixed"]})
    upstream.script(responds(200, {"object": "list", "data": [{"id": "org/name:tag", "object": "model"}, {"id": "plain"}]}))
    names = ["fixed", "mine", "org/name:tag", "plain"]
    assert listed(program) == [(name, "self-deployed") for name in names]
    with sdk(program) as client:
        assert client.models.retrieve("org/name:tag").id == "org/name:tag"
        assert client.models.retrieve("lab/any").id == "lab/any"  # As it may be asked to answer (SELF-011).
        for name in "other", "lab/":
            error = raises(openai.NotFoundError, lambda: client.models.retrieve(name))
            assert error.code == "model_not_found"
    request = upstream.only_request()  # The list is kept.
    assert (request.method, request.target) == ("GET", "/v1/models")
    assert request.header("authorization") == "Bearer " + CONTAINER_KEY
    program.stop()


def test_a_container_that_lists_nothing(gateways, upstream):
    """A server without a list leaves the operator's names; one that fails is an error (MOD-006)."""
    models = {"discover": True, "cache_ttl": "1s", "list": ["fixed"]}
    program = start(gateways, server(gateways), models=models, upstream={"max_retries": 0})
    upstream.script(responds(500, {"error": {"message": "No.", "code": 500}}), responds(404, {"detail": "Not Found"}))
    with sdk(program) as client:
        raises(openai.InternalServerError, client.models.list)
    assert listed(program) == [("fixed", "self-deployed")]
    program.stop()


# Health (09 § 7)


def test_a_container_that_is_away_is_unhealthy_and_still_tried(gateways, upstream):
    """Three connections in a row that fail are told once, requests go on, and an answer ends it (09 § 7)."""
    program = start(gateways, server(gateways), upstream={"max_retries": 0})

    def told():
        return [line.split("backend ")[1] for line in program.errors if "backend 'container'" in line]

    away = "'container' is unhealthy: no connection to it came about"
    upstream.refuse()
    for _ in range(5):
        response = post(program, {"model": "m", "messages": []})
        assert (response.status, response.error()["code"]) == (502, "upstream_unreachable")
        assert program.access_entry(response.header("x-request-id"))["reason"] == "the connection was refused"
    program.wait_for(lambda: told() == [away])
    upstream.accept()
    upstream.script(responds(200, completion()))
    assert post(program, {"model": "m", "messages": []}).status == 200
    program.wait_for(lambda: told() == [away, "'container' answers again"])
    program.stop()
