"""Pages on the catalogue as a whole: where it comes from, its health, what changed, how to contribute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from api.pages.page import Page, Site
from api.pages.text import bullets, folded, link, plain, section, table
from kb.records import LISTS, evidence_level, maintained


def pages(site: Site) -> Iterator[Page]:
    """All of them."""
    yield _provenance(site)
    yield _quality(site)
    yield _changelog(site)
    yield _contributing(site)


def _records(site: Site, kind: str) -> list[Any]:
    return list(getattr(site.catalogue, LISTS[kind]))


_KINDS = {
    "challenge": "Challenges", "solution": "Solutions", "addressing": "Solution × challenge", "limitation": "Limitations",
    "article": "Articles", "scheme": "Vocabulary", "criterion": "Weights of the ranking",
}  # fmt: skip


def _provenance(site: Site) -> Page:
    edition = site.catalogue.edition
    study = site.articles[edition.study]
    text = (
        "# Where this comes from\n\n" + bullets(map(plain, edition.honesty)) + "\n"
        f"The study is {site.article(edition.study)}, *{plain(study.title)}*, {plain(study.venue or '')}.\n\n"
    )
    bases = site.catalogue.vocabulary.values("basis")
    rows = []
    for kind, name in _KINDS.items():
        counted = Counter(r.basis for r in _records(site, kind))
        rows.append([name, *(str(counted[b]) if counted[b] else "–" for b in bases)])
    head = ["Records", *(plain(site.label("basis", b)) for b in bases)]
    meaning = bullets(f"**{plain(site.label('basis', b))}:** {plain(site.says('basis', b))}" for b in bases)
    text += section("By basis", f"{table(head, rows)}\n{meaning}", "basis")
    held = [e for a in site.catalogue.addressings for e in a.evidence]
    held += [e for x in site.catalogue.limitations for e in x.evidence]
    kinds = Counter(e.kind for e in held)
    rows = [
        [plain(site.label("evidence", k)), str(kinds[k]), plain(site.says("evidence", k))]
        for k in site.catalogue.vocabulary.values("evidence")
    ]
    text += section("Evidence", (
        "Pieces of evidence by kind, weakest first. Evidence was read from abstracts, openings and later sources, not from the full "
        "papers; each piece says where it was seen.\n\n" + table(["Kind", "Pieces", "What it is"], rows)
    ), "evidence")  # fmt: skip
    text += section(
        "Licence", f"The catalogue is under [CC BY 4.0]({edition.licence}), the program under Apache 2.0.", "licence"
    )
    return Page(
        "provenance.md", "Provenance", text, "What is from the study, what is this project's, and on what it rests."
    )


def _quality(site: Site) -> Page:
    """Figures with which the catalogue can be judged, and what is wanting."""
    live = [s for s in site.catalogue.solutions if s.retired is None]
    limits = [x for x in site.catalogue.limitations if x.retired is None]
    vocabulary = site.catalogue.vocabulary
    argued = [x for x in limits if evidence_level(x.evidence, vocabulary) == "argument"]
    reviews = [c.reviewed for c in site.catalogue.challenges] + [s.reviewed for s in site.catalogue.solutions]
    implementations = [i for s in live for i in s.implementations]
    identified = [a for a in site.catalogue.articles if a.doi or a.arxiv]
    checks = [
        ["Every record passes the build's checks (types, references, cycles, shapes, kept releases)", "yes", "else nothing is published"],
        ["Records reviewed by a named human expert", f"{sum(r.by is not None for r in reviews)} of {len(reviews)}", ""],
        ["Challenges of the study's number", f"{len(site.challenges)} of 20", ""],
        ["Limitations that rest on more than our own argument", f"{len(limits) - len(argued)} of {len(limits)}", ""],
        ["Articles with a DOI or arXiv identifier", f"{len(identified)} of {len(site.articles)}", ""],
        ["Solutions with an implementation known to us", f"{sum(bool(s.implementations) for s in live)} of {len(live)}", ""],
        ["Implementations released in the two years before they were checked",
         f"{sum(map(maintained, implementations))} of {len(implementations)}", ""],
        ["Solutions with a setting in which a source reports that they worked",
         f"{sum(bool(s.validated_in) for s in live)} of {len(live)}", ""],
    ]  # fmt: skip
    text = f"# Health of the catalogue\n\nRelease {site.version}. What can be counted is counted here, flattering or not.\n\n"
    text += table(["Check", "Result", "Meaning"], checks) + "\n"
    by = Counter(a.coverage for a in site.catalogue.addressings)
    rows = [[plain(site.label("coverage", c)), str(by[c])] for c in vocabulary.values("coverage")]
    text += section("Stated coverage", table(["Coverage", "Solution × challenge"], rows), "coverage")
    counted = Counter(evidence_level(a.evidence, vocabulary) for a in site.catalogue.addressings)
    other = Counter(evidence_level(x.evidence, vocabulary) for x in limits)
    rows = [[plain(site.label("evidence", k)), str(counted[k]), str(other[k])] for k in vocabulary.values("evidence")]
    text += section(
        "Strongest supporting evidence",
        table(["Kind", "That a solution helps", "That it is limited"], rows),
        "evidence",
    )
    unlinked = [a for a in site.catalogue.articles if not (a.doi or a.arxiv)]
    text += section("Articles without an identifier", bullets(site.article(a.id) for a in unlinked), "unidentified")
    parts = [(x, x.id.partition(".")[2]) for x in argued]
    weak = [
        f"{site.solution(x.solution)}: {link(p.replace('-', ' '), f'/solution/{x.solution}.md#{p}')}" for x, p in parts
    ]
    text += section("Limitations that rest on our argument alone", folded(f"All {len(weak)}", bullets(weak)), "argued")
    return Page("quality.md", "Health", text, "Checks, counts and what is wanting in the catalogue.")


def _changelog(site: Site) -> Page:
    text = "# Changelog by record\n\nMade from the kept releases; a released record is never deleted or renamed, only retired.\n\n"
    for version, changes in groupby(site.changes, key=lambda c: c["version"]):
        body = ""
        held = list(changes)
        for kind, of_kind in groupby(held, key=lambda c: c["kind"]):
            lines = []
            for c in of_kind:
                fields = f" ({plain(', '.join(c['fields']))})" if c["fields"] else ""
                lines.append(f"{c['change']} {_named(site, kind, c)}{fields}")
            body += folded(f"{len(lines)} of kind {kind}", bullets(lines)) + "\n"
        counted = Counter(c["change"] for c in held)
        body = ", ".join(f"{n} {what}" for what, n in counted.items()) + ".\n\n" + body
        text += section(plain(version), body, f"v{version.replace('.', '-')}")
    return Page("changelog.md", "Changelog", text, "What changed from release to release, record by record.", boost=0.1)


def _named(site: Site, kind: str, change: Any) -> str:
    identity = change["id"]
    if kind in ("challenge", "solution", "article") and identity in getattr(site, f"{kind}s"):
        return link(change["label"], f"/{kind}/{identity}.md")
    solution, _, part = identity.partition(".")
    if kind in ("addressing", "limitation") and solution in site.solutions:
        return link(identity, f"/solution/{solution}.md#{part}")
    return f"`{identity}`"


def _contributing(site: Site) -> Page:
    guide = (site.data / "README.md").read_text(encoding="utf-8") if (site.data / "README.md").is_file() else ""
    steps = guide.partition("To add or change a record:")[2]
    where = f"The sources are at {link(site.repository, site.repository)}." if site.repository else (
        "Each record's page names the file of the source in which it stands."
    )  # fmt: skip
    text = (
        f"# Contributing\n\n{where}\n\n## A record\n\n{steps.strip()}\n\n## A page\n\n"
        "Pages of records are written by `provender site build` out of the catalogue; nothing is typed into them. They are functions in "
        "`api/pages/`, one module per kind of page, listed in `api/pages/registry.py`. Handwritten pages are Markdown in `site/pages/`, "
        "theme and styles stand in `site/theme/` and `site/assets/`. `provender site build` makes `build/site`, which `provender serve` "
        "shows at `/`, any file server can serve, and a browser opens from the disk.\n"
    )
    return Page("contributing.md", "Contributing", text, "How to add or change a record or a page.")
