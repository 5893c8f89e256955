"""Every figure straight from its definition: from the events of a ledger, for an instant. No code of the project."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Z = 1.959964
DAY_S = 86_400.0
HALF_LIVES = {"short": 7 * DAY_S, "long": 90 * DAY_S}
KINDS_OF = {
    "nps": ("nps",),
    "csat": ("csat",),
    "ces": ("ces",),
    "referrals": ("referral",),
    "repeat_rate": ("repeat_purchase", "conversion"),
    "traffic": ("visit",),
    "conversions": ("conversion",),
    "conversion_rate": ("conversion", "visit"),
}
"""The kinds of a metric; of a ratio of kinds the numerator first."""

Key = tuple[str, str, str]
Row = tuple[float | None, float | None, float | None, int, float, str]


def figures(events: Iterable[Mapping[str, Any]], owners: Mapping[str, str], at_s: float) -> dict[Key, Row]:
    """The rows of `balances` at an instant.

    Args:
        events: Each once.
        owners: Department by the beginning of the touchpoint's name; the rest is unowned.
        at_s: The instant, epoch seconds.

    Returns:
        (value, ci_low, ci_high, n, n_eff, suppressed) by department, metric and horizon.
    """
    owned: dict[str, list[tuple[str, int, float, int]]] = {}
    for event in events:
        owner = next((owner for start, owner in owners.items() if event["touchpoint"].startswith(start)), "unowned")
        one = event["kind"], event.get("score", 0), at_s - minute_of(event["occurred_at"]), event.get("count", 1)
        for department in (owner, "company"):
            owned.setdefault(department, []).append(one)
    return {
        (department, metric, horizon): _figure(metric, chosen, half_life)
        for department, observed in owned.items()
        for metric, kinds in KINDS_OF.items()
        if (chosen := [one for one in observed if one[0] in kinds and one[2] >= 0])
        for horizon, half_life in HALF_LIVES.items()
    }


def minute_of(occurred_at: str) -> int:
    """The minute of an instant, epoch seconds."""
    return int(datetime.fromisoformat(occurred_at).timestamp()) // 60 * 60


def _figure(metric: str, observed: list[tuple[str, int, float, int]], half_life: float) -> Row:
    weighed = [(kind, score, 2.0 ** (-age / half_life), age, count) for kind, score, age, count in observed]
    denominator = KINDS_OF[metric] if metric == "repeat_rate" else KINDS_OF[metric][-1:]
    base = [one for one in weighed if one[0] in denominator]
    n = sum(count for _, _, weight, _, count in base if weight > 2.0**-10)
    w = math.fsum(weight * count for _, _, weight, _, count in base)
    w2 = math.fsum(weight * weight * count for _, _, weight, _, count in base)
    n_eff = w * w / w2 if w2 else 0.0

    def share(these: Iterable[tuple[str, int, float, float, int]]) -> float:
        return math.fsum(weight * count for _, _, weight, _, count in these) / w

    if metric in ("referrals", "traffic", "conversions"):
        age = max(60.0, *(age for _, _, _, age, _ in base))
        value = w * (math.log(2) / (half_life / DAY_S)) / (1 - 2.0 ** (-age / half_life))
        half = Z * value / math.sqrt(n_eff)
        return value, max(0.0, value - half), value + half, n, n_eff, ""
    if not w or n_eff < 5 * (1 - 1e-9):
        return None, None, None, n, n_eff, "n_eff<5" if w else "no_denominator"
    if metric == "nps":
        up, down = share(one for one in base if one[1] >= 9), share(one for one in base if one[1] <= 6)
        p, d = (up * n_eff + 0.75) / (n_eff + 3), (down * n_eff + 0.75) / (n_eff + 3)
        half = Z * math.sqrt((p + d - (p - d) ** 2) / (n_eff + 3))
        return 100 * (up - down), max(-100.0, 100 * (p - d - half)), min(100.0, 100 * (p - d + half)), n, n_eff, ""
    if metric == "ces":
        mean = math.fsum(weight * score for _, score, weight, _, _ in base) / w
        spread = math.sqrt(math.fsum(weight * (score - mean) ** 2 for _, score, weight, _, _ in base) / w)
        half = Z * spread / math.sqrt(n_eff)
        return mean, max(1.0, mean - half), min(7.0, mean + half), n, n_eff, ""
    p = share(one for one in weighed if (one[1] >= 4 if metric == "csat" else one[0] == KINDS_OF[metric][0]))
    if p > 1:
        return 100 * p, None, None, n, n_eff, ""
    middle = (p + Z * Z / (2 * n_eff)) / (1 + Z * Z / n_eff)
    half = Z * math.sqrt(p * (1 - p) / n_eff + Z * Z / (4 * n_eff * n_eff)) / (1 + Z * Z / n_eff)
    return 100 * p, 100 * (middle - half), 100 * (middle + half), n, n_eff, ""
