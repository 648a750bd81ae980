"""The page, in a real browser: each view, a conversation, the keyboard, a phone, light and dark."""

import base64
import io
import json
import re
import sqlite3
import struct
import time
import urllib.error
import urllib.request
import wave

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from wire import Connection, eventually

# What a view shows when its first news have come.
SHOWN = {
    "live": ".chart svg", "requests": "tbody tr", "usage": ".recent table", "backends": ".cards .card",
    "playground": "pre.gemini",
}
VIEWS = list(SHOWN)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


# A model that nobody answers for.
GONE = {
    "POLLUX_AUTH_MODE": "none", "POLLUX_BACKENDS": "[{name: gone, kind: openai, base_url: 'http://127.0.0.1:9/v1'}]",
}


def chat(gateway, key="none", **members):
    body = {"model": "google/gemini-2.5-flash", "messages": [{"role": "user", "content": "Hello"}], **members}
    request = urllib.request.Request(
        gateway.url + "/v1/chat/completions", json.dumps(body).encode(),
        {"content-type": "application/json", "x-pollux-explain": "1", "authorization": "Bearer " + key},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


@pytest.fixture(scope="module", autouse=True)
def traffic(gateway):
    """Something to show: two models, streamed and not, and a refusal."""
    for number in range(6):
        chat(gateway, stream=number % 2 == 0, user="somebody")
    chat(gateway, model="google/gemini-2.5-pro")
    with Connection(gateway.port) as connection:
        connection.chat({"model": "google/gemini-2.5-flash"}).read()
        connection.request("GET", "/v1/<img/src=x/onerror=alert(1)>").read()


# The door


def test_the_page_asks_for_the_token_and_keeps_it_in_its_tab(visit):
    one = visit()
    one.page.goto(one.url)
    one.page.get_by_label("Token").fill("wrong")
    one.page.get_by_role("button", name="Come in").click()
    expect(one.page.get_by_role("alert")).to_have_text("This is not the token.")
    one.shoot("door")
    one.enter()
    one.page.reload()
    expect(one.page.locator("nav a[aria-current]")).to_have_text("Live")
    other = visit()
    other.page.goto(other.url)
    expect(other.page.get_by_label("Token")).to_be_focused()
    other.page.get_by_label("Token").fill("no header can hold this …")
    other.page.get_by_role("button", name="Come in").click()
    expect(other.page.get_by_role("alert")).to_have_text("This is not the token.")


# The views


def test_live_shows_rates_percentiles_and_names(visit):
    one = visit().enter()
    expect(one.page.locator(".chart svg")).to_have_count(4)
    expect(one.page.locator(".tiles dd").first).not_to_have_text("0")
    models = one.page.locator(".tables .card").first
    expect(models).to_contain_text("gemini-2.5-flash")
    expect(models).to_contain_text("gemini-2.5-pro")
    expect(one.page.get_by_role("img", name=re.compile("Time to the first token"))).to_be_visible()
    one.shoot("live-light")
    one.page.get_by_label("Lines").select_option("model")
    names = one.page.locator(".chart").first.locator(".key")
    expect(names.first).to_contain_text("gemini-2.5-flash")
    expect(names).to_have_count(3)
    expect(one.page.locator(".chart svg")).to_have_count(5)
    one.shoot("live-by-model")
    for line, name in (("client", "anonymous"), ("backend", "emulator")):
        one.page.get_by_label("Lines").select_option(line)
        expect(one.page.locator(".chart").first.locator(".key").first).to_contain_text(name)
    one.page.locator("select[name=model]").select_option("gemini-2.5-pro")
    expect(models).not_to_contain_text("gemini-2.5-flash")
    expect(models).to_contain_text("gemini-2.5-pro")


def test_requests_show_what_became_of_their_fields(visit):
    one = visit().enter("requests")
    expect(one.page.locator("tbody tr").first).to_be_visible()
    one.page.get_by_label("Find").fill("gemini-2.5-flash")
    answered = one.page.locator("tr", has=one.page.locator("td.good"))
    answered.locator("button.row").first.press("Enter")
    expect(one.page.locator("tr.more").first).to_contain_text("user")
    expect(one.page.locator("tr.more").first).to_contain_text("ignored")
    one.shoot("requests-light")
    one.page.get_by_label("Find").fill("")
    one.page.get_by_label("errors only").check()
    expect(one.page.locator("tbody td.good")).to_have_count(0)
    expect(one.page.locator("tbody")).to_contain_text("missing_required_parameter")


def test_a_search_that_finds_nothing_says_so(visit):
    """It is not as if there had been no request."""
    one = visit().enter("requests")
    expect(one.page.locator("tbody tr").first).to_be_visible()
    one.page.get_by_label("Find").fill("no such thing")
    expect(one.page.locator(".empty")).to_have_text(re.compile("None of the last [0-9]+ requests"))


def test_a_failure_tells_its_reason(visit, started):
    """Why the upstream could not be reached stands in the row, as in the log."""
    program = started(**GONE)
    with pytest.raises(urllib.error.HTTPError):
        chat(program)
    one = visit(program).enter("requests")
    one.page.locator("button.row").first.click()
    expect(one.page.locator("tr.more")).to_contain_text("because: ")
    one.page.get_by_label("Find").fill("refused")
    expect(one.page.locator("button.row")).to_have_count(1)
    one.shoot("requests-reason")


def test_a_store_that_is_away_is_told_and_the_rest_is_shown(visit, started, tmp_path):
    """Not an empty page that says that there is no answer."""
    (tmp_path / "pollux.db").write_bytes(b"no database at all" * 100)
    program = started(POLLUX_AUTH_MODE="none", POLLUX_STORE_PATH=str(tmp_path / "pollux.db"))
    chat(program)
    one = visit(program).enter("usage")
    expect(one.page.locator(".keys")).to_contain_text("The store does not answer: the file is not a database")
    expect(one.page.locator(".usage")).to_contain_text("The store does not answer")
    expect(one.page.locator(".recent")).to_contain_text("anonymous")
    one.shoot("usage-away")


@pytest.mark.parametrize("options", [{}, {"viewport": {"width": 390, "height": 800}}], ids=["desk", "phone"])
def test_long_and_turning_names_leave_the_page_readable(visit, started, options):
    """No view is wider than the window, and no name of a model turns the direction of what follows."""
    program = started(**GONE)
    with pytest.raises(urllib.error.HTTPError):
        chat(program, model="flash-\u202e" + "x" * 400)
    one = visit(program, **options).enter("live")
    one.page.get_by_label("Lines").select_option("model")
    for view in ("live", "requests", "usage", "backends"):
        one.open(view)
        expect(one.page.locator(SHOWN[view]).first).to_be_visible()
        if view in ("live", "requests"):
            expect(one.page.locator("tbody", has_text="flash-\ufffdxxx").first).to_be_visible()
        widths = one.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], view
        assert "\u202e" not in one.page.locator("main").inner_text()
        one.shoot("long-%s%s" % (view, "-phone" if options else ""))
    numbers = one.open("live").page.locator(".tables tr", has_text="flash-\ufffd").locator("td.n").last
    assert numbers.evaluate("e => (s => s.scrollWidth - s.clientWidth)(e.closest('.scroll'))") == 0
    box = numbers.bounding_box()
    assert box["x"] + box["width"] <= one.page.evaluate("innerWidth")


def test_what_others_wrote_is_shown_as_text(visit):
    """A path with markup in it is no markup here."""
    one = visit().enter("requests")
    one.page.get_by_label("Find").fill("onerror")
    one.page.locator("button.row").first.click()
    expect(one.page.locator("tr.more")).to_contain_text("<img/src=x/onerror=alert(1)>")
    assert one.page.locator("tbody img").count() == 0


def test_usage_and_backends_tell_their_state(visit):
    one = visit().enter("usage")
    expect(one.page.locator(".recent")).to_contain_text("anonymous")
    one.shoot("usage-light")
    one.open("backends")
    expect(one.page.locator(".cards")).to_contain_text("emulator")
    expect(one.page.locator(".tiles")).to_contain_text("requests running")
    one.shoot("backends-light")


@pytest.mark.parametrize(
    "options", [{}, {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}], ids=["desk", "phone"])
def test_usage_shows_what_is_left_of_budgets(visit, keyed, ask, options):
    """Keys with their state, limits and budgets, what they used, and how the store is."""
    if not ask(keyed, "/admin/keys")["keys"]:
        for name, limits in {
            "team-a": {"owner": "Ann", "rpm": 600, "budget_day": "0.01", "budget_month_tokens": 100},
            "team-b": {"expires": "2099-12-31", "models": ["gemini-2.5-*"], "concurrent": 4}, "old": {},
        }.items():
            text = ask(keyed, "/admin/keys", "POST", {"name": name, **limits})["text"]
            if name == "team-a":
                chat(keyed, key=text)
        ask(keyed, "/admin/keys/old/revoke", "POST", {})
        eventually(lambda: ask(keyed, "/admin/usage")["lines"])
    one = visit(keyed, **options).enter("usage")
    row = one.page.locator(".keys tr", has_text="team-a")
    expect(row).to_contain_text("of $0.0100")
    expect(row).to_contain_text("of 100 tokens")
    assert all(0 < float(bar.get_attribute("value")) <= 1 for bar in row.locator("meter").all())
    expect(one.page.locator(".keys tr", has_text="old")).to_contain_text("revoked")
    expect(one.page.locator(".usage")).to_contain_text("gemini-2.5-flash")
    one.shoot("usage-keys" + ("-phone" if options else ""))
    one.open("backends")
    expect(one.page.locator(".tiles")).to_contain_text("writing")
    one.shoot("backends-store" + ("-phone" if options else ""))


def test_thousands_of_keys_leave_the_page_quick(visit, started, ask, tmp_path):
    """Those that cost most are shown, the others can be found; the browser does not stand still to draw them all."""
    path = tmp_path / "pollux.db"
    program = started(POLLUX_AUTH_MODE="none", POLLUX_STORE_PATH=str(path))
    eventually(lambda: ask(program, "/admin/status")["store"]["state"] == "writing")
    today = int(time.time()) // 86400
    store = sqlite3.connect(path, timeout=10)
    with store:
        store.executemany(
            "INSERT INTO client_key (name, owner, digest, created, budget_month) VALUES (?, ?, ?, 0, 1000000000)",
            ((f"key-{n:04}", f"Owner {n}", n.to_bytes(32, "big")) for n in range(5000)))
        store.executemany(
            "INSERT INTO usage_day VALUES (?, ?, 'gemini-2.5-flash', 'emulator', '', 1, 0, 0, 0, 9, 0, 0, 9, 0, 0, ?)",
            ((today, f"key-{n:04}", n) for n in range(5000)))
    store.close()
    one = visit(program).enter("usage")
    for name, title in ((".keys", "Keys and budgets"), (".usage", "Usage this month")):
        rows = one.page.locator(name + " tbody tr")
        expect(rows).to_have_count(100)
        expect(rows.first).to_contain_text("key-4999")
        expect(one.page.locator(name + " h2")).to_have_text(f"{title}: the 100 of 5000 that cost most")
    one.shoot("usage-thousands")
    one.page.get_by_label("Find").fill("owner 4321")
    expect(one.page.locator(".keys tbody tr")).to_have_text(re.compile("key-4321"))
    one.page.get_by_label("Find").fill("KEY-0017")
    expect(one.page.locator(".keys tbody tr")).to_have_count(1)
    expect(one.page.locator(".usage tbody tr")).to_have_count(1)


def test_news_do_not_move_a_table(visit):
    """Who reads the right side of a wide one by the keyboard stays there."""
    one = visit(viewport={"width": 700, "height": 800}).enter("live")
    part = one.page.get_by_role("region", name="Models")
    part.focus()
    part.evaluate("e => { e.scrollLeft = 30; e.querySelector('tbody').className = 'before'; }")
    expect(one.page.locator("tbody.before")).to_have_count(0)
    expect(part).to_be_focused()
    assert part.evaluate("e => e.scrollLeft") == min(30, part.evaluate("e => e.scrollWidth - e.clientWidth"))


def test_marked_text_stays_marked(visit):
    """News would take it away before it is copied."""
    one = visit().enter("live")
    name = one.page.locator(".tables td", has_text="gemini-2.5-pro").first
    name.dblclick()
    marked = one.page.evaluate("getSelection().toString()")
    expect(one.page.get_by_role("status")).to_have_text("Held while text is marked.")
    assert marked and one.page.evaluate("getSelection().toString()") == marked
    one.page.locator("h1").click()
    expect(one.page.get_by_role("status")).to_have_text("")


# The playground


def attach(one, name, kind, contents):
    one.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": contents})
    expect(one.page.locator(".attached")).to_contain_text(name)


def tone():
    """A tenth of a second of sound, as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", 9000 * (n // 10 % 2)) for n in range(800)))
    return file.getvalue()


def say(one, text):
    one.page.get_by_label("Message", exact=True).fill(text)
    one.page.get_by_label("Message", exact=True).press("Control+Enter")
    answer = one.page.locator(".turn.assistant").last
    expect(answer.locator("footer")).to_contain_text("tokens")
    return answer


def test_a_streamed_conversation_is_held_and_both_requests_are_shown(visit):
    one = visit().enter("playground")
    answer = say(one, "How are you?")
    expect(answer).to_contain_text("emulator")
    expect(answer.locator("footer")).to_contain_text("first")
    expect(answer.locator("footer")).to_contain_text("upstream;dur=")
    expect(one.page.locator("pre.openai")).to_contain_text('"How are you?"')
    expect(one.page.locator("pre.gemini")).to_contain_text('"contents"')
    expect(one.page.locator(".call")).to_contain_text(":streamGenerateContent")
    expect(one.page.locator(".fates")).to_contain_text("messages[0].content")
    one.shoot("playground-light")
    say(one, "And now?")
    sent = one.page.locator("pre.gemini").text_content()
    assert [content["role"] for content in json.loads(sent)["contents"]] == ["user", "model", "user"]
    one.page.get_by_role("button", name="Start anew").click()
    expect(one.page.locator(".turn")).to_have_count(0)


def test_a_request_is_shown_before_it_is_sent(visit):
    one = visit().enter("playground")
    one.page.get_by_label("Message", exact=True).fill("Only to look.")
    one.page.get_by_label("Thinking").select_option("low")
    expect(one.page.locator("pre.gemini")).to_contain_text("Only to look.")
    expect(one.page.locator("pre.gemini")).to_contain_text("thinkingConfig")
    expect(one.page.locator(".turn")).to_have_count(0)


def test_images_and_schemas_go_along(visit):
    one = visit().enter("playground")
    attach(one, "dot.png", "image/png", PNG)
    one.page.get_by_text("Answer's JSON schema").click()
    one.page.locator("button[name=sample-schema]").click()
    answer = say(one, "What is this?")
    expect(one.page.locator("pre.gemini")).to_contain_text("image/png")
    expect(one.page.locator(".turn.user img")).to_be_visible()
    assert {"name", "age"} <= set(json.loads(answer.locator(".text").text_content()))


def test_sounds_go_along(visit):
    """As OpenAI's `input_audio`; the person can hear what was sent."""
    one = visit().enter("playground")
    attach(one, "tone.wav", "audio/wav", tone())
    expect(one.page.locator("pre.openai")).to_contain_text('"format": "wav"')
    attach(one, "tone.ogg", "audio/ogg", b"OggS" + bytes(60))
    expect(one.page.locator(".attached button")).to_have_count(2)
    one.page.get_by_role("button", name="Remove tone.ogg").click()
    say(one, "What do you hear?")
    parts = json.loads(one.page.locator("pre.openai").text_content())["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["text", "input_audio"]
    sent = json.loads(one.page.locator("pre.gemini").text_content())["contents"][0]["parts"][1]
    assert sent["inlineData"]["mimeType"] == "audio/wav"
    sound = one.page.locator(".turn.user audio")
    expect(sound).to_be_visible()
    assert sound.evaluate("e => new Promise(r => e.duration ? r(e.duration) : e.onloadedmetadata = () => r(e.duration))") > 0
    one.shoot("playground-sound")


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_is_spoken(visit, stream):
    """Whoever names a voice hears the answer; the next message refers to it by its id."""
    one = visit().enter("playground")
    one.page.get_by_role("textbox", name="Model").fill("google/gemini-2.5-flash-preview-tts")
    one.page.get_by_label("Voice").fill("Kore")
    one.page.get_by_label("stream").set_checked(stream)
    answer = say(one, "Say that the sky is blue.")
    sent = json.loads(one.page.locator("pre.openai").text_content())
    assert (sent["modalities"], sent["audio"]) == (["text", "audio"], {"voice": "Kore", "format": "wav"})
    sound = answer.get_by_label("The answer's sound")
    expect(sound).to_be_visible()
    length = sound.evaluate("e => new Promise(r => e.duration ? r(e.duration) : e.onloadedmetadata = () => r(e.duration))")
    assert 0.2 < length < 60
    one.shoot("playground-spoken-%s" % ("stream" if stream else "whole"))
    one.page.get_by_label("Message", exact=True).fill("And at night?")
    expect(one.page.locator("pre.openai")).to_contain_text("And at night?")
    said = json.loads(one.page.locator("pre.openai").text_content())["messages"][1]
    assert said["role"] == "assistant" and said["audio"]["id"].startswith("audio_")


def test_what_stands_in_the_fields_is_there_again(visit):
    """Somebody looks at another view in between; a key above all is not typed twice."""
    one = visit().enter("playground")
    one.page.get_by_label("Key of the gateway").fill("sk-mine")
    one.page.get_by_role("textbox", name="Model").fill("google/gemini-2.5-pro")
    one.page.get_by_label("stream").uncheck()
    one.open("requests").open("playground")
    expect(one.page.get_by_label("Key of the gateway")).to_have_value("sk-mine")
    expect(one.page.get_by_role("textbox", name="Model")).to_have_value("google/gemini-2.5-pro")
    expect(one.page.get_by_label("stream")).not_to_be_checked()
    expect(one.page.locator("pre.openai")).to_contain_text("google/gemini-2.5-pro")


@pytest.mark.parametrize("stream", [True, False])
def test_thoughts_are_shown_apart_from_the_answer(visit, stream):
    one = visit().enter("playground")
    one.page.get_by_label("show thoughts").check()
    one.page.get_by_label("Thinking").select_option("medium")
    one.page.get_by_label("stream").set_checked(stream)
    answer = say(one, "Why is the sky blue?")
    expect(answer.locator(".thoughts")).not_to_be_empty()
    expect(answer.locator(".text")).not_to_be_empty()
    assert "thought>" not in answer.text_content()
    config = json.loads(one.page.locator("pre.gemini").text_content())["generationConfig"]["thinkingConfig"]
    assert config == {"includeThoughts": True, "thinkingBudget": 8192}
    one.shoot("playground-thoughts")
    one.page.get_by_label("show thoughts").uncheck()
    expect(say(one, "And now?").locator(".thoughts")).to_be_hidden()


def call_weather(one):
    one.page.get_by_text("Tools (JSON array)").click()
    one.page.locator("button[name=sample-tools]").click()
    say(one, "What is the weather in Oslo? Use get_weather.")
    result = one.page.get_by_label("Result of get_weather")
    expect(result).to_be_focused()
    return result


def test_the_person_answers_for_the_tools(visit):
    """A call asks for its result, which may be edited; what is sent on is what stands there."""
    one = visit().enter("playground")
    result = call_weather(one)
    assert json.loads(result.input_value())["temperature"] == 12
    expect(one.page.locator(".results")).to_contain_text("Oslo")
    one.shoot("playground-tools")
    result.fill('{"temperature": -31, "sky": "clear"}')
    expect(one.page.locator("pre.gemini")).to_contain_text('"temperature": -31')
    one.page.get_by_role("button", name="Send results").click()
    answer = one.page.locator(".turn.assistant").last
    expect(answer.locator("footer")).to_contain_text("tokens")
    expect(answer.locator(".text")).not_to_be_empty()
    expect(one.page.locator(".turn.tool")).to_have_text('{"temperature": -31, "sky": "clear"}')
    expect(one.page.locator(".results")).to_have_count(0)
    sent = json.loads(one.page.locator("pre.openai").text_content())["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool"]
    assert sent[2]["tool_call_id"] == sent[1]["tool_calls"][0]["id"]
    assert sent[2]["content"] == '{"temperature": -31, "sky": "clear"}'
    one.shoot("playground-tool-answer")


def test_results_go_along_with_a_message_and_by_the_keyboard(visit):
    """They wait while another view is looked at, and go with whatever is said next."""
    one = visit().enter("playground")
    result = call_weather(one)
    result.fill("It rains.")
    one.open("live").open("playground")
    expect(one.page.get_by_label("Result of get_weather")).to_have_value("It rains.")
    one.page.get_by_label("Message", exact=True).fill("And in Bergen?")
    one.page.get_by_label("Result of get_weather").press("Control+Enter")
    expect(one.page.locator(".turn.user").last).to_have_text("And in Bergen?")
    expect(one.page.locator(".turn.assistant").last.locator("footer")).to_contain_text("tokens")
    sent = json.loads(one.page.locator("pre.openai").text_content())["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "user"]


def test_a_refusal_is_told(visit):
    one = visit().enter("playground")
    one.page.get_by_role("textbox", name="Model").fill("no such model")
    one.page.get_by_label("Message", exact=True).fill("Hello")
    one.page.get_by_role("button", name="Send").click()
    expect(one.page.locator(".turn.assistant")).to_contain_text("model_not_found")
    expect(one.page.locator(".call")).to_have_text("refused")


def test_what_was_not_answered_waits_to_be_sent_again(visit):
    """Results of tools above all: without them the conversation could not go on."""
    one = visit().enter("playground")
    call_weather(one).fill("It rains.")
    one.page.get_by_role("textbox", name="Model").fill("no such model")
    one.page.get_by_label("Message", exact=True).fill("And in Bergen?")
    one.page.get_by_role("button", name="Send", exact=True).click()
    expect(one.page.locator(".turn.assistant").last).to_contain_text("model_not_found")
    expect(one.page.locator(".turn.unanswered")).to_have_count(2)
    expect(one.page.get_by_label("Result of get_weather")).to_have_value("It rains.")
    expect(one.page.get_by_label("Message", exact=True)).to_have_value("And in Bergen?")
    one.shoot("playground-refused")
    one.page.get_by_role("textbox", name="Model").fill("google/gemini-2.5-flash")
    one.page.get_by_role("button", name="Send", exact=True).click()
    expect(one.page.locator(".turn.assistant").last.locator("footer")).to_contain_text("tokens")
    sent = json.loads(one.page.locator("pre.openai").text_content())["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "user"]


# Everybody


def test_the_keyboard_is_enough(visit):
    one = visit().enter()
    for key, view in enumerate(VIEWS, start=1):
        one.page.locator("body").press(str(key))
        expect(one.page.locator("nav a[aria-current]")).to_have_text(view.capitalize())
        expect(one.page).to_have_title(view.capitalize() + " – Pollux")
    one.page.get_by_label("Message", exact=True).press("1")  # Whoever writes, writes.
    expect(one.page.get_by_label("Message", exact=True)).to_have_value("1")
    for element in one.page.locator("input:visible, select:visible, textarea:visible, button:visible").all():
        name = element.evaluate("e => (e.labels?.[0]?.textContent ?? e.ariaLabel ?? e.textContent ?? e.title).trim()")
        assert name, element.evaluate("e => e.outerHTML")


def obstacles(one):
    """What axe finds in the view, and the first element that has it."""
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(one.page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(visit, scheme):
    """WCAG 2.2 at level AA, as far as axe can tell: names, roles, contrasts, sizes, an order of headings."""
    one = visit(color_scheme=scheme)
    one.page.goto(one.url)
    expect(one.page.get_by_label("Token")).to_be_focused()
    found = {"door": obstacles(one)}
    for view in VIEWS:
        one.enter(view) if view == VIEWS[0] else one.open(view)
        expect(one.page.locator(SHOWN[view]).first).to_be_visible()
        if view == "requests":
            one.page.locator("button.row").first.click()
        if view == "playground":
            one.page.get_by_role("textbox", name="Model").fill("no such model")
            one.page.get_by_label("Message", exact=True).fill("Hello")
            one.page.get_by_role("button", name="Send", exact=True).click()
            expect(one.page.locator(".turn.unanswered")).to_be_visible()
            one.page.get_by_text("Tools (JSON array)").click()
        found[view] = obstacles(one)
    assert found == dict.fromkeys(found, [])


def test_the_way_to_the_contents_stays_in_its_view(visit):
    """The first thing that the keyboard reaches; and an address that names no view is none of a script's own words."""
    one = visit().enter("requests")
    one.page.locator(".skip").press("Enter")
    expect(one.page.locator("main")).to_be_focused()
    expect(one.page.locator("nav a[aria-current]")).to_have_text("Requests")
    one.page.goto(one.url + "#constructor")
    one.page.reload()
    expect(one.page.locator("nav a[aria-current]")).to_have_text("Live")


@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_in_the_dark_can_read_it(visit, view):
    one = visit(viewport={"width": 390, "height": 800}, color_scheme="dark").enter(view)
    expect(one.page.locator(SHOWN[view]).first).to_be_visible()
    widths = one.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    ground = one.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) < 150
    one.shoot("phone-" + view)
