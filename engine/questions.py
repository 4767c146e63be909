"""What to ask next, and when to stop asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.answer import Recommendation
from engine.columns import FIT
from engine.compiled import COVERAGE, Compiled, Rule
from engine.recommendation import Ranking, challenges_of
from engine.score import SEVEREST
from engine.verdicts import Known, Ruling
from kb.records.profile import Profile

TOP = 5


@dataclass(frozen=True)
class Question:
    """A facet to ask for, with the reason; `effect` is its expected effect on the scores of the contenders, on the scale of scores."""

    facet: str
    question: str
    options: tuple[str, ...]
    several: bool
    effect: float
    contenders: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Interview:
    """Where an interview stands: the set of the first five if it is settled, and the next question if there is one."""

    settled: bool
    top: tuple[str, ...]
    question: Question | None
    open_facets: tuple[str, ...]


def bound(r: Recommendation) -> float:
    """The least score that is certain; below every score if it may still turn out to be blocked or of no use."""
    useful = any(s.low != "none" for s in r.challenges)
    return r.worst if r.verdict == "feasible" and useful else -1.0


def settled(ranked: list[Recommendation], top: int = TOP) -> bool:
    """Whether the set of the first few is the same however the unknowns turn out.

    Sound: each member's certain score must reach every other's best possible score, equal scores being ordered by id.
    """
    by_bound = sorted(ranked, key=lambda r: (-bound(r), r.solution))
    first, rest = by_bound[:top], by_bound[top:]
    if any(bound(r) < 0 for r in first):
        return not any(bound(r) < 0 for r in ranked)
    return all((-bound(a), a.solution) <= (-b.score, b.solution) for a in first for b in rest)


def interview(
    compiled: Compiled,
    profile: Profile,
    assumed: tuple[str, ...] = (),
    skip: frozenset[str] = frozenset(),
    top: int = TOP,
) -> Interview:
    """Say whether the first five are settled, and else which facet to ask for next.

    Args:
        compiled: the catalogue.
        profile: what is known so far.
        assumed: challenges read from its words.
        skip: facets that the organisation could not answer; they are not asked again.
        top: how many of the first must be settled.
    """
    ranking = Ranking(compiled, profile, challenges_of(compiled, profile, assumed), compiled.weights)
    rulings, ranked = ranking.rulings, ranking.recommendations()
    done = settled(ranked, top)
    leaders = tuple(r.solution for r in ranked[:top])
    open_ = tuple(f for f in compiled.vocabulary.facets if f not in skip and _unknown(compiled, profile, f))
    if done or not open_:
        return Interview(done, leaders, None, open_)
    effects, touched = _effects(compiled, profile, assumed, rulings, _contenders(ranked, top))
    facet = max(open_, key=lambda f: (effects.get(f, 0.0), -open_.index(f)))
    if not effects.get(facet):
        return Interview(done, leaders, None, open_)
    scheme = compiled.vocabulary.schemes[facet]
    names = tuple(sorted(touched[facet]))
    why = f"The answer bears on {len(names)} of the solutions that may still be among your first {top}."
    return Interview(
        done,
        leaders,
        Question(
            facet,
            scheme.question or scheme.label,
            compiled.vocabulary.values(facet),
            scheme.order == "plain",
            effects[facet],
            names,
            why,
        ),
        open_,
    )


def _unknown(compiled: Compiled, profile: Profile, facet: str) -> bool:
    values = compiled.vocabulary.values(facet)[compiled.vocabulary.ordered(facet) :]
    return any(f"{facet}.{v}" not in profile.facts for v in values)


def _contenders(ranked: list[Recommendation], top: int) -> list[Recommendation]:
    """Solutions whose place among the first is open: not surely in, not surely out."""
    bounds = sorted((bound(r) for r in ranked), reverse=True)
    entry = bounds[top - 1] if len(bounds) >= top else -1.0
    rivals = sorted((r.score for r in ranked), reverse=True)
    safe = rivals[top] if len(rivals) > top else -1.0
    return [r for r in ranked if r.score >= entry and bound(r) <= safe]


def _effects(
    compiled: Compiled,
    profile: Profile,
    assumed: tuple[str, ...],
    rulings: Mapping[str, Ruling],
    contenders: list[Recommendation],
) -> tuple[dict[str, float], dict[str, set[str]]]:
    """Expected effect of each facet: over contenders and limitations that may bite, what is lost if it bites times the chance that
    it is not yet what it seems, shared among the facets that decide it. Priors are uniform over levels, and even for yes and no."""
    known = Known(compiled, profile)
    weights, severities = compiled.weights, challenges_of(compiled, profile, assumed)
    total = sum(severities.values())
    effects: dict[str, float] = {}
    touched: dict[str, set[str]] = {}

    def add(facets: set[str], amount: float, solution: str) -> None:
        for facet in facets:
            effects[facet] = effects.get(facet, 0.0) + amount / len(facets)
            touched.setdefault(facet, set()).add(solution)

    for r in contenders:
        ruling = rulings[r.solution]
        for bite in ruling.bites:
            if bite.certain:
                continue
            chance, facets = _chance(compiled, profile, bite.rule, known)
            limitation = bite.rule.limitation
            if limitation.effect == "blocks":
                loss = r.score
            elif limitation.effect == "warns":
                loss = weights["care"] / 4
            else:
                loss = 0.0
                for reduction in limitation.reduces:
                    if reduction.challenge in severities and reduction.challenge in ruling.high:
                        drop = COVERAGE[ruling.high[reduction.challenge]] - COVERAGE[reduction.to]
                        severity = severities[reduction.challenge]
                        loss += max(0.0, drop) * (
                            weights["depth"] * severity / SEVEREST + weights["breadth"] * severity / total
                        )
            add(facets, loss * chance * (1 - chance) * 4, r.solution)
        for facet in FIT:
            named = {getattr(c, facet) for c in ruling.option.solution.validated_in} - {None}
            if any(f"{facet}.{v}" not in profile.facts for v in named) and not any(
                profile.facts.get(f"{facet}.{v}") for v in named
            ):
                add({facet}, weights["fit"] / len(FIT), r.solution)
    return effects, touched


def _chance(compiled: Compiled, profile: Profile, rule: Rule, known: Known) -> tuple[float, set[str]]:
    """Chance that a limitation bites, and the facets that decide it."""
    none, facets = 1.0, set[str]()
    for p, n in rule.clauses:
        if p & known.no or n & known.yes:
            continue
        chance = 1.0
        for mask, wanted in ((p, True), (n, False)):
            for concept in compiled.concepts(mask & ~(known.yes | known.no)):
                facets.add(concept.partition(".")[0])
                chance *= _prior(compiled, profile, concept, wanted)
        none *= 1 - chance
    return 1 - none, facets


def _prior(compiled: Compiled, profile: Profile, concept: str, wanted: bool) -> float:
    facet, _, value = concept.partition(".")
    if not compiled.vocabulary.ordered(facet):
        return 0.5
    values = compiled.vocabulary.values(facet)
    low = max((at for at, v in enumerate(values) if profile.facts.get(f"{facet}.{v}") is True), default=0)
    high = (
        min((at for at, v in enumerate(values) if profile.facts.get(f"{facet}.{v}") is False), default=len(values)) - 1
    )
    at_least = (high - values.index(value) + 1) / (high - low + 1)
    return at_least if wanted else 1 - at_least
