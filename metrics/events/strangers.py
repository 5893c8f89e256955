"""Unknown fields: names of fields that no event of ours has, by the source that sent them, for people to look at.

A name is kept in clear only if it looks like one of a program: anything else may be somebody's, and is kept by its
length. How many are kept apart is bounded: publishers name fields as they like, and may name them after their data.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from metrics.registry.names import OTHER

MOST_STRANGE_SOURCES: Final = 100
"""So many sources are told apart until they are taken from here; the others count as one."""
MOST_STRANGE_NAMES: Final = 100
"""So many names of one source, likewise."""

_NAME: Final = re.compile(r"(?!.*\d{5})(?=.{1,40}$)[@$_]?[A-Za-z][A-Za-z0-9]*([-_.:][A-Za-z0-9]+)*_?", re.ASCII)
"""As masking has it of sources: no sign of an address within, and no more digits in a row than a year has."""


def shown_stranger(name: str) -> str:
    """An unknown field's name as people may see it.

    >>> shown_stranger("utmSource"), shown_stranger("anna@example.com"), shown_stranger("c-4711234")
    ('utmSource', '<a name of 16 characters>', '<a name of 9 characters>')
    """
    return name if _NAME.fullmatch(name) else f"<a name of {len(name)} characters>"


@dataclass(slots=True)
class Stranger:
    """An unknown field of a source.

    Attributes:
        events: How many events had it.
        first_ms: When the first of them was read, milliseconds since 1970.
        last_ms: And the last.
    """

    events: int
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class Strangers:
    """Unknown fields by source and name, since they were last taken from here."""

    kept: dict[tuple[str, str], Stranger] = field(default_factory=dict)
    _sources: Counter[str] = field(default_factory=Counter)

    def count(self, found: Mapping[tuple[str, str], int], now_ms: int) -> None:
        """Counts the unknown fields of a run of records.

        Args:
            found: How many events had it, by source and name as sent.
            now_ms: When they were read, milliseconds since 1970.
        """
        for (source, name), events in found.items():
            key = self._key(source, shown_stranger(name))
            stranger = self.kept.setdefault(key, Stranger(0, now_ms, now_ms))
            stranger.events += events
            stranger.last_ms = max(stranger.last_ms, now_ms)

    def take(self) -> dict[tuple[str, str], Stranger]:
        """What has been counted; counting begins again."""
        taken, self.kept = self.kept, {}
        self._sources.clear()
        return taken

    def put_back(self, taken: Mapping[tuple[str, str], Stranger]) -> None:
        """Counts again what was taken and could not be written."""
        for (source, name), old in taken.items():
            stranger = self.kept.setdefault(self._key(source, name), Stranger(0, old.first_ms, old.last_ms))
            stranger.events += old.events
            stranger.first_ms = min(stranger.first_ms, old.first_ms)
            stranger.last_ms = max(stranger.last_ms, old.last_ms)

    def _key(self, source: str, name: str) -> tuple[str, str]:
        if (source, name) in self.kept:
            return source, name
        if source not in self._sources and len(self._sources) >= MOST_STRANGE_SOURCES:
            return OTHER, OTHER
        if self._sources[source] >= MOST_STRANGE_NAMES:
            return source, OTHER
        self._sources[source] += 1
        return source, name
