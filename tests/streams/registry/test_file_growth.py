"""What is done with a registry costs in proportion to its size, whatever of it grows."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from types import SimpleNamespace

import pytest

from metrics.catalogue import METRICS
from metrics.drift.myopia import myopic
from metrics.figures.balances import Balance, Moment
from metrics.figures.plan import to_plans
from metrics.figures.scorecards import scorecards, targets_by_level
from metrics.governance.chart import mermaid
from metrics.governance.declared import declared_figures
from metrics.governance.periods import owned_slices
from metrics.governance.responsibility import lines_at
from metrics.lint.lint import lint_registry
from metrics.registry import Registry, RegistryError, parse
from metrics.registry.alert_routing import Receivers, alertmanager
from metrics.registry.attribution import Attribution
from metrics.registry.exchange.rows import SheetRow, draft_of, rows_of
from metrics.report.findings import Material
from metrics.report.movements import movements
from metrics.report.terms import on_target, terms
from streams.figures.registry_in_force import ownership_changes
from streams.ingest.telemetry import Telemetry
from streams.registry.file import CompiledRegistry, compiled
from streams.registry.views import differences, owners_at
from streams.web.registry_json import in_force
from tests.companies import company_of, of_targets
from tests.steps import steps

SIZES = 100, 400
MOST_GROWTH = 1.5
"""Of four times the size at most six times the work: sorting is a little more than in proportion."""
AT = datetime(2026, 3, 1, tzinfo=UTC)
AT_S = int(AT.timestamp())


@cache
def _read(size: int) -> tuple[str, Registry, list[tuple[int, SheetRow]]]:
    text = company_of(size)
    registry = parse(text)
    return text, registry, list(enumerate(rows_of(registry), start=2))


class Company:
    """A company of a size; what keeps things once they are found is new for each."""

    def __init__(self, size: int) -> None:
        self.text, self.registry, self.sheet = _read(size)
        self.compiled = CompiledRegistry(self.registry, Attribution(self.registry), self.text)
        self.rows = [
            Balance(AT, "as_was", department.id, name, metric.term, metric.term, 30.0, 29.0, 31.0, 99, 90.0, "", AT, AT)
            for department in self.registry.departments
            for name, metric in METRICS.items()
        ]
        self.targets = self.registry.targets_at(AT_S)
        cards = scorecards(self.rows, self.targets)
        self.material = Material(self.registry, 0, AT_S, balances=self.rows, earlier=self.rows, cards=cards)
        self.now = Moment(AT_S, self.rows, {})
        self.before = Moment(int((AT - timedelta(weeks=8)).timestamp()), self.rows, {})
        self.targets_alone = of_targets(size)
        self.departments = [department.id for department in self.registry.departments]


def _not_read(text: str) -> None:
    with pytest.raises(RegistryError):
        parse(text)


ACTS: Mapping[str, Callable[[Company], object]] = {
    "it is read": lambda of: compiled(of.text),
    "it has targets alone": lambda of: parse(of.targets_alone),
    "it is checked": lambda of: lint_registry(of.registry, of.text),
    "none of its rules has an owner that is known": lambda of: _not_read(of.text.replace('owner = "d', 'owner = "x')),
    "it is written to a spreadsheet": lambda of: rows_of(of.registry),
    "it is read from a spreadsheet": lambda of: draft_of(of.sheet),
    "who answers for what is found": lambda of: lines_at(of.registry, AT_S),
    "who owns what is listed": lambda of: owners_at(of.registry, AT_S),
    "who owned what is listed": lambda of: owned_slices(of.registry, AT_S, {}),
    "it is compared with another": lambda of: differences(of.registry, of.registry, AT_S),
    "changes of owner are listed": lambda of: ownership_changes(of.compiled),
    "targets are listed": lambda of: list(targets_by_level(of.departments, of.targets)),
    "series of targets are made": lambda of: Telemetry().declare(of.registry, AT_S),
    "the page asks for it": lambda of: in_force(SimpleNamespace(current=of.compiled, error=None), AT),  # type: ignore[arg-type]
    "alerts are routed": lambda of: alertmanager(of.registry, Receivers()),
    "its map is drawn": lambda of: mermaid(of.registry, AT_S),
    "governance looks at what it declares": lambda of: list(
        declared_figures(of.registry, lines_at(of.registry, AT_S), {}, 0, AT_S)
    ),
    "departments have scorecards": lambda of: scorecards(of.rows, of.targets),
    "figures stand beside their plan": lambda of: list(to_plans(of.rows, of.registry)),
    "indices of then and now are compared": lambda of: movements(
        of.before, of.now, of.departments, of.targets, of.registry.horizons
    ),
    "myopic departments are looked for": lambda of: myopic(
        of.before, of.now, of.departments, of.targets, of.registry.horizons
    ),
    "the report looks at its terms": lambda of: [*terms(of.material), *on_target(of.material)],
    "the report looks for silent metrics": lambda of: [
        of.material.is_silent((row.department, row.metric)) for row in of.rows
    ],
}


@pytest.mark.parametrize("what", ACTS)
def test_four_times_the_registry_is_about_four_times_the_work_when(what: str) -> None:
    small, large = SIZES
    ACTS[what](Company(small))  # what is loaded at its first use, and kept, is nobody's work
    few, many = (steps(partial(ACTS[what], Company(size))) for size in SIZES)
    assert many <= MOST_GROWTH * large / small * few
