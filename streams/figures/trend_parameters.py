"""What a reader may ask of a trend: the parameters of the API's route, and of `cxb trends`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from metrics.catalogue import HORIZONS, METRICS, Horizon
from metrics.figures.trends import MOST_POINTS, MOST_POINTS_APART, TrendDimension, TrendQuestion, trend_instants
from metrics.registry import COMPANY
from metrics.zones import Zone
from streams.parameters import BadParameter, Department, MetricName, PeriodParameters

Points = Annotated[int, Meta(ge=1, le=MOST_POINTS, description=f"a whole number from 1 to {MOST_POINTS}")]
TOO_MANY: Final = f"at most {MOST_POINTS_APART} together with by, and {MOST_POINTS} without"


class TrendParameters(PeriodParameters, frozen=True, kw_only=True):
    """Figures of a department at many instants of a period."""

    renamed: ClassVar[Mapping[str, str]] = {}

    department: Annotated[
        Department,
        Meta(description="Of this department, of today or of before; `company` is all, `unowned` what nobody owns."),
    ] = COMPANY
    metric: Annotated[MetricName | None, Meta(description="Only this metric.")] = None
    horizon: Annotated[Horizon | None, Meta(description="Only this horizon.")] = None
    points: Annotated[
        Points | None,
        Meta(description="How many instants, evenly from the start to the end; by default each midnight UTC, and to."),
    ] = None
    by: Annotated[
        TrendDimension | None,
        Meta(description="What is told apart; nothing by default."),
    ] = None

    def question(self, now: datetime, zone: Zone) -> TrendQuestion:
        """What is asked.

        Raises:
            BadParameter: The period has no length or no past end, or there are more points than one answer holds.
        """
        start, end = self.bounds(now, zone)
        most = MOST_POINTS if self.by is None else MOST_POINTS_APART
        if self.points is not None and self.points > most:
            raise BadParameter("points", TOO_MANY)
        return TrendQuestion(
            self.department,
            tuple(METRICS) if self.metric is None else (self.metric,),
            HORIZONS if self.horizon is None else (self.horizon,),
            self.view,
            trend_instants(start.timestamp(), end.timestamp(), self.points, most),
            self.by,
        )
