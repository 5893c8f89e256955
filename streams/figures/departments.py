"""The departments that a question may name: those of the registry, and those that had figures before."""

from typing import Final

from metrics.registry import COMPANY, UNOWNED, Registry
from streams.parameters import BadParameter
from streams.store.client import Store
from streams.store.statements import Row, query


class _Known(Row):
    """Whether a department ever had a figure."""

    is_known: bool


_HAS_BALANCES: Final = query(__package__, "has_balances", _Known)


def declared_names(registry: Registry) -> tuple[str, ...]:
    """Every name under which the figures of a registry stand, `company` and `unowned` among them."""
    return (*(department.id for department in registry.departments), COMPANY, UNOWNED)


def require_known(store: Store, registry: Registry, department: str) -> None:
    """Passes if figures can stand or ever stood under a name.

    Raises:
        BadParameter: There is no such department, and there was none.
        StoreUnreachable: The store does not answer.
    """
    names = declared_names(registry)
    if department in names:
        return
    # In both views the same departments have rows.
    row = store.fetch_one(_HAS_BALANCES, {"view": "as_was", "department": department})
    if not row.is_known:
        raise BadParameter("department", f"one of {', '.join(names)}")
