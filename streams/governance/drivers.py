"""Key drivers of the company's NPS or CSAT, from the journeys in the store."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final, Literal

from metrics.governance.estimates import Estimate
from streams.governance.counting import Question, distinguished
from streams.governance.rows import ANSWERED_JOURNEYS, AnsweredJourneyRow
from streams.registry.file import CompiledRegistry
from streams.runtime.lazy import lazy
from streams.store.client import Store

if TYPE_CHECKING:
    from metrics.governance.drivers import AnsweredJourney, KeyDrivers, key_drivers
else:
    # Loads numpy.
    AnsweredJourney = lazy("metrics.governance.drivers:AnsweredJourney")
    key_drivers = lazy("metrics.governance.drivers:key_drivers")

DrivenMetric = Literal["nps", "csat"]
MOST_JOURNEYS: Final = 50_000
"""More are not looked at: whole customers are left out, by a hash of theirs."""


@dataclass(frozen=True, slots=True)
class Driven:
    """Key drivers, and what they are of.

    Attributes:
        metric: The metric of the last answer.
        drivers: By touchpoint.
        owners: Who owns each touchpoint at the end of the period.
        is_sampled: Whether there are more journeys than were looked at.
    """

    metric: DrivenMetric
    drivers: "KeyDrivers"
    owners: dict[str, str]
    is_sampled: bool


def compute(store: Store, compiled: CompiledRegistry, question: Question, metric: DrivenMetric) -> Driven:
    """The key drivers of a metric in a period, of at most MOST_JOURNEYS journeys."""
    apart = distinguished([compiled], store, question)
    period = {"since": question.since.timestamp(), "until": question.at.timestamp()}
    parameters = period | {"metric": metric, "limit": MOST_JOURNEYS + 1}
    rows = store.fetch(ANSWERED_JOURNEYS, parameters, place=apart.place)
    names, at_s = apart.names.places, int(question.at.timestamp())
    drivers = key_drivers([_journey(row, names, metric) for row in rows[:MOST_JOURNEYS]])
    owners = {
        driver.touchpoint: compiled.attribution.owner(driver.touchpoint, "", "", metric, at_s)
        for driver in drivers.drivers
    }
    return Driven(metric, drivers, owners, len(rows) > MOST_JOURNEYS)


def _journey(row: AnsweredJourneyRow, names: Sequence[str], metric: DrivenMetric) -> "AnsweredJourney":
    levels: defaultdict[str, list[float]] = defaultdict(list)
    for place, level in zip(row.places, row.levels, strict=True):
        levels[names[place]].append(level)
    means = {name: fmean(kept) for name, kept in levels.items()}
    return AnsweredJourney(row.customer, points(metric, row.last_score), means)


def points(metric: DrivenMetric, score: int) -> float:
    """What one answer contributes to a metric of which the mean over answers is the figure.

    >>> points("nps", 10), points("nps", 8), points("nps", 3), points("csat", 4)
    (100.0, 0.0, -100.0, 100.0)
    """
    if metric == "csat":
        return 100.0 * (score >= 4)  # top-2-box
    return 100.0 * ((score >= 9) - (score <= 6))  # promoters less detractors


def as_json(driven: Driven) -> dict[str, Any]:
    """Key drivers as JSON has them; figures that are not known are null."""
    drivers = driven.drivers
    return {
        "metric": driven.metric,
        "journeys": drivers.journeys,
        "customers": drivers.customers,
        "sampled": driven.is_sampled,
        "explained": _known(drivers.explained),
        "predicted": _known(drivers.predicted),
        "predicts": drivers.predicts,
        "left_out": list(drivers.left_out),
        "drivers": [
            {
                "touchpoint": driver.touchpoint,
                "owner": driven.owners[driver.touchpoint],
                "driver": driver.is_driver,
                "level": driver.level,
                **_figure("slope", driver.slope),
                **_figure("share", driver.share),
                "n": driver.slope.n,
                "customers": round(driver.slope.n_eff),
            }
            for driver in drivers.drivers
        ],
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _figure(name: str, estimate: Estimate) -> dict[str, float | None]:
    low, high = estimate.ci or (None, None)
    return {name: estimate.value, f"{name}_low": low, f"{name}_high": high}
