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
    Unknown,
)
from engine.columns import Ints
from engine.compiled import Compiled
from engine.effort import Means
from engine.openings import openings
from engine.score import MILLION, Scorer
from engine.stability import stability
from engine.verdicts import BLOCKED, FEASIBLE, Bite, Known, Ruling, availabilities, rule
from kb.records.profile import Profile

MARGIN = 0.05
LEADERS = 3
_LEADING = np.arange(LEADERS)
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
    states = _states(ranking, assumed, margin)
    return Answer(
        notice=_notice(compiled, profile, assumed, resembles),
        unknown=_unknown(ranking),
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
        feasible, undecided: its two parts.
        blocked: rows of those that bear on them and are blocked or known to be left with nothing, the most promising first, then by id.
    """

    def __init__(
        self, compiled: Compiled, profile: Profile, severities: Mapping[str, int], weights: Mapping[str, float]
    ) -> None:
        self.compiled, self.profile, self.severities = compiled, profile, severities
        self.rulings = rule(compiled, Known(compiled, profile))
        self.scorer = Scorer(compiled, weights, profile, severities, self.rulings)
        verdicts, asked = self.rulings.verdicts, self.scorer.bears
        if self.rulings.known.in_place:
            asked = asked & ~self.rulings.placed
        out = (verdicts == BLOCKED) | ~self.scorer.useful
        ranked, blocked = np.flatnonzero(asked & ~out), np.flatnonzero(asked & out)
        # Undecided solutions come after all feasible ones, whatever their score.
        place = (verdicts[ranked] != FEASIBLE) * (2 * MILLION) - self.scorer.score[ranked]
        self.order: Ints = ranked[np.argsort(place, kind="stable")]
        self.blocked: Ints = blocked[np.argsort(-self.scorer.promise[blocked], kind="stable")]
        decided = int(np.count_nonzero(verdicts[ranked] == FEASIBLE))
        self.feasible, self.undecided = self.order[:decided], self.order[decided:]

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
    solution, tried, at = ruling.option.solution, ranking.profile.tried, ruling.option.at
    contributions = scorer.contributions(ruling, figures)
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
        score=int(scorer.score[at]) / MILLION,
        worst=int(scorer.worst[at]) / MILLION,
        verdict=ruling.verdict,
        deciders=ruling.deciders,
        challenges=tuple(
            [
                compiled.told.served(ruling.option.addressings[c], level, ruling.low[c])
                for c in severities
                if (level := ruling.high.get(c)) is not None
            ]
        ),
        contributions=contributions,
        cautions=tuple(cautions),
    )


def _matters(bite: Bite, severities: Mapping[str, int]) -> bool:
    reduced = bite.rule.reduced
    return not reduced or not reduced.isdisjoint(severities)


def _blocked(compiled: Compiled, ruling: Ruling, severities: Mapping[str, int]) -> Blocked:
    stated = [c for c in severities if c in ruling.option.addressings]
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
        tuple(stated),
        reasons,
    )


def reason(compiled: Compiled, bite: Bite) -> Reason:
    """Say why a limitation certainly bites."""
    return compiled.told.reason(bite.rule.limitation, bite.clause or (0, 0), bite.rule.inherited_from)


def _states(ranking: Ranking, assumed: tuple[str, ...], margin: float) -> tuple[ChallengeState, ...]:
    compiled, rulings, severities = ranking.compiled, ranking.rulings, ranking.severities
    named, solution = ranking.profile.severities, compiled.columns.addressing_solution
    addressed = compiled.addressing(severities)
    usable = rulings.verdicts == FEASIBLE
    if rulings.known.in_place:
        usable &= ~rulings.placed
    kept = usable[solution[addressed.rows]] & (rulings.high[addressed.rows] > 0)
    rows, challenge = addressed.rows[kept], addressed.challenge[kept]
    micros = ranking.scorer.alone(rows)
    # All challenges in one pass: no score comes near the distance at which they are kept apart.
    best = np.argsort(challenge * (2 * MILLION) - micros, kind="stable")
    edges = np.searchsorted(challenge, np.arange(len(severities) + 1))
    first = np.minimum(edges[:-1, None] + _LEADING, max(len(best) - 1, 0))
    leading = best[first] if len(best) else first
    leaders = solution[rows[leading]].tolist() if len(best) else []
    micro = micros[leading].tolist() if len(best) else []
    counts = np.diff(edges).tolist()
    states = []
    told = zip(severities.items(), availabilities(rulings, addressed), counts, strict=True)
    for at, ((name, severity), state, count) in enumerate(told):
        solvers = leaders[at][:count] if count else []
        scores = micro[at][:count] if count else []
        lead = (scores[0] - scores[1]) / MILLION if len(scores) > 1 else 1.0
        states.append(
            ChallengeState(
                id=name,
                label=compiled.challenges[name].label,
                severity=severity,
                assumed=name in assumed and name not in named,
                availability=state.availability,
                low=state.low,
                high=state.high,
                leaders=tuple([compiled.names[solver] for solver in solvers]),
                clear_winner=len(scores) > 0 and lead >= margin,
            )
        )
    return tuple(states)


def _unknown(ranking: Ranking) -> tuple[Unknown, ...]:
    """Facets that are not fully known, those on which most solutions hang first."""
    compiled, known = ranking.compiled, ranking.rulings.known
    hanging, settled = ranking.rulings.hanging(ranking.undecided), known.yes | known.no
    found = [
        (-count, facet)
        for facet, count in zip(compiled.vocabulary.facets, hanging, strict=True)
        if compiled.asked[facet] & ~settled
    ]
    return tuple([Unknown(facet, -count) for count, facet in sorted(found)])


def _gap(state: ChallengeState) -> Gap:
    said = {
        "open": "No solution in the catalogue claims more than partial coverage, for anybody.",
        "blocked": "Solutions exist, but each is blocked for you or helps nothing here.",
        "partial": "Better solutions exist, but for you only partial coverage is left.",
    }
    return Gap(state.id, state.availability, said[state.availability])
