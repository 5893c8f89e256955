"""The assessment: all governance figures for a period, from a registry and the counts of a store.

A figure is one row: measure, subject, and the value with its interval and sample size. So tables, JSON and panels read
all measures in the same way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isnan
from typing import Final

from metrics.durations import DAY_S
from metrics.figures.scorecards import TargetsByDepartment
from metrics.governance.attention import attention
from metrics.governance.cases import Case, loops
from metrics.governance.change import Unchanged, change
from metrics.governance.counted import Counted, GovernanceFigure, Scores, fact
from metrics.governance.coverage import bad_share
from metrics.governance.credit import RULES, credit
from metrics.governance.declared import declared_figures
from metrics.governance.dispersion import dispersion
from metrics.governance.estimates import Days, Estimate, share
from metrics.governance.handoff_figures import hand_off_figures, transition_figures
from metrics.governance.handoffs import most_frequent
from metrics.governance.journeys import Journey, Path, Step
from metrics.governance.lines import Line, churn, clarity, owned_touchpoints, without_responsibility
from metrics.governance.markov import counted_markov
from metrics.governance.measures import Measure
from metrics.governance.perception import NOBODY, Answers, kappa_of_roles, perception_of
from metrics.governance.resampling import bootstrap_counts
from metrics.governance.responsibility import lines_at, without_sponsor
from metrics.governance.shapley import EXACT_UP_TO, counted_shapley
from metrics.governance.spend import cost_per_promoter, effective_spenders, hidden_share, spent
from metrics.governance.synthetic import Change, SyntheticEffect, synthetic_effects
from metrics.governance.terms import expectation_gap, lived_estimate, weights
from metrics.registry import COMPANY, UNOWNED, Registry
from metrics.registry.attribution import Attribution

__all__ = ["Counted", "GovernanceFigure", "Scores", "assess", "followed"]

CREDIT_RULES: Final[Mapping[Measure, str]] = {
    "credit_last": "last",
    "credit_first": "first",
    "credit_linear": "linear",
    "credit_position": "position",
}


def assess(registry: Registry, counted: Counted, since_s: int, at_s: int) -> tuple[GovernanceFigure, ...]:
    """All figures of a period (epoch seconds; the start inclusive, the end exclusive), measure by measure."""
    lines = lines_at(registry, at_s - 1, counted.slices)
    frequent = most_frequent(counted.transitions)
    return (
        *_clarity(registry, lines, at_s),
        *declared_figures(registry, lines, counted.levels, since_s, at_s),
        *_ownership(registry, counted, since_s, at_s),
        *_dispersion(registry, counted, lines),
        *_perception(counted.answers, lines),
        *_listening(registry, counted),
        *_cases(counted.cases, at_s),
        *hand_off_figures(counted, frequent),
        *_credit(counted.paths),
        *_time_decay(counted.decayed),
        *_spend(registry, counted),
        *_terms(registry, counted, at_s),
        *_changes(registry, counted.days, since_s, at_s),
        *transition_figures(counted.transitions, frequent),
    )


def followed(
    registry: Registry, counted: Counted, hand_offs: tuple[int, int], since_s: int, at_s: int
) -> tuple[GovernanceFigure, ...]:
    """Of the same figures those that are followed over time: none by pair of departments, nor of credit.

    Those cost most, and more with the square of the departments; these follow what was counted. Of transitions
    `hand_offs` are enough: how many are between departments, and how many there are.
    """
    lines = lines_at(registry, at_s - 1, counted.slices)
    return (
        *_clarity(registry, lines, at_s),
        *_ownership(registry, counted, since_s, at_s),
        *_dispersion(registry, counted, lines),
        *_cases(counted.cases, at_s),
        GovernanceFigure("hand_off_share", "", share(*hand_offs)),
        *_terms(registry, counted, at_s),
    )


def _clarity(registry: Registry, lines: tuple[Line, ...], at_s: int) -> Iterator[GovernanceFigure]:
    result = clarity(lines)
    yield GovernanceFigure("clear_lines", "", result.clear)
    yield GovernanceFigure("coordination", "", result.coordinated)
    for line in result.contested:
        yield GovernanceFigure("accountable", _name(line), fact(len(line.accountable)))
    for line in result.crowded:
        yield GovernanceFigure("effective_owners_above_policy", _name(line), fact(line.cooks))
    for line in result.orphans:
        yield GovernanceFigure("orphan", _name(line), fact(line.events))
    for touchpoint in without_sponsor(registry, at_s - 1):
        yield GovernanceFigure("no_sponsor", touchpoint, fact(1))
    teams = {department.id: department.members for department in registry.departments}
    members = {name for line in lines for owner in line.accountable for name in teams.get(owner, ())}
    for name in without_responsibility((department.id for department in registry.departments), lines):
        if name not in members:
            yield GovernanceFigure("no_responsibility", name, fact(1))


def _name(line: Line) -> str:
    return " ".join(part for part in (line.touchpoint, line.facet, *line.slice) if part)


def _ownership(registry: Registry, counted: Counted, since_s: int, at_s: int) -> Iterator[GovernanceFigure]:
    unowned = sum(n for (_, owner), n in counted.owned.items() if owner == UNOWNED)
    yield GovernanceFigure("orphan_events", "", share(unowned, sum(counted.owned.values())))
    attribution = Attribution(registry)
    histories = []
    for touchpoint in registry.touchpoints:
        boundaries, owners = attribution.spans(touchpoint.id, "", "", "")
        histories.append(list(zip((-(2**62), *boundaries), owners, strict=True)))
    yield GovernanceFigure("churn", "", churn(histories, since_s, at_s))


def _dispersion(registry: Registry, counted: Counted, lines: tuple[Line, ...]) -> Iterator[GovernanceFigure]:
    yield GovernanceFigure("effective_owners", "touchpoints", dispersion(owned_touchpoints(lines)).effective_owners)
    stages = {declared.id: declared for declared in registry.touchpoints}
    events: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (touchpoint, owner), n in counted.owned.items():
        if owner != UNOWNED:
            declared = stages.get(touchpoint)
            for subject in (
                "events",
                *((f"events {declared.stage}", f"events {declared.channel}") if declared else ()),
            ):
                events[subject][owner] += n
    for subject in sorted(events):
        spread = dispersion(events[subject], sampled=True)
        yield GovernanceFigure("effective_owners", subject, spread.effective_owners)
        yield GovernanceFigure("entropy", subject, spread.entropy)
    categories = registry.spend
    for currency, owners in effective_spenders(counted.spends, categories.declared, categories.hidden).items():
        yield GovernanceFigure("effective_owners", f"spend {currency}", owners)


def _perception(answers: tuple[Answers, ...], lines: tuple[Line, ...]) -> Iterator[GovernanceFigure]:
    declared = {(line.touchpoint, line.facet): line for line in reversed(lines)}
    by_subject: defaultdict[tuple[str, str], list[Answers]] = defaultdict(list)
    for answer in answers:
        by_subject[answer.touchpoint, answer.facet].append(answer)
    for (touchpoint, facet), group in sorted(by_subject.items()):
        line = declared.get((touchpoint, facet)) or declared.get((touchpoint, "")) or Line(touchpoint)
        owner = line.accountable[0] if line.accountable else NOBODY
        result = perception_of(group, owner, line.shares or {NOBODY: 1.0})
        subject = f"{touchpoint} {facet}".strip()
        yield GovernanceFigure("perception_distance", subject, result.distance)
        yield GovernanceFigure("perception_agreement", subject, result.agreement)
        yield GovernanceFigure("dont_know", subject, result.dont_know)
    roles = sorted({answer.role for answer in answers})
    for i, role in enumerate(roles):
        for other in roles[i + 1 :]:
            yield GovernanceFigure("kappa", f"{role} / {other}", kappa_of_roles(answers, role, other))


def _listening(registry: Registry, counted: Counted) -> Iterator[GovernanceFigure]:
    for touchpoint in dict.fromkeys((*(declared.id for declared in registry.touchpoints), *sorted(counted.scores))):
        scores = counted.scores.get(touchpoint, Scores(0, 0))
        yield GovernanceFigure(
            "answers", touchpoint, Estimate(scores.scored, None, scores.scored, float(scores.scored))
        )
        if scores.scored:
            yield GovernanceFigure("bad_share", touchpoint, bad_share(scores.bad, scores.scored))


def _cases(cases: tuple[Case, ...], at_s: int) -> Iterator[GovernanceFigure]:
    for department, loop in loops(cases, at_s).items():
        yield GovernanceFigure("open_cases", department, fact(loop.open))
        if loop.oldest_s is not None:
            yield GovernanceFigure("oldest_case_s", department, fact(loop.oldest_s))
        yield GovernanceFigure("time_to_close_s", department, loop.time_to_close_s)
        yield GovernanceFigure("resolved", department, loop.resolved)
        yield GovernanceFigure("confirmed_by_customer", department, loop.confirmed)


def _credit(paths: tuple[Path, ...]) -> Iterator[GovernanceFigure]:
    converted = sum(path.converted for path in paths)
    journeys = [Journey(tuple(map(Step, path.departments)), True, path.converted) for path in paths if path.converted]
    for measure, rule in CREDIT_RULES.items():
        for name, part in sorted(credit(journeys, RULES[rule]).items()):
            yield GovernanceFigure(measure, name, share(part, converted))
    for name, estimate in sorted(bootstrap_counts(paths, counted_markov(paths)).items()):
        yield GovernanceFigure("credit_markov", name, estimate)
    # Above that number a value is an average over random orders: their bootstrap would take minutes.
    if len({name for path in paths for name in path.departments}) <= EXACT_UP_TO:
        for name, estimate in sorted(bootstrap_counts(paths, counted_shapley(paths)).items()):
            yield GovernanceFigure("credit_shapley", name, estimate)


def _time_decay(decayed: Mapping[str, float]) -> Iterator[GovernanceFigure]:
    converted = sum(decayed.values())
    for name, part in sorted(decayed.items()):
        yield GovernanceFigure("credit_time_decay", name, share(part, converted))


def _spend(registry: Registry, counted: Counted) -> Iterator[GovernanceFigure]:
    for currency, estimate in hidden_share(counted.spends, registry.spend.declared, registry.spend.hidden).items():
        yield GovernanceFigure("hidden_spend", currency, estimate)
    for (subject, currency), amount in sorted(spent(counted.spends).items()):
        promoters = counted.promoters.get(subject)
        if promoters is not None and promoters.customers and amount > 0:
            cost = cost_per_promoter(amount, promoters.before, promoters.after, promoters.customers)
            yield GovernanceFigure("cost_per_promoter", f"{subject} {currency}", cost)


def _terms(registry: Registry, counted: Counted, at_s: int) -> Iterator[GovernanceFigure]:
    by_kind = attention(registry, counted)
    for kind, counts in by_kind.items():
        if counts.n:
            yield GovernanceFigure("long_term_weight_lived", kind, lived_estimate({kind: counts}))
    targets = registry.targets_at(at_s)
    of_company = TargetsByDepartment(targets).of(COMPANY).values()
    weight = weights(((target.metric, target.weight) for target in of_company), by_kind)
    if weight.declared is not None:
        yield GovernanceFigure("long_term_weight_declared", "", fact(weight.declared))
    lived = lived_estimate(by_kind)
    if lived.n:
        yield GovernanceFigure("long_term_weight_lived", "", lived)
        if weight.declared is not None:
            difference = weight.gap if lived.value is not None else None
            yield GovernanceFigure("long_term_weight_gap", "", replace(lived, value=difference))
    for target in targets:
        if target.department is None and target.metric in counted.success:
            gap = expectation_gap(target.metric, target.internal, target.customer, counted.success[target.metric])
            yield GovernanceFigure("success_learnt", target.metric, gap.learnt)
            yield GovernanceFigure("expectation_gap", target.metric, gap.gap)


def _changes(registry: Registry, days: Mapping[str, Days], since_s: int, at_s: int) -> Iterator[GovernanceFigure]:
    attribution = Attribution(registry)
    changes: dict[str, Change] = {}
    for touchpoint in days:
        boundaries, owners = attribution.spans(touchpoint, "", "", "")
        moved = [b for b, x, y in zip(boundaries, owners, owners[1:], strict=False) if x != y]
        inside = [boundary for boundary in moved if since_s < boundary < at_s]
        if inside:
            # The day of a change belongs to neither side, unless the change is at its start.
            first, earliest = (-(-boundary // DAY_S) for boundary in (inside[-1], inside[0]))
            before = [-(-boundary // DAY_S) for boundary in moved if boundary < inside[-1]]
            changes[touchpoint] = Change(first, max(before, default=since_s // DAY_S), earliest)
    others = Unchanged([moments for touchpoint, moments in days.items() if touchpoint not in changes])
    for touchpoint, item in sorted(changes.items()):
        result = change(days[touchpoint], others, item.first_day)
        yield GovernanceFigure("change_moved", touchpoint, result.moved)
        yield GovernanceFigure("change_effect", touchpoint, result.effect)
        yield GovernanceFigure("change_trend_before", touchpoint, result.trend)
    effects = synthetic_effects(changes, days, -(-since_s // DAY_S), at_s // DAY_S)
    for touchpoint, found in sorted(effects.items()):
        yield GovernanceFigure("change_synthetic", touchpoint, found.effect, found.reason)
        if found.placebos and not isnan(found.p):
            p = Estimate(found.p, None, found.placebos, float(found.placebos))
            yield GovernanceFigure("change_placebo_p", touchpoint, p, found.reason)
        yield from _event_study(touchpoint, found)


def _event_study(touchpoint: str, found: SyntheticEffect) -> Iterator[GovernanceFigure]:
    for week, effect in found.study.weeks:
        subject = f"{touchpoint} week {week:+d}".strip()
        yield GovernanceFigure("change_week", subject, effect, found.reason, week)
    if found.study.weeks:
        p = Estimate(found.study.leads_p, None, found.placebos, float(found.placebos))
        yield GovernanceFigure("change_leads_p", touchpoint, p, found.reason)
