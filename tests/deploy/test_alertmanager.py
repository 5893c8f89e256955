"""The configuration made from the registry, checked by the real amtool; and the one that Compose mounts."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from metrics.registry.alert_channels import DEBIAN, Address, MailServer, Version, need_of
from metrics.registry.alert_routing import TEMPLATES, Receivers, alertmanager, newer_than, to_yaml
from streams.cli.alertmanager import HEADER
from streams.registry.file import load
from tests.deploy.compose import resolved
from tests.kafka.libraries import PROJECT
from tests.tools import tool

COMMITTED = PROJECT / "deploy" / "alertmanager" / "alertmanager.yml"
SAMPLE = load(PROJECT / "deploy" / "registry.toml").registry


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool("amtool"), *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The sample registry's, with someone on call; Debian's Alertmanager 0.25 does not know url_file yet."""
    path = tmp_path / "alertmanager.yml"
    text = to_yaml(alertmanager(SAMPLE, Receivers(on_call="night")))
    path.write_text(text.replace('url_file: "/run/receivers/', 'url: "http://127.0.0.1:1/'))
    return path


def test_alertmanager_accepts_it(config: Path) -> None:
    done = amtool("check-config", str(config))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 receivers" in done.stdout


@pytest.mark.parametrize(
    ("department", "severity", "receivers"),
    [
        ("marketing", "warning", "marketing-oncall"),
        ("sales", "info", "sales-oncall"),
        ("logistics", "warning", "logistics-oncall"),
        ("unowned", "warning", "fallback"),
        ("company", "page", "night,fallback"),
        ("service", "page", "night,service-oncall"),
        ("a-department-of-tomorrow", "warning", "fallback"),
        ("marketing-2", "warning", "fallback"),
    ],
)
def test_an_alert_reaches_its_department_and_no_other(
    config: Path, department: str, severity: str, receivers: str
) -> None:
    labels = (f"department={department}", f"severity={severity}", "alertname=DriftDown")
    done = amtool("config", "routes", "test", f"--config.file={config}", f"--verify.receivers={receivers}", *labels)
    assert done.returncode == 0, done.stdout + done.stderr


TEAMS, BY_FILE = Address("teams"), Address()
OTHERS = (
    Address(url="http://h/"), Address("slack", channel="#cx"), Address("email", to="a@b"), Address("pagerduty"),
    Address("opsgenie"),
)  # fmt: skip


def is_accepted(path: Path, addresses: Sequence[Address]) -> bool:
    """Whether amtool takes what is made by default with these addresses for every receiver."""
    receivers = Receivers(
        dict.fromkeys(["fallback", *(item.receiver for item in SAMPLE.departments if item.receiver)], addresses),
        mail=MailServer("h:25", "a@b"),
    )
    assert [need.version > DEBIAN for need in newer_than(SAMPLE, receivers, DEBIAN)] == [
        True for one in addresses if one in (TEAMS, BY_FILE)
    ]
    (path / TEMPLATES).write_text((COMMITTED.parent / TEMPLATES).read_text())
    (path / "alertmanager.yml").write_text(to_yaml(alertmanager(SAMPLE, receivers)))
    return amtool("check-config", str(path / "alertmanager.yml")).returncode == 0


def test_debians_alertmanager_takes_what_is_made_by_default_but_for_what_is_said_to_need_a_newer_one(
    tmp_path: Path,
) -> None:
    written = re.search(r"version (\d+)\.(\d+)", amtool("--version").stdout)
    assert written is not None
    version = Version(int(written[1]), int(written[2]))
    assert is_accepted(tmp_path, OTHERS)
    assert is_accepted(tmp_path, [TEAMS]) == (version >= need_of(TEAMS).version)
    assert is_accepted(tmp_path, [BY_FILE]) == (version >= need_of(BY_FILE).version)


def test_a_route_that_leads_elsewhere_would_be_noticed(config: Path) -> None:
    done = amtool(
        "config", "routes", "test", f"--config.file={config}", "--verify.receivers=sales-oncall", "department=marketing"
    )
    assert done.returncode != 0


def test_the_mounted_configuration_is_made_from_the_sample_registry() -> None:
    assert COMMITTED.read_text() == HEADER + to_yaml(alertmanager(SAMPLE, Receivers()))


def test_the_files_that_it_names_are_mounted_and_outside_of_what_is_built_or_committed() -> None:
    [mount] = [m for m in resolved()["services"]["alertmanager"]["volumes"] if m["target"] == Receivers().directory]
    files = re.findall(r'url_file: "(.*)/', COMMITTED.read_text())
    assert set(files) == {mount["target"]}
    assert Path(mount["source"]) == PROJECT / "receivers"
    assert "receivers/" in (PROJECT / ".gitignore").read_text().splitlines()
    assert "!receivers/" not in (PROJECT / ".dockerignore").read_text()


def test_what_an_inhibition_names_are_alerts_and_areas_that_exist() -> None:
    rules = "".join(path.read_text() for path in (PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml"))
    for rule in alertmanager(SAMPLE, Receivers())["inhibit_rules"]:
        for label, _, value in (re.split(r"(=~|=)", matcher) for kind in ("source", "target") for matcher in rule[f"{kind}_matchers"]):  # fmt: skip  # noqa: E501
            for name in value.strip('"').split("|"):
                assert f"{'alert' if label == 'alertname' else label}: {name}" in rules
