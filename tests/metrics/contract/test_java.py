"""The Java records compile without a warning, make JSON that is accepted, and refuse what the schema refuses."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from metrics.contract.examples import EXAMPLES as FROZEN_EXAMPLES
from metrics.contract.java import java_source
from metrics.contract.json_schema import title
from tests.documents import blocks
from tests.metrics.contract.judging import is_of_schema, rejection_of
from tests.tools import tool

PROGRAM = Path(__file__).with_name("Publish.java")
EXAMPLES = {kind: dict(example) for kind, example in FROZEN_EXAMPLES.items()}
Publish = Callable[..., list[list[str]]]


def row(event: Mapping[str, Any]) -> str:
    """An event as the program reads it: the name of its record, then names of components and values."""
    cells = [title(event["kind"]).removesuffix("Event")]
    for name, value in event.items():
        first, *more = name.split("_")
        cells += [first + "".join(map(str.capitalize, more)), value if isinstance(value, str) else json.dumps(value)]
    return "\t".join(cells)


@pytest.fixture(scope="module")
def publish(tmp_path_factory: pytest.TempPathFactory) -> Publish:
    """Makes records of events: the key and the JSON of each, or `refused` and why."""
    folder = tmp_path_factory.mktemp("java")
    (folder / "CxEvent.java").write_text(java_source())
    files = (str(folder / "CxEvent.java"), str(PROGRAM))
    compiler = [tool("javac"), "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", str(folder), *files]
    subprocess.run(compiler, check=True)

    def made(*events: Mapping[str, Any]) -> list[list[str]]:
        command = [tool("java"), "-cp", str(folder), "Publish"]
        rows = "\n".join(map(row, events)).encode()
        done = subprocess.run(command, check=True, input=rows, capture_output=True, timeout=60)
        return [line.split("\t") for line in done.stdout.decode().rstrip("\n").split("\n")]

    return made


@pytest.mark.slow
def test_a_record_of_each_kind_gives_json_that_is_accepted_and_says_the_same(publish: Publish) -> None:
    for example, (key, text) in zip(EXAMPLES.values(), publish(*EXAMPLES.values()), strict=True):
        event = json.loads(text)
        assert (rejection_of(text.encode()), is_of_schema(event)) == (None, True)
        assert key == example.get("customer", example["event_id"])
        as_texts = {name: str(float(value)) for name, value in example.items() if name in ("amount", "value")}
        given = {name: str(float(event[name])) for name in as_texts}
        assert given == as_texts
        left = {*example} - {*as_texts, "occurred_at"}
        assert {name: event[name] for name in left} == {name: example[name] for name in left}


@pytest.mark.slow
def test_any_text_is_written_as_json_has_it(publish: Publish) -> None:
    said = '" \\ \u0001 \u2028 é 日本 😀 </script>'
    [[_, text]] = publish(EXAMPLES["note"] | {"text": said})
    assert json.loads(text)["text"] == said


@pytest.mark.slow
def test_what_the_schema_refuses_cannot_be_made_and_the_field_is_named(publish: Publish) -> None:
    wrong = {
        "score": EXAMPLES["nps"] | {"score": 11},
        "touchpoint": EXAMPLES["nps"] | {"touchpoint": "Web"},
        "event_id": EXAMPLES["nps"] | {"event_id": "x" * 65},
        "segment": EXAMPLES["nps"] | {"segment": ""},
        "source": {name: value for name, value in EXAMPLES["nps"].items() if name != "source"},
        "amount and currency": {name: value for name, value in EXAMPLES["conversion"].items() if name != "currency"},
        "amount": EXAMPLES["conversion"] | {"amount": "9.90001"},
        "currency": EXAMPLES["conversion"] | {"currency": "eur"},
        "count": EXAMPLES["visit"] | {"count": 0},
        "facet": EXAMPLES["ownership_answer"] | {"facet": "Voice"},
        "answer": EXAMPLES["ownership_answer"] | {"answer": "I.T."},
        "value": EXAMPLES["success_answer"] | {"value": 1e12},
    }
    assert [event for event in wrong.values() if is_of_schema(event)] == []
    answers = publish(*wrong.values())
    assert [(said, reason.partition(" must be ")[0]) for said, reason in answers] == [
        ("refused", name) for name in wrong
    ]


@pytest.mark.slow
def test_the_greatest_values_can_be_made(publish: Publish) -> None:
    events = (
        EXAMPLES["conversion"] | {"amount": "999999999999.9999", "touchpoint": "x" * 128},
        EXAMPLES["visit"] | {"count": 10**9, "event_id": "😀" * 64},
        EXAMPLES["conversion"] | {"amount": "1E+3"},
    )
    for _, text in publish(*events):
        assert rejection_of(text.encode()) is None, text


@pytest.mark.slow
def test_the_lines_of_the_document_do_what_it_says(tmp_path: Path) -> None:
    [block] = [block for block in blocks("java") if "schema.md" in str(block)]
    send = 'static void send(String... texts) { System.out.println(String.join(" ", texts)); }'
    program = f"{send} public static void main(String[] arguments) {{ {block.text} }}"
    (tmp_path / "Lines.java").write_text(f"import java.time.OffsetDateTime; class Lines {{ {program} }}")
    (tmp_path / "CxEvent.java").write_text(java_source())
    subprocess.run([tool("javac"), "-d", str(tmp_path), "CxEvent.java", "Lines.java"], check=True, cwd=tmp_path)
    run = subprocess.run(
        [tool("java"), "-cp", tmp_path, "Lines"], check=True, capture_output=True, text=True, timeout=60
    )
    topic, key, text = run.stdout.split(" ", 2)
    assert (topic, key, rejection_of(text.encode())) == ("cx.touchpoints", "c-4711", None)
