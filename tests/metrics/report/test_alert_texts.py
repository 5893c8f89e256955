from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.catalogue import METRICS
from metrics.drift.contributions import Contribution
from metrics.drift.indices import IndexChange
from metrics.drift.myopia import IndexChanges
from metrics.registry import parse
from metrics.report.alert_facts import ChangeOfOwner, DriftFacts, QualityFacts, Unanswered
from metrics.report.alert_texts import LEAD_S, AlertWriter

SAMPLE = (Path(__file__).parents[3] / "deploy" / "registry.toml").read_text()
REGISTRY = parse(SAMPLE.replace('policy = "single"', 'timezone = "Europe/Rome"\npolicy = "single"', 1))
WRITER = AlertWriter(REGISTRY)


def second(month: int, day: int, hour: int = 12, year: int = 2026) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def part(touchpoint: str, share: float | None) -> Contribution:
    return Contribution(touchpoint, 1.0, 2.0, 0.5, 0.5, 1.0, share)


CSAT = DriftFacts(
    "service", "csat", "down", second(11, 15, 23), second(11, 29), 74.41, 53.58, 712,
    (part("service.switchboard", 0.942), part("service.email", 0.058)),
)  # fmt: skip


def test_a_department_head_reads_who_what_how_much_since_when_and_where() -> None:
    text = WRITER.drift(CSAT)
    # 23:00 UTC on the 15th is the 16th by the company's clocks.
    assert text.summary == (
        "Customer service: CSAT fell from 74.4 % to 53.6 % since 16 November (712 answers). "
        "Switchboard accounts for 94 %."
    )
    assert text.description == (
        "Owner: Customer service (sponsor: Chief Customer Officer). No change of ownership explains it. What to do: "
        "find out what changed at Switchboard around 16 November. If it was wanted, note it and create a new baseline; "
        "else fix it: the alert ends by itself."
    )
    assert (text.name, text.from_s) == ("CSAT", CSAT.since_s - LEAD_S)


@pytest.mark.parametrize(
    ("metric", "direction", "before", "after", "n", "said", "counted"),
    [
        ("nps", "down", 23.1, -1.2, 651, "NPS fell from 23.1 to -1.2 points", "651 answers"),
        ("ces", "up", 5.1, 5.436, 90, "Ease (CES) rose from 5.10 to 5.44", "90 answers"),
        ("traffic", "up", 1234.5, 1600, 22400, "Traffic rose from 1,234 to 1,600 a day", "22,400 events"),
        ("conversions", "down", 38.22, 9.5, 133, "Conversions fell from 38.2 to 9.50 a day", "133 events"),
        ("conversion_rate", "down", 3.21, 1, 900, "Conversion rate fell from 3.21 % to 1.00 %", "900 visits"),
        ("retention", "down", 90, 80, 50, "Retention fell from 90.0 % to 80.0 %", "50 renewals and churns"),
    ],
)  # fmt: skip
def test_each_metric_is_written_in_its_unit(
    metric: str, direction: str, before: float, after: float, n: int, said: str, counted: str
) -> None:
    facts = replace(CSAT, metric=metric, direction=direction, before=before, after=after, n=n, parts=())  # type: ignore[arg-type]
    assert WRITER.drift(facts).summary == f"Customer service: {said} since 16 November ({counted})."


def test_a_figure_that_went_the_other_way_is_not_said_to_have_fallen() -> None:
    summary = WRITER.drift(replace(CSAT, after=75.0, parts=())).summary
    assert summary == (
        "Customer service: CSAT has drifted down since 16 November: 75.0 %, 74.4 % in the baseline (712 answers)."
    )


def test_without_a_figure_before_it_says_no_figure() -> None:
    summary = WRITER.drift(replace(CSAT, before=None, parts=())).summary
    assert summary == "Customer service: CSAT has fallen since 16 November."


def test_another_year_is_said() -> None:
    assert "since 16 November 2025 (" in WRITER.drift(replace(CSAT, since_s=second(11, 16, year=2025))).summary


def test_a_change_of_ownership_that_explains_it_is_named() -> None:
    change = ChangeOfOwner(second(11, 14), "admin.invoice", "sales", "service")
    text = WRITER.drift(replace(CSAT, is_explained=True, changes=[change]))
    assert text.summary.endswith("A change of ownership explains most of it.")
    assert "Invoice passed from Sales to Customer service on 14 November. What to do: check" in text.description
    other = WRITER.drift(replace(CSAT, changes=[change]))
    assert "ownership" not in other.summary
    assert "on 14 November, which does not explain it." in other.description


def test_what_makes_more_than_all_of_it_says_that_others_offset_a_part() -> None:
    parts = (part("service.switchboard", 1.4), part("service.email", -0.4))
    summary = WRITER.drift(replace(CSAT, parts=parts)).summary
    assert summary.endswith("Switchboard accounts for all of it, others offset a part.")


def test_unanswered_invitations_are_told_with_rates_and_where() -> None:
    text = WRITER.responses("service", [Unanswered("service.switchboard", 25.04, 3.0, 1_200)])
    assert text.summary == (
        "Customer service: invitations to surveys are hardly answered any more at Switchboard (3.0 % of 1,200 "
        "invitations, 25.0 % in the four weeks before)."
    )
    assert text.name == "Switchboard"


def test_silent_touchpoints_are_named_with_their_last_hour() -> None:
    one = [("service.switchboard", second(11, 16, 13))]
    assert WRITER.silent("service", one, CSAT.at_s).summary == (
        "Customer service: Switchboard has sent no events since 16 November, 14:00."
    )
    more = [*one, *((f"fax-{n}", second(11, 17)) for n in range(4))]
    assert WRITER.silent("service", more, CSAT.at_s).summary == (
        "Customer service: 5 touchpoints have sent no events: Switchboard (since 16 November, 14:00), "
        "fax-0 (since 17 November, 13:00), fax-1 (since 17 November, 13:00) and 2 more."
    )


def test_companions_say_their_figures() -> None:
    changes = IndexChanges(IndexChange(76.2, 85.4, 1, 90, 90.0), IndexChange(77.9, 58.1, 1, 90, 90.0))
    assert WRITER.myopia("sales", changes).summary == (
        "Sales: the short-term index rose from 76 to 85 while the long-term index fell from 78 to 58, within eight "
        "weeks (100: every target met)."
    )
    assert WRITER.sample("sales", 561, 12).summary == (
        "Sales: 12 answers in the last 7 days, instead of about 140: its figures rest on little data."
    )
    events = {"sales": (300, 60), "service": (680, 30), "unowned": (20, 10)}
    facts = QualityFacts(CSAT.at_s, events=events, unowned_from=["web.chat"])
    unowned = WRITER.unowned(facts)
    assert unowned.summary == "10.0 % of the events of the last 7 days have no owner, 2.0 % in the four weeks before."
    assert unowned.description.startswith("They come from web.chat.")
    assert WRITER.owner_mix(facts).summary == (
        "Events have shifted between departments: Customer service has 30.0 % of them, 68.0 % before."
    )


@given(
    metric=st.sampled_from(sorted(METRICS)),
    shares=st.lists(st.none() | st.floats(-2, 2), max_size=40),
    before=st.none() | st.floats(0, 1e6),
    after=st.none() | st.floats(0, 1e6),
    direction=st.sampled_from(["up", "down"]),
)
def test_however_many_touchpoints_there_are_a_text_fits_a_label_and_says_no_id_of_a_declared_one(
    metric: str, shares: list[float | None], before: float | None, after: float | None, direction: str
) -> None:
    parts = [part(touchpoint.id, share) for touchpoint, share in zip(REGISTRY.touchpoints * 3, shares, strict=False)]
    changes = [ChangeOfOwner(CSAT.since_s, "admin.invoice", "sales", "service")] * len(shares)
    facts = replace(CSAT, metric=metric, parts=parts, before=before, after=after, direction=direction, changes=changes)  # type: ignore[arg-type]
    text = WRITER.drift(facts)
    assert len(text.summary) + len(text.description) < 1000
    assert text.summary.startswith("Customer service: ")
    assert "service." not in f"{text.summary} {text.description}".replace("Customer service.", "")
    fell = before is not None and after is not None and after < before
    assert not (" fell from " in text.summary and not fell)
