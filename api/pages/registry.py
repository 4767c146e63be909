"""Every module that writes pages; one that is not named here writes none. Navigation stands in `site/mkdocs.yml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from api.pages import article, challenge, downloads, home, meta, planner, session, solution, terms
from api.pages.page import Page, Site
from api.pages.pictures import gaps, graph, matrix, practice

WRITERS: Sequence[Callable[[Site], Iterable[Page]]] = (
    home.pages,
    planner.pages,
    session.pages,
    challenge.pages,
    solution.pages,
    article.pages,
    terms.pages,
    matrix.pages,
    graph.pages,
    practice.pages,
    gaps.pages,
    meta.pages,
    downloads.pages,
)
"""Functions of a release that give pages. A later page at the path of a handwritten one takes its place."""
