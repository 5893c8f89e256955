"""Which edition of the figures cells are of: what an earlier version has computed is never mixed with today's.

After an upgrade the first refresh computes every minute again; until it has, nobody reads figures.
"""

from typing import Final

from streams.errors import CxbError
from streams.store.client import Store
from streams.store.statements import Row, query

EDITION: Final = 2


class NotedEdition(Row):
    """The greatest edition that is noted, 0 without any; and whether there are cells."""

    edition: int
    has_cells: int


class BeingRenewed(CxbError):
    """Cells are still those of an earlier edition of the figures."""


_NOTED: Final = query(__package__, "edition", NotedEdition)


def is_noted(store: Store) -> bool:
    """Whether it is noted that all cells are of today's edition."""
    noted = store.fetch_one(_NOTED)
    return noted.edition >= EDITION


def require(store: Store) -> None:
    """Refuses to read figures while cells are computed again.

    Raises:
        BeingRenewed: They are.
    """
    noted = store.fetch_one(_NOTED)
    if noted.has_cells and noted.edition < EDITION:
        raise BeingRenewed(
            "figures are computed again for this version, once, from all facts: a running worker does it and says how "
            "far it is; ask again when it is done"
        )


def note_renewed(store: Store) -> None:
    """Notes that all cells are of today's edition."""
    store.insert("editions", ("edition",), ([EDITION],))
