"""What Gemini has and Chat Completions has not goes into extra_body."""

import os

from openai import BadRequestError, OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)


def ask(category: str):
    return client.chat.completions.create(
        model="google/gemini-2.0-flash-001",
        messages=[{"role": "user", "content": "How do knives stay sharp?"}],
        extra_body={
            "google": {"safety_settings": [{"category": category, "threshold": "BLOCK_ONLY_HIGH"}]},
        },
    )


response = ask("HARM_CATEGORY_DANGEROUS_CONTENT")
print(response.choices[0].message.content)
assert response.choices[0].message.content

# The settings reach Gemini, which knows its categories.
try:
    ask("HARM_CATEGORY_BAD_WEATHER")
except BadRequestError as error:
    print("Refused, as it should be:", error.body["message"])
else:
    raise AssertionError("a category that does not exist was taken")
