from bisect import bisect_right
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from metrics.registry.attribution import Attribution
from metrics.registry.chosen_lines import cut_days_of, lines_counting_for, places_of
from metrics.registry.model import UNOWNED, Registry
from tests.metrics.registry.test_attribution import registry_of, seconds
from tests.metrics.registry.test_told_apart import any_rules


@given(st.lists(any_rules(), max_size=12).map(registry_of), st.sets(st.sampled_from(("it", "sales", UNOWNED))), seconds)
def test_what_may_count_for_some_departments_is_at_the_places_of_their_lines(
    registry: Registry, some: set[str], at_s: int
) -> None:
    apart = Attribution(registry).told_apart
    lines = lines_counting_for(apart, some, (), at_s)
    assert lines == {n for n, line in enumerate(apart.lines) if some.intersection(line.owners)}
    assert lines_counting_for(apart, (), some, at_s) == {
        n for n, line in enumerate(apart.lines) if some.intersection(line.owners_within(at_s, at_s))
    }
    places = places_of(apart, lines)
    begins = list(apart.line_from)
    for place, filters in product(range(len(apart.names.places)), range(apart.strides.place)):
        line = apart.line_from[begins[bisect_right(begins, place * apart.strides.place + filters) - 1]]
        assert line not in lines or place in places.numbers
        assert place not in places.numbers or line in places.lines
    days = cut_days_of(apart, range(len(apart.lines)))
    assert days == apart.cut_days
