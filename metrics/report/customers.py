"""Findings about customers and about those who serve them: drift, hand-offs, success, perception, cases."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from metrics.drift.contributions import EXPLAINS
from metrics.drift.subjects import SUBJECTS
from metrics.durations import DAY_S
from metrics.figures.balances import Balance
from metrics.figures.sample_sizes import makes_uncertain
from metrics.governance.estimates import Estimate, share
from metrics.governance.evidence import p_value, sign_test
from metrics.governance.perception import DONT_KNOW, NOBODY
from metrics.registry import UNOWNED
from metrics.report.findings import Claim, Finding, Material, MetricInAlarm, Support, scaled
from metrics.report.responsibilities import SATISFACTION_POINTS

LEAST_GAP: Final = 0.02
"""Two points of a hundred: a hand-off that costs less is not worth a meeting's time, however certain it is."""
MAJORITY: Final = 0.5
"""A role is mistaken about an owner if fewer than half of its answers name the declared one."""
MANY_CASES: Final = 5


def drifts(material: Material) -> Iterator[Finding]:
    """Metrics in alarm, with the figure before and since, and what nobody watches. False alarms have a budget.

    An alarm about what has no observation in the period, or none to compare with, tells neither good news nor bad.
    """
    figures = {(row.department, row.metric): _estimate(row) for row in material.balances if row.horizon == "short"}
    for alarm in sorted(material.drifts, key=lambda alarm: (alarm.since_s, alarm.department, alarm.metric)):
        # Of a volume no event is a figure too: it has fallen to nothing.
        is_silent = SUBJECTS[alarm.metric].manner != "volume" and material.is_silent((alarm.department, alarm.metric))
        if is_silent or alarm.before is None or alarm.after is None:
            yield Finding("drift_unclear", alarm.department, metric=alarm.metric, since_s=alarm.since_s)
        else:
            yield _drift(alarm)
    departments = {item.id for item in material.registry.departments}
    there = {pair: estimate.n for pair, estimate in figures.items() if estimate.n and pair[0] in departments}
    # What is most about comes first: not all of them may find a place.
    unwatched = sorted(there.keys() - set(material.watched), key=lambda pair: (-there[pair], pair))
    if unwatched:
        names = " ".join(map("/".join, unwatched))
        yield Finding("unwatched", other=names, estimate=Estimate(float(len(unwatched)), None, 0, 0.0))


def _drift(alarm: MetricInAlarm) -> Finding:
    is_moved = alarm.moved_share > EXPLAINS
    return Finding(
        f"{'moved' if is_moved else 'drift'}_{alarm.direction}",
        alarm.department,
        metric=alarm.metric,
        other=" ".join(alarm.moved) if is_moved else "",
        # Without an interval: the detector has chosen when the stretch begins, which no interval allows for.
        estimate=Estimate(alarm.after, None, alarm.n, float(alarm.n)),
        against=min(1.0, alarm.moved_share) if is_moved else None,
        since_s=alarm.since_s,
        before=alarm.before,
    )


def _estimate(row: Balance) -> Estimate:
    ci = None if row.ci_low is None or row.ci_high is None else (row.ci_low, row.ci_high)
    return Estimate(row.value, ci, row.n, row.n_eff)


def hand_offs(material: Material) -> Iterator[Claim | Finding]:
    """Who should talk to each other: pairs of departments with less, or more, satisfaction than inside a department."""
    unclear = 0
    for pair, gap in material.of("hand_off_like_gap").items():
        giver, taker = pair.split(" > ")
        if UNOWNED in (giver, taker):
            continue
        if gap.value is None or gap.is_uncertain:
            unclear += 1
            continue
        kind = "bad_hand_off" if gap.value < 0 else "good_hand_off"
        small = abs(gap.value) < LEAST_GAP
        p = 1.0 if small else p_value(gap, freedom=gap.n_eff - 1)
        yield Claim(p, Finding(kind, taker, other=giver, estimate=scaled(gap, SATISFACTION_POINTS)))
    if unclear:
        yield Finding("hand_offs_unclear", estimate=Estimate(float(unclear), None, 0, 0.0))


def success(material: Material) -> Iterator[Claim | Finding]:
    """The customers' idea of success compared with the company's targets."""
    learnt = material.of("success_learnt")
    targets = {target.metric: target.internal for target in material.targets if target.department is None}
    for metric, estimate in learnt.items():
        counts, target = material.counted.success[metric], targets[metric]
        above = sum(n for value, n in counts.items() if value > target)
        below = sum(n for value, n in counts.items() if value < target)
        if not estimate.is_uncertain and above != below:
            kind = "expect_more" if above > below else "expect_less"
            yield Claim(sign_test(above, below), Finding(kind, metric=metric, estimate=estimate, against=target))
    if targets and not learnt:
        yield Finding("no_success_answers")


def perception(material: Material) -> Iterator[Claim | Finding]:
    """Who people think owns it: roles of which fewer than half name the department that the registry declares."""
    declared = {(line.touchpoint, line.facet): line.accountable for line in reversed(material.lines)}
    answers: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    right = named = 0
    for answer in material.counted.answers:
        answers[answer.touchpoint, answer.facet, answer.role][answer.answer] += answer.n
    for (touchpoint, facet, role), counts in sorted(answers.items()):
        owners = declared.get((touchpoint, facet)) or declared.get((touchpoint, "")) or ()
        if len(owners) != 1:
            continue
        knowing = counts.total() - counts[DONT_KNOW]
        right, named = right + counts[owners[0]], named + knowing
        agreed = share(counts[owners[0]], knowing)
        if agreed.value is not None and not agreed.is_uncertain:
            p = p_value(agreed, MAJORITY) / 2
            other, support = _believed(counts, owners[0])
            yes = Finding("mistaken_owner", owners[0], touchpoint, other, role=role, estimate=agreed, support=support)
            yield Claim(p if agreed.value < MAJORITY else 1 - p, yes)
    overall = share(right, named)
    if overall.ci is not None and overall.ci[0] > MAJORITY and not overall.is_uncertain:
        yield Finding("agreement", estimate=overall)
    if not material.counted.answers:
        yield Finding("no_ownership_answers")


def _believed(counts: Counter[str], declared: str) -> tuple[str, Support]:
    """Who is named most, but for the declared owner, and how many name it among all that were asked."""
    others = sorted(
        (name for name in counts if name not in (declared, DONT_KNOW)), key=lambda name: (-counts[name], name)
    )
    if not others:
        return NOBODY, "minority"
    other, *rest = others
    if counts[other] > MAJORITY * counts.total():
        return other, "majority"
    return other, "plurality" if counts[other] > max(counts[name] for name in (declared, *rest)) else "minority"


def listening(material: Material) -> Iterator[Finding]:
    """Touchpoints with too few answers, waiting cases, and departments whose customers confirm closed cases."""
    for name, estimate in material.of("confirmed_by_customer").items():
        if name != UNOWNED and not estimate.is_uncertain and estimate.ci is not None and estimate.ci[0] > 0.8:
            yield Finding("confirmed", name, estimate=estimate)
    ages = material.of("oldest_case_s")
    waiting = [(item.value or 0, name) for name, item in material.of("open_cases").items() if name in ages]
    for number, name in sorted(waiting, key=lambda item: (-item[0], item[1])):
        if number >= MANY_CASES:
            days = (ages[name].value or 0) / DAY_S
            yield Finding("open_cases", name, estimate=Estimate(number, None, 0, 0.0), against=days)
    owners = {line.touchpoint: line.accountable for line in reversed(material.lines)}
    for touchpoint, estimate in sorted(material.of("answers").items(), key=lambda item: (item[1].n, item[0])):
        if makes_uncertain(estimate.n_eff):
            owner = next(iter(owners.get(touchpoint, ())), UNOWNED)
            yield Finding("unheard", owner, touchpoint, estimate=Estimate(None, None, estimate.n, estimate.n_eff))
