"""Settings of the gateway: what reaches beyond this machine has publishers, and pages are named exactly."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from streams.settings.gateway import GatewaySettings


def test_by_default_it_is_for_this_machine_and_for_no_page() -> None:
    settings = GatewaySettings()
    assert settings.is_loopback
    assert settings.allowed_origins == frozenset()


def test_origins_are_a_list() -> None:
    settings = GatewaySettings(origins="https://shop.example, http://localhost:3000")
    assert settings.allowed_origins == {"https://shop.example", "http://localhost:3000"}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"host": "0.0.0.0"}, "CXB_GATEWAY_PUBLISHERS"),
        ({"origins": "*"}, "no wildcard"),
        ({"origins": "https://shop.example/"}, "without a path"),
        ({"ssl_certfile": Path("x.pem")}, "go together"),
        ({"request_bytes": 8 << 20, "pending_bytes": 4 << 20}, "must not be less"),
    ],
)
def test_what_does_not_go_together_is_said(values: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        GatewaySettings(**values)
