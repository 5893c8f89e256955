"""Watches for stored customers that were hashed with a key which this worker does not have: nobody finds them."""

import logging
from collections.abc import Callable, Collection
from typing import Final, NoReturn

from streams.ingest.telemetry import Telemetry
from streams.runtime.periodic import run_while_elected
from streams.store.client import Store
from streams.store.customer_keys import described, rows_of_other_keys

logger = logging.getLogger(__name__)

COUNT_EVERY_S: Final = 600.0
NOT_ELECTED_S: Final = 10.0


class CustomerKeyWatch:
    """Counts rows of other keys: at the start in each worker, for the log; then in the elected one, for Prometheus."""

    def __init__(self, store: Store, known: Collection[str], telemetry: Telemetry, elected: Callable[[], bool]) -> None:
        """Wires it.

        Args:
            store: Where the hashes are.
            known: The ids of the keys that the operator gave, and of those that were destroyed.
            telemetry: Shows how many rows there are.
            elected: Whether this worker is the one to look.
        """
        self._store = store
        self._known = known
        self._gauge = telemetry.other_key_rows
        self._elected = elected
        self._shown: dict[str, int] = {}

    def look(self) -> None:
        """Counts once, and logs what was not there before. Blocks.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        rows = rows_of_other_keys(self._store, self._known)
        if rows.keys() - self._shown.keys():
            logger.error("customer keys: %s", described(rows))
        self._shown = rows
        self._gauge.set(sum(rows.values()))

    async def run(self) -> NoReturn:
        """Looks every few minutes while this worker is elected, until cancelled."""
        await run_while_elected(
            "customer keys",
            self.look,
            elected=self._elected,
            withdraw=lambda: self._gauge.set(0),
            pause_s=lambda _: COUNT_EVERY_S if self._elected() else NOT_ELECTED_S,
            survives_errors=True,
        )
