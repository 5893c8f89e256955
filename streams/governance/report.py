"""The report of a period, from the store: what there is to say, and its words."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from metrics.drift.myopia import LONG_AGO
from metrics.figures.scorecards import scorecards
from metrics.governance.responsibility import lines_at
from metrics.report.assembly import Report, make
from metrics.report.findings import Material
from metrics.report.localise import LANGUAGES, LocalisedFinding, LocalisedReport, localise
from metrics.report.render import html, markdown
from streams.figures import snapshot
from streams.governance import counting
from streams.governance.counting import Question
from streams.governance.reorganised import drift_at
from streams.governance.rows import VERSIONS
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch, rfc3339

FORMATS: Final = ("md", "html")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Written:
    """A report, and its words in one language."""

    report: Report
    localised: LocalisedReport

    def text(self, form: str) -> str:
        """As Markdown or as HTML: one of FORMATS."""
        return html(self.localised) if form == "html" else markdown(self.localised)


def write(
    store: Store,
    compiled: CompiledRegistry,
    question: Question,
    language: str = "en",
    home: str = "",
    *,
    budget: float = 1.0,
    is_complete: bool = False,
) -> Written:
    """The report of a period.

    Args:
        store: The store.
        compiled: Who owned what.
        question: The period, and by which owners.
        language: One of LANGUAGES.
        home: As in `metrics.report.localise.localise`.
        budget: False alarms of drift a month that are allowed.
        is_complete: Whether all is said that there is to say, on however many pages.
    """
    report = make(gather(store, compiled, question, budget), is_complete=is_complete)
    return Written(report, localise(report, compiled.registry, LANGUAGES[language], home))


def gather(store: Store, compiled: CompiledRegistry, question: Question, budget: float) -> Material:
    """Reads all that a report is made of; what is kept in the store at other times than the period's does not count."""
    since_s, at_s = int(question.since.timestamp()), int(question.at.timestamp())
    counted = counting.count(store, compiled, question)
    drift = drift_at(store, compiled, budget, question.at)
    now, earlier = (snapshot.moment(store, compiled, at, question.view) for at in (question.at, question.at - LONG_AGO))
    return Material(
        registry=compiled.registry,
        since_s=since_s,
        at_s=at_s,
        view=question.view,
        counted=counted,
        figures=counting.assessed(compiled, counted, question),
        lines=lines_at(compiled.registry, at_s - 1, counted.slices),
        balances=now.balances,
        earlier=earlier.balances,
        daily=now.daily,
        earlier_daily=earlier.daily,
        cards=scorecards(now.balances, compiled.registry.targets_at(at_s)),
        **drift._asdict(),
        versions=_versions(store, question),
    )


def _versions(store: Store, question: Question) -> tuple[tuple[str, int], ...]:
    period = {"since": question.since.timestamp(), "until": question.at.timestamp()}
    # The first one was in force when the period began.
    return tuple((row.version, int(row.first_at.timestamp())) for row in store.fetch(VERSIONS, period)[1:])


def as_json(written: Written) -> dict[str, Any]:
    """A report as JSON has it: each statement with its figure, and in words."""
    report, localised = written.report, written.localised
    return {
        "since": rfc3339(from_epoch(report.since_s)),
        "at": rfc3339(from_epoch(report.at_s)),
        "timezone": localised.timezone,
        "registry_version": report.version,
        "lang": localised.language.code,
        "title": localised.title,
        "period": localised.period,
        "note": localised.note,
        "questions": report.questions,
        "has_events": report.has_events,
        "alarms": {
            **asdict(report.alarms),
            "text": next(part.note for part in localised.paragraphs if part.section == "drift"),
        },
        "sections": [
            {
                "section": part.section,
                "title": paragraph.title,
                "statements": [statement_as_json(item) for item in paragraph.statements],
                "nothing": paragraph.nothing,
                "omitted": part.omitted,
            }
            for part, paragraph in zip(report.parts, localised.paragraphs, strict=True)
        ],
    }


def _settled(value: float | None) -> float | None:
    """A number to nine digits: the last of a sum depend on the order in which the store's threads added."""
    return None if value is None else float(f"{value:.9g}")


def statement_as_json(item: LocalisedFinding) -> dict[str, Any]:
    """A statement as JSON has it: its figure, and the sentence."""
    finding, estimate = item.finding, item.finding.estimate
    plain = {name: value for name, value in asdict(finding).items() if name not in ("estimate", "since_s")}
    low, high = (estimate.ci if estimate else None) or (None, None)
    return plain | {
        "tone": item.tone,
        "since": None if finding.since_s is None else rfc3339(from_epoch(finding.since_s)),
        "against": _settled(finding.against),
        "before": _settled(finding.before),
        "figure": _settled(estimate.value if estimate else None),
        "ci_low": _settled(low),
        "ci_high": _settled(high),
        "n": estimate.n if estimate else None,
        "n_eff": _settled(estimate.n_eff if estimate else None),
        "uncertain": finding.is_uncertain,
        "text": item.text,
        "evidence": item.evidence,
        "link": item.link,
    }
