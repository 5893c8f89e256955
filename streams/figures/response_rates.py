"""Response rates of a period, counted in the store: by owner of the invitation, touchpoint and week."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, NamedTuple

from msgspec import Meta

from metrics.durations import WEEK_S
from metrics.figures.balances import View
from metrics.figures.response_rates import ANSWER_WINDOW_S, Invited, ResponsesBy, response_rate
from metrics.registry import COMPANY
from streams.figures.names import numbering, shown_of_cells
from streams.figures.ownership import owners_in_view
from streams.parameters import DepartmentOption, PeriodParameters
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import from_epoch, rfc3339

_ALL: Final = 2**31
"""Seconds that make one week of everything."""


class ResponseParameters(PeriodParameters, frozen=True, kw_only=True):
    """Response rates of a period."""

    renamed: ClassVar[Mapping[str, str]] = {}

    department: DepartmentOption = None
    by: Annotated[
        ResponsesBy,
        Meta(description="A row for each department, for each of its touchpoints, or for each week, newest first."),
    ] = "department"


class _HasInvitations(Row):
    has_invitations: bool


class NamedInvitations(Row):
    """Of an owner and a touchpoint by their numbers, or 0 for all; weeks are counted back from the end."""

    owner: int
    place: int
    week: int
    named: int
    answered: int
    squares: int


class InvitationCounts(Row):
    """Invitations and answers, of which `nameless` have no customer."""

    owner: int
    place_number: int
    is_open: int
    week: int
    invitations: int
    nameless: int
    answers: int
    nameless_answers: int


_INVITED: Final = query(__package__, "has_invitations", _HasInvitations)
_NAMED: Final = query(__package__, "responses", NamedInvitations)
_COUNTS: Final = query(__package__, "response_counts", InvitationCounts)


class InvitedGroup(NamedTuple):
    """Whose invitations: the company's and a department's without a touchpoint; weeks are counted back from the end."""

    department: str
    touchpoint: str
    week: int


class InvitationSpan(NamedTuple):
    """Of which time, epoch seconds.

    Attributes:
        start_s: Invitations from here on.
        end_s: Until here, and answers.
        window_s: How long an invitation is open.
        width_s: Length of what is told apart as weeks.
    """

    start_s: int
    end_s: int
    window_s: int = ANSWER_WINDOW_S
    width_s: int = _ALL

    @property
    def closed_s(self) -> int:
        """Invitations of before here are not open any more."""
        return max(self.start_s, self.end_s - self.window_s)


def invited(store: Store, compiled: CompiledRegistry, span: InvitationSpan, view: View) -> dict[InvitedGroup, Invited]:
    """What was sent and answered, of the company, of each department, and of each of its touchpoints."""
    parameters: dict[str, Any] = {
        "since": span.start_s, "until": span.end_s, "closed": span.closed_s, "width": span.width_s,
        "window": span.window_s,
    }  # fmt: skip
    if not store.fetch_one(_INVITED, parameters).has_invitations:
        return {}
    apart = numbering(shown_of_cells(store, compiled.names, span.start_s, span.end_s))
    owners = owners_in_view(compiled.attribution, view, span.end_s)
    fragments = {**owners.fragments, "place": apart.place}
    counts = store.fetch(_COUNTS, parameters, **fragments)
    answered = store.fetch(_NAMED, parameters, **fragments)
    return _sums(counts, answered, ["", *owners.names], apart.names.places)


def _sums(
    counts: Iterable[InvitationCounts], answered: Iterable[NamedInvitations], owners: Sequence[str],
    places: Sequence[str],
) -> dict[InvitedGroup, Invited]:  # fmt: skip
    sums: defaultdict[InvitedGroup, Invited] = defaultdict(Invited)
    rows = list(counts)
    with_invitations = {row.place_number for row in rows if row.invitations}
    for row in rows:
        if row.place_number not in with_invitations:
            continue  # answers where nobody is invited have nothing to do with it
        own = Invited(0, row.invitations) if row.is_open else Invited(
            row.invitations, 0, row.nameless, row.answers, row.nameless_answers
        )  # fmt: skip
        department, touchpoint = owners[row.owner], places[row.place_number - 1]
        for of in ((COMPANY, ""), (department, ""), (department, touchpoint)):
            group = InvitedGroup(*of, row.week)
            sums[group] = sums[group].plus(own)
    for one in answered:
        group = InvitedGroup(owners[one.owner] or COMPANY, places[one.place - 1] if one.place else "", one.week)
        sums[group] = sums[group].plus(Invited(answered=one.answered, squares=one.squares))
    return {group: found for group, found in sums.items() if found.invitations or found.open}


def response_rows(
    store: Store, compiled: CompiledRegistry, question: ResponseParameters, period: tuple[datetime, datetime]
) -> list[dict[str, Any]]:
    """Response rates as JSON has them, by department and touchpoint; of weeks the newest first."""
    start_s, end_s = (int(at.timestamp()) for at in period)
    span = InvitationSpan(start_s, end_s, width_s=WEEK_S if question.by == "week" else _ALL)
    groups = invited(store, compiled, span, question.view)
    chosen = [group for group in groups if _is_asked(group, question)]
    chosen.sort(key=lambda group: (group.department != COMPANY, group.department, group.touchpoint, group.week))
    return [_row(group, groups[group], span, question.view) for group in chosen]


def _is_asked(group: InvitedGroup, question: ResponseParameters) -> bool:
    if question.by == "week":
        return not group.touchpoint and group.department == (question.department or COMPANY)
    if bool(group.touchpoint) != (question.by == "touchpoint"):
        return False
    everything = question.department is None or (question.department == COMPANY and question.by == "touchpoint")
    return everything or group.department == question.department


def _row(group: InvitedGroup, sums: Invited, span: InvitationSpan, view: View) -> dict[str, Any]:
    rate = response_rate(sums)
    low, high = rate.ci or (None, None)
    to_s = span.closed_s - group.week * span.width_s
    return {
        "from": rfc3339(from_epoch(max(span.start_s, to_s - span.width_s))),
        "to": rfc3339(from_epoch(to_s)),
        "view": view,
        "department": group.department,
        "touchpoint": group.touchpoint,
        "value": rate.value,
        "ci_low": low,
        "ci_high": high,
        "n": rate.n,
        "n_eff": rate.n_eff,
        "answered": rate.answered,
        "suppressed": rate.suppressed,
        "basis": sums.basis,
        "invitations": sums.invitations,
        "open": sums.open,
        "answers": sums.answers,
    }
