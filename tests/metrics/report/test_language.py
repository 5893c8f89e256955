"""The three languages say the same: the same keys, and the same places in every text."""

import re
from dataclasses import fields

import pytest

from metrics.catalogue import METRICS
from metrics.report.findings import FINDING_KINDS
from metrics.report.language import Language
from metrics.report.texts_en import ENGLISH
from metrics.report.texts_es import SPANISH
from metrics.report.texts_it import ITALIAN


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))


@pytest.mark.parametrize("other", [ITALIAN, SPANISH], ids=lambda one: one.code)
def test_every_text_is_there_with_the_same_places(other: Language) -> None:
    for field in fields(Language):
        one, same = getattr(ENGLISH, field.name), getattr(other, field.name)
        if isinstance(one, str):
            assert places(one) == places(same), field.name
        elif field.name != "months":
            assert one.keys() == same.keys(), field.name
            assert {key: places(text) for key, text in one.items()} == {key: places(text) for key, text in same.items()}


@pytest.mark.parametrize("language", [ENGLISH, ITALIAN, SPANISH], ids=lambda one: one.code)
def test_every_kind_and_every_metric_has_words(language: Language) -> None:
    assert set(language.texts) == set(FINDING_KINDS)
    assert set(language.metrics) == set(METRICS)
    assert len(language.months) == 12
    assert set(language.units) >= {kind.unit for kind in FINDING_KINDS.values()} - {"metric", "none"}


def test_a_translation_is_not_the_original() -> None:
    for other in (ITALIAN, SPANISH):
        assert not [kind for kind in FINDING_KINDS if other.texts[kind] == ENGLISH.texts[kind]]


@pytest.mark.parametrize(
    ("language", "written"), [(ENGLISH, "1,234.5"), (ITALIAN, "1.234,5"), (SPANISH, "1.234,5")], ids=("en", "it", "es")
)
def test_numbers_are_written_as_people_write_them(language: Language, written: str) -> None:
    assert language.number(1234.5, 1) == written
    assert language.number(-0.04, 1) in ("0.0", "0,0")


def test_days_are_those_of_utc() -> None:
    assert [one.date(1_796_083_199) for one in (ENGLISH, ITALIAN, SPANISH)] == [
        "30 November 2026",
        "30 novembre 2026",
        "30 de noviembre de 2026",
    ]
