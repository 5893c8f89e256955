"""`make schemas` writes what has changed, and says so."""

from pathlib import Path

import pytest

from deploy.contract import generate
from streams.contract.files import FILES
from tests.deploy.contract.node import require_node


@pytest.mark.long
@pytest.mark.slow
def test_it_writes_every_file_and_the_second_time_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require_node()
    monkeypatch.setattr(generate, "PROJECT", tmp_path)
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    generate.main()
    assert {path.name for path in tmp_path.iterdir()} == {*FILES.values()}
    assert len(capsys.readouterr().out.splitlines()) == len(FILES)
    (tmp_path / "nps.json").write_text("{}")
    generate.main()
    assert capsys.readouterr().out == "written: nps.json\n"
