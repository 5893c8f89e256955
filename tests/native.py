"""Whether the part in Rust is built: tests of it are skipped without, unless it is required."""

import os

import pytest

from streams.runtime import native

needs_native = pytest.mark.skipif(
    native.module() is None and not os.environ.get("CXB_REQUIRE_NATIVE"),
    reason="streams/native is not built: it needs cargo (CXB_REQUIRE_NATIVE=1 makes that an error)",
)
