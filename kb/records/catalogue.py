"""The record types of the catalogue, declared once: tables, graph, shapes and schemas derive from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from kb.records.condition import Condition
from kb.records.fields import (
    DottedId,
    OfScheme,
    Part,
    Record,
    Ref,
    Slug,
    Term,
    Text,
    Texts,
    Unordered,
    Url,
    Urls,
    sort_once,
)
from kb.records.terms import Vocabulary
from kb.records.vocabulary import Basis, Concept, Range, Scheme

ArticleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+$", max_length=60)]
ArticleRef = Annotated[ArticleId, Ref("article")]
ChallengeRef = Annotated[Slug, Ref("challenge")]
SolutionRef = Annotated[Slug, Ref("solution")]
Solutions = Annotated[tuple[SolutionRef, ...], AfterValidator(sort_once), Unordered()]
Articles = Annotated[tuple[ArticleRef, ...], AfterValidator(sort_once), Unordered()]
Coverage = Annotated[Slug, OfScheme("coverage")]


def short(text: str) -> str:
    """Refuse a phrase of more than five words."""
    if len(text.split()) > 5:
        raise ValueError("a phrase has at most five words; a longer saying is a symptom")
    return text


class Review(Part):
    """Who has reviewed a record, and when; a named human expert, or nobody yet."""

    on: date | None = None
    by: Text | None = None

    @model_validator(mode="after")
    def _both(self) -> Review:
        if (self.on is None) != (self.by is None):
            raise ValueError("a review has a date and a named reviewer, or neither")
        return self


class Retirement(Part):
    """Why a record is no longer part of the catalogue; its page stays."""

    on: date
    why: Text
    replaced_by: DottedId | Slug | None = None


class Symptom(Part):
    """A sign of a challenge in the words of somebody who meets it."""

    role: Annotated[Slug, OfScheme("role")]
    says: Text


class Link(Part):
    """How a challenge bears on another."""

    to: ChallengeRef
    kind: Annotated[Slug, OfScheme("link")]
    why: Text


Phrase = Annotated[Text, AfterValidator(short)]


class Challenge(Record):
    """A data-management challenge that practitioners meet.

    `phrases` are words by which people of all trades speak of it; they feed the matcher and are too short to be sentences.
    """

    kind_: ClassVar[str] = "challenge"
    id: Slug
    label: Annotated[Text, Term("skos:prefLabel")]
    also: Annotated[Texts, Term("skos:altLabel")] = ()
    phase: Annotated[Slug, OfScheme("phase")]
    definition: Annotated[Text, Term("skos:definition")]
    symptoms: Annotated[tuple[Symptom, ...], Field(min_length=1)]
    phrases: Annotated[tuple[Phrase, ...], AfterValidator(sort_once), Unordered()] = ()
    consequences: tuple[Text, ...] = ()
    links: tuple[Link, ...] = ()
    basis: Basis
    reviewed: Review = Review()
    retired: Retirement | None = None


class Article(Record):
    """A publication with the bibliographic facts that were seen in public bibliographies."""

    kind_: ClassVar[str] = "article"
    id: ArticleId
    type: Literal["article", "inproceedings", "misc", "techreport"]
    title: Annotated[Text, Term("dcterms:title")]
    authors: Annotated[tuple[Text, ...], Field(min_length=1)]
    year: Annotated[int, Field(ge=1950, le=2100)]
    venue: Text | None = None
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    arxiv: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{4,5}$")] | None = None
    seen_at: Urls = ()
    basis: Basis


class Evidence(Part):
    """What a statement rests on: the article, where it was seen, and what it says there, restated.

    `stance` says whether it supports the statement, speaks against it, or only bears on it; only support counts for its level.
    `source` is an article of the catalogue that says so itself; what another work says of it has no `source`, and `where` names that work.
    """

    kind: Annotated[Slug, OfScheme("evidence")]
    stance: Literal["supports", "against", "context"] = "supports"
    source: ArticleRef | None = None
    where: Text | None = None
    url: Url | None = None
    says: Text | None = None

    @model_validator(mode="after")
    def _supported(self) -> Evidence:
        if self.kind == "argument":
            if self.source or self.where or self.url:
                raise ValueError(
                    "an argument is ours and has no source; name another kind, or drop `source`, `where` and `url`"
                )
            if self.says and any(c.isdigit() for c in self.says):
                raise ValueError("an argument holds no figure; say where the figure stands, or leave it out")
            return self
        missing = [name for name in ("where", "url", "says") if getattr(self, name) is None]
        if missing:
            raise ValueError(
                f"evidence of kind {self.kind} needs {', '.join(missing)}; without them its kind is `argument`"
            )
        return self


class Effort(Part):
    """What a solution takes to introduce and to run, as this project estimates it."""

    person_weeks: Range
    one_off_cost: Annotated[Slug, OfScheme("cost")]
    running_cost: Annotated[Slug, OfScheme("cost")]
    knowledge: Annotated[Slug, OfScheme("knowledge")]
    time_to_value: Annotated[Slug, OfScheme("horizon")]


class Context(Part):
    """A setting in which a source reports that the solution worked."""

    modality: Annotated[Slug, OfScheme("modality")] | None = None
    task: Annotated[Slug, OfScheme("task")] | None = None
    domain: Annotated[Slug, OfScheme("domain")] | None = None
    deployment: Annotated[Slug, OfScheme("deployment")] | None = None
    source: ArticleRef


class Implementation(Part):
    """Software that implements a solution, as found on the day it was checked."""

    name: Text
    package: Text | None = None
    repository: Url
    licence: Text
    version: Text | None = None
    released: date
    checked: date


class Solution(Record):
    """A way out of one or several challenges that the literature describes."""

    kind_: ClassVar[str] = "solution"
    id: Slug
    label: Annotated[Text, Term("skos:prefLabel")]
    also: Annotated[Texts, Term("skos:altLabel")] = ()
    kind: Annotated[Slug, OfScheme("kind")]
    summary: Annotated[Text, Term("skos:definition")]
    how_it_works: Annotated[tuple[Text, ...], Field(min_length=1)]
    article: ArticleRef
    references: Annotated[Articles, Term("dcterms:references")] = ()
    effort: Effort
    prerequisites: Annotated[Solutions, Term("dcterms:requires")] = ()
    instead_of: Solutions = ()
    validated_in: tuple[Context, ...] = ()
    done_when: Text
    implementations: tuple[Implementation, ...] = ()
    basis: Basis
    reviewed: Review = Review()
    retired: Retirement | None = None


class Addressing(Record):
    """That a solution addresses a challenge: how it helps there, how far, and on what evidence."""

    kind_: ClassVar[str] = "addressing"
    id: DottedId
    solution: SolutionRef
    challenge: ChallengeRef
    coverage: Coverage
    how: Text
    remains: Text
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]
    basis: Basis


class Reduction(Part):
    """The coverage of a challenge that is left where a limitation bites."""

    challenge: ChallengeRef
    to: Annotated[Literal["none", "partial", "substantial"], Term("pv:reducedTo")]


class Limitation(Record):
    """A condition on the organisation under which a solution cannot be used, helps less or needs care."""

    kind_: ClassVar[str] = "limitation"
    id: DottedId
    solution: SolutionRef
    factor: Annotated[Slug, OfScheme("factor")]
    says: Text
    when: Condition
    effect: Annotated[Slug, OfScheme("effect")]
    reduces: Annotated[tuple[Reduction, ...], Unordered()] = ()
    residual_risk: Text | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]
    basis: Basis
    retired: Retirement | None = None

    @field_validator("reduces", mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return [{"challenge": c, "to": to} for c, to in sorted(value.items(), key=lambda item: str(item[0]))]
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Limitation:
        if (self.effect == "reduces") != bool(self.reduces):
            raise ValueError("the effect `reduces` and the field `reduces: {challenge: coverage}` go together")
        if self.when.always and self.effect != "warns":
            raise ValueError("`always` goes with `warns` only: what always holds belongs into the coverage")
        return self


class Criterion(Record):
    """A criterion by which feasible solutions are ranked, and what it counts for; the weights add up to one."""

    kind_: ClassVar[str] = "criterion"
    id: Slug
    label: Annotated[Text, Term("skos:prefLabel")]
    weight: Annotated[float, Field(ge=0, le=1)]
    measures: Text
    why: Text
    basis: Basis


class Edition(Record):
    """The catalogue as a whole: its version, rights and what is known of its making."""

    kind_: ClassVar[str] = "edition"
    id: Annotated[str, StringConstraints(pattern=r"^20\d\d\.(?:1[0-2]|[1-9])\.(?:[1-9]\d*)$")]
    title: Annotated[Text, Term("dcterms:title")]
    description: Annotated[Text, Term("dcterms:description")]
    licence: Annotated[Url, Term("dcterms:license")]
    study: ArticleRef
    literature_until: int
    implementations_checked: date
    person_week_euros: Annotated[float, Field(gt=0)]
    honesty: tuple[Text, ...]
    basis: Basis


class Catalogue(Part):
    """All records of one edition, each list sorted by id."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    edition: Edition
    schemes: tuple[Scheme, ...]
    concepts: tuple[Concept, ...]
    articles: tuple[Article, ...]
    challenges: tuple[Challenge, ...]
    solutions: tuple[Solution, ...]
    addressings: tuple[Addressing, ...]
    limitations: tuple[Limitation, ...]
    criteria: tuple[Criterion, ...]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The schemes and concepts, indexed."""
        return Vocabulary(self.schemes, self.concepts)

    def records(self) -> Iterator[Record]:
        """Every record, kind by kind."""
        yield self.edition
        for name in LISTS.values():
            yield from getattr(self, name)


LISTS: Mapping[str, str] = {
    "scheme": "schemes", "concept": "concepts", "article": "articles", "challenge": "challenges",
    "solution": "solutions", "addressing": "addressings", "limitation": "limitations", "criterion": "criteria",
}  # fmt: skip
TYPES: Mapping[str, type[Record]] = {
    t.kind_: t for t in (Edition, Scheme, Concept, Article, Challenge, Solution, Addressing, Limitation, Criterion)
}
