"""docs/emulator.md, followed as a new user would: its programs run, its scripts play, its options are all there are."""

import pathlib
import re

from conftest import Emulator
from program import REPOSITORY, run

GUIDE = (pathlib.Path(REPOSITORY) / "docs" / "emulator.md").read_text()


def blocks(language):
    return re.findall(r"^```%s\n(.*?)^```" % language, GUIDE, re.S | re.M)


def test_the_programs_of_the_guide_run(tmp_path):
    """From the first line to the last, in one go, against a new emulator."""
    emulator = Emulator(tmp_path)
    try:
        programs = blocks("python")
        assert len(programs) >= 4
        exec("\n".join(programs).replace("http://127.0.0.1:8085", emulator.url), {})
    finally:
        emulator.program.stop()


def test_the_scripts_of_the_guide_play(emulator):
    """Each is taken whole."""
    scripts = blocks("yaml")
    assert len(scripts) >= 2
    for script in scripts:
        emulator.script(script)


def test_every_option_is_in_the_guide(tmp_path):
    """What `--help` tells stands in the table, and the other way round."""
    told = set(re.findall(r"^  (--[a-z-]+)", run(["emulate", "--help"], tmp_path).stdout, re.M))
    listed = set(re.findall(r"^\| `(--[a-z-]+)", GUIDE, re.M))
    assert told - {"--version", "--help"} == listed
