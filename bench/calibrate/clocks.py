"""make clock-changes: a company whose customers live by clocks that change, over two years: does a change raise alarms?

Nothing drifts in it. Its hours are the same before and after each change, by its own clocks; by those of UTC they move.
"""

import sys
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.calibrate.worlds import Array
from metrics.drift.baselines import Span, estimate
from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy, detect
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.durations import DAY_S, HOUR_S, WEEK_S
from metrics.zones import UTC_ZONE, Zone, zone_of

BEGIN_S: Final = 1_736_121_600
"""Monday, 2025-01-06 00:00 UTC."""
WEEKS: Final = 104
BASELINE_S: Final = 4 * WEEK_S
AFTER_S: Final = 7 * DAY_S
"""An alarm so soon after a change is one that the change may have raised."""
BUDGET: Final = 0.1
"""False alarms a month of one detector."""
OPEN: Final = np.array([0.0] * 8 + [0.5, 1.5, 2.0, 2.0, 1.5, 0.7, 0.7, 1.5, 2.0, 2.0, 1.5, 0.5] + [0.05] * 4)
WEEK: Final = np.array([1.0, 0.9, 0.9, 1.0, 1.2, 1.6, 0.3])


@dataclass(frozen=True, slots=True)
class Outcome:
    """Alarms of a company's volume, up or down.

    Attributes:
        after: Within a week after a change of clocks.
        others: At other times.
        weeks: How many weeks after changes there were.
    """

    after: int
    others: int
    weeks: int


def visits(seed: int, an_hour: float, zone: Zone, unrest: float = 0.1) -> list[Observation]:
    """Visits by the hour of people who live by the clocks of a zone; `unrest` is the CV of the days' levels."""
    rng = np.random.default_rng(seed)
    ends = BEGIN_S + HOUR_S * np.arange(1, WEEKS * 7 * 24 + 1)
    shown = np.array([end - HOUR_S + zone.offset_s(end - HOUR_S) for end in ends.tolist()])
    days: Array = shown // DAY_S
    levels = an_hour * OPEN[shown // HOUR_S % 24] * WEEK[(days - 4) % 7]
    if unrest:
        levels = levels * rng.gamma(unrest**-2, unrest**2, int(days[-1] - days[0]) + 1)[days - days[0]]
    counts = rng.poisson(levels)
    return [Observation(end, 0, float(n)) for end, n in zip(ends.tolist(), counts.tolist(), strict=True) if n]


def outcome(steps: list[Observation], lives_by: Zone, declared: Zone, budget: float = BUDGET) -> Outcome:
    """The alarms of a company that lives by one zone and has declared one, perhaps another."""
    span = Span(BEGIN_S, BEGIN_S + BASELINE_S, "automatic")
    baseline = estimate("shop", SUBJECTS["traffic"], steps, span, 1, span.end_s, declared)
    if baseline is None:
        raise ValueError("the simulated stretch has no noise to estimate")
    policy = DetectionPolicy(budget, DEFAULT_SHIFTS)
    end_s = BEGIN_S + WEEKS * WEEK_S
    _, alarms = detect([baseline], policy, BudgetShares([span.end_s]), steps, end_s)
    changes = [at for at in lives_by.changes if span.end_s <= at < end_s]
    at_s = [alarm.at_s for alarm in alarms if alarm.state != "calm"]
    after = [at for at in at_s if any(change < at <= change + AFTER_S for change in changes)]
    return Outcome(len(after), len(at_s) - len(after), len(changes))


def main() -> int:
    """Prints the alarms of many companies in Rome; 1 if changes of clocks raise more than chance explains."""
    rome, companies, failed = zone_of("Europe/Rome"), 200, False
    for declared in (rome, UTC_ZONE):
        for an_hour in (20.0, 200.0):
            found = [outcome(visits(seed, an_hour, rome), rome, declared) for seed in range(companies)]
            after, others, weeks = (sum(getattr(item, name) for item in found) for name in Outcome.__slots__)
            rest = companies * (WEEKS - BASELINE_S // WEEK_S) - weeks
            usual = weeks * max(others / rest, BUDGET * 7 / 30.4)
            failed |= declared is rome and after > usual + 3 * usual**0.5
            sys.stdout.write(
                f"{declared.name}, {an_hour:g} visits an hour: {after} alarms in {weeks} weeks after clocks changed, "
                f"{others} in {rest} others; wanted: {BUDGET * 7 / 30.4:.3f} a week, found {after / weeks:.3f} and "
                f"{others / rest:.3f}\n"
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
