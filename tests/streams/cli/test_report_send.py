"""`cxb report --send-to`: what a real mail server and a real HTTP server on this machine get."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.deploy.mailbox import mailbox
from tests.serving import served
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

PERIOD = ("--from", "2026-03-01", "--to", "2026-04-20")
SECRET = "T0/B0/of-the-channel"
PASSED = "Ownership of Checkout passed from Marketing to Sales on 1 April 2026"
Request = tuple[str, Mapping[str, str], Any]


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with twenty answers about the web, and a touchpoint that wants to be a link."""
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    answers = [event(n, score=10 if n % 4 else 0, at=at) for n in range(20)]
    store.insert_facts(facts_of([*answers, event(99, at=at, touchpoint="fax_desk")], compiled))
    return environment_of(engine, store, registry_path)


@contextmanager
def http(status: int = 200, answer: str = "ok", **headers: str) -> Iterator[tuple[list[Request], str]]:
    """A server that answers always the same; gives its requests, and its address."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, dict(self.headers), body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with served(server):
        yield requests, f"http://127.0.0.1:{server.server_port}"


def receivers(folder: Path, text: str, **secrets: str) -> tuple[str, str]:
    for name, secret in secrets.items():
        (folder / name).write_text(secret + "\n")
    path = folder / "receivers.toml"
    path.write_text(f'directory = "{folder}"\n{text}')
    return "--receivers", str(path)


def test_slack_and_a_webhook_and_teams_get_the_report_at_once(server: dict[str, str], tmp_path: Path) -> None:
    with http() as (requests, url):
        file = receivers(
            tmp_path,
            f"""
            [[receiver.board]]
            type = "slack"
            channel = "#board"
            [[receiver.board]]
            url = "{url}/hook"
            credentials_file = "{tmp_path}/token"
            [[receiver.board]]
            type = "teams"
            url_file = "{tmp_path}/teams"
            """,
            board=f"{url}/{SECRET}", token="of-the-hook", teams=f"{url}/teams",
        )  # fmt: skip
        done = cxb("report", *PERIOD, "--send-to", "board", *file, **server)
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert "sent the report of 2026-03-01 to 2026-04-20" in done.stderr
    slack, hook, teams = requests
    assert (slack[0], slack[2]["channel"]) == (f"/{SECRET}", "#board")
    assert slack[2]["text"].startswith(
        "*Who owns our customers' experience*\n1 March to 19 April 2026 (UTC), registry v1\n"
    )
    assert f"• {PASSED}" in slack[2]["text"]
    assert "fax\u200b_\u200bdesk" in slack[2]["text"]
    assert (hook[1]["Authorization"], hook[2]["title"]) == ("Bearer of-the-hook", "Who owns our customers' experience")
    [card] = teams[2]["attachments"]
    assert PASSED in card["content"]["body"][0]["text"]


def test_a_mail_has_the_report_as_text_and_as_a_page(server: dict[str, str], tmp_path: Path) -> None:
    with mailbox() as (mail, smarthost):
        file = receivers(
            tmp_path,
            f"""
            [email]
            smarthost = "{smarthost}"
            from = "cx@example.com"
            username = "cx"
            password_file = "{tmp_path}/password"
            require_tls = false
            [receiver.board]
            type = "email"
            to = "one@example.com, two@example.com"
            """,
            password="of-the-mailbox",
        )  # fmt: skip
        done = cxb("report", *PERIOD, "--lang", "it", "--send-to", "board", *file, "--json", **server)
    assert json.loads(done.stdout) == {"sent_to": [f"one@example.com, two@example.com by {smarthost}"]}
    assert mail.recipients == ["one@example.com", "two@example.com"]
    assert mail.logins == [("cx", "of-the-mailbox")]
    [message] = mail.messages
    plain, page = (message.get_body((form,)) for form in ("plain", "html"))
    assert plain is not None
    assert page is not None
    assert "«Cassa» è passato da Marketing a Sales il 1º aprile 2026" in plain.get_content()
    assert '<html lang="it">' in page.get_content()


def test_a_password_is_not_sent_where_tls_is_required_and_missing(server: dict[str, str], tmp_path: Path) -> None:
    with mailbox() as (mail, smarthost):
        text = f"""
            [email]
            smarthost = "{smarthost}"
            from = "cx@example.com"
            username = "cx"
            password_file = "{tmp_path}/password"
            [receiver.board]
            type = "email"
            to = "one@example.com"
        """
        done = cxb("report", *PERIOD, "--send-to", "board", *receivers(tmp_path, text, password="x"), **server)
    assert (done.exit_code, mail.logins, mail.messages) == (1, [], [])
    assert "STARTTLS" in str(done.exception)


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [(403, 1, "it answered 403, 'no_service'; look at its address"), (503, 4, "it answered 503"), (302, 1, "302")],
)
def test_a_refusal_is_a_sentence_without_the_secret(
    server: dict[str, str], tmp_path: Path, status: int, code: int, says: str
) -> None:
    with http() as (elsewhere, other), http(status, "no_service", Location=f"{other}/x") as (_, url):
        file = receivers(tmp_path, '[receiver.board]\ntype = "slack"\n', board=f"{url}/{SECRET}")
        done = cxb("report", *PERIOD, "--send-to", "board", *file, **server)
    assert elsewhere == []
    error = done.exception
    assert (getattr(error, "exit_code", None), says in str(error), SECRET in str(error)) == (code, True, False), error


def test_a_server_that_is_away_is_exit_4_and_a_missing_file_3(server: dict[str, str], tmp_path: Path) -> None:
    with http() as (_, url):
        pass
    for secrets, code, says in (
        ({"board": f"{url}/{SECRET}"}, 4, "127.0.0.1 does not answer: [Errno 111] Connection refused"),
        ({}, 3, "cannot read its file"),
    ):
        (tmp_path / "board").unlink(missing_ok=True)
        file = receivers(tmp_path, '[receiver.board]\ntype = "slack"\n', **secrets)
        error = cxb("report", *PERIOD, "--send-to", "board", *file, **server).exception
        assert (getattr(error, "exit_code", None), says in str(error), SECRET in str(error)) == (code, True, False)


def test_who_cannot_get_a_report_is_said(server: dict[str, str], tmp_path: Path) -> None:
    file = receivers(tmp_path, '[receiver.night]\ntype = "pagerduty"\n')
    for name, says in (("nobody", "no receiver 'nobody'; it has: night"), ("night", "'night' is a pager (pagerduty)")):
        error = cxb("report", *PERIOD, "--send-to", name, *file, **server).exception
        assert (getattr(error, "exit_code", None), says in str(error)) == (3, True), error
    alone = cxb("report", *PERIOD, "--send-to", "night", **server)
    assert (alone.exit_code, "--receivers FILE together" in " ".join(alone.stderr.split())) == (2, True)


def test_last_month_is_the_calendar_month_before_this_one(server: dict[str, str]) -> None:
    report = json.loads(cxb("report", "--last-month", "--json", **server).stdout)
    end = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    start = (end - timedelta(days=1)).replace(day=1)
    assert [datetime.fromisoformat(report[name]) for name in ("since", "at")] == [start, end]
    both = cxb("report", "--last-month", "--from", "2026-03-01", **server)
    assert (both.exit_code, "leave --from and --to away" in " ".join(both.stderr.split())) == (2, True)
