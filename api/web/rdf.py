"""Triples in the formats in which they are published, without rdflib: the build's N-Triples are cut up and written anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from api.publication import Publication
from api.web.frozen import Content, Headers
from kb.iri import BASE

TURTLE, JSON_LD, N_TRIPLES = "text/turtle", "application/ld+json", "application/n-triples"
SUFFIXES = {TURTLE: "ttl", JSON_LD: "jsonld", N_TRIPLES: "nt"}
_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DCTERMS, _FOAF, _VOID = "http://purl.org/dc/terms/", "http://xmlns.com/foaf/0.1/", "http://rdfs.org/ns/void#"
MORE_PREFIXES = {"foaf": _FOAF, "spdx": "http://spdx.org/rdf/terms#", "void": _VOID}


def triple(subject: str, predicate: str, object_: str) -> bytes:
    """A line of N-Triples; the object is written already, see `node` and `literal`."""
    return f"<{subject}> <{predicate}> {object_} .".encode()


def node(iri: str) -> str:
    """An IRI as N-Triples write it."""
    return f"<{iri}>"


def literal(value: str | int, datatype: str | None = None, language: str | None = None) -> str:
    """A literal as N-Triples write it; a number is an integer unless said otherwise."""
    if isinstance(value, int):
        datatype = datatype or _XSD + "integer"
    quoted = json.dumps(str(value), ensure_ascii=False)  # its escapes are those of N-Triples
    return quoted + (f"@{language}" if language else f"^^<{datatype}>" if datatype else "")


class Graph:
    """The publication's triples by record, cut from its N-Triples."""

    def __init__(self, publication: Publication) -> None:
        self._publication = publication

    @cached_property
    def lines(self) -> Mapping[str, list[bytes]]:
        """The triples of each record and its parts, by the record's IRI."""
        found: dict[str, list[bytes]] = {}
        for line in self._publication.files["provender.nt"].splitlines():
            subject = line[1 : line.index(b">")].partition(b"#")[0].decode()
            found.setdefault(subject, []).append(line)
        return found

    @cached_property
    def context(self) -> dict[str, Any]:
        """The published JSON-LD context, and prefixes for what is said of documents."""
        published: dict[str, Any] = json.loads(self._publication.files["context.jsonld"])["@context"]
        return {**published, **MORE_PREFIXES}

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The context's prefixes."""
        return {
            name: iri
            for name, iri in self.context.items()
            if isinstance(iri, str) and iri[-1] in "#/" and name[0] != "@"
        }

    def document(self, kind: str, identity: str, licence: str, edition: str) -> list[bytes]:
        """All that is published on one record, and what the document with it is."""
        record, document = f"{BASE}{kind}/{identity}", f"{BASE}id/{kind}/{identity}"
        return [
            *self.lines.get(record, ()),
            triple(document, _RDF_TYPE, node(_FOAF + "Document")),
            triple(document, _FOAF + "primaryTopic", node(record)),
            triple(document, _VOID + "inDataset", node(f"{BASE}edition/{edition}")),
            triple(document, _DCTERMS + "license", node(licence)),
        ]

    def offers(
        self, lines: Callable[[], Sequence[bytes]], headers: Mapping[str, Headers]
    ) -> dict[str, Callable[[], Content]]:
        """The same triples in each format, with the headers of that format."""
        made = {TURTLE: self._turtle, JSON_LD: self._json_ld, N_TRIPLES: _n_triples}
        return {name: partial(_content, name, write, lines, headers.get(name, ())) for name, write in made.items()}

    def _turtle(self, lines: Iterable[bytes]) -> bytes:
        import pyoxigraph as ox

        held = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES)
        text = ox.serialize(held, format=ox.RdfFormat.TURTLE, prefixes=self.prefixes) or b""
        # Prefixes that occur nowhere are noise in a page of a few triples.
        head = [line for line in text.splitlines(keepends=True) if line.startswith(b"@prefix")]
        body = text[sum(map(len, head)) :]
        return b"".join(line for line in head if line.split()[1] in body) + body

    def _json_ld(self, lines: Iterable[bytes]) -> bytes:
        import pyoxigraph as ox

        nodes: dict[str, dict[str, Any]] = {}
        for quad in ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES):
            subject, predicate = str(quad.subject)[1:-1], str(quad.predicate)[1:-1]
            held = nodes.setdefault(subject, {"id": subject})
            if predicate == _RDF_TYPE:
                held.setdefault("@type", []).append(self._curie(str(quad.object)[1:-1]))
                continue
            name, linking = self._terms.get(predicate, (self._curie(predicate), False))
            held.setdefault(name, []).append(self._value(quad.object, linking))
        graph = [
            {name: v[0] if isinstance(v, list) and len(v) == 1 else v for name, v in n.items()} for n in nodes.values()
        ]
        return (json.dumps({"@context": self.context, "@graph": graph}, ensure_ascii=False, indent=1) + "\n").encode()

    @cached_property
    def _terms(self) -> Mapping[str, tuple[str, bool]]:
        """Terms of the context by their IRI, and whether a plain string under them is one."""
        return {
            term["@id"]: (name, term.get("@type") == "@id")
            for name, term in self.context.items()
            if isinstance(term, dict)
        }

    def _value(self, value: Any, linking: bool) -> Any:
        import pyoxigraph as ox

        if isinstance(value, ox.NamedNode):
            return value.value if linking else {"id": value.value}
        if value.language:
            return {"@language": value.language, "@value": value.value}
        datatype = value.datatype.value
        if datatype == _XSD + "string":
            return {"@value": value.value} if linking else value.value
        # Numbers keep how they are written: JSON would have 1.0 and 1 the same.
        return {"@type": self._curie(datatype), "@value": value.value}

    def _curie(self, iri: str) -> str:
        for name, namespace in self.prefixes.items():
            if iri.startswith(namespace) and "/" not in iri[len(namespace) :] and len(iri) > len(namespace):
                return f"{name}:{iri[len(namespace) :]}"
        return iri


def _n_triples(lines: Iterable[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def _content(
    media_type: str, write: Callable[[Iterable[bytes]], bytes], lines: Callable[[], Sequence[bytes]], headers: Headers
) -> Content:
    charset = "; charset=utf-8" if media_type == TURTLE else ""
    return Content(media_type + charset, write(lines()), headers)
