"""Whole answers over synthetic catalogues of growing size, against peers that only answer the two feasibility queries.

Each peer gets the shape of the data that was found to suit it best. What a peer finds must equal what the engine finds before anything is
timed. `python -m tests.benchmarks.scale [SIZE …]`; without sizes 48, 1,000, 10,000 and 100,000, which takes a quarter of an hour.
"""

from __future__ import annotations

import itertools
import math
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.columns import TRUE, UNKNOWN
from engine.compiled import Compiled
from engine.recommendation import recommend
from engine.verdicts import Known, Rulings, rule
from kb.home import validated
from kb.profiles import profile_from
from kb.records import Catalogue
from kb.records.catalogue import Limitation
from kb.records.condition import Clause, Condition, Literal
from kb.records.profile import Profile
from tests.conftest import DATA
from tests.generators import random_profile

RUNS, FIRST = 5, 20
SIZES = (48, 1_000, 10_000, 100_000)
PATIENCE = {"rdflib": 48}
Found = tuple[set[tuple[str, str]], set[tuple[str, str]]]
Ask = Callable[[], Any]


def grown(catalogue: Catalogue, size: int, rng: random.Random) -> Catalogue:
    """A catalogue of a given number of solutions, each a real one whose conditions and coverage are drawn anew within their facets."""
    literals = {(c.id, h): Literal(concept=c.id, holds=h) for c in catalogue.concepts for h in (True, False)}
    scheme = {c.id: c.scheme for c in catalogue.concepts}
    tested = {x.concept for limitation in catalogue.limitations for k in limitation.when.clauses for x in k.literals}
    values: dict[str, list[str]] = {}
    for concept in sorted(tested):
        values.setdefault(scheme[concept], []).append(concept)
    coverages = [a.coverage for a in catalogue.addressings]
    addressed: dict[str, list[Any]] = {}
    for a in catalogue.addressings:
        addressed.setdefault(a.solution, []).append(a)
    limited: dict[str, list[Limitation]] = {}
    for x in catalogue.limitations:
        limited.setdefault(x.solution, []).append(x)

    def clause(old: Clause) -> Clause:
        drawn = {(rng.choice(values[scheme[x.concept]]), x.holds) for x in old.literals}
        return Clause.model_construct(literals=tuple(literals[key] for key in sorted(drawn)))

    solutions, addressings, limitations = [], [], []
    for at in range(size):
        base = rng.choice(catalogue.solutions)
        name = f"{base.id}-{at}"
        needs = tuple(sorted({solutions[rng.randrange(at)].id for _ in base.prerequisites})) if at else ()
        solutions.append(base.model_copy(update={"id": name, "prerequisites": needs, "instead_of": ()}))
        addressings += [
            a.model_copy(update={"id": f"{name}.{a.challenge}", "solution": name, "coverage": rng.choice(coverages)})
            for a in addressed[base.id]
        ]
        limitations += [
            x.model_copy(
                update={
                    "id": f"{name}.{x.id.partition('.')[2]}",
                    "solution": name,
                    "when": Condition.model_construct(clauses=tuple(clause(k) for k in x.when.clauses)),
                }
            )
            for x in limited[base.id]
        ]
    return catalogue.model_copy(
        update={"solutions": tuple(solutions), "addressings": tuple(addressings), "limitations": tuple(limitations)}
    )


def by_engine(rulings: Rulings) -> Found:
    """Pairs of solution and limitation that certainly and possibly bite, read off the columns."""
    compiled = rulings.compiled
    found: Found = (set(), set())
    for solution in compiled.names:
        for r in compiled.rules(solution, rulings.known.in_place):
            for held, least in zip(found, (TRUE, UNKNOWN), strict=True):
                if rulings.bites[r.at] >= least:
                    held.add((solution, r.limitation.id))
    return found


@dataclass(frozen=True)
class Task:
    """What every peer is asked: the catalogue's rules, with prerequisites closed, and what is known of one organisation."""

    compiled: Compiled
    profile: Profile
    in_place: frozenset[str]

    def limitations(self) -> Iterator[Limitation]:
        """All live limitations."""
        for option in self.compiled.options.values():
            yield from (r.limitation for r in option.own)

    def owners(self) -> Iterator[tuple[str, str]]:
        """Each solution with each other one whose blocking limitations it inherits."""
        for name, option in self.compiled.options.items():
            yield from ((name, n) for n in option.needs if n not in self.in_place)


def naive(task: Task) -> Ask:
    """A plain loop over limitations, clauses and literals."""
    facts = task.profile.facts
    rules = [(x.solution, x.id, x.effect == "blocks", [[(y.concept, y.holds) for y in k.literals] for k in x.when.clauses])
             for x in task.limitations()]  # fmt: skip
    heirs: dict[str, list[str]] = {}
    for heir, owner in task.owners():
        heirs.setdefault(owner, []).append(heir)

    def ask() -> Found:
        found: Found = (set(), set())
        for solution, name, blocks, clauses in rules:
            certain = any(all(facts.get(c) is h for c, h in clause) for clause in clauses)
            possible = certain or any(all(facts.get(c, h) is h for c, h in clause) for clause in clauses)
            for held, bites in zip(found, (certain, possible), strict=True):
                if bites:
                    held.add((solution, name))
                    if blocks:
                        held.update((heir, name) for heir in heirs.get(solution, ()))
        return found

    return ask


_EX = "http://x/"
_SPARQL = """
PREFIX : <http://x/>
SELECT ?solution ?limitation WHERE {
  { SELECT DISTINCT ?limitation WHERE {
      ?limitation :clause ?clause .
      %s
  } }
  { ?limitation :of ?solution } UNION { ?limitation :blocks ?owner . ?solution :inherits ?owner }
}"""
_CERTAIN = """MINUS { ?clause :wants ?atom . FILTER NOT EXISTS { ?atom :given true } }
      MINUS { ?clause :refuses ?atom . FILTER NOT EXISTS { ?atom :given false } }"""
_POSSIBLE = """MINUS { ?clause :wants ?atom . ?atom :given false }
      MINUS { ?clause :refuses ?atom . ?atom :given true }"""
QUERIES = (_SPARQL % _CERTAIN, _SPARQL % _POSSIBLE)


def triples(task: Task) -> Iterator[str]:
    """The rules as N-Triples, one edge per literal: the form in which both SPARQL engines were fastest."""

    def line(s: str, p: str, o: str) -> str:
        return f"<{_EX}{s}> <{_EX}{p}> <{_EX}{o}> .\n"

    for x in task.limitations():
        yield line(x.id, "of", x.solution)
        if x.effect == "blocks":
            yield line(x.id, "blocks", x.solution)
        for at, clause in enumerate(x.when.clauses):
            yield line(x.id, "clause", f"{x.id}/{at}")
            for literal in clause.literals:
                yield line(f"{x.id}/{at}", "wants" if literal.holds else "refuses", literal.concept)
    for heir, owner in task.owners():
        yield line(heir, "inherits", owner)
    for concept, holds in task.profile.facts.items():
        value = f'"{str(holds).lower()}"^^<http://www.w3.org/2001/XMLSchema#boolean>'
        yield f"<{_EX}{concept}> <{_EX}given> {value} .\n"


def _short(pairs: Any) -> set[tuple[str, str]]:
    start = len(_EX)
    return {(str(s)[start:], str(x)[start:]) for s, x in pairs}


def pyoxigraph(task: Task) -> Ask:
    """An in-memory Oxigraph store."""
    import pyoxigraph as ox

    store = ox.Store()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.nt"
        with file.open("w") as handle:
            handle.writelines(triples(task))
        store.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES)
    held: list[list[Any]] = []

    def ask() -> Found:
        held[:] = [list(store.query(q)) for q in QUERIES]
        return set(), set()

    def found() -> Found:
        first, second = (_short((s["solution"].value, s["limitation"].value) for s in rows) for rows in held)
        return first, second

    ask.found = found  # type: ignore[attr-defined]
    return ask


def rdflib(task: Task) -> Ask:
    """An rdflib graph with prepared queries."""
    from rdflib import Graph
    from rdflib.plugins.sparql import prepareQuery

    graph = Graph().parse(data="".join(triples(task)), format="nt")
    prepared = [prepareQuery(q) for q in QUERIES]

    def ask() -> Found:
        first, second = (_short(graph.query(q)) for q in prepared)
        return first, second

    return ask


def clingo(task: Task) -> Ask:
    """Answer-set grounding: the rules are grounded once, each question in a program part of its own."""
    import clingo as asp

    control = asp.Control(["--warn=none"])
    names = [x.id for x in task.limitations()]
    number = {name: at for at, name in enumerate(names)}
    solutions = {name: at for at, name in enumerate(task.compiled.names)}
    atoms = {c: at for at, c in enumerate(task.compiled.atoms)}

    def lines() -> Iterator[str]:
        clause = 0
        for x in task.limitations():
            yield f"of({number[x.id]},{solutions[x.solution]})."
            if x.effect == "blocks":
                yield f"blocks({number[x.id]},{solutions[x.solution]})."
            for k in x.when.clauses:
                yield f"clause({number[x.id]},{clause})."
                for y in k.literals:
                    yield f"{'wants' if y.holds else 'refuses'}({clause},{atoms[y.concept]})."
                clause += 1
        for heir, owner in task.owners():
            yield f"inherits({solutions[heir]},{solutions[owner]})."

    control.add("base", [], "\n".join(lines()))
    given = "".join(f"{'yes' if h else 'no'}({atoms[c]},t)." for c, h in task.profile.facts.items() if c in atoms)
    control.add(
        "ask", ["t"], given + """
        unsure(C,t) :- wants(C,A), not yes(A,t).    unsure(C,t) :- refuses(C,A), not no(A,t).
        false(C,t) :- wants(C,A), no(A,t).          false(C,t) :- refuses(C,A), yes(A,t).
        certain(L,t) :- clause(L,C), not unsure(C,t).
        possible(L,t) :- clause(L,C), not false(C,t).
        surely(S,L,t) :- certain(L,t), of(L,S).     surely(S,L,t) :- certain(L,t), blocks(L,O), inherits(S,O).
        maybe(S,L,t) :- possible(L,t), of(L,S).     maybe(S,L,t) :- possible(L,t), blocks(L,O), inherits(S,O).
        """)  # fmt: skip
    control.ground([("base", [])])
    turn = 0

    def ask() -> Found:
        nonlocal turn
        turn += 1
        control.ground([("ask", [asp.Number(turn)])])
        return set(), set()

    def found() -> Found:
        made: Found = (set(), set())
        for held, name in zip(made, ("surely", "maybe"), strict=True):
            for atom in control.symbolic_atoms.by_signature(name, 3):
                s, x, t = (a.number for a in atom.symbol.arguments)
                if t == turn:
                    held.add((task.compiled.names[s], names[x]))
        return made

    ask.found = found  # type: ignore[attr-defined]
    return ask


PEERS: Mapping[str, Callable[[Task], Ask]] = {
    "pyoxigraph": pyoxigraph, "clingo": clingo, "rdflib": rdflib, "naive Python loop": naive,
}  # fmt: skip


def median(action: Ask, runs: int = RUNS) -> float:
    """Median milliseconds of several runs after one that is not counted."""
    action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def one_pass(compiled: Compiled) -> None:
    """Read every column once."""
    for column in vars(compiled.columns).values():
        if hasattr(column, "max") and column.size:
            column.max()


def measure(size: int) -> dict[str, float]:
    """Milliseconds of ours and of each peer at one size; stops the program where a peer finds something else."""
    rng = random.Random(2026)
    real = validated(DATA)
    start = time.perf_counter()
    catalogue = real if size == len(real.solutions) else grown(real, size, rng)
    made = time.perf_counter() - start
    compiled = Compiled(catalogue)
    took = time.perf_counter() - start - made
    profile = profile_from(random_profile(real, random.Random(1), known=0.8) | {"in_place": [], "tried": {}}, real)
    known = Known(compiled, profile)
    expected = by_engine(rule(compiled, known))
    counts = recommend(compiled, profile, first=FIRST).counts
    print(
        f"\n{size:,} solutions, {len(catalogue.limitations):,} limitations; {len(expected[1]):,} pairs possibly bite, {len(expected[0]):,} certainly; "
        f"{counts}\n  compiled in {took:.1f} s, columns {compiled.columns.bytes / 2**20:.1f} MiB, process {_resident():,.0f} MiB",
        flush=True,
    )
    times = {
        "whole answer": median(lambda: recommend(compiled, profile, first=FIRST)),
        "rules alone": median(lambda: rule(compiled, known)),
        "one pass over the columns": median(lambda: one_pass(compiled)),
    }
    task = Task(compiled, profile, known.in_place)
    for name, peer in PEERS.items():
        if size > PATIENCE.get(name, size):
            continue
        ask = peer(task)
        found = ask()
        if hasattr(ask, "found"):
            found = ask.found()
        if found != expected:
            sys.exit(f"{name} finds something else at {size} solutions; nothing was timed")
        times[name] = median(ask)
    for name, took in times.items():
        print(f"  {name:28}{took:12,.2f} ms   {took / times['whole answer']:10,.2f} x the whole answer", flush=True)
    return times


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: tuple[int, ...]) -> None:
    """Print the table and how each grows."""
    held = {size: measure(size) for size in sizes}
    print("\ngrowth exponents")
    for small, large in itertools.pairwise(sizes):
        ratio = math.log(large / small)
        grew = [f"{n} {math.log(t / held[small][n]) / ratio:.2f}" for n, t in held[large].items() if n in held[small]]
        print(f"  {small:,} to {large:,}: {', '.join(grew)}")


if __name__ == "__main__":
    main(tuple(int(a.replace(",", "")) for a in sys.argv[1:]) or SIZES)
