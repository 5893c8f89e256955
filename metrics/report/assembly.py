"""A report: its findings, their order, and how many of each section fit on two pages."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, get_args

from metrics.figures.balances import View
from metrics.governance.evidence import holm
from metrics.registry import UNOWNED
from metrics.report.customers import drifts, hand_offs, listening, perception, success
from metrics.report.findings import NO_ALARMS, AlarmsOfMonth, Claim, Finding, Material, Section
from metrics.report.responsibilities import changes, responsibilities
from metrics.report.terms import money, on_target, terms

MOST_OF_A_SECTION: Final = {"lines": 7, "changed": 5, "drift": 5, "open": 5, "good": 5}
MOST: Final = 4
DECLARED_SECTIONS: Final = ("changed", "lines", "open")
"""Sections with findings that the registry alone bears out."""
_LOUDNESS: Final = ("bad", "good", "plain", "open")


@dataclass(frozen=True, slots=True)
class ReportSection:
    """One section: its findings, the number of findings left out, and whether there was any data for it."""

    section: Section
    findings: tuple[Finding, ...]
    omitted: int
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a period.

    Attributes:
        since_s: Start of the period, epoch seconds.
        at_s: End of the period, epoch seconds.
        version: Version of the registry.
        questions: The number of comparisons tested for significance; claims hold after Holm's correction for them.
        parts: All sections in order, including empty ones.
        alarms: What the alert budget means at the end.
        has_events: Whether anything was counted in the period; else there is nothing to judge by.
        view: By which owners.
    """

    since_s: int
    at_s: int
    version: str
    questions: int
    parts: tuple[ReportSection, ...]
    alarms: AlarmsOfMonth = NO_ALARMS
    has_events: bool = True
    view: View = "as_was"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings that the report shows."""
        return tuple(finding for part in self.parts for finding in part.findings)


def make(material: Material, *, is_complete: bool = False) -> Report:
    """The report of a period: the same material gives the same report.

    Args:
        material: What it is made of.
        is_complete: Whether each section has all its findings, however many.
    """
    material_findings = list(_all(material))
    p_values = [finding.p for finding in material_findings if isinstance(finding, Claim)]
    held = iter(holm(p_values))
    findings = [
        (finding.yes if next(held) else finding.no) if isinstance(finding, Claim) else finding
        for finding in material_findings
    ]
    kept = [finding.shown for finding in findings if finding is not None]
    tested = {finding.yes.of.section for finding in material_findings if isinstance(finding, Claim)}
    parts = tuple(
        _part(section, kept, _is_known(section, material, tested), is_complete) for section in get_args(Section)
    )
    return Report(
        since_s=material.since_s,
        at_s=material.at_s,
        version=material.registry.version,
        questions=len(p_values),
        parts=parts,
        alarms=material.alarms,
        has_events=material.has_events,
        view=material.view,
    )


def claims(material: Material) -> tuple[Claim, ...]:
    """The comparisons that the report of some material tests for significance, in their order."""
    return tuple(finding for finding in _all(material) if isinstance(finding, Claim))


def _all(material: Material) -> Iterator[Claim | Finding]:
    if material.has_events:
        yield from _every(material)
        return
    # What is declared can be told; a figure from before the period cannot, and no news is no good news.
    yield from (
        finding
        for finding in _every(material)
        if isinstance(finding, Finding) and finding.of.section in DECLARED_SECTIONS
    )


def _every(material: Material) -> Iterator[Claim | Finding]:
    yield from changes(material)
    yield from drifts(material)
    yield from responsibilities(material)
    yield from hand_offs(material)
    yield from terms(material)
    yield from success(material)
    yield from money(material)
    yield from perception(material)
    yield from on_target(material)
    yield from listening(material)


def _is_known(section: Section, material: Material, tested: Collection[Section]) -> bool:
    """Whether an empty section means that all is well: only where something was looked at that is certain enough."""
    if not material.has_events:
        return section == "lines" and bool(material.lines)
    gaps = [gap for pair, gap in material.of("hand_off_like_gap").items() if UNOWNED not in pair.split(" > ")]
    has_data = {
        "drift": any(not material.is_silent(pair) for pair in material.watched),
        "lines": bool(material.lines),
        "talk": any(not gap.is_uncertain for gap in gaps),
        "success": any(not learnt.is_uncertain for learnt in material.of("success_learnt").values()),
        "money": bool(material.of("hidden_spend")),
        "perception": "perception" in tested,
    }
    return has_data.get(section, True)


def _part(section: Section, findings: list[Finding], is_known: bool, is_complete: bool) -> ReportSection:
    # Stable: within a tone, the order in which they were found says how much they matter.
    mine = sorted(
        (finding for finding in findings if finding.of.section == section),
        key=lambda finding: _LOUDNESS.index(finding.of.tone),
    )
    most = len(mine) if is_complete else MOST_OF_A_SECTION.get(section, MOST)
    return ReportSection(section, tuple(mine[:most]), max(0, len(mine) - most), is_known)
