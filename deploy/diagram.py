"""The diagram of rooms in ARCHITECTURE.md, drawn from the imports: `make diagram`.

A room is a folder, or a module, right below `streams/` or `metrics/`. An arrow goes from the room that imports to the
room that is imported; arrows that follow from others are left out.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import grimp

PROJECT: Final = Path(__file__).resolve().parents[1]
DOCUMENT: Final = PROJECT / "ARCHITECTURE.md"
BEGIN: Final = "<!-- the diagram: make diagram -->\n"
END: Final = "<!-- end of the diagram -->\n"
PACKAGES: Final = ("streams", "metrics")

Rooms = Mapping[str, frozenset[str]]
"""Each room, such as `streams.figures`, and the rooms that it imports."""


def rooms() -> Rooms:
    """The rooms of both packages as they are; modules imported for their types alone count as well."""
    graph = grimp.build_graph(*PACKAGES)
    imports: dict[str, set[str]] = {}
    for module in graph.modules:
        room = _room(module)
        if room in PACKAGES:
            continue
        imported = {_room(other) for other in graph.find_modules_directly_imported_by(module)}
        imports.setdefault(room, set()).update(imported - {room, *PACKAGES})
    return {room: frozenset(others) for room, others in imports.items()}


def reduced(graph: Rooms) -> dict[str, frozenset[str]]:
    """The same without arrows that follow from others.

    >>> reduced({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()})["a"]
    frozenset({'b'})
    """
    return {
        room: frozenset(other for other in others if not any(other in _below(graph, via) for via in others - {other}))
        for room, others in graph.items()
    }


def mermaid(graph: Rooms) -> str:
    """The rooms as a Mermaid flowchart: a box for each package, an arrow from who imports to what is imported."""
    lines = ["```mermaid", "flowchart TD"]
    for package in PACKAGES:
        lines.append(f"  subgraph {package}")
        lines += [f"    {_id(room)}[{room.partition('.')[2]}]" for room in sorted(graph) if room.startswith(package)]
        lines.append("  end")
    lines += [f"  {_id(room)} --> {_id(other)}" for room in sorted(graph) for other in sorted(graph[room])]
    return "\n".join([*lines, "```", ""])


def with_diagram(document: str, diagram: str) -> str:
    """A document with its diagram replaced.

    Raises:
        ValueError: It has no place for one.
    """
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(document):
        raise ValueError(f"no place for the diagram: {BEGIN!r} and {END!r} are missing")
    return pattern.sub(lambda _: BEGIN + diagram + END, document)


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _id(room: str) -> str:
    return room.replace(".", "_")


def _below(graph: Rooms, room: str) -> frozenset[str]:
    return frozenset(_walk(graph, room, set()))


def _walk(graph: Rooms, room: str, seen: set[str]) -> Iterator[str]:
    for other in graph[room] - seen:
        seen.add(other)
        yield other
        yield from _walk(graph, other, seen)


if __name__ == "__main__":
    DOCUMENT.write_text(with_diagram(DOCUMENT.read_text(), mermaid(reduced(rooms()))))
