"""A web page of another origin that calls the gateway itself, in a real browser (EP-012)."""

import http.server
import threading

import pytest

from program import Program

# What the SDK for browsers does: a key, JSON, headers of its own; and it reads the answer's.
CALL = """async ([url, stream]) => {
    const answer = await fetch(url + "/v1/chat/completions", {
        method: "POST",
        headers: {authorization: "Bearer any", "content-type": "application/json", "x-stainless-lang": "js"},
        body: JSON.stringify({model: "google/gemini-2.5-flash", stream, messages: [{role: "user", content: "Hello"}]}),
    });
    return [answer.status, answer.headers.get("x-request-id") != null, await answer.text()];
}"""


@pytest.fixture(scope="module")
def page_address():
    """The address of a page somewhere else."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>An app</title>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d" % server.server_address[1]
    server.shutdown()
    server.server_close()


def calls(browser, page_address, program, stream):
    page = browser.new_page()
    try:
        page.goto(page_address)
        return page.evaluate(CALL, [program.url, stream])
    finally:
        page.close()


@pytest.mark.parametrize("allowed", ["*", None], ids=["all pages", "this page"])
def test_a_page_that_may(browser, page_address, tmp_path, allowed):
    program = Program(
        ["serve", "--port", "0"], tmp_path, POLLUX_CORS_ALLOWED_ORIGINS=allowed or page_address,
    ).started()
    status, has_id, text = calls(browser, page_address, program, False)
    assert (status, has_id) == (200, True) and '"object":"chat.completion"' in text
    status, has_id, text = calls(browser, page_address, program, True)
    assert (status, has_id) == (200, True) and text.endswith("data: [DONE]\n\n")
    program.stop()


def test_a_page_that_may_not(browser, page_address, gateway):
    with pytest.raises(Exception, match="Failed to fetch"):
        calls(browser, page_address, gateway, False)
