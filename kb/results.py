"""SPARQL answers in the formats of the standard, at most so many rows of them; runs in the worker, so it imports little."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

ROW_FORMATS = ("json", "xml", "csv", "tsv")
GRAPH_FORMATS = ("turtle", "json-ld", "n-triples", "rdf-xml")
BYTES = 16 * 1024**2
CUT = "https://w3id.org/provender/sparql#truncated"
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_RESULTS = 'xmlns="http://www.w3.org/2005/sparql-results#"'
_ITS = ' xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0"'
_quoted = json.encoder.encode_basestring
_BOOLEAN = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}


class UnwritableError(Exception):
    """This answer cannot be said in the format asked for; another one can say it."""


@dataclass(frozen=True)
class Limits:
    """Most rows or triples of an answer, and most characters of their values together; what is more is cut off."""

    rows: int
    bytes: int = BYTES


def write_boolean(answer: ox.QueryBoolean, format_: str) -> bytes:
    """The answer to ASK; in CSV and TSV, which have no form for it, the bare word."""
    if format_ in _BOOLEAN:
        return answer.serialize(format=_BOOLEAN[format_]) or b""
    return b"true\n" if answer else b"false\n"


def write_rows(answer: ox.QuerySolutions, format_: str, limits: Limits) -> tuple[bytes, bool]:
    """The answer to SELECT, and whether it was cut.

    JSON and XML say so by a link in their head, which the standard keeps for such remarks; CSV and TSV have no place for it.
    """
    names = [variable.value for variable in answer.variables]
    rows: list[list[Any]] = []
    size, cut = 0, False
    for solution in answer:
        row = [solution[at] for at in range(len(names))]
        size += sum([_size(term) for term in row])
        if len(rows) == limits.rows or size > limits.bytes:
            cut = True
            break
        rows.append(row)
    return _WRITERS[format_](names, rows, cut).encode(), cut


def _size(term: Any) -> int:
    if type(term) is ox.Triple:
        return len(str(term))
    return 0 if term is None else len(term.value)


def _json(names: list[str], rows: list[list[Any]], cut: bool) -> str:
    head: dict[str, Any] = {"vars": names, **({"link": [CUT]} if cut else {})}
    written = _Once(_as_object)
    keys = [f"{_quoted(name)}:" for name in names]
    bindings = [
        ",".join([key + written[term] for key, term in zip(keys, row, strict=True) if term is not None]) for row in rows
    ]
    body = "{" + "},{".join(bindings) + "}" if bindings else ""
    return f'{{"head":{json.dumps(head, ensure_ascii=False, separators=(",", ":"))},"results":{{"bindings":[{body}]}}}}'


class _Once(dict[Any, str]):
    """Writes each term once; a table says the same ones over and over."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self._write = write

    def __missing__(self, term: Any) -> str:
        text = self[term] = self._write(term)
        return text


def _as_object(term: Any) -> str:
    kind = type(term)
    if kind is ox.NamedNode:
        return f'{{"type":"uri","value":{_quoted(term.value)}}}'
    if kind is ox.Literal:
        marks = ""
        if term.language is not None:
            marks = f',"xml:lang":{_quoted(term.language)}'
            if term.direction is not None:
                marks += f',"its:dir":"{term.direction.value}"'
        elif term.datatype.value != _STRING:
            marks = f',"datatype":{_quoted(term.datatype.value)}'
        return f'{{"type":"literal","value":{_quoted(term.value)}{marks}}}'
    if kind is ox.BlankNode:
        return f'{{"type":"bnode","value":{_quoted(term.value)}}}'
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return (
        f'{{"type":"triple","value":{{{",".join(f"{_quoted(n)}:{_as_object(part)}" for n, part in parts.items())}}}}}'
    )


def _xml(names: list[str], rows: list[list[Any]], cut: bool) -> str:
    out = [f'<?xml version="1.0"?><sparql {_RESULTS}><head>']
    out += [f"<variable name={quoteattr(name)}/>" for name in names]
    out.append(f"<link href={quoteattr(CUT)}/></head><results>" if cut else "</head><results>")
    written = _Once(_as_element)
    tags = [f"<binding name={quoteattr(name)}>" for name in names]
    for row in rows:
        out.append("<result>")
        out += [f"{tag}{written[term]}</binding>" for tag, term in zip(tags, row, strict=True) if term is not None]
        out.append("</result>")
    out.append("</results></sparql>")
    return "".join(out)


_UNSAYABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(value: str) -> str:
    if _UNSAYABLE.search(value):
        raise UnwritableError("holds a control character, which XML cannot write")
    return escape(value, {"\r": "&#13;", '"': "&quot;"})


def _as_element(term: Any) -> str:
    kind = type(term)
    if kind is ox.NamedNode:
        return f"<uri>{_text(term.value)}</uri>"
    if kind is ox.Literal:
        marks = ""
        if term.language is not None:
            marks = f' xml:lang="{_text(term.language)}"'
            if term.direction is not None:
                marks += f' its:dir="{term.direction.value}"{_ITS}'
        elif term.datatype.value != _STRING:
            marks = f' datatype="{_text(term.datatype.value)}"'
        return f"<literal{marks}>{_text(term.value)}</literal>"
    if kind is ox.BlankNode:
        return f"<bnode>{_text(term.value)}</bnode>"
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return f"<triple>{''.join(f'<{name}>{_as_element(part)}</{name}>' for name, part in parts.items())}</triple>"


def _csv(names: list[str], rows: list[list[Any]], cut: bool) -> str:
    written = _Once(_field)
    # A single empty field would be an empty line, which readers skip.
    lines = ['""' if len(row) == 1 and row[0] is None else ",".join([written[term] for term in row]) for row in rows]
    return "\r\n".join([",".join(names), *lines]) + "\r\n"


_MARKS = re.compile('[",\r\n]')


def _field(term: Any) -> str:
    if term is None:
        return ""
    value = term.value if type(term) in (ox.NamedNode, ox.Literal) else str(term)
    return '"' + value.replace('"', '""') + '"' if _MARKS.search(value) else value


def _tsv(names: list[str], rows: list[list[Any]], cut: bool) -> str:
    lines = ["\t".join(f"?{name}" for name in names)]
    written = _Once(_as_turtle)
    lines += ["\t".join(["" if term is None else written[term] for term in row]) for row in rows]
    return "\n".join(lines) + "\n"


_BARE = {
    f"{_XSD}integer": re.compile(r"[+-]?\d+"),
    f"{_XSD}decimal": re.compile(r"[+-]?\d*\.\d+"),
    f"{_XSD}double": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+"),
    f"{_XSD}boolean": re.compile("true|false"),
}


def _as_turtle(term: Any) -> str:
    if type(term) is ox.Literal and term.language is None:
        bare = _BARE.get(term.datatype.value)
        if bare is not None and bare.fullmatch(term.value):
            return str(term.value)
    if type(term) is ox.Triple:
        return f"<<( {_as_turtle(term.subject)} {_as_turtle(term.predicate)} {_as_turtle(term.object)} )>>"
    return str(term).replace("\t", "\\t")


_WRITERS = {"json": _json, "xml": _xml, "csv": _csv, "tsv": _tsv}


def write_graph(
    answer: Iterable[ox.Triple], format_: str, limits: Limits, context: Mapping[str, Any]
) -> tuple[bytes, bool]:
    """The answer to CONSTRUCT or DESCRIBE, sorted, and whether it was cut; a cut one says so in a comment.

    Args:
        answer: the triples.
        format_: one of `GRAPH_FORMATS`.
        limits: what is cut off.
        context: the JSON-LD context by which JSON-LD is compacted; its prefixes are used in Turtle too.
    """
    held: dict[ox.Triple, str] = {}
    size, cut = 0, False
    for triple in answer:
        if triple in held:
            continue
        text = str(triple)
        size += len(text)
        if len(held) == limits.rows or size > limits.bytes:
            cut = True
            break
        held[triple] = text
    triples = sorted(held, key=held.__getitem__)
    if format_ == "json-ld":
        return _compacted(triples, context, cut), cut
    prefixes = {name: value for name, value in context.items() if isinstance(value, str) and _is_prefix(name, value)}
    if format_ == "rdf-xml":
        if any(not re.search(r"[^\W\d][\w.\-]*$", t.predicate.value) for t in triples):
            raise UnwritableError("has a property whose name RDF/XML cannot write")
        if any(_UNSAYABLE.search(t.object.value) for t in triples if type(t.object) is ox.Literal):
            raise UnwritableError("holds a control character, which XML cannot write")
        body = ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=prefixes) or b""
        return body + (f"<!-- {_REMARK} -->\n".encode() if cut else b""), cut
    if format_ == "turtle":
        body = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    else:
        body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return (f"# {_REMARK}\n".encode() if cut else b"") + body, cut


_REMARK = f"truncated: there is more than may be given; see {CUT}"


def _is_prefix(name: str, value: str) -> bool:
    return not name.startswith("@") and value.endswith(("#", "/"))


def _compacted(triples: list[ox.Triple], context: Mapping[str, Any], cut: bool) -> bytes:
    """The triples as JSON-LD in the words of a context that is embedded; a name that the context would misread is written in full."""
    words = _Words(context)
    nodes: dict[str, dict[str, Any]] = {}
    try:
        for triple in triples:
            subject = words.node(triple.subject)
            node = nodes.setdefault(subject, {"id": subject})
            if triple.predicate.value == _TYPE and type(triple.object) is not ox.Literal:
                key, value = "@type", words.type(triple.object)
            else:
                key, value = words.property(triple.predicate, triple.object)
            node.setdefault(key, []).append(value)
    except _MisreadError:
        return ox.serialize(triples, format=ox.RdfFormat.JSON_LD) or b""
    except AttributeError:
        raise UnwritableError("holds a triple as a term, which JSON-LD cannot write") from None
    for node in nodes.values():
        for key, held in node.items():
            if isinstance(held, list) and len(held) == 1:
                node[key] = held[0]
    made: dict[str, Any] = {"@context": {**context, **({"truncated": None} if cut else {})}}
    if cut:
        made["truncated"] = True
    made["@graph"] = list(nodes.values())
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


class _MisreadError(Exception):
    """The context would read a name as another one."""


class _Words:
    """Writes names as a context reads them."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._base = str(context["@base"])
        prefixes = {n: v for n, v in context.items() if isinstance(v, str) and _is_prefix(n, v)}
        self._prefixes = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self._terms = frozenset(context)
        self._links: dict[str, str] = {}
        self._values: dict[str, str] = {}
        for name, meaning in context.items():
            if isinstance(meaning, dict):
                way = self._full(meaning["@id"])
                (self._links if meaning.get("@type") == "@id" else self._values).setdefault(way, name)

    def _full(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return next((v + local for n, v in self._prefixes if n == prefix), name)

    def _name(self, iri: str) -> str:
        for prefix, namespace in self._prefixes:
            local = iri.removeprefix(namespace)
            if local != iri and not local.startswith("//"):
                return f"{prefix}:{local}"
        if iri.partition(":")[0] in self._terms or iri in self._terms:
            raise _MisreadError
        return iri

    def node(self, term: Any) -> str:
        """A subject or object."""
        if type(term) is ox.BlankNode:
            return f"_:{term.value}"
        iri = str(term.value)
        local = iri.removeprefix(self._base)
        if local != iri and re.fullmatch(r"\w[\w.\-]*/\w[^:/?#]*(?:#[^:]*)?", local):
            return local
        if iri.partition(":")[0] in self._terms:
            raise _MisreadError
        return iri

    def type(self, term: Any) -> str:
        """A class."""
        return f"_:{term.value}" if type(term) is ox.BlankNode else self._name(str(term.value))

    def property(self, way: ox.NamedNode, value: Any) -> tuple[str, Any]:
        """A property and one of its values."""
        if type(value) is not ox.Literal:
            node = self.node(value)
            term = self._links.get(way.value)
            return (term, node) if term is not None else (self._name(way.value), {"id": node})
        key = self._values.get(way.value) or self._name(way.value)
        if value.language is not None:
            mark = {"@direction": value.direction.value} if value.direction is not None else {}
            return key, {"@value": value.value, "@language": value.language, **mark}
        datatype = value.datatype.value
        if datatype == _STRING:
            return key, value.value
        if datatype == f"{_XSD}integer" and re.fullmatch(r"0|-?[1-9]\d{0,14}", value.value):
            return key, int(value.value)
        if datatype == f"{_XSD}boolean" and value.value in ("true", "false"):
            return key, value.value == "true"
        return key, {"@value": value.value, "@type": self._name(datatype)}
