"""The processes that the tests share: an upstream that is scripted, and gateways before it."""

import hashlib
import itertools
import json
import os

import pytest

from program import Program, binary
from upstream import Upstream
from wire import Connection

KEY = "sk-pollux-clients-0001"
OTHER_KEY = "sk-pollux-clients-0002"
DEVELOPER_KEY = "developer-key-of-the-gateway"
ADMIN_TOKEN = "admin-token-of-the-suite"
PROJECT, LOCATION = "test-project", "us-central1"
EU, US = "europe-west4", "us-central1"
VERTEX_BASE = "/v1/projects/%s/locations/%s/endpoints/openapi" % (PROJECT, LOCATION)


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


model_numbers = itertools.count(1)


def new_model(family="gemini-2.5-flash"):
    """A model's name that no other test asks for: how a place is, is known by model."""
    return "google/%s-test%d" % (family, next(model_numbers))


def pytest_sessionstart(session):
    if not os.access(binary(), os.X_OK):
        pytest.exit("There is no program at %s: build it, or set POLLUX_BIN." % binary(), returncode=2)


class Gateways:
    """Starts programs, and ends them all."""

    def __init__(self, folder, upstream):
        self.folder, self.upstream, self.programs = folder, upstream, []

    def vertex(self, **members):
        return {
            "name": "vertex", "kind": "vertex", "project": PROJECT, "location": LOCATION,
            "base_url": self.upstream.url, **members,
        }

    def managed(self, **members):
        """A Vertex backend whose tokens come from the scripted token endpoint (CRED-003)."""
        path = self.folder / "authorized_user.json"
        path.write_text(
            json.dumps(
                {
                    "type": "authorized_user", "client_id": "client", "client_secret": "secret",
                    "refresh_token": "refresh", "token_uri": self.upstream.url + "/token",
                }
            )
        )
        return self.vertex(credentials={"type": "file", "path": str(path)}, **members)

    def located(self, elsewhere, eu=(), us=(), **members):
        """A Vertex backend in two locations."""
        backend = self.vertex(credentials={"type": "api_key", "key": "env:DEVELOPER_KEY"}, **members)
        for name in ("location", "base_url"):
            del backend[name]
        return {
            **backend, "locations": [
                {"name": EU, "base_url": self.upstream.url, **dict(eu)},
                {"name": US, "base_url": elsewhere.url, **dict(us)},
            ],
        }

    def developer(self, **members):
        return {
            "name": "developer", "kind": "gemini-api", "base_url": self.upstream.url,
            "credentials": {"type": "api_key", "key": "env:DEVELOPER_KEY"}, **members,
        }

    def write(self, configuration):
        path = self.folder / ("pollux-%d.yaml" % len(list(self.folder.iterdir())))
        path.write_text(json.dumps(configuration, indent=1))
        return path

    def launch(self, *arguments, **environment):
        """Starts the program without waiting for it."""
        program = Program(arguments, self.folder, DEVELOPER_KEY=DEVELOPER_KEY, ADMIN_TOKEN=ADMIN_TOKEN, **environment)
        self.programs.append(program)
        return program

    def start(self, backend, mode="gateway", **members):
        """A gateway with one backend, on a port that the system chose."""
        auth = {"mode": mode, **members.pop("auth", {})}
        if mode == "gateway":
            auth.setdefault("keys", [{"name": "suite", "sha256": digest(KEY)}])
        configuration = {"listen": {"port": 0}, "auth": auth, "backends": [backend], **members}
        return self.launch("serve", "--config", str(self.write(configuration))).started()

    def stop(self):
        for program in self.programs:
            program.stop()


@pytest.fixture(scope="session")
def scripted_upstream():
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture(scope="session")
def gateways(tmp_path_factory, scripted_upstream):
    made = Gateways(tmp_path_factory.mktemp("gateways"), scripted_upstream)
    yield made
    made.stop()


@pytest.fixture
def upstream(scripted_upstream):
    """The scripted upstream, with an empty script."""
    scripted_upstream.reset()
    yield scripted_upstream
    scripted_upstream.reset()


@pytest.fixture(scope="session")
def emulated(gateways):
    """`pollux serve` as a newcomer starts it: the embedded emulator answers."""
    return gateways.launch("serve", "--port", "0").started()


@pytest.fixture(scope="session")
def managed(gateways):
    """Clients have gateway keys; Vertex gets tokens of the gateway's own."""
    return gateways.start(gateways.managed())


@pytest.fixture(scope="session")
def passthrough(gateways):
    """Clients bring Google's tokens; Vertex gets them."""
    return gateways.start(gateways.vertex(), "passthrough", upstream={"forward_headers": ["x-team"]})


@pytest.fixture(scope="session")
def developer(gateways):
    """Clients have gateway keys; the Developer API gets the gateway's key."""
    return gateways.start(gateways.developer(), auth={"allow_query_key": True})


@pytest.fixture(scope="session")
def developer_passthrough(gateways):
    """Clients bring keys of the Developer API."""
    return gateways.start({**gateways.developer(), "name": "own"}, "passthrough")


@pytest.fixture(scope="session")
def anonymous(gateways):
    """Nobody is asked for a key."""
    return gateways.start(gateways.managed(), "none")


@pytest.fixture(scope="session")
def hasty(gateways):
    """A gateway that soon loses patience, and soon says that it is still there."""
    return gateways.start(
        gateways.managed(), "none", upstream={"timeout": "1s"},
        stream={"idle_timeout": "1s", "keepalive": "250ms"},
    )


@pytest.fixture(scope="session")
def impatient(gateways):
    """A gateway that soon loses patience, without a word before."""
    return gateways.start(
        gateways.managed(), "none", upstream={"timeout": "1s"}, stream={"idle_timeout": "1s"},
    )


@pytest.fixture(scope="session")
def once(gateways):
    """A gateway that asks upstream only once."""
    return gateways.start(gateways.managed(), "none", upstream={"max_retries": 0})


@pytest.fixture(scope="session")
def watched(gateways, tmp_path_factory):
    """A gateway with an admin listener, which wants a token, and a store."""
    store = tmp_path_factory.mktemp("watched") / "pollux.db"
    return gateways.start(
        gateways.managed(), admin={"port": 0, "token": "env:ADMIN_TOKEN", "recent_requests": 20},
        store={"path": str(store)},
    )


@pytest.fixture(scope="session")
def narrow(gateways):
    """A gateway that takes only small bodies."""
    return gateways.start(gateways.managed(), "none", limits={"max_body_bytes": 65536})


@pytest.fixture
def connection(managed):
    with Connection(managed.port) as made:
        yield made


@pytest.fixture(scope="session")
def second_upstream():
    made = Upstream()
    yield made
    made.close()


@pytest.fixture
def elsewhere(second_upstream):
    """The second location, with an empty script."""
    second_upstream.reset()
    yield second_upstream
    second_upstream.reset()


@pytest.fixture
def model():
    return new_model()


@pytest.fixture(scope="session")
def regions(gateways, second_upstream):
    """Two locations, in order."""
    return gateways.start(gateways.located(second_upstream))
