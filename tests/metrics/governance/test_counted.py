from metrics.governance import assessment
from metrics.governance.counted import Counted, GovernanceFigure, Scores, fact


def test_a_fact_is_neither_sampled_nor_uncertain_by_an_interval() -> None:
    assert (fact(2.0).value, fact(2.0).ci) == (2.0, None)


def test_nothing_counted_is_empty_and_the_assessment_gives_the_same_types() -> None:
    assert not any((Counted().owned, Counted().paths, Counted().promoters, Counted().departments.n))
    assert (assessment.Counted, assessment.GovernanceFigure, assessment.Scores) == (Counted, GovernanceFigure, Scores)
