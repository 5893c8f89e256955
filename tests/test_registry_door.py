"""metrics.registry is the one public door to the registry: nothing outside reaches past it."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
REGISTRY = PROJECT / "metrics/registry"
ROOMS = {"attribution", "alert_channels", "alert_routing", "chosen_lines", "claims", "exchange", "names", "told_apart"}
"""What may be imported by its own name: rooms of their own, with a purpose of their own."""
OUTSIDE = sorted(
    path
    for folder in ("metrics", "streams", "bench", "deploy", "tests")
    for path in (PROJECT / folder).rglob("*.py")
    if not path.is_relative_to(REGISTRY) and not path.is_relative_to(PROJECT / "tests/metrics/registry")
)


def private(source: str) -> set[str]:
    """The modules behind the door that a source imports."""
    modules = {path.stem for path in REGISTRY.glob("*.py")} - ROOMS - {"__init__"}
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    return {name for name in modules if any(f"{full}.".startswith(f"metrics.registry.{name}.") for full in imported)}


def test_nothing_outside_imports_what_is_behind_the_door() -> None:
    assert {str(path): private(path.read_text()) for path in OUTSIDE if private(path.read_text())} == {}


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("from metrics.registry.model import Registry", {"model"}),
        ("from metrics.registry import values, parse", {"values"}),
        ("import metrics.registry.table", {"table"}),
        ("from metrics.registry import Registry, parse", set()),
        ("from metrics.registry.attribution import Attribution", set()),
        ("from metrics.registry.exchange import rows", set()),
    ],
)
def test_a_way_past_the_door_is_seen(source: str, modules: set[str]) -> None:
    assert private(source) == modules
