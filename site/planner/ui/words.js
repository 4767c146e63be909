// Words and shapes that every view shares.

import { h } from "./dom.js";

export const SEVERITY = ["", "minor", "noticeable", "serious", "severe", "critical"];
export const LEVELS = ["none", "partial", "substantial", "full"];

/** What an availability is called and drawn as: a shape besides the colour, so that neither print nor eye needs the colour. */
export const AVAILABILITY = {
  feasible: { shape: "full", tone: "yes", says: "you can do this well" },
  partial: { shape: "half", tone: "part", says: "only partly, for you" },
  undecided: { shape: "ring", tone: "maybe", says: "depends on what is unknown" },
  blocked: { shape: "cross", tone: "no", says: "blocked for you" },
  open: { shape: "dash", tone: "part", says: "open: nothing known claims more than partial coverage" },
};

export const VERDICT = {
  feasible: { shape: "full", tone: "yes", says: "usable" },
  undecided: { shape: "ring", tone: "maybe", says: "undecided" },
  blocked: { shape: "cross", tone: "no", says: "blocked" },
  "in place": { shape: "tick", tone: "done", says: "in place" },
};

const SHAPES = {
  full: [["circle", { cx: 8, cy: 8, r: 6 }]],
  half: [["circle", { cx: 8, cy: 8, r: 5.25, class: "pv-line" }], ["path", { d: "M8 2.75a5.25 5.25 0 0 1 0 10.5z" }]],
  ring: [["circle", { cx: 8, cy: 8, r: 5.25, class: "pv-line", "stroke-dasharray": "3.2 2.3" }]],
  cross: [["path", { d: "M3.5 3.5l9 9M12.5 3.5l-9 9", class: "pv-line" }]],
  dash: [["path", { d: "M2.5 8h11", class: "pv-line" }]],
  tick: [["path", { d: "M2.5 8.5l3.8 3.8 7.2-8.3", class: "pv-line" }]],
};

/** A small sign; what it means stands beside it in words. */
export function sign(shape, tone) {
  return h(
    "svg",
    { class: `pv-sign pv-${tone}`, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", focusable: "false" },
    SHAPES[shape].map(([tag, props]) => h(tag, props)),
  );
}

/** A sign with its words. */
export function state(held, says = held.says) {
  return h("span", { class: `pv-state pv-${held.tone}` }, sign(held.shape, held.tone), h("span", null, says));
}

/** Three steps for partial, substantial and full, filled up to what is sure and outlined up to what may be. */
export function steps(low, high) {
  const [sure, most] = [LEVELS.indexOf(low), LEVELS.indexOf(high)];
  return h(
    "svg",
    { class: "pv-steps", viewBox: "0 0 46 12", width: 46, height: 12, role: "img", "aria-label": `coverage ${range(low, high)}` },
    [1, 2, 3].map((n) =>
      h("rect", {
        x: (n - 1) * 16 + 0.75, y: 12.25 - 3.5 * n, width: 12.5, height: 3.5 * n - 1,
        class: n <= sure ? "pv-sure" : n <= most ? "pv-may" : "pv-not",
      }),
    ),
  );
}

/** "partial", or "none to partial". */
export function range(low, high) {
  return low === high ? high : `${low} to ${high}`;
}

export function joined(words, last = "and") {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

export function count(n, one, many = `${one}s`) {
  return `${n} ${n === 1 ? one : many}`;
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "Big name" within a sentence: "big name"; abbreviations and proper names stay as they are. */
export function lower(label) {
  const first = label.split(" ")[0];
  return /[A-Z]/.test(first.slice(1)) || ["Python", "Spark"].includes(first) ? label : label.charAt(0).toLowerCase() + label.slice(1);
}

export function euros(amount) {
  return `€${Math.round(amount).toLocaleString("en-GB")}`;
}

export function weeks(n) {
  return count(Number(n.toFixed(1)), "person-week");
}

export function decimals(score) {
  return score.toFixed(2);
}

/** The score of a recommendation, with what is left at worst where that shows. */
export function scoreSaid({ score, worst }, between) {
  const [low, high] = [decimals(worst), decimals(score)];
  return low === high ? high : `${low}${between}${high}`;
}
