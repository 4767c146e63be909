"""How to cite a record."""

from __future__ import annotations

import json
from typing import Any

from api.pages.page import CONTRIBUTORS, Site
from kb.csl import csl_item
from kb.iri import BASE


def bibtex(site: Site, kind: str, identity: str, title: str) -> str:
    """A BibTeX entry; of an article, the article's own."""
    if kind == "article":
        return site.bibtex[identity]
    fields = {
        "author": f"{{{CONTRIBUTORS}}}", "title": f"{{{title}}}", "year": site.version.partition(".")[0],
        "howpublished": f"Provender catalogue, version {site.version}", "url": f"{BASE}{kind}/{identity}",
    }  # fmt: skip
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{provender-{kind}-{identity.replace('.', '-')},\n{body}\n}}\n"


def csl(site: Site, kind: str, identity: str, title: str) -> str:
    """A CSL-JSON list of one item; of an article, the article's own."""
    item: dict[str, Any] = {
        "id": f"provender-{kind}-{identity}",
        "type": "entry",
        "title": title,
        "author": [{"literal": CONTRIBUTORS}],
        "issued": {"date-parts": [[int(site.version.partition(".")[0])]]},
        "container-title": site.catalogue.edition.title,
        "version": site.version,
        "URL": f"{BASE}{kind}/{identity}",
    }
    made = csl_item(site.articles[identity]) if kind == "article" else item
    return json.dumps([made], ensure_ascii=False, indent=1) + "\n"
