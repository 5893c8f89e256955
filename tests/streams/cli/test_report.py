"""`cxb report`, as it is called."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

PERIOD = ("--from", "2026-03-01", "--to", "2026-04-20")


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with twenty answers about the web and one about what nobody owns."""
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    answers = [event(n, score=10 if n % 4 else 0, at=at) for n in range(20)]
    store.insert_facts(facts_of([*answers, event(99, at=at, touchpoint="fax")], compiled))
    return environment_of(engine, store, registry_path)


def test_the_report_is_markdown_in_english_by_default(server: dict[str, str]) -> None:
    text = cxb("report", *PERIOD, **server).stdout
    assert text.startswith("# Who owns our customers' experience\n")
    assert "Checkout passed from Marketing to Sales on 1 April 2026" in text
    assert "Nobody owns fax" in text


def test_another_language_and_html_say_the_same(server: dict[str, str]) -> None:
    text = cxb("report", *PERIOD, "--lang", "it", "--format", "html", **server).stdout
    assert text.startswith('<!doctype html>\n<html lang="it">')
    assert "Il punto di contatto «Cassa» è passato da Marketing a Sales il 1º aprile 2026" in text


def test_json_and_another_registry(server: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        Path(server["CXB_REGISTRY"]).read_text() + '\n[[ownership]]\ntouchpoint = "fax"\nowner = "sales"\n'
    )
    kinds = {}
    for name, more in (("now", ()), ("proposal", ("--what-if", str(other)))):
        answer = json.loads(cxb("report", *PERIOD, "--json", *more, **server).stdout)
        kinds[name] = {one["kind"] for part in answer["sections"] for one in part["statements"]}
    assert kinds["now"] - kinds["proposal"] == {"orphan", "orphan_events"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--lang", "fr"), "'fr' is not one of en, it, es"),
        (("--format", "pdf"), "'pdf' is not one of md, html"),
        (("--from", "2026-04-01", "--to", "2026-03-01"), "is not before"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(server: dict[str, str], arguments: tuple[str, ...], says: str) -> None:
    done = cxb("report", *arguments, COLUMNS="400", **server)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
