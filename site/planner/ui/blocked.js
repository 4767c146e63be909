// What the organisation cannot use, why, and what small change would open it.

import { h } from "./dom.js";
import { sources } from "./options.js";
import { challengeName, deciders, solutionName } from "./terms.js";
import { VERDICT, capital, count, euros, joined, lower, sign, weeks } from "./words.js";

const UNLOCKS = 5;

/** Blocked solutions with reasons; unfolding one asks the engine what would unlock it. `attempt(moves)` tries moves as a what-if. */
export function blockedList({ engine, raw, answer, opened, open, attempt, tell, paper = false }) {
  if (!answer.blocked.length) return null;
  return h(
    "div",
    { class: "pv-blocked-list" },
    h("h3", { id: "pv-blocked" }, `What is blocked for you: ${count(answer.blocked.length, "solution")}`),
    h("ul", { class: "pv-plain" }, answer.blocked.map((b) => {
      const id = `option-${b.solution}`;
      const shown = paper || Boolean(opened[id]);
      const why = b.because.map((r) => r.because);
      return h(
        "li",
        { key: b.solution, class: "pv-option pv-out", id: `pv-${id}`, "data-solution": b.solution },
        h(
          "details",
          { open: shown, ontoggle: (event) => event.target.open !== shown && open?.(id, event.target.open) },
          h("summary", null,
            h("span", { class: "pv-head" }, sign(VERDICT.blocked.shape, VERDICT.blocked.tone), h("strong", null, b.label)),
            h("span", { class: "pv-why" }, why.length ? `since ${why[0]}` : "left with nothing for your challenges", why.length > 1 && ` (and ${count(why.length - 1, "more reason")})`),
            h("span", { class: "pv-covers" }, `for ${joined(b.challenges.map((c) => lower(challengeName(engine, c))))}`)),
          shown && body({ engine, raw, b, attempt, tell, paper }),
        ),
      );
    })),
  );
}

function body({ engine, raw, b, attempt, tell, paper }) {
  const told = engine.explain(raw, b.solution);
  return h(
    "div",
    { class: "pv-body" },
    h("ul", null, b.because.map((r) => reason(engine, r))),
    h("h4", null, "What would have to change"),
    told.verdict !== "blocked" && h("p", null, "It could be used, but would do nothing about your challenges here."),
    told.no_unlock && h("p", null, told.no_unlock),
    told.unlocks.length > 0 && h("ul", { class: "pv-plain pv-unlocks" }, told.unlocks.slice(0, UNLOCKS).map((u) => unlock(engine, u, attempt, tell, paper))),
    told.unlocks.length > UNLOCKS && h("p", { class: "pv-hint" }, `${told.unlocks.length - UNLOCKS} dearer ways are left out.`),
    told.alternatives.length > 0 && [
      h("h4", null, "What else does a like job"),
      h("ul", null, told.alternatives.map((a) => h("li", null, `${a.label} (${VERDICT[a.verdict].says}), for ${joined(a.shares.map((c) => lower(challengeName(engine, c))))}`))),
    ],
  );
}

function reason(engine, r) {
  const factor = engine.vocabulary.factor.concepts.find((f) => f.id === r.factor)?.label;
  return h("li", null,
    h("b", null, capital(r.because)), r.inherited_from && ` (its prerequisite ${solutionName(engine, r.inherited_from)})`, `: ${r.says} `,
    h("small", null, factor, r.sources.length > 0 && ["; ", sources(engine, r.sources)]));
}

function unlock(engine, u, attempt, tell, paper) {
  const [money, work] = [u.moves.reduce((sum, m) => sum + m.euros, 0), u.moves.reduce((sum, m) => sum + m.person_weeks, 0)];
  return h("li", null,
    capital(joined(u.moves.map((m) => m.words))), h("small", null, ` about ${euros(money)} and ${weeks(work)}, our estimate`),
    u.leaves_unknown.length > 0 && h("span", { class: "pv-hint" }, " Then still to find out: ", deciders(engine, u.leaves_unknown).map((d, at) => [at > 0 && "; ", `${d.label} (${d.asks}?)`]), "."),
    !paper && h("button", { type: "button", class: "pv-button", onclick: () => attempt(u.moves) }, "Try this"));
}

/** Changes that would open several blocked solutions at once, with what is gained. */
export function openingList({ engine, answer, attempt, paper = false }) {
  if (!answer.unlocks.length) return null;
  return h(
    "div",
    { class: "pv-openings" },
    h("h3", { id: "pv-unlocks" }, "What change would open more"),
    h("ul", { class: "pv-plain" }, answer.unlocks.map((o) =>
      h("li", { key: o.words + o.cost, class: "pv-opening" },
        h("p", null, h("strong", null, capital(o.moves.map((m) => m.words).join(", and "))), h("small", null, ` about ${euros(o.cost)} by our estimate, working time included`)),
        h("p", null, `Opens ${joined(o.solutions.map((s) => solutionName(engine, s)))}.`),
        o.improves.map((g) => h("p", { key: g.challenge, class: "pv-gain" }, `What you can surely do about ${lower(challengeName(engine, g.challenge))} rises from ${g.before} to ${g.after}.`)),
        !paper && h("button", { type: "button", class: "pv-button", onclick: () => attempt(o.moves) }, "Try this")))),
  );
}
