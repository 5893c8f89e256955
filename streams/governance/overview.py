"""The first look at a company: what is changing, whose it is, and which departments get better or worse."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metrics.drift.myopia import LONG_AGO
from metrics.durations import DEFAULT_PERIOD
from metrics.figures.balances import View
from metrics.figures.scorecards import scorecards
from metrics.registry import COMPANY
from metrics.report.assembly import Report
from metrics.report.findings import Material
from metrics.report.headline import headline
from metrics.report.localise import LANGUAGES, localise
from metrics.report.movements import COMPARED_WITH, IndexMovement, movements
from metrics.report.terms import myopia
from streams.figures.moments import MomentOf
from streams.governance.reorganised import drift_at
from streams.governance.report import statement_as_json
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import rfc3339


@dataclass(frozen=True, slots=True)
class Overview:
    """The first look at an instant.

    Attributes:
        at: The instant.
        headline: The sentences of the report that say what is changing.
        myopic: Departments of which the report says that they are myopic.
        movements: How the indices have changed.
    """

    at: datetime
    headline: Report
    myopic: tuple[str, ...]
    movements: list[IndexMovement]


def compute(
    store: Store, compiled: CompiledRegistry, at: datetime, view: View, budget: float, moment: MomentOf
) -> Overview:
    """The first look at an instant; `budget` is the number of false alarms of drift a month that are allowed.

    The report of the 90 days up to that instant says the same sentences. `moment` gives the figures of its instants.
    """
    registry, targets = compiled.registry, compiled.registry.targets_at(at.timestamp())
    now, recent, earlier = (
        moment(store, compiled, instant, view) for instant in (at, at - COMPARED_WITH, at - LONG_AGO)
    )
    material = Material(
        registry=registry,
        since_s=int((at - DEFAULT_PERIOD).timestamp()),
        at_s=int(at.timestamp()),
        view=view,
        balances=now.balances,
        earlier=earlier.balances,
        daily=now.daily,
        earlier_daily=earlier.daily,
        cards=scorecards(now.balances, targets),
        **drift_at(store, compiled, budget, at)._asdict(),
    )
    names = [*(department.id for department in registry.departments), COMPANY]
    called = tuple(finding.department for finding in myopia(material))
    changes = movements(recent, now, names, targets, registry.horizons)
    return Overview(at, headline(material), called, changes)


def as_json(overview: Overview, compiled: CompiledRegistry, lang: str) -> dict[str, Any]:
    """The first look as JSON has it, its sentences in a language."""
    [paragraph] = localise(overview.headline, compiled.registry, LANGUAGES[lang]).paragraphs
    return {
        "at": rfc3339(overview.at),
        "compared_with": rfc3339(overview.at - COMPARED_WITH),
        "statements": [statement_as_json(item) for item in paragraph.statements],
        "nothing": paragraph.nothing,
        "omitted": sum(part.omitted for part in overview.headline.parts),
        "myopic": list(overview.myopic),
        "changes": [_change(movement) for movement in overview.movements],
    }


def _change(movement: IndexMovement) -> dict[str, Any]:
    change = movement.change
    return {
        "department": movement.department,
        "term": movement.term,
        "before": change.before,
        "now": change.now,
        "change": change.value,
        "ci_low": change.ci[0],
        "ci_high": change.ci[1],
        "n": change.n,
        "n_eff": change.n_eff,
        "beyond_noise": movement.is_beyond_noise,
    }
