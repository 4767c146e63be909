// The planner: one state, the engine's answers to it, and the views of both.

import { actions } from "./actions.js";
import { bar, notes, welcome } from "./bar.js";
import { blockedList, openingList } from "./blocked.js";
import { challenges, challengesSaid } from "./challenges.js";
import { changeNotice } from "./changes.js";
import { comparedSaid, differences, sideBySide, toldApart } from "./compare.js";
import { h, render } from "./dom.js";
import { nameOf } from "./exports.js";
import { map } from "./map.js";
import { optionList } from "./options.js";
import { interviewCard, organisationSaid, profileForm } from "./organisation.js";
import { equal } from "./profile.js";
import { findApi, roadmap } from "./roadmap.js";
import { unsaved } from "./scenario.js";
import { remembered, store } from "./store.js";
import { behind, challengeStates, counts, opening } from "./summary.js";
import { withRecords } from "./terms.js";

/** Show the planner in an element. `opened` is what `open` of the engine gives, `bundle` what it was opened with. */
export function mount(root, opened, bundle) {
  const engine = withRecords(opened, bundle);
  const answers = {
    of: remembered((raw) => engine.recommend(raw), 6),
    next: remembered((raw, passed) => engine.interview(raw, { answered: passed })),
    compared: remembered((a, b) => engine.compare(a, b)),
    whole: remembered((raw) => {
      const every = Object.fromEntries(Object.keys(engine.challenges).map((c) => [c, 1]));
      return engine.recommend({ ...raw, problem: undefined, challenges: { ...every, ...raw.challenges } });
    }),
  };
  const held = store(empty(), (state) => draw(root, engine, state, act, answers));
  const act = actions({ engine, bundle, held, answers, root });
  act.start();
  findApi(siteRoot(root)).then((api) => api && held.set({ api }));
}

function empty() {
  return {
    a: {}, b: null, trial: null, catalogue: null, saved: [], savedId: null, step: "challenges", tab: "options", asked: null, passed: [],
    opened: {}, notes: [], undo: null, changed: null, aside: [], api: null, road: { plan: null, busy: false, error: null, stale: false }, told: "",
    firmness: null,
  };
}

function siteRoot(root) {
  return new URL(root.dataset.root ?? "./", root.ownerDocument.baseURI);
}

const STEPS = [["challenges", "What hurts"], ["organisation", "Who we are"], ["answer", "The answer"]];

function draw(root, engine, state, act, answers) {
  const raw = state.trial ?? state.a;
  const blank = !state.trial && Object.keys(raw).every((key) => key === "label");
  const answer = blank ? null : answers.of(raw);
  render(
    root,
    h("div", { class: blank ? "pv pv-blank" : "pv", "data-step": state.step },
      bar({ raw, change: act.change, saved: state.saved, savedId: state.savedId, dirty: unsaved(state.a, state.saved, state.savedId), act }),
      notes({ held: state.notes, undo: state.undo, act }),
      changeNotice({ engine, changed: state.changed, aside: state.aside, dismiss: act.dismissChanges }),
      state.trial && whatIf(engine, state, act, answers),
      h("nav", { class: "pv-stepper", "aria-label": "Steps" }, STEPS.map(([id, text], at) =>
        h("button", { key: id, type: "button", class: `pv-step-${id}`, "aria-current": state.step === id ? "step" : null, onclick: () => act.go(id) },
          h("span", { class: "pv-number", "aria-hidden": "true" }, at + 1), h("span", null, h("b", null, text), h("small", null, said(engine, raw, answer, id)))))),
      h("div", { class: "pv-columns" },
        h("section", { class: "pv-inputs", key: "inputs", id: "pv-inputs", tabindex: -1, "aria-label": "What you tell" },
          state.step === "organisation" ? organisation(engine, state, raw, act, answers) : h("div", { key: "challenges" }, h("h2", { class: "pv-sr" }, "What hurts"), challenges({ engine, raw, change: act.change }))),
        h("section", { class: "pv-answer", key: "answer", id: "pv-answer", tabindex: -1, "aria-label": "The answer" },
          answer ? answered(engine, state, raw, answer, act, answers) : welcome({ engine, examples: act.examples, act }))),
      answer && h("div", { class: "pv-foot", key: "foot" }, counts(answer),
        h("button", { type: "button", class: "pv-button pv-main", onclick: () => act.go(NEXT[state.step]) }, FOOT[state.step])),
      h("p", { class: "pv-sr", role: "status", key: "told" }, state.told)),
  );
}

const NEXT = { challenges: "organisation", organisation: "answer", answer: "challenges" };
const FOOT = { challenges: "Next: who we are", organisation: "See the answer", answer: "Change the input" };

function said(engine, raw, answer, step) {
  if (step === "challenges") return challengesSaid(raw);
  if (step === "organisation") return organisationSaid(engine, raw);
  return answer ? `${answer.counts.feasible} usable` : "";
}

function organisation(engine, state, raw, act, answers) {
  return h("div", { key: "organisation" },
    h("h2", { class: "pv-sr" }, "Who we are"),
    interviewCard({ engine, raw, change: act.change, interview: answers.next(raw, state.passed), asked: state.asked, passed: state.passed, ask: act.ask }),
    h("h3", { class: "pv-form-title" }, "Or fill in what you like"),
    profileForm({ engine, raw, change: act.change, opened: state.opened, open: act.open, before: state.trial ? state.a : null }));
}

function whatIf(engine, state, act, answers) {
  const same = equal(state.a, state.trial);
  const comparison = answers.compared(state.a, state.trial);
  const apart = toldApart(engine, state.a, state.trial);
  return h("section", { class: "pv-whatif", key: "whatif", "aria-label": "What if", id: "pv-whatif", tabindex: -1 },
    h("div", { class: "pv-whatif-head" },
      h("p", null, h("b", null, "What if "), same ? "… change anything below and see what it does." : `${apart.slice(0, MOST_TOLD).join("; ")}${apart.length > MOST_TOLD ? `; and ${apart.length - MOST_TOLD} more` : ""}?`),
      h("span", { class: "pv-buttons" },
        h("button", { type: "button", class: "pv-button pv-main", disabled: same, onclick: act.keepTrial }, "Keep it"),
        h("button", { type: "button", class: "pv-button", onclick: act.dropTrial }, "Drop it"))),
    !same && h("p", { class: "pv-whatif-sum" }, `${comparedSaid(comparison)}.`),
    !same && differences({ engine, comparison }));
}

const MOST_TOLD = 4;
const TABS = [["options", "Options"], ["map", "Map"], ["compare", "A and B"]];

function answered(engine, state, raw, answer, act, answers) {
  const view = { engine, raw, answer, opened: state.opened, open: act.open, tell: act.tell, attempt: act.attempt };
  const tabs = state.api ? [...TABS, ["roadmap", "Roadmap"]] : TABS;
  return [
    h("header", { class: "pv-answer-head", key: "head" },
      h("h2", null, nameOf(raw)),
      counts(answer),
      h("div", { class: "pv-buttons" }, !state.trial && h("button", { type: "button", class: "pv-button", onclick: act.beginTrial }, "What if …"))),
    opening(view),
    nextQuestion(engine, raw, state, act, answers),
    h("h3", { key: "states" }, "How it stands with your challenges"),
    challengeStates(view),
    behind({ engine, answer, tell: act.showChallenge }),
    h("div", { class: "pv-tabs", key: "tabs", role: "tablist", "aria-label": "Views of the answer" }, tabs.map(([id, text]) =>
      h("button", { key: id, type: "button", role: "tab", id: `pv-tab-${id}`, "aria-selected": state.tab === id ? "true" : "false", "aria-controls": "pv-panel",
        tabindex: state.tab === id ? 0 : -1, onclick: () => act.tab(id), onkeydown: (event) => act.tabKey(event, tabs.map(([t]) => t)) }, text))),
    h("div", { class: "pv-panel", id: "pv-panel", key: `panel-${state.tab}`, role: "tabpanel", "aria-labelledby": `pv-tab-${state.tab}` }, panel(engine, state, view, act, answers)),
  ];
}

function panel(engine, state, view, act, answers) {
  if (state.tab === "map") return map({ ...view, whole: answers.whole(view.raw), show: act.show });
  if (state.tab === "compare") return beside(engine, state, view, act, answers);
  if (state.tab === "roadmap" && state.api) return roadmap({ engine, held: state.road, make: act.plan });
  const answer = state.firmness?.raw === view.raw ? { ...view.answer, stability: state.firmness.stability } : view.answer;
  return [optionList({ ...view, answer, own: (s) => own(engine, view.raw, s, act) }), openingList(view), blockedList(view)];
}

function own(engine, raw, solution, act) {
  return h("p", { class: "pv-buttons" },
    h("button", { type: "button", class: "pv-button", onclick: () => act.place(solution) }, "We have this in place"),
    raw.tried?.[solution] === undefined && h("button", { type: "button", class: "pv-button", onclick: () => act.tried(solution) }, "We have tried this"));
}

function nextQuestion(engine, raw, state, act, answers) {
  const { question, settled } = answers.next(raw, state.passed);
  if (!question) return settled && h("p", { class: "pv-hint", key: "next" }, "Your first five are settled: no further fact can change which they are.");
  return h("p", { class: "pv-next", key: "next" }, "Best next question: ",
    h("button", { type: "button", class: "pv-link", onclick: () => act.toInterview(question.facet) }, engine.vocabulary[question.facet].question), h("small", null, ` ${question.why}`));
}

function beside(engine, state, view, act, answers) {
  if (!state.b) return h("div", { class: "pv-beside" },
    h("p", null, "Keep this scenario as B, then change A: both stand side by side here, and in the link."),
    h("button", { type: "button", class: "pv-button pv-main", onclick: act.setB }, "Keep a copy as B"));
  return h("div", { class: "pv-beside" },
    h("p", { class: "pv-buttons" },
      h("button", { type: "button", class: "pv-button", onclick: act.swap }, "Swap A and B"),
      h("button", { type: "button", class: "pv-button", onclick: act.setB }, "Make B a copy of A"),
      h("button", { type: "button", class: "pv-button", onclick: act.dropB }, "Drop B")),
    sideBySide({ engine, a: view.answer, b: answers.of(state.b), profiles: [view.raw, state.b], names: [nameOf(view.raw), nameOf(state.b)], comparison: answers.compared(view.raw, state.b) }));
}
