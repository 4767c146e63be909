// Verdicts: which limitations bite, certainly or possibly, and what follows for each solution and challenge.

import { FALSE, LEVELS, TRUE, UNKNOWN } from "./catalogue.js";

export const VERDICTS = ["feasible", "undecided", "blocked"];
export const [FEASIBLE, UNDECIDED, BLOCKED] = [0, 1, 2];
const CLASS = { full: "feasible", substantial: "feasible", partial: "partial", none: "blocked" };
const [NONE, PARTIAL] = [0, 1];

/**
 * The rulings on all solutions for what is known of an organisation.
 *
 * `facts` is a Map of concepts to what is known, `inPlace` the Set of solutions in place with their prerequisites. A ruling has
 * `verdict` (0 feasible, 1 undecided, 2 blocked), `states` (0 no, 1 possibly, 2 certainly, per limitation), and `high` and `low` (levels
 * of coverage per addressing, if no merely possible limitation bites and if all do).
 */
export class Rulings {
  constructor(catalogue, facts, inPlace) {
    this.catalogue = catalogue;
    this.inPlace = inPlace;
    this.truth = new Uint8Array(2 * catalogue.atoms.length).fill(UNKNOWN);
    for (const [concept, holds] of facts) {
      const row = catalogue.rows.get(concept);
      this.truth[row] = holds ? TRUE : FALSE;
      this.truth[row + 1] = holds ? FALSE : TRUE;
    }
    this.made = null;
  }

  /** The rulings on all solutions, in the catalogue's order; made when first asked for, since single clauses need none. */
  get all() {
    this.made ??= this.ruled(this.catalogue.ranked);
    return this.made;
  }

  ruled(solutions) {
    const states = solutions.map((s) => s.rules.map((r) => this.state(r)));
    const worst = solutions.map((s, at) =>
      s.rules.reduce((most, r, row) => (r.effect === "blocks" ? Math.max(most, states[at][row]) : most), FEASIBLE),
    );
    return solutions.map((s, at) => this.ruling(s, states[at], worst));
  }

  /** The ruling on a solution. */
  of(solution) {
    return this.all[this.catalogue.solutions.get(solution).at];
  }

  /** Whether a clause holds: as its least true atom. */
  clause(rows) {
    let least = TRUE;
    for (const row of rows) if (this.truth[row] < least) least = this.truth[row];
    return least;
  }

  /** Whether a limitation bites: as its truest clause. */
  state(rule) {
    let most = FALSE;
    for (const rows of rule.clauses) most = Math.max(most, this.clause(rows));
    return most;
  }

  ruling(solution, states, worst) {
    const placed = this.inPlace.has(solution.id);
    let verdict = FEASIBLE;
    if (!placed) {
      verdict = worst[solution.at];
      for (const need of solution.needed) {
        if (!this.inPlace.has(need.id)) verdict = Math.max(verdict, worst[need.at]);
      }
    }
    return {
      solution,
      states,
      placed,
      verdict,
      high: coverage(solution, states, TRUE, verdict === BLOCKED),
      low: coverage(solution, states, UNKNOWN, verdict !== FEASIBLE),
    };
  }

  /** The rules on a solution: its own, and the blocking ones of its prerequisites that are not in place. */
  rules(solution) {
    const inherited = solution.needed
      .filter((need) => !this.inPlace.has(need.id))
      .flatMap((need) => need.rules.filter((r) => r.effect === "blocks").map((rule) => ({ rule, from: need.id })));
    return [...solution.rules.map((rule) => ({ rule, from: null })), ...inherited];
  }

  /** The limitations that bite, `[{rule, from, clause}]`; `clause` is the one that makes it certain, or null. */
  bites(ruling) {
    ruling.bites ??= this.rules(ruling.solution)
      .map(({ rule, from }) => ({ rule, from, state: this.state(rule) }))
      .filter(({ state }) => state !== FALSE)
      .map(({ rule, from, state }) => ({
        rule,
        from,
        clause: state === TRUE ? rule.clauses.find((rows) => this.clause(rows) === TRUE) : null,
      }));
    return ruling.bites;
  }

  /** Rows of the unknown atoms in a rule's clauses that may still hold. */
  undecided(rule) {
    return rule.clauses
      .filter((rows) => this.clause(rows) !== FALSE)
      .flatMap((rows) => rows.filter((row) => this.truth[row] === UNKNOWN));
  }

  /** The unknown atoms that decide an undecided verdict. */
  deciders(ruling) {
    if (ruling.verdict !== UNDECIDED) return [];
    const blocking = this.bites(ruling).filter((b) => b.rule.effect === "blocks");
    return this.concepts(blocking.flatMap((b) => this.undecided(b.rule)));
  }

  /** The concepts of some rows, each once, in their order. */
  concepts(rows) {
    const atoms = [...new Set(rows.map((row) => row >> 1))].sort((a, b) => a - b);
    return atoms.map((at) => this.catalogue.atoms[at]);
  }

  /** How well a challenge can be met; `open` if even the best stated coverage is at most partial. */
  availability(challenge) {
    let [low, high, stated] = [NONE, NONE, NONE];
    for (const { solution, row } of this.catalogue.addressed.get(challenge)) {
      const ruling = this.all[solution.at];
      low = Math.max(low, ruling.low[row]);
      high = Math.max(high, ruling.high[row]);
      stated = Math.max(stated, solution.addressings[row].stated);
    }
    const [least, most] = [LEVELS[low], LEVELS[high]];
    const same = CLASS[least] === CLASS[most] ? CLASS[least] : "undecided";
    return { availability: stated <= PARTIAL ? "open" : same, low: least, high: most };
  }
}

/** Levels of coverage that are left if every limitation bites that does so at least so surely. */
function coverage(solution, states, least, hopeless) {
  if (hopeless) return solution.addressings.map(() => NONE);
  const left = solution.addressings.map((a) => a.stated);
  for (const rule of solution.rules) {
    if (states[rule.at] < least) continue;
    for (const { row, to } of rule.reduces) left[row] = Math.min(left[row], to);
  }
  return left;
}
