"""The models hold, within their bounds; what `make model` prints; their invariants are those of ARCHITECTURE.md."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.model.explorer import Found, TooManyStates, explore
from tests.model.figures import Figures
from tests.model.ingest import Ingest
from tests.model.models import TWO, breached, invariants, models
from tests.model.protocol import Partition, State, Worker

ARCHITECTURE = Path(__file__).resolve().parents[2] / "ARCHITECTURE.md"


@pytest.mark.parametrize("breach", breached())
def test_a_planted_breach_of_the_model_is_found_with_its_story(breach: str) -> None:
    invariant, model = breached()[breach]
    model.invariants = {invariant: model.invariants[invariant]}  # it may break others earlier
    found = explore(model)
    assert found.breach is not None
    assert found.breach.invariant == invariant
    assert found.breach.story


def test_the_model_of_ingest_holds_where_one_worker_crashes_and_answers_are_lost() -> None:
    found: Found[Any] = explore(Ingest(TWO, crashes=1, losses=1))
    assert found.breach is None
    assert found.states > 2_000


def test_a_state_from_which_nothing_leads_to_the_end_is_found() -> None:
    class Stuck(Ingest):
        def settled(self, world: Any) -> bool:
            return super().settled(world) and world.said_landed and world.crashes > 0

    found: Found[Any] = explore(Stuck(TWO, crashes=1))
    assert found.breach is not None
    assert found.breach.invariant == "EverythingLandsInTheEnd"


def test_bounds_that_are_too_wide_are_an_error_and_no_success() -> None:
    with pytest.raises(TooManyStates):
        explore(Figures(folds=False), most=1_000)


def test_equal_workers_make_one_state() -> None:
    model = Ingest(TWO)
    one, other = Worker(generation=1, partitions=(0,)), Worker(generation=1, partitions=(1,))
    worlds = [
        model.initial._replace(state=State(workers, (Partition(),) * 2)) for workers in ((one, other), (other, one))
    ]
    assert len({model.canonical(world) for world in worlds}) == 1


def test_the_invariants_of_the_models_are_those_that_architecture_names() -> None:
    section = ARCHITECTURE.read_text().split("## Invariants")[1].split("\n## ")[0]
    assert invariants() == set(re.findall(r"`([A-Z]\w+[a-z])`", section))


def test_every_model_has_a_name_and_bounds_that_say_what_was_explored() -> None:
    assert all(model.name and model.bounds for model in models())
