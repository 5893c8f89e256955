"""What is wrong with the data rather than with what they measure: the companions of drift, and rejected events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from metrics.events.rejection import Reason
from metrics.report.alert_facts import QualityFacts
from streams.drift.data_quality import States, quality_and_facts
from streams.figures.moments import MomentOf
from streams.registry.file import CompiledRegistry
from streams.store import rejected
from streams.store.client import Store
from streams.timestamps import from_epoch, rfc3339
from streams.web.responses import Count, Instant

REJECTED_PERIOD: Final = timedelta(days=7)


class DataAlarm(Struct):
    """One thing that is wrong with the data; the alert of the same name fires at that instant."""

    companion: Literal["silent_touchpoint", "unowned_share", "owner_mix", "sample"]
    department: Annotated[str, Meta(description="Whose data; `company` of the whole company.")]
    touchpoint: Annotated[str, Meta(description="Which one is silent; empty of anything else.")]
    last_at: Annotated[Instant | None, Meta(description="End of the last hour in which it sent; null of others.")]
    before: Annotated[Count | None, Meta(description="Of a sample: answers of the four weeks before the last one.")]
    after: Annotated[Count | None, Meta(description="Of a sample: answers of the last week.")]


class RejectedReasonRow(Struct):
    """Events that were rejected for a reason and have not gone through again."""

    reason: Reason
    events: Count
    last_at: Instant


class DataAlarms(Struct):
    """What is wrong with the data at an instant."""

    at: Instant
    alarms: list[DataAlarm]
    rejected_since: Annotated[Instant, Meta(description="From when on rejected events are counted.")]
    rejected: list[RejectedReasonRow]


def data_alarms(
    store: Store, compiled: CompiledRegistry, at: datetime, moment: MomentOf, rejected_until: datetime
) -> dict[str, Any]:
    """What is wrong with the data at an instant; alerts and series rest on the same.

    Rejected events are counted until an instant of their own: about now those of the open minute count as well.
    """
    quality = quality_and_facts(store, compiled, at, moment)
    since = at - REJECTED_PERIOD
    return {
        "at": rfc3339(at),
        "alarms": list(_alarms(quality.states, quality.facts)),
        "rejected_since": rfc3339(since),
        "rejected": [
            {"reason": row.reason, "events": row.events, "last_at": rfc3339(row.last_at)}
            for row in rejected.counts(store, since, rejected_until)
        ],
    }


def _alarms(states: States, facts: QualityFacts) -> Iterator[dict[str, Any]]:
    """Those that are firing; myopia is no fault of the data."""
    for (companion, department), is_firing in states.items():
        if not is_firing or companion == "myopia":
            continue
        plain = {"companion": companion, "department": department, "touchpoint": "", "last_at": None}
        before, after = facts.answers.get(department, (None, None)) if companion == "sample" else (None, None)
        if companion == "silent_touchpoint":
            for touchpoint, last_s in facts.silent[department]:
                silent = {"touchpoint": touchpoint, "last_at": rfc3339(from_epoch(last_s))}
                yield plain | silent | {"before": None, "after": None}
        else:
            yield plain | {"before": before, "after": after}
