"""Alert routing: who is notified of an alert. The registry's departments become Alertmanager's configuration.

An alert carries `department`, `severity` and `area` (see deploy/prometheus/rules). A department's
alerts go to its receiver and to no other. Without a receiver they go to the fallback, so that none is lost.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from metrics.registry.model import Registry

_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


class RoutingError(ValueError):
    """A receiver that cannot be reached; the text says which one, and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a receiver listens: a webhook.

    Attributes:
        url: Its address, if that is no secret.
        url_file: A file that holds its address; either this or `url`.
        credentials_file: A file that holds a bearer token; None without one.
    """

    url: str | None = None
    url_file: str | None = None
    credentials_file: str | None = None


@dataclass(frozen=True, slots=True)
class Receivers:
    """How to reach the receivers that a registry names.

    Attributes:
        addresses: Addresses by receiver name. A receiver without one has a file of its name in `directory`.
        directory: The folder of these files, as Alertmanager sees it.
        fallback: The receiver of alerts without one of their own.
        on_call: A receiver that also gets alerts of severity "page"; None for nobody.
    """

    addresses: Mapping[str, Address] = field(default_factory=dict)
    directory: str = "/run/receivers"
    fallback: str = "fallback"
    on_call: str | None = None


def alertmanager(registry: Registry, receivers: Receivers) -> dict[str, Any]:
    """Alertmanager's configuration (0.22 and later; `url_file` needs 0.26) for a registry.

    Raises:
        RoutingError: A receiver has no address, and its name is not a valid file name.
    """
    own = [(item.id, item.receiver) for item in registry.departments if item.receiver]
    names = dict.fromkeys(
        [receivers.fallback, *([receivers.on_call] if receivers.on_call else []), *dict(own).values()]
    )
    on_call = {"matchers": ['severity="page"'], "receiver": receivers.on_call, "continue": True}
    return {
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
        "receivers": [{"name": name, "webhook_configs": [_webhook(name, receivers)]} for name in names],
        "inhibit_rules": [
            _inhibit('alertname="NoData"', 'area="figures"', "department"),
            _inhibit('alertname="FiguresStale"', 'area="figures"'),
            _inhibit(
                'alertname=~"NoWorker|StoreUnreachable|BrokerUnreachable"',
                'alertname=~"NoData|FiguresStale|IngestLag|LandingSlow"',
            ),
        ],
    }


def _webhook(name: str, receivers: Receivers) -> dict[str, Any]:
    address = receivers.addresses.get(name)
    if address is None:
        if not _FILE_NAME.fullmatch(name):
            raise RoutingError(
                f"receiver {name!r}: its name is not a valid file name; give its address under [receiver]"
            )
        address = Address(url_file=f"{receivers.directory}/{name}")
    webhook: dict[str, Any] = {"url": address.url} if address.url else {"url_file": address.url_file}
    if address.credentials_file:
        webhook["http_config"] = {"authorization": {"credentials_file": address.credentials_file}}
    return webhook


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
