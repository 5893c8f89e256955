"""Unknown fields are kept by source and name, as far as a name is one of a program, and as many as are bounded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.strangers import MOST_STRANGE_NAMES, MOST_STRANGE_SOURCES, Stranger, Strangers, shown_stranger
from metrics.registry.names import OTHER
from tests.metrics.events_near import GOOD, STAMP_MS, encoded


def run_of(*events: object) -> dict[tuple[str, str], int]:
    values = [encoded(event) for event in events]
    return dict(decode_run(values, [STAMP_MS] * len(values), RecordLimits()).strangers)


def test_the_decoder_says_which_unknown_fields_accepted_events_had_and_of_whom() -> None:
    crm = {**GOOD, "source": "crm", "eventId": 1}
    rejected = {**GOOD, "score": 11, "mood": 1}
    assert run_of(GOOD, {**GOOD, "mood": 1, "x": 2}, {**GOOD, "mood": 3}, crm, rejected) == {
        ("web-shop", "mood"): 2, ("web-shop", "x"): 1, ("crm", "eventId"): 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["userId", "utm_source", "@timestamp", "$lib", "page.url", "x-1", "customer_"])
def test_a_name_of_a_program_is_kept(name: str) -> None:
    assert shown_stranger(name) == name


@pytest.mark.parametrize(
    "name",
    ["anna@example.com", "Anna Rossi", "+39333123", "c471112", "é", "", "x" * 41, "\ud800", "a\n", "<b>", "4711"],
)
def test_any_other_name_is_kept_by_its_length(name: str) -> None:
    assert shown_stranger(name) == f"<a name of {len(name)} characters>"


def test_counts_add_up_and_say_when_the_first_and_the_last_were_read() -> None:
    strangers = Strangers()
    strangers.count({("crm", "mood"): 2}, 10)
    strangers.count({("crm", "mood"): 3, ("crm", "anna@x.it"): 1}, 20)
    assert strangers.take() == {
        ("crm", "mood"): Stranger(5, 10, 20),
        ("crm", "<a name of 9 characters>"): Stranger(1, 20, 20),
    }
    assert strangers.take() == {}


def test_what_could_not_be_written_counts_again() -> None:
    strangers = Strangers()
    strangers.count({("crm", "mood"): 2}, 10)
    taken = strangers.take()
    strangers.count({("crm", "mood"): 3}, 20)
    strangers.put_back(taken)
    assert strangers.take() == {("crm", "mood"): Stranger(5, 10, 20)}


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=4)), max_size=300))
def test_no_event_is_lost_however_many_names_there_are(sent: list[tuple[str, str]]) -> None:
    strangers = Strangers()
    for number, key in enumerate(sent):
        strangers.count({key: 1}, number)
    assert sum(stranger.events for stranger in strangers.take().values()) == len(sent)


def test_names_and_sources_without_end_are_few() -> None:
    strangers = Strangers()
    strangers.count({("crm", f"n-{number}"): 1 for number in range(2_000)}, 0)
    strangers.count({(f"s-{number}", "mood"): 1 for number in range(2_000)}, 0)
    taken = strangers.take()
    assert len(taken) <= MOST_STRANGE_NAMES + 1 + MOST_STRANGE_SOURCES + 1
    assert taken["crm", OTHER].events == 2_000 - MOST_STRANGE_NAMES
    assert taken[OTHER, OTHER].events == 2_000 - MOST_STRANGE_SOURCES + 1


def test_of_an_event_with_very_many_fields_the_first_are_named() -> None:
    event = json.loads(json.dumps(GOOD)) | {f"f{number}": 0 for number in range(1_000)}
    assert len(run_of(event)) == 40
