"""The headline of a report: its sentences about what is changing, and no others."""

from typing import Literal

from metrics.governance.counted import Counted
from metrics.report.assembly import make
from metrics.report.findings import Material, MetricInAlarm
from metrics.report.headline import MOST_SENTENCES, headline
from tests.metrics.report.given import AT_S, material
from tests.metrics.report.test_terms import OF, figures

DAY = 86_400


def alarm(metric: str, direction: Literal["up", "down"], days_ago: int, moved: float = 0.0) -> MetricInAlarm:
    return MetricInAlarm(
        "it", metric, direction, AT_S - days_ago * DAY, moved, ("web",) if moved else (), 40.0, 30.0, 90
    )


def given(*alarms: MetricInAlarm) -> Material:
    return material(
        OF, Counted(owned={("web", "it"): 90}),
        balances=figures("it", nps=10, traffic=40), earlier=figures("it", nps=30, traffic=20),
        drifts=alarms, watched={("it", "nps")},
    )  # fmt: skip


def test_each_of_its_findings_is_the_reports() -> None:
    of = given(alarm("nps", "down", 9), alarm("csat", "up", 3), alarm("ces", "down", 5, moved=0.8))
    report = set(make(of, is_complete=True).findings)
    shown = headline(of).findings
    assert [(one.kind, one.metric) for one in shown] == [
        ("myopia", ""), ("drift_down", "nps"), ("drift_up", "csat"), ("moved_down", "ces"),
    ]  # fmt: skip
    assert set(shown) <= report


def test_the_newest_come_first_and_what_rises_keeps_a_place() -> None:
    falls = [alarm(metric, "down", days) for metric, days in (("nps", 9), ("csat", 3), ("ces", 5), ("retention", 7))]
    of = given(*falls, alarm("referrals", "up", 30))
    report = headline(of)
    assert [one.metric for one in report.findings] == ["", "csat", "ces", "referrals"]
    assert len(report.findings) == MOST_SENTENCES
    assert report.parts[0].omitted == 2


def test_what_nothing_can_be_told_of_is_left_to_the_report() -> None:
    silent = MetricInAlarm("it", "csat", "down", AT_S - DAY)
    assert [one.kind for one in headline(given(silent)).findings] == ["myopia"]
    assert any(one.kind == "drift_unclear" for one in make(given(silent)).findings)
