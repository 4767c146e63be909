// The shared profile: what is settled, what people propose, and where views differ.

import { h } from "../planner/ui/dom.js";
import { facetFields } from "../planner/ui/facets.js";
import { equal } from "../planner/ui/profile.js";
import { themes } from "../planner/ui/terms.js";
import { count, lower } from "../planner/ui/words.js";
import { facetName, fields, valueSaid } from "./facts.js";
import { undoButton } from "./undoing.js";
import { nameOf } from "./telling.js";

export function organisation(context) {
  const { engine, view, state, act } = context;
  const all = fields(engine, view.state);
  const open = all.filter((f) => f.proposals.length > 0);
  const known = all.filter((f) => f.held).length;
  const byField = new Map(all.map((f) => [f.field, f]));
  const others = all.filter((f) => !f.scheme);
  return [
    h("h3", { key: "title" }, "Who we are"),
    h("p", { class: "pv-hint", key: "hint" }, `${known} of ${count(all.length, "fact")} settled. Anybody may propose; ${view.state.agree ? `${view.state.agree} equal proposals, or the facilitator, settle it` : "the facilitator settles"}. “Don't know” is a fine answer.`),
    question(context),
    open.length > 0 && h("section", { class: "ps-open", key: "open", "aria-label": "Open proposals" }, h("h4", null, `Open: ${count(open.length, "fact")}`),
      open.map((f) => h("div", { key: f.field, class: "ps-proposed", "data-field": f.field }, h("p", null, h("b", null, facetName(engine, f.field)), f.differ && h("span", { class: "ps-badge" }, "views differ")), proposals(context, f)))),
    themes(engine).map((theme) => h("section", { key: theme.label, class: "pv-form" }, h("h4", null, theme.label), theme.facets.map((s) => fact(context, byField.get(s.id))))),
    others.length > 0 && h("section", { key: "others", class: "pv-form" }, h("h4", null, "Also told"), others.map((f) => h("p", { key: f.field }, h("b", null, facetName(engine, f.field)), `: ${valueSaid(engine, f.field, f.held?.value)}`, " ", undoButton(context, `profile/${f.field}`)))),
  ];
}

function question({ state, act, engine }) {
  const found = state.advice.options?.value?.question;
  if (!found) return null;
  if (!found.question) return found.settled && h("p", { class: "pv-hint", key: "next" }, "The first five solutions are settled: no further fact can change which they are.");
  return h("p", { class: "pv-next", key: "next" }, "Best next question: ", h("button", { type: "button", class: "pv-link", onclick: () => act.tell(found.question.facet) }, engine.vocabulary[found.question.facet]?.question ?? found.question.question), h("small", null, ` ${found.question.why}`));
}

function proposals({ engine, view, room, leads, act }, { field, held, proposals: made }) {
  const own = room.seat.person;
  return h("ul", { class: "pv-plain ps-views" },
    held && h("li", { key: "held" }, h("span", null, h("b", null, valueSaid(engine, field, held.value)), h("small", null, ` settled ${held.by ? `by ${nameOf(view.state, held.by)}` : "by the room"}`)),
      leads && made.length > 0 && h("button", { type: "button", class: "pv-button", onclick: () => act.settle(field, held.value) }, "Keep it so")),
    made.map((p) => h("li", { key: p.person }, h("span", null, h("b", null, valueSaid(engine, field, p.value)), h("small", null, ` ${nameOf(view.state, p.person)}${p.comment ? `: “${p.comment}”` : ""}`)),
      h("span", { class: "pv-buttons" },
        leads && h("button", { type: "button", class: "pv-button pv-main", onclick: () => act.settle(field, p.value) }, "Settle", h("span", { class: "pv-sr" }, ` ${facetName(engine, field)}: ${valueSaid(engine, field, p.value)}`)),
        p.person === own ? h("button", { type: "button", class: "pv-link", onclick: () => act.propose(field, null, null) }, "Take back")
          : !made.some((x) => x.person === own && equal(x.value, p.value)) && h("button", { type: "button", class: "pv-link", onclick: () => act.propose(field, p.value, null) }, "I agree")))));
}

function fact(context, f) {
  const { engine, state, leads, view, room, act } = context;
  const { field, scheme, held, proposals: made, differ } = f;
  const id = `fact-${field}`;
  const shown = Boolean(state.opened[id]);
  const mine = made.find((p) => p.person === room.seat.person)?.value ?? held?.value;
  const typed = state.drafts[`value-${field}`];
  const value = typed === undefined ? mine : typed.value;
  const note = state.drafts[`note-${field}`] ?? "";
  const same = equal(value ?? null, (made.length ? made.find((p) => p.person === room.seat.person)?.value : held?.value) ?? null);
  const raw = value === undefined || value === null ? {} : { [field]: value };
  const closed = Boolean(view.state.closed_at);
  return h("details", { key: field, id: `ps-${id}`, class: `pv-facet ${held ? "pv-all" : "pv-none"}`, open: shown, ontoggle: (event) => event.target.open !== shown && act.open(id, event.target.open) },
    h("summary", null, h("span", { class: "pv-name" }, scheme.label), h("span", { class: "pv-said" }, valueSaid(engine, field, held?.value), made.length > 0 && h("span", { class: differ ? "ps-badge" : "ps-badge ps-agree" }, differ ? "views differ" : count(made.length, "proposal")))),
    shown && h("div", { class: "ps-fact" },
      h("p", { class: "pv-hint" }, scheme.question, " ", h("small", null, scheme.definition)),
      made.length > 0 && proposals(context, f),
      !closed && facetFields({ raw, scheme, place: "session", change: (next) => act.draft(`value-${field}`, { value: next[field] ?? null }) }),
      !closed && h("p", null, h("label", { class: "pv-sr", for: `ps-note-${field}` }, `Why? A comment on ${lower(scheme.label)}`),
        h("input", { id: `ps-note-${field}`, type: "text", maxlength: 2000, autocomplete: "off", placeholder: "Why? (optional)", value: note, oninput: (event) => act.draft(`note-${field}`, event.target.value) })),
      !closed && h("p", { class: "pv-buttons" },
        h("button", { type: "button", class: leads ? "pv-button" : "pv-button pv-main", disabled: same, onclick: () => act.propose(field, value ?? null, note || null) }, "Propose"),
        leads && h("button", { type: "button", class: "pv-button pv-main", disabled: equal(value ?? null, held?.value ?? null) && !made.length, onclick: () => act.settle(field, value ?? null) }, "Settle it so"),
        typed !== undefined && h("button", { type: "button", class: "pv-link", onclick: () => act.draft(`value-${field}`, undefined) }, "Never mind"),
        undoButton(context, `profile/${field}`))));
}
