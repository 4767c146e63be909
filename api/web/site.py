"""The built site at `/`, if there is one of the release that is served."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from api.pages.page import API, STAMP
from api.web import negotiation
from api.web.frozen import Content, Library, Makers, Page
from api.web.guard import FIRST
from api.web.logs import event
from api.web.problems import MEDIA_TYPE as PROBLEM
from api.web.rows import Rows

INDEX, MISSING = "index.html", "404.html"
_TYPES = {
    ".md": "text/markdown; charset=utf-8", ".ttl": "text/turtle; charset=utf-8", ".bib": "application/x-bibtex; charset=utf-8",
    ".js": "text/javascript; charset=utf-8", ".json": "application/json", ".csl.json": "application/vnd.citationstyles.csl+json",
    ".svg": "image/svg+xml", ".xml": "application/xml", ".map": "application/json",
}  # fmt: skip


def folder(built: Path) -> Path:
    """Where the site of a build is."""
    return built / "site"


def pages(rows: Rows, built: Path) -> Makers:
    """Every file of the site, each read when it is first asked for.

    Args:
        rows: of the publication; a site of another one is not served, since it would contradict the API.
        built: folder of the build.
    """
    top = folder(built)
    try:
        digest = json.loads((top / STAMP).read_bytes())["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    if digest != rows.publication.digest:
        event("site-is-stale", "warning", message=f"{top} is of another release; run `provender site build`")
        return {}
    made: dict[str, Callable[[], Page]] = {}
    for file in top.rglob("*"):
        if not file.is_file():
            continue
        name = file.relative_to(top).as_posix()
        page = partial(_page, file)
        made[f"/{name}"] = page
        if file.name == INDEX:
            made[f"/{name.removesuffix(INDEX)}"] = page
    made[f"/{API}"] = partial(Page.of, f"/{API}", Content("application/json", json.dumps({"api": True}).encode()))
    return made


def missing(library: Library, accept: str | None) -> bytes | None:
    """The page that says that there is none, if there is a site and a browser asks."""
    found = library.current.find(f"/{MISSING}")
    if found is None or negotiation.media_type(accept, (PROBLEM, "text/html")) != "text/html":
        return None
    return found.choose(None).content().body


def redirects(made: Mapping[str, Callable[[], Page]]) -> Makers:
    """Where a page is asked for without its last slash, unless something else answers there."""
    bare = {
        path.removesuffix("/"): path
        for path in made
        if path.endswith("/") and path != "/" and path.split("/")[1] not in FIRST
    }
    return {path: partial(_moved, to) for path, to in bare.items()}


def records(made: Mapping[str, object]) -> Mapping[tuple[str, str], str]:
    """Records that have a page, by kind and id, and where it is: a solution's limitations and what it addresses stand on its page."""
    found: dict[tuple[str, str], str] = {}
    for path in made:
        match path.split("/"):
            case ["", "challenge" | "solution" | "article" as kind, identity, ""]:
                found[kind, identity] = path
            case ["", "factor" | "phase" as scheme, value, ""]:
                found["concept", f"{scheme}.{value}"] = path
    return found


def _page(file: Path) -> Page:
    kind = media_type(file.name)
    return Page("/{site}", {kind: lambda: Content(kind, file.read_bytes())}, scripted=True)


def _moved(to: str) -> Page:
    return Page.of("/{site}", Content("text/html; charset=utf-8", b"", (("location", to),), status=308))


def media_type(name: str) -> str:
    """The media type of a file of the site."""
    ending = next((e for e in sorted(_TYPES, key=len, reverse=True) if name.endswith(e)), None)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    found = _TYPES[ending] if ending else guessed
    return f"{found}; charset=utf-8" if found in ("text/html", "text/css", "text/plain") else found
