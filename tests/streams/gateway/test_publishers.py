"""The file of publishers: followed while it is right, named where it is wrong; a token counts by its hash."""

from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.gateway.publishers import PublishersFile, by_token, hashed
from streams.gateway.token_file import add_token

TOKEN = "cxg_" + "x" * 43
SOUND = f"""
[[publisher]]
name = "shop"
source = "web-shop"
touchpoints = ["web.*"]
tokens = ["{hashed(TOKEN)}"]
"""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[[publisher", "publishers.toml are wrong"),
        (SOUND.replace("source", "sauce"), "unknown field `sauce` - at `$.publisher[0]`"),
        (SOUND.replace('["web.*"]', "[]"), "length >= 1 - at `$.publisher[0].touchpoints`"),
        (SOUND.replace("web.*", "web*"), "shop: 'web*' is no pattern"),
        (SOUND.replace("sha256:", ""), "at `$.publisher[0].tokens[0]`"),
        (SOUND.replace('"shop"', '"The shop"'), "at `$.publisher[0].name`"),
        (SOUND + SOUND, "the name shop occurs 2 times"),
        (SOUND + SOUND.replace('"shop"', '"crm"'), "the same token occurs 2 times"),
        (SOUND + "events_per_s = 0", "at `$.publisher[0].events_per_s`"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, wrong: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        by_token(text, "publishers.toml")
    assert wrong in str(raised.value)
    assert hashed(TOKEN)[7:] not in str(raised.value)


def test_a_token_is_known_until_the_file_has_it_no_more(tmp_path: Path) -> None:
    path = tmp_path / "publishers.toml"
    path.write_text(SOUND)
    publishers = PublishersFile(path)
    assert publishers.find(TOKEN) is not None
    assert publishers.find(hashed(TOKEN)) is None
    path.write_text(SOUND.replace("tokens", "# tokens"))
    publishers.check()
    assert publishers.find(TOKEN) is None


def test_a_broken_file_changes_nothing_until_it_is_right_again(tmp_path: Path) -> None:
    path = tmp_path / "publishers.toml"
    path.write_text(SOUND)
    publishers = PublishersFile(path)
    for broken in ("[[", None):
        path.unlink() if broken is None else path.write_text(broken)
        publishers.check()
        assert publishers.error is not None
        assert publishers.find(TOKEN) is not None
    path.write_text(SOUND)
    publishers.check()
    assert publishers.error is None


def test_a_file_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cxb gateway token"):
        PublishersFile(tmp_path / "none.toml")


def test_a_new_token_is_a_change_that_a_running_gateway_sees(tmp_path: Path) -> None:
    path = tmp_path / "publishers.toml"
    first = add_token(path, "shop", "web-shop", ("web.*",))
    publishers = PublishersFile(path)
    second = add_token(path, "shop", "", ())
    assert publishers.find(second) is None
    publishers.check()
    assert {publishers.find(token).name for token in (first, second)} == {"shop"}  # type: ignore[union-attr]
