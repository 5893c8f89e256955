"""The registry in force as JSON: who can own what, and what each metric should reach."""

from dataclasses import asdict
from typing import Any

from streams.registry.file import RegistryWatcher


def in_force(watcher: RegistryWatcher) -> dict[str, Any]:
    """The registry in force, and the error of a file that was rejected."""
    registry = watcher.current.registry
    return {
        "version": registry.version,
        "policy": registry.policy,
        "sponsor": registry.sponsor,
        "timezone": registry.timezone,
        "valid": watcher.error is None,
        "error": watcher.error,
        "horizons": {"short_s": registry.horizons.short_s, "long_s": registry.horizons.long_s},
        "departments": [{"id": item.id, "name": item.name, "office": item.office} for item in registry.departments],
        "touchpoints": [
            {"id": item.id, "name": dict(item.name), "stage": item.stage, "channel": item.channel}
            for item in registry.touchpoints
        ],
        "targets": [asdict(target) for target in registry.targets],
    }
