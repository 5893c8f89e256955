"""What a reader may ask of how people answered: parameters of the API's route, and of `cxb distribution`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta

from metrics.figures.distribution import (
    ANSWER_METRICS,
    MOST_STRETCHES,
    AnswerMetric,
    DistributionQuestion,
    stretch_bounds,
)
from metrics.registry import COMPANY
from metrics.zones import Zone
from streams.parameters import Department, PeriodParameters

Stretches = Annotated[int, Meta(ge=1, le=MOST_STRETCHES, description=f"a whole number from 1 to {MOST_STRETCHES}")]


class DistributionParameters(PeriodParameters, frozen=True, kw_only=True):
    """How people answered over a period."""

    renamed: ClassVar[Mapping[str, str]] = {}

    department: Annotated[
        Department,
        Meta(description="Of this department, of today or of before; `company` is all, `unowned` what nobody owns."),
    ] = COMPANY
    metric: Annotated[AnswerMetric | None, Meta(description="Only this metric.")] = None
    points: Annotated[
        Stretches | None,
        Meta(
            description="How many stretches of equal length; by default days of up to 35 days, else weeks, "
            "counted back from the end."
        ),
    ] = None

    def question(self, now: datetime, zone: Zone) -> DistributionQuestion:
        """What is asked.

        Raises:
            BadParameter: The period has no length or no past end.
        """
        start, end = self.bounds(now, zone)
        metrics = ANSWER_METRICS if self.metric is None else (self.metric,)
        bounds = stretch_bounds(start.timestamp(), end.timestamp(), self.points)
        return DistributionQuestion(self.department, metrics, self.view, bounds)
