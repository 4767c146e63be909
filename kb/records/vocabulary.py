"""The controlled vocabulary: schemes of concepts, some of which are facets of an organisation."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, StringConstraints, model_validator

from kb.records.fields import SLUG, DottedId, OfScheme, Part, Record, Ref, Slug, Term, Text, Unordered, sort_once

Basis = Annotated[Slug, OfScheme("basis")]
SchemeId = Annotated[str, StringConstraints(pattern=f"^{SLUG}$", max_length=40)]


class Range(Part):
    """A closed range of numbers, written ``[low, high]``."""

    low: float
    high: float

    @model_validator(mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            if len(value) != 2:
                raise ValueError("a range is written [low, high]")
            return {"low": value[0], "high": value[1]}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if not 0 <= self.low <= self.high:
            raise ValueError(
                f"a range runs from low to high and is not negative; this is [{self.low:g}, {self.high:g}]"
            )
        return self


class Gain(Part):
    """What it takes to come by a level or facility from the one below or from none, as this project estimates it."""

    euros: float
    person_weeks: float


class Scheme(Record):
    """A set of concepts of one kind: a classification of records or a facet of an organisation."""

    kind_: ClassVar[str] = "scheme"
    id: SchemeId
    label: Annotated[Text, Term("skos:prefLabel")]
    definition: Annotated[Text, Term("skos:definition")]
    use: Literal["classification", "facet"]
    order: Literal["ordered", "plain"]
    more_helps: bool = False
    omitted_means_no: bool = False
    question: Text | None = None
    basis: Basis

    @model_validator(mode="after")
    def _roles(self) -> Scheme:
        if self.use == "facet" and self.question is None:
            raise ValueError("a facet needs the question by which an organisation is asked for it")
        if self.use == "classification" and (self.more_helps or self.omitted_means_no or self.question):
            raise ValueError("only a facet has `more_helps`, `omitted_means_no` or a `question`")
        if self.omitted_means_no and self.order == "ordered":
            raise ValueError("`omitted_means_no` goes with a plain facet")
        return self


class Concept(Record):
    """One value of a scheme; in an ordered facet it stands for *at least this level*.

    `gain` says what it takes to come by a means; `forbids` which facets or concepts an organisation that rules this out will not gain.
    """

    kind_: ClassVar[str] = "concept"
    id: DottedId
    scheme: Annotated[SchemeId, Ref("scheme"), Term("skos:inScheme")]
    label: Annotated[Text, Term("skos:prefLabel")]
    definition: Annotated[Text, Term("skos:definition")]
    rank: int
    euros: Range | None = None
    weeks: Range | None = None
    fte: Range | None = None
    gain: Gain | None = None
    forbids: Annotated[tuple[Text, ...], AfterValidator(sort_once), Unordered()] = ()
    basis: Basis

    @property
    def value(self) -> str:
        """The id without the scheme's name."""
        return self.id.partition(".")[2]
