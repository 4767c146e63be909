"""Articles as CSL-JSON, which reference managers and citation processors read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.records import Article, Catalogue


MEDIA_TYPE = "application/vnd.citationstyles.csl+json"
_TYPES = {"article": "article-journal", "inproceedings": "paper-conference", "misc": "article", "techreport": "report"}


def csl_item(article: Article) -> dict[str, Any]:
    """One article as a CSL item."""
    made: dict[str, Any] = {
        "id": article.id,
        "type": _TYPES[article.type],
        "title": article.title,
        "author": [_name(author) for author in article.authors],
        "issued": {"date-parts": [[article.year]]},
    }
    if article.venue is not None:
        made["publisher" if article.type in ("misc", "techreport") else "container-title"] = article.venue
    if article.doi is not None:
        made["DOI"] = article.doi
    if article.arxiv is not None:
        made["number"] = f"arXiv:{article.arxiv}"
        made["URL"] = f"https://arxiv.org/abs/{article.arxiv}"
    elif article.seen_at:
        made["URL"] = article.seen_at[0]
    return made


def _name(full: str) -> dict[str, str]:
    """A name in parts.

    >>> _name("Laurens van der Maaten")
    {'family': 'Maaten', 'given': 'Laurens', 'non-dropping-particle': 'van der'}
    >>> _name("Google")
    {'literal': 'Google'}
    """
    *given, family = full.split()
    if not given:
        return {"literal": full}
    first = next((at for at, word in enumerate(given) if at and word[0].islower()), len(given))
    made = {"family": family, "given": " ".join(given[:first])}
    return made | ({"non-dropping-particle": " ".join(given[first:])} if given[first:] else {})


def csl_json(articles: Iterable[Article]) -> bytes:
    """Articles as a CSL-JSON list."""
    return (json.dumps([csl_item(a) for a in articles], ensure_ascii=False, indent=1) + "\n").encode()


def to_csl(catalogue: Catalogue) -> bytes:
    """Every article of the catalogue as CSL-JSON."""
    return csl_json(catalogue.articles)
