# ruff: noqa: E501  (tables of cases read best a line each)
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.events.decoding import Run, decode_run
from metrics.events.event import Event, RecordLimits, amount_of
from metrics.events.rejection import OF_SCHEMAS, Reason, Rejected
from metrics.events.validation import diagnose
from tests.metrics.events_near import GOOD, STAMP_MS, encoded, is_valid, near_events

LIMITS = RecordLimits()
MONEY = {**GOOD, "kind": "conversion", "amount": "12.50", "currency": "EUR"}
MONEY.pop("score")
VISIT = {**MONEY, "kind": "visit"}
VISIT.pop("amount")
VISIT.pop("currency")


def text(event: dict[str, Any], old: str, new: str) -> bytes:
    """An event as JSON text with a piece of it replaced: for what json.dumps would not write."""
    written = json.dumps(event)
    assert old in written
    return written.replace(old, new).encode()


POISON: list[tuple[str, bytes | None, Reason]] = [
    ("tombstone", None, Reason.NOT_JSON),
    ("empty", b"", Reason.NOT_JSON),
    ("blank", b"  \n", Reason.NOT_JSON),
    ("over 64 KiB", encoded({**GOOD, "journey": "x" * 65_536}), Reason.TOO_LARGE),
    ("64 KiB and a byte", b" " * (65_537 - len(encoded(GOOD))) + encoded(GOOD), Reason.TOO_LARGE),
    ("not UTF-8 in a known field", text(GOOD, "web-shop", "web-shop").replace(b"web-shop", b"web\xff"), Reason.NOT_JSON),
    ("not UTF-8 in an unknown field", encoded({**GOOD, "x": "y"}).replace(b'"y"', b'"\xff"'), Reason.NOT_JSON),
    ("Latin-1", encoded({**GOOD, "segment": "cafe"}).replace(b"cafe", "café".encode("latin1")), Reason.NOT_JSON),
    ("UTF-16", json.dumps(GOOD).encode("utf-16"), Reason.NOT_JSON),
    ("byte order mark", b"\xef\xbb\xbf" + encoded(GOOD), Reason.NOT_JSON),
    ("lone surrogate", text(GOOD, "web-shop", "\\ud800"), Reason.NOT_JSON),
    ("words", b"hello", Reason.NOT_JSON),
    ("cut off", encoded(GOOD)[:-5], Reason.NOT_JSON),
    ("trailing comma", text(GOOD, ', "score": 9', ', "score": 9,'), Reason.NOT_JSON),
    ("single quotes", str(GOOD).encode(), Reason.NOT_JSON),
    ("two objects", encoded(GOOD) * 2, Reason.NOT_JSON),
    ("control character", text(GOOD, "web-shop", "web\x01"), Reason.NOT_JSON),
    ("bad escape", text(GOOD, "web-shop", "\\x"), Reason.NOT_JSON),
    ("NaN", text(GOOD, ": 9", ": NaN"), Reason.NOT_JSON),
    ("NaN in an unknown field", text({**GOOD, "x": 9.5}, ": 9.5", ": NaN"), Reason.NOT_JSON),
    ("Infinity", text(GOOD, ": 9", ": Infinity"), Reason.NOT_JSON),
    ("leading zero", text(GOOD, ": 9", ": 09"), Reason.NOT_JSON),
    ("objects nested 6,000 deep", b'{"x":' * 6_000, Reason.NOT_JSON),
    ("arrays nested 30,000 deep in an unknown field", encoded({**GOOD, "x": 1}).replace(b": 1}", b": " + b"[" * 30_000 + b"]" * 30_000 + b"}"), Reason.NOT_JSON),
    ("array", b"[1]", Reason.NOT_AN_OBJECT),
    ("events in an array", encoded([GOOD]), Reason.NOT_AN_OBJECT),
    ("string", b'"event"', Reason.NOT_AN_OBJECT),
    ("number", b"7", Reason.NOT_AN_OBJECT),
    ("null", b"null", Reason.NOT_AN_OBJECT),
    ("key twice, both good", text(GOOD, ', "score": 9', ', "score": 9, "score": 9'), Reason.BAD_VALUE),
    ("key twice, different", text(GOOD, ', "score": 9', ', "score": 1, "score": 9'), Reason.BAD_VALUE),
    ("key twice with spaces", text(GOOD, ', "score": 9', ', "score" : 8, "score": 9'), Reason.BAD_VALUE),
    ("key twice, once escaped", text(GOOD, ', "score": 9', ', "scor\\u0065": 8, "score": 9'), Reason.BAD_VALUE),
    ("first of two of a wrong type", text(GOOD, ', "score": 9', ', "score": "8", "score": 9'), Reason.BAD_VALUE),
    ("one of 5,000 keys twice", encoded({**GOOD, **{f"x{n}": 0 for n in range(5_000)}})[:-1] + b', "x0": 0}', Reason.BAD_VALUE),
    ("unknown key twice", text(GOOD, ', "score": 9', ', "x": 1, "x": 2, "score": 9'), Reason.BAD_VALUE),
    ("empty object", b"{}", Reason.MISSING_FIELD),
    *((f"without {name}", encoded({k: v for k, v in GOOD.items() if k != name}), Reason.MISSING_FIELD) for name in GOOD),
    ("amount without currency", encoded({k: v for k, v in MONEY.items() if k != "currency"}), Reason.MISSING_FIELD),
    ("currency without amount", encoded({k: v for k, v in MONEY.items() if k != "amount"}), Reason.MISSING_FIELD),
    *((f"{name} is a number", encoded({**GOOD, name: 7}), Reason.BAD_TYPE)
      for name in ("event_id", "source", "kind", "touchpoint", "occurred_at", "customer", "journey", "segment", "region")),
    *((f"{name} is null", encoded({**GOOD, name: None}), Reason.BAD_TYPE) for name in (*GOOD, "customer", "segment")),
    *((f"score is {value!r}", encoded({**GOOD, "score": value}), Reason.BAD_TYPE)
      for value in ("9", 9.0, True, False, [9], {"x": 9}, 9.5)),
    ("score is 1e400", text(GOOD, ": 9", ": 1e400"), Reason.BAD_TYPE),
    ("score is 9e0", text(GOOD, ": 9", ": 9e0"), Reason.BAD_TYPE),
    ("count is a string", encoded({**VISIT, "count": "3"}), Reason.BAD_TYPE),
    ("amount is true", encoded({**MONEY, "amount": True}), Reason.BAD_TYPE),
    ("amount is an object", encoded({**MONEY, "amount": {"value": "1"}}), Reason.BAD_TYPE),
    ("currency is a number", encoded({**MONEY, "currency": 978}), Reason.BAD_TYPE),
    *((f"kind {kind!r}", encoded({**GOOD, "kind": kind}), Reason.UNKNOWN_KIND) for kind in ("", "NPS", "nps ", "purchase")),
    *((f"{name} empty", encoded({**GOOD, name: ""}), Reason.BAD_VALUE)
      for name in ("event_id", "source", "touchpoint", "journey", "segment", "region")),
    *((f"{name} of {length + 1}", encoded({**GOOD, name: "x" * (length + 1)}), Reason.BAD_VALUE)
      for name, length in {"event_id": 64, "source": 64, "touchpoint": 128, "customer": 128, "journey": 64,
                           "segment": 64, "region": 64}.items()),
    *((f"{name} with {control!a}", encoded({**GOOD, name: f"a{control}b"}), Reason.BAD_VALUE)
      for name in ("event_id", "source", "touchpoint", "customer", "journey", "segment", "region") for control in "\0\n\x1f\x7f\x80\x9f"),
    *((f"{name} with raw {control!a}", json.dumps({**GOOD, name: f"a{control}b"}, ensure_ascii=False).encode(), Reason.BAD_VALUE)
      for name in ("event_id", "customer", "segment") for control in "\x7f\x80\x9f"),
    ("case_id with a line break", encoded({**{k: v for k, v in GOOD.items() if k != "score"}, "kind": "case_opened", "case_id": "7\n"}), Reason.BAD_VALUE),
    *((f"touchpoint {value!r}", encoded({**GOOD, "touchpoint": value}), Reason.BAD_VALUE)
      for value in ("Web.checkout", "web..checkout", ".web", "web.", "web checkout", "wéb", "web/checkout", "web.*", "*")),
    *((f"occurred_at {value!r}", encoded({**GOOD, "occurred_at": value}), Reason.BAD_VALUE)
      for value in ("2026-11-22T09:00:00", "2026-11-22", "yesterday", "", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                    "2026-11-22T24:00:00Z", "2026-11-22T09:00Z", "1795341600", "2026-11-22T09:59:60Z",
                    "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2106-02-07T06:28:16Z", "9999-12-31T23:59:59Z")),
    *((f"score {value} with kind {kind}", encoded({**GOOD, "kind": kind, "score": value}), Reason.BAD_VALUE)
      for kind, value in (("visit", 5), ("contact", 0), ("churn", 1))),
    *((f"count {value}", encoded({**VISIT, "count": value}), Reason.BAD_VALUE)
      for value in (0, -1, 10**9 + 1, 10**18, 10**30)),
    ("count of 20,000 digits", text({**VISIT, "count": 3}, ": 3", ": " + "3" * 20_000), Reason.BAD_VALUE),
    ("count with nps", encoded({**GOOD, "count": 1}), Reason.BAD_VALUE),
    ("amount with nps", encoded({**GOOD, "amount": "1", "currency": "EUR"}), Reason.BAD_VALUE),
    *((f"amount {value!r}", encoded({**MONEY, "amount": value}), Reason.BAD_VALUE)
      for value in ("", "1e3", "1_000", " 1", "-1", "+1", "٣", "NaN", "1,5", ".5", "5.", "0.12345", "1000000000000",
                    1_000_000_000_000, -1, -0.5, 0.12345, 1e300)),
    ("amount 1e400", text({**MONEY, "amount": 7}, ": 7", ": 1e400"), Reason.BAD_VALUE),
    *((f"amount {number[:25]}", text({**MONEY, "amount": 7}, ": 7", f": {number}"), Reason.BAD_VALUE)
      for number in ("1e-400", "1e12", "1e-5", "-1e-400", "1e99999999999999999999", "1e-99999999999999999999",
                     "0e99999999999999999999", "1" * 50_000)),
    *((f"currency {value!r}", encoded({**MONEY, "currency": value}), Reason.BAD_VALUE)
      for value in ("eur", "EU", "EURO", "", "€UR", "E R")),
    *((f"{kind} {value}", encoded({**GOOD, "kind": kind, "score": value}), Reason.SCORE_OUT_OF_RANGE)
      for kind, value in (("nps", -1), ("nps", 11), ("csat", 0), ("csat", 6), ("ces", 0), ("ces", 8), ("nps", 10**12),
                          ("nps", 10**30))),
    ("score of 50,000 digits", text(GOOD, ": 9", ": " + "9" * 50_000), Reason.SCORE_OUT_OF_RANGE),
    ("400 days and a millisecond old", encoded({**GOOD, "occurred_at": "2025-10-18T09:59:59.999Z"}), Reason.TOO_OLD),
    ("of 1970", encoded({**GOOD, "occurred_at": "1970-01-01T00:00:00Z"}), Reason.TOO_OLD),
    ("5 minutes and a millisecond ahead", encoded({**GOOD, "occurred_at": "2026-11-22T10:05:00.001Z"}), Reason.IN_FUTURE),
    ("ahead by its offset", encoded({**GOOD, "occurred_at": "2026-11-22T09:30:00-01:00"}), Reason.IN_FUTURE),
]  # fmt: skip

SOUND: list[tuple[str, bytes]] = [
    ("of exactly 64 KiB", b" " * (65_536 - len(encoded(GOOD))) + encoded(GOOD)),
    ("with an empty customer", encoded({**GOOD, "customer": ""})),
    ("with the longest texts", encoded({**GOOD, "event_id": "x" * 64, "source": "é" * 64, "customer": "x" * 128})),
    ("with escapes", text(GOOD, "web-shop", 'web\\u002dshop \\" \\\\')),
    ("with escaped keys", text(GOOD, '"source"', '"sourc\\u0065"')),
    *((f"with {text!r} raw", json.dumps({**GOOD, "segment": text}, ensure_ascii=False).encode()) for text in ("é", "21°", "\xa0", "\u2028")),
    *((f"in a leap second: {at}", encoded({**GOOD, "occurred_at": at}))
      for at in ("2026-11-21T23:59:60Z", "2026-11-21t23:59:60.999z", "2026-11-22T00:59:60+01:00", "2026-11-22T05:29:60+05:30")),
    ("in a leap second, with an escape and an unknown field", text({**GOOD, "occurred_at": "2026-11-21T23:59:60Z", "x": 1}, "59:60", "59\\u003a60")),
    ("with emoji", encoded({**GOOD, "segment": "🛒"})),
    ("400 days old", encoded({**GOOD, "occurred_at": "2025-10-18T10:00:00Z"})),
    ("5 minutes ahead", encoded({**GOOD, "occurred_at": "2026-11-22T10:05:00Z"})),
    ("with an offset", encoded({**GOOD, "occurred_at": "2026-11-22T15:29:00+05:30"})),
    ("in lower case RFC 3339", encoded({**GOOD, "occurred_at": "2026-11-22t09:00:00z"})),
    ("with nanoseconds", encoded({**GOOD, "occurred_at": "2026-11-22T09:00:00.123456789Z"})),
    *((f"{kind} {score}", encoded({**GOOD, "kind": kind, "score": score}))
      for kind, score in (("nps", 0), ("nps", 10), ("csat", 1), ("csat", 5), ("ces", 1), ("ces", 7))),
    ("minus zero", text({**GOOD, "score": 0}, ": 0", ": -0")),
    *((f"{name} of {length}", encoded({**GOOD, name: "x" * length}))
      for name, length in {"event_id": 64, "source": 64, "touchpoint": 128, "customer": 128, "journey": 64,
                           "segment": 64, "region": 64}.items()),
    *((f"count {count}", encoded({**VISIT, "count": count})) for count in (1, 10**9)),
    *((f"amount {amount!r}", encoded({**MONEY, "amount": amount}))
      for amount in ("0", "0.0001", "999999999999.9999", "12.500000", 12, 0, 12.5, 1e3, 0.1)),
    ("amount 1e3 as a number", text({**MONEY, "amount": 7}, ": 7", ": 1e3")),
    *((f"amount {number} as a number", text({**MONEY, "amount": 7}, ": 7", f": {number}"))
      for number in ("-0", "-0.0", "0e999999", "1E-4", "9.999999999999999e11", "1.00000000000000000000000000000000")),
    ("with an unknown field", encoded({**GOOD, "x": {"nested": [1, 2, {"x": None}]}})),
    ("with a huge number in an unknown field", text({**GOOD, "x": 7}, ": 7", ": 1e400")),
]  # fmt: skip


def fields_of(event: Event) -> dict[str, object]:
    # The raw amount compares by identity, and the two paths give a class and its subclass, which never compare equal.
    return {**{name: getattr(event, name) for name in Event.__struct_fields__}, "amount": amount_of(event)}


def run_of(*values: bytes | None) -> Run:
    return decode_run(values, [STAMP_MS] * len(values), LIMITS)


@pytest.mark.parametrize(
    ("value", "reason"), [(value, reason) for _, value, reason in POISON], ids=[n for n, *_ in POISON]
)
def test_a_bad_record_is_rejected_for_its_one_reason_and_its_neighbours_are_not_touched(
    value: bytes | None, reason: Reason
) -> None:
    before, after = encoded({**GOOD, "event_id": "before"}), encoded({**GOOD, "event_id": "after"})
    run = run_of(before, value, after)
    assert [event.event_id for event in run.events] == ["before", "after"]
    [(position, rejected)] = run.rejected
    assert (position, rejected.reason) == (1, reason), rejected
    assert rejected.detail


@pytest.mark.parametrize("value", [value for _, value in SOUND], ids=[name for name, _ in SOUND])
def test_a_record_at_the_edge_of_what_is_allowed_is_accepted(value: bytes) -> None:
    run = run_of(value)
    assert run.rejected == []
    assert len(run.events) == len(run.occurred_ms) == 1


@pytest.mark.parametrize("depth", range(900, 1100, 3))
def test_around_the_parsers_limit_of_depth_nothing_raises(depth: int) -> None:
    # Two parsers read an event with unknown fields, and stop a few levels apart.
    run = run_of(text({**GOOD, "x": 7}, ": 7", ": " + "[" * depth + "]" * depth))
    assert run.events or run.rejected[0][1].reason is Reason.NOT_JSON


def test_every_reason_of_the_closed_set_has_poison() -> None:
    assert {reason for *_, reason in POISON} == set(Reason) - OF_SCHEMAS


def test_a_customer_id_never_shows_in_a_detail() -> None:
    for value in ("Jane Doe " * 20, 4711, None, ["Jane Doe"]):
        [(_, rejected)] = run_of(encoded({**GOOD, "customer": value})).rejected
        assert "Jane" not in rejected.detail


def test_unknown_fields_are_ignored_and_counted() -> None:
    run = run_of(encoded({**GOOD, "a": 1, "b": 2}), encoded(GOOD), encoded({**GOOD, "c": 3, "score": 11}))
    assert (len(run.events), run.unknown_fields) == (2, 3)


def test_an_instant_is_cut_to_milliseconds_and_never_moves_into_the_next_minute() -> None:
    run = run_of(encoded({**GOOD, "occurred_at": "2026-11-22T09:59:59.999999Z"}))
    assert run.occurred_ms == [STAMP_MS - 1]


def law(examples: int) -> settings:
    """So many examples in the suite; twenty times as many with `make laws`."""
    return settings(max_examples=examples * settings().max_examples // 100, deadline=None)


def test_limits_are_settings() -> None:
    tight = RecordLimits(max_bytes=10, max_age_ms=0, max_ahead_ms=0)
    assert decode_run([encoded(GOOD)], [STAMP_MS], tight).rejected[0][1].reason is Reason.TOO_LARGE


@law(300)
@given(near_events())
@example({**GOOD, "amount": 1})
def test_accepts_exactly_what_an_independent_reading_of_the_contract_accepts(event: dict[str, Any]) -> None:
    run = run_of(encoded(event))
    assert bool(run.events) == is_valid(event), run.rejected


@law(150)
@given(near_events())
def test_the_fast_path_and_the_careful_one_agree(event: dict[str, Any]) -> None:
    value = encoded(event)
    run = run_of(value)
    careful, _ = diagnose(value, LIMITS)
    if run.events:
        assert isinstance(careful, Event)
        assert fields_of(careful) == fields_of(run.events[0])
    elif isinstance(careful, Rejected):
        assert run.rejected[0][1] == careful
    else:
        assert run.rejected[0][1].reason in (Reason.TOO_OLD, Reason.IN_FUTURE)


@law(200)
@given(st.binary(max_size=200))
@example(b'{"event_id": 1}')
def test_no_bytes_raise(value: bytes) -> None:
    run = run_of(value, encoded(GOOD))
    assert len(run.events) + len(run.rejected) == 2


@law(100)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_a_damaged_event_never_raises(at: int, damage: bytes) -> None:
    value = encoded(MONEY)
    spoilt = value[:at] + damage + value[at + len(damage) :]
    run = run_of(spoilt)
    assert len(run.events) + len(run.rejected) == 1


@law(50)
@given(st.lists(near_events(), max_size=12), st.integers(0, 12))
def test_chunking_does_not_matter(events: list[dict[str, Any]], cut: int) -> None:
    values = [encoded(event) for event in events]
    whole, first, second = run_of(*values), run_of(*values[:cut]), run_of(*values[cut:])
    assert whole.events == first.events + second.events
    assert [why for _, why in whole.rejected] == [why for _, why in first.rejected + second.rejected]


def test_a_leap_second_is_the_second_before_it_and_stays_in_its_minute() -> None:
    run = run_of(encoded({**GOOD, "occurred_at": "2026-11-21T23:59:60.25Z"}))
    assert run.occurred_ms == [STAMP_MS - 10 * 3_600_000 - 750]


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (encoded({**GOOD, "segment": "a\nb"}), "segment has a control character (U+000A) at position 2: ids have none"),
        (text(GOOD, "web-shop", "web\\ud800"),
         "half of a surrogate pair (\\ud800) at character 35: it is no letter; escape both halves, or write UTF-8"),
    ],
)  # fmt: skip
def test_a_character_that_no_event_may_have_is_named_with_its_place(value: bytes, detail: str) -> None:
    [(_, rejected)] = run_of(value).rejected
    assert rejected.detail == detail


def test_one_odd_record_has_no_effect_on_the_verdict_of_its_neighbours() -> None:
    odd = json.dumps({**GOOD, "segment": "21°", "event_id": "odd"}, ensure_ascii=False).encode()
    run = run_of(encoded(GOOD), odd, encoded({**GOOD, "source": "a\x7f"}), encoded(GOOD))
    assert ([event.event_id for event in run.events], [at for at, _ in run.rejected]) == (["e-1", "odd", "e-1"], [2])
