"""A page per article, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.pages.page import Page, Site
from api.pages.record import about
from api.pages.text import bullets, link, plain, section, table

if TYPE_CHECKING:
    from kb.records import Article


def pages(site: Site) -> Iterator[Page]:
    """All of them."""
    yield _list(site)
    for article in site.catalogue.articles:
        yield _page(site, article)


def _list(site: Site) -> Page:
    primary = {s.article for s in site.catalogue.solutions}
    rows = [
        [
            link(a.title, f"/article/{a.id}.md"), plain(_authors(a)), str(a.year), str(len(site.citing(a.id))),
            "primary" if a.id in primary else "",
        ]
        for a in sorted(site.catalogue.articles, key=lambda a: (a.authors[0].split()[-1], a.year))
    ]  # fmt: skip
    lead = (
        "# Articles\n\nWhat the records cite. *Primary* articles are those that the solutions are taken from, one each; the choice is this "
        "project's, not the study's.\n\n"
    )
    return Page(
        "articles.md",
        "Articles",
        lead + table(["Title", "Authors", "Year", "Records", "Role"], rows),
        "All cited articles.",
    )


def _authors(article: Article) -> str:
    shown = article.authors[:3]
    return ", ".join(shown) + (" et al." if len(article.authors) > 3 else "")


def _page(site: Site, article: Article) -> Page:
    where = f", *{plain(article.venue)}*" if article.venue else ""
    text = f"[Articles](/articles.md) › {article.year}\n{{ .pv-kicker }}\n\n# {plain(article.title)}\n\n"
    text += f"{plain(', '.join(article.authors))} ({article.year}){where}\n{{ .pv-lead }}\n\n"
    places = []
    if article.doi:
        places.append(f"DOI: {link(article.doi, f'https://doi.org/{article.doi}')}")
    if article.arxiv:
        places.append(f"arXiv: {link(article.arxiv, f'https://arxiv.org/abs/{article.arxiv}')}")
    places += [f"Bibliographic facts seen at {link(_host(u), u)}" for u in article.seen_at]
    text += bullets(places) + "\n"
    text += section("Cited by", _citing(site, article), "cited-by")
    text += about(site, "article", article, article.title)
    title = article.title if len(article.title) < 90 else f"{article.title[:88]}…"
    return Page(
        f"article/{article.id}.md", title, text, f"{site.cited(article.id)}, and the records that cite it.", f"article/{article.id}",
        hide=("navigation",), boost=0.5,
    )  # fmt: skip


def _host(address: str) -> str:
    return address.split("/")[2]


def _citing(site: Site, article: Article) -> str:
    """The records that rest on an article, each with where on its page."""
    lines = []
    if article.id == site.catalogue.edition.study:
        lines.append(
            "The catalogue itself is made after this study; see [what is from it and what is not](/provenance.md)"
        )
    for kind, identity, why in site.citing(article.id):
        solution, _, part = identity.partition(".")
        label = site.solutions[solution].label
        if kind == "addressing":
            named = f"{label} on {site.challenges[part].label}"
        elif kind == "limitation":
            named = f"{label}: {part.replace('-', ' ')}"
        else:
            named = label
        anchor = f"#{part}" if part else ""
        lines.append(f"{link(named, f'/solution/{solution}.md{anchor}')} ({kind}, {why})")
    return bullets(lines)
