// Unlocks: the smallest sets of moves after which a blocked solution is no longer blocked.
//
// Complete and exact: every certainly holding clause of every blocking limitation must lose an atom; the minimal sets that do so are found by
// branching over the first clause that still holds, each checked for minimality by the definition itself.

import { facetOf, TRUE, valueOf } from "./catalogue.js";
import { BLOCKED, Rulings } from "./rules.js";
import { order } from "./words.js";

const MOST_MOVES = 4;

/** Finds unlocks for one organisation; what it rules out, and what such a ruling forbids, is never a move. */
export class Unlocker {
  constructor(rulings, profile) {
    Object.assign(this, { rulings, profile, catalogue: rulings.catalogue });
    const { facts } = profile;
    const forbidden = new Set();
    for (const [id, concept] of this.catalogue.concepts) {
      const ruledOut = this.catalogue.schemes.get(concept.scheme).omitted_means_no && facts.get(id) === true;
      if (ruledOut) for (const name of concept.forbids ?? []) forbidden.add(name);
    }
    // What is gained by each move: a level with those below it that are lacking, or one skill or facility.
    this.above = new Map();
    for (const scheme of this.catalogue.schemes.values()) {
      if (!scheme.more_helps || forbidden.has(scheme.id)) continue;
      const lacking = scheme.values
        .map((v) => `${scheme.id}.${v}`)
        .filter((c) => facts.get(c) === false && !forbidden.has(c));
      lacking.forEach((c, at) => this.above.set(c, scheme.ordered ? lacking.slice(0, at + 1) : [c]));
    }
  }

  /** All unlocks of a blocked solution, cheapest first; none if something else than means clashes, or four moves do not do. */
  unlocks(ruling) {
    const clauses = this.clashes(ruling).map((rows) => this.lacking(rows));
    if (ruling.verdict !== BLOCKED || clauses.some((lacking) => !this.candidates(lacking).length)) return [];
    const found = new Map();
    for (const goals of this.hit(clauses, [])) found.set(goals.join(" "), goals);
    return [...found.values()]
      .filter((goals) => this.minimal(goals, clauses))
      .map((goals) => this.unlock(ruling, goals))
      .sort((a, b) => a.cost - b.cost || a.moves.length - b.moves.length || orderOfMoves(a.moves, b.moves));
  }

  /** Every certainly holding clause that blocks: one of the atoms that it wants lacking must be gained. */
  clashes(ruling) {
    return this.rulings
      .bites(ruling)
      .filter((b) => b.clause !== null && b.rule.effect === "blocks")
      .flatMap((b) => b.rule.clauses.filter((rows) => this.rulings.clause(rows) === TRUE));
  }

  /** The concepts that a clause wants lacking. */
  lacking(rows) {
    return this.rulings.concepts(rows.filter((row) => row % 2));
  }

  /** The concepts that hold after some moves and did not before. */
  gained(moves) {
    return this.gains(moves.map((m) => `${m.facet}.${m.to}`));
  }

  /** Those of some concepts that a move could gain. */
  candidates(concepts) {
    return concepts.filter((c) => this.above.has(c));
  }

  gains(goals) {
    return new Set(goals.flatMap((goal) => this.above.get(goal)));
  }

  *hit(clauses, goals) {
    const gained = this.gains(goals);
    const holding = clauses.find((lacking) => !lacking.some((c) => gained.has(c)));
    if (holding === undefined) {
      yield goals;
      return;
    }
    for (const concept of this.candidates(holding)) {
      // A higher level of an ordered facet replaces a lower one.
      const more = [...goals.filter((g) => !this.above.get(concept).includes(g)), concept].sort();
      if (more.length <= MOST_MOVES) yield* this.hit(clauses, more);
    }
  }

  /** Whether dropping any move, or lowering it by one level, leaves a clause that holds. */
  minimal(goals, clauses) {
    return goals.every((goal) => {
      const gained = this.gains([...goals.filter((g) => g !== goal), ...this.above.get(goal).slice(-2, -1)]);
      return clauses.some((lacking) => !lacking.some((c) => gained.has(c)));
    });
  }

  unlock(ruling, goals) {
    const moves = goals.map((goal) => this.move(goal)).sort(orderOfMove);
    const after = this.after(moves);
    const blocking = after.rules(ruling.solution).filter(({ rule }) => rule.effect === "blocks");
    const unknown = after.concepts(blocking.flatMap(({ rule }) => after.undecided(rule)));
    return {
      solution: ruling.solution.id,
      moves,
      cost: moves.reduce((sum, m) => sum + (m.euros + m.person_weeks * this.catalogue.personWeekEuros), 0),
      verdict: unknown.length ? "undecided" : "feasible",
      leaves_unknown: unknown,
    };
  }

  /** The rulings after some moves. */
  after(moves) {
    const facts = new Map(this.profile.facts);
    for (const concept of this.gained(moves)) facts.set(concept, true);
    return new Rulings(this.catalogue, facts, this.rulings.inPlace);
  }

  move(goal) {
    const { catalogue } = this;
    const [facet, value] = [facetOf(goal), valueOf(goal)];
    const gains = this.above.get(goal).map((c) => catalogue.concepts.get(c).gain ?? [0, 0]);
    const [euros, weeks] = [0, 1].map((of) => gains.reduce((sum, gain) => sum + gain[of], 0));
    const label = catalogue.schemes.get(facet).label.toLowerCase();
    const name = catalogue.label(goal);
    const made = { facet, to: value, before: null, euros, person_weeks: weeks, words: `gain “${name}” (${label})` };
    if (!catalogue.ordered(facet)) return made;
    const before = catalogue.values(facet).findLast((v) => this.profile.facts.get(`${facet}.${v}`) === true) ?? null;
    const start = before === null ? "" : ` from “${catalogue.label(`${facet}.${before}`)}”`;
    return { ...made, before, words: `${label}${start} to “${name}”` };
  }
}

function orderOfMove(a, b) {
  return order(a.facet, b.facet) || order(a.to, b.to);
}

/** The order of two lists of moves: as of words in a dictionary. */
export function orderOfMoves(a, b) {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const found = orderOfMove(a[at], b[at]);
    if (found) return found;
  }
  return a.length - b.length;
}
