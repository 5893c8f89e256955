import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason
from metrics.events.scope import Scope, scope_header
from metrics.sources.decoding import MappedRun, decode_routed
from metrics.sources.decoding import encoded as encoded_events
from metrics.sources.parsing import parse_sources
from metrics.sources.routing import NO_SOURCES, CompiledSources
from metrics.sources.unfit import Refusal
from tests.metrics.events_near import GOOD, STAMP_MS, encoded, near_events
from tests.metrics.sources.given import BASE, RECORD, mapping
from tests.metrics.sources.test_mapping import MANY

LIMITS = RecordLimits()
NATIVE = "cx.touchpoints"
AT = GOOD["occurred_at"]


def routed(
    values: Sequence[Any], text: str = BASE, topic: str = "shop.web", headers: Sequence[Any] = (), stamp: int = STAMP_MS
) -> MappedRun:
    routes = (CompiledSources(parse_sources(text)) if text else NO_SOURCES).routes(topic, NATIVE)
    assert routes is not None
    raw = [value if isinstance(value, bytes | None) else json.dumps(value).encode() for value in values]
    return decode_routed(raw, headers or [()] * len(raw), [stamp + n for n in range(len(raw))], LIMITS, routes)


def test_mapped_events_are_what_the_same_events_of_ours_are() -> None:
    mapped = routed([RECORD | {"id": f"e-{n}", "at": AT, "score": n} for n in range(12)])
    own = [
        {**{name: GOOD[name] for name in ("kind", "occurred_at")}, "event_id": f"e-{n}", "source": "shop",
         "touchpoint": "web.checkout", "score": n}
        for n in range(12)
    ]  # fmt: skip
    native = decode_run([json.dumps(event).encode() for event in own], [STAMP_MS] * 12, LIMITS)
    assert mapped.run.events == native.events
    assert mapped.run.occurred_ms == native.occurred_ms
    assert [(position, why.reason) for position, why in mapped.run.rejected] == [(11, Reason.SCORE_OUT_OF_RANGE)]
    assert mapped.outcomes == {("shop", "mapped"): 11, ("shop", "rejected"): 1}
    assert mapped.stamps_ms == [STAMP_MS + n for n in range(11)]


def test_what_the_decoder_rejects_names_source_and_path() -> None:
    late = RECORD | {"at": "2019-01-01T00:00:00Z"}
    run = routed([RECORD | {"at": AT, "score": 11}, late, RECORD | {"at": "soon"}]).run
    details = [why.detail for _, why in run.rejected]
    assert details[0] == "source shop, score from score: score of nps must be 0 to 10, not 11"
    assert details[1].startswith("source shop, occurred_at from at: occurred_at 2019-01-01T00:00:00+00:00 is ")
    assert details[2].startswith("source shop, occurred_at from at: occurred_at: Invalid RFC3339")
    assert {why.source for _, why in run.rejected} == {"shop"}


def test_bytes_that_are_no_record_are_rejected_like_ours_with_the_source_s_name() -> None:
    values = [b"", b"{", b"\xff\xfe", b"[" * 60_000, b" " * 70_000, b"7", b"[]"]
    reasons = [(why.reason, why.source) for _, why in routed(values).run.rejected]
    assert [reason for reason, _ in reasons] == [
        "not_json", "not_json", "not_json", "not_json", "too_large", "missing_field", "missing_field",
    ]  # fmt: skip
    assert {source for _, source in reasons} == {"shop"}


def test_a_record_gives_all_of_its_events_or_none() -> None:
    """Half of a record that counts would count again, or never, once it is sent through again."""

    def record(*scores: int) -> dict[str, Any]:
        answers = [{"q": n, "type": "nps", "value": score} for n, score in enumerate(scores)]
        return {"data": [{"id": f"r{scores}", "at": AT, "person": "p", "answers": answers}]}

    mapped = routed([record(1, 2), record(3, 11, 4), record(5), {"data": []}], MANY.replace(
        'name = "survey"', 'name = "survey"\ntopic = "shop.web"'
    ))  # fmt: skip
    assert [event.score for event in mapped.run.events] == [1, 2, 5]
    assert [position for position, _ in mapped.run.rejected] == [1]
    assert mapped.stamps_ms == [STAMP_MS, STAMP_MS, STAMP_MS + 2]
    assert mapped.outcomes == {("survey", "mapped"): 2, ("survey", "rejected"): 1, ("survey", "dropped"): 1}


def test_on_our_own_topic_records_without_the_header_are_ours() -> None:
    text = BASE.replace('topic = "shop.*"\n', "")
    headers = [(), (("cx-source", b"shop"),), (("trace", b"other"),), (("cx-source", b"shop"),)]
    foreign = RECORD | {"at": AT}
    mapped = routed([GOOD, foreign, GOOD, GOOD], text, NATIVE, headers)
    assert [event.source for event in mapped.run.events] == [GOOD["source"], "shop", GOOD["source"]]
    assert [(position, why.source) for position, why in mapped.run.rejected] == [(3, "shop")]


@pytest.mark.parametrize("text", ["", BASE, BASE.replace('topic = "shop.*"\n', "")], ids=["none", "topic", "header"])
def test_a_record_that_names_a_source_which_is_none_here_is_kept_aside_and_never_read_as_ours(text: str) -> None:
    headers = [(("cx-source", b"other"),), (("cx-source", b"Ann <ann@x.it>"),), ()]
    mapped = routed([GOOD, GOOD, GOOD], text, NATIVE, headers)
    assert len(mapped.run.events) == 1
    details = [why.detail for _, why in mapped.run.rejected]
    for detail, name in zip(details, ("the source other", "a source"), strict=True):
        assert detail.startswith(f"its header names {name}, which no [[source]] here has for this topic: ")
        assert detail.endswith("give this worker the file that the gateway has, then cxb redrive")
    assert mapped.outcomes == {("(unknown)", "rejected"): 2}


def scoped(scope: Scope | bytes) -> tuple[tuple[str, bytes], ...]:
    header = scope if isinstance(scope, bytes) else scope_header(scope)
    assert header is not None
    return (("cx-source", b"shop"), ("cx-scope", header))


def test_what_a_webhooks_token_may_not_send_stays_out_whatever_the_mapping_says_now() -> None:
    text = BASE.replace('topic = "shop.*"\n', "")
    allowed, elsewhere = Scope("shop", ["*"]), Scope("shop", ["nowhere.*"])
    headers = [
        scoped(allowed),
        scoped(elsewhere),
        scoped(Scope("other", ["*"])),
        scoped(b"{"),
        (("cx-source", b"shop"),),
    ]
    mapped = routed([RECORD | {"at": AT}] * 5, text, NATIVE, headers)
    assert mapped.stamps_ms == [STAMP_MS, STAMP_MS + 4]
    assert [(position, why.reason, why.source, why.detail) for position, why in mapped.run.rejected] == [
        (1, "bad_value", "shop", "source shop: touchpoint must match nowhere.*: this token is for no other"),
        (2, "bad_value", "shop", "source shop: source must be other: this token is for no other"),
        (3, "bad_value", "shop", "source shop: its header cx-scope cannot be read, so that nothing is known to be its "
         "sender's to send"),
    ]  # fmt: skip
    assert mapped.outcomes == {("shop", "mapped"): 2, ("shop", "rejected"): 3}


def test_the_first_source_that_takes_a_record_maps_it_and_what_none_takes_is_rejected() -> None:
    two = BASE.replace('topic = "shop.*"', 'topic = "shop.*"\nwhen = "kind == \'b\'"').replace('"shop"', '"second"')
    text = BASE.replace('topic = "shop.*"', 'topic = "shop.*"\nwhen = "kind == \'a\'"') + two
    records = [RECORD | {"at": AT, "kind": kind} for kind in ("b", "a", "c")]
    run = routed(records, text).run
    assert [event.source for event in run.events] == ["second", "shop"]
    assert "no [[source]] of its topic takes this record" in run.rejected[0][1].detail
    native = routed([GOOD, b"{"], text.replace('"shop.*"', f'"{NATIVE}"'), NATIVE).run
    assert [event.source for event in native.events] == [GOOD["source"]]
    assert native.rejected[0][1].source == ""


def test_a_record_that_is_sent_through_again_is_routed_as_where_it_came_from() -> None:
    mark = (("cx-redriven", b'{"topic":"shop.web"}'),)
    foreign = RECORD | {"at": AT}
    run = routed([foreign, GOOD, GOOD], BASE, NATIVE, [mark, (("cx-redriven", b"["),), ()]).run
    assert [event.source for event in run.events] == ["shop", GOOD["source"], GOOD["source"]]


def test_bytes_that_no_source_can_know_for_its_own_are_ours_or_the_first_one_s() -> None:
    named = BASE.replace('topic = "shop.*"\n', "")
    ((_, why),) = routed([b"{"], named, NATIVE, [(("cx-source", b"shop"),)]).run.rejected
    assert why.source == "shop"


def test_a_record_that_names_its_source_is_never_taken_for_ours() -> None:
    """Through a webhook it would be an event of any source and touchpoint, whatever its sender may send."""
    text = BASE.replace('topic = "shop.*"\n', 'http = "/v1/sources/shop"\nwhen = "kind == \'answer\'"\n')
    headers = [(("cx-source", b"shop"),)] * 3
    run = routed([GOOD, RECORD | {"at": AT, "kind": "answer"}, b"{"], text, NATIVE, headers).run
    assert [event.source for event in run.events] == ["shop"]
    assert [(position, why.source) for position, why in run.rejected] == [(0, "shop"), (2, "shop")]
    assert "`when` does not take this record" in run.rejected[0][1].detail


def test_a_condition_that_cannot_be_asked_of_a_record_is_not_met() -> None:
    text = BASE.replace('topic = "shop.*"', 'topic = "shop.*"\nwhen = "score > `3`"')
    ((_, why),) = routed([RECORD | {"at": AT, "score": "x"}], text).run.rejected
    assert "no [[source]] of its topic takes this record" in why.detail


def test_half_a_surrogate_pair_is_refused() -> None:
    refusal = encoded_events(mapping(), RECORD | {"id": "\ud800"}, {})
    assert isinstance(refusal, Refusal)
    assert "half of a surrogate pair" in refusal.message
    (rejected,) = routed([b'{"id": "\\ud800", "at": "2026-11-22T09:59:30Z", "score": 9}']).run.rejected
    assert rejected[1].source == "shop"


@given(st.lists(near_events().map(encoded), max_size=6))
def test_with_a_source_on_our_topic_every_native_record_fares_as_before(values: list[bytes]) -> None:
    routes = CompiledSources(parse_sources(BASE.replace('topic = "shop.*"\n', ""))).routes(NATIVE, NATIVE)
    assert routes is not None
    stamps = [STAMP_MS] * len(values)
    mapped, native = (
        decode_routed(values, [()] * len(values), stamps, LIMITS, routes),
        decode_run(values, stamps, LIMITS),
    )
    assert mapped.run == native
    assert len(mapped.stamps_ms) == len(native.events)


@given(st.lists(st.binary(max_size=40) | near_events().map(encoded), max_size=6))
def test_every_record_is_mapped_rejected_or_dropped_once(values: list[bytes]) -> None:
    mapped = routed(values)
    assert len(mapped.run.events) + len(mapped.run.rejected) == len(values)
    assert sum(mapped.outcomes.values()) == len(values)


def test_a_tombstone_of_a_source_gives_nothing_and_one_of_our_own_is_rejected() -> None:
    mapped = routed([None, RECORD | {"at": AT}])
    assert mapped.outcomes == {("shop", "mapped"): 1, ("shop", "dropped"): 1}
    assert mapped.run.rejected == []


LINES = BASE.replace('topic = "shop.*"', 'topic = "shop.*"\nformat = "tsv"\ntsv = { columns = ["id", "at", "score"] }')


def test_records_of_one_topic_may_have_the_formats_of_several_sources() -> None:
    both = LINES.replace('"shop"', '"lines"') + BASE
    values = [f"e-1\t{AT}\t8".encode(), RECORD | {"at": AT}, b"\xff", b"e-2\tsoon\t8"]
    mapped = routed(values, both.replace("[source.fields]", 'when = "score"\n[source.fields]'))
    assert [event.source for event in mapped.run.events] == ["lines", "shop"]
    assert [(why.reason, why.detail.partition(":")[0]) for _, why in mapped.run.rejected] == [
        ("unreadable", "source lines"), ("bad_value", "source lines, occurred_at from at"),
    ]  # fmt: skip


def test_a_text_of_a_column_that_should_be_json_and_is_none_is_named() -> None:
    file = LINES.replace('"score"] }', '"score", "more"], json = ["more"] }')
    details = [why.detail for _, why in routed([f"e-1\t{AT}\t8\t{{".encode()], file).run.rejected]
    assert details == ["source shop: the text of the column more is not JSON (1 characters)"]
