"""One question, one answer."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)

response = client.chat.completions.create(
    model="google/gemini-2.0-flash-001",
    messages=[
        {"role": "system", "content": "You answer in one short paragraph."},
        {"role": "user", "content": "Why is the sky blue?"},
    ],
)
choice = response.choices[0]
print(choice.message.content)

assert choice.message.role == "assistant" and choice.message.content
assert choice.finish_reason == "stop"
assert response.object == "chat.completion" and response.model == "google/gemini-2.0-flash-001"
assert response.usage.prompt_tokens > 0 and response.usage.completion_tokens > 0
