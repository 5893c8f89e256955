"""Numbers as foreign systems write them, and scores on another scale than ours: only as the source declares it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import floor, isfinite
from typing import Any, Final, Literal

from metrics.events.rejection import Reason
from metrics.sources.unfit import Unfit

How = Literal["linear", "bins"]
HOWS: Final[tuple[How, ...]] = ("linear", "bins")

_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_SPACES: Final = re.compile("[ \u00a0\u202f']")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a score of a source becomes one of ours.

    Attributes:
        worst: The source's worst score; above `best` where 1 is the best.
        best: Its best.
        to_worst: Our worst.
        to_best: Our best.
        how: Between them: linear, to the nearest; bins, as many scores of theirs to each of ours. None: as they are.
    """

    worst: int
    best: int
    to_worst: int
    to_best: int
    how: How | None = None

    def score(self, number: float) -> float:
        """Our score.

        Raises:
            Unfit: It is not on the source's scale.

        >>> Scale(1, 10, 1, 5, "bins").score(7), Scale(5, 1, 1, 5, "linear").score(1), Scale(0, 100, 1, 7).how
        (4, 5, None)
        """
        if not min(self.worst, self.best) <= number <= max(self.worst, self.best):
            low, high = sorted((self.worst, self.best))
            raise Unfit(Reason.SCORE_OUT_OF_RANGE, f"must be {low} to {high}, the scale that the source declares")
        if self.how is None:
            return number
        passed, length = abs(number - self.worst), abs(self.best - self.worst)
        span = self.to_best - self.to_worst
        if self.how == "linear":
            return floor(self.to_worst + passed * span / length + 0.5)
        return self.to_worst + floor(passed * (span + 1) / (length + 1))


def number_of(value: Any, decimal: str | None) -> float:
    """A number, also one that is written as text.

    Args:
        value: What the source has.
        decimal: Its decimal sign, if it declares one: then the other sign, spaces and apostrophes group thousands.

    Raises:
        Unfit: It is no finite number.

    >>> number_of("1.234,50", ","), number_of("7", None), number_of(8.0, None)
    (1234.5, 7, 8.0)
    """
    if type(value) is int or (type(value) is float and isfinite(value)):
        return value
    if type(value) is not str:
        raise Unfit(Reason.BAD_TYPE, "must be a number")
    text = cleaned_number(value, decimal)
    return float(text) if "." in text else int(text)


def cleaned_number(text: str, decimal: str | None) -> str:
    """A number's text with a decimal point and nothing between its digits.

    Raises:
        Unfit: It is no number.

    >>> cleaned_number("1'234.5", "."), cleaned_number(" 12,5 ", ",")
    ('1234.5', '12.5')
    """
    cleaned = text.strip()
    if decimal is not None:
        cleaned = _SPACES.sub("", cleaned).replace("." if decimal == "," else ",", "").replace(decimal, ".")
    if not _PLAIN.fullmatch(cleaned):
        remedy = "" if decimal or "," not in cleaned else ': declare decimal = "," if that is its decimal sign'
        raise Unfit(Reason.BAD_VALUE, f"must be a number{remedy}")
    return cleaned


def whole_reader(decimal: str | None, scale: Scale | None) -> Callable[[Any], int]:
    """A function from what a source has to a whole number: a score, or a count."""

    def read(value: Any) -> int:
        number = value if type(value) is int else number_of(value, decimal)
        if scale is not None:
            number = scale.score(number)
        if number != floor(number):
            raise Unfit(Reason.BAD_VALUE, "must be a whole number")
        return int(number)

    return read


def amount_reader(decimal: str | None) -> Callable[[Any], str]:
    """A function from what a source has to an amount, exactly as it was written."""

    def read(value: Any) -> str:
        if type(value) is str:
            return cleaned_number(value, decimal).removeprefix("+")
        return format(Decimal(repr(number_of(value, decimal))), "f")

    return read
