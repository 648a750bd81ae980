"""How long a model thinks: reasoning_effort becomes Gemini's thinking budget or level."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)

response = client.chat.completions.create(
    model="google/gemini-2.5-flash",
    reasoning_effort="low",
    messages=[{"role": "user", "content": "How does AI work? Explain it to a child."}],
)
print(response.choices[0].message.content)

assert response.choices[0].message.content
# Thinking is paid for like the answer, and counted in it.
thinking = response.usage.completion_tokens_details.reasoning_tokens
assert 0 < thinking < response.usage.completion_tokens, response.usage
