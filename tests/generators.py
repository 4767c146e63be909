"""Random profiles and random catalogues, for the property tests."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from hypothesis import strategies as st

from kb.records import (
    Addressing,
    Article,
    Catalogue,
    Challenge,
    Concept,
    Context,
    Criterion,
    Edition,
    Effort,
    Evidence,
    Gain,
    Implementation,
    Limitation,
    Link,
    Range,
    Reduction,
    Retirement,
    Review,
    Scheme,
    Solution,
    Symptom,
    Vocabulary,
)
from kb.records.condition import Condition, canonical

CHECKED = date(2026, 11, 22)


def random_profile(catalogue: Catalogue, rng: random.Random, known: float = 0.6) -> dict[str, Any]:
    """A profile as people write it; each facet is known with the given chance, wholly or in part."""
    vocabulary = catalogue.vocabulary
    raw: dict[str, Any] = {}
    for facet in vocabulary.facets:
        if rng.random() > known:
            continue
        values = vocabulary.values(facet)
        if vocabulary.ordered(facet):
            low, high = sorted(rng.choices(range(len(values)), k=2))
            raw[facet] = rng.choice(
                [
                    values[high],
                    {"at_least": values[low]},
                    {"at_most": values[high]},
                    {"at_least": values[low], "at_most": values[high]},
                ]
            )
        else:
            density = rng.random()
            has = [v for v in values if rng.random() < density]
            lacks = [v for v in values if v not in has and rng.random() < 0.5]
            raw[facet] = rng.choice([has, {"has": has, "lacks": lacks}])
    challenges = [c.id for c in catalogue.challenges if c.retired is None]
    raw["challenges"] = {c: rng.randint(1, 5) for c in rng.sample(challenges, rng.randint(0, min(5, len(challenges))))}
    solutions = [s.id for s in catalogue.solutions]
    raw["in_place"] = rng.sample(solutions, rng.choice([0, 0, 1, min(3, len(solutions))]))
    return raw


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff\u0085"),
    min_size=1,
    max_size=30,
).filter(lambda t: t.strip() == t and t != "")
_WORD = st.from_regex(r"[a-z][a-z0-9]{1,6}(-[a-z]{1,4})?", fullmatch=True)

_CLASSES = {
    "basis": ["curated", "reconstructed", "study-abstract", "study-secondary"],
    "phase": ["early", "late"],
    "kind": ["method", "tool"],
    "factor": ["cost", "fit"],
    "coverage": ["partial", "substantial", "full"],
    "effect": ["warns", "reduces", "blocks"],
    "evidence": ["argument", "benchmark", "review"],
    "link": ["causes", "resembles"],
    "role": ["engineer", "manager"],
    "cost": ["negligible", "large"],
    "knowledge": ["low", "high"],
}
_ORDERED = {"coverage", "effect", "evidence", "phase", "cost", "knowledge"}
_FACETS: dict[str, tuple[list[str], bool, bool, bool]] = {
    # values, ordered, more_helps, omitted_means_no
    "budget": (["none", "small", "large"], True, True, False),
    "horizon": (["weeks", "year"], True, True, False),
    "volume": (["small", "medium", "huge"], True, False, False),
    "skills": (["sql", "stats"], False, True, False),
    "modality": (["text", "image", "audio"], False, False, False),
    "task": (["ranking"], False, False, False),
    "domain": (["retail"], False, False, False),
    "deployment": (["edge"], False, False, False),
    "rules_out": (["hiring", "cloud"], False, False, True),
}


def _vocabulary(texts: st.SearchStrategy[str], draw: Any) -> tuple[list[Scheme], list[Concept]]:
    schemes, concepts = [], []
    for name, values in _CLASSES.items():
        order = "ordered" if name in _ORDERED else "plain"
        schemes.append(
            Scheme(
                id=name,
                label=draw(texts),
                definition=draw(texts),
                use="classification",
                order=order,
                basis="curated",
            )
        )
        concepts += [_concept(name, v, rank, draw(texts)) for rank, v in enumerate(values)]
    for name, (values, ordered, means, omitted) in _FACETS.items():
        schemes.append(
            Scheme(
                id=name,
                label=name,
                definition="d",
                use="facet",
                order="ordered" if ordered else "plain",
                more_helps=means,
                omitted_means_no=omitted,
                question="?",
                basis="curated",
            )
        )
        concepts += [_concept(name, v, rank, v) for rank, v in enumerate(values)]
    return schemes, concepts


def _concept(scheme: str, value: str, rank: int, label: str) -> Concept:
    _, ordered, means, _ = _FACETS.get(scheme, ([], False, False, False))
    return Concept(
        id=f"{scheme}.{value}",
        scheme=scheme,
        label=label,
        definition="d",
        rank=rank,
        euros=Range(low=rank, high=rank + 0.5) if scheme == "budget" else None,
        gain=Gain(euros=1000 * (rank + 1), person_weeks=rank) if means and (rank or not ordered) else None,
        forbids=("skills",) if value == "hiring" else (),
        basis="curated",
    )


@st.composite
def conditions(draw: Any, vocabulary: Vocabulary, effect: str) -> Condition:
    """A lint-free condition that may carry the effect."""
    if effect == "warns" and draw(st.integers(0, 5)) == 0:
        return Condition.model_validate("always", context={"vocabulary": vocabulary})
    for _ in range(20):
        clauses = []
        for _ in range(draw(st.integers(1, 3))):
            literals = set()
            for _ in range(draw(st.integers(1, 3))):
                facet = draw(st.sampled_from(vocabulary.facets))
                values = vocabulary.values(facet)[vocabulary.ordered(facet) :]
                means = vocabulary.schemes[facet].more_helps and effect != "warns"
                literals.add((f"{facet}.{draw(st.sampled_from(values))}", False if means else draw(st.booleans())))
            clauses.append(frozenset(literals))
        try:
            kept = canonical(clauses, vocabulary)
        except ValueError:
            continue
        if kept and all(kept):
            return Condition.model_validate(
                {"clauses": [{"literals": [{"concept": c, "holds": h} for c, h in sorted(k)]} for k in kept]}
            )
    return Condition.model_validate({"budget": {"below": "large"}}, context={"vocabulary": vocabulary})


@st.composite
def catalogues(draw: Any, texts: st.SearchStrategy[str] = _TEXT) -> Catalogue:
    """A small catalogue in which everything occurs that the record types allow."""
    schemes, concepts = _vocabulary(texts, draw)
    vocabulary = Vocabulary(schemes, concepts)
    pick = lambda scheme: draw(st.sampled_from(vocabulary.values(scheme)))
    some = lambda scheme: draw(st.sampled_from([None, *vocabulary.values(scheme)]))
    articles = [
        Article(
            id=f"a{i}",
            type=draw(st.sampled_from(["article", "misc", "inproceedings", "techreport"])),
            title=f"Title {i}",
            authors=("Ann Ode", "Bo Li")[: 1 + i % 2],
            year=2000 + i,
            doi=draw(st.sampled_from([None, f"10.1000/x{i}"])),
            seen_at=("https://example.org/1",) if i else (),
            basis="curated",
        )
        for i in range(2)
    ]

    def evidence() -> tuple[Evidence, ...]:
        proof = Evidence(
            kind="benchmark",
            stance=draw(st.sampled_from(["supports", "against", "context"])),
            source=draw(st.sampled_from([None, "a0", "a1"])),
            where="abstract",
            url="https://example.org/x",
            says=draw(texts),
        )
        return draw(st.sampled_from([(Evidence(kind="argument"),), (proof,), (Evidence(kind="argument"), proof)]))

    names = draw(st.lists(_WORD, min_size=4, max_size=7, unique=True))
    cut = 2 if len(names) < 6 else 3
    challenge_ids, solution_ids = names[:cut], names[cut:]
    retired = draw(st.sampled_from([None, Retirement(on=CHECKED, why="merged", replaced_by=challenge_ids[0])]))
    challenges = [
        Challenge(
            id=c,
            label=f"{c} {draw(texts)}",
            also=tuple(sorted(set(draw(st.lists(texts, max_size=2))))),
            phase=pick("phase"),
            definition=draw(texts),
            symptoms=tuple(Symptom(role=pick("role"), says=draw(texts)) for _ in range(draw(st.integers(1, 3)))),
            phrases=tuple(sorted(set(draw(st.lists(_WORD, max_size=2))))),
            consequences=tuple(draw(st.lists(texts, max_size=2))),
            links=tuple(
                Link(to=o, kind=pick("link"), why=draw(texts)) for o in challenge_ids if o != c and draw(st.booleans())
            ),
            basis=pick("basis"),
            reviewed=Review(on=CHECKED, by="Dr Who") if draw(st.booleans()) else Review(),
            retired=retired if c != challenge_ids[0] else None,
        )
        for c in challenge_ids
    ]
    solutions, addressings, limitations = [], [], []
    for at, s in enumerate(solution_ids):
        solutions.append(
            Solution(
                id=s,
                label=f"{s} {draw(texts)}",
                kind=pick("kind"),
                summary=draw(texts),
                how_it_works=tuple(draw(st.lists(texts, min_size=1, max_size=3))),
                article=draw(st.sampled_from(["a0", "a1"])),
                references=("a0", "a1") if draw(st.booleans()) else (),
                effort=Effort(
                    person_weeks=Range(low=0.5, high=draw(st.integers(1, 9))),
                    one_off_cost=pick("cost"),
                    running_cost=pick("cost"),
                    knowledge=pick("knowledge"),
                    time_to_value=pick("horizon"),
                ),
                prerequisites=tuple(sorted(p for p in solution_ids[:at] if draw(st.booleans()))),
                done_when=draw(texts),
                validated_in=tuple(
                    Context(
                        modality=some("modality"),
                        task=some("task"),
                        domain=some("domain"),
                        deployment=some("deployment"),
                        source="a0",
                    )
                    for _ in range(draw(st.integers(0, 2)))
                ),
                implementations=(
                    Implementation(
                        name="x",
                        repository="https://example.org/r",
                        licence="MIT",
                        released=CHECKED,
                        checked=CHECKED,
                    ),
                )[: draw(st.integers(0, 1))],
                basis=pick("basis"),
                retired=draw(st.sampled_from([None, Retirement(on=CHECKED, why="old")]))
                if s == solution_ids[-1]
                else None,
            )
        )
        served = {c: pick("coverage") for c in challenge_ids if draw(st.booleans())} or {challenge_ids[0]: "full"}
        addressings += [
            Addressing(
                id=f"{s}.{c}",
                solution=s,
                challenge=c,
                coverage=v,
                how=draw(texts),
                remains=draw(texts),
                evidence=evidence(),
                basis="curated",
            )
            for c, v in served.items()
        ]
        reducible = [c for c, v in served.items() if v != "partial"]
        for number in range(draw(st.integers(1, 4))):
            effect = draw(st.sampled_from(["blocks", "warns", *(["reduces"] if reducible else [])]))
            target = draw(st.sampled_from(reducible)) if effect == "reduces" else None
            limitations.append(
                Limitation(
                    id=f"{s}.l{number}",
                    solution=s,
                    factor=pick("factor"),
                    says=f"{s} {number} {draw(texts)}",
                    when=draw(conditions(vocabulary, effect)),
                    effect=effect,
                    reduces=(Reduction(challenge=target, to=draw(st.sampled_from(["none", "partial"]))),)
                    if target
                    else (),
                    residual_risk=draw(st.sampled_from([None, "rest"])),
                    evidence=evidence(),
                    basis="curated",
                )
            )
    weights = {
        "depth": 0.35,
        "breadth": 0.2,
        "evidence": 0.1,
        "fit": 0.1,
        "knowledge": 0.05,
        "speed": 0.05,
        "cost": 0.05,
        "upkeep": 0.04,
        "care": 0.03,
        "preference": 0.03,
    }
    criteria = [Criterion(id=i, label=i, weight=w, measures="m", why="w", basis="curated") for i, w in weights.items()]
    edition = Edition(
        id="2026.11.1",
        title=draw(texts),
        description="d",
        licence="https://example.org/l",
        study="a0",
        literature_until=2022,
        implementations_checked=CHECKED,
        person_week_euros=2000,
        honesty=("one", "two"),
        basis="curated",
    )
    by_id = lambda records: tuple(sorted(records, key=lambda r: r.id))
    unique = {(x.solution, x.when, x.effect, x.reduces): x for x in limitations}
    return Catalogue(
        edition=edition,
        schemes=by_id(schemes),
        concepts=by_id(concepts),
        articles=by_id(articles),
        challenges=by_id(challenges),
        solutions=by_id(solutions),
        addressings=by_id(addressings),
        limitations=by_id(unique.values()),
        criteria=by_id(criteria),
    )
