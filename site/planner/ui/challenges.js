// Step one: what is the trouble? Twenty challenges with severities, or plain words.

import { h } from "./dom.js";
import { withSeverity, withText } from "./profile.js";
import { phases } from "./terms.js";
import { SEVERITY, capital, count } from "./words.js";

const ASSUMED = 3;
const SHOWN = 4;

/**
 * The challenges of an organisation, to be set.
 *
 * `change(profile, said)` is called with the profile as it is to be. Words are matched at once; they enter the profile as its `problem`.
 */
export function challenges({ engine, raw, change }) {
  const held = raw.challenges ?? {};
  const set = (id, n, label) =>
    change(withSeverity(raw, id, n), n ? `${label}: severity ${n}, ${SEVERITY[n]}` : `${label} taken out`);
  return h(
    "div",
    { class: "pv-challenges" },
    words({ engine, raw, change, set }),
    h("h3", { id: "pv-pick" }, "Or pick from the list"),
    h("p", { class: "pv-hint" }, "How badly does it hurt? 1 is minor, 5 is critical."),
    phases(engine).map((phase) =>
      h(
        "section",
        { class: "pv-phase", key: phase.id },
        h("h4", { title: phase.definition }, phase.label),
        h("ul", { class: "pv-plain" }, phase.challenges.map((c) => challenge(c, held[c.id] ?? 0, set))),
      ),
    ),
  );
}

function challenge(c, severity, set) {
  return h(
    "li",
    { key: c.id, class: severity ? "pv-challenge pv-on" : "pv-challenge" },
    h(
      "details",
      { class: "pv-about" },
      h("summary", null, c.label),
      h("p", null, c.definition),
      h("ul", null, (c.symptoms ?? []).map(([role, says]) => h("li", null, `“${says}” `, h("small", null, `(${role})`)))),
    ),
    h(
      "div",
      { class: "pv-severity", role: "radiogroup", "aria-label": `Severity of ${c.label}` },
      [0, 1, 2, 3, 4, 5].map((n) =>
        h(
          "label",
          { key: n, title: n ? capital(SEVERITY[n]) : "Not our problem" },
          h("input", {
            type: "radio", name: `severity-${c.id}`, value: n, checked: severity === n, onchange: () => set(c.id, n, c.label),
          }),
          h("span", { "aria-hidden": "true" }, n || "–"),
          h("span", { class: "pv-sr" }, n ? `${n}, ${SEVERITY[n]}` : "not our problem"),
        ),
      ),
    ),
  );
}

function words({ engine, raw, change, set }) {
  const text = raw.problem ?? "";
  const matches = text.trim() ? engine.match(text).filter((m) => m.score > 0).slice(0, SHOWN) : [];
  return h(
    "div",
    { class: "pv-words" },
    h("label", { for: "pv-problem" }, "What goes wrong? Say it in your own words"),
    h("textarea", {
      id: "pv-problem", rows: 3, maxlength: 20000, value: text,
      placeholder: "The model was good at launch and gets worse month by month.",
      oninput: (event) => change(withText(raw, "problem", event.target.value), null),
    }),
    text.trim() &&
      h(
        "div",
        { class: "pv-matches", role: "group", "aria-label": "Challenges that your words speak of" },
        matches.length
          ? matches.map((m) => match(engine, raw, m, set))
          : h("p", { class: "pv-hint" }, "None of the challenges speaks of this. Other words may help, or the list below."),
      ),
  );
}

function match(engine, raw, m, set) {
  const { label } = engine.challenges[m.challenge];
  const severity = raw.challenges?.[m.challenge];
  const note = severity ? `severity ${severity}` : m.confident ? "sure: counts as severity 3" : "perhaps";
  return h(
    "button",
    {
      key: m.challenge, type: "button", class: `pv-match${m.confident ? " pv-confident" : ""}`, "aria-pressed": severity ? "true" : "false",
      onclick: () => set(m.challenge, severity ? 0 : ASSUMED, label),
    },
    h("span", { "aria-hidden": "true" }, severity ? "✓ " : "+ "),
    label,
    h("small", null, ` ${note}`),
  );
}

/** How many challenges there are, in words. */
export function challengesSaid(raw) {
  const n = Object.keys(raw.challenges ?? {}).length;
  return n ? count(n, "challenge") : raw.problem ? "in your words" : "none yet";
}
