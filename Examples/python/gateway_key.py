"""The short address and a key of the gateway's own; Google's credentials stay with the gateway.

The gateway runs with `auth: {mode: gateway}` and knows the key by its SHA-256 digest only.
"""

import os

from openai import AuthenticationError, OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ["POLLUX_API_KEY"],
)

response = client.chat.completions.create(
    model="google/gemini-2.0-flash-001",
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
)
print(response.choices[0].message.content)
assert response.choices[0].message.content

try:
    client.with_options(api_key="somebody-elses-key").chat.completions.create(
        model="google/gemini-2.0-flash-001", messages=[{"role": "user", "content": "Hello"}]
    )
except AuthenticationError as error:
    print("Refused, as it should be:", error.body["message"])
    assert error.body["code"] == "invalid_api_key"
else:
    raise AssertionError("a request with a wrong key was served")
