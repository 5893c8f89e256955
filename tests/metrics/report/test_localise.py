import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from metrics.catalogue import METRICS
from metrics.governance.estimates import Estimate
from metrics.report.assembly import Report, ReportSection
from metrics.report.findings import FINDING_KINDS, Finding, Support
from metrics.report.localise import LANGUAGES, LocalisedFinding, localise
from metrics.report.texts_en import ENGLISH
from metrics.report.texts_it import ITALIAN
from tests.metrics.report.given import AT_S, DAY, SINCE_S, registry

STATE = (Path(__file__).parents[3] / "streams" / "web" / "static" / "state.js").read_text()
OF = registry()
AGREEMENT = {
    "en": (("has been falling", "have been falling"), ("has been rising", "have been rising")),
    "it": (("è in calo", "sono in calo"), ("è in crescita", "sono in crescita")),
    "es": (("cae", "caen"), ("sube", "suben")),
}
"""How a metric falls and rises, in the singular and in the plural."""
PLURAL = {"conversions", "referrals"}


def report(*findings: Finding, omitted: int = 0) -> Report:
    return Report(SINCE_S, AT_S, "v1", 7, (ReportSection("lines", findings, omitted),))


def told(finding: Finding, language: str = "en", home: str = "") -> LocalisedFinding:
    [paragraph] = localise(report(finding), OF, LANGUAGES[language], home).paragraphs
    return paragraph.statements[0]


@pytest.mark.parametrize(
    ("finding", "text", "evidence"),
    [
        (
            Finding("bad_hand_off", "sales", other="it", estimate=Estimate(-12.34, (-20.0, -4.0), 1234, 600.0)),
            "Customers handed over from IT to Sales are less satisfied than those already with Sales, at the same "
            "touchpoints; the two departments should talk",
            "-12.3 points out of 100 (-20.0 to -4.0), n = 1,234",
        ),
        (
            Finding("balance", "it", estimate=Estimate(3.0, (-9.0, 15.0), 12, 8.0)),
            "Long-term minus short-term index of IT",
            "+3.0 index points (-9.0 to +15.0), n = 12, uncertain",
        ),
        (Finding("orphan", "unowned", "fax", estimate=Estimate(None, None, 12, 12.0)), "Nobody owns fax", "n = 12"),
        (Finding("no_responsibility", "it"), "IT owns no touchpoint and contributes to none", ""),
        (
            Finding("two_accountable", "it", "web", "it sales", estimate=Estimate(2.0, None, 0, 0.0)),
            "Several departments are accountable for X: IT, Sales; there must be only one",
            "2",
        ),
        (
            Finding("expect_more", metric="csat", against=80.0, estimate=Estimate(88.0, (87.0, 90.5), 300, 300.0)),
            "Customers expect more than the target of 80 for CSAT",
            "half of them name at least 88.0 % (87.0 to 90.5), n = 300",
        ),
        (
            Finding("drift_down", "it", metric="nps", since_s=SINCE_S, estimate=Estimate(None, None, 3, 2.0)),
            "NPS of IT has been falling since 1 January 2026",
            "n = 3",
        ),
        (
            Finding("weight_lived", against=0.64, estimate=Estimate(0.055, None, 90, 90.0)),
            "The targets give the long term 64 % of the weight",
            "in practice (cases, spend, alerts) it gets 5.5 %, n = 90",
        ),
        (
            Finding("weight_lived", against=0.64, estimate=Estimate(0.055, None, 9, 9.0)),
            "The targets give the long term 64 % of the weight",
            "in practice (cases, spend, alerts) it gets 5.5 %, n = 9, uncertain",
        ),
        (
            Finding("weight_lived", against=0.64, estimate=Estimate(None, None, 1, 1.0)),
            "The targets give the long term 64 % of the weight",
            "what it gets in practice (cases, spend, alerts) is unknown: too few observations, n = 1",
        ),
        (
            Finding("balance", "company", estimate=Estimate(3.0, (1.0, 5.0), 90, 90.0)),
            "Long-term minus short-term index of the company",
            "+3.0 index points (+1.0 to +5.0), n = 90",
        ),
        (
            Finding("registry_changed", other="v2", since_s=SINCE_S),
            "Version v2 of the registry has been in force since 1 January 2026",
            "",
        ),
        (
            Finding("hidden_spend", other="EUR", estimate=Estimate(0.5, None, 9, 9.0)),
            "Share of the spend on the experience (in EUR) hidden in other budgets",
            "50 %, n = 9, uncertain",
        ),
    ],
)
def test_a_finding_is_a_sentence_with_its_figure_interval_and_n(finding: Finding, text: str, evidence: str) -> None:
    said = told(finding)
    assert (said.text, said.evidence) == (text, evidence)
    assert said.tone == finding.of.tone


def test_a_touchpoint_is_called_as_people_of_the_language_call_it() -> None:
    named = OF.touchpoints[0].__class__("web", {"it": "Sito"}, "during", "online")
    other = OF.__class__(**({name: getattr(OF, name) for name in OF.__dataclass_fields__} | {"touchpoints": (named,)}))
    for language in (ENGLISH, ITALIAN):
        [paragraph] = localise(report(Finding("orphan", touchpoint="web")), other, language).paragraphs
        assert "Sito" in paragraph.statements[0].text


@pytest.mark.parametrize(
    ("touchpoint", "language", "called"),
    [
        ("(other)", "en", "other touchpoints"),
        ("web.(other)", "it", "altri punti di contatto (web)"),
        ("web.shop.(other)", "es", "otros puntos de contacto (web.shop)"),
    ],
)
def test_touchpoints_that_count_together_are_called_others(touchpoint: str, language: str, called: str) -> None:
    assert called.lower() in told(Finding("orphan", touchpoint=touchpoint), language).text.lower()


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_every_link_is_a_state_of_the_page(kind: str) -> None:
    split = urlsplit(told(Finding(kind, "it", "web"), "es", "http://127.0.0.1:8080").link)
    assert (split.scheme, split.netloc, split.path) == ("http", "127.0.0.1:8080", "/")
    parameters = {name: value for name, [value] in parse_qs(split.query).items()}
    [pages] = re.findall(r"PAGES = \[(.*?)\]", STATE)
    assert parameters.pop("page") in (*re.findall(r'"(\w+)"', pages), "governance")
    assert parameters.pop("at") == "2026-05-01T00:00"
    assert parameters.pop("lang") == "es"
    assert parameters in ({}, {"department": "it"})


def test_a_department_that_the_registry_does_not_have_is_in_no_link() -> None:
    assert told(Finding("myopia", "x&page=drift")).link.startswith("/?page=overview&at=")


def test_what_is_left_out_is_counted_and_an_empty_section_says_so() -> None:
    [paragraph] = localise(report(Finding("orphan", touchpoint="web"), omitted=3), OF, ENGLISH).paragraphs
    assert (paragraph.nothing, paragraph.more) == ("", "3 more: see cxb report --all --from 2026-01-01 --to 2026-05-01")
    [paragraph] = localise(report(), OF, ENGLISH).paragraphs
    assert (paragraph.nothing, paragraph.more) == ("Every line of responsibility is clear.", "")


def test_a_section_of_which_nothing_is_known_does_not_say_that_all_is_well() -> None:
    of = Report(
        SINCE_S, AT_S, "v1", 0, (ReportSection("success", (), 0, is_known=False), ReportSection("success", (), 0))
    )
    unknown, calm = localise(of, OF, ENGLISH).paragraphs
    assert unknown.nothing == "No data on this yet."
    assert calm.nothing.startswith("Customers want what we aim for")


def test_a_change_for_some_events_alone_says_for_which() -> None:
    finding = Finding("owner_changed", "sales", "web", "it", since_s=SINCE_S, part="es nps")
    assert told(finding).text == "Ownership of X (es nps) passed from IT to Sales on 1 January 2026"


def test_days_are_those_of_the_companys_clocks() -> None:
    """Half past eleven at night in Lisbon's winter is the next day in Rome."""
    rome = replace(OF, timezone="Europe/Rome")
    late = Finding("owner_changed", "sales", "web", "it", since_s=SINCE_S - 1800)
    assert told(late).text.endswith("on 31 December 2025")
    [statement] = [
        statement for part in localise(replace(report(late)), rome, ENGLISH).paragraphs for statement in part.statements
    ]
    assert statement.text.endswith("on 1 January 2026")
    found = localise(replace(report(), since_s=SINCE_S - 1800), rome, ENGLISH)
    assert (found.period, found.timezone) == ("1 January to 1 May 2026 (Europe/Rome), registry v1", "Europe/Rome")


def test_the_head_has_the_period_the_registry_and_how_many_questions_were_asked() -> None:
    found = localise(report(), OF, ENGLISH)
    assert found.period == "1 January to 30 April 2026 (UTC), registry v1"
    assert "7 comparisons were tested for significance" in found.note


@pytest.mark.parametrize(
    ("language", "begins"),
    [("en", "1 November 2025 to 30 April 2026"), ("it", "Dal 1º novembre 2025 al 30 aprile 2026"),
     ("es", "Del 1 de noviembre de 2025 al 30 de abril de 2026")],
)  # fmt: skip
def test_a_period_over_two_years_names_both(language: str, begins: str) -> None:
    since_s = int(datetime(2025, 11, 1, tzinfo=UTC).timestamp())
    assert localise(replace(report(), since_s=since_s), OF, LANGUAGES[language]).period.startswith(f"{begins} (UTC),")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_a_sentence_begins_with_a_capital_and_has_all_its_places_filled(language: str, kind: str) -> None:
    value = None if FINDING_KINDS[kind].unit == "none" else 0.4
    other = "sales/nps" if kind == "unwatched" else "sales"
    finding = Finding(kind, "it", "web", other, role="clerk", against=0.5, since_s=SINCE_S)
    for metric in METRICS:
        estimate = Estimate(value, (0.3, 0.5), 90, 90.0)
        said = told(replace(finding, metric=metric, estimate=estimate), language)
        assert said.text[0].isupper()
        assert not re.search(r"[{}]|  |^ | $|\.$", said.text)
        assert not re.search(r"[{}]|  |^ | $|\.$", said.evidence)


@pytest.mark.parametrize("code", AGREEMENT)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["drift_down", "drift_up"])
def test_the_verb_agrees_with_the_metric(kind: str, metric: str, code: str) -> None:
    # What Italian and Spanish count as visits, English does not count.
    is_plural = metric in PLURAL or (metric == "traffic" and code != "en")
    verb = AGREEMENT[code][kind == "drift_up"][is_plural]
    name = str(LANGUAGES[code].metrics[metric])
    said = told(Finding(kind, "sales", metric=metric, since_s=SINCE_S), code).text
    of = {"en": "of", "it": "di", "es": "de"}[code]
    assert said.startswith(f"{name[0].upper()}{name[1:]} {of} Sales {verb} ")


def test_sentences_about_metrics_read_as_people_say_them() -> None:
    sales = Finding("drift_up", "sales", metric="conversions", since_s=SINCE_S + 7 * DAY)
    assert [told(sales, code).text for code in ("en", "it", "es")] == [
        "Conversions a day of Sales have been rising since 8 January 2026",
        "Le conversioni al giorno di Sales sono in crescita dall'8 gennaio 2026",
        "Las conversiones al día de Sales suben desde el 8 de enero de 2026",
    ]
    rate = replace(sales, kind="drift_down", metric="repeat_rate", department="company", since_s=SINCE_S)
    assert [told(rate, code).text for code in ("en", "it", "es")] == [
        "Repeat purchase rate of the company has been falling since 1 January 2026",
        "Il tasso di riacquisto dell'azienda è in calo dal 1º gennaio 2026",
        "La tasa de recompra de la empresa cae desde el 1 de enero de 2026",
    ]


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("it", "sales", "Il punto di contatto «X» è passato da IT a Sales {}"),
        ("unowned", "sales", "Il punto di contatto «X», fino ad allora senza responsabile, è passato a Sales {}"),
        ("it", "unowned", "Il punto di contatto «X», fino ad allora di IT, è rimasto senza responsabile {}"),
    ],
)
def test_a_change_from_or_to_nobody_is_not_one_between_departments(old: str, new: str, text: str) -> None:
    finding = Finding("owner_changed", new, "web", old, since_s=SINCE_S)
    assert told(finding, "it").text == text.format("il 1º gennaio 2026")


def mistaken(support: Support, other: str = "it", role: str = "it", value: float = 0.19) -> Finding:
    estimate = Estimate(value, (value - 0.05, value + 0.05), 63, 63.0)
    return Finding("mistaken_owner", "sales", "web", other, role=role, estimate=estimate, support=support)


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (mistaken("majority"), "IT staff: most believe IT owns X"),
        (mistaken("plurality"), "IT staff: more name IT as the owner of X than any other department"),
        (mistaken("minority"), "IT staff: opinions differ on who owns X"),
        (mistaken("majority", "nobody"), "IT staff: most believe nobody owns X"),
        (mistaken("plurality", "nobody"), "IT staff: more say that nobody owns X than name any one department"),
        (mistaken("majority", role="clerk"), "Respondents in the role clerk: most believe IT owns X"),
    ],
)
def test_most_is_said_of_a_majority_alone(finding: Finding, text: str) -> None:
    assert told(finding).text == f"{text}; the declared owner is Sales"
    for code in LANGUAGES:
        # Nor is it the most frequent answer where more do not know.
        is_most = re.search("most |la maggioranza|la mayoría|più frequente|más frecuente", told(finding, code).text)
        assert bool(is_most) == (finding.support == "majority")


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        (0.19, ("19 % (14 to 24) name it", "lo indica il 19 % (da 14 a 24)", "lo nombra el 19 % (de 14 a 24)")),
        (0.11, ("11 % (6 to 16) name it", "lo indica l'11 % (da 6 a 16)", "lo nombra el 11 % (de 6 a 16)")),
    ],
)
def test_how_many_name_the_owner_is_a_sentence(value: float, evidence: tuple[str, ...]) -> None:
    finding = mistaken("majority", value=value)
    assert tuple(told(finding, code).evidence for code in ("en", "it", "es")) == tuple(f"{e}, n = 63" for e in evidence)


def test_a_level_has_no_sign() -> None:
    finding = Finding("on_target", "it", estimate=Estimate(104.0, None, 90, 90.0))
    assert told(finding).evidence == "the lower index stands at 104.0 index points, n = 90"


def test_a_case_that_is_open_for_a_day_is_not_open_for_days() -> None:
    finding = Finding("open_cases", "unowned", estimate=Estimate(7.0, None, 0, 0.0), against=1.2)
    assert told(finding).text == "Open cases of touchpoints without an owner, the oldest for 1 day"
