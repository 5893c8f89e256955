"""The rows of docs/intervals.md: streams with a truth, as they come in practice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.simulated import AT_S, Chance, Numbers, Simulated, Stream, Streams, days_of, moments, plain
from metrics.durations import DAY_S

ALWAYS: Final = 1e9


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        metric: Its metric.
        name: What is special about the stream.
        truth: What the figure estimates, in the metric's unit.
        streams: Draws one.
        days: For how many days it has been there; the whole window at most.
        why: Why the interval may hold less often.
    """

    metric: str
    name: str
    truth: float
    streams: Simulated
    days: float = ALWAYS
    why: str = ""


def _good_and_bad(chance: Chance, days: float, cv2: float) -> Numbers:
    n = len(days_of(days))
    return chance.gamma(1 / cv2, cv2, n) if cv2 else np.ones(n)


def visits(rate: float, cv2: float = 0.0) -> Simulated:
    """Visits one by one; `cv2` is the squared coefficient of variation of days."""

    def draw(chance: Chance, days: float) -> Streams:
        return {"visit": plain(moments(chance, days, rate, _good_and_bad(chance, days, cv2)))}

    return draw


def counted(rate: float, size: float, cv2: float = 0.0) -> Simulated:
    """Events with counts of a mean size, geometric."""

    def draw(chance: Chance, days: float) -> Streams:
        minutes = moments(chance, days, rate, _good_and_bad(chance, days, cv2))
        return {"visit": Stream(minutes, chance.geometric(1 / size, len(minutes)).astype(float), *_nobody(minutes))}

    return draw


def _nobody(minutes: Numbers) -> tuple[Numbers, Numbers]:
    return np.zeros(len(minutes)), np.arange(len(minutes), dtype=float)


def crowds(rate: float, size: int) -> Simulated:
    """Visits in crowds of some within minutes."""

    def draw(chance: Chance, days: float) -> Streams:
        return {"visit": plain(np.repeat(moments(chance, days, rate / size), size))}

    return draw


def quiet_weekends(rate: float) -> Simulated:
    """A fifth of the mean at weekends, whichever weekday the instant is; the rate is the week's mean."""

    def draw(chance: Chance, days: float) -> Streams:
        weekdays = (days_of(days) / DAY_S + chance.integers(7)) % 7
        factor = np.where(weekdays >= 5, 0.2, 1.32)
        return {"visit": plain(moments(chance, days, rate, factor))}

    return draw


def bought(rate: float, share: float, cv2: float = 0.0, *, follows: bool = True, batches: str = "") -> Simulated:
    """Visits and conversions: each follows a visit, or comes by itself; visits one by one or counted once a day."""

    def draw(chance: Chance, days: float) -> Streams:
        factor = _good_and_bad(chance, days, cv2)
        minutes = moments(chance, days, rate, factor)
        if follows:
            conversions = minutes[chance.random(len(minutes)) < share]
        else:
            conversions = moments(chance, days, rate * share, factor)
        seen = _batched(minutes, batches) if batches else plain(minutes)
        return {"visit": seen, "conversion": plain(conversions)}

    return draw


def _batched(minutes: Numbers, where: str) -> Stream:
    days, counts = np.unique(minutes // DAY_S, return_counts=True)
    stamps = days * DAY_S + (0 if where == "begin" else DAY_S - 60)
    fits = stamps + 60 <= AT_S
    return Stream(stamps[fits], counts[fits].astype(float), *_nobody(stamps[fits]))


Score = Callable[[Chance, int], Numbers]


def answers(kind: str, rate: float, score: Score, each: float = 1.0, *, same: bool = True) -> Simulated:
    """Answers: a customer gives `each` on average (geometric), always the same one or each time another."""

    def draw(chance: Chance, days: float) -> Streams:
        minutes = moments(chance, days, rate)
        if each == 1:
            return {kind: plain(minutes, score(chance, len(minutes)))}
        sizes = chance.geometric(1 / each, len(minutes) + 1)
        customers = np.repeat(np.arange(len(sizes), dtype=float), sizes)[: len(minutes)]
        chance.shuffle(customers)
        of_each = score(chance, len(sizes))
        scores = of_each[customers.astype(int)] if same else score(chance, len(minutes))
        return {kind: plain(minutes, scores, customers)}

    return draw


def one_of(first: str, second: str, rate: float, share: float, each: float = 1.0) -> Simulated:
    """Events of two kinds, with a share of the first."""

    def draw(chance: Chance, days: float) -> Streams:
        whole = answers("x", rate, scored((1.0, share), (0.0, 1 - share)), each)(chance, days)["x"]
        is_first = whole.scores > 0.5
        return {
            kind: Stream(whole.minutes[chosen], whole.sizes[chosen], whole.scores[chosen] * 0, whole.customers[chosen])
            for kind, chosen in ((first, is_first), (second, ~is_first))
        }

    return draw


def scored(*shares: tuple[float, float]) -> Score:
    """Scores with their shares."""
    values, weights = zip(*shares, strict=True)

    def draw(chance: Chance, n: int) -> Numbers:
        return chance.choice(np.array(values), n, p=np.array(weights))

    return draw


def wandering(rate: float) -> Simulated:
    """Satisfaction that wanders from week to week around 70 %."""

    def draw(chance: Chance, days: float) -> Streams:
        minutes = moments(chance, days, rate)
        weeks = (minutes // (7 * DAY_S)).astype(int)
        levels = np.clip(0.7 + 0.1 * chance.standard_normal(200), 0, 1)
        return {"csat": plain(minutes, np.where(chance.random(len(minutes)) < levels[weeks % 200], 5.0, 1.0))}

    return draw


GOOD: Final = scored((5, 0.7), (1, 0.3))
BEST: Final = scored((5, 0.95), (1, 0.05))
NPS: Final = scored((10, 0.45), (8, 0.3), (3, 0.25))
EASE: Final = scored(*((float(score), 1 / 7) for score in range(1, 8)))
SKEWED: Final = scored((7, 0.9), (6, 0.06), (1, 0.04))
SAME: Final = scored((6, 1.0))
_WEEKENDS: Final = "wide: days that are quiet every week look like chance"
_FIRST_DAYS: Final = "on the first days nobody knows yet that weekends are quiet"
_BEGIN: Final = "stamp a count at the end of what it stands for: at the begin it is older than what it led to"
_WANDERS: Final = "the interval is that of the decayed mean; a level that wanders is not there to be covered"

ROWS: Final = (
    *(Case("traffic", f"Poisson, {rate} a day", rate, visits(rate)) for rate in (0.1, 1, 5, 50)),
    *(Case("traffic", f"counts of 30 on average, {rate} a day", 30 * rate, counted(rate, 30)) for rate in (0.5, 5)),
    *(Case("traffic", f"20 a day, good and bad days (CV² {cv2})", 20, visits(20, cv2)) for cv2 in (0.25, 1)),
    Case("traffic", "counts of 30, good and bad days (CV² 1)", 150, counted(5, 30, 1)),
    Case("traffic", "20 a day, in crowds of 10", 20, crowds(20, 10)),
    Case("traffic", "20 a day, quiet weekends", 20, quiet_weekends(20), ALWAYS, _WEEKENDS),
    *(Case("traffic", f"20 a day, {days} days old", 20, visits(20), days) for days in (3, 5, 10, 30)),
    *(Case("traffic", f"20 a day, CV² 1, {days} days old", 20, visits(20, 1), days) for days in (5, 10, 30)),
    Case("traffic", "20 a day, quiet weekends, 5 days old", 20, quiet_weekends(20), 5, _FIRST_DAYS),
    Case("referrals", "Poisson, 0.5 a day", 0.5, lambda c, d: {"referral": visits(0.5)(c, d)["visit"]}),
    *(Case("conversion_rate", f"{share:.0%} of 20 visits a day", 100 * share, bought(20, share))
      for share in (0.03, 0.3, 0.8)),
    *(Case("conversion_rate", f"{share:.0%}, not through visits", 100 * share, bought(20, share, follows=False))
      for share in (0.3, 0.8, 1.5)),
    Case("conversion_rate", "30%, good and bad days (CV² 1)", 30, bought(20, 0.3, 1)),
    Case("conversion_rate", "30%, 10 days old", 30, bought(20, 0.3), 10),
    Case("conversion_rate", "80%, not through visits, CV² 1", 80, bought(20, 0.8, 1, follows=False)),
    Case("conversion_rate", "30%, visits counted at the end of each day", 30, bought(20, 0.3, batches="end"), ALWAYS,
         "the day that is not over has conversions and no visits yet"),
    Case("conversion_rate", "30%, visits counted at the begin of each day", 30, bought(20, 0.3, batches="begin"),
         ALWAYS, _BEGIN),
    *(Case("csat", f"70%, {rate} answers a day", 70, answers("csat", rate, GOOD)) for rate in (0.3, 1, 10)),
    *(Case("csat", f"95%, {rate} answers a day", 95, answers("csat", rate, BEST)) for rate in (1, 10)),
    *(Case("csat", f"70%, {each} like answers a customer", 70, answers("csat", 10, GOOD, each)) for each in (2, 5, 20)),
    Case("csat", "70%, 5 answers a customer, each time another", 70, answers("csat", 10, GOOD, 5, same=False)),
    *(Case("nps", f"20, {rate} answers a day", 20, answers("nps", rate, NPS)) for rate in (0.3, 1, 10)),
    Case("nps", "20, 5 like answers a customer", 20, answers("nps", 10, NPS, 5)),
    *(Case("ces", f"4, even scores, {rate} a day", 4, answers("ces", rate, EASE)) for rate in (0.3, 1, 10)),
    *(Case("ces", f"6.7, skewed scores, {rate} a day", 6.7, answers("ces", rate, SKEWED)) for rate in (0.3, 1, 10)),
    Case("ces", "6, equal scores", 6, answers("ces", 1, SAME)),
    Case("ces", "4, 5 like answers a customer", 4, answers("ces", 10, EASE, 5)),
    Case("repeat_rate", "5% of 5 a day", 5, one_of("repeat_purchase", "conversion", 5, 0.05)),
    Case("repeat_rate", "30%, 3 like purchases a customer", 30, one_of("repeat_purchase", "conversion", 10, 0.3, 3)),
    Case("retention", "90% of 1 a day", 90, one_of("renewal", "churn", 1, 0.9)),
    Case("csat", "70% on average, wandering from week to week", 70, wandering(10), ALWAYS, _WANDERS),
)  # fmt: skip
