// What changed for a scenario that was made with an older catalogue.

import { h } from "./dom.js";
import { challengeName, solutionName } from "./terms.js";
import { count, joined } from "./words.js";

const FIELDS = {
  phrases: "words by which it is found", symptoms: "symptoms", says: "what it says", when: "when it bites", effect: "its effect", evidence: "evidence",
  coverage: "coverage", how: "how it helps", remains: "what remains", effort: "effort", how_it_works: "how it works", implementations: "implementations",
  also: "other names", label: "name", definition: "definition", links: "links", validated_in: "where it was validated", retired: "retired",
};

/**
 * What became of the records that matter to a scenario since its catalogue.
 *
 * `changes` is the bundle's: `versions` kept, oldest first, and `since`, by version what it changed: `[change, kind, id, label, ...fields]`.
 * Returns `{from, to, told, why}`: `told` lists `{version, change, kind, id, label, fields}`; `why` says why nothing can be told, if so.
 */
export function changedFor({ engine, changes, from, raw, answer, aside }) {
  if (from === engine.version) return null;
  const known = { from, to: engine.version, told: [], why: null };
  if (order(from, engine.version) > 0) return { ...known, why: "it is newer than the one of this page, which may lack some of what it names" };
  if (!changes?.versions.includes(from)) return { ...known, why: "no copy of that catalogue was kept, so what changed since cannot be told" };
  const challenges = new Set([...answer.challenges.map((c) => c.id), ...aside.map((a) => a.id)]);
  const solutions = new Set([...answer.recommendations.map((r) => r.solution), ...answer.blocked.map((b) => b.solution),
    ...(raw.in_place ?? []), ...Object.keys(raw.tried ?? {}), ...aside.map((a) => a.id)]);
  const matters = (kind, id) => {
    const [head, tail] = id.split(".");
    if (kind === "challenge") return challenges.has(id);
    if (kind === "solution") return solutions.has(id);
    if (kind === "limitation") return solutions.has(head);
    if (kind === "addressing") return solutions.has(head) && challenges.has(tail);
    if (kind === "scheme") return id in raw || aside.some((a) => a.id === id);
    if (kind === "concept") return head in raw || aside.some((a) => a.id === tail);
    return kind === "criterion";
  };
  for (const version of changes.versions.filter((v) => order(v, from) > 0)) {
    for (const [change, kind, id, label, ...fields] of changes.since[version] ?? []) {
      if (matters(kind, id)) known.told.push({ version, change, kind, id, label, fields });
    }
  }
  return known;
}

function order(a, b) {
  const [x, y] = [a, b].map((v) => v.split(".").map(Number));
  for (let at = 0; at < Math.max(x.length, y.length); at++) if ((x[at] ?? 0) !== (y[at] ?? 0)) return (x[at] ?? 0) - (y[at] ?? 0);
  return 0;
}

function named(engine, { kind, id, label }) {
  const [head, tail] = id.split(".");
  if (kind === "limitation") return `a limitation of ${solutionName(engine, head)}`;
  if (kind === "addressing") return `what ${solutionName(engine, head)} does about ${challengeName(engine, tail)}`;
  if (kind === "concept") return `“${label}” in ${engine.vocabulary[head]?.label ?? head}`;
  return `${kind} “${label}”`;
}

/** The notice on an older scenario. */
export function changeNotice({ engine, changed, aside, dismiss }) {
  if (!changed && !aside.length) return null;
  const { told = [], why = null } = changed ?? {};
  return h("section", { class: "pv-note pv-changes", role: "region", "aria-label": "What changed for this scenario" },
    changed && h("p", null, h("strong", null, `This scenario was made with catalogue ${changed.from}; this page has ${changed.to}. `),
      why ? `What changed for it: ${why}.` : told.length ? `${count(told.length, "record")} that matter to it changed:` : "Nothing that matters to it has changed."),
    told.length > 0 && h("details", { open: told.length <= 5 }, h("summary", null, "What changed for it"),
      h("ul", null, told.map((c) => h("li", { key: c.version + c.kind + c.id }, h("b", null, c.change), ` ${named(engine, c)}`,
        c.fields.length > 0 && `: ${joined(c.fields.map((f) => FIELDS[f] ?? f.replaceAll("_", " ")))}`, h("small", null, ` (${c.version})`))))),
    aside.length > 0 && h("div", null,
      h("p", null, "This catalogue does not have all of its names. Put aside, and not counted:"),
      h("ul", null, aside.map((a) => h("li", { key: a.where + a.id }, h("code", null, a.id), ` (${a.where})`)))),
    h("button", { type: "button", class: "pv-button", onclick: dismiss }, "All right"));
}
