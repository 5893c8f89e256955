"""What the routes about drift answer with, as types: the schemas of the OpenAPI document are made from them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from metrics.drift.cusum import DriftState
from streams.web.responses import Count, Instant, Level, Share

_FROM = (
    "The earliest instant at which it may have begun. From here to since_to, both inclusive, are the days (UTC) that a "
    "likelihood ratio cannot tell from the likeliest, at a confidence of 95 %, as of the alarm; both levels are "
    "estimated. Null when calm, where a level wanders or may, and for alarms that an earlier version stored."
)


class DriftRow(Struct):
    """A change of state of one detector: a row of the table `drift`."""

    at: Instant
    department: str
    metric: str
    state: DriftState
    direction: Literal["none", "up", "down"]
    since: Annotated[Instant | None, Meta(description="When the change began; null without one.")]
    statistic: float
    threshold: float
    baseline_id: str
    explained_by: Annotated[Literal["none", "ownership"], Meta(description="What makes more than half of the change.")]
    since_from: Annotated[Instant | None, Meta(description=_FROM)]
    since_to: Annotated[Instant | None, Meta(description="The latest instant at which it may have begun, inclusive.")]


class DriftBudget(Struct):
    """The alert budget beside the alarms of 30 days."""

    at: Instant
    detectors: int
    expected_a_month: Annotated[float, Meta(description="False alarms a month to expect of all of them together.")]
    alarms: Annotated[int, Meta(description="Alarms of 30 days, true and false, without explained ones.")]
    explained: Annotated[int, Meta(description="Alarms that a change of ownership explains; they count apart.")]
    text: str


class OwnerChange(Struct, rename={"from_": "from"}):
    """A touchpoint that changed hands."""

    at: Instant
    touchpoint: str
    from_: str
    to: str


class RegistryVersion(Struct):
    """A version of the registry that came into force."""

    version: str
    first_at: Instant


class StoryNote(Struct):
    """A note of what happened around the time when a drift began."""

    at: Instant
    department: Annotated[str, Meta(description="What it is about; empty for none.")]
    touchpoint: Annotated[str, Meta(description="What it is about; empty for none.")]
    text: Annotated[str, Meta(description="As somebody wrote it. Plain text.")]


class ContributionRow(Struct):
    """What one touchpoint, segment or region adds to a change; those of a dimension add up to it."""

    group: str
    before: Level
    after: Level
    weight_before: Annotated[float, Meta(description="Share of the answers before; for volumes of the events.")]
    weight_after: float
    change: Annotated[float, Meta(description="In the metric's unit.")]
    share: Annotated[float | None, Meta(description="The same as a share of the whole change.")]


class Contributions(Struct):
    """Contributions by dimension, the greatest first."""

    touchpoint: list[ContributionRow]
    segment: list[ContributionRow]
    region: list[ContributionRow]


class DriftStory(DriftRow):
    """What is in alarm, with what is known about it."""

    before: Level
    after: Level
    unit: str
    n_before: Annotated[Count, Meta(description="Observations behind the figure before.")]
    n_after: Annotated[Count, Meta(description="Observations behind the figure since.")]
    owner_changes: list[OwnerChange]
    registry_versions: list[RegistryVersion]
    notes: list[StoryNote]
    events_a_day_before: float
    events_a_day_after: float
    baseline_value: Annotated[float, Meta(description="The usual level, in the metric's unit.")]
    baseline_low: Annotated[float, Meta(description="Lower end of its 95 % interval.")]
    baseline_high: Annotated[float, Meta(description="Upper end of it.")]
    baseline_n: Annotated[float, Meta(description="Answers, chances or events behind it.")]
    baseline_from: Annotated[Instant, Meta(description="Start of the stretch from which it was estimated.")]
    baseline_to: Annotated[Instant, Meta(description="End of that stretch.")]
    mix_moved: Annotated[Share, Meta(description="Share of the answers that came from elsewhere than before.")]
    contributions: Contributions
    text: str
