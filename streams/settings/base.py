"""A section of the settings: those that share a prefix."""

from typing import Final

from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""What this machine calls itself."""


class SettingsSection(BaseSettings):
    """Settings that share a prefix."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_ignore_empty=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The settings of the file arrive as init values: the environment overrides them."""
        return env_settings, init_settings
