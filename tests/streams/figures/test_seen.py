"""What sources send that is unknown: written by a worker, read by source, with the name that may be meant."""

from datetime import datetime, timedelta

import pytest

from metrics.events.strangers import Stranger, Strangers
from streams.errors import Unreachable
from streams.figures.seen import Period, seen_rows
from streams.ingest.strangers import StrangersRecorder, insert_strangers
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import rfc3339
from tests.streams.given import NOON, event, facts_of


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def around(day: datetime) -> Period:
    return Period(day - timedelta(days=1), day + timedelta(days=2))


def test_fields_are_summed_by_source_and_name_over_workers_and_days(
    store: Store, compiled: CompiledRegistry, today: datetime
) -> None:
    first, second, third = (today + timedelta(hours=hours) for hours in (-2, -1, 3))
    mood = Stranger(9, ms(first), ms(second))
    insert_strangers(store, {("crm", "eventId"): Stranger(3, ms(first), ms(second)), ("crm", "mood"): mood})
    insert_strangers(store, {("crm", "eventId"): Stranger(4, ms(third), ms(third))})
    rows = seen_rows(store, compiled, around(today), 10)
    sums = [("mood", 9, first, second, ""), ("eventId", 7, first, third, "event_id")]
    assert rows == [
        {"what": "field", "source": "crm", "name": name, "events": events, "first_at": rfc3339(begin),
         "last_at": rfc3339(end), "like": like}
        for name, events, begin, end, like in sums
    ]  # fmt: skip
    assert [row["name"] for row in seen_rows(store, compiled, around(today), 1)] == ["mood"]
    assert seen_rows(store, compiled, around(today - timedelta(days=9)), 10) == []


def test_touchpoints_that_are_not_declared_are_listed_with_the_one_that_is_near(
    store: Store, compiled: CompiledRegistry
) -> None:
    sent = [("web.chekout", "shop"), ("web.chekout", "shop"), ("kiosk.rome", "pos"), ("web.checkout", "shop")]
    events = [event(number, touchpoint=where, source=source) for number, (where, source) in enumerate(sent)]
    store.insert_facts(facts_of(events, compiled))
    rows = seen_rows(store, compiled, around(NOON), 10)
    assert [(row["what"], row["source"], row["name"], row["events"], row["like"]) for row in rows] == [
        ("touchpoint", "shop", "web.chekout", 2, "web.checkout"), ("touchpoint", "pos", "kiosk.rome", 1, ""),
    ]  # fmt: skip


async def test_what_an_ingest_has_counted_is_written_and_an_error_keeps_it_for_the_next_time(
    store: Store, compiled: CompiledRegistry, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers = Strangers()
    recorder = StrangersRecorder(store, strangers)
    await recorder.write()
    strangers.count({("crm", "mood"): 2}, ms(today))

    def away(*_: object) -> None:
        raise Unreachable("away")

    with monkeypatch.context() as broken:
        broken.setattr(store, "insert", away)
        await recorder.write()
    strangers.count({("crm", "mood"): 1}, ms(today) + 1)
    await recorder.write()
    assert [row["events"] for row in seen_rows(store, compiled, around(today), 10)] == [3]
    assert strangers.take() == {}
