"""`cxb sources check`, `try` and `list`, as they are called."""

import json
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.sources.ready import sample_of
from tests.metrics.sources.given import BASE, EVENT, RECORD
from tests.streams.cli.calling import cxb

TOUCHPOINT = ("--set", "touchpoint=web.checkout")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(BASE)
    return path


def test_a_good_file_passes_and_a_wrong_one_is_located(sources: Path) -> None:
    output = cxb("sources", "check", str(sources)).output
    assert "0 errors, 0 warnings" in output
    assert "a worker subscribes to topics when it starts: restart it if one of these is new to it: shop.*" in output
    sources.write_text(BASE.replace("score =", "scor ="))
    result = cxb("sources", "check", str(sources))
    assert result.exit_code == 1
    assert f"{sources}: error: line 13, source[1].event[1].scor: 'scor' is no field of an event; did you mean" in (
        result.output
    )
    problems = json.loads(cxb("sources", "check", str(sources), "--json").stdout)
    assert [(problem["code"], problem["line"]) for problem in problems] == [("missing-key", 11), ("unknown-key", 13)]


def test_record_mapping_and_event_are_side_by_side(sources: Path, tmp_path: Path) -> None:
    records = tmp_path / "records.ndjson"
    records.write_text(
        "".join(json.dumps(RECORD | {"id": f"e-{n}", "score": score}) + "\n" for n, score in ((1, 9), (2, 11)))
    )
    shown = cxb("sources", "try", "shop", str(records), "--sources", str(sources))
    assert shown.exit_code == 1
    lines = shown.output.splitlines()
    assert "line 1: 1 event" in lines
    assert 'event_id\tid\t"e-1"\t"e-1"' in lines
    assert 'touchpoint\tconstant\t\t"web.checkout"' in lines
    assert "score of nps must be 0 to 10, not 11" in shown.output
    assert "2 records: 1 event, 1 rejected, 0 dropped" in shown.output
    first, second = json.loads(cxb("sources", "try", "shop", str(records), "--sources", str(sources), "--json").stdout)
    assert first == {
        "place": "line 1", "outcome": "mapped", "record": RECORD, "events": [EVENT], "rejected": None,
        "mapping": [[
            {"field": "event_id", "path": "id", "value": "e-1"},
            {"field": "occurred_at", "path": "at", "value": RECORD["at"]},
            {"field": "score", "path": "score", "value": 9},
        ]],
    }  # fmt: skip
    assert second["outcome"] == "rejected"
    assert second["rejected"]["reason"] == "score_out_of_range"


def test_a_rejected_record_shows_the_value_and_the_name_that_was_meant(tmp_path: Path) -> None:
    survey = tmp_path / "survey.csv"
    survey.write_text("score,Response Date\n9,2026-11-22 09:59:30\n")
    result = cxb("sources", "try", "delighted-csv", str(survey), *TOUCHPOINT)
    assert "score from Score: there is nothing; did you mean score?" in " ".join(result.output.split())
    survey.write_text("Score,Response Date\n9,22/11/2026\n")
    (row,) = json.loads(cxb("sources", "try", "delighted-csv", str(survey), *TOUCHPOINT, "--json").stdout)
    assert row["rejected"] == {
        "reason": "bad_value", "field": "occurred_at", "path": '"Response Date"', "value": "22/11/2026", "hint": "",
        "detail": 'source delighted-csv, occurred_at from "Response Date": must be a time like %Y-%m-%d %H:%M:%S '
                  "(it is <text like 99/99/9999>)",
    }  # fmt: skip


def test_a_ready_made_source_is_tried_on_its_sample_and_headers_can_be_given() -> None:
    result = cxb("sources", "try", "delighted-csv", *TOUCHPOINT)
    assert (result.exit_code, "3 records: 3 events" in result.output) == (0, True)
    headers = ("--header", "ce_id=1", "--header", "CE_Source=/shop", "--header", "ce_time=2026-11-22T09:59:30Z")
    (row,) = json.loads(cxb("sources", "try", "cloudevents-binary", *headers, "--json").stdout)
    assert [event["source"] for event in row["events"]] == ["/shop"]
    assert cxb("sources", "try", "cloudevents-binary", "--header", "ce_id").exit_code == 2


def test_what_cannot_be_tried_says_what_to_do(sources: Path) -> None:
    result = cxb("sources", "try", "shop", "--sources", str(sources))
    assert isinstance(result.exception, ConfigurationError)
    assert "name the file to try shop on" in str(result.exception)
    result = cxb("sources", "try", "delighted-csv", "nowhere.csv", *TOUCHPOINT)
    assert "cannot read records from nowhere.csv: No such file" in str(result.exception)


def test_the_sources_of_the_file_and_the_ready_made_ones_are_listed(sources: Path) -> None:
    rows = json.loads(cxb("sources", "list", "--json", CXB_SOURCES=str(sources)).stdout)
    assert (rows[0]["name"], rows[0]["from"], rows[0]["takes"]) == ("shop", "your file", "topic shop.*")
    by_name = {row["name"]: row for row in rows}
    assert by_name["qualtrics-csv"]["you_add"] == ["occurred_at.zone", "touchpoint", "score"]
    assert by_name["surveymonkey"]["you_add"] == ["[[source.event]]"]
    assert by_name["delighted"]["kinds"] == ["csat", "nps"]
    assert "name\tfrom\ttakes" in cxb("sources", "list").stdout


def test_a_mapping_is_proposed_and_can_be_used_as_it_is(tmp_path: Path) -> None:
    survey = tmp_path / "Survey 2026.csv"
    survey.write_text("Stars,Mail,When it was\n5,a@x.it,2026-11-20 10:00\n1,b@x.it,2026-11-21 11:00\n")
    proposed = cxb("sources", "infer", str(survey))
    assert "2 records: 2 would be mapped" in proposed.output
    file = tmp_path / "sources.toml"
    file.write_text(proposed.stdout)
    assert cxb("sources", "check", str(file)).exit_code == 0
    assert cxb("sources", "try", "survey-2026", str(survey), "--sources", str(file)).exit_code == 0


def test_a_ready_made_source_that_fits_is_named() -> None:
    sample = str(sample_of("delighted-csv"))
    assert "the ready-made source delighted-csv fits" in " ".join(cxb("sources", "infer", sample).output.split())
    answer = json.loads(cxb("sources", "infer", str(sample_of("posthog")), "--json").stdout)
    assert answer["ready_made"] == ["posthog"]
    assert {field["field"] for field in answer["fields"]} >= {"event_id", "occurred_at", "kind"}


def test_nothing_can_be_inferred_from_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("")
    result = cxb("sources", "infer", str(tmp_path / "empty.json"))
    assert "has no records" in str(result.exception)
