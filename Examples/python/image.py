"""A picture to look at, sent along as a data URL."""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)

# A JPEG of 24 by 24 pixels: a black disc on white.
JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L"
    "2u71////m8H////6/+b9//j/wAALCAAYABgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EACEQAAEEAgEFAQAAAAAAAAAA"
    "ABEBAgMSADEhBhQVUXHB/9oACAEBAAA/AFppWQRLJK6rG7UHCvPNuO3Wh3bkfBisMrJ4kkidZjtKBhXUFqQA0Kn0eB+4JjfT"
    "9qTk0KD0eT+YrNEyeJY5W2Y7aEYV4Ftz3C0Oq8j6cVhiZBEkcTasbpCc/9k="
)

response = client.chat.completions.create(
    model="google/gemini-2.0-flash-001",
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is in this image?"},
                {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{JPEG}"}},
            ],
        }
    ],
)
print(response.choices[0].message.content)

assert response.choices[0].message.content
# A picture costs far more tokens than the question beside it.
assert response.usage.prompt_tokens > 100, response.usage
