"""What a language needs to write a report: texts, names, and how numbers and days are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from metrics.zones import UTC_ZONE, Zone

DateForm = Literal["on", "since", "from", "to", "until"]
SPOKEN_WITH_A_VOWEL: Final = frozenset({1, 8, 11, *range(80, 90)})
"""Numbers up to 100 that Italian begins with a vowel: uno, otto, undici, ottanta to ottantanove."""


@dataclass(frozen=True, slots=True)
class MetricName:
    """What a metric is called inside a sentence.

    Attributes:
        name: Without an article, in lower case unless it is an abbreviation.
        article: The definite article with the space or apostrophe after it; "" where the language uses none here.
        is_plural: Whether its verb is in the plural.
    """

    name: str
    article: str = ""
    is_plural: bool = False

    def __str__(self) -> str:
        """The name after its article.

        >>> str(MetricName("tasso di riacquisto", "il ")), str(MetricName("NPS", "l'"))
        ('il tasso di riacquisto', "l'NPS")
        """
        return self.article + self.name


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Texts have named places in braces; every language has the same keys and the same places.

    A pair of texts is for one and for more than one, unless its attribute says otherwise.

    Attributes:
        code: ISO 639-1.
        decimal: The decimal mark.
        thousands: What groups thousands.
        title: Of the report.
        period: Places: from, to, version.
        note: How to read it; place: comparisons.
        details: The text of a link.
        more: Places: n, command.
        interval: Places: low, high.
        uncertain: What a figure with too little behind it is called.
        too_few: What stands instead of a figure with fewer than five effective observations, by kind; "": of any other.
        nobody: Who owns what nobody owns.
        others: What touchpoints are called that the registry does not know and that count together.
        months: Their names, January first.
        first_day: How the first day of a month is written.
        day: Places: day, month.
        year: Places: day, year.
        dates: What stands before a day, by form: usually, and before a number that begins with a vowel.
        share_articles: What stands before a share that is a subject: usually, before a vowel, and before zero.
        sections: Headings by section.
        nothing: What an empty section says.
        unknown: What a section says on which there are no data; "": any section without words of its own.
        no_events: What it says where nothing at all was counted in the period.
        one_metric: That an index rests on a single metric of several. Place: targets.
        change_of_figure: A figure before and since a change. Places: before, after.
        budget: What the alert budget means. Places: false_alarms, alarms, until (the last of the 30 days).
        units: How a number is written with its unit, by unit.
        counts: Numbers with what they count: pairs.
        verbs: Verbs by name, for a metric in the singular and in the plural: pairs.
        metrics: Names by metric.
        belongs: How a metric is ascribed: to a department (place: 0), to the company, to touchpoints without an owner.
        respondents: Who was asked, by role: a role that is a department's id, and any other. Place: 0.
        clauses: Parts of sentences that depend on who is meant: changes of owner, and who is believed to be one.
        texts: Sentences by kind of finding, without a full stop: the figure follows.
        figures: How the figure follows where it is not a number alone, by kind. Places: 0, article.
    """

    code: str
    decimal: str
    thousands: str
    title: str
    period: str
    note: str
    details: str
    more: str
    interval: str
    uncertain: str
    too_few: Mapping[str, str]
    nobody: str
    others: str
    months: tuple[str, ...]
    first_day: str
    day: str
    year: str
    dates: Mapping[DateForm, tuple[str, str]]
    share_articles: tuple[str, str, str]
    sections: Mapping[str, str]
    nothing: Mapping[str, str]
    unknown: Mapping[str, str]
    no_events: str
    one_metric: str
    change_of_figure: str
    budget: str
    units: Mapping[str, str]
    counts: Mapping[str, tuple[str, str]]
    verbs: Mapping[str, tuple[str, str]]
    metrics: Mapping[str, MetricName]
    belongs: Mapping[str, str]
    respondents: Mapping[str, str]
    clauses: Mapping[str, str]
    texts: Mapping[str, str]
    figures: Mapping[str, str]

    def number(self, value: float, digits: int) -> str:
        """A number with so many decimals.

        >>> from metrics.report.texts_it import ITALIAN
        >>> ITALIAN.number(-1234.56, 1)
        '-1.234,6'
        """
        text = f"{value:,.{digits}f}"
        text = text.lstrip("-") if float(text.replace(",", "")) == 0 else text
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})

    def counted(self, what: str, n: float, digits: int = 0) -> str:
        """A number with what it counts, one of `counts`: whole, or with as many decimals as it needs up to `digits`.

        >>> from metrics.report.texts_en import ENGLISH
        >>> ENGLISH.counted("days", 1), ENGLISH.counted("days", 12.3), ENGLISH.counted("days", 0.5, 2)
        ('1 day', '12 days', '0.5 days')
        """
        needed = next((some for some in range(digits) if round(n, some) == round(n, digits)), digits)
        return self.counts[what][round(n, needed) != 1].format(self.number(n, needed))

    def share_article(self, number: str) -> str:
        """What stands before a share of 0 to 100, as `number` has written it, where the share is a subject.

        >>> from metrics.report.texts_it import ITALIAN
        >>> [ITALIAN.share_article(number) for number in ("19", "8", "0,4")]
        ['il ', "l'", 'lo ']
        """
        whole = int(number.partition(self.decimal)[0])
        usual, before_vowel, before_zero = self.share_articles
        return before_zero if whole == 0 else before_vowel if whole in SPOKEN_WITH_A_VOWEL else usual

    def date(self, at_s: int, form: DateForm, with_year: bool = True, zone: Zone = UTC_ZONE) -> str:
        """The day of an epoch second in a zone, with the preposition and article that a form needs.

        >>> from metrics.report.texts_it import ITALIAN
        >>> ITALIAN.date(7 * 86_400, "since"), ITALIAN.date(0, "on", with_year=False)
        ("dall'8 gennaio 1970", 'il 1º gennaio')
        """
        at = zone.local(at_s)
        # The first is an ordinal: "primo" begins with a consonant.
        before = self.dates[form][at.day > 1 and at.day in SPOKEN_WITH_A_VOWEL]
        number = self.first_day if at.day == 1 else str(at.day)
        day = self.day.format(day=number, month=self.months[at.month - 1])
        return before + (self.year.format(day=day, year=at.year) if with_year else day)
