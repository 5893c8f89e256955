"""The documents name what exists, and what exists is named in the documents."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from metrics.catalogue import KINDS, METRICS
from metrics.decoding import decode_run
from metrics.events import Limits
from metrics.rejection import Reason
from streams import migrations, settings
from streams.cli.app import app
from streams.settings import NOT_SETTINGS
from tests.deploy.series import SERIES

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), PROJECT / "deploy" / "README.md"])
TEXT = "\n".join(path.read_text() for path in DOCUMENTS)
CLI = typer.main.get_command(app)
FAMILIES = {re.sub(r"_(bucket|sum|count)$", "", name) for name in SERIES}


def code_words(pattern: str, text: str = TEXT) -> set[str]:
    return set(re.findall(pattern, text))


@pytest.mark.parametrize("name", sorted(settings.variables()))
def test_every_setting_is_documented_with_its_meaning(name: str) -> None:
    row = next((line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |")), "")
    assert settings.variables()[name]
    assert settings.variables()[name] in row


def test_every_setting_in_the_documents_exists() -> None:
    named = code_words(r"\bCXB_[A-Z_]*[A-Z]\b")
    compose = code_words(r"\bCXB_[A-Z_]*[A-Z]\b", (PROJECT / "docker-compose.yml").read_text())
    prefixes = {section.model_config["env_prefix"].rstrip("_") for section in settings.SECTIONS.values()}
    assert named - set(settings.variables()) - NOT_SETTINGS - compose - prefixes - {"CXB_FAULTS"} == set()


@pytest.mark.parametrize("metric", METRICS.values(), ids=str)
def test_the_table_of_metrics_is_the_catalogue(metric: object) -> None:
    known = METRICS[metric.name]  # type: ignore[attr-defined]
    cells = next(line for line in TEXT.splitlines() if line.startswith(f"| `{known.name}` |")).split(" | ")
    span = f"{known.low:g} and more" if known.high is None else f"{known.low:g} to {known.high:g}"
    assert cells[1:5] == [known.term, known.unit, span, ", ".join(known.kinds)]


@pytest.mark.parametrize("name", [*KINDS, *(reason.value for reason in Reason)])
def test_every_kind_and_reason_is_documented(name: str) -> None:
    assert f"`{name}`" in (PROJECT / "docs" / "event.md").read_text()


def test_every_series_is_documented_and_every_documented_one_exists() -> None:
    documented = code_words(r"\bcx_[a-z_]+[a-z]\b", (PROJECT / "docs" / "metrics.md").read_text())
    assert documented == FAMILIES
    assert len(FAMILIES) > 15
    others = {"cx_ingest", "cx_admin", "cx_reader", "cx_drift"}
    assert code_words(r"\bcx_[a-z_]+[a-z]\b") - FAMILIES - others == set()


@pytest.mark.parametrize("migration", migrations.known(), ids=lambda found: found.name)
def test_every_table_and_column_is_documented(migration: migrations.Migration) -> None:
    text = (PROJECT / "docs" / "metrics.md").read_text()
    for statement in migration.statements:
        found = re.search(r"CREATE TABLE IF NOT EXISTS (\w+)\n\((.*?)\n\)\n", statement, re.DOTALL)
        added = re.findall(r"ADD COLUMN IF NOT EXISTS (\w+)", statement)
        columns = re.findall(r"^    (\w+) [A-Z]\w+", found[2], re.MULTILINE) if found else added
        for column in columns:
            if column != "INDEX":
                assert re.search(rf"\b{column}\b", text), column
        if found:
            assert f"`{found[1]}`" in text


@pytest.mark.parametrize("name", sorted(CLI.commands))  # type: ignore[attr-defined]
def test_every_command_is_documented(name: str) -> None:
    assert f"cxb {name}" in TEXT


def test_every_command_and_option_in_the_documents_exists() -> None:
    for name, options in re.findall(r"\bcxb ([a-z]+)((?: \[?--[a-z-]+[^`\n|]*)?)", TEXT):
        command = CLI.commands.get(name)  # type: ignore[attr-defined]
        assert command is not None, name
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", options)) - known == set(), name


def test_make_targets_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    commands = re.findall(r"`(?:\w+=\w+ )?make ([a-z-]+)[^`]*`|^make ([a-z-]+)", TEXT, re.MULTILINE)
    assert {quoted or plain for quoted, plain in commands} <= targets


def test_the_two_commands_of_the_readme_are_there() -> None:
    readme = (PROJECT / "README.md").read_text()
    assert re.findall(r"^make (\w+) ", readme, re.MULTILINE) == ["demo", "test"]
    assert "make check" in (PROJECT / ".ci" / "run").read_text()
    assert re.search(r"^check: .*\btest\b", (PROJECT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        if not link.startswith(("http://", "https://")):
            assert (document.parent / link).exists(), link


def examples(label: str) -> list[str]:
    [block] = re.findall(rf"```json {label}\n(.*?)```", (PROJECT / "docs" / "event.md").read_text(), re.DOTALL)
    return list(block.splitlines())


def test_the_accepted_examples_are_accepted_and_show_every_kind() -> None:
    stamp_ms = int(datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp() * 1000)
    run = decode_run([(line.encode(), stamp_ms) for line in examples("accepted")], Limits())
    assert run.rejected == []
    assert {event.kind for event in run.events} == set(KINDS)


def test_the_refused_examples_are_refused() -> None:
    stamp_ms = int(datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp() * 1000)
    run = decode_run([(line.encode(), stamp_ms) for line in examples("refused")], Limits())
    assert [rejected.reason for _, rejected in run.rejected] == [
        Reason.SCORE_OUT_OF_RANGE, Reason.BAD_VALUE, Reason.BAD_TYPE, Reason.MISSING_FIELD,
    ]  # fmt: skip
    assert run.events == []


def test_the_event_of_the_readme_is_accepted() -> None:
    [block] = re.findall(r"```json\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    event = json.loads(block)
    stamp_ms = int(datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp() * 1000)
    assert decode_run([(json.dumps(event).encode(), stamp_ms)], Limits()).rejected == []
