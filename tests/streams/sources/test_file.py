import logging
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.sources.file import SourcesWatcher
from tests.metrics.sources.given import BASE


def test_the_file_is_followed_and_a_broken_one_never_replaces_a_good_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(BASE)
    watcher = SourcesWatcher(path)
    first = watcher.current
    assert list(first.mappings) == ["shop"]
    assert not watcher.check()
    path.write_text(BASE.replace("score =", "scor ="))
    for _ in range(2):
        assert not watcher.check()
    assert watcher.current is first
    assert watcher.error is not None
    assert "did you mean 'score'?" in watcher.error
    assert caplog.text.count("are not valid, those before stay in force") == 1
    path.unlink()
    assert not watcher.check()
    assert "cannot read the sources" in str(watcher.error)
    path.write_text(BASE.replace('"shop"', '"store"'))
    assert watcher.check()
    assert watcher.error is None
    assert list(watcher.current.mappings) == ["store"]


def test_topics_that_come_later_are_said_to_need_a_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(BASE)
    watcher = SourcesWatcher(path)
    path.write_text(BASE.replace('"shop.*"', '["shop.*", "crm"]'))
    with caplog.at_level(logging.WARNING):
        assert watcher.check()
    assert "restart it to read those of crm" in caplog.text


def test_without_a_file_there_are_no_sources() -> None:
    watcher = SourcesWatcher(None)
    assert not watcher.check()
    assert watcher.current.sources == ()
    assert watcher.current.routes("shop.web", "cx.touchpoints") is None


def test_a_wrong_file_names_its_first_problems_and_the_command_that_lists_all(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(BASE.replace("{ path", "{ pth"))
    with pytest.raises(ConfigurationError, match="cxb sources check") as error:
        SourcesWatcher(path)
    assert "line 7, source[1].fields.event_id" in str(error.value)
