// Openings: the changes that free blocked solutions, several at once where unlocks are shared, and what they gain.

import { LEVELS } from "./catalogue.js";
import { BLOCKED } from "./rules.js";
import { orderOfMoves, Unlocker } from "./unlock.js";

const MOST = 5;

/** The moves that free some of the blocked solutions (a list of ids), those that free more at once first, then the cheaper. */
export function openings(rulings, profile, solutions, severities) {
  const blocked = solutions.map((s) => rulings.of(s)).filter((r) => r.verdict === BLOCKED);
  if (!blocked.length) return [];
  const unlocker = new Unlocker(rulings, profile);
  const freeable = [];
  const sets = new Map();
  for (const ruling of blocked) {
    const unlocks = unlocker.unlocks(ruling);
    if (!unlocks.length) continue;
    freeable.push({
      id: ruling.solution.id,
      clauses: unlocker.clashes(ruling).map((rows) => unlocker.lacking(rows)),
    });
    for (const unlock of unlocks) sets.set(unlock.moves.map((m) => `${m.facet}.${m.to}`).join(" "), unlock);
  }
  const found = [...sets.values()].map((unlock) => {
    const gained = unlocker.gained(unlock.moves);
    const freed = freeable.filter((f) => f.clauses.every((lacking) => lacking.some((c) => gained.has(c))));
    return { unlock, freed: freed.map((f) => f.id).sort() };
  });
  found.sort(
    (a, b) =>
      b.freed.length - a.freed.length || a.unlock.cost - b.unlock.cost || orderOfMoves(a.unlock.moves, b.unlock.moves),
  );
  return leanest(found)
    .slice(0, MOST)
    .map(({ unlock, freed }) => opening(unlocker, unlock, freed, severities));
}

/** Leave out what frees nothing that something cheaper does not free too. */
function leanest(found) {
  const kept = [];
  for (const one of found) {
    const idle = kept.some((k) => k.unlock.cost <= one.unlock.cost && one.freed.every((s) => k.freed.includes(s)));
    if (!idle) kept.push(one);
  }
  return kept;
}

function opening(unlocker, unlock, freed, severities) {
  const { catalogue, rulings } = unlocker;
  const improved = unlocker.after(unlock.moves);
  const improves = [];
  for (const [challenge, severity] of severities) {
    const [before, after] = [rulings, improved].map((r) => r.availability(challenge).low);
    if (LEVELS.indexOf(after) > LEVELS.indexOf(before)) improves.push({ challenge, severity, before, after });
  }
  const moves = unlock.moves.map((m) => m.words).join(", and ");
  let words = `${moves}: opens ${freed.length} blocked solution${freed.length === 1 ? "" : "s"}`;
  if (improves.length) {
    const label = (i) => catalogue.challenges.get(i.challenge).label;
    const named = improves.map((i) => `“${label(i)}” (${i.before} to ${i.after})`).join(", ");
    words += ` and raises what you can surely do about ${named}`;
  }
  return { moves: unlock.moves, cost: unlock.cost, solutions: freed, improves, words };
}
