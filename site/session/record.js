// What the session leaves behind: the record to take away, on paper too, and what has changed in the catalogue since.

import { h } from "../planner/ui/dom.js";
import { challengeName, solutionName } from "../planner/ui/terms.js";
import { capital, count, joined } from "../planner/ui/words.js";
import { decisionSaid, terms } from "./decide.js";
import { facetName, valueSaid } from "./facts.js";
import { advised } from "./options.js";
import { summary } from "./road.js";
import { overrideSaid } from "./telling.js";

export const FORMATS = { markdown: ["Markdown", "md"], json: ["JSON", "json"], csv: ["CSV", "csv"], xlsx: ["Excel", "xlsx"] };

export function record(context) {
  const { state, act } = context;
  return [
    h("h3", { key: "title", class: "ps-screen" }, "The record"),
    h("p", { class: "pv-buttons ps-screen", key: "formats" }, Object.entries(FORMATS).map(([id, [name]]) => h("button", { key: id, type: "button", class: "pv-button", onclick: () => act.download(id) }, name)),
      h("button", { type: "button", class: "pv-button pv-main", disabled: !state.advice.record?.value, onclick: act.print }, "Print")),
    h("div", { class: "ps-screen", key: "changes" }, advised(state.advice.changes, "changes", (held) => since(context, held))),
    advised(state.advice.record, "record", (made) => paper(context, made)),
  ];
}

/** What has changed since the session's release, in the catalogue and for its decisions. */
function since({ engine, view, leads, act }, held) {
  if (held.pinned === held.current) return h("p", { class: "pv-hint" }, `Made with release ${held.pinned} of the catalogue, which is the current one.`);
  const shifts = held.comparison.shifts.filter((s) => s.before !== s.after);
  return h("section", { class: "pv-note pv-changes", "aria-label": "Changes in the catalogue" },
    h("p", null, h("b", null, `The catalogue went on from ${held.pinned} to ${held.current}: ${count(held.changes.length, "record")} changed.`), " The session stays on its release unless you go over."),
    held.decisions.length > 0 && h("ul", null, held.decisions.map((d) => h("li", { key: d.solution }, h("b", null, solutionName(engine, d.solution)), ` (${d.decision}): `, d.changed.length ? d.changed.join(", ") : "its records are as they were", "; ", d.before === d.after ? `still ${d.after} for us` : h("b", null, `${d.before} became ${d.after} for us`), "."))),
    shifts.length > 0 && h("details", null, h("summary", null, `${count(shifts.length, "solution")} would stand differently for us`), h("ul", null, shifts.map((s) => h("li", { key: s.solution }, `${s.label}: ${s.change}`)))),
    h("details", null, h("summary", null, "All changed records"), h("ul", null, held.changes.map((c) => h("li", { key: `${c.kind}/${c.id}` }, `${capital(c.change)}: ${c.kind} ${c.label}${c.fields.length ? ` (${c.fields.join(", ")})` : ""}`)))),
    leads && !view.state.closed_at && h("p", null, h("button", { type: "button", class: "pv-button", onclick: () => act.edition(held.current) }, `Go over to release ${held.current}`)));
}

/** The record as it is printed. */
function paper({ engine, view }, made) {
  const list = (held, show, none) => (held.length ? h("ul", null, held.map((x, at) => h("li", { key: at }, show(x)))) : h("p", null, none));
  return h("article", { class: "ps-paper", "aria-label": "Decision record" },
    h("h2", null, `Decision record: ${made.title}`),
    h("p", null, `As of ${made.as_of.slice(0, 16).replace("T", " ")} UTC, ${made.closed_at ? "closed" : "not closed yet"}. Made with ${made.catalogue_title}, release ${made.catalogue} (${made.licence}).`),
    made.notice.map((n) => h("p", { key: n, class: "pv-hint" }, n)),
    h("h3", null, "Decisions"),
    made.decisions.length === 0 && h("p", null, "Nothing was decided."),
    made.decisions.map((d) => h("section", { key: d.solution, class: "ps-decided" },
      h("p", null, decisionSaid(d), h("b", null, d.label), h("small", null, ` ${d.verdict}`)), terms(d),
      d.dissent.map((x) => h("p", { key: x.name }, h("b", null, `Dissent of ${x.name}`), x.reason && `: ${x.reason}`)),
      h("p", null, h("small", null, "Sources: ", d.citations.map((c, at) => [at > 0 && "; ", c.url ? h("a", { href: c.url, rel: "noreferrer" }, c.cite) : c.cite, `, ${c.title}`]))))),
    h("h3", null, "How bad the challenges are"),
    list(made.ratings, ratedSaid, "No round was revealed."),
    h("h3", null, "The organisation"),
    list(made.profile, (k) => [h("b", null, facetName(engine, k.field)), `: ${valueSaid(engine, k.field, k.value)}`, h("small", null, ` ${k.value === null ? "not settled" : `settled by ${k.by ?? "the room"}`}`), Object.entries(k.open_proposals).map(([who, v]) => `; ${who} proposes ${valueSaid(engine, k.field, v)}`)], "Nothing was settled."),
    h("h3", null, "Roadmap"),
    summary(made.roadmap),
    list(made.roadmap.plan.steps, (s) => `${capital(s.words)}: quarter ${s.first}${s.last > s.first ? ` to ${s.last}` : ""}`, "Nothing fits within the limits."),
    made.overrides.length > 0 && h("p", null, "Overrides: ", joined(made.overrides.map((o) => `${o.label} ${overrideSaid(o)}`)), "."),
    h("h3", null, "Who was there"),
    h("p", null, joined(made.people.map((p) => `${p.name} (${p.role}${p.left ? ", shown out" : ""})`)), "."),
    h("p", null, h("small", null, `${made.anonymous ? "Ratings are anonymous." : "Ratings are not anonymous in this session."} ${Object.keys(view.state.severities).length ? `Severities used: ${joined(Object.entries(made.severities).map(([c, s]) => `${challengeName(engine, c)} ${s}`))}.` : ""}`)));
}

function ratedSaid(r) {
  const x = r.result;
  if (!x) return `Round ${r.round}, ${r.label}: judged by fewer than three, so nothing is shown`;
  return [`Round ${r.round}, ${r.label}: median ${x.median}, middle half ${x.low} to ${x.high}, judged by ${x.judged}${x.cannot_judge ? `, ${x.cannot_judge} could not judge` : ""}${x.disagree ? "; people disagree" : ""}`,
    x.comments.map((c, at) => h("span", { key: at, class: "ps-quote" }, ` ${c.person ? `${c.person}, ` : ""}${c.severity ?? "can't judge"}: “${c.comment}”`))];
}
