"""What both sides accept: Gemini's services a request, OpenAI's SDK an answer."""

import importlib.util
import os
import pathlib
import re

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from program import REPOSITORY

KEPT_KEYWORDS = set(
    "$id $defs $ref $anchor type format title description default enum items prefixItems minItems maxItems minimum"
    " maximum anyOf oneOf properties additionalProperties required propertyOrdering".split()
)
OPENAPI_KEYWORDS = set(
    "type format title description nullable default items minItems maxItems enum properties required propertyOrdering"
    " minProperties maxProperties minimum maximum minLength maxLength pattern example anyOf"
    " additionalProperties".split()
)
TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}


def gemini_validator():
    """The strict validator beside the checkout, or in CONFORMANCE_DIR; without it the test is left out, aloud."""
    folder = pathlib.Path(os.environ.get("CONFORMANCE_DIR", "../shared/conformance"))
    path = (folder if folder.is_absolute() else REPOSITORY / folder) / "gemini_validator.py"
    if not path.exists():
        pytest.skip("no strict validator at %s: set CONFORMANCE_DIR" % path)
    specification = importlib.util.spec_from_file_location("gemini_validator", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


TARGET = re.compile(r"/(v1|v1beta1|v1beta)/(?:projects/[^/]+/locations/[^/]+/publishers/google/)?models/([^:/]+):(\w+)")


def assert_gemini_takes(validator, service, sent, form="json"):
    """The service would accept this request, and its schemas hold only what Gemini reads (06 § 8, § 9)."""
    found = TARGET.match(sent.target)
    assert found, sent.target
    version, model, method = found.groups()
    assert (version == "v1beta") == (service == "developer"), sent.target
    error, document = validator.validate(service, version, model, method, sent.body)
    assert error is None, "upstream refuses: %s\n%s" % (error["error"]["message"], sent.body.decode(errors="replace"))
    for schema in schemas_of(document):
        fault = schema_fault(schema) if form == "json" else openapi_fault(schema)
        assert fault is None, "%s\n%s" % (fault, schema)
    return model, document


def schemas_of(document):
    """The schemas in an upstream request."""
    holders = [f for tool in document.get("tools", []) for f in tool.get("functionDeclarations", [])]
    for holder in [*holders, document.get("generationConfig", {})]:
        for name in ("parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema"):
            if name in holder:
                yield holder[name]


def schema_fault(schema, root=None, path="#"):
    """What is wrong with a JSON Schema by the table of 06 § 8, or nothing."""
    root = schema if root is None else root
    if schema is True or schema is False:
        return None if path.endswith("additionalProperties") else "%s: a boolean schema" % path
    if not isinstance(schema, dict):
        return "%s: no schema" % path
    if schema.keys() - KEPT_KEYWORDS:
        return "%s: %s" % (path, sorted(schema.keys() - KEPT_KEYWORDS))
    types = schema.get("type", [])
    if not set([types] if isinstance(types, str) else types) <= TYPES:
        return "%s: type %r" % (path, types)
    for value in schema.get("enum", []):
        if isinstance(value, bool) or value is None:
            return "%s: enum %r" % (path, schema["enum"])
    if "properties" in schema and not set(schema.get("required", [])) <= schema["properties"].keys():
        return "%s: required %r" % (path, schema["required"])
    if "$ref" in schema:
        if any(not name.startswith("$") for name in schema):
            return "%s: %r beside $ref" % (path, sorted(schema))
        reference = schema["$ref"]
        if reference != "#" and reference.removeprefix("#/$defs/") not in root.get("$defs", {}):
            return "%s: %s leads nowhere" % (path, reference)
    return first_fault(schema, path, lambda inner, at: schema_fault(inner, root, at))


def openapi_fault(schema, path="#"):
    """What is wrong with a schema in Google's OpenAPI form (06 § 9), or nothing."""
    if not isinstance(schema, dict):
        return None if path.endswith("additionalProperties") else "%s: no schema" % path
    if schema.keys() - OPENAPI_KEYWORDS:
        return "%s: %s" % (path, sorted(schema.keys() - OPENAPI_KEYWORDS))
    if "type" in schema and schema["type"].lower() not in TYPES or schema.get("type", "X").islower():
        return "%s: type %r" % (path, schema["type"])
    return first_fault(schema, path, openapi_fault)


def first_fault(schema, path, check):
    inner = [((name,), schema[name]) for name in ("items", "additionalProperties") if name in schema]
    for holder in ("properties", "$defs"):
        inner += [((holder, name), one) for name, one in schema.get(holder, {}).items()]
    for holder in ("anyOf", "oneOf", "prefixItems"):
        inner += [((holder, str(place)), one) for place, one in enumerate(schema.get(holder, []))]
    return next(filter(None, (check(one, "/".join((path, *names))) for names, one in inner)), None)


CONTINUE = "Continue exactly from where your previous message ended. Do not repeat any of it."


def texts_of(content):
    """The texts of a message's `content` that are not empty."""
    parts = [content] if isinstance(content, str) else [part.get("text") for part in content or ()]
    return [text for text in parts if text]


def assert_same_meaning(body, model, document):
    """Nothing that was said, called or declared is lost, doubled or out of order (MSG-001…021, TOOL-001…033)."""
    system, said, calls = [], [], []
    for message in body["messages"]:
        if message["role"] in ("system", "developer"):
            system += texts_of(message["content"])
        elif message["role"] == "user":
            said += texts_of(message["content"])
        elif message["role"] == "assistant":
            made = [call.get("function") or call["custom"] for call in message.get("tool_calls") or ()]
            made += [message["function_call"]] if not made and message.get("function_call") else []
            calls += [sent_name(call["name"]) for call in made]
    parts = [(content["role"], part) for content in document["contents"] for part in content["parts"]]
    heard = [p["text"] for role, p in parts if role == "user" and "text" in p]
    heard = [text for text in heard if text != CONTINUE and not text.startswith("Media returned by tool ")]
    if heard[:1] == [" "] and heard != said and any("functionCall" in p for p in document["contents"][1]["parts"]):
        del heard[0]  # MSG-021
    if "systemInstruction" in document:
        told = [part["text"] for part in document["systemInstruction"]["parts"]]
        assert told == system, "system: %r, not %r" % (told, system)
        assert heard == said, "user: %r, not %r" % (heard, said)
    else:
        assert heard == (said or system) and not (said and system), "%r, not %r and %r" % (heard, system, said)
    called = [part["functionCall"]["name"] for _, part in parts if "functionCall" in part]
    assert called == calls, "called: %s, not %s" % (called, calls)
    answered = [part["functionResponse"]["name"] for _, part in parts if "functionResponse" in part]
    assert answered == calls, "answered: %s, not %s" % (answered, calls)
    functions = [tool.get("function") or tool.get("custom") for tool in body.get("tools") or ()]
    declared = [f["name"] for f in functions if f] or [f["name"] for f in body.get("functions") or ()]
    allowed = body.get("tool_choice")
    allowed = allowed.get("allowed_tools") if isinstance(allowed, dict) else None
    if allowed and allowed["mode"] == "auto" and model.startswith("gemini-2.0"):  # TOOL-027
        named = [tool["function"]["name"] for tool in allowed["tools"]]
        declared = [name for name in declared if name in named]
    found = [f["name"] for tool in document.get("tools", []) for f in tool.get("functionDeclarations", [])]
    assert found == [sent_name(name) for name in declared], "declared: %s of %s" % (found, declared)


def sent_name(name):
    """TOOL-002"""
    return "_" + name if re.match(r"[0-9-]", name) else name


# Answers


def assert_completion(document):
    """One `chat.completion`, by the SDK's own types, strictly."""
    completion = ChatCompletion.model_validate(document)
    assert completion.choices, document
    for choice in document["choices"]:
        message = choice["message"]
        assert message["role"] == "assistant" and {"content", "refusal"} <= message.keys(), message
    return completion


def assert_stream(events):
    """A stream of chunks; its end is `[DONE]`, or one error event (STREAM-060). Tells whether it is complete."""
    assert events, "an empty stream"
    chunks, last = [e for e in events[:-1] if not isinstance(e, str)], events[-1]
    assert all(e.startswith(":") for e in events[:-1] if isinstance(e, str)), events
    envelopes, roles, finished = set(), [], []
    for chunk in chunks:
        ChatCompletionChunk.model_validate(as_functions(chunk))
        assert "error" not in chunk, "an error before the end: %r" % chunk
        envelopes.add(tuple(chunk[name] for name in ("id", "created", "model", "system_fingerprint")))
        for choice in chunk["choices"]:
            index, delta = choice["index"], choice["delta"]
            assert index not in finished, "index %d after its finish" % index
            assert ("role" in delta) == (index not in roles), "STREAM-022: %r" % chunk
            assert delta.get("content", "") is not None, "STREAM-029: %r" % chunk
            roles.append(index)
            if choice["finish_reason"]:
                finished.append(index)
    assert len(envelopes) <= 1, "STREAM-020: %r" % envelopes
    if last == "[DONE]":
        assert roles and set(roles) == set(finished), "[DONE] without a finish: %r, %r" % (set(roles), finished)
        return True
    assert_error(last)
    assert not finished, "STREAM-060: finish chunks before an error"
    return False


def told_whole(document):
    """What a completion says, by index: text, thoughts, calls, pictures, reason."""
    told = {}
    for choice in document["choices"]:
        message = choice["message"]
        calls = [call["function"] for call in message.get("tool_calls", [])]
        calls += [message["function_call"]] if "function_call" in message else []
        told[choice["index"]] = (
            message["content"] or "", message.get("reasoning_content", ""),
            [(call["name"], call["arguments"]) for call in calls], len(message.get("images", [])),
            choice["finish_reason"],
        )
    return told


def told_in_pieces(events):
    """What a stream says, in the same form."""
    told = {}
    for choice in (c for e in events if isinstance(e, dict) for c in e["choices"]):
        delta = choice["delta"]
        text, thoughts, calls, images, reason = told.get(choice["index"], ("", "", [], 0, None))
        for call in delta.get("tool_calls", [{"index": 0, "function": f} for f in [delta.get("function_call")] if f]):
            calls += [("", "")] * (call["index"] + 1 - len(calls))
            name, arguments = calls[call["index"]]
            function = call["function"]
            calls[call["index"]] = name + function.get("name", ""), arguments + function.get("arguments", "")
        text, thoughts = text + delta.get("content", ""), thoughts + delta.get("reasoning_content", "")
        images, reason = images + len(delta.get("images", [])), choice["finish_reason"] or reason
        told[choice["index"]] = text, thoughts, calls, images, reason
    return told


def as_functions(chunk):
    """The chunk without calls of custom tools, for which the SDK has no type in streams (TOOL-007)."""
    choices = []
    for choice in chunk["choices"]:
        calls = choice["delta"].get("tool_calls") or []
        for call in calls:
            assert call.get("type") != "custom" or {"name", "input"} <= call["custom"].keys(), call
        kept = [call for call in calls if call.get("type") != "custom"]
        choices.append({**choice, "delta": {**choice["delta"], "tool_calls": kept}})
    return {**chunk, "choices": choices}


def assert_error(document):
    """ERR-001"""
    assert isinstance(document, dict) and set(document) == {"error"}, document
    error = document["error"]
    assert {"message", "type", "param", "code"} <= error.keys(), error
    assert isinstance(error["message"], str) and error["message"] and isinstance(error["type"], str), error
    assert isinstance(error["param"], (str, type(None))) and isinstance(error["code"], (str, type(None))), error
    assert error["code"] != "internal_error", error
    return error
