"""A function that the model calls: the whole loop."""

import json
import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)


def get_weather(location: str, unit: str = "celsius") -> dict:
    """Stands in for a weather service."""
    return {"location": location, "temperature": 12, "unit": unit, "sky": "clear"}


tools = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city, now.",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {"type": "string", "description": "City and country, such as Oslo, Norway"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["location"],
            },
        },
    }
]
messages = [{"role": "user", "content": "What is the weather in Boston?"}]
called = []

# The model may call, read the result and call again; a few rounds are enough for a question like this.
for _ in range(4):
    response = client.chat.completions.create(
        model="google/gemini-2.5-flash", messages=messages, tools=tools, tool_choice="auto"
    )
    choice = response.choices[0]
    # The message goes back as it came: it carries the model's thought signature.
    messages.append(choice.message)
    if not choice.message.tool_calls:
        break
    assert choice.finish_reason == "tool_calls", choice.finish_reason
    for call in choice.message.tool_calls:
        assert call.type == "function" and call.function.name == "get_weather", call
        result = get_weather(**json.loads(call.function.arguments))
        called.append(result)
        messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})

print(choice.message.content)

assert called and "Boston" in called[0]["location"], called
assert choice.finish_reason == "stop"
assert "12" in choice.message.content
