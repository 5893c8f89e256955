"""What another registry would change is what the lint, the counts and the figures say of it; and nothing is written."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.durations import DEFAULT_PERIOD
from metrics.lint.lint import lint
from streams.figures import snapshot
from streams.governance.counting import Question
from streams.governance.impact import moved_balances, moved_events
from streams.registry.lint_apart import LONGEST_REGISTRY
from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from streams.web.bodies import REGISTRY_BYTES
from tests.streams.given import REGISTRY, rules_of
from tests.streams.web.page_of import large_registry
from tests.streams.web.served import TOKEN, Answer, Served, served_by

PATH = "/api/v1/what-if"
AT = "2026-03-11T00:00:00Z"
JSON_BODY, TOML_BODY = {"Content-Type": "application/json"}, {"Content-Type": "application/toml"}
REGISTRY_OF_WEB = '\n[[ownership]]\ntouchpoint = "web.*"\nowner = "d7"\n'
TAKEN = REGISTRY.replace('owner = "marketing"\nto', 'owner = "logistics"\nto')


async def ask(served: Served, text: str, headers: dict[str, str] | None = None, **query: Any) -> Answer:
    body = json.dumps({"registry": text}).encode()
    return await served.get(PATH, "POST", headers=JSON_BODY | (headers or {}), body=body, **query)


async def test_effects_are_what_counts_and_figures_say_under_both_registries(served: Served, site: Site) -> None:
    answer = (await ask(served, TAKEN, at=AT)).json
    at = datetime(2026, 3, 11, tzinfo=UTC)
    question, store = Question(at - DEFAULT_PERIOD, at), site.store
    before, after = site.registry_watcher.current, rules_of(TAKEN)
    effects = answer["effects"]
    assert (effects["at"], effects["since"], effects["view"]) == (AT, "2025-12-11T00:00:00Z", "as_was")
    moves = moved_events(store, before, after, question)
    assert [list(row.values()) for row in effects["events"]] == [
        [move["which"], move["before"], move["after"], move["n"]] for move in moves
    ]
    assert effects["events"] == [{"touchpoint": "web.checkout", "before": "marketing", "after": "logistics", "n": 20}]
    figures = [
        (f"{row['department']} {row['metric']} {row['horizon']}", row["before"], row["after"], row["n"])
        for row in effects["balances"]
    ]
    assert figures
    assert figures == [
        (move["which"], move["before"], move["after"], move["n"])
        for move in moved_balances(store, before, after, question)
    ]
    for name, compiled in (("before", before), ("after", after)):
        cards = snapshot.compute(store, compiled, at, ("as_was",)).scorecards["as_was"]
        assert effects[name] == json.loads(json.dumps(snapshot.as_json(cards)))
    assert {row["id"] for row in answer["departments"]} == {"marketing", "sales", "logistics"}


async def test_problems_are_those_of_the_check_with_their_lines_and_then_nothing_moves(served: Served) -> None:
    for text in (REGISTRY, REGISTRY.replace('"sales"\nfrom', '"sails"\nfrom'), "version = ", "", "\ufeff" + REGISTRY):
        answer = (await ask(served, text, at=AT, effects="false")).json
        problems = lint(text)
        assert answer["problems"] == [asdict(problem) for problem in problems]
        assert answer["errors"] == sum(problem.severity == "error" for problem in problems)
        assert answer["warnings"] == len(problems) - answer["errors"]
        assert answer["effects"] is None
        assert (answer["version"] is None) == (answer["errors"] > 0)
    broken = (await ask(served, REGISTRY.replace('"sales"\nfrom', '"sails"\nfrom'), at=AT)).json
    assert broken["effects"] is None
    assert [problem["line"] for problem in broken["problems"] if problem["severity"] == "error"] == [34]


async def test_a_registry_as_toml_and_as_json_is_one_question_and_the_one_in_force_moves_nothing(
    served: Served,
) -> None:
    text = (await served.get("/api/v1/registry/text")).json
    assert text["version"] == "v1"
    as_json = await ask(served, text["text"], at=AT)
    as_toml = await served.get(PATH, "POST", headers=TOML_BODY, body=text["text"].encode(), at=AT)
    assert as_toml.json == as_json.json
    assert as_json.json["effects"]["events"] == as_json.json["effects"]["balances"] == []
    assert as_json.json["effects"]["before"] == as_json.json["effects"]["after"] != []


async def test_nothing_is_written_and_nothing_comes_into_force(served: Served, site: Site) -> None:
    current, text = site.registry_watcher.current, site.registry_watcher.path.read_text()
    counts = "SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    before = site.store.query(counts)
    assert (await ask(served, TAKEN, at=AT)).status == 200
    assert site.store.query(counts) == before
    assert site.registry_watcher.current is current
    assert site.registry_watcher.path.read_text() == text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "body: "),
        (b"{}", "body: Object missing required field `registry`"),
        (b'{"registry": 1}', "body: Expected `str`"),
        (b'{"registry": "", "x": 1}', "body: Object contains unknown field"),
        (b'{"registry": "\xff"}', "body: "),
        (b'{"registry": "\\ud800"}', "body: "),
        (b'{"registry": "' + b"x" * (LONGEST_REGISTRY + 1) + b'"}', f"length <= {LONGEST_REGISTRY}"),
    ],
)
async def test_a_body_that_is_none_is_answered_with_what_to_send(served: Served, body: bytes, says: str) -> None:
    answer = await served.get(PATH, "POST", headers=JSON_BODY, body=body)
    assert answer.status == 400
    assert says in answer.json["error"]
    assert answer.json["error"].endswith("send the registry's text, in UTF-8")


async def test_bodies_have_a_length_and_a_type(served: Served) -> None:
    for headers, body, status in (
        (TOML_BODY, b"\xff", 400),
        (TOML_BODY, b"#" * (LONGEST_REGISTRY + 1), 400),
        (TOML_BODY, b"#" * REGISTRY_BYTES, 413),
        ({"Content-Type": "text/plain"}, b"", 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"registry=x", 415),
        (JSON_BODY | {"Content-Encoding": "identity"}, b"{}", 415),
    ):
        assert (await served.get(PATH, "POST", headers=headers, body=body)).status == status
    assert (await served.get("/health")).status == 200


@pytest.mark.long
async def test_a_text_that_would_keep_the_parser_busy_for_minutes_is_given_up(served: Served) -> None:
    began = datetime.now(UTC)
    answer = await ask(served, "a." * 60_000 + "a = 1", effects="false")
    assert answer.status == 400
    assert "took more than" in answer.json["error"]
    assert datetime.now(UTC) - began < timedelta(seconds=30)
    nested = (await ask(served, "a = " + "[" * 50_000, effects="false")).json
    assert [problem["code"] for problem in nested["problems"]] == ["toml-syntax"]
    many = "".join(f"[[touchpoint]]\nid = {n}\n" for n in range(2000))
    answer = await ask(served, many, effects="false")
    assert len(answer.json["problems"]) == 200
    assert answer.json["errors"] > 2000


async def test_it_is_behind_the_same_doors_as_reading_and_closed_to_pages_of_other_sites(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        assert (await ask(served, REGISTRY)).status == 401
        known = {"Authorization": f"Bearer {TOKEN}"}
        assert (await ask(served, REGISTRY, known, effects="false")).status == 200
        assert (await ask(served, REGISTRY, known | {"Host": "evil.example"})).status == 403
        for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await ask(served, REGISTRY, known | foreign)).status == 403
        own = {"Origin": f"http://127.0.0.1:{served.port}", "Sec-Fetch-Site": "same-origin"}
        assert (await ask(served, REGISTRY, known | own, effects="false")).status == 200


async def test_what_is_asked_of_it_has_the_rules_of_other_questions(served: Served) -> None:
    queries: list[dict[str, Any]] = [{"at": "2999-01-01"}, {"effects": "perhaps"}, {"view": "as_if"}, {"registry": "x"}]
    for query in queries:
        answer = await ask(served, REGISTRY, **query)
        assert answer.status == 400, query
        assert answer.json["error"]


@pytest.mark.long
async def test_a_large_registry_is_checked_and_a_changed_rule_is_answered(served: Served) -> None:
    text = large_registry(400, 2_000)
    assert len(text) > 1_000_000
    for kind, body in ((TOML_BODY, text.encode()), (JSON_BODY, json.dumps({"registry": text}).encode())):
        answer = await served.get(PATH, "POST", headers=kind, body=body, at=AT, effects="false")
        assert answer.status == 200, answer.text
        assert (answer.json["errors"], answer.json["version"], len(answer.json["departments"])) == (0, "large", 400)
    changed = text.replace('touchpoint = "t17.page"\nowner = "d21"', 'touchpoint = "t17.page"\nowner = "d0"')
    effects = (await ask(served, changed + REGISTRY_OF_WEB, at=AT)).json["effects"]
    assert effects["events"] == [{"touchpoint": "web.checkout", "before": "marketing", "after": "d7", "n": 20}]


async def test_a_registry_that_is_too_long_is_answered_with_the_limit_and_what_to_do(served: Served) -> None:
    answer = await served.get(PATH, "POST", headers=TOML_BODY, body=b"#" * (LONGEST_REGISTRY + 1))
    assert answer.status == 400
    assert "a registry here has at most 4,000,000; use cxb check" in answer.json["error"]
    answer = await served.get(PATH, "POST", headers=TOML_BODY, body=b"#" * REGISTRY_BYTES)
    assert (answer.status, answer.text) == (413, f"too large: send fewer than {REGISTRY_BYTES:,} bytes\n")
