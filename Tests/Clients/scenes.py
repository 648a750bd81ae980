"""What both kinds of SDK tests ask for."""

import base64

import pydantic

FLASH = "google/gemini-2.5-flash"
THIRD = "google/gemini-3-flash-preview"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


class Person(pydantic.BaseModel):
    name: str
    age: int
    hobbies: list[str]


def user(content):
    return {"role": "user", "content": content}


def call(identifier, name="get_weather", arguments='{"city":"Oslo"}'):
    """A tool call as a client without `extra_content` keeps it."""
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls):
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def result(identifier, content):
    return {"role": "tool", "tool_call_id": identifier, "content": content}
