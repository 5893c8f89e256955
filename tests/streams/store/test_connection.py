"""Servers that are too old: what one of Debian 12 (18.16.1) answered, and the engine where it would be too old."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from streams.errors import ConfigurationError
from streams.settings.settings import ClickHouseSettings
from streams.store import connection
from streams.store.client import Store, StoreUnavailable
from streams.store.connection import OLDEST
from tests.documents import PROJECT


@contextmanager
def server_of(version: str) -> Iterator[str]:
    """The address of what answers any question with a version and a time zone, as the first question wants it."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = f"{version}\tEtc/UTC\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/tab-separated-values; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str) -> None:
    store = Store(ClickHouseSettings(url=url, user="default", password=SecretStr("")))
    try:
        store.query("SELECT 1")
    finally:
        store.close()


@pytest.mark.parametrize("version", ["18.16.1", "19.17.4.11", "25.6.13.41", "24.8.14.10459.altinitystable"])
def test_a_server_that_is_too_old_is_refused_in_one_sentence_that_names_the_oldest(version: str) -> None:
    with server_of(version) as url, pytest.raises(ConfigurationError) as caught:
        ask(url)
    assert (
        str(caught.value)
        == f"ClickHouse at {url} is version {version}, and 25.7 is the oldest that will do: upgrade it"
    )


@pytest.mark.parametrize("version", ["25.7.1.3997", "26.9.2.1", "Welcome to nginx", "1 <html>"])
def test_what_is_new_enough_or_no_version_is_not_called_too_old(version: str) -> None:
    with server_of(version) as url, pytest.raises(StoreUnavailable, match="did not prove"):
        ask(url)


def test_an_engine_that_proves_what_it_does_is_refused_as_well_where_it_is_too_old(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer = Store(store._settings)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "OLDEST", (99, 1))
        with pytest.raises(ConfigurationError, match=r"is version \d+\.\d+\.\S+, and 99\.1 is the oldest"):
            newcomer.query("SELECT 1")
    newcomer.close()


def test_the_oldest_version_is_the_one_of_the_documents() -> None:
    text = (PROJECT / "docs" / "operations.md").read_text()
    [said] = re.findall(r"ClickHouse (\d+\.\d+) or later", text)
    assert said == ".".join(map(str, OLDEST))
