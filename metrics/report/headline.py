"""The headline: the few sentences of the report that say what is changing now, and whose it is.

It is the report's own findings about drift and myopia, in its own words: nothing here is a second judgement. They need
neither a period nor its facts, so they can be asked for every minute.
"""

from collections.abc import Sequence
from typing import Final

from metrics.report.assembly import Report, ReportSection
from metrics.report.customers import drifts
from metrics.report.findings import Finding, Material
from metrics.report.terms import myopia

MOST_SENTENCES: Final = 4
"""A first look holds so many sentences."""
_WORSE: Final = ("myopia", "drift_down")
_BETTER: Final = ("drift_up",)
_MOVED: Final = ("moved_down", "moved_up")


def headline(material: Material, most: int = MOST_SENTENCES) -> Report:
    """What is changing at the end of a period: the same material gives the report the same sentences.

    Args:
        material: With the drifts, what is watched, figures of the end and of eight weeks before, with their days.
        most: So many findings at most.

    Returns:
        A report of one section: myopia first, then what falls, what rises and what changed hands, the newest first. If
        anything rises, one of the findings says so, however much falls.
    """
    found = [finding for finding in (*myopia(material), *drifts(material)) if finding.kind in _WORSE + _BETTER + _MOVED]
    worse, better, moved = (_newest_first(found, kinds) for kinds in (_WORSE, _BETTER, _MOVED))
    kept = worse[: most - bool(better)]
    kept += better[: most - len(kept)]
    kept += moved[: most - len(kept)]
    section = ReportSection("drift", tuple(kept), len(found) - len(kept), bool(material.watched))
    return Report(
        since_s=material.since_s,
        at_s=material.at_s,
        version=material.registry.version,
        questions=0,
        parts=(section,),
        alarms=material.alarms,
        view=material.view,
    )


def _newest_first(findings: Sequence[Finding], kinds: Sequence[str]) -> list[Finding]:
    mine = [finding for finding in findings if finding.kind in kinds]
    return sorted(mine, key=lambda finding: (kinds.index(finding.kind), -(finding.since_s or 0)))
