"""The schema registry that records in Avro and Protobuf need, and the credentials for it."""

from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from streams.settings.base import SettingsSection


class SchemaRegistrySettings(SettingsSection):
    """A registry with Confluent's API."""

    model_config = SettingsConfigDict(env_prefix="CXB_SCHEMA_REGISTRY_")

    url: str = Field(
        "", pattern=r"^(https?://[^/@?#\s]+(/[^@?#\s]*)?)?$", description="http(s)://host:port, and the path of its API"
    )
    user: str = Field("", description="user name, or the API key; nothing is sent without it")
    password: SecretStr = Field(SecretStr(""), description="its password, or the API secret")
    password_file: Path | None = Field(None, description="a file of mode 0600 that holds it, instead")
    ca_file: Path | None = Field(None, description="with https: PEM of the authority that signed its certificate")
    timeout_s: float = Field(10.0, ge=0.1, le=120, description="longest wait for an answer")
    unknown_s: float = Field(
        30.0, ge=0, le=3600, description="for so long a schema that the registry does not have is not asked for again"
    )

    @model_validator(mode="after")
    def _complete(self) -> "SchemaRegistrySettings":
        if self.password.get_secret_value() and self.password_file is not None:
            raise ValueError("password and password_file are two passwords: give one")
        if self.user and not self.url:
            raise ValueError("user goes with url: set CXB_SCHEMA_REGISTRY_URL")
        return self
