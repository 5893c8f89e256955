"""A real Prometheus and a real Alertmanager with the project's own files, sped up and pointed at this machine."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.deploy.compose import read_yaml
from tests.faults.store_process import free_port
from tests.kafka.libraries import PROJECT
from tests.serving import served
from tests.tools import tool

FOLDER = PROJECT / "deploy" / "prometheus"
READY_S = 90.0
Sample = tuple[dict[str, str], list[tuple[float, float]]]


class Prometheus:
    """A server that scrapes at `url`; asked over its API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def query(self, expression: str) -> list[Sample]:
        """An expression now: labels and one pair of time and value each; raises what Prometheus says is wrong."""
        found = self._get("query", {"query": expression})
        return [(row["metric"], [_pair(row["value"])]) for row in _vector(found)]

    def query_range(self, expression: str, start_s: float, end_s: float, step_s: float) -> list[Sample]:
        """An expression over a time range, as Grafana asks it."""
        parameters = {"query": expression, "start": str(start_s), "end": str(end_s), "step": str(step_s)}
        return [
            (row["metric"], [_pair(pair) for pair in row["values"]])
            for row in self._get("query_range", parameters)["result"]
        ]

    def label_values(self, series: str, label: str) -> list[str]:
        """The values of a label of a series."""
        found = self._get(f"label/{label}/values", {"match[]": series})
        return list(found)

    def _get(self, path: str, parameters: Mapping[str, str]) -> Any:
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as response:
                return json.loads(response.read())["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error


def _vector(found: Any) -> list[Any]:
    if found["resultType"] == "scalar":
        return [{"metric": {}, "value": found["result"]}]
    rows: list[Any] = found["result"]
    return rows


def _pair(pair: Sequence[Any]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


@contextmanager
def prometheus(directory: Path, targets: Sequence[str], alertmanager: str | None = None) -> Iterator[Prometheus]:
    """A Prometheus with our files: other addresses, every second, and no minutes of wait for alerts on figures."""
    directory.mkdir(exist_ok=True)
    config = read_yaml(FOLDER / "prometheus.yml", directory)
    for path in (FOLDER / "rules").glob("*.yml"):
        text = path.read_text()
        sooner = re.sub(r"(for|keep_firing_for): \d+m", r"\1: 1s", text) if path.stem == "figures" else text
        (directory / path.name).write_text(sooner)
    config["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [f"{directory}/{path.name}" for path in (FOLDER / "rules").glob("*.yml")]
    config["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager] if alertmanager else []}]}]
    config["scrape_configs"] = [{"job_name": "cx-balance", "static_configs": [{"targets": list(targets)}]}]
    (directory / "prometheus.yml").write_text(json.dumps(config))
    port = free_port()
    command = [
        tool("prometheus"), f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with running(command, directory / "prometheus.log", f"http://127.0.0.1:{port}/-/ready"):
        yield Prometheus(port)


@contextmanager
def alertmanager(directory: Path, config: str) -> Iterator[str]:
    """An Alertmanager that waits a second only before it tells; gives its address."""
    directory.mkdir(exist_ok=True)
    sooner = re.sub(r'(group_wait|group_interval): "\w+"', r'\1: "1s"', config)
    (directory / "alertmanager.yml").write_text(sooner)
    address = f"127.0.0.1:{free_port()}"
    command = [
        tool("prometheus-alertmanager"), f"--config.file={directory}/alertmanager.yml",
        f"--storage.path={directory}/data", f"--web.listen-address={address}", "--cluster.listen-address=",
    ]  # fmt: skip
    with running(command, directory / "alertmanager.log", f"http://{address}/-/ready"):
        yield address


@contextmanager
def running(command: Sequence[str], log: Path, ready: str) -> Iterator[None]:
    """A process while the context lasts, from when it answers on."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        until(lambda: _answers(ready) or process.poll() is not None, f"{command[0]} answers")
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def send_alerts(address: str, *alerts: Mapping[str, str], annotations: Mapping[str, str] | None = None) -> None:
    """Tells an Alertmanager of alerts, by their labels, as Prometheus would; all with the same annotations."""
    body = json.dumps([{"labels": labels, "annotations": annotations or {}} for labels in alerts]).encode()
    request = urllib.request.Request(
        f"http://{address}/api/v2/alerts", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.status == 200


class Webhooks:
    """What each receiver was told: `told[name]` are the messages posted to /name."""

    def __init__(self) -> None:
        self.told: dict[str, list[dict[str, Any]]] = {}

    def alerts(self, receiver: str, name: str, status: str) -> list[dict[str, Any]]:
        """The alerts of a name and status that a receiver was told of, in every message."""
        messages = self.told.get(receiver, [])
        return [
            alert
            for message in list(messages)
            for alert in message["alerts"]
            if (alert["labels"]["alertname"], alert["status"]) == (name, status)
        ]


@contextmanager
def webhooks() -> Iterator[tuple[Webhooks, str]]:
    """Receivers on this machine; gives what they were told, and their address."""
    heard = Webhooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.told.setdefault(self.path.strip("/"), []).append(message)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with served(server):
        yield heard, f"http://127.0.0.1:{server.server_port}"


def until(met: Callable[[], Any], what: str, deadline_s: float = READY_S) -> None:
    """Waits until a condition holds."""
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < deadline_s, f"not within {deadline_s:.0f} s: {what}"
        time.sleep(0.1)
