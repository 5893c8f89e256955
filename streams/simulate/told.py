"""What a simulated company has planted, for those who look at it: as metrics of departments, and in words."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from metrics.drift.subjects import SUBJECTS
from streams.simulate.company import SIMULATED_COMPANY, Company

Owner = Callable[[str, datetime], str]
"""Who owns a touchpoint at an instant."""


def planted_pairs(
    owner: Owner, start: datetime, end: datetime, company: Company = SIMULATED_COMPANY
) -> frozenset[tuple[str, str]]:
    """Return department and metric of everything that what is planted between two instants can move.

    A metric counts as soon as one kind of its events is touched at one touchpoint that the department owns at the
    start or at the end: the rate of conversion moves with the number of visits.
    """
    return frozenset(
        (owner(touchpoint, at), metric)
        for effect in company.effects(start, end)
        if effect.begins < end.timestamp()
        for touchpoint in effect.touchpoints
        for metric in _metrics(_kinds_at(company, touchpoint) & effect.kinds)
        for at in (start, end)
    )


def planted_in_words(
    owner: Owner, start: datetime, end: datetime, company: Company = SIMULATED_COMPANY
) -> Iterator[str]:
    """Yield what is planted between two instants: one sentence each, without a full stop."""
    drift, change, myopia = company.drift, company.owner_change, company.myopia
    yield (
        f"a sudden drift: {drift.kind} at {drift.touchpoint} ({owner(drift.touchpoint, end)}) {_moves(drift.score)} "
        f"from {_day(end - drift.lead)} on, within {drift.ramp.days} days"
    )
    up = _listed(_by_name(kind for kind, times in myopia.volume.items() if times > 1))
    down = _listed(_by_name({*(kind for kind, times in myopia.volume.items() if times < 1), *myopia.scored}))
    who = _listed(sorted({owner(touchpoint, end) for touchpoint in myopia.touchpoints}))
    yield (
        f"a slow myopia: {who} buys {up} with {down}, little by little since {_day(start)} "
        f"(at {_listed(sorted(myopia.touchpoints))})"
    )
    if start <= change.on < end:
        old, new = owner(change.touchpoint, start), owner(change.touchpoint, end)
        passes = f"{change.touchpoint} passes from {old} to {new}" if old != new else f"{change.touchpoint} changes"
        yield (
            f"a change of owner: {passes} on {_day(change.on)}, and what people answer about it {_moves(change.score)}"
        )


def _by_name(kinds: Iterable[str]) -> list[str]:
    """The metric that each kind is counted in: of several the one that needs least else."""
    chosen = (
        min((s for s in SUBJECTS.values() if kind in s.kinds), key=lambda s: (len(s.kinds), s.metric), default=None)
        for kind in sorted(kinds)
    )
    return [subject.metric for subject in chosen if subject]


def _metrics(kinds: frozenset[str]) -> list[str]:
    return [metric for metric, subject in SUBJECTS.items() if kinds & set(subject.kinds)]


def _kinds_at(company: Company, touchpoint: str) -> frozenset[str]:
    return frozenset(kind for plan in company.touchpoints if plan.id == touchpoint for kind in plan.kinds)


def _moves(score: float) -> str:
    return "falls" if score < 0 else "rises"


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B}"


def _listed(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
