import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.compose import COMPOSE_FILE, SECRETS, compose, resolved
from tests.kafka.libraries import PROJECT

NAMES = ("kafka", "clickhouse", "migrate", "worker", "prometheus", "alertmanager", "grafana")


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = resolved()["services"][name]
    return found


def test_the_services_are_the_documented_ones() -> None:
    assert sorted(resolved()["services"]) == sorted(NAMES)


def test_compose_accepts_the_file() -> None:
    done = compose("config", "-q")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_compose_refuses_a_misspelt_key(tmp_path: Path) -> None:
    misspelt = tmp_path / "docker-compose.yml"
    misspelt.write_text(COMPOSE_FILE.read_text().replace("mem_limit", "memory_limit", 1))
    done = compose("config", "-q", file=misspelt)
    assert done.returncode != 0
    assert "memory_limit" in done.stderr


@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_secret_stops_compose_and_says_where_to_set_it(name: str) -> None:
    done = compose("config", "-q", env={key: value for key, value in SECRETS.items() if key != name})
    assert done.returncode != 0
    assert f"set {name} in .env" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_secrets_reach_containers_by_environment_only(name: str) -> None:
    elsewhere = json.dumps({key: value for key, value in service(name).items() if key != "environment"})
    assert not [secret for secret in SECRETS.values() if secret in elsewhere]


def test_each_secret_reaches_some_container() -> None:
    environments = json.dumps([service(name).get("environment") for name in NAMES])
    assert [secret for secret in SECRETS.values() if secret not in environments] == []


def test_the_example_environment_names_the_secrets_and_the_default_versions() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert {name for name, value in example.items() if not value} == set(SECRETS)
    done = compose("config", "--format", "json", env=example | SECRETS)
    assert json.loads(done.stdout) == resolved()
    assert all(f"${{{name}" in COMPOSE_FILE.read_text() for name in example)


@pytest.mark.parametrize("name", NAMES)
def test_every_image_is_pinned(name: str) -> None:
    _, _, tag = service(name)["image"].partition(":")
    assert re.fullmatch(r"v?\d+(\.\d+)+", tag)


@pytest.mark.parametrize("name", NAMES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert [port for port in service(name).get("ports", []) if port.get("host_ip") != "127.0.0.1"] == []


def test_no_two_services_publish_one_port() -> None:
    published = [port["published"] for name in NAMES for port in service(name).get("ports", [])]
    assert len(published) == len(set(published)) == 6


@pytest.mark.parametrize("name", NAMES)
def test_files_of_the_project_are_mounted_read_only_and_exist(name: str) -> None:
    binds = [mount for mount in service(name).get("volumes", []) if mount["type"] == "bind"]
    assert [mount for mount in binds if not mount.get("read_only")] == []
    # What the operator puts there is not the project's, and Compose makes an empty folder where there is none.
    operators = {str(PROJECT / line.rstrip("/")) for line in (PROJECT / ".gitignore").read_text().splitlines() if line}
    missing = [mount["source"] for mount in binds if not Path(mount["source"]).exists()]
    assert [source for source in missing if source not in operators] == []


@pytest.mark.parametrize("name", ["kafka", "clickhouse", "prometheus", "alertmanager", "grafana"])
def test_data_outlives_the_container_in_a_named_volume(name: str) -> None:
    volumes = [mount["source"] for mount in service(name)["volumes"] if mount["type"] == "volume"]
    assert volumes == [f"{name}-data"]


@pytest.mark.parametrize("name", NAMES)
def test_every_service_is_confined(name: str) -> None:
    found = service(name)
    assert found["cap_drop"] == ["ALL"]
    assert "cap_add" not in found
    assert "privileged" not in found
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert 0 < int(found["mem_limit"]) <= 4 * 2**30
    assert set(found["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("migrate", "worker")])
def test_images_of_others_run_as_an_ordinary_user(name: str) -> None:
    assert service(name)["user"].split(":")[0] not in ("", "0", "root")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("migrate", "worker")])
def test_every_server_has_a_health_check(name: str) -> None:
    assert service(name)["healthcheck"]["test"][0] == "CMD"


def test_the_worker_keeps_the_health_check_of_its_image() -> None:
    assert "healthcheck" not in service("worker")
    assert service("migrate")["healthcheck"] == {"disable": True}


def test_the_worker_waits_for_broker_store_and_tables() -> None:
    conditions = {name: needs["condition"] for name, needs in service("worker")["depends_on"].items()}
    assert conditions == {
        "kafka": "service_healthy",
        "clickhouse": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_workers_can_be_scaled() -> None:
    done = compose("config", "--format", "json", env=SECRETS | {"CXB_WORKERS": "4"})
    worker = json.loads(done.stdout)["services"]["worker"]
    assert worker["scale"] == 4
    first, last = map(int, worker["ports"][0]["published"].split("-"))
    assert last - first + 1 >= 4
    assert "container_name" not in worker


def test_store_and_worker_agree_on_account_and_database() -> None:
    store, worker = service("clickhouse")["environment"], service("worker")["environment"]
    for ours, theirs in (("USER", "USER"), ("PASSWORD", "PASSWORD"), ("DATABASE", "DB")):
        assert worker[f"CXB_CLICKHOUSE_{ours}"] == store[f"CLICKHOUSE_{theirs}"]


def test_the_broker_advertises_the_name_and_the_port_that_reach_it() -> None:
    broker = service("kafka")
    advertised = broker["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert service("worker")["environment"]["CXB_KAFKA_BOOTSTRAP_SERVERS"] in advertised
    assert f"HOST://127.0.0.1:{broker['ports'][0]['published']}" in advertised


def test_the_file_has_a_project_name_and_no_version() -> None:
    assert resolved()["name"] == "cx-balance"
    assert not re.search(r"(?m)^version:", COMPOSE_FILE.read_text())


def test_the_gateway_is_there_on_request_and_knows_no_secret_but_the_token_of_metrics() -> None:
    done = compose("--profile", "gateway", "config", "--format", "json", env=SECRETS)
    gateway = json.loads(done.stdout)["services"]["gateway"]
    assert set(gateway["environment"]) == {
        "CXB_KAFKA_BOOTSTRAP_SERVERS", "CXB_GATEWAY_HOST", "CXB_GATEWAY_PUBLISHERS", "CXB_HTTP_TOKEN",
    }  # fmt: skip
    assert [port["host_ip"] for port in gateway["ports"]] == ["127.0.0.1"]
    assert gateway["read_only"]
    assert gateway["cap_drop"] == ["ALL"]
    assert gateway["volumes"][0]["target"] == gateway["environment"]["CXB_GATEWAY_PUBLISHERS"]
