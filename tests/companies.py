"""Companies of any size: the text of a registry that has a little of everything, in proportion."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_FLOORS = {"nps": (0, 50), "csat": (0, 80), "ces": (1, 6), "referrals": (0, 9), "traffic": (0, 99)}


def company_of(touchpoints: int, owner: str = "d{}") -> str:
    """A registry of so many touchpoints with three owners each over time, a fifth as many departments, and the rest.

    Args:
        touchpoints: At least 100, so that there is something of everything.
        owner: What owners of rules are called, by the number of their department.
    """
    departments = touchpoints // 5
    lines = ['version = "large"', 'policy = "single"', "max_effective_owners = 1.5"]
    for number in range(departments):
        lines += _department(number)
    for number in range(touchpoints // 50):
        members = f"{{ d{number} = 0.5, d{number + 1} = 0.5 }}"
        lines += ["[[team]]", f'id = "team{number}"', f'name = "T{number}"', 'office = "front"', f"members = {members}"]
        lines += ["[[segment]]", f'id = "s{number}"', f'name = {{ en = "S{number}" }}']
        lines += ["[[ownership]]", f'touchpoint = "{_id(number)}"', f'segment = "s{number}"', f'owner = "team{number}"']
    for number in range(touchpoints):
        stage = ("before", "during", "after")[number % 3]
        lines += ["[[touchpoint]]", f'id = "{_id(number)}"', f'name = {{ en = "T{number}" }}', f'stage = "{stage}"']
        lines += ['channel = "online"', "[[touchpoint_policy]]", f'touchpoint = "{_id(number)}"', 'policy = "shared"']
        lines += ["max_effective_owners = 2.5", *_rules(number, touchpoints, owner)]
    for number in range(touchpoints // 5):
        lines += ["[[ownership]]", f'touchpoint = "old.p{number}"', f'owner = "d{number % departments}"']
    for number in range(touchpoints // 10):
        lines += ["[[program]]", f'name = "P{number}"', f'owner = "d{number % departments}"', 'metric = "nps"']
        lines += [f'touchpoints = ["{_id(number)}"]', f"target = {40 + number % 9}"]
    return "\n".join(lines) + "\n"


def of_targets(departments: int) -> str:
    """A registry of so many departments with targets, and nothing else."""
    lines = ['version = "targets"', 'policy = "single"']
    return "\n".join([*lines, *(line for number in range(departments) for line in _department(number))]) + "\n"


def _department(number: int) -> Iterator[str]:
    office = "front" if number % 2 else "back"
    yield from ("[[department]]", f'id = "d{number}"', f'name = "D{number}"', f'office = "{office}"')
    yield f'receiver = "r{number}"'
    for metric, (floor, internal) in _FLOORS.items():
        yield from ("[[target]]", f'metric = "{metric}"', f'department = "d{number}"', f"floor = {floor}")
        yield from (f"internal = {internal}", "to = 2026-06-01")


def _id(number: int) -> str:
    return f"a{number % 7}.t{number}.page"


def _rules(number: int, touchpoints: int, owner: str) -> Iterator[str]:
    departments = touchpoints // 5
    edges = [_FIRST + timedelta(minutes=turn * touchpoints + number) for turn in range(1, 3)]
    for turn, (begins, ends) in enumerate(zip([None, *edges], [*edges, None], strict=True)):
        yield "[[ownership]]"
        yield f'touchpoint = "{_id(number)}"'
        yield f'owner = "{owner.format((number + turn) % departments)}"'
        yield f"contributors = {{ d{(number + turn + 1) % departments} = 0.3 }}"
        if begins:
            yield f"from = {begins:%FT%TZ}"
        if ends:
            yield f"to = {ends:%FT%TZ}"
