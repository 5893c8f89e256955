"""The JSON API: what each route answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, get_args

from aiohttp import web

from metrics.catalogue import METRICS
from metrics.durations import DEFAULT_PERIOD
from metrics.events.rejection import Reason
from metrics.figures.balances import Balance, View
from metrics.figures.scorecards import Scorecard
from metrics.report.localise import LANGUAGES
from streams.drift import explanation, repository
from streams.figures import snapshot
from streams.figures.snapshot import Snapshot
from streams.governance import report
from streams.governance.counting import Question, as_rows, compute
from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher
from streams.store import rejected as refusals
from streams.store.client import Store
from streams.timestamps import parse_instant, rfc3339
from streams.web import registry_json, touchpoints

QUERY_DEADLINE_S: Final = 10.0
PASS_DEADLINE_S: Final = 60.0
"""Of governance and the report, which pass over the facts of a period: ten million of them take some twenty seconds."""
QUERIES_AT_ONCE: Final = 4
MOST_REFUSALS: Final = 500
# A page of its own with its style inside of it: it may load nothing, not even from here.
REPORT_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "md": {"content_type": "text/markdown"},
    "html": {"content_type": "text/html", "headers": {"Content-Security-Policy": report.POLICY}},
}

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Site:
    """What is served.

    Attributes:
        store: Asked for figures of other instants than now.
        registry: Who owns what.
        telemetry: The series.
        latest: The refresher's last snapshot; None on workers that do not refresh.
        ready: Why the worker is not ready, "" when it is.
    """

    store: Store
    registry_watcher: RegistryWatcher
    telemetry: Telemetry
    latest: Callable[[], Snapshot | None]
    ready: Callable[[], str]


class BadParameter(ValueError):
    """A parameter that cannot be meant."""


class Api:
    """The handlers of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._slots = asyncio.Semaphore(QUERIES_AT_ONCE)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """What Prometheus scrapes."""
        body = await asyncio.to_thread(self._site.telemetry.exposition)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def health(self, request: web.Request) -> web.StreamResponse:
        """Alive."""
        return web.json_response({"status": "alive"})

    async def ready(self, request: web.Request) -> web.StreamResponse:
        """Whether it works, and why not."""
        reason = self._site.ready()
        return web.json_response({"ready": not reason, "reason": reason}, status=503 if reason else 200)

    async def balances(self, request: web.Request) -> web.StreamResponse:
        """Figures of an instant."""
        query = _parameters(request, {"at", "view", "department", "metric", "horizon"})
        view = _view(query)
        wanted = {name: query[name] for name in ("department", "metric", "horizon") if name in query}
        rows = [
            row
            for row in (await self._figures(query)).balances[view]
            if all(getattr(row, name) == value for name, value in wanted.items())
        ]
        return _rows(rows)

    async def scorecards(self, request: web.Request) -> web.StreamResponse:
        """Indices of an instant."""
        query = _parameters(request, {"at", "view", "department"})
        cards = (await self._figures(query)).scorecards[_view(query)]
        return _rows([card for card in cards if query.get("department", card.department) == card.department])

    async def drift(self, request: web.Request) -> web.StreamResponse:
        """Every change of state."""
        _parameters(request, set())
        rows = await self._ask(lambda: repository.alarms(self._site.store))
        return web.json_response([_plain(row.as_dict()) for row in rows])

    async def drift_now(self, request: web.Request) -> web.StreamResponse:
        """What is in alarm at an instant, with its story."""
        query = _parameters(request, {"at"})
        at, site = _instant(query, "at") or datetime.now(UTC), self._site
        rows = await self._ask(lambda: explanation.drifting(site.store, site.registry_watcher.current, at))
        return web.json_response([_plain(row.as_dict()) for row in rows])

    async def governance(self, request: web.Request) -> web.StreamResponse:
        """Figures of governance of a period."""
        query = _parameters(request, {"since", "at", "view", "measure"})
        question = _question(query)
        site = self._site
        figures = await self._ask(lambda: compute(site.store, site.registry_watcher.current, question), PASS_DEADLINE_S)
        rows = as_rows(figures)
        return web.json_response([row for row in rows if query.get("measure", row["measure"]) == row["measure"]])

    async def report(self, request: web.Request) -> web.StreamResponse:
        """What there is to say of a period: JSON, Markdown or HTML."""
        query = _parameters(request, {"since", "at", "view", "lang", "format"})
        question = _question(query)
        language = _one_of(query, "lang", LANGUAGES)
        form = _one_of(query, "format", ("json", *report.FORMATS))
        site = self._site
        compiled = site.registry_watcher.current
        written = await self._ask(lambda: report.write(site.store, compiled, question, language), PASS_DEADLINE_S)
        if form == "json":
            return web.json_response(report.as_json(written))
        return web.Response(text=written.text(form), **REPORT_TYPES[form])

    async def registry(self, request: web.Request) -> web.StreamResponse:
        """The registry in force."""
        _parameters(request, set())
        return web.json_response(registry_json.of(self._site.registry_watcher))

    async def touchpoints(self, request: web.Request) -> web.StreamResponse:
        """Who owns each touchpoint, and whose its events were."""
        query = _parameters(request, {"at"})
        at, site = _instant(query, "at") or datetime.now(UTC), self._site
        return web.json_response(
            await self._ask(lambda: touchpoints.seen(site.store, site.registry_watcher.current, at))
        )

    async def rejected(self, request: web.Request) -> web.StreamResponse:
        """The latest refused events."""
        query = _parameters(request, {"reason", "limit"})
        reason, limit = query.get("reason"), _limit(query)
        if reason not in (None, *Reason):
            raise BadParameter(f"reason: one of {', '.join(Reason)}")
        rows = await self._ask(lambda: refusals.latest(self._site.store, reason, limit))
        return web.json_response([_plain(row) for row in rows])

    async def catalogue(self, request: web.Request) -> web.StreamResponse:
        """The metrics."""
        _parameters(request, set())
        names = ("name", "term", "unit", "kinds", "meaning", "interval")
        return web.json_response([{name: getattr(metric, name) for name in names} for metric in METRICS.values()])

    async def _figures(self, query: dict[str, str]) -> Snapshot:
        latest = self._site.latest()
        if "at" not in query and latest is not None:
            return latest
        at = _instant(query, "at") or datetime.now(UTC)
        return await self._ask(lambda: snapshot.compute(self._site.store, self._site.registry_watcher.current, at))

    async def _ask(self, question: Callable[[], T], deadline_s: float | None = None) -> T:
        # In a thread, few at once and not for long: a slow query on the event loop would delay heartbeats.
        async with self._slots:
            limit_s = deadline_s or QUERY_DEADLINE_S
            try:
                return await asyncio.wait_for(asyncio.to_thread(question), limit_s)
            except TimeoutError:
                raise TimeoutError(f"the store did not answer within {limit_s:g} s") from None


def _parameters(request: web.Request, known: set[str]) -> dict[str, str]:
    unknown = sorted(set(request.query) - known)
    if unknown:
        raise BadParameter(
            f"unknown parameters: {', '.join(unknown)[:200]}; known: {', '.join(sorted(known)) or 'none'}"
        )
    return dict(request.query)


def _instant(query: dict[str, str], name: str) -> datetime | None:
    try:
        return parse_instant(query[name]) if name in query else None
    except ValueError as error:
        raise BadParameter(f"{name}: {error}") from error


def _question(query: dict[str, str]) -> Question:
    until = _instant(query, "at") or datetime.now(UTC)
    since = _instant(query, "since") or until - DEFAULT_PERIOD
    if since >= until:
        raise BadParameter("since: give an instant before at")
    return Question(since, until, _view(query))


def _one_of(query: dict[str, str], name: str, known: Iterable[str]) -> str:
    """What a parameter says; the first of what it may say, if it is not given."""
    names = list(known)
    if query.get(name, names[0]) not in names:
        raise BadParameter(f"{name}: one of {', '.join(names)}")
    return query.get(name, names[0])


def _view(query: dict[str, str]) -> View:
    for view in get_args(View):
        if query.get("view", "as_was") == view:
            return view  # type: ignore[no-any-return]
    raise BadParameter(f"view: one of {', '.join(get_args(View))}")


def _limit(query: dict[str, str]) -> int:
    text = query.get("limit", "100")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_REFUSALS):
        raise BadParameter(f"limit: a whole number from 1 to {MOST_REFUSALS}")
    return int(text)


def _rows(rows: Sequence[Balance | Scorecard]) -> web.Response:
    return web.json_response(snapshot.as_json(rows))


def _plain(value: object) -> object:
    """A value of the store as JSON has it, instants as RFC 3339."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return rfc3339(value) if isinstance(value, datetime) else value
