// The roadmap within the room's limits, and what the room's overrides of it cost.

import { h } from "../planner/ui/dom.js";
import { solutionName } from "../planner/ui/terms.js";
import { capital, count, euros, weeks } from "../planner/ui/words.js";
import { advised } from "./options.js";
import { overrideSaid } from "./telling.js";
import { undoButton } from "./undoing.js";

const percent = (share) => `${(100 * share).toFixed(0)} %`;

export function road(context) {
  const { view, leads, state } = context;
  const may = leads && !view.state.closed_at;
  return [
    h("h3", { key: "title" }, "Roadmap"),
    may && limits(context),
    advised(state.advice.roadmap, "roadmap", (held) => [
      summary(held),
      overrides(context, held, may),
      quarters(context, held.plan, may),
      held.plan.unscheduled.length > 0 && [h("h4", null, "Chosen, but does not fit in"), h("ul", null, held.plan.unscheduled.map((x) => h("li", { key: x.solution }, `${solutionName(context.engine, x.solution)}: ${x.why}`)))],
      leftOut(context, held.plan, may),
    ]),
  ];
}

const LIMITS = [["euros", "Money, €", 0], ["person_weeks", "Work, person-weeks", 0], ["weeks", "Time, weeks", 1], ["parallel", "Things at once", 1]];

function limits(context) {
  const { view, state, act } = context;
  const set = view.state.limits;
  const typed = state.drafts.limits;
  const now = typed ?? set;
  return h("form", { class: "ps-limits ps-screen", key: "limits", onsubmit: (event) => (event.preventDefault(), act.limits(typed)) },
    LIMITS.map(([name, label, least]) => h("span", { key: name }, h("label", { for: `ps-limit-${name}` }, label), h("input", { id: `ps-limit-${name}`, type: "number", min: least, step: "any", inputmode: "decimal", placeholder: "as in the profile", value: now[name] ?? "",
      oninput: (event) => act.draft("limits", { seen: view.seq, ...now, [name]: event.target.value }) }))),
    h("button", { type: "submit", class: "pv-button", disabled: !typed }, "Set the limits"),
    undoButton(context, "limits"));
}

export function summary({ plan, without_overrides: free }) {
  const { limits: within } = plan;
  const lost = free.gain - plan.gain;
  return [
    h("p", null, h("b", null, `Covers ${percent(plan.gain)}`), ` of our challenges, weighted by severity (now ${percent(plan.gain_before)}), for about ${euros(plan.euros)} and ${weeks(plan.person_weeks)}.`,
      lost > 0.0005 && h("span", { class: "ps-loss" }, ` Without our overrides it would cover ${percent(free.gain)}, for ${euros(free.euros)}.`)),
    h("p", { class: "pv-hint" }, `Within ${euros(within.euros)}, ${weeks(within.person_weeks)} and ${count(within.weeks, "week")}, ${within.parallel} at once.`, within.assumed.length > 0 && ` Taken from the profile: ${within.assumed.join("; ")}.`),
  ];
}

function overrides(context, { costs, unmet }, may) {
  const { engine, view, act } = context;
  const held = Object.entries(view.state.overrides);
  if (!held.length) return null;
  return h("section", { class: "ps-overrides", "aria-label": "Overrides", key: "overrides" }, h("h4", null, "What we override, and what it costs"),
    h("ul", { class: "pv-plain" }, held.map(([solution, o]) => {
      const cost = costs.find((c) => c.solution === solution);
      const failed = unmet.find((u) => u.solution === solution);
      return h("li", { key: solution, "data-solution": solution }, h("p", null, h("b", null, solutionName(engine, solution)), `: ${overrideSaid(o)}. `, failed ? h("span", { class: "pv-why" }, `Cannot be kept: it ${failed.why}.`) : cost && h("span", null, costSaid(cost))),
        may && h("p", { class: "pv-buttons" }, h("button", { type: "button", class: "pv-link", onclick: () => act.override(solution, null, null) }, "Lift it", h("span", { class: "pv-sr" }, `: ${solutionName(engine, solution)}`)), undoButton(context, `override/${solution}`)));
    })),
    h("p", { class: "pv-hint" }, "Each cost says what lifting that one alone would change. Plans are at most 1 % short of the best, so a small difference means little."));
}

/** What an override costs, as the model reckons it. */
export function costSaid({ gain, euros: money, last_quarter: later }) {
  const told = [
    gain > 0.0005 && `covers ${(100 * gain).toFixed(1)} percentage points less`,
    gain < -0.0005 && `covers ${(-100 * gain).toFixed(1)} percentage points more`,
    money > 0.5 && `spends ${euros(money)} less`,
    money < -0.5 && `spends ${euros(-money)} more`,
    later > 0 && `ends ${count(later, "quarter")} later`,
    later < 0 && `ends ${count(-later, "quarter")} earlier`,
  ].filter(Boolean);
  return told.length ? `Because of it the roadmap ${told.join(", ")}.` : "It costs nothing.";
}

export function quarters(context, plan, may) {
  const { view, act, engine } = context;
  if (!plan.steps.length) return h("p", null, "Nothing fits within these limits.");
  const last = Math.max(...plan.steps.map((s) => s.last)) + (may ? 1 : 0);
  const head = Array.from({ length: last }, (_, at) => at + 1);
  const dropped = (quarter) => ({
    ondragover: (event) => event.preventDefault(),
    ondrop: (event) => {
      event.preventDefault();
      const solution = event.dataTransfer.getData("text/plain");
      const step = plan.steps.find((s) => s.id === solution);
      if (step && step.first !== quarter) move(context, step, quarter);
    },
  });
  return [may && h("p", { class: "pv-hint ps-screen", key: "how" }, "Drag a bar to another quarter, or use the buttons."), h("div", { class: "pv-scroll", key: "quarters", tabindex: 0, role: "region", "aria-label": "Roadmap by quarter" },
    h("table", { class: "pv-table ps-road" }, h("caption", null, "What in which quarter"),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "What"), may && h("th", { scope: "col", class: "ps-screen" }, "Override"), head.map((q) => h("th", { key: q, scope: "col" }, `Q${q}`)), h("th", { scope: "col" }, "Money"), h("th", { scope: "col" }, "Work"))),
      h("tbody", null, plan.steps.map((s) => h("tr", { key: s.id, class: `pv-step-${s.kind}`, "data-step": s.id },
        h("th", { scope: "row" }, capital(s.words), view.state.overrides[s.id] && h("small", null, ` ${overrideSaid(view.state.overrides[s.id])}`)),
        may && h("td", { class: "ps-screen" }, s.kind === "solution" && h("span", { class: "ps-moves" },
          h("button", { type: "button", class: "pv-button", disabled: s.first === 1 && !view.state.overrides[s.id]?.quarter, title: "A quarter earlier", "aria-label": `${s.words}: a quarter earlier`, onclick: () => move(context, s, s.first - 1) }, "←"),
          h("button", { type: "button", class: "pv-button", title: "A quarter later", "aria-label": `${s.words}: a quarter later`, onclick: () => move(context, s, s.first + 1) }, "→"),
          h("button", { type: "button", class: "pv-button", "aria-label": `${s.words}: leave out`, onclick: () => act.override(s.id, "out", null) }, "Leave out"))),
        head.map((q) => {
          const busy = q >= s.first && q <= s.last;
          const drag = may && s.kind === "solution" && busy;
          return h("td", { key: q, class: busy ? "pv-busy" : null, "data-quarter": q, draggable: drag ? "true" : null, ondragstart: drag ? (event) => event.dataTransfer.setData("text/plain", s.id) : undefined, ...(may && dropped(q)) }, busy ? h("span", { class: "pv-sr" }, "under way") : "");
        }),
        h("td", null, euros(s.euros)), h("td", null, weeks(s.person_weeks)))))))];
}

/** Put a solution into another quarter; into the first means that nothing holds it back. */
function move({ view, act }, step, quarter) {
  const held = view.state.overrides[step.id];
  act.override(step.id, held?.choice ?? null, quarter > 1 ? quarter : null);
}

function leftOut({ engine, view, act, state }, plan, may) {
  if (!plan.left_out.length) return null;
  return h("details", { class: "pv-rests", key: "out", open: Boolean(state.opened.out), ontoggle: (event) => event.target.open !== Boolean(state.opened.out) && act.open("out", event.target.open) }, h("summary", null, `Left out: ${plan.left_out.length}`),
    h("ul", { class: "pv-plain" }, plan.left_out.map((x) => h("li", { key: x.solution, class: "ps-left" }, h("span", null, h("b", null, solutionName(engine, x.solution)), `: ${x.why}`),
      may && !view.state.overrides[x.solution]?.choice && h("button", { type: "button", class: "pv-button", onclick: () => act.override(x.solution, "in", null) }, "Keep in", h("span", { class: "pv-sr" }, `: ${solutionName(engine, x.solution)}`))))));
}
