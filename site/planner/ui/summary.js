// The head of an answer: what it rests on, how it stands with each challenge, what is missing.

import { h } from "./dom.js";
import { leaders } from "./options.js";
import { challengeName } from "./terms.js";
import { AVAILABILITY, SEVERITY, VERDICT, capital, count, joined, lower, range, sign, state, steps } from "./words.js";

/** Three numbers with their signs. */
export function counts(answer, as = "p") {
  const { feasible, undecided, blocked } = answer.counts;
  const one = (verdict, n) => h("span", { key: verdict, class: `pv-count pv-${VERDICT[verdict].tone}` }, sign(VERDICT[verdict].shape, VERDICT[verdict].tone), h("b", null, n), h("span", { class: "pv-word" }, VERDICT[verdict].says));
  return h(as, { class: "pv-counts" }, one("feasible", feasible), one("undecided", undecided), one("blocked", blocked));
}

/** The same in words, for those who listen. */
export function spoken(answer) {
  const { feasible, undecided, blocked } = answer.counts;
  const first = answer.recommendations[0];
  return `${feasible} usable, ${undecided} undecided, ${blocked} blocked.${first ? ` First: ${first.label}.` : ""}`;
}

/** What is unknown and how much hangs on it; then where the catalogue comes from. */
export function opening({ engine, answer, tell, paper = false }) {
  const hanging = answer.unknown.filter((u) => u.solutions_hanging > 0);
  const idle = answer.unknown.length - hanging.length;
  const name = (u) => lower(engine.vocabulary[u.facet].label);
  const own = answer.notice.filter((n) => !engine.honesty.includes(n));
  return h(
    "div",
    { class: "pv-opening-notice" },
    own.map((n) => h("p", { key: n, class: "pv-own" }, n)),
    hanging.length > 0 &&
      h("p", { class: "pv-hanging" },
        `Not or not fully known, with the number of solutions that hang on it: `,
        hanging.map((u, at) => paper ? `${at ? ", " : ""}${name(u)} (${u.solutions_hanging})`
          : h("button", { key: u.facet, type: "button", class: "pv-chip", onclick: () => tell(u.facet) }, `${name(u)} `, h("b", null, u.solutions_hanging)))),
    idle > 0 && h("p", { class: "pv-hint" }, `${count(idle, "other fact is", "other facts are")} open, but no verdict hangs on ${idle === 1 ? "it" : "them"}.`),
    h("details", { class: "pv-rests", open: paper }, h("summary", null, "What this rests on"), engine.honesty.map((n) => h("p", { key: n }, n)),
      h("p", null, `Answered from catalogue ${answer.catalogue}. Coverage, effort and conditions are this project's estimates.`)),
  );
}

/** Each of the organisation's challenges: how much can be done about it, and by what. */
export function challengeStates({ engine, answer }) {
  const every = answer.challenges.every((c) => c.severity === 1) && answer.challenges.length === Object.keys(engine.challenges).length;
  const states = every ? answer.challenges.slice().sort((a, b) => (a.label < b.label ? -1 : 1)) : answer.challenges;
  return h("ul", { class: "pv-plain pv-states" }, states.map((c) => {
    const held = AVAILABILITY[c.availability];
    const gap = answer.gaps.find((g) => g.challenge === c.id);
    return h("li", { key: c.id, class: `pv-standing pv-edge-${held.tone}`, "data-challenge": c.id, "data-state": c.availability },
      h("p", { class: "pv-line-one" }, h("strong", null, c.label), !every && h("small", null, ` ${SEVERITY[c.severity]} (${c.severity})${c.assumed ? ", assumed from your words" : ""}`)),
      h("p", { class: "pv-line-two" }, state(held, capital(held.says)), steps(c.low, c.high), h("small", null, `best coverage: ${range(c.low, c.high)}`)),
      !every && leaders(engine, c) && h("p", { class: "pv-leaders" }, leaders(engine, c)),
      !every && gap && c.availability !== "open" && h("p", { class: "pv-leaders" }, gap.says));
  }));
}

/** Links between the challenges named and others that may be behind them. */
export function behind({ engine, answer, tell }) {
  const own = new Set(answer.challenges.map((c) => c.id));
  const found = Object.values(engine.challenges).flatMap((c) => (c.links ?? [])
    .filter(([kind, to]) => kind === "causes" && own.has(to) && !own.has(c.id)).map(([, to]) => ({ from: c.id, to })));
  if (!found.length || own.size > 8) return null;
  const by = new Map();
  for (const { from, to } of found) by.set(from, [...(by.get(from) ?? []), to]);
  return h("details", { class: "pv-behind" }, h("summary", null, `May lie behind it: ${count(by.size, "other challenge")}`),
    h("ul", null, [...by].map(([from, to]) => h("li", { key: from }, h("button", { type: "button", class: "pv-link", onclick: () => tell(from) }, challengeName(engine, from)),
      ` can cause ${joined(to.map((c) => lower(challengeName(engine, c))))}`))));
}
