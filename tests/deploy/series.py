"""The Prometheus series that dashboards and rules may use, by family name: those that a worker or a gateway exposes."""

from datetime import UTC, datetime

from prometheus_client import generate_latest

from metrics.drift.baselines import Baseline
from metrics.drift.cusum import Thresholds, begin
from metrics.drift.detection import Detection
from metrics.figures.balances import Balance
from metrics.figures.scorecards import Scorecard
from metrics.report.alert_facts import AlertText
from streams.drift.series import DriftSeries
from streams.drift.watcher import DriftSnapshot
from streams.figures.series import FigureSeries
from streams.figures.snapshot import Snapshot
from streams.gateway.telemetry import GatewayTelemetry
from streams.governance.series import _PLACES, GovernanceKpis, GovernanceSeries
from streams.ingest.telemetry import Telemetry, install

_AT = datetime(2026, 3, 1, tzinfo=UTC)
_BALANCE = Balance(_AT, "as_was", "sales", "nps", "long", "long", 1.0, 0.0, 2.0, 9, 9.0, "", _AT, _AT)
_BASELINE = Baseline("sales", "nps", 1, "automatic", 0, 60, 60, 1000.0, 0.2, 0.8, 0.0, 1.0, 150.0)
_DETECTION = Detection("sales", "nps", _BASELINE, begin(60), Thresholds(60, 30.0, 30.0, 0.1))
_SCORECARD = Scorecard(_AT, "as_was", "sales", 1.0, 2.0, 1.0, 0.5, 1.0, 2.0)


def exposing() -> Telemetry:
    """Telemetry with every series that there is."""
    install()
    telemetry = Telemetry()
    snapshot = Snapshot(_AT, {"as_was": [_BALANCE]}, {"as_was": [_SCORECARD]}, "1")
    telemetry.registry.register(FigureSeries(lambda: snapshot, 1000))
    telemetry.registry.register(
        DriftSeries(
            lambda: DriftSnapshot(
                0,
                {("sales", "nps"): _DETECTION},
                1.0,
                0,
                data_quality={("myopia", "sales"): True},
                texts={("drift", "sales", "nps"): AlertText("Sales: NPS fell.", "Owner: Sales.", "NPS", 0)},
                names={"sales": "Sales"},
            )
        )
    )
    figures = dict.fromkeys([*_PLACES, ("open_cases", "sales")], 1.0)
    telemetry.registry.register(
        GovernanceSeries(lambda: GovernanceKpis(_AT, figures, {"declared": False, "lived": False}))
    )
    telemetry.lags({0: 0})
    telemetry.events.labels("sales", "nps")
    telemetry.target.labels("sales", "nps", "floor")
    return telemetry


def _exposed() -> frozenset[str]:
    telemetry = exposing()
    names = (line.split("{")[0].split(" ")[0] for line in telemetry.exposition().decode().splitlines())
    return frozenset(name for name in names if not name.startswith("#"))


def _exposed_by_a_gateway() -> frozenset[str]:
    telemetry = GatewayTelemetry()
    telemetry.events.labels("shop")
    names = (line.split("{")[0].split(" ")[0] for line in generate_latest(telemetry.registry).decode().splitlines())
    return frozenset(name for name in names if not name.startswith("#"))


_ALL = _exposed() | _exposed_by_a_gateway()
SERIES = frozenset(name for name in _ALL if name.startswith("cx_"))
PROCESS = frozenset(name for name in _ALL if name.startswith("process_"))
