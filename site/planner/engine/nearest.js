// Which valid names are nearest to a wrong one: Python's `difflib.get_close_matches`, since people see the same advice everywhere.

import { byCodePoint, shown } from "./text.js";

const MOST = 3;
const CUTOFF = 0.7;
// Beyond this no name of a catalogue is near, and `difflib` begins to count otherwise.
const LONGEST = 199;

/** Say which valid names are nearest to a wrong one, or which there are. */
export function nearest(word, choices) {
  const names = [...choices];
  const said = (typeof word === "string" ? word : shown(word)).toLowerCase();
  let close = closest(said.replaceAll("_", "-"), names);
  if (!close.length) close = closest(said.replaceAll("-", "_"), names);
  if (close.length) return `did you mean ${close.join(" or ")}?`;
  return names.length ? `use one of ${names.join(", ")}` : "there is none yet";
}

function closest(word, names) {
  const b = [...word];
  if (b.length > LONGEST) return [];
  return names
    .map((name) => ({ name, ratio: ratio([...name], b) }))
    .filter((held) => held.ratio >= CUTOFF)
    .sort((x, y) => y.ratio - x.ratio || byCodePoint(y.name, x.name))
    .slice(0, MOST)
    .map((held) => held.name);
}

/** Twice the characters in matching blocks as a share of all characters. */
function ratio(a, b) {
  const all = a.length + b.length;
  return all ? (2 * matching(a, b, 0, a.length, 0, b.length)) / all : 1;
}

/** Characters in the longest common block, and in those to its left and to its right. */
function matching(a, b, fromA, toA, fromB, toB) {
  let [atA, atB, size] = [fromA, fromB, 0];
  let ends = new Map();
  for (let i = fromA; i < toA; i++) {
    const grown = new Map();
    for (let j = fromB; j < toB; j++) {
      if (a[i] !== b[j]) continue;
      const length = (ends.get(j - 1) ?? 0) + 1;
      grown.set(j, length);
      if (length > size) [atA, atB, size] = [i - length + 1, j - length + 1, length];
    }
    ends = grown;
  }
  if (!size) return 0;
  return (
    size + matching(a, b, fromA, atA, fromB, atB) + matching(a, b, atA + size, toA, atB + size, toB)
  );
}
