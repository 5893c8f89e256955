"""What a command talks to: the running instance of a directory, or the configured Kafka and ClickHouse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from streams.cli.options import data_directory
from streams.embedded import instance as embedded
from streams.embedded.instance import Instance, broker_of
from streams.registry.file import CompiledRegistry, load, sample
from streams.settings import settings as configuration
from streams.settings.file_name import DEFAULT_FILE
from streams.settings.settings import Settings
from streams.store.client import Store, install

SERVER_VARIABLES: Final = ("CXB_CLICKHOUSE_URL", "CXB_KAFKA_BOOTSTRAP_SERVERS", "CXB_CONFIG")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a command finds things."""

    settings: Settings
    registry: Path
    page: str = ""
    """The address of the running instance's page; "" for a configured service."""
    spool: Path | None = None
    """The directory of the running instance's spools; None for a configured service."""

    def compiled(self, other: Path | None = None) -> CompiledRegistry:
        """The registry in force, or another one.

        Raises:
            ConfigurationError: It cannot be read or is wrong.
        """
        return load(other or self.registry)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """A client of the store, closed at the end."""
        install()
        store = Store(self.settings.clickhouse)
        try:
            yield store
        finally:
            store.close()


def connect(data: Path | None) -> Connection:
    """Server mode where it is configured and no directory is named; else the running instance.

    Raises:
        ConfigurationError: A setting is wrong.
        NoInstance: No instance runs on the directory.
    """
    settings = configuration.load()
    named = data is not None or "CXB_DATA" in os.environ
    if not named and (any(name in os.environ for name in SERVER_VARIABLES) or Path(DEFAULT_FILE).exists()):
        return Connection(settings, settings.registry or sample())
    directory = data_directory(data)
    instance = embedded.find(directory)
    of_instance = _of_instance(settings, instance, directory)
    return Connection(of_instance, Path(instance.registry), instance.web_url, directory / "spool")


def compiled_registry(file: Path | None, data: Path | None) -> CompiledRegistry:
    """The registry in a file, which needs no running instance, or the one in force.

    Raises:
        ConfigurationError: It cannot be read or is wrong.
        NoInstance: No file is named, and no instance runs on the directory.
    """
    return load(file) if file is not None else connect(data).compiled()


def _of_instance(settings: Settings, instance: Instance, directory: Path) -> Settings:
    clickhouse = settings.clickhouse.model_copy(
        update={
            "url": instance.store_url,
            "user": instance.user,
            "password": SecretStr(instance.password),
            "database": "cx",
        }
    )
    key = {"customer_key": None, "customer_key_file": directory / "customer.key"}
    return settings.model_copy(update={"kafka": broker_of(instance, settings.kafka), "clickhouse": clickhouse, **key})
