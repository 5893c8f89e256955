"""Closing the loop: cases, how long they stay open, and whether customers agree that they are closed."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import sqrt

from metrics.figures.intervals import Z
from metrics.governance.estimates import NO_ESTIMATE, Estimate, share


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        department: The department that owns it.
        opened_s: Epoch seconds.
        closed_s: Epoch seconds; None while it is open.
        resolved: Whether the company calls it resolved; None while it is open.
        confirmed: Whether the customer agrees; None if the customer was not asked.
        touchpoint: The touchpoint where it was opened.
    """

    department: str
    opened_s: int
    closed_s: int | None = None
    resolved: bool | None = None
    confirmed: bool | None = None
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that waits to be closed.

    Attributes:
        case_id: Its id, unique at its source.
        source: The service that reports it.
        department: The department that owns it.
        touchpoint: Where it was opened.
        opened_s: Epoch seconds.
    """

    case_id: str
    source: str
    department: str
    touchpoint: str
    opened_s: int

    def age_s(self, at_s: int) -> int:
        """How long it has been open at an instant (epoch seconds), in seconds.

        >>> OpenCase("2026-118", "crm", "it", "web.cart", 60).age_s(180)
        120
        """
        return at_s - self.opened_s


def chosen_cases(
    cases: Iterable[OpenCase], department: str | None = None, touchpoint: str | None = None
) -> list[OpenCase]:
    """The cases of a department and of a touchpoint, the oldest first; None is any.

    >>> a, b = OpenCase("a", "crm", "it", "web.cart", 120), OpenCase("b", "crm", "it", "phone", 60)
    >>> [case.case_id for case in chosen_cases([a, b])], chosen_cases([a, b], touchpoint="phone") == [b]
    (['b', 'a'], True)
    """
    kept = (case for case in cases if department in (None, case.department) and touchpoint in (None, case.touchpoint))
    return sorted(kept, key=lambda case: (case.opened_s, case.source, case.case_id))


@dataclass(frozen=True, slots=True)
class Loop:
    """How a department closes the loop.

    Attributes:
        open: How many cases are open.
        oldest_s: Age of the oldest open case, seconds; None if none is open.
        time_to_close_s: Median, seconds. Open cases count with their waiting time so far, so that a
            department does not look quick because it leaves slow cases open; None while more than half are open.
        resolved: Share of the closed cases that the company calls resolved, 0..1.
        confirmed: Share of the customers asked who agree, 0..1.
    """

    open: int
    oldest_s: int | None
    time_to_close_s: Estimate
    resolved: Estimate
    confirmed: Estimate


def loops(cases: Iterable[Case], at_s: int) -> dict[str, Loop]:
    """How each department closes the loop, as known at an instant (epoch seconds).

    >>> found = loops([Case("it", 0, 60, True, True), Case("it", 0, 120, True, False), Case("it", 60)], 180)["it"]
    >>> found.open, found.oldest_s, found.time_to_close_s.value, found.confirmed.value
    (1, 120, 120.0, 0.5)
    """
    by_department: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.opened_s <= at_s:
            by_department[case.department].append(case)
    return {department: _loop(kept, at_s) for department, kept in sorted(by_department.items())}


def _loop(cases: Collection[Case], at_s: int) -> Loop:
    closed = [case for case in cases if case.closed_s is not None and case.closed_s <= at_s]
    waiting = [at_s - case.opened_s for case in cases if case.closed_s is None or case.closed_s > at_s]
    took = [case.closed_s - case.opened_s for case in closed if case.closed_s is not None]
    confirmations = [case.confirmed for case in closed if case.confirmed is not None]
    return Loop(
        open=len(waiting),
        oldest_s=max(waiting, default=None),
        time_to_close_s=median_time(took, waiting),
        resolved=share(sum(case.resolved is True for case in closed), len(closed)),
        confirmed=share(sum(confirmations), len(confirmations)),
    )


def median_time(took: Collection[float], waiting: Collection[float]) -> Estimate:
    """The median of durations, some of which have not ended (Kaplan, Meier 1958).

    Args:
        took: Durations that have ended.
        waiting: Durations that go on, so far; in the same unit.

    Returns:
        The median in that unit, None if it is beyond the data; the interval of Brookmeyer and Crowley (1982), None if
        it has no upper end yet. n counts all durations, n_eff those that have ended.

    >>> median_time([1, 2, 3], []).value, median_time([1], [5, 6]).value
    (2.0, None)
    """
    n = len(took) + len(waiting)
    if not n:
        return NO_ESTIMATE
    alive, greenwood, middle = 1.0, 0.0, None
    plausible: list[float] = []
    bounded = False
    for time in sorted(set(took)):
        at_risk = sum(duration >= time for duration in took) + sum(duration >= time for duration in waiting)
        ended = sum(duration == time for duration in took)
        alive *= 1 - ended / at_risk
        greenwood += ended / (at_risk * (at_risk - ended)) if at_risk > ended else 0.0
        middle = float(time) if middle is None and alive <= 0.5 + 1e-12 else middle
        if abs(alive - 0.5) <= Z * alive * sqrt(greenwood):
            plausible.append(float(time))
        elif alive < 0.5:
            bounded = True
            plausible.append(float(time))
            break
    ci = (plausible[0], plausible[-1]) if bounded and middle is not None else None
    return Estimate(middle, ci, n, float(len(took)))
