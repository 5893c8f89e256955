"""The answer of `/api/v1/rejected/summary`."""

from msgspec import Struct

from metrics.events.rejection import Reason
from streams.web.responses import Count, Instant


class RejectedSum(Struct):
    """How many events of a partition were rejected for a reason and have not gone through again."""

    reason: Reason
    topic: str
    partition: Count
    events: Count
    first_at: Instant
    last_at: Instant
