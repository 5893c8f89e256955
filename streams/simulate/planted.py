"""A company with one instance of every problem, and its registry: what a report has to name.

Two cooks for the label, a touchpoint of nobody's, a department for the customers' experience that is a new silo, a bad
hand-off from sales to administration, hidden spend, IT that takes itself for the owner of the site, myopic sales, a
manual that fares better under its new owner, and a stand that does not.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

from streams.simulate.company import SIMULATED_COMPANY, HandOffPlan, OwnerChangePlan
from streams.simulate.events import events
from streams.simulate.governance import chronological, governance

CHANGED: Final = datetime(2026, 10, 1, tzinfo=UTC)
PLANTED: Final = replace(
    SIMULATED_COMPANY,
    myopia=replace(SIMULATED_COMPANY.myopia, volume={"visit": 3.0, "conversion": 3.0, "repeat_purchase": 0.5}),
    owner_change=OwnerChangePlan("product.manual", CHANGED, 0.6),
    hand_off=HandOffPlan(
        frozenset({"sales.seller", "sales.quote", "store.point_of_sale"}), frozenset({"admin.invoice"}), -1.0
    ),
)
PLANTED_OWNERS: Final = {
    "web.site": "marketing",
    "email.newsletter": "cx",
    "store.point_of_sale": "sales",
    "sales.quote": "sales",
    "service.switchboard": "cx",
    "service.email": "cx",
    "admin.invoice": "administration",
}


def registry() -> Path:
    """The registry of that company."""
    return Path(str(resources.files("streams.simulate").joinpath("planted.toml")))


def history(*, seed: int, start: datetime, end: datetime, count: int, facts: int) -> Iterator[dict[str, Any]]:
    """`count` events and about `facts` facts about governance, in order of occurred_at; see `events`, `governance`."""
    happened = events(seed=seed, start=start, end=end, count=count, company=PLANTED)
    return chronological(happened, governance(seed=seed, start=start, end=end, count=facts, owners=PLANTED_OWNERS))
