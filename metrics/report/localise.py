"""From findings to sentences: names, numbers and dates in a language, and a link to where the figure stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from metrics.catalogue import METRICS
from metrics.governance.perception import NOBODY
from metrics.registry import COMPANY, UNOWNED, Registry
from metrics.report.assembly import Report
from metrics.report.findings import Finding, Section, Tone
from metrics.report.language import Language
from metrics.report.texts_en import ENGLISH
from metrics.report.texts_es import SPANISH
from metrics.report.texts_it import ITALIAN

LANGUAGES: Final[Mapping[str, Language]] = {one.code: one for one in (ENGLISH, ITALIAN, SPANISH)}
SIGNED: Final = ("points", "index")
DIGITS: Final = {"points": 1, "index": 1, "count": 0, "owners": 1, "days": 0, "money": 0}
SMALL: Final = 0.1
COMMAND: Final = "cxb governance"


@dataclass(frozen=True, slots=True)
class LocalisedFinding:
    """One finding in words.

    Attributes:
        finding: What it says.
        text: The sentence; names and roles in it are as people wrote them.
        evidence: The figure with interval and n, "" where there is none.
        link: The page's address that shows it.
    """

    finding: Finding
    text: str
    evidence: str
    link: str

    @property
    def tone(self) -> Tone:
        """How it sounds."""
        return self.finding.of.tone


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One section in words; `nothing` is said where it has no statements, `more` where some were left out."""

    section: Section
    title: str
    statements: tuple[LocalisedFinding, ...]
    nothing: str
    more: str


@dataclass(frozen=True, slots=True)
class LocalisedReport:
    """A report in words."""

    language: Language
    title: str
    period: str
    note: str
    paragraphs: tuple[Paragraph, ...]


def localise(report: Report, registry: Registry, language: Language, home: str = "") -> LocalisedReport:
    """A report in a language; `home` is the address of the page without a path, "" for links relative to it."""
    words = _Words(registry, language, home, report.at_s)
    period = {"since": language.date(report.since_s), "at": language.date(report.at_s), "version": report.version}
    return LocalisedReport(
        language=language,
        title=language.title,
        period=language.period.format(**period),
        note=language.note.format(questions=report.questions),
        paragraphs=tuple(
            Paragraph(
                section=part.section,
                title=language.sections[part.section],
                statements=tuple(words.statement(finding) for finding in part.findings),
                nothing="" if part.findings else language.nothing[part.section] if part.is_known else language.unknown,
                more=language.more.format(n=part.omitted, command=COMMAND) if part.omitted else "",
            )
            for part in report.parts
        ),
    )


class _Words:
    """Names and numbers of one report in one language."""

    def __init__(self, registry: Registry, language: Language, home: str, at_s: int) -> None:
        self._language, self._home, self._at_s = language, home, at_s
        self._departments = {one.id: one.name for one in registry.departments}
        self._departments |= {UNOWNED: language.nobody, NOBODY: language.nobody, COMPANY: language.company, "": ""}
        self._linked = {one.id for one in registry.departments}
        self._touchpoints = {one.id: one.name for one in registry.touchpoints}

    def statement(self, finding: Finding) -> LocalisedFinding:
        """One finding in words."""
        text = self._language.texts[finding.kind].format(
            department=self._department(finding.department),
            touchpoint=self._touchpoint(finding.touchpoint) + (f" ({finding.part})" if finding.part else ""),
            other=self._other(finding),
            metric=self._language.metrics.get(finding.metric, finding.metric),
            role=finding.role,
            since="" if finding.since_s is None else self._language.date(finding.since_s),
            against="" if finding.against is None else self._number(finding, finding.against, beside=True),
        )
        return LocalisedFinding(finding, text, self._evidence(finding), self._link(finding))

    def _department(self, name: str) -> str:
        return self._departments.get(name, name)

    def _touchpoint(self, name: str) -> str:
        names = self._touchpoints.get(name, {})
        return names.get(self._language.code) or names.get("en") or next(iter(names.values()), name)

    def _other(self, finding: Finding) -> str:
        if finding.kind == "two_accountable":
            return ", ".join(map(self._department, finding.other.split(" ")))
        # A currency, a version and names of programmes are what they are.
        free = finding.of.section in ("money", "lines") or finding.kind == "registry_changed"
        return finding.other if free else self._department(finding.other)

    def _evidence(self, finding: Finding) -> str:
        estimate, parts = finding.estimate, []
        if estimate is None:
            return ""
        if estimate.value is not None:
            parts.append(self._unit(finding, self._number(finding, estimate.value)))
        if estimate.value is not None and estimate.ci is not None:
            low, high = (self._number(finding, bound) for bound in estimate.ci)
            parts[-1] += f" ({self._language.interval.format(low=low, high=high)})"
        if estimate.ci is not None or estimate.n > 1 or estimate.value is None:
            parts.append(f"n = {self._language.number(estimate.n, 0)}")
        if finding.is_uncertain:
            parts.append(self._language.uncertain)
        return ", ".join(parts)

    def _number(self, finding: Finding, value: float, beside: bool = False) -> str:
        unit = finding.of.unit
        if unit == "share":
            # A share of some percent has a decimal, and its interval with it.
            told = value if beside or finding.estimate is None else finding.estimate.value
            small = told is not None and told < SMALL
            return f"{self._language.number(100 * value, int(small))}{' %' if beside else ''}"
        whole = finding.kind == "open_cases" or (beside and value == round(value))
        digits = 0 if whole else DIGITS.get(unit, 1)
        sign = "+" if unit in SIGNED and value > 0 and not beside else ""
        return sign + self._language.number(value, digits)

    def _unit(self, finding: Finding, number: str) -> str:
        unit = finding.of.unit
        if unit == "metric":
            return f"{number} %" if METRICS[finding.metric].unit == "%" else number
        return self._language.units[unit].format(number)

    def _link(self, finding: Finding) -> str:
        at = f"{datetime.fromtimestamp(self._at_s, UTC):%Y-%m-%dT%H:%M}"
        page, name = finding.of.page, ""
        if page == "department":
            page, name = (page, finding.department) if finding.department in self._linked else ("overview", "")
        state = {"page": page, "department": name, "at": at}
        asked = "&".join(f"{name}={value}" for name, value in state.items() if value)
        return f"{self._home}/?{asked}&lang={self._language.code}"
