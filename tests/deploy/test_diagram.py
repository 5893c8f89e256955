"""The diagram in ARCHITECTURE.md is what the imports give, and its arrows run down."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.diagram import DOCUMENT, PROJECT, mermaid, reduced, rooms, with_diagram

NAMES = "abcdef"
# Arrows from a letter to later ones only: no circles, as between rooms.
GRAPHS = st.fixed_dictionaries({name: st.frozensets(st.sampled_from(NAMES)) for name in NAMES}).map(
    lambda graph: {room: frozenset(other for other in others if other > room) for room, others in graph.items()}
)


def reach(graph: dict[str, frozenset[str]], room: str) -> set[str]:
    below = set(graph[room])
    for other in graph[room]:
        below |= reach(graph, other)
    return below


def test_the_diagram_is_drawn_from_the_imports_of_today() -> None:
    text = DOCUMENT.read_text()
    assert with_diagram(text, mermaid(reduced(rooms()))) == text, "run make diagram"


def test_every_room_has_a_row_in_the_tables() -> None:
    named = set(re.findall(r"`(\w+)/?`", "\n".join(re.findall(r"^\| (`.*?) \|", DOCUMENT.read_text(), re.MULTILINE))))
    assert {room.partition(".")[2] for room in rooms()} <= named


def test_every_folder_of_both_packages_is_a_room() -> None:
    folders = {
        f"{package}.{path.parent.name}"
        for package in ("streams", "metrics")
        for path in (PROJECT / package).glob("*/__init__.py")
    }
    assert folders <= set(rooms())


@given(GRAPHS)
def test_leaving_arrows_out_loses_no_path(graph: dict[str, frozenset[str]]) -> None:
    few = reduced(graph)
    assert all(few[room] <= graph[room] and reach(few, room) == reach(graph, room) for room in graph)


@given(GRAPHS)
def test_no_arrow_is_left_that_follows_from_others(graph: dict[str, frozenset[str]]) -> None:
    few = reduced(graph)
    assert not any(other in reach(few, via) for others in few.values() for other in others for via in others - {other})


def test_a_document_without_a_place_for_the_diagram_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for the diagram"):
        with_diagram("# Nothing", "")
