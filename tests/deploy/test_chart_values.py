"""The values of the Helm chart: each is described, and what is wrong is refused in words."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.helm.generate import CHART
from streams.settings import settings
from tests.deploy.chart import helm, rendered, template
from tests.documents import Block, blocks
from tests.kafka.libraries import PROJECT

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text())


def paths(values: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        yield f"{above}{name}"
        if isinstance(value, dict):
            yield from paths(value, f"{above}{name}.")


def described(properties: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in properties.items():
        assert value["description"], name
        yield f"{above}{name}"
        yield from described(value.get("properties", {}), f"{above}{name}.")


def test_the_schema_is_one_and_the_defaults_follow_it() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(DEFAULTS, SCHEMA, jsonschema.Draft7Validator)


def test_every_value_is_described_and_has_a_default() -> None:
    given = {path for path in paths(DEFAULTS) if ".resources." not in path}
    known = {path for path in described(SCHEMA["properties"]) if not path.startswith("settings.")}
    assert known - given == {"global"}
    assert given - known == set()


def test_nowhere_is_an_unknown_key_taken() -> None:
    def closed(part: dict[str, Any]) -> Iterator[bool]:
        if "properties" in part:
            yield part.get("additionalProperties") is False
            for inner in part["properties"].values():
                yield from closed(inner)

    assert all(closed(SCHEMA))


def test_a_value_may_be_changed_but_not_taken_away() -> None:
    def needed(part: dict[str, Any], defaults: dict[str, Any], above: str = "") -> Iterator[str]:
        for name, inner in part.get("properties", {}).items():
            if name in defaults and name not in part.get("required", []):
                yield f"{above}{name}"
            if isinstance(defaults.get(name), dict):
                yield from needed(inner, defaults[name], f"{above}{name}.")

    # Without it the cluster chooses; and settings have no default at all.
    assert list(needed(SCHEMA, DEFAULTS)) == ["settings", "runAsUser"]


def test_addresses_of_ipv6_are_taken() -> None:
    given = "kafka.bootstrapServers=[fd00::1]:9092\\,kafka:9093,clickhouse.url=http://[fd00::2]:8123"
    done = template("--set", given, "--set", "networkPolicy.enabled=true")
    assert done.returncode == 0, done.stderr
    assert {f"port: {port}" in done.stdout for port in (9092, 9093, 8123)} == {True}


def test_no_value_takes_a_secret() -> None:
    secrets = {name for name in settings.variables() if name.endswith(("_PASSWORD", "_TOKEN", "_KEY"))}
    assert len(secrets) == 5
    assert secrets & set(SCHEMA["properties"]["settings"]["properties"]) == set()


def test_the_password_of_a_schema_registry_comes_from_the_secret() -> None:
    user = ("--set", "settings.CXB_SCHEMA_REGISTRY_USER=cx,settings.CXB_SCHEMA_REGISTRY_URL=https://registry:8081")
    with_user, without = template(*user), template()
    assert with_user.returncode == 0, with_user.stderr
    assert 'key: "schema-registry-password"' in with_user.stdout
    assert "CXB_SCHEMA_REGISTRY_PASSWORD" not in without.stdout


def test_every_setting_is_a_value_or_one_that_the_chart_sets() -> None:
    templates = "".join(path.read_text() for path in (CHART / "templates").rglob("*.*"))
    taken = set(SCHEMA["properties"]["settings"]["properties"])
    left = {name for name in settings.variables() if name not in taken and f"{name}" not in templates}
    assert left == {"CXB_CUSTOMER_KEY_FILE", "CXB_MIGRATE_AT_START"}


URL = "clickhouse.url must be http(s)://host:port"
SERVERS = "kafka.bootstrapServers must be host:port, several separated by commas"
REFUSED = [
    # taken away
    ("gateway=null", "missing property 'gateway'"),
    ("worker.ingress=null", "at '/worker': missing property 'ingress'"),
    ("kafka.tls.ca=null", "at '/kafka/tls': missing property 'ca'"),
    # unknown, misspelt, of another type
    ("worker.replica=2", "additional properties 'replica' not allowed"),
    ("workers.replicas=2", "additional properties 'workers' not allowed"),
    ("worker.replicas=two", "at '/worker/replicas': got string, want integer"),
    ("gateway.enabled=yes please", "at '/gateway/enabled': got string, want boolean"),
    ("kafka.securityProtocol=TLS", "at '/kafka/securityProtocol': value must be one of 'PLAINTEXT', 'SSL'"),
    ("settings.CXB_INGEST_LINGER=2", "additional properties 'CXB_INGEST_LINGER' not allowed"),
    ("settings.CXB_INGEST_LINGER_S=soon", "at '/settings/CXB_INGEST_LINGER_S': got string, want number"),
    ("settings.CXB_HTTP_READERS=99", "at '/settings/CXB_HTTP_READERS': maximum: got 99, want 8"),
    # what tests and cxb up set is no setting
    ("settings.CXB_FAILPOINTS=x", "additional properties 'CXB_FAILPOINTS' not allowed"),
    # secrets as values
    ("settings.CXB_CLICKHOUSE_PASSWORD=hush", "additional properties 'CXB_CLICKHOUSE_PASSWORD' not allowed"),
    ("secrets.httpTokenValue=hush", "additional properties 'httpTokenValue' not allowed"),
    ("clickhouse.url=http://cx:hush@clickhouse:8123", f"{URL}: user and password have values of their own"),
    # addresses
    ("clickhouse.url=clickhouse:8123", URL),
    ("clickhouse.url=http://clickhouse", URL),
    ("clickhouse.url=http://clickhouse:8123/cx", URL),
    ("kafka.bootstrapServers=kafka", SERVERS),
    ("kafka.bootstrapServers=kafka:9092\\,", SERVERS),
    # YAML and templates within a value
    ('kafka.bootstrapServers=k:9092"\nevil: "x', SERVERS),
    ("secrets.existingSecret=a\nb: c", "at '/secrets/existingSecret'"),
    ("worker.ingress.host=cx.example.com\n    evil: true", "at '/worker/ingress/host'"),
    ("monitoring.prometheusRule.page=https://x/{{ .Values }}", "at '/monitoring/prometheusRule/page'"),
    ('monitoring.dashboards.page=https://x\\"', "at '/monitoring/dashboards/page'"),
    ("kafka.tls.ca=../../../etc/shadow", "at '/kafka/tls/ca'"),
    ("report.receiver=--what-if", "at '/report/receiver'"),
    # labels that choose pods
    ("worker.podLabels.app\\.kubernetes\\.io/component=gateway", "at '/worker/podLabels'"),
    # sizes and numbers
    ("worker.resources.limits.memory=plenty", "at '/worker/resources/limits/memory'"),
    ("worker.terminationGracePeriodSeconds=5", "minimum: got 5, want 30"),
    ("keda.minReplicas=0", "minimum: got 0, want 1"),
    ("worker.podDisruptionBudget.maxUnavailable=0", "at '/worker/podDisruptionBudget/maxUnavailable'"),
    ("image.digest=sha256:abc", "at '/image/digest'"),
    # what does not fit together
    ("worker.replicas=5", "worker.replicas is 5, and the topic has 4 partitions"),
    ("keda.enabled=true,keda.maxReplicas=9", "keda.maxReplicas is 9, and the topic has 4 partitions"),
    ("keda.enabled=true,keda.minReplicas=4,keda.maxReplicas=2", "keda.minReplicas is above keda.maxReplicas"),
    ("registry.toml=x", "registry has toml and existingConfigMap: give one of them"),
    ("registry.existingConfigMap=", "registry is missing: give registry.toml, for example with --set-file"),
    ("kafka.bootstrapServers=", "kafka.bootstrapServers is missing: give host:port"),
    ("clickhouse.url=", "clickhouse.url is missing: give http(s)://host:port"),
    ("secrets.existingSecret=", "secrets.existingSecret is missing: make a Secret"),
    ("gateway.enabled=true", "gateway.publishers is missing: give gateway.publishers.toml"),
    ("kafka.securityProtocol=SASL_SSL", "SASL_SSL needs kafka.sasl.username"),
    ("kafka.tls.existingSecret=x,kafka.tls.cert=tls.crt", "kafka.tls.cert and kafka.tls.key go together"),
    ("kafka.tls.cert=tls.crt,kafka.tls.key=tls.key", "kafka.tls.cert needs kafka.tls.existingSecret"),
    ("worker.ingress.enabled=true", "worker.ingress.enabled needs worker.ingress.host"),
    ("report.enabled=true", "report.enabled needs report.receiver"),
    ("report.enabled=true,report.receiver=board", "report.enabled needs report.existingSecret"),
    (
        "monitoring.prometheusRule.enabled=true",
        "monitoring.prometheusRule.enabled needs monitoring.prometheusRule.page",
    ),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_what_is_wrong_is_refused_by_its_name(given: str, said: str) -> None:
    done = template("--set", given)
    assert done.returncode != 0, done.stdout
    assert said in done.stderr


def test_a_kubernetes_that_is_too_old_is_refused() -> None:
    done = template(version="1.29.3")
    assert done.returncode != 0
    assert "requires kubeVersion: >=1.30.0-0" in done.stderr


def test_without_any_value_the_first_thing_that_is_missing_is_named() -> None:
    done = helm("template", "cx", str(CHART))
    assert done.returncode != 0
    assert "kafka.bootstrapServers is missing: give host:port, several separated by commas" in done.stderr


EXAMPLES = [block for block in blocks("yaml") if block.document.name == "kubernetes.md"]


def test_the_document_has_examples_of_values() -> None:
    assert len(EXAMPLES) > 3


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_chart_takes_every_example_of_its_document(example: Block, tmp_path: Path) -> None:
    (tmp_path / "example.yaml").write_text(example.text)
    done = template("-f", str(tmp_path / "example.yaml"))
    assert done.returncode == 0, done.stderr


def test_the_document_installs_from_its_first_example_and_a_registry() -> None:
    written = yaml.safe_load(EXAMPLES[0].text)
    registry = f"registry.toml={PROJECT / 'deploy' / 'registry.toml'}"
    values = [f"{part}.{key}={value}" for part, given in written.items() for key, value in given.items()]
    settings_of_it = [argument for value in values for argument in ("--set", value)]
    done = helm("template", "cx", str(CHART), *settings_of_it, "--set-file", registry)
    assert done.returncode == 0, done.stderr


def test_the_document_names_the_chart_s_own_version_of_the_image_and_objects_that_it_makes() -> None:
    text = (PROJECT / "docs" / "kubernetes.md").read_text()
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    assert set(re.findall(r"cx-balance:(\d\S*)", text)) == {version}
    made = {f"{thing['kind'].lower()}/{thing['metadata']['name']}" for thing in rendered("everything")}
    assert set(re.findall(r"\b(?:job|cronjob|service)/[a-z-]+", text)) <= made
