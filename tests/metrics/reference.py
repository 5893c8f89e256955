"""A slow reference of every figure, straight from the definitions: over single events, without cells or sums."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from metrics.figures.student import quantile
from metrics.registry import COMPANY, UNOWNED, Ownership, Registry

Z = 1.959964
ROUNDING = 1e-9  # at a border, sums in another order may fall on either side
LONG_TERM = ("nps", "csat", "ces", "referrals", "repeat_rate", "retention")
METRICS = (*LONG_TERM, "awareness", "traffic", "conversions", "conversion_rate")
VOLUMES = ("referrals", "awareness", "traffic", "conversions")
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
    counted = [event for event in unique.values() if _minute(event) + 60 <= instant]
    half_lives = {"short": registry.horizons.short_s, "long": registry.horizons.long_s}

    def owner_of(event: dict[str, Any]) -> str:
        return owner(registry, event, _minute(event) if view == "as_was" else instant)

    return [{"view": view, **row} for row in of_departments(counted, owner_of, instant, half_lives)]


def of_departments(
    counted: Iterable[dict[str, Any]],
    owner_of: Callable[[dict[str, Any]], str],
    instant: float,
    half_lives: Mapping[str, float],
) -> list[dict[str, Any]]:
    """The rows of each department and of the company, less `at` and `view`, of events that are counted once each."""
    owned: defaultdict[str, defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for event in counted:
        for department in (owner_of(event), COMPANY):
            owned[department][event["kind"]].append(event)
    rows = []
    for department in sorted(owned):
        for horizon, half_life in half_lives.items():
            for metric in METRICS:
                of_kinds = [event for kind in KINDS_OF[metric] for event in owned[department].get(kind, ())]
                row = _figure(metric, of_kinds, instant, half_life)
                if row is not None:
                    term = "long" if metric in LONG_TERM else "short"
                    rows.append({"department": department, "metric": metric, "term": term, "horizon": horizon, **row})
    return rows


def _minute(event: dict[str, Any]) -> float:
    return minute_of(event["occurred_at"])


@cache
def minute_of(occurred_at: str) -> float:
    """The minute of an instant, epoch seconds; looked up again and again, so it is kept."""
    return math.floor(datetime.fromisoformat(occurred_at).astimezone(UTC).timestamp() / 60) * 60.0


def _figure(metric: str, ever: Sequence[dict[str, Any]], at: float, half_life: float) -> dict[str, Any] | None:
    if not ever:
        return None
    base_kinds = KINDS_OF[metric] if metric in ("repeat_rate", "retention") else KINDS_OF[metric][-1:]
    base_ever = [event for event in ever if event["kind"] in base_kinds]
    chosen = [event for event in ever if at - _minute(event) < 10 * half_life]
    weight = {id(event): 2.0 ** (-(at - _minute(event)) / half_life) for event in chosen}
    base = [event for event in chosen if event["kind"] in base_kinds]
    n_eff = _n_eff(metric, base, weight)
    first, last = min(map(_minute, base_ever), default=None), max(map(_minute, base_ever or ever))
    row: dict[str, Any] = {"value": None, "ci_low": None, "ci_high": None, "n": sum(map(_count, base)), "n_eff": n_eff,
                           "suppressed": "", "first_at": _instant(first), "last_at": _instant(last),
                           "sampled_one_in": 1}  # fmt: skip
    suppressed = _suppressed(metric, bool(base), (first, last), n_eff, at, half_life)
    if suppressed or first is None:
        return {**row, "suppressed": suppressed}
    if metric in VOLUMES:
        value, low, high = _volume(base, weight, max(first, at - 10 * half_life), at, half_life)
    elif metric == "conversion_rate":
        value, low, high = _conversion_rate(chosen, weight, (first // 86400, last // 86400))
    else:
        value, low, high = _ratio(metric, chosen, weight, n_eff)
    return {**row, "value": value, "ci_low": low, "ci_high": high}


def _suppressed(
    metric: str, some: bool, ever: tuple[float | None, float], n_eff: float, at: float, half_life: float
) -> str:
    first, last = ever
    of_volumes = {"stale": not some, "warming_up": first is not None and at - first < 86400}
    of_others = {"stale": at - last >= 3 * half_life, "no_denominator": first is None,
                 "n_eff<5": n_eff < 5 * (1 - ROUNDING)}  # fmt: skip
    return next((why for why, holds in (of_volumes if metric in VOLUMES else of_others).items() if holds), "")


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _n_eff(metric: str, base: Sequence[dict[str, Any]], weight: dict[int, float]) -> float:
    """Of volumes and visits by event, of answers and purchases by customer."""
    of_customer: defaultdict[Any, float] = defaultdict(float)
    for position, event in enumerate(base):
        by_event = metric in (*VOLUMES, "conversion_rate") or not event.get("customer")
        of_customer[position if by_event else event["customer"]] += weight[id(event)] * _count(event)
    squares = math.fsum(total**2 for total in of_customer.values())
    return math.fsum(of_customer.values()) ** 2 / squares if squares else 0.0


def _by_day(events: Iterable[dict[str, Any]], weight: dict[int, float]) -> defaultdict[float, float]:
    days: defaultdict[float, float] = defaultdict(float)
    for event in events:
        days[_minute(event) // 86400] += weight[id(event)] * _count(event)
    return days


def _volume(
    base: Sequence[dict[str, Any]], weight: dict[int, float], start: float, at: float, half_life: float
) -> tuple[float, float | None, float | None]:
    def integral(begin: float, end: float, half: float) -> float:
        return half / math.log(2) / 86400 * (2 ** (-(at - end) / half) - 2 ** (-(at - begin) / half))

    sums = _by_day(base, weight)
    days = [day for day in range(int(start // 86400), int(at // 86400) + 1) if min(at, day * 86400 + 86400) > start]
    eps = {day: integral(max(start, day * 86400), min(at, (day + 1) * 86400), half_life) for day in days}
    exposed = math.fsum(eps.values())
    rate = math.fsum(sums.values()) / exposed
    nu = exposed**2 / math.fsum(value**2 for value in eps.values())
    if nu < 2 * (1 - ROUNDING):
        return rate, None, None
    between = math.fsum((sums[day] - rate * eps[day]) ** 2 for day in days) / exposed**2 * nu / (nu - 1)
    phi = math.fsum(weight[id(e)] * _count(e) ** 2 for e in base) / math.fsum(weight[id(e)] * _count(e) for e in base)
    floor = rate * phi * integral(start, at, half_life / 2) / exposed**2
    return _around(rate, max(quantile(nu - 1) * math.sqrt(between), Z * math.sqrt(floor)))


def _around(value: float, half: float) -> tuple[float, float, float]:
    if not value:
        return 0.0, 0.0, 0.0
    x = half / value
    return value, max(0.0, value - half), value * (1 + x**2 / 2 + x * math.sqrt(1 + x**2 / 4))


def _conversion_rate(
    chosen: Sequence[dict[str, Any]], weight: dict[int, float], days: tuple[float, float]
) -> tuple[float, float | None, float | None]:
    visits = [event for event in chosen if event["kind"] == "visit"]
    seen = _by_day(visits, weight)
    bought = _by_day((event for event in chosen if event["kind"] == "conversion"), weight)
    total = math.fsum(seen.values())
    within = [day for day in {*seen, *bought} if days[0] <= day <= days[1]]
    share = math.fsum(bought[day] for day in within) / total
    nu = total**2 / math.fsum(value**2 for value in seen.values())
    if nu < 2 * (1 - ROUNDING):
        return 100 * share, None, None
    errors = math.fsum((bought[day] - share * seen[day]) ** 2 for day in within)
    half = quantile(nu - 1) * math.sqrt(errors / total**2 * nu / (nu - 1))
    _, low, high = _around(share, half)
    if share <= 1 + ROUNDING:
        as_trials = total**2 / math.fsum(weight[id(event)] ** 2 * _count(event) for event in visits)
        wilson = _wilson(share, as_trials)
        low, high = min(low, wilson[0]), max(high, wilson[1])
    return 100 * share, 100 * low, 100 * high


def _wilson(p: float, n_eff: float) -> tuple[float, float]:
    z2 = Z * Z / n_eff
    half = Z * math.sqrt(max(0.0, p * (1 - p) / n_eff + z2 / (4 * n_eff))) / (1 + z2)
    middle = (p + z2 / 2) / (1 + z2)
    return middle - half, middle + half


def _ratio(
    metric: str, events: Sequence[dict[str, Any]], weight: dict[int, float], n_eff: float
) -> tuple[float, float | None, float | None]:
    total = math.fsum(weight.values())

    def share(chosen: Iterable[dict[str, Any]]) -> float:
        return math.fsum(weight[id(event)] for event in chosen) / total

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
        n = n_eff + 1
        middle = (n_eff * mean + 4) / n
        spread = (n_eff * (variance + mean**2) + 25) / n - middle**2
        half = quantile(n_eff) * math.sqrt(spread / n)
        return mean, max(1, middle - half), min(7, middle + half)
    if metric == "csat":
        p = share(event for event in events if event["score"] >= 4)
    else:
        p = share(event for event in events if event["kind"] == KINDS_OF[metric][0])
    low, high = _wilson(p, n_eff)
    return 100 * p, 100 * low, 100 * high


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
            if isinstance(value, datetime) and isinstance(other, str):
                other = datetime.fromisoformat(other)  # rows of JSON
            if isinstance(value, float) and isinstance(other, (int, float)):
                if not math.isclose(other, value, rel_tol=tolerance, abs_tol=tolerance):
                    result.append(f"{name} {column}: {other}, reference {value}")
            elif other != value:
                result.append(f"{name} {column}: {other!r}, reference {value!r}")
    return result
