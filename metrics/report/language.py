"""What a language needs to tell a report: texts, names, and how numbers and days are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Texts have named places in braces; every language has the same keys and the same places.

    Attributes:
        code: ISO 639-1.
        decimal: The decimal mark.
        thousands: What groups thousands.
        title: Of the report.
        period: Places: since, at, version.
        note: How to read it; place: questions.
        look: The text of a link.
        more: Places: n, command.
        interval: Places: low, high.
        uncertain: What is said of a figure with too little behind it.
        nobody: Who owns what nobody owns.
        company: The whole of it.
        months: Their names, January first.
        day: Places: day, month, year.
        sections: Headings by section.
        nothing: What an empty section says.
        unknown: What a section says of which nothing was asked or counted.
        units: How a number is written with its unit, by unit.
        metrics: Names by metric.
        texts: Sentences by kind of finding, without a full stop: the figure follows.
    """

    code: str
    decimal: str
    thousands: str
    title: str
    period: str
    note: str
    look: str
    more: str
    interval: str
    uncertain: str
    nobody: str
    company: str
    months: tuple[str, ...]
    day: str
    sections: Mapping[str, str]
    nothing: Mapping[str, str]
    unknown: str
    units: Mapping[str, str]
    metrics: Mapping[str, str]
    texts: Mapping[str, str]

    def number(self, value: float, digits: int) -> str:
        """A number with so many decimals.

        >>> from metrics.report.texts_it import ITALIAN
        >>> ITALIAN.number(-1234.56, 1)
        '-1.234,6'
        """
        text = f"{value:,.{digits}f}"
        text = text.lstrip("-") if float(text.replace(",", "")) == 0 else text
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})

    def date(self, at_s: int) -> str:
        """The day of an epoch second, in UTC.

        >>> from metrics.report.texts_es import SPANISH
        >>> SPANISH.date(86_400)
        '2 de enero de 1970'
        """
        at = datetime.fromtimestamp(at_s, UTC)
        return self.day.format(day=at.day, month=self.months[at.month - 1], year=at.year)
