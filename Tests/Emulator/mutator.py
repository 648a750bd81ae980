"""Requests changed by chance, always the same for the same seed."""

import copy
import random
import re

VALUES = [
    None, True, False, 0, 1, -1, 7, 2.5, 1e40, 2**31, -(2**63), "", "x", "12", "-3", "1.5", "NaN", "AUTO", "auto", "STRING",
    [], {}, [1], ["a"], {"a": 1}, [None], "gs://bucket/a.png", "image/png", "application/json", "Zm9v", "Zm9", "Z",
]
MEMBERS = {
    "temperature": [0, 2, 2.1, -0.1, "1.5"], "topP": [0, 1, 1.5], "candidateCount": [0, 1, 2, 8, 9],
    "maxOutputTokens": [0, 1, 65536, 65537], "presencePenalty": [-2, 2.5, 0.5], "logprobs": [0, 5, 20, 21],
    "responseLogprobs": [True, False], "stopSequences": [[], ["a"] * 5, ["a"] * 6, [""]],
    "responseMimeType": ["application/json", "text/plain", "text/x.enum", "application/xml", "text/html"],
    "responseSchema": [
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]}, {"type": "ARRAY"},
        {"properties": {"a": {}}}, {"type": "STRING", "enum": ["a", ""]}, {"type": "OBJECT", "required": ["z"],
        "properties": {"a": {"type": "NUMBER"}}}, {"type": "STRING", "format": "date"},
        {"type": "BOOLEAN", "enum": ["true"]},
    ],
    "responseJsonSchema": [{"type": "object"}, {"$ref": "#"}],
    "thinkingConfig": [
        {"thinkingBudget": 0}, {"thinkingBudget": -1}, {"thinkingBudget": 100}, {"thinkingBudget": 999999},
        {"thinkingLevel": "LOW"}, {"thinkingLevel": "low", "thinkingBudget": 5}, {"includeThoughts": True}, {},
    ],
    "seed": [1, 2**31, "5"], "topK": [1, 40.5], "mediaResolution": ["MEDIA_RESOLUTION_LOW", "LOW"],
}
TOOLS = [
    {"googleSearch": {}}, {"codeExecution": {}}, {"urlContext": {}}, {"functionDeclarations": [{"name": "f"}]},
    {"functionDeclarations": [{"name": "1f"}]}, {"functionDeclarations": [{"name": "a"}, {"name": "a"}]},
    {"function_declarations": [{"name": "g", "parameters": {"type": "OBJECT", "properties": {"x": {"type": "ARRAY"}}}}]},
    {"functionDeclarations": [{"name": "h", "parameters": {"type": "OBJECT"}, "parametersJsonSchema": {}}]},
    {"unknownTool": {}},
]
PARTS = [
    {"text": "more"}, {}, {"thought": True}, {"text": "a", "inlineData": {"mimeType": "image/png", "data": "AA=="}},
    {"functionCall": {"name": "f", "args": {}}}, {"functionCall": {"args": {}}},
    {"functionResponse": {"name": "f", "response": {}}}, {"functionResponse": {"name": "f"}},
    {"inlineData": {"data": "AA=="}}, {"inlineData": {"mimeType": "image/png", "data": "?"}},
    {"fileData": {"fileUri": "https://example.com/a"}}, {"fileData": {"mimeType": "image/png"}}, {"thoughtSignature": "Zm9v"},
    {"executableCode": {"language": "PYTHON", "code": "1"}}, {"videoMetadata": {"fps": 1}},
]


def places(value, path=()):
    """The paths of all values, the root's without it."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def snake(name):
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def mutate(self, request):
        """A changed copy: one to three changes."""
        request = copy.deepcopy(request)
        for _ in range(self.random.choice((1, 1, 2, 3))):
            self.random.choice(self.CHANGES)(self, request)
        return request

    def pick(self, request):
        found = list(places(request))
        return self.random.choice(found) if found else None

    def replace(self, request):
        path = self.pick(request)
        if path:
            at(request, path[:-1])[path[-1]] = copy.deepcopy(self.random.choice(VALUES))

    def remove(self, request):
        path = self.pick(request)
        if path:
            del at(request, path[:-1])[path[-1]]

    def rename(self, request):
        path = self.pick(request)
        if path and isinstance(path[-1], str):
            owner = at(request, path[:-1])
            owner[self.random.choice((snake(path[-1]), path[-1] + "x"))] = owner.pop(path[-1])

    def double(self, request):
        path = self.pick(request)
        if path and isinstance(path[-1], int):
            owner = at(request, path[:-1])
            owner.insert(path[-1], copy.deepcopy(owner[path[-1]]))

    def wrap(self, request):
        path = self.pick(request)
        if path:
            owner = at(request, path[:-1])
            value = owner[path[-1]]
            owner[path[-1]] = value[0] if isinstance(value, list) and value else [value]

    def configure(self, request):
        config = request.setdefault("generationConfig", {})
        if isinstance(config, dict):
            name = self.random.choice(list(MEMBERS))
            config[name] = copy.deepcopy(self.random.choice(MEMBERS[name]))

    def equip(self, request):
        tools = request.setdefault("tools", [])
        if isinstance(tools, list):
            tools.append(copy.deepcopy(self.random.choice(TOOLS)))

    def speak(self, request):
        contents = request.get("contents")
        if not isinstance(contents, list) or not contents:
            return
        content = self.random.choice(contents)
        if isinstance(content, dict) and isinstance(content.get("parts"), list):
            content["parts"].append(copy.deepcopy(self.random.choice(PARTS)))

    def turn(self, request):
        contents = request.get("contents")
        if isinstance(contents, list):
            role = self.random.choice(("user", "model", "function", "assistant", "", None))
            turn = {"parts": [copy.deepcopy(self.random.choice(PARTS))]}
            if role is not None:
                turn["role"] = role
            contents.insert(self.random.randint(0, len(contents)), turn)

    CHANGES = (replace, replace, replace, remove, rename, double, wrap, configure, configure, equip, speak, turn)
