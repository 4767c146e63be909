"""`llms.txt`: what a language model should read first, and where each record is in plain text."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.page import Page, Site


def index(site: Site, pages: Mapping[str, Page]) -> str:
    """The file, after the convention of llmstxt.org."""
    edition = site.catalogue.edition
    text = f"# Provender\n\n> {edition.description}\n\nRelease {site.version}, {edition.licence}\n\n"
    text += "".join(f"- {line}\n" for line in edition.honesty) + "\n"
    text += "Every record's page has twins beside it: `.md`, `.json` and `.ttl`.\n\n"
    for title, kind in (
        ("Challenges", "challenge"),
        ("Solutions", "solution"),
        ("Factors", "factor"),
        ("Phases", "phase"),
    ):
        held = [page for page in pages.values() if page.path.startswith(f"{kind}/")]
        text += f"## {title}\n\n" + "".join(f"- [{p.title}]({p.path}): {p.description}\n" for p in held) + "\n"
    listed = ("provenance.md", "articles.md", "quality.md", "changelog.md", "downloads.md")
    return text + "## Optional\n\n" + "".join(f"- [{pages[n].title}]({n}): {pages[n].description}\n" for n in listed)
