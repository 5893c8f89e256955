import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events import facts
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.placeholders import DEFAULT, PLACEHOLDERS, is_nobody, placeholders_of
from metrics.events.pseudonyms import pseudonym
from metrics.registry.attribution import Attribution
from tests.metrics.events.test_facts import KEY, REGISTRY
from tests.metrics.events_near import GOOD, STAMP_MS

Pair = tuple[str, str]


def landed(*named: Pair, known: frozenset[str] = PLACEHOLDERS) -> tuple[list[str], dict[str, int]]:
    """The customers of the facts of events of (source, customer), and the sources that named nobody."""
    values = [json.dumps({**GOOD, "source": source, "customer": customer}).encode() for source, customer in named]
    run = decode_run(values, [STAMP_MS] * len(values), RecordLimits())
    assert run.rejected == []
    columns = facts.columns(run.events, run.occurred_ms, Attribution(REGISTRY), "7", KEY, known)
    return columns[facts.COLUMNS.index("customer")], dict(facts.sources_of_nobody(run.events, columns))


@pytest.mark.parametrize("text", ["null", "undefined", "none", "anonymous", "0", "-", "n/a", "unknown", "", " "])
@pytest.mark.parametrize("shape", [str, str.upper, str.title, lambda text: f"  {text} "])
def test_a_placeholder_is_no_customer_in_any_case_and_with_spaces_around_it(text: str, shape: type[str]) -> None:
    assert landed(("shop", shape(text))) == ([""], {"shop": 1})


@pytest.mark.parametrize("text", ["nullo", "c-0", "00", "--", "na", "unknown-7", "né", "null null", "none@x.it"])
def test_what_only_resembles_a_placeholder_is_somebody(text: str) -> None:
    assert landed(("shop", text)) == ([pseudonym(text, KEY)], {})


def test_an_event_that_names_no_customer_is_nobodys_and_counts_for_no_source() -> None:
    run = decode_run([json.dumps(GOOD).encode()], [STAMP_MS], RecordLimits())
    columns = facts.columns(run.events, run.occurred_ms, Attribution(REGISTRY), "7", KEY)
    assert facts.sources_of_nobody(run.events, columns) == {}


def test_a_setting_replaces_the_placeholders_or_adds_to_them() -> None:
    assert landed(("shop", "Guest"), ("shop", "null"), known=placeholders_of("guest"))[0] == [
        "",
        pseudonym("null", KEY),
    ]
    assert landed(("shop", "Guest"), ("shop", "null"), known=placeholders_of("+guest"))[0] == ["", ""]
    assert landed(("shop", " "), ("shop", "0"), known=placeholders_of(""))[0] == ["", pseudonym("0", KEY)]


spelt = st.sampled_from(DEFAULT.split(", ")).flatmap(
    lambda text: st.tuples(
        st.text(" \xa0", max_size=3),
        st.tuples(*(st.sampled_from([c, c.upper()]) for c in text)),
        st.text(" ", max_size=3),
    ).map(lambda parts: parts[0] + "".join(parts[1]) + parts[2])
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["shop", "crm"]),
            st.one_of(spelt, st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9)),
        ),
        max_size=20,
    )
)
def test_each_fact_is_somebodys_by_the_key_or_nobodys_and_counted_and_order_does_not_matter(named: list[Pair]) -> None:
    customers, counted = landed(*named)
    nobody = [is_nobody(customer, PLACEHOLDERS) for _, customer in named]
    wanted = ["" if is_it else pseudonym(name, KEY) for (_, name), is_it in zip(named, nobody, strict=True)]
    assert customers == wanted
    assert sum(counted.values()) == sum(nobody) == customers.count("")
    assert landed(*named[::-1]) == (customers[::-1], counted)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9), st.sets(st.text(max_size=4)))
def test_case_and_spaces_never_decide_who_is_nobody(text: str, words: set[str]) -> None:
    known = placeholders_of(",".join(words))
    assert is_nobody(f" {text}\n", known) == is_nobody(text, known) == is_nobody(text.casefold(), known)
