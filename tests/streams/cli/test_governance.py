"""`cxb governance`, as it is called."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with twenty answers about the web."""
    answers = [event(n, score=10 if n % 4 else 0, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(20)]
    store.insert_facts(facts_of(answers, compiled))
    return environment_of(engine, store, registry_path)


def test_the_figures_are_rows_and_a_measure_narrows_them(server: dict[str, str]) -> None:
    period = ("--from", "2026-03-01", "--to", "2026-03-20")
    rows = json.loads(cxb("governance", *period, "--json", **server).stdout)
    assert {"clear_lines", "orphan_events", "answers"} <= {row["measure"] for row in rows}
    [row] = json.loads(cxb("governance", *period, "--measure", "orphan_events", "--json", **server).stdout)
    assert (row["value"], row["n"], row["uncertain"]) == (0.0, 20, True)
    shown = cxb("governance", *period, "--measure", "orphan_events", **server).stdout
    assert shown.splitlines()[1].split("\t")[:4] == ["orphan_events", "the company", "uncertain", "0.0 %"]


def test_a_measure_without_a_figure_says_so(server: dict[str, str]) -> None:
    period = ("--from", "2026-03-01", "--to", "2026-03-20")
    for more in ((), ("--json",)):
        said = cxb("governance", *period, "--measure", "success_learnt", *more, **server)
        assert "no figure of success_learnt in this period under this registry" in said.stderr
        assert said.exit_code == 0


def test_counts_are_whole_and_times_are_in_days_whatever_the_store_counts_in(
    server: dict[str, str], store: Store, compiled: CompiledRegistry
) -> None:
    opened = event(99, "case_opened", at=datetime(2026, 3, 10, 9, tzinfo=UTC), case_id="c-1")
    store.insert_facts(facts_of([opened], compiled))
    shown = cxb("governance", "--from", "2026-03-01", "--to", "2026-03-20", **server).stdout
    rows = {tuple(line.split("\t")[:2]): line.split("\t")[3:] for line in shown.splitlines()[1:]}
    [oldest] = [values for (measure, _), values in rows.items() if measure == "oldest_case"]
    assert oldest == ["9.6 days", "-", "-", "1"]
    assert rows["answers", "web.checkout"] == ["20", "-", "-", "20"]
    assert rows["effective_owners", "events"][0] == "1.00"
    assert not [values for values in rows.values() if any(re.search(r"\.\d{3}$", value) for value in values)]


def test_an_effect_that_cannot_be_told_says_why(server: dict[str, str]) -> None:
    period = ("--from", "2026-03-01", "--to", "2026-04-20", "--measure", "change_synthetic")
    done = cxb("governance", *period, **server)
    assert "change_synthetic\tweb.checkout\tcannot be told: too few weeks\t-" in done.stdout


def test_the_weeks_around_a_change_are_rows_with_their_number(
    server: dict[str, str], store: Store, compiled: CompiledRegistry
) -> None:
    """Touchpoints with answers every day from nine weeks before to four after checkout went to sales."""
    first, draws = datetime(2026, 4, 1, 9, tzinfo=UTC) - timedelta(weeks=9), Random(1)
    places = ["web.checkout", *(f"fax.n{n}" for n in range(6))]
    sent = [
        event(f"{place}-{day}-{n}", score=draws.choice((5, 8, 10)), at=first + timedelta(days=day), touchpoint=place)
        for place in places
        for day in range(13 * 7)
        for n in range(2)
    ]
    store.insert_facts(facts_of(sent, compiled))
    question = ("governance", "--from", f"{first:%F}", "--to", "2026-04-29", "--measure", "change_week")
    rows = json.loads(cxb(*question, "--json", **server).stdout)
    assert [row["week"] for row in rows] == list(range(-9, 4))
    assert {(row["unit"], row["reason"]) for row in rows} == {("difference", "too_few_placebos")}
    assert {(row["ci_low"], row["n"]) for row in rows} >= {(None, 14)}
    shown = cxb(*question, **server).stdout.splitlines()[1].split("\t")
    assert shown[:3] == ["change_week", "web.checkout week -9", "cannot be told: too few placebos"]
    assert re.fullmatch(r"[+-]0\.\d\d", shown[3])


def test_another_registry_gives_other_figures_of_the_same_facts(server: dict[str, str], tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.toml"
    nobody.write_text(REGISTRY.replace('touchpoint = "web.*"', 'touchpoint = "webb.*"'))
    period = ("--from", "2026-03-01", "--to", "2026-03-20", "--measure", "orphan_events", "--json")
    [row] = json.loads(cxb("governance", *period, "--what-if", str(nobody), **server).stdout)
    assert row["value"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", "2026-04-01", "--to", "2026-03-01"), "is not before"),
        (("--measure", "joy"), "is not one of"),
        (("--conversion", "visit"), "conversion, repeat_purchase, referral"),
        (("--view", "as_if"), "as_was, as_is"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(server: dict[str, str], arguments: tuple[str, ...], says: str) -> None:
    done = cxb("governance", *arguments, COLUMNS="400", **server)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
