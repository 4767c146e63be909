"""Stored, named queries: SPARQL with a header that says what it is for, and parameters that are bound as terms, never as text.

A query is a file ``queries/<name>.rq``. Its leading comment is YAML: title, description, parameters. Each parameter stands in the query
as a variable that one ``VALUES`` clause binds to its example, so that the file runs as it is::

    # title: Solutions for a challenge
    # description: What addresses a challenge, and how far.
    # parameters:
    #   challenge: {kind: challenge, example: data-drift, says: the challenge}
    SELECT ?solution { VALUES ?challenge { <https://w3id.org/provender/challenge/data-drift> } ?solution pv:addresses ?challenge }
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from kb.faults import CatalogueError, Fault
from kb.iri import BASE
from kb.records import nearest

if TYPE_CHECKING:
    from kb.records import Catalogue

FILE = "queries.json"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
WORD = r"\w([\w .'&+-]{0,78}\w)?"
"""What a `word` may be, in a form that JSON Schema understands as well."""
_MOST = 50
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ParameterError(Exception):
    """A parameter does not hold; says which and what to do."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name, self.detail = name, detail


class Parameter(BaseModel):
    """What may be put into a query in one place.

    `kind` is a kind of record, whose ids are its values, or `fact` (a concept that may hold of an organisation), `word` or `integer`.
    `schemes` limits concepts, which may be given without the scheme's name where one scheme is named. `omitted` says what leaving it
    out means.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal[
        "word", "integer", "fact", "scheme", "concept", "article", "challenge", "solution", "addressing", "limitation"
    ]
    schemes: tuple[Text, ...] = ()
    says: Text
    example: str | int
    many: bool = False
    omitted: Literal["refused", "any", "none"] = "refused"

    def terms(self, name: str, given: Sequence[str], catalogue: Catalogue) -> str:
        """The given values as SPARQL terms.

        Raises:
            ParameterError: if there is no such value; names the nearest.
        """
        values = [part.strip() for value in given for part in (value.split(",") if self.many else [value])]
        if not self.many and len(values) > 1:
            raise ParameterError(name, f"{name} is given {len(values)} times; give it once")
        if len(values) > _MOST:
            raise ParameterError(name, f"{name} has {len(values)} values; at most {_MOST} are taken")
        return " ".join(dict.fromkeys(self._term(name, value, catalogue) for value in values))

    def _term(self, name: str, value: str, catalogue: Catalogue) -> str:
        if self.kind == "integer":
            if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
                raise ParameterError(name, f"{name} is a whole number, such as {self.example}")
            return str(int(value))
        if self.kind == "word":
            if not re.fullmatch(WORD, value):
                raise ParameterError(
                    name, f"{name} is a word or a few, such as {self.example}; letters, digits and spaces"
                )
            return f'"{value}"'
        known = self.values(catalogue)
        full = f"{self.schemes[0]}.{value}" if len(self.schemes) == 1 and value not in known else value
        if full not in known:
            shown = [k.partition(".")[2] for k in known] if len(self.schemes) == 1 else list(known)
            hint = nearest(value, shown) if len(shown) <= 20 or _is_close(value, shown) else f"one is {self.example}"
            raise ParameterError(name, f"{name}: there is no such {self.kind}; {hint}")
        return f"<{BASE}{'concept' if self.kind == 'fact' else self.kind}/{full}>"

    def values(self, catalogue: Catalogue) -> Sequence[str]:
        """Every value that a record may be named by; none for words and numbers."""
        if self.kind in ("integer", "word"):
            return ()
        if self.kind == "fact":
            return [c.id for c in catalogue.concepts if c.scheme in catalogue.vocabulary.facets]
        if self.kind == "concept":
            return [c.id for c in catalogue.concepts if not self.schemes or c.scheme in self.schemes]
        # Not above: nothing else here needs the record types' validators, which take long to make.
        from kb.records import LISTS

        return [str(record.id) for record in getattr(catalogue, LISTS[self.kind])]


def _is_close(value: str, known: Sequence[str]) -> bool:
    return nearest(value, known).startswith("did you mean")


class StoredQuery(BaseModel):
    """A query with a name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=f"^{_NAME.pattern}$", max_length=60)]
    title: Text
    description: Text
    parameters: Mapping[str, Parameter] = {}
    text: Text

    @model_validator(mode="after")
    def _bound(self) -> StoredQuery:
        for name in self.parameters:
            if not re.fullmatch("[a-z][a-z_]{0,30}", name):
                raise ValueError(f"{name} is no name of a parameter; use small letters")
            if len(_clause(name).findall(self.text)) != 1:
                raise ValueError(f"?{name} is bound by one clause VALUES ?{name} {{ … }}; write exactly one")
        return self

    def bound(self, given: Mapping[str, Sequence[str]], catalogue: Catalogue) -> str:
        """The query about the given values.

        Args:
            given: values by parameter.
            catalogue: whose records may be named.

        Raises:
            ParameterError: if a parameter is unknown, missing or does not hold.
        """
        for name in given:
            if name not in self.parameters:
                raise ParameterError(name, f"{name} is no parameter of {self.name}; {nearest(name, self.parameters)}")
        text = self.text
        for name, parameter in self.parameters.items():
            if name in given:
                clause = f"VALUES ?{name} {{ {parameter.terms(name, given[name], catalogue)} }}"
            elif parameter.omitted == "refused":
                raise ParameterError(name, f"{name} is missing: {parameter.says}, such as {name}={parameter.example}")
            else:
                clause = "" if parameter.omitted == "any" else f"VALUES ?{name} {{ }}"
            text = _clause(name).sub(lambda _, clause=clause: clause, text)  # type: ignore[misc]
        return text


def _clause(name: str) -> re.Pattern[str]:
    return re.compile(rf"VALUES \?{re.escape(name)} \{{[^{{}}]*\}}")


def stored_queries(data: Path) -> Mapping[str, StoredQuery]:
    """The queries of a catalogue's folder by name.

    Raises:
        CatalogueError: with every fault.
    """
    made, faults = {}, []
    for file in sorted((data / "queries").glob("*.rq")):
        where = f"{data.name}/queries/{file.name}"
        try:
            made[file.stem] = _parsed(file.stem, file.read_text(encoding="utf-8"))
        except ValidationError as error:
            for fault in error.errors():
                step = ".".join(map(str, fault["loc"]))
                faults.append(Fault(where, 1, step, fault["msg"].removeprefix("Value error, ")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError):
            faults.append(Fault(where, 1, "", "its leading comment is no YAML with title, description and parameters"))
    if faults:
        raise CatalogueError(faults)
    return made


def _parsed(name: str, text: str) -> StoredQuery:
    lines = text.splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    header = yaml.safe_load("\n".join(line[1:].removeprefix(" ") for line in lines[:end]))
    return StoredQuery.model_validate({**header, "name": name, "text": "\n".join(lines[end:]).strip() + "\n"})


def to_json(queries: Mapping[str, StoredQuery]) -> bytes:
    """The queries as they are kept in a build."""
    made = [query.model_dump(mode="json") for query in queries.values()]
    return (json.dumps({"queries": made}, ensure_ascii=False, indent=1) + "\n").encode()


def from_json(content: bytes) -> Mapping[str, StoredQuery]:
    """The queries of a build; the inverse of `to_json`."""
    return {raw["name"]: StoredQuery.model_validate(raw) for raw in json.loads(content)["queries"]}
