"""The driver's client, with a witness between it and the network from its first request on."""

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.httputil import check_env_proxy, get_pool_manager

from streams.errors import ConfigurationError
from streams.settings.settings import ClickHouseSettings
from streams.store.proof import Unproven, Witness

if TYPE_CHECKING:
    from urllib3 import PoolManager

OLDEST: Final = (25, 7)
"""The first version whose answers prove what was done."""
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.[\w.-]+")


class EngineConnection:
    """The driver's client, made when it is first needed: then the store may be away."""

    def __init__(self, settings: ClickHouseSettings) -> None:
        """Connects to nothing yet."""
        self._settings = settings

    @cached_property
    def client(self) -> Client:
        """The client.

        Raises:
            ConfigurationError: The server is older than `OLDEST`.
            Unproven: What answers is not the engine.
            Exception: The driver's own, where nothing answers, or with an error.
        """
        return _client(self._settings)

    def close(self) -> None:
        """Closes the connections."""
        if "client" in vars(self):
            self.client.close()
            Witness.of(self.client).close()


def _client(settings: ClickHouseSettings) -> Client:
    address = urlsplit(settings.url)
    # A pool of our own: no reader waits for a connection of ours, or the other way round.
    witness = Witness(_pool(settings))
    try:
        with witness.reading():
            client = clickhouse_connect.get_client(
                interface=address.scheme,
                host=address.hostname,
                port=address.port,
                username=settings.user,
                password=settings.password.get_secret_value(),
                connect_timeout=5,
                send_receive_timeout=settings.timeout_s,
                autogenerate_session_id=False,
                autogenerate_query_id=True,  # by which an answer proves that it is the one to its request
                query_retries=0,
                pool_mgr=cast("PoolManager", witness),
                tz_mode="aware",
            )
        _refuse_older(str(client.server_version), settings.url)
    except Unproven as error:
        witness.close()
        # The first question is for the version, and a server of years ago answers it without any proof.
        _refuse_older(error.body.decode(errors="replace").partition("\t")[0], settings.url)
        raise
    except BaseException:
        witness.close()
        raise
    # Only now: the first request, which asks for the server's version, must not fail for a database yet to be made.
    client.database = settings.database
    return client


def _refuse_older(version: str, url: str) -> None:
    found = _VERSION.fullmatch(version)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ConfigurationError(
            f"ClickHouse at {url} is version {version}, and {oldest} is the oldest that will do: upgrade it"
        )


def _pool(settings: ClickHouseSettings) -> "PoolManager":
    # As the driver makes it, if it may.
    address = urlsplit(settings.url)
    options: dict[str, Any] = {}
    if proxy := check_env_proxy(address.scheme, str(address.hostname), address.port or 0):
        options[f"{address.scheme}_proxy"] = proxy
    ca_cert = str(settings.ca_file) if settings.ca_file else None
    pool: PoolManager = get_pool_manager(ca_cert=ca_cert, verify=settings.verify, **options)
    return pool
