import hashlib
import hmac

from metrics.events.pseudonyms import key_id, pseudonym, pseudonyms

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_hash_is_hmac_sha_256_behind_the_id_of_its_key() -> None:
    name, _, digest = pseudonym("c-1", OLD).partition("-")
    assert name == key_id(OLD)
    assert digest == hmac.new(OLD, b"c-1", hashlib.sha256).hexdigest()[:32]


def test_other_keys_give_other_hashes_and_other_ids() -> None:
    assert pseudonym("c-1", OLD) != pseudonym("c-1", NEW)
    assert key_id(OLD) != key_id(NEW)


def test_a_person_is_found_under_every_key_that_was_in_use() -> None:
    assert pseudonyms("c-1", (NEW, OLD)) == (pseudonym("c-1", NEW), pseudonym("c-1", OLD))
