"""Checks that need more than one record: references, cycles, directions and repetitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from kb.faults import Fault
from kb.records import (
    Addressing,
    Article,
    Challenge,
    Concept,
    Criterion,
    Edition,
    Limitation,
    Record,
    Scheme,
    Solution,
    Vocabulary,
    nearest,
)
from kb.shape import values
from kb.source import Origins, Where

Records = Mapping[str, Mapping[str, Record]]
Tell = Callable[[Record, Where, str], Fault]


class Known:
    """The records read so far by kind, typed; `written` also names those that could not be validated."""

    def __init__(self, records: Records, origins: Origins) -> None:
        self.all, self.written = records, origins.keys()
        self.editions = [r for r in records["edition"].values() if isinstance(r, Edition)]
        self.articles = {i: r for i, r in records["article"].items() if isinstance(r, Article)}
        self.challenges = {i: r for i, r in records["challenge"].items() if isinstance(r, Challenge)}
        self.solutions = {i: r for i, r in records["solution"].items() if isinstance(r, Solution)}
        self.addressings = {i: r for i, r in records["addressing"].items() if isinstance(r, Addressing)}
        self.limitations = {i: r for i, r in records["limitation"].items() if isinstance(r, Limitation)}
        self.vocabulary = Vocabulary(
            [r for r in records["scheme"].values() if isinstance(r, Scheme)],
            [r for r in records["concept"].values() if isinstance(r, Concept)],
        )


def check(records: Records, origins: Origins) -> list[Fault]:
    """Find every fault between records that are valid by themselves.

    Args:
        records: by kind and id.
        origins: where each stands; also those that could not be validated, so that they are not called unknown.
    """

    def tell(record: Record, where: Where, message: str) -> Fault:
        document, base = origins[record.kind_, str(record.id)]  # type: ignore[attr-defined]
        return document.fault((*base, *_as_written(record, where)), message)

    known = Known(records, origins)
    faults: list[Fault] = []
    for rule in (
        _names,
        _prerequisites,
        _instead_of,
        _links,
        _directions,
        _reductions,
        _repetitions,
        _gains,
        _dates,
        _labels,
        _weights,
    ):
        faults += rule(known, tell)
    return faults


def _as_written(record: Record, where: Where) -> Where:
    """A place in the record as the author wrote it: conditions and reductions are written in short."""
    return where[:1] if where and where[0] in ("when", "reduces") else where


def _names(known: Known, tell: Tell) -> Iterator[Fault]:
    for kind in known.all:
        for record in known.all[kind].values():
            for where, field, value in values(record):
                if field.scheme is not None:
                    valid = known.vocabulary.values(field.scheme)
                    if value not in valid:
                        yield tell(
                            record,
                            where,
                            f"{value!r} is not a concept of {field.scheme}; {nearest(value, valid)}",
                        )
                elif field.ref is not None and (field.ref, value) not in known.written:
                    told = f"there is no {field.ref} {value!r}; {nearest(value, known.all[field.ref])}"
                    yield tell(record, where, told)


def _prerequisites(known: Known, tell: Tell) -> Iterator[Fault]:
    for start in known.solutions.values():
        trail, seen = list(start.prerequisites), set[str]()
        while trail:
            current = trail.pop()
            if current == start.id:
                told = f"{start.id} is a prerequisite of itself, by way of {', '.join(sorted(seen)) or 'itself'}; break the cycle"
                yield tell(start, ("prerequisites",), told)
                break
            if current not in seen and current in known.solutions:
                seen.add(current)
                trail += known.solutions[current].prerequisites
        for at, needed in enumerate(start.prerequisites):
            other = known.solutions.get(needed)
            if other is not None and other.retired is not None and start.retired is None:
                yield tell(start, ("prerequisites", at), f"{needed} is retired; name what replaced it")


def _instead_of(known: Known, tell: Tell) -> Iterator[Fault]:
    for solution in known.solutions.values():
        for at, other_id in enumerate(solution.instead_of):
            other = known.solutions.get(other_id)
            if other_id == solution.id:
                yield tell(solution, ("instead_of", at), "a solution does not stand in for itself; delete it")
            elif other is not None and solution.id not in other.instead_of:
                yield tell(
                    solution,
                    ("instead_of", at),
                    f"{other_id} does not name {solution.id} in turn; add it there",
                )


def _links(known: Known, tell: Tell) -> Iterator[Fault]:
    for challenge in known.challenges.values():
        for at, link in enumerate(challenge.links):
            if link.to == challenge.id:
                yield tell(challenge, ("links", at, "to"), "a challenge is not linked to itself; delete the link")


def _directions(known: Known, tell: Tell) -> Iterator[Fault]:
    """More money, people, skills … must never take a solution away (monotone in means)."""
    for limitation in known.limitations.values():
        if limitation.effect == "warns":
            continue
        for clause in limitation.when.clauses:
            for literal in clause.literals:
                facet = literal.concept.partition(".")[0]
                scheme = known.vocabulary.schemes.get(facet)
                if scheme is not None and scheme.more_helps and literal.holds:
                    told = (
                        f"{facet} is a means: in a limitation that {limitation.effect} it may only be lacking "
                        f"(`below`, `at_most`, `lacks`), not be there ({literal.concept})"
                    )
                    yield tell(limitation, ("when",), told)


def _dates(known: Known, tell: Tell) -> Iterator[Fault]:
    """What was checked was there before; a primary article is not younger than the catalogue's literature."""
    until = known.editions[0].literature_until if known.editions else 9999
    for solution in known.solutions.values():
        article = known.articles.get(solution.article)
        if article is not None and article.year > until:
            yield tell(
                solution, ("article",), f"{article.id} is of {article.year}; the catalogue's literature ends in {until}"
            )
        for at, software in enumerate(solution.implementations):
            if software.released > software.checked:
                yield tell(
                    solution,
                    ("implementations", at, "released"),
                    f"is after the day it was checked, {software.checked}",
                )


def _labels(known: Known, tell: Tell) -> Iterator[Fault]:
    for kind in ("challenge", "solution"):
        seen: dict[str, str] = {}
        for identity, record in known.all[kind].items():
            label = str(getattr(record, "label", "")).lower()
            if label in seen:
                yield tell(record, ("label",), f"is the label of {seen[label]} too; tell them apart")
            seen.setdefault(label, identity)


def _weights(known: Known, tell: Tell) -> Iterator[Fault]:
    held = [r for r in known.all["criterion"].values() if isinstance(r, Criterion)]
    total = sum(r.weight for r in held)
    if held and abs(total - 1) > 1e-9:
        yield tell(held[0], ("weight",), f"the weights of all criteria add up to {total:g}; they must add up to one")


def _gains(known: Known, tell: Tell) -> Iterator[Fault]:
    """Every means has a price, and what an organisation rules out names what it will not gain."""
    for concept in known.all["concept"].values():
        scheme = known.all["scheme"].get(getattr(concept, "scheme", ""))
        if not isinstance(concept, Concept) or not isinstance(scheme, Scheme):
            continue
        wanted = scheme.more_helps and (scheme.order == "plain" or concept.rank > 0)
        if wanted != (concept.gain is not None):
            told = (
                "is a means: say what it takes (gain: {euros, person_weeks})"
                if wanted
                else "cannot be gained; delete `gain`"
            )
            yield tell(concept, ("gain",), told)
        for at, name in enumerate(concept.forbids):
            if name not in known.all["scheme"] and name not in known.all["concept"]:
                yield tell(
                    concept,
                    ("forbids", at),
                    f"{name!r} is no facet and no concept; {nearest(name, known.all['scheme'])}",
                )


def _reductions(known: Known, tell: Tell) -> Iterator[Fault]:
    levels = ("none", *known.vocabulary.values("coverage"))
    for limitation in known.limitations.values():
        for reduction in limitation.reduces:
            stated = known.addressings.get(f"{limitation.solution}.{reduction.challenge}")
            if stated is None:
                told = f"{limitation.solution} does not address {reduction.challenge}, so nothing is reduced; name one it addresses"
                yield tell(limitation, ("reduces", reduction.challenge), told)
            elif {reduction.to, stated.coverage} <= set(levels) and levels.index(reduction.to) >= levels.index(
                stated.coverage
            ):
                told = f"{reduction.challenge} is stated as {stated.coverage}; {reduction.to} is no reduction of it"
                yield tell(limitation, ("reduces", reduction.challenge), told)


def _repetitions(known: Known, tell: Tell) -> Iterator[Fault]:
    seen: dict[tuple[object, ...], Limitation] = {}
    words: dict[str, list[Limitation]] = defaultdict(list)
    for limitation in known.limitations.values():
        key = (limitation.solution, limitation.when, limitation.effect, limitation.reduces)
        if key in seen:
            yield tell(
                limitation,
                ("when",),
                f"repeats condition and effect of {seen[key].id}; join the two or tell them apart",
            )
        seen.setdefault(key, limitation)
        words[limitation.says].append(limitation)
    for same in words.values():
        for limitation in same[1:]:
            yield tell(limitation, ("says",), f"is word for word the sentence of {same[0].id}; say what holds here")
