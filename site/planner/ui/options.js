// What the organisation can use, best first: usable solutions, then those that hang on what is not known.

import { contributions, legend, scoreBar } from "./bars.js";
import { h } from "./dom.js";
import { challengeName, cite, deciders } from "./terms.js";
import { VERDICT, capital, count, joined, lower, range, scoreSaid, sign, steps } from "./words.js";

const SHOWN = 8;

/**
 * The ranked solutions of an answer.
 *
 * `opened` and `open(id, is)` hold which are unfolded, `tell(facet)` leads to a question, `own` gives further buttons for a solution;
 * `paper` unfolds everything and leaves out what can only be pressed.
 */
export function optionList({ engine, answer, opened, open, tell, own = null, paper = false }) {
  const feasible = answer.recommendations.filter((r) => r.verdict === "feasible");
  const undecided = answer.recommendations.filter((r) => r.verdict === "undecided");
  const view = { engine, opened, open, tell, own, paper };
  return h(
    "div",
    { class: "pv-options" },
    h("h3", { id: "pv-usable" }, feasible.length ? `What you can use: ${count(feasible.length, "solution")}, best first` : "What you can use: nothing for sure"),
    answer.stability && stability(engine, answer.stability),
    answer.recommendations.length > 0 && legend(),
    group(feasible, 1, "all-feasible", view),
    undecided.length > 0 && h("h3", { id: "pv-undecided" }, `What depends on things not known yet: ${count(undecided.length, "solution")}`),
    group(undecided, feasible.length + 1, "all-undecided", view),
  );
}

function group(held, from, id, view) {
  const all = view.paper || view.opened[id] || held.length <= SHOWN + 2;
  const shown = all ? held : held.slice(0, SHOWN);
  return [
    h("ol", { class: "pv-plain pv-ranking", start: from, key: id }, shown.map((r, at) => option(r, from + at, view))),
    !all && h("button", { key: `${id}-more`, type: "button", class: "pv-button", onclick: () => view.open(id, true) }, `Show ${held.length - SHOWN} more`),
  ];
}

function option(r, place, view) {
  const { engine, opened, open, tell, paper } = view;
  const id = `option-${r.solution}`;
  const shown = paper || Boolean(opened[id]);
  const covers = r.challenges.filter((s) => s.high !== "none");
  const score = scoreSaid(r, "–");
  return h(
    "li",
    { key: r.solution, class: "pv-option", id: `pv-${id}`, "data-solution": r.solution },
    h(
      "details",
      { open: shown, ontoggle: (event) => event.target.open !== shown && open?.(id, event.target.open) },
      h(
        "summary",
        null,
        h("span", { class: "pv-place" }, `${place}`),
        h("span", { class: "pv-head" }, sign(VERDICT[r.verdict].shape, VERDICT[r.verdict].tone), h("strong", null, r.label), h("small", null, r.kind)),
        h("span", { class: "pv-score" }, h("span", { class: "pv-sr" }, "score "), score),
        scoreBar(r),
        h("span", { class: "pv-covers" }, covers.map((s) => h("span", { key: s.challenge }, steps(s.low, s.high), lower(challengeName(engine, s.challenge))))),
      ),
      shown && details(r, view),
    ),
    r.deciders.length > 0 && asks(engine, r.deciders, paper ? null : tell),
  );
}

function asks(engine, held, tell) {
  return h("p", { class: "pv-asks" }, tell ? "Tell us: " : "To find out: ", deciders(engine, held).map((d) => {
    const text = `${d.label} (${d.asks}?)`;
    return tell ? h("button", { key: d.facet, type: "button", class: "pv-chip", onclick: () => tell(d.facet) }, text) : h("span", { key: d.facet }, ` ${text}`);
  }));
}

function details(r, view) {
  const { engine, own } = view;
  return h(
    "div",
    { class: "pv-body" },
    h("p", null, engine.solutions[r.solution]?.summary),
    r.challenges.map((s) => served(engine, s)),
    r.cautions.length > 0 && [h("h4", null, "Take care"), h("ul", { class: "pv-cautions" }, r.cautions.map((c) => caution(engine, c)))],
    contributions(engine, r),
    h("p", { class: "pv-effort" }, effort(engine, r.solution)),
    own?.(r.solution),
  );
}

function served(engine, s) {
  const reduced = s.high !== s.stated ? `, of ${s.stated} as stated` : "";
  const evidence = engine.vocabulary.evidence.concepts.find((c) => c.id === s.evidence)?.label ?? s.evidence;
  return h(
    "div",
    { key: s.challenge, class: "pv-served" },
    h("h4", null, challengeName(engine, s.challenge), h("small", null, ` ${range(s.low, s.high)}${reduced}`)),
    h("p", null, s.how),
    h("p", null, h("b", null, "What remains: "), s.remains),
    h("p", { class: "pv-source" }, `Evidence: ${lower(evidence)}`, s.sources.length > 0 && [" (", sources(engine, s.sources), ")"]),
  );
}

/** Sources by name, linked where there is an address. */
export function sources(engine, held) {
  return held.map((source, at) => {
    const link = engine.articles[source]?.link;
    const name = cite(engine, source);
    return [at > 0 && "; ", link ? h("a", { href: link, rel: "noreferrer" }, name) : name];
  });
}

function caution(engine, c) {
  const factor = c.factor && engine.vocabulary.factor.concepts.find((f) => f.id === c.factor)?.label;
  return h(
    "li",
    { class: c.certain ? "pv-certain" : "pv-possible" },
    !c.certain && h("b", null, `If ${c.when}: `),
    c.says,
    c.effect === "reduces" && h("em", null, " Helps less."),
    c.residual_risk && ` What stays: ${c.residual_risk}.`,
    h("small", null, factor && ` ${factor}`, c.sources.length > 0 && [factor ? "; " : " ", sources(engine, c.sources)]),
  );
}

function effort(engine, id) {
  const s = engine.solutions[id];
  if (!s) return "";
  const [low, high] = s.person_weeks;
  const label = (scheme, value) => lower(engine.vocabulary[scheme].concepts.find((c) => c.id === value)?.label ?? value);
  return `Effort by our estimate: ${low} to ${high} person-weeks; cost ${label("cost", s.one_off_cost)} to introduce and ${label("cost", s.running_cost)} to run; knowledge ${label("knowledge", s.knowledge)}; first value within ${label("horizon", s.time_to_value)}.`;
}

function stability(engine, held) {
  const near = held.ranges.filter((x) => x.rival !== null);
  if (!held.fragile || !near.length) return h("p", { class: "pv-stability" }, `The lead is stable: no weight has to move by less than ${held.margin} for another solution to come first.`);
  const room = (x) => Math.min(x.low > 0 ? x.weight - x.low : 1, x.high < 1 ? x.high - x.weight : 1);
  const tight = near.reduce((a, b) => (room(b) < room(a) ? b : a));
  return h("p", { class: "pv-stability" }, `The lead is fragile: if “${tight.criterion}” counted for less than ${tight.low.toFixed(3)} or more than ${tight.high.toFixed(3)} (now ${tight.weight.toFixed(3)}), ${engine.solutions[tight.rival].label} would come first.`);
}

/** Who leads on a challenge, in a sentence. */
export function leaders(engine, c) {
  const names = c.leaders.map((s) => engine.solutions[s]?.label ?? s);
  if (!names.length) return null;
  if (names.length === 1) return `Only ${names[0]} is usable.`;
  if (c.clear_winner) return `${names[0]} leads clearly; then ${joined(names.slice(1))}.`;
  return capital(`no clear winner among ${joined(names)}.`);
}
