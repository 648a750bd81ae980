"""Upstreams behind TLS: whom the gateway trusts, what it says of those it does not, and how long it keeps connections."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from conftest import KEY, digest
from program import Program, run
from scenes import FLASH, user
from tls import Authority, Front
from upstream import says, stream_head, chunk, event, text_of
from wire import Connection

AUTHORIZED = ("authorization", "Bearer " + KEY)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("strangers"))


@pytest.fixture
def front(scripted_upstream):
    """Makes TLS servers before the scripted upstream, and ends them."""
    made = []

    def make(*arguments, **options):
        made.append(Front(scripted_upstream.port, *arguments, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def gateway(gateways, authority):
    """Starts gateways before a TLS server, which trust the authority, and ends them."""
    made = []

    def make(url, environment=None, **upstream):
        members = {"ca_file": authority.path, "max_retries": 0, **upstream}
        if environment:
            del members["ca_file"]
        configuration = {
            "listen": {"port": 0}, "upstream": members, "media": {"http": "fetch", "allow_private": True},
            "auth": {"mode": "gateway", "keys": [{"name": "suite", "sha256": digest(KEY)}]},
            "backends": [{**gateways.developer(), "base_url": url}],
        }
        made.append(gateways.launch("serve", "--config", str(gateways.write(configuration)), **(environment or {})))
        return made[-1].started()

    yield make
    for program in made:
        program.stop()


def ask(program, **members):
    with Connection(program.port) as connection:
        body = {"model": FLASH, "messages": [user("Hi")], **members}
        response = connection.request("POST", "/v1/chat/completions", body, [AUTHORIZED])
        response.read()
        return response


def text(response):
    assert response.status == 200, response.body
    return response.json()["choices"][0]["message"]["content"]


# Trust


def test_an_authority_of_ones_own_is_trusted(gateway, front, authority, upstream):
    """`upstream.ca_file`; TLS 1.3, with the host's name in SNI and HTTP/1.1 in ALPN."""
    server = front(authority.issue())
    upstream.script(says("Safe."))
    assert text(ask(gateway(server.url()))) == "Safe."
    assert server.handshakes == [{"version": "TLSv1.3", "name": "localhost", "protocol": "http/1.1", "resumed": False}]
    assert upstream.only_request().header("host") == "localhost:%d" % server.port


def test_the_authority_may_be_named_by_the_environment(gateway, front, authority, upstream):
    """`POLLUX_UPSTREAM_CA_FILE` is `upstream.ca_file`."""
    server = front(authority.issue())
    program = gateway(server.url(), environment={"POLLUX_UPSTREAM_CA_FILE": authority.path})
    assert ask(program).status == 200


def test_tls_1_2_is_enough(gateway, front, authority, upstream):
    server = front(authority.issue(), version=ssl.TLSVersion.TLSv1_2)
    assert ask(gateway(server.url())).status == 200
    assert server.handshakes[0]["version"] == "TLSv1.2"


def test_an_address_is_checked_as_an_address(gateway, front, authority, upstream):
    """A certificate may name an address; SNI never does."""
    server = front(authority.issue("IP:127.0.0.1"))
    assert ask(gateway(server.url("127.0.0.1"))).status == 200
    assert server.handshakes[0]["name"] is None


def test_tokens_and_media_come_over_tls_too(gateways, gateway, front, authority, upstream, tmp_path):
    """One file of authorities is for upstreams, token endpoints and media."""
    server = front(authority.issue())
    path = tmp_path / "user.json"
    path.write_text(json.dumps({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
                                "token_uri": server.url() + "/token"}))
    configuration = {
        "listen": {"port": 0}, "upstream": {"ca_file": authority.path},
        "auth": {"mode": "none"}, "media": {"http": "fetch", "allow_private": True},
        "backends": [gateways.vertex(base_url=server.url(), credentials={"type": "file", "path": str(path)})],
    }
    program = gateways.launch("serve", "--config", str(gateways.write(configuration))).started()
    upstream.script(lambda exchange: exchange.respond(200, b"\x89PNG", content_type="image/png"), says("A picture."))
    picture = {"type": "image_url", "image_url": {"url": server.url() + "/a.png"}}
    assert text(ask(program, messages=[user([{"type": "text", "text": "What is it?"}, picture])])) == "A picture."
    fetch, call = upstream.requests
    assert (fetch.method, fetch.target) == ("GET", "/a.png")
    assert call.header("authorization").startswith("Bearer token-")
    assert len(upstream.token_requests) == 1
    program.stop()


# Distrust


def wrong_name(front, authority, strangers):
    return front(authority.issue("DNS:elsewhere.example")).url()


def wrong_address(front, authority, strangers):
    return front(authority.issue("DNS:localhost,IP:127.0.0.2")).url("127.0.0.1")


def expired(front, authority, strangers):
    return front(authority.issue(ends="20210101000000Z")).url()


def not_yet_valid(front, authority, strangers):
    return front(authority.issue(begins="20480101000000Z")).url()


def self_signed(front, authority, strangers):
    return front(authority.self_signed()).url()


def unknown_authority(front, authority, strangers):
    return front(strangers.issue()).url()


def old_version(front, authority, strangers):
    return front(authority.issue(), version=ssl.TLSVersion.TLSv1_1, ciphers="ALL:@SECLEVEL=0").url()


def no_tls(front, authority, strangers):
    return front(answer=b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").url()


def silent(front, authority, strangers):
    return front().url()


@pytest.mark.parametrize(
    "scene, reason",
    [
        (wrong_name, "TLS failed: the server's certificate is for another name"),
        (wrong_address, "TLS failed: the server's certificate is for another name"),
        (expired, "TLS failed: the server's certificate has expired"),
        (not_yet_valid, "TLS failed: the server's certificate is not valid yet"),
        (self_signed, "TLS failed: the server's certificate is self-signed and not trusted here"),
        (unknown_authority, "TLS failed: the server's certificate is of an authority that is not trusted here"),
        (old_version, "TLS failed: the server has neither TLS 1.2 nor 1.3"),
        (no_tls, "TLS failed: the server does not speak it"),
        (silent, "the TLS handshake timed out"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_server_that_cannot_be_trusted_gets_nothing(gateway, front, authority, strangers, upstream, scene, reason):
    """502 `upstream_unreachable`; the reason stands in the answer and in the log, and no request is sent (ERR-025)."""
    program = gateway(scene(front, authority, strangers), connect_timeout="400ms")
    began = time.monotonic()
    response = ask(program)
    assert (response.status, response.error()["code"]) == (502, "upstream_unreachable")
    assert response.error()["message"] == "The upstream could not be reached: %s." % reason
    assert program.access_entry(response.header("x-request-id"))["reason"] == reason
    assert upstream.requests == []
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("content", [None, "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_of_authorities_that_is_none(gateways, tmp_path, content):
    """The gateway does not start without the trust that it was told to have, and `pollux check` says so."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    configuration = {
        "listen": {"port": 0}, "auth": {"mode": "none"}, "backends": [gateways.developer()],
        "upstream": {"ca_file": str(path)},
    }
    file = str(gateways.write(configuration))
    for command in ("serve", "check"):
        done = run([command, "--config", file], gateways.folder, DEVELOPER_KEY="x")
        assert done.returncode == 1
        assert "upstream.ca_file: %s " % path in done.stderr


# Bytes


def test_large_bodies_and_streams_come_through_whole(gateway, front, authority, upstream):
    """Records of TLS are cut as it likes; nothing is lost or doubled."""
    program = gateway(front(authority.issue()).url())
    long = "é" * 1_500_000
    upstream.script(says(long))
    assert text(ask(program, messages=[user(long)])) == long
    assert upstream.only_request().json["contents"][0]["parts"][0]["text"] == long
    pieces = ["%05d " % number + "x" * 2000 for number in range(500)]

    def stream(exchange):
        exchange.begin()
        data = b"".join(event(text_of(piece, finish=None)) for piece in pieces) + event(text_of("."))
        for at in range(0, len(data), 7919):
            exchange.send(chunk(data[at:at + 7919]))
        exchange.end()

    upstream.script(stream)
    body = ask(program, stream=True).body
    assert body.count(b"[DONE]") == 1
    deltas = [json.loads(line[6:])["choices"][0]["delta"].get("content", "")
              for line in body.split(b"\n") if line.startswith(b"data: {")]
    assert "".join(deltas) == "".join(pieces) + "."


def test_a_stream_that_tls_does_not_end_is_not_complete(gateway, front, authority, upstream):
    """A connection that is cut is told from one that is ended: no false end."""
    server = front(authority.issue())

    def cut(exchange):
        exchange.send(stream_head() + chunk(event(text_of("Half", finish=None))))
        server.hang_up()
        exchange.leave("close")

    upstream.script(cut)
    body = ask(gateway(server.url()), stream=True).body
    assert b'"error"' in body and b"[DONE]" not in body


# Connections


def test_connections_are_kept_and_their_end_is_noticed(gateway, front, authority, upstream):
    """One handshake serves many requests; a server that closed meanwhile costs no request."""
    server = front(authority.issue())
    program = gateway(server.url())
    for _ in range(10):
        assert ask(program).status == 200
    kept = len(server.handshakes)
    assert kept <= os.cpu_count()  # One for each event loop.
    for _ in range(5):
        server.hang_up()
        assert ask(program).status == 200
    assert len(server.handshakes) > kept


def test_connections_are_not_kept_for_ever(gateway, front, authority, upstream):
    """After `upstream.max_connection_age` a request has a connection of its own, and none fails for it."""
    server = front(authority.issue())
    program = gateway(server.url(), max_connection_age="1s")
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        assert ask(program).status == 200
    assert 2 <= len(server.handshakes) <= 4 * os.cpu_count()


def with_mount(source, target):
    """A command before the program's, under which `source` stands at `target`."""
    if not shutil.which("unshare"):
        pytest.skip("the program unshare is not installed")
    script = 'mount --make-rprivate / && mount --bind "$0" "$1" && shift && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, str(source), target]
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("mount namespaces are not allowed here")
    return command


def in_own_hosts(hosts):
    return with_mount(hosts, "/etc/hosts")


@pytest.mark.parametrize("is_named", [True, False])
def test_a_system_without_authorities(gateways, front, authority, upstream, tmp_path, is_named):
    """Small containers have none: the program starts, trusts whom it was told to trust, and nobody else."""
    command = with_mount(tmp_path, "/etc/ssl/certs")
    members = {"ca_file": authority.path} if is_named else {}
    configuration = {
        "listen": {"port": 0}, "auth": {"mode": "none"}, "upstream": {"max_retries": 0, **members},
        "backends": [{**gateways.developer(), "base_url": front(authority.issue()).url()}],
    }
    program = Program(["serve", "--config", str(gateways.write(configuration))], gateways.folder, before=command,
                      DEVELOPER_KEY="x")
    gateways.programs.append(program)
    program.started()
    response = ask(program)
    if is_named:
        assert response.status == 200
    else:
        assert "an authority that is not trusted here" in response.error()["message"]
    program.stop()


def test_a_name_that_gets_another_address_is_followed(gateways, front, authority, upstream, tmp_path):
    """Within `upstream.max_connection_age` all requests go to the new address, and none fails on the way there."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 upstream.test\n")
    command = in_own_hosts(hosts)
    certificate = authority.issue("DNS:upstream.test")
    old = front(certificate)
    new = front(certificate, host="127.0.0.2", port=old.port)
    configuration = {
        "listen": {"port": 0}, "auth": {"mode": "none"},
        "upstream": {"ca_file": authority.path, "max_connection_age": "1s", "max_retries": 0},
        "backends": [{**gateways.developer(), "base_url": old.url("upstream.test")}],
    }
    program = Program(["serve", "--config", str(gateways.write(configuration))], gateways.folder, before=command,
                      DEVELOPER_KEY="x")
    gateways.programs.append(program)
    program.started()
    assert ask(program).status == 200
    assert (len(old.handshakes), len(new.handshakes)) == (1, 0)
    hosts.write_text("127.0.0.2 upstream.test\n")
    changed = time.monotonic()
    while not new.handshakes:
        assert ask(program).status == 200
        assert time.monotonic() - changed < 3
    old.wait_until_left()
    known = len(old.handshakes)
    for _ in range(10):
        assert ask(program).status == 200
    assert len(old.handshakes) == known
    program.stop()


def test_an_address_that_does_not_answer_does_not_stop_the_others(gateways, front, authority, upstream, tmp_path):
    """Of a name's addresses the one that answers is used; what was sent to the other is not waited for."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 upstream.test\n127.0.0.3 upstream.test\n")
    command = in_own_hosts(hosts)
    server = front(authority.issue("DNS:upstream.test"), host="127.0.0.3")
    # A full queue of connections: whoever comes now gets no answer.
    silent = socket.socket()
    silent.bind(("127.0.0.1", server.port))
    silent.listen(0)
    queued = [socket.socket() for _ in range(4)]
    for connection in queued:
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", server.port))
    configuration = {
        "listen": {"port": 0}, "auth": {"mode": "none"}, "upstream": {"ca_file": authority.path, "timeout": "5s", "max_retries": 0},
        "backends": [{**gateways.developer(), "base_url": server.url("upstream.test")}],
    }
    program = Program(["serve", "--config", str(gateways.write(configuration))], gateways.folder, before=command,
                      DEVELOPER_KEY="x")
    gateways.programs.append(program)
    program.started()
    began = time.monotonic()
    assert ask(program).status == 200
    assert time.monotonic() - began < 3
    program.stop()
    for connection in [silent, *queued]:
        connection.close()
