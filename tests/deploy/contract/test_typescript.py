"""The TypeScript types are what the tool makes, and with them tsc accepts and refuses what it should."""

import json
import subprocess
from pathlib import Path

import pytest

from deploy.contract.typescript import typescript_types
from metrics.contract.examples import EXAMPLES
from streams.contract.files import SOURCES, contract_text
from tests.deploy.contract.node import require_node

WRONG = {
    "a score of a kind that has none": {**EXAMPLES["churn"], "score": 2},
    "no score": {name: value for name, value in EXAMPLES["nps"].items() if name != "score"},
    "null": {**EXAMPLES["nps"], "customer": None},
    "an unknown kind": {**EXAMPLES["nps"], "kind": "NPS"},
    "a text for a number": {**EXAMPLES["nps"], "score": "9"},
    "no such facet": {**EXAMPLES["ownership_answer"], "facet": "Voice"},
    "an amount without its place": {**EXAMPLES["visit"], "amount": 1, "currency": "EUR"},
}


@pytest.mark.long
@pytest.mark.slow
def test_the_installed_types_are_what_the_tool_makes() -> None:
    require_node()
    assert contract_text("typescript") == typescript_types(), "run make schemas"


def compiled(folder: Path, program: str) -> str:
    """What tsc says of a program that uses the types."""
    (folder / SOURCES["typescript"]).write_text(contract_text("typescript"))
    (folder / "program.ts").write_text(f'import type {{ CxEvent }} from "./cx-event";\n{program}')
    tsc = require_node() / "node_modules" / ".bin" / "tsc"
    command: list[str | Path] = [
        tsc,
        "--strict",
        "--noEmit",
        "--target",
        "es2022",
        "--module",
        "preserve",
        "program.ts",
    ]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.long
@pytest.mark.slow
def test_every_example_is_an_event_to_the_compiler_and_a_kind_narrows_it(tmp_path: Path) -> None:
    events = "".join(f"  {json.dumps(dict(example))},\n" for example in EXAMPLES.values())
    program = f"const events: CxEvent[] = [\n{events}];\n"
    program += "export const scores: number[] = events.flatMap((it) => (it.kind === 'nps' ? [it.score] : []));\n"
    assert compiled(tmp_path, program) == ""


@pytest.mark.long
@pytest.mark.slow
def test_what_the_schema_refuses_by_its_type_the_compiler_refuses(tmp_path: Path) -> None:
    lines = [f"export const e{at}: CxEvent = {json.dumps(event)};" for at, event in enumerate(WRONG.values())]
    said = compiled(tmp_path, "\n".join(lines))
    assert {line.split("(")[1].split(",")[0] for line in said.splitlines() if line.startswith("program.ts(")} == {
        str(at + 2) for at in range(len(WRONG))
    }, said
