// Conditions in words, for people.

import { facetOf } from "./catalogue.js";

/** Say when a limitation bites: `budget below “small”, and no “statistics” in skills; or …`. */
export function conditionInWords(catalogue, clauses) {
  if (clauses.some((clause) => !clause.length)) return "always";
  return clauses.map((clause) => clauseInWords(catalogue, clause)).join("; or ");
}

/** Say what a clause, a list of rows, asks of an organisation, facet by facet. */
export function clauseInWords(catalogue, clause) {
  const literals = clause.map((row) => {
    const concept = catalogue.concept(row);
    return { facet: facetOf(concept), lacks: row % 2, rank: catalogue.concepts.get(concept).rank, concept };
  });
  literals.sort((a, b) => order(a.facet, b.facet) || a.lacks - b.lacks || a.rank - b.rank);
  const groups = new Map();
  for (const { facet, lacks, concept } of literals) {
    const key = `${facet} ${lacks}`;
    if (!groups.has(key)) groups.set(key, { facet, holds: !lacks, concepts: [] });
    groups.get(key).concepts.push(concept);
  }
  return [...groups.values()].map((g) => said(catalogue, g.facet, g.holds, g.concepts)).join(", and ");
}

/** Say one atom with its sign. */
export function literalInWords(catalogue, concept, holds) {
  return said(catalogue, facetOf(concept), holds, [concept]);
}

function said(catalogue, facet, holds, concepts) {
  const scheme = catalogue.schemes.get(facet);
  const labels = concepts.map((c) => catalogue.concepts.get(c).said);
  if (scheme.ordered) return `${scheme.said} ${holds ? "at least" : "below"} “${labels[0]}”`;
  if (scheme.omitted_means_no) {
    return `${joined(labels, "and")} ${labels.length === 1 ? "is" : "are"} ${holds ? "" : "not "}ruled out`;
  }
  const quoted = labels.map((label) => `“${label}”`);
  return `${holds ? joined(quoted, "and") : `no ${joined(quoted, "or")}`} in ${scheme.said}`;
}

function joined(words, last) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** The order of two ids, or of any two values of one kind. */
export function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
