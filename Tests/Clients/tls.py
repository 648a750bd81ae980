"""A TLS server in front of another server, and the certificates for it.

`Authority` signs certificates with the `openssl` program; `Front` ends TLS and passes the bytes on, and notes what
each handshake agreed on.
"""

import select
import shutil
import socket
import ssl
import subprocess
import threading
import warnings

import pytest


def needs_openssl():
    if not shutil.which("openssl"):
        pytest.skip("the program openssl is not installed")


def openssl(*arguments, folder):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


class Certificate:
    """Paths of a certificate and its key."""

    def __init__(self, folder, name):
        self.certificate, self.key = str(folder / (name + ".pem")), str(folder / (name + ".key"))


class Authority:
    """A certificate authority of one's own."""

    def __init__(self, folder):
        needs_openssl()
        self.folder, self.count = folder, 0
        self.root = self._self_signed("root", "Test authority")

    @property
    def path(self):
        return self.root.certificate

    def _self_signed(self, name, subject, *extra):
        made = Certificate(self.folder, name)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", made.key, "-out", made.certificate,
                "-subj", "/CN=" + subject, "-days", "2", *extra, folder=self.folder)
        return made

    def self_signed(self, names="DNS:localhost"):
        self.count += 1
        return self._self_signed("own-%d" % self.count, "localhost", "-addext", "subjectAltName=" + names)

    def issue(self, names="DNS:localhost", begins=None, ends=None):
        """A certificate for these names; `begins` and `ends` are `YYYYMMDDHHMMSSZ`."""
        self.count += 1
        name = "leaf-%d" % self.count
        made, request = Certificate(self.folder, name), str(self.folder / (name + ".csr"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", made.key, "-out", request, "-subj", "/CN=localhost",
                folder=self.folder)
        database = self.folder / (name + ".db")
        database.write_text("")
        (self.folder / (name + ".serial")).write_text("%02X" % (self.count + 16))
        (self.folder / (name + ".cnf")).write_text(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=%s\nserial=%s\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=any\n"
            "x509_extensions=leaf\n[any]\ncommonName=supplied\n[leaf]\nsubjectAltName=%s\n"
            % (database, self.folder / (name + ".serial"), self.folder, names)
        )
        openssl("ca", "-batch", "-notext", "-config", name + ".cnf", "-cert", self.root.certificate,
                "-keyfile", self.root.key, "-in", request, "-out", made.certificate,
                "-startdate", begins or "20200101000000Z", "-enddate", ends or "20490101000000Z", folder=self.folder)
        return made


class Front:
    """Ends TLS on a port of its own, and passes everything on to `target`, a port of 127.0.0.1.

    Without a certificate it speaks no TLS: it takes what comes, says `answer`, if it is given, and waits.
    """

    def __init__(self, target, certificate=None, host="127.0.0.1", port=0, version=None, ciphers=None, answer=b""):
        self.target, self.answer = target, answer
        self.handshakes = []
        self.failures = []
        self.connections = set()
        self._news = threading.Condition()
        self.context = self._context(certificate, version, ciphers) if certificate else None
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, port))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, host="localhost"):
        return "https://%s:%d" % (host, self.port)

    def _context(self, certificate, version, ciphers):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if ciphers:
            context.set_ciphers(ciphers)
        if version:
            with warnings.catch_warnings():  # Of old versions.
                warnings.simplefilter("ignore")
                context.minimum_version = context.maximum_version = version
        context.load_cert_chain(certificate.certificate, certificate.key)
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.sni_callback = lambda connection, name, _: setattr(connection, "asked_name", name)
        return context

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, plain):
        plain.settimeout(20)
        connection = plain
        try:
            if self.context:
                connection = self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                connection.asked_name = None
            with self._news:
                self.connections.add(connection)
            if not self.context:
                connection.recv(65536)
                connection.sendall(self.answer)
                connection.recv(65536)
                return
            connection.do_handshake()
            with self._news:
                self.handshakes.append(
                    {"version": connection.version(), "name": connection.asked_name,
                     "protocol": connection.selected_alpn_protocol(), "resumed": connection.session_reused}
                )
                self._news.notify_all()
            with socket.create_connection(("127.0.0.1", self.target)) as behind:
                self._pipe(connection, behind)
        except OSError as error:  # What the client sends when it does not trust us, too.
            with self._news:
                self.failures.append(error)
                self._news.notify_all()
        finally:
            with self._news:
                self.connections.discard(connection)
                self._news.notify_all()
            connection.close()

    @staticmethod
    def _pipe(connection, behind):
        connection.settimeout(None)
        while True:
            ready, _, _ = select.select([connection, behind], [], [], 0 if connection.pending() else 60)
            if connection in ready or connection.pending():
                data = connection.recv(65536)
                if not data:
                    return
                behind.sendall(data)
            if behind in ready:
                data = behind.recv(65536)
                if not data:
                    try:
                        connection.unwrap()
                    except OSError:
                        pass
                    return
                connection.sendall(data)

    def hang_up(self):
        """Closes what is open, without a word of TLS."""
        with self._news:
            connections = list(self.connections)
        for connection in connections:
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                pass

    def wait_until_left(self, timeout=10):
        """Waits until nobody is connected."""
        with self._news:
            assert self._news.wait_for(lambda: not self.connections, timeout), self.connections

    def close(self):
        self._listener.close()
        self.hang_up()
