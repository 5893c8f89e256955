"""What a scrape of a worker gets, with every series that there is."""

import gzip
import platform
import subprocess
from importlib.metadata import version

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from tests.deploy.series import exposing
from tests.tools import tool

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


def test_promtool_finds_nothing_to_say_about_any_series() -> None:
    text = exposing().exposition()
    checked = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_openmetrics_has_the_same_series_and_values() -> None:
    telemetry = exposing()
    families = openmetrics(  # type: ignore[no-untyped-call]
        telemetry.scrape(PROMETHEUS, "").body.decode()
    )
    opened = {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}
    families = plain(telemetry.exposition().decode())
    known = {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}
    moving = {series for series in known if series[0].startswith("process_")}
    assert opened.keys() == known.keys()
    assert {series: opened[series] for series in known.keys() - moving} == pytest.approx(
        {series: known[series] for series in known.keys() - moving}, nan_ok=True
    )


@pytest.mark.parametrize(
    ("accept", "given"), [("", PLAIN), ("*/*", PLAIN), ("text/html", PLAIN), (PROMETHEUS, OPEN), ("text/plain", PLAIN)]
)
def test_a_scrape_gets_the_format_that_it_asks_for(accept: str, given: str) -> None:
    scrape = exposing().scrape(accept, "")
    assert scrape.headers["Content-Type"] == given
    assert scrape.headers["Vary"] == "Accept, Accept-Encoding"
    assert scrape.body.endswith(b"# EOF\n") == (given == OPEN)


def test_a_scrape_is_compressed_only_for_those_who_say_that_they_can_read_it() -> None:
    telemetry = exposing()
    assert "Content-Encoding" not in telemetry.scrape("", "br, deflate").headers
    scrape = telemetry.scrape("", "br, gzip")
    assert scrape.headers["Content-Encoding"] == "gzip"
    assert b"cx_build_info{" in gzip.decompress(scrape.body)


def test_a_worker_tells_its_version_and_its_pythons() -> None:
    [line] = [line for line in exposing().exposition().decode().splitlines() if line.startswith("cx_build_info{")]
    python = f'python="{platform.python_version()}",reader="python"'
    assert line == f'cx_build_info{{{python},version="{version("cx-balance")}"}} 1.0'
