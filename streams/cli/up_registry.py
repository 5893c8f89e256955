"""The registry of `cxb up`, checked before the worker reads it."""

from pathlib import Path

from streams.registry.file import load, sample
from streams.settings import settings


def checked_registry(registry: Path | None) -> Path:
    """The registry in force. The worker would find the same error, but report it in its log only.

    Raises:
        ConfigurationError: A setting or the registry is wrong.
    """
    configured = settings.load()
    chosen = registry or configured.registry or sample()
    load(chosen)
    return chosen
