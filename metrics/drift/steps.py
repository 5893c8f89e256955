"""The steps of a detector, packed: a long history of many detectors has room in memory, and one is read at a time."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Self, overload

from metrics.drift.subjects import Observation


class Steps(Sequence[Observation]):
    """Observations in order of time, in 24 bytes each; as objects they take six times that.

    >>> steps = Steps([Observation(60, 2.0, 1.0), Observation(120, 1.0, 1.0)])
    >>> steps[-1], len(steps), steps == Steps(steps)
    (Observation(end_s=120, exposure=1.0, total=1.0), 2, True)
    """

    __slots__ = ("_ends", "_exposures", "_totals")

    def __init__(self, observed: Iterable[Observation] = ()) -> None:
        self._ends, self._exposures, self._totals = array("q"), array("d"), array("d")
        self.extend(observed)

    def extend(self, observed: Iterable[Observation]) -> None:
        """Adds later ones."""
        for end_s, exposure, total in observed:
            self._ends.append(end_s)
            self._exposures.append(exposure)
            self._totals.append(total)

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[Observation]:
        return map(Observation, self._ends, self._exposures, self._totals)

    @overload
    def __getitem__(self, place: int) -> Observation: ...
    @overload
    def __getitem__(self, place: slice) -> Self: ...
    def __getitem__(self, place: int | slice) -> Observation | Self:
        if isinstance(place, int):
            return Observation(self._ends[place], self._exposures[place], self._totals[place])
        part = type(self)()
        part._ends, part._exposures, part._totals = self._ends[place], self._exposures[place], self._totals[place]
        return part

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Steps):
            return NotImplemented
        mine, theirs = ((steps._ends, steps._exposures, steps._totals) for steps in (self, other))
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Steps({list(self)!r})"


def inside(observed: Iterable[Observation], width_s: int, start_s: int, end_s: int) -> Iterator[Observation]:
    """The steps, each so many seconds long, that begin at or after one epoch second and end by another."""
    return (step for step in observed if step.end_s - width_s >= start_s and step.end_s <= end_s)
