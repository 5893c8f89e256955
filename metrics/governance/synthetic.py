"""The effect of changes of owner by synthetic controls, with placebos for its error.

Each touchpoint that changed its owner is compared, by weeks from the change, with a weighted mean of touchpoints that
kept theirs at least as long (never changed, or not yet): the weights, >= 0 and of sum 1, are those that follow it best
before the change (Abadie, Diamond and Hainmueller 2010), levels apart (Ferman and Pinto 2021), and no further than its
noise allows. The same is then done to each of those touchpoints as if it had changed: how large such placebos are shows
what chance and levels that wander by themselves can do. Nothing is assumed of days that depend on each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import comb, nan, sqrt
from typing import Final, NamedTuple

import numpy as np

from metrics.governance.controls import Compared, WeeklyMeans, compared
from metrics.governance.customers import Floats
from metrics.governance.estimates import NO_ESTIMATE, NO_MOMENTS, Days, Estimate
from metrics.governance.event_study import EventStudy, Weekly, study, together
from metrics.governance.evidence import LEVEL, holm
from metrics.governance.measures import EffectReason

_WEEK: Final = 7
WEEKS_BEFORE: Final = (6, 12)
"""Whole weeks before a change: at least, and at most."""
WEEKS_AFTER: Final = (3, 8)
FEWEST_DONORS: Final = 5
MOST_DONORS: Final = 40
"""Those with the most answers."""
_FEWEST_A_WEEK: Final = 3
"""Answers of a touchpoint in each week."""
WORST_FIT: Final = 4.0
"""Before the change, at most so many times the variance that the noise of the answers makes."""
DRAWS: Final = 1_999


class Change(NamedTuple):
    """A change of owner.

    Attributes:
        first_day: The first day, since 1970, that is wholly the new owner's.
        since_day: The first one that was wholly that of the owner before; any before the period if that is long ago.
        earliest_day: `first_day` of the touchpoint's first change in the period.
    """

    first_day: int
    since_day: int
    earliest_day: int


@dataclass(frozen=True, slots=True)
class SyntheticEffect:
    """An effect against synthetic controls.

    Attributes:
        effect: Mean over the weeks after the change, in the figure's unit. The interval is that of the placebos; None
            where there are too few for one. n is the number of answers before and after, n_eff that of the fewer.
        p: The share of placebos that are at least as large, the effect itself among them, 0..1; NaN without any.
        placebos: How many there are.
        reason: Why the effect cannot be told; "" where it can.
        study: The same week by week, of which the effect is the mean over the weeks after the change.
    """

    effect: Estimate
    p: float
    placebos: int
    reason: EffectReason
    study: EventStudy = field(default_factory=EventStudy)


class _Trial(NamedTuple):
    """A change with its placebos, before all are judged together."""

    own: Compared
    placebos: list[tuple[str, Compared]]
    answers: Floats
    before: int

    @property
    def on_both_sides(self) -> tuple[int, int]:
        """Answers before the change and after it."""
        return round(float(self.answers[: self.before].sum())), round(float(self.answers[self.before :].sum()))

    @property
    def weekly(self) -> Weekly:
        return Weekly(self.own.gaps, self.own.errors, self.answers, self.before)


def synthetic_effects(
    changes: Mapping[str, Change], days: Mapping[str, Days], since_day: int, until_day: int
) -> dict[str, SyntheticEffect]:
    """The effect by touchpoint; and under "" of all together, where several can be compared.

    Args:
        changes: By touchpoint its last change of owner in the period.
        days: By touchpoint the answers of each day of the period.
        since_day: The first day of the period, since 1970.
        until_day: The one after the last.
    """
    noise = _noise(days.values())
    trials: dict[str, _Trial] = {}
    effects: dict[str, SyntheticEffect] = {}
    for touchpoint, item in sorted(changes.items()):
        trial = _trial(touchpoint, item, changes, days, (since_day, until_day), noise)
        if isinstance(trial, str):
            effects[touchpoint] = SyntheticEffect(NO_ESTIMATE, nan, 0, trial)
        else:
            trials[touchpoint] = trial
    effects |= {touchpoint: _by_itself(trial) for touchpoint, trial in trials.items()}
    if len(trials) > 1:
        effects[""] = _together(list(trials.values()))
    return _judged(effects, trials)


def _noise(touchpoints: Iterable[Days]) -> float:
    """The variance of answers about the mean of their touchpoint and day."""
    left = free = 0.0
    for touchpoint in touchpoints:
        for item in touchpoint.values():
            left += item.variance * max(0, item.n - 1)
            free += max(0, item.n - 1)
    return left / free if left else 1.0


def _trial(
    touchpoint: str,
    item: Change,
    changes: Mapping[str, Change],
    days: Mapping[str, Days],
    period: tuple[int, int],
    noise: float,
) -> _Trial | EffectReason:
    start, end = max(period[0], item.since_day), period[1]
    before = min(WEEKS_BEFORE[1], (item.first_day - start) // _WEEK)
    after = min(WEEKS_AFTER[1], (end - item.first_day) // _WEEK)
    if before < WEEKS_BEFORE[0] or after < WEEKS_AFTER[0]:
        return "too_few_weeks"
    last_day = item.first_day + after * _WEEK
    own = _unit(days.get(touchpoint, {}), item.first_day, before, after)
    if own is None:
        return "too_few_weeks"
    donors = {}
    for name, kept in days.items():
        # One that changes later is as good as one that never does, as long as it has not.
        is_donor = name != touchpoint and (name not in changes or changes[name].earliest_day > last_day)
        unit = _unit(kept, item.first_day, before, after) if is_donor else None
        if unit is not None:
            donors[name] = unit
    if len(donors) < FEWEST_DONORS:
        return "too_few_donors"
    names = sorted(sorted(donors, key=lambda name: (float(donors[name].inverse.mean()), name))[:MOST_DONORS])
    units = [donors[name] for name in names]
    rest = [[*units[:n], *units[n + 1 :]] for n in range(len(units))]
    [of_own], placebos = compared([own], [units], before, noise), compared(units, rest, before, noise)
    return _Trial(of_own, list(zip(names, placebos, strict=True)), 1 / own.inverse, before)


def _unit(days: Days, first_day: int, before: int, after: int) -> WeeklyMeans | None:
    sums = [NO_MOMENTS] * (before + after)
    for day, item in days.items():
        week = (day - first_day) // _WEEK + before
        if 0 <= week < before + after:
            sums[week] += item
    if min(item.n for item in sums) < _FEWEST_A_WEEK:
        return None
    return WeeklyMeans(np.array([item.mean for item in sums]), np.array([1 / item.n for item in sums]))


def _by_itself(trial: _Trial) -> SyntheticEffect:
    sizes = np.sort([abs(placebo.size) for _, placebo in trial.placebos])
    p = (1 + int((sizes >= abs(trial.own.size)).sum())) / (len(sizes) + 1)
    # Of n placebos and the effect itself, the n + 1 in any order equally likely without one.
    rank = int(np.ceil((1 - LEVEL) * (len(sizes) + 1)))
    half = float(sizes[rank - 1]) * trial.own.error if rank <= len(sizes) else None
    value = trial.own.effect
    interval = None if half is None else (value - half, value + half)
    effect = Estimate(value, interval, sum(trial.on_both_sides), float(min(trial.on_both_sides)))
    by_week = study(trial.weekly, trial.own.sizes, np.stack([placebo.sizes for _, placebo in trial.placebos]))
    return SyntheticEffect(effect, p, len(sizes), "", by_week)


def _together(trials: Sequence[_Trial]) -> SyntheticEffect:
    """The mean effect, against as many touchpoints drawn from those that changed and those that did not."""
    # By week only those weeks that all of them have.
    before, after = (min(sides) for sides in zip(*((t.before, len(t.answers) - t.before) for t in trials), strict=True))
    cuts = [slice(trial.before - before, trial.before + after) for trial in trials]
    names = sorted({name for trial in trials for name, _ in trial.placebos})
    # The whole effect first, then the weeks.
    sizes = np.full((len(trials), len(trials) + len(names), 1 + before + after), nan)
    for row, trial in enumerate(trials):
        # Without an effect, what changed is as good a draw as what did not.
        for place, (other, cut) in enumerate(zip(trials, cuts, strict=True)):
            sizes[row, place] = other.own.size, *other.own.sizes[cut]
        for name, placebo in trial.placebos:
            sizes[row, len(trials) + names.index(name)] = placebo.size, *placebo.sizes[cuts[row]]
    drawn, own = _drawn(sizes), np.mean([sizes[row, row] for row in range(len(trials))], axis=0)
    ways = comb(sizes.shape[1], len(trials))
    p = max((1 + int((np.abs(drawn[:, 0]) >= abs(own[0]) - 1e-12).sum())) / (DRAWS + 1), 1 / ways)
    value = float(np.mean([trial.own.effect for trial in trials]))
    error = sqrt(sum(trial.own.error**2 for trial in trials)) / len(trials)
    half = float(np.quantile(np.abs(drawn[:, 0]), 1 - LEVEL)) * sqrt(len(trials)) * error
    answers = [sum(trial.on_both_sides[side] for trial in trials) for side in (0, 1)]
    effect = Estimate(value, (value - half, value + half), sum(answers), float(min(answers)))
    by_week = study(together([trial.weekly.cut(before, after) for trial in trials]), own[1:], drawn[:, 1:], 1 / ways)
    return SyntheticEffect(effect, p, min(ways - 1, DRAWS), "", by_week)


def _drawn(sizes: Floats) -> Floats:
    """Means of as many draws of touchpoints as there are changes (rows), without one that is drawn twice."""
    generator, chosen = np.random.default_rng(0), np.arange(sizes.shape[1])
    draws = np.stack([generator.permutation(chosen)[: len(sizes)] for _ in range(DRAWS)])
    return np.asarray(np.nanmean(sizes[np.arange(len(sizes)), draws], axis=1))


def _judged(effects: Mapping[str, SyntheticEffect], trials: Mapping[str, _Trial]) -> dict[str, SyntheticEffect]:
    """With the reasons of those that cannot be told.

    The company's effect is tested first, and single ones, with Holm's correction, only if it stands out (fixed
    sequence: Maurer, Hothorn and Lehmacher 1995): at most one calm company of twenty gets any claim.
    """
    tried = [name for name in effects if name and not effects[name].reason]
    held = dict(zip(tried, holm([effects[name].p for name in tried]), strict=True))
    is_open = True
    if "" in effects:
        held[""] = is_open = effects[""].p <= LEVEL and not effects[""].study.differs_before
    judged = {
        name: replace(item, reason=_reason(item, is_open and held.get(name, False), len(tried) if name else 1, misfit))
        for name, item in effects.items()
        for misfit in (_misfit(name, trials),)
    }
    # Against what did not move alike before, a figure would mean nothing.
    return {
        name: replace(item, effect=NO_ESTIMATE, p=nan, study=item.study.without_lags)
        if item.reason in ("no_fit", "leads_differ")
        else item
        for name, item in judged.items()
    }


def _misfit(name: str, trials: Mapping[str, _Trial]) -> float:
    if name:
        return trials[name].own.misfit if name in trials else 0.0
    return float(np.mean([trial.own.misfit for trial in trials.values()]))


def _reason(item: SyntheticEffect, is_held: bool, tested: int, misfit: float) -> EffectReason:
    if item.reason:
        return item.reason
    if misfit > WORST_FIT:
        return "no_fit"
    if item.study.differs_before:
        return "leads_differ"
    differs = item.effect.ci is not None and not item.effect.ci[0] <= 0 <= item.effect.ci[1]
    if 1 / (item.placebos + 1) > LEVEL / tested:
        return "too_few_placebos"
    return "" if is_held and differs else "like_placebos"
