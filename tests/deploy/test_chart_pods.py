"""The pods of the Helm chart: what their programs are given, and what they may do."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from streams.cli.app import app
from streams.gateway import server as gateway_server
from streams.gateway import service as gateway_service
from streams.registry.file import RegistryWatcher
from streams.settings import settings
from streams.settings.gateway import GatewaySettings
from streams.settings.settings import NOT_SETTINGS, HttpSettings
from streams.web.routes import ROUTES
from streams.worker import STOP_DRAINING_S
from tests.deploy.chart import VALUES, Object, environment, one, pods, rendered
from tests.deploy.compose import resolved
from tests.kafka.libraries import PROJECT

SECRETS = {
    "CXB_CLICKHOUSE_PASSWORD": "a password",
    "CXB_CUSTOMER_KEY": "ab" * 32,
    "CXB_HTTP_TOKEN": "a token of 16 characters",
    "CXB_KAFKA_SASL_PASSWORD": "another password",
}
everything = pytest.mark.parametrize("name", VALUES)


def component_pods(name: str) -> list[tuple[str, Object]]:
    return sorted(pods(rendered(name)).items())


@everything
def test_every_variable_is_a_setting(name: str) -> None:
    for component, pod in component_pods(name):
        unknown = set(environment(pod)) - set(settings.variables())
        assert (component, unknown) == (component, set())
        assert not set(environment(pod)) & NOT_SETTINGS


@everything
def test_the_programs_take_the_settings_that_they_are_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for component, pod in component_pods(name):
        with monkeypatch.context() as patch:
            for variable, value in environment(pod).items():
                patch.setenv(variable, SECRETS[variable] if isinstance(value, tuple) else value)
            loaded = settings.load()
        if component in ("worker", "doctor"):
            assert loaded.customer_key is not None
            assert (loaded.http.host, loaded.http.port) == ("0.0.0.0", 6066)
        if component == "gateway":
            assert (loaded.gateway.host, loaded.gateway.port) == ("0.0.0.0", 6067)


@everything
def test_every_command_is_one_that_cxb_understands(name: str) -> None:
    commands: Any = get_command(app)
    for component, pod in component_pods(name):
        [container] = pod["spec"]["containers"]
        assert "command" not in container, "the image's entry point is cxb"
        first, *rest = container["args"]
        assert first == component
        command = commands.get_command(None, first)
        assert command is not None
        with command.make_context(first, list(rest)) as context:
            if component == "report":
                assert context.params["last_month"]
                assert context.params["send_to"] == "board"


@everything
def test_every_port_and_probe_is_one_that_the_program_has(name: str) -> None:
    routes = {"worker": {route.path for route in ROUTES} | {"/health", "/ready", "/metrics"}, "gateway": set[str]()}
    answered = (PROJECT / gateway_server.__file__).read_text()
    listens = {"worker": HttpSettings().port, "gateway": GatewaySettings().port}
    for component, pod in component_pods(name):
        [container] = pod["spec"]["containers"]
        probes = [
            container[probe] for probe in ("startupProbe", "livenessProbe", "readinessProbe") if probe in container
        ]
        assert len(probes) == (3 if component in listens else 0)
        if component not in listens:
            continue
        assert [port["containerPort"] for port in container["ports"]] == [listens[component]]
        for probe in probes:
            path = probe["httpGet"]["path"]
            assert path in routes[component] or f'"{path}"' in answered
            assert probe["httpGet"]["port"] == container["ports"][0]["name"]
        service = one(rendered(name), "Service", f"-{component}")
        assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]


@everything
def test_no_secret_stands_in_an_object(name: str) -> None:
    things = rendered(name)
    assert [thing for thing in things if thing["kind"] == "Secret"] == []
    for _, pod in component_pods(name):
        given = environment(pod)
        assert {key for key, value in given.items() if isinstance(value, tuple)} == set(SECRETS) & set(given)
        assert not [argument for argument in pod["spec"]["containers"][0]["args"] if "secret" in argument]


@everything
def test_a_gateway_knows_neither_the_store_nor_the_customer_key(name: str) -> None:
    gateway = pods(rendered(name)).get("gateway")
    if gateway is not None:
        assert not [
            key for key in environment(gateway) if re.match("CXB_CLICKHOUSE_(URL|USER|PASSWORD)|CXB_CUSTOM", key)
        ]


@everything
def test_every_pod_is_confined(name: str) -> None:
    for component, pod in component_pods(name):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        # A service named cxb-gateway would set CXB_GATEWAY_PORT, which is a setting.
        assert spec["enableServiceLinks"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        [container] = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"memory"} <= set(container["resources"]["limits"]), component
        assert {"cpu", "memory"} == set(container["resources"]["requests"])


def test_a_pod_runs_as_the_user_of_the_image_unless_the_cluster_chooses() -> None:
    ours = pods(rendered("minimal"))["worker"]["spec"]["securityContext"]
    assert f"USER {ours['runAsUser']}:{ours['runAsGroup']}" in (PROJECT / "deploy" / "Dockerfile").read_text()
    theirs = pods(rendered("others"))["worker"]["spec"]["securityContext"]
    assert set(theirs) == {"runAsNonRoot", "seccompProfile"}


@everything
def test_what_is_mounted_is_there_and_every_file_that_is_named_is_mounted(name: str) -> None:
    for _, pod in component_pods(name):
        [container] = pod["spec"]["containers"]
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
        assert set(mounts) == volumes
        # A single file of a ConfigMap would not follow its changes.
        assert not [mount for mount in mounts.values() if "subPath" in mount]
        assert {mount["name"] for mount in mounts.values() if not mount.get("readOnly")} == {"tmp"}
        folders = [mount["mountPath"] for mount in mounts.values()]
        values = [value for value in environment(pod).values() if isinstance(value, str)]
        named = [value for value in [*values, *container["args"]] if value.startswith(("/etc", "/run"))]
        assert all(any(path.startswith(f"{folder}/") for folder in folders) for path in named)


@everything
def test_every_config_map_that_a_pod_mounts_is_made_or_the_operators(name: str) -> None:
    made = {thing["metadata"]["name"]: thing["data"] for thing in rendered(name) if thing["kind"] == "ConfigMap"}
    given = {"cx-registry", "cx-sources"}
    for _, pod in component_pods(name):
        for volume in pod["spec"]["volumes"]:
            if "configMap" in volume and volume["configMap"]["name"] not in given:
                data = made[volume["configMap"]["name"]]
                assert {item["key"] for item in volume["configMap"]["items"]} == set(data)


def test_a_registry_in_a_config_map_is_followed_when_the_kubelet_swaps_it(tmp_path: Path) -> None:
    # As the kubelet does it: a folder of a new name, and one link that is put in place of the old one.
    text = (PROJECT / "deploy" / "registry.toml").read_text()
    for version in ("one", "two"):
        folder = tmp_path / f"..{version}"
        folder.mkdir()
        changed = re.sub(r'(?m)^version = ".*"', f'version = "{version}"', text)
        (folder / "registry.toml").write_text(changed)
    (tmp_path / "..data").symlink_to("..one")
    (tmp_path / "registry.toml").symlink_to("..data/registry.toml")
    watcher = RegistryWatcher(tmp_path / "registry.toml")
    assert watcher.current.registry.version == "one"
    (tmp_path / "..data_tmp").symlink_to("..two")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    assert watcher.check()
    assert watcher.current.registry.version == "two"


@everything
def test_a_pod_has_the_time_that_its_program_takes_to_end(name: str) -> None:
    worker = pods(rendered(name))["worker"]["spec"]["terminationGracePeriodSeconds"]
    assert worker > STOP_DRAINING_S
    assert f"{worker // 60}m{worker % 60}s" == resolved()["services"]["worker"]["stop_grace_period"]
    gateway = pods(rendered(name)).get("gateway")
    if gateway is not None:
        [container] = gateway["spec"]["containers"]
        answer_s = float(environment(gateway).get("CXB_GATEWAY_ANSWER_S", GatewaySettings().answer_s))
        waits_s = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        needed_s = waits_s + answer_s + gateway_service.STOP_MARGIN_S
        assert needed_s < gateway["spec"]["terminationGracePeriodSeconds"] <= math.ceil(needed_s) + 5


def test_the_tables_are_made_first_by_an_account_of_its_own_and_need_nothing_of_the_chart() -> None:
    things = rendered("everything")
    job = one(things, "Job", "-migrate")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    pod = pods(things)["migrate"]
    assert environment(pod)["CXB_CLICKHOUSE_USER"] == "cx_admin"
    assert environment(pod)["CXB_CLICKHOUSE_PASSWORD"] == ("cx-admin", "clickhouse-password")
    assert "serviceAccountName" not in pod["spec"]
    assert not [volume for volume in pod["spec"]["volumes"] if "configMap" in volume]
    assert "migrate" not in pods(rendered("others"))


def test_numbers_reach_a_program_as_people_write_them() -> None:
    given = environment(pods(rendered("everything"))["gateway"])
    assert given["CXB_GATEWAY_REQUEST_BYTES"] == "2097152"
    assert given["CXB_GATEWAY_ANSWER_S"] == "12.5"
    assert given["CXB_KAFKA_CREATE_TOPICS"] == "false"


def test_the_page_knows_where_browsers_reach_it() -> None:
    def url(name: str) -> object:
        return environment(pods(rendered(name))["worker"]).get("CXB_HTTP_PUBLIC_URL")

    assert (url("minimal"), url("everything"), url("others")) == (
        None,
        "https://cx.example.com",
        "https://cx.example.com",
    )
