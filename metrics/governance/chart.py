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
    """The map at an instant (epoch seconds).

    A full line leads from a target group to its touchpoints and from a touchpoint to who is accountable, a dotted one
    to who else does part of the work; their labels say for which events, which facet, which share.
    """
    known = {one.id for one in registry.touchpoints}
    lines = [line for line in lines_at(registry, at_s) if line.touchpoint in known]
    groups = {"": "g0"} | {name: f"g{n}" for n, name in enumerate(_segments(lines), start=1)}
    points = {one.id: f"t{n}" for n, one in enumerate(registry.touchpoints)}
    holders = {one.id: f"d{n}" for n, one in enumerate(registry.departments)} | {UNOWNED: "nobody"}
    names = {one.id: next(iter(one.name.values())) for one in registry.segments}
    rows = ["flowchart LR"]
    labels = {"": f"{EVERYBODY} else" if len(groups) > 1 else EVERYBODY} | {
        name: names.get(name, name) for name in groups if name
    }
    rows += _box("groups", "Target groups", {groups[name]: label for name, label in labels.items()})
    for stage, title in STAGE_TITLES.items():
        inside = [one for one in registry.touchpoints if one.stage == stage]
        rows += _box(stage, title, {points[one.id]: f"{_name(one.name)} ({one.channel})" for one in inside})
    for office, title in OFFICE_TITLES.items():
        mine = [one for one in registry.departments if one.office == office]
        rows += _box(office, title, {holders[one.id]: one.name for one in mine})
    edges = [edge for line in lines for edge in _edges(line, groups, points, holders)]
    if any(edge.endswith(" nobody") for edge in edges):
        rows.append(f'    nobody["{mermaid_escaped(UNOWNED)}"]')
    return "\n".join([*rows, *dict.fromkeys(edges), ""])


def mermaid_escaped(text: str) -> str:
    """A text that Mermaid shows as it is: whatever is neither letter, digit nor harmless becomes its code.

    >>> mermaid_escaped('He said "end"')
    'He said #34;end#34;'
    """
    return "".join(one if one.isalnum() or one in _PLAIN else f"#{ord(one)};" for one in text)


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
