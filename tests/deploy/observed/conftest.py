"""A real pipeline with a company's events, observed by a real Prometheus."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.registry.alert_channels import Address
from metrics.registry.alert_routing import Receivers, to_yaml
from metrics.registry.alert_routing import alertmanager as configuration_of
from streams.registry.file import load
from tests.deploy.observing import Prometheus, Webhooks, alertmanager, prometheus, until, webhooks
from tests.e2e.running import cxb, instance, query, up
from tests.kafka.libraries import PROJECT
from tests.tools import tool

HISTORY_EVENTS, HISTORY_DAYS = 60_000, 90
SAMPLE = PROJECT / "deploy" / "registry.toml"
SOURCES = """
[[source]]
name = "segment"
like = "segment"
http = "/v1/sources/segment"
[source.fields]
touchpoint = "web.site"
"""
# Otherwise figures are stored once a minute, and drift is looked for every ten seconds.
SOONER = {"CXB_REFRESH_SNAPSHOT_S": "3", "CXB_DRIFT_INTERVAL_S": "3"}


@dataclass(frozen=True)
class Observed:
    """What runs: the instance's directory, Prometheus, Alertmanager's address and the receivers."""

    data: Path
    prometheus: Prometheus
    alertmanager: str
    webhooks: Webhooks

    def sql(self, text: str) -> list[dict[str, Any]]:
        """Rows of the store."""
        return query(self.data, text)


@pytest.fixture(scope="package")  # it must not use up the machine while other tests run, of this package neither
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """A worker with history and live events, seen by a Prometheus, whose alerts go to receivers on this machine."""
    for name in ("prometheus", "prometheus-alertmanager"):
        tool(name)
    directory = tmp_path_factory.mktemp("observed")
    registry = load(SAMPLE).registry
    with ExitStack() as stack:
        data = directory / "data"
        (directory / "sources.toml").write_text(SOURCES)
        foreign = {"CXB_SOURCES": str(directory / "sources.toml")}
        stack.enter_context(up(data, "--registry", str(SAMPLE), variables=SOONER | foreign))
        variables = {"CXB_DATA": str(data)}
        history = ("--events", str(HISTORY_EVENTS), "--days", str(HISTORY_DAYS), "--governance", "1500")
        publish(directory, variables, *history, backfill=True)
        heard, address = stack.enter_context(webhooks())
        names = {"fallback", *(item.receiver for item in registry.departments if item.receiver)}
        receivers = Receivers({name: [Address(url=f"{address}/{name}")] for name in names})
        manager = stack.enter_context(alertmanager(directory / "am", to_yaml(configuration_of(registry, receivers))))
        worker, gateway = (instance(data)[name] for name in ("web_url", "gateway_url"))
        scraped = [url.removeprefix("http://") for url in (worker, gateway)]
        server = stack.enter_context(prometheus(directory / "prom", scraped, manager))
        until(lambda: server.query("cx_events_total"), "a scrape of the worker")
        publish(directory, variables, "--events", "300", "--seed", "6", "--days", "1", "--bad", "0.1", backfill=False)
        until(lambda: any(value > 0 for _, [(_, value)] in server.query("cx:events:rate5m")), "live events are seen")
        until(lambda: any(value > 0 for _, [(_, value)] in server.query("cx:refused:rate15m")), "refusals are seen")
        come_by_http(gateway, server)
        # Of a second before: a time range ends with a whole one.
        stored = "SELECT at FROM cx.scorecards WHERE at < now() - INTERVAL 1 SECOND LIMIT 1"
        until(lambda: query(data, stored), "figures are stored", 90)
        planted = "SELECT at FROM cx.drift_latest WHERE department = 'service' AND metric = 'csat' LIMIT 1"
        until(lambda: query(data, planted), "the planted drift is found", 90)
        until(lambda: server.query("cx_open_cases"), "governance is computed", 180)
        yield Observed(data, server, manager, heard)


def come_by_http(gateway: str, server: Prometheus) -> None:
    """Sends by HTTP, twice: of a counter that was not there before, the first count is no increase."""
    send_by_http(gateway, 1)
    until(lambda: server.query("cx_source_records_total > 0"), "a scrape of the first record of a source")
    until(lambda: server.query("cx_gateway_rejected_total > 0"), "a scrape of the first wrong event")
    send_by_http(gateway, 2)
    until(lambda: server.query("rate(cx_source_records_total[1m]) > 0"), "records of sources are seen")
    until(lambda: server.query("rate(cx_gateway_rejected_total[1m]) > 0"), "events by HTTP are seen")


def send_by_http(gateway: str, number: int) -> None:
    """Sends the gateway an event, one that it rejects, and a record of a source."""
    now = f"{datetime.now(UTC):%FT%T.000Z}"
    sound = {"event_id": f"http-{number}", "source": "shop", "kind": "visit", "touchpoint": "web.site"}
    page = {"type": "page", "messageId": f"m-{number}", "timestamp": now}
    for path, body, expected in (
        ("/v1/events", sound | {"occurred_at": now}, 202),
        ("/v1/events", sound, 400),
        ("/v1/sources/segment", page, 202),
    ):
        request = urllib.request.Request(
            gateway + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        assert status == expected


def publish(directory: Path, variables: dict[str, str], *how: str, backfill: bool) -> None:
    """Publishes a simulated company's events, and waits until they have landed."""
    path = directory / "events.ndjson"
    made = cxb("simulate", "--to", f"{datetime.now(UTC):%FT%TZ}", *how, variables={}).stdout.splitlines()
    if not backfill:
        # As if each had happened just now: the delay until it lands is counted.
        now = f"{datetime.now(UTC):%FT%T.000Z}"
        made = [_at(line, now) for line in made]
    path.write_text("\n".join(made) + "\n")
    # Where some are meant to be rejected, that is what it says.
    expect = 1 if "--bad" in how else 0
    cxb("publish", "--wait", *(["--backfill"] if backfill else []), str(path), variables=variables, expect=expect)


def _at(line: str, now: str) -> str:
    try:
        event = json.loads(line)
    except ValueError:
        return line
    return json.dumps(event | {"occurred_at": now} if isinstance(event, dict) else event)
