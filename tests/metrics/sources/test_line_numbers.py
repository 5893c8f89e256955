from metrics.sources.line_numbers import SourceLines

TEXT = """# sources
[[source]]
name = "a"
csv = { header_row = 2 }
[source.fields]
"customer" = "x"
[other]
name = "no"
[[source]] # two
[[source.event]]
kind = "nps"
[source.event.score]
path = "s"
"""


def test_each_key_and_header_has_its_line() -> None:
    lines = SourceLines(TEXT)
    assert lines.find(1, "", 1, "name") == 3
    assert lines.find(1, "csv", 1, "header_row") == 4
    assert lines.find(1, "fields", 1, "customer") == 6
    assert lines.find(1, "fields", 1, "score") == 5
    assert lines.find(2, "event", 1, "kind") == 11
    assert lines.find(2, "event", 1, "score") == 10
    assert lines.find(2, "", 1, "event") == 10
    assert lines.find(2, "", 1, "name") == 9
    assert lines.find(3) is None


def test_a_file_with_multi_line_strings_has_no_lines_rather_than_wrong_ones() -> None:
    assert SourceLines(TEXT + 'drop = """\n[[source]]\n"""\n').find(1) is None
