"""An event of each kind, as the documents show it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_AT: Final = "2026-11-22T09:59:30Z"


def _event(kind: str, event_id: str, source: str, touchpoint: str, at: str = _AT, **fields: Any) -> dict[str, Any]:
    head = {"event_id": event_id, "source": source, "kind": kind, "touchpoint": touchpoint, "occurred_at": at}
    return {**head, **fields}


_EVENTS: Final = (
    _event("awareness", "a5", "social", "social.facebook", "2026-11-22T09:00:00Z", count=2300),
    _event("visit", "a4", "web-shop", "web.site", "2026-11-22T09:58:00Z", count=118, region="it-north"),
    _event(
        "conversion", "a6", "web-shop", "web.checkout",
        customer="c-4711", journey="j-88", amount="129.90", currency="EUR",
    ),
    _event("nps", "a1", "survey", "web.checkout", score=9),
    _event("csat", "a2", "survey", "service.switchboard", "2026-11-22T10:59:30.250+01:00", customer="c-4711", score=4),
    _event("ces", "a3", "survey", "product.manual", score=6, segment="smb"),
    _event("referral", "a8", "crm", "sales.seller"),
    _event("repeat_purchase", "a7", "web-shop", "web.checkout", amount=12.5, currency="USD"),
    _event("renewal", "a9", "crm", "sales.quote"),
    _event("churn", "a10", "crm", "sales.quote"),
    _event("contact", "a11", "telephony", "service.switchboard"),
    _event("ownership_answer", "g1", "poll", "web.checkout", answer="it", role="manager", facet="delivery"),
    _event("success_answer", "g2", "survey", "web.checkout", metric="ces", value=6.5, customer="c-4711"),
    _event(
        "spend", "g3", "erp", "web.checkout", "2026-11-22T00:00:00Z",
        amount="1250.00", currency="EUR", category="rework",
    ),
    _event("case_opened", "g4", "crm", "web.checkout", "2026-11-21T09:59:30Z", case_id="2026-118"),
    _event(
        "case_closed", "g5", "crm", "web.checkout", case_id="2026-118", resolved=True, confirmed_by_customer=True
    ),
    _event("survey_sent", "n1", "survey", "web.checkout", "2026-11-22T09:00:00Z", customer="c-4711"),
    _event(
        "note", "n2", "marketing-calendar", "web.checkout", "2026-11-22T08:00:00Z", text="Christmas campaign began"
    ),
)  # fmt: skip
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({event["kind"]: event for event in _EVENTS})
"""By kind; docs/event.md and docs/governance.md have the same."""
