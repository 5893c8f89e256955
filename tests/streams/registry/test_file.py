import asyncio
import logging
from pathlib import Path

import pytest

from metrics.lint.lint import lint
from metrics.registry import told_apart
from streams import followed
from streams.errors import ConfigurationError
from streams.registry import file
from streams.registry.file import RegistryWatcher, load, sample
from tests.streams.given import REGISTRY, until

BROKEN = 'version = "v2"\npolicy = "nobody"\n'


def test_the_sample_ships_and_is_without_an_error() -> None:
    assert load(sample()).version
    assert [problem for problem in lint(sample().read_text()) if problem.severity == "error"] == []


def test_a_file_is_read_and_compiled(registry_path: Path) -> None:
    compiled = load(registry_path)
    assert compiled.version == "v1"
    assert compiled.attribution.owner("delivery.van", "", "", "nps", 0) == "logistics"


@pytest.mark.parametrize("content", [None, b"\xff\xff"])
def test_a_file_that_cannot_be_read_is_told(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"cannot read the registry {path}: "):
        load(path)


def test_a_wrong_file_is_told_with_line_and_remedy(registry_path: Path) -> None:
    registry_path.write_text(BROKEN)
    with pytest.raises(ConfigurationError, match=rf"the registry {registry_path} is wrong:\n  line 2, policy: "):
        load(registry_path)


def test_of_many_problems_the_first_are_told_and_the_rest_counted(registry_path: Path) -> None:
    registry_path.write_text(REGISTRY + '\n[[ownership]]\ntouchpoint = "x"\nowner = "nobody"\n' * 8)
    with pytest.raises(ConfigurationError, match=f"and 3 more: run cxb check {registry_path}"):
        load(registry_path)


def test_a_worker_does_not_start_on_a_broken_file(registry_path: Path) -> None:
    registry_path.write_text(BROKEN)
    with pytest.raises(ConfigurationError):
        RegistryWatcher(registry_path)


def test_a_changed_file_comes_into_force(registry_path: Path) -> None:
    file = RegistryWatcher(registry_path)
    assert not file.check()
    registry_path.write_text(REGISTRY.replace('"v1"', '"v2"'))
    assert file.check()
    assert (file.current.version, file.error, file.reloads) == ("v2", None, 1)
    assert not file.check()


def test_a_change_without_a_new_version_comes_into_force_too(registry_path: Path) -> None:
    file = RegistryWatcher(registry_path)
    registry_path.write_text(REGISTRY.replace('owner = "logistics"', 'owner = "sales"'))
    assert file.check()
    assert file.current.attribution.owner("delivery.van", "", "", "nps", 0) == "sales"


def test_a_broken_file_never_replaces_a_good_one(registry_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = RegistryWatcher(registry_path)
    registry_path.write_text(BROKEN)
    assert not file.check()
    assert file.current.version == "v1"
    assert file.error is not None
    assert "policy" in file.error
    assert "the registry changed and is not valid, version v1 stays" in caplog.text


def test_a_file_that_vanished_is_said_once_and_the_old_one_stays(
    registry_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = RegistryWatcher(registry_path)
    registry_path.unlink()
    assert [file.check(), file.check()] == [False, False]
    assert file.current.version == "v1"
    assert caplog.text.count("the registry changed and is not valid") == 1


def test_an_error_stays_until_the_file_is_fixed(registry_path: Path) -> None:
    file = RegistryWatcher(registry_path)
    registry_path.write_text(BROKEN)
    file.check()
    assert not file.check()
    assert file.error is not None
    registry_path.write_text(REGISTRY.replace('"v1"', '"v3"'))
    assert file.check()
    assert (file.error, file.current.version) == (None, "v3")


@pytest.mark.parametrize("vanished", [False, True])
def test_a_file_that_is_put_back_as_it_was_is_no_error_any_more(registry_path: Path, vanished: bool) -> None:
    file = RegistryWatcher(registry_path)
    if vanished:
        registry_path.unlink()
    else:
        registry_path.write_text(BROKEN)
    file.check()
    registry_path.write_text(REGISTRY)
    file.check()
    assert (file.error, file.current.version) == (None, "v1")


def test_the_file_is_followed_until_cancelled(
    registry_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(followed, "POLL_S", 0.01)
    file = RegistryWatcher(registry_path)

    async def follow() -> None:
        following = asyncio.create_task(file.follow())
        await until(lambda: file.current.version == "v2")
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following

    registry_path.write_text(REGISTRY.replace('"v1"', '"v2"'))
    asyncio.run(follow())
    assert "the registry changed: version v2 is in force" in caplog.text


def test_a_registry_that_tells_much_apart_is_in_force_with_a_warning_and_one_that_tells_too_much_is_refused(
    registry_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "MANY_TOLD_APART", 3)
    assert RegistryWatcher(registry_path).current.version == "v1"
    assert "tells 6 combinations and dates apart: above 3" in caplog.text
    monkeypatch.setattr(told_apart, "MOST_TOLD_APART", 3)
    with pytest.raises(ConfigurationError, match="the rules tell more than 3 combinations"):
        RegistryWatcher(registry_path)
