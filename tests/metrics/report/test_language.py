"""The three languages say the same: the same keys, and the same places in every text."""

import re
from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args

import pytest

from metrics.catalogue import METRICS
from metrics.report.findings import FINDING_KINDS
from metrics.report.language import DateForm, Language
from metrics.report.texts_en import ENGLISH
from metrics.report.texts_es import SPANISH
from metrics.report.texts_it import ITALIAN

DAY = 86_400
OCTOBER_S = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
ARTICLES = {
    "en": {},
    "it": {
        "nps": "l'", "csat": "il ", "ces": "la ", "referrals": "le ", "repeat_rate": "il ", "retention": "il ",
        "awareness": "la ", "traffic": "le ", "conversions": "le ", "conversion_rate": "il ",
    },
    "es": {
        "nps": "el ", "csat": "el ", "ces": "la ", "referrals": "las ", "repeat_rate": "la ", "retention": "la ",
        "awareness": "la ", "traffic": "las ", "conversions": "las ", "conversion_rate": "la ",
    },
}  # fmt: skip
LANGUAGES = pytest.mark.parametrize("language", [ENGLISH, ITALIAN, SPANISH], ids=lambda one: one.code)


def places(value: object) -> set[str]:
    """The places of a text, or of every text of a pair."""
    parts = value if isinstance(value, tuple) else (value,)
    return {name for part in parts for name in re.findall(r"\{(\w*)\}", str(part))}


@pytest.mark.parametrize("other", [ITALIAN, SPANISH], ids=lambda one: one.code)
def test_every_text_is_there_with_the_same_places(other: Language) -> None:
    for field in fields(Language):
        one, same = getattr(ENGLISH, field.name), getattr(other, field.name)
        if isinstance(one, str):
            assert places(one) == places(same), field.name
        elif isinstance(one, tuple):
            assert len(one) == len(same), field.name
        else:
            assert one.keys() == same.keys(), field.name
            assert {key: places(text) for key, text in one.items()} == {key: places(text) for key, text in same.items()}


@LANGUAGES
def test_every_kind_and_every_metric_has_words(language: Language) -> None:
    assert set(language.texts) == set(FINDING_KINDS)
    assert set(language.metrics) == set(METRICS)
    assert len(language.months) == 12
    assert set(language.units) >= {kind.unit for kind in FINDING_KINDS.values()} - {"metric", "none"}
    assert set(language.figures) <= set(FINDING_KINDS)


def test_a_translation_is_not_the_original() -> None:
    for other in (ITALIAN, SPANISH):
        for name in ("texts", "clauses", "figures", "sections", "nothing"):
            one, same = getattr(ENGLISH, name), getattr(other, name)
            # What is nothing but places is put together from texts that are compared here.
            worded = {key for key, text in one.items() if re.search(r"\w", re.sub(r"\{\w*\}", "", text))}
            assert {key for key in one if one[key] == same[key]}.isdisjoint(worded), name


@pytest.mark.parametrize(
    ("language", "written"), [(ENGLISH, "1,234.5"), (ITALIAN, "1.234,5"), (SPANISH, "1.234,5")], ids=("en", "it", "es")
)
def test_numbers_are_written_as_people_write_them(language: Language, written: str) -> None:
    assert language.number(1234.5, 1) == written
    assert language.number(-0.04, 1) in ("0.0", "0,0")


def test_days_are_those_of_utc() -> None:
    assert [one.date(1_796_083_199, "on") for one in (ENGLISH, ITALIAN, SPANISH)] == [
        "on 30 November 2026",
        "il 30 novembre 2026",
        "el 30 de noviembre de 2026",
    ]


def october(language: Language, form: DateForm) -> list[str]:
    """Every day of October 2026, as it is written."""
    return [language.date(OCTOBER_S + number * DAY, form, with_year=False) for number in range(31)]


def test_every_day_of_an_italian_month_has_its_article() -> None:
    usual = {"on": "il ", "since": "dal ", "from": "dal ", "to": "al ", "until": "fino al "}
    elided = {"on": "l'", "since": "dall'", "from": "dall'", "to": "all'", "until": "fino all'"}
    for form in get_args(DateForm):
        days = october(ITALIAN, form)
        assert days[0] == f"{usual[form]}1º ottobre"
        assert [days[7], days[10]] == [f"{elided[form]}8 ottobre", f"{elided[form]}11 ottobre"]
        others = [number for number in range(2, 32) if number not in (8, 11)]
        assert [days[number - 1] for number in others] == [f"{usual[form]}{number} ottobre" for number in others]


@pytest.mark.parametrize(
    ("language", "before", "month"),
    [
        (ENGLISH, {"on": "on ", "since": "since ", "from": "", "to": "to ", "until": "to "}, "October"),
        (SPANISH, {"on": "el ", "since": "desde el ", "from": "del ", "to": "al ", "until": "hasta el "}, "de octubre"),
    ],
    ids=("en", "es"),
)
def test_every_day_of_a_month_has_the_same_words_before_it(
    language: Language, before: dict[DateForm, str], month: str
) -> None:
    for form in get_args(DateForm):
        assert october(language, form) == [f"{before[form]}{number} {month}" for number in range(1, 32)]


def test_an_italian_share_has_the_article_of_how_it_is_spoken() -> None:
    articles = {number: ITALIAN.share_article(str(number)) for number in range(101)}
    assert {number for number, article in articles.items() if article == "l'"} == {1, 8, 11, *range(80, 90)}
    assert {number for number, article in articles.items() if article == "lo "} == {0}
    assert {articles[number] for number in (2, 7, 9, 10, 18, 79, 90, 100)} == {"il "}
    assert [ITALIAN.share_article(number) for number in ("0,4", "8,2", "9,9")] == ["lo ", "l'", "il "]
    assert {SPANISH.share_article(str(number)) for number in range(101)} == {"el "}


@LANGUAGES
def test_a_metric_has_the_article_of_its_gender_and_number(language: Language) -> None:
    wanted = ARTICLES[language.code]
    assert {metric: name.article for metric, name in language.metrics.items()} == dict.fromkeys(METRICS, "") | wanted
    plural = {metric for metric, name in language.metrics.items() if name.is_plural}
    assert {"conversions", "referrals"} <= plural
    if wanted:
        assert plural == {metric for metric, article in wanted.items() if article in ("le ", "las ")}


@LANGUAGES
def test_one_of_something_is_not_many(language: Language) -> None:
    for one, many in language.counts.values():
        assert one != many
    assert language.counted("days", 1.2) == language.counts["days"][0].format("1")
    assert language.counted("days", 0) == language.counts["days"][1].format("0")
