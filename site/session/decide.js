// Decisions: adopt, trial, hold or reject, with who sees to it, until when and why; and who does not agree.

import { h } from "../planner/ui/dom.js";
import { solutionName } from "../planner/ui/terms.js";
import { count } from "../planner/ui/words.js";
import { present } from "./people.js";
import { nameOf } from "./telling.js";
import { undoButton } from "./undoing.js";

export const DECISIONS = { adopt: "We do it.", trial: "We try it on a small scale first.", hold: "Not now; we come back to it.", reject: "We don't do it." };

export function decisionSaid(d) {
  return h("span", { class: `ps-decision ps-${d.decision}` }, d.decision);
}

export function decide(context) {
  const { engine, view, leads, state } = context;
  const held = Object.entries(view.state.decisions).sort((a, b) => a[1].seq - b[1].seq);
  const on = state.drafts.decision ?? null;
  return [
    h("h3", { key: "title" }, "What we decide"),
    leads && !view.state.closed_at && form(context, on),
    held.length === 0 && h("p", { key: "none" }, "Nothing is decided yet."),
    h("ul", { class: "pv-plain ps-decisions", key: "decisions" }, held.map(([solution, d]) => h("li", { key: solution, "data-solution": solution },
      h("p", { class: "ps-result-head" }, decisionSaid(d), h("b", null, solutionName(engine, solution))),
      terms(d),
      h("p", null, h("small", null, `Recorded by ${nameOf(view.state, d.by)}, ${new Date(d.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}. `), verdict(state, solution)),
      dissent(context, solution, d),
      !view.state.closed_at && h("p", { class: "pv-buttons" }, leads && h("button", { type: "button", class: "pv-link", onclick: () => context.act.decideOn(solution) }, "Decide anew", h("span", { class: "pv-sr" }, ` on ${solutionName(engine, solution)}`)), undoButton(context, `decision/${solution}`))))),
  ];
}

export function terms(d) {
  const told = [d.owner && ["Owner", d.owner], d.date && ["By", d.date], d.reason && ["Because", d.reason]].filter(Boolean);
  return told.length > 0 && h("dl", { class: "ps-terms" }, told.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))));
}

function verdict(state, solution) {
  const answer = state.advice.options?.value?.answer;
  if (!answer) return null;
  const found = answer.recommendations.find((r) => r.solution === solution);
  if (found) return h("small", null, found.verdict === "feasible" ? "Usable for us." : "Hangs on what is not known yet.");
  return answer.blocked.some((b) => b.solution === solution) && h("small", { class: "pv-why" }, "Blocked for us as things stand.");
}

function form({ engine, view, state, act }, on) {
  const all = Object.values(engine.solutions).sort((a, b) => (a.label < b.label ? -1 : 1));
  const answer = state.advice.options?.value?.answer;
  const first = (answer?.recommendations ?? []).map((r) => r.solution).filter((s) => engine.solutions[s]);
  const option = (id) => h("option", { key: id, value: id }, solutionName(engine, id), view.state.decisions[id] ? ` (${view.state.decisions[id].decision})` : "");
  const set = (part) => act.draft("decision", { ...on, seen: on?.seen ?? view.seq, ...part });
  const field = (name, label, props) => h("p", { key: name }, h("label", { for: `ps-${name}` }, label), h("input", { id: `ps-${name}`, value: on?.[name] ?? "", oninput: (event) => set({ [name]: event.target.value }), ...props }));
  return h("form", { class: "ps-card ps-decide", key: "form", id: "ps-decide", onsubmit: (event) => (event.preventDefault(), act.decide(on)) },
    h("p", null, h("label", { for: "ps-solution" }, "Solution"),
      h("select", { id: "ps-solution", required: true, value: on?.solution ?? "", onchange: (event) => act.decideOn(event.target.value || null) },
        h("option", { value: "", key: "" }, "Choose a solution"),
        first.length > 0 && h("optgroup", { key: "first", label: "For our challenges, best first" }, first.map(option)),
        h("optgroup", { key: "rest", label: first.length ? "All others" : "All" }, all.filter((s) => !first.includes(s.id)).map((s) => option(s.id))))),
    on?.solution && [
      h("fieldset", { key: "kinds", class: "ps-kinds" }, h("legend", null, "Decision"), Object.entries(DECISIONS).map(([id, says]) =>
        h("label", { key: id }, h("input", { type: "radio", name: "ps-decision", required: true, value: id, checked: on.decision === id, onchange: () => set({ decision: id }) }), h("span", null, h("b", null, id), h("small", null, ` ${says}`))))),
      field("owner", "Owner", { type: "text", maxlength: 100, list: "ps-names", autocomplete: "off" }),
      h("datalist", { id: "ps-names", key: "names" }, present(view).map(([id, p]) => h("option", { key: id, value: p.name }))),
      field("date", "By when", { type: "date" }),
      h("p", { key: "reason" }, h("label", { for: "ps-reason" }, "Because"), h("textarea", { id: "ps-reason", rows: 2, maxlength: 2000, value: on.reason ?? "", oninput: (event) => set({ reason: event.target.value }) })),
      h("p", { class: "pv-buttons", key: "buttons" }, h("button", { type: "submit", class: "pv-button pv-main" }, "Record the decision"), h("button", { type: "button", class: "pv-link", onclick: () => act.draft("decision", undefined) }, "Never mind")),
    ]);
}

function dissent({ view, room, state, act, engine }, solution, d) {
  const own = room.seat.person;
  const others = Object.entries(d.dissents ?? {});
  const typed = state.drafts[`dissent-${solution}`];
  const name = solutionName(engine, solution);
  return [
    others.length > 0 && h("div", { class: "ps-dissents", key: "dissents" }, h("p", null, h("b", null, `Dissent: ${count(others.length, "person", "people")}`)), h("ul", null, others.map(([person, said]) => h("li", { key: person }, nameOf(view.state, person), said.reason && `: ${said.reason}`)))),
    !view.state.closed_at && (d.dissents?.[own]
      ? h("p", { key: "own" }, h("button", { type: "button", class: "pv-link", onclick: () => act.dissent(solution, null, true) }, "I agree after all", h("span", { class: "pv-sr" }, ` with ${name}`)))
      : h("details", { class: "ps-more", key: "dissent" }, h("summary", null, "I don't agree", h("span", { class: "pv-sr" }, ` on ${name}`)),
        h("p", null, h("label", { for: `ps-dissent-${solution}` }, "Why (optional)"), h("input", { id: `ps-dissent-${solution}`, type: "text", maxlength: 2000, autocomplete: "off", value: typed ?? "", oninput: (event) => act.draft(`dissent-${solution}`, event.target.value) }),
          h("button", { type: "button", class: "pv-button", onclick: () => act.dissent(solution, typed || null, false) }, "Put my dissent on record")))),
  ];
}
