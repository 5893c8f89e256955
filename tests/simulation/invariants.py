"""What must hold, by the names of ARCHITECTURE.md: looked at at each commit, and when everything is quiet."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from faust.types import TP

from metrics.durations import DAY_S
from tests.simulation.answers import answers_of, shown_answers
from tests.simulation.published import PERSON, Publication
from tests.simulation.statements import CELL, DAY_CELL, cells_of, day_cells_of
from tests.simulation.tables import Row, Table
from tests.simulation.values import minute_of

COMMITTED: Final = "no offset is committed before every record below it is in events, or its dead letter acknowledged"
SET_BACK: Final = "no commit sets back what another worker has committed"
ONCE: Final = "an event that the broker acknowledged is in events exactly once, or in the dead-letter topic"
RECOUNT: Final = "no cell is incremented; it is replaced by what a recount gives"
ANSWERS: Final = "answers by customer are what a recount gives, and those of customers with several are all copied"
CLEAN: Final = "a day is clean until one of its cells is computed again"
ERASED: Final = "an erased customer has no facts, and no rejected events that come again"
DRAINED: Final = "a drain that says landed has landed everything"
MOVES: Final = "when everything answers again, everything is taken and committed"
ESCAPES: Final = "nothing escapes but what ends the process on purpose"


class Violation(AssertionError):
    """An invariant does not hold; its name, and what was found."""

    def __init__(self, invariant: str, found: object) -> None:
        super().__init__(f"{invariant}: {found}")
        self.invariant = invariant


class Expected:
    """What has been published so far, by its place, and what must have become of it."""

    def __init__(self, tables: Mapping[str, Table], letters: set[tuple[int, int]]) -> None:
        self._tables, self._letters = tables, letters
        self.records: dict[tuple[int, int], Publication] = {}
        self.stamps_ms: dict[tuple[int, int], int] = {}
        self.replayed: set[tuple[int, int]] = set()

    def _there(self) -> set[tuple[str, str]]:
        return {(row["source"], row["event_id"]) for row in self._tables["events"].final.values()}

    def _unlanded(self, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        there = self._there()
        return [
            place
            for place in places
            if self.records[place].identity not in there
            and place not in self._letters
            and not self._is_from_before(place)
        ]

    def _is_from_before(self, place: tuple[int, int]) -> bool:
        # Before its customer was erased: it, or its record, says so.
        record, stamp_ms = self.records[place], self.stamps_ms[place]
        until = [row["erased_at"] // 1000 for row in self._tables["erased"].rows if row["customer"] == record.customer]
        happened_ms = stamp_ms if record.occurred_ms is None else min(stamp_ms, record.occurred_ms)
        return bool(until) and happened_ms <= max(until)

    def check_commit(self, before: Mapping[TP, int], offsets: Mapping[TP, int]) -> None:
        """Checks offsets that are about to be committed."""
        for tp, upto in offsets.items():
            first = before.get(tp, 0)
            if upto < first:
                raise Violation(SET_BACK, f"partition {tp.partition} from {first} to {upto}")
            missing = self._unlanded([(tp.partition, offset) for offset in range(first, upto)])
            if missing:
                raise Violation(COMMITTED, f"{upto} of partition {tp.partition}, without {missing}")

    def check_landed(self, invariant: str = ONCE) -> None:
        """Checks that everything published is there, once."""
        missing = self._unlanded(list(self.records))
        if missing:
            raise Violation(invariant, f"missing: {missing}")
        found = Counter((row["source"], row["event_id"]) for row in self._tables["events"].final.values())
        sent = {record.identity for record in self.records.values()}
        wrong = {identity: count for identity, count in found.items() if count > 1 or identity not in sent}
        if wrong:
            raise Violation(invariant, f"doubled, or never sent: {wrong}")

    def check_erased(self) -> None:
        """Checks that nothing of the erased customer is there from before: facts, hidden ones included, and letters."""
        later = {record.identity for place, record in self.records.items() if not self._is_from_before(place)}
        facts = [row for row in self._tables["events"].rows if row["customer"] == PERSON]
        left = [row["event_id"] for row in facts if (row["source"], row["event_id"]) not in later]
        left += [f"{row['kind']} at {row['minute']} in {name}" for name in ("answers", "repeat_answers")
                 for row in self._tables[name].rows if row["customer"] == PERSON and row["n"]
                 and row["minute"] not in {minute_of(fact) for fact in facts}]  # fmt: skip
        sent_again = {place for place in self._letters & self.replayed if self.records[place].customer == PERSON}
        again = sorted(place for place in sent_again if self._is_from_before(place))
        if left or again:
            raise Violation(ERASED, (left, again))


def check_figures(tables: Mapping[str, Table]) -> None:
    """Checks cells against a recount of facts, and clean days against cells."""
    counted = {key: tuple(sums) for key, sums in cells_of(tables["events"].final.values()).items()}
    cells = [row for row in tables["cells"].final.values() if row["n"]]
    stored = {_key(row, CELL): (row["n"], row["sum_score"], row["sum_count"]) for row in cells}
    if counted != stored:
        raise Violation(RECOUNT, _difference(counted, stored))
    check_answers(tables)
    check_days(tables)


def check_answers(tables: Mapping[str, Table]) -> None:
    """Checks answers by customer against a recount of facts, and the copies against them."""
    counted, shown = answers_of(tables["events"].final.values()), shown_answers(tables["answers"])
    if counted != shown:
        raise Violation(ANSWERS, _difference(counted, shown))
    copied = shown_answers(tables["repeat_answers"])
    several = Counter[tuple[Any, ...]]()
    for key, n in shown.items():
        several[key[:2]] += n
    wanted = {key: n for key, n in shown.items() if several[key[:2]] > 1 or key in copied}
    if wanted != copied:
        raise Violation(ANSWERS, _difference(wanted, copied))


def check_days(tables: Mapping[str, Table], being_computed: Collection[int] = ()) -> None:
    """Checks clean days against cells, but for days of which somebody is computing cells."""
    cells = [row for row in tables["cells"].final.values() if row["n"]]
    for fold in tables["day_folds"].final.values():
        if fold["clean"] and fold["day"] not in being_computed:
            _check_day(tables, cells, fold)


def _check_day(tables: Mapping[str, Table], cells: list[Row], fold: Row) -> None:
    day = [cell for cell in cells if cell["minute"] // DAY_S == fold["day"]]
    given = {key: (n, round(w, 9)) for key, (n, w) in day_cells_of(day, fold["short_s"]).items()}
    stored = {
        _key(row, DAY_CELL[2:]): (row["n"], round(row["short_w"], 9))
        for row in tables["day_cells"].final.values()
        if row["n"] and _key(row, DAY_CELL[:3]) == _key(fold, DAY_CELL[:3])
    }
    if given != stored:
        raise Violation(CLEAN, f"day {fold['day']}: {_difference(given, stored)}")


def _key(row: Row, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)


def _difference(wanted: Mapping[Any, Any], found: Mapping[Any, Any]) -> dict[Any, tuple[Any, Any]]:
    keys = sorted(wanted.keys() | found.keys())
    return {key: (wanted.get(key), found.get(key)) for key in keys if wanted.get(key) != found.get(key)}
