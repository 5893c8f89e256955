"""The addresses of receivers as a TOML file: where each listens, which is the fallback, which is on call."""

import tomllib
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from metrics.registry.alert_routing import Address, Receivers
from streams.errors import ConfigurationError

_TOP: Final = ("directory", "fallback", "on_call")
_KEYS: Final = ("url", "url_file", "credentials_file")


def load(path: Path) -> Receivers:
    """The receivers in a file.

    Raises:
        ConfigurationError: It cannot be read, or holds a value that cannot be used.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the receivers {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the receivers {path} are not TOML: {error}") from error
    tables = document.pop("receiver", {})
    if not isinstance(tables, dict):
        raise _wrong(path, "receiver", "must be tables, one for each: [receiver.NAME]")
    texts = _texts(path, "the file", document, _TOP)
    addresses = {name: _address(path, name, table) for name, table in tables.items()}
    return Receivers(addresses=addresses, **texts)


def _address(path: Path, name: str, table: Any) -> Address:
    where = f"receiver.{name}"
    if not isinstance(table, dict):
        raise _wrong(path, where, "must be a table with url_file or url")
    address = Address(**_texts(path, where, table, _KEYS))
    if (address.url is None) == (address.url_file is None):
        raise _wrong(path, where, "give either url_file, a file that holds the address, or url")
    if address.url is not None:
        parts = urlsplit(address.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _wrong(path, f"{where}.url", "must be an address, http(s)://host/path")
        if parts.password is not None:
            raise _wrong(path, f"{where}.url", "must not hold a password: use url_file or credentials_file")
    return address


def _texts(path: Path, where: str, table: dict[str, Any], keys: tuple[str, ...]) -> dict[str, str]:
    for key, value in table.items():
        if key not in keys:
            raise _wrong(path, where, f"no such key: {key}; known: {', '.join(keys)}")
        if not isinstance(value, str) or not value:
            raise _wrong(path, f"{where}, {key}", "must be a text")
    return table


def _wrong(path: Path, where: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"the receivers {path} are wrong: {where}: {what}")
