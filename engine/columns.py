"""The catalogue as columns: one array per property, so that a whole catalogue is ruled on and scored in a few passes over memory.

Solutions are in the order of their ids, addressings in the order of solution and challenge. Limitations stand in three runs, those that
block first, then those that reduce, then those that warn, each in the order of solution and id; clauses and literals follow them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kb.records import Vocabulary, evidence_level

if TYPE_CHECKING:
    from kb.records import Addressing, Limitation, Solution

Ints: TypeAlias = npt.NDArray[np.intp]
Small: TypeAlias = npt.NDArray[np.uint8]

FALSE, UNKNOWN, TRUE = 0, 1, 2
COVERAGE = {"none": 0.0, "partial": 1 / 3, "substantial": 2 / 3, "full": 1.0}
LEVELS = tuple(COVERAGE)
EFFECTS = ("blocks", "reduces", "warns")
FIT = ("modality", "task", "domain", "deployment")


class Atoms:
    """Rows of the table of truth values: two for each yes/no atom, that it holds and that it does not, and one for each constant."""

    def __init__(self, atoms: Sequence[str]) -> None:
        self._row = {concept: 2 * at for at, concept in enumerate(atoms)}  # in the order of the bits of `Compiled.mask`
        self.false, self.unknown, self.true = (2 * len(atoms) + value for value in (FALSE, UNKNOWN, TRUE))

    def row(self, concept: str, holds: bool = True) -> int:
        """The row of a signed atom; a concept that is no facet of an organisation is never known."""
        at = self._row.get(concept)
        return self.unknown if at is None else at + (not holds)

    def table(self, yes: int, no: int) -> Small:
        """Truth values of all rows, 0 false, 1 unknown, 2 true; the bits of `yes` and `no` are the atoms known to hold and not to."""
        atoms = self.false // 2
        size = (atoms + 7) // 8
        known = np.frombuffer(yes.to_bytes(size, "little") + no.to_bytes(size, "little"), dtype=np.uint8)
        holds, fails = np.unpackbits(known.reshape(2, size), axis=1, count=atoms, bitorder="little")
        values = np.empty(self.true + 1, dtype=np.uint8)
        values[: self.false : 2] = UNKNOWN + holds - fails
        values[1 : self.false : 2] = UNKNOWN + fails - holds
        values[self.false :] = FALSE, UNKNOWN, TRUE
        return values


@dataclass(frozen=True)
class Runs:
    """Runs of a sorted column: where each starts, whose it is, and how many owners there are, of whom some may have no run."""

    starts: Ints
    owners: Ints
    size: int

    @classmethod
    def of(cls, column: Ints, size: int) -> Runs:
        """The runs of equal values in a sorted column."""
        starts = np.flatnonzero(np.diff(column, prepend=-1))
        return cls(starts, column[starts], size)

    def reduce(self, operation: np.ufunc, values: npt.NDArray[Any], dtype: Any = None) -> npt.NDArray[Any]:
        """Reduce each run along the last axis: a value for each owner, 0 for those without a run."""
        whole = len(self.starts) == self.size
        if whole and self.size:
            found: npt.NDArray[Any] = operation.reduceat(values, self.starts, axis=-1, dtype=dtype)
            return found
        made = np.zeros((*values.shape[:-1], self.size), dtype=dtype or values.dtype)
        if len(self.starts):
            made[..., self.owners] = operation.reduceat(values, self.starts, axis=-1, dtype=dtype)
        return made


@dataclass(frozen=True)
class Columns:
    """The arrays; an index array names what it points into, `*_runs` says whose the items of a sorted one are."""

    literal_row: Ints
    literal_clause: Ints
    literal_facet: Ints
    literal_solution: Ints
    clause_start: Ints
    limitation_start: Ints
    blocking: int
    blocking_literals: int
    blocking_runs: Runs
    reduction_limitation: Ints
    reduction_runs: Runs
    reduction_to: Small
    warning_limitation: Ints
    warning_runs: Runs
    need_of: Ints
    need_runs: Runs
    need_solution: Ints
    addressing_solution: Ints
    addressing_challenge: Ints
    addressing_start: Ints
    addressing_runs: Runs
    stated: Small
    evidence: Small
    context_rows: Ints
    context_runs: Runs

    @property
    def bytes(self) -> int:
        """Memory that the arrays take."""
        held = list(vars(self).values())
        held += [column for runs in held if isinstance(runs, Runs) for column in vars(runs).values()]
        return sum(column.nbytes for column in held if isinstance(column, np.ndarray))


def columns(
    solutions: Sequence[Solution],
    addressings: Sequence[Addressing],
    limitations: Sequence[Limitation],
    needs: Mapping[str, Iterable[str]],
    challenges: Sequence[str],
    atoms: Atoms,
    vocabulary: Vocabulary,
) -> Columns:
    """Compile records, each sequence in the order that the columns have, into arrays.

    Args:
        solutions: by id.
        addressings: by solution and challenge.
        limitations: by `EFFECTS`, solution and id.
        needs: the closed prerequisites of each solution.
        challenges: by id.
        atoms: rows of the table of truth values.
        vocabulary: for the order of evidence.
    """
    at_solution = {s.id: at for at, s in enumerate(solutions)}
    at_challenge = {c: at for at, c in enumerate(challenges)}
    at_facet = {f: at for at, f in enumerate(vocabulary.facets)}
    at_addressing = {(a.solution, a.challenge): at for at, a in enumerate(addressings)}
    kinds = {kind: at for at, kind in enumerate(vocabulary.values("evidence"))}
    owner = [at_solution[x.solution] for x in limitations]
    blocking = sum(x.effect == "blocks" for x in limitations)

    rows, clause_of, facet, solution_of, clause_start, limitation_start = _literals(limitations, owner, at_facet, atoms)
    blocking_clauses = limitation_start[blocking] if blocking < len(limitations) else len(clause_start)
    blocking_literals = clause_start[blocking_clauses] if blocking_clauses < len(clause_start) else len(rows)
    reductions = sorted(
        (at_addressing[x.solution, r.challenge], at, LEVELS.index(r.to))
        for at, x in enumerate(limitations)
        for r in x.reduces
        if (x.solution, r.challenge) in at_addressing
    )
    warnings = [at for at, x in enumerate(limitations) if x.effect == "warns"]
    pairs = [(at_solution[s.id], at_solution[n]) for s in solutions for n in needs[s.id] if n in at_solution]
    contexts = [
        (at, [atoms.false if (v := getattr(c, f)) is None else atoms.row(f"{f}.{v}") for f in FIT])
        for at, s in enumerate(solutions)
        for c in s.validated_in
    ]
    addressing_solution = _ints(at_solution[a.solution] for a in addressings)
    need_solution = _ints(at for at, _ in pairs)
    every = len(solutions)
    return Columns(
        literal_row=_ints(rows),
        literal_clause=_ints(clause_of),
        literal_facet=_ints(facet[:blocking_literals]),
        literal_solution=_ints(solution_of[:blocking_literals]),
        clause_start=_ints(clause_start),
        limitation_start=_ints(limitation_start),
        blocking=blocking,
        blocking_literals=blocking_literals,
        blocking_runs=Runs.of(_ints(owner[:blocking]), every),
        reduction_limitation=_ints(at for _, at, _ in reductions),
        reduction_runs=Runs.of(_ints(at for at, _, _ in reductions), len(addressings)),
        reduction_to=_small(to for _, _, to in reductions),
        warning_limitation=_ints(warnings),
        warning_runs=Runs.of(_ints(owner[at] for at in warnings), every),
        need_of=_ints(at for _, at in pairs),
        need_runs=Runs.of(need_solution, every),
        need_solution=need_solution,
        addressing_solution=addressing_solution,
        addressing_challenge=_ints(at_challenge[a.challenge] for a in addressings),
        addressing_start=np.searchsorted(addressing_solution, np.arange(every + 1)),
        addressing_runs=Runs.of(addressing_solution, every),
        stated=_small(LEVELS.index(a.coverage) for a in addressings),
        evidence=_small(kinds[evidence_level(a.evidence, vocabulary)] for a in addressings),
        context_rows=_ints(row for _, held in contexts for row in held).reshape(-1, len(FIT)).T.copy(),
        context_runs=Runs.of(_ints(at for at, _ in contexts), every),
    )


def _literals(
    limitations: Sequence[Limitation], owner: Sequence[int], at_facet: Mapping[str, int], atoms: Atoms
) -> tuple[list[int], list[int], list[int], list[int], list[int], list[int]]:
    """Rows, clauses, facets and solutions of all literals, then where clauses and limitations start.

    An empty clause has one literal, which is true.
    """
    rows, clause_of, facet, solution_of = list[int](), list[int](), list[int](), list[int]()
    clause_start, limitation_start = list[int](), list[int]()
    for limitation, solution in zip(limitations, owner, strict=True):
        limitation_start.append(len(clause_start))
        for clause in limitation.when.clauses:
            clause_start.append(len(rows))
            for literal in clause.literals:
                rows.append(atoms.row(literal.concept, literal.holds))
                facet.append(at_facet[literal.concept.partition(".")[0]])
            if not clause.literals:
                rows.append(atoms.true)
                facet.append(0)
            added = len(rows) - clause_start[-1]
            clause_of += [len(clause_start) - 1] * added
            solution_of += [solution] * added
    return rows, clause_of, facet, solution_of, clause_start, limitation_start


def runs(operation: Any, values: Small, starts: Ints) -> Small:
    """Reduce each run of an array; no runs give no values."""
    found: Small = operation.reduceat(values, starts) if len(starts) else values[:0]
    return found


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.intp)


def _small(values: Iterable[int]) -> Small:
    return np.fromiter(values, dtype=np.uint8)
