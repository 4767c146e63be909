// Taking back what was changed last.

import { h } from "../planner/ui/dom.js";
import { subjectSaid } from "./telling.js";

/** Takes the latest change of one subject back, for those who lead. */
export function undoButton({ engine, view, leads, act }, name) {
  const seq = view.state.undoable[name];
  if (!leads || !seq || view.state.closed_at) return null;
  return h("button", { type: "button", class: "pv-link", key: `undo-${name}`, onclick: () => act.undo(seq, name) }, "Undo the last change", h("span", { class: "pv-sr" }, ` of ${subjectSaid(engine, name)}`));
}

/** The latest changes of all subjects, the newest first. */
export function undoList({ engine, view, leads, act }) {
  const held = Object.entries(view.state.undoable).sort((a, b) => b[1] - a[1]).slice(0, 8);
  if (!leads || !held.length || view.state.closed_at) return null;
  return h("details", { class: "ps-more ps-undo", key: "undo" }, h("summary", null, "Undo …"),
    h("ul", { class: "pv-plain" }, held.map(([name, seq]) => h("li", { key: name }, h("button", { type: "button", class: "pv-link", onclick: () => act.undo(seq, name) }, `The last change of ${subjectSaid(engine, name)}`)))));
}
