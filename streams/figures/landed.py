"""What has landed, figures or not: for who asks why there are none."""

from datetime import datetime
from typing import Final

from streams.store.client import Store
from streams.store.statements import Row, query


class LandedFacts(Row):
    """How many facts there are, and how many of them happened before an instant; copies count."""

    facts: int
    earlier: int


LAST_S: Final = 2**32 - 1
_LANDED: Final = query(__package__, "landed", LandedFacts)


def landed_facts(store: Store, before: datetime) -> LandedFacts:
    """How many facts the store has, and how many from before an instant, to the second.

    Raises:
        Unreachable: It does not answer.
    """
    return store.fetch_one(_LANDED, {"before": min(max(int(before.timestamp()), 0), LAST_S)})
