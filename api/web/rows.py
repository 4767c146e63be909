"""The catalogue's records as rows in memory: what they are, what they are related to, and which of them a request wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from api.publication import Publication
from engine.tokens import tokens
from kb.home import BUNDLE
from kb.iri import BASE
from kb.records import TYPES, evidence_level
from kb.records.words import condition_in_words

Row = dict[str, Any]
RETIRED = ("no", "only", "all")
LISTS: Mapping[str, str] = {
    "challenges": "challenge", "solutions": "solution", "addressings": "addressing", "limitations": "limitation", "articles": "article",
    "criteria": "criterion",
}  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """A list of records that is served: what its rows show, by what it is filtered and sorted, and what may come along.

    `kinds` are those that can be asked for by id; `slim` are the fields of a row unless others are asked for; `derived` those that are
    worked out and not part of the record.
    """

    name: str
    kinds: tuple[str, ...]
    what: str
    slim: tuple[str, ...]
    derived: tuple[str, ...]
    filters: Mapping[str, str]
    sorts: tuple[str, ...]
    includes: tuple[str, ...]
    example: str

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/v1/{self.name}"


LISTINGS: Mapping[str, Listing] = {
    held.name: held
    for held in (
        Listing(
            "challenges", ("challenge",), "data-management challenges",
            slim=("label", "phase", "definition", "availability"), derived=("availability",),
            filters={"phase": "Phase of the life cycle.", "solution": "A solution that addresses it."},
            sorts=("id", "label", "phase"), includes=("addressings", "articles", "limitations", "solutions"), example="data-drift",
        ),
        Listing(
            "solutions", ("solution",), "solutions from the literature",
            slim=("label", "kind", "summary", "article", "challenges"), derived=("challenges",),
            filters={
                "challenge": "A challenge that it addresses.", "phase": "Phase of a challenge that it addresses.",
                "kind": "What sort of solution it is.", "modality": "A modality in which a source reports that it worked.",
                "factor": "A factor that limits it.", "effect": "What one of its limitations does where it bites.",
                "requirement": "A facet, or a concept of one, that one of its limitations tests; or a solution that it needs in place.",
            },
            sorts=("id", "label", "kind", "effort"), includes=("addressings", "articles", "challenges", "limitations"), example="dropout",
        ),
        Listing(
            "limitations", ("limitation",), "limitations of solutions",
            slim=("solution", "factor", "effect", "says", "bites_if", "evidence_level"), derived=("bites_if", "evidence_level"),
            filters={
                "solution": "The solution that it limits.", "challenge": "A challenge that the limited solution addresses.",
                "factor": "The factor that it belongs to.", "effect": "What it does where it bites.",
                "requirement": "A facet, or a concept of one, that it tests; or a solution that the limited one needs in place.",
            },
            sorts=("id", "effect", "factor"), includes=("articles", "challenges", "solutions"), example="dropout.longer-runs",
        ),
        Listing(
            "articles", ("article",), "articles that the records cite",
            slim=("title", "authors", "year", "venue", "doi", "arxiv"), derived=("cited_by",),
            filters={
                "solution": "A solution that cites it.", "challenge": "A challenge addressed by a solution that cites it.",
                "kind": "What sort of publication it is, in BibTeX's words.",
            },
            sorts=("id", "label", "year"), includes=("limitations", "solutions"), example="srivastava2014dropout",
        ),
        Listing(
            "vocabulary", ("scheme", "concept"), "schemes of the vocabulary, facets of an organisation among them",
            slim=("label", "definition", "use", "order", "values"), derived=("values",),
            filters={"kind": "Whether it classifies records or describes an organisation."},
            sorts=("id", "label"), includes=("limitations",), example="skills",
        ),
    )
}  # fmt: skip


class Rows:
    """The rows of one publication, with everything that is asked of them worked out once."""

    def __init__(self, publication: Publication) -> None:
        self.publication = publication
        self.catalogue = publication.catalogue
        self.vocabulary = publication.catalogue.vocabulary
        self.version = publication.version

    @cached_property
    def bundle(self) -> dict[str, Any]:
        """The catalogue's normal form."""
        read: dict[str, Any] = json.loads(self.publication.files[BUNDLE])
        return read

    @cached_property
    def records(self) -> Mapping[str, Mapping[str, Row]]:
        """Every record in its normal form, by kind and id."""
        schemes = {s["id"]: s for s in self.bundle["vocabulary"]}
        concepts = {c["id"]: c for s in self.bundle["vocabulary"] for c in s["concepts"]}
        edition = self.bundle["edition"]
        held = {kind: {r["id"]: r for r in self.bundle[name]} for name, kind in LISTS.items()}
        return {**held, "scheme": schemes, "concept": concepts, "edition": {edition["id"]: edition}}

    def listed(self, listing: Listing) -> Mapping[str, Row]:
        """The records of a list, by id."""
        return self.records[listing.kinds[0]]

    def find(self, listing: Listing, identity: str) -> tuple[str, Row] | None:
        """A record of a list and its kind."""
        return next(((k, self.records[k][identity]) for k in listing.kinds if identity in self.records[k]), None)

    # What is worked out

    def shown(self, kind: str, record: Row) -> Row:
        """A record with where it is, what is worked out for it, and what it cites."""
        place = {"id": record["id"], "iri": f"{BASE}{kind}/{record['id']}", "url": url(kind, record["id"])}
        return {**place, **record, **self.derived(kind, record), "citations": self.citations(kind, record)}

    def derived(self, kind: str, record: Row) -> Row:
        """What a list shows of a record that is not written in it."""
        identity = record["id"]
        if kind == "challenge":
            stated = [a["coverage"] for a in self._live_addressings if a["challenge"] == identity]
            order = self.vocabulary.values("coverage")
            return {"availability": max(stated, key=order.index, default="none")}
        if kind == "solution":
            held = self._addressings_of.get(identity, [])
            return {"challenges": [{"challenge": a["challenge"], "coverage": a["coverage"]} for a in held]}
        if kind == "limitation":
            limitation = self._limitations[identity]
            return {
                "bites_if": condition_in_words(limitation.when, self.vocabulary),
                "evidence_level": evidence_level(limitation.evidence, self.vocabulary),
            }
        if kind == "addressing":
            return {"evidence_level": evidence_level(self._addressings[identity].evidence, self.vocabulary)}
        if kind == "article":
            return {"cited_by": sorted(self._citing.get(identity, ()))}
        return {"values": list(self.vocabulary.values(identity))} if kind == "scheme" else {}

    def citations(self, kind: str, record: Row) -> list[Row]:
        """The articles that a record rests on: id, how people call it, and where it is."""
        return [self._cited(article) for article in self._sources(kind, record)]

    def _sources(self, kind: str, record: Row) -> Iterable[str]:
        if kind == "article":
            return [record["id"]]
        found = [record["article"]] if kind == "solution" else []
        found += [e["source"] for e in record.get("evidence", ()) if "source" in e]
        found += record.get("references", ())
        found += [c["source"] for c in record.get("validated_in", ())]
        if record.get("basis", "curated") != "curated":
            found.append(self.catalogue.edition.study)
        return dict.fromkeys(found)

    def _cited(self, article: str) -> Row:
        record = self.records["article"][article]
        names = [name.split()[-1] for name in record["authors"]]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        where = f"https://doi.org/{record['doi']}" if "doi" in record else None
        if where is None:
            seen = [f"https://arxiv.org/abs/{record['arxiv']}"] if "arxiv" in record else record["seen_at"]
            where = next(iter(seen), None)
        return {"article": article, "cite": f"{who} {record['year']}", "url": where}

    # Relations

    @cached_property
    def _limitations(self) -> Mapping[str, Any]:
        return {x.id: x for x in self.catalogue.limitations}

    @cached_property
    def _addressings(self) -> Mapping[str, Any]:
        return {a.id: a for a in self.catalogue.addressings}

    @cached_property
    def _live_addressings(self) -> Sequence[Row]:
        return [a for a in self.bundle["addressings"] if "retired" not in self.records["solution"][a["solution"]]]

    @cached_property
    def _addressings_of(self) -> Mapping[str, list[Row]]:
        return _grouped(self.bundle["addressings"], "solution")

    @cached_property
    def _limitations_of(self) -> Mapping[str, list[Row]]:
        return _grouped(self.bundle["limitations"], "solution")

    @cached_property
    def _citing(self) -> Mapping[str, set[str]]:
        """Solutions by the articles that they, their addressings or their limitations cite."""
        found: dict[str, set[str]] = {}
        for solution in self.bundle["solutions"]:
            for kind, record in self._all_of(solution):
                for article in self._sources(kind, record):
                    found.setdefault(article, set()).add(solution["id"])
        return found

    def _all_of(self, solution: Row) -> Iterator[tuple[str, Row]]:
        yield "solution", solution
        yield from (("addressing", a) for a in self._addressings_of.get(solution["id"], ()))
        yield from (("limitation", x) for x in self._limitations_of.get(solution["id"], ()))

    def _tested(self, limitation: Row) -> set[str]:
        concepts = {x["concept"] for clause in limitation["when"]["clauses"] for x in clause["literals"]}
        return concepts | {c.partition(".")[0] for c in concepts}

    def _addressed(self, solution: str) -> list[str]:
        return [a["challenge"] for a in self._addressings_of.get(solution, ())]

    def _related(self, listing: Listing, record: Row) -> Mapping[str, Iterable[str]]:
        """Values of each filter that a record fits."""
        if listing.name == "challenges":
            by = [a["solution"] for a in self.bundle["addressings"] if a["challenge"] == record["id"]]
            return {"phase": [record["phase"]], "solution": by}
        if listing.name == "solutions":
            addressed = self._addressed(record["id"])
            limits = self._limitations_of.get(record["id"], [])
            return {
                "challenge": addressed,
                "phase": [self.records["challenge"][c]["phase"] for c in addressed],
                "kind": [record["kind"]],
                "modality": [c["modality"] for c in record["validated_in"] if "modality" in c],
                "factor": [x["factor"] for x in limits],
                "effect": [x["effect"] for x in limits],
                "requirement": set(record["prerequisites"]).union(*map(self._tested, limits)),
            }
        if listing.name == "limitations":
            solution = self.records["solution"][record["solution"]]
            return {
                "solution": [record["solution"]],
                "challenge": self._addressed(record["solution"]),
                "factor": [record["factor"]],
                "effect": [record["effect"]],
                "requirement": self._tested(record) | set(solution["prerequisites"]),
            }
        if listing.name == "articles":
            citing = self._citing.get(record["id"], set())
            return {
                "solution": citing,
                "challenge": {c for s in citing for c in self._addressed(s)},
                "kind": [record["type"]],
            }
        return {"kind": [record["use"]]}

    # Filters

    @cached_property
    def _index(self) -> Mapping[tuple[str, str, str], set[str]]:
        found: dict[tuple[str, str, str], set[str]] = {}
        for name, listing in LISTINGS.items():
            for identity, record in self.listed(listing).items():
                for filter_, values in self._related(listing, record).items():
                    for value in values:
                        found.setdefault((name, filter_, value), set()).add(identity)
        return found

    def choices(self, listing: Listing, filter_: str) -> Sequence[str]:
        """The valid values of a filter."""
        if filter_ in ("challenge", "solution"):
            return list(self.records[filter_])
        if filter_ == "requirement":
            facets = self.vocabulary.facets
            concepts = [f"{facet}.{value}" for facet in facets for value in self.vocabulary.values(facet)]
            needed = {p for s in self.bundle["solutions"] for p in s["prerequisites"]}
            return [*facets, *concepts, *sorted(needed)]
        if filter_ == "kind" and listing.name == "articles":
            return ("article", "inproceedings", "misc", "techreport")
        if filter_ == "kind" and listing.name == "vocabulary":
            return ("classification", "facet")
        return self.vocabulary.values(filter_)

    def fields(self, listing: Listing) -> Sequence[str]:
        """The fields that a row can show."""
        declared = set(TYPES[listing.kinds[0]].model_fields) - {"id"}
        return sorted(declared | set(listing.derived) | {"citations"})

    @cached_property
    def _texts(self) -> Mapping[tuple[str, str], str]:
        return {
            (name, identity): " " + " ".join(tokens(" ".join(self._said(listing, record)))) + " "
            for name, listing in LISTINGS.items()
            for identity, record in self.listed(listing).items()
        }

    def _said(self, listing: Listing, record: Row) -> Iterator[str]:
        """What a record is searched by."""
        for name in ("label", "title", "definition", "summary", "says", "residual_risk", "question", "venue"):
            if name in record:
                yield str(record[name])
        yield from (str(other) for name in ("also", "authors") for other in record.get(name, ()))
        yield from (s["says"] for s in record.get("symptoms", ()))
        yield from (text for c in record.get("concepts", ()) for text in (c["label"], c["definition"]))

    def chosen(self, listing: Listing, filters: Mapping[str, str], text: str, retired: str) -> list[Row]:
        """The records that fit all filters, in the order of their ids."""
        wanted = [self._index.get((listing.name, name, value), set()) for name, value in filters.items()]
        # Each word must begin one of the record's, so that `drift` finds `drifts`.
        words = [f" {word}" for word in tokens(text)]
        if text and not words:
            return []
        return [
            record
            for identity, record in self.listed(listing).items()
            if (retired == "all" or ("retired" in record) == (retired == "only"))
            and all(identity in ids for ids in wanted)
            and all(word in self._texts[listing.name, identity] for word in words)
        ]

    def sort_key(self, listing: Listing, by: str) -> Callable[[Row], Any]:
        """What a list is sorted by."""
        if by == "label":
            return lambda record: tokens(record.get("label") or record["title"])
        if by == "effort":
            return lambda record: (record["effort"]["person_weeks"]["low"], record["effort"]["person_weeks"]["high"])
        if by in ("phase", "effect", "factor", "kind"):
            order = self.vocabulary.values(by)
            return lambda record: order.index(record[by])
        return lambda record: record[by]

    # What comes along

    def included(
        self, listing: Listing, records: Sequence[tuple[str, Row]], wanted: Sequence[str]
    ) -> Mapping[str, list[Row]]:
        """Records that some records are related to, each once, by list."""
        made: dict[str, list[Row]] = {}
        for name in wanted:
            kind = LISTS[name]
            ids = {identity for of, record in records for identity in self._with(listing, of, record, name)}
            made[name] = [self.records[kind][identity] for identity in sorted(ids)]
        return made

    def _with(self, listing: Listing, kind: str, record: Row, name: str) -> Iterable[str]:
        identity = record["id"]
        if name == "articles":
            along = [("solution", self.records["solution"][identity])] if kind == "solution" else [(kind, record)]
            if kind == "solution":
                along = list(self._all_of(record))
            elif kind == "challenge":
                along += [("addressing", a) for a in self._live_addressings if a["challenge"] == identity]
            return {article for of, held in along for article in self._sources(of, held)}
        if kind in ("scheme", "concept"):
            return [x["id"] for x in self.bundle["limitations"] if identity in self._tested(x)]
        if kind == "challenge":
            held = [a for a in self.bundle["addressings"] if a["challenge"] == identity]
            solutions = {a["solution"] for a in held}
        elif kind == "article":
            held, solutions = [], self._citing.get(identity, set())
        else:
            solutions = {identity if kind == "solution" else record["solution"]}
            held = [a for s in solutions for a in self._addressings_of.get(s, ())]
        if name == "addressings":
            return [a["id"] for a in held]
        if name == "challenges":
            return [a["challenge"] for a in held]
        if name == "solutions":
            return solutions
        limits = [x for s in solutions for x in self._limitations_of.get(s, ())]
        if kind == "article":
            return [x["id"] for x in limits if identity in self._sources("limitation", x)]
        return [x["id"] for x in limits]


def url(kind: str, identity: str) -> str:
    """Where a record is served as JSON: as a row's record, or as linked data if it is in no list."""
    listing = next((held for held in LISTINGS.values() if kind in held.kinds), None)
    return f"{listing.path}/{identity}" if listing else f"/id/{kind}/{identity}.json"


def _grouped(records: Iterable[Row], by: str) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for record in records:
        found.setdefault(record[by], []).append(record)
    return found
