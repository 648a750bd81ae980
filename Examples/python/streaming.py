"""An answer, piece by piece."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)

stream = client.chat.completions.create(
    model="google/gemini-2.0-flash-001",
    messages=[{"role": "user", "content": "Tell me a story of about a hundred words."}],
    stream=True,
    stream_options={"include_usage": True},
)
pieces, reasons, usage = [], [], None
for chunk in stream:
    if chunk.usage:
        usage = chunk.usage
    for choice in chunk.choices:
        if choice.delta.content:
            pieces.append(choice.delta.content)
            print(choice.delta.content, end="", flush=True)
        if choice.finish_reason:
            reasons.append(choice.finish_reason)
print()

assert len(pieces) > 1, pieces
assert reasons == ["stop"], reasons
assert usage and usage.total_tokens >= usage.prompt_tokens + usage.completion_tokens > 0, usage
