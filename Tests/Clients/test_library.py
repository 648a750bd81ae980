"""The translation as a library: the example program, and what it is linked with."""

import os
import pathlib
import subprocess

import pytest

from program import binary

FOLDER = pathlib.Path(binary()).parent


@pytest.fixture(params=["translate", "TranslateRequest"])
def program(request):
    path = FOLDER / request.param
    if not path.exists():
        pytest.skip("%s was not built beside the program" % request.param)
    return path


def test_the_example_translates_without_a_server():
    """A request, an answer and a stream, by the library alone."""
    path = FOLDER / "translate"
    if not path.exists():
        pytest.skip("translate was not built beside the program")
    output = subprocess.run([path], capture_output=True, text=True, timeout=20, check=True).stdout
    assert '"functionDeclarations":[{"name":"get_weather"' in output
    assert '"finish_reason":"tool_calls"' in output
    assert output.rstrip().endswith("data: [DONE]")


def test_it_is_linked_with_neither_foundation_nor_nio(program):
    """What embeds the library gets the standard library and the C library, and nothing else of ours."""
    listing = subprocess.run(
        [program], env={**os.environ, "LD_TRACE_LOADED_OBJECTS": "1"}, capture_output=True, text=True, timeout=20,
        check=True,
    ).stdout
    libraries = [line.split()[0].split("/")[-1] for line in listing.splitlines() if line.strip()]
    assert any(name.startswith("libswiftCore") for name in libraries) or "libc.so.6" in libraries
    assert [name for name in libraries if "Foundation" in name or "NIO" in name] == []
    # Statically linked modules show in the names of their symbols.
    symbols = program.read_bytes()
    for module in (b"7NIOCore", b"8NIOPosix", b"20FoundationEssentials", b"10Foundation"):
        assert symbols.count(module) == 0, module
    assert symbols.count(b"17PolluxTranslation") > 0
