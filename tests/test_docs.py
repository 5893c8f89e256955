"""The documents name what exists, and what exists is named in the documents."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch

import pytest

from metrics.catalogue import CONTEXT_KINDS, KINDS, METRICS
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.rejection import OF_SCHEMAS, Reason
from streams.parameters import NoParameters, parameters_of
from streams.settings import settings
from streams.settings.settings import NOT_SETTINGS
from streams.store import migrations
from streams.web.routes import ROUTES, Route
from tests.commands import CLI, COMMANDS, GROUPS
from tests.deploy.series import SERIES
from tests.documents import PROJECT, TEXT

FAMILIES = {re.sub(r"_(bucket|sum|count)$", "", name) for name in SERIES}


def code_words(pattern: str, text: str = TEXT) -> set[str]:
    return set(re.findall(pattern, text))


@pytest.mark.parametrize("name", sorted(settings.variables()))
def test_every_setting_is_documented_with_its_meaning(name: str) -> None:
    row = next((line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |")), "")
    assert settings.variables()[name]
    assert settings.variables()[name] in row


@pytest.mark.parametrize("name", sorted(settings.variables()))
def test_every_documented_default_is_the_default(name: str) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
    default = defaults()[name]
    shown = "" if default is None or str(default) == "" else f"`{default}`"
    assert row.split("|")[2].strip() == shown


def defaults() -> dict[str, object]:
    found: dict[str, object] = {}
    for name, field in settings.Settings.model_fields.items():
        section = settings.SECTIONS.get(name)
        if section is None:
            found[f"CXB_{name}".upper()] = field.default
        else:
            for key, inner in section.model_fields.items():
                found[f"CXB_{name}_{key}".upper()] = inner.default
    return found


@pytest.mark.parametrize("name", sorted(NOT_SETTINGS))
def test_every_variable_that_is_no_setting_is_explained(name: str) -> None:
    assert f"`{name}`" in (PROJECT / "docs" / "configuration.md").read_text()


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


@pytest.mark.parametrize("migration", migrations.shipped(), ids=lambda migration: migration.name)
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


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented(name: str) -> None:
    assert f"cxb {name}" in TEXT


def test_the_table_of_commands_has_every_command_with_every_option() -> None:
    rows = re.findall(
        r"^\| `cxb (\w+(?: [a-z]+)?)([^`]*)`", (PROJECT / "docs" / "commands.md").read_text(), re.MULTILINE
    )
    documented = {name: set(re.findall(r"--[a-z-]+", usage)) for name, usage in rows}
    assert documented == {
        name: {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        for name, command in COMMANDS.items()
    }


def test_help_texts_are_plain() -> None:
    for name, command in COMMANDS.items():
        texts = [command.help, command.epilog, *(getattr(item, "help", "") or "" for item in command.params)]
        assert not [text for text in texts if re.search(r"\\\[|\[/?bold", text)], f"cxb {name}"


def test_every_command_and_option_in_the_documents_exists() -> None:
    groups = "|".join(sorted(GROUPS))
    inner = "|".join(name.split(" ")[1] for name in COMMANDS if " " in name)
    for name, options in re.findall(
        rf"\bcxb ((?:(?:{groups}) (?:{inner})\b|[a-z]+))((?: \[?--[a-z-]+[^`\n|]*)?)", TEXT
    ):
        command = COMMANDS.get(name) or CLI.commands.get(name)
        assert command is not None, name
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", options)) - known == set(), name


def test_make_targets_are_documented_and_those_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert {target for target in targets if f"`make {target}`" not in TEXT} == set()
    commands = re.findall(r"`(?:\w+=\w+ )?make ([a-z-]+)[^`]*`|^(?:\$ )?make ([a-z-]+)", TEXT, re.MULTILINE)
    assert {quoted or plain for quoted, plain in commands} <= targets


def test_the_two_commands_of_the_readme_are_there_and_what_sets_up_its_other_ones() -> None:
    readme = (PROJECT / "README.md").read_text()
    assert re.findall(r"^make (\w+) ", readme, re.MULTILINE) == ["demo", "test", "install"]
    for document in (readme, (PROJECT / "docs" / "getting-started.md").read_text()):
        assert document.index("\nmake install ") < document.index("\nsource .venv") < document.index("\ncxb ")


def test_no_command_of_the_first_steps_names_a_day_that_passes() -> None:
    for name in ("README.md", "docs/getting-started.md"):
        lines = (PROJECT / name).read_text().splitlines()
        assert [line for line in lines if line.startswith("cxb ") and re.search(r"20\d\d-", line)] == []
    assert "make check" in (PROJECT / ".ci" / "run").read_text()
    assert re.search(r"^check: .*\btest\b", (PROJECT / "Makefile").read_text(), re.MULTILINE)


def test_every_module_has_its_place_in_the_architecture() -> None:
    text = (PROJECT / "ARCHITECTURE.md").read_text()
    written = re.sub(r"```mermaid.*?```", "", text, flags=re.DOTALL)  # the diagram is drawn, by make diagram
    assert len(written.splitlines()) <= 120
    named = code_words(r"`([a-z_*/]+)`", text)
    for package in ("metrics", "streams"):
        for path in (PROJECT / package).iterdir():
            if not path.name.startswith("_") and path.name != "py.typed":
                name = f"{path.name}/" if path.is_dir() else path.stem
                assert any(fnmatch(name, pattern) for pattern in named), path


@pytest.mark.parametrize("topic", [defaults()["CXB_KAFKA_TOPIC"], defaults()["CXB_KAFKA_DLQ_TOPIC"]])
def test_every_topic_is_documented_for_publishers_and_for_operators(topic: str) -> None:
    for name in ("event.md", "operations.md"):
        assert f"`{topic}`" in (PROJECT / "docs" / name).read_text()


def test_routes_are_documented_and_those_in_the_documents_exist() -> None:
    served = {"/", *(route.path for route in ROUTES)}
    text = "".join((PROJECT / "docs" / name).read_text() for name in ("operations.md", "api.md"))
    assert len(served) > 5
    assert {route for route in served if f"`{route}`" not in text} == set()
    assert code_words(r"`(/(?:api|static|metrics|health|ready)\b[^`]*)`") <= served


@pytest.mark.parametrize("route", [route for route in ROUTES if route.parameters], ids=lambda route: route.path)
def test_the_table_of_routes_has_the_parameters_of_each(route: Route) -> None:
    lines = (PROJECT / "docs" / "api.md").read_text().splitlines()
    [row] = [line for line in lines if line.startswith(f"| `{route.path}` |")]
    assert re.findall(r"`(\w+)`", row.split(" | ")[-1]) == list(parameters_of(route.parameters or NoParameters))


def examples() -> Iterator[tuple[str, str]]:
    """Each example of docs/event.md: "accepted" or a reason, and the record's value."""
    text = (PROJECT / "docs" / "event.md").read_text()
    for label, block in re.findall(r"```json (\w+)\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            yield label, line


@pytest.mark.parametrize(("label", "line"), list(examples()))
def test_each_example_is_judged_as_the_text_says(label: str, line: str) -> None:
    stamp_ms = int(datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp() * 1000)
    run = decode_run([line.encode()], [stamp_ms], RecordLimits())
    assert [rejected.reason.value for _, rejected in run.rejected] == ([] if label == "accepted" else [label])
    assert len(run.events) == (label == "accepted")


def test_the_examples_show_every_kind_and_every_reason() -> None:
    accepted = {json.loads(line)["kind"] for label, line in examples() if label == "accepted"}
    assert accepted == {*KINDS, *CONTEXT_KINDS}
    # 64 KiB are no example to print, and records with schemas are no JSON.
    printed = set(Reason) - OF_SCHEMAS - {Reason.TOO_LARGE}
    assert {label for label, _ in examples()} == {"accepted", *(reason.value for reason in printed)}


def test_the_event_of_the_guide_for_publishers_is_accepted() -> None:
    [block] = re.findall(r"```json\n(.*?)```", (PROJECT / "docs" / "publish.md").read_text(), re.DOTALL)
    event = json.loads(block)
    stamp_ms = int(datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp() * 1000)
    assert decode_run([json.dumps(event).encode()], [stamp_ms], RecordLimits()).rejected == []
