"""Writes a catalogue back into a folder as an author would have written it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kb.records import Catalogue, Condition, Record


def _plain(record: Record, *drop: str) -> dict[str, Any]:
    return {k: v for k, v in record.model_dump(mode="json", exclude_none=True).items() if k not in drop}


def written(condition: Condition, ordered: Mapping[str, bool]) -> Any:
    """A condition in a profile's words."""
    if condition.always:
        return "always"
    clauses = []
    for atoms in condition.atoms():
        tests = []
        for concept, holds in sorted(atoms):
            facet, _, value = concept.partition(".")
            op = ("at_least" if holds else "below") if ordered[facet] else ("has" if holds else "lacks")
            tests.append({facet: {op: value}})
        clauses.append({"all": tests})
    return {"any": clauses}


def write_folder(catalogue: Catalogue, folder: Path) -> None:
    """Write every file of a catalogue."""
    for part in ("vocabulary", "challenges", "solutions"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    vocabulary = catalogue.vocabulary
    ordered = {f: vocabulary.ordered(f) for f in vocabulary.facets}
    _dump(folder / "catalogue.yaml", _plain(catalogue.edition))
    _dump(folder / "criteria.yaml", [_plain(c) for c in catalogue.criteria])
    for scheme in catalogue.schemes:
        concepts = sorted((c for c in catalogue.concepts if c.scheme == scheme.id), key=lambda c: c.rank)
        _dump(
            folder / "vocabulary" / f"{scheme.id}.yaml",
            {
                **_plain(scheme),
                "concepts": [{**_plain(c, "scheme", "rank"), "id": c.value} for c in concepts],
            },
        )
    for challenge in catalogue.challenges:
        _dump(folder / "challenges" / f"{challenge.id}.yaml", _plain(challenge))
    for solution in catalogue.solutions:
        addresses = [_plain(a, "id", "solution") for a in catalogue.addressings if a.solution == solution.id]
        limitations = []
        for x in catalogue.limitations:
            if x.solution == solution.id:
                raw = {
                    **_plain(x, "solution"),
                    "id": x.id.partition(".")[2],
                    "when": written(x.when, ordered),
                }
                raw["reduces"] = {r.challenge: r.to for r in x.reduces}
                limitations.append(raw)
        _dump(
            folder / "solutions" / f"{solution.id}.yaml",
            {**_plain(solution), "addresses": addresses, "limitations": limitations},
        )
    (folder / "articles.bib").write_text("\n".join(_entry(a) for a in catalogue.articles), encoding="utf-8")


def _entry(article: Any) -> str:
    fields = {
        "author": " and ".join(article.authors), "title": article.title, "year": article.year, "doi": article.doi,
        "eprint": article.arxiv, "seen_at": " ".join(article.seen_at) or None, "basis": article.basis,
    }  # fmt: skip
    body = ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items() if v is not None)
    return f"@{article.type}{{{article.id},\n{body}\n}}\n"


def _dump(file: Path, data: Any) -> None:
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_style='"'), encoding="utf-8")
