// The map of challenges and solutions, coloured for one organisation.

import { h } from "./dom.js";
import { phases, solutionName } from "./terms.js";
import { LEVELS, VERDICT, lower, range, sign } from "./words.js";

const SIZE = 18;

/**
 * The map: a row per challenge, the organisation's own first; a column per solution, in the order of its answer.
 *
 * `whole` is the answer of the same organisation with every challenge named, so that solutions for other challenges are ruled on too.
 */
export function map({ engine, raw, answer, whole, show }) {
  const own = answer.challenges.map((c) => c.id).filter((c) => answer.challenges.length < Object.keys(engine.challenges).length || (raw.challenges ?? {})[c]);
  const rest = phases(engine).flatMap((p) => p.challenges.map((c) => c.id)).filter((c) => !own.includes(c));
  const placed = new Set(whole.in_place);
  const ruled = new Map(whole.recommendations.map((r) => [r.solution, r]));
  const order = [...new Set([...answer.recommendations.map((r) => r.solution), ...answer.blocked.map((b) => b.solution), ...answer.in_place,
    ...whole.recommendations.map((r) => r.solution), ...whole.blocked.map((b) => b.solution), ...placed])].filter((s) => engine.solutions[s]);
  const verdict = (s) => (placed.has(s) ? "in place" : (ruled.get(s)?.verdict ?? "blocked"));
  const row = (c, mine) =>
    h("tr", { key: c, class: mine ? "pv-mine" : null },
      h("th", { scope: "row" }, engine.challenges[c].label),
      order.map((s) => cell(engine, c, s, verdict(s), ruled.get(s))));
  return h(
    "div",
    { class: "pv-map" },
    h("p", { class: "pv-hint" }, "Rows: challenges, yours first. Columns: solutions in your order. The larger the square, the more of the challenge is covered."),
    h("p", { class: "pv-legend" }, ["feasible", "undecided", "blocked", "in place"].map((v) => h("span", { key: v }, cellSign(v, "full"), VERDICT[v].says))),
    h("div", { class: "pv-scroll", tabindex: 0, role: "region", "aria-label": "Map of challenges and solutions; scrolls sideways" },
      h("table", { class: "pv-table" },
        h("caption", { class: "pv-sr" }, "Coverage of each challenge by each solution, for this organisation"),
        h("thead", null, h("tr", null, h("td", null), order.map((s) =>
          h("th", { key: s, scope: "col", class: `pv-col pv-${VERDICT[verdict(s)].tone}` },
            h("button", { type: "button", onclick: () => show(s), title: `${solutionName(engine, s)}: ${VERDICT[verdict(s)].says}` },
              h("span", null, solutionName(engine, s)), sign(VERDICT[verdict(s)].shape, VERDICT[verdict(s)].tone), h("span", { class: "pv-sr" }, `, ${VERDICT[verdict(s)].says}`)))))),
        h("tbody", { key: "own" }, own.map((c) => row(c, true))),
        h("tbody", { key: "rest" }, rest.map((c) => row(c, false))))),
  );
}

function cell(engine, challenge, solution, verdict, r) {
  const stated = engine.solutions[solution].addressings.find((a) => a.challenge === challenge);
  if (!stated) return h("td", { key: solution });
  const served = r?.challenges.find((s) => s.challenge === challenge);
  const said = verdict === "blocked" ? `blocked, ${stated.coverage} as stated` : served ? range(served.low, served.high) : stated.coverage;
  const level = served ? served.high : stated.coverage;
  return h("td", { key: solution, "data-solution": solution, "data-challenge": challenge, "data-state": level === "none" ? "blocked" : verdict,
    title: `${solutionName(engine, solution)} on ${lower(engine.challenges[challenge].label)}: ${said}` },
    cellSign(level === "none" ? "blocked" : verdict, level === "none" ? stated.coverage : level), h("span", { class: "pv-sr" }, said));
}

function cellSign(verdict, level) {
  const side = [0, 8, 12, 16][LEVELS.indexOf(level)];
  const from = (SIZE - side) / 2;
  const box = { x: from, y: from, width: side, height: side };
  return h("svg", { class: `pv-cell pv-${VERDICT[verdict].tone}`, viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE, "aria-hidden": "true" },
    verdict === "blocked" ? h("path", { class: "pv-line", d: `M${from} ${from}L${from + side} ${from + side}M${from + side} ${from}L${from} ${from + side}` })
      : verdict === "undecided" ? h("rect", { ...box, class: "pv-line", "stroke-dasharray": "2.5 1.8" })
        : verdict === "in place" ? [h("rect", { ...box, class: "pv-line" }), h("rect", { x: from + side / 4, y: from + side / 4, width: side / 2, height: side / 2 })]
          : h("rect", box));
}
