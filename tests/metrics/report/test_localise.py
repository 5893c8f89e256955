import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from metrics.governance.estimates import Estimate
from metrics.report.assembly import Report, ReportSection
from metrics.report.findings import FINDING_KINDS, Finding
from metrics.report.localise import LANGUAGES, LocalisedFinding, localise
from metrics.report.texts_en import ENGLISH
from metrics.report.texts_it import ITALIAN
from tests.metrics.report.given import AT_S, SINCE_S, registry

STATE = (Path(__file__).parents[3] / "streams" / "web" / "static" / "state.js").read_text()
OF = registry()


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
            "IT and Sales should talk: customers who come from IT to Sales are less content than those who "
            "were there before, at the same touchpoints",
            "-12.3 points of 100 (-20.0 to -4.0), n = 1,234",
        ),
        (
            Finding("balance", "it", estimate=Estimate(3.0, (-9.0, 15.0), 12, 8.0)),
            "Long-term less short-term index of IT",
            "+3.0 points of the index (-9.0 to +15.0), n = 12, uncertain",
        ),
        (Finding("orphan", "unowned", "fax", estimate=Estimate(None, None, 12, 12.0)), "Nobody owns fax", "n = 12"),
        (Finding("no_responsibility", "it"), "IT answers for nothing and works on nothing", ""),
        (
            Finding("two_accountable", "it", "web", "it sales", estimate=Estimate(2.0, None, 0, 0.0)),
            "X has several accountable departments: IT, Sales; one has to be",
            "2",
        ),
        (
            Finding("expect_more", metric="csat", against=80.0, estimate=Estimate(88.0, (87.0, 90.5), 300, 300.0)),
            "Customers expect more than the target of 80 for CSAT; half of them name at least",
            "88.0 % (87.0 to 90.5), n = 300",
        ),
        (
            Finding("drift_down", "it", metric="nps", since_s=SINCE_S, estimate=Estimate(None, None, 3, 2.0)),
            "NPS of IT has been falling since 1 January 2026",
            "n = 3",
        ),
        (
            Finding("weight_lived", against=0.64, estimate=Estimate(0.055, None, 1, 1.0)),
            "Of the attention that cases, money and alerts got, the long term had this share; the targets give it "
            "64 % of the weight",
            "5.5 %",
        ),
        (
            Finding("balance", "company", estimate=Estimate(3.0, (1.0, 5.0), 90, 90.0)),
            "Long-term less short-term index of the company",
            "+3.0 points of the index (+1.0 to +5.0), n = 90",
        ),
        (
            Finding("registry_changed", other="v2", since_s=SINCE_S),
            "Version v2 of the registry has been in force since 1 January 2026",
            "",
        ),
        (
            Finding("hidden_spend", other="EUR", estimate=Estimate(0.5, None, 9, 9.0)),
            "Spend on the experience in EUR that stands in other budgets",
            "50 %, n = 9",
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


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_every_link_is_a_state_of_the_page(kind: str) -> None:
    split = urlsplit(told(Finding(kind, "it", "web"), "es", "http://127.0.0.1:8080").link)
    assert (split.scheme, split.netloc, split.path) == ("http", "127.0.0.1:8080", "/")
    asked = {name: value for name, [value] in parse_qs(split.query).items()}
    [pages] = re.findall(r"PAGES = \[(.*?)\]", STATE)
    assert asked.pop("page") in (*re.findall(r'"(\w+)"', pages), "governance")
    assert asked.pop("at") == "2026-05-01T00:00"
    assert asked.pop("lang") == "es"
    assert asked in ({}, {"department": "it"})


def test_a_department_that_the_registry_does_not_have_is_in_no_link() -> None:
    assert told(Finding("myopia", "x&page=drift")).link.startswith("/?page=overview&at=")


def test_what_is_left_out_is_counted_and_an_empty_section_says_so() -> None:
    [paragraph] = localise(report(Finding("orphan", touchpoint="web"), omitted=3), OF, ENGLISH).paragraphs
    assert (paragraph.nothing, paragraph.more) == ("", "3 more: see cxb governance")
    [paragraph] = localise(report(), OF, ENGLISH).paragraphs
    assert (paragraph.nothing, paragraph.more) == ("Every line of responsibility is clear.", "")


def test_a_section_of_which_nothing_is_known_does_not_say_that_all_is_well() -> None:
    of = Report(
        SINCE_S, AT_S, "v1", 0, (ReportSection("success", (), 0, is_known=False), ReportSection("success", (), 0))
    )
    unknown, calm = localise(of, OF, ENGLISH).paragraphs
    assert unknown.nothing == "Nothing was asked or counted that would tell."
    assert calm.nothing.startswith("Customers want what we aim at")


def test_a_change_for_some_events_alone_says_for_which() -> None:
    finding = Finding("owner_changed", "sales", "web", "it", since_s=SINCE_S, part="es nps")
    assert told(finding).text == "X (es nps) passed from IT to Sales on 1 January 2026"


def test_the_head_has_the_period_the_registry_and_how_many_questions_were_asked() -> None:
    found = localise(report(), OF, ENGLISH)
    assert found.period == "1 January 2026 to 1 May 2026, registry v1"
    assert "7 questions" in found.note
