"""What statements of a simulation are given and give: instants as numbers, lists of numbers, versions."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from metrics.durations import DAY_S
from streams.store.statements import Fragment
from streams.timestamps import EPOCH
from tests.simulation.tables import Row, Table

Tables = Mapping[str, Table]
Parameters = Mapping[str, Any]
Fragments = Mapping[str, Fragment]
Rows = list[tuple[Any, ...]]
EPOCH_DAY: Final = EPOCH.date()


def number(value: Any) -> Any:
    """Instants and days as whole numbers, as the tables keep them."""
    if isinstance(value, datetime):
        delta = value - EPOCH
        return (delta.days * DAY_S + delta.seconds) * 1_000_000 + delta.microseconds
    return (value - EPOCH_DAY).days if isinstance(value, date) else value


def us(text: str) -> int:
    """An instant of a parameter, microseconds."""
    return int(number(datetime.fromisoformat(text).replace(tzinfo=UTC)))


def at(instant_us: int) -> datetime:
    """An instant as rows of queries have it."""
    return datetime.fromtimestamp(instant_us // 1_000_000, UTC).replace(microsecond=instant_us % 1_000_000)


def listed(fragments: Fragments, name: str) -> set[int]:
    """The numbers of a fragment."""
    return {int(text) for text in fragments[name].text.split(",") if text}


def minute_of(fact: Row) -> int:
    """A fact's minute, seconds."""
    return int(fact["occurred_at"] // 60_000 * 60)


def later(now_us: int, *seen_us: int) -> int:
    """The version of what comes after all that was seen, by a clock that may have stepped back."""
    return max(now_us, *seen_us)
