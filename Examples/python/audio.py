"""Speech to text, with the recording inside the request."""

import base64
import io
import math
import os
import struct
import wave

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)


def recording(seconds: float = 1.0, rate: int = 8000) -> bytes:
    """A WAV file with one tone, where an application has somebody's voice."""
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(rate)
        for index in range(int(seconds * rate)):
            audio.writeframes(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * index / rate))))
    return file.getvalue()


data = base64.b64encode(recording()).decode()
response = client.chat.completions.create(
    model="google/gemini-2.0-flash-001",
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Write down what is said in this recording."},
                {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
            ],
        }
    ],
)
print(response.choices[0].message.content)

assert response.choices[0].message.content
# A second of sound is some 25 tokens more than the question.
assert response.usage.prompt_tokens > 25, response.usage
