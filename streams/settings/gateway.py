"""What an operator decides about the gateway: where it listens, who may publish there, and how much."""

import re
from pathlib import Path
from typing import Final

from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from streams.settings.base import LOOPBACK, SettingsSection

_ORIGIN: Final = re.compile(r"https?://[^/@?#\s,*]+")


class GatewaySettings(SettingsSection):
    """The gateway, which takes events by HTTP."""

    model_config = SettingsConfigDict(env_prefix="CXB_GATEWAY_")

    host: str = Field("127.0.0.1", description="address that the gateway listens on")
    port: int = Field(6067, ge=0, le=65535, description="its port; 0: any free one")
    publishers: Path | None = Field(
        None, description="TOML file with who may publish what; without it whoever reaches the port, this machine only"
    )
    ssl_certfile: Path | None = Field(None, description="PEM of the gateway's certificate: it speaks TLS")
    ssl_keyfile: Path | None = Field(None, description="PEM of its key")
    origins: str = Field(
        "", description="origins of pages that may send from browsers, such as https://shop.example, by commas"
    )
    request_bytes: int = Field(
        1024 * 1024, ge=1024, le=64 * 1024 * 1024, description="longest body of a request, also once unpacked"
    )
    request_events: int = Field(5_000, ge=1, le=100_000, description="most events in a request")
    pending_bytes: int = Field(
        64 * 1024 * 1024, ge=1024 * 1024, description="bodies in memory, read or not acknowledged; beyond them 503"
    )
    events_per_s: float = Field(
        1_000.0, gt=0, description="of each publisher, over ten seconds; beyond them 429. The file may say another"
    )
    body_s: float = Field(10.0, gt=0, le=300, description="a body that has not come for so long is answered with 408")
    answer_s: float = Field(
        10.0, gt=0, le=300, description="events that the broker has not acknowledged for so long: 503"
    )
    connections: int = Field(256, ge=16, le=10_000, description="open connections; the oldest idle one gives way")
    idle_s: float = Field(30.0, ge=1, le=3600, description="a connection without a whole request for so long is closed")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins of pages that may send from browsers."""
        return frozenset(part.strip() for part in self.origins.split(",") if part.strip())

    @field_validator("origins")
    @classmethod
    def _exact(cls, text: str) -> str:
        if not all(_ORIGIN.fullmatch(part.strip()) for part in text.split(",") if part.strip()):
            raise ValueError("must be http(s)://host[:port] each, without a path, separated by commas; no wildcard")
        return text

    @model_validator(mode="after")
    def _guarded(self) -> "GatewaySettings":
        if not self.is_loopback and self.publishers is None:
            raise ValueError(
                f"host {self.host} can be reached from elsewhere: make a file of publishers with cxb gateway token, "
                "and set CXB_GATEWAY_PUBLISHERS to it"
            )
        if (self.ssl_certfile is None) != (self.ssl_keyfile is None):
            raise ValueError("ssl_certfile and ssl_keyfile go together")
        if self.pending_bytes < self.request_bytes:
            raise ValueError("pending_bytes must not be less than request_bytes")
        return self
