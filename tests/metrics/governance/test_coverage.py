"""The share of bad interactions."""

from metrics.governance.coverage import bad_share


def test_without_scores_there_is_no_share() -> None:
    assert bad_share(3, 0).value is None


def test_a_share_of_few_effective_answers_is_known_less_well() -> None:
    many, few = bad_share(3, 60).ci, bad_share(3, 60, 12.0).ci
    assert many is not None
    assert few is not None
    assert few[0] < many[0] < 0.05 < many[1] < few[1]
