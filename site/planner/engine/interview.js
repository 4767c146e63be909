// What to ask next, and when to stop asking. Sums are made in the order of engine/questions.py, so that they come out the same to the last bit.

import { FALSE, FIT, facetOf, LEVELS, UNKNOWN, valueOf } from "./catalogue.js";
import { challengesOf, isOpen, Ranking } from "./recommend.js";
import { FEASIBLE } from "./rules.js";
import { MILLION, SEVEREST } from "./score.js";
import { order } from "./words.js";

const TOP = 5;
const FULL = LEVELS.length - 1;
const MOST_WARNINGS = 4;
// Below every score.
const NEVER = -1;

/**
 * Say whether the first few are settled, and else which facet to ask for next.
 *
 * `assumed` are challenges read from the profile's words, `answered` facets that are not asked again, `top` how many of the first must be settled.
 */
export function interview(catalogue, profile, { assumed = [], answered = [], top = TOP } = {}) {
  const ranking = new Ranking(catalogue, profile, challengesOf(catalogue, profile, assumed), catalogue.weights);
  const ranked = ranking.order.map((solution) => placed(ranking, solution));
  const open = catalogue.facets.filter((f) => !answered.includes(f) && isOpen(catalogue, profile, f));
  const told = { settled: settled(ranked, top), top: ranked.slice(0, top).map((r) => r.solution.id), question: null, open_facets: open };
  if (told.settled || !open.length) return told;
  const { effects, touched } = effectsOf(ranking, contenders(ranked, top));
  const facet = open.reduce((best, f) => ((effects.get(f) ?? 0) > (effects.get(best) ?? 0) ? f : best));
  if (!effects.get(facet)) return told;
  const scheme = catalogue.schemes.get(facet);
  const names = [...touched.get(facet)].sort();
  told.question = {
    facet,
    question: scheme.question || scheme.label,
    options: scheme.values,
    several: !scheme.ordered,
    effect: effects.get(facet),
    contenders: names,
    why: `The answer bears on ${names.length} of the solutions that may still be among your first ${top}.`,
  };
  return told;
}

/** A ranked solution with its best possible score, and the least that is certain: none if it may turn out blocked or of no use. */
function placed({ rulings, scorer, severities }, solution) {
  const ruling = rulings.all[solution.at];
  const figures = scorer.all[solution.at];
  const useful = solution.addressings.some((a, row) => severities.has(a.challenge) && ruling.low[row] > 0);
  const sure = ruling.verdict === FEASIBLE && useful;
  return { solution, ruling, score: figures.score / MILLION, bound: sure ? figures.worst / MILLION : NEVER };
}

/** Whether the set of the first few is the same however the unknowns turn out; equal scores are ordered by id. */
function settled(ranked, top) {
  const sure = [...ranked].sort((a, b) => b.bound - a.bound || order(a.solution.id, b.solution.id));
  const [first, rest] = [sure.slice(0, top), sure.slice(top)];
  if (first.some((r) => r.bound < 0)) return !ranked.some((r) => r.bound < 0);
  const ahead = (a, b) => a.bound > b.score || (a.bound === b.score && a.solution.id <= b.solution.id);
  return first.every((a) => rest.every((b) => ahead(a, b)));
}

/** Solutions whose place among the first is open: not surely in, not surely out. */
function contenders(ranked, top) {
  const [bounds, rivals] = [ranked.map((r) => r.bound), ranked.map((r) => r.score)].map((held) => held.sort((a, b) => b - a));
  const entry = bounds[top - 1] ?? NEVER;
  const safe = rivals[top] ?? NEVER;
  return ranked.filter((r) => r.score >= entry && r.bound <= safe);
}

/** Expected effect of each facet on the scores of the contenders, and the contenders that it touches. */
function effectsOf(ranking, contenders) {
  const { catalogue, profile, rulings } = ranking;
  const effects = new Map();
  const touched = new Map();
  const add = (facets, amount, solution) => {
    for (const facet of facets) {
      effects.set(facet, (effects.get(facet) ?? 0) + amount / facets.size);
      if (!touched.has(facet)) touched.set(facet, new Set());
      touched.get(facet).add(solution.id);
    }
  };
  for (const { solution, ruling, score } of contenders) {
    for (const { rule, clause } of rulings.bites(ruling)) {
      if (clause !== null) continue;
      const { chance, facets } = chanceOf(catalogue, profile, rulings, rule);
      add(facets, loss(ranking, ruling, rule, score) * chance * (1 - chance) * 4, solution);
    }
    FIT.forEach((facet, place) => {
      const named = solution.contexts.map((context) => context[place]).filter((c) => c !== null);
      const open = named.some((c) => !profile.facts.has(c)) && !named.some((c) => profile.facts.get(c));
      if (open) add(new Set([facet]), catalogue.weights.fit / FIT.length, solution);
    });
  }
  return { effects, touched };
}

/** What a solution's score loses if a limitation bites. */
function loss({ catalogue, severities, scorer }, ruling, rule, score) {
  const { weights } = catalogue;
  if (rule.effect === "blocks") return score;
  if (rule.effect === "warns") return weights.care / MOST_WARNINGS;
  let lost = 0;
  for (const { row, to } of rule.reduces) {
    const severity = severities.get(ruling.solution.addressings[row].challenge);
    if (severity === undefined) continue;
    const drop = Math.max(0, ruling.high[row] / FULL - to / FULL);
    lost += drop * ((weights.depth * severity) / SEVEREST + (weights.breadth * severity) / scorer.total);
  }
  return lost;
}

/** Chance that a limitation bites, and the facets that decide it. Levels are held equally likely, and so are yes and no. */
function chanceOf(catalogue, profile, rulings, rule) {
  let none = 1;
  const facets = new Set();
  for (const rows of rule.clauses) {
    if (rulings.clause(rows) === FALSE) continue;
    let chance = 1;
    for (const sign of [0, 1]) {
      for (const row of rows) {
        if (row % 2 !== sign || rulings.truth[row] !== UNKNOWN) continue;
        const concept = catalogue.concept(row);
        facets.add(facetOf(concept));
        chance *= prior(catalogue, profile, concept, sign === 0);
      }
    }
    none *= 1 - chance;
  }
  return { chance: 1 - none, facets };
}

function prior(catalogue, profile, concept, wanted) {
  const facet = facetOf(concept);
  if (!catalogue.ordered(facet)) return 0.5;
  const values = catalogue.values(facet);
  const known = (holds) => (v) => profile.facts.get(`${facet}.${v}`) === holds;
  const low = Math.max(0, values.findLastIndex(known(true)));
  const out = values.findIndex(known(false));
  const high = (out < 0 ? values.length : out) - 1;
  const atLeast = (high - values.indexOf(valueOf(concept)) + 1) / (high - low + 1);
  return wanted ? atLeast : 1 - atLeast;
}
