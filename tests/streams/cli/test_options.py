"""Former spellings of options, options that are given without a value, and those that the API has as well."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from metrics.durations import DEFAULT_PERIOD
from metrics.zones import UTC_ZONE
from streams.cli import options
from streams.parameters import BalanceParameters, Parameters, RejectedParameters, decode, parameters_of
from tests.streams.cli.calling import cxb

NO_SERVER = {"CXB_CLICKHOUSE_URL": "http://127.0.0.1:1", "COLUMNS": "200"}


@pytest.mark.parametrize("command", ["governance", "report"])
@pytest.mark.parametrize(
    ("former", "today"),
    [
        (("--since", "2026-04-01", "--at", "2026-03-01"), ("--from", "2026-04-01", "--to", "2026-03-01")),
        (("--since=2026-04-01", "--at=2026-03-01"), ("--from=2026-04-01", "--to=2026-03-01")),
        (("--since", "soon"), ("--from", "soon")),
        (("--at", "soon"), ("--to", "soon")),
    ],
)
def test_a_former_spelling_means_the_same_and_one_line_says_that_it_is_deprecated(
    command: str, former: tuple[str, ...], today: tuple[str, ...]
) -> None:
    before, now = cxb(command, *former, **NO_SERVER), cxb(command, *today, **NO_SERVER)
    line, _, rest = before.stderr.partition("\n")
    assert "deprecated, and gone in the next version; write --" in line
    assert (rest, before.stdout, before.exit_code) == (now.stderr, now.stdout, now.exit_code) != ("", "", 0)


def test_the_line_names_each_former_spelling_once() -> None:
    done = cxb("governance", "--since", "2026-01-01", "--since", "2026-04-01", "--at", "2026-03-01", **NO_SERVER)
    assert done.stderr.splitlines()[0] == "--since, --at: deprecated, and gone in the next version; write --from, --to"


def test_the_former_end_of_a_simulation_gives_the_same_company() -> None:
    arguments = ("simulate", "--events", "20", "--days", "10")
    before, now = (cxb(*arguments, option, "2026-03-01") for option in ("--until", "--to"))
    assert before.stdout == now.stdout != ""
    assert before.stderr == "--until: deprecated, and gone in the next version; write --to\n"
    assert now.stderr == ""


@pytest.mark.parametrize("command", ["governance", "report", "simulate"])
def test_help_shows_the_spelling_of_today_alone(command: str) -> None:
    text = cxb(command, "--help").stdout
    assert "--to T" in text
    assert not {"--since", "--until", "--at"} & set(text.split())


@pytest.mark.parametrize("arguments", [("balances", "--since", "2026-01-01"), ("rebuild", "--at", "2026-01-01")])
def test_a_spelling_that_a_command_never_had_is_still_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = cxb(*arguments, **NO_SERVER)
    assert (done.exit_code, "No such option" in done.stderr) == (2, True)


def test_an_instant_without_text_is_the_default(registry_path: object) -> None:
    arguments = ("registry", "show", "--registry", str(registry_path), "--json")
    done = cxb(*arguments, "--at", "")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(cxb(*arguments).stdout)


@pytest.mark.parametrize(
    ("option", "kind", "name"),
    [
        (options.ViewOption, BalanceParameters, "view"),
        (options.MetricOption, BalanceParameters, "metric"),
        (options.ReasonOption, RejectedParameters, "reason"),
    ],
)
def test_an_option_takes_what_the_parameter_of_the_api_takes(option: Any, kind: type[Parameters], name: str) -> None:
    [declared] = option.__metadata__
    parameter = parameters_of(kind)[name]
    for value in declared.autocompletion():
        assert decode(kind, [(name, value)]) == kind(**{parameter.field: declared.parser(value)})
    assert declared.help == parameter.description
    with pytest.raises(typer.BadParameter):
        declared.parser("nothing")


def test_a_period_of_the_command_line_is_one_of_the_api() -> None:
    first, last = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert options.period(first, first + DEFAULT_PERIOD, UTC_ZONE) == (first, first + DEFAULT_PERIOD)
    assert options.period(None, first, UTC_ZONE) == (first - DEFAULT_PERIOD, first)
    with pytest.raises(typer.BadParameter, match="is not before the end"):
        options.period(first, last, UTC_ZONE)
