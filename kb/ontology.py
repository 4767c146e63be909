"""The project's OWL ontology and SHACL shapes, derived from the record types and kept under data/ontology for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from kb.graph import BASE, CITO, FABIO, POSITION, PREFIXES, PV, SCHEMA, TEXT, class_of, predicate
from kb.records import TYPES, Part
from kb.shape import Field, fields, parts

ONTOLOGY = URIRef(str(PV).rstrip("#"))
_DATATYPES = {int: XSD.integer, float: XSD.double, bool: XSD.boolean, date: XSD.date}
_SUPER = {
    "Scheme": PREFIXES["skos"].ConceptScheme, "Concept": PREFIXES["skos"].Concept, "Challenge": SCHEMA.DefinedTerm,
    "Solution": SCHEMA.DefinedTerm, "Edition": PREFIXES["dcat"].Dataset, "Article": FABIO.Expression,
}  # fmt: skip
_ITEM = "A text in an ordered list, such as a step."
_EXTRA = {
    PV.Item: (OWL.Class, "Item", _ITEM),
    POSITION: (OWL.DatatypeProperty, "position", "Place in the list that holds the part, counted from 0."),
    TEXT: (OWL.DatatypeProperty, "text", "What the item says."),
    PV.addresses: (
        OWL.ObjectProperty,
        "addresses",
        "Shortcut from a solution to a challenge that one of its addressings names.",
    ),
    PV.given: (
        OWL.DatatypeProperty,
        "given",
        "In a profile graph: whether the atom is known to hold of the organisation.",
    ),
    PV.inPlace: (
        OWL.DatatypeProperty,
        "in place",
        "In a profile graph: that the organisation has the solution in place.",
    ),
}


def _all_parts() -> Iterator[type[Part]]:
    seen: dict[type[Part], None] = {}
    for of in TYPES.values():
        seen.update(dict.fromkeys(parts(of)))
    return iter(seen)


def ontology() -> Graph:
    """Classes with what they mean, and our own properties with their domains and ranges."""
    graph = _graph()
    graph.add((ONTOLOGY, RDF.type, OWL.Ontology))
    graph.add((ONTOLOGY, RDFS.label, Literal("Provender ontology", lang="en")))
    for of in _all_parts():
        node = class_of(of)
        graph.add((node, RDF.type, OWL.Class))
        graph.add((node, RDFS.label, Literal(of.__name__, lang="en")))
        graph.add((node, RDFS.comment, Literal((of.__doc__ or "").strip().splitlines()[0], lang="en")))
        graph.add((node, RDFS.isDefinedBy, ONTOLOGY))
        if of.__name__ in _SUPER:
            graph.add((node, RDFS.subClassOf, _SUPER[of.__name__]))
        for field in fields(of):
            _property(graph, node, field)
    for node, (kind, label, comment) in _EXTRA.items():
        graph.add((node, RDF.type, kind))
        graph.add((node, RDFS.label, Literal(label, lang="en")))
        graph.add((node, RDFS.comment, Literal(comment, lang="en")))
    graph.add((PV.addresses, RDFS.subPropertyOf, PREFIXES["dcterms"].relation))
    graph.add((CITO.citesAsEvidence, RDFS.isDefinedBy, URIRef(str(CITO))))
    return graph


def _property(graph: Graph, owner: URIRef, field: Field) -> None:
    way = predicate(field)
    if field.name == "id" or not str(way).startswith(str(PV)):
        return
    linked = _points_to(field)
    graph.add((way, RDF.type, OWL.DatatypeProperty if linked is None else OWL.ObjectProperty))
    graph.add((way, RDFS.label, Literal(field.name.replace("_", " "), lang="en")))
    graph.add((way, RDFS.isDefinedBy, ONTOLOGY))
    graph.add((way, SCHEMA.domainIncludes, owner))
    graph.add((way, SCHEMA.rangeIncludes, linked if linked is not None else _datatype(field)))


def _points_to(field: Field) -> URIRef | None:
    if field.part is not None:
        return class_of(field.part)
    if field.ordered:
        return PV.Item
    if field.scheme is not None:
        return PV.Concept
    return class_of(TYPES[field.ref]) if field.ref is not None else None


def _datatype(field: Field) -> URIRef:
    return _DATATYPES.get(field.scalar, XSD.string) if field.scalar else XSD.string


def shapes() -> Graph:
    """A closed shape per class: the fields a record type declares, their number, and what they point to."""
    graph = _graph()
    for of in _all_parts():
        shape = URIRef(f"{ONTOLOGY}/shapes#{of.__name__}")
        graph.add((shape, RDF.type, SH.NodeShape))
        graph.add((shape, SH.targetClass, class_of(of)))
        graph.add((shape, SH.closed, Literal(True)))
        ignored = BNode(f"ignored{of.__name__}")
        Collection(graph, ignored, [RDF.type, POSITION, *_DERIVED])
        graph.add((shape, SH.ignoredProperties, ignored))
        for field in fields(of):
            if field.name != "id":
                _constrain(graph, shape, field, of.__name__)
    return graph


_P, _D = PREFIXES["prov"], PREFIXES["dcterms"]
_DERIVED = (
    _D.isPartOf, _P.hadPrimarySource, _P.wasInfluencedBy, PV.addresses, CITO.citesAsEvidence, CITO.citesAsSourceDocument, OWL.sameAs,
    OWL.versionInfo, URIRef(str(PREFIXES["dcat"]) + "version"), PREFIXES["dcat"].distribution, PREFIXES["void"].uriSpace,
    PREFIXES["void"].vocabulary,
)  # fmt: skip


def _constrain(graph: Graph, shape: URIRef, field: Field, owner: str) -> None:
    node = URIRef(f"{shape}-{field.name}")
    graph.add((shape, SH.property, node))
    graph.add((node, SH.path, predicate(field)))
    if not field.many:
        graph.add((node, SH.maxCount, Literal(1)))
        if not field.optional:
            graph.add((node, SH.minCount, Literal(1)))
    linked = _points_to(field)
    if linked is not None:
        graph.add((node, SH["class"], linked))
    if field.scheme is not None:
        graph.add((node, SH.pattern, Literal(f"^{BASE}concept/{field.scheme}\\.")))
    elif linked is None:
        graph.add((node, SH.nodeKind, SH.Literal))
        if field.scalar in _DATATYPES:
            graph.add((node, SH.datatype, _datatype(field)))
    if field.choices:
        choices = BNode(f"choices{owner}{field.name}")
        Collection(graph, choices, [Literal(c) for c in field.choices])
        graph.add((node, SH["in"], choices))


def _graph() -> Graph:
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    graph.bind("sh", SH)
    return graph


def violations(data: Graph, shapes_file: Path | None) -> list[str]:
    """Check a graph with pySHACL against kept shapes, or against those of the record types; one line per offender."""
    import pyshacl

    wanted = shapes() if shapes_file is None else Graph().parse(shapes_file, format="turtle")
    conforms, report, _ = pyshacl.validate(data, shacl_graph=wanted, advanced=False)
    if conforms:
        return []
    found = []
    for result in report.subjects(RDF.type, SH.ValidationResult):
        focus, way = report.value(result, SH.focusNode), report.value(result, SH.resultPath)
        found.append(f"{focus} {way}: {report.value(result, SH.resultMessage)}")
    return sorted(found)


def write(folder: Path) -> None:
    """Write ontology and shapes into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, graph in (("ontology", ontology()), ("shapes", shapes())):
        (folder / f"{name}.ttl").write_text(graph.serialize(format="turtle"), encoding="utf-8")


if __name__ == "__main__":
    import sys

    write(Path(sys.argv[1]))
