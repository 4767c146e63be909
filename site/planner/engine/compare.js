// What changes between two organisations, and because of what.

import { LEVELS } from "./catalogue.js";
import { challengesOf, Ranking } from "./recommend.js";
import { VERDICTS } from "./rules.js";
import { MILLION } from "./score.js";
import { literalInWords, order } from "./words.js";

const CHANGES = ["became blocked", "became feasible", "became undecided", "moved", "scored differently"];
const LAST = 999;

/** Compare the answers to two profiles in normal form; as in Python, what is said in their own words does not count. */
export function compare(catalogue, before, after) {
  const profiles = [before, after];
  const sides = profiles.map((profile) => side(catalogue, profile));
  const changed = facts(before, after);
  const shifts = catalogue.ranked.map((solution) => shift(catalogue, profiles, sides, changed, solution)).filter((s) => s !== null);
  shifts.sort(
    (a, b) =>
      CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
      (a.place_after ?? LAST) - (b.place_after ?? LAST) ||
      order(a.solution, b.solution),
  );
  return {
    before: catalogue.version,
    after: catalogue.version,
    differences: [...changed].map(([c, [was, now]]) => `${said(catalogue, c, now)} (before: ${said(catalogue, c, was)})`),
    availability: availability(sides),
    shifts,
  };
}

function side(catalogue, profile) {
  const severities = challengesOf(catalogue, profile, []);
  const { rulings, scorer, order: ranked } = new Ranking(catalogue, profile, severities, catalogue.weights);
  return {
    rulings,
    places: new Map(ranked.map((s, at) => [s.id, at + 1])),
    scores: new Map(ranked.map((s) => [s.id, scorer.all[s.at].score / MILLION])),
    states: new Map([...severities.keys()].map((c) => [c, rulings.availability(c).availability])),
  };
}

/** The facts that differ, each with what was and what is known, in the order of their concepts. */
function facts(before, after) {
  const names = [...new Set([...before.facts.keys(), ...after.facts.keys()])].sort();
  return new Map(names.map((c) => [c, [before.facts.get(c), after.facts.get(c)]]).filter(([, [was, now]]) => was !== now));
}

function said(catalogue, concept, holds) {
  const words = literalInWords(catalogue, concept, holds ?? true);
  return holds === undefined ? `not known whether ${words}` : words;
}

function availability(sides) {
  const named = [...new Set(sides.flatMap((s) => [...s.states.keys()]))].sort();
  return named
    .map((challenge) => [challenge, ...sides.map((s) => s.states.get(challenge) ?? "not named")])
    .filter(([, was, now]) => was !== now);
}

/** How a solution's verdict, place or score changed; null if it did not. */
function shift(catalogue, profiles, sides, changed, solution) {
  const [was, now] = sides.map((s) => s.rulings.all[solution.at]);
  const [before, after] = [was, now].map((r) => VERDICTS[r.verdict]);
  const places = sides.map((s) => s.places.get(solution.id) ?? null);
  const scores = sides.map((s) => s.scores.get(solution.id) ?? null);
  const turned = before !== after;
  if (!turned && places[0] === places[1] && scores[0] === scores[1]) return null;
  return {
    solution: solution.id,
    label: solution.label,
    change: turned ? `became ${after}` : places[0] === places[1] ? "scored differently" : "moved",
    before,
    after,
    score_before: scores[0],
    score_after: scores[1],
    place_before: places[0],
    place_after: places[1],
    because: turned ? because(catalogue, profiles, sides, changed, solution) : moved(was, now),
  };
}

/** The changed facts on which a blocking limitation of either side turns, and what is newly or no longer in place. */
function because(catalogue, profiles, sides, changed, solution) {
  const blocking = new Map();
  for (const { rulings } of sides) {
    for (const { rule } of rulings.bites(rulings.all[solution.at])) {
      if (rule.effect === "blocks") blocking.set(rule.limitation.id, rule);
    }
  }
  const reasons = new Set();
  for (const [id, rule] of [...blocking].sort(([a], [b]) => order(a, b))) {
    const concepts = sides[1].rulings.concepts(rule.clauses.flat());
    for (const c of concepts.filter((c) => changed.has(c))) reasons.add(`${id}: ${said(catalogue, c, changed.get(c)[1])}`);
  }
  const [had, has] = profiles.map((p) => p.in_place);
  for (const s of [...new Set([...had, ...has])].sort()) {
    if (had.includes(s) !== has.includes(s)) reasons.add(`${s} is ${has.includes(s) ? "now" : "no longer"} in place`);
  }
  return [...reasons];
}

/** The challenges of which a solution covers more, or less. */
function moved(was, now) {
  return [...now.solution.row]
    .sort(([a], [b]) => order(a, b))
    .filter(([, row]) => was.high[row] !== now.high[row])
    .map(([c, row]) => `coverage of ${c}: ${LEVELS[was.high[row]]} to ${LEVELS[now.high[row]]}`);
}
