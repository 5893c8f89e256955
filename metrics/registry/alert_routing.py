"""Alert routing: who is notified of an alert. The registry's departments become Alertmanager's configuration.

An alert carries `department`, `severity` and `area` (see deploy/prometheus/rules). A department's
alerts go to its receiver and to no other. Without a receiver they go to the fallback, so that none is lost.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from metrics.registry.alert_channels import (
    NEWEST,
    Address,
    Channel,
    MailServer,
    Need,
    RoutingError,
    Version,
    channel,
    need_of,
)
from metrics.registry.model import Registry

TEMPLATES: Final = "cx-balance.tmpl"
"""The file of message templates: next to the configuration."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """How to reach the receivers that a registry names.

    Attributes:
        addresses: Addresses by receiver name. A receiver without one is a webhook, with a file of its name in
            `directory`.
        directory: The folder of these files, as Alertmanager sees it.
        fallback: The receiver of alerts without one of their own.
        on_call: A receiver that also gets alerts of severity "page"; None for nobody.
        mail: What e-mails are sent with; None where nothing is said about it.
    """

    addresses: Mapping[str, Sequence[Address]] = field(default_factory=dict)
    directory: str = "/run/receivers"
    fallback: str = "fallback"
    on_call: str | None = None
    mail: MailServer | None = None

    def addresses_of(self, name: str) -> Sequence[Address]:
        """The addresses of a receiver; without one it is a webhook with a file of its name."""
        return self.addresses.get(name, [Address()])


def alertmanager(registry: Registry, receivers: Receivers, version: Version = NEWEST) -> dict[str, Any]:
    """The configuration of an Alertmanager for a registry.

    Args:
        registry: Whose departments are notified.
        receivers: How to reach them.
        version: The Alertmanager that reads it; every later one does as well.

    Raises:
        RoutingError: Receivers cannot be reached as they are given, or not by that version: a line for each.
    """
    own = [(item.id, item.receiver) for item in registry.departments if item.receiver]
    on_call = {"matchers": ['severity="page"'], "receiver": receivers.on_call, "continue": True}
    parts = _parts(_names(registry, receivers), receivers, version)
    has_templates = any(part.has_templates for channels in parts.values() for part in channels)
    return {
        **({"templates": [TEMPLATES]} if has_templates else {}),
        "route": {
            "receiver": receivers.fallback,
            "group_by": ["alertname", "department"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "12h",
            "routes": [
                *([on_call] if receivers.on_call else []),
                *({"matchers": [f'department="{department}"'], "receiver": name} for department, name in own),
                {"matchers": ['department=~".+"'], "receiver": receivers.fallback},
            ],
        },
        "receivers": [{"name": name, **_by_key(channels)} for name, channels in parts.items()],
        "inhibit_rules": _inhibitions(),
    }


def newer_than(registry: Registry, receivers: Receivers, version: Version) -> dict[Need, list[str]]:
    """What a version of Alertmanager does not know yet, and the receivers that need it."""
    newer: dict[Need, list[str]] = {}
    for name in _names(registry, receivers):
        for need in dict.fromkeys(map(need_of, receivers.addresses_of(name))):
            if need.version > version:
                newer.setdefault(need, []).append(name)
    return newer


def _names(registry: Registry, receivers: Receivers) -> list[str]:
    """The receivers that get alerts, each once."""
    own = [item.receiver for item in registry.departments if item.receiver]
    return list(dict.fromkeys([receivers.fallback, *([receivers.on_call] if receivers.on_call else []), *own]))


def _parts(names: Iterable[str], receivers: Receivers, version: Version) -> dict[str, list[Channel]]:
    parts, problems = dict[str, list[Channel]](), list[str]()
    for name in names:
        try:
            parts[name] = _channels(name, receivers, version)
        except RoutingError as error:
            problems.append(str(error))
    if problems:
        raise RoutingError("\n".join(problems))
    return parts


def _channels(name: str, receivers: Receivers, version: Version) -> list[Channel]:
    return [
        channel(name, address, receivers.directory, receivers.mail, version) for address in receivers.addresses_of(name)
    ]


def _by_key(channels: Sequence[Channel]) -> dict[str, list[dict[str, Any]]]:
    """Receivers of several kinds, and several of a kind, under Alertmanager's keys."""
    by_key: dict[str, list[dict[str, Any]]] = {}
    for part in channels:
        by_key.setdefault(part.key, []).append(part.value)
    return by_key


def _inhibitions() -> list[dict[str, Any]]:
    return [
        _inhibit('alertname="NoData"', 'area="figures"', "department"),
        _inhibit('alertname="FiguresStale"', 'area="figures"'),
        _inhibit(
            'alertname=~"NoWorker|StoreUnreachable|BrokerUnreachable"',
            'alertname=~"NoData|FiguresStale|IngestLag|LandingSlow"',
        ),
    ]


def _inhibit(source: str, target: str, *equal: str) -> dict[str, Any]:
    return {"source_matchers": [source], "target_matchers": [target], **({"equal": list(equal)} if equal else {})}


def to_yaml(config: Mapping[str, Any]) -> str:
    r"""A configuration of mappings, lists, texts and booleans as YAML, each text quoted as in JSON.

    >>> print(to_yaml({"a": {"b": ["c"], "d": [{"e": True, "f": "g"}]}}), end="")
    a:
      b: ["c"]
      d:
        - e: true
          f: "g"
    """
    return "".join(f"{line}\n" for line in _lines(config))


def _lines(config: Mapping[str, Any]) -> Iterator[str]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield f"{key}:"
            yield from (f"  {line}" for line in _lines(value))
        elif isinstance(value, list) and isinstance(value[0], Mapping):
            yield f"{key}:"
            for item in value:
                first, *rest = _lines(item)
                yield f"  - {first}"
                yield from (f"    {line}" for line in rest)
        else:
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"
