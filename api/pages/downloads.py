"""What can be downloaded, and the SPARQL page with stored results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from api.pages.page import Page, Site
from api.pages.text import folded, html, plain, table
from kb.graph import PREFIXES
from kb.iri import BASE

if TYPE_CHECKING:
    from kb.cookbook import StoredQuery

_ROWS = 10
_LINES = 30
"""How much of a stored result is shown."""
_PREFIXES = {name: str(namespace) for name, namespace in PREFIXES.items()}


def pages(site: Site) -> Iterator[Page]:
    """Both."""
    yield _downloads(site)
    yield _sparql(site)


def _downloads(site: Site) -> Page:
    rows = [
        [f'<a href="/exports/{html(x["name"])}" download>{html(x["name"])}</a>', plain(x["what"]), _size(x["bytes"]), f"`{x['sha256']}`"]
        for x in site.exports
    ]  # fmt: skip
    text = (
        f"# Downloads\n\nThe whole catalogue, release {site.version}, in the format you like. All files are under "
        f"[CC BY 4.0]({site.catalogue.edition.licence}); name *{plain(site.catalogue.edition.title)}*, its version and its address. "
        "Equal catalogues give equal bytes; `sha256sum --check SHA256SUMS` holds what you downloaded against the checksums.\n\n"
        f"{table(['File', 'What it is', 'Size', 'SHA-256'], rows)}\n"
        f"Each record's page has its own data beside it: `{BASE}solution/dropout` is shown at `/solution/dropout/`, and "
        '<a href="/solution/dropout.json"><code>/solution/dropout.json</code></a>, '
        '<a href="/solution/dropout.ttl"><code>.ttl</code></a> and <code>.md</code> are its twins. '
        '<a href="/llms.txt"><code>/llms.txt</code></a> lists them for language models.\n'
    )
    return Page("downloads.md", "Downloads", text, "Every export with size, checksum and licence.")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _sparql(site: Site) -> Page:
    """The handwritten page on SPARQL, with each stored query's text and result put under it."""
    from kb.cookbook import from_json

    queries = from_json(site.publication.files["queries.json"])
    store = ox.Store()
    store.bulk_load(site.publication.files["provender.nt"], format=ox.RdfFormat.N_TRIPLES)
    text = (site.sources / "sparql.md").read_text(encoding="utf-8")

    def answered(found: re.Match[str]) -> str:
        query = queries[found[1]]
        bound = query.bound(_examples(query), site.catalogue)
        # Our own queries over our own data: they need no process of their own.
        shown = _shown(bound, store.query(bound, base_iri=BASE))
        return (
            f'{found[0].rstrip()}\n\n<div class="pv-query" data-query="{query.name}" markdown="1">\n\n{shown}\n</div>\n'
        )

    made = re.sub(r"(?ms)^### `([a-z0-9-]+)`$.*?(?=^##|\Z)", answered, text)
    made += '\n<script src="/assets/queries.js" defer></script>\n'
    return Page("sparql.md", "SPARQL", made, "Ask the catalogue's graph; stored queries with their results.")


def _examples(query: StoredQuery) -> Mapping[str, list[str]]:
    return {
        name: [str(parameter.example)] for name, parameter in query.parameters.items() if parameter.omitted != "none"
    }


def _shown(bound: str, answer: Any) -> str:
    text = folded("The query", f"```sparql\n{bound.strip()}\n```") + "\n"
    if isinstance(answer, ox.QueryTriples):
        lines = (ox.serialize(answer, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES) or b"").decode().splitlines()
        more = f"\n# … {len(lines) - _LINES} lines more" if len(lines) > _LINES else ""
        return text + folded("Stored result", "```turtle\n" + "\n".join(lines[:_LINES]) + more + "\n```") + "\n"
    head = [plain(variable.value) for variable in answer.variables]
    rows = [[_cell(term) for term in row] for row in answer]
    more = f"\n{len(rows) - _ROWS} rows more.\n" if len(rows) > _ROWS else ""
    title = f"Stored result, {len(rows)} row{'' if len(rows) == 1 else 's'}"
    return text + folded(title, table(head, rows[:_ROWS]) + more) + "\n"


def _cell(term: Any) -> str:
    if term is None:
        return "–"
    value: str = term.value
    if value.startswith(BASE):
        kind, _, identity = value.removeprefix(BASE).partition("/")
        if kind in ("challenge", "solution", "article"):
            return f"[{plain(identity)}](/{kind}/{identity}.md)"
        if kind == "limitation":
            solution, _, part = identity.partition(".")
            return f"[{plain(identity)}](/solution/{solution}.md#{part})"
        return plain(value.removeprefix(BASE))
    return plain(value) or "–"
