"""What is shipped beside the program: it fits the program that it is shipped with."""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from program import REPOSITORY, run

PACKAGING = REPOSITORY / "packaging"
# Programs that came with Python's packages.
BIN = pathlib.Path(sys.executable).parent


def manifests():
    documents = []
    for path in sorted((PACKAGING / "kubernetes").glob("*.yaml")):
        documents += [document for document in yaml.safe_load_all(path.read_text()) if document]
    return {document["kind"]: document for document in documents}


def test_health_says_whether_a_gateway_is_ready(emulated, tmp_path):
    """`pollux health`, the container's health check."""
    ready = run(["health", "--url", emulated.url + "/readyz"], tmp_path)
    assert ready.returncode == 0 and '"status":"ok"' in ready.stdout
    other = run(["health", "--url", emulated.url + "/no/such/thing"], tmp_path)
    assert other.returncode == 1
    gone = run(["health", "--url", "http://127.0.0.1:1/readyz"], tmp_path)
    assert gone.returncode == 1 and "does not answer" in gone.stdout


@pytest.mark.parametrize("mode", ["0.0.0.0", "127.0.0.1"])
def test_health_asks_where_the_environment_says_that_the_gateway_listens(emulated, tmp_path, mode):
    """As the container's health check does, which has no arguments: by variables, or by the file that one names."""
    port = str(emulated.port)
    ready = run(["health"], tmp_path, POLLUX_LISTEN_ADDRESS=mode, POLLUX_LISTEN_PORT=port,
                POLLUX_AUTH_ALLOW_ANONYMOUS="true")
    assert ready.returncode == 0, ready.stdout
    path = tmp_path / "pollux.yaml"
    path.write_text(json.dumps({
        "listen": {"address": mode, "port": emulated.port}, "auth": {"mode": "passthrough"},
        "backends": [{"name": "vertex", "kind": "vertex"}],
    }))
    assert run(["health"], tmp_path, POLLUX_CONFIG=str(path)).returncode == 0
    assert run(["health"], tmp_path, POLLUX_CONFIG=str(path), POLLUX_LISTEN_PORT="1").returncode == 1


def test_the_first_command_of_the_dockerfile_starts_a_gateway(gateways):
    """With the image's own variables and those that the command gives."""
    text = (PACKAGING / "Dockerfile").read_text()
    variables = dict(re.findall(r"^ENV (\w+)=(\S+)$", text, re.M))
    command = next(line for line in text.splitlines() if line.startswith("#     docker run"))
    variables.update(re.findall(r"-e (\w+)=(\S+)", command))
    assert re.search(r"-p 127\.0\.0\.1:8080:8080", command)  # It lets everybody in.
    program = gateways.launch("serve", **{**variables, "POLLUX_LISTEN_PORT": "0"})
    program.wait_for(lambda: any("listens on http://0.0.0.0:" in line for line in program.output))
    program.terminate()
    assert program.wait() == 0


def test_the_configuration_of_the_manifests_is_valid(tmp_path):
    """The example in the ConfigMap passes `pollux check`."""
    text = manifests()["ConfigMap"]["data"]["pollux.yaml"]
    (tmp_path / "token").write_text("an-admin-token-of-some-length")
    path = tmp_path / "pollux.yaml"
    path.write_text(text.replace("file:/etc/pollux/secrets/admin-token", "file:%s/token" % tmp_path))
    outcome = run(["check", "--config", str(path)], tmp_path)
    assert outcome.returncode == 0, outcome.stderr


def test_the_manifests_fit_each_other_and_the_configuration():
    """Ports, selectors and times: a pod has longer to end than its requests have."""
    found = manifests()
    spec = found["Deployment"]["spec"]["template"]["spec"]
    container = spec["containers"][0]
    configuration = yaml.safe_load(found["ConfigMap"]["data"]["pollux.yaml"])
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"http": configuration["listen"]["port"], "admin": configuration["admin"]["port"]}
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Service"]["spec"]["selector"] == labels
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    drain = int(configuration["shutdown"]["drain_timeout"].removesuffix("s"))
    assert spec["terminationGracePeriodSeconds"] > drain + container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert found["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == found["Deployment"]["metadata"]["name"]
    assert container["securityContext"]["readOnlyRootFilesystem"] and spec["securityContext"]["runAsNonRoot"]


def test_the_dashboard_asks_for_metrics_that_exist():
    """Every metric of the dashboard and the autoscaler is in the list of metrics that a test holds against the program."""
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", (REPOSITORY / "docs/observability.md").read_text(), re.M))
    dashboard = json.loads((PACKAGING / "grafana/pollux.json").read_text())
    asked = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            names = re.findall(r"\b((?:pollux|gen_ai|process)_[a-z_]+)\{", target["expr"])
            assert names, panel["title"]
            asked |= {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
    asked.add(manifests()["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["pods"]["metric"]["name"])
    assert asked - documented == set()


def test_the_alerts_say_what_they_should(tmp_path):
    """Their metrics exist; `promtool` reads them, and finds them firing when they should."""
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", (REPOSITORY / "docs/observability.md").read_text(), re.M))
    rules = PACKAGING / "prometheus/pollux.rules.yml"
    expressions = [rule["expr"] for rule in yaml.safe_load(rules.read_text())["groups"][0]["rules"]]
    assert set(re.findall(r"\bpollux_[a-z_]+\b", " ".join(expressions))) - documented == set()
    if not shutil.which("promtool"):
        pytest.skip("promtool (Debian: prometheus) is not installed")
    for name, source in {"pollux.rules.yml": rules, "alerts.yml": pathlib.Path(__file__).with_name("alerts.yml")}.items():
        shutil.copy(source, tmp_path / name)
    for command in (["check", "rules", "pollux.rules.yml"], ["test", "rules", "alerts.yml"]):
        outcome = subprocess.run(["promtool", *command], cwd=tmp_path, capture_output=True, text=True, timeout=30)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_unit_is_one_that_systemd_takes():
    """`systemd-analyze verify` has nothing to say but that the program is not installed here."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    outcome = subprocess.run(
        ["systemd-analyze", "verify", str(PACKAGING / "pollux.service")], capture_output=True, text=True, timeout=30
    )
    complaints = [line for line in outcome.stderr.splitlines() if "is not executable" not in line]
    assert complaints == []


def test_the_units_user_can_read_the_configuration_as_it_is_installed():
    """The user is made up when the service starts, so that no file can belong to it."""
    unit = (PACKAGING / "pollux.service").read_text()
    assert "DynamicUser=yes" in unit
    mode = re.search(r"install -D -m (\d+) pollux\.yaml /etc/pollux/pollux\.yaml", unit)[1]
    assert int(mode, 8) & 0o004


def test_the_image_runs_as_nobody_and_is_looked_after():
    """The Dockerfile: two stages, a user, a health check, and no secret."""
    text = (PACKAGING / "Dockerfile").read_text()
    checked = subprocess.run([BIN / "hadolint", PACKAGING / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout
    assert text.count("\nFROM ") == 2 and re.search(r"^USER 10001$", text, re.M)
    assert 'CMD ["pollux", "health"]' in text and "make release" in text
    assert pathlib.Path(REPOSITORY / ".dockerignore").read_text().splitlines()[0] == ".git"
