"""A gateway with its emulator and its admin listener, and a browser before it."""

import json
import os
import pathlib
import sys
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients"))

from program import Program  # noqa: E402  (its folder is known from here on)

CHROMIUM = "/usr/bin/chromium"
TOKEN = "admin-token-of-the-page"


def start(home, **environment):
    """What a newcomer starts, with a page."""
    return Program(
        ["serve", "--port", "0"], home, POLLUX_ADMIN_PORT="0", POLLUX_ADMIN_TOKEN="env:ADMIN_TOKEN", ADMIN_TOKEN=TOKEN,
        **environment,
    ).started()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    program = start(tmp_path_factory.mktemp("home"))
    yield program
    program.stop()


@pytest.fixture(scope="session")
def keyed(tmp_path_factory):
    """The same with keys and usage in a store."""
    home = tmp_path_factory.mktemp("keyed")
    program = start(home, POLLUX_AUTH_MODE="gateway", POLLUX_STORE_PATH=str(home / "pollux.db"))
    yield program
    program.stop()


@pytest.fixture
def started(tmp_path):
    """Starts gateways of another kind, and ends them."""
    programs = []

    def begin(**environment):
        programs.append(start(tmp_path, **environment))
        return programs[-1]

    yield begin
    for program in programs:
        program.stop()


@pytest.fixture(scope="session")
def ask():
    """The admin listener's answer to somebody with the token."""

    def asked(program, target, method="GET", document=None):
        request = urllib.request.Request(
            "http://127.0.0.1:%d%s" % (program.admin_port, target), method=method,
            data=None if document is None else json.dumps(document).encode(),
            headers={"authorization": "Bearer " + TOKEN, "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    return asked


@pytest.fixture(scope="session")
def browser():
    if not os.access(CHROMIUM, os.X_OK):
        pytest.skip("there is no Chromium at %s (Debian: chromium)" % CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


class Visit:
    """One tab; what went wrong in it is gathered."""

    def __init__(self, browser, gateway, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.url = "http://127.0.0.1:%d/" % gateway.admin_port
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, line):
        # A refusal is an answer: the page asks without a token to learn whether there is one.
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            self.complaints.append(line.text)

    def enter(self, view="live"):
        self.page.goto(self.url + "#" + view)
        self.page.get_by_label("Token").fill(TOKEN)
        self.page.get_by_role("button", name="Come in").click()
        self.page.locator("nav a[aria-current]").wait_for()
        return self

    def open(self, view):
        self.page.get_by_role("navigation").get_by_role("link", name=view.capitalize()).click()
        return self

    def shoot(self, name):
        """A picture for the eye, where somebody wants to look (POLLUX_SCREENSHOTS)."""
        folder = os.environ.get("POLLUX_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=str(pathlib.Path(folder, name + ".png")), full_page=True)


@pytest.fixture
def visit(browser, gateway):
    """Opens tabs; at the end no script has failed and no policy was broken in any."""
    visits = []

    def opened(program=gateway, **options):
        visits.append(Visit(browser, program, **options))
        return visits[-1]

    yield opened
    for one in visits:
        one.context.close()
    assert [line for one in visits for line in one.complaints] == []
