"""What an alert says: one sentence with names, figures and since when; then who owns it, what contributes, what to do.

A department head reads the sentence alone, in a message: so it holds whatever is needed to decide. It is in English.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from metrics.catalogue import METRICS, SCORE_RANGES
from metrics.drift.contributions import ALL_OF_IT, Contribution
from metrics.drift.myopia import IndexChanges
from metrics.durations import DAY_S
from metrics.registry import UNOWNED, Registry
from metrics.registry.names import is_other
from metrics.report.alert_facts import AlertText, DriftFacts, QualityFacts, Unanswered
from metrics.report.frame import sentence
from metrics.report.localise import digits_of
from metrics.report.texts_en import ENGLISH

_MOST_NAMED: Final = 3
"""So many touchpoints are named, the others counted: a text has an end, however many there are."""
_LEAST_SHARE: Final = 0.1
"""Least share of a change that is named."""
LEAD_S: Final = 14 * DAY_S
"""A dashboard begins so long before a drift: what was usual is seen as well."""
_PER_DAY: Final = " a day"
_WEEKS_BEFORE: Final = 4
"""The companions of drift compare a week with so many before it."""
_DRIFTED: Final = {"down": ("fell", "fallen", "down"), "up": ("rose", "risen", "up")}
_COUNTED: Final = {"retention": "renewals and churns", "repeat_rate": "purchases"}


class AlertWriter:
    """Writes alerts in the names of a registry, with dates by the company's clocks."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._departments = {item.id: item.name for item in registry.departments} | {UNOWNED: "nobody"}
        self._touchpoints = {item.id: item.name for item in registry.touchpoints}

    def drift(self, facts: DriftFacts) -> AlertText:
        """A metric of a department has drifted."""
        name = sentence(str(ENGLISH.metrics[facts.metric])).removesuffix(_PER_DAY)
        summary = f"{self._department(facts.department)}: {self._moved(facts, name)}"
        contributes = self._contributes(facts.parts[:1])
        description = [
            f"Owner: {self._owner(facts.department)}.",
            self._contributes(facts.parts[1:_MOST_NAMED]),
            self._changes(facts),
            self._advice(facts),
        ]
        lead = [contributes, "A change of ownership explains most of it." if facts.is_explained else ""]
        return AlertText(_joined(summary, *lead), _joined(*description), name, facts.since_s - LEAD_S)

    def myopia(self, department: str, of: IndexChanges) -> AlertText:
        """A department's short-term index has risen while its long-term index has fallen."""
        summary = (
            f"{self._department(department)}: the short-term index rose from {of.short.before:.0f} to "
            f"{of.short.now:.0f} while the long-term index fell from {of.long.before:.0f} to {of.long.now:.0f}, "
            "within eight weeks (100: every target met)."
        )
        advice = (
            "What to do: find out what began when the two parted, such as a campaign, a discount or fewer people on "
            "the telephone. If it is intended, note until when."
        )
        return AlertText(summary, f"Owner: {self._owner(department)}. {advice}")

    def silent(self, department: str, touchpoints: Sequence[tuple[str, int]], at_s: int) -> AlertText:
        """Touchpoints of a department send nothing any more, although they used to."""
        shown = [(self._touchpoint(name), self._minute(last_s, at_s)) for name, last_s in touchpoints[:_MOST_NAMED]]
        if len(touchpoints) == 1:
            [(name, since)] = shown
            what = f"{name} has sent no events {since}"
        else:
            listed = _listed([f"{name} ({since})" for name, since in shown], len(touchpoints))
            what = f"{len(touchpoints)} touchpoints have sent no events: {listed}"
        return AlertText(
            f"{self._department(department)}: {what}.",
            f"Owner: {self._owner(department)}. What to do: look at the service that publishes these events, then "
            "publish what it has kept. If the touchpoint was closed, end its ownership rule.",
            _listed([name for name, _ in shown], len(touchpoints)),
        )

    def sample(self, department: str, before: int, now: int) -> AlertText:
        """A department has far fewer answers in a week than in one of the four weeks before."""
        return AlertText(
            f"{self._department(department)}: {ENGLISH.number(now, 0)} answers in the last 7 days, instead of about "
            f"{ENGLISH.number(before / _WEEKS_BEFORE, 0)}: its figures rest on little data.",
            f"Owner: {self._owner(department)}. What to do: check whether surveys are still sent, and whether answers "
            "are rejected.",
        )

    def responses(self, department: str, touchpoints: Sequence[Unanswered]) -> AlertText:
        """Invitations to surveys at touchpoints of a department are answered far less than before."""
        shown = [
            f"{self._touchpoint(of.touchpoint)} ({_percent(of.after / 100)} of {ENGLISH.number(of.n, 0)} invitations, "
            f"{_percent(of.before / 100)} in the four weeks before)"
            for of in touchpoints[:_MOST_NAMED]
        ]
        names = [self._touchpoint(of.touchpoint) for of in touchpoints[:_MOST_NAMED]]
        return AlertText(
            f"{self._department(department)}: invitations to surveys are hardly answered any more at "
            f"{_listed(shown, len(touchpoints))}.",
            f"Owner: {self._owner(department)}. What to do: open the survey as a customer does, from the link of an "
            "invitation; then check that invitations arrive, and that answers are published.",
            _listed(names, len(touchpoints)),
        )

    def unowned(self, facts: QualityFacts) -> AlertText:
        """More events than usual have no owner."""
        before, now = _shares(facts.events, UNOWNED)
        names = [self._touchpoint(name) for name in facts.unowned_from[:_MOST_NAMED]]
        where = f"They come from {_listed(names, len(facts.unowned_from))}." if names else ""
        return AlertText(
            f"{_percent(now)} of the events of the last 7 days have no owner, {_percent(before)} in the four weeks "
            "before.",
            _joined(where, "What to do: add an ownership rule for them to the registry."),
        )

    def owner_mix(self, facts: QualityFacts) -> AlertText:
        """The departments' shares of all events have shifted."""
        shares = {owner: _shares(facts.events, owner) for owner in facts.events}
        ranked = sorted(shares.items(), key=lambda item: (-abs(item[1][1] - item[1][0]), item[0]))
        clauses = [
            f"{self._department(owner)} has {_percent(now)} of them, {_percent(before)} before"
            for owner, (before, now) in ranked[:_MOST_NAMED]
        ]
        return AlertText(
            f"Events have shifted between departments: {clauses[0]}." if clauses else "Events have shifted.",
            _joined(
                f"{sentence('; '.join(clauses[1:]))}." if clauses[1:] else "",
                "What to do: if touchpoints were meant to move, nothing; else check who publishes what.",
            ),
        )

    def _moved(self, facts: DriftFacts, name: str) -> str:
        past, participle, way = _DRIFTED[facts.direction]
        since = self._since(facts.since_s, facts.at_s)
        if facts.before is None or facts.after is None:
            return f"{name} has {participle} {since}."
        before, after = (_figure(facts.metric, value) for value in (facts.before, facts.after))
        behind = f"({ENGLISH.number(facts.n, 0)} {_counted(facts.metric)})"
        if before != after and (facts.after > facts.before) == (facts.direction == "up"):
            before = before.removesuffix(" points").removesuffix(_PER_DAY)
            return f"{name} {past} from {before} to {after} {since} {behind}."
        # Against the rhythm of the week it has; a mean of the whole stretch does not show it.
        return f"{name} has drifted {way} {since}: {after}, {before} in the baseline {behind}."

    def _contributes(self, parts: Sequence[Contribution]) -> str:
        clauses = [
            f"{self._touchpoint(part.group)} accounts for {_share(part.share)}"
            for part in parts
            if part.share is not None and part.share >= _LEAST_SHARE
        ]
        return f"{sentence(', '.join(clauses))}." if clauses else ""

    def _changes(self, facts: DriftFacts) -> str:
        moved = [
            f"{self._touchpoint(item.touchpoint)} passed from {self._department(item.old)} to "
            f"{self._department(item.new)} {ENGLISH.date(item.at_s, 'on', with_year=False, zone=self._registry.zone)}"
            for item in facts.changes[:_MOST_NAMED]
        ]
        if not moved:
            return "" if facts.is_explained else "No change of ownership explains it."
        clauses = _listed(moved, len(facts.changes))
        return f"{sentence(clauses)}{'' if facts.is_explained else ', which does not explain it'}."

    def _advice(self, facts: DriftFacts) -> str:
        if facts.is_explained:
            return "What to do: check with the owner before that it was meant, then create a new baseline."
        where = f" at {self._touchpoint(facts.parts[0].group)}" if facts.parts else ""
        day = ENGLISH.date(facts.since_s, "on", with_year=False, zone=self._registry.zone).removeprefix("on ")
        ask = f"What to do: find out what changed{where} around {day}."
        if facts.direction == "up":
            return f"{ask} If nothing was done for it, check that surveys and sources are as they were."
        return f"{ask} If it was wanted, note it and create a new baseline; else fix it: the alert ends by itself."

    def _owner(self, department: str) -> str:
        sponsor = self._registry.sponsor
        return self._department(department) + (f" (sponsor: {sponsor})" if sponsor else "")

    def _department(self, name: str) -> str:
        return self._departments.get(name, name)

    def _touchpoint(self, name: str) -> str:
        if is_other(name):
            return ENGLISH.others
        names = self._touchpoints.get(name, {})
        return names.get(ENGLISH.code) or next(iter(names.values()), name)

    def _since(self, since_s: int, at_s: int) -> str:
        zone = self._registry.zone
        same_year = zone.local(since_s).year == zone.local(at_s).year
        return ENGLISH.date(since_s, "since", with_year=not same_year, zone=zone)

    def _minute(self, since_s: int, at_s: int) -> str:
        return f"{self._since(since_s, at_s)}, {self._registry.zone.local(since_s):%H:%M}"


def _figure(metric: str, value: float) -> str:
    """A metric's value as people write it, with its unit.

    >>> [_figure(*item) for item in (("csat", 74.44), ("ces", 5.4), ("nps", -3), ("traffic", 1234.5), ("traffic", 3))]
    ['74.4 %', '5.40', '-3.0 points', '1,234 a day', '3.00 a day']
    """
    number = ENGLISH.number(value, digits_of(metric, value))
    return number + {"%": " %", "points": " points", "a day": _PER_DAY}.get(METRICS[metric].unit, "")


def _counted(metric: str) -> str:
    if metric in SCORE_RANGES:
        return "answers"
    return _COUNTED.get(metric, "visits" if metric == "conversion_rate" else "events")


def _share(share: float) -> str:
    return "all of it, others offset a part" if share > ALL_OF_IT else f"{100 * share:.0f} %"


def _shares(events: Mapping[str, tuple[int, int]], owner: str) -> tuple[float, float]:
    """The share of an owner in all events, before and in the last week, 0..1."""
    totals = (sum(counts[side] for counts in events.values()) for side in (0, 1))
    own = events.get(owner, (0, 0))
    before, now = (part / max(1, whole) for part, whole in zip(own, totals, strict=True))
    return before, now


def _percent(share: float) -> str:
    return f"{ENGLISH.number(100 * share, 1)} %"


def _listed(names: Sequence[str], count: int) -> str:
    """Names in a row; those that are left out of `count` are counted.

    >>> _listed(["a"], 1), _listed(["a", "b"], 2), _listed(["a", "b", "c"], 5)
    ('a', 'a and b', 'a, b, c and 2 more')
    """
    last = [f"{count - len(names)} more"] if count > len(names) else []
    *first, end = [*names, *last]
    return f"{', '.join(first)} and {end}" if first else end


def _joined(*sentences: str) -> str:
    return " ".join(text for text in sentences if text)
