"""A slow reference of every figure, straight from the definitions: over single events, without cells or sums."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from metrics.registry import COMPANY, UNOWNED, Ownership, Registry

Z = 1.959964
ROUNDING = 1e-9  # at a border, sums in another order may fall on either side
LONG_TERM = ("nps", "csat", "ces", "referrals", "repeat_rate", "retention")
METRICS = (*LONG_TERM, "awareness", "traffic", "conversions", "conversion_rate")
KINDS_OF = {
    "nps": ("nps",),
    "csat": ("csat",),
    "ces": ("ces",),
    "referrals": ("referral",),
    "repeat_rate": ("repeat_purchase", "conversion"),
    "retention": ("renewal", "churn"),
    "awareness": ("awareness",),
    "traffic": ("visit",),
    "conversions": ("conversion",),
    "conversion_rate": ("conversion", "visit"),
}


def owner(registry: Registry, event: dict[str, Any], at: float) -> str:
    """The department that owns an event's touchpoint at an instant, by reading every rule."""
    best: tuple[tuple[int, int, float, int], str] | None = None
    for rule in registry.ownerships:
        if not _matches(rule, event, at):
            continue
        filters = sum(value is not None for value in (rule.segment, rule.region, rule.kind))
        begins = rule.valid_from.timestamp() if rule.valid_from else -math.inf
        rank = (_specificity(rule.touchpoint), filters, begins, rule.position)
        if best is None or rank > best[0]:
            best = (rank, rule.owner)
    return best[1] if best else UNOWNED


def _matches(rule: Ownership, event: dict[str, Any], at: float) -> bool:
    pattern, touchpoint = rule.touchpoint, event["touchpoint"]
    fits = pattern in ("*", touchpoint) or (pattern.endswith(".*") and touchpoint.startswith(pattern[:-1]))
    return (
        fits
        and rule.segment in (None, event.get("segment", ""))
        and rule.region in (None, event.get("region", ""))
        and rule.kind in (None, event["kind"])
        and (rule.valid_from is None or rule.valid_from.timestamp() <= at)
        and (rule.valid_to is None or at < rule.valid_to.timestamp())
    )


def _specificity(pattern: str) -> int:
    if pattern == "*":
        return 0
    return len(pattern) if pattern.endswith(".*") else 10_000


def balances(events: Sequence[dict[str, Any]], registry: Registry, at: datetime, view: str) -> list[dict[str, Any]]:
    """The rows of `balances` for an instant, less `at`; copies of an event (source, event_id, minute) count once."""
    instant = at.timestamp()
    unique = {(event["source"], event["event_id"], _minute(event)): event for event in events}
    counted = [event for event in unique.values() if _minute(event) <= instant]
    owned: dict[str, list[dict[str, Any]]] = {}
    for event in counted:
        department = owner(registry, event, _minute(event) if view == "as_was" else instant)
        owned.setdefault(department, []).append(event)
    if counted:
        owned[COMPANY] = counted
    half_lives = {"short": registry.horizons.short_s, "long": registry.horizons.long_s}
    rows = []
    for department in sorted(owned):
        for horizon, half_life in half_lives.items():
            for metric in METRICS:
                row = _figure(metric, owned[department], instant, half_life)
                if row is not None:
                    term = "long" if metric in LONG_TERM else "short"
                    rows.append({"view": view, "department": department, "metric": metric, "term": term,
                                 "horizon": horizon, **row})  # fmt: skip
    return rows


def _minute(event: dict[str, Any]) -> float:
    return math.floor(datetime.fromisoformat(event["occurred_at"]).astimezone(UTC).timestamp() / 60) * 60.0


def _figure(metric: str, events: Iterable[dict[str, Any]], at: float, half_life: float) -> dict[str, Any] | None:
    chosen = [event for event in events if event["kind"] in KINDS_OF[metric]]
    if not chosen:
        return None
    weight = {id(event): 2.0 ** (-(at - _minute(event)) / half_life) for event in chosen}
    base_kinds = KINDS_OF[metric] if metric in ("repeat_rate", "retention") else KINDS_OF[metric][-1:]
    base = [event for event in chosen if event["kind"] in base_kinds]
    total = math.fsum(weight[id(event)] * _count(event) for event in base)
    squares = math.fsum(weight[id(event)] ** 2 * _count(event) for event in base)
    n = sum(_count(event) for event in base if weight[id(event)] > 2.0**-10)
    n_eff = total**2 / squares if squares else 0.0
    row: dict[str, Any] = {"value": None, "ci_low": None, "ci_high": None, "n": n, "n_eff": n_eff, "suppressed": ""}
    if metric in ("referrals", "awareness", "traffic", "conversions"):
        age = max(60.0, at - min(_minute(event) for event in base))
        value = total * math.log(2) / (half_life / 86400) / (1 - 2 ** (-age / half_life))
        if not n_eff:
            return {**row, "value": value}
        half = Z * value / math.sqrt(n_eff)
        return {**row, "value": value, "ci_low": max(0.0, value - half), "ci_high": value + half}
    if not total:
        return {**row, "suppressed": "no_denominator"}
    if n_eff < 5 * (1 - ROUNDING):
        return {**row, "suppressed": "n_eff<5"}
    value, low, high = _ratio(metric, chosen, weight, total, n_eff)
    return {**row, "value": value, "ci_low": low, "ci_high": high}


def _ratio(
    metric: str, events: Sequence[dict[str, Any]], weight: dict[int, float], total: float, n_eff: float
) -> tuple[float, float | None, float | None]:
    def share(chosen: Iterable[dict[str, Any]]) -> float:
        return math.fsum(weight[id(event)] * _count(event) for event in chosen) / total

    if metric == "nps":
        up = share(event for event in events if event["score"] >= 9)
        down = share(event for event in events if event["score"] <= 6)
        n = n_eff + 3
        p, d = (up * n_eff + 0.75) / n, (down * n_eff + 0.75) / n
        half = Z * math.sqrt((p + d - (p - d) ** 2) / n)
        return 100 * (up - down), max(-100, 100 * (p - d - half)), min(100, 100 * (p - d + half))
    if metric == "ces":
        mean = math.fsum(weight[id(event)] * event["score"] for event in events) / total
        variance = math.fsum(weight[id(event)] * (event["score"] - mean) ** 2 for event in events) / total
        half = Z * math.sqrt(variance) / math.sqrt(n_eff)
        return mean, max(1, mean - half), min(7, mean + half)
    if metric == "csat":
        p = share(event for event in events if event["score"] >= 4)
    else:
        p = share(event for event in events if event["kind"] == KINDS_OF[metric][0])
    if p > 1 + ROUNDING:
        return 100 * p, None, None
    z2 = Z * Z / n_eff
    half = Z * math.sqrt(max(0.0, p * (1 - p) / n_eff + z2 / (4 * n_eff))) / (1 + z2)
    middle = (p + z2 / 2) / (1 + z2)
    return 100 * p, 100 * (middle - half), 100 * (middle + half)


def _count(event: dict[str, Any]) -> int:
    return int(event.get("count", 1)) if event["kind"] in ("visit", "awareness") else 1


def differences(got: Iterable[dict[str, Any]], wanted: Iterable[dict[str, Any]], tolerance: float = 1e-6) -> list[str]:
    """Where two lists of rows differ: rows missing or extra, texts, numbers beyond a tolerance."""
    key = ("department", "metric", "horizon")
    left = {tuple(row[name] for name in key): row for row in got}
    right = {tuple(row[name] for name in key): row for row in wanted}
    result = [f"only on one side: {name}" for name in set(left) ^ set(right)]
    for name in set(left) & set(right):
        for column, value in right[name].items():
            other = left[name][column]
            if isinstance(value, float) and isinstance(other, (int, float)):
                if not math.isclose(other, value, rel_tol=tolerance, abs_tol=tolerance):
                    result.append(f"{name} {column}: {other}, reference {value}")
            elif other != value:
                result.append(f"{name} {column}: {other!r}, reference {value!r}")
    return result
