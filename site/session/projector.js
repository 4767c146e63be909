// What is thrown on the wall: large, for reading from the last row, and nothing of what anybody rated before it is revealed.

import { h } from "../planner/ui/dom.js";
import { challengeStates, counts } from "../planner/ui/summary.js";
import { capital, count, joined } from "../planner/ui/words.js";
import { solutionName } from "../planner/ui/terms.js";
import { decisionSaid, terms } from "./decide.js";
import { facetName, fields, valueSaid } from "./facts.js";
import { advised } from "./options.js";
import { invitation, present } from "./people.js";
import { progress, timer } from "./rate.js";
import { resultList, results } from "./results.js";
import { costSaid, quarters, summary } from "./road.js";
import { nameOf } from "./telling.js";

const MOST = 8;

/** Which step an event draws the room's eyes to. */
export const EYES = {
  arrival: "people", round: "rate", timer: "rate", reveal: "rate", proposal: "organisation", acceptance: "organisation", limits: "road",
  override: "road", decision: "decide", dissent: "decide",
};

export function projected(context, step) {
  return VIEWS[step]?.(context) ?? VIEWS.people(context);
}

const VIEWS = {
  people: ({ view, state, act }) => [
    h("h2", { key: "title" }, view.state.title),
    invitation({ held: state.invitation, act, projector: true }),
    h("p", { key: "who", class: "ps-names" }, joined(present(view).map(([, p]) => p.name))),
  ],
  rate(context) {
    const { view, engine } = context;
    const round = view.state.rounds[view.state.round];
    const shown = results(view.state);
    return round.revealed_at
      ? [h("h2", { key: "title" }, `Round ${view.state.round}: what we said`), resultList({ engine, state: view.state, shown })]
      : [h("h2", { key: "title" }, `Round ${view.state.round}: how bad is it?`), timer(context, round), progress(context, round)];
  },
  organisation({ engine, view }) {
    const all = fields(engine, view.state);
    const open = all.filter((f) => f.proposals.length);
    return [
      h("h2", { key: "title" }, `Who we are: ${all.filter((f) => f.held).length} of ${count(all.length, "fact")} settled`),
      open.map((f) => h("section", { key: f.field, class: "ps-proposed" }, h("p", null, h("b", null, facetName(engine, f.field)), f.differ && h("span", { class: "ps-badge" }, "views differ")),
        h("ul", null, f.held && h("li", { key: "held" }, `Settled: ${valueSaid(engine, f.field, f.held.value)}`), f.proposals.map((p) => h("li", { key: p.person }, `${nameOf(view.state, p.person)}: ${valueSaid(engine, f.field, p.value)}${p.comment ? ` – “${p.comment}”` : ""}`))))),
      h("dl", { key: "held", class: "ps-terms" }, all.filter((f) => f.held && !f.proposals.length).map((f) => h("div", { key: f.field }, h("dt", null, facetName(engine, f.field)), h("dd", null, valueSaid(engine, f.field, f.held.value))))),
    ];
  },
  options: ({ engine, state }) => [
    h("h2", { key: "title" }, "What we can do"),
    advised(state.advice.options, "options", ({ answer }) => [
      counts(answer),
      h("div", { class: "ps-halves" }, h("div", null, h("ol", { class: "ps-top" }, answer.recommendations.slice(0, MOST).map((r) => h("li", { key: r.solution }, h("b", null, r.label), r.verdict === "undecided" && h("small", null, " hangs on what is not known")))),
      answer.unlocks.length > 0 && [h("h3", null, "What would open more"), h("ul", null, answer.unlocks.slice(0, 3).map((u) => h("li", { key: u.words }, capital(u.moves.map((m) => m.words).join(", and ")), h("small", null, ` opens ${joined(u.solutions.map((s) => solutionName(engine, s)))}`))))]),
      challengeStates({ engine, answer })),
    ]),
  ],
  road: (context) => [
    h("h2", { key: "title" }, "Roadmap"),
    advised(context.state.advice.roadmap, "roadmap", (held) => [
      summary(held),
      held.costs.length > 0 && h("ul", null, held.costs.map((c) => h("li", { key: c.solution }, h("b", null, solutionName(context.engine, c.solution)), `: ${costSaid(c)}`))),
      quarters(context, held.plan, false),
    ]),
  ],
  decide: ({ engine, view }) => [
    h("h2", { key: "title" }, "What we decided"),
    h("ul", { key: "list", class: "pv-plain ps-decisions" }, Object.entries(view.state.decisions).sort((a, b) => b[1].seq - a[1].seq).map(([solution, d]) => h("li", { key: solution }, h("p", { class: "ps-result-head" }, decisionSaid(d), h("b", null, solutionName(engine, solution))), terms(d),
      Object.keys(d.dissents ?? {}).length > 0 && h("p", null, `Dissent: ${joined(Object.keys(d.dissents).map((p) => nameOf(view.state, p)))}`)))),
  ],
};
