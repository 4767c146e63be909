// Rating: everybody for themselves until the facilitator reveals what all said together.

import { h } from "../planner/ui/dom.js";
import { phases } from "../planner/ui/terms.js";
import { count, joined } from "../planner/ui/words.js";
import { LEVELS, levelSaid } from "./levels.js";
import { present, sure } from "./people.js";
import { resultList, results } from "./results.js";
import { clock, nameOf } from "./telling.js";

const TIMES = [60, 120, 180, 300, 600, 900];

/** What one has given in the open round, unsent ratings included: `{severity, comment}` by challenge; severity null is *can't judge*. */
export function given(view, out) {
  const sent = view.state.me?.ratings?.[view.state.round] ?? {};
  const made = Object.fromEntries(Object.entries(sent).map(([c, r]) => [c, { severity: r.severity ?? null, comment: r.comment ?? null }]));
  for (const { body, round } of out) {
    if (body.kind === "rating" && round === view.state.round) made[body.challenge] = { severity: body.severity, comment: body.comment ?? null };
  }
  return made;
}

/** The challenges of a round, by phase. */
export function asked(engine, round) {
  const only = round.challenges && new Set(round.challenges);
  return phases(engine).map((phase) => ({ ...phase, challenges: phase.challenges.filter((c) => !only || only.has(c.id)) })).filter((p) => p.challenges.length);
}

export function rate(context) {
  const { view } = context;
  const round = view.state.rounds[view.state.round];
  const open = !round.revealed_at;
  const shown = results(view.state);
  return [
    h("h3", { key: "round", id: "ps-round", tabindex: -1 }, open ? `Round ${view.state.round}: how bad is it?` : `Round ${view.state.round}: what we said`),
    open && timer(context, round),
    open && progress(context, round),
    context.leads && !view.state.closed_at && leading(context, round, open),
    open && form(context, round),
    shown.length > 0 && [open && h("h3", { key: "before" }, "What we said before"), resultList({ engine: context.engine, state: view.state, shown })],
    !open && shown.length === 0 && h("p", { key: "none" }, "Nothing was shown: no challenge was judged by three people."),
  ];
}

/** The clock of a round, if it runs. */
export function timer({ view, now }, round) {
  if (!round.ends_at) return null;
  const left = (Date.parse(round.ends_at) - now) / 1000;
  return h("p", { class: left > 0 ? "ps-timer" : "ps-timer ps-late", key: "timer", role: "timer" }, left > 0 ? h("b", null, clock(left)) : h("b", null, "Time is up"), left > 0 && " left");
}

/** Who has rated how many; nothing of what. */
export function progress({ engine, view }, round) {
  const all = asked(engine, round).reduce((sum, p) => sum + p.challenges.length, 0);
  const done = (person) => Object.values(round.rated).filter((by) => by[person]).length;
  const people = present(view);
  const whole = people.filter(([id]) => done(id) >= all).length;
  return h("div", { class: "ps-progress", key: "progress" },
    h("p", null, h("b", null, `${whole} of ${count(people.length, "person", "people")} rated all`), h("small", null, ` Who has rated is seen by all, what they said by nobody until the reveal.${view.state.anonymous ? "" : " Then everybody sees who gave which rating: this session is not anonymous."}`)),
    h("ul", { class: "pv-plain" }, people.map(([id, p]) => h("li", { key: id, class: done(id) >= all ? "ps-done" : null }, done(id) >= all ? "✓ " : "", p.name, h("small", null, ` ${done(id)}/${all}`)))));
}

function leading({ engine, view, state, act }, round, open) {
  const time = state.drafts.time ?? "180";
  const times = h("select", { id: "ps-time", value: time, "aria-label": "Time to rate", onchange: (event) => act.draft("time", event.target.value) },
    TIMES.map((s) => h("option", { key: s, value: String(s) }, `${s / 60} minute${s > 60 ? "s" : ""}`)));
  if (open) return h("div", { class: "ps-lead", key: "lead", role: "group", "aria-label": "Lead the round" },
    h("span", null, times, " ", h("button", { type: "button", class: "pv-button", onclick: () => act.timer(Number(time)) }, round.ends_at ? "Set the clock anew" : "Start the clock")),
    act.asked === "reveal" ? null : h("button", { type: "button", class: "pv-button pv-main", id: "ps-ask-reveal", onclick: () => act.ask("reveal") }, "Reveal to everybody"),
    act.asked === "reveal" && sure(act, "reveal", "Reveal now", revealSaid(view, round), act.reveal, false));
  const disputed = Object.entries(round.results ?? {}).filter(([, r]) => r.too_few || r.disagree).map(([c]) => c);
  return h("div", { class: "ps-lead", key: "lead", role: "group", "aria-label": "Lead the next round" },
    times,
    disputed.length > 0 && h("button", { type: "button", class: "pv-button pv-main", onclick: () => act.round(disputed, Number(time)) }, `Second round on ${count(disputed.length, "challenge")} where people disagree or too few judged`),
    h("button", { type: "button", class: "pv-button", onclick: () => act.round(null, Number(time)) }, "New round on everything"));
}

function revealSaid(view, round) {
  const missing = present(view).filter(([id]) => !Object.values(round.rated).some((by) => by[id])).map(([id]) => nameOf(view.state, id));
  return `${missing.length ? `${joined(missing)} ${missing.length > 1 ? "have" : "has"} not rated anything yet. ` : ""}It cannot be undone: nobody forgets what was seen.`;
}

function form({ engine, view, state, act }, round) {
  const mine = given(view, state.out);
  const closed = Boolean(view.state.closed_at);
  const hint = view.state.anonymous ? "Why? Shown without your name" : "Why? Shown with your name";
  return h("div", { class: "ps-form", key: "form" },
    h("p", { class: "ps-scale" }, LEVELS.map((word, n) => h("span", { key: n }, h("b", null, n), ` ${word}`)), h("span", { key: "?" }, h("b", null, "?"), " can't judge")),
    asked(engine, round).map((phase) => h("section", { key: phase.id, class: "pv-phase" },
      h("h4", null, phase.label),
      h("ul", { class: "pv-plain" }, phase.challenges.map((c) => row({ c, now: mine[c.id] ?? null, typed: state.drafts[`comment-${c.id}`], closed, hint, act }))))));
}

const CHOICES = [0, 1, 2, 3, 4, 5, null];

function row({ c, now, typed, closed, hint, act }) {
  const comment = typed ?? now?.comment ?? "";
  return h("li", { key: c.id, class: now ? "pv-challenge pv-on" : "pv-challenge", "data-challenge": c.id },
    h("details", { class: "pv-about" }, h("summary", null, c.label), h("p", null, c.definition),
      h("ul", null, (c.symptoms ?? []).map(([role, says]) => h("li", null, `“${says}” `, h("small", null, `(${role})`))))),
    h("div", { class: "ps-choice" },
      h("div", { class: "pv-severity ps-severity", role: "radiogroup", "aria-label": `Severity of ${c.label}` }, CHOICES.map((n) => h("label", { key: String(n), title: n === null ? "can't judge" : LEVELS[n] },
        h("input", { type: "radio", name: `rate-${c.id}`, value: String(n), checked: now !== null && now.severity === n, disabled: closed, onchange: () => act.rate(c.id, n, comment) }),
        h("span", { "aria-hidden": "true" }, n ?? "?"), h("span", { class: "pv-sr" }, levelSaid(n))))),
      h("small", { class: "ps-word" }, now ? (now.severity === null ? "can't judge" : LEVELS[now.severity]) : "not rated")),
    now && h("p", { class: "ps-comment", key: "comment" },
      h("label", { class: "pv-sr", for: `ps-comment-${c.id}` }, `Why? A comment on ${c.label}`),
      h("input", { id: `ps-comment-${c.id}`, type: "text", maxlength: 2000, placeholder: hint, value: comment, disabled: closed, autocomplete: "off",
        oninput: (event) => act.draft(`comment-${c.id}`, event.target.value), onchange: () => act.rate(c.id, now.severity, comment) })));
}
