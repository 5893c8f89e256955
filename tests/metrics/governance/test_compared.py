"""All givers at once are compared as each is by itself."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance import compared
from metrics.governance.compared import gaps_by_giver
from metrics.governance.customers import Sample, difference_of_customers, pooled
from metrics.governance.estimates import Estimate, Moments
from metrics.governance.transitions import CustomerAnswers, Transition
from tests.metrics.governance.given import law

GIVERS = ("hr", "it", "pr", "sales")
scores = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])


@st.composite
def to_hr(draw: st.DrawFn) -> list[Transition]:
    """Transitions to hr, by giver and question: of known customers, who may be the same, or each of another one."""

    def one(giver: str, question: int) -> Transition:
        answers = draw(
            st.dictionaries(st.sampled_from([0, 1, 2, 3, 10**6, 2**22]), st.lists(scores, min_size=1), max_size=5)
        )
        flat = [score for some in answers.values() for score in some] if question else []
        after = Moments(len(flat), fsum(flat), fsum(score * score for score in flat))
        rows = [CustomerAnswers(name, len(some), fsum(some)) for name, some in sorted(answers.items())]
        return Transition(
            giver, "hr", len(flat) + 1, after, question, tuple(rows) if question and draw(st.booleans()) else ()
        )

    pairs = draw(st.lists(st.tuples(st.sampled_from(GIVERS), st.integers(0, 3)), min_size=1, unique=True))
    return [one(*pair) for pair in pairs]


def sample(transitions: Iterable[Transition]) -> Sample:
    return pooled((item.after, item.by_customer) for item in transitions)


def one_by_one(transitions: Sequence[Transition], *, alike: bool) -> dict[str, Estimate]:
    """The same, giver by giver."""
    of: defaultdict[tuple[str, int], list[Transition]] = defaultdict(list)
    for item in transitions:
        of[item.giver, item.asked if alike else 0].append(item)
    found = {}
    for giver in {item.giver for item in transitions} - {"hr"}:
        strata = [
            (sample(some), sample(of["hr", question])) for (name, question), some in [*of.items()] if name == giver
        ]
        across, inside = strata[0]
        n, least = across.whole.n + inside.whole.n, min(across.size, inside.size)
        if alike or least > 1:
            found[giver] = difference_of_customers(strata)
        else:
            found[giver] = Estimate(across.whole.mean - inside.whole.mean if least else None, None, n, float(least))
    return found


def width(of: Estimate) -> float:
    return of.ci[1] - of.ci[0] if of.ci else 0.0


@law
@given(to_hr(), st.booleans(), st.sampled_from([1, 3, compared.AT_ONCE]))
def test_all_givers_at_once_are_compared_as_each_by_itself(
    transitions: list[Transition], alike: bool, at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compared, "AT_ONCE", at_once)
        found, expected = gaps_by_giver(transitions, alike=alike), one_by_one(transitions, alike=alike)
    assert found.keys() == expected.keys()
    for giver, estimate in found.items():
        other = expected[giver]
        assert (estimate.n, estimate.ci is None) == (other.n, other.ci is None)
        assert estimate.value == pytest.approx(other.value, abs=1e-12)
        assert estimate.n_eff == pytest.approx(other.n_eff, rel=1e-12)
        # The root of a variance of nothing but rounding is a millionth of what it would be otherwise.
        rounding = 1e-12 if width(other) > 1e-6 else 1e-6
        assert estimate.ci == (other.ci and pytest.approx(other.ci, rel=1e-12, abs=rounding))
