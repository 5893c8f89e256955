"""What a report says of drift, in three languages, and of prices: no more than is known."""

import re
from dataclasses import replace

import pytest

from metrics.governance.estimates import Estimate
from metrics.report.assembly import Report, ReportSection
from metrics.report.findings import Finding
from metrics.report.localise import LANGUAGES, localise
from tests.metrics.report.given import AT_S, SINCE_S
from tests.metrics.report.test_localise import OF, told


def test_a_reorganisation_is_told_as_that_in_three_languages() -> None:
    estimate = Estimate(24.4, (20.0, 28.0), 300, 250.0)
    finding = Finding("moved_down", "sales", metric="csat", other="web shop", estimate=estimate, against=0.751,
                      since_s=SINCE_S)  # fmt: skip
    english, italian, spanish = (told(finding, code).text for code in ("en", "it", "es"))
    assert english == (
        "CSAT of Sales has been falling since 1 January 2026, mainly because touchpoints changed hands (X, X): they "
        "account for 75 % of the change"
    )
    assert italian == (
        "Il CSAT di Sales è in calo dal 1º gennaio 2026, soprattutto perché alcuni punti di contatto hanno cambiato "
        "responsabile (X, X): spiegano il 75 % della variazione"
    )
    assert spanish.startswith("El CSAT de Sales cae desde el 1 de enero de 2026, sobre todo porque algunos puntos de")
    assert spanish.endswith("(X, X): explican el 75 % de la variación")
    assert told(finding).evidence == "24.4 % (20.0 to 28.0), n = 300"
    assert "has been rising" in told(replace(finding, kind="moved_up")).text


def test_what_is_not_watched_is_named_and_what_has_no_place_is_counted() -> None:
    names = ["sales/nps", "it/csat", "it/nps", "sales/traffic", "it/ces", "sales/ces", "it/traffic"]
    finding = Finding("unwatched", other=" ".join(names), estimate=Estimate(7.0, None, 0, 0.0))
    assert told(finding).text == (
        "Metrics that are not watched for drift, because they have no baseline yet: NPS of Sales, CSAT of IT, NPS of "
        "IT, traffic a day of Sales, ease (CES) of IT and 2 others"
    )
    assert told(replace(finding, other="it/nps"), "it").text == (
        "Metriche non sorvegliate, perché non hanno ancora un livello di riferimento: NPS di IT"
    )
    assert told(replace(finding, other=" ".join(names[:6])), "es").text.endswith("facilidad (CES) de IT y 1 otra")


@pytest.mark.parametrize(
    ("code", "unknown"),
    [
        ("en", "Nothing is watched for drift yet: no metric has a baseline."),
        ("it", "Nessuna metrica è ancora sorvegliata: mancano i livelli di riferimento."),
        ("es", "Aún no se vigila ninguna métrica: faltan los niveles de referencia."),
    ],
)
def test_while_nothing_is_watched_no_report_says_that_nothing_falls(code: str, unknown: str) -> None:
    part = ReportSection("drift", (), 0, is_known=False)
    [paragraph] = localise(Report(SINCE_S, AT_S, "v1", 7, (part,)), OF, LANGUAGES[code]).paragraphs
    assert paragraph.nothing == unknown
    [paragraph] = localise(
        Report(SINCE_S, AT_S, "v1", 7, (replace(part, is_known=True),)), OF, LANGUAGES[code]
    ).paragraphs
    assert re.search("that is watched|sorvegliata|vigilada", paragraph.nothing)


def test_a_price_below_a_hundred_has_hundredths_and_a_greater_one_has_none() -> None:
    cheap, dear = Estimate(0.42, (0.3, 104.0), 900, 400.0), Estimate(1234.5, (99.0, 2000.0), 900, 400.0)
    prices = [Finding("cost_per_promoter", touchpoint="web", other="EUR", estimate=price) for price in (cheap, dear)]
    assert [told(price).evidence for price in prices] == [
        "0.42 (0.30 to 104.00), n = 900",
        "1,234 (99 to 2,000), n = 900",
    ]
