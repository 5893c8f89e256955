"""Everything about ingest holds on both of its paths: that of Python, and that of native code where it is built."""

import pytest

from streams.runtime import native

IS_BUILT = native.module() is not None
# With native code, that is the path that workers take: the other one, with the same tests, is for make test-long.
PYTHON_PATH = pytest.param("false", id="python", marks=[pytest.mark.long] if IS_BUILT else [])
PATHS = [PYTHON_PATH, *([pytest.param("true", id="native")] if IS_BUILT else [])]


@pytest.fixture(autouse=True, params=PATHS)
def _path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXB_INGEST_NATIVE", request.param)
