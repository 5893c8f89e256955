"""Landings: the facts of a batch that are to land, as columns of Python's or as native rows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, Self

from metrics.events import facts
from streams.store.blocks import NativeBlock

_CUSTOMER, _OCCURRED = facts.COLUMNS.index("customer"), facts.COLUMNS.index("occurred_at")


class Landing(Protocol):
    """Facts that are to land.

    Attributes:
        columns: The facts, as the store takes them.
        stamps_ms: When the record of each was published, milliseconds since 1970; of all, the erased ones included.
    """

    @property
    def columns(self) -> facts.Columns | NativeBlock: ...  # noqa: D102

    @property
    def stamps_ms(self) -> Sequence[int]: ...  # noqa: D102

    def without(self, erased_ms: Mapping[str, int]) -> tuple[Self, int]:
        """The facts less those of erased persons, and how many those were.

        Args:
            erased_ms: Until when somebody is erased, milliseconds since 1970, by hash.
        """
        ...

    def tally(self) -> Mapping[tuple[str, str], int]:
        """How many facts there are of each department and kind."""
        ...


class ColumnLanding(NamedTuple):
    """Facts as columns of Python's.

    Attributes:
        columns: The facts.
        stamps_ms: When the record of each was published, milliseconds since 1970.
        earlier: A customer's hashes under keys that were in use before, by the one that the facts have.
    """

    columns: facts.Columns
    stamps_ms: Sequence[int]
    earlier: Mapping[str, Sequence[str]]

    def without(self, erased_ms: Mapping[str, int]) -> tuple[Self, int]:
        """As `Landing` has it."""
        if not erased_ms:
            return self, 0
        if self.earlier:
            erased_ms = dict(erased_ms)
            for customer, hashes in self.earlier.items():
                erased_ms[customer] = max(erased_ms.get(text, -1) for text in (customer, *hashes))
        kept = [
            min(occurred_ms, stamp_ms) > erased_ms.get(customer, -1)
            for customer, occurred_ms, stamp_ms in zip(
                self.columns[_CUSTOMER], self.columns[_OCCURRED], self.stamps_ms, strict=True
            )
        ]
        dropped = kept.count(False)
        return (self._replace(columns=facts.keep(self.columns, kept)) if dropped else self), dropped

    def tally(self) -> Mapping[tuple[str, str], int]:
        """As `Landing` has it."""
        return facts.tally(self.columns)
