"""A mapping proposed from a sample: which field is the score, the time, the id, by their names and their values.

A proposal, for somebody to read: what it rests on stands next to each line, and what no field says is left open.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from metrics.events.leap_seconds import without_leap_second
from metrics.sources.model import Format
from metrics.sources.paths import quoted_name
from metrics.sources.scales import cleaned_number
from metrics.sources.times import EXCEL, PER_SECOND, RFC3339, needs_zone, time_reader
from metrics.sources.unfit import Unfit

MOST_RECORDS: Final = 1000
_DEEPEST: Final = 4
_LONGEST_ID: Final = 64
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PATTERNS: Final = tuple(
    f"{day}{clock}"
    for day in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y")
    for clock in (" %H:%M:%S", " %H:%M", "", "T%H:%M:%S", " %I:%M:%S %p", " %I:%M %p")
)
_AMBIGUOUS: Final = {"%d/%m/%Y": "%m/%d/%Y"}
_EPOCH_S: Final = (1_000_000_000, 4_000_000_000)
_EXCEL_DAYS: Final = (36_526, 73_050)

_SCORE: Final = (
    "score", "rating", "nps", "csat", "ces", "stars", "recommend", "likely", "satisfied", "satisfaction", "effort",
)  # fmt: skip
_TIME: Final = (
    "timestamp", "date", "time", "at", "created", "submitted", "answered", "responded", "recorded", "occurred", "when",
)  # fmt: skip
_ID: Final = ("id", "uuid", "guid", "token", "key")
_CUSTOMER: Final = ("customer", "user", "email", "mail", "respondent", "person", "contact", "client", "member")
_KIND_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "nps": ("nps", "recommend", "likely"),
    "ces": ("ces", "effort", "easy"),
    "csat": ("csat", "satisfied", "satisfaction", "stars", "rating"),
}
_SCALES: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
_PARTS: Final = 6
"""Fields that an id is made of, at most."""


@dataclass(frozen=True, slots=True)
class Guess:
    """How a field may be filled.

    Attributes:
        field: The event's field.
        rule: As TOML has it.
        why: What that rests on, or what is to be decided.
    """

    field: str
    rule: str
    why: str


@dataclass(slots=True)
class _Column:
    path: str
    name: str
    values: list[Any] = field(default_factory=list)

    @property
    def words(self) -> set[str]:
        return {word.lower() for word in _WORDS.findall(self.name)}

    def rank(self, wanted: Sequence[str]) -> int:
        """How well its name says what is wanted: 0 for the best, beyond the end for not at all."""
        return next((rank for rank, word in enumerate(wanted) if word in self.words), len(wanted))


def guesses(records: Sequence[Any]) -> list[Guess]:
    """What may fill the fields of an event, in the order of a file.

    Args:
        records: Rows of a CSV, or JSON objects: a sample of at most MOST_RECORDS.
    """
    columns = list(_columns(records))
    score = _best(columns, _SCORE, lambda column: bool(_numbers(column)))
    timed = _best(columns, _TIME, lambda column: _format(column) is not None)
    identity = _best(columns, _ID, lambda column: _is_unique(column, len(records)))
    customer = _best([c for c in columns if c is not identity], _CUSTOMER, _names_people)
    return [
        _identity(identity, [column for column in (timed, customer, score) if column is not None] or columns),
        _time(timed),
        Guess("touchpoint", '"web.site"', "no field says it for certain: write the touchpoint, or a table of values"),
        *([Guess("customer", _rule(customer), _example_of(customer))] if customer else []),
        *_scored(score),
    ]


def proposal(name: str, guessed: Sequence[Guess], form: Format) -> str:
    """A file of sources that says so.

    Args:
        name: The source's.
        guessed: What fills the fields.
        form: The format of the sample.
    """
    own = ("kind", "score")
    layout = [f'format = "{form}"'] if form != "json" else []
    lines = ["[[source]]", f'name = "{name}"', *layout, "", "[source.fields]"]
    lines += [_line(guess) for guess in guessed if guess.field not in own]
    lines += ["", "[[source.event]]", *(_line(guess) for guess in guessed if guess.field in own)]
    return "\n".join(lines) + "\n"


def _line(guess: Guess) -> str:
    return f"# {guess.why}\n{guess.field} = {guess.rule}"


def _columns(records: Sequence[Any]) -> Iterable[_Column]:
    found: dict[str, _Column] = {}
    for record in records[:MOST_RECORDS]:
        for path, name, value in _leaves(record, "", _DEEPEST):
            found.setdefault(path, _Column(path, name)).values.append(value)
    return found.values()


def _leaves(record: Any, before: str, depth: int) -> Iterator[tuple[str, str, Any]]:
    if not isinstance(record, dict) or depth == 0:
        return
    for name, value in record.items():
        path = f"{before}{quoted_name(name)}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}.", depth - 1)
        elif value not in (None, "", []) and not isinstance(value, list):
            yield path, name, value


def _best(columns: Iterable[_Column], wanted: Sequence[str], fits: Callable[[_Column], bool]) -> _Column | None:
    """The column that is filled most often, then has the best name, then is the least deep, of those that fit."""
    fitting = [column for column in columns if column.rank(wanted) < len(wanted) and fits(column)]
    order = [(-len(column.values), column.rank(wanted), column.path.count(".")) for column in fitting]
    return fitting[order.index(min(order))] if fitting else None


def _numbers(column: _Column) -> list[int]:
    """Its values, if all of them are whole numbers that may be scores."""
    try:
        numbers = [float(cleaned_number(str(value), None)) for value in column.values]
    except Unfit:
        return []
    whole = [int(number) for number in numbers if number.is_integer() and 0 <= number <= 100]
    return whole if len(whole) == len(numbers) else []


def _is_unique(column: _Column, records: int) -> bool:
    texts = {str(value) for value in column.values if isinstance(value, str | int)}
    return len(texts) == records and max(map(len, texts), default=0) <= _LONGEST_ID


def _names_people(column: _Column) -> bool:
    return all(isinstance(value, str | int) and not isinstance(value, bool) for value in column.values)


def _format(column: _Column) -> str | None:
    """The format that all its values have; None if they are no times."""
    return next((form for form in _candidates(column.values) if _all_read(column.values, form)), None)


def _candidates(values: Sequence[Any]) -> Iterator[str]:
    if all(isinstance(value, datetime) for value in values):
        yield EXCEL  # dates of a spreadsheet
        return
    numbers = [float(value) for value in values if re.fullmatch(r"[0-9]+(\.[0-9]+)?", str(value))]
    if len(numbers) == len(values):
        for form, per_second in PER_SECOND.items():
            if all(_EPOCH_S[0] <= number / per_second <= _EPOCH_S[1] for number in numbers):
                yield form
        if all(_EXCEL_DAYS[0] <= number <= _EXCEL_DAYS[1] for number in numbers):
            yield EXCEL
        return
    if all(_has_offset(value) for value in values):
        yield RFC3339
    yield from _PATTERNS


def _has_offset(value: Any) -> bool:
    try:
        return datetime.fromisoformat(without_leap_second(str(value))).tzinfo is not None
    except ValueError:
        return False


def _all_read(values: Sequence[Any], form: str) -> bool:
    read = time_reader(form, "UTC" if needs_zone(form) else None)
    try:
        for value in values:
            read(value)
    except Unfit:
        return False
    return True


def _identity(column: _Column | None, others: Sequence[_Column]) -> Guess:
    if column is not None:
        return Guess("event_id", _rule(column), f"each record has another value in {column.name!r}")
    stable = ", ".join(_toml(other.path) for other in others[:_PARTS]) or '"@"'
    why = "no field is an id: one is made of fields that a record keeps"
    return Guess("event_id", f"{{ hash = [{stable}] }}", why)


def _time(column: _Column | None) -> Guess:
    form = _format(column) if column is not None else None
    if column is None or form is None:
        why = "no field has times: name the one that says when it happened"
        return Guess("occurred_at", '{ path = "occurred_at" }', why)
    zone = ', zone = "UTC"' if needs_zone(form) else ""
    written = "" if form == RFC3339 else f', time = "{form}"'
    why = f"{column.name!r} has times like {form}"
    other = next((form.replace(day, month) for day, month in _AMBIGUOUS.items() if form.startswith(day)), "")
    if other and _all_read(column.values, other):
        why += f"; or is it {other}?"
    return Guess("occurred_at", _rule(column, written + zone), why + ("; whose clocks are they?" if zone else ""))


def _scored(column: _Column | None) -> list[Guess]:
    if column is None:
        return [Guess("kind", '"contact"', "no field has scores: an interaction without a figure")]
    numbers = _numbers(column)
    low, high = min(numbers), max(numbers)
    said = next((kind for kind, words in _KIND_WORDS.items() if column.words & set(words)), "")
    kind = said or ("csat" if low >= 1 and high <= 5 else "nps")
    by = f"{column.name!r} sounds like it: check" if said else f"by the numbers of {column.name!r}: check"
    why = f"{column.name!r} has {len(numbers)} whole numbers from {low} to {high}: is the scale right?"
    return [Guess("kind", f'"{kind}"', by), Guess("score", _rule(column, _scale(kind, low, high)), why)]


def _scale(kind: str, low: int, high: int) -> str:
    first, last = _SCALES[kind]
    worst, best = min(first, low), next(top for top in (last, 7, 10, 100) if high <= top >= last)
    if (worst, best) == (first, last):
        return "" if kind == "nps" else f", scale = {{ from = [{worst}, {best}] }}"
    return f', scale = {{ from = [{worst}, {best}], to = [{first}, {last}], how = "linear" }}'


def _example_of(column: _Column) -> str:
    kind = "addresses" if all(_MAIL.fullmatch(str(value)) for value in column.values) else "ids of people"
    return f"{column.name!r} may have {kind}; it is kept as a keyed hash only"


def _rule(column: _Column, more: str = "") -> str:
    return f"{{ path = {_toml(column.path)}{more} }}"


def _toml(path: str) -> str:
    """A path as a text of TOML: literal where it has double quotes and nothing that a literal cannot have."""
    is_literal = "'" not in path and path.isprintable()
    return f"'{path}'" if is_literal else json.dumps(path, ensure_ascii=False).replace("\x7f", "\\u007f")
