"""Names in place of ids, in queries: of departments and touchpoints as in the registry, of metrics as in the report."""

from typing import Final

from deploy.grafana.overrides import metric_label
from metrics.catalogue import METRICS


def department_name(column: str = "department") -> str:
    """The name of the department in a column of a ClickHouse query; its id while the store knows no name."""
    return _named("departments", column)


def touchpoint_name(column: str = "touchpoint") -> str:
    """The English name of the touchpoint in a column; its id where the registry names none."""
    return _named("touchpoints", column)


def _named(kind: str, column: str) -> str:
    return f"ifNull(nullIf((SELECT {kind} FROM cx.registry_latest)[toString({column})], ''), toString({column}))"


def metric_name(column: str = "metric") -> str:
    """The name of the metric in a column."""
    ids = ", ".join(f"'{name}'" for name in METRICS)
    names = ", ".join(f"'{metric_label(name)}'" for name in METRICS)
    return f"transform(toString({column}), [{ids}], [{names}], toString({column}))"


DEPARTMENT: Final = f"{department_name('department_id')} AS department"
METRIC: Final = f"{metric_name('metric_id')} AS metric"
TOUCHPOINT: Final = f"{touchpoint_name('touchpoint_id')} AS touchpoint"
"""Columns with names, of a query within that has ids."""


def by_name(expr: str) -> str:
    """A question to Prometheus by department, with the department's name as the label `name`."""
    return f"({expr}) * on (department) group_left (name) max by (department, name) (cx_department_info)"
