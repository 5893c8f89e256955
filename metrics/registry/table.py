"""Reads the keys of one TOML table, and collects all problems instead of stopping at the first."""

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, Final

from metrics.durations import DAY_S, HOUR_S, MINUTE_S
from metrics.registry.model import Code, Problem

_PLACE = re.compile(r" \(at line ([0-9]+), column [0-9]+\)$")
_HALF_LIFE = re.compile(r"([0-9]{1,6})([dhm])")
_UNIT_S = {"d": DAY_S, "h": HOUR_S, "m": MINUTE_S}
_TYPE_NAMES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    dict: "a table",
    list: "an array",
    datetime: "a date with time",
    date: "a date",
    time: "a time",
}
_LONGEST_SHOWN = 60
MOST_LISTED: Final = 40
"""So many names stand in a sentence."""


def shown(value: object) -> str:
    """Returns a value as an error quotes it: cut off after 60 characters."""
    text = value.isoformat() if isinstance(value, date | time) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def suggestion(word: str, words: Iterable[str]) -> str:
    """Returns the remedy for a word that is not one of `words`: the likely typo, else all of them.

    >>> suggestion("marketting", ["it", "marketing"])
    "did you mean 'marketing'?"
    >>> suggestion("NPS", ["csat", "nps"])
    "did you mean 'nps'?"
    """
    words = list(words)
    by_plain = {known.casefold(): known for known in words}
    close = get_close_matches(word.casefold(), by_plain, n=1, cutoff=0.6)
    return f"did you mean {by_plain[close[0]]!r}?" if close else f"use one of: {first_of(words)}"


def first_of(words: Sequence[str]) -> str:
    """Words in a sentence, of many the first, and how many more there are.

    >>> first_of(["it", "sales"])
    'it, sales'
    """
    more = f" and {len(words) - MOST_LISTED:,} more" if len(words) > MOST_LISTED else ""
    return ", ".join(words[:MOST_LISTED]) + more


def load_toml(text: str) -> dict[str, Any] | Problem:
    """What a TOML text holds; or why it is none, which comes alone."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        message, line = "not TOML: arrays or tables are nested too deeply", None
    # Not only TOMLDecodeError: Python rejects integers of more than 4,300 digits with a plain ValueError.
    except ValueError as error:
        at = _PLACE.search(str(error))
        message, line = f"not TOML: {_PLACE.sub('', str(error))}", int(at[1]) if at else None
    remedy = "correct the TOML there; everything else is checked once it can be read"
    return Problem("error", Code.TOML_SYNTAX, "file", line, message, remedy)


class Table:
    """A TOML table that becomes a typed value.

    Each method returns a value of the right type, whatever the file says. If that is a stand-in, `report` was called:
    so a caller builds its object in any case, and looks at the problems at the end.
    """

    def __init__(
        self,
        data: Mapping[str, object],
        path: str,
        line_of: Callable[[str], int | None],
        problems: list[Problem],
    ) -> None:
        self.data = data
        self.path = path
        self.line_of = line_of
        self.problems = problems

    def report(self, code: Code, key: str, message: str, remedy: str) -> None:
        """Adds an error about `key`, or about a key of an inline table: "contributors.it"; "" is the table itself."""
        path = ".".join(part for part in (self.path, key) if part) or "file"
        self.problems.append(Problem("error", code, path, self.line_of(key.partition(".")[0]), message, remedy))

    def report_unknown_keys(self, keys: Collection[str]) -> None:
        """Reports every key that is not one of `keys`."""
        for key in self.data:
            if key not in keys:
                self.report(Code.UNKNOWN_KEY, key, f"unknown key {shown(key)}", suggestion(key, keys))

    def mistyped(self, key: str, expected: str, remedy: str) -> None:
        """Reports that the value of `key` is not of the `expected` type."""
        self._mistyped(key, self.data[key], expected, remedy)

    def missing(self, key: str, remedy: str) -> None:
        """Reports that a required key is missing."""
        if not self.path:
            remedy += ", above the first [table]"
        self.report(Code.MISSING_KEY, key, f"missing key {key!r}", remedy)

    def text(self, key: str, example: str) -> str:
        """Returns a required string that is not blank; "" if there is none, after a report."""
        if key not in self.data:
            self.missing(key, f"add {key} = {example}")
            return ""
        return self.optional_text(key, example) or ""

    def optional_text(self, key: str, example: str) -> str | None:
        """Returns a string that is not blank; None if the key is absent."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.mistyped(key, "a string", f"write it in quotes, like {key} = {example}")
            return None
        if not value.strip():
            self.report(Code.BAD_VALUE, key, "is empty", f"fill it in, like {key} = {example}, or remove the key")
            return None
        return value

    def choice(self, key: str, options: Collection[str], code: Code = Code.BAD_VALUE) -> str:
        """Returns a required string of a closed set; "" after a report."""
        if key not in self.data:
            self.missing(key, f"add {key} with one of: {', '.join(options)}")
            return ""
        return self.optional_choice(key, options, code) or ""

    def optional_choice(self, key: str, options: Collection[str], code: Code = Code.BAD_VALUE) -> str | None:
        """Returns a string of a closed set; None if the key is absent."""
        value = self.optional_text(key, f'"{next(iter(options), "...")}"')
        if value and value not in options:
            noun = code.removeprefix("unknown-") if code.startswith("unknown-") else key
            self.report(code, key, f"unknown {noun} {shown(value)}", suggestion(value, options))
        return value

    def number(self, key: str, example: str) -> float:
        """Returns a required finite number; nan after a report, because nan is neither above nor below any limit."""
        if key not in self.data:
            self.missing(key, f"add {key} = {example}")
            return math.nan
        value = self.optional_number(key, example)
        return math.nan if value is None else value

    def optional_number(self, key: str, example: str) -> float | None:
        """Returns a finite number; None if the key is absent, nan after a report."""
        value = self.data.get(key)
        return None if value is None else self.as_number(key, value, example)

    def as_number(self, key: str, value: object, example: str) -> float:
        """Returns `value` as a finite float; nan after a report against `key`."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._mistyped(key, value, "a number", f"write it without quotes, like {example}")
            return math.nan
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.report(Code.BAD_VALUE, key, f"{shown(value)} is not a finite number", f"write a number like {example}")
            return math.nan
        return number

    def half_life_s(self, key: str, default_s: float) -> float:
        """Returns a half-life such as "7d", "12h" or "30m" in seconds; the default if the key is absent."""
        value = self.data.get(key, "")
        match = _HALF_LIFE.fullmatch(value) if isinstance(value, str) else None
        if match and int(match[1]) > 0:
            return float(int(match[1]) * _UNIT_S[match[2]])
        if key in self.data:
            message = f"{shown(value)} is not a half-life above 0"
            remedy = 'write a whole number of days, hours or minutes in quotes, like "7d", "12h" or "30m"'
            self.report(Code.BAD_HALF_LIFE, key, message, remedy)
        return default_s

    def instant(self, key: str) -> datetime | None:
        """Returns an aware UTC instant on a whole minute, midnight for a date; None if it is absent or was reported."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            return self._as_utc(key, value)
        if isinstance(value, date):
            return datetime.combine(value, time(), UTC)
        self.mistyped(key, "a date", f"write it without quotes, like {key} = 2026-01-01")
        return None

    def _as_utc(self, key: str, value: datetime) -> datetime | None:
        if value.tzinfo is None:
            remedy = f"add the offset, like {value.isoformat()}Z or {value.isoformat()}+01:00"
            self.report(Code.BAD_INSTANT, key, f"{value.isoformat()} has no offset from UTC", remedy)
            return None
        if value.second or value.microsecond:
            remedy = "leave the seconds at 00: figures are kept by the minute"
            self.report(Code.BAD_INSTANT, key, f"{value.isoformat()} is not a whole minute", remedy)
            return None
        try:
            return value.astimezone(UTC)
        except OverflowError:
            remedy = f"leave {key} out for a rule without that limit"
            self.report(Code.BAD_INSTANT, key, f"{value.isoformat()} is outside the calendar in UTC", remedy)
            return None

    def _mistyped(self, key: str, value: object, expected: str, remedy: str) -> None:
        actual = _TYPE_NAMES.get(type(value), "something else")
        self.report(Code.BAD_TYPE, key, f"must be {expected}, not {actual} {shown(value)}", remedy)
