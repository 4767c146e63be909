// What a revealed round said together: median, spread, and comments where people disagree. Under three raters nothing is shown.

import { h } from "../planner/ui/dom.js";
import { challengeName } from "../planner/ui/terms.js";
import { count } from "../planner/ui/words.js";
import { LEVELS } from "./levels.js";
import { nameOf } from "./telling.js";

/** The latest result of each challenge, the worst first: `[{challenge, round, result, before}]`. */
export function results(state) {
  const found = new Map();
  for (const [number, round] of Object.entries(state.rounds)) {
    for (const [challenge, result] of Object.entries(round.results ?? {})) {
      const before = found.get(challenge)?.result;
      found.set(challenge, { challenge, round: Number(number), result, before: before && !before.too_few ? before : null });
    }
  }
  return [...found.values()].sort((a, b) => (b.result.median ?? -1) - (a.result.median ?? -1) || (a.challenge < b.challenge ? -1 : 1));
}

export function resultList({ engine, state, shown }) {
  return h("ul", { class: "pv-plain ps-results", key: "results" }, shown.map((r) => h("li", { key: r.challenge, "data-challenge": r.challenge, class: r.result.disagree ? "ps-result ps-disagree" : "ps-result" },
    h("p", { class: "ps-result-head" }, h("b", null, challengeName(engine, r.challenge)), h("small", null, ` round ${r.round}`)),
    r.result.too_few ? h("p", { class: "pv-hint" }, "Judged by fewer than three, so nothing is shown.") : [chart(r.result), h("p", null, said(r.result), r.before && h("small", null, ` Before: median ${r.before.median}.`)), comments(state, r.result)])));
}

function said(r) {
  const level = Number.isInteger(r.median) ? `, ${LEVELS[r.median]}` : "";
  return `Median ${r.median}${level}; middle half ${r.low} to ${r.high}; judged by ${r.judged}${r.cannot_judge ? `, ${count(r.cannot_judge, "person", "people")} can't judge` : ""}.${r.disagree ? " People disagree." : ""}`;
}

function comments(state, r) {
  if (!r.comments?.length) return null;
  return h("ul", { class: "ps-comments" }, r.comments.map((c) => h("li", null, h("span", { class: "ps-said" }, c.severity ?? "?"), ` “${c.comment}”`, c.person && h("small", null, ` ${nameOf(state, c.person)}`))));
}

const [WIDE, HIGH] = [24, 30];

/** How many gave each severity, with the median and the middle half under it. */
function chart(r) {
  const most = Math.max(...r.histogram);
  const at = (severity) => (severity + 0.5) * WIDE;
  return h("svg", { class: "ps-chart", viewBox: `0 0 ${6 * WIDE} ${HIGH + 24}`, role: "img", "aria-label": r.histogram.map((n, s) => `${count(n, "person", "people")} said ${s}`).join(", ") },
    r.histogram.map((n, s) => h("g", { key: s },
      h("rect", { class: n ? "ps-bar" : "ps-bar ps-empty", x: s * WIDE + 3, y: HIGH - Math.max(1, (n / most) * (HIGH - 10)), width: WIDE - 6, height: Math.max(1, (n / most) * (HIGH - 10)) }),
      n > 0 && h("text", { x: at(s), y: HIGH - (n / most) * (HIGH - 10) - 2 }, n),
      h("text", { class: "ps-axis", x: at(s), y: HIGH + 10 }, s))),
    h("rect", { class: "ps-spread", x: at(r.low) - 1, y: HIGH + 17, width: at(r.high) - at(r.low) + 2, height: 2 }),
    h("circle", { class: "ps-median", cx: at(r.median), cy: HIGH + 18, r: 4 }));
}
