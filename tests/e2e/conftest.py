"""One running instance for the tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import SAMPLE, up, usual_ports_taken


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an instance that runs while the tests of a module do. The usual ports are taken."""
    directory = tmp_path_factory.mktemp("embedded")
    (directory / "registry.toml").write_text(SAMPLE)
    with usual_ports_taken(), up(directory / "data", "--registry", str(directory / "registry.toml")):
        yield directory / "data"


@pytest.fixture(scope="module")
def variables(data: Path) -> dict[str, str]:
    return {"CXB_DATA": str(data)}
