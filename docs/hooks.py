"""What mkdocs does beyond its own: pages from outside docs/, links as the repository has them, nothing fetched.

The pages are written to be read in the repository. Here their links are put right for the site, and the build fails
where a page would fetch something from another host.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PROJECT: Final = Path(__file__).resolve().parents[1]
OUTSIDE: Final = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "deploy/README.md": "deploy.md",
    "deploy/helm/cx-balance/README.md": "chart.md",
}
"""Pages outside docs/, by their place in the project: where the site has them."""
STANDS_FOR: Final = OUTSIDE | {"README.md": "README.md", "docs": "README.md", "docs/adr": "adr/README.md"}
"""Where a link leads that names something which is no page of docs/."""

_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_CODE_IN_A_TABLE: Final = re.compile(r"(?<=`)[^`\n]*\\\|[^`\n]*(?=`)")
_LABELLED_FENCE: Final = re.compile(r"^```(\w+) (\w+)$", re.MULTILINE)
_FETCHED: Final = re.compile(
    r"""<(?:script|img|iframe|source|embed|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//[^>]*>"""
    r"""|@import\s+["']?(?:https?:)?//[^;]*|url\(\s*["']?(?:https?:)?//[^)]*"""
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that stand outside docs/."""
    for source, page in OUTSIDE.items():
        files.append(File.generated(config, page, content=(PROJECT / source).read_text()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Puts links right, makes the label of a code block its title, and unescapes pipes in the code of a table."""
    path = page.file.src_uri
    source = next((outside for outside, inside in OUTSIDE.items() if inside == path), f"docs/{path}")
    linked = _LINK.sub(lambda link: _link(link, source, path, files), markdown)
    unescaped = _CODE_IN_A_TABLE.sub(lambda code: code[0].replace("\\|", "|"), linked)
    return _LABELLED_FENCE.sub(r'```\1 title="\2"', unescaped)


def _link(link: re.Match[str], source: str, path: str, files: Files) -> str:
    """A link of a page, for the site: to a page, or only its words where the site has no such page."""
    text, target, anchor = link[1], link[2], link[3] or ""
    if ":" in target:
        return link[0]
    place = normpath(str(PurePosixPath(source).parent / target))
    inside = STANDS_FOR.get(place, place.removeprefix("docs/"))
    if place in STANDS_FOR or (place.startswith("docs/") and files.get_file_from_path(inside)):
        return f"[{text}]({relpath(inside, str(PurePosixPath(path).parent))}{anchor})"
    if not (PROJECT / place).exists():
        return link[0]  # a broken link: mkdocs reports it
    return text if text == place else f"{text} (`{place}`)"


def on_post_build(config: MkDocsConfig) -> None:
    """Fails where a page would fetch something from another host.

    Raises:
        PluginError: It names the files and what they fetch.
    """
    site = Path(config.site_dir)
    pages = [*sorted(site.rglob("*.html")), *sorted(site.rglob("*.css"))]
    fetched = [f"{path.relative_to(site)}: {match}" for path in pages for match in fetches(path.read_text())]
    if fetched:
        raise PluginError("these pages fetch from another host:\n  " + "\n  ".join(fetched))


def fetches(text: str) -> list[str]:
    """What a page or a stylesheet fetches from another host.

    >>> fetches('<a href="https://example.org">a link</a> <script src="https://example.org/a.js"></script>')
    ['<script src="https://example.org/a.js">']
    """
    return [match[0] for match in _FETCHED.finditer(text)]
