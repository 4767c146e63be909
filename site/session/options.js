// What the organisation can do, live: as ratings are revealed and facts are settled.

import { blockedList, openingList } from "../planner/ui/blocked.js";
import { h } from "../planner/ui/dom.js";
import { optionList } from "../planner/ui/options.js";
import { challengeStates, counts, opening } from "../planner/ui/summary.js";
import { decisionSaid } from "./decide.js";

/** An answer of the engine that is asked for: what there is of it, or why there is none. */
export function advised(held, what, show) {
  if (held?.value) return h("div", { key: what, class: held.asking ? "ps-advice ps-old" : "ps-advice", "aria-busy": held.asking ? "true" : null }, held.error && h("p", { class: "pv-note pv-bad" }, held.error), show(held.value));
  if (held?.error) return h("p", { class: "pv-note pv-bad", key: what }, held.error);
  return h("p", { class: "pv-hint", key: what }, "Working it out …");
}

export function options(context) {
  const { engine, state, view, act } = context;
  return [
    h("h3", { key: "title" }, "What we can do"),
    advised(state.advice.options, "options", ({ answer, profile, question, dropped }) => {
      if (!answer.challenges.length) return h("p", null, "Nothing yet: rate the challenges and reveal a round, so that there is something to find solutions for.");
      const shown = { engine: explaining(engine, view), raw: profile, answer, opened: state.opened, open: act.open, tell: act.tell, attempt: act.attempt, own: (s) => own(context, s) };
      return [
        counts(answer),
        question.question && h("p", { class: "pv-next" }, "Best next question: ", h("button", { type: "button", class: "pv-link", onclick: () => act.tell(question.question.facet) }, engine.vocabulary[question.question.facet]?.question ?? question.question.question), h("small", null, ` ${question.question.why}`)),
        opening(shown),
        dropped.length > 0 && h("p", { class: "pv-note" }, `Rated, but not in release ${view.state.catalogue}: ${dropped.join(", ")}.`),
        h("h4", null, "How it stands with our challenges"),
        challengeStates(shown),
        optionList(shown),
        openingList(shown),
        blockedList(shown),
      ];
    }),
  ];
}

/** What would unlock a single solution is worked out here, from the records of the current release; on another release nothing is made up. */
function explaining(engine, view) {
  if (view.state.catalogue === engine.version) return engine;
  const no_unlock = `What would unlock it can be told on release ${engine.version} alone; under “Record” the session can go over to it.`;
  return { ...engine, explain: () => ({ verdict: "blocked", no_unlock, unlocks: [], alternatives: [] }) };
}

function own({ view, leads, act }, solution) {
  const decided = view.state.decisions[solution];
  return h("p", { class: "pv-buttons" }, decided && h("span", null, decisionSaid(decided)),
    leads && !view.state.closed_at && h("button", { type: "button", class: "pv-button", onclick: () => act.decideOn(solution) }, decided ? "Decide anew" : "Decide on it"));
}
