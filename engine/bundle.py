"""The catalogue and its matcher as one JSON object, from which the planner in the browser answers as this package does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.compiled import Compiled
from engine.ease import EFFORT, effort_shares, preferable
from engine.matching import CONFIDENT, EXTRA, HALF, LEAD, UNITS, Index, Postings
from engine.score import CRITERIA
from engine.tokens import FOLD, GRAM
from engine.told import sources_of
from kb.records import evidence_level
from kb.records.profile import MAX_PROBLEM, PREFERABLE
from kb.records.terms import atoms_of
from kb.records.words import cite, lower

if TYPE_CHECKING:
    from kb.records import Addressing, Article, Catalogue, Challenge, Concept, Criterion, Limitation, Scheme, Solution

FORM = 1
_FIRST = 65


def bundle(catalogue: Catalogue, compiled: Compiled, index: Index) -> dict[str, Any]:
    """Gather what it takes to answer a profile, and to show the answer; what a reader can look up on a record's page stays there.

    Args:
        catalogue: the catalogue.
        compiled: the same, compiled.
        index: its fitted matcher.

    Returns:
        An object with these members; what is null or an empty list in a record is left out of it.

        - `form` of this object, `version` of the catalogue, its `honesty` notices, `person_week_euros`.
        - `schemes`: by id, each with its `concepts`, lowest first. `id` of a concept is without the scheme's name, `said` is a label as it
          stands within a sentence, ranges are `[low, high]`, `gain` is `[euros, person weeks]`.
        - `criteria`: with `weight`, in the order in which an answer lists them; `preferable`: all that can be preferred; `longest`: how
          many characters a problem may have.
        - `challenges`, `solutions`: by id, without retired ones. A challenge has its first symptom in the words of each role,
          `[role, says]`, and its `links`, `[kind, to]`. A solution holds its `ease` (shares of one for `knowledge`, `speed`,
          `cost`, `upkeep`) with the `words` for them, `liked` (what can be preferred and it is), `needs` (closed prerequisites),
          `validated_in` (each `[modality, task, domain, deployment]`), its `addressings` by challenge and its `limitations` by id.
          A limitation's `when` is a list of clauses, a clause a list of atoms, an atom that must not hold begins with `!`.
        - `retired`: retired solutions and what they need; they may be in place.
        - `articles`: those named as sources, each `cite`, `title` and `link`.
        - `fold`: letters by the plain letters that they are folded to, `gram`: the length of runs.
        - `match`: the matcher's constants, its `challenges`, and `words`, `pairs` and `runs`, each `[features, postings]`: features with
          bars between them; in the same order postings with blanks between them, a posting being a letter (A for the first challenge)
          and a weight, one after the other.
    """
    vocabulary = compiled.vocabulary
    addressings: dict[str, list[Addressing]] = {s: [] for s in compiled.names}
    for option in compiled.options.values():
        addressings[option.solution.id] += option.addressings.values()
    solutions = [
        _solution(compiled, option.solution, addressings[name], [r.limitation for r in option.own])
        for name, option in compiled.options.items()
    ]
    return {
        "form": FORM,
        "version": compiled.version,
        "honesty": list(compiled.honesty),
        "person_week_euros": compiled.person_week_euros,
        "schemes": [
            _scheme(s, [vocabulary.concepts[f"{s.id}.{v}"] for v in vocabulary.values(s.id)])
            for s in vocabulary.schemes.values()
        ],
        "criteria": [_criterion(c) for c in sorted(catalogue.criteria, key=lambda c: CRITERIA.index(c.id))],
        "preferable": [*vocabulary.values("kind"), *PREFERABLE],
        "longest": MAX_PROBLEM,
        "challenges": [_challenge(c) for c in compiled.challenges.values()],
        "solutions": solutions,
        "retired": {
            s.id: _needs(compiled, s.id)
            for s in sorted(catalogue.solutions, key=lambda s: s.id)
            if s.retired is not None
        },
        "articles": _articles(compiled.articles, solutions),
        "fold": _fold(),
        "gram": GRAM,
        "match": _match(index),
    }


def _held(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value != []}


def _scheme(scheme: Scheme, concepts: list[Concept]) -> dict[str, Any]:
    facet = scheme.use == "facet"
    return _held(
        id=scheme.id,
        label=scheme.label,
        said=lower(scheme.label) if facet else None,
        definition=scheme.definition,
        question=scheme.question,
        facet=facet,
        ordered=scheme.order == "ordered",
        more_helps=scheme.more_helps or None,
        omitted_means_no=scheme.omitted_means_no or None,
        concepts=[
            _held(
                id=c.id.partition(".")[2],
                label=c.label,
                said=lower(c.label) if facet else None,
                definition=c.definition,
                euros=_range(c.euros),
                weeks=_range(c.weeks),
                fte=_range(c.fte),
                gain=[c.gain.euros, c.gain.person_weeks] if c.gain else None,
                forbids=list(c.forbids),
            )
            for c in concepts
        ],
    )


def _range(held: Any) -> list[float] | None:
    return None if held is None else [held.low, held.high]


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return _held(id=criterion.id, label=criterion.label, weight=criterion.weight, measures=criterion.measures)


def _challenge(challenge: Challenge) -> dict[str, Any]:
    return _held(
        id=challenge.id,
        label=challenge.label,
        also=list(challenge.also),
        phase=challenge.phase,
        definition=challenge.definition,
        symptoms=[list(first) for first in {s.role: s.says for s in reversed(challenge.symptoms)}.items()],
        links=[[link.kind, link.to] for link in challenge.links],
    )


def _solution(
    compiled: Compiled, solution: Solution, addressings: list[Addressing], limitations: list[Limitation]
) -> dict[str, Any]:
    effort = solution.effort
    eases = {name: (share, said) for name, share, said in effort_shares(compiled.vocabulary, solution)}
    shares = {name: share for name, (share, _) in eases.items()}
    return _held(
        id=solution.id,
        label=solution.label,
        kind=solution.kind,
        summary=solution.summary,
        article=solution.article,
        person_weeks=_range(effort.person_weeks),
        one_off_cost=effort.one_off_cost,
        running_cost=effort.running_cost,
        knowledge=effort.knowledge,
        time_to_value=effort.time_to_value,
        ease=[shares[name] for name in EFFORT],
        words=[eases[name][1] for name in EFFORT],
        liked=list(preferable(solution, shares)),
        needs=_needs(compiled, solution.id),
        instead_of=list(solution.instead_of),
        validated_in=[[c.modality, c.task, c.domain, c.deployment] for c in solution.validated_in],
        addressings=[
            _held(
                challenge=a.challenge,
                coverage=a.coverage,
                how=a.how,
                remains=a.remains,
                evidence=evidence_level(a.evidence, compiled.vocabulary),
                sources=list(sources_of(a.evidence)),
            )
            for a in addressings
        ],
        limitations=[_limitation(x) for x in limitations],
    )


def _limitation(limitation: Limitation) -> dict[str, Any]:
    return _held(
        id=limitation.id,
        factor=limitation.factor,
        effect=limitation.effect,
        says=limitation.says,
        when=[[f"{'' if holds else '!'}{c}" for c, holds in sorted(atoms)] for atoms in atoms_of(limitation.when)],
        reduces=[[r.challenge, r.to] for r in limitation.reduces],
        residual_risk=limitation.residual_risk,
        sources=list(sources_of(limitation.evidence)),
    )


def _needs(compiled: Compiled, solution: str) -> list[str]:
    return sorted(compiled.with_prerequisites([solution]) - {solution})


def _articles(articles: Mapping[str, Article], solutions: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    named = {s["article"] for s in solutions}
    for solution in solutions:
        for part in (*solution.get("addressings", ()), *solution.get("limitations", ())):
            named.update(part.get("sources", ()))
    return {
        name: _held(cite=cite(article), title=article.title, link=_link(article))
        for name, article in sorted(articles.items())
        if name in named
    }


def _link(article: Article) -> str | None:
    if article.doi:
        return f"https://doi.org/{article.doi}"
    return f"https://arxiv.org/abs/{article.arxiv}" if article.arxiv else None


def _fold() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, plain in FOLD.items():
        found[plain] = found.get(plain, "") + chr(code)
    return found


def _match(index: Index) -> dict[str, Any]:
    return {
        "confident": CONFIDENT,
        "lead": LEAD,
        "against": HALF * UNITS,
        "extra": EXTRA,
        "challenges": list(index.challenges),
        "words": _postings(index.words),
        "pairs": _postings(index.pairs),
        "runs": _postings(index.runs),
    }


def _postings(postings: Postings) -> list[str]:
    """Features and their postings as two texts, which compress far better than a list for each."""
    ordered = sorted(postings)
    written = (
        "".join(f"{chr(_FIRST + at)}{weight}" for at, weight in zip(*[iter(postings[f])] * 2, strict=True))
        for f in ordered
    )
    return ["|".join(ordered), " ".join(written)]
