"""Damage: parts of tables that ClickHouse could not use when it started, and set aside without an error."""

import logging
from collections.abc import Sequence
from typing import Final

from streams.errors import ConfigurationError
from streams.store.client import Store
from streams.store.statements import Row, query

logger = logging.getLogger(__name__)

FACT_TABLE: Final = "events"
COMPUTED: Final = frozenset({
    "cells", "day_cells", "day_folds", "day_snapshots", "day_balances", "day_repeats", "answers", "repeat_answers",
    "editions", "balances", "scorecards", "refreshes",
})  # fmt: skip
"""Tables that are computed from facts."""
TABLES: Final = (
    FACT_TABLE,
    "rejected",
    "erased",
    "drift",
    "baselines",
    "registry_in_force",
    "unknown_fields",
    *sorted(COMPUTED),
    "schema_migrations",
)
RUNBOOK: Final = "docs/runbooks/store-damaged.md"


class DamagedParts(Row):
    """The damaged parts of a table: how many, and their names."""

    table: str
    parts: int
    names: str


_DAMAGED: Final = query(__package__, "damaged_parts", DamagedParts)


def damaged(store: Store) -> list[DamagedParts] | None:
    """The tables with damaged parts, by name; None where the user may not read system.detached_parts."""
    try:
        return store.fetch(_DAMAGED)
    except ConfigurationError:
        return None


def facts_are_missing(store: Store) -> bool:
    """Whether a part of the facts is damaged: then nothing may be computed from what is left."""
    return any(found.table == FACT_TABLE for found in damaged(store) or ())


def explained(found: Sequence[DamagedParts]) -> str:
    """What is damaged, and what to do that destroys nothing."""
    tables = ", ".join(f"{damage.table} ({damage.names})" for damage in found)
    names = {damage.table for damage in found}
    if FACT_TABLE in names:
        remedy = (
            "facts are missing: restore them from a backup or replay them from Kafka or from the publishers' files, "
            "and do not rebuild before that"
        )
    elif names <= COMPUTED:
        remedy = "no fact is missing: cxb rebuild computes them again"
    else:
        remedy = "restore them from a backup"
    return f"damaged parts were set aside when ClickHouse started: {tables}; {remedy} ({RUNBOOK})"


def warn(store: Store) -> None:
    """Logs what is damaged."""
    found = damaged(store)
    if found is None:
        logger.warning("cannot look for damaged parts: GRANT SELECT ON system.detached_parts to the store's user")
    elif found:
        logger.warning("tables: %s", explained(found))
