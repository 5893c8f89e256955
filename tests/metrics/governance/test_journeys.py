from hypothesis import given

from metrics.governance.journeys import Journey, paths
from tests.metrics.governance.given import journeys, law, split


@law
@given(journeys())
def test_folding_keeps_every_journey(some: list[Journey]) -> None:
    folded = paths(some)
    assert sum(path.converted for path in folded) == sum(item.weight for item in some if item.converted)
    assert sum(path.lost for path in folded) == sum(item.weight for item in some if not item.converted)
    assert all(a != b for path in folded for a, b in zip(path.departments, path.departments[1:], strict=False))


@law
@given(journeys())
def test_journeys_counted_apart_fold_to_the_same_paths(some: list[Journey]) -> None:
    assert paths(split(some)) == paths(some)
