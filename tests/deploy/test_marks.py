"""The marks and gaps of the dashboards: their queries on a real engine with rows that are known."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.figures.balances import Balance
from metrics.figures.scorecards import Scorecard
from streams.drift.annotations import annotations_of
from streams.figures import snapshot
from streams.figures.registry_in_force import note_registry
from streams.figures.snapshot import Snapshot
from streams.store.client import Store
from tests.deploy.observed.test_panel_queries import BOARDS, expand
from tests.streams.conftest import databases, engine, open_store, store
from tests.streams.given import REGISTRY, rules_of

__all__ = ["databases", "engine", "open_store", "store"]  # fixtures
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CHOSEN = {"department": "sales", "metric": "nps", "horizon": "long", "touchpoint": "web.checkout"}
EXPECTED = {
    "Changes of owner": [(datetime(2026, 4, 1, tzinfo=UTC), "Owner: Marketing to Sales: Checkout")],
    "Registry versions": [
        (NOW - timedelta(days=9), "Registry v1 in force"),
        (NOW - timedelta(days=5), "Registry v2 in force"),
        (NOW - timedelta(days=3), "Registry v1 in force"),
    ],
    "Drift begun": [
        (NOW - timedelta(days=8), "Sales: NPS began to fall, noticed 23 April 12:00 UTC; a change of owner explains it")
    ],
    "Drift ended": [(NOW - timedelta(days=2), "Sales: NPS is back at its baseline")],
    "Notes": [(NOW - timedelta(days=6), "&lt;b&gt;Shops &amp; web&lt;/b&gt; rebuilt")],
    "Notes on new baselines": [(NOW - timedelta(days=4), "Sales: NPS has a new baseline: the shops were rebuilt")],
}
MARKS: dict[tuple[str, str], str] = {
    (name, item["name"]): item["target"]["rawSql"]
    for name, board in BOARDS.items()
    for item in board["annotations"]["list"]
    if "builtIn" not in item
}


def ask(store: Store, text: str, chosen: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What Grafana gets for a query, with the time range that ends at NOW."""
    sql = expand(text, NOW.timestamp(), CHOSEN if chosen is None else chosen)
    return store.query(re.sub(r"\bcx\.", f"{store.database}.", sql))


@pytest.fixture
def marked(store: Store) -> Store:
    """A store with one of each mark, and a drift of somebody else."""
    for days, version in ((9, "v1"), (8, "v1"), (5, "v2"), (3, "v1")):
        note_registry(store, rules_of(REGISTRY.replace('"v1"', f'"{version}"')), NOW - timedelta(days=days))
    rows = (
        (NOW - timedelta(days=8), "sales", "down", NOW - timedelta(days=8), "ownership"),
        (NOW - timedelta(days=2), "sales", "calm", None, "none"),
        (NOW - timedelta(days=7), "logistics", "up", NOW - timedelta(days=7), "none"),
    )
    names = ("at", "department", "state", "since", "explained_by")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    store.insert("drift", (*columns, "metric"), [*columns.values(), ["nps"] * len(rows)])
    baselines = {"department": "sales", "metric": "nps", "version": 2, "valid_from": NOW - timedelta(days=4)}
    texts = {"reason": "request", "note": "the shops were rebuilt"}
    store.insert("baselines", [*baselines, *texts], [[value] for value in (baselines | texts).values()])
    store.command(
        "INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, department, details) VALUES "
        "('n1', 'crm', 'note', 'web.checkout', '2026-04-25 12:00:00', 'sales', "
        '\'{"text": "<b>Shops & web</b> rebuilt"}\'), '
        "('n2', 'crm', 'note', '', '2026-04-25 12:00:00', 'unowned', "
        '\'{"text": "New vans", "department": "logistics"}\')'
    )
    return store


def owned(store: Store) -> None:
    """An event at the touchpoint, landed when sales owned it."""
    store.command(
        "INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, department) "
        "VALUES ('e', 'shop', 'nps', 'web.checkout', '2026-04-20 00:00:00', 'sales')"
    )


@pytest.mark.parametrize(("board", "name"), MARKS)
def test_a_mark_says_in_names_what_happened_when(board: str, name: str, marked: Store) -> None:
    owned(marked)
    rows = ask(marked, MARKS[board, name])
    shown = [(row["time"].replace(tzinfo=UTC), row["text"]) for row in rows]
    others = {
        (NOW - timedelta(days=7), "Logistics: NPS began to rise, noticed 24 April 12:00 UTC"),
        (NOW - timedelta(days=6), "New vans"),
    }
    assert [mark for mark in shown if mark not in others] == EXPECTED[name]
    assert all(row["tags"] for row in rows)


def test_each_dashboard_has_every_kind_of_mark() -> None:
    assert set(MARKS) == {(board, name) for board in BOARDS for name in EXPECTED}


def test_the_api_and_the_dashboards_tell_the_same(marked: Store) -> None:
    compiled = rules_of(REGISTRY)
    listed = annotations_of(marked, compiled, NOW - timedelta(days=90), NOW, None)
    company = CHOSEN | {"department": "company"}
    shown = {
        (row["time"].replace(tzinfo=UTC), html.unescape(row["text"]))
        for board, name in MARKS
        if board in ("pipeline", "governance")
        for row in ask(marked, MARKS[board, name], company)
    }
    assert {(item.at, item.text) for item in listed} == shown
    assert len(listed) == len(shown) == 10


def test_marks_follow_the_choice_of_departments(marked: Store) -> None:
    begun, changed = MARKS["company", "Drift begun"], MARKS["department", "Changes of owner"]
    assert [row["text"][:9] for row in ask(marked, begun, CHOSEN | {"department": "logistics"})] == ["Logistics"]
    assert len(ask(marked, begun, CHOSEN | {"department": ".*"})) == 2
    assert len(ask(marked, MARKS["company", "Changes of owner"], CHOSEN | {"department": "company"})) == 1
    assert ask(marked, changed, CHOSEN | {"department": "logistics"}) == []
    for board in ("company", "department"):
        noted = MARKS[board, "Notes"]
        assert [row["text"] for row in ask(marked, noted, CHOSEN | {"department": "logistics"})] == ["New vans"]
        assert len(ask(marked, noted, CHOSEN | {"department": "company"})) == 2
    assert len(ask(marked, changed, CHOSEN | {"department": "company"})) == 1


def test_a_suppressed_or_stale_figure_is_a_gap_and_never_a_zero(store: Store) -> None:
    at = [NOW - timedelta(days=days) for days in (3, 2, 1)]
    rows = [
        Balance(at[0], "as_was", "sales", "nps", "long", "long", 31.5, 20.0, 40.0, 90, 80.0, "", at[0], at[0]),
        Balance(at[1], "as_was", "sales", "nps", "long", "long", None, None, None, 9, 8.0, "stale", at[0], at[0]),
        Balance(at[2], "as_was", "sales", "nps", "long", "long", 33.0, 21.0, 41.0, 90, 80.0, "", at[2], at[2]),
    ]
    snapshot.save(store, Snapshot(NOW, {"as_was": rows}, {"as_was": []}, "v1"))
    [panel] = [item for item in BOARDS["department"]["panels"] if item["title"].startswith("NPS, points")]
    shown = ask(store, panel["targets"][0]["rawSql"])
    assert [row["Long horizon"] for row in shown] == [31.5, None, 33.0]
    assert [row["Long horizon, lower bound"] for row in shown] == [20.0, None, 21.0]
    assert {row["Short horizon"] for row in shown} == {None}
    assert panel["fieldConfig"]["defaults"]["custom"]["spanNulls"] is False


def test_a_department_that_has_left_the_registry_is_not_among_the_figures_of_now(store: Store) -> None:
    def figures(department: str) -> Snapshot:
        row = Balance(NOW, "as_was", department, "nps", "long", "long", 31.5, 20.0, 40.0, 90, 80.0, "", NOW, NOW)
        card = Scorecard(NOW, "as_was", department, None, 80.0, None, 0.5, None, None)
        return Snapshot(NOW, {"as_was": [row]}, {"as_was": [card]}, f"with {department}")

    titles = ("Scorecards at the end of the time range", "Balances at the end of the time range")
    panels = [panel for panel in BOARDS["company"]["panels"] if panel["title"] in titles]
    assert len(panels) == 2
    for department in ("sales", "logistics", "sales"):
        snapshot.save(store, figures(department))
        for panel in panels:
            shown = ask(store, panel["targets"][0]["rawSql"], CHOSEN | {"department": ".*"})
            assert [row["department_id"] for row in shown] == [department]
    lines = next(panel for panel in BOARDS["department"]["panels"] if panel["title"].startswith("NPS, points"))
    for department, points in (("sales", 1), ("logistics", 0)):
        assert len(ask(store, lines["targets"][0]["rawSql"], CHOSEN | {"department": department})) == points


def test_before_a_registry_is_noted_ids_stand_for_names(store: Store) -> None:
    [offered] = [v["query"] for v in BOARDS["touchpoint"]["templating"]["list"] if v["name"] == "touchpoint"]
    assert ask(store, offered) == []
    [panel] = [item for item in BOARDS["touchpoint"]["panels"] if item["title"] == "Events by owner"]
    owned(store)
    assert [row["department"] for row in ask(store, panel["targets"][0]["rawSql"])] == ["sales"]


def test_every_link_carries_an_id_that_its_row_has() -> None:
    found = 0
    for board in BOARDS.values():
        for panel in board["panels"]:
            text = " ".join(target.get("rawSql", "") for target in panel.get("targets", []))
            for field in re.findall(r"\$\{__data\.fields\.(\w+)", json.dumps(panel)):
                assert re.search(rf"\b{field}\b", text), panel["title"]
                found += 1
    assert found > 20
