// The session's page: one state, and its views.

import { h, render } from "../planner/ui/dom.js";
import { notes } from "../planner/ui/bar.js";
import { store } from "../planner/ui/store.js";
import { count } from "../planner/ui/words.js";
import { actions } from "./actions.js";
import { decide } from "./decide.js";
import { entrance, needsServer } from "./entrance.js";
import { line, refusals } from "./held.js";
import { options } from "./options.js";
import { organisation } from "./organisation.js";
import { people, present } from "./people.js";
import { projected } from "./projector.js";
import { rate } from "./rate.js";
import { record } from "./record.js";
import { road } from "./road.js";
import { undoList } from "./undoing.js";

const STEPS = { people: "People", rate: "Rate", organisation: "Profile", options: "Options", road: "Roadmap", decide: "Decide", record: "Record" };
const VIEWS = { people, rate, organisation, options, road, decide, record };

/** Show the page in an element. `engine` has the catalogue's records and can explain, `examples` are profiles to begin with. */
export function mount(root, engine, examples) {
  const held = store(empty(root), (state) => draw(root, engine, state, act));
  const act = actions({ engine, examples, held, root });
  act.start();
}

function empty(root) {
  return {
    api: undefined, page: root.ownerDocument.defaultView.location.href.split("#")[0], seats: [], scenarios: [], form: {}, busy: false, error: null, join: null,
    room: null, view: null, line: { live: null }, out: [], advice: {}, ahead: 0, now: Date.now(), step: "rate", projector: false, following: true,
    opened: {}, drafts: {}, links: {}, invitation: null, asked: null, notes: [], told: "", lasting: true,
  };
}

function draw(root, engine, state, act) {
  root.classList.toggle("ps-projecting", state.projector);
  render(root, h("div", { class: state.projector ? "pv ps ps-projector" : "pv ps" }, inside(engine, state, act), h("p", { class: "pv-sr", role: "status", "aria-live": "polite", key: "told" }, state.told)));
}

function inside(engine, state, act) {
  if (state.api === undefined) return h("p", { class: "pv-hint", key: "looking" }, "Looking for the server …");
  if (state.api === null) return needsServer();
  if (!state.room) return entrance({ form: state.form, type: act.type, seats: state.seats, join: state.join, scenarios: state.scenarios, busy: state.busy, error: state.error, act });
  if (!state.view) return [line({ state, act }), h("p", { class: "pv-hint", key: "opening" }, "Opening the session …"), h("p", { key: "out" }, h("button", { type: "button", class: "pv-link", onclick: act.leave }, "Back"))];
  const { room, view } = state;
  const me = view.state.people[room.seat.person];
  const context = { engine, state, view, room, act: { ...act, asked: state.asked }, leads: ["facilitator", "co-facilitator"].includes(me?.role), isFacilitator: me?.role === "facilitator", now: state.now + state.ahead * 1000 };
  return state.projector ? wall(context) : desk(context, me);
}

function desk(context, me) {
  const { state, view, act } = context;
  return [
    h("header", { class: "ps-head ps-screen", key: "head" },
      h("div", null, h("h2", null, view.state.title), h("p", null, h("small", null, `${me?.name}${me?.role === "participant" ? "" : `, ${me?.role}`} · ${count(present(view).length, "person", "people")} · catalogue ${view.state.catalogue}`))),
      h("div", { class: "ps-tools" }, line(context), undoList(context), h("button", { type: "button", class: "pv-link", onclick: act.leave }, "Leave this page"))),
    view.state.closed_at && h("p", { class: "pv-note ps-screen", key: "closed" }, `The session is closed since ${view.state.closed_at.slice(0, 10)}; it can be read and exported.`),
    !state.lasting && h("p", { class: "pv-note pv-bad ps-screen", key: "kept" }, "This browser keeps nothing for this page: do not close it before everything is sent, and note your own link under “People”."),
    context.engine.version !== view.state.catalogue && state.step !== "record" && h("p", { class: "pv-note ps-screen", key: "edition" }, `The session stands on release ${view.state.catalogue} of the catalogue; this server has ${context.engine.version}. `, h("button", { type: "button", class: "pv-link", onclick: () => act.go("record") }, "See what changed")),
    refusals(context),
    notes({ held: state.notes, undo: null, act }),
    steps(context),
    h("section", { key: `step-${state.step}`, id: "ps-step", class: `ps-step ps-step-${state.step}`, tabindex: -1, "aria-label": STEPS[state.step] }, VIEWS[state.step](context)),
  ];
}

function steps({ state, view, act }) {
  const round = view.state.rounds[view.state.round];
  const said = {
    people: present(view).length,
    rate: round.revealed_at ? "revealed" : `round ${view.state.round}`,
    organisation: Object.keys(view.state.proposals).length ? `${Object.keys(view.state.proposals).length} open` : "",
    options: state.advice.options?.value?.answer ? `${state.advice.options.value.answer.counts.feasible} usable` : "",
    decide: Object.keys(view.state.decisions).length || "",
  };
  return h("nav", { class: "ps-steps ps-screen", key: "steps", "aria-label": "Steps" }, Object.entries(STEPS).map(([id, text]) =>
    h("button", { key: id, type: "button", id: `ps-to-${id}`, "aria-current": state.step === id ? "step" : null, onclick: () => act.go(id) }, h("b", null, text), h("small", null, said[id] ?? ""))));
}

function wall(context) {
  const { state, view, act } = context;
  const { record: _, ...shown } = STEPS;
  return [
    h("nav", { class: "ps-steps ps-screen", key: "steps", "aria-label": "What the room sees" }, Object.entries(shown).map(([id, text]) => h("button", { key: id, type: "button", "aria-current": state.step === id ? "step" : null, onclick: () => act.go(id) }, h("b", null, text))),
      h("label", { class: "ps-follow" }, h("input", { type: "checkbox", checked: state.following, onchange: (event) => act.follow(event.target.checked) }), " Follow what happens"),
      h("button", { type: "button", class: "pv-link", onclick: act.desk }, "Leave the projector view")),
    state.line.live === false && line(context),
    h("section", { key: `step-${state.step}`, id: "ps-step", tabindex: -1, class: "ps-wall", "aria-label": STEPS[state.step] }, projected(context, state.step)),
    h("p", { key: "last", class: "ps-last" }, h("span", null, state.told || view.state.title), state.invitation?.code && state.step !== "people" && h("span", null, `Join code ${state.invitation.code}`)),
  ];
}
