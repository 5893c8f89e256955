"""The native path: plainly valid events become rows, and a block of ClickHouse's, in code that is built from Rust.

It is a part that may be missing: `streams/native` is built where there is cargo. Whatever is not plainly valid, and all
that is rejected, is judged by Python: so what is rejected, and why, does not depend on which path runs.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, Self, cast

from metrics.catalogue import AMOUNT_KINDS, COUNTED_KINDS, KINDS, SCORE_RANGES
from metrics.events import facts
from metrics.events.event import LAST_SECOND, RecordLimits, is_touchpoint
from metrics.events.pseudonyms import key_id
from metrics.ids import LONGEST_ID, LONGEST_LABEL
from streams.ingest.records import is_run, published_ms
from streams.registry.file import CompiledRegistry
from streams.runtime.native import module, reader_of_events

logger = logging.getLogger(__name__)

_KINDS: Final = [(kind, SCORE_RANGES.get(kind), kind in COUNTED_KINDS, kind in AMOUNT_KINDS) for kind in KINDS]


class _Facts(Protocol):
    """As `streams/native/src/facts.rs` has it."""

    def __len__(self) -> int: ...
    def names(self) -> Sequence[str]: ...
    def block(self, ingested_ms: int) -> bytes: ...
    def drop_erased(self, erased_ms: Mapping[str, int]) -> int: ...
    def tally(self) -> Mapping[tuple[str, str], int]: ...
    def stamps_ms(self) -> Sequence[int]: ...


class Others(NamedTuple):
    """Facts that Python made of records that native code did not take.

    Attributes:
        columns: The facts.
        ordinals: Where each of them belongs among the batch's records.
        stamps_ms: When the record of each was published, milliseconds since 1970.
        earlier: A customer's hashes under keys that were in use before, by the one that the facts have.
    """

    columns: facts.Columns
    ordinals: Sequence[int]
    stamps_ms: Sequence[int]
    earlier: Mapping[str, Sequence[str]]


class NativeRows:
    """The rows of a batch that native code has made of records."""

    def __init__(self, limits: RecordLimits, placeholders: Collection[str]) -> None:
        """Of no record yet; the native part must be there.

        Args:
            limits: The size and age that a record may have.
            placeholders: What stands for no customer, as `metrics.events.placeholders` has them.
        """
        native = cast(Any, module())
        self._rows = native.Rows(
            _KINDS,
            (LONGEST_ID, LONGEST_LABEL),
            LAST_SECOND * 1000,
            (limits.max_bytes, limits.max_age_ms, limits.max_ahead_ms),
            set(placeholders),
            is_touchpoint,
        )
        self._faults = 0

    @classmethod
    def where_installed(cls, limits: RecordLimits, placeholders: Collection[str], *, is_wanted: bool) -> Self | None:
        """Of no record yet; None where Python reads events."""
        return cls(limits, placeholders) if reader_of_events(is_wanted=is_wanted) == "native" else None

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, records: Sequence[Any]) -> tuple[int, Sequence[int]]:
        """Takes the plainly valid ones of some records.

        Args:
            records: A run, or records one by one.

        Returns:
            The ordinal of the first, and the positions of those that Python has to judge.
        """
        first: int = self._rows.taken
        others: Sequence[int]
        if is_run(records):
            others = self._rows.take_run(records, int(time.time() * 1000))
        else:
            others = self._rows.take([record.value for record in records], published_ms(records))
        if self._rows.faults > self._faults:
            self._faults = self._rows.faults
            logger.error("native code failed at records, which Python read: please report what is above")
        return first, others

    def skip(self, records: int) -> int:
        """Counts records that Python takes; returns the ordinal of the first."""
        first: int = self._rows.skip(records)
        return first

    def nobodies(self) -> Mapping[str, int]:
        """How many rows of each source named a customer that stands for nobody."""
        counts: Mapping[str, int] = self._rows.nobodies()
        return counts

    def landing(self, compiled: CompiledRegistry, keys: Sequence[bytes], others: Others) -> "NativeLanding":
        """The facts of all records, in their order; none are left here.

        Args:
            compiled: The registry in force.
            keys: For customers' pseudonyms: the one in use, then those that were.
            others: The facts that Python made.
        """
        named = dict(zip((*facts.COLUMNS, facts.DETAILS), (*others.columns, []), strict=False))
        ten_thousandths = [None if amount is None else int(amount * 10_000) for amount in named["amount"]]
        where = {"ordinals": others.ordinals, "stamps_ms": others.stamps_ms, "earlier": others.earlier}
        made = self._rows.facts(
            compiled.attribution.spans,
            compiled.version,
            [(key_id(key), key) for key in keys],
            {**named, "amount": ten_thousandths, **where},
        )
        return NativeLanding(made)


class NativeLanding:
    """Facts as native rows; see `streams.ingest.landing.Landing`."""

    def __init__(self, made: _Facts) -> None:
        self.columns = made
        self.stamps_ms: Sequence[int] = made.stamps_ms()

    def without(self, erased_ms: Mapping[str, int]) -> tuple[Self, int]:
        """As `Landing` has it; what was dropped before counts again."""
        return self, self.columns.drop_erased(erased_ms)

    def tally(self) -> Mapping[tuple[str, str], int]:
        """As `Landing` has it."""
        return self.columns.tally()
