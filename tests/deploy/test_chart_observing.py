"""What the Helm chart brings for Prometheus and Grafana: the project's own rules and dashboards, as they are."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.chart import VALUES, Object, rendered
from tests.kafka.libraries import PROJECT
from tests.tools import tool

RULES = {path.stem: path for path in (PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml")}
DASHBOARDS = {path.name: path for path in (PROJECT / "deploy" / "grafana" / "dashboards").glob("*.json")}
ADDRESSES: dict[str, Any] = yaml.safe_load(VALUES["everything"].read_text())["monitoring"]["prometheusRule"]


@pytest.fixture
def packaged() -> dict[str, Object]:
    """The specifications of PrometheusRules, by the name of their file."""
    rules = [thing for thing in rendered("everything") if thing["kind"] == "PrometheusRule"]
    return {thing["metadata"]["labels"]["app.kubernetes.io/component"]: thing["spec"] for thing in rules}


def test_the_packaged_rules_are_those_of_the_project_but_for_the_addresses(packaged: dict[str, Object]) -> None:
    assert set(packaged) == set(RULES)
    for name, spec in packaged.items():
        text = RULES[name].read_text()
        for part in ("page", "grafana", "runbooks"):
            text = text.replace(f"{{{{ $externalLabels.{part} }}}}", ADDRESSES[part])
        assert spec == yaml.safe_load(text)
        assert "externalLabels" not in json.dumps(spec)


def test_prometheus_accepts_the_packaged_rules(packaged: dict[str, Object], tmp_path: Path) -> None:
    for name, spec in packaged.items():
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(spec))
    command = [tool("promtool"), "check", "rules", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SUCCESS") == len(RULES)


@pytest.mark.parametrize("name", ["everything", "others"])
def test_the_packaged_dashboards_are_those_of_the_project_but_for_the_address(name: str) -> None:
    maps = [thing for thing in rendered(name) if thing["metadata"]["labels"].get("grafana_dashboard") == "1"]
    found = {file.removeprefix("cx-"): text for thing in maps for file, text in thing["data"].items()}
    assert set(found) == set(DASHBOARDS)
    for file, text in found.items():
        expected = DASHBOARDS[file].read_text().replace("http://127.0.0.1:6066", "https://cx.example.com")
        assert json.loads(text) == json.loads(expected)
    assert {thing["metadata"]["annotations"]["grafana_folder"] for thing in maps} == {"Customer experience"}


def test_dashboards_of_a_chart_without_an_address_keep_the_one_of_a_port_that_is_forwarded() -> None:
    arguments = ("--set", "monitoring.dashboards.enabled=true")
    texts = [json.dumps(thing.get("data", {})) for thing in rendered("minimal", *arguments)]
    assert sum("http://127.0.0.1:6066" in text for text in texts) == len(DASHBOARDS)


def test_the_rules_take_their_jobs_from_names_that_the_chart_gives() -> None:
    named = {job for path in RULES.values() for job in re.findall(r'job="([\w-]+)"', path.read_text())}
    monitors = [thing for thing in rendered("everything") if thing["kind"] == "ServiceMonitor"]
    assert named <= {monitor["spec"]["endpoints"][0]["relabelings"][0]["replacement"] for monitor in monitors}
