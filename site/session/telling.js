// Events and their subjects in words.

import { facetName, valueSaid } from "./facts.js";
import { solutionName } from "../planner/ui/terms.js";

/** What people are called who stand on record. */
export function nameOf(state, person) {
  return state.people[person]?.name ?? "Somebody";
}

/** An event in a sentence; nothing for those that come too often to be told. */
export function told(engine, state, { kind, by, data }) {
  const who = nameOf(state, by);
  const solution = data.solution && solutionName(engine, data.solution);
  switch (kind) {
    case "arrival": return `${who} joined.`;
    case "round": return `${who} opened round ${state.round}.`;
    case "timer": return `${who} set the clock to ${clock(data.seconds)}.`;
    case "reveal": return `${who} revealed round ${state.round}.`;
    case "proposal": return data.value === null || data.value === undefined ? `${who} took a proposal back: ${facetName(engine, data.field)}.` : `${who} proposes ${facetName(engine, data.field)}: ${valueSaid(engine, data.field, data.value)}.`;
    case "acceptance": return `${who} settled ${facetName(engine, data.field)}: ${valueSaid(engine, data.field, data.value)}.`;
    case "limits": return `${who} set the limits of the roadmap.`;
    case "override": return `${who} overrode the roadmap: ${solution} ${overrideSaid(data)}.`;
    case "decision": return `${who} decided: ${data.decision} ${solution}.`;
    case "dissent": return data.withdrawn ? `${who} no longer dissents: ${solution}.` : `${who} dissents: ${solution}.`;
    case "undo": return `${who} took a change back.`;
    case "role": return `${who} made ${nameOf(state, data.person)} ${data.role}.`;
    case "removal": return `${who} showed ${nameOf(state, data.person)} out.`;
    case "edition": return `${who} moved the session to release ${data.catalogue} of the catalogue.`;
    case "closing": return `${who} closed the session.`;
    case "reopening": return `${who} reopened the session.`;
    default: return null;
  }
}

export function overrideSaid({ choice, quarter }) {
  const words = [{ in: "kept in", out: "left out" }[choice], quarter && `not before quarter ${quarter}`].filter(Boolean);
  return words.join(", ") || "as the model has it";
}

/** A subject that can be undone, as `state.undoable` names it. */
export function subjectSaid(engine, name) {
  const [kind, id] = [name.split("/")[0], name.slice(name.indexOf("/") + 1)];
  if (kind === "profile") return facetName(engine, id);
  if (kind === "override") return `override for ${solutionName(engine, id)}`;
  if (kind === "decision") return `decision on ${solutionName(engine, id)}`;
  return "limits of the roadmap";
}

export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

