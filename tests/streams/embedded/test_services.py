from pathlib import Path

from streams.embedded import brought_back, services
from streams.embedded.brought_back import BroughtBack
from streams.embedded.processes import free_port


def test_the_broker_reports_what_its_last_start_has_brought_back(tmp_path: Path) -> None:
    broker = services.broker(1, tmp_path, tmp_path / "log")
    assert broker.report() == ""
    brought_back.write(tmp_path, BroughtBack(events=1200, dead_letters=1))
    assert broker.report() == (
        "events brought back that were accepted before and had not landed: 1,200; dead letters brought back: 1"
    )


def test_a_broker_that_has_much_to_bring_back_gets_more_time(tmp_path: Path) -> None:
    assert services.broker(1, tmp_path, tmp_path / "log").slack_s == 0
    (tmp_path / "cx.touchpoints").mkdir()
    (tmp_path / "cx.touchpoints" / "1.log").write_bytes(bytes(1_000_000))
    assert services.broker(1, tmp_path, tmp_path / "log").slack_s == 0.5


def test_the_password_of_the_store_is_never_on_a_command_line(tmp_path: Path) -> None:
    store = services.store(tmp_path, 1, "cx", "hush", tmp_path / "log", reader="hush, too")
    assert "hush" not in " ".join(store.command.argv)
    assert store.command.environment["CXB_STORE_READER_PASSWORD"] == "hush, too"
    assert store.command.environment["CXB_STORE_PASSWORD"] == "hush"


async def test_nobody_answers_on_a_port_without_a_server() -> None:
    assert not await services.http_answers(free_port(0), "/ping")
