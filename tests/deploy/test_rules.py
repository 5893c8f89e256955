"""The rules and alerts, checked by the real promtool."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from metrics.drift.data_quality import COMPANIONS
from tests.deploy.compose import COMPOSE_FILE, read_yaml
from tests.deploy.series import PROCESS, SERIES
from tests.kafka.libraries import PROJECT
from tests.tools import tool

FOLDER = PROJECT / "deploy" / "prometheus"
RUNBOOKS = PROJECT / "docs" / "runbooks"
RULE_FILES = sorted((FOLDER / "rules").glob("*.yml"))
FIRED = re.compile(r'alertname="(\w+)"')
FIGURES = {"description", "department_name", "page_url"}
"""What an alert for a department says besides."""
DEPARTMENT = re.compile(r"by \([^)]*\bdepartment\b")


def promtool(*arguments: str | Path, cwd: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    command = [tool("promtool"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    scratch = tmp_path_factory.mktemp("rules")
    return [rule for path in RULE_FILES for group in read_yaml(path, scratch)["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def alerts(rules: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


@pytest.fixture(scope="module")
def case_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The files of cases, by name."""
    scratch = tmp_path_factory.mktemp("cases")
    return {path.name: read_yaml(path, scratch) for path in sorted((FOLDER / "tests").glob("*.yml"))}


@pytest.fixture(scope="module")
def cases(case_files: dict[str, Any]) -> list[dict[str, Any]]:
    return [case for file in case_files.values() for case in file["tests"]]


def test_prometheus_accepts_the_rules() -> None:
    done = promtool("check", "rules", *RULE_FILES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SUCCESS") == len(RULE_FILES) == 3


def test_prometheus_accepts_the_configuration() -> None:
    # The files that it names are the container's.
    done = promtool("check", "config", "--syntax-only", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_rules_do_what_their_cases_say() -> None:
    done = promtool("test", "rules", *sorted((FOLDER / "tests").glob("*.yml")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SUCCESS") == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "noticed_by"),
    [
        ("figures.yml", "== -1", "<= 0", "a drift down is told once"),
        ("figures.yml", ">= 30", ">= 3", "with fewer than 30 answers"),
        ("figures.yml", "keep_firing_for: 15m", "keep_firing_for: 1s", "when another worker takes over"),
        ("pipeline.yml", "> 0.05", "> 0.5", "a share of rejected events"),
        ("pipeline.yml", "* 900 > 20", "* 900 > 2", "a share of rejected events"),
        ("recording.yml", "sum(rate(cx_rejected_total[15m]))", "max(rate(cx_nothing_total[15m]))", "a share of"),
    ],
)
def test_a_rule_that_was_changed_for_the_worse_is_noticed_by_its_case(
    file: str, old: str, new: str, noticed_by: str, case_files: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(FOLDER / "rules", tmp_path / "rules")
    # Those of recording rules are with the alerts that use them. A whole file takes ten seconds, a case less than one.
    whole = case_files["pipeline.yml" if file == "recording.yml" else file]
    [case] = [case for case in whole["tests"] if case["name"].startswith(noticed_by)]
    cases = tmp_path / "tests" / "case.yml"
    cases.parent.mkdir()
    cases.write_text(json.dumps(whole | {"tests": [case]}))
    assert promtool("test", "rules", cases, cwd=tmp_path).returncode == 0
    changed = tmp_path / "rules" / file
    assert old in changed.read_text()
    changed.write_text(changed.read_text().replace(old, new))
    done = promtool("test", "rules", cases, cwd=tmp_path)
    assert done.returncode != 0
    assert "FAILED" in done.stdout + done.stderr


def test_for_every_alert_it_is_tested_that_it_fires_and_that_it_ends(
    alerts: dict[str, Any], cases: list[dict[str, Any]]
) -> None:
    fired, ended = set(), set()
    for case in cases:
        seen: set[str] = set()
        for check in case.get("promql_expr_test", []):
            now = {name for sample in check["exp_samples"] for name in FIRED.findall(sample["labels"])}
            ended |= seen - now
            seen |= now
        fired |= seen
    assert fired == set(alerts)
    assert ended == set(alerts)


def test_every_alert_says_whose_it_is_how_grave_and_where_to_look(alerts: dict[str, Any]) -> None:
    for name, rule in alerts.items():
        labels, annotations = rule["labels"], rule["annotations"]
        assert labels["severity"] in {"page", "warning", "info"}, name
        assert labels["area"] in {"figures", "nodata", "pipeline"}, name
        assert labels.get("department") == "company" or DEPARTMENT.search(rule["expr"]), name
        besides = FIGURES if labels["area"] in ("figures", "nodata") else set()
        assert set(annotations) - {"metric_name"} == {"summary", "runbook_url", "dashboard_url", *besides}, name
        assert "for" in rule, name


def test_every_alert_has_a_runbook_that_says_what_it_means_where_to_look_and_what_to_do(alerts: dict[str, Any]) -> None:
    for name, rule in alerts.items():
        found = re.fullmatch(r"\{\{ \$externalLabels\.runbooks \}\}/([a-z-]+\.md)", rule["annotations"]["runbook_url"])
        assert found, name
        text = (RUNBOOKS / found[1]).read_text()
        assert f"`{name}`" in text.splitlines()[2]
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["What it means", "Look here", "Do this"]


def test_every_runbook_belongs_to_alerts_that_exist(alerts: dict[str, Any]) -> None:
    named = {name for path in RUNBOOKS.glob("*.md") for name in re.findall(r"\w+", path.read_text().splitlines()[2])}
    assert named - {"Alert"} == set(alerts)


def test_the_addresses_of_runbooks_and_dashboards_are_set_once_and_are_no_labels_of_an_alert(tmp_path: Path) -> None:
    config = read_yaml(FOLDER / "prometheus.yml", tmp_path)
    outside = config["global"]["external_labels"]
    used = set(re.findall(r"externalLabels\.(\w+)", "".join(path.read_text() for path in RULE_FILES)))
    [relabel] = config["alerting"]["alert_relabel_configs"]
    assert set(outside) == used == set(relabel["regex"].split("|"))
    assert relabel["action"] == "labeldrop"
    assert [address for address in outside.values() if not re.match(r"https?://[^/]+.*[^/]$", address)] == []


def test_what_an_alert_says_is_looked_up_by_what_the_worker_calls_it(alerts: dict[str, Any]) -> None:
    named = set()
    for name, rule in alerts.items():
        for text in rule["annotations"].values():
            named |= set(re.findall(r"cx_alert_text\{alert='(\w+)'", text))
            for series in re.findall(r"\b(cx_\w+)\{", text):
                assert series in SERIES, name
            assert re.findall(r"\.Labels\.(\w+)", text) == [] or "query" in text, name
    assert named == {"drift", *COMPANIONS}


def test_an_expression_uses_series_that_exist_and_recorded_ones(rules: list[dict[str, Any]]) -> None:
    recorded = {rule["record"] for rule in rules if "record" in rule}
    for rule in rules:
        named = set(re.findall(r"\bcx:[a-z0-9_:]+|\b(?:cx|process)_[a-z_]+[a-z]\b", rule["expr"]))
        assert named <= SERIES | PROCESS | recorded, rule


def test_an_alert_on_a_figure_does_not_depend_on_which_worker_shows_it(alerts: dict[str, Any]) -> None:
    for name, rule in alerts.items():
        # A series without an aggregation carries `instance`: another worker's would be another alert.
        bare = re.sub(r"\b(?:sum|min|max)\s*(?:by \([^)]*\) )?\(|absent\(", "<", rule["expr"])
        assert not re.search(r"(?<![<(\w:])cx_[a-z_]+", bare), name


def test_compose_mounts_the_rules_where_prometheus_looks_for_them(tmp_path: Path) -> None:
    config = read_yaml(FOLDER / "prometheus.yml", tmp_path)
    assert config["rule_files"] == ["/etc/prometheus/rules/*.yml"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in COMPOSE_FILE.read_text()


def test_the_table_of_alerts_is_the_rules(alerts: dict[str, Any]) -> None:
    rows = [line.split(" | ") for line in (PROJECT / "docs" / "alerts.md").read_text().splitlines() if ".md) |" in line]
    by_alert: dict[str, tuple[bool, str, str]] = {}
    for names, department, severities, runbook in rows:
        found = re.findall(r"\w+", names)
        grave = re.findall(r"\w+", severities)
        by_alert |= {
            name: (department == "company", severity, runbook.split("/")[-1].split(")")[0])
            for name, severity in zip(found, grave * (3 - len(grave)), strict=False)
        }
    # The companions of the company as a whole carry the label that the worker gives them.
    company = {"UnownedShareUp", "OwnerMixShifted"}
    assert by_alert == {
        name: (
            rule["labels"].get("department") == "company" or name in company,
            rule["labels"]["severity"],
            rule["annotations"]["runbook_url"].split("/")[-1],
        )
        for name, rule in alerts.items()
    }
