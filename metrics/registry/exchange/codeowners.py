"""CODEOWNERS read as a registry: paths are touchpoints, teams are departments.

| pattern | touchpoints |
|---|---|
| `*` | `*` |
| `/web/`, `/web/**` | `web.*` |
| `/web/checkout` | `web.checkout` and `web.checkout.*` |

In CODEOWNERS the last line that matches wins, in a registry the most specific rule. Patterns of this kind are nested or
disjoint. So a line that a later one covers is left out, and then both say the same.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from metrics.ids import WORD
from metrics.registry.exchange.drafts import Draft, Sketch
from metrics.registry.table import shown

_COMMENT: Final = re.compile(r"(^|\s)#.*")
_TEAM: Final = re.compile(r"@(?:[^/@]+/)+([^/@]+)")


class _Claim(NamedTuple):
    line: int
    pattern: str
    owner: str | None


def codeowners(text: str, departments: Collection[str] = ()) -> Draft:
    r"""Reads a CODEOWNERS file.

    Args:
        text: The text of the file.
        departments: Department ids that a handle without an organisation, such as `@it`, may name.

    >>> draft = codeowners("* @shop/marketing\n/web/ @shop/it")
    >>> [(rule.touchpoint, rule.owner) for rule in draft.ownerships]
    [('*', 'marketing'), ('web.*', 'it')]
    """
    sketch, claims = Sketch(), list[_Claim]()
    for line, raw in enumerate(text.splitlines(), start=1):
        words = _COMMENT.sub("", raw).split()
        if not words:
            continue
        try:
            patterns = _patterns(words[0])
        except ValueError as error:
            sketch.note(line, f"{shown(words[0])} {error}")
            continue
        owner = None
        try:
            owner = _owner(words[1:], departments)
        except ValueError as error:
            sketch.note(line, f"{error}{_falls_to(patterns[0], claims)}")
        claims += [_Claim(line, pattern, owner) for pattern in patterns]
    for number, claim in enumerate(claims):
        later = next((other for other in claims[number + 1 :] if _covers(other.pattern, claim.pattern)), None)
        if later is not None:
            sketch.note(claim.line, f"{claim.pattern} is overridden by line {later.line}, which covers it", False)
        elif claim.owner is not None:
            sketch.ownership(claim.line, {"touchpoint": claim.pattern, "owner": claim.owner})
    return sketch.draft()


def _patterns(path: str) -> tuple[str, ...]:
    """The touchpoint patterns that match what a path matches.

    Raises:
        ValueError: There are none; the text says why.
    """
    if path in ("*", "**", "/**"):
        return ("*",)
    if path.startswith(("[", "^[")):
        raise ValueError("begins a section; sections are not read: keep one list, in which the last match wins")
    inside = path.removesuffix("**")
    words = inside.strip("/").split("/")
    if not path.startswith("/") and len(words) == 1:
        raise ValueError(f"matches at every depth, touchpoint patterns begin at the top; write /{path}")
    if not all(map(WORD.fullmatch, words)):
        remedy = "write words of lower-case letters, digits, '_' and '-' between slashes, like /web/checkout or /web/"
        raise ValueError(f"matches what no touchpoint pattern can; {remedy}")
    name = ".".join(words)
    return (f"{name}.*",) if inside.endswith("/") else (name, f"{name}.*")


def _owner(handles: list[str], departments: Collection[str]) -> str:
    """The one department that the handles name.

    Raises:
        ValueError: There is none, or more than one; the text says why.
    """
    if not handles:
        raise ValueError("nobody is named, and a registry has no rule for nobody")
    if len(handles) > 1:
        remedy = "name one, or a [[team]] of the registry that they are members of"
        raise ValueError(f"{len(handles)} owners ({' '.join(handles)}), but a rule has one; {remedy}")
    team, name = _TEAM.fullmatch(handles[0]), handles[0].removeprefix("@").lower()
    if team:
        return team[1].lower()
    if name in departments:
        return name
    remedy = "write @organisation/team, or import into a registry that declares it as a department"
    raise ValueError(f"{shown(handles[0])} may be a person, and departments own touchpoints; {remedy}")


def _falls_to(pattern: str, claims: Iterable[_Claim]) -> str:
    over = [claim for claim in claims if claim.owner and claim.pattern != pattern and _covers(claim.pattern, pattern)]
    return f"; left out, {pattern} falls to {over[-1].owner!r} of line {over[-1].line}" if over else ""


def _covers(pattern: str, other: str) -> bool:
    return pattern in ("*", other) or (pattern.endswith(".*") and other.startswith(pattern[:-1]))
