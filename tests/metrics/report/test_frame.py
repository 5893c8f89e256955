"""What stands around the findings: the days that a report names, its alert budget, and where the rest is listed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from metrics.report.assembly import Report, ReportSection
from metrics.report.findings import NO_ALARMS, AlarmsOfMonth
from metrics.report.localise import LANGUAGES, LocalisedReport, localise
from metrics.zones import zone_of
from tests.metrics.report.given import registry

NOVEMBER, ADVENT = date(2026, 11, 1), date(2026, 11, 29)
ROME = replace(registry(), timezone="Europe/Rome")


def instant(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def report(start_s: int, end_s: int, alarms: AlarmsOfMonth = NO_ALARMS, omitted: int = 0) -> Report:
    return Report(start_s, end_s, "v1", 7, (ReportSection("drift", (), omitted),), alarms)


def told(one: Report, code: str, rome: bool = True) -> LocalisedReport:
    return localise(one, ROME if rome else registry(), LANGUAGES[code])


@pytest.mark.parametrize(
    ("code", "period"),
    [
        ("en", "1 November to 28 November 2026 (Europe/Rome), registry v1"),
        ("it", "Dal 1º novembre al 28 novembre 2026 (Europe/Rome), registro v1"),
        ("es", "Del 1 de noviembre al 28 de noviembre de 2026 (Europe/Rome), registro v1"),
    ],
)
def test_the_title_names_the_last_day_that_is_included(code: str, period: str) -> None:
    start_s, end_s = (int(zone_of("Europe/Rome").midnight(day).timestamp()) for day in (NOVEMBER, ADVENT))
    assert told(report(start_s, end_s), code).period == period
    # An hour of the 29th is included: so is its name.
    assert "29" in told(report(start_s, end_s + 3600), code).period


def test_a_year_that_only_the_excluded_instant_begins_is_not_named() -> None:
    assert told(report(instant(2026, 12, 1), instant(2027, 1, 1)), "en", rome=False).period.startswith(
        "1 December to 31 December 2026 (UTC)"
    )


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [
        (
            "en",
            "All detectors together may raise about 1 false alarm a month; in the 30 days to 28 November 2026 they "
            "raised 1 alarm, true or false; 1 more, explained by a change of ownership, does not count.",
            "All detectors together may raise about 0.5 false alarms a month; in the 30 days to 28 November 2026 they "
            "raised 0 alarms, true and false.",
        ),
        (
            "it",
            "Tutti i rilevatori insieme possono dare circa 1 falso allarme al mese; nei 30 giorni fino al 28 novembre "
            "2026 hanno dato 1 allarme, vero o falso; 1 altro, spiegato da un cambio di responsabile, non conta.",
            "Tutti i rilevatori insieme possono dare circa 0,5 falsi allarmi al mese; nei 30 giorni fino al 28 "
            "novembre 2026 hanno dato 0 allarmi, veri e falsi.",
        ),
        (
            "es",
            "Todos los detectores juntos pueden dar alrededor de 1 falsa alerta al mes; en los 30 días hasta el 28 de "
            "noviembre de 2026 dieron 1 alerta, verdadera o falsa; 1 más, explicada por un cambio de responsable, no "
            "cuenta.",
            "Todos los detectores juntos pueden dar alrededor de 0,5 falsas alertas al mes; en los 30 días hasta el "
            "28 de noviembre de 2026 dieron 0 alertas, verdaderas y falsas.",
        ),
    ],
)
def test_the_budget_is_told_in_words_with_the_right_numerus(code: str, one: str, many: str) -> None:
    span = instant(2026, 11, 1), instant(2026, 11, 29)
    for alarms, text in ((AlarmsOfMonth(9, 1.0, 1, 1), one), (AlarmsOfMonth(9, 0.5, 0, 0), many)):
        [paragraph] = told(report(*span, alarms), code, rome=False).paragraphs
        assert paragraph.note == text
    [paragraph] = told(report(*span, AlarmsOfMonth(0, 0.0, 2)), code).paragraphs
    assert paragraph.note == ""


def test_what_is_left_out_is_listed_by_a_command_about_the_same_period_and_owners() -> None:
    dates = report(instant(2026, 10, 31, 23), instant(2026, 11, 28, 23), omitted=1)
    [paragraph] = told(dates, "en").paragraphs
    assert paragraph.more == "1 more: see cxb report --all --from 2026-11-01 --to 2026-11-29"
    [paragraph] = told(replace(dates, view="as_is"), "it", rome=False).paragraphs
    assert paragraph.more.endswith(
        "cxb report --all --from 2026-10-31T23:00:00Z --to 2026-11-28T23:00:00Z --view as_is"
    )
    [paragraph] = told(replace(dates, parts=(ReportSection("drift", (), 0),)), "es").paragraphs
    assert paragraph.more == ""
