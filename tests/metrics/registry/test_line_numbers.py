"""Line numbers: the right one, or none."""

from metrics.registry.line_numbers import Lines

TEXT = """\
version = "1" # [[ownership]] in a comment is not a header

[horizons]
short = "7d"

[[ownership]] # the first
touchpoint = "*"
"owner" = "it"

[[ownership]]
owner = "it"
[ownership.contributors]
owner = 0.2
"""


def test_keys_are_found_in_their_own_section() -> None:
    lines = Lines(TEXT, {"ownership": 2})
    assert lines.find("", 1, "version") == 1
    assert lines.find("horizons", 1, "short") == 4
    assert lines.find("ownership", 1) == 6
    assert lines.find("ownership", 1, "owner") == 8
    assert lines.find("ownership", 2, "owner") == 11


def test_a_subtable_counts_as_a_key_of_its_table() -> None:
    assert Lines(TEXT, {"ownership": 2}).find("ownership", 2, "contributors") == 12


def test_a_key_that_is_absent_leads_to_the_header() -> None:
    assert Lines(TEXT, {"ownership": 2}).find("ownership", 2, "to") == 10


def test_what_is_not_there_has_no_line() -> None:
    lines = Lines(TEXT, {"ownership": 2})
    assert lines.find("ownership", 3, "to") is None
    assert lines.find("", 1, "policy") is None


def test_a_section_with_another_number_of_tables_than_headers_has_no_lines() -> None:
    lines = Lines(TEXT, {"ownership": 3})
    assert lines.find("ownership", 1, "owner") is None
    assert lines.find("horizons", 1, "short") == 4


def test_a_file_with_multi_line_strings_has_no_lines() -> None:
    assert Lines('a = """\n[[ownership]]\n"""\nb = 1\n', {}).find("", 1, "b") is None
    assert Lines("a = '''\n'''\nb = 1\n", {}).find("", 1, "b") is None
