"""A company that does not exist, seeded: its plan, its events and its lines of NDJSON."""

from streams.simulate.company import SIMULATED_COMPANY, Company
from streams.simulate.events import endless_events, events, rate_per_hour
from streams.simulate.governance import endless, governance, history
from streams.simulate.lines import ndjson

__all__ = [
    "SIMULATED_COMPANY", "Company", "endless", "endless_events", "events", "governance", "history", "ndjson",
    "rate_per_hour",
]  # fmt: skip
