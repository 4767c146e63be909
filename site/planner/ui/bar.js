// The bar above the planner: name, saving, sharing, exporting; and messages below it.

import { naming } from "./organisation.js";
import { h } from "./dom.js";
import { count } from "./words.js";

/** A button that unfolds a list; Escape, leaving it and whatever is marked `data-done` fold it. */
function menu(id, title, body) {
  const fold = (event) => {
    const held = event.currentTarget;
    if (event.type === "keydown" ? event.key === "Escape" : !held.contains(event.relatedTarget)) {
      if (event.type === "keydown" && held.open) held.querySelector("summary").focus();
      held.open = false;
    }
  };
  const done = (event) => event.target.closest("[data-done]") && (event.currentTarget.open = false);
  return h("details", { key: id, class: "pv-menu", name: "pv-menu", id: `pv-menu-${id}`, onclick: done, onkeydown: fold, onfocusout: (event) => event.relatedTarget && fold(event) },
    h("summary", { class: "pv-button" }, title), h("div", { class: "pv-menu-body" }, body));
}

const EXPORTS = [
  ["html", "One page (HTML)", "opens anywhere, offline"], ["markdown", "Markdown", "for minutes and tickets"],
  ["csv", "Table (CSV)", "for spreadsheets"], ["json", "Data (JSON)", "for programs; opens here again"], ["print", "Print", "or save as PDF"],
];

export function bar({ raw, change, saved, savedId, dirty, act }) {
  return h("div", { class: "pv-barline" },
    naming({ raw, change }),
    h("div", { class: "pv-tools" },
      h("button", { type: "button", class: "pv-button", onclick: act.save }, savedId && dirty ? "Save changes" : savedId ? "Saved ✓" : "Save"),
      menu("saved", `My scenarios (${saved.length})`, savedList({ saved, savedId, act })),
      h("button", { type: "button", class: "pv-button", onclick: act.share }, "Copy link"),
      menu("export", "Export", h("ul", { class: "pv-plain" }, EXPORTS.map(([id, name, note]) =>
        h("li", { key: id }, h("button", { type: "button", class: "pv-row", "data-done": true, onclick: () => act.export(id) }, h("b", null, name), h("small", null, ` ${note}`)))))),
      menu("open", "Open", openList(act))));
}

function savedList({ saved, savedId, act }) {
  return [
    saved.length === 0 && h("p", { class: "pv-hint" }, "Nothing saved yet. Saved scenarios stay in this browser only."),
    h("ul", { class: "pv-plain" }, saved.map((s) => h("li", { key: s.id, class: s.id === savedId ? "pv-current" : null },
      h("label", { class: "pv-sr", for: `pv-saved-${s.id}` }, `Name of ${s.name}`),
      h("input", { id: `pv-saved-${s.id}`, type: "text", maxlength: 120, value: s.name, onchange: (event) => act.rename(s.id, event.target.value) }),
      h("span", { class: "pv-buttons" },
        h("button", { type: "button", class: "pv-button", "data-done": true, onclick: () => act.openSaved(s.id) }, "Open", h("span", { class: "pv-sr" }, ` ${s.name}`)),
        h("button", { type: "button", class: "pv-button", "data-done": true, onclick: () => act.openBeside(s.id) }, "As B", h("span", { class: "pv-sr" }, `: ${s.name}`)),
        h("button", { type: "button", class: "pv-link", onclick: () => act.drop(s.id) }, "Delete", h("span", { class: "pv-sr" }, ` ${s.name}`)))))),
    saved.length > 0 && h("button", { type: "button", class: "pv-link", onclick: act.saveCopy }, "Save this one as a copy"),
  ];
}

function openList(act) {
  return [
    h("p", null, h("label", { for: "pv-file" }, "From a file that was exported here (JSON or HTML)"),
      h("input", { id: "pv-file", type: "file", accept: ".json,.html,application/json,text/html", onchange: act.openFile })),
    h("p", null, h("b", null, "Example organisations"), h("small", null, " (fictional)")),
    h("ul", { class: "pv-plain" }, act.examples.map((e) => h("li", { key: e.id }, h("button", { type: "button", class: "pv-row", "data-done": true, onclick: () => act.example(e.id) }, e.label)))),
    h("button", { type: "button", class: "pv-link", "data-done": true, onclick: act.anew }, "Start anew"),
  ];
}

/** Messages, the newest first, and what can be undone. */
export function notes({ held, undo, act }) {
  return h("div", { class: "pv-notes" },
    held.map((n) => h("div", { key: n.id, class: `pv-note${n.bad ? " pv-bad" : ""}`, role: n.bad ? "alert" : null },
      h("p", null, n.text), h("button", { type: "button", class: "pv-link", onclick: () => act.dismiss(n.id) }, "Close"))),
    undo && h("div", { key: "undo", class: "pv-note pv-undo" }, h("p", null, undo.says), h("button", { type: "button", class: "pv-button", onclick: act.undo }, "Undo")));
}

/** What somebody sees who has told nothing yet. */
export function welcome({ engine, examples, act }) {
  const [challenges, solutions] = [engine.challenges, engine.solutions].map((held) => Object.keys(held).length);
  return h("div", { class: "pv-welcome" },
    h("h2", null, "What can you actually do about your data?"),
    h("p", null, `Say what goes wrong and who you are. At once you see which of ${solutions} solutions from the literature you can use, which not and why, and what small change would open a better one.`),
    h("ol", { class: "pv-how" },
      h("li", null, h("b", null, "Name what hurts"), `: pick among ${challenges} challenges, or use your own words.`),
      h("li", null, h("b", null, "Tell what you know"), " of your organisation. “Don't know” is a fine answer; you see what hangs on it."),
      h("li", null, h("b", null, "Try changes"), " as what-ifs, hold two scenarios side by side, and share the link.")),
    h("p", { class: "pv-hint" }, "Everything is worked out on this page. Nothing you enter leaves your browser unless you share it."),
    h("h3", null, "Or look at an example"),
    h("ul", { class: "pv-plain pv-examples" }, examples.map((e) => h("li", { key: e.id },
      h("button", { type: "button", onclick: () => act.example(e.id) }, h("b", null, e.label),
        h("span", null, e.about?.replace(/^A fictional composite\. /, "")), h("small", null, count(Object.keys(e.challenges ?? {}).length, "challenge")))))));
}
