"""Each ready-made source gives the expected events of its sample, and they pass the decoder of events."""

from pathlib import Path
from typing import Any

import fastavro
import pytest

from metrics.sources.mapping import SourceMapping
from metrics.sources.parsing import lint_sources, parse_sources
from metrics.sources.trial import Trial, tried
from streams.sources.documents import records_in
from streams.sources.named import assignments, mapping_named
from streams.sources.ready import purpose_of, ready_sources, sample_of
from tests.documents import PROJECT, Block, blocks

AT = "2026-11-20T09:59:30"
WEB = ("touchpoint=web.checkout",)
Events = list[tuple[Any, ...]]
NAMES = ("event_id", "kind", "occurred_at", "customer", "score")

EXPECTED: dict[str, tuple[tuple[str, ...], Events]] = {
    "cloudevents": ((), [
        ("A234-1234", "nps", f"{AT}Z", "c-4711", 9),
        ("A234-1235", "conversion", "2026-11-20T10:03:00+01:00", "c-4712", None),
    ]),
    "cloudevents-batched": ((), [
        ("B1", "nps", f"{AT}Z", None, 9), ("B2", "csat", "2026-11-20T10:00:30Z", "c-4713", 4),
    ]),
    "cloudevents-binary": ((), [("A234-1234", "nps", f"{AT}Z", "c-4711", 9)]),
    "segment": (WEB, [
        ("022bb90c-bbac-11e4-8dfc-aa07a5b093d1", "visit", "2026-11-20T09:59:00.000Z", "507f191e810c19729de860ea", None),
        ("022bb90c-bbac-11e4-8dfc-aa07a5b093d2", "conversion", f"{AT}.250Z", "97980cfea0067", None),
        ("022bb90c-bbac-11e4-8dfc-aa07a5b093d3", "conversion", "2026-11-20T10:00:30.250Z", "97980cfea0067", None),
    ]),
    "posthog": (WEB, [
        ("0193a1c2-0000-7000-8000-000000000001", "nps", f"{AT}.250Z", "user-17", 9),
        ("0193a1c2-0000-7000-8000-000000000003", "nps", "2026-11-20T10:02:00.000Z", "user-19", 3),
    ]),
    "delighted-csv": (WEB, [
        ("ede5de5766e36db97b4e9e4a319ceec9", "nps", f"{AT}+00:00", "anna@example.com", 9),
        ("4ad9aa58cfefcc05252bae2f7701d14b", "nps", "2026-11-20T10:12:00+00:00", "bruno@example.com", 3),
        ("f81bf914914af26b8ba1d1862a73b40f", "nps", "2026-11-21T08:00:05+00:00", None, 10),
    ]),
    "delighted": (WEB, [
        ("5435", "nps", f"{AT}+00:00", "anna@example.com", 9), ("5436", "csat", "2026-11-20T10:00:00+00:00", "5976", 2),
    ]),
    "typeform": (WEB, [
        ("x71for1wr6irs2rx71fotn12b3izh25v:nps", "nps", f"{AT}Z", "c-4711", 9),
        ("x71for1wr6irs2rx71fotn12b3izh25v:csat", "csat", f"{AT}Z", "c-4711", 4),
    ]),
    "qualtrics-csv": ((*WEB, 'score={ column = "Q1" }', 'occurred_at={ zone = "Europe/Rome" }'), [
        ("R_1a2B3c4D5e6F7g8", "nps", f"{AT}+00:00", "anna@example.com", 9),
        ("R_4a2B3c4D5e6F7g8", "nps", "2026-11-20T12:59:31+00:00", "c-4711", 2),
    ]),
    "google-forms-csv": (
        (*WEB, 'score={ column = "How likely are you to recommend us?" }', 'occurred_at={ zone = "Europe/Rome" }'), [
        ("414183eefc025d560b8467ae76e0ffef", "nps", f"{AT}+00:00", "anna@example.com", 9),
        ("e4c389f8ae0313e73d73c3d9e7586514", "nps", "2026-11-20T10:00:00+00:00", None, 3),
    ]),
    "zendesk": (("touchpoint=service.desk",), [
        ("35436", "csat", f"{AT}Z", "7881", 5), ("35438", "csat", "2026-11-20T10:01:30Z", "7883", 1),
    ]),
    "intercom": (("touchpoint=service.chat",), [
        ("1295:rating", "csat", f"{AT}+00:00", "c-4711", 5),
        ("1296:rating", "csat", "2026-11-20T10:01:00+00:00", "5ba682d23d7cf92bef87bfd5", 1),
    ]),
    "chatwoot": (("touchpoint=service.chat",), [("654", "csat", f"{AT}.250Z", "41", 4)]),
    "formbricks": ((*WEB, "score={ path = 'data.data.q_nps' }"), [("clx456def", "nps", f"{AT}.000Z", "c-4711", 9)]),
    "debezium": (WEB, [
        ("answers:1004", "nps", f"{AT}.250000Z", "4711", 9),
        ("answers:1003", "nps", "2026-11-20T10:59:30+01:00", "4712", 0),
    ]),
    "snowplow": ((), [
        ("a-1", "nps", f"{AT}Z", "c-4711", 9), ("o-1", "conversion", "2026-11-20T10:03:00+01:00", "c-4712", None),
    ]),
    "snowplow-enriched": (WEB, [
        ("c6ef3124-b53a-4b13-a233-0088f79dcbcb", "visit", f"{AT}.250000+00:00", "c-4711", None),
        ("c6ef3124-b53a-4b13-a233-0088f79dcbcc", "conversion", "2026-11-20T09:59:31+00:00", "bc2e92ec6c204a14", None),
        ("c6ef3124-b53a-4b13-a233-0088f79dcbcd", "conversion", "2026-11-20T10:00:30+00:00", "bc2e92ec6c204a14", None),
    ]),
    "opentelemetry": ((), [
        ("232beea93964be6144aa57a0b0dece87", "nps", f"{AT}.250000+00:00", "c-4711", 9),
        ("a2757b9a820193d94d317c5b6b13a266", "conversion", "2026-11-20T10:00:30+00:00", None, None),
    ]),
    "medallia-csv": ((*WEB, 'score={ column = "q_ltr" }', 'occurred_at={ zone = "Europe/Rome" }'), [
        ("1001", "nps", f"{AT}+00:00", "anna@example.com", 9),
        ("1003", "nps", "2026-11-20T12:59:31+00:00", "c-4711", 2),
    ]),
}  # fmt: skip
EXPECTED["rudderstack"] = EXPECTED["segment"]
HEADERS = {"ce_specversion": "1.0", "ce_id": "A234-1234", "ce_source": "/shop/surveys", "ce_time": f"{AT}Z"}


def trials(name: str, texts: tuple[str, ...], sources: Path | None = None, like: str = "") -> list[Trial]:
    mapping = mapping_named(name, sources, assignments(texts))
    return [tried(mapping, located.record, HEADERS) for located in records_in(sample_of(like or name), mapping.source)]


@pytest.mark.parametrize("name", sorted(ready_sources()))
def test_the_sample_of_a_ready_made_source_gives_the_expected_events(name: str) -> None:
    if name == "surveymonkey":
        pytest.skip("it has no event of its own: the next test adds one")
    texts, expected = EXPECTED[name]
    results = trials(name, texts)
    assert [result.rejected for result in results if result.rejected] == []
    events = [event for result in results for event in result.events]
    assert [tuple(event.get(field) for field in NAMES) for event in events] == expected


def test_the_survey_of_somebody_is_added_to_a_ready_made_source(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("""
[[source]]
name = "monkey"
like = "surveymonkey"
[source.fields]
touchpoint = "web.checkout"
[[source.event]]
each = "pages[].questions[] | [?id == '222222']"
kind = "csat"
score = { path = "item.answers[0].choice_id", table = { "333333" = 5, "333334" = 4 } }
""")
    results = trials("monkey", (), tmp_path / "sources.toml", "surveymonkey")
    assert [event for result in results for event in result.events] == [{
        "event_id": "5555555555:222222", "source": "monkey", "kind": "csat", "touchpoint": "web.checkout",
        "occurred_at": f"{AT}+00:00", "customer": "anna@example.com", "score": 5,
    }]  # fmt: skip


@pytest.mark.parametrize("name", sorted(ready_sources()))
def test_a_ready_made_source_lacks_nothing_but_what_it_leaves_to_the_user(name: str) -> None:
    problems = lint_sources(f'[[source]]\nname = "x"\nlike = "{name}"\n', ready_sources())
    assert {problem.code for problem in problems} <= {"missing-key"}
    assert purpose_of(name)


def test_amounts_of_orders_are_taken_with_their_currency() -> None:
    events = [event for result in trials("segment", WEB) for event in result.events]
    assert [(event.get("amount"), event.get("currency"), event.get("journey")) for event in events] == [
        (None, None, None), ("27.5", "USD", "50314b8e9bcf000000000000"), (None, None, "50314b8e9bcf000000000001"),
    ]  # fmt: skip


ROW = {"type": "record", "name": "shop.public.answers.Value", "fields": [
    {"name": "id", "type": "int"}, {"name": "customer_id", "type": "int"}, {"name": "score", "type": "int"},
    {"name": "created_at", "type": {"type": "string", "connect.name": "io.debezium.time.ZonedTimestamp"}},
]}  # fmt: skip
ENVELOPE = {"type": "record", "name": "shop.public.answers.Envelope", "fields": [
    {"name": "before", "type": ["null", ROW]}, {"name": "after", "type": ["null", "shop.public.answers.Value"]},
    {"name": "source", "type": {"type": "record", "name": "Source", "fields": [{"name": "table", "type": "string"}]}},
    {"name": "op", "type": "string"}, {"name": "ts_ms", "type": ["null", "long"]},
]}  # fmt: skip


def test_rows_of_debezium_in_avro_are_what_they_are_in_json(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("""
[[source]]
name = "answers"
like = "debezium"
format = "avro"
[source.fields]
touchpoint = "web.checkout"
""")
    row = {"id": 1004, "customer_id": 4711, "score": 9, "created_at": f"{AT}Z"}
    records = [
        {"before": before, "after": after, "source": {"table": "answers"}, "op": op, "ts_ms": None}
        for before, after, op in ((None, row, "c"), (row, row | {"score": 1}, "u"), (row, None, "d"))
    ]
    with (tmp_path / "rows.avro").open("wb") as file:
        fastavro.writer(file, ENVELOPE, records, codec="deflate")
    mapping = mapping_named("answers", tmp_path / "sources.toml", {})
    results = [tried(mapping, located.record, {}) for located in records_in(tmp_path / "rows.avro", mapping.source)]
    assert [result.events for result in results] == [
        [{"event_id": "answers:1004", "source": "answers", "kind": "nps", "touchpoint": "web.checkout",
          "occurred_at": f"{AT}Z", "customer": "4711", "score": 9}], [], [],
    ]  # fmt: skip


def test_changed_rows_count_where_somebody_asks_for_them() -> None:
    mapping = mapping_named("debezium", None, assignments(WEB))
    changed = next(
        located.record for located in records_in(sample_of("debezium"), mapping.source) if "u" in str(located)
    )
    opted = {**ready_sources()["debezium"], "drop": "!contains(['c', 'r', 'u'], op)"}
    (source,) = parse_sources('[[source]]\nname = "x"\nlike = "y"\nfields = { touchpoint = "web.a" }', {"y": opted})
    envelope = changed | {"op": "u"} if "op" in changed else {"payload": changed["payload"] | {"op": "u"}}
    assert len(tried(SourceMapping(source), envelope, {}).events) == 1
    assert tried(mapping, envelope, {}).events == []


@pytest.mark.parametrize("block", [block for block in blocks("toml") if block.label == "sources"], ids=str)
def test_the_sources_of_the_documents_have_no_problem(block: Block) -> None:
    assert lint_sources(block.text, ready_sources()) == []


def test_the_documents_name_every_ready_made_source() -> None:
    text = (PROJECT / "docs/sources.md").read_text()
    assert [name for name in ready_sources() if f"`{name}`" not in text] == []
