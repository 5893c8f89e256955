from datetime import UTC, datetime, timedelta

from metrics.registry import parse
from metrics.report.annotations import (
    Annotation,
    AnnotationWriter,
    ChangeOfHands,
    DriftChange,
    of_period,
    registry_versions,
)

DAY = timedelta(days=1)
START = datetime(2026, 4, 1, tzinfo=UTC)
REGISTRY = parse(
    """
version = "v1"
policy = "single"

[[department]]
id = "sales"
name = "Vendite"
office = "front"

[[touchpoint]]
id = "web"
name = { en = "Web site" }
stage = "during"
channel = "online"
"""
)
WRITER = AnnotationWriter(REGISTRY)


def change(day: int, state: str, metric: str = "nps", explained: bool = False) -> DriftChange:
    since = None if state == "calm" else START + (day - 1) * DAY
    return DriftChange(START + day * DAY, "sales", metric, state, since, explained)  # type: ignore[arg-type]


def test_a_change_of_owner_is_told_with_names_and_ids_where_there_are_none() -> None:
    row = WRITER.ownership(ChangeOfHands(START, "web", "smb, nps", "unowned", "marketing"))
    assert row.text == "Owner: Nobody to marketing: Web site (smb, nps)"
    assert (row.department, row.old, row.new) == ("marketing", "unowned", "marketing")
    assert row.concerns == {"unowned", "marketing"}


def test_a_drift_begins_where_it_did_and_not_where_it_was_noticed() -> None:
    begun, ended = WRITER.drifts([change(8, "down", explained=True), change(11, "calm")])
    assert (begun.at, begun.noticed_at, begun.kind) == (START + 7 * DAY, START + 8 * DAY, "drift_begun")
    assert (begun.old, begun.new, begun.is_explained) == ("calm", "down", True)
    assert begun.text == "Vendite: NPS began to fall, noticed 9 April 00:00 UTC; a change of owner explains it"
    assert (ended.at, ended.kind, ended.old, ended.new) == (START + 11 * DAY, "drift_ended", "down", "calm")
    assert ended.text == "Vendite: NPS is back at its baseline"


def test_each_detector_has_a_state_of_its_own() -> None:
    changes = [change(1, "up"), change(2, "down", "csat"), change(3, "down"), change(4, "calm", "csat")]
    assert [(row.metric, row.old, row.new) for row in WRITER.drifts(changes)] == [
        ("nps", "calm", "up"), ("csat", "calm", "down"), ("nps", "up", "down"), ("csat", "down", "calm"),
    ]  # fmt: skip


def test_a_version_of_the_registry_that_comes_back_is_in_force_again() -> None:
    noted = [(START + day * DAY, version) for day, version in enumerate(("a", "a", "b", "a"))]
    assert [(row.at, row.old, row.new) for row in registry_versions(noted)] == [
        (START, "", "a"), (START + 2 * DAY, "a", "b"), (START + 3 * DAY, "b", "a"),
    ]  # fmt: skip


def test_a_period_holds_its_start_and_not_its_end() -> None:
    rows = [Annotation(START + day * DAY, "registry") for day in (3, 0, 2, 1)]
    assert [row.at for row in of_period(rows, START + DAY, START + 3 * DAY, None)] == [START + DAY, START + 2 * DAY]


def test_a_department_is_shown_what_concerns_it_or_all() -> None:
    rows = [
        Annotation(START, "registry"),
        Annotation(START, "baseline", "sales", concerns=frozenset({"sales"})),
        Annotation(START, "ownership", "it", concerns=frozenset({"sales", "it"})),
    ]
    shown = {name: len(of_period(rows, START, START + DAY, name)) for name in (None, "company", "sales", "it", "hr")}
    assert shown == {None: 3, "company": 3, "sales": 3, "it": 2, "hr": 1}
