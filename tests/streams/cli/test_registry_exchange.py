"""`cxb registry import` and `cxb registry export`, as they are called."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from streams.errors import ConfigurationError
from tests.streams.cli import calling


def cxb(*arguments: str) -> Result:
    return calling.cxb("registry", *arguments, COLUMNS="400")


@pytest.fixture
def codeowners(tmp_path: Path) -> Path:
    path = tmp_path / "CODEOWNERS"
    path.write_text("/web/legal/ @shop/legal\n/desk/ @shop/sales\n")
    return path


def test_owners_are_printed_as_toml(codeowners: Path) -> None:
    done = cxb("import", "codeowners", str(codeowners))
    assert done.exit_code == 0
    assert 'touchpoint = "web.legal.*"\nowner = "legal"\n' in done.stdout
    assert '# office = "front" or "back"' in done.stdout
    assert json.loads(cxb("import", "codeowners", str(codeowners), "--json").stdout) == {
        "toml": done.stdout,
        "notes": [],
    }


def test_owners_are_added_to_a_registry_that_stays_right(codeowners: Path, registry_path: Path) -> None:
    before = registry_path.read_text()
    rejected = cxb("import", "codeowners", str(codeowners), "--into", str(registry_path))
    assert (rejected.exit_code, registry_path.read_text()) == (1, before)
    assert "missing key 'office'" in rejected.output
    done = cxb("import", "codeowners", str(codeowners), "--into", str(registry_path), "--office", "back")
    assert done.exit_code == 0
    assert "1 department, 0 touchpoints, 2 rules added" in done.output
    assert registry_path.read_text().startswith(before.rstrip())
    assert 'touchpoint = "web.legal.*"' in registry_path.read_text()
    again = cxb("import", "codeowners", str(codeowners), "--into", str(registry_path))
    assert "says all of that already" in again.output


def test_nothing_is_written_while_a_line_cannot_be_kept_unless_that_is_meant(
    codeowners: Path, registry_path: Path
) -> None:
    codeowners.write_text("/desk/ @shop/sales\n*.js @anna\n")
    before = registry_path.read_text()
    done = cxb("import", "codeowners", str(codeowners), "--into", str(registry_path))
    assert (done.exit_code, registry_path.read_text()) == (1, before)
    assert "line 2: '*.js' matches at every depth" in done.output
    assert "1 line could not be imported; nothing was written" in done.output
    assert cxb("import", "codeowners", str(codeowners)).exit_code == 1
    done = cxb("import", "codeowners", str(codeowners), "--into", str(registry_path), "--partly")
    assert done.exit_code == 0
    assert 'touchpoint = "desk.*"' in registry_path.read_text()


def test_two_owners_without_a_start_are_rejected(codeowners: Path, registry_path: Path) -> None:
    codeowners.write_text("/delivery/ @shop/sales\n")
    done = cxb("import", "codeowners", str(codeowners), "--into", str(registry_path))
    assert done.exit_code == 1
    assert "would be wrong with it, so nothing was written" in done.output


def test_the_map_is_a_flowchart_or_a_table(registry_path: Path) -> None:
    chart = cxb("export", "--mermaid", "--registry", str(registry_path), "--at", "2026-05-01").stdout
    assert chart.startswith("flowchart LR\n")
    assert "    t0 --> d1\n" in chart
    assert (
        "    t0 --> d0\n" in cxb("export", "--mermaid", "--registry", str(registry_path), "--at", "2026-03-01").stdout
    )
    rows = cxb("export", "--csv", "--registry", str(registry_path)).stdout.splitlines()
    assert [row.partition(",")[0] for row in rows] == ["touchpoint", "web.*", "web.*", "delivery.*", "web.checkout"]
    assert len(cxb("export", "--csv", "--registry", str(registry_path), "--at", "2026-03-01").stdout.splitlines()) == 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "yaml", "x"), "'yaml' is not one of codeowners, csv, backstage"),
        (("import", "csv", "x", "--office", "middle"), "'middle' is not one of front, back"),
        (("export",), "choose one of --mermaid and --csv"),
        (("export", "--csv", "--mermaid"), "choose one of --mermaid and --csv"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: tuple[str, ...], says: str) -> None:
    done = cxb(*arguments)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert isinstance(cxb("import", "csv", str(tmp_path / "none.csv")).exception, ConfigurationError)
