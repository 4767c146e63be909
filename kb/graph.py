"""The catalogue as RDF: records to triples and back, without blank nodes, so that equality is set equality.

A record's IRI is ``https://w3id.org/provender/<kind>/<id>``; its embedded parts hang below it (``…#effort``, ``…#evidence-0``), which a
static file server resolves to the record's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, OWL, PROV, RDFS, SKOS, VOID, XSD

from kb.iri import BASE as BASE
from kb.records import LISTS, TYPES, Addressing, Article, Catalogue, Limitation, Part, Record, Solution
from kb.shape import Field, fields

PV = Namespace(BASE + "ontology#")
CITO = Namespace("http://purl.org/spar/cito/")
FABIO = Namespace("http://purl.org/spar/fabio/")
SCHEMA = Namespace("https://schema.org/")
PREFIXES: Mapping[str, Namespace | Any] = {
    "pv": PV, "cito": CITO, "dcat": DCAT, "dcterms": DCTERMS, "fabio": FABIO, "owl": OWL, "prov": PROV, "rdf": RDF,
    "rdfs": RDFS, "schema": SCHEMA, "skos": SKOS, "void": VOID, "xsd": XSD,
}  # fmt: skip
PROFILE_GRAPH = URIRef(BASE + "profile")
POSITION, TEXT = PV.position, PV.text
Triple = tuple[Any, Any, Any]

_ALSO_A: Mapping[str, tuple[URIRef, ...]] = {
    "scheme": (SKOS.ConceptScheme,), "concept": (SKOS.Concept,), "edition": (DCAT.Dataset, VOID.Dataset),
    "challenge": (SCHEMA.DefinedTerm,), "solution": (SCHEMA.DefinedTerm, PROV.Entity),
}  # fmt: skip
_FABIO = {
    "article": FABIO.JournalArticle,
    "inproceedings": FABIO.ConferencePaper,
    "misc": FABIO.Preprint,
    "techreport": FABIO.TechnicalReport,
}


def iri(kind: str, identity: str) -> URIRef:
    """IRI of a record."""
    return URIRef(f"{BASE}{kind}/{identity}")


def predicate(field: Field) -> URIRef:
    """Property under which a field is published: an established one where the record type names it, else ours."""
    if field.term is not None:
        prefix, _, local = field.term.partition(":")
        return URIRef(str(PREFIXES[prefix][local]))
    first, *rest = field.name.split("_")
    return PV[first + "".join(word.capitalize() for word in rest)]


def class_of(of: type[Part]) -> URIRef:
    """Class of a record or part type."""
    return PV[of.__name__]


def to_triples(catalogue: Catalogue) -> Iterator[Triple]:
    """Every triple of the catalogue: the records, then what follows from them."""
    for record in catalogue.records():
        yield from record_triples(record)
    yield from _citations(catalogue)
    yield from _dataset(catalogue)


def record_triples(record: Record) -> Iterator[Triple]:
    """The triples from which the record can be rebuilt, and its types in other vocabularies."""
    subject = iri(record.kind_, str(record.id))  # type: ignore[attr-defined]
    yield from _part(subject, record)
    for also in _ALSO_A.get(record.kind_, ()):
        yield subject, RDF.type, also
    if isinstance(record, Article):
        yield subject, RDF.type, _FABIO[record.type]


def _part(subject: URIRef, part: Part) -> Iterator[Triple]:
    yield subject, RDF.type, class_of(type(part))
    for field in fields(type(part)):
        held = getattr(part, field.name)
        if held is None or field.name == "id":
            continue
        way = predicate(field)
        if not field.many:
            yield from _item(subject, way, field, held, f"{field.name}")
            continue
        for at, item in enumerate(held):
            if field.ordered or field.part is not None:
                yield from _ordered(subject, way, field, item, at)
            else:
                yield subject, way, _node(field, item)


def _below(subject: URIRef, name: str) -> URIRef:
    return URIRef(f"{subject}{'-' if '#' in subject else '#'}{name}")


def _item(subject: URIRef, way: URIRef, field: Field, value: Any, name: str) -> Iterator[Triple]:
    if not isinstance(value, Part):
        yield subject, way, _node(field, value)
    elif any(v not in (None, ()) for _, v in value) or not field.optional:
        node = _below(subject, name)
        yield subject, way, node
        yield from _part(node, value)


def _ordered(subject: URIRef, way: URIRef, field: Field, value: Any, at: int) -> Iterator[Triple]:
    node = _below(subject, f"{field.name}-{at}")
    yield subject, way, node
    yield node, POSITION, Literal(at)
    if isinstance(value, Part):
        yield from _part(node, value)
    else:
        yield node, RDF.type, PV.Item
        yield node, TEXT, _node(field, value)


def _node(field: Field, value: Any) -> URIRef | Literal:
    if field.scheme is not None:
        return iri("concept", f"{field.scheme}.{value}")
    if field.ref is not None:
        return iri(field.ref, str(value))
    if isinstance(value, str):
        if field.name in ("url", "repository", "licence", "seen_at") and value.startswith("http"):
            return Literal(value, datatype=XSD.anyURI)
        return Literal(value, lang="en") if field.name in _PROSE else Literal(value)
    if isinstance(value, float):
        return Literal(repr(value), datatype=XSD.double)
    return Literal(value)


_PROSE = frozenset({"label", "also", "definition", "summary"})


def _citations(catalogue: Catalogue) -> Iterator[Triple]:
    """What follows from the records: shortcuts, typed citations and where each record comes from."""
    study = iri("article", catalogue.edition.study)
    edition = iri("edition", catalogue.edition.id)
    for record in catalogue.records():
        subject = iri(record.kind_, str(record.id))  # type: ignore[attr-defined]
        if record is not catalogue.edition:
            yield subject, DCTERMS.isPartOf, edition
        basis = record.basis  # type: ignore[attr-defined]
        if basis in ("study-abstract", "study-secondary", "study-attested"):
            yield subject, PROV.hadPrimarySource, study
        elif basis == "reconstructed":
            yield subject, PROV.wasInfluencedBy, study
        if isinstance(record, Addressing):
            yield iri("solution", record.solution), PV.addresses, iri("challenge", record.challenge)
        if isinstance(record, (Addressing, Limitation)):
            for evidence in record.evidence:
                if evidence.source is not None:
                    yield subject, CITO.citesAsEvidence, iri("article", evidence.source)
        if isinstance(record, Solution):
            yield subject, CITO.citesAsSourceDocument, iri("article", record.article)
            yield subject, PROV.hadPrimarySource, iri("article", record.article)
        if isinstance(record, Article) and record.doi is not None:
            yield subject, OWL.sameAs, URIRef("https://doi.org/" + record.doi)


def _dataset(catalogue: Catalogue) -> Iterator[Triple]:
    subject = iri("edition", catalogue.edition.id)
    yield subject, OWL.versionInfo, Literal(catalogue.edition.id)
    yield subject, URIRef(str(DCAT) + "version"), Literal(catalogue.edition.id)
    yield subject, VOID.uriSpace, Literal(BASE)
    yield subject, VOID.vocabulary, URIRef(str(PV).rstrip("#"))
    for format_, file in (
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "nt"),
    ):
        copy = URIRef(f"{subject}#{file}")
        yield subject, DCAT.distribution, copy
        yield copy, RDF.type, DCAT.Distribution
        yield copy, DCAT.mediaType, URIRef("https://www.iana.org/assignments/media-types/" + format_)
        yield copy, DCTERMS.title, Literal(f"provender.{file}")


def to_graph(catalogue: Catalogue) -> Graph:
    """The catalogue as an rdflib graph."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for triple in to_triples(catalogue):
        graph.add(triple)
    return graph


def from_graph(graph: Graph) -> Catalogue:
    """Rebuild the records from a graph; the inverse of `to_graph`.

    Args:
        graph: holds the triples of one edition, in any order; others are ignored.
    """
    index: dict[Any, dict[Any, list[Any]]] = {}
    for s, p, o in graph:
        index.setdefault(s, {}).setdefault(p, []).append(o)
    made: dict[str, list[Record]] = {kind: [] for kind in TYPES}
    for kind, of in TYPES.items():
        prefix = f"{BASE}{kind}/"
        subjects = (s for s, held in index.items() if class_of(of) in held.get(RDF.type, ()))
        for subject in sorted(subjects):
            raw = {"id": str(subject).removeprefix(prefix), **_read(of, subject, index)}
            made[kind].append(of.model_validate(raw))
        made[kind].sort(key=lambda r: str(r.id))  # type: ignore[attr-defined]
    return Catalogue.model_validate(
        {"edition": made["edition"][0], **{name: tuple(made[kind]) for kind, name in LISTS.items()}}
    )


def _read(of: type[Part], subject: Any, index: Mapping[Any, Mapping[Any, list[Any]]]) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for field in fields(of):
        held = index.get(subject, {}).get(predicate(field), [])
        if field.name == "id" or (not held and not field.many):
            continue
        if field.many and (field.ordered or field.part is not None):
            held = sorted(held, key=lambda node: int(index[node][POSITION][0]))
        items = [_value(field, node, index) for node in held]
        raw[field.name] = items if field.many else items[0]
    return raw


def _value(field: Field, node: Any, index: Mapping[Any, Mapping[Any, list[Any]]]) -> Any:
    if field.part is not None:
        return _read(field.part, node, index)
    if field.ordered:
        node = index[node][TEXT][0]
    if field.scheme is not None:
        return str(node).removeprefix(f"{BASE}concept/{field.scheme}.")
    if field.ref is not None:
        return str(node).removeprefix(f"{BASE}{field.ref}/")
    return node.toPython() if field.scalar in (int, bool, date) else float(node) if field.scalar is float else str(node)


def profile_graph(facts: Mapping[str, bool], in_place: tuple[str, ...]) -> list[Triple]:
    """What is known of an organisation, as the triples the feasibility queries look for in `PROFILE_GRAPH`."""
    known = [(iri("concept", concept), PV.given, Literal(holds)) for concept, holds in sorted(facts.items())]
    return [*known, *((iri("solution", s), PV.inPlace, Literal(True)) for s in in_place)]
