import pytest

from metrics.events.pseudonyms import key_id
from streams.errors import ConfigurationError
from streams.settings.customer_keys import customer_keys, known_key_ids
from streams.settings.settings import Settings, load

KEY, OLD_KEY, DESTROYED = "ab" * 32, "cd" * 32, "0123ABCD"


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> Settings:
    monkeypatch.setenv("CXB_CUSTOMER_KEY", text)
    return load()


def test_a_key_that_was_destroyed_is_known_by_its_id_and_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, f"{KEY} {DESTROYED}\n{OLD_KEY}")
    assert customer_keys(settings) == (bytes.fromhex(KEY), bytes.fromhex(OLD_KEY))
    known = {key_id(bytes.fromhex(KEY)), key_id(bytes.fromhex(OLD_KEY)), DESTROYED.lower()}
    assert known_key_ids(settings) == known


@pytest.mark.parametrize("text", [DESTROYED, f"{DESTROYED} {KEY}", f"{KEY} {DESTROYED[:-1]}", f"{KEY}{DESTROYED}"])
def test_the_key_in_use_comes_first_and_whole(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    settings = given(monkeypatch, text)
    for read in (customer_keys, known_key_ids):
        with pytest.raises(ConfigurationError, match="must hold 64 hexadecimal digits"):
            read(settings)
