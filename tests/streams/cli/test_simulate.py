"""`cxb simulate`, as it is called."""

import json

from tests.streams.cli.calling import cxb


def test_the_planted_company_comes_with_its_registry() -> None:
    done = cxb("simulate", "--planted", "--events", "50", "--governance", "50", "--to", "2026-11-01")
    assert len(done.stdout.splitlines()) >= 100
    assert "planted.toml" in done.stderr


def test_facts_about_governance_are_simulated_with_the_events_in_order_of_time() -> None:
    done = cxb("simulate", "--events", "200", "--governance", "100", "--to", "2026-11-01")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    own = [item for item in events if item["event_id"].startswith("g-")]
    assert len(events) - len(own) == 200
    assert len(own) >= 100
    stamps = [item["occurred_at"] for item in events]
    assert stamps == sorted(stamps)
