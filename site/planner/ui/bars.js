// A score as a bar: what is sure in full colour, what unknowns may still take away hatched behind it; the same figures as a table.

import { h } from "./dom.js";
import { challengeName } from "./terms.js";
import { capital, decimals } from "./words.js";

const GROUPS = [
  ["cover", "how much it covers", ["depth", "breadth"]],
  ["sure", "how well shown, and for cases like yours", ["evidence", "fit"]],
  ["ease", "how soon, cheap and simple", ["speed", "cost", "knowledge", "upkeep"]],
  ["care", "few warnings, and your preferences", ["care", "preference"]],
];

function groupOf(criterion) {
  return GROUPS.findIndex(([, , ids]) => ids.includes(criterion));
}

/** The bar of a recommendation, on a scale from 0 to 1 that is the same for every organisation. */
export function scoreBar(recommendation) {
  const sums = GROUPS.map(() => ({ worst: 0, more: 0 }));
  for (const c of recommendation.contributions) {
    const group = sums[Math.max(0, groupOf(c.criterion))];
    group.worst += c.worst;
    group.more += c.value - c.worst;
  }
  let x = 0;
  const piece = (width, name) => {
    const rect = width > 0.0004 && h("rect", { x: (100 * x).toFixed(2), y: 0, width: (100 * width).toFixed(2), height: 10, class: name });
    x += Math.max(0, width);
    return rect;
  };
  const solid = sums.map((s, at) => piece(s.worst, `pv-c-${GROUPS[at][0]}`));
  const maybe = sums.map((s, at) => piece(s.more, `pv-c-${GROUPS[at][0]} pv-c-may`));
  const { score, worst } = recommendation;
  const said = score === worst ? `score ${decimals(score)} of 1` : `score ${decimals(worst)} to ${decimals(score)} of 1`;
  return h(
    "svg",
    { class: "pv-bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": said },
    h("rect", { x: 0, y: 0, width: 100, height: 10, class: "pv-c-rest" }),
    solid,
    maybe,
  );
}

export function legend() {
  return h(
    "p",
    { class: "pv-legend" },
    GROUPS.map(([name, text]) => h("span", { key: name }, h("i", { class: `pv-key pv-k-${name}` }), capital(text))),
    h("span", { key: "may" }, h("i", { class: "pv-key pv-k-may" }), "Pale: may still be lost to unknowns"),
  );
}

/** Every contribution with what is left of it at worst. */
export function contributions(engine, recommendation) {
  const open = recommendation.score !== recommendation.worst;
  return h(
    "table",
    { class: "pv-table pv-figures" },
    h("caption", null, "What makes up the score"),
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Because"), open && h("th", { scope: "col" }, "At worst"), h("th", { scope: "col" }, open ? "At best" : "Points"))),
    h("tbody", null, recommendation.contributions.filter((c) => c.value || c.worst).map((c) =>
      h("tr", null,
        h("th", { scope: "row" }, capital(c.words), c.challenge && !c.words.includes(challengeName(engine, c.challenge)) && ` (${challengeName(engine, c.challenge)})`),
        open && h("td", null, c.worst.toFixed(3)), h("td", null, c.value.toFixed(3))))),
    h("tfoot", null, h("tr", null, h("th", { scope: "row" }, "Score"), open && h("td", null, recommendation.worst.toFixed(3)), h("td", null, recommendation.score.toFixed(3)))),
  );
}
