"""What happened to a metric's surroundings: changes of owner and of the registry, drifts, baselines, notes.

The page marks them on trends, `cxb annotations` lists them, and the dashboards' marks say the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from metrics.drift.cusum import DriftState
from metrics.registry import COMPANY, UNOWNED, Registry
from metrics.report.frame import sentence
from metrics.report.texts_en import ENGLISH

AnnotationKind = Literal["ownership", "registry", "drift_begun", "drift_ended", "baseline", "note"]
_MOVED: Final = {"up": "rise", "down": "fall"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """One thing that happened.

    Attributes:
        at: When.
        kind: What it is.
        department: Whose it is: of a change of owner the new one, of a note the one that it names; "" for none.
        touchpoint: Where; "" for none.
        slice: The segment, region and kind of event that a change of owner is limited to; "" for all events.
        metric: Of which metric; "" for none.
        old: What it was before: the owner, the registry's version, the state of the detector; "" where nothing was.
        new: What it is from then on; "" for a baseline and a note.
        text: A sentence in English with names for ids; of a note what somebody wrote.
        noticed_at: When a drift was noticed; None for the rest.
        is_explained: Whether a change of owner explains the drift.
        concerns: The departments whose figures it has to do with; none for all of them.
    """

    at: datetime
    kind: AnnotationKind
    department: str = ""
    touchpoint: str = ""
    slice: str = ""
    metric: str = ""
    old: str = ""
    new: str = ""
    text: str = ""
    noticed_at: datetime | None = None
    is_explained: bool = False
    concerns: frozenset[str] = frozenset()


class DriftChange(NamedTuple):
    """A change of state of the detector of a department's metric, as `metrics.drift.detection.Alarm` explains it."""

    at: datetime
    department: str
    metric: str
    state: DriftState
    since: datetime | None
    is_explained: bool


class ChangeOfHands(NamedTuple):
    """A touchpoint, or a slice of it, that passes from one department to another at an instant."""

    at: datetime
    touchpoint: str
    slice: str
    old: str
    new: str


class WrittenNote(NamedTuple):
    """What somebody wrote down.

    Attributes:
        at: When it happened.
        department: What it is about; "" for none.
        touchpoint: Likewise.
        text: As it was written: it may hold anything.
        concerns: The departments whose figures it has to do with; none for all of them.
    """

    at: datetime
    department: str
    touchpoint: str
    text: str
    concerns: frozenset[str] = frozenset()


class AnnotationWriter:
    """Writes what happened in the names of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._departments = {COMPANY: "Whole company", UNOWNED: "Nobody"}
        self._departments |= {item.id: item.name for item in registry.departments}
        self._touchpoints = {item.id: item.name.get("en") or item.id for item in registry.touchpoints}

    def ownership(self, change: ChangeOfHands) -> Annotation:
        """A touchpoint changed hands."""
        old, new = self._department(change.old), self._department(change.new)
        name = self._touchpoints.get(change.touchpoint, change.touchpoint)
        part = f" ({change.slice})" if change.slice else ""
        return Annotation(
            change.at, "ownership", change.new, change.touchpoint, change.slice, old=change.old, new=change.new,
            text=f"Owner: {old} to {new}: {name}{part}", concerns=frozenset({change.old, change.new}),
        )  # fmt: skip

    def drifts(self, changes: Iterable[DriftChange]) -> Iterator[Annotation]:
        """Where drifts began, and where they ended; the changes of each detector come in order of time."""
        before: dict[tuple[str, str], DriftState] = {}
        for change in changes:
            detector = change.department, change.metric
            yield from self._drift(change, before.get(detector, "calm"))
            before[detector] = change.state

    def baseline(self, at: datetime, department: str, metric: str, note: str) -> Annotation:
        """Somebody, or a change of owner, gave a metric a new baseline."""
        text = f"{self._of(department, metric)} has a new baseline: {note}"
        return Annotation(at, "baseline", department, metric=metric, text=text, concerns=frozenset({department}))

    def note(self, note: WrittenNote) -> Annotation:
        """Somebody noted what happened."""
        return Annotation(
            note.at, "note", note.department, note.touchpoint, text=note.text, concerns=note.concerns
        )  # fmt: skip

    def _drift(self, change: DriftChange, before: DriftState) -> Iterator[Annotation]:
        department, metric, concerns = change.department, change.metric, frozenset({change.department})
        if change.state == "calm":
            text = f"{self._of(department, metric)} is back at its baseline"
            yield Annotation(
                change.at, "drift_ended", department, metric=metric, old=before, new="calm", text=text,
                concerns=concerns,
            )  # fmt: skip
        elif change.since is not None:
            noticed = f"{change.at.astimezone(UTC):%-d %B %H:%M} UTC"
            reason = "; a change of owner explains it" if change.is_explained else ""
            text = f"{self._of(department, metric)} began to {_MOVED[change.state]}, noticed {noticed}{reason}"
            yield Annotation(
                change.since, "drift_begun", department, metric=metric, old=before, new=change.state, text=text,
                noticed_at=change.at, is_explained=change.is_explained, concerns=concerns,
            )  # fmt: skip

    def _department(self, name: str) -> str:
        return self._departments.get(name, name)

    def _of(self, department: str, metric: str) -> str:
        named = ENGLISH.metrics.get(metric)
        return f"{self._department(department)}: {sentence(named.name) if named else metric}"


def registry_versions(noted: Iterable[tuple[datetime, str]]) -> Iterator[Annotation]:
    """Versions of the registry that came into force, of what was noted of it in order of time.

    >>> day = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3)]
    >>> [(row.old, row.new, row.text) for row in registry_versions(zip(day, ("a", "a", "b")))]
    [('', 'a', 'Registry a in force'), ('a', 'b', 'Registry b in force')]
    """
    before = ""
    for at, version in noted:
        if version != before:
            yield Annotation(at, "registry", old=before, new=version, text=f"Registry {version} in force")
        before = version


def of_period(
    annotations: Iterable[Annotation], start: datetime, end: datetime, department: str | None
) -> list[Annotation]:
    """What happened in a period, oldest first, that a department's figures have to do with.

    Args:
        annotations: All there are, in any order.
        start: Start of the period, inclusive.
        end: Its end, exclusive.
        department: None or the company for everything; else what concerns this department or every one.
    """
    return sorted(
        (item for item in annotations if start <= item.at < end and _concerns(item, department)),
        key=lambda item: (item.at, item.kind, item.department, item.touchpoint, item.slice, item.metric, item.text),
    )


def _concerns(item: Annotation, department: str | None) -> bool:
    return department in (None, COMPANY) or not item.concerns or department in item.concerns
