"""Figures from the registry alone: a new silo, programmes that conflict, and its completeness."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from metrics.catalogue import LANGUAGE_CODES, METRICS
from metrics.governance.counted import GovernanceFigure, fact
from metrics.governance.lines import Line, RunningProgramme, completeness, new_silo, owned_touchpoints, redundancies
from metrics.governance.measures import Measure
from metrics.governance.responsibility import experience_departments, service_departments, without_sponsor
from metrics.registry import Programme, Registry
from metrics.registry.claims import epoch_s, patterns_of


def declared_figures(
    registry: Registry, lines: tuple[Line, ...], levels: Mapping[str, float], since_s: int, at_s: int
) -> Iterator[GovernanceFigure]:
    """The figures from the registry alone.

    Args:
        registry: The company's registry.
        lines: Who answers for what at the end of the period.
        levels: The company's figure of each metric, in its unit: it shows in which direction a target leads.
        since_s: Start of the period, epoch seconds: programmes that ran in it count.
        at_s: End of the period, epoch seconds.
    """
    owned = owned_touchpoints(lines)
    departments = registry.departments
    silo = new_silo(owned, experience_departments(departments), service_departments(departments))
    if silo is not None:
        yield GovernanceFigure("new_silo", silo, fact(owned[silo] / sum(owned.values())))
    running = [item for item in registry.programmes if _runs(item, since_s, at_s)]
    touchpoints = [item.id for item in registry.touchpoints]
    programmes = [
        RunningProgramme(item.name, item.owner, reached, item.metric, item.target, levels.get(item.metric))
        for item, reached in zip(running, touchpoints_reached(running, touchpoints), strict=True)
    ]
    for pair in redundancies(programmes):
        measure: Measure = "opposed_programs" if pair.opposed else "redundant_programs"
        yield GovernanceFigure(measure, f"{pair.one} / {pair.other}", fact(len(pair.touchpoints)))
    for part, estimate in completeness(_filled(registry, lines, at_s)).items():
        yield GovernanceFigure("completeness", part, estimate)


def _runs(programme: Programme, since_s: int, at_s: int) -> bool:
    begins = programme.valid_from is None or epoch_s(programme.valid_from) < at_s
    return begins and (programme.valid_to is None or epoch_s(programme.valid_to) > since_s)


def touchpoints_reached(programmes: Iterable[Programme], declared: Iterable[str]) -> list[frozenset[str]]:
    """Of each programme, the declared touchpoints that one of its patterns matches."""
    by_pattern: defaultdict[str, set[str]] = defaultdict(set)
    for name in declared:
        for pattern in patterns_of(name):
            by_pattern[pattern].add(name)
    return [frozenset().union(*(by_pattern.get(of, ()) for of in item.touchpoints)) for item in programmes]


def _filled(registry: Registry, lines: tuple[Line, ...], at_s: int) -> dict[str, list[bool]]:
    owned = {line.touchpoint for line in lines if line.accountable}
    bare = set(without_sponsor(registry, at_s - 1))
    targets = registry.targets_at(at_s)
    aimed = {target.metric for target in targets}
    return {
        "names in every language": [set(LANGUAGE_CODES) <= item.name.keys() for item in registry.touchpoints],
        "owners": [item.id in owned for item in registry.touchpoints],
        "sponsors": [item.id not in bare for item in registry.touchpoints],
        "receivers of alerts": [item.receiver is not None for item in registry.departments],
        "targets": [name in aimed for name in METRICS],
        "customers' targets": [target.customer is not None for target in targets],
    }
