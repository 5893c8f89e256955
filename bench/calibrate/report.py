"""docs/drift.md: the measurements, in words and tables."""

from collections.abc import Sequence
from typing import Final

from bench.calibrate.growth import Growth
from bench.calibrate.measure import HOURS, Calm, Delay
from bench.calibrate.real import Real
from bench.calibrate.tolerances import Tolerated

TOLERANCE: Final = 0.2
REAL_TOLERANCE: Final = 0.5
NAMES: Final = ("ours", HOURS, "CUSUM k = 0.5", "Page-Hinkley", "ADWIN", "KSWIN")

_HEAD: Final = """# Calibration of drift detection

Written by `make calibrate` ({minutes:.0f} minutes, seed {seed}, EFFORT={effort:g}); do not edit. For what a detector
is, see [metrics](metrics.md#drift).

{months:,.0f} months of calm streams, and streams with a shift. Every stream has its own baseline, estimated in the same
way as the service does: from its first 1,000 answers, or its first four weeks, or as many more weeks as it takes to get
400 events. Answers resemble their neighbours (correlation {echo:g}); hours differ by weekday and time of day, and also
by how busy they happen to be (correlation of consecutive hours {busy:g}).

## False alarms against the budget

Thresholds were set for {wanted:g} false alarms a month for each detector: one a month for {detectors:.0f} detectors.

| metric | months | false alarms a month | share of the budget | standard error |
|---|---|---|---|---|
"""
_SECOND: Final = """
{verdict}

Method: the run length of Siegmund (1985) is averaged over what a baseline leaves uncertain: its mean and its rhythm
(normal) and its variance (chi-squared). Skewed observations use their conjugate exponent; what is counted is taken to
be at least as skewed as log-normal noise of its variance, for a few weeks do not show the great ones. The variance is
the long-run variance, from overlapping windows: of hours and answers in a baseline, of up to two weeks in all days
since it began, estimated again each time those have grown by a quarter, and shrunk towards that of hours. The overshoot
grows with the step and its memory, and where some steps are busier than others. While weeks are few, all variance is as
uncertain as they are where sums of four days vary more than single days. Of one great day, rises of a volume add at
most half of a threshold. The estimator, and its few constants, were chosen by trying several on similar streams with
other seeds, and on the shop's.

Hours and weekdays are those of the company's [time zone](registry.md#time-zone). `make clock-changes` follows companies
in Rome, in which nothing drifts, over two years: the weeks after a change of clocks have no more alarms than others.

## Days until the smallest shift worth acting on is found

First, every detector was set to the same number of false alarms on the calm streams; `-` means that this was not
possible. The shift is the default of `CXB_DRIFT_SHIFT_*`; streams are followed for four months. ADWIN and KSWIN are
those of river, on {rivals} streams each, with the most sensitive of several settings that stayed within that number;
their days are less precise. `{hours}` is ours without the noise of weeks, at its own thresholds: the difference is what
that costs.

| metric | direction | {names} |
|---|---|{rules}|
"""


_GROWTH: Final = """
## When more answers come than in the baseline, or fewer

Volume changes when the baseline ends, and stays. A threshold follows the three calendar months before; `frozen` is one
that keeps to the baseline's volume and to its noise of hours. `settled` leaves out the first months, in which the
months before are still those of the old volume. All are shares of the budget over two years.

| metric | times as many answers | months | frozen | following | standard error | settled |
|---|---|---|---|---|---|---|
"""


_REAL_TITLE: Final = "## On streams of a real shop"
_REAL: Final = f"""
{_REAL_TITLE}

A year of a real shop (Olist, 2017: reviews, and orders), its calendar cut into blocks of days and the blocks drawn at
random for as many months as above: within a block all is as it was, a great sale and late parcels included. `permuted`
are reviews in random order. Shares of the budget, as above; {HOURS} is what detectors would have that know the noise of
hours only. Days are those until a fall by the default shift is found, half a year after the baseline: what the honest
variance costs.

| metric | blocks of | months | {HOURS} | ours | standard error | days, {HOURS} | days, ours |
|---|---|---|---|---|---|---|---|
"""


_TOLERATED: Final = """
## When a tolerance is declared

`CXB_DRIFT_TOLERANCE_*` says how far a level may wander without being a drift. A detector then bets against any level
within that band: only what exceeds it by half of the rest of the smallest shift counts, thresholds are those of a
level that stays at the band's edge, and weeks count as noise as far as they exceed the band. Streams are those above,
in blocks of 7 days. `alarms` are false ones, as a share of the budget; days are those until a fall by the default
shift, measured from the usual level. At equal alarms, every threshold is multiplied by the factor with which false
alarms just meet the budget.

| metric | tolerance | months | alarms | standard error | days | factor | days at equal alarms |
|---|---|---|---|---|---|---|---|
"""
_NOT_THERE: Final = """
A guarantee is as good as its null: without a tolerance, thresholds allow for all that weeks have been seen to wander; a
band that is narrower than that allows for less, so false alarms may rise, and falls are found sooner. At equal alarms
one sees which of both is better; days differ much from stream to stream, so few streams say it roughly.

Each detector has the same share of the budget; why that is not shared by error over patience (arXiv 2501.04130) is
[decision 24](adr/0024-no-error-over-patience.md). How well `since` dates a drift is in
[metrics](metrics.md#between-which-days).
"""


def kept(page: str) -> str:
    """The section on real streams of a page that is there; empty if it has none."""
    _, title, section = page.partition(_REAL_TITLE)
    return f"\n{title}{section}" if title else ""


def _real(reals: Sequence[Real]) -> str:
    rows = [
        f"| {item.metric} | {f'{item.block} days' if item.block else 'permuted'} | {item.months:,.0f} "
        f"| {item.hours:.0%} | {item.weeks:.0%} | {item.error:.0%} | {item.days_hours:.1f} | {item.days_weeks:.1f} |\n"
        for item in reals
    ]
    outside = [f"{item.metric} {item.block or 'permuted'}" for item in reals if abs(item.weeks - 1) > REAL_TOLERANCE]
    verdict = (
        f"Not within {REAL_TOLERANCE:.0%} of the budget: {', '.join(outside)}." if outside else "All within half of it."
    )
    return f"{_REAL}{''.join(rows)}\n{verdict}\n"


def _tolerated(rows: Sequence[Tolerated]) -> str:
    lines = [
        f"| {item.metric} | {item.tolerance:g} | {item.months:,.0f} | {item.alarms:.0%} | {item.error:.0%} "
        f"| {_days(item.days)} | {'-' if item.factor is None else f'{item.factor:.2f}'} | {_days(item.days_equal)} |\n"
        for item in rows
    ]
    return f"{_TOLERATED}{''.join(lines)}{_NOT_THERE}"


def report(
    results: Sequence[Calm],
    delays: Sequence[Delay],
    growths: Sequence[Growth],
    numbers: dict[str, float],
    drawn: tuple[Sequence[Real], Sequence[Tolerated]] | None = None,
    earlier: str = "",
) -> str:
    """The page; `earlier` are its sections on real streams, for where there are none to draw from."""
    lines = [
        f"| {item.metric} | {item.months:,.0f} | {item.observed:.4f} | {item.observed / item.wanted:.0%} "
        f"| {item.error / item.wanted:.0%} |"
        for item in results
    ]
    outside = [item.metric for item in results if abs(item.observed / item.wanted - 1) > TOLERANCE]
    verdict = (
        f"All within {TOLERANCE:.0%} of the budget."
        if not outside
        else (f"Not within {TOLERANCE:.0%} of the budget: {', '.join(outside)}.")
    )
    rows = [
        f"| {item.metric} | {item.direction} | " + " | ".join(_days(item.days.get(name)) for name in NAMES) + " |"
        for item in delays
    ]
    second = _SECOND.format(
        verdict=verdict,
        names=" | ".join(NAMES),
        rules="|".join("---" for _ in NAMES),
        hours=HOURS,
        rivals=int(numbers["rivals"]),
    )
    grown = [
        f"| {item.metric} | {item.factor:g} | {item.months:,.0f} | {item.frozen:.0%} | {item.following:.0%} "
        f"| {item.error:.0%} | {item.settled:.0%} |"
        for item in growths
    ]
    sections = (_HEAD.format(**numbers), lines, second, rows, f"\n{_slower(delays)}\n{_GROWTH}", grown)
    page = "".join(part if isinstance(part, str) else "\n".join(part) + "\n" for part in sections)
    return page + (earlier if drawn is None else _real(drawn[0]) + _tolerated(drawn[1]))


def _days(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _slower(delays: Sequence[Delay]) -> str:
    """The cases in which ours is not the fastest."""
    faster = [
        f"{item.metric} {item.direction} ({name})"
        for item in delays
        for name, days in item.days.items()
        if name != HOURS and days is not None and item.days["ours"] is not None and days < 0.95 * item.days["ours"]
    ]
    if not faster:
        return "Ours is the fastest everywhere, or within 5 % of it."
    return f"Ours is slower by more than 5 % than the detector named for: {'; '.join(faster)}."
