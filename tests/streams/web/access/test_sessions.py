"""Sessions: whose they are, how long they count, and that nobody makes one."""

from hypothesis import given
from hypothesis import strategies as st

from streams.web.access.sessions import MOST_ENDED, Session, Sessions

TOKEN = "a-token-of-enough-length"
SESSIONS = Sessions(TOKEN, 3600)
NOW_S = 1_790_000_000.0
SESSION, TEXT = SESSIONS.begin(NOW_S)


@given(st.floats(0, 7200))
def test_a_session_counts_until_it_is_over(after_s: float) -> None:
    assert (SESSIONS.find(TEXT, NOW_S + after_s) == SESSION) == (after_s < 3600)


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_a_text_in_which_anything_was_changed_is_no_session(position: int, char: str) -> None:
    changed = TEXT[:position] + char + TEXT[position + 1 :]
    assert SESSIONS.find(changed, NOW_S) == (SESSION if changed == TEXT else None)


@given(st.text())
def test_a_text_of_somebody_elses_is_no_session(text: str) -> None:
    assert SESSIONS.find(text, NOW_S) is None


def test_an_expiry_cannot_be_put_off() -> None:
    _, _, signature = TEXT.split(".")
    assert SESSIONS.find(f"{SESSION.until_s + 60}.{SESSION.id}.{signature}", NOW_S) is None


def test_another_worker_with_the_token_takes_it_and_one_with_another_token_does_not() -> None:
    assert Sessions(TOKEN, 3600).find(TEXT, NOW_S) == SESSION
    other = Sessions(TOKEN + "x", 3600)
    assert other.find(TEXT, NOW_S) is None
    assert other.name != SESSIONS.name


def test_a_session_from_before_the_setting_was_made_shorter_ends_by_the_setting() -> None:
    shorter = Sessions(TOKEN, 600)
    assert shorter.find(TEXT, NOW_S) is None
    assert shorter.find(TEXT, NOW_S + 3000) == SESSION


def test_neither_token_nor_key_is_in_what_a_browser_gets() -> None:
    texts = {SESSIONS.begin(NOW_S)[1] for _ in range(50)}
    assert len(texts) == 50
    assert not [text for text in texts if TOKEN in text]


def test_an_ended_session_counts_no_more_and_the_others_do() -> None:
    sessions = Sessions(TOKEN, 3600)
    one, other = sessions.begin(NOW_S), sessions.begin(NOW_S)
    sessions.end(one[0], NOW_S)
    assert sessions.find(one[1], NOW_S) is None
    assert sessions.find(other[1], NOW_S) == other[0]


def test_ended_sessions_are_forgotten_when_they_would_be_over_and_are_never_more_than_a_bound() -> None:
    sessions = Sessions(TOKEN, 3600)
    for n in range(MOST_ENDED + 5):
        sessions.end(Session(int(NOW_S) + 60, str(n)), NOW_S)
    assert len(sessions._ended) == MOST_ENDED
    sessions.end(Session(int(NOW_S) + 3600, "late"), NOW_S + 61)
    assert list(sessions._ended) == ["late"]
