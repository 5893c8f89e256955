from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.sources.named import assignments, mapping_named
from tests.metrics.sources.given import BASE, EVENT, RECORD

DELIGHTED = '[[source]]\nname = "ours"\nlike = "delighted-csv"\n[source.fields]\ntouchpoint = "web.cart"\n'


def test_a_source_of_the_file_is_found_by_its_name_and_completed(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(BASE + DELIGHTED)
    assert mapping_named("shop", path, {}).events(RECORD, {}) == [EVENT]
    assert mapping_named("shop", path, {"touchpoint": "web.cart"}).events(RECORD, {}) == [
        EVENT | {"touchpoint": "web.cart"}
    ]
    row = {"Score": "9", "Email": "", "Response Date": "2026-11-22 09:59:30"}
    events = mapping_named("ours", path, {}).events(row, {})
    assert isinstance(events, list)
    assert [(event["source"], event["touchpoint"]) for event in events] == [("ours", "web.cart")]


def test_a_name_that_is_none_is_met_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'delighted-csv'"):
        mapping_named("delightd-csv", None, {})


def test_what_a_ready_made_source_lacks_is_said_once() -> None:
    with pytest.raises(ConfigurationError) as error:
        mapping_named("segment", None, {})
    assert str(error.value).count("no value for touchpoint") == 1
    assert "--set FIELD=VALUE" in str(error.value)


@pytest.mark.parametrize("text", ["touchpoint", "touchpont=web", "=web"])
def test_an_assignment_to_no_field_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="FIELD=VALUE"):
        assignments([text])


def test_a_value_may_be_a_text_or_toml() -> None:
    assert assignments(["segment=smb", 'region="it"', "score={ path = 'a' }", "count=3"]) == {
        "segment": "smb", "region": "it", "score": {"path": "a"}, "count": 3,
    }  # fmt: skip
