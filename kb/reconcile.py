"""Holds the catalogue against the study's own tables, for whoever has the full paper: what matches, what differs, what is missing."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.faults import CatalogueError, Fault
from kb.records import Article, Catalogue, Challenge
from kb.source import read_text

ATTESTED = "study-attested"
CLOSE = 0.6
Outcome = Literal["matches", "differs", "not in the catalogue", "not in the table"]


@dataclass(frozen=True)
class Item:
    """One challenge or article of the study's table or of the catalogue, and how the two compare."""

    kind: str
    line: int
    name: str
    outcome: Outcome
    record: str | None
    detail: str = ""


def read_table(file: Path) -> list[dict[str, str]]:
    """Read the study's tables from a CSV with the columns ``kind`` (challenge or article), ``name``, and optionally ``phase``, ``doi``.

    Raises:
        CatalogueError: naming the line and column of every fault.
    """
    text = read_text(file, str(file))
    if isinstance(text, Fault):
        raise CatalogueError([text])
    reader = csv.DictReader(io.StringIO(text))
    missing = {"kind", "name"} - set(reader.fieldnames or ())
    if missing:
        raise CatalogueError(
            [Fault(str(file), 1, "", f"lacks the column {', '.join(sorted(missing))}; it needs kind and name")]
        )
    rows, faults = [], []
    for row in reader:
        line, held = reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}
        if held["kind"] not in ("challenge", "article"):
            faults.append(Fault(str(file), line, "kind", f"is {held['kind']!r}; use challenge or article"))
        if not held["name"]:
            faults.append(Fault(str(file), line, "name", "is empty; give the study's wording"))
        rows.append({**held, "line": str(line)})
    if faults:
        raise CatalogueError(faults)
    return rows


def _fold(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def reconcile(catalogue: Catalogue, rows: list[dict[str, str]]) -> list[Item]:
    """Compare the rows of the study's tables with the challenges and the primary articles of the catalogue, row by row."""
    primary = {s.article for s in catalogue.solutions if s.retired is None}
    challenges = {c.id: c for c in catalogue.challenges if c.retired is None}
    articles = {a.id: a for a in catalogue.articles if a.id in primary}
    items = [_challenge(r, challenges) if r["kind"] == "challenge" else _article(r, articles) for r in rows]
    for kind, records in (("challenge", challenges), ("article", articles)):
        if any(row["kind"] == kind for row in rows):
            found = {i.record for i in items if i.kind == kind}
            items += [Item(kind, 0, _name(r), "not in the table", i) for i, r in records.items() if i not in found]
    return items


def _name(record: Challenge | Article) -> str:
    return record.label if isinstance(record, Challenge) else record.title


def _challenge(row: Mapping[str, str], challenges: Mapping[str, Challenge]) -> Item:
    line, name = int(row["line"]), row["name"]
    names = {_fold(n): c for c in challenges.values() for n in (c.id, c.label, *c.also)}
    exact = names.get(_fold(name))
    close = difflib.get_close_matches(_fold(name), names, n=1, cutoff=CLOSE)
    found = exact or (names[close[0]] if close else None)
    if found is None:
        return Item("challenge", line, name, "not in the catalogue", None)
    details = [] if _fold(name) == _fold(found.label) else [f"the catalogue calls it {found.label!r}"]
    if row.get("phase") and _fold(row["phase"]) != _fold(found.phase):
        details.append(f"the catalogue puts it into {found.phase}")
    return Item("challenge", line, name, "differs" if details else "matches", found.id, "; ".join(details))


def _article(row: Mapping[str, str], articles: Mapping[str, Article]) -> Item:
    line, name = int(row["line"]), row["name"]
    for article in articles.values():
        if row.get("doi") and (article.doi or "").lower() == row["doi"].lower().removeprefix("https://doi.org/"):
            return Item("article", line, name, "matches", article.id)
    titles = {_fold(a.title): a for a in articles.values()}
    if _fold(name) in titles:
        return Item("article", line, name, "matches", titles[_fold(name)].id)
    close = difflib.get_close_matches(_fold(name), titles, n=1, cutoff=0.85)
    if close:
        return Item(
            "article", line, name, "differs", titles[close[0]].id, f"the catalogue has {titles[close[0]].title!r}"
        )
    return Item("article", line, name, "not in the catalogue", None)


def attest(items: list[Item], catalogue: Catalogue, data: Path) -> Iterator[Path]:
    """Write back what the table attests: the study's wording and the basis of the challenges, the basis of the articles.

    Yields:
        The files that were changed; the catalogue's former label stays among the other names.
    """
    challenges = {c.id: c for c in catalogue.challenges}
    bib = data / "articles.bib"
    entries = bib.read_text(encoding="utf-8")
    before = entries
    for item in items:
        if item.record is None or item.line == 0:
            continue
        if item.kind == "challenge":
            file = data / "challenges" / f"{item.record}.yaml"
            text = file.read_text(encoding="utf-8")
            changed = _attested(text, challenges[item.record], item.name)
            if changed != text:
                file.write_text(changed, encoding="utf-8")
                yield file
        else:
            entries = re.sub(
                rf"(@\w+\{{{item.record},.*?basis = \{{)[^}}]*",
                lambda m: m.group(1) + ATTESTED,
                entries,
                count=1,
                flags=re.DOTALL,
            )
    if entries != before:
        bib.write_text(entries, encoding="utf-8")
        yield bib


def _attested(text: str, challenge: Challenge, name: str) -> str:
    import json

    also = sorted({*challenge.also, challenge.label} - {name})
    text = re.sub(
        r"^label:.*$", lambda _: f"label: {json.dumps(name, ensure_ascii=False)}", text, count=1, flags=re.MULTILINE
    )
    text = re.sub(
        r"^also:.*?(?=^\w)",
        lambda _: f"also: {json.dumps(also, ensure_ascii=False)}\n",
        text,
        count=1,
        flags=re.MULTILINE | re.DOTALL,
    )
    return re.sub(r"^basis:.*$", f"basis: {ATTESTED}", text, count=1, flags=re.MULTILINE)
