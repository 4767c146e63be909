// The answer to a profile: what is feasible, ranked and explained; what is blocked, and by what.

import { facetOf, LEVELS } from "./catalogue.js";
import { Means } from "./effort.js";
import { openings } from "./openings.js";
import { BLOCKED, FEASIBLE, Rulings, UNDECIDED, VERDICTS } from "./rules.js";
import { MILLION, Scorer } from "./score.js";
import { clauseInWords, conditionInWords, order } from "./words.js";

const MARGIN = 0.05;
const LEADERS = 3;
const ASSUMED_SEVERITY = 3;
const GAPS = {
  open: "No solution in the catalogue claims more than partial coverage, for anybody.",
  blocked: "Solutions exist, but each is blocked for you or helps nothing here.",
  partial: "Better solutions exist, but for you only partial coverage is left.",
};

/** The organisation's challenges with their severities, most severe first; all of the catalogue's, alike, if it has none. */
export function challengesOf(catalogue, profile, assumed) {
  const held = new Map([...profile.severities].filter(([c]) => catalogue.challenges.has(c)));
  for (const c of assumed) if (!held.has(c) && catalogue.challenges.has(c)) held.set(c, ASSUMED_SEVERITY);
  if (!held.size) for (const c of catalogue.challenges.keys()) held.set(c, 1);
  return new Map([...held].sort(([a, m], [b, n]) => n - m || order(a, b)));
}

/**
 * All solutions ruled on, scored and put in order.
 *
 * `order` holds the solutions that bear on the challenges and are not blocked: feasible, then undecided, by score, then id; `blocked` those
 * that bear on them and are blocked or left with nothing, the most promising first, then by id.
 */
export class Ranking {
  constructor(catalogue, profile, severities, weights) {
    Object.assign(this, { catalogue, profile, severities });
    const { ranked } = catalogue;
    this.rulings = new Rulings(catalogue, profile.facts, catalogue.withPrerequisites(profile.in_place));
    this.scorer = new Scorer(catalogue, weights, profile, severities, this.rulings);
    const verdict = (s) => this.rulings.all[s.at].verdict;
    const figures = (s) => this.scorer.all[s.at];
    const asked = ranked.filter((s) => figures(s).promise > 0 && !this.rulings.inPlace.has(s.id));
    const isOut = (s) => verdict(s) === BLOCKED || figures(s).useful === 0;
    this.order = asked
      .filter((s) => !isOut(s))
      .sort((a, b) => verdict(a) - verdict(b) || figures(b).score - figures(a).score || a.at - b.at);
    this.blocked = asked.filter(isOut).sort((a, b) => figures(b).promise - figures(a).promise || a.at - b.at);
  }

  /** Those of a verdict, best first. */
  ruled(verdict) {
    return this.order.filter((s) => this.rulings.all[s.at].verdict === verdict);
  }
}

/**
 * Answer a profile in normal form.
 *
 * `options`: `assumed` and `resembles` as `heard` gives them, `weights` by criterion, `margin`, `first` (how many recommendations and how
 * many blocked solutions are told; all unless given). The answer has the shape of answer.schema.json; `stability` is null.
 */
export function recommend(catalogue, profile, options = {}) {
  const { assumed = [], resembles = null, first = null } = options;
  const severities = challengesOf(catalogue, profile, assumed);
  const ranking = new Ranking(catalogue, profile, severities, options.weights ?? catalogue.weights);
  const [told, blocked] = [ranking.order, ranking.blocked].map((held) => held.slice(0, first ?? held.length));
  const means = new Means(catalogue, profile);
  const states = [...severities].map(([c, severity]) =>
    state(ranking, assumed, c, severity, options.margin ?? MARGIN),
  );
  return {
    notice: notices(catalogue, profile, assumed, resembles),
    unknown: unknowns(ranking),
    catalogue: catalogue.version,
    counts: {
      feasible: ranking.ruled(FEASIBLE).length,
      undecided: ranking.ruled(UNDECIDED).length,
      blocked: ranking.blocked.length,
    },
    challenges: states,
    recommendations: told.map((s) => recommendation(ranking, means, s)),
    blocked: blocked.map((s) => hindered(ranking, s)),
    unlocks: openings(ranking.rulings, profile, blocked.map((s) => s.id), severities),
    in_place: [...ranking.rulings.inPlace].sort(),
    stability: null,
    gaps: states
      .filter((s) => Object.hasOwn(GAPS, s.availability))
      .map((s) => ({ challenge: s.id, availability: s.availability, says: GAPS[s.availability] })),
  };
}

function notices(catalogue, profile, assumed, resembles) {
  const notice = [...catalogue.bundle.honesty];
  if (assumed.some((c) => !profile.severities.has(c))) {
    notice.push("Challenges marked as assumed were read from the words of the profile; check them first.");
  }
  if (resembles !== null && catalogue.challenges.has(resembles) && !profile.severities.has(resembles)) {
    const nearest = `“${catalogue.challenges.get(resembles).label}” (${resembles})`;
    notice.push(`Your words are nearest to ${nearest}, not surely enough to count; name it if you mean it.`);
  }
  if (!profile.severities.size && !assumed.length) {
    notice.push("The profile names no challenge, so all of the catalogue's count alike.");
  }
  return notice;
}

function recommendation(ranking, means, solution) {
  const { catalogue, rulings, scorer, severities } = ranking;
  const ruling = rulings.all[solution.at];
  const figures = scorer.all[solution.at];
  const { tried } = ranking.profile;
  const matters = ({ rule }) =>
    !rule.limitation.reduces.length || rule.limitation.reduces.some(([c]) => severities.has(c));
  const cautions = rulings
    .bites(ruling)
    .filter((b) => b.rule.effect !== "blocks" && matters(b))
    .map((b) => caution(catalogue, b));
  cautions.push(...means.cautions(solution));
  if (tried.has(solution.id)) cautions.unshift(triedBefore(tried.get(solution.id)));
  cautions.sort((a, b) => b.certain - a.certain);
  return {
    solution: solution.id,
    label: solution.label,
    kind: solution.kind,
    score: figures.score / MILLION,
    worst: figures.worst / MILLION,
    verdict: VERDICTS[ruling.verdict],
    deciders: rulings.deciders(ruling),
    challenges: [...severities.keys()].filter((c) => solution.row.has(c)).map((c) => served(ruling, c)),
    contributions: scorer.contributions(ruling),
    cautions,
  };
}

function caution(catalogue, { rule, clause }) {
  const { id, effect, factor, says, residual_risk: risk, sources } = rule.limitation;
  const when = conditionInWords(catalogue, rule.clauses);
  return { limitation: id, effect, factor, certain: clause !== null, says, when, residual_risk: risk ?? null, sources };
}

function triedBefore(note) {
  return {
    limitation: null,
    effect: "warns",
    factor: null,
    certain: true,
    says: `Tried before: ${note}`,
    when: "always",
    residual_risk: null,
    sources: [],
  };
}

function served(ruling, challenge) {
  const row = ruling.solution.row.get(challenge);
  const { coverage, how, remains, evidence, sources } = ruling.solution.addressings[row];
  const [high, low] = [ruling.high, ruling.low].map((levels) => LEVELS[levels[row]]);
  return { challenge, stated: coverage, high, low, how, remains, evidence, sources };
}

/** A solution that cannot be used, or that is certainly left with nothing. */
function hindered(ranking, solution) {
  const { catalogue, rulings, severities } = ranking;
  const ruling = rulings.all[solution.at];
  const stated = [...severities.keys()].filter((c) => solution.row.has(c));
  const empties = ({ limitation }) => limitation.reduces.some(([c, to]) => to === "none" && stated.includes(c));
  const isCause = ruling.verdict === BLOCKED ? (rule) => rule.effect === "blocks" : empties;
  const causes = rulings.bites(ruling).filter((b) => b.clause !== null && isCause(b.rule));
  return {
    solution: solution.id,
    label: solution.label,
    challenges: stated,
    because: causes.map((b) => reason(catalogue, b)),
  };
}

/** Say why a limitation certainly bites. */
export function reason(catalogue, { rule, from, clause }) {
  const { id, factor, says, sources } = rule.limitation;
  const because = clauseInWords(catalogue, clause);
  return { limitation: id, factor, says, because, inherited_from: from, sources };
}

function state(ranking, assumed, challenge, severity, margin) {
  const { catalogue, profile, rulings, scorer } = ranking;
  const best = catalogue.addressed
    .get(challenge)
    .filter(({ solution, row }) => rulings.all[solution.at].high[row] > 0)
    .filter(({ solution }) => rulings.all[solution.at].verdict === FEASIBLE && !rulings.inPlace.has(solution.id))
    .map(({ solution, row }) => ({ solution, micros: scorer.alone(solution, row) }))
    .sort((a, b) => b.micros - a.micros || a.solution.at - b.solution.at);
  const lead = best.length > 1 ? (best[0].micros - best[1].micros) / MILLION : 1;
  return {
    id: challenge,
    label: catalogue.challenges.get(challenge).label,
    severity,
    assumed: assumed.includes(challenge) && !profile.severities.has(challenge),
    ...rulings.availability(challenge),
    leaders: best.slice(0, LEADERS).map((b) => b.solution.id),
    clear_winner: best.length > 0 && lead >= margin,
  };
}

/** Whether the answer to a facet is not fully known. */
export function isOpen(catalogue, profile, facet) {
  return catalogue.asked.get(facet).some((c) => !profile.facts.has(c));
}

/** Facets that are not fully known, those on which most solutions hang first. */
function unknowns({ catalogue, profile, rulings, ...ranking }) {
  const hanging = new Map();
  for (const solution of ranking.order) {
    if (rulings.all[solution.at].verdict !== UNDECIDED) continue;
    const facets = new Set();
    for (const { rule } of rulings.rules(solution)) {
      if (rule.effect !== "blocks") continue;
      for (const row of rulings.undecided(rule)) facets.add(facetOf(catalogue.concept(row)));
    }
    for (const facet of facets) hanging.set(facet, (hanging.get(facet) ?? 0) + 1);
  }
  return catalogue.facets
    .filter((facet) => isOpen(catalogue, profile, facet))
    .map((facet) => ({ facet, solutions_hanging: hanging.get(facet) ?? 0 }))
    .sort((a, b) => b.solutions_hanging - a.solutions_hanging || order(a.facet, b.facet));
}
