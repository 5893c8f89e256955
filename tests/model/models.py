"""What `make model` explores, and the breaches that must be found: a guard that is off, and the invariant it breaks."""

from typing import Any, Final

from tests.model.erasure import Erasure
from tests.model.explorer import STUCK, Model
from tests.model.figures import Figures
from tests.model.ingest import Ingest
from tests.model.protocol import UNCHECKED

FOUR: Final = (("a", "bad"), ("b", "a"))
THREE: Final = (("a", "bad"), ("a",))
TWO: Final = (("a",), ("a",))


def models() -> list[Model[Any]]:
    """All of them, whole."""
    return [
        Ingest(FOUR, crashes=1, losses=1),
        Ingest(FOUR, losses=1, regroupings=1),
        Ingest(THREE, crashes=1, regroupings=1),
        Ingest(TWO, crashes=1, losses=1, regroupings=1),
        Figures(folds=False),
        Figures(folds=True),
        Erasure(),
    ]


def _ingest(breach: str, events: tuple[tuple[str, ...], ...] = THREE, **faults: int) -> Model[Any]:
    return Ingest(events, frozenset({breach}), **faults)


def breached() -> dict[str, tuple[str, Model[Any]]]:
    """By breach: the invariant that it breaks, and a model that has it."""
    early, slow = "a watermark is noted before its cells", "a fold is noted with the time after reading"
    unmarked, clock = "days are not marked after their cells changed", "versions are the clock's"
    one_look = "one look is enough to erase"
    landed, twice, drain = "CommittedAfterLanded", "LandingTwiceAddsNothing", "DrainTellsTheTruth"
    return {
        "offsets are committed before landing": (landed, _ingest("offsets are committed before landing")),
        "an error is swallowed": (landed, _ingest("an error is swallowed")),
        "fewer rows are accepted": (landed, _ingest("fewer rows are accepted")),
        "a dead letter is not awaited": (landed, _ingest("a dead letter is not awaited")),
        "a skipped chunk's cursor counts": ("NothingSkipped", _ingest("a skipped chunk's cursor counts")),
        UNCHECKED: ("NothingSetBack", _ingest(UNCHECKED, regroupings=1)),
        "a copy gets a key of its own": (twice, _ingest("a copy gets a key of its own", losses=1)),
        "a drain does not compare": (drain, _ingest("a drain does not compare")),
        early: ("NotedMeansReflected", Figures(frozenset({early}), folds=False)),
        clock: ("VersionsNeverGoBack", Figures(frozenset({clock}), folds=False)),
        slow: ("CleanFoldsAreTrue", Figures(frozenset({slow}), folds=True)),
        unmarked: ("CleanFoldsAreTrue", Figures(frozenset({unmarked}), folds=True)),
        one_look: ("ErasedStaysErased", Erasure(frozenset({one_look}))),
    }


def invariants() -> set[str]:
    """Their names."""
    return {name for model in models() for name in model.invariants} | {STUCK}
