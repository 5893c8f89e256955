"""Numbers in English sentences: of commands, of the log and of checks."""


def counted(n: int, one: str, many: str = "") -> str:
    """A number with what it counts; `many` is the plural where it does not end in s alone.

    >>> counted(1, "minute"), counted(0, "minute"), counted(1234, "match", "matches")
    ('1 minute', '0 minutes', '1,234 matches')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
