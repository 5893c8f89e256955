"""A store that holds the planted company's history."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm
from streams.drift import repository
from streams.figures import minutes
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry, load
from streams.simulate import planted
from streams.store.client import Store
from tests.streams.given import facts_of

SINCE, AT = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)
QUESTION = Question(SINCE, AT)
RULES: CompiledRegistry = load(planted.registry())


def fill(store: Store, seed: int = 1) -> None:
    """Lands it, with one metric in alarm."""
    made = planted.history(seed=seed, start=SINCE, end=AT, count=60_000, facts=6_000)
    while chunk := list(islice(made, 20_000)):
        store.insert_facts(facts_of(chunk, RULES))
    list(minutes.refresh(store, timedelta(seconds=3)))
    at_s = int(AT.timestamp()) - 7200
    usual_s = int(SINCE.timestamp()), int((SINCE + timedelta(days=60)).timestamp())
    baseline = Baseline("cx", "csat", 1, "automatic", *usual_s, usual_s[1], 1000.0, 0.7, 0.45, 0.0, 1.0, 150.0)
    repository.save_baselines(store, [(baseline, "")])
    repository.save_alarms(store, [Alarm(at_s, "cx", "csat", "down", at_s - 86_400, 40.0, 30.0, "cx/csat/1")], 0)
