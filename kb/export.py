"""The catalogue in the formats people and programs ask for; each is a function of the catalogue alone, byte for byte."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kb.normal import to_json
from kb.records import Article, Catalogue, evidence_level
from kb.records.words import condition_in_words

Rows = list[dict[str, Any]]


def _graph_text(catalogue: Catalogue, format_: str) -> bytes:
    """Triples in a fixed order, so that changing one record changes few lines."""
    import pyoxigraph as ox
    from rdflib import Literal

    from kb.graph import PREFIXES, to_triples

    def term(node: Any) -> Any:
        if not isinstance(node, Literal):
            return ox.NamedNode(str(node))
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)

    in_order = {(str(s), str(p), o.n3()): (s, p, o) for s, p, o in to_triples(catalogue)}
    made = [ox.Triple(*map(term, in_order[key])) for key in sorted(in_order)]
    prefixes = {name: str(namespace) for name, namespace in PREFIXES.items()}
    formats = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES}
    return ox.serialize(made, format=formats[format_], prefixes=prefixes if format_ == "ttl" else None) or b""


def _jsonld(catalogue: Catalogue) -> bytes:
    from kb.context import context
    from kb.graph import to_graph

    text = to_graph(catalogue).serialize(
        format="json-ld", context=context(), auto_compact=False, sort_keys=True, indent=1
    )
    data = json.loads(text)
    data["@graph"].sort(key=lambda node: str(node["id"]))
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def tables(catalogue: Catalogue) -> Mapping[str, Rows]:
    """The catalogue as flat tables for spreadsheets: one row per record, lists joined with semicolons."""
    vocabulary = catalogue.vocabulary
    served: dict[str, list[str]] = {}
    for a in catalogue.addressings:
        served.setdefault(a.solution, []).append(f"{a.challenge} ({a.coverage})")
    return {
        "challenges": [
            {"id": c.id, "label": c.label, "phase": c.phase, "also": "; ".join(c.also), "definition": c.definition, "basis": c.basis}
            for c in catalogue.challenges
        ],
        "solutions": [
            {
                "id": s.id, "label": s.label, "kind": s.kind, "summary": s.summary, "article": s.article,
                "challenges": "; ".join(served.get(s.id, [])), "person_weeks_low": s.effort.person_weeks.low,
                "person_weeks_high": s.effort.person_weeks.high, "one_off_cost": s.effort.one_off_cost,
                "running_cost": s.effort.running_cost, "knowledge": s.effort.knowledge, "time_to_value": s.effort.time_to_value,
                "done_when": s.done_when, "prerequisites": "; ".join(s.prerequisites), "basis": s.basis,
            }
            for s in catalogue.solutions
        ],
        "addressings": [
            {
                "id": a.id, "solution": a.solution, "challenge": a.challenge, "coverage": a.coverage, "how": a.how, "remains": a.remains,
                "evidence": evidence_level(a.evidence, vocabulary), "basis": a.basis,
            }
            for a in catalogue.addressings
        ],
        "limitations": [
            {
                "id": x.id, "solution": x.solution, "factor": x.factor, "effect": x.effect,
                "reduces": "; ".join(f"{r.challenge} to {r.to}" for r in x.reduces),
                "bites_if": condition_in_words(x.when, vocabulary), "says": x.says, "residual_risk": x.residual_risk or "",
                "evidence": evidence_level(x.evidence, vocabulary), "basis": x.basis,
            }
            for x in catalogue.limitations
        ],
        "articles": [
            {
                "id": a.id, "title": a.title, "authors": "; ".join(a.authors), "year": a.year, "venue": a.venue or "", "doi": a.doi or "",
                "arxiv": a.arxiv or "", "basis": a.basis,
            }
            for a in catalogue.articles
        ],
        "vocabulary": [
            {"id": c.id, "scheme": c.scheme, "rank": c.rank, "label": c.label, "definition": c.definition, "basis": c.basis}
            for c in sorted(catalogue.concepts, key=lambda c: (c.scheme, c.rank))
        ],
    }  # fmt: skip


TABLES = ("challenges", "solutions", "addressings", "limitations", "articles", "vocabulary")


def safe(value: Any) -> Any:
    """Keep a spreadsheet from reading text as a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def to_csv(catalogue: Catalogue, table: str = "solutions") -> bytes:
    """One of the flat tables as CSV (RFC 4180, UTF-8)."""
    rows = tables(catalogue)[table]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else ["id"])
    writer.writeheader()
    writer.writerows({k: safe(v) for k, v in row.items()} for row in rows)
    return out.getvalue().encode()


def _xlsx(catalogue: Catalogue) -> bytes:
    from datetime import UTC, datetime

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    book.remove(book.worksheets[0])
    day = catalogue.edition.implementations_checked
    book.properties.created = book.properties.modified = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(
        tzinfo=None
    )
    book.properties.creator, book.properties.title = (
        "Provender",
        f"{catalogue.edition.title} ({catalogue.edition.id})",
    )
    about = book.create_sheet("about")
    for line in (
        catalogue.edition.title,
        f"Version {catalogue.edition.id}",
        catalogue.edition.licence,
        *catalogue.edition.honesty,
    ):
        about.append([line])
    for name, rows in tables(catalogue).items():
        sheet = book.create_sheet(name)
        header = list(rows[0]) if rows else ["id"]
        sheet.append(header)
        for row in rows:
            sheet.append([safe(v) for v in row.values()])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, title in zip(sheet.columns, header, strict=False):
            wide = title in (
                "summary",
                "definition",
                "says",
                "how",
                "remains",
                "done_when",
                "title",
                "bites_if",
            )
            sheet.column_dimensions[column[0].column_letter].width = 60 if wide else 24
            for cell in column[1:] if wide else ():
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "B2"
        sheet.auto_filter.ref = sheet.dimensions
    return _fixed_zip(book, day.timetuple()[:3])


def _fixed_zip(book: Any, day: tuple[int, ...]) -> bytes:
    """Save a workbook with fixed times, so that equal catalogues give equal bytes."""
    import re
    import zipfile

    raw, out = io.BytesIO(), io.BytesIO()
    book.save(raw)
    stamp = b"%04d-%02d-%02dT00:00:00Z" % day
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, (day[0], day[1], day[2], 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()


def _sqlite(catalogue: Catalogue) -> bytes:
    from kb.store import write_sqlite

    with tempfile.TemporaryDirectory() as folder:
        write_sqlite(catalogue, Path(folder) / "catalogue.sqlite")
        return (Path(folder) / "catalogue.sqlite").read_bytes()


_PLACES = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished", "techreport": "institution"}


def bibtex_entry(article: Article) -> str:
    """One article as BibTeX."""
    a = article
    fields = {
        "author": " and ".join(a.authors), "title": f"{{{a.title}}}", _PLACES[a.type]: a.venue, "year": a.year, "doi": a.doi,
        "eprint": a.arxiv, "archiveprefix": "arXiv" if a.arxiv else None,
    }  # fmt: skip
    body = ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items() if v is not None)
    return f"@{a.type}{{{a.id},\n{body}\n}}\n"


def _bibtex(catalogue: Catalogue) -> bytes:
    head = f"% {catalogue.edition.title}, version {catalogue.edition.id}\n\n"
    return (head + "\n".join(map(bibtex_entry, catalogue.articles))).encode()


FORMATS: Mapping[str, Callable[[Catalogue], bytes]] = {
    "ttl": lambda c: _graph_text(c, "ttl"),
    "jsonld": _jsonld,
    "nt": lambda c: _graph_text(c, "nt"),
    "json": lambda c: to_json(c).encode(),
    "csv": to_csv,
    "xlsx": _xlsx,
    "sqlite": _sqlite,
    "bibtex": _bibtex,
}
