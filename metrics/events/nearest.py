"""Did you mean: which of our names a publisher's own name stands for.

Asked only of what is refused, unknown or listed for people: never of an event that is as it should be.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Final

from metrics.catalogue import ALL_KINDS

LONGEST_COMPARED: Final = 32
"""Longer texts are not compared with those that are known: nobody spelled one of those."""
MOST_COMPARED: Final = 40
"""So many names of a record are compared; one with more has no field that was misspelt."""

_BETWEEN: Final = re.compile(r"[\W_]")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_NAME: Final = re.compile(r"[A-Za-z0-9_.\- ]{1,32}", re.ASCII)
_SHORTEST_MISSPELT: Final = 5
_ALIKE: Final = 0.85
_ALIKE_TOUCHPOINT: Final = 0.8
_SIDE: Final = 3
"""A misspelt touchpoint has the first so many characters of the one that was meant, or the last."""

_MOST_CANDIDATES: Final = 50
"""So many are compared letter by letter, those with most words in common first: it is a hint, and must cost little."""

FIELD_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "event_id": "id uuid guid message_id record_id response_id answer_id unique_id",
        "source": "service app application system origin publisher producer sender",
        "kind": "type event event_type event_name event_kind",
        "touchpoint": "touch_point page path url screen channel location step",
        "occurred_at": "timestamp ts time date datetime at when occurred occurred_on event_time event_date happened_at "
        "created created_at submitted_at answered_at responded_at recorded_at time_stamp",
        "customer": "user user_id uid client client_id account account_id member member_id person person_id contact_id "
        "consumer_id email respondent respondent_id visitor_id",
        "journey": "session session_id visit_id trip trip_id",
        "score": "rating value stars points answer result grade",
        "amount": "price total revenue sum order_value cost",
        "currency": "currency_code ccy",
        "count": "quantity qty number hits views times",
        "segment": "tier plan customer_group cohort",
        "region": "country area market territory state geo",
        "case_id": "case ticket ticket_id complaint_id incident_id",
        "text": "note comment message description title",
        "department": "team owner unit",
        "category": "purpose cost_type",
    }
)
"""What publishers call our fields, each as words joined by `_`."""

KIND_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "awareness": "impression impressions mention mentions ad_view reach",
        "visit": "page_view page_views view views hit hits session walk_in footfall traffic",
        "conversion": "purchase order sale checkout sign_up signup first_purchase buy order_placed converted",
        "nps": "net_promoter net_promoter_score promoter promoter_score recommend",
        "csat": "satisfaction customer_satisfaction satisfaction_score rating stars",
        "ces": "effort effort_score customer_effort customer_effort_score ease",
        "referral": "recommendation referred refer invite_friend",
        "repeat_purchase": "repurchase reorder repeat_order second_purchase repeat repeat_sale",
        "renewal": "renew renewed subscription_renewed contract_renewed",
        "churn": "churned cancel cancellation cancelled canceled unsubscribe attrition lost_customer",
        "contact": "call chat interaction support support_contact phone_call",
        "survey_sent": "invitation survey_invitation invited survey_invite",
        "note": "annotation comment remark",
        "spend": "cost expense budget",
        "case_opened": "complaint case case_open ticket ticket_opened ticket_created",
        "case_closed": "case_close case_resolved ticket_closed ticket_resolved resolved",
        "ownership_answer": "owner ownership perceived_owner",
        "success_answer": "success success_definition",
    }
)
"""What publishers call our kinds, likewise."""


def meant_kind(kind: str) -> str:
    """The kind that a text stands for; "" if none.

    >>> meant_kind("NPS"), meant_kind("net_promoter"), meant_kind("pageView"), meant_kind("applause")
    ('nps', 'nps', 'visit', '')
    """
    return _meant(kind, ALL_KINDS, KIND_WORDS)


def meant_field(name: str, fields: Collection[str]) -> str:
    """The field that a name stands for, of those given; "" if none.

    >>> fields = ("event_id", "occurred_at", "customer")
    >>> [meant_field(name, fields) for name in ("eventId", "event-id", "ts", "user_id", "ocurred_at", "mood")]
    ['event_id', 'event_id', 'occurred_at', 'customer', 'occurred_at', '']
    """
    return _meant(name, fields, FIELD_WORDS)


def spelled_field(name: str, fields: Collection[str]) -> str:
    """The field that a whole name stands for: utm_source is no source, though that is in it; "" if none.

    >>> spelled_field("eventId", ("event_id", "source")), spelled_field("utm_source", ("event_id", "source"))
    ('event_id', '')
    """
    plain = _plain(name)
    meant = meant_field(name, fields)
    return meant if plain in _plain_words(FIELD_WORDS.get(meant, "")) or _is_near(plain, _plain(meant)) else ""


def hint_of_absent(absent: Iterable[str], present: Iterable[str]) -> str:
    """What may have been meant for fields that are absent, to stand at the end of a detail; "" for nothing.

    A name of the record's is quoted only if it is one of ours or of the tables here but for case and signs: any other
    may be somebody's.

    >>> hint_of_absent(["event_id", "kind"], ["eventId", "mood"])
    '; did you mean event_id by eventId?'
    >>> hint_of_absent(["customer"], ["custmer"])
    '; did you mean customer by a name of 7 characters?'
    """
    wanted = list(absent)
    pairs: dict[str, str] = {}
    for name, _ in zip(present, range(MOST_COMPARED), strict=False):
        field = meant_field(name, [field for field in wanted if field not in pairs])
        if field:
            pairs[field] = _quoted(name, field)
    found = ", ".join(f"{field} by {pairs[field]}" for field in wanted if field in pairs)
    return f"; did you mean {found}?" if found else ""


def hint_of_option(text: str, options: Iterable[object]) -> str:
    """The option that a text may have meant, to stand at the end of a sentence; "" if none.

    >>> hint_of_option("NPS", ["nps", "csat"]), hint_of_option("joy", ["nps"])
    ('; did you mean nps?', '')
    """
    texts = [option for option in options if isinstance(option, str)]
    kind = meant_kind(text)
    likely = kind if kind in texts else resembling(text, texts)
    return f"; did you mean {likely}?" if likely else ""


class TouchpointsNear:
    """The touchpoints of a registry, to be asked for the one that was meant by one that it does not have.

    Indexed by their words, and by how they begin and end: a registry may have many thousands, and a list of unknown
    ones hundreds.
    """

    def __init__(self, known: Iterable[str]) -> None:
        """Indexes them by what is compared."""
        self._known = sorted(known)
        self._same: dict[str, str] = {}
        self._alike: dict[tuple[int, str], list[tuple[str, str]]] = {}
        self._last: dict[str, list[str]] = {}
        for name in self._known:
            plain = _BETWEEN.sub("", name.lower())
            self._same.setdefault(plain, name)
            for key in _keys(name):
                self._alike.setdefault(key, []).append((plain, name))
            self._last.setdefault(name.rpartition(".")[2], []).append(name)

    def meant(self, touchpoint: str) -> str:
        """The touchpoint that was meant; "" if none is near.

        >>> near = TouchpointsNear(("web.checkout", "web.cart"))
        >>> near.meant("web.chekout"), near.meant("web-cart"), near.meant("checkout"), near.meant("kiosk")
        ('web.checkout', 'web.cart', 'web.checkout', '')
        """
        plain = _plain(touchpoint)
        if plain in self._same:
            return self._same[plain]
        alike_at_end = self._last.get(touchpoint.rpartition(".")[2], ())
        inner = [name for name in alike_at_end if _is_inner(touchpoint, name) or _is_inner(name, touchpoint)]
        if inner:
            return max(inner, key=lambda name: (len(name), name))
        candidates = (item for key in _keys(touchpoint) for item in self._alike.get(key, ()))
        near = set(islice((item for item in candidates if _is_as_long(plain, item[0])), _MOST_CANDIDATES))
        ratio, name = max(((_alike(plain, other), name) for other, name in near), default=(0.0, ""))
        return name if ratio >= _ALIKE_TOUCHPOINT else ""


def meant_touchpoint(touchpoint: str, known: Iterable[str]) -> str:
    """The same of a single one."""
    return TouchpointsNear(known).meant(touchpoint)


def resembling(text: str, known: Collection[str]) -> str:
    """The known name that is in a text but for case, signs and typos; "" if there is none."""
    if len(text) > LONGEST_COMPARED:
        return ""
    plain, runs = _plain(text), set(_runs(text))
    found = [name for name in known if _plain(name) in runs] or [
        name for name in known if _is_misspelt(plain, _plain(name))
    ]
    return max(found, key=lambda name: (len(name), name)) if found else ""


def _meant(text: str, known: Collection[str], words: Mapping[str, str]) -> str:
    if len(text) > LONGEST_COMPARED:
        return ""
    plain = _plain(text)
    same = next((name for name in known if _plain(name) == plain), "")
    other = next((name for name in known if plain in _plain_words(words.get(name, ""))), "")
    return same or other or resembling(text, known)


def _runs(text: str) -> Iterator[str]:
    """Each run of words in a text, without what joins them: customerId has customer, id and customerid."""
    words = [word.lower() for word in _WORD.findall(text)]
    for first in range(len(words)):
        for last in range(first, len(words)):
            yield "".join(words[first : last + 1])
    yield _plain(text)


def _quoted(name: str, field: str) -> str:
    plain = _plain(name)
    is_harmless = plain == _plain(field) or plain in _plain_words(FIELD_WORDS.get(field, ""))
    return name if is_harmless and _NAME.fullmatch(name) else f"a name of {len(name)} characters"


def _is_near(text: str, name: str) -> bool:
    return text == name or _is_misspelt(text, name)


def _is_misspelt(text: str, name: str) -> bool:
    # Begun like it and as long, give or take one: few are, and only they are compared letter by letter.
    if text[:1] != name[:1] or abs(len(text) - len(name)) > 1 or len(text) < _SHORTEST_MISSPELT:
        return False
    return sorted(text) == sorted(name) or _alike(text, name) >= _ALIKE


def _is_as_long(text: str, name: str) -> bool:
    return abs(len(text) - len(name)) <= max(2, len(name) // 4)


def _keys(touchpoint: str) -> Iterator[tuple[int, str]]:
    """What a misspelt touchpoint and the one that was meant have in common: all words but one, the begin or the end."""
    words = touchpoint.split(".")
    if len(words) > 1:
        yield from ((place, ".".join(words[:place] + words[place + 1 :])) for place in range(len(words)))
    plain = _plain(touchpoint)
    yield -1, plain[:_SIDE]
    yield -2, plain[-_SIDE:]


def _is_inner(inner: str, whole: str) -> bool:
    return whole.endswith(f".{inner}")


def _alike(text: str, name: str) -> float:
    return SequenceMatcher(None, text, name, autojunk=False).ratio()


@lru_cache(maxsize=256)
def _plain_words(words: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in words.split())


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return _BETWEEN.sub("", text.lower())
