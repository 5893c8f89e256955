"""Prints what a program has read, in the form that all of them print."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any


def report(rows: Iterable[Sequence[Any]]) -> None:
    """A line for each row of an instant, a metric, its value (None or NaN: not known) and a number of observations."""
    for at, metric, value, n in rows:
        at_ms = round(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000)
        text = "" if value is None or value != value else f"{value:.3f}"  # noqa: PLR0124  (NaN)
        print(at_ms, metric, text, n, sep="\t")
