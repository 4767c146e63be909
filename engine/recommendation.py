"""The answer to a profile: what is feasible, ranked and explained; what is blocked, and by what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.answer import (
    Answer,
    Blocked,
    Caution,
    ChallengeState,
    Counts,
    Gap,
    Reason,
    Recommendation,
    Served,
    Unknown,
)
from engine.columns import Ints
from engine.compiled import Compiled
from engine.effort import Means
from engine.openings import openings
from engine.score import MILLION, Scorer
from engine.stability import stability
from engine.verdicts import BLOCKED, FEASIBLE, UNDECIDED, Bite, Known, Ruling, availability, rule
from kb.records.profile import Profile
from kb.records.terms import Atoms

MARGIN = 0.05
LEADERS = 3
ASSUMED_SEVERITY = 3


def recommend(
    compiled: Compiled,
    profile: Profile,
    assumed: tuple[str, ...] = (),
    margin: float = MARGIN,
    weights: Mapping[str, float] | None = None,
    resembles: str | None = None,
    first: int | None = None,
) -> Answer:
    """Answer a profile.

    Args:
        compiled: the catalogue.
        profile: the organisation in normal form.
        assumed: challenges that its words point to with confidence; each not named in the profile enters at severity 3, marked assumed.
        margin: how far apart the two best solutions for a challenge must be for a clear winner, and by how little a change of a
            weight may unseat the leader of all before it is called fragile.
        weights: what each criterion counts for, where not as the catalogue has it; they add up to one.
        resembles: the challenge that its words are nearest to, where that is not certain enough to be counted.
        first: how many recommendations and how many blocked solutions are told, the best of each; all unless given. Every solution is
            ruled on, scored and counted all the same; the unlocks are those of the blocked solutions that are told.

    Returns:
        The answer; with no challenge named or assumed, all of the catalogue's count alike.
    """
    severities = challenges_of(compiled, profile, assumed)
    weights = compiled.weights if weights is None else weights
    ranking = Ranking(compiled, profile, severities, weights)
    blocked = ranking.blocked[:first]
    states = tuple(_state(ranking, profile, assumed, c, n, margin) for c, n in severities.items())
    return Answer(
        notice=_notice(compiled, profile, assumed, resembles),
        unknown=_unknown(compiled, profile, ranking),
        catalogue=compiled.version,
        counts=ranking.counts,
        challenges=states,
        recommendations=tuple(ranking.recommendations(first)),
        blocked=tuple(_blocked(compiled, ranking.rulings[compiled.names[at]], severities) for at in blocked),
        unlocks=openings(ranking.rulings, profile, [compiled.names[at] for at in blocked], severities),
        in_place=tuple(sorted(ranking.rulings.known.in_place)),
        stability=stability(ranking.scorer, ranking.feasible, margin),
        gaps=tuple(_gap(s) for s in states if s.availability in ("open", "blocked", "partial")),
    )


def _notice(compiled: Compiled, profile: Profile, assumed: tuple[str, ...], resembles: str | None) -> tuple[str, ...]:
    notice = list(compiled.honesty)
    if set(assumed) - set(profile.severities):
        notice.append("Challenges marked as assumed were read from the words of the profile; check them first.")
    if resembles is not None and resembles in compiled.challenges and resembles not in profile.severities:
        label = compiled.challenges[resembles].label
        notice.append(
            f"Your words are nearest to “{label}” ({resembles}), not surely enough to count; name it if you mean it."
        )
    if not profile.severities and not assumed:
        notice.append("The profile names no challenge, so all of the catalogue's count alike.")
    return tuple(notice)


def challenges_of(compiled: Compiled, profile: Profile, assumed: tuple[str, ...] = ()) -> dict[str, int]:
    """The organisation's challenges with their severities, most severe first; all of the catalogue's if it has none."""
    held = {c: n for c, n in profile.severities.items() if c in compiled.challenges}
    held.update({c: ASSUMED_SEVERITY for c in assumed if c not in held and c in compiled.challenges})
    if not held:
        held = dict.fromkeys(compiled.challenges, 1)
    return dict(sorted(held.items(), key=lambda item: (-item[1], item[0])))


class Ranking:
    """All solutions ruled on, scored and put in order; those that are looked at are told in words.

    Attributes:
        rulings, scorer: verdicts and scores as columns.
        order: rows of the solutions that bear on the challenges and are not blocked: feasible, then undecided, by score, then id.
        blocked: rows of those that bear on them and are blocked or known to be left with nothing, the most promising first, then by id.
    """

    def __init__(
        self, compiled: Compiled, profile: Profile, severities: Mapping[str, int], weights: Mapping[str, float]
    ) -> None:
        self.compiled, self.profile, self.severities = compiled, profile, severities
        self.rulings = rule(compiled, Known(compiled, profile))
        self.scorer = Scorer(compiled, weights, profile, severities, self.rulings)
        asked = self.scorer.bears & ~self.rulings.placed
        out = (self.rulings.verdicts == BLOCKED) | ~self.scorer.useful
        ranked, blocked = np.flatnonzero(asked & ~out), np.flatnonzero(asked & out)
        self.order: Ints = ranked[np.lexsort((-self.scorer.score[ranked], self.rulings.verdicts[ranked]))]
        self.blocked: Ints = blocked[np.argsort(-self.scorer.promise[blocked], kind="stable")]

    @property
    def feasible(self) -> Ints:
        """Rows of the feasible solutions, best first."""
        return self._ruled(FEASIBLE)

    @property
    def undecided(self) -> Ints:
        """Rows of the undecided solutions, best first."""
        return self._ruled(UNDECIDED)

    def _ruled(self, verdict: int) -> Ints:
        found: Ints = self.order[self.rulings.verdicts[self.order] == verdict]
        return found

    @property
    def counts(self) -> Counts:
        """How many solutions bear on the challenges, by what became of them."""
        return Counts(len(self.feasible), len(self.undecided), len(self.blocked))

    def recommendations(self, first: int | None = None) -> list[Recommendation]:
        """The best solutions in words; all unless it is said how many."""
        means, rows = Means(self.compiled, self.profile), self.order[:first]
        return [
            _recommendation(self, means, self.rulings[self.compiled.names[at]], figures)
            for at, figures in zip(rows.tolist(), self.scorer.figures(rows), strict=True)
        ]


def _recommendation(ranking: Ranking, means: Means, ruling: Ruling, figures: tuple[list[float], ...]) -> Recommendation:
    compiled, scorer, severities = ranking.compiled, ranking.scorer, ranking.severities
    solution, tried = ruling.option.solution, ranking.profile.tried
    contributions = scorer.contributions(ruling, figures)
    score, worst = (int(micros[ruling.option.at]) / MILLION for micros in (scorer.score, scorer.worst))
    cautions = [
        compiled.told.caution(b.rule.limitation, b.certain)
        for b in ruling.bites
        if b.rule.limitation.effect != "blocks" and _matters(b, severities)
    ]
    cautions += means.cautions(solution)
    if solution.id in tried:
        cautions.insert(
            0, Caution(None, "warns", None, True, f"Tried before: {tried[solution.id]}", "always", None, ())
        )
    cautions.sort(key=lambda c: not c.certain)
    return Recommendation(
        solution=solution.id,
        label=solution.label,
        kind=solution.kind,
        score=score,
        worst=worst,
        verdict=ruling.verdict,
        deciders=ruling.deciders,
        challenges=tuple(_served(compiled, ruling, c) for c in severities if c in ruling.high),
        contributions=contributions,
        cautions=tuple(cautions),
    )


def _matters(bite: Bite, severities: Mapping[str, int]) -> bool:
    reduced = {r.challenge for r in bite.rule.limitation.reduces}
    return not reduced or bool(reduced & set(severities))


def _served(compiled: Compiled, ruling: Ruling, challenge: str) -> Served:
    addressing = ruling.option.addressings[challenge]
    level, sources = compiled.told.evidence(addressing)
    return Served(
        challenge=challenge,
        stated=addressing.coverage,
        high=ruling.high[challenge],
        low=ruling.low[challenge],
        how=addressing.how,
        remains=addressing.remains,
        evidence=level,
        sources=sources,
    )


def _blocked(compiled: Compiled, ruling: Ruling, severities: Mapping[str, int]) -> Blocked:
    stated = set(ruling.option.addressings) & set(severities)
    causes = [b for b in ruling.bites if b.certain and b.rule.limitation.effect == "blocks"]
    if ruling.verdict != "blocked":
        causes = [
            b
            for b in ruling.bites
            if b.certain and any(r.to == "none" and r.challenge in stated for r in b.rule.limitation.reduces)
        ]
    reasons = tuple(reason(compiled, b) for b in causes)
    return Blocked(
        ruling.option.solution.id,
        ruling.option.solution.label,
        tuple(c for c in severities if c in stated),
        reasons,
    )


def reason(compiled: Compiled, bite: Bite) -> Reason:
    """Say why a limitation certainly bites."""
    return compiled.told.reason(bite.rule.limitation, _clause(compiled, bite), bite.rule.inherited_from)


def _clause(compiled: Compiled, bite: Bite) -> Atoms:
    holding, lacking = bite.clause or (0, 0)
    return frozenset(
        [*((c, True) for c in compiled.concepts(holding)), *((c, False) for c in compiled.concepts(lacking))]
    )


def _state(
    ranking: Ranking, profile: Profile, assumed: tuple[str, ...], challenge: str, severity: int, margin: float
) -> ChallengeState:
    compiled, rulings = ranking.compiled, ranking.rulings
    state = availability(compiled, rulings, challenge)
    rows, micros = ranking.scorer.alone(challenge)
    solvers = compiled.columns.addressing_solution[rows]
    kept = (rulings.verdicts[solvers] == FEASIBLE) & ~rulings.placed[solvers]
    solvers, micros = solvers[kept], micros[kept]
    best = np.lexsort((solvers, -micros))[: max(LEADERS, 2)]
    lead = (int(micros[best[0]]) - int(micros[best[1]])) / MILLION if len(best) > 1 else 1.0
    return ChallengeState(
        id=challenge,
        label=compiled.challenges[challenge].label,
        severity=severity,
        assumed=challenge in assumed and challenge not in profile.severities,
        availability=state.availability,
        low=state.low,
        high=state.high,
        leaders=tuple(compiled.names[at] for at in solvers[best[:LEADERS]]),
        clear_winner=len(best) > 0 and lead >= margin,
    )


def _unknown(compiled: Compiled, profile: Profile, ranking: Ranking) -> tuple[Unknown, ...]:
    """Facets that are not fully known, those on which most solutions hang first."""
    hanging = ranking.rulings.hanging(ranking.undecided)
    found = [
        Unknown(facet, count)
        for facet, count in zip(compiled.vocabulary.facets, hanging.tolist(), strict=True)
        if not compiled.asked[facet] <= profile.facts.keys()
    ]
    return tuple(sorted(found, key=lambda u: (-u.solutions_hanging, u.facet)))


def _gap(state: ChallengeState) -> Gap:
    said = {
        "open": "No solution in the catalogue claims more than partial coverage, for anybody.",
        "blocked": "Solutions exist, but each is blocked for you or helps nothing here.",
        "partial": "Better solutions exist, but for you only partial coverage is left.",
    }
    return Gap(state.id, state.availability, said[state.availability])
