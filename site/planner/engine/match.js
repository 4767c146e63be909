// Plain words to challenges: evidence summed over a fitted index in whole numbers, as engine/matching.py describes.

import { tokeniser } from "./tokens.js";

const FIRST = "A".charCodeAt(0);

/**
 * Make a matcher from a bundle.
 *
 * The matcher ranks all challenges by how strongly some words speak for them: `[{challenge, score, confident}]`, best first, equal scores
 * by id. At most one is confident.
 */
export function matcher(bundle) {
  const { challenges, against, extra, confident, lead, ...held } = bundle.match;
  const features = tokeniser(bundle.fold, bundle.gram);
  let postings = null;

  return function match(text) {
    postings ??= Object.fromEntries(["words", "pairs", "runs"].map((kind) => [kind, unpacked(held[kind])]));
    const found = features(text);
    const evidence = challenges.map(() => 0);
    for (const kind of ["words", "pairs", "runs"]) {
      for (const feature of new Set(found[kind])) {
        for (const [, letter, weight] of (postings[kind].get(feature) ?? "").matchAll(/(\D)(\d+)/g)) {
          evidence[letter.charCodeAt(0) - FIRST] += Number(weight);
        }
      }
    }
    const most = against * Math.sqrt(new Set(found.words).size + extra);
    const ranked = evidence
      .map((e, at) => ({ challenge: challenges[at], score: Math.floor((1e6 * e) / (e + most) + 0.5) / 1e6 }))
      .sort((a, b) => b.score - a.score || (a.challenge < b.challenge ? -1 : 1));
    const best = ranked.length ? ranked[0].score : 0;
    const second = ranked.length > 1 ? ranked[1].score : 0;
    const sure = ranked.length > 0 && best >= confident && best - second >= lead * best;
    return ranked.map((m, at) => ({ ...m, confident: sure && at === 0 }));
  };
}

function unpacked([features, postings]) {
  const written = postings.split(" ");
  return new Map(features.split("|").map((feature, at) => [feature, written[at]]));
}

/** What an organisation's own words say: the challenges certain enough to be assumed, and the nearest one if none is. */
export function heard(match, words) {
  const found = words ? match(words) : [];
  const assumed = found.filter((m) => m.confident).map((m) => m.challenge);
  return { assumed, resembles: !assumed.length && found.length && found[0].score ? found[0].challenge : null };
}
