// Fields of the shared profile: what they are called, what is held, what is proposed, and by whom.

import { equal, saidOf } from "../planner/ui/profile.js";
import { facets, solutionName } from "../planner/ui/terms.js";

const OTHERS = { in_place: "Already in place", tried: "Tried before", prefer: "Preferences", problem: "The trouble in plain words" };

export function facetName(engine, field) {
  return engine.vocabulary[field]?.label ?? OTHERS[field] ?? field;
}

/** A value of a field in words. */
export function valueSaid(engine, field, value) {
  if (value === null || value === undefined) return "not known";
  const scheme = engine.vocabulary[field];
  if (scheme?.facet) return saidOf({ [field]: value }, scheme);
  if (field === "in_place") return value.map((s) => solutionName(engine, s)).join(", ") || "nothing";
  if (field === "tried") return Object.entries(value).map(([s, note]) => `${solutionName(engine, s)}${note ? ` (${note})` : ""}`).join("; ");
  return typeof value === "string" ? value : Object.entries(value).map(([name, weight]) => `${name} ${weight}`).join(", ");
}

/** All fields that are asked for or spoken of: `[{field, scheme, held, proposals, differ}]`, those where views differ first. */
export function fields(engine, state) {
  const known = facets(engine);
  const spoken = [...Object.keys(state.profile), ...Object.keys(state.proposals)].filter((f) => !known.some((s) => s.id === f));
  return [...known.map((s) => s.id), ...new Set(spoken)].map((field) => {
    const held = state.profile[field] ?? null;
    const proposals = Object.entries(state.proposals[field] ?? {}).map(([person, p]) => ({ person, ...p }));
    return { field, scheme: engine.vocabulary[field] ?? null, held, proposals, differ: differ(held, proposals) };
  });
}

/** Whether there are two views of a field. */
function differ(held, proposals) {
  const views = [...(held ? [held.value] : []), ...proposals.map((p) => p.value)];
  return views.some((view) => !equal(view, views[0]));
}

/** The profile that is settled, as a profile file has it. */
export function settled(state) {
  return { ...Object.fromEntries(Object.entries(state.profile).map(([name, f]) => [name, f.value])), challenges: state.severities };
}
