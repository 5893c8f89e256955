"""Names that are imported when they are first used."""

import sys
from pathlib import Path

import pytest

from streams.runtime.lazy import imported, lazy


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that nothing has imported."""
    (tmp_path / "loaded_on_demand.py").write_text("def total(*values, start=0):\n    return sum(values, start)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "loaded_on_demand", raising=False)
    return "loaded_on_demand"


def test_a_lazy_function_is_imported_when_it_is_called_with_all_its_arguments(module: str) -> None:
    total = lazy(f"{module}:total")
    assert module not in sys.modules
    assert total(1, 2, start=10) == 13
    assert module in sys.modules


def test_a_name_is_imported_at_once(module: str) -> None:
    assert imported(f"{module}:total")(1, 2) == 3


@pytest.mark.parametrize(
    ("target", "error"), [("no_such_module:total", ImportError), ("loaded_on_demand:product", AttributeError)]
)
def test_what_does_not_exist_is_an_error_of_the_call(module: str, target: str, error: type[Exception]) -> None:
    function = lazy(target)
    with pytest.raises(error):
        function()
