"""What a report says of drift, of indices and of prices, in three languages: no more than is known."""

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


@pytest.mark.parametrize(
    ("code", "evidence", "unclear"),
    [
        (
            "en",
            "84.2 % before, 50.0 % since, n = 312",
            "CSAT of Sales has been in alarm since 1 January 2026, but there is nothing to judge by: no observations "
            "in this period, or none to compare with",
        ),
        (
            "it",
            "84,2 % prima, 50,0 % da allora, n = 312",
            "Per il CSAT di Sales c'è un allarme dal 1º gennaio 2026, ma non c'è nulla su cui basare un giudizio: "
            "nessuna osservazione in questo periodo, o nessuna con cui confrontarla",
        ),
        (
            "es",
            "84,2 % antes, 50,0 % desde entonces, n = 312",
            "Para el CSAT de Sales hay una alerta desde el 1 de enero de 2026, pero no hay nada en que basar un "
            "juicio: ninguna observación en este periodo, o ninguna con la que comparar",
        ),
    ],
)
def test_a_drift_has_its_figure_before_and_since_or_says_that_it_has_none(
    code: str, evidence: str, unclear: str
) -> None:
    fallen = Finding("drift_down", "sales", metric="csat", since_s=SINCE_S, before=84.21,
                     estimate=Estimate(50.0, None, 312, 312.0))  # fmt: skip
    assert told(fallen, code).evidence == evidence
    said = told(Finding("drift_unclear", "sales", metric="csat", since_s=SINCE_S), code)
    assert (said.text, said.evidence) == (unclear, "")


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


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [
        ("en", "rose by 1 point in", "rose by 12.3 points in"),
        ("it", "salito di 1 punto in", "salito di 12,3 punti in"),
        ("es", "subió 1 punto en", "subió 12,3 puntos en"),
    ],
)
def test_one_point_is_no_points(code: str, one: str, many: str) -> None:
    for against, words in ((1.04, one), (12.34, many)):
        assert words in told(Finding("myopia", "it", against=against), code).text


def test_a_price_below_a_hundred_has_hundredths_and_a_greater_one_has_none() -> None:
    cheap, dear = Estimate(0.42, (0.3, 104.0), 900, 400.0), Estimate(1234.5, (99.0, 2000.0), 900, 400.0)
    prices = [Finding("cost_per_promoter", touchpoint="web", other="EUR", estimate=price) for price in (cheap, dear)]
    assert [told(price).evidence for price in prices] == [
        "0.42 (0.30 to 104.00), n = 900",
        "1,234 (99 to 2,000), n = 900",
    ]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("en", ", an index rests on 1 of 3 metrics"),
        ("it", ", un indice si basa su 1 metrica di 3"),
        ("es", ", un índice se basa en 1 métrica de 3"),
    ],
)
def test_an_index_that_rests_on_a_single_metric_of_several_is_marked(code: str, says: str) -> None:
    one = Finding("on_target", "it", estimate=Estimate(104.0, None, 90, 90.0), metrics=1, targets=3)
    assert told(one, code).evidence.endswith(says)
    for other in (replace(one, metrics=2), replace(one, targets=1), replace(one, metrics=None, targets=None)):
        assert says[:9] not in told(other, code).evidence
