"""Reads the catalogue's files: bounded, safe YAML 1.2 and BibTeX, with the line of every field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kb.faults import Fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A file's data, and the line on which each of its fields starts."""

    file: str
    data: Any
    lines: dict[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        """Line of a field, or of the nearest field that holds it."""
        for end in range(len(where), -1, -1):
            if where[:end] in self.lines:
                return self.lines[where[:end]]
        return 1

    def fault(self, where: Where, message: str) -> Fault:
        """A fault at a field of this file."""
        return Fault(self.file, self.line(where), path(where), message)


Origins = dict[tuple[str, str], tuple[Document, Where]]
"""Where each record stands: by kind and id, the document and the place in it."""


def path(where: Where) -> str:
    """Write a place in a document the way people do: ``limitations[0].when``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.lstrip(".")


class _Core(yaml.CSafeLoader):
    """PyYAML's parser with the YAML 1.2 core schema: `on` and `no` are words, dates are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
_Core.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-+0123456789")
)
_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda text: text == "true",
    "null": lambda text: None,
}


def read_text(file: Path, name: str) -> str | Fault:
    """Read a file as UTF-8, within the size bound."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        return Fault(name, 0, "", f"cannot be read ({error.strerror}); check the path and its permissions")
    if len(raw) > MAX_BYTES:
        return Fault(name, 0, "", f"is {len(raw):,} bytes long; a file may have {MAX_BYTES:,}: split it")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Fault(name, line, "", f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8")


def read_yaml(file: Path, name: str) -> tuple[Document | None, list[Fault]]:
    """Read one YAML file.

    Args:
        file: where it is.
        name: what faults call it.

    Returns:
        The document (None if there is none to work with) and the faults; a repeated key is a fault but the rest is read.
    """
    text = read_text(file, name)
    if isinstance(text, Fault):
        return None, [text]
    try:
        _bounded(text)
        node = yaml.compose(text, Loader=_Core)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(filter(None, (error.context, error.problem)))
        return None, [Fault(name, mark.line + 1 if mark else 0, "", f"is not well-formed YAML: {what}")]
    except yaml.YAMLError as error:
        return None, [Fault(name, 0, "", f"is not well-formed YAML: {error}")]
    if node is None:
        return None, [Fault(name, 0, "", "is empty; write something into it or delete it")]
    lines: dict[Where, int] = {}
    faults: list[Fault] = []
    return Document(name, _value(node, (), name, lines, faults), lines), faults


def _bounded(text: str) -> None:
    """Refuse nesting and aliases before anything is built from the text."""
    depth = 0
    for event in yaml.parse(text, Loader=_Core):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal("anchors and aliases are not used here; write the value out", event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _refusal(f"nested more than {MAX_DEPTH} deep; flatten it", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refusal(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    mark: Any = event.start_mark
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _value(node: yaml.Node, where: Where, name: str, lines: dict[Where, int], faults: list[Fault]) -> Any:
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        held: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            at = (*where, key)
            if key in held or not isinstance(key_node, yaml.ScalarNode):
                what = "is given twice; keep one" if key in held else "a key must be a plain word"
                faults.append(Fault(name, key_node.start_mark.line + 1, path(at), what))
                continue
            lines[at] = key_node.start_mark.line + 1
            held[key] = _value(value_node, at, name, lines, faults)
        return held
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*where, i), name, lines, faults) for i, item in enumerate(node.value)]
    kind = node.tag.rpartition(":")[2]
    if kind not in _SCALARS:
        faults.append(
            Fault(
                name,
                node.start_mark.line + 1,
                path(where),
                f"the tag {node.tag} is not used here; write plain text",
            )
        )
        return None
    return _SCALARS[kind](node.value)


def read_bibtex(file: Path, name: str) -> tuple[list[Document], list[Fault]]:
    """Read a BibTeX file into one document per entry, with the fields as they stand (braces around a value removed)."""
    text = read_text(file, name)
    if isinstance(text, Fault):
        return [], [text]
    import logging

    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(text)
    faults = [
        Fault(
            name,
            (block.start_line or 0) + 1,
            getattr(block, "key", "") or "",
            f"is not well-formed BibTeX: {_why(block)}",
        )
        for block in library.failed_blocks
    ]
    faults += [
        Fault(
            name,
            (block.start_line or 0) + 1,
            "",
            f"belongs to no entry: {str(block.comment).strip()[:40]!r}; mend or delete it",
        )
        for block in library.comments
        if any(mark in str(block.comment) for mark in "@{}")
    ]
    return list(_entries(library, name)), faults


def _why(block: Any) -> str:
    kind = type(block).__name__
    if kind == "DuplicateBlockKeyBlock":
        return "the key is used twice; give one of the entries another"
    told = str(getattr(block, "error", "")).strip()
    return told.splitlines()[0] if told else "a brace or quote is not closed; close it"


def _entries(library: Any, name: str) -> Iterator[Document]:
    for entry in library.entries:
        lines: dict[Where, int] = {(): entry.start_line + 1}
        data: dict[str, Any] = {"id": entry.key, "type": entry.entry_type}
        for one in entry.fields:
            data[one.key] = str(one.value).strip()
            lines[(one.key,)] = (one.start_line or entry.start_line) + 1
        yield Document(name, data, lines)
