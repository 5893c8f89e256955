"""Where governance stands, as series: the few figures of it that alerts and dashboards follow over time.

The elected worker computes them, ever less often after its start and in the end every five minutes, a twentieth of the
time at most: they take a pass over the facts of a quarter, and change in days.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from metrics.durations import DEFAULT_PERIOD
from metrics.governance.attention import attention
from metrics.governance.terms import weight_fell
from streams.governance.counting import Question, count_attention, count_followed
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.runtime.lazy import lazy
from streams.runtime.periodic import run_while_elected
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import sql_second

if TYPE_CHECKING:
    from metrics.governance.assessment import followed
else:
    followed = lazy("metrics.governance.assessment:followed")

FIRST_PAUSE_S: Final = 10.0
EVERY_S: Final = 300.0
SHARE: Final = 20.0
MONTH: Final = timedelta(days=30)
LEAST_FALL: Final = 0.005
"""A declared weight is no sample: any fall that two decimals show is one."""


class DeclaredWeight(Row):
    """The weight of the long term as declared: a month ago, and last; None where none was saved."""

    was: float | None
    last: float | None


_DECLARED: Final = query(__package__, "declared_weight", DeclaredWeight)


@dataclass(frozen=True, slots=True)
class GovernanceKpis:
    """What was computed last.

    Attributes:
        at: The instant.
        figures: Values of figures of the last 90 days, by measure and subject; without those that have no value.
        fell: Whether the weight of the long term is lower than 30 days ago, as declared and as lived.
    """

    at: datetime
    figures: Mapping[tuple[str, str], float]
    fell: Mapping[str, bool]


def governance_kpis(store: Store, compiled: CompiledRegistry, at: datetime) -> GovernanceKpis:
    """The KPIs of governance at an instant, as_was."""
    since = at - DEFAULT_PERIOD
    counted, hand_offs = count_followed(store, compiled, Question(since, at))
    figures: dict[tuple[str, str], float] = {
        (figure.measure, figure.subject): figure.estimate.value
        for figure in followed(
            compiled.registry,
            counted,
            (hand_offs.hand_offs, hand_offs.steps),
            int(since.timestamp()),
            int(at.timestamp()),
        )
        if figure.estimate.value is not None
    }
    return GovernanceKpis(
        at, figures, {"declared": _declared_fell(store, at), "lived": _lived_fell(store, compiled, at)}
    )


def _declared_fell(store: Store, at: datetime) -> bool:
    weight = store.fetch_one(_DECLARED, {"before": sql_second(at - MONTH), "at": sql_second(at)})
    return weight.was is not None and weight.last is not None and weight.last < weight.was - LEAST_FALL


def _lived_fell(store: Store, compiled: CompiledRegistry, at: datetime) -> bool:
    earlier, later = (
        attention(compiled.registry, count_attention(store, compiled, Question(since, since + MONTH)))
        for since in (at - 2 * MONTH, at - MONTH)
    )
    return weight_fell(earlier, later)


class GovernanceKpiWatcher:
    """Computes the KPIs while `elected` says so; `latest` has the last ones, None on other workers."""

    def __init__(
        self,
        store: Store,
        registry_watcher: RegistryWatcher,
        elected: Callable[[], bool],
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._store = store
        self._registry_watcher = registry_watcher
        self._elected = elected
        self._first_pause_s = self._pause_s = first_pause_s
        self.latest: GovernanceKpis | None = None

    async def run(self) -> None:
        """Computes until cancelled, ever less often. An error is survived: it must not keep anything from landing."""
        await run_while_elected(
            "governance",
            self._compute,
            elected=self._elected,
            withdraw=self._withdraw,
            pause_s=self._next_pause_s,
            survives_errors=True,
        )

    def _next_pause_s(self, took_s: float) -> float:
        # A worker that is elected later has as much to catch up with as one that starts.
        self._pause_s = min(2 * self._pause_s, EVERY_S) if self.latest else self._first_pause_s
        return max(self._pause_s, SHARE * took_s)

    def _withdraw(self) -> None:
        self.latest = None

    def _compute(self) -> None:
        self.latest = governance_kpis(self._store, self._registry_watcher.current, datetime.now(UTC))


_FAMILIES: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "cx_long_term_weight": ("Weight of the long term, 0..1: as declared in targets, as lived", ("basis",)),
    "cx_long_term_weight_fell": ("1 while that weight is lower than 30 days ago: see its runbook", ("basis",)),
    "cx_effective_owners": ("1 / sum of squared shares of touchpoints or events: 1 is one owner", ("of",)),
    "cx_open_cases": ("Cases opened in the last 90 days that are open", ("department",)),
    "cx_clear_lines_share": ("Touchpoints, facets and slices with one accountable, within the policy, 0..1", ()),
    "cx_orphan_events_share": ("Events of the last 90 days that nobody owns, 0..1: add a rule", ()),
    "cx_hand_off_share": ("Steps of journeys that go to another department, 0..1", ()),
    "cx_governance_updated_timestamp_seconds": ("When the figures of governance were computed", ()),
}
_PLACES: Final[Mapping[tuple[str, str], tuple[str, Sequence[str]]]] = {
    ("clear_lines", ""): ("cx_clear_lines_share", ()),
    ("orphan_events", ""): ("cx_orphan_events_share", ()),
    ("hand_off_share", ""): ("cx_hand_off_share", ()),
    ("long_term_weight_declared", ""): ("cx_long_term_weight", ("declared",)),
    ("long_term_weight_lived", ""): ("cx_long_term_weight", ("lived",)),
    ("effective_owners", "touchpoints"): ("cx_effective_owners", ("touchpoints",)),
    ("effective_owners", "events"): ("cx_effective_owners", ("events",)),
}
"""Where each figure is shown. Subjects come from events as well: only these become labels, and departments."""


class GovernanceSeries(Collector):
    """Series of the KPIs: of a closed set of figures, and of departments."""

    def __init__(self, latest: Callable[[], GovernanceKpis | None]) -> None:
        self._latest = latest

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The series of the last computation; none before the first."""
        families = {name: GaugeMetricFamily(name, text, labels=labels) for name, (text, labels) in _FAMILIES.items()}
        latest = self._latest()
        if latest is not None:
            for name, labels, value in _samples(latest):
                families[name].add_metric(labels, value)
        yield from families.values()


def _samples(latest: GovernanceKpis) -> Iterator[tuple[str, Sequence[str], float]]:
    yield "cx_governance_updated_timestamp_seconds", (), latest.at.timestamp()
    for basis, fell in latest.fell.items():
        yield "cx_long_term_weight_fell", (basis,), float(fell)
    for (measure, subject), value in latest.figures.items():
        if (measure, subject) in _PLACES:
            yield *_PLACES[measure, subject], value
        elif measure == "open_cases":
            yield "cx_open_cases", (subject,), value
