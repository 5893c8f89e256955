import pytest

from metrics.events.shapes import shape_of, type_of


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ('"anna"', "a string"), ("{}", "an object"), ("[1]", "an array"), ("true", "true"), ("false", "false"),
        ("null", "null"), ("9.5", "the number 9.5"), ("-471112", "the number -471112"),
        ("39333123", "a number of 8 characters"),
    ],
)  # fmt: skip
def test_the_type_of_a_token_is_said_in_words_and_only_a_short_number_is_quoted(token: str, words: str) -> None:
    assert type_of(token) == words


@pytest.mark.parametrize(
    ("token", "shape"),
    [
        (b'"anna"', "<text: 4 characters>"), (b'"\\u0061nna"', "<text: 4 characters>"), (b'"\xff"', "<text: 1 bytes>"),
        (b"4711", "<number: 4 characters>"), (b"true", "true"), (b"[1,2]", "<array: 5 bytes>"),
        (b'{"a":1}', "<object: 7 bytes>"),
    ],
)  # fmt: skip
def test_a_shape_has_the_length_and_no_content(token: bytes, shape: str) -> None:
    assert shape_of(token) == shape
