"""Making tokens: the publisher gets the token, the file of publishers its hash."""

import os
import secrets
from pathlib import Path
from typing import Any, Final

import tomlkit

from streams.errors import ConfigurationError
from streams.gateway.publishers import by_token, hashed

BEGINNING: Final = "cxg_"
"""Of every token: people and scanners for secrets know by it what it is."""


def add_token(path: Path, name: str, source: str, touchpoints: tuple[str, ...]) -> str:
    """A new token of a publisher, whose hash is in the file from now on.

    Args:
        path: The file of publishers; made if it is not there.
        name: The publisher; one that is new needs what follows.
        source: What its events have as source.
        touchpoints: Patterns of where they may come from.

    Raises:
        ConfigurationError: The file cannot be used or written, or would be wrong.
    """
    document = _document(path)
    made = BEGINNING + secrets.token_urlsafe(32)
    publishers = document.setdefault("publisher", tomlkit.aot())
    known = next((table for table in publishers if table.get("name") == name), None)
    if known is None:
        publishers.append(_new(path, name, source, touchpoints, hashed(made)))
    elif source or touchpoints:
        raise ConfigurationError(
            f"{path} has a publisher {name} already: leave out --source and --touchpoint for one more token of it, or "
            "change them in the file"
        )
    else:
        known["tokens"] = [*known.get("tokens", ()), hashed(made)]
    text = tomlkit.dumps(document)
    by_token(text, str(path))
    _replace(path, text)
    return made


def _new(path: Path, name: str, source: str, touchpoints: tuple[str, ...], token: str) -> Any:
    if not (source and touchpoints):
        raise ConfigurationError(
            f"{path} has no publisher {name}: give --source, and --touchpoint with a pattern such as 'web.*' or '*'"
        )
    table = tomlkit.table()
    table.update({"name": name, "source": source, "touchpoints": list(touchpoints), "tokens": [token]})
    return table


def _document(path: Path) -> tomlkit.TOMLDocument:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the publishers in {path}: {error}") from error
    by_token(text, str(path))  # what is wrong before is said before
    return tomlkit.parse(text)


def _replace(path: Path, text: str) -> None:
    """At once: a gateway that follows the file never reads half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ConfigurationError(f"cannot write the publishers to {path}: {error}") from error
