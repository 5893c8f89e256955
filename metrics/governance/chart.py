"""The map of ownership as a Mermaid flowchart: target groups, touchpoints by stage, departments by office."""

from collections.abc import Iterable, Mapping
from typing import Final

from metrics.governance.lines import Line
from metrics.governance.responsibility import lines_at
from metrics.registry import OFFICES, STAGES, UNOWNED, Registry

STAGE_TITLES: Final = {stage: f"{stage.capitalize()} the purchase" for stage in STAGES}
OFFICE_TITLES: Final = {office: f"{office.capitalize()} office" for office in OFFICES}
EVERYBODY: Final = "Everybody"
_PLAIN: Final = frozenset(" .,-_()%/")


def mermaid(registry: Registry, at_s: int) -> str:
    """The map at an instant (epoch seconds), as the text of a Mermaid flowchart.

    A solid line leads from a target group to its touchpoints, and from a touchpoint to the accountable department. A
    dotted line leads to other departments that do part of the work. Labels give the events, the facet and the share.
    """
    declared = {item.id for item in registry.touchpoints}
    lines = [line for line in lines_at(registry, at_s) if line.touchpoint in declared]
    groups = {"": "g0"} | {name: f"g{n}" for n, name in enumerate(_segments(lines), start=1)}
    points = {item.id: f"t{n}" for n, item in enumerate(registry.touchpoints)}
    holders = {item.id: f"d{n}" for n, item in enumerate(registry.departments)} | {UNOWNED: "nobody"}
    names = {item.id: next(iter(item.name.values())) for item in registry.segments}
    rows = ["flowchart LR"]
    labels = {"": f"{EVERYBODY} else" if len(groups) > 1 else EVERYBODY} | {
        name: names.get(name, name) for name in groups if name
    }
    rows += _box("groups", "Target groups", {groups[name]: label for name, label in labels.items()})
    for stage, title in STAGE_TITLES.items():
        inside = [item for item in registry.touchpoints if item.stage == stage]
        rows += _box(stage, title, {points[item.id]: f"{_name(item.name)} ({item.channel})" for item in inside})
    for office, title in OFFICE_TITLES.items():
        mine = [item for item in registry.departments if item.office == office]
        rows += _box(office, title, {holders[item.id]: item.name for item in mine})
    edges = [edge for line in lines for edge in _edges(line, groups, points, holders)]
    if any(edge.endswith(" nobody") for edge in edges):
        rows.append(f'    nobody["{mermaid_escaped(UNOWNED)}"]')
    return "\n".join([*rows, *dict.fromkeys(edges), ""])


def mermaid_escaped(text: str) -> str:
    """A text that Mermaid shows literally: every character other than letters, digits and harmless ones becomes a code.

    >>> mermaid_escaped('He said "end"')
    'He said #34;end#34;'
    """
    return "".join(
        character if character.isalnum() or character in _PLAIN else f"#{ord(character)};" for character in text
    )


def _segments(lines: Iterable[Line]) -> list[str]:
    return sorted({line.slice[0] for line in lines} - {""})


def _name(names: Mapping[str, str]) -> str:
    return names.get("en") or next(iter(names.values()))


def _box(name: str, title: str, nodes: Mapping[str, str]) -> list[str]:
    if not nodes:
        return []
    inside = [f'        {node}["{mermaid_escaped(label)}"]' for node, label in nodes.items()]
    return [f'    subgraph {name}["{mermaid_escaped(title)}"]', *inside, "    end"]


def _edges(
    line: Line, groups: Mapping[str, str], points: Mapping[str, str], holders: Mapping[str, str]
) -> Iterable[str]:
    point, which = points[line.touchpoint], " ".join(part for part in (line.facet, *line.slice) if part)
    yield f"    {groups[line.slice[0]]} --> {point}"
    for owner in line.accountable or (UNOWNED,):
        yield f"    {point} -->{_label(which)} {holders[owner]}"
    for name, share in sorted(line.shares.items()):
        if name not in line.accountable:
            yield f"    {point} -.->{_label(f'{which} {share:.0%}'.strip())} {holders[name]}"


def _label(text: str) -> str:
    return f'|"{mermaid_escaped(text)}"|' if text else ""
