"""A model in several places: how tests ask for it, and read where the answer came from."""

import re

import openai
import pytest

from conftest import KEY
from scenes import user
from upstream import error_of, responds
from wire import Connection

AUTHORIZED = ("authorization", "Bearer " + KEY)
UNAVAILABLE = responds(503, error_of(503, "UNAVAILABLE", "The service is currently unavailable."))


def throttled(retry="30s"):
    return responds(429, error_of(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", retry=retry))


def sdk(program, **options):
    return openai.OpenAI(base_url=program.url + "/v1", api_key=KEY, **{"timeout": 10, "max_retries": 0, **options})


def ask(program, model, headers=None, **members):
    """One unary request by the SDK: its text, and where it was."""
    with sdk(program) as client:
        raw = client.chat.completions.with_raw_response.create(
            model=model, messages=[user("Hi")], extra_headers=headers or {}, **members
        )
        return raw.parse().choices[0].message.content, route(raw.headers)


def refused(program, model, **members):
    """One request that fails; the SDK's exception, and where it was."""
    with sdk(program) as client, pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=model, messages=[user("Hi")], **members)
    return caught.value, route(caught.value.response.headers)


def route(headers):
    """`x-pollux-route` without its times."""
    text = headers["x-pollux-route"]
    assert re.fullmatch(r"[\x20-\x7e]{1,1000}", text)
    return re.sub(r";\d+ms", "", text)


def leg(location, *words):
    return ";".join(["vertex/" + location, *map(str, words)])


def stream(program, model, **members):
    connection = Connection(program.port)
    return connection, connection.chat(
        {"model": model, "messages": [user("Hi")], "stream": True, **members}, [AUTHORIZED]
    )


def chunks(response):
    return [e for e in response.events() if not isinstance(e, str) or not e.startswith(":")]
