"""Where a company's attention goes: cases, money and alerts, of the short or of the long term."""

from collections import defaultdict
from typing import Final

from metrics.catalogue import METRICS
from metrics.governance.counted import Counted
from metrics.governance.terms import Attention
from metrics.registry import Registry

LONG_SHARE: Final = {"before": 0.0, "during": 0.5, "after": 1.0}
"""A touchpoint before the purchase serves the short term, one after it the long term, one during it both equally."""


def attention(registry: Registry, counted: Counted) -> dict[str, Attention]:
    """Where attention went in a period, each kind in its own unit: "cases", "spend EUR", "alerts".

    Cases and money count by the stage of their touchpoint, and not at all if it is undeclared; alerts count by the term
    of their metric.
    """
    stages = {touchpoint.id: touchpoint.stage for touchpoint in registry.touchpoints}
    by_kind: defaultdict[str, list[tuple[str, float, int]]] = defaultdict(list)
    for case in counted.cases:
        by_kind["cases"].append((case.touchpoint, 1.0, 1))
    for spend in counted.spends:
        by_kind[f"spend {spend.currency}"].append((spend.touchpoint, float(spend.amount), spend.n))
    result: dict[str, Attention] = {}
    for kind, parts in sorted(by_kind.items()):
        sized = [(LONG_SHARE[stages[touchpoint]], size, n) for touchpoint, size, n in parts if touchpoint in stages]
        long = sum(share * size for share, size, _ in sized)
        result[kind] = Attention(sum(size for _, size, _ in sized) - long, long, sum(n for _, _, n in sized))
    alarms = {
        term: sum(n for metric, n in counted.alarms.items() if METRICS[metric].term == term)
        for term in ("short", "long")
    }
    if any(alarms.values()):
        result["alerts"] = Attention(alarms["short"], alarms["long"], sum(alarms.values()))
    return result
