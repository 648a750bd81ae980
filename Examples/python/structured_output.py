"""An answer in a shape of your own: a pydantic model becomes Gemini's response schema."""

import os

from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(
    base_url=os.environ.get("POLLUX_BASE_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ.get("POLLUX_API_KEY", "any"),
)


class CalendarEvent(BaseModel):
    name: str
    day: str
    participants: list[str]


completion = client.chat.completions.parse(
    model="google/gemini-2.0-flash-001",
    messages=[
        {"role": "system", "content": "Take the event out of what the user says."},
        {"role": "user", "content": "Alice and Bob are going to a science fair on Friday."},
    ],
    response_format=CalendarEvent,
)
event = completion.choices[0].message.parsed
print(event)

assert isinstance(event, CalendarEvent)
assert event.name and event.day and event.participants, event
