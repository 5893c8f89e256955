"""The line of each key in a file of sources, whose [[source]] have tables of their own."""

import re
from typing import Final

_HEADER: Final = re.compile(r"\s*\[\[?\s*source\s*(?:\.\s*([A-Za-z0-9_-]+)\s*)?\]\]?\s*(?:#.*)?")
_OTHER_HEADER: Final = re.compile(r"\s*\[.*\]\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.]""")

TablePlace = tuple[int, str, int, str]


class SourceLines:
    r"""The lines of keys and headers; None rather than a wrong number.

    A place is the number of the [[source]], the name of a table in it ("" for itself), the number of that table, and a
    key. Files with multi-line strings get no numbers, because what looks like a header may be part of one.

    >>> lines = SourceLines('[[source]]\nname = "a"\n[[source.event]]\nkind = "nps"\n[[source.event]]\nkind = "csat"\n')
    >>> lines.find(1, "event", 2, "kind"), lines.find(1, "event", 1, "score"), lines.find(1, "", 1, "name")
    (6, 3, 2)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[TablePlace, int] = {}
        if '"""' not in text and "'''" not in text:
            self._scan(text)

    def find(self, source: int, table: str = "", number: int = 1, key: str = "") -> int | None:
        """The line, from 1, of a key, else of its table's header, else of the [[source]]."""
        # A table may be written inline, under its own name, and a key may be a header that somebody misspelt.
        inline = (source, "", 1, table) if table else (source, key, 1, "")
        places = [(source, table, number, key), (source, table, number, "") if table else inline, inline]
        places.append((source, "", 1, ""))
        return next((self._lines[place] for place in places if place in self._lines), None)

    def _scan(self, text: str) -> None:
        source, table, counts = 0, "", {"": 1}
        for line, content in enumerate(text.split("\n"), start=1):
            if header := _HEADER.fullmatch(content.rstrip("\r")):
                table = header[1] or ""
                if not table:
                    source, counts = source + 1, {"": 1}
                else:
                    counts[table] = counts.get(table, 0) + 1
                self._lines.setdefault((source, table, counts[table], ""), line)
            elif _OTHER_HEADER.fullmatch(content.rstrip("\r")):
                table = "?"  # of no section of ours
                counts.setdefault("?", 1)
            elif key := _KEY.match(content):
                self._lines.setdefault((source, table, counts[table], key[1]), line)
