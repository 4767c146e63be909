"""Answers requests from one publication: the engine's functions, fed with what came in, typed answers out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from api.hearing import heard
from api.publication import Publication
from api.web.answers.models import (
    ExplanationRequest,
    Front,
    Matched,
    MatchRequest,
    PlanRequest,
    ProfileComparison,
    QuestionRequest,
    RecommendationRequest,
    ReleaseComparison,
)
from api.web.answers.reading import refused, shortened
from api.web.problems import Fault, pointer
from engine import Compiled, compare, explain, interview, match, recommend
from engine.answer import Answer
from engine.comparison import Comparison
from engine.explanation import Explanation
from engine.plan import Plan, Planner, limits_of, pareto, plan
from engine.questions import Interview
from engine.score import reweighted
from kb.normal import from_object
from kb.records import Catalogue, nearest
from kb.records.profile import PREFERABLE, Profile, ProfileError, Where, parse_profile
from kb.release import read_release, versions

Report = Callable[[str], None]


@dataclass(frozen=True)
class Edition:
    """A catalogue ready to answer, with the names that a profile may use."""

    catalogue: Catalogue
    compiled: Compiled

    @cached_property
    def challenges(self) -> frozenset[str]:
        """Ids of challenges that a profile may name."""
        return frozenset(c.id for c in self.catalogue.challenges if c.retired is None)

    @cached_property
    def solutions(self) -> frozenset[str]:
        """Ids of solutions that a profile may name; retired ones may still be in place."""
        return frozenset(s.id for s in self.catalogue.solutions)

    @cached_property
    def most(self) -> Mapping[str, int]:
        """How many entries each part of a profile can hold: no more than there are names for it."""
        vocabulary = self.catalogue.vocabulary
        sizes = {facet: len(vocabulary.values(facet)) for facet in vocabulary.facets}
        preferable = len(vocabulary.values("kind")) + len(PREFERABLE)
        return sizes | {
            "challenges": len(self.challenges),
            "in_place": len(self.solutions),
            "tried": len(self.solutions),
            "prefer": preferable,
        }

    def profile(self, raw: Mapping[str, Any], where: Where = ("profile",)) -> Profile:
        """Bring a profile into normal form.

        Args:
            raw: the profile as it came.
            where: where in the request it stands.

        Raises:
            Problem: with every fault, its place in the request and the nearest valid names.
        """
        faults = self._oversized(raw, where)
        if not faults:
            try:
                return parse_profile(raw, self.catalogue.vocabulary, self.challenges, self.solutions)
            except ProfileError as error:
                told = [Fault(shortened(pointer((*where, *p.where))), shortened(p.message)) for p in error.problems]
                faults = list(dict.fromkeys(told))
        raise refused(faults)

    def _oversized(self, raw: Mapping[str, Any], where: Where) -> list[Fault]:
        """What is too much to be a profile: each wrong name costs a search for the nearest one, so their number has to end."""
        known = len(self.most) + 8
        if len(raw) > known:
            return [Fault(pointer(where), f"has {len(raw):,} members; a profile has at most {known}")]
        found = []
        for name, held in raw.items():
            most = self.most.get(name)
            for part in (held, *held.values()) if isinstance(held, dict) else (held,):
                if most is not None and isinstance(part, (list, dict)) and len(part) > most:
                    found.append(Fault(pointer((*where, name)), f"has {len(part):,} entries; there are {most} to name"))
                    break
        in_place = raw.get("in_place")
        for at, solution in enumerate(in_place if isinstance(in_place, list) and not found else ()):
            if not isinstance(solution, str):
                found.append(Fault(pointer((*where, "in_place", at)), "is the id of a solution"))
        return found


class Desk:
    """Answers from one publication.

    Args:
        publication: the release that is current.
        data: folder of the catalogue, in which releases are kept.
    """

    def __init__(self, publication: Publication, data: Path) -> None:
        self.publication, self._data = publication, data
        self.current = Edition(publication.catalogue, publication.compiled)
        self._kept: dict[str, Edition] = {}

    @property
    def releases(self) -> tuple[str, ...]:
        """Versions that can be compared, oldest first."""
        return tuple(dict.fromkeys([*versions(self._data), self.publication.version]))

    def match(self, asked: MatchRequest) -> Matched:
        """Challenges that words speak of."""
        return Matched(asked.text, self.publication.version, match(self.publication.index, asked.text)[: asked.top])

    def recommend(self, asked: RecommendationRequest) -> Answer:
        """What an organisation can do about its challenges."""
        profile, compiled = self.current.profile(asked.profile), self.current.compiled
        assumed, resembles = heard(self.publication.index, profile.problem)
        weights = None if asked.weights is None else self._weights(asked.weights)
        return recommend(
            compiled,
            profile,
            assumed,
            margin=asked.margin,
            weights=weights,
            resembles=resembles,
            first=asked.first,
        )

    def explain(self, asked: ExplanationRequest) -> Explanation:
        """Why a solution is not for an organisation, what would have to change, and what else there is."""
        compiled = self.current.compiled
        if asked.solution not in compiled.options:
            told = f"there is no solution {asked.solution!r}; {nearest(asked.solution[:100], compiled.options)}"
            raise refused([Fault("/solution", shortened(told))])
        return explain(compiled, self.current.profile(asked.profile), asked.solution)

    def compare(self, asked: ProfileComparison | ReleaseComparison) -> Comparison:
        """What changes between two organisations or two releases."""
        if isinstance(asked, ProfileComparison):
            both = [self.current.profile(raw, (at,)) for at, raw in (("a", asked.a), ("b", asked.b))]
            return compare(*((self.current.compiled, profile) for profile in both))
        self.current.profile(asked.profile)
        # What is in place or was tried may not be in both releases; `provender compare` leaves it out as well.
        known = {k: v for k, v in asked.profile.items() if k not in ("in_place", "tried")}
        editions = [self._release(at, version) for at, version in (("a", asked.a), ("b", asked.b))]
        return compare(*((edition.compiled, edition.profile(known)) for edition in editions))

    def plan(self, asked: PlanRequest, report: Report) -> Plan | Front:
        """A roadmap within limits, or the front of money against coverage."""
        profile, compiled = self.current.profile(asked.profile), self.current.compiled
        limits = limits_of(
            compiled,
            profile,
            euros=asked.euros,
            person_weeks=asked.person_weeks,
            weeks=asked.weeks,
            parallel=asked.parallel,
        )
        assumed, _ = heard(self.publication.index, profile.problem)
        planner = Planner(compiled, profile, limits, assumed)
        return Front(compiled.version, limits, pareto(planner, report)) if asked.pareto else plan(planner, report)

    def ask(self, asked: QuestionRequest) -> Interview:
        """The question that bears most on the first few, or that they are settled."""
        vocabulary = self.current.catalogue.vocabulary
        faults = [
            Fault(
                pointer(("answered", at)),
                shortened(f"{facet!r} is no facet; {nearest(facet[:100], vocabulary.facets)}"),
            )
            for at, facet in enumerate(asked.answered)
            if facet not in vocabulary.facets
        ]
        if faults:
            raise refused(faults)
        profile = self.current.profile(asked.profile)
        assumed, _ = heard(self.publication.index, profile.problem)
        return interview(self.current.compiled, profile, assumed, frozenset(asked.answered), asked.top)

    def _weights(self, changes: Mapping[str, float]) -> dict[str, float]:
        base = self.current.compiled.weights
        faults = [
            Fault(shortened(pointer(("weights", name))), f"there is no such criterion; {nearest(name[:100], base)}")
            for name in list(changes)[: len(base) + 1]
            if name not in base
        ]
        if faults:
            raise refused(faults)
        try:
            return reweighted(base, changes)
        except ValueError as error:
            raise refused([Fault("/weights", str(error))]) from None

    def _release(self, at: str, version: str) -> Edition:
        try:
            return self.edition(version)
        except KeyError:
            told = f"there is no release {version[:100]!r}; {nearest(version[:100], self.releases)}"
            raise refused([Fault(f"/{at}", told)]) from None

    def edition(self, version: str) -> Edition:
        """A release that is current or kept.

        Raises:
            KeyError: if it is neither.
        """
        if version == self.publication.version:
            return self.current
        held = self._kept.get(version)
        if held is None:
            catalogue = from_object(read_release(self._data, version))
            held = self._kept[version] = Edition(catalogue, Compiled(catalogue))
        return held


class Desks:
    """Gives the desk of the publication that is current.

    Args:
        current: gives that publication.
        data: folder of the catalogue.
    """

    def __init__(self, current: Callable[[], Publication], data: Path) -> None:
        self._current, self._data = current, data
        self._held: Desk | None = None

    def __call__(self) -> Desk:
        """The desk; the same one until there is another publication."""
        publication, held = self._current(), self._held
        if held is None or held.publication.digest != publication.digest:
            held = self._held = Desk(publication, self._data)
        return held
