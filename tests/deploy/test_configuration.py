from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.deploy.compose import read_yaml, resolved
from tests.kafka.libraries import PROJECT

DEPLOY = PROJECT / "deploy"
TEMPLATES = DEPLOY / "helm" / "cx-balance" / "templates"
"""They are YAML when helm has filled them: tests of the chart read that."""
YAML_FILES = sorted(
    path for end in ("*.yml", "*.yaml") for path in DEPLOY.rglob(end) if not path.is_relative_to(TEMPLATES)
)


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_yaml_file_parses_to_a_mapping(path: Path, tmp_path: Path) -> None:
    assert isinstance(read_yaml(path, tmp_path), dict)


def test_broken_yaml_is_noticed(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("a: [1, 2\nb: }")
    with pytest.raises(AssertionError, match=r"broken\.yml"):
        read_yaml(broken, tmp_path)


def test_prometheus_finds_each_worker_by_its_address(tmp_path: Path) -> None:
    config = read_yaml(DEPLOY / "prometheus" / "prometheus.yml", tmp_path)
    (job,) = [job for job in config["scrape_configs"] if job["job_name"] == "cx-balance"]
    (discovery,) = job["dns_sd_configs"]
    worker = resolved()["services"][discovery["names"][0]]
    assert discovery["type"] == "A"
    assert str(discovery["port"]) == worker["environment"]["CXB_HTTP_PORT"]


def test_prometheus_sends_alerts_to_the_alertmanager_of_the_file(tmp_path: Path) -> None:
    config = read_yaml(DEPLOY / "prometheus" / "prometheus.yml", tmp_path)
    (manager,) = config["alerting"]["alertmanagers"]
    (target,) = manager["static_configs"][0]["targets"]
    assert target.split(":")[0] in resolved()["services"]


def test_every_route_ends_at_a_receiver_and_groups_by_department(tmp_path: Path) -> None:
    config = read_yaml(DEPLOY / "alertmanager" / "alertmanager.yml", tmp_path)
    routes = [config["route"], *config["route"].get("routes", [])]
    assert {route["receiver"] for route in routes} <= {receiver["name"] for receiver in config["receivers"]}
    assert config["route"]["group_by"] == ["alertname", "department"]
    assert "matchers" not in config["route"]


def test_grafana_reads_the_stores_of_the_file_and_no_secret_is_written_down(tmp_path: Path) -> None:
    config = read_yaml(DEPLOY / "grafana" / "provisioning" / "datasources" / "cx-balance.yaml", tmp_path)
    prometheus, clickhouse = config["datasources"]
    assert prometheus["url"] == "http://prometheus:9090"
    assert clickhouse["jsonData"]["host"] == "clickhouse"
    assert clickhouse["secureJsonData"] == {"password": "$CX_READER_PASSWORD"}
    assert "CX_READER_PASSWORD" in resolved()["services"]["grafana"]["environment"]


def test_grafana_loads_the_mounted_dashboards_and_refuses_changes_in_place(tmp_path: Path) -> None:
    config = read_yaml(DEPLOY / "grafana" / "provisioning" / "dashboards" / "cx-balance.yaml", tmp_path)
    (provider,) = config["providers"]
    mounts = {mount["target"]: Path(mount["source"]) for mount in resolved()["services"]["grafana"]["volumes"]}
    assert mounts[provider["options"]["path"]] == DEPLOY / "grafana" / "dashboards"
    assert provider["allowUiUpdates"] is False


def test_the_reader_account_can_only_select_and_has_its_password_from_the_environment(tmp_path: Path) -> None:
    root = ElementTree.parse(DEPLOY / "clickhouse" / "users.d" / "reader.xml").getroot()
    (user,) = root.findall("users/*")
    sources = read_yaml(DEPLOY / "grafana" / "provisioning" / "datasources" / "cx-balance.yaml", tmp_path)
    assert user.tag == sources["datasources"][1]["jsonData"]["username"]
    assert [query.text for query in user.findall("grants/query")] == ["GRANT SELECT ON cx.*"]
    assert root.findtext(f"profiles/{user.findtext('profile')}/readonly") == "2"
    password = user.find("password")
    assert password is not None
    assert not password.text
    assert password.get("from_env") in resolved()["services"]["clickhouse"]["environment"]
