"""`pollux conformance`: the suite against our own gateway, and against an endpoint with any model behind it."""

import json

from conftest import KEY
from program import run


def test_our_own_gateway_passes_every_case(tmp_path):
    """Without a target, the program's own gateway is tried with the suite's own upstream."""
    outcome = run(["conformance", "--format", "json"], tmp_path)
    report = json.loads(outcome.stdout)
    assert [case for case in report["cases"] if case["outcome"] != "passed"] == []
    assert outcome.returncode == 0 and report["total"]["passed"] > 80


def test_an_endpoint_is_tried_as_far_as_any_model_shows(emulated, tmp_path):
    """Without an upstream of the suite's own only those cases run that need none; the others are told as not tried."""
    outcome = run(["conformance", "--target", emulated.url, "--format", "json"], tmp_path)
    report = json.loads(outcome.stdout)
    assert outcome.returncode == 0, report["cases"]
    assert report["total"]["passed"] >= 15 and report["total"]["skipped"] > 50


def test_a_key_is_sent(managed, tmp_path):
    """`--key`; without the right one nothing passes, and the exit code says so."""
    right = run(["conformance", "--target", managed.url + "/v1", "--key", KEY], tmp_path)
    wrong = run(["conformance", "--target", managed.url + "/v1"], tmp_path, OPENAI_API_KEY="sk-wrong")
    assert "Errors" in right.stdout and "FAIL  Errors" not in right.stdout
    assert wrong.returncode == 1 and "FAIL  Errors" in wrong.stdout and "got 401" in wrong.stdout


def test_an_endpoint_that_is_not_there_is_said_to_be_so(tmp_path):
    """A refused connection is no score of nothing."""
    outcome = run(["conformance", "--target", "http://127.0.0.1:1"], tmp_path)
    assert outcome.returncode == 1 and "could not be tried" in outcome.stderr and not outcome.stdout
