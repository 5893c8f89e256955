"""The port of the page that `cxb up` is asked for, from where settings come from."""

from pathlib import Path

import pytest

from streams.cli.up_port import wanted_port


@pytest.mark.parametrize(
    ("variable", "file", "port"),
    [
        (None, None, None),
        ("6070", None, 6070),
        ("0", None, 0),
        ("6070", "[http]\nport = 6071", 6070),
        ("", "[http]\nport = 6071", 6071),
        (None, "[http]\nhost = '127.0.0.1'", None),
        (None, "http = 5", None),
        (None, "not TOML", None),
        ("-1", None, None),
        ("99999", None, None),
    ],
)
def test_it_is_that_of_the_environment_then_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, file: str | None, port: int | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CXB_CONFIG", raising=False)
    monkeypatch.delenv("CXB_HTTP_PORT", raising=False)
    if variable is not None:
        monkeypatch.setenv("CXB_HTTP_PORT", variable)
    if file is not None:
        (tmp_path / "cxb.toml").write_text(file)
    assert wanted_port() == port
    if file is not None:
        (tmp_path / "cxb.toml").rename(tmp_path / "other.toml")
        monkeypatch.setenv("CXB_CONFIG", "other.toml")
        assert wanted_port() == port
