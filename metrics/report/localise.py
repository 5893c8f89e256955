"""From findings to sentences: names, numbers and dates in a language, and a link to where the figure stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from metrics.catalogue import METRICS
from metrics.governance.perception import NOBODY
from metrics.registry import COMPANY, UNOWNED, Registry
from metrics.registry.names import OTHER, is_other
from metrics.report.assembly import Report, ReportSection
from metrics.report.findings import Finding, Section, Tone
from metrics.report.frame import alarms_text, period_in_words, sentence, where_to_find_more
from metrics.report.language import Language
from metrics.report.texts_en import ENGLISH
from metrics.report.texts_es import SPANISH
from metrics.report.texts_it import ITALIAN

LANGUAGES: Final[Mapping[str, Language]] = {language.code: language for language in (ENGLISH, ITALIAN, SPANISH)}
SIGNED: Final = ("points", "index")
TEN: Final = 10
HUNDRED: Final = 100
DIGITS: Final = {"points": 1, "index": 1, "count": 0, "owners": 1, "days": 0, "money": 0}
SMALL: Final = 0.1
MOVED: Final = ("moved_down", "moved_up")
"""Kinds about a change of which touchpoints that changed hands make a share, which is what it is compared with."""
MOST_NAMES: Final = 5
"""So many metrics are named, the others counted: a sentence is no list."""
CHEAP: Final = 100.0
"""A price below it has hundredths, and its interval with it."""
UNSIGNED: Final = ("on_target",)
"""Kinds with a level, not a difference, as their figure: they have no sign."""


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
    """One section in words.

    `nothing` is said where it has no statements, `more` where some were left out; `note` is said in any case.
    """

    section: Section
    title: str
    statements: tuple[LocalisedFinding, ...]
    nothing: str
    more: str
    note: str


@dataclass(frozen=True, slots=True)
class LocalisedReport:
    """A report in words."""

    language: Language
    title: str
    period: str
    timezone: str
    note: str
    paragraphs: tuple[Paragraph, ...]


def localise(report: Report, registry: Registry, language: Language, home: str = "") -> LocalisedReport:
    """A report in a language; `home` is the address of the page without a path, "" for links relative to it."""
    words = _Words(registry, language, home, report.at_s)
    alarms = alarms_text(report, language, registry.zone)
    return LocalisedReport(
        language=language,
        title=language.title,
        period=period_in_words(report, language, registry.zone),
        timezone=registry.timezone,
        note=language.note.format(comparisons=language.counted("comparisons", report.questions)),
        paragraphs=tuple(
            Paragraph(
                section=part.section,
                title=language.sections[part.section],
                statements=tuple(words.statement(finding) for finding in part.findings),
                nothing="" if part.findings else _nothing(part, report, language),
                more=where_to_find_more(part, report, language, registry.zone),
                note=alarms if part.section == "drift" else "",
            )
            for part in report.parts
        ),
    )


def _nothing(part: ReportSection, report: Report, language: Language) -> str:
    if part.is_known:
        return language.nothing[part.section]
    if not report.has_events:
        return language.no_events
    return language.unknown.get(part.section, language.unknown[""])


class _Words:
    """Names and numbers of one report in one language."""

    def __init__(self, registry: Registry, language: Language, home: str, at_s: int) -> None:
        self._language, self._home, self._at_s = language, home, at_s
        self._departments = {item.id: item.name for item in registry.departments}
        self._departments |= {UNOWNED: language.nobody, NOBODY: language.nobody, "": ""}
        self._zone = registry.zone
        self._linked = {item.id for item in registry.departments}
        self._touchpoints = {item.id: item.name for item in registry.touchpoints}

    def statement(self, finding: Finding) -> LocalisedFinding:
        """One finding in words."""
        places = self._places(finding)
        clauses = {
            "change": self._language.clauses[_change(finding)].format(**places),
            "belief": self._language.clauses[_belief(finding)].format(**places),
        }
        text = self._language.texts[finding.kind].format(**places, **clauses)
        return LocalisedFinding(finding, sentence(text), self._evidence(finding), self._link(finding))

    def _places(self, finding: Finding) -> dict[str, str]:
        """What is filled into the texts."""
        at_s, against, metric = finding.since_s, finding.against, self._language.metrics.get(finding.metric)
        verb = self._language.verbs["rises" if finding.kind in ("drift_up", "moved_up") else "falls"]
        return {
            "department": self._department(finding.department),
            "belongs": self._belongs(finding.department),
            "touchpoint": self._touchpoint(finding.touchpoint) + (f" ({finding.part})" if finding.part else ""),
            "other": self._other(finding),
            "metric": str(metric or finding.metric),
            "verb": verb[metric is not None and metric.is_plural],
            "respondents": self._respondents(finding.role),
            "on": "" if at_s is None else self._language.date(at_s, "on", zone=self._zone),
            "since": "" if at_s is None else self._language.date(at_s, "since", zone=self._zone),
            "against": "" if against is None else self._against(finding, against),
            "points": "" if against is None else self._language.counted("points", against, 1),
            "days": "" if against is None else self._language.counted("days", against),
        }

    def _belongs(self, name: str) -> str:
        subject = {UNOWNED: "nobody", COMPANY: "company"}.get(name, "department")
        return self._language.belongs[subject].format(self._department(name))

    def _respondents(self, role: str) -> str:
        # Roles are free text; where one is a department's id, its people are meant.
        subject = "department" if role in self._linked else "role"
        return self._language.respondents[subject].format(self._department(role))

    def _department(self, name: str) -> str:
        return self._departments.get(name, name)

    def _touchpoint(self, name: str) -> str:
        if is_other(name):
            prefix = name.removesuffix(OTHER).rstrip(".")
            return f"{self._language.others} ({prefix})" if prefix else self._language.others
        names = self._touchpoints.get(name, {})
        return names.get(self._language.code) or names.get("en") or next(iter(names.values()), name)

    def _other(self, finding: Finding) -> str:
        if finding.kind == "two_accountable":
            return ", ".join(map(self._department, finding.other.split(" ")))
        if finding.kind in MOVED:
            return ", ".join(map(self._touchpoint, finding.other.split(" ")))
        if finding.kind == "unwatched":
            return self._metrics(finding.other.split(" "))
        # A currency, a version and names of programmes are what they are.
        free = finding.of.section in ("money", "lines") or finding.kind == "registry_changed"
        return finding.other if free else self._department(finding.other)

    def _metrics(self, pairs: Sequence[str]) -> str:
        """Metrics of departments ("it/nps"), as many as have a place."""
        names = []
        for department, _, metric in (pair.partition("/") for pair in pairs[:MOST_NAMES]):
            called = self._language.metrics.get(metric)
            names.append(f"{called.name if called else metric} {self._belongs(department)}")
        more = len(pairs) - len(names)
        return ", ".join(names) + (f" {self._language.counted('others', more)}" if more else "")

    def _evidence(self, finding: Finding) -> str:
        estimate, parts = finding.estimate, []
        if estimate is None:
            return ""
        if finding.is_suppressed:
            parts.append(self._language.too_few.get(finding.kind, self._language.too_few[""]))
        elif estimate.value is not None:
            parts.append(self._figure(finding, estimate.value, estimate.ci))
        if finding.is_measured or estimate.ci is not None or estimate.n > 1 or estimate.value is None:
            parts.append(f"n = {self._language.number(estimate.n, 0)}")
        if finding.metrics == 1 and finding.targets is not None and finding.targets > 1:
            parts.append(self._language.one_metric.format(targets=finding.targets))
        if finding.is_uncertain:
            parts.append(self._language.uncertain)
        return ", ".join(parts)

    def _figure(self, finding: Finding, value: float, ci: tuple[float, float] | None) -> str:
        number = self._number(finding, value)
        figure = self._unit(finding, number)
        if ci is not None:
            low, high = (self._number(finding, bound) for bound in ci)
            figure += f" ({self._language.interval.format(low=low, high=high)})"
        if finding.before is not None:
            before = self._unit(finding, self._number(finding, finding.before))
            figure = self._language.change_of_figure.format(before=before, after=figure)
        article = self._language.share_article(number) if finding.of.unit == "share" else ""
        return self._language.figures.get(finding.kind, "{0}").format(figure, article=article)

    def _against(self, finding: Finding, value: float) -> str:
        """What a figure is compared with."""
        if finding.of.unit == "share" or finding.kind in MOVED:
            number = self._language.number(100 * value, int(value < SMALL))
            return f"{self._language.share_article(number)}{number} %"
        digits = 0 if value == round(value) else DIGITS.get(finding.of.unit, 1)
        return self._language.number(value, digits)

    def _number(self, finding: Finding, value: float) -> str:
        unit = finding.of.unit
        if unit == "share":
            # A share of some percent has a decimal, and its interval with it.
            share = finding.estimate.value if finding.estimate is not None else None
            return self._language.number(100 * value, int(share is not None and share < SMALL))
        price = finding.estimate.value if finding.estimate is not None and unit == "money" else None
        if price is not None and price < CHEAP:
            return self._language.number(value, 2)
        if unit == "metric":
            # An interval has the digits of its figure.
            shown = finding.estimate.value if finding.estimate is not None else None
            return self._language.number(value, digits_of(finding.metric, value if shown is None else shown))
        sign = "+" if unit in SIGNED and value > 0 and finding.kind not in UNSIGNED else ""
        return sign + self._language.number(value, 0 if finding.kind == "open_cases" else DIGITS.get(unit, 1))

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
        query = "&".join(f"{name}={value}" for name, value in state.items() if value)
        return f"{self._home}/?{query}&lang={self._language.code}"


def digits_of(metric: str, value: float) -> int:
    """Decimals of a metric's figure: two of CES, one of other scores, three significant digits of rates.

    >>> [digits_of(*item) for item in (("ces", 5.4), ("csat", 8.0), ("traffic", 155.2), ("conversion_rate", 4.5))]
    [2, 1, 0, 2]
    """
    size = abs(value)
    if METRICS[metric].kinds in (("nps",), ("csat",)):
        return 1
    if METRICS[metric].unit == "a day" and size >= HUNDRED:
        return 0
    return 1 if size >= TEN else 2


def _change(finding: Finding) -> str:
    """Which clause says how a touchpoint changed its owner."""
    return "gained" if finding.other == UNOWNED else "lost" if finding.department == UNOWNED else "passed"


def _belief(finding: Finding) -> str:
    """Which clause says who is believed to be the owner."""
    support = finding.support or "minority"
    return f"{support}_nobody" if finding.other == NOBODY and support != "minority" else support
