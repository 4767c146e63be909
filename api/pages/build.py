"""Makes the site: writes the source, lets MkDocs build it, and puts each record's data beside its page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from api.build import write
from api.pages import cite, llms, planner, session
from api.pages.page import API, STAMP, Page, Site
from api.pages.registry import WRITERS
from api.publication import Publication, open_publication
from api.settings import Settings
from api.web.frozen import Page as Answer
from api.web.linked import pages as linked_pages
from api.web.rows import Rows

_THEME, _ASSETS, _HANDWRITTEN, _CONFIG = "theme", "assets", "pages", "mkdocs.yml"
_PICTURE = r'(?m)^<(?:div|form|figure) class="pic-(?:cycle|figure|graph|key|pair|sieve)\b.*$'
"""A picture or a form in a page's source, which stands on one line; what it shows is in the text as well."""
Answers = Mapping[str, Callable[[], Answer]]


class SiteError(Exception):
    """The site could not be built; says why."""


def site_sources() -> Path:
    """The folder `site` of the checkout, or the one inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    return package / "_site" if (package / "_site").is_dir() else package.parent / "site"


def build_site(
    data: Path, built: Path, out: Path, url: str | None = None, repository: str | None = None
) -> Iterator[str]:
    """Build the site.

    Args:
        data: folder of the catalogue.
        built: folder of its build; the site's source is written into `pages` in it.
        out: where the site goes; replaced in one step when all is made.
        url: address under which it will be found, if it is known.
        repository: address of the public repository, if there is one.

    Yields:
        What was done, step by step.

    Raises:
        SiteError: with what MkDocs says.
    """
    sources = site_sources()
    publication = open_publication(built)
    rows = Rows(publication)
    answers = linked_pages(rows, Settings(), data)
    exports = json.loads(body(answers, "/exports/"))["items"]
    site = Site(publication, data, sources / _HANDWRITTEN, exports, repository)
    pages = written(site)
    source = built / "pages"
    changed = write_source(site, pages, sources, source, url)
    yield f"{len(pages)} pages written, {changed} files changed"
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        made = Path(folder) / "site"
        mkdocs(source, made)
        yield "built by MkDocs"
        count = write_twins(site, pages, answers, made)
        yield f"{count} files of data beside the pages"
        stamp(publication, made)
        if out.exists():
            out.rename(Path(folder) / "old")
        made.rename(out)
        out.chmod(0o755)


def written(site: Site) -> Mapping[str, Page]:
    """Every page that is written from the catalogue, by path."""
    return {page.path: page for write_pages in WRITERS for page in write_pages(site)}


def write_source(site: Site, pages: Mapping[str, Page], sources: Path, source: Path, url: str | None) -> int:
    """Write all that MkDocs or Zensical builds from; say how many files changed."""
    files = {f"docs/{file.name}": file.read_bytes() for file in sorted(site.sources.glob("*.md"))}
    files |= {f"docs/{path}": page.source().encode() for path, page in pages.items()}
    for folder, to in ((_ASSETS, "docs/assets"), (_THEME, "theme")):
        for file in sorted((sources / folder).rglob("*")):
            if file.is_file():
                files[f"{to}/{file.relative_to(sources / folder).as_posix()}"] = file.read_bytes()
    for scripted in (planner, session):
        files[f"docs/{scripted.SCRIPT}"] = scripted.script(site, sources).encode()
    config = (sources / _CONFIG).read_text(encoding="utf-8")
    if url:
        config += f"\nsite_url: {json.dumps(url.rstrip('/') + '/')}\n"
    files["mkdocs.yml"] = config.encode()
    gone = [f for f in source.rglob("*") if f.is_file() and f.relative_to(source).as_posix() not in files]
    for file in gone:
        file.unlink()
    changed = len(gone)
    for name, content in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        changed += write(source / name, content)
    return changed


def mkdocs(source: Path, out: Path) -> None:
    """Run MkDocs in a process of its own.

    Raises:
        SiteError: with what it says, if it fails or warns.
    """
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=source, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
        raise SiteError("MkDocs refuses the source:\n" + "\n".join(said))


def body(answers: Answers, path: str) -> bytes:
    """What the API answers at a path that has one representation."""
    return answers[path]().choose(None).content().body


def write_twins(site: Site, pages: Mapping[str, Page], answers: Answers, out: Path) -> int:
    """Put data beside the pages, and the search index where a page opened from a file finds it; say how many files."""
    files: dict[str, bytes] = {}
    for page in pages.values():
        files[page.path] = plain_markdown(page)
        if page.record:
            kind, identity = record_of(page.record)
            for ending in ("json", "ttl"):
                files[f"{page.record}.{ending}"] = body(answers, f"/id/{kind}/{identity}.{ending}")
            title = site.title(kind, identity)
            files[f"{page.record}.bib"] = cite.bibtex(site, kind, identity, title).encode()
            files[f"{page.record}.csl.json"] = cite.csl(site, kind, identity, title).encode()
    files |= {f"exports/{x['name']}": body(answers, f"/exports/{x['name']}") for x in site.exports}
    files[API] = json.dumps({"api": False}).encode()
    files["llms.txt"] = llms.index(site, pages).encode()
    index = (out / "search/search_index.json").read_bytes()
    files["search/search_index.js"] = b"var __index = " + index + b"\n"
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    return len(files)


def record_of(path: str) -> tuple[str, str]:
    """Kind and id of the record that a page is about: factors and phases are concepts.

    >>> record_of("solution/dropout"), record_of("phase/deployment")
    (('solution', 'dropout'), ('concept', 'phase.deployment'))
    """
    kind, _, identity = path.partition("/")
    return ("concept", f"{kind}.{identity}") if kind in ("factor", "phase") else (kind, identity)


def plain_markdown(page: Page) -> bytes:
    """A page without what is there for the eye alone."""
    text = page.source().partition("\n---\n")[2]
    text = re.sub(_PICTURE, "", text)
    text = re.sub(r"(?s)<svg.*?</svg>|<script.*?</script>|<link [^>]*>", "", text)
    text = re.sub(r"(?m)^\{ [.#][^}]*\}\n|[ ]?\{ [.#][^}]*\}", "", text)
    # A table in HTML stays one, with its links.
    link = re.compile(r'(?s)(<table\b.*?</table>)|<a href="([^"]*)"[^>]*>(.*?)</a>')
    text = link.sub(lambda m: m[1] or f"[{m[3]}]({m[2]})", text)
    text = text.replace("<br>", "; ")
    text = re.sub(r"</?(span|div|details|summary|ul|li|b|code|p|figure|figcaption|noscript)\b[^>]*>", "", text)
    return (re.sub(r"\n{3,}", "\n\n", text).strip() + "\n").encode()


def stamp(publication: Publication, out: Path) -> None:
    """Say of which release the site is."""
    said = {"catalogue": publication.version, "digest": publication.digest}
    (out / STAMP).write_text(json.dumps(said) + "\n", encoding="utf-8")
