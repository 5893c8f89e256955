import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from metrics.sources.parsing import lint_sources, parse_sources
from metrics.sources.signatures import Signature

READY = {"cloudevents": {"event": [{"event_id": "a", "kind": "contact", "touchpoint": "t", "occurred_at": "b"}]}}
BODY, SECRET, NOW_S = b'{"id": "1"}', b"s3cret", 1_790_000_000.0
HEX = hmac.new(SECRET, BODY, hashlib.sha256).hexdigest()
SOURCE = """
[[source]]
name = "calls"
like = "cloudevents"
http = "/v1/sources/calls"
[source.signature]
header = "X-Signature"
secret_file = "/run/secret"
"""


@pytest.mark.parametrize(
    ("signature", "headers"),
    [
        (
            Signature("X-Delighted-Webhook-Signature", "s", prefix="sha256="),
            {"x-delighted-webhook-signature": f"sha256={HEX}"},
        ),
        (Signature("X-Signature", "s", algorithm="sha1"), {"x-signature": hmac.new(SECRET, BODY, "sha1").hexdigest()}),
        (
            Signature("Typeform-Signature", "s", encoding="base64", prefix="sha256="),
            {"typeform-signature": "sha256=" + base64.b64encode(bytes.fromhex(HEX)).decode()},
        ),
        (
            Signature("S", "s", timestamp="T", signed="v0:{timestamp}:{body}"),
            {"t": "1790000000", "s": hmac.new(SECRET, b"v0:1790000000:" + BODY, "sha256").hexdigest()},
        ),
        (
            Signature("S", "s", timestamp="T", signed="{timestamp}{body}"),
            {"t": "2026-09-21T14:13:20Z", "s": hmac.new(SECRET, b"2026-09-21T14:13:20Z" + BODY, "sha256").hexdigest()},
        ),
    ],
    ids=["hex", "sha1", "base64", "epoch", "RFC 3339"],
)
def test_a_signature_of_the_secret_is_the_tools_and_any_other_is_not(
    signature: Signature, headers: dict[str, str]
) -> None:
    assert signature.fault(headers, BODY, SECRET, NOW_S) == ""
    assert "not that of this secret" in signature.fault(headers, BODY + b" ", SECRET, NOW_S)
    assert "not that of this secret" in signature.fault(headers, BODY, b"other", NOW_S)
    name = signature.header.lower()
    assert "is missing" in signature.fault({**headers, name: ""}, BODY, SECRET, NOW_S)
    assert "not that of this secret" in signature.fault({**headers, name: "é"}, BODY, SECRET, NOW_S)


@pytest.mark.parametrize(
    ("stamp", "fault"),
    [("1789999699", "301 s ago"), ("1790000301", "-301 s ago"), ("", "must be a time"),
     ("2026-09-21T14:13:20", "must be a time"), ("99999999999999999999", "must be a time")],
)  # fmt: skip
def test_what_was_signed_long_ago_or_has_no_time_is_not_taken(stamp: str, fault: str) -> None:
    signature = Signature("S", "s", timestamp="T", signed="{timestamp}{body}")
    signed = hmac.new(SECRET, stamp.encode() + BODY, "sha256").hexdigest()
    assert fault in signature.fault({"t": stamp, "s": signed}, BODY, SECRET, NOW_S)


def test_a_signature_is_read_from_the_file_of_sources() -> None:
    [source] = parse_sources(
        SOURCE,
        {"cloudevents": {"event": [{"event_id": "a", "kind": "contact", "touchpoint": "t", "occurred_at": "b"}]}},
    )
    assert source.http == "/v1/sources/calls"
    assert source.signature == Signature("X-Signature", "/run/secret")
    assert source.signature is not None
    assert replace(source.signature, algorithm="sha1").algorithm == "sha1"


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ('algorithm = "md5"', "algorithm", "unknown algorithm"),
        ('encoding = "base32"', "encoding", "unknown encoding"),
        ('signed = "{timestamp}"', "signed", "must have {body} once"),
        ('signed = "{timestamp}{body}"', "timestamp", "missing key"),
        ('secret = "x"', "secret", "unknown key"),
    ],
)
def test_what_is_wrong_with_a_signature_is_told(line: str, path: str, message: str) -> None:
    [problem, *_] = [found for found in lint_sources(SOURCE + line, READY) if found.path.endswith(path)]
    assert (problem.path, message in problem.message) == (f"source[1].signature.{path}", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SOURCE + SOURCE.replace('"calls"', '"others"', 1), "/v1/sources/calls is already in source[1]"),
        (SOURCE.replace('"/v1/sources/calls"', '"/hook"'), "is no path of a webhook"),
        (SOURCE + "[[source]]\nname = 'a'\nsignature = 1\n", "must be a table"),
    ],
)
def test_webhooks_have_paths_of_their_own(text: str, message: str) -> None:
    assert [problem for problem in lint_sources(text, READY) if message in problem.message], lint_sources(text, READY)
