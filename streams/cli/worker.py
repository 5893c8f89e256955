"""`cxb worker`: one worker of the service."""

import os

import typer

from streams import worker as service
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.embedded.processes import end_with_parent
from streams.settings import settings

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("CXB_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CXB_CLICKHOUSE_URL=http://ch:8123 cxb worker"))
def worker() -> None:
    """Runs a worker on the configured Kafka and ClickHouse. Settings: docs/configuration.md."""
    end_with_parent()
    embedded = os.environ.get("CXB_EMBEDDED") == "1"
    # The embedded broker forgets everything when it stops: what it has accepted is read before the worker ends.
    service.run(settings.load(), drain=embedded)
