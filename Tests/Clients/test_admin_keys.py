"""The admin listener's side of the store: keys and usage (EP-010)."""

import concurrent.futures
import csv
import io
import json

import pytest

from program import run
from scenes import FLASH, user
from test_admin import TOKEN, ask
from upstream import error_of, responds, says, text_of
from wire import Connection, eventually


def post(program, target, document):
    return ask(program, target, method="POST", document=document)


def keys_of_the_store(program):
    return [key for key in ask(program, "/admin/keys").json()["keys"] if key["source"] == "store"]


def respond(program, key):
    """What a client with this key gets."""
    with Connection(program.port) as connection:
        response = connection.chat(
            {"model": FLASH, "messages": [user("Hi")]}, [("authorization", "Bearer " + key)]
        )
        response.read()
        return response


def chat_status(program, key):
    return respond(program, key).status


def chat(program, key):
    return respond(program, key).json()


@pytest.fixture
def stored(gateways, tmp_path):
    """A gateway with a store of keys and an admin listener."""
    program = gateways.start(
        gateways.developer(), admin={"port": 0, "token": "env:ADMIN_TOKEN"},
        store={"path": str(tmp_path / "pollux.db")},
    )
    yield program
    program.stop()


def test_keys_are_made_used_rotated_and_revoked(stored, upstream):
    """`/admin/keys`: a text is shown once, and counts at once."""
    made = post(stored, "/admin/keys", {"name": "team-b", "rpm": 5, "budget_day": 1.5, "models": ["gemini-2.5-*"]})
    assert made.status == 201
    text, key = made.json()["text"], made.json()["key"]
    assert (key["name"], key["rpm"], key["budget_day"], key["state"]) == ("team-b", 5, "1.50", "active")
    upstream.script(says("Hello."))
    assert chat_status(stored, text) == 200
    assert text not in ask(stored, "/admin/keys").body.decode()
    assert ask(stored, "/admin/keys/team-b").json()["name"] == "team-b"
    rotated = post(stored, "/admin/keys/team-b/rotate", {}).json()["text"]
    assert rotated != text and chat_status(stored, text) == 401
    assert post(stored, "/admin/keys/team-b/revoke", {}).json()["state"] == "revoked"
    assert chat_status(stored, rotated) == 401
    assert post(stored, "/admin/keys/team-b/rotate", {}).status == 409
    told = [line.partition("the key 'team-b' was ")[2] for line in stored.errors if "'team-b'" in line]
    assert told == [word + " over the admin listener" for word in ("made", "rotated", "revoked")]


@pytest.mark.parametrize(
    "draft, field",
    [
        ({}, "name"), ({"name": "a b"}, "name"), ({"name": "x", "rpm": 0}, "rpm"), ({"name": "x", "rpm": "5"}, "rpm"),
        ({"name": "x", "budget_day": "much"}, "budget_day"), ({"name": "x", "colour": 1}, "colour"),
        ({"name": "x", "expires": "soon"}, "expires"), ([], "body"),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_field(stored, draft, field):
    """400, with the field's name; nothing is made."""
    refused = post(stored, "/admin/keys", draft)
    assert refused.status == 400 and refused.json()["error"]["message"].startswith(field + ":")
    assert keys_of_the_store(stored) == []


def patch(program, name, document):
    return ask(program, "/admin/keys/" + name, method="PATCH", document=document)


def test_a_key_is_changed(stored, upstream):
    """What is named changes at once, `null` takes a limit away, and the rest stays."""
    text = post(stored, "/admin/keys", {"name": "team", "rpm": 1, "owner": "Ann"}).json()["text"]
    upstream.script(says("Hello."), says("Hello."))
    assert (chat_status(stored, text), chat_status(stored, text)) == (200, 429)
    changed = patch(stored, "TEAM", {"rpm": None, "budget_day": "2", "expires": "2099-12-31"})
    assert changed.status == 200
    key = changed.json()
    assert (key["rpm"], key["budget_day"], key["owner"]) == (None, "2.00", "Ann") and key["expires"]
    assert chat_status(stored, text) == 200
    assert ask(stored, "/admin/keys/team").json() == key


@pytest.mark.parametrize("name, document, status, word", [
    ("team", {}, 400, "body:"), ("team", {"rpm": 0}, 400, "rpm:"), ("team", {"name": "other"}, 400, "name:"),
    ("team", {"expires": "2020-01-01"}, 400, "expires:"), ("nobody", {"rpm": 1}, 404, "nobody"),
    ("old", {"rpm": 1}, 409, "revoked"), ("suite", {"rpm": 1}, 409, "configuration"),
])
def test_what_cannot_be_changed(stored, name, document, status, word):
    post(stored, "/admin/keys", {"name": "team", "rpm": 5})
    post(stored, "/admin/keys", {"name": "old"})
    post(stored, "/admin/keys/old/revoke", {})
    before = keys_of_the_store(stored)
    refused = patch(stored, name, document)
    assert refused.status == status and word in refused.json()["error"]["message"]
    assert keys_of_the_store(stored) == before


def test_two_who_change_one_key_at_once(stored):
    """What each of them says holds, however their requests mix."""
    post(stored, "/admin/keys", {"name": "team"})
    said = {"rpm": 1, "tpm": 2, "concurrent": 3, "budget_day_tokens": 4, "budget_month_tokens": 5, "owner": "Ann"}
    with concurrent.futures.ThreadPoolExecutor(len(said)) as people:
        answers = list(people.map(lambda member: patch(stored, "team", dict([member])).status, said.items()))
    assert answers == [200] * len(said)
    key = ask(stored, "/admin/keys/team").json()
    assert {name: key[name] for name in said} == said


@pytest.mark.parametrize("body, word", [
    (b'{"name": "a", "name": "b"}', "name: stands twice"), (b'{"name": "a", "rpm": 5, "rpm": 9}', "rpm: stands twice"),
])
def test_what_stands_twice_is_refused(stored, body, word):
    """Nobody knows which of them was meant."""
    with Connection(stored.admin_port) as connection:
        connection.send(
            ("POST /admin/keys HTTP/1.1\r\nhost: localhost\r\n%s: %s\r\ncontent-length: %d\r\n\r\n" % (
                *TOKEN, len(body))).encode() + body)
        response = connection.response("POST")
        assert response.status == 400 and response.json()["error"]["message"] == word
    assert keys_of_the_store(stored) == []


def test_a_key_is_not_revoked_by_who_means_something_else(stored):
    """A body has no meaning there: a time of grace would be lost in silence."""
    post(stored, "/admin/keys", {"name": "team"})
    refused = post(stored, "/admin/keys/team/revoke", {"grace": "12h"})
    assert refused.status == 400 and refused.json()["error"]["message"] == "grace: is not known; expected nothing"
    assert ask(stored, "/admin/keys/team").json()["state"] == "active"


def test_a_name_may_be_written_with_escapes(stored):
    """As some clients write every dot."""
    post(stored, "/admin/keys", {"name": "team.a"})
    assert ask(stored, "/admin/keys/team%2Ea").json()["name"] == "team.a"
    assert ask(stored, "/admin/keys/team%2").status == 404


def test_a_name_is_given_once_and_an_unknown_one_is_not_found(stored):
    """409 and 404."""
    assert post(stored, "/admin/keys", {"name": "once"}).status == 201
    assert post(stored, "/admin/keys", {"name": "once"}).status == 409
    assert ask(stored, "/admin/keys/never").status == 404 and post(stored, "/admin/keys/never/revoke", {}).status == 404


def test_a_name_of_the_configuration_is_taken(stored):
    """409: the configuration's key would win, and the text that is shown would never be good."""
    refused = post(stored, "/admin/keys", {"name": "Suite"})
    assert refused.status == 409 and "Suite" in refused.json()["error"]["message"]
    assert keys_of_the_store(stored) == []


def test_keys_of_the_configuration_are_shown_and_not_changed(stored):
    """They have budgets and usage as those of the store have; who wants to change one is told where it stands."""
    post(stored, "/admin/keys", {"name": "own"})
    keys = {key["name"]: key for key in ask(stored, "/admin/keys").json()["keys"]}
    assert {name: key["source"] for name, key in keys.items()} == {"suite": "configuration", "own": "store"}
    assert set(keys["suite"]) == set(keys["own"]) and keys["suite"]["created"] is None
    assert ask(stored, "/admin/keys/SUITE").json() == keys["suite"] and keys["suite"]["state"] == "active"
    for change in ("rotate", "revoke"):
        refused = post(stored, "/admin/keys/suite/" + change, {})
        assert refused.status == 409 and "configuration" in refused.json()["error"]["message"]


def test_usage_is_summed_up(stored, upstream):
    """`/admin/usage`: what was used, by the words that were asked for."""
    text = post(stored, "/admin/keys", {"name": "counted"}).json()["text"]
    upstream.script(says("Hello."))
    assert chat_status(stored, text) == 200
    lines = eventually(lambda: ask(stored, "/admin/usage?by=key,model").json()["lines"])
    assert lines[0]["key"] == "counted" and lines[0]["model"] == "gemini-2.5-flash" and lines[0]["requests"] == 1
    for query in ("by=colour", "by=key,key", "since=x", "sinse=2026-11-01", "key=counted&key=other"):
        assert ask(stored, "/admin/usage?" + query).status == 400, query
    assert ask(stored, "/admin/keys?state=active").json()["error"]["message"] == "state: is not known; expected nothing"
    assert ask(stored, "/admin/usage?key=COUNTED").json()["lines"] == ask(stored, "/admin/usage").json()["lines"]


def test_a_last_day_before_the_first(stored):
    """400: nothing can have been used in it."""
    refused = ask(stored, "/admin/usage?since=2026-11-02&until=2026-11-01")
    assert refused.status == 400 and refused.json()["error"]["message"].startswith("until:")


def test_every_report_has_the_same_figures(stored, upstream, tmp_path):
    """The admin listener, `pollux usage`, its JSON and its CSV; and what clients were told adds up to them."""
    keys = {name: post(stored, "/admin/keys", {"name": name}).json()["text"] for name in ("a", "b")}
    told = dict.fromkeys(keys, 0)
    for number, name in enumerate(["a", "b", "a", "a"]):
        upstream.script(responds(200, text_of("Hello.", usage=(10 + number, 3))))
        told[name] += chat(stored, keys[name])["usage"]["total_tokens"]
    upstream.script(responds(400, error_of(400, "INVALID_ARGUMENT")))
    assert chat_status(stored, keys["b"]) == 400
    lines = lambda: ask(stored, "/admin/usage?by=key").json()["lines"]  # noqa: E731
    assert eventually(lambda: sum(line["requests"] for line in lines()) == 5)
    asked = {line["key"]: line for line in lines()}
    assert {name: line["prompt_tokens"] + line["completion_tokens"] for name, line in asked.items()} == told
    assert {name: (line["requests"], line["errors"]) for name, line in asked.items()} == {"a": (3, 0), "b": (2, 1)}
    store = ["usage", "--store", str(tmp_path / "pollux.db"), "--by", "key"]
    assert {line["key"]: line for line in json.loads(run([*store, "--json"], tmp_path).stdout)["lines"]} == asked
    table = {row["key"]: row for row in csv.DictReader(io.StringIO(run([*store, "--csv"], tmp_path).stdout))}
    assert table == {name: {key: str(value) for key, value in line.items()} for name, line in asked.items()}
    shown = run(store, tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["KEY", "a", "b"] and asked["a"]["cost"] in shown[1]


def test_keys_and_usage_want_the_token(stored):
    """As everything that tells something."""
    for target in ("/admin/keys", "/admin/usage"):
        assert ask(stored, target, ()).status == 401
