// The engine in the browser: the same answers as the package `engine` gives, from the bundle that `provender build` writes.

import { Catalogue } from "./catalogue.js";
import { heard, matcher } from "./match.js";
import { parseProfile } from "./profile.js";
import { recommend } from "./recommend.js";
import { reweighted } from "./score.js";

/** Open a bundle: an object that answers profiles as people write them. Each answer is plain data in the shape of the server's JSON. */
export function open(bundle) {
  const catalogue = new Catalogue(bundle);
  const match = matcher(bundle);
  const read = (raw) => parseProfile(raw, catalogue);
  return {
    version: bundle.version,

    /** A profile in normal form; throws a `ProfileError` with `faults`, `[{field, message}]`. */
    parse(raw) {
      const profile = read(raw);
      const plain = Object.entries(profile).map(([key, held]) => [
        key,
        held instanceof Map ? Object.fromEntries(held) : held,
      ]);
      return Object.fromEntries(plain);
    },

    /** All challenges in the order in which some words speak for them: `[{challenge, score, confident}]`. */
    match,

    /** What an organisation can do about its challenges, and what it cannot; `weights` sets some, the others are scaled. */
    recommend(raw, { first = null, weights = null, margin } = {}) {
      const profile = read(raw);
      return recommend(catalogue, profile, {
        ...heard(match, profile.problem),
        weights: weights === null ? undefined : reweighted(catalogue.weights, weights),
        margin,
        first,
      });
    },
  };
}
