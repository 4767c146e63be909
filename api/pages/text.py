"""Pieces of Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

_SPECIAL = re.compile(r"([\\`*_{}\[\]|#])")
_AT_START = re.compile(r"^(\d+)([.)])(?=\s)|^([-+:])(?=\s)")
_LINK = re.compile(r"\]\(/([^)\s]*)\)")
_HREF = re.compile(r'(href|src)="/([^"]*)"')


def plain(text: str) -> str:
    r"""Text as Markdown that shows exactly this text.

    >>> plain("a*b <c> | 1_2 & d")
    'a\\*b &lt;c&gt; \\| 1\\_2 &amp; d'
    """
    one_line = " ".join(text.split())
    safe = _SPECIAL.sub(r"\\\1", escape(one_line, quote=False))
    return _AT_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", safe)


def html(text: str) -> str:
    """Text inside HTML."""
    return escape(" ".join(text.split()))


def link(text: str, target: str) -> str:
    """A link; a target that begins with a slash is a page's source file, counted from the top."""
    return f"[{plain(text)}]({target if target.startswith('/') else quote(target, safe=_IN_ADDRESS)})"


_IN_ADDRESS = ":/?#@!$&'*+,;=%~"


def bullets(items: Iterable[str]) -> str:
    """A list."""
    return "".join(f"- {item}\n" for item in items)


def numbered(items: Iterable[str]) -> str:
    """A list whose order matters."""
    return "".join(f"{at}. {item}\n" for at, item in enumerate(items, 1))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that may be wider than the page; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def section(title: str, body: str, anchor: str | None = None, level: int = 2) -> str:
    """A heading and what stands under it; nothing if there is nothing."""
    mark = f" {{ #{anchor} }}" if anchor else ""
    return f"{'#' * level} {title}{mark}\n\n{body.strip()}\n\n" if body.strip() else ""


def folded(title: str, body: str) -> str:
    """Something to be opened; its body is Markdown."""
    return f'<details markdown="1">\n<summary>{html(title)}</summary>\n\n{body.strip()}\n\n</details>\n'


def placed(text: str, path: str) -> str:
    """Markdown with its links from the top turned into ones that work from a page.

    Links in Markdown lead to source files (`/solution/dropout.md`), those in HTML to what becomes of them (`/solution/dropout/`).

    >>> placed('[a](/solution/dropout.md) <a href="/solution/dropout/">', "challenge/overfitting.md")
    '[a](../solution/dropout.md) <a href="../../solution/dropout/">'
    """
    here = posixpath.dirname(path)
    shown = here if posixpath.basename(path) == "index.md" else path.removesuffix(".md")

    def source(found: re.Match[str]) -> str:
        target, mark, anchor = found[1].partition("#")
        return f"]({posixpath.relpath(target, here or '.')}{mark}{anchor})"

    def made(found: re.Match[str]) -> str:
        target, mark, anchor = found[2].partition("#")
        way = posixpath.relpath(target or ".", shown or ".")
        return f'{found[1]}="{way}{"/" if not target or target.endswith("/") else ""}{mark}{anchor}"'

    return _HREF.sub(made, _LINK.sub(source, text))
