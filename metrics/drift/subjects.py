"""What a detector observes: the number of observations in a stretch of cells, and their total."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from metrics.catalogue import METRICS
from metrics.durations import HOUR_S, MINUTE_S

Manner = Literal["answers", "rate", "volume"]

COUNTS_SKEW: Final = 3.0
"""Third cumulant of what is counted, in variance^2/mean: where noise multiplies, as log-normal and inverse Gaussian do.

Independent clumps give 1 at least (Cauchy-Schwarz), gamma noise 2; weeks of a real shop's orders have 3.9. A stretch of
weeks cannot tell: whoever has not seen its great days yet takes counts for even, and takes such days for a drift.
"""


class Tally(NamedTuple):
    """Undecayed sums over cells of one kind.

    Attributes:
        n: Events.
        counted: Sum of `count`, which only awareness and visits have beyond 1.
        promoters: Scores 9 and 10 (nps).
        detractors: Scores 0 to 6 (nps).
        satisfied: Scores 4 and 5 (csat).
        score: Sum of scores.
    """

    n: int = 0
    counted: int = 0
    promoters: int = 0
    detractors: int = 0
    satisfied: int = 0
    score: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """The sums over both."""
        return Tally(*(mine + yours for mine, yours in zip(self, other, strict=True)))

    def minus(self, other: "Tally") -> "Tally":
        """The sums without those of another, which is a part; never below 0."""
        return Tally(*(max(0, mine - yours) for mine, yours in zip(self, other, strict=True)))


EMPTY_TALLY: Final = Tally()
Tallies = Mapping[str, Tally]


class Observation(NamedTuple):
    """The observations of one minute or hour.

    Attributes:
        end_s: Its end, epoch seconds: it is not known before.
        exposure: Answers or chances in it, >= 0; for volumes 0 until a baseline gives the expected number.
        total: Their total.
    """

    end_s: int
    exposure: float
    total: float


@dataclass(frozen=True, slots=True)
class Subject:
    """How one metric is watched.

    Attributes:
        metric: Its name in the catalogue.
        manner: answers: each counts separately, minute by minute. rate: events for each chance, by the hour.
            volume: events against the usual number for the hour of the week.
        scale: What 1 of total/exposure is in the metric's unit; volumes have no fixed scale.
        shift: Default of the smallest shift worth acting on: in the metric's unit, or percent of the baseline for
            rates and volumes.
        observe: Computes exposure and total from the tallies of a stretch.
    """

    metric: str
    manner: Manner
    scale: float
    shift: float
    observe: Callable[[Tallies], tuple[float, float]]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of event that it needs."""
        return METRICS[self.metric].kinds

    @property
    def width_s(self) -> int:
        """How long a step is, seconds."""
        return MINUTE_S if self.manner == "answers" else HOUR_S

    def shift_of_mean(self, shift: float, mean: float) -> float:
        """Converts a shift, in the metric's unit or percent, into units of total/exposure.

        >>> SUBJECTS["nps"].shift_of_mean(15, 0.25), SUBJECTS["traffic"].shift_of_mean(20, 1.0)
        (0.15, 0.2)
        """
        return shift / self.scale if self.manner == "answers" else shift / 100 * mean

    def least_skew(self, mean: float, sd: float) -> float:
        """Least third cumulant of an observation, in sd^3: good weeks of what is counted exceed the usual by more.

        Args:
            mean: Its total for each unit of exposure.
            sd: Its standard deviation in the long run.

        >>> SUBJECTS["traffic"].least_skew(1.0, 2.5), SUBJECTS["nps"].least_skew(0.25, 0.8)
        (7.5, -inf)
        """
        return -inf if self.manner == "answers" else COUNTS_SKEW * sd / mean


def _answers(kind: str, total: Callable[[Tally], float]) -> Callable[[Tallies], tuple[float, float]]:
    def observe(tallies: Tallies) -> tuple[float, float]:
        tally = tallies.get(kind, EMPTY_TALLY)
        return tally.n, total(tally)

    return observe


def _share(yes: str, no: str) -> Callable[[Tallies], tuple[float, float]]:
    def observe(tallies: Tallies) -> tuple[float, float]:
        hits = tallies.get(yes, EMPTY_TALLY).n
        return hits + tallies.get(no, EMPTY_TALLY).n, hits

    return observe


def _volume(kind: str) -> Callable[[Tallies], tuple[float, float]]:
    return lambda tallies: (0, tallies.get(kind, EMPTY_TALLY).counted)


def _conversion_rate(tallies: Tallies) -> tuple[float, float]:
    return tallies.get("visit", EMPTY_TALLY).counted, tallies.get("conversion", EMPTY_TALLY).n


_ALL: Final = (
    Subject("nps", "answers", 100, 15, _answers("nps", lambda tally: tally.promoters - tally.detractors)),
    Subject("csat", "answers", 100, 10, _answers("csat", lambda tally: tally.satisfied)),
    Subject("ces", "answers", 1, 0.3, _answers("ces", lambda tally: tally.score)),
    Subject("referrals", "volume", 1, 30, _volume("referral")),
    Subject("repeat_rate", "answers", 100, 10, _share("repeat_purchase", "conversion")),
    Subject("retention", "answers", 100, 10, _share("renewal", "churn")),
    Subject("awareness", "volume", 1, 30, _volume("awareness")),
    Subject("traffic", "volume", 1, 30, _volume("visit")),
    Subject("conversions", "volume", 1, 30, _volume("conversion")),
    Subject("conversion_rate", "rate", 100, 30, _conversion_rate),
)
SUBJECTS: Final[Mapping[str, Subject]] = MappingProxyType({subject.metric: subject for subject in _ALL})
