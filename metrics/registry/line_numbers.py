"""The line of each key in a registry file. tomllib does not report it, so the text is scanned for headers and keys."""

import re
from collections import Counter
from collections.abc import Mapping

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*(?:\.\s*([A-Za-z0-9_-]+)\s*)?\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.]""")


class Lines:
    r"""The lines of the headers and keys of a file; None rather than a wrong number.

    Sections are counted from 1; the top level and single tables such as [horizons] are section number 1 of their name
    ("" for the top level). A file with multi-line strings gets no numbers, because a header may be part of such a
    string. A section gets none if it has fewer or more headers than tables, because tables may be written inline.

    >>> Lines('version = "1"\n[[department]]\nid = "it"\n', {"department": 1}).find("department", 1, "id")
    3
    """

    def __init__(self, text: str, tables: Mapping[str, int]) -> None:
        self._lines: dict[tuple[str, int, str], int] = {}
        if '"""' in text or "'''" in text:
            return
        counts = self._scan(text)
        uncertain = {section for section, n in tables.items() if n != counts[section]}
        self._lines = {at: line for at, line in self._lines.items() if at[0] not in uncertain}

    def find(self, section: str, number: int, key: str = "") -> int | None:
        """Returns the line, from 1, of a key of the section, else of the section's header, else None."""
        header = self._lines.get((section, number, ""))
        return self._lines.get((section, number, key), header)

    def _scan(self, text: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        section = subtable = ""
        for line, content in enumerate(text.split("\n"), start=1):
            if header := _HEADER.fullmatch(content.rstrip("\r")):
                section, subtable = header[1], header[2] or ""
                counts[section] += not subtable
                self._lines.setdefault((section, counts[section], subtable), line)
            elif not subtable and (key := _KEY.match(content)):
                self._lines.setdefault((section, max(counts[section], 1), key[1]), line)
        return counts
