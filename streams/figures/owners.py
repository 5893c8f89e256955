"""Departments as statements name them."""

from collections.abc import Sequence
from dataclasses import dataclass

from streams.store.statements import Fragment


@dataclass(frozen=True, slots=True)
class Owners:
    """Departments by number, from 1, and the numbers of each group's in both views as one: parsing long lists costs."""

    names: Sequence[str]
    keys: Fragment
    owners: Fragment

    @property
    def fragments(self) -> dict[str, Fragment]:
        """What statements take."""
        return {"keys": self.keys, "owners": self.owners}
