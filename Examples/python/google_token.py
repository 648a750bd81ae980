"""Vertex AI's own address and a Google access token, which goes through to Google as it is.

The gateway runs with `auth: {mode: passthrough}` and knows no credentials. The token is what
`gcloud auth print-access-token` prints, or google-auth's `credentials.token`.
"""

import os

from openai import AuthenticationError, Omit, OpenAI

project = os.environ.get("GOOGLE_CLOUD_PROJECT", "my-project")
location = os.environ.get("GOOGLE_CLOUD_LOCATION", "us-central1")
path = f"/v1/projects/{project}/locations/{location}/endpoints/openapi"

client = OpenAI(
    # Google's is f"https://{location}-aiplatform.googleapis.com{path}".
    base_url=os.environ.get("POLLUX_BASE_URL", f"http://127.0.0.1:8080{path}"),
    api_key=os.environ["POLLUX_API_KEY"],
)

response = client.chat.completions.create(
    model="google/gemini-2.0-flash-001",
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
)
print(response.choices[0].message.content)
assert response.choices[0].message.content

# Nothing is lent to a client that brings no token.
try:
    client.chat.completions.create(
        model="google/gemini-2.0-flash-001",
        messages=[{"role": "user", "content": "Hello"}],
        extra_headers={"Authorization": Omit()},
    )
except AuthenticationError as error:
    print("Refused, as it should be:", error.body["message"])
else:
    raise AssertionError("a request without a token was served")
