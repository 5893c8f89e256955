import re
from pathlib import Path

from metrics.catalogue import AMOUNT_KINDS, COUNTED_KINDS, KINDS, LANGUAGE_CODES, METRICS, SCORE_RANGES, Shape
from metrics.events.event import Event
from metrics.report import localise

PAGE = Path(__file__).parents[2] / "streams/web/static"


def test_every_metric_is_made_of_known_kinds() -> None:
    assert {kind for metric in METRICS.values() for kind in metric.kinds} <= set(KINDS)


def test_every_kind_but_the_contact_counts_in_some_metric() -> None:
    assert set(KINDS) - {kind for metric in METRICS.values() for kind in metric.kinds} == {"contact"}


def test_the_tables_of_kinds_name_known_kinds() -> None:
    assert {*SCORE_RANGES, *AMOUNT_KINDS, *COUNTED_KINDS} <= set(KINDS)


def test_an_event_may_be_of_every_kind() -> None:
    assert Event.__annotations__["kind"].__args__ == KINDS


def test_terms_are_as_the_company_reads_them() -> None:
    short = [metric.name for metric in METRICS.values() if metric.term == "short"]
    assert short == ["awareness", "traffic", "conversions", "conversion_rate"]


def test_volumes_have_no_upper_limit() -> None:
    assert all((metric.high is None) == (metric.shape in (Shape.VOLUME, Shape.RATE)) for metric in METRICS.values())


def test_report_and_page_speak_the_languages_of_the_catalogue() -> None:
    assert tuple(localise.LANGUAGES) == LANGUAGE_CODES
    lists = [
        tuple(re.findall(r'"(\w+)"', result))
        for name, pattern in (("texts.js", r"LANGUAGES = \[(.*?)\]"), ("state.js", r"lang: \[(.*?)\]"))
        for result in re.findall(pattern, (PAGE / name).read_text())
    ]
    [choice] = re.findall(r'<select name="lang">(.*?)</select>', (PAGE / "index.html").read_text(), re.DOTALL)
    assert lists == [LANGUAGE_CODES, LANGUAGE_CODES]
    assert tuple(re.findall(r'value="(\w+)"', choice)) == LANGUAGE_CODES
