"""The examples for Python users do what they say, against gateways with the emulator behind them."""

import concurrent.futures
import subprocess
import sys

import pytest

from conftest import DEVELOPER_KEY, KEY, VERTEX_BASE
from program import REPOSITORY, clean_environment

FOLDER = REPOSITORY / "Examples" / "python"
# `run_all.py` starts programs of its own and then these examples, which are started here.
EXAMPLES = sorted(path for path in FOLDER.glob("*.py") if path.name != "run_all.py")
# What an example needs that is not the newcomer's gateway: the way of authentication, the base, the key.
NEEDS = {"gateway_key.py": ("gateway", "/v1", KEY), "google_token.py": ("passthrough", VERTEX_BASE, "ya29.any")}


def run(example, base_url, key, home):
    environment = clean_environment(home, POLLUX_BASE_URL=base_url, POLLUX_API_KEY=key, PYTHONDONTWRITEBYTECODE="1")
    # OpenAI's own variables must not matter.
    environment.update(OPENAI_API_KEY="not-this-one", OPENAI_BASE_URL="http://127.0.0.1:9/not-here")
    return subprocess.run(
        [sys.executable, str(example)], env=environment, cwd=home, capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="session")
def results(gateways, emulated, tmp_path_factory):
    """Each example's end, by its name; two run at a time."""
    emulator = gateways.launch("emulate", "--port", "0").started()
    backend = {**gateways.vertex(), "base_url": emulator.url}
    own = {**backend, "credentials": {"type": "api_key", "key": "env:DEVELOPER_KEY"}}
    urls = {"open": emulated.url}
    for name, (mode, _, _) in NEEDS.items():
        urls[mode] = gateways.start(own if mode == "gateway" else backend, mode).url
    home = tmp_path_factory.mktemp("examples")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = {}
        for example in EXAMPLES:
            mode, base, key = NEEDS.get(example.name, ("open", "/v1", "any"))
            futures[example.name] = pool.submit(run, example, urls[mode] + base, key, home)
        return {name: future.result() for name, future in futures.items()}


def test_there_are_examples():
    """The folder of examples is there."""
    if not FOLDER.is_dir():
        pytest.skip("THERE IS NO %s: no example was run." % FOLDER)
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs(results, example):
    """It ends with 0, has something to say, and complains of nothing."""
    result = results[example.name]
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() and "Traceback" not in result.stderr
    assert DEVELOPER_KEY not in result.stdout
