"""A company that does not exist, seeded: its plan, its events and its lines of NDJSON."""

from streams.simulate.company import SIMULATED_COMPANY, Company
from streams.simulate.events import events, live
from streams.simulate.governance import governance, history
from streams.simulate.lines import ndjson

__all__ = ["SIMULATED_COMPANY", "Company", "events", "governance", "history", "live", "ndjson"]
