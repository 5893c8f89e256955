"""Why a figure changed: what each touchpoint, segment or region adds to the change; the parts add up to the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from metrics.drift.subjects import Subject

ALL_OF_IT: Final = 1.005
"""What has more than this share of a change makes more than all of it: others moved the other way."""
EXPLAINS: Final = 0.5
"""A part of a change explains it if it makes more than this share of the whole."""


class GroupTotal(NamedTuple):
    """Exposure and total of one group over a stretch of time; for volumes exposure is the stretch in days."""

    exposure: float
    total: float


EMPTY_GROUP = GroupTotal(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one group adds to a change.

    Attributes:
        group: A touchpoint, segment or region.
        before: Its own figure before, in the metric's unit; None if it had none.
        after: Its own figure after.
        weight_before: Its share of the answers before, 0..1; for volumes, of the events.
        weight_after: Its share after.
        change: What it adds to the department's change, in the metric's unit.
        share: The same as a share of the whole change; None if that is zero.
    """

    group: str
    before: float | None
    after: float | None
    weight_before: float
    weight_after: float
    change: float
    share: float | None


def figure_of_groups(subject: Subject, parts: Mapping[str, GroupTotal]) -> float | None:
    """The figure of all groups together, in the metric's unit; None if there is no exposure.

    >>> from metrics.drift.subjects import SUBJECTS
    >>> figure_of_groups(SUBJECTS["csat"], {"a": GroupTotal(10, 9), "b": GroupTotal(30, 15)})
    60.0
    """
    whole = _whole(subject, parts)
    return whole.total / whole.exposure * subject.scale if whole.exposure > 0 else None


def contributions(
    subject: Subject, before: Mapping[str, GroupTotal], after: Mapping[str, GroupTotal]
) -> list[Contribution]:
    """What each group adds to the change from before to after, the greatest first.

    A ratio moves because groups change and because their mix does. With totals t and T, exposures e and E of a group
    and of all, a group adds (t1/E1 - t0/E0) - V * (e1/E1 - e0/E0), V the mean of both figures: more answers of a group
    move the figure only as far as that group differs from the rest. The sum over groups is exactly the change, because
    shares of exposure sum to 1 both times (Kitagawa 1955). The groups of a volume simply add up.

    Args:
        subject: The metric.
        before: Totals by group; a group without data is absent.
        after: Likewise.

    Returns:
        Empty if there is no figure before or after.
    """
    whole = figure_of_groups(subject, before), figure_of_groups(subject, after)
    if whole[0] is None or whole[1] is None:
        return []
    rows = [
        _contribution(subject, group, FigureChange(before, after), (whole[0] + whole[1]) / 2, whole[1] - whole[0])
        for group in sorted({*before, *after})
    ]
    return sorted(rows, key=lambda row: (-abs(row.change), row.group))


class FigureChange(NamedTuple):
    """All groups before and after."""

    before: Mapping[str, GroupTotal]
    after: Mapping[str, GroupTotal]


def _contribution(subject: Subject, group: str, both: FigureChange, middle: float, change: float) -> Contribution:
    own, adds = [], 0.0
    weights = []
    for sign, parts in zip((-1, 1), both, strict=True):
        whole, part = _whole(subject, parts), parts.get(group, EMPTY_GROUP)
        own.append(part.total / part.exposure * subject.scale if part.exposure > 0 else None)
        adds += sign * part.total / whole.exposure * subject.scale
        if subject.manner == "volume":
            weights.append(part.total / whole.total if whole.total > 0 else 0.0)
        else:
            weights.append(part.exposure / whole.exposure)
            adds -= sign * middle * weights[-1]
    return Contribution(
        group, own[0], own[1], weights[0], weights[1], adds, adds / change if abs(change) > 1e-12 else None
    )


def _whole(subject: Subject, parts: Mapping[str, GroupTotal]) -> GroupTotal:
    exposures = [part.exposure for part in parts.values()]
    exposure = max(exposures, default=0.0) if subject.manner == "volume" else sum(exposures)
    return GroupTotal(exposure, sum(part.total for part in parts.values()))


def moved(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """Total variation between two mixes, 0..1: the share that would have to move to turn one into the other.

    >>> moved({"a": 1, "b": 1}, {"a": 3, "b": 1})
    0.25
    """
    sums = sum(before.values()), sum(after.values())
    if min(sums) <= 0:
        return 0.0
    return sum(abs(before.get(g, 0) / sums[0] - after.get(g, 0) / sums[1]) for g in {*before, *after}) / 2
