"""Conditions in words, for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kb.records.terms import Atoms, Vocabulary, atoms_of

if TYPE_CHECKING:
    from kb.records.catalogue import Article
    from kb.records.condition import Condition


def condition_in_words(condition: Condition, vocabulary: Vocabulary) -> str:
    """Say when a condition bites: ``budget below “small”, and no “statistics” in skills; or …``."""
    clauses = atoms_of(condition)
    if frozenset() in clauses:
        return "always"
    return "; or ".join(clause_in_words(atoms, vocabulary) for atoms in clauses)


def clause_in_words(atoms: Atoms, vocabulary: Vocabulary) -> str:
    """Say what a clause asks of an organisation, facet by facet."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for concept, holds in sorted(
        atoms, key=lambda a: (a[0].partition(".")[0], not a[1], vocabulary.concepts[a[0]].rank)
    ):
        groups.setdefault((concept.partition(".")[0], holds), []).append(concept)
    return ", and ".join(_said(facet, holds, concepts, vocabulary) for (facet, holds), concepts in groups.items())


def literal_in_words(concept: str, holds: bool, vocabulary: Vocabulary) -> str:
    """Say one atom with its sign."""
    return _said(concept.partition(".")[0], holds, [concept], vocabulary)


def _said(facet: str, holds: bool, concepts: list[str], vocabulary: Vocabulary) -> str:
    scheme = vocabulary.schemes[facet]
    labels = [lower(vocabulary.label(c)) for c in concepts]
    if scheme.order == "ordered":
        return f"{lower(scheme.label)} {'at least' if holds else 'below'} “{labels[0]}”"
    if scheme.omitted_means_no:
        return f"{joined(labels, 'and')} {'is' if len(labels) == 1 else 'are'} {'' if holds else 'not '}ruled out"
    quoted = [f"“{label}”" for label in labels]
    return f"{joined(quoted, 'and') if holds else 'no ' + joined(quoted, 'or')} in {lower(scheme.label)}"


def lower(label: str) -> str:
    """Lower-case a label's first letter unless it starts with an abbreviation or a proper name."""
    first = label.split(" ")[0]
    return (
        label if any(c.isupper() for c in first[1:]) or first in ("Python", "Spark") else label[:1].lower() + label[1:]
    )


def sentence(words: str) -> str:
    """Begin with a capital.

    >>> sentence("gain “GPU” (infrastructure)")
    'Gain “GPU” (infrastructure)'
    """
    return words[:1].upper() + words[1:]


def joined(words: Iterable[str], last: str = "and") -> str:
    """Join words with commas and a last ``and`` or ``or``."""
    held = list(words)
    return held[0] if len(held) == 1 else f"{', '.join(held[:-1])} {last} {held[-1]}" if held else ""


def cite(article: Article) -> str:
    """Name an article as people do: first author and year."""
    names = [author.split()[-1] for author in article.authors[:2]]
    others = " et al." if len(article.authors) > 2 else f" and {names[1]}" if len(names) == 2 else ""
    return f"{names[0]}{others} {article.year}"
