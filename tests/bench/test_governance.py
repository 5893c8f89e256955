"""The benchmark of governance in short: what it fills a store with, and what it takes the time of."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.governance import DAYS, STEPS, fill, measured
from bench.outside import store as stored
from streams.governance import report
from streams.governance.counting import Question
from streams.registry.file import load, sample
from streams.store.client import Store
from streams.store.migrations import migrate


@pytest.mark.long
@pytest.mark.slow
def test_a_small_company_has_journeys_facts_of_governance_and_a_report() -> None:
    at, rules = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0), load(sample())
    question = Question(at - timedelta(days=DAYS), at)
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as (settings, pid):
        store = Store(settings)
        list(migrate(store))
        fill(store, rules, question.since, 2_000)
        [result] = store.query(
            "SELECT count() AS n, uniqExactIf(journey, journey != '') AS journeys, countIf(details != '') AS facts, "
            "countIf((score IS NULL) != (kind NOT IN ('nps', 'csat', 'ces'))) AS wrong, "
            "min(occurred_at) AS first, max(occurred_at) AS last FROM events FINAL"
        )
        assert (result["n"], result["journeys"], result["facts"], result["wrong"]) == (2_020, 2_000 // STEPS, 20, 0)
        assert question.since <= result["first"] < result["last"] < question.at
        [held] = store.query("SELECT sum(n) AS n FROM cells FINAL WHERE kind IN ('nps', 'visit', 'contact')")
        assert held["n"] > 1_000
        written = []
        taken = measured(pid, lambda: written.append(report.write(store, rules, question)))
        assert min(taken.values()) > 0
        assert written[0].text("md").startswith("# ")
        store.close()
