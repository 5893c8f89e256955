"""The Helm chart, rendered by the real helm: what Kubernetes would take. Its pods are in test_chart_pods."""

import re
import shutil
import tarfile
import textwrap
import tomllib
from pathlib import Path

import pytest
import yaml

from deploy.helm.generate import CHART, files
from tests.deploy.chart import (
    VALUES,
    VERSIONS,
    environment,
    helm,
    objects,
    one,
    pods,
    problems,
    rendered,
    template,
)
from tests.kafka.libraries import PROJECT

BUILT_IN = {"v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1"}
everything = pytest.mark.parametrize("name", VALUES)


def test_what_is_generated_is_up_to_date() -> None:
    stale = [str(path) for path, text in files().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run make chart"
    assert set((CHART / "files").rglob("*.*")) <= set(files())


def test_the_chart_has_the_version_of_the_project() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert (chart["version"], chart["appVersion"]) == (version, version)
    assert chart["kubeVersion"] == ">=" + VERSIONS[0] + "-0"


@everything
def test_helm_finds_nothing_to_complain_of(name: str) -> None:
    done = helm("lint", "--strict", str(CHART), "-f", str(VALUES[name]))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.slow
def test_kubernetes_takes_every_object_and_knows_every_key() -> None:
    assert problems([thing for name in VALUES for thing in rendered(name)]) == []


@pytest.mark.long
@pytest.mark.slow
def test_a_misspelt_key_is_noticed_in_every_kind_of_object() -> None:
    things = {thing["kind"]: dict(thing) | {"specc": {}} for thing in rendered("everything")}
    monitor = one(rendered("everything"), "ServiceMonitor", "-worker")
    spoilt = monitor | {"spec": monitor["spec"] | {"endpoints": [{"port": "http", "intervall": "15s"}]}}
    noticed = problems([*things.values(), spoilt], VERSIONS[-1])
    assert {kind for kind in things if kind not in "\n".join(noticed)} == set()
    assert noticed[-1] == "ServiceMonitor.spec.endpoints[0].intervall: no such key"


@pytest.mark.parametrize("release", ["cx", "9-lives.of-a.release", "r" * 53, "cx-balance"])
def test_names_and_labels_are_short_enough_whatever_the_release_is_called(release: str) -> None:
    things = rendered("everything", release=release)
    keys = [(thing["apiVersion"], thing["kind"], thing["metadata"]["name"]) for thing in things]
    assert len(keys) == len(set(keys))
    for thing in things:
        metadata = thing["metadata"]
        assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", metadata["name"]), metadata["name"]
        assert len(metadata["name"]) <= (52 if thing["kind"] == "CronJob" else 63)
        for value in metadata["labels"].values():
            assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{,61}[A-Za-z0-9])?", value), value


@pytest.mark.parametrize("name", ["minimal"])
def test_the_least_installation_needs_nothing_that_a_cluster_may_lack(name: str) -> None:
    things = rendered(name)
    assert {thing["apiVersion"] for thing in things} <= BUILT_IN
    assert sorted(thing["kind"] for thing in things) == [
        "Deployment", "Job", "Pod", "PodDisruptionBudget", "Service", "ServiceAccount",
    ]  # fmt: skip


def test_with_everything_on_everything_is_there() -> None:
    kinds = {thing["kind"] for thing in rendered("everything")}
    assert kinds == {
        "ConfigMap", "CronJob", "Deployment", "Ingress", "Job", "NetworkPolicy", "Pod", "PodDisruptionBudget",
        "PrometheusRule", "ScaledObject", "Service", "ServiceAccount", "ServiceMonitor", "TriggerAuthentication",
    }  # fmt: skip
    assert set(pods(rendered("everything"))) == {"worker", "gateway", "migrate", "report", "doctor"}


@everything
def test_a_service_a_budget_and_a_policy_choose_the_pods_of_their_own_component(name: str) -> None:
    things = rendered(name)
    labels = {component: pod["metadata"]["labels"] for component, pod in pods(rendered(name)).items()}
    for thing in things:
        spec = thing.get("spec", {})
        selector = {
            "Service": lambda spec: spec["selector"],
            "PodDisruptionBudget": lambda spec: spec["selector"]["matchLabels"],
            "NetworkPolicy": lambda spec: spec["podSelector"]["matchLabels"],
            "Deployment": lambda spec: spec["selector"]["matchLabels"],
        }.get(thing["kind"])
        if selector is None:
            continue
        chosen = {component for component, has in labels.items() if selector(spec).items() <= has.items()}
        assert chosen <= {thing["metadata"]["labels"]["app.kubernetes.io/component"]}
        assert chosen or thing["metadata"]["name"].endswith("-migrate")
    for monitor in (thing for thing in things if thing["kind"] == "ServiceMonitor"):
        matched = monitor["spec"]["selector"]["matchLabels"].items()
        services = [thing for thing in things if thing["kind"] == "Service"]
        assert [1 for service in services if matched <= service["metadata"]["labels"].items()] == [1]


def test_the_files_of_values_arrive_as_they_were_given() -> None:
    given = yaml.safe_load(VALUES["everything"].read_text())
    for name, text in (
        ("registry", given["registry"]["toml"]),
        ("sources", given["sources"]["toml"]),
        ("publishers", given["gateway"]["publishers"]["toml"]),
    ):
        assert one(rendered("everything"), "ConfigMap", f"-{name}")["data"] == {f"{name}.toml": text}


def test_kafka_is_scaled_by_its_lag_within_its_partitions() -> None:
    things = rendered("everything")
    scaled = one(things, "ScaledObject", "-worker")["spec"]
    worker = one(things, "Deployment", "-worker")
    assert scaled["scaleTargetRef"]["name"] == worker["metadata"]["name"]
    assert "replicas" not in worker["spec"]
    given = environment(pods(things)["worker"])
    metadata = scaled["triggers"][0]["metadata"]
    assert metadata["bootstrapServers"] == given["CXB_KAFKA_BOOTSTRAP_SERVERS"]
    assert (metadata["topic"], metadata["consumerGroup"]) == (given["CXB_KAFKA_TOPIC"], given["CXB_KAFKA_GROUP"])
    assert 1 <= scaled["minReplicaCount"] <= scaled["maxReplicaCount"] <= int(given["CXB_KAFKA_PARTITIONS"])
    assert (metadata["sasl"], metadata["tls"]) == ("scram_sha512", "enable")
    [authentication] = [thing for thing in things if thing["kind"] == "TriggerAuthentication"]
    parameters = [item["parameter"] for item in authentication["spec"]["secretTargetRef"]]
    assert sorted([*parameters, *(item["parameter"] for item in authentication["spec"]["env"])]) == [
        "ca", "cert", "key", "password", "username",
    ]  # fmt: skip
    assert "replicas" in one(rendered("minimal"), "Deployment", "-worker")["spec"]


def test_policies_open_the_ports_of_broker_and_store_and_no_others() -> None:
    things = rendered("everything")

    def ports(component: str) -> list[list[int]]:
        rules = one(things, "NetworkPolicy", f"-{component}")["spec"]["egress"]
        return [[port["port"] for port in rule["ports"]] for rule in rules]

    names, extra = [53, 53], [443]
    assert ports("worker") == ports("doctor") == [names, [9093, 9094], [8443], extra]
    assert ports("gateway") == [names, [9093, 9094], extra]
    assert ports("migrate") == [names, [8443], extra]
    assert ports("report") == [names, [8443], [25, 443, 465, 587], extra]
    closed = one(rendered("others"), "NetworkPolicy", "-worker")["spec"]
    assert closed["ingress"] == []
    assert closed["policyTypes"] == ["Ingress", "Egress"]


def test_prometheus_asks_with_the_token_and_calls_the_jobs_as_the_rules_do() -> None:
    monitors = [thing for thing in rendered("everything") if thing["kind"] == "ServiceMonitor"]
    jobs = {
        one["spec"]["endpoints"][0]["relabelings"][0]["replacement"]: one["spec"]["endpoints"][0] for one in monitors
    }
    scraped = yaml.safe_load((PROJECT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    assert set(jobs) == {job["job_name"] for job in scraped} - {"prometheus"}
    for endpoint in jobs.values():
        assert endpoint["authorization"] == {"credentials": {"name": "cx-balance", "key": "http-token"}}
        assert endpoint["path"] == "/metrics"


def notes(scratch: Path, name: str) -> str:
    """What helm says after an installation; without a cluster it shows notes only as a part of an object."""
    chart = scratch / "cx-balance"
    shutil.copytree(CHART, chart)
    text = textwrap.indent((chart / "templates" / "NOTES.txt").read_text(), "    ")
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata:\n  text: |\n    notes: "
    (chart / "templates" / "notes.yaml").write_text(head + text.lstrip())
    done = template(name=name, chart=chart)
    assert done.returncode == 0, done.stderr
    [made] = [thing for thing in objects(done.stdout) if thing["metadata"]["name"] == "notes"]
    return str(made["data"]["text"])


def test_the_notes_say_how_to_check_and_where_the_page_is(tmp_path: Path) -> None:
    said = notes(tmp_path / "minimal", "minimal")
    assert "helm test cx --namespace cx --logs" in said
    assert "port-forward service/cx-cx-balance-worker 6066:6066" in said
    assert "gateway" not in said
    said = notes(tmp_path / "others", "others")
    assert "  https://cx.example.com\n" in said
    assert "http://cx-cx-balance-gateway.cx.svc:443/v1/events" in said
    assert "migrate.enabled is off" in said
    assert "networkPolicy.workerFrom is empty" in said


def test_the_package_is_small_enough_for_a_release_and_renders_the_same(tmp_path: Path) -> None:
    done = helm("package", str(CHART), "-d", str(tmp_path))
    assert done.returncode == 0, done.stderr
    [package] = tmp_path.glob("*.tgz")
    # A release, with its chart and its values, is kept in a Secret, which may have a megabyte.
    assert package.stat().st_size < 200_000
    with tarfile.open(package) as archive:
        assert not [name for name in archive.getnames() if "/ci/" in name]
    assert objects(template(name="everything", chart=package).stdout) == list(rendered("everything"))


def test_the_report_comes_once_a_month_on_the_second_and_never_twice() -> None:
    spec = one(rendered("everything"), "CronJob", "-report")["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("30 6 2 * *", "Forbid")
    [rule] = spec["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["action"] == "FailJob"
    assert 4 not in rule["onExitCodes"]["values"]
    assert "CXB_CUSTOMER_KEY" not in environment(pods(rendered("everything"))["report"])
