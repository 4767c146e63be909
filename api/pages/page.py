"""What a page is, and what pages are made from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.pages.text import link, placed, plain

if TYPE_CHECKING:
    from api.publication import Publication
    from kb.records import Addressing, Article, Catalogue, Challenge, Limitation, Solution

CONTRIBUTORS = "The Provender contributors"
_FOLDERS = {"challenge": "challenges", "solution": "solutions", "addressing": "solutions", "limitation": "solutions"}


@dataclass(frozen=True)
class Page:
    """A page of the site.

    Args:
        path: of its source, such as `solution/dropout.md`, which is shown at `/solution/dropout/`.
        title: what the browser and the search call it.
        text: Markdown without front matter; links from the top begin with a slash.
        description: one sentence, for search engines and previews.
        record: `kind/id`, or `scheme/value` of a concept, if it is the page of one record and has twins as data.
        hide: parts of the layout that it does without.
    """

    path: str
    title: str
    text: str
    description: str = ""
    record: str | None = None
    hide: tuple[str, ...] = ()
    boost: float = 1

    @property
    def address(self) -> str:
        """Where it is shown, counted from the top."""
        stem = self.path.removesuffix(".md")
        return "" if stem == "index" else f"{stem}/"

    def source(self, repository: str | None = None) -> str:
        """The whole source file."""
        meta: dict[str, Any] = {"title": self.title}
        if self.description:
            meta["description"] = self.description
        if self.record:
            meta["record"] = self.record
        if self.hide:
            meta["hide"] = list(self.hide)
        if self.boost != 1:
            meta["search"] = {"boost": self.boost}
        # JSON is YAML, and quotes whatever needs it.
        head = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in meta.items())
        return f"---\n{head}---\n\n{placed(self.text, self.path).strip()}\n"


@dataclass(frozen=True)
class Site:
    """A release as the pages see it.

    Args:
        publication: what is published.
        data: folder of the catalogue's sources.
        sources: folder of the handwritten pages.
        exports: the exports as the API lists them.
        repository: address of the public repository, for links to edit a record; none if it has none.
    """

    publication: Publication
    data: Path
    sources: Path
    exports: Sequence[Mapping[str, Any]] = ()
    repository: str | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue."""
        return self.publication.catalogue

    @property
    def version(self) -> str:
        """The edition's version."""
        return self.publication.version

    # Records

    @cached_property
    def challenges(self) -> Mapping[str, Challenge]:
        """By id."""
        return {c.id: c for c in self.catalogue.challenges}

    @cached_property
    def solutions(self) -> Mapping[str, Solution]:
        """By id."""
        return {s.id: s for s in self.catalogue.solutions}

    @cached_property
    def articles(self) -> Mapping[str, Article]:
        """By id."""
        return {a.id: a for a in self.catalogue.articles}

    @cached_property
    def by_challenge(self) -> Mapping[str, Sequence[Addressing]]:
        """Addressings of each challenge by live solutions, the best coverage first."""
        live = [a for a in self.catalogue.addressings if self.solutions[a.solution].retired is None]
        return self._grouped(sorted(live, key=lambda a: (-self.rank("coverage", a.coverage), a.solution)), "challenge")

    @cached_property
    def by_solution(self) -> Mapping[str, Sequence[Addressing]]:
        """Addressings of each solution, the best coverage first."""
        ordered = sorted(self.catalogue.addressings, key=lambda a: (-self.rank("coverage", a.coverage), a.challenge))
        return self._grouped(ordered, "solution")

    @cached_property
    def limitations(self) -> Mapping[str, Sequence[Limitation]]:
        """Limitations of each solution, what blocks first."""
        live = [x for x in self.catalogue.limitations if x.retired is None]
        return self._grouped(sorted(live, key=lambda x: (-self.rank("effect", x.effect), x.factor, x.id)), "solution")

    @staticmethod
    def _grouped(records: Iterable[Any], name: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for record in records:
            found.setdefault(getattr(record, name), []).append(record)
        return found

    @cached_property
    def _citing(self) -> Mapping[str, Sequence[tuple[str, str, str]]]:
        found: dict[str, list[tuple[str, str, str]]] = {}

        def add(article: str | None, kind: str, identity: str, why: str) -> None:
            if article is not None and (kind, identity) not in {x[:2] for x in found.get(article, ())}:
                found.setdefault(article, []).append((kind, identity, why))

        for s in self.catalogue.solutions:
            add(s.article, "solution", s.id, "primary article")
            for other in s.references:
                add(other, "solution", s.id, "further reading")
            for context in s.validated_in:
                add(context.source, "solution", s.id, "reported use")
            for kind, held in (("addressing", self.by_solution), ("limitation", self.limitations)):
                for record in held.get(s.id, ()):
                    for one in record.evidence:
                        add(one.source, kind, record.id, self.label("evidence", one.kind).lower())
        return found

    def citing(self, article: str) -> Sequence[tuple[str, str, str]]:
        """Kind and id of each record that cites an article, and what for."""
        return self._citing.get(article, ())

    @cached_property
    def bibtex(self) -> Mapping[str, str]:
        """Entries of the bibliography by id."""
        from kb.export import bibtex_entry

        return {a.id: bibtex_entry(a) for a in self.catalogue.articles}

    # Words

    def label(self, scheme: str, value: str) -> str:
        """A concept's label."""
        return self.catalogue.vocabulary.label(f"{scheme}.{value}")

    def says(self, scheme: str, value: str) -> str:
        """A concept's definition."""
        return self.catalogue.vocabulary.concepts[f"{scheme}.{value}"].definition

    def rank(self, scheme: str, value: str) -> int:
        """A concept's place in its scheme, from zero."""
        return self.catalogue.vocabulary.values(scheme).index(value)

    def best(self, challenge: str) -> str:
        """The best coverage of a challenge that is stated, or `none`."""
        return next((a.coverage for a in self.by_challenge.get(challenge, ())), "none")

    def title(self, kind: str, identity: str) -> str:
        """What a record is called in full."""
        if kind == "article":
            return self.articles[identity].title
        if kind == "concept":
            return self.catalogue.vocabulary.label(identity)
        return (self.challenges if kind == "challenge" else self.solutions)[identity].label

    # Links, in Markdown

    def challenge(self, identity: str) -> str:
        """A link to a challenge."""
        return link(self.challenges[identity].label, f"/challenge/{identity}.md")

    def solution(self, identity: str) -> str:
        """A link to a solution."""
        return link(self.solutions[identity].label, f"/solution/{identity}.md")

    def article(self, identity: str) -> str:
        """A link to an article, by authors and year."""
        return link(self.cited(identity), f"/article/{identity}.md")

    def cited(self, identity: str) -> str:
        """How people call an article.

        Examples are `Srivastava et al. 2014` and `Pan and Yang 2010`.
        """
        article = self.articles[identity]
        names = [name.split()[-1] for name in article.authors]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        return f"{who} {article.year}"

    def factor(self, value: str) -> str:
        """A link to a limiting factor."""
        return link(self.label("factor", value), f"/factor/{value}.md")

    def phase(self, value: str) -> str:
        """A link to a phase."""
        return link(self.label("phase", value), f"/phase/{value}.md")

    # Where records come from

    @cached_property
    def changes(self) -> Sequence[Mapping[str, Any]]:
        """One entry per record and release, newest release first."""
        read: list[Mapping[str, Any]] = json.loads(self.publication.files["changelog.json"])
        return read

    @cached_property
    def _latest(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        return {(c["kind"], c["id"]): c for c in reversed(self.changes)}

    def changed(self, *records: tuple[str, str]) -> Mapping[str, Any] | None:
        """The latest change of any of some records, given by kind and id."""
        order = {c["version"]: -at for at, c in enumerate(self.changes)}
        found = [self._latest[r] for r in records if r in self._latest]
        return max(found, key=lambda c: order[c["version"]], default=None)

    def file(self, kind: str, identity: str) -> str:
        """The source file of a record, counted from the repository's top."""
        if kind == "article":
            return "data/articles.bib"
        if kind == "concept":
            return f"data/vocabulary/{identity.partition('.')[0]}.yaml"
        return f"data/{_FOLDERS[kind]}/{identity.partition('.')[0]}.yaml"


MARKS = {"none": "○", "partial": "◔", "substantial": "◕", "full": "●"}
"""A shape per coverage, beside which its name always stands."""


def coverage(site: Site, value: str) -> str:
    """A coverage by shape and word, as Markdown."""
    word = "None" if value == "none" else site.label("coverage", value)
    return f'<span class="pv-coverage"><span aria-hidden="true">{MARKS[value]}</span> {plain(word).lower()}</span>'


def badge(text: str, kind: str = "") -> str:
    """A short remark that stands out, as Markdown."""
    return f'<span class="pv-badge{f" pv-badge--{kind}" if kind else ""}">{plain(text)}</span>'
