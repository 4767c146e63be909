// Why not, what to change, and what else: three different answers on one solution and one organisation.

import { round6 } from "./numbers.js";
import { reason } from "./recommend.js";
import { BLOCKED, Rulings, VERDICTS } from "./rules.js";
import { Unlocker } from "./unlock.js";
import { literalInWords, order } from "./words.js";

const NEAREST = 3;
// Of what a context holds, the kind of data and the task stand first.
const DOING = 2;

/** Explain the verdict on a solution of the catalogue, given by its id, for a profile in normal form. */
export function explain(catalogue, profile, id) {
  const rulings = new Rulings(catalogue, profile.facts, catalogue.withPrerequisites(profile.in_place));
  const ruling = rulings.of(id);
  const blocked = ruling.verdict === BLOCKED;
  const blocking = rulings.bites(ruling).filter((b) => b.clause !== null && b.rule.effect === "blocks");
  const unlocker = new Unlocker(rulings, profile);
  const unlocks = unlocker.unlocks(ruling);
  return {
    solution: id,
    label: ruling.solution.label,
    catalogue: catalogue.version,
    verdict: VERDICTS[ruling.verdict],
    clashes: blocked ? blocking.map((b) => reason(catalogue, b)) : [],
    unlocks,
    no_unlock: blocked && !unlocks.length ? noUnlock(catalogue, unlocker, ruling) : null,
    deciders: rulings.deciders(ruling),
    alternatives: alternatives(rulings, ruling.solution),
  };
}

/** Name a clash that no means can mend. */
function noUnlock(catalogue, unlocker, ruling) {
  for (const rows of unlocker.clashes(ruling)) {
    if (unlocker.candidates(unlocker.lacking(rows)).length) continue;
    const said = [...rows.filter((row) => row % 2 === 0), ...rows.filter((row) => row % 2)]
      .map((row) => literalInWords(catalogue, catalogue.concept(row), row % 2 === 0))
      .join(", and ");
    return `It does not fit your case, because: ${said}; no money, people, skills or facilities that you would take on change that.`;
  }
  return "It would take more than four changes at once.";
}

/** The nearest solutions that are not blocked, by the likeness that engine/explanation.py defines. */
function alternatives(rulings, solution) {
  const found = [];
  for (const ruling of rulings.all) {
    const other = ruling.solution;
    if (other === solution || ruling.verdict === BLOCKED) continue;
    const level = (c) => (other.row.has(c) ? ruling.high[other.row.get(c)] : 0);
    const stated = (c) => (solution.row.has(c) ? solution.addressings[solution.row.get(c)].stated : 0);
    const shares = [...solution.row.keys()].filter((c) => level(c) > 0);
    if (!shares.length) continue;
    let [common, whole] = [0, 0];
    for (const c of new Set([...solution.row.keys(), ...other.row.keys()])) {
      common += Math.min(stated(c), level(c));
      whole += Math.max(stated(c), level(c));
    }
    const standsIn = (solution.instead_of ?? []).includes(other.id) ? 1 : 0;
    const likeness = (0.6 * common) / whole + 0.2 * standsIn + 0.2 * met(solution, other);
    found.push({ solution: other.id, label: other.label, likeness: round6(likeness), verdict: VERDICTS[ruling.verdict], shares });
  }
  return found.sort((a, b) => b.likeness - a.likeness || order(a.solution, b.solution)).slice(0, NEAREST);
}

/** The share of kinds of data and tasks in which both were validated. */
function met(a, b) {
  const [mine, theirs] = [a, b].map((s) => new Set(s.contexts.flatMap((c) => c.slice(0, DOING)).filter((c) => c !== null)));
  const all = new Set([...mine, ...theirs]).size;
  return all ? [...mine].filter((c) => theirs.has(c)).length / all : 0;
}
