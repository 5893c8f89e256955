import os
from pathlib import Path

import pytest

from metrics.events.event import RecordLimits
from streams.errors import ConfigurationError
from streams.settings import settings
from streams.settings.customer_keys import customer_keys
from streams.settings.settings import (
    ClickHouseSettings,
    HttpSettings,
    IngestSettings,
    KafkaSettings,
    load,
    variables,
)

KEY, OLD_KEY = "ab" * 32, "CD" * 32


@pytest.fixture(autouse=True)
def _an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems() -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load()
    first, *rest = str(raised.value).split("\n")
    assert first.startswith("wrong settings (see docs/configuration.md):")
    return [line.strip() for line in rest]


def told(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"CXB_{name}", value)


def test_without_any_configuration_the_defaults_hold() -> None:
    found = load()
    assert (found.kafka.bootstrap_servers, found.clickhouse.url) == ("127.0.0.1:9092", "http://127.0.0.1:8123")
    assert (found.http.host, found.http.port, found.registry) == ("127.0.0.1", 6066, None)


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    told(
        monkeypatch, KAFKA_TOPIC="t", CLICKHOUSE_DATABASE="d", HTTP_PORT="0", INGEST_LINGER_S="2.5",
        REFRESH_INTERVAL_S="3", REGISTRY="/r.toml", MIGRATE_AT_START="true", LOG_LEVEL="DEBUG",
    )  # fmt: skip
    found = load()
    assert (found.kafka.topic, found.clickhouse.database, found.http.port) == ("t", "d", 0)
    assert (found.ingest.linger_s, found.refresh.interval_s) == (2.5, 3.0)
    assert (found.registry, found.migrate_at_start, found.log_level) == (Path("/r.toml"), True, "DEBUG")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, KAFKA_TOPIC="", HTTP_PORT="", REGISTRY="")
    assert (load().kafka.topic, load().http.port, load().registry) == ("cx.touchpoints", 6066, None)


def test_the_file_in_the_working_directory_overrules_defaults_and_the_environment_overrules_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("cxb.toml").write_text(
        'log_level = "ERROR"\nregistry = "mine.toml"\n[kafka]\ntopic = "file"\ngroup = "file"\n[http]\nport = 1\n'
    )
    told(monkeypatch, KAFKA_TOPIC="environment", LOG_LEVEL="WARNING")
    found = load()
    assert (found.kafka.topic, found.kafka.group, found.http.port) == ("environment", "file", 1)
    assert (found.log_level, found.registry) == ("WARNING", Path("mine.toml"))


def test_the_named_file_is_read_instead_of_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cxb.toml").write_text("[http]\nport = 1\n")
    (tmp_path / "other.toml").write_text("[http]\nport = 2\n")
    told(monkeypatch, CONFIG=str(tmp_path / "other.toml"))
    assert load().http.port == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot read the configuration missing.toml: "),
        (b"\xff\xfe", "cannot read the configuration missing.toml: "),
        (b"[kafka", "the configuration missing.toml is not TOML: "),
    ],
)
def test_a_named_file_that_cannot_be_read_is_an_error(
    content: bytes | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        Path("missing.toml").write_bytes(content)
    told(monkeypatch, CONFIG="missing.toml")
    with pytest.raises(ConfigurationError, match=reason):
        load()


def test_a_section_that_is_no_table_is_told_like_any_other_mistake() -> None:
    Path("cxb.toml").write_text("kafka = 7\n")
    assert problems() == ["kafka: must be a table, [kafka] with its settings under it"]


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cxb.toml").write_text("[refresh]\ninterval_s = -1\nintervall_s = 1\n")
    told(
        monkeypatch, KAFKA_PARTITIONS="many", KAFKA_SECURITY_PROTOCOL="TLS", CLICKHOUSE_URL="ftp://x",
        HTTP_PORT="70000", INGEST_LINGER_S="nan", TYPO="1", KAFKA_BOOTSTRAP="x:1", LOG_LEVEL="LOUD",
    )  # fmt: skip
    found = problems()
    names = (
        "CXB_KAFKA_PARTITIONS", "CXB_KAFKA_SECURITY_PROTOCOL", "CXB_CLICKHOUSE_URL", "CXB_HTTP_PORT",
        "CXB_INGEST_LINGER_S", "CXB_REFRESH_INTERVAL_S", "CXB_REFRESH_INTERVALL_S", "CXB_TYPO", "CXB_KAFKA_BOOTSTRAP",
        "CXB_LOG_LEVEL",
    )  # fmt: skip
    assert sorted(problem.split(":")[0] for problem in found) == sorted(names)
    assert "CXB_TYPO: no such setting" in found


def test_a_wrong_setting_outside_of_sections_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, LOG_LEVEL="LOUD")
    assert problems()[0].startswith("CXB_LOG_LEVEL: Input should be 'DEBUG', 'INFO'")


def test_an_unknown_key_of_the_file_is_told() -> None:
    Path("cxb.toml").write_text('registri = "x"\n')
    assert problems() == ["CXB_REGISTRI: no such setting; did you mean CXB_REGISTRY?"]


def test_a_setting_of_another_name_is_told_with_the_one_that_may_have_been_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(monkeypatch, REGISTRY_FILE="x", TOKEN="not-to-be-told", KAFKA_TOPICS="x")
    assert sorted(problems()) == [
        "CXB_KAFKA_TOPICS: no such setting; did you mean CXB_KAFKA_TOPIC?",
        "CXB_REGISTRY_FILE: no such setting; did you mean CXB_REGISTRY?",
        "CXB_TOKEN: no such setting; did you mean CXB_HTTP_TOKEN?",
    ]


def test_variables_that_are_no_settings_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.NOT_SETTINGS - {"CXB_CONFIG"}:
        monkeypatch.setenv(name, "1")
    load()


def test_every_variable_is_listed_once_and_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(variables())
    assert len(set(names)) == len(names) > 30
    assert {"CXB_KAFKA_TOPIC", "CXB_CLICKHOUSE_URL", "CXB_CUSTOMER_KEY", "CXB_HTTP_TOKEN"} <= set(names)
    for name in names:
        monkeypatch.setenv(name, "")
    load()


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_broker_that_wants_a_password_needs_one(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, KAFKA_SECURITY_PROTOCOL=protocol, KAFKA_SASL_USERNAME="alice")
    assert problems() == [f"CXB_KAFKA_*: {protocol} needs sasl_username and sasl_password"]
    told(monkeypatch, KAFKA_SASL_PASSWORD="secret-word")
    assert load().kafka.sasl_password.get_secret_value() == "secret-word"


def test_a_client_certificate_needs_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, KAFKA_SSL_CERTFILE="/c.pem")
    assert problems() == ["CXB_KAFKA_*: ssl_certfile and ssl_keyfile go together"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "worker.example"])
def test_a_port_that_others_can_reach_needs_a_token(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, HTTP_HOST=host)
    assert "CXB_HTTP_TOKEN, 16 characters or more" in problems()[0]
    told(monkeypatch, HTTP_TOKEN="secret-word")
    assert problems()[0].startswith("CXB_HTTP_TOKEN: ")
    told(monkeypatch, HTTP_TOKEN="secret-word-of-16")
    assert not load().http.is_loopback


@pytest.mark.parametrize("servers", ["127.0.0.1:http", "127.0.0.1:", ":9092", "a:b:c", "h:1,,h:2", "h:99999", "h:0"])
def test_addresses_of_brokers_are_host_and_port(servers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, KAFKA_BOOTSTRAP_SERVERS=servers)
    assert problems() == ["CXB_KAFKA_BOOTSTRAP_SERVERS: must be host:port, several separated by commas"]
    told(monkeypatch, KAFKA_BOOTSTRAP_SERVERS="kafka-1.example:9092, [::1]:65535,10.0.0.1:1")
    load()


@pytest.mark.parametrize("url", ["http://u:p@h:1", "http://h/?a=1", "http://h/path", "h:8123", "http://", "file:///x"])
def test_an_address_of_the_store_is_scheme_host_and_port_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, CLICKHOUSE_URL=url)
    assert problems()[0].startswith("CXB_CLICKHOUSE_URL: ")


@pytest.mark.parametrize("database", ["cx; DROP", "1cx", "cx.events", "`cx`"])
def test_a_database_is_a_plain_name(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, CLICKHOUSE_DATABASE=database)
    assert problems()[0].startswith("CXB_CLICKHOUSE_DATABASE: ")


def test_a_secret_is_in_no_representation_and_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    told(
        monkeypatch, KAFKA_SASL_PASSWORD="secret-word", CLICKHOUSE_PASSWORD="secret-word", CUSTOMER_KEY="secret-word",
        HTTP_TOKEN="secret-word-of-16",
    )  # fmt: skip
    found = load()
    for text in (repr(found), str(found), found.model_dump_json()):
        assert "secret-word" not in text
    with pytest.raises(ConfigurationError) as raised:
        customer_keys(found)
    assert "secret-word" not in str(raised.value)
    told(monkeypatch, HTTP_TOKEN="secret-word", KAFKA_SECURITY_PROTOCOL="SASL_SSL", KAFKA_SASL_USERNAME="")
    assert "secret-word" not in "\n".join(problems())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().kafka.topic = "other"  # type: ignore[misc]  # read-only: that is the point


def test_the_limits_of_a_record_are_in_the_decoders_units() -> None:
    limits = IngestSettings(max_record_bytes=2048, max_age_days=1.5, max_ahead_s=0.25).limits()
    assert limits == RecordLimits(max_bytes=2048, max_age_ms=129_600_000, max_ahead_ms=250)
    assert IngestSettings().limits() == RecordLimits()


def test_a_key_comes_from_its_variable_before_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told(monkeypatch, CUSTOMER_KEY_FILE=str(tmp_path / "missing"), CUSTOMER_KEY=KEY)
    assert customer_keys(load()) == (bytes.fromhex(KEY),)


def test_a_file_holds_the_key_in_use_and_then_the_old_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"  {KEY}\n{OLD_KEY}\n")
    path.chmod(0o600)
    told(monkeypatch, CUSTOMER_KEY_FILE=str(path))
    assert customer_keys(load()) == (bytes.fromhex(KEY), bytes.fromhex(OLD_KEY))


def test_no_key_is_told_with_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"set CXB_CUSTOMER_KEY_FILE .* openssl rand -hex 32"):
        customer_keys(load())


@pytest.mark.parametrize("text", ["xy" * 32, KEY[:-1], KEY + "0", KEY + " 12", " ", KEY[:62] + "é0", "0x" + KEY[:62]])
def test_what_is_no_key_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, CUSTOMER_KEY=text)
    with pytest.raises(ConfigurationError, match="must hold 64 hexadecimal digits") as raised:
        customer_keys(load())
    assert not text.strip() or text.split(maxsplit=1)[0] not in str(raised.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_key_file_that_others_may_read_is_refused(mode: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(mode)
    told(monkeypatch, CUSTOMER_KEY_FILE=str(path))
    with pytest.raises(ConfigurationError, match=f"run chmod 600 {path}"):
        customer_keys(load())


@pytest.mark.parametrize("content", [None, b"\xff" * 64])
def test_a_key_file_that_cannot_be_read_is_told(
    content: bytes | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.touch(0o600)
        path.write_bytes(content)
    told(monkeypatch, CUSTOMER_KEY_FILE=str(path))
    with pytest.raises(ConfigurationError, match=f"cannot read the customer key file {path}"):
        customer_keys(load())


def test_sections_can_be_made_by_themselves() -> None:
    assert os.environ.get("CXB_HTTP_PORT") is None
    assert (HttpSettings().port, KafkaSettings().topic, ClickHouseSettings().database) == (6066, "cx.touchpoints", "cx")


def test_a_token_that_is_too_short_is_said_without_a_word_of_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXB_HTTP_TOKEN", "secret")
    with pytest.raises(ConfigurationError) as caught:
        settings.load()
    assert "CXB_HTTP_TOKEN: is too short: give 16 characters or more" in str(caught.value)
    assert "items" not in str(caught.value)
