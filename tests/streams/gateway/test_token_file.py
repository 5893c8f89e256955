"""Making tokens: the file keeps their hashes, and all else that people wrote into it."""

import stat
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.gateway.publishers import by_token, hashed
from streams.gateway.token_file import add_token


def test_the_file_has_the_hash_and_never_the_token(tmp_path: Path) -> None:
    path = tmp_path / "publishers.toml"
    token = add_token(path, "shop", "web-shop", ("web.*", "app.*"))
    assert token.startswith("cxg_")
    assert len(token) == 47
    assert token not in path.read_text()
    publisher = by_token(path.read_text(), "")[hashed(token)]
    assert (publisher.name, publisher.source, publisher.touchpoints) == ("shop", "web-shop", ("web.*", "app.*"))
    assert [*tmp_path.iterdir()] == [path]


def test_another_token_of_a_publisher_is_added_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "publishers.toml"
    first = add_token(path, "shop", "web-shop", ("web.*",))
    path.write_text("# ours\n" + path.read_text() + "events_per_s = 5 # slow\n")
    path.chmod(0o640)
    second = add_token(path, "shop", "", ())
    add_token(path, "crm", "crm", ("*",))
    assert "# ours" in path.read_text()
    assert "# slow" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    known = by_token(path.read_text(), "")
    assert known[hashed(first)] == known[hashed(second)]
    assert len(known) == 3


@pytest.mark.parametrize(
    ("name", "source", "touchpoints", "wrong"),
    [
        ("crm", "", (), "has no publisher crm: give --source"),
        ("crm", "crm", (), "has no publisher crm"),
        ("shop", "other", ("web.*",), "has a publisher shop already"),
        ("crm", "crm", ("Web",), "'Web' is no pattern"),
        ("The crm", "crm", ("*",), "at `$.publisher[1].name`"),
    ],
)
def test_what_cannot_be_added_leaves_the_file_as_it_was(
    tmp_path: Path, name: str, source: str, touchpoints: tuple[str, ...], wrong: str
) -> None:
    path = tmp_path / "publishers.toml"
    add_token(path, "shop", "web-shop", ("web.*",))
    before = path.read_text()
    with pytest.raises(ConfigurationError) as raised:
        add_token(path, name, source, touchpoints)
    assert wrong in str(raised.value)
    assert path.read_text() == before


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot write the publishers"):
        add_token(tmp_path / "no" / "publishers.toml", "shop", "web-shop", ("*",))
