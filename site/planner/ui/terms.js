// The vocabulary as the views need it: facets by theme, values, and facts in words.

import { joined, lower } from "./words.js";

const THEMES = [
  ["What you can put in", ["budget", "people", "horizon", "skills", "infrastructure", "labels"]],
  ["Your data", ["modality", "volume", "traits", "sources", "velocity", "data_holders", "cardinality", "rarest_class", "label_delay"]],
  ["Your model", ["task", "model_control", "deployment", "stack"]],
  ["Your setting", ["domain", "regulation", "rules_out"]],
];

/** The engine together with the records of its bundle, by id: all that the views need to know. */
export function withRecords(engine, bundle) {
  const byId = (records) => Object.fromEntries(records.map((r) => [r.id, r]));
  const { version, honesty, articles, retired = {} } = bundle;
  return {
    ...engine, version, honesty, articles, retired, vocabulary: byId(bundle.schemes), challenges: byId(bundle.challenges), solutions: byId(bundle.solutions),
  };
}

export function facets(engine) {
  return Object.values(engine.vocabulary).filter((scheme) => scheme.facet);
}

/** Facets under headings; one that no heading names comes last, so that a new facet is never lost. */
export function themes(engine) {
  const left = new Map(facets(engine).map((scheme) => [scheme.id, scheme]));
  const found = THEMES.map(([label, ids]) => {
    const held = ids.filter((id) => left.has(id)).map((id) => left.get(id));
    held.forEach((scheme) => left.delete(scheme.id));
    return { label, facets: held };
  });
  if (left.size) found.push({ label: "More", facets: [...left.values()] });
  return found.filter((theme) => theme.facets.length);
}

export function concept(engine, id) {
  const [scheme, value] = id.split(".");
  return engine.vocabulary[scheme]?.concepts.find((c) => c.id === value) ?? null;
}

export function label(engine, scheme, value) {
  return concept(engine, `${scheme}.${value}`)?.label ?? value;
}

export function challengeName(engine, id) {
  return engine.challenges[id]?.label ?? id;
}

export function solutionName(engine, id) {
  return engine.solutions[id]?.label ?? id;
}

export function cite(engine, source) {
  return engine.articles[source]?.cite ?? source.replace(/^later source: /, "");
}

/** Unknown facts facet by facet, as questions: [{facet, label, asks}]. */
export function deciders(engine, ids) {
  const found = new Map();
  for (const id of ids) {
    const facet = id.split(".")[0];
    found.set(facet, [...(found.get(facet) ?? []), id]);
  }
  return [...found].map(([facet, concepts]) => {
    const scheme = engine.vocabulary[facet];
    const atLeast = scheme.ordered ? "at least " : "";
    const asks = joined(concepts.map((c) => atLeast + lower(concept(engine, c).label)), "or");
    return { facet, label: lower(scheme.label), asks };
  });
}

/** Phases in their order, each with its challenges by name. */
export function phases(engine) {
  const all = Object.values(engine.challenges);
  return engine.vocabulary.phase.concepts
    .map((phase) => ({ ...phase, challenges: all.filter((c) => c.phase === phase.id).sort((a, b) => (a.label < b.label ? -1 : 1)) }))
    .filter((phase) => phase.challenges.length);
}
