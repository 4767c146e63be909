// The engine in the browser: the same answers as the package `engine` gives, from the bundle that `provender build` writes.

import { Catalogue } from "./catalogue.js";
import { decode, encode } from "./codec.js";
import { compare } from "./compare.js";
import { explain } from "./explain.js";
import { interview } from "./interview.js";
import { heard, matcher } from "./match.js";
import { nearest } from "./nearest.js";
import { parseProfile } from "./profile.js";
import { recommend } from "./recommend.js";
import { reweighted } from "./score.js";
import { shown } from "./text.js";

const FORM = 1;

/**
 * Open a bundle: an object that answers profiles as people write them, in plain data of the shape of the server's JSON.
 *
 * `raw` is a profile as people write it; all that take one throw a `ProfileError` with `faults`, `[{field, message}]`, if it cannot be used.
 */
export function open(bundle) {
  if (bundle.form !== FORM) throw new RangeError(`this page reads bundles of form ${FORM}, not ${bundle.form}; build the site anew`);
  const catalogue = new Catalogue(bundle);
  const match = matcher(bundle);
  const read = (raw) => parseProfile(raw, catalogue);
  const byId = (records) => Object.fromEntries(records.map((r) => [r.id, r]));
  return {
    version: bundle.version,
    honesty: bundle.honesty,
    vocabulary: byId(bundle.schemes),
    challenges: byId(bundle.challenges),
    solutions: byId(bundle.solutions),
    retired: bundle.retired,
    articles: bundle.articles,

    /** A profile in normal form. */
    parse(raw) {
      const plain = Object.entries(read(raw)).map(([key, held]) => [key, held instanceof Map ? Object.fromEntries(held) : held]);
      return Object.fromEntries(plain);
    },

    /** All challenges in the order in which some words speak for them: `[{challenge, score, confident}]`. */
    match,

    /**
     * What an organisation can do about its challenges, and what it cannot: an `Answer` of engine/answer.py, `stability` null.
     *
     * `first`: how many recommendations and how many blocked solutions are told; `weights` sets some, the others are scaled, and a
     * RangeError says what is wrong with them; `margin`: the lead that makes a clear winner.
     */
    recommend(raw, { first = null, weights = null, margin } = {}) {
      const profile = read(raw);
      return recommend(catalogue, profile, {
        ...heard(match, profile.problem),
        weights: weights === null ? undefined : reweighted(catalogue.weights, weights),
        margin,
        first,
      });
    },

    /** Why a solution can or cannot be used, and what would change that: an `Explanation` of engine/explanation.py. */
    explain(raw, solution) {
      if (!catalogue.solutions.has(solution)) {
        throw new RangeError(`there is no solution ${shown(solution)}; ${nearest(solution, catalogue.solutions.keys())}`);
      }
      return explain(catalogue, read(raw), solution);
    },

    /** Whether the first `top` are settled, and what to ask next, never for `answered` facets: an `Interview` of engine/questions.py. */
    interview(raw, { top, answered } = {}) {
      const profile = read(raw);
      return interview(catalogue, profile, { assumed: heard(match, profile.problem).assumed, answered, top });
    },

    /** What differs between two organisations, and because of what: a `Comparison` of engine/comparison.py. */
    compare: (before, after) => compare(catalogue, read(before), read(after)),

    /** A profile as a word for an address. */
    encode: (raw) => encode(raw, bundle.version),

    /** What such a word holds, `{catalogue, profile}`; throws a `CodeError`. */
    decode,
  };
}
