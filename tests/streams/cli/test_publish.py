"""`cxb publish --source` and `--dry-run`, as they are called."""

import asyncio
import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from streams.operations.mapped_files import NothingFits
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import encoded, event, until
from tests.streams.group import kafka_of, member, settings_of

SURVEY = (
    "Score;Email;Response Date\n"
    "9;anna@x.it;2026-11-20 09:59:30\n"
    "10,5;ben@x.it;2026-11-20 10:00:30\n"
    "3;;2026-11-20 10:01:30\n"
)
SOURCE = ("--source", "delighted-csv", "--set", "touchpoint=web.checkout")


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "survey.csv"
    path.write_text(SURVEY)
    return path


def test_a_dry_run_says_what_would_be_accepted_and_where_the_rest_is_wrong(survey: Path) -> None:
    result = cxb("publish", str(survey), *SOURCE, "--dry-run")
    said = " ".join(result.output.split())
    assert result.exit_code == 1
    assert f"{survey}, line 3: bad_value: source delighted-csv, score from Score: must be a number" in said
    assert 'there is "10,5"' in said
    assert "3 records: 2 events, 1 rejected, 0 dropped" in said


def test_a_dry_run_of_our_own_events_judges_them_as_a_worker_would(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join([encoded(event(1)), encoded(event(2, score=11)), b"{"]))
    aged = " ".join(cxb("publish", str(path), "--dry-run", CXB_INGEST_MAX_AGE_DAYS="0.001").output.split())
    assert "event 1: too_old" in aged
    result = cxb("publish", str(path), "--dry-run", "--backfill")
    said = " ".join(result.output.split())
    assert "event 2: score_out_of_range: score of nps must be 0 to 10, not 11" in said
    assert "3 records: 1 event, 2 rejected" in said
    assert result.exit_code == 1


def test_answers_that_would_count_as_one_are_told(tmp_path: Path) -> None:
    """Two people of the same second, score and no address have one id, where it is made of those."""
    path = tmp_path / "survey.csv"
    path.write_text("Score,Response Date\n" + "9,2026-11-20 09:59:30\n3,2026-11-20 09:59:30\n" * 2)
    result = cxb("publish", str(path), *SOURCE, "--dry-run", "--backfill")
    said = " ".join(result.output.split())
    assert f"2 events with the event_id and minute of one before, the first in {path}, line 4: they count once" in said
    assert result.exit_code == 0


def test_what_is_too_old_or_in_the_future_is_known_before_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("Score,Response Date\n9,2026-11-20 09:59:30\n8,2001-01-01 09:59:30\n7,2099-01-01 09:59:30\n")
    said = " ".join(cxb("publish", str(path), *SOURCE, "--dry-run").output.split())
    assert "line 3: too_old" in said
    assert "line 4: in_future" in said
    said = " ".join(cxb("publish", str(path), *SOURCE, "--dry-run", "--backfill").output.split())
    assert "3 records: 2 events, 1 rejected" in said


def test_a_csv_without_a_source_is_refused_with_what_to_do(survey: Path) -> None:
    result = cxb("publish", str(survey))
    assert isinstance(result.exception, NothingFits)
    assert "looks like CSV" in str(result.exception)
    assert f"cxb sources infer {survey}" in str(result.exception)


def test_a_file_of_which_nothing_fits_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Rating,When\n9,today\n")
    result = cxb("publish", str(path), *SOURCE, "--dry-run")
    assert isinstance(result.exception, NothingFits)
    assert "missing_field" in result.output
    assert result.exception.exit_code == 2


@pytest.mark.kafka
def test_a_csv_lands_as_the_events_that_it_stands_for_and_once_however_often_it_is_sent(
    kafka: KafkaBroker,
    kafka_topic: TopicFactory,
    engine: EngineProcess,
    store: Store,
    registry_path: Path,
    survey: Path,
) -> None:
    topic = kafka_topic(partitions=1)
    environment = environment_of(engine, store, registry_path) | {
        "CXB_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap, "CXB_KAFKA_TOPIC": topic,
    }  # fmt: skip
    for _ in range(2):
        result = cxb("publish", str(survey), *SOURCE, "--backfill", **environment)
        assert result.exit_code == 1  # for the row that does not fit
        assert f"sent 2 events to {topic}" in " ".join(result.output.split())

    async def landed() -> set[str]:
        settings = settings_of(kafka_of(kafka.bootstrap, topic), engine.settings(store.database))
        async with member(settings, store, registry_path) as worker:
            await until(lambda: sum(worker.ingest.status.cursors.values()) == 4 and worker.ingest.status.idle)
            return await worker.landed()

    assert len(asyncio.run(landed())) == 2
    rows = store.query("SELECT score, source, touchpoint, toString(occurred_at) AS at FROM events FINAL ORDER BY score")
    assert [(row["score"], row["source"], row["touchpoint"], row["at"][:19]) for row in rows] == [
        (3, "delighted-csv", "web.checkout", "2026-11-20 10:01:30"),
        (9, "delighted-csv", "web.checkout", "2026-11-20 09:59:30"),
    ]  # fmt: skip


def test_a_spreadsheet_and_an_archive_are_looked_at_before_anything_is_sent(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Score"])  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    result = cxb("publish", str(tmp_path / "a.xlsx"))
    assert isinstance(result.exception, NothingFits)
    assert "looks like a spreadsheet" in str(result.exception)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "Score\n9\n")
    result = cxb("publish", str(tmp_path / "a.zip"))
    assert "looks like CSV" in str(result.exception)
    (tmp_path / "a.xls").write_bytes(b"x")
    result = cxb("publish", str(tmp_path / "a.xls"))
    assert "save it as .xlsx or CSV" in str(result.exception)


def test_the_events_of_each_file_of_an_archive_are_published(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("a.ndjson", "b.ndjson"):
            archive.writestr(name, json.dumps(event(name)) + "\n\n")
    result = cxb("publish", str(tmp_path / "a.zip"), "--dry-run", "--backfill")
    assert "2 records: 2 events, 0 rejected" in " ".join(result.output.split())
