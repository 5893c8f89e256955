"""How the store that the tests started is reached."""

from dataclasses import dataclass

from streams.settings.settings import ClickHouseSettings


@dataclass(frozen=True)
class EngineProcess:
    """A store that serves, and its credentials."""

    port: int
    password: str

    def settings(self, database: str, **other: object) -> ClickHouseSettings:
        """The settings of one database on it."""
        settings = {"url": f"http://127.0.0.1:{self.port}", "user": "cx", "password": self.password, **other}
        return ClickHouseSettings(database=database, **settings)  # type: ignore[arg-type]
