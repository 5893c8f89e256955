"""The addresses of receivers as a TOML file: where each listens, which is the fallback, which is on call."""

import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from metrics.registry.alert_channels import Address, MailServer
from metrics.registry.alert_routing import Receivers
from streams.errors import ConfigurationError

T = TypeVar("T")

_TOP: Final = ("directory", "fallback", "on_call")
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "webhook": ("url", "url_file", "credentials_file"),
    "slack": ("url_file", "channel"),
    "teams": ("url_file",),
    "email": ("to",),
    "pagerduty": ("key_file", "url"),
    "opsgenie": ("key_file", "url"),
}
"""What each type of receiver may say besides its type."""
_MAIL: Final = {"smarthost": "smarthost", "from": "sender", "username": "username", "password_file": "password_file"}


def load(path: Path) -> Receivers:
    """The receivers in a file.

    Raises:
        ConfigurationError: It cannot be read, or holds values that cannot be used: all tables that do are named.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the receivers {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the receivers {path} are not TOML: {error}") from error
    tables, email = document.pop("receiver", {}), document.pop("email", None)
    if not isinstance(tables, dict):
        raise _wrong(path, "receiver", "must be tables, one for each: [receiver.NAME]")
    with _Problems() as problems:
        texts = problems.tried(lambda: _texts(path, "the file", document, _TOP), dict[str, str]())
        mail = problems.tried(lambda: None if email is None else _mail(path, email), None)
        nothing: list[Address] = []
        addresses = {
            name: problems.tried(partial(_addresses, path, name, item), nothing) for name, item in tables.items()
        }
    return Receivers(addresses=addresses, mail=mail, **texts)


class _Problems:
    """Collects what is wrong with a file, a table at a time, and raises all of it at the end."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def __enter__(self) -> "_Problems":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self._said:
            raise ConfigurationError("\n".join(self._said))

    def tried(self, read: Callable[[], T], instead: T) -> T:
        try:
            return read()
        except ConfigurationError as error:
            self._said.append(str(error))
            return instead


def _addresses(path: Path, name: str, item: Any) -> list[Address]:
    tables = item if isinstance(item, list) else [item]
    if not tables or not all(isinstance(table, dict) for table in tables):
        raise _wrong(path, f"receiver.{name}", "must be a table with url_file or url, or with a type")
    with _Problems() as problems:
        read = [problems.tried(partial(_address, path, f"receiver.{name}", table), None) for table in tables]
    return [address for address in read if address is not None]


def _address(path: Path, where: str, table: dict[str, Any]) -> Address:
    kind = table.pop("type", "webhook")
    if kind not in _KEYS:
        raise _wrong(path, f"{where}, type", f"no such type: {kind}; known: {', '.join(_KEYS)}")
    address = Address(kind, **_texts(path, where, table, _KEYS[kind]))
    if kind == "webhook" and (address.url is None) == (address.url_file is None):
        raise _wrong(path, where, "give either url_file, a file that holds the address, or url")
    if kind == "email" and address.to is None:
        raise _wrong(path, where, "give to, the addresses")
    if address.url is not None:
        parts = urlsplit(address.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _wrong(path, f"{where}.url", "must be an address, http(s)://host/path")
        if parts.password is not None:
            raise _wrong(path, f"{where}.url", "must not hold a password: use url_file or credentials_file")
    return address


def _mail(path: Path, table: Any) -> MailServer:
    if not isinstance(table, dict):
        raise _wrong(path, "email", "must be a table: [email]")
    require_tls = table.pop("require_tls", True)
    if not isinstance(require_tls, bool):
        raise _wrong(path, "email, require_tls", "must be true or false")
    texts = _texts(path, "email", table, tuple(_MAIL))
    if not {"smarthost", "from"} <= texts.keys():
        raise _wrong(path, "email", "give smarthost, the server as host:port, and from, the sender")
    if ("username" in texts) != ("password_file" in texts):
        raise _wrong(path, "email", "username and password_file go together")
    return MailServer(**{_MAIL[key]: text for key, text in texts.items()}, require_tls=require_tls)


def _texts(path: Path, where: str, table: dict[str, Any], keys: tuple[str, ...]) -> dict[str, str]:
    for key, value in table.items():
        if key not in keys:
            raise _wrong(path, where, f"no such key: {key}; known: {', '.join(keys)}")
        if not isinstance(value, str) or not value:
            raise _wrong(path, f"{where}, {key}", "must be a text")
    return table


def _wrong(path: Path, where: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"the receivers {path} are wrong: {where}: {what}")
