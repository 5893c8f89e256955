"""Which of the two paths a process takes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.ingest.native import NativeRows
from streams.runtime import native
from streams.runtime.native import INTERFACE, MODULE, reader_of_events
from tests.native import needs_native
from tests.streams.native.twins import LIMITS, PLACEHOLDERS


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a native part that is found before the one that is built."""
    for name in [name for name in sys.modules if name.partition(".")[0] == MODULE]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    native.module.cache_clear()
    yield tmp_path / f"{MODULE}.py"
    sys.modules.pop(MODULE, None)
    native.module.cache_clear()


@needs_native
def test_native_code_reads_events_where_it_is_built_and_the_settings_allow_it() -> None:
    assert (reader_of_events(is_wanted=True), reader_of_events(is_wanted=False)) == ("native", "python")
    assert NativeRows.where_installed(LIMITS, PLACEHOLDERS, is_wanted=True) is not None
    assert NativeRows.where_installed(LIMITS, PLACEHOLDERS, is_wanted=False) is None


def test_a_native_part_that_cannot_be_loaded_is_reported_and_python_reads(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    installed.write_text("raise ImportError('wrong libc')")
    assert reader_of_events(is_wanted=True) == "python"
    assert "wrong libc" in caplog.text


def test_a_native_part_of_other_sources_is_reported_and_python_reads(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    installed.write_text(f"INTERFACE = {INTERFACE + 1}")
    assert reader_of_events(is_wanted=True) == "python"
    assert "make install" in caplog.text


def test_without_a_native_part_python_reads_and_nothing_is_reported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(native, "MODULE", "cxb_native_that_is_nowhere")
    native.module.cache_clear()
    assert (reader_of_events(is_wanted=True), caplog.text) == ("python", "")
    native.module.cache_clear()
