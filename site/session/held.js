// What is not saved yet, and what the server refused: nothing is dropped before its author says so.

import { h } from "../planner/ui/dom.js";
import { count } from "../planner/ui/words.js";
import { told } from "./telling.js";

/** How the connection is, and what waits. */
export function line({ state, act }) {
  const { live, since, replaced } = state.line;
  const waiting = state.out.filter((e) => !e.refused);
  const late = waiting.some((e) => Date.now() - e.at > 1500);
  if (replaced) return h("p", { class: "ps-line ps-off", key: "line", role: "status" }, "This session is open in too many windows of yours; this one has stopped. ", h("button", { type: "button", class: "pv-button", onclick: act.resume }, "Go on here"));
  if (live === false) return h("p", { class: "ps-line ps-off", key: "line", role: "status" }, `No connection since ${new Date(since).toLocaleTimeString("en-GB", { timeStyle: "short" })}; trying again. `, waiting.length ? `${count(waiting.length, "change")} of yours ${waiting.length > 1 ? "are" : "is"} kept in this browser and will be sent.` : "Go on; what you do is kept in this browser and will be sent.");
  return h("p", { class: "ps-line", key: "line", role: "status" }, live === null ? "Connecting …" : late ? `Sending ${count(waiting.length, "change")} …` : h("span", { class: "ps-live" }, "Live"));
}

/** Changes that were refused, each with what happened meanwhile and the choice what to do. */
export function refusals(context) {
  const { engine, view, state, act } = context;
  const held = state.out.filter((e) => e.refused);
  if (!held.length) return null;
  return h("section", { class: "ps-refused", key: "refused", "aria-label": "Not saved", role: "alert" }, held.map((e) => {
    const conflict = e.refused.kind === "conflict";
    const meanwhile = e.refused.since.map((x) => told(engine, view.state, x)).filter(Boolean);
    return h("div", { key: e.key, class: "pv-note pv-bad", "data-kind": e.refused.kind },
      h("div", null, h("p", null, h("b", null, conflict ? "Somebody else changed this at the same time. Not saved: " : "Not saved: "), e.words),
        conflict ? h("ul", null, meanwhile.map((m, at) => h("li", { key: at }, m))) : h("p", null, e.refused.says)),
      h("p", { class: "pv-buttons" },
        h("button", { type: "button", class: "pv-button", onclick: () => act.again(e) }, conflict ? "Save mine all the same" : e.body.kind === "rating" && e.round !== view.state.round ? `Send it into round ${view.state.round}` : "Try again"),
        h("button", { type: "button", class: "pv-button", onclick: () => act.dropWaiting(e) }, conflict ? "Leave it as it is now" : "Drop it")));
  }));
}
