"""What native code accepts is what Python accepts, as the same row; all else is Python's anyway."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.events import events
from metrics.events import facts
from metrics.events.event import RecordLimits
from metrics.events.pseudonyms import pseudonym, pseudonyms
from metrics.registry.attribution import Attribution
from streams.ingest.batch import Batch
from streams.ingest.landing import ColumnLanding
from streams.ingest.native import NativeRows, Others
from streams.store.client import Store
from tests.native import needs_native
from tests.streams.given import Record
from tests.streams.native import twins
from tests.streams.native.chance import STAMP_MS, records
from tests.streams.native.twins import (
    KEYS,
    LIMITS,
    PLACEHOLDERS,
    VERSION_MS,
    by_native,
    by_python,
    driver_block,
    listed,
)

pytestmark = needs_native

RULES = twins.compiled()


@pytest.fixture(autouse=True)
def _path() -> None:
    """Both of them, in each test."""


GOOD: Mapping[str, Any] = {
    "event_id": "e-1", "source": "shop", "kind": "visit", "touchpoint": "web.cart",
    "occurred_at": "2026-02-02T02:40:00Z",
}  # fmt: skip


def encoded(**fields: Any) -> bytes:
    return json.dumps({**GOOD, **fields}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def plain(*values: bytes | None) -> int:
    """How many records native code takes, when both paths agree about all of them."""
    outcome, taken = by_native([listed(values)], RULES)
    assert outcome == by_python([listed(values)], RULES)
    return taken


@pytest.mark.parametrize("seed", range(2))
def test_both_paths_make_the_same_of_records_by_chance(seed: int) -> None:
    compared = twins.compare(seed, 2_500, RULES)
    assert 0.35 < compared.plain / 2_500 < 0.9
    assert 0.4 < compared.runs / compared.handed_out < 1


@pytest.mark.long
def test_both_paths_make_the_same_of_many_records_by_chance() -> None:
    twins.main(500_000, first=1_000)


def test_records_by_chance_are_of_every_kind_and_hit_every_reason() -> None:
    outcome = by_python([listed(records(1, 8_000))], RULES)
    reasons = {letter.rejected.reason.value for letter in outcome.rejected[0]}
    assert {"not_json", "missing_field", "bad_type", "bad_value", "unknown_kind", "score_out_of_range"} <= reasons
    assert {"too_old", "in_future", "not_an_object"} <= reasons


texts = st.text(min_size=0, max_size=70) | st.sampled_from(["shop", "null", "İ", "\x7f", "\x85", "a" * 64, "é" * 64])


@given(
    st.fixed_dictionaries(
        {"event_id": texts, "source": texts},
        optional={
            "customer": texts, "journey": texts, "segment": texts, "region": texts, "touchpoint": texts,
            "count": st.integers(-1, 2**33), "kind": st.sampled_from(["visit", "nps", "conversion", "note"]),
            "score": st.integers(-1, 300), "amount": texts | st.decimals(0, 10**13).map(str), "currency": texts,
            "occurred_at": st.datetimes().map(lambda at: at.isoformat() + "Z"),
        },
    )
)  # fmt: skip
@example({"event_id": "e", "source": "s"})
@settings(deadline=None)
def test_both_paths_make_the_same_of_any_fields(fields: Mapping[str, Any]) -> None:
    plain(encoded(**fields))


@given(st.datetimes(), st.integers(0, 9), st.sampled_from(["Z", "z", "+00:00", "-00:00", "+14:00", "-12:30", ""]))
@settings(deadline=None)
def test_both_paths_read_the_same_instant(at: Any, digits: int, zone: str) -> None:
    fraction = f".{at.microsecond:06d}000"[: digits + 1] if digits else ""
    plain(encoded(occurred_at=f"2026-01-{at.day:02d}T{at:%H:%M:%S}{fraction}{zone}"))


def test_usual_events_are_taken_by_native_code() -> None:
    rows = NativeRows(LIMITS, PLACEHOLDERS)
    assert rows.take([Record(0, value, stamp_ms) for value, stamp_ms in islice(events(1_000), 499)]) == (0, [])
    assert plain(encoded(segment="größer", region="北", journey="voyage à pied", source="caffè")) == 1


@pytest.mark.parametrize(
    "value",
    [
        None, b"", encoded(customer="Zoë"), encoded(event_id='"'), encoded(colour="red"), encoded(event_id="\x85"),
        json.dumps([*GOOD.values()]).encode(), b" " + encoded(), b"\xef\xbb\xbf" + encoded(), encoded() + b"\0",
        encoded(count=1)[:-1] + b',"count":1}', encoded(kind="note", text="sale"), encoded(touchpoint="Web"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_python(value: bytes | None) -> None:
    assert plain(value) == 0


def test_a_record_whose_reading_panics_is_left_to_python_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    limits = RecordLimits(max_age_ms=-(2**63))  # of which native code cannot make the opposite number
    taken = listed([encoded(), b"{", encoded(kind="nps", score=1)])
    batch, alone = Batch(RULES, NativeRows(limits, PLACEHOLDERS)), Batch(RULES)
    assert batch.decoded(taken, limits) == alone.decoded(taken, limits)
    assert batch.rows == 0
    assert caplog.text.count("native code failed") == 1


def test_a_batch_whose_landing_panics_is_an_error_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Attribution, "spans", lambda *_: ((0,), ("sales",)))  # an owner less than there must be
    with pytest.raises(RuntimeError, match="CXB_INGEST_NATIVE=false"):
        twins.landing_by_native([listed([encoded()])], RULES)


def test_copies_of_an_event_that_differ_keep_their_order() -> None:
    copies = [encoded(count=1), encoded(count=2, colour="red"), encoded(count=3), encoded(count=4, journey="\n")]
    assert plain(*copies, *copies[::-1]) == 4


@pytest.mark.parametrize("count", [255, 256, 257, pytest.param(65_535, marks=pytest.mark.long), 65_536])
def test_a_dictionary_of_any_size_is_as_the_driver_writes_it(count: int) -> None:
    assert plain(*(encoded(source=f"s{number}") for number in range(count - 1)), encoded(source="s0")) == count


def test_a_batch_of_nothing_is_empty() -> None:
    landing = NativeRows(LIMITS, PLACEHOLDERS).landing(RULES, KEYS, Others([[] for _ in facts.COLUMNS], [], [], {}))
    assert (len(landing.columns), landing.tally(), landing.stamps_ms) == (0, {}, [])


@given(st.dictionaries(st.sampled_from(["c1", "c2", "Zoë", "null"]), st.integers(-1_000, 1_000)), st.integers(0, 1))
@settings(deadline=None)
def test_both_paths_drop_the_same_facts_of_erased_persons(until: Mapping[str, int], which: int) -> None:
    values = [
        encoded(event_id=f"{name}{shift}", customer=name, occurred_at=f"2026-02-02T02:40:0{shift}Z")
        for name in ("c1", "Zoë", "c2", "null", "c3")
        for shift in (0, 1)
    ]
    erased_ms = {pseudonym(name, KEYS[which]): STAMP_MS + shift for name, shift in until.items()}
    batch = Batch(RULES, NativeRows(LIMITS, PLACEHOLDERS))
    twins.gather(batch, listed(values))
    columns = twins.columns_of(batch, RULES)
    earlier = {pseudonym("Zoë", KEYS[0]): pseudonyms("Zoë", KEYS[1:])}
    others = Others(columns, batch.ordinals, batch.stamps_ms, earlier)
    native, dropped = cast(NativeRows, batch.native).landing(RULES, KEYS, others).without(erased_ms)
    alone = Batch(RULES)
    twins.gather(alone, listed(values))
    every = facts.earlier_hashes(alone.events, KEYS[0], KEYS[1:])
    expected, of_python = ColumnLanding(twins.columns_of(alone, RULES), alone.stamps_ms, every).without(erased_ms)
    assert (dropped, native.tally(), len(native.columns)) == (of_python, expected.tally(), len(values) - dropped)
    names = (*facts.column_names(expected.columns), "ingested_at")
    versions = [VERSION_MS] * len(expected.columns[0])
    assert native.columns.block(VERSION_MS) == driver_block(names, [*expected.columns, versions])


def test_the_store_holds_the_same_rows_of_either_path(store: Store) -> None:
    runs, statement = [listed(records(7, 1_000))], "SELECT * EXCEPT ingested_at FROM events FINAL ORDER BY ALL"
    store.insert_facts(twins.landing_by_native(runs, RULES).columns)
    native = store.query(statement)
    store.command("TRUNCATE TABLE events")
    store.insert_facts(twins.columns_by_python(runs, RULES))
    assert native == store.query(statement) != []
