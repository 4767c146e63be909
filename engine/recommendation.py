"""The answer to a profile: what is feasible, ranked and explained; what is blocked, and by what."""

from __future__ import annotations

from collections.abc import Mapping

from engine.answer import (
    Answer,
    Blocked,
    Caution,
    ChallengeState,
    Gap,
    Reason,
    Recommendation,
    Served,
    Unknown,
)
from engine.compiled import Compiled
from engine.effort import effort_cautions
from engine.score import SEVEREST, Scorer, total
from engine.stability import stability
from engine.verdicts import Bite, Known, Ruling, availability, rule
from kb.records import Evidence, evidence_level
from kb.records.profile import Profile
from kb.records.words import clause_in_words, condition_in_words

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

    Returns:
        The answer; with no challenge named or assumed, all of the catalogue's count alike.
    """
    notice = list(compiled.honesty)
    if set(assumed) - set(profile.severities):
        notice.append("Challenges marked as assumed were read from the words of the profile; check them first.")
    if resembles is not None and resembles in compiled.challenges and resembles not in profile.severities:
        label = compiled.challenges[resembles].label
        notice.append(
            f"Your words are nearest to “{label}” ({resembles}), not surely enough to count; name it if you mean it."
        )
    severities = challenges_of(compiled, profile, assumed)
    if not profile.severities and not assumed:
        notice.append("The profile names no challenge, so all of the catalogue's count alike.")
    weights = compiled.weights if weights is None else weights
    rulings, ranked = rank(compiled, profile, severities, weights)
    in_place = Known(compiled, profile).in_place
    blocked = tuple(
        _blocked(compiled, r, severities)
        for s, r in rulings.items()
        if set(severities) & set(r.high) and s not in in_place and _is_blocked(r, severities)
    )
    states = tuple(
        _state(compiled, rulings, ranked, profile, assumed, c, n, margin, weights) for c, n in severities.items()
    )
    return Answer(
        notice=tuple(notice),
        unknown=_unknown(compiled, profile, ranked),
        catalogue=compiled.version,
        challenges=states,
        recommendations=tuple(ranked),
        blocked=blocked,
        in_place=tuple(sorted(in_place)),
        stability=stability(ranked, weights, margin),
        gaps=tuple(_gap(s) for s in states if s.availability in ("open", "blocked", "partial")),
    )


def challenges_of(compiled: Compiled, profile: Profile, assumed: tuple[str, ...] = ()) -> dict[str, int]:
    """The organisation's challenges with their severities, most severe first; all of the catalogue's if it has none."""
    held = {c: n for c, n in profile.severities.items() if c in compiled.challenges}
    held.update({c: ASSUMED_SEVERITY for c in assumed if c not in held and c in compiled.challenges})
    if not held:
        held = dict.fromkeys(compiled.challenges, 1)
    return dict(sorted(held.items(), key=lambda item: (-item[1], item[0])))


def rank(
    compiled: Compiled, profile: Profile, severities: Mapping[str, int], weights: Mapping[str, float] | None = None
) -> tuple[dict[str, Ruling], list[Recommendation]]:
    """Rule on every solution, and rank those that bear on the challenges and are not blocked: feasible, then undecided, by score."""
    known = Known(compiled, profile)
    rulings = rule(compiled, known)
    scorer = Scorer(compiled, compiled.weights if weights is None else weights, profile, severities)
    ranked = [
        _recommendation(compiled, scorer, profile, r, severities)
        for s, r in rulings.items()
        if set(severities) & set(r.high) and s not in known.in_place and not _is_blocked(r, severities)
    ]
    ranked.sort(key=lambda r: (r.verdict == "undecided", -r.score, r.solution))
    return rulings, ranked


def _is_blocked(ruling: Ruling, severities: Mapping[str, int]) -> bool:
    """Blocked outright, or known to be useless for every challenge of the organisation that it addresses."""
    return ruling.verdict == "blocked" or all(ruling.high[c] == "none" for c in severities if c in ruling.high)


def _recommendation(
    compiled: Compiled, scorer: Scorer, profile: Profile, ruling: Ruling, severities: Mapping[str, int]
) -> Recommendation:
    solution = ruling.option.solution
    contributions = scorer.contributions(ruling)
    score, worst = total(contributions)
    cautions = [
        _caution(compiled, b) for b in ruling.bites if b.rule.limitation.effect != "blocks" and _matters(b, severities)
    ]
    cautions += effort_cautions(compiled, profile, solution)
    if solution.id in profile.tried:
        cautions.insert(
            0,
            Caution(None, "warns", None, True, f"Tried before: {profile.tried[solution.id]}", "always", None, ()),
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


def _sources(evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """What supports a statement: articles by id, other works by name."""
    supporting = [e.source or e.where for e in evidence if e.stance == "supports"]
    return tuple(dict.fromkeys(s for s in supporting if s is not None))


def _served(compiled: Compiled, ruling: Ruling, challenge: str) -> Served:
    addressing = ruling.option.addressings[challenge]
    return Served(
        challenge=challenge,
        stated=addressing.coverage,
        high=ruling.high[challenge],
        low=ruling.low[challenge],
        how=addressing.how,
        remains=addressing.remains,
        evidence=evidence_level(addressing.evidence, compiled.vocabulary),
        sources=_sources(addressing.evidence),
    )


def _caution(compiled: Compiled, bite: Bite) -> Caution:
    limitation = bite.rule.limitation
    return Caution(
        limitation=limitation.id,
        effect=limitation.effect,
        factor=limitation.factor,
        certain=bite.certain,
        says=limitation.says,
        when=condition_in_words(limitation.when, compiled.vocabulary),
        residual_risk=limitation.residual_risk,
        sources=_sources(limitation.evidence),
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
    limitation = bite.rule.limitation
    holding, lacking = bite.clause or (0, 0)
    atoms = frozenset(
        [*((c, True) for c in compiled.concepts(holding)), *((c, False) for c in compiled.concepts(lacking))]
    )
    return Reason(
        limitation=limitation.id,
        factor=limitation.factor,
        says=limitation.says,
        because=clause_in_words(atoms, compiled.vocabulary),
        inherited_from=bite.rule.inherited_from,
        sources=_sources(limitation.evidence),
    )


def _state(
    compiled: Compiled,
    rulings: Mapping[str, Ruling],
    ranked: list[Recommendation],
    profile: Profile,
    assumed: tuple[str, ...],
    challenge: str,
    severity: int,
    margin: float,
    weights: Mapping[str, float],
) -> ChallengeState:  # fmt: skip
    state = availability(compiled, rulings, challenge)
    alone = Scorer(compiled, weights, profile, {challenge: SEVEREST})
    scored = [
        (total(alone.contributions(rulings[r.solution]))[0], r.solution)
        for r in ranked
        if rulings[r.solution].high.get(challenge, "none") != "none" and r.verdict == "feasible"
    ]
    scored.sort(key=lambda item: (-item[0], item[1]))
    clear = len(scored) == 1 or (len(scored) > 1 and scored[0][0] - scored[1][0] >= margin)
    return ChallengeState(
        id=challenge,
        label=compiled.challenges[challenge].label,
        severity=severity,
        assumed=challenge in assumed and challenge not in profile.severities,
        availability=state.availability,
        low=state.low,
        high=state.high,
        leaders=tuple(s for _, s in scored[:LEADERS]),
        clear_winner=clear,
    )


def _unknown(compiled: Compiled, profile: Profile, ranked: list[Recommendation]) -> tuple[Unknown, ...]:
    """Facets that are not fully known, those on which most solutions hang first."""
    found = []
    for facet in compiled.vocabulary.facets:
        if all(
            f"{facet}.{value}" in profile.facts
            for value in compiled.vocabulary.values(facet)[compiled.vocabulary.ordered(facet) :]
        ):
            continue
        hanging = sum(any(d.startswith(f"{facet}.") for d in r.deciders) for r in ranked)
        found.append(Unknown(facet, hanging))
    return tuple(sorted(found, key=lambda u: (-u.solutions_hanging, u.facet)))


def _gap(state: ChallengeState) -> Gap:
    said = {
        "open": "No solution in the catalogue claims more than partial coverage, for anybody.",
        "blocked": "Solutions exist, but each is blocked for you or helps nothing here.",
        "partial": "Better solutions exist, but for you only partial coverage is left.",
    }
    return Gap(state.id, state.availability, said[state.availability])
