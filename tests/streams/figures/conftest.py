"""What several tests of figures begin with."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def today() -> datetime:
    """Midnight before a test begins: a suite may begin on another day."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
