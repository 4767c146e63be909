"""The decision record of a session: what was decided and why, on which catalogue, by whom, and who does not agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.render.context import Context
from api.sessions.results import Result, Said, results, severities
from api.sessions.state import State
from api.sessions.view import stamp
from api.web.answers.desk import Edition
from api.web.sessions.advice import Advice, Roadmap
from engine.answer import Answer
from engine.told import sources_of
from kb.iri import BASE
from kb.records import Article


@dataclass(frozen=True)
class Attendant:
    """Somebody who was there; `left` if they were shown out."""

    name: str
    role: str
    joined_at: str
    left: bool


@dataclass(frozen=True)
class Rated:
    """How the room rated a challenge in a round; nothing but `judged` under three raters."""

    round: int
    challenge: str
    label: str
    result: Result | None


@dataclass(frozen=True)
class Known:
    """A field of the profile, what is held to be true, and who settled it (nobody if the room agreed)."""

    field: str
    value: Any
    by: str | None
    open_proposals: Mapping[str, Any]


@dataclass(frozen=True)
class Citation:
    """A source."""

    article: str
    cite: str
    title: str
    url: str | None


@dataclass(frozen=True)
class Objection:
    """Somebody who does not agree, and why."""

    name: str
    reason: str | None


@dataclass(frozen=True)
class Decided:
    """A decision, the solution's verdict for the organisation as it is described now, its sources, and who dissents."""

    solution: str
    label: str
    iri: str
    decision: str
    owner: str | None
    date: str | None
    reason: str | None
    by: str
    at: str
    verdict: str
    citations: tuple[Citation, ...]
    dissent: tuple[Objection, ...]


@dataclass(frozen=True)
class Overriding:
    """How the room overrode the roadmap."""

    solution: str
    label: str
    choice: str | None
    quarter: int | None


@dataclass(frozen=True)
class DecisionRecord:
    """All that a session leaves behind."""

    session: str
    title: str
    seq: int
    as_of: str
    closed_at: str | None
    catalogue: str
    catalogue_title: str
    licence: str
    notice: tuple[str, ...]
    anonymous: bool
    people: tuple[Attendant, ...]
    severities: Mapping[str, int]
    ratings: tuple[Rated, ...]
    profile: tuple[Known, ...]
    decisions: tuple[Decided, ...]
    overrides: tuple[Overriding, ...]
    roadmap: Roadmap


def record(session: str, state: State, edition: Edition, advice: Advice) -> DecisionRecord:
    """The record of a session as it stands.

    Args:
        session: its id.
        state: of it.
        edition: the release that it stands on.
        advice: asks the engine.

    Raises:
        NotNow: if the profile does not hold in that release.
    """
    answer, named = advice.options(state, edition).answer, _names(state)
    labels = context(edition, state.title).labels
    ratings = [
        Rated(held.number, challenge, labels.get(challenge, challenge), _by_name(found, named))
        for held in state.rounds
        for challenge, found in results(held, state.anonymous).items()
    ]
    profile = [
        Known(
            name,
            None if fact.held is None else fact.held.value,
            None if fact.held is None or fact.held.by is None else named[fact.held.by],
            {named[person]: made.value for person, made in fact.proposals.items()},
        )
        for name, fact in sorted(state.of("profile").items())
    ]
    return DecisionRecord(
        session=session,
        title=state.title,
        seq=state.seq,
        as_of=stamp(state.last),
        closed_at=None if state.closed_at is None else stamp(state.closed_at),
        catalogue=state.catalogue,
        catalogue_title=edition.catalogue.edition.title,
        licence=str(edition.catalogue.edition.licence),
        notice=answer.notice,
        anonymous=state.anonymous,
        people=tuple(Attendant(p.name, p.role, stamp(p.joined_at), p.removed) for p in state.people.values()),
        severities=severities(state),
        ratings=tuple(ratings),
        profile=tuple(profile),
        decisions=_decisions(state, edition, answer, labels),
        overrides=tuple(
            Overriding(s, labels.get(s, s), o.choice, o.quarter) for s, o in sorted(state.of("override").items())
        ),
        roadmap=advice.roadmap(state, edition),
    )


def context(edition: Edition, title: str) -> Context:
    """Names with which the record is put into words."""
    catalogue = edition.catalogue
    labels = {**{c.id: c.label for c in catalogue.challenges}, **{s.id: s.label for s in catalogue.solutions}}
    return Context(title, edition.compiled.vocabulary, edition.compiled.articles, labels)


def _names(state: State) -> dict[str, str]:
    return {person: held.name for person, held in state.people.items()}


def _by_name(found: Result | None, named: Mapping[str, str]) -> Result | None:
    """A result that names people instead of numbering them, where it tells of people at all."""
    if found is None or found.ratings is None:
        return found
    said = tuple(Said(s.comment, s.severity, named.get(s.person or "")) for s in found.comments)
    return replace(found, comments=said, ratings={named[p]: s for p, s in found.ratings.items()})


def _decisions(state: State, edition: Edition, answer: Answer, labels: Mapping[str, str]) -> tuple[Decided, ...]:
    verdicts = {r.solution: r.verdict for r in answer.recommendations} | {b.solution: "blocked" for b in answer.blocked}
    named, cited = _names(state), _citing(edition)
    rated = set(severities(state))
    return tuple(
        Decided(
            solution=solution,
            label=labels.get(solution, solution),
            iri=f"{BASE}solution/{solution}",
            decision=held.decision,
            owner=held.owner,
            date=held.date,
            reason=held.reason,
            by=named[held.by],
            at=stamp(held.at),
            verdict=verdicts.get(solution, "addresses none of the challenges"),
            citations=cited(solution, rated),
            dissent=tuple(Objection(named[person], why) for person, why in held.dissents.items()),
        )
        for solution, held in sorted(state.of("decision").items())
    )


def _citing(edition: Edition) -> Callable[[str, set[str]], tuple[Citation, ...]]:
    """Gives a solution's sources: its own article, and what supports that it helps with some challenges."""
    articles, said = edition.compiled.articles, context(edition, "")
    solutions = {s.id: s for s in edition.catalogue.solutions}

    def cite(article: Article) -> Citation:
        url = (
            f"https://doi.org/{article.doi}"
            if article.doi
            else f"https://arxiv.org/abs/{article.arxiv}"
            if article.arxiv
            else None
        )
        return Citation(
            article.id, said.cite(article.id), article.title, url or next((str(u) for u in article.seen_at), None)
        )

    def of(solution: str, challenges: set[str]) -> tuple[Citation, ...]:
        if solution not in solutions:
            return ()
        names = [solutions[solution].article]
        for held in edition.catalogue.addressings:
            if held.solution == solution and (not challenges or held.challenge in challenges):
                names += sources_of(held.evidence)
        return tuple(cite(articles[name]) for name in dict.fromkeys(names) if name in articles)

    return of
