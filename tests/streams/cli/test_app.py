# ruff: noqa: E501  (tables of cases read best a line each)
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streams.cli.app import app
from streams.errors import ConfigurationError
from streams.operations.publish import lines
from tests.e2e.running import CXB, PROJECT, cxb, environment

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
NOBODY = "127.0.0.1:1"
SERVER = {
    "CXB_CLICKHOUSE_URL": f"http://{NOBODY}",
    "CXB_KAFKA_BOOTSTRAP_SERVERS": NOBODY,
    "CXB_CUSTOMER_KEY": "ab" * 32,
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself_with_an_example(command: str, flag: str) -> None:
    said = CliRunner().invoke(app, [command, flag], env={"COLUMNS": "120"}).stdout
    assert f"cxb {command}" in said.partition("Examples")[2]


def test_the_version_is_the_packages() -> None:
    assert cxb("--version", variables={}).stdout == f"cxb {metadata.version('cx-balance')}\n"


def test_without_a_command_the_help_shows_and_it_is_a_usage_error() -> None:
    done = cxb(variables={}, expect=2)
    assert "up" in done.stdout + done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_a_shell(shell: str) -> None:
    variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # a user's shell is detected
    assert f"complete_{shell}" in cxb("--show-completion", shell, variables=variables).stdout


WRONG: list[tuple[str, tuple[str, ...], Mapping[str, str], int, str]] = [
    ("no such command", ("balance",), {}, 2, "No such command"),
    ("no such option", ("balances", "--dept", "it"), {}, 2, "No such option"),
    ("a wrong instant", ("balances", "--at", "yesterday"), SERVER, 2, "must be a date such as"),
    ("an instant without offset", ("scorecards", "--at", "2026-01-01T10:00:00"), SERVER, 2, "no offset"),
    ("a wrong view", ("balances", "--view", "as_if"), SERVER, 2, "as_was, as_is"),
    ("a wrong limit", ("rejected", "--limit", "0"), SERVER, 2, "--limit"),
    ("a cluster without --print", ("migrate", "--cluster", "main"), SERVER, 2, "add --print"),
    ("a cluster that is no name", ("migrate", "--print", "--cluster", "a'b"), SERVER, 2, "letters, digits"),
    ("no file to publish", ("publish",), {}, 2, "Missing argument"),
    ("a file that is not there", ("publish", "nowhere.ndjson"), {}, 3, "no such file: nowhere.ndjson"),
    ("a directory to publish", ("publish", "metrics"), SERVER, 3, "metrics is a directory: name the files in it"),
    ("no registry to check", ("check", "nowhere.toml"), {}, 3, "cannot read the registry nowhere.toml"),
    ("no instance", ("balances", "--data", "nowhere"), {}, 4, "start one with: cxb up --data nowhere"),
    ("no instance in CXB_DATA", ("doctor",), {"CXB_DATA": "nowhere"}, 4, "no instance runs on nowhere"),
    ("a registry to start with that is not there", ("up", "--registry", "nowhere.toml"), {}, 3, "cannot read"),
    ("a data directory that is a file", ("up", "--data", "README.md"), {}, 3, "cannot use README.md as a data directory: File exists"),
    ("a data directory that cannot be made", ("up", "--data", "/proc/none"), {}, 3, "choose another one with --data"),
    ("an instance in a file", ("balances", "--data", "README.md"), {}, 3, "choose another one with --data"),
    ("a wrong setting to start with", ("up",), {"CXB_INGEST_LINGER_S": "-1"}, 3, "CXB_INGEST_LINGER_S"),
    ("a wrong setting and a registry", ("up", "--registry", "deploy/registry.toml"), {"CXB_HTTP_PORT": "-1"}, 3, "CXB_HTTP_PORT"),
    ("a wrong what-if", ("balances", "--what-if", "README.md"), SERVER, 3, "the registry README.md is wrong"),
    ("too many events", ("simulate", "--events", "-1"), {}, 2, "--events"),
    ("an unknown metric", ("balances", "--metric", "joy"), SERVER, 2, "'joy' is not one of nps, csat"),
    ("an unknown reason", ("rejected", "--reason", "mood"), SERVER, 2, "'mood' is not one of"),
    ("nobody to erase", ("erase", "--customer", ""), SERVER, 2, "the id is empty"),
    ("a setting that does not exist", ("worker",), {"CXB_KAFKA_TOPICS": "x"}, 3, "CXB_KAFKA_TOPICS: no such setting"),
    ("settings of a wrong type", ("worker",), {"CXB_HTTP_PORT": "x", "CXB_INGEST_LINGER_S": "-1"}, 3, "CXB_INGEST_LINGER_S"),
    ("no customer key", ("worker",), {"CXB_CLICKHOUSE_URL": f"http://{NOBODY}"}, 3, "openssl rand -hex 32"),
    ("a short customer key", ("worker",), {"CXB_CUSTOMER_KEY": "abc"}, 3, "64 hexadecimal digits"),
    ("a configuration that is not there", ("worker",), {"CXB_CONFIG": "nowhere.toml"}, 3, "cannot read the configuration"),
    ("a port for all without a token", ("worker",), {"CXB_HTTP_HOST": "0.0.0.0"}, 3, "set CXB_HTTP_TOKEN"),
    ("SASL without a password", ("worker",), {"CXB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, 3, "needs sasl_username"),
    ("no ClickHouse", ("balances",), SERVER, 4, "does not answer: start it, or set CXB_CLICKHOUSE_URL"),
    ("no ClickHouse to migrate", ("migrate",), SERVER, 4, "does not answer"),
    ("no Kafka", ("redrive", "--dry-run"), SERVER, 4, "does not answer"),
    ("a wrong certificate file", ("publish", "pyproject.toml"),
     {**SERVER, "CXB_KAFKA_SECURITY_PROTOCOL": "SSL", "CXB_KAFKA_SSL_CAFILE": "nowhere.pem"}, 3, "CXB_KAFKA_SSL_CAFILE"),
    ("an address that is none", ("publish", "pyproject.toml"),
     {**SERVER, "CXB_KAFKA_BOOTSTRAP_SERVERS": "nowhere:kafka"}, 3, "must be host:port"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "hint"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG]
)
def test_what_is_wrong_is_said_in_a_sentence_with_its_exit_code(
    arguments: tuple[str, ...], variables: Mapping[str, str], code: int, hint: str, tmp_path: Path
) -> None:
    if arguments[0] == "up" and "--data" not in arguments:
        arguments += ("--data", str(tmp_path / "data"))
    done = cxb(*arguments, variables={"COLUMNS": "200", **variables}, expect=code)
    assert "Traceback" not in done.stderr
    assert hint in re.sub(r"\s+", " ", done.stderr.replace("│", ""))
    assert done.stdout == ""


def test_a_password_shows_in_no_message() -> None:
    variables = {
        **SERVER,
        "CXB_CLICKHOUSE_PASSWORD": "hush-hush",
        "CXB_HTTP_PORT": "hush-hush-port",
        "CXB_HTTP_TOKEN": "hush",
    }
    assert "hush" not in cxb("worker", variables=variables, expect=3).stderr


def test_a_good_registry_passes_and_a_bad_one_fails_with_line_value_and_remedy(tmp_path: Path) -> None:
    assert "0 errors" in cxb("check", "deploy/registry.toml", variables={}).stderr
    bad = tmp_path / "bad.toml"
    bad.write_text('version = "1"\npolicy = "single"\n[[ownership]]\ntouchpoint = "web.*"\nowner = "foo"\n')
    done = cxb("check", str(bad), variables={}, expect=1)
    assert "line 5, ownership[1].owner" in done.stdout
    assert "'foo'" in done.stdout
    found = cxb("check", str(bad), "--json", variables={}, expect=1).stdout
    assert '"code": "unknown-department"' in found


def test_simulate_gives_the_same_company_for_the_same_seed() -> None:
    arguments = ("simulate", "--events", "50", "--seed", "3", "--to", "2026-03-01", "--days", "10")
    first, second = cxb(*arguments, variables={}).stdout, cxb(*arguments, variables={}).stdout
    assert first == second
    assert len(first.splitlines()) == 50
    assert "2026-02-" in first
    assert cxb("simulate", "--to", "soon", variables={}, expect=2).stdout == ""


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    script = f"set -o pipefail; {' '.join(CXB)} simulate --events 20000 | head -1"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=PROJECT,
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 1, "")


def test_a_cluster_s_tables_are_printed_without_asking_anybody() -> None:
    said = cxb("migrate", "--print", "--cluster", "main", variables=SERVER).stdout
    assert said.startswith("CREATE DATABASE IF NOT EXISTS cx ON CLUSTER 'main';\n\nUSE cx;\n")
    assert "ENGINE = Distributed('main', currentDatabase(), 'events_local', cityHash64(source, event_id));" in said
    assert "CLUSTER" not in cxb("migrate", "--print", variables=SERVER).stdout


def test_every_command_is_listed_in_one_whole_line() -> None:
    said = cxb("--help", variables={}).stdout
    listed = said.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert sorted(line.split()[0] for line in listed) == COMMANDS
    assert "..." not in said.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("name", "content"), [("events.gz", b"no gzip"), ("events.gz", b"\x1f\x8b\x08"), ("events.zst", b"no zstandard")]
)
def test_a_file_that_is_not_what_its_name_says_is_rejected(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"cannot read events from .*{name}: \w+"):
        list(lines(tmp_path / name))


def test_drivers_add_nothing_to_the_sentence() -> None:
    for arguments in (("balances",), ("publish", "pyproject.toml"), ("redrive",), ("migrate",)):
        said = cxb(*arguments, variables=SERVER, expect=4).stderr
        assert re.fullmatch(r"cxb: (Kafka|ClickHouse) at \S+ does not answer: start it, or set CXB_.*\n", said), said


def test_a_worker_starts_without_what_only_governance_computes_with() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import streams.worker, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "streams.governance.report" in done.stdout.split()
    assert "numpy" not in done.stdout.split()
