// Scores: additive over criteria on a fixed scale, counted in millionths so that they add up exactly in any order.

import { FIT, LEVELS, TRUE, UNKNOWN } from "./catalogue.js";
import { nearest } from "./nearest.js";
import { fsum, general, rint } from "./numbers.js";
import { byCodePoint, shown } from "./text.js";

export const MILLION = 1e6;
export const SEVEREST = 5;
export const CRITERIA = [
  "depth", "breadth", "evidence", "fit", "knowledge", "speed", "cost", "upkeep", "care", "preference",
];
const SERVING = 3;
const FULL = LEVELS.length - 1;
const MOST_WARNINGS = 4;

/** Scores solutions for one profile; `severities` is a Map of its challenges, `weights` an object by criterion. */
export class Scorer {
  constructor(catalogue, weights, profile, severities, rulings) {
    Object.assign(this, { catalogue, profile, severities, rulings });
    this.weights = CRITERIA.map((name) => weights[name]);
    this.total = 0;
    for (const severity of severities.values()) this.total += severity;
    this.wanted = [...profile.prefer].sort(([a], [b]) => byCodePoint(a, b));
    this.wantedTotal = fsum(profile.prefer.values());
    this.all = rulings.all.map((ruling) => this.scored(ruling));
  }

  /**
   * The figures of one solution: `high` and `low` (shares of one by criterion, if no merely possible limitation bites and if all do),
   * `micros` and `least` (the same times the weights, in millionths), `score` and `worst` (their sums), `promise` (depth if nothing
   * clashed, in fifteenths), `useful` (depth as things are).
   */
  scored(ruling) {
    const { solution } = ruling;
    const worth = solution.addressings.map((a) => this.severities.get(a.challenge) ?? 0);
    const stated = solution.addressings.map((a) => a.stated);
    const high = this.shares(ruling, worth, ruling.high, TRUE);
    const low = this.shares(ruling, worth, ruling.low, UNKNOWN);
    const micros = high.map((share, at) => this.micro(at, share));
    const least = low.map((share, at) => this.micro(at, share));
    return {
      high,
      low,
      micros,
      least,
      score: sum(micros),
      worst: sum(least),
      promise: deepest(worth, stated),
      useful: deepest(worth, ruling.high),
    };
  }

  micro(criterion, share) {
    return rint(this.weights[criterion] * share * MILLION);
  }

  shares(ruling, worth, levels, least) {
    const { solution } = ruling;
    const { strongest } = this.catalogue;
    let [breadth, evidence] = [0, 0];
    levels.forEach((level, row) => {
      breadth += worth[row] * level;
      if (level > 0) evidence += worth[row] * solution.addressings[row].strength;
    });
    const warnings = solution.rules.filter((r) => r.effect === "warns" && ruling.states[r.at] >= least).length;
    return [
      deepest(worth, levels) / (SEVEREST * FULL),
      breadth / (this.total * FULL),
      evidence / (this.total * strongest),
      // What is not known to clash may fit: the best case of one is the worst case of the other.
      this.fit(solution, least === TRUE ? UNKNOWN : TRUE) / FIT.length,
      ...solution.ease,
      1 - Math.min(MOST_WARNINGS, warnings) / MOST_WARNINGS,
      this.preference(solution),
    ];
  }

  /** Facets of the one context that fits best; those of different contexts are never added up. */
  fit(solution, least) {
    const { rows } = this.catalogue;
    let best = 0;
    for (const context of solution.contexts) {
      best = Math.max(best, context.filter((c) => c !== null && this.rulings.truth[rows.get(c)] >= least).length);
    }
    return best;
  }

  preference(solution) {
    let share = 0;
    if (this.wantedTotal) {
      for (const [name, weight] of this.wanted) if (solution.liked.includes(name)) share += weight / this.wantedTotal;
    }
    return share;
  }

  /** The score as if one challenge were the only one, at the highest severity, in millionths. */
  alone(solution, row) {
    const { micros, score } = this.all[solution.at];
    const coverage = this.rulings.all[solution.at].high[row] / FULL;
    const shares = [coverage, coverage, solution.addressings[row].strength / this.catalogue.strongest];
    return score - sum(micros.slice(0, SERVING)) + sum(shares.map((share, at) => this.micro(at, share)));
  }

  /** What each criterion adds to a solution, in words; those that add nothing left out. */
  contributions(ruling) {
    const { high, low, micros, least } = this.all[ruling.solution.at];
    const { deepest: challenge, words } = this.words(ruling);
    return CRITERIA.map((criterion, at) => ({
      criterion,
      challenge: criterion === "depth" ? challenge : null,
      share: high[at],
      value: micros[at] / MILLION,
      worst: least[at] / MILLION,
      words: words[at],
    })).filter((_, at) => high[at] || low[at]);
  }

  /** The challenge that a solution helps most with, and what each criterion's share stands for. */
  words(ruling) {
    const { catalogue, severities } = this;
    const { solution, high } = ruling;
    const named = [...severities.keys()].filter((c) => solution.row.has(c));
    const level = (c) => high[solution.row.get(c)];
    let most = null;
    for (const c of [...named].sort()) {
      if (most === null || severities.get(c) * level(c) > severities.get(most) * level(most)) most = c;
    }
    const served = named.filter((c) => level(c) > 0).length;
    const met = this.met(solution).map((c) => catalogue.label(c).toLowerCase());
    const bites = this.rulings.bites(ruling);
    const certain = bites.filter((b) => b.clause !== null && b.rule.effect === "warns").length;
    const liked = this.wanted.map(([name]) => name).filter((name) => solution.liked.includes(name));
    return {
      deepest: most,
      words: [
        most === null ? "" : `${LEVELS[level(most)]} coverage of “${catalogue.challenges.get(most).label}”`,
        `helps with ${served} of your ${severities.size} challenges`,
        "evidence for what it covers",
        met.length ? `validated with ${met.join(", ")}` : "may have been validated in a setting like yours",
        ...solution.words,
        certain ? `${certain} warning${certain === 1 ? "" : "s"} known to apply` : "no warning known to apply",
        `you prefer ${liked.join(", ")}`,
      ],
    };
  }

  /** What the context that fits best surely shares with the organisation. */
  met(solution) {
    let sure = [];
    for (const context of solution.contexts) {
      const held = context.filter((c) => c !== null && this.profile.facts.get(c) === true);
      if (held.length > sure.length) sure = held;
    }
    return sure;
  }
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function deepest(worth, levels) {
  return levels.reduce((most, level, row) => Math.max(most, worth[row] * level), 0);
}

/** Set some weights and scale the others so that all add up to one; throws a RangeError that names what is wrong. */
export function reweighted(base, changes) {
  for (const [name, weight] of Object.entries(changes)) {
    if (!Object.hasOwn(base, name)) {
      throw new RangeError(`there is no criterion ${shown(name)}; ${nearest(name, Object.keys(base))}`);
    }
    if (!(typeof weight === "number" && weight >= 0 && weight <= 1)) {
      throw new RangeError(`${name}: ${shown(weight)} is not a weight; use a number from 0 to 1`);
    }
  }
  const kept = Object.entries(base).filter(([name]) => !Object.hasOwn(changes, name));
  const set = fsum(Object.values(changes));
  const rest = fsum(kept.map(([, weight]) => weight));
  if (set > 1 + 1e-9 || (!rest && Math.abs(set - 1) > 1e-9)) {
    throw new RangeError(`the weights that are set add up to ${general(set)}; all must add up to one`);
  }
  const scale = rest ? (1 - set) / rest : 0;
  return { ...Object.fromEntries(kept.map(([name, weight]) => [name, weight * scale])), ...changes };
}
