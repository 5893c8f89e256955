"""The registry in force as JSON: who can own what, and what each metric should reach."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from metrics.registry import Target
from streams.registry.file import RegistryWatcher
from streams.timestamps import rfc3339


def in_force(watcher: RegistryWatcher, at: datetime) -> dict[str, Any]:
    """The registry in force with the targets of an instant (aware), and the error of a file that was rejected."""
    registry = watcher.current.registry
    at_s = at.timestamp()
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
        "targets": [_target(target) for target in registry.targets_at(at_s)],
        "other_targets": [_target(target) for target in registry.targets if not target.holds_at(at_s)],
    }


def _target(target: Target) -> dict[str, Any]:
    row = asdict(target)
    period = {"from": row.pop("valid_from"), "to": row.pop("valid_to")}
    return row | {name: None if at is None else rfc3339(at) for name, at in period.items()}
