// What only a server can say: the roadmap, and how firm the lead is. Looked for beside this page, and only where a server says that it is there.

import { h } from "./dom.js";
import { solutionName } from "./terms.js";
import { capital, count, euros, weeks } from "./words.js";

/**
 * The address of the API if this site is served by it, else null.
 *
 * A static site holds `api.json` saying false, `provender serve` answers it with true: so that nothing is asked for that is not there.
 */
export async function findApi(root) {
  if (!/^https?:$/.test(root.protocol)) return null;
  try {
    const answer = await fetch(new URL("api.json", root), { credentials: "omit" });
    return answer.ok && (await answer.json()).api === true ? new URL("/v1/", root) : null;
  } catch {
    return null;
  }
}

/** Ask the API; throws an error whose message can be shown. */
export async function ask(api, path, body) {
  let answer;
  try {
    answer = await fetch(new URL(path, api), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error("The server does not answer; everything else on this page works without it.");
  }
  const held = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(held.detail || held.title || `The server answered with status ${answer.status}.`);
  return held;
}

/** The roadmap: quarter by quarter what to introduce and what to gain for it. `plan` is null while it is made. */
export function roadmap({ engine, held, make }) {
  const limits = held.plan?.limits;
  return h("div", { class: "pv-roadmap" },
    h("h3", null, "Roadmap"),
    held.error && h("p", { class: "pv-note pv-bad" }, held.error),
    held.busy && h("p", { role: "status" }, "Making the roadmap …"),
    h("button", { type: "button", class: "pv-button pv-main", onclick: make }, held.plan ? "Make it again" : "Make a roadmap"),
    held.stale && held.plan && h("p", { class: "pv-hint" }, "The scenario has changed since this roadmap was made."),
    held.plan && [
      h("p", null, `Covers ${(100 * held.plan.gain).toFixed(0)} % of your challenges, weighted by severity (now ${(100 * held.plan.gain_before).toFixed(0)} %), for about ${euros(held.plan.euros)} and ${weeks(held.plan.person_weeks)}.`),
      h("p", { class: "pv-hint" }, `Within ${euros(limits.euros)}, ${weeks(limits.person_weeks)} and ${count(limits.weeks, "week")}, ${limits.parallel} things at once.`, limits.assumed.length > 0 && ` Taken from your tiers: ${limits.assumed.join("; ")}.`),
      quarters(engine, held.plan.steps),
      held.plan.unscheduled.length > 0 && [h("h4", null, "Chosen, but does not fit in"), h("ul", null, held.plan.unscheduled.map((x) => h("li", null, `${solutionName(engine, x.solution)}: ${x.why}`)))],
      held.plan.left_out.length > 0 && h("details", null, h("summary", null, `Left out: ${held.plan.left_out.length}`), h("ul", null, held.plan.left_out.map((x) => h("li", null, `${solutionName(engine, x.solution)}: ${x.why}`)))),
    ]);
}

function quarters(engine, steps) {
  if (!steps.length) return h("p", null, "Nothing fits within these limits.");
  const last = Math.max(...steps.map((s) => s.last));
  const head = Array.from({ length: last }, (_, at) => at + 1);
  return h("div", { class: "pv-scroll", tabindex: 0, role: "region", "aria-label": "Roadmap by quarter" },
    h("table", { class: "pv-table" }, h("caption", { class: "pv-sr" }, "What to do in which quarter"),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "What"), head.map((q) => h("th", { scope: "col" }, `Quarter ${q}`)), h("th", { scope: "col" }, "Money"), h("th", { scope: "col" }, "Work"))),
      h("tbody", null, steps.map((s) => h("tr", { key: s.id, class: `pv-step-${s.kind}` }, h("th", { scope: "row" }, capital(s.words)),
        head.map((q) => h("td", { class: q >= s.first && q <= s.last ? "pv-busy" : null }, q >= s.first && q <= s.last ? h("span", { class: "pv-sr" }, "under way") : "")),
        h("td", null, euros(s.euros)), h("td", null, weeks(s.person_weeks)))))));
}
