"""Chat Completions requests that are valid in every respect, made by chance: the same seed makes the same request.

What the specification refuses, or relays to an upstream that refuses it, is not made here: one image resolution a
request before Gemini 3 (MM-016), no functions beside JSON mode or native tools there (FMT-007), no `cached_content`
beside tools, no budget beside a level (THINK-015), and nothing that the gateway would have to fetch itself (MM-003).
"""

import base64
import json
import random
import typing

from conftest import VERTEX_BASE
from scenes import PNG

PLACEHOLDER = base64.b64encode(b"skip_thought_signature_validator").decode()
SERVICES = ("vertex", "developer")


class Digits(str):
    """A number, digit by digit as it is to be written."""


class Family(typing.NamedTuple):
    """What the requests to a model may hold."""

    model: str
    budgets: tuple = ()
    levels: tuple = ()
    is_third: bool = False
    can_combine: bool = False
    makes: str = "text"


FAMILIES = (
    Family("gemini-2.0-flash"),
    Family("gemini-2.5-pro", budgets=(-1, 128, 1000, 32768)),
    Family("gemini-2.5-flash", budgets=(-1, 0, 1, 24576)),
    Family("gemini-2.5-flash-lite", budgets=(-1, 0, 512, 24576)),
    Family("gemini-2.5-flash-image", makes="image"),
    Family("gemini-2.5-flash-preview-tts", makes="audio"),
    Family("gemini-3-pro-preview", levels=("low", "high"), is_third=True, can_combine=True),
    Family("gemini-3-pro-image-preview", levels=("low", "high"), is_third=True, makes="image"),
    Family("gemini-3-flash-preview", levels=("minimal", "low", "medium", "high"), is_third=True, can_combine=True),
    Family("gemini-3.5-flash-lite", levels=("minimal", "low", "medium", "high"), is_third=True, can_combine=True),
    Family("gemini-3.7-flash", levels=("low", "medium", "high"), is_third=True, can_combine=True),
    Family("gemini-flash-latest", levels=("low", "medium", "high"), is_third=True),
    Family("gemini-9-ultra", levels=("low", "medium", "high"), is_third=True, can_combine=True),
)

TEXTS = (
    "Hi", "What is this?", "Grüße aus Köln",
    "世界 🌍 👩‍👩‍👧", "a \"quoted\" \\ text", "two\nlines\r\n\tand a tab",
    "<thought>hidden</thought>seen", "data: [DONE]\n\n", "{\"a\":1}", "/slash/ </script>", "nul \u0000 del \x7f",
    "line \u2028 paragraph \u2029", "\ufeffmark", "e\u0301 \U0010ffff", " ", "x" * 700, "ünï" * 300,
)
WORDS = (
    "city", "größe", "x-y", "name", "title", "type", "$ref", "properties", "a b", "日付", "required", "é\"",
    "0",
)
NUMBERS = ("0", "-1", "1.10", "9007199254740993", "1e3", "-0.0", "3.14159265358979323846264338327950288", "1E-7")
URIS = {
    "image": ("https://example.com/a.png", "https://example.com/a/b?x=1#f", "HTTPS://example.com/%C3%A9.JPG"),
    "audio": ("https://example.com/a.mp3", "https://example.com/sound"),
    "video": ("https://www.youtube.com/watch?v=abc", "https://youtu.be/abc", "https://m.youtube.com/shorts/x"),
    "file": ("https://example.com/a.pdf", "https://example.com/notes.txt"),
}
SAMPLES = {
    "image": (("image/png", PNG), ("image/jpg", b"\xff\xd8\xff\xe0rest"), ("IMAGE/WEBP", b"RIFF1234WEBPVP8 ")),
    "audio": (("audio/wav", b"RIFF1234WAVEfmt "), ("audio/mpeg", b"ID3\x04rest"), ("audio/x", b"\xfb\xff\xfe")),
    "video": (("video/mp4", b"1234ftypisom"), ("video/webm", b"\x1a\x45\xdf\xa3")),
    "file": (("application/pdf", b"%PDF-1.7 "), ("text/plain;charset=utf-8", "ä?>".encode()), ("text/x", b"?>~")),
}
SUPPORTED_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
CATEGORIES = ("HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH", "HARM_CATEGORY_DANGEROUS_CONTENT")
THRESHOLDS = ("BLOCK_LOW_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF")


class Case(typing.NamedTuple):
    seed: object
    target: str
    body: dict

    @property
    def text(self):
        """The body as bytes; white space and escapes vary with the seed."""
        return written(self.body, random.Random("spelling %s" % (self.seed,))).encode()

    @property
    def is_stream(self):
        return self.body.get("stream") is True

    def __str__(self):
        return "seed %r: POST %s\n%s" % (self.seed, self.target, written(self.body))


def written(value, chance=None):
    """JSON text; with `chance`, one of the many spellings of it."""
    loose = chance is not None and chance.random() < 0.3
    space = (lambda: chance.choice(("", "", " ", "\n", "\t "))) if loose else (lambda: "")
    ascii_only = chance is not None and chance.random() < 0.3

    def string(text):
        made = json.dumps(text, ensure_ascii=ascii_only)
        return made.replace("/", "\\/") if loose and chance.random() < 0.3 else made

    def write(value):
        if isinstance(value, Digits):
            return str(value)
        if isinstance(value, str):
            return string(value)
        if isinstance(value, dict):
            members = (space() + string(k) + space() + ":" + space() + write(v) + space() for k, v in value.items())
            return "{" + ",".join(members) + "}"
        if isinstance(value, (list, tuple)):
            return "[" + ",".join(space() + write(element) + space() for element in value) + "]"
        return json.dumps(value)

    return space() + write(value) + space()


class Generator:
    """Makes one request for one service."""

    def __init__(self, seed, service):
        self.chance = random.Random("%s %s" % (service, seed))
        self.seed, self.service = seed, service
        self.family = self.pick(FAMILIES)
        self.detail = self.pick(("low", "medium", "high"))
        self.names, self.calls = [], 0

    # Chance

    def pick(self, values):
        return self.chance.choice(list(values))

    def has(self, share):
        return self.chance.random() < share

    def some(self, values, most):
        values = list(values)
        return self.chance.sample(values, self.chance.randint(0, min(most, len(values))))

    def text(self):
        return "".join(self.pick(TEXTS) for _ in range(self.pick((1, 1, 1, 2))))

    def number(self, low, high):
        """A number within bounds, in one of its spellings."""
        value = self.chance.uniform(low, high)
        forms = [repr(value), "%d" % high, "%d.0" % low, "%.25f" % value, "%.1f" % value, "%e" % value, "0e0"]
        fitting = [form for form in forms if low <= float(form) <= high]
        return Digits(self.pick(fitting))

    def value(self, depth=0):
        """Any JSON value."""
        kind = self.chance.randrange(5 if depth > 2 else 7)
        if kind == 5:
            return [self.value(depth + 1) for _ in range(self.chance.randrange(4))]
        if kind == 6:
            return {self.pick(WORDS): self.value(depth + 1) for _ in range(self.chance.randrange(4))}
        return (self.text(), Digits(self.pick(NUMBERS)), True, None, False)[kind]

    def object(self):
        return {self.pick(WORDS): self.value(1) for _ in range(self.chance.randrange(4))}

    def encoded(self, data, is_bare=False):
        """Base64 in any alphabet, with or without padding and white space (GEN-008)."""
        made = (base64.urlsafe_b64encode if self.has(0.3) else base64.b64encode)(data).decode()
        if self.has(0.3):
            made = made.rstrip("=")
        if self.has(0.1) and not is_bare:
            made = made[:4] + "\n" + made[4:] + " "
        return made

    # The whole

    def case(self):
        body = {"model": self.spelled_model(), "messages": []}
        self.add_tools(body)
        body["messages"] = self.messages()
        self.add_sampling(body)
        self.add_output(body)
        self.add_extensions(body)
        self.add_ignored(body)
        if self.has(0.5):
            for name in self.some(NULLABLE, 6):
                body.setdefault(name, None)
        members = list(body.items())
        if self.has(0.5):
            self.chance.shuffle(members)
        return Case((self.service, self.seed), self.target(), dict(members))

    def spelled_model(self):
        return self.pick(("google/", "", "models/", "publishers/google/models/")) + self.family.model

    def target(self):
        return self.pick((
            VERTEX_BASE + "/chat/completions", VERTEX_BASE.replace("/v1/", "/v1beta1/") + "/chat/completions",
            "/v1/chat/completions", "/v1beta/openai/chat/completions",
        ))

    # Messages

    def messages(self):
        made = [self.system() for _ in range(self.pick((0, 0, 1, 2)))]
        if self.has(0.04):
            unknown = {"role": "assistant", "content": None, "audio": {"id": "audio_0123"}}  # MSG-017
            return [{"role": "system", "content": "Only this."}, *made, *[unknown] * self.has(0.4)]  # MSG-007
        for _ in range(self.pick((0, 0, 1, 2, 4))):
            made += self.turn()
        ending = self.chance.random()
        if ending < 0.75 or not made:
            made.append(self.user())
        elif ending < 0.9 and self.family.makes == "text":
            made += [self.user(), *self.tool_step()]
        else:
            made += [self.user(), {"role": "assistant", "content": "The answer is"}]
        return made

    def turn(self):
        choice = self.chance.random()
        if choice < 0.35:
            return [self.user()]
        if choice < 0.55:
            return [self.user(), self.assistant()]
        if choice < 0.6:
            return [self.system()]
        if self.family.makes != "text":
            return [self.assistant()]
        if choice < 0.95:
            steps = [message for _ in range(self.pick((1, 1, 2))) for message in self.tool_step()]
            return steps + [self.assistant()] * self.has(0.6)
        name = self.pick(self.names or ["old_function"])
        called = {"role": "assistant", "function_call": {"name": name, "arguments": self.arguments()}}
        return [{**called, "content": None}, {"role": "function", "name": name, "content": self.pick(("11", None))}]

    def system(self):
        content = self.text()
        if self.has(0.3):
            content = [self.text_part() for _ in range(self.pick((1, 2)))]
        return {"role": self.pick(("system", "developer")), "content": content}

    def text_part(self):
        return {"type": "text", "text": self.text()}

    def user(self):
        made = {"role": "user", "content": self.text()}
        if self.has(0.4):
            kinds = (self.text_part, self.image, self.audio, self.file, self.video)
            made["content"] = [self.pick(kinds)() for _ in range(self.pick((1, 2, 3)))]
        if self.has(0.1):
            made["name"] = self.pick(("Ada", None))
        return made

    def source(self, kind, bare=False):
        """A data URL, bare base64, or an address that the service reads itself."""
        mime, data = self.pick(SAMPLES[kind])
        choice = self.chance.random()
        if choice < 0.25 and (self.service == "vertex" or self.family.model != "gemini-2.0-flash"):
            return self.pick(URIS[kind] if self.service == "developer" else (*URIS[kind], "gs://b/ä b/c.png"))
        if choice < 0.4 and bare:
            return self.encoded(data + b"\x00" * 24, is_bare=True)
        if choice < 0.5:
            return "data:%s,%%41b%%C3%%A4" % mime
        return "data:%s;base64,%s" % (mime, self.encoded(data))

    def with_options(self, part, is_video=False):
        google = {}
        if self.has(0.1) and is_video:
            google["video_metadata"] = {"start_offset": "1s", "end_offset": 12, "fps": 1.5}
        if self.has(0.1) and self.family.is_third:
            google["media_resolution"] = self.pick((self.detail, {"level": "MEDIA_RESOLUTION_HIGH"}))
        if google:
            part[self.pick(("extra_content", "extra_part"))] = {"google": google}
        return part

    def image(self):
        url = self.source("image", bare=self.has(0.2))
        if self.has(0.2):
            return self.with_options({"type": "image_url", "image_url": url})
        made = {"url": url}
        if self.has(0.4):
            made["detail"] = self.pick(
                ("auto", "low", "high", "ultra_high", None) if self.family.is_third else ("auto", self.detail, None)
            )
        return self.with_options({"type": "image_url", "image_url": made})

    def audio(self):
        form = self.pick(("wav", "mp3", "flac", "pcm16", "audio/ogg", "amr"))
        return {"type": "input_audio", "input_audio": {"data": self.source("audio", bare=True), "format": form}}

    def video(self):
        return self.with_options({"type": "video_url", "video_url": {"url": self.source("video")}}, is_video=True)

    def file(self):
        made = {"file_data": self.source("file")}
        if self.has(0.3):
            made["filename"] = self.pick(("a.pdf", "größe.txt", "notes.json", "deep/er.CSV"))
        if self.has(0.1):
            made = {"file_id": "files/abc-1"} if self.service == "developer" else {"file_id": "gs://b/c.pdf"}
        return {"type": "file", "file": made}

    def assistant(self):
        made = {"role": "assistant", "content": self.text()}
        choice = self.chance.random()
        if choice < 0.2:
            made["content"] = [self.text_part(), {"type": "refusal", "refusal": "No."}, self.text_part()]
        elif choice < 0.25:
            made["content"] = [{**self.text_part(), "extra_content": {"google": self.marks()}}]
        elif choice < 0.3:
            made.update(content=None, refusal="I cannot.")
        elif choice < 0.35:
            made["content"] = ""
        elif choice < 0.4:
            made.update(content=None, audio={"id": "audio_0123"}, refusal="Spoken.")
        elif choice < 0.45:
            made["images"] = [{"type": "image_url", "index": 0, "image_url": {"url": "data:image/png;base64,iVBORw0K"}}]
        if self.has(0.2):
            made[self.pick(("reasoning_content", "reasoning"))] = self.text()
        if self.has(0.2):
            made["extra_content"] = {"google": self.marks()}
        for name in self.some(("refusal", "tool_calls", "function_call", "annotations", "audio", "name"), 3):
            if self.has(0.3):
                made.setdefault(name, None)
        return made

    def marks(self):
        """What Google's own answers carry."""
        made = {}
        if self.has(0.5):
            made["thought"] = self.pick((True, False, 2, None))
        if self.has(0.5):
            made["thought_signature"] = self.pick((PLACEHOLDER, PLACEHOLDER.rstrip("="), "not base64 !", "", None))
        return made

    def arguments(self):
        choice = self.chance.random()
        if choice < 0.2:
            return self.pick(("", " ", "[1,2]", "3", "not JSON {", "null", "{\"a\":1,}"))
        return written(self.object(), self.chance)

    def tool_step(self):
        """One assistant message with calls, and all of their results."""
        calls, results = [], []
        for _ in range(self.pick((1, 1, 2, 3))):
            self.calls += 1
            identifier = "call_%d%s" % (self.calls, self.pick(("", "", "-ä", ".x")))
            name = self.pick(self.names or ["get_weather", "1st-tool"])
            called = {"id": identifier, "type": "function", "function": {"name": name, "arguments": self.arguments()}}
            if self.has(0.1):
                called = {"id": identifier, "type": "custom", "custom": {"name": name, "input": self.text()}}
            if self.has(0.2):
                called["index"] = len(calls)
            if self.has(0.3):
                called[self.pick(("extra_content", "extra_part"))] = {"google": self.marks()}
            calls.append(called)
            results.append(self.result(identifier))
        if self.has(0.3):
            self.chance.shuffle(results)
        made = {"role": "assistant", "tool_calls": calls}
        if self.has(0.8):
            made["content"] = self.pick((None, "", self.text()))
        if self.has(0.2):
            made["reasoning_content"] = self.text()
        if self.has(0.2):
            made["extra_content"] = {"google": self.marks()}
        return [made, *results]

    def result(self, identifier):
        made = {"role": "tool", "tool_call_id": identifier, "content": self.text()}
        choice = self.chance.random()
        if choice < 0.3:
            made["content"] = written(self.value(), self.chance)
        elif choice < 0.4:
            made["content"] = self.pick((None, "", [], "[", "42"))
        elif choice < 0.6:
            kinds = (self.text_part, self.text_part, self.image, self.file)
            made["content"] = [self.pick(kinds)() for _ in range(self.pick((1, 2)))]
        if self.has(0.05) and self.family.is_third:
            data = {"mime_type": "image/png", "data": base64.b64encode(PNG).decode()}
            made["extra_content"] = {"google": {"parts": [{"inline_data": data}]}}
        return made

    # Tools

    def function_name(self):
        while True:
            name = self.pick(("get_weather", "1st", "-x", "a-b", "f", "Z" * 64, "_u"))
            name = (name + self.pick(("", "_2", "-3", "4")))[:64]
            if not {name, "_" + name, name[1:]} & set(self.names):
                self.names.append(name)
                return name

    def function(self):
        made = {"name": self.function_name()}
        if self.has(0.6):
            made["description"] = self.pick(("", self.text()))
        if self.has(0.8):
            made["parameters"] = self.pick((None, {}, {"type": "object", "properties": {}}))
            if self.has(0.8):
                made["parameters"] = SchemaGenerator(self).root()
        if self.has(0.3):
            made["strict"] = self.pick((True, False, None))
        return made

    def tool(self):
        if self.has(0.15):
            made = {"name": self.function_name(), "description": self.text()}
            if self.has(0.5):
                grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: \"a\""}}
                made["format"] = self.pick(({"type": "text"}, grammar))
            return {"type": "custom", "custom": made}
        return {"type": "function", "function": self.function()}

    def native_tool(self):
        key = self.pick(("google_search", "code_execution", "url_context", "googleSearch", "google_maps"))
        return self.pick(({key: {}}, {"type": key}))

    def add_tools(self, body):
        if self.family.makes != "text":
            return
        choice = self.chance.random()
        if choice < 0.4:
            body["tools"] = [self.tool() for _ in range(self.pick((1, 2, 4)))]
            self.add_choice(body)
        elif choice < 0.5:
            body["functions"] = [self.function() for _ in range(self.pick((1, 2)))]
            if self.has(0.5):
                body["function_call"] = self.pick(("none", "auto", {"name": self.pick(self.names)}))
        elif choice < 0.6:
            body.update(self.pick(({"tools": []}, {"functions": []}, {"tools": [], "tool_choice": "auto"})))
        if self.family.can_combine or not self.names:
            if self.has(0.1):
                body["tools"] = body.get("tools", []) + [self.native_tool()]
                body.pop("functions", None) and body.pop("function_call", None)
            if self.has(0.1):
                body["web_search_options"] = self.pick(({}, {"search_context_size": "low", "user_location": None}))
        if self.has(0.2):
            body["parallel_tool_calls"] = self.pick((True, False, None))

    def add_choice(self, body):
        name = self.pick(self.names)
        kinds = {tool["type"]: tool for tool in body["tools"]}
        named = [{"type": "function", "function": {"name": name}}] if "custom" not in kinds else []
        if self.has(0.6):
            allowed = [{"type": "function", "function": {"name": n}} for n in self.some(self.names, 3) or [name]]
            body["tool_choice"] = self.pick((
                "none", "auto", "required", "validated", *named, {"type": "custom", "custom": {"name": name}},
                {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": allowed}},
                {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": allowed}},
            ))

    # Parameters

    def add_sampling(self, body):
        possible = {
            "max_completion_tokens": lambda: self.pick((1, 256, 65536)),
            "max_tokens": lambda: self.pick((1, 256, 8192)),
            "temperature": lambda: self.number(0, 2),
            "top_p": lambda: self.number(0, 1),
            "top_k": lambda: self.pick((1, 40, Digits("40.0"))),
            "frequency_penalty": lambda: self.number(-2, 2),
            "presence_penalty": lambda: self.number(-2, 2),
            "seed": lambda: Digits(self.pick(("0", "-1", "2147483647", "2147483648", "-9223372036854775808", "7"))),
            "stop": lambda: self.pick(("END", "", ["a", "", "ß\n"], [], ["1", "2", "3", "4", "5", ""])),
            "n": lambda: self.pick((1, 2, 3)),
        }
        for name in self.some(possible, 5):
            body[name] = possible[name]()
        if self.has(0.1):
            body["logprobs"] = self.pick((True, False))
            if body["logprobs"]:
                body["top_logprobs"] = self.pick((0, 3, 20, None))
        if self.has(0.4):
            body["stream"] = self.pick((True, True, False, None))
            if body["stream"] and self.has(0.5):
                body["stream_options"] = self.pick(({"include_usage": True}, {"include_usage": False}, {}, None))

    def add_output(self, body):
        if self.family.makes == "audio":
            voice = self.pick(("alloy", "Kore", {"id": "nova"}))
            body["audio"] = {"voice": voice, "format": self.pick(("wav", "pcm16"))}
            if self.has(0.5):
                body["modalities"] = self.pick((["audio"], ["text", "audio"], ["text"]))
            return
        if self.family.makes == "image":
            if self.has(0.5):
                body["modalities"] = self.pick((["image"], ["text", "image"], ["image", "text", "image"]))
            return
        if self.has(0.1):
            body["modalities"] = ["text"]
        if self.has(0.3) and (self.family.can_combine or not self.names):
            schema = SchemaGenerator(self).root()
            named = {"name": self.pick(("answer", "A-1_b" * 12)), "schema": schema, "strict": True}
            described = {"name": "n", "description": self.text(), "schema": schema}
            choice = {"type": "string", "enum": ["yes", "no", "größe"]}
            body["response_format"] = self.pick((
                {"type": "json_object"}, {"type": "json_schema", "json_schema": named},
                {"type": "json_schema", "json_schema": described},
                {"type": "json_schema", "json_schema": {"name": "n"}},
                {"type": "text/x.enum", "schema": choice}, "application/json",
            ))
        elif self.has(0.1):
            body["response_format"] = {"type": "text"}

    def thinking(self, body, google):
        if self.has(0.25):
            body["reasoning_effort"] = self.pick(SUPPORTED_EFFORTS)
        elif self.has(0.3) and (self.family.budgets or self.family.levels):
            made = {}
            if self.has(0.7):
                made[self.pick(("include_thoughts", "includeThoughts"))] = self.pick((True, True, False))
            if self.has(0.5) and self.family.budgets:
                made["thinking_budget"] = self.pick((self.pick(self.family.budgets), Digits("1024.0")))
            elif self.has(0.5) and self.family.levels:
                made["thinking_level"] = self.pick((str.upper, str.lower, str.title))(self.pick(self.family.levels))
            google["thinking_config"] = made
        if self.has(0.15):
            google["thought_tag_marker"] = self.pick(("think", "<thought>", "T-1_"))

    def add_extensions(self, body):
        google = {}
        self.thinking(body, google)
        if self.has(0.1):
            method = {"method": "SEVERITY"} if self.has(0.3) else {}
            settings = [{"category": c, "threshold": self.pick(THRESHOLDS), **method} for c in CATEGORIES]
            google[self.pick(("safety_settings", "safetySettings"))] = settings
        elif self.has(0.05):
            google["model_armor_config"] = {"prompt_template_name": "projects/p/locations/l/templates/t"}
        if self.has(0.05) and not body.keys() & {"tools", "functions", "web_search_options"}:
            if all(m["role"] not in ("system", "developer") for m in body["messages"]):
                google["cached_content"] = "c1"
        elif self.has(0.1) and (self.family.can_combine or not self.names) and self.family.makes == "text":
            kinds = [{"google_search": {}}, {"url_context": {}}, {"code_execution": None, "google_search": {}}]
            if self.service == "vertex":
                kinds.append({"enterprise_web_search": {}})
            google["tools"] = self.some(kinds, 2)
            google["tool_config"] = {"retrieval_config": {"lat_lng": {"latitude": 59.9, "longitude": 10.7}}}
        if self.has(0.05):
            google["media_resolution"] = self.pick((self.detail, "MEDIA_RESOLUTION_" + self.detail.upper()))
        if self.has(0.1):
            google["generation_config"] = {"temperature": 0.5, "max_output_tokens": 9, "top_p": None}
        if self.has(0.1) and self.family.makes == "image":
            google[self.pick(("aspect_ratio", "aspectRatio"))] = "16:9"
            google["image_config"] = self.pick(({}, {"aspect_ratio": "1:1"}))
            google["response_modalities"] = ["TEXT", "IMAGE"]
        if self.has(0.2) and self.family.makes == "audio":
            voices = [
                {"speaker": name, "voice_config": {"prebuilt_voice_config": {"voice_name": voice}}}
                for name, voice in (("Ada", "Kore"), ("Bo", "Puck"))
            ]
            google["speech_config"] = {"multi_speaker_voice_config": {"speaker_voice_configs": voices}}
        if self.has(0.1):
            google.update(labels={"team": "a"}, audio_timestamp=True)
            if "cached_content" not in google:
                google["stream_function_call_arguments"] = True
        if google or self.has(0.1):
            name = self.pick(("extra_body", "google"))
            body[name] = {"google": google} if name == "extra_body" else google
        if self.has(0.1):
            own = {"thoughts": self.pick(("content", "reasoning_content")), "usage": self.pick(("openai", "google"))}
            body.setdefault("extra_body", {})["pollux"] = own

    def add_ignored(self, body):
        possible = {
            "user": "u", "safety_identifier": "s", "metadata": {"Team": "größe"}, "store": True, "verbosity": "low",
            "service_tier": self.pick(("auto", "flex", "priority", "scale", "of tomorrow")),
            "logit_bias": {"50256": -100},
            "prediction": {"type": "content", "content": "x"}, "prompt_cache_key": "k", "moderation": {"model": "m"},
            "prompt_cache_retention": "24h", "extra_content": {"google": {}}, "extra_part": 3,
        }
        for name in self.some(possible, 3) if self.has(0.4) else ():
            body[name] = possible[name]


NULLABLE = (
    "tools", "tool_choice", "functions", "function_call", "parallel_tool_calls", "response_format", "stop", "n", "seed",
    "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "logit_bias",
    "stream", "stream_options", "modalities", "audio", "service_tier", "metadata", "user", "store", "reasoning_effort",
    "web_search_options", "prediction", "verbosity", "extra_body", "google", "presence_penalty", "frequency_penalty",
)


class SchemaGenerator:
    """JSON Schemas as clients write them: Pydantic's, Zod's, hand-made, draft 4, OpenAPI's."""

    def __init__(self, generator):
        self.chance, self.pick, self.has = generator.chance, generator.pick, generator.has
        self.text = generator.text
        self.holder = self.pick(("$defs", "definitions"))
        self.definitions = ["Node", "größe", "A"] if self.has(0.4) else []

    def root(self):
        """A schema of an object."""
        made = self.object(0)
        if self.has(0.2):
            made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        if self.definitions:
            made[self.holder] = {name: self.object(2) for name in self.definitions}
            node = {"type": "object", "properties": {"next": self.reference("Node"), "value": {"type": "string"}}}
            made[self.holder]["Node"] = node
        return made

    def reference(self, name=None):
        return {"$ref": "#/%s/%s" % (self.holder, name or self.pick(self.definitions))}

    def described(self, made):
        if isinstance(made, bool):
            return made
        if self.has(0.2):
            made["description"] = self.pick(("", self.text()))
        if self.has(0.1):
            made["title"] = self.text()
        return made

    def object(self, depth):
        names = self.chance.sample(WORDS, self.chance.randint(0 if depth else 1, 3))
        made = {"type": self.pick(("object", "object", "OBJECT"))}
        made["properties"] = {name: self.any(depth + 1) for name in names}
        if self.has(0.5):
            made["required"] = [name for name in names if self.has(0.5)] + ["missing"] * self.has(0.1)
        if self.has(0.3):
            made["additionalProperties"] = self.pick((False, True, {"type": "string"}))
        if self.has(0.1):
            made.update(self.pick(({"minProperties": 1}, {"patternProperties": {"^x": {}}}, {"propertyNames": {}})))
        return self.described(made)

    def any(self, depth):
        if depth > 4:
            return {"type": "string"}
        kinds = [self.string, self.string, self.number, self.listing, self.choice, self.simple]
        if depth < 4:
            kinds += [self.object, self.list, self.union, self.merged]
        if self.definitions:
            kinds += [self.linked, self.linked]
        kind = self.pick(kinds)
        takes_depth = kind.__name__ in ("object", "list", "union", "merged")
        return kind(depth) if takes_depth else self.described(kind())

    def linked(self):
        made = self.reference()
        if self.has(0.3):
            made.update(self.pick(({"description": "d"}, {"title": "t"}, {"default": None})))
        return made

    def string(self):
        made = {"type": self.pick(("string", "STRING", ["string", "null"]))}
        for name, value in self.chance.sample((
            ("format", "date-time"), ("format", "email"), ("pattern", "^a\\d\"$"), ("minLength", 1), ("maxLength", 9),
            ("nullable", True), ("default", "x"), ("examples", ["a"]), ("contentEncoding", "base64"), ("x-order", 1),
        ), self.chance.randrange(3)):
            made[name] = value
        return made

    def number(self):
        made = {"type": self.pick(("integer", "number", "INTEGER", ["integer", "null"]))}
        for name, value in self.chance.sample((
            ("minimum", Digits("1.10")), ("maximum", Digits("9007199254740993")), ("exclusiveMinimum", 0),
            ("exclusiveMaximum", Digits("1e2")), ("multipleOf", 5), ("format", "int64"), ("default", 1),
        ), self.chance.randrange(3)):
            made[name] = value
        if self.has(0.1):
            made.update(minimum=0, exclusiveMinimum=True)
        return made

    def listing(self):
        return self.pick((
            {"enum": ["a", "größe"]}, {"type": "string", "enum": ["a", "b"]}, {"type": "integer", "enum": [1, 2]},
            {"enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]},
            {"type": "boolean", "enum": [True]},
            {"const": "hotel"}, {"const": 3}, {"const": True}, {"type": "string", "const": "x"}, {"const": None},
        ))

    def simple(self):
        return self.pick((
            {"type": "boolean"}, {"type": "null"}, {}, True, {"type": ["string", "integer", "null"]},
            {"type": "object", "additionalProperties": {"type": "integer"}}, {"type": "array"},
        )) if self.has(0.9) else False

    def choice(self):
        return self.pick((
            {"anyOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"const": "a"}, {"const": "b"}]},
            {"oneOf": [{"type": "integer"}, {"type": "string"}], "discriminator": {"propertyName": "k"}},
            {"not": {"type": "string"}}, {"anyOf": [{"type": "string"}], "nullable": True},
        ))

    def list(self, depth):
        made = {"type": "array", "items": self.any(depth + 1)}
        if self.has(0.2):
            made.update(self.pick(({"minItems": 1, "maxItems": 3}, {"uniqueItems": True}, {"contains": {}})))
        if self.has(0.1):
            made = {"type": "array", "prefixItems": [self.any(depth + 1), {"type": "string"}], "items": False}
        if self.has(0.1):
            made = {"type": "array", "items": [{"type": "string"}, self.any(depth + 1)]}
        return self.described(made)

    def union(self, depth):
        made = {self.pick(("anyOf", "oneOf")): [self.any(depth + 1) for _ in range(self.pick((1, 2, 3)))]}
        return self.described(made)

    def merged(self, depth):
        parts = [self.object(depth + 1) for _ in range(self.pick((1, 2)))]
        if self.definitions and self.has(0.3):
            parts.append(self.reference())
        return self.described({"allOf": parts})


# What is refused


def message_of(role, content, **members):
    return {"role": role, "content": content, **members}


def part_of(kind, payload, **members):
    return {"messages": [message_of("user", [{"type": kind, kind: payload, **members}])]}


def tool_of(name, parameters=None):
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOLS = [tool_of("f")]

# Members that make any request one that is refused: `code`, the beginning of `param`, the members, their rule.
REFUSALS = (
    ("empty_array", "messages", {"messages": []}, "REQ-001"),
    ("invalid_type", "messages", {"messages": {}}, "GEN-003"),
    ("missing_required_parameter", "model", {"model": None}, "MOD-003"),
    ("model_not_found", "model", {"model": "google/../x"}, "MOD-002"),
    ("integer_below_min_value", "max_tokens", {"max_tokens": 0}, "REQ-004"),
    ("integer_below_min_value", "max_completion_tokens", {"max_completion_tokens": -5}, "REQ-003"),
    ("integer_below_min_value", "n", {"n": 0}, "REQ-005"),
    ("integer_above_max_value", "n", {"n": 129}, "REQ-005"),
    ("invalid_type", "n", {"n": Digits("1.5")}, "REQ-005"),
    ("decimal_above_max_value", "temperature", {"temperature": Digits("2.0000000001")}, "REQ-006"),
    ("decimal_below_min_value", "temperature", {"temperature": Digits("-1e-9")}, "REQ-006"),
    ("invalid_type", "temperature", {"temperature": "1"}, "GEN-003"),
    ("decimal_above_max_value", "top_p", {"top_p": Digits("1.01")}, "REQ-007"),
    ("invalid_type", "top_k", {"top_k": "40"}, "REQ-008"),
    ("decimal_above_max_value", "frequency_penalty", {"frequency_penalty": Digits("2.1")}, "REQ-009"),
    ("decimal_below_min_value", "presence_penalty", {"presence_penalty": Digits("-2.1")}, "REQ-010"),
    ("invalid_type", "seed", {"seed": Digits("1.5")}, "REQ-011"),
    ("array_above_max_length", "stop", {"stop": list("abcdef")}, "REQ-012"),
    ("invalid_type", "stop[1]", {"stop": ["a", 1]}, "REQ-012"),
    ("invalid_type", "stream", {"stream": "true", "stream_options": None}, "REQ-013"),
    (None, "stream_options", {"stream": False, "stream_options": {"include_usage": True}}, "REQ-014"),
    ("invalid_value", "response_format", {"response_format": {"type": "yaml"}}, "FMT-006"),
    (None, "response_format", {"response_format": {"type": "json_schema", "json_schema": {"name": "a b"}}}, "FMT-004"),
    (
        "invalid_value", "reasoning_effort", {"reasoning_effort": "huge", "extra_body": None, "google": None},
        "THINK-005",
    ),
    (
        "invalid_value", "reasoning_effort",
        {"reasoning_effort": "low", "extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}},
        "THINK-014",
    ),
    (None, "top_logprobs", {"logprobs": False, "top_logprobs": 2}, "REQ-021"),
    ("integer_above_max_value", "top_logprobs", {"logprobs": True, "top_logprobs": 21}, "REQ-021"),
    (None, "modalities", {"modalities": ["smell"]}, "REQ-022"),
    (None, "audio.format", {"audio": {"voice": "alloy", "format": "mp3"}}, "AUD-003"),
    ("invalid_type", "web_search_options", {"web_search_options": True}, "REQ-018"),
    ("invalid_type", "logit_bias", {"logit_bias": [1]}, "REQ-028"),
    ("invalid_type", "metadata", {"metadata": {"a": 1}}, "REQ-025"),
    ("invalid_value", "messages[0].role", {"messages": [message_of("robot", "x")]}, "MSG-006"),
    (None, "messages[0].content", {"messages": [message_of("user", None)]}, "MSG-013"),
    (None, "messages[0].content[0].type", part_of("sound", {}), "MSG-014"),
    (None, "messages[0].content[0].image_url", part_of("image_url", None), "MSG-014"),
    (
        None, "messages[0].content[0].type",
        {"messages": [message_of("system", [{"type": "image_url", "image_url": "data:,x"}])]}, "MSG-015",
    ),
    ("invalid_value", "messages[0].content[0].image_url", part_of("image_url", "ftp://a/b.png"), "MM-007"),
    ("invalid_value", "messages[0].content[0].image_url", part_of("image_url", "data:nothing"), "MM-007"),
    ("invalid_base64", "messages[0].content[0].image_url", part_of("image_url", "data:image/png;base64,a"), "MM-007"),
    (None, "messages[0].content[0].image_url", part_of("image_url", {"url": ""}), "MM-014"),
    (
        None, "messages[0].content[0].image_url.detail", part_of("image_url", {"url": "data:,x", "detail": "no"}),
        "07 § 2",
    ),
    (None, "messages[0].content[0].input_audio", part_of("input_audio", {"data": "", "format": "wav"}), "MM-020"),
    ("unsupported_file", "messages[0].content[0].file", part_of("file", {"file_data": "AAAAAAAA"}), "MM-030"),
    (None, "messages[0].content[0].file", part_of("file", {"file_id": "file-abc"}), "MM-031"),
    (None, "messages[0].content[0].file", part_of("file", {"filename": "a.pdf"}), "MM-032"),
    (
        None, "messages", {"messages": [message_of("assistant", None, tool_calls=[CALL]), message_of("user", "x")]},
        "TOOL-031",
    ),
    (None, "messages", {"messages": [message_of("tool", "x", tool_call_id="c1")]}, "TOOL-031"),
    (None, "tools[0].type", {"tools": [{"type": "robot"}]}, "TOOL-012"),
    (None, "tools[1]", {"tools": TOOLS + TOOLS}, "TOOL-013"),
    (None, "tool_choice", {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "g"}}}, "TOOL-025"),
    (None, "tool_choice", {"tools": TOOLS, "tool_choice": "maybe"}, "TOOL-029"),
    (None, "tool_choice", {"tools": None, "functions": None, "tool_choice": "required"}, "TOOL-030"),
    (
        "invalid_function_parameters", "tools[0].function.parameters", {"tools": [tool_of("f", {"type": "array"})]},
        "06 § 8",
    ),
    (
        "invalid_function_parameters", "tools[0].function.parameters",
        {"tools": [tool_of("f", {"type": "object", "properties": {"a": {"$ref": "#/$defs/no"}}})]}, "06 § 8",
    ),
    (
        "invalid_function_parameters", "tools[0].function.parameters",
        {"tools": [tool_of("f", {"type": "object", "properties": {"a": {"type": "text"}}})]}, "06 § 8",
    ),
    (
        None, "extra_body.google.thought_tag_marker",
        {"google": None, "extra_body": {"google": {"thought_tag_marker": "1 2"}}}, "08 § 4",
    ),
)


def refused(seed, service):
    """A valid request made invalid in one way, and what the error says of it."""
    generator = Generator(seed, service)
    case = generator.case()
    code, param, members, rule = generator.pick(REFUSALS)
    body = {**case.body, **members}
    for name in ("tool_choice", "function_call", "functions"):  # What chooses from other tools is another fault.
        if "tools" in members and name not in members:
            body.pop(name, None)
    return case._replace(body=body), code, param, rule
