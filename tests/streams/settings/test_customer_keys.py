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


def test_without_a_key_it_is_said_which_one_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXB_CUSTOMER_KEY", raising=False)
    with pytest.raises(ConfigurationError, match=r"CXB_CUSTOMER_KEY_FILE to a file .* restore the key .* openssl rand"):
        customer_keys(load())


def test_a_key_in_the_place_of_its_file_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXB_CUSTOMER_KEY", raising=False)
    monkeypatch.setenv("CXB_CUSTOMER_KEY_FILE", KEY)
    with pytest.raises(ConfigurationError, match="has a key: set CXB_CUSTOMER_KEY") as caught:
        customer_keys(load())
    assert KEY not in str(caught.value)
