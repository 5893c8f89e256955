"""Settings: from the environment (CXB_*), then a TOML file, then defaults; frozen, checked at once, secrets masked.

A setting `kafka.bootstrap_servers` is CXB_KAFKA_BOOTSTRAP_SERVERS in the environment and
`bootstrap_servers` under `[kafka]` in the file that CXB_CONFIG names (cxb.toml in the working
directory where it does not).
"""

import os
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from metrics.events.event import RecordLimits
from metrics.events.placeholders import DEFAULT as PLACEHOLDERS
from metrics.events.placeholders import placeholders_of
from streams.errors import ConfigurationError
from streams.settings.access import AccessSettings
from streams.settings.base import LOOPBACK, SettingsSection
from streams.settings.drift import DriftSettings
from streams.settings.file_name import DEFAULT_FILE
from streams.settings.gateway import GatewaySettings
from streams.settings.schema_registry import SchemaRegistrySettings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ADDRESS: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[^:\s\[\]]+):([0-9]{1,5})")
_ALIKE: Final = 0.75
"""From which ratio on a name is taken for one that was meant: all begin alike."""
NOT_SETTINGS: Final = frozenset(
    {
        "CXB_CONFIG", "CXB_DATA",  # where to look
        "CXB_EMBEDDED", "CXB_LIFELINE_FD", "CXB_HELD_PORT_FD",  # set by cxb up for its parts
        "CXB_FAILPOINTS",  # set by fault tests
        "CXB_TRACE",  # likewise
        "CXB_CLICKHOUSE_READER_PASSWORD",  # set by Compose for the store
        "CXB_REQUIRE_HELM", "CXB_REQUIRE_KAFKA", "CXB_REQUIRE_NATIVE", "CXB_REQUIRE_TOOLS",  # read by the tests
    }
)  # fmt: skip


class KafkaSettings(SettingsSection):
    """The broker, and the credentials for it."""

    model_config = SettingsConfigDict(env_prefix="CXB_KAFKA_")

    bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port, several separated by commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how the connection is protected"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="with SASL_*: how the password is proved"
    )
    sasl_username: str = Field("", description="with SASL_*")
    sasl_password: SecretStr = Field(SecretStr(""), description="with SASL_*")
    ssl_cafile: Path | None = Field(None, description="PEM of the authority that signed the broker's certificate")
    ssl_certfile: Path | None = Field(None, description="PEM of our own certificate, where the broker asks for one")
    ssl_keyfile: Path | None = Field(None, description="PEM of its key")
    topic: str = Field("cx.touchpoints", description="the events")
    dlq_topic: str = Field("cx.touchpoints.dlq", description="the rejected events")
    group: str = Field("cx-balance", description="the workers' consumer group")
    create_topics: bool = Field(True, description="whether a worker creates topics that are missing")
    partitions: int = Field(4, ge=1, le=10_000, description="partitions of a topic that we create")
    replication: int = Field(
        0, ge=0, description="replicas of a topic that we create; 0: 3, or as many as there are brokers"
    )
    session_timeout_s: float = Field(10.0, ge=1, le=300, description="after how long a silent worker is replaced")

    @field_validator("bootstrap_servers")
    @classmethod
    def _addresses(cls, text: str) -> str:
        addresses = [ADDRESS.fullmatch(server.strip()) for server in text.split(",")]
        if not all(address and 1 <= int(address[2]) <= 65535 for address in addresses):
            raise ValueError("must be host:port, several separated by commas")
        return text

    @model_validator(mode="after")
    def _complete(self) -> "KafkaSettings":
        if self.security_protocol.startswith("SASL") and not (
            self.sasl_username and self.sasl_password.get_secret_value()
        ):
            raise ValueError(f"{self.security_protocol} needs sasl_username and sasl_password")
        if (self.ssl_certfile is None) != (self.ssl_keyfile is None):
            raise ValueError("ssl_certfile and ssl_keyfile go together")
        return self


class ClickHouseSettings(SettingsSection):
    """The store, and the credentials for it."""

    model_config = SettingsConfigDict(env_prefix="CXB_CLICKHOUSE_")

    url: str = Field("http://127.0.0.1:8123", pattern=r"^https?://[^/@?#]+/?$", description="http(s)://host:port")
    user: str = Field("default", description="user name")
    password: SecretStr = Field(SecretStr(""), description="its password")
    database: str = Field("cx", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="the database of our tables")
    ca_file: Path | None = Field(None, description="with https: PEM of the authority that signed its certificate")
    verify: bool = Field(True, description="with https: whether its certificate is checked")
    timeout_s: float = Field(60.0, ge=1, le=600, description="longest wait for an answer")
    unknown_names: int = Field(
        500, ge=0, le=100_000, description="touchpoints, segments, regions not in the registry that an answer names"
    )


class HttpSettings(AccessSettings):
    """The worker's own port."""

    model_config = SettingsConfigDict(env_prefix="CXB_HTTP_")

    host: str = Field("127.0.0.1", description="address that metrics and API are served on")
    port: int = Field(6066, ge=0, le=65535, description="0: any free one")
    token: SecretStr | None = Field(
        None, min_length=16, description="token to log in with, or to send; compulsory beyond this machine"
    )

    readers: int = Field(4, ge=1, le=8, description="questions to the store that the API answers at a time")
    waiting: int = Field(32, ge=0, le=1000, description="how many more may wait; beyond them the answer is 503")
    connections: int = Field(256, ge=16, le=10_000, description="open connections; the oldest idle one gives way")
    idle_s: float = Field(30.0, ge=1, le=3600, description="a connection without a whole request for so long is closed")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK

    @model_validator(mode="after")
    def _guarded(self) -> "HttpSettings":
        if not self.is_loopback and self.token is None:
            raise ValueError(
                f"host {self.host} can be reached from elsewhere: set CXB_HTTP_TOKEN, 16 characters or more"
            )
        return self


class IngestSettings(SettingsSection):
    """Which events are accepted, and how they are written."""

    model_config = SettingsConfigDict(env_prefix="CXB_INGEST_")

    max_record_bytes: int = Field(64 * 1024, ge=1024, description="longest event, bytes")
    max_age_days: float = Field(400.0, gt=0, description="how long before its record an event may have occurred")
    max_ahead_s: float = Field(300.0, ge=0, description="how long after its record an event may have occurred")
    batch_rows: int = Field(60_000, ge=1, description="facts in one insert, about; mapped ones count twice")
    linger_s: float = Field(0.5, gt=0, le=60, description="longest wait for an insert to fill")
    stuck_after_s: float = Field(60.0, ge=1, description="without progress for so long, though there is work: exit")
    placeholders: str = Field(
        PLACEHOLDERS, description="customers that stand for nobody, separated by commas; after a + in addition to these"
    )
    native: bool = Field(True, description="whether events are read in native code, where that is installed")

    def limits(self) -> RecordLimits:
        """The same, for the decoder."""
        return RecordLimits(self.max_record_bytes, int(self.max_age_days * 86_400_000), int(self.max_ahead_s * 1000))

    def nobodies(self) -> frozenset[str]:
        """The placeholders, as customers are compared with them."""
        return placeholders_of(self.placeholders)


class RefreshSettings(SettingsSection):
    """How fresh the figures are."""

    model_config = SettingsConfigDict(env_prefix="CXB_REFRESH_")

    interval_s: float = Field(1.0, gt=0, le=3600, description="pause between two refreshes")
    snapshot_s: float = Field(60.0, ge=1, description="how often figures are written to balances and scorecards")


class Settings(SettingsSection):
    """Everything, and the few settings that belong to no section."""

    model_config = SettingsConfigDict(env_prefix="CXB_")

    kafka: KafkaSettings
    clickhouse: ClickHouseSettings
    http: HttpSettings
    ingest: IngestSettings
    refresh: RefreshSettings
    drift: DriftSettings
    gateway: GatewaySettings
    schema_registry: SchemaRegistrySettings
    registry: Path | None = Field(None, description="the registry; the sample that ships with us where unset")
    sources: Path | None = Field(None, description="foreign events: which records become events, and how")
    customer_key: SecretStr | None = Field(None, description="64 hexadecimal digits: the key of customers' hashes")
    customer_key_file: Path | None = Field(None, description="a file of mode 0600 that holds it")
    migrate_at_start: bool = Field(False, description="whether a worker creates or upgrades the tables itself")
    series_limit: int = Field(
        50_000, ge=1000, le=10_000_000, description="Prometheus series of figures at most; beyond it some are left out"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severity that is logged")


SECTIONS: Final[dict[str, type[SettingsSection]]] = {
    "kafka": KafkaSettings,
    "clickhouse": ClickHouseSettings,
    "http": HttpSettings,
    "ingest": IngestSettings,
    "refresh": RefreshSettings,
    "drift": DriftSettings,
    "gateway": GatewaySettings,
    "schema_registry": SchemaRegistrySettings,
}


def load() -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: A file cannot be read or a setting is wrong; all wrong ones at once.
    """
    file = _file()
    problems: list[str] = []
    values: dict[str, Any] = {name: value for name, value in file.items() if name not in SECTIONS}
    for name, section in SECTIONS.items():
        values[name] = section.model_construct()  # stands in for a wrong one, so that the rest is checked as well
        table = file.get(name, {})
        if not isinstance(table, dict):
            problems.append(f"{name}: must be a table, [{name}] with its settings under it")
            continue
        try:
            values[name] = section(**table)
        except ValidationError as error:
            problems += _problems(error, str(section.model_config["env_prefix"]))
    _reject_unknown_variables(problems)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += _problems(error, "CXB_")
    if not problems:
        return settings
    raise ConfigurationError("wrong settings (see docs/configuration.md):\n  " + "\n  ".join(problems))


def _file() -> dict[str, Any]:
    named = os.environ.get("CXB_CONFIG")
    path = Path(named or DEFAULT_FILE)
    if not named and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the configuration {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the configuration {path} is not TOML: {error}") from error


def _problems(error: ValidationError, prefix: str) -> list[str]:
    # The value is left out: it may be a secret.
    names = [
        (f"{prefix}{'_'.join(str(part) for part in problem['loc']).upper() or '*'}", problem)
        for problem in error.errors(include_input=False)
    ]
    return [f"{name}: {_sentence(name, problem)}" for name, problem in names]


def _sentence(name: str, problem: "ErrorDetails") -> str:
    """What is wrong, in our words where the library speaks of its own types."""
    if problem["type"] == "extra_forbidden":
        return _no_such(name)
    if problem["type"] in ("too_short", "string_too_short"):
        return f"is too short: give {problem['ctx']['min_length']} characters or more"
    return problem["msg"].removeprefix("Value error, ")


def _reject_unknown_variables(problems: list[str]) -> None:
    names = NOT_SETTINGS | set(variables())
    for name in os.environ:
        if name.startswith("CXB_") and name not in names:
            problems.append(f"{name}: {_no_such(name)}")


def _no_such(name: str) -> str:
    near = get_close_matches(name, variables(), 1, _ALIKE)
    return f"no such setting{f'; did you mean {near[0]}?' if near else ''}"


def variables() -> dict[str, str]:
    """Every environment variable with what it means, in order; for documents and for the check of unknown ones."""
    meanings: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            section = SECTIONS[name]
            for key, inner in section.model_fields.items():
                meanings[f"{section.model_config['env_prefix']}{key}".upper()] = inner.description or ""
        else:
            meanings[f"CXB_{name}".upper()] = field.description or ""
    return meanings
