// Two scenarios held against each other: a what-if against what is, or A against B.

import { h } from "./dom.js";
import { saidOf } from "./profile.js";
import { counts } from "./summary.js";
import { challengeName, facets, solutionName } from "./terms.js";
import { AVAILABILITY, capital, count, decimals, joined, range, state, steps } from "./words.js";

const TONES = { "became feasible": "yes", "became undecided": "maybe", "became blocked": "no" };
const SAYS = { "became feasible": "became usable" };

/** What differs between two profiles, facet by facet: ["Budget: Small → Large", …]. */
export function toldApart(engine, a, b) {
  const found = [];
  const differ = (name, was, now) => was !== now && found.push(`${name}: ${was} → ${now}`);
  for (const scheme of facets(engine)) differ(scheme.label, saidOf(a, scheme), saidOf(b, scheme));
  const severity = (raw, id) => (raw.challenges?.[id] ? `severity ${raw.challenges[id]}` : "not named");
  for (const id of Object.keys({ ...a.challenges, ...b.challenges })) differ(challengeName(engine, id), severity(a, id), severity(b, id));
  const list = (raw, field) => Object.values(raw[field] ?? {}).sort().map((s) => solutionName(engine, s)).join(", ") || "none";
  differ("In place", list(a, "in_place"), list(b, "in_place"));
  if (a.problem !== b.problem) found.push("The problem in your own words");
  return found;
}

/** What differs between two answers, and because of what: lists of shifts by kind. */
export function differences({ engine, comparison }) {
  const { availability, shifts } = comparison;
  const kinds = new Map();
  for (const s of shifts) kinds.set(s.change, [...(kinds.get(s.change) ?? []), s]);
  if (!shifts.length && !availability.length) return h("p", { class: "pv-same" }, "Nothing becomes usable or blocked, and nothing moves.");
  return h("div", { class: "pv-differences" },
    availability.length > 0 && h("ul", { class: "pv-plain" }, availability.map(([c, was, now]) =>
      h("li", { key: c }, h("strong", null, challengeName(engine, c)), ": ", AVAILABILITY[was]?.says ?? was, " → ", AVAILABILITY[now] ? state(AVAILABILITY[now]) : now))),
    [...kinds].map(([kind, held]) => h("details", { key: kind, class: `pv-kind pv-edge-${TONES[kind] ?? "part"}`, open: kind in TONES ? true : null },
      h("summary", null, `${count(held.length, "solution")} ${SAYS[kind] ?? kind}`),
      h("ul", null, held.map((s) => h("li", { key: s.solution }, h("strong", null, s.label), " ", places(s),
        s.because.length > 0 && h("small", null, ` because ${joined(s.because.map((b) => b.replace(/^[\w.-]+: /, "")))}`)))))),
  );
}

function places(s) {
  const score = (x) => (x === null ? "–" : decimals(x));
  if (s.place_before && s.place_after) {
    const scores = s.score_before === s.score_after ? `score ${score(s.score_after)}` : `score ${score(s.score_before)} → ${score(s.score_after)}`;
    return s.place_before === s.place_after ? `(${scores})` : `(place ${s.place_before} → ${s.place_after}, ${scores})`;
  }
  if (s.place_after) return `(place ${s.place_after}, score ${score(s.score_after)})`;
  return s.place_before ? `(was place ${s.place_before})` : "";
}

/** A short sentence on a comparison. */
export function comparedSaid(comparison) {
  const n = (change) => comparison.shifts.filter((s) => s.change === change).length;
  const parts = [["became feasible", "become usable"], ["became undecided", "become undecided"], ["became blocked", "become blocked"], ["moved", "move"]]
    .filter(([change]) => n(change)).map(([change, says]) => `${n(change)} ${says}`);
  return parts.length ? capital(joined(parts)) : "No solution changes its verdict or its place";
}

/** Two scenarios side by side, then what differs. */
export function sideBySide({ engine, a, b, profiles, names, comparison }) {
  const apart = toldApart(engine, ...profiles);
  const ids = [...new Set([...a.challenges, ...b.challenges].map((c) => c.id))];
  const at = (answer, id) => answer.challenges.find((c) => c.id === id);
  const held = (answer, id) => {
    const c = at(answer, id);
    return c ? [state(AVAILABILITY[c.availability], capital(AVAILABILITY[c.availability].says)), h("br"), steps(c.low, c.high), h("small", null, ` ${range(c.low, c.high)}`)] : h("small", null, "not named");
  };
  const top = (answer) => h("ol", null, answer.recommendations.slice(0, 5).map((r) => h("li", { key: r.solution }, r.label, h("small", null, ` ${decimals(r.score)}`))));
  return h("div", { class: "pv-sides" },
    h("div", { class: "pv-scroll", tabindex: 0, role: "region", "aria-label": "Two scenarios side by side" },
      h("table", { class: "pv-table" },
        h("caption", { class: "pv-sr" }, "Two scenarios side by side"),
        h("thead", null, h("tr", null, h("td", null), names.map((name, n) => h("th", { scope: "col" }, h("b", null, "AB"[n]), ` ${name}`)))),
        h("tbody", null,
          h("tr", null, h("th", { scope: "row" }, "Solutions"), h("td", null, counts(a, "div")), h("td", null, counts(b, "div"))),
          ids.map((id) => h("tr", { key: id }, h("th", { scope: "row" }, challengeName(engine, id)), h("td", null, held(a, id)), h("td", null, held(b, id)))),
          h("tr", { key: "top" }, h("th", { scope: "row" }, "First five"), h("td", null, top(a)), h("td", null, top(b)))))),
    h("h4", null, "From A to B"),
    differences({ engine, comparison }),
    apart.length > 0 && h("details", null, h("summary", null, `What differs in what was told: ${apart.length}`), h("ul", null, apart.map((d) => h("li", { key: d }, d)))));
}
