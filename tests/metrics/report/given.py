"""Material for reports, made of a small company and of what a test adds."""

from datetime import UTC, datetime
from typing import Any

from metrics.governance.assessment import assess
from metrics.governance.counted import Counted
from metrics.governance.evidence import LEVEL
from metrics.governance.responsibility import lines_at
from metrics.registry import Registry, parse
from metrics.report.findings import Claim, Finding, Material
from tests.metrics.registry_text import COMPANY_OF_TWO, rule, touchpoint

DAY = 86_400
SINCE_S = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
CHANGE_S = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
AT_S = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
SPONSORED = COMPANY_OF_TWO.replace('policy = "single"', 'policy = "single"\nsponsor = "cco"', 1)
WEB = touchpoint("web") + rule("web", "it")
SHOP = touchpoint("shop") + rule("shop", "sales")


def registry(tables: str = WEB + SHOP) -> Registry:
    return parse(SPONSORED + tables)


def material(
    of: Registry | None = None,
    counted: Counted | None = None,
    since_s: int = SINCE_S,
    at_s: int = AT_S,
    **more: Any,
) -> Material:
    """What a store has counted, assessed under a registry."""
    of, counted = of or registry(), counted or Counted()
    return Material(
        registry=of,
        since_s=since_s,
        at_s=at_s,
        counted=counted,
        figures=assess(of, counted, since_s, at_s),
        lines=lines_at(of, at_s - 1, counted.slices),
        **more,
    )


def decided(found: list[Claim | Finding]) -> list[Finding]:
    """What is said of each question for itself."""
    said = [(one.yes if one.p <= LEVEL else one.no) if isinstance(one, Claim) else one for one in found]
    return [one for one in said if one is not None]
