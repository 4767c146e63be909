// Step two: who are you? An interview that asks what bears most on the answer, and the whole form under it.

import { h } from "./dom.js";
import { facetFields } from "./facets.js";
import { known, saidOf, withMember, withPlaced, withText } from "./profile.js";
import { facets, solutionName, themes } from "./terms.js";
import { capital, count, joined, lower } from "./words.js";

/**
 * The next question of an interview.
 *
 * `question` is one of the engine's, `ask.done()` goes to the next one, `ask.again()` brings back those that were passed over.
 */
export function interviewCard({ engine, raw, change, interview, asked, passed, ask }) {
  const facet = asked ?? interview.question?.facet;
  const again =
    passed.length > 0 &&
    h("button", { type: "button", class: "pv-link", onclick: ask.again }, `Ask again for what you passed over (${passed.length})`);
  if (!facet) {
    const said = interview.settled
      ? "Your first five are settled: whatever else you could tell, the same five come first."
      : "No further answer is likely to change which five come first.";
    return h("section", { class: "pv-ask pv-settled", "aria-label": "Next question" }, h("p", null, said), again);
  }
  const scheme = engine.vocabulary[facet];
  const why = interview.question?.facet === facet ? interview.question.why : null;
  return h(
    "section",
    { class: "pv-ask", id: "pv-ask", "aria-label": "Next question", key: `ask-${facet}` },
    h("p", { class: "pv-over" }, "The question that matters most now"),
    h("h3", { tabindex: -1 }, scheme.question ?? scheme.label),
    h("p", { class: "pv-hint" }, scheme.definition, why && ` ${why}`),
    facetFields({ raw, scheme, change: (next, said) => change(next, said, facet), place: "ask" }),
    h(
      "p",
      { class: "pv-buttons" },
      h("button", { type: "button", class: "pv-button pv-main", onclick: () => ask.done(facet) },
        known(raw, scheme) === "none" ? "We don't know: next question" : "Next question"),
      again,
    ),
  );
}

/** The whole form, facet by facet. `opened` says which are open, `open(facet)` is told when one is opened or closed. */
export function profileForm({ engine, raw, change, opened, open, before = null }) {
  return h(
    "div",
    { class: "pv-form" },
    themes(engine).map((theme) =>
      h(
        "section",
        { key: theme.label },
        h("h3", null, theme.label),
        theme.facets.map((scheme) => facet({ raw, scheme, change, opened, open, before })),
      ),
    ),
    h("section", { key: "own" }, h("h3", null, "Solutions you know"), placed({ engine, raw, change, opened, open }), tried({ engine, raw, change, opened, open })),
    h("section", { key: "like" }, h("h3", null, "What you would rather have"), prefer({ engine, raw, change, opened, open })),
  );
}

function fold(id, opened, open, title, said, tone, body) {
  const shown = Boolean(opened[id]);
  return h(
    "details",
    {
      key: id, id: `pv-${id}`, class: `pv-facet ${tone}`, open: shown,
      ontoggle: (event) => event.target.open !== shown && open(id, event.target.open),
    },
    h("summary", null, h("span", { class: "pv-name" }, title), h("span", { class: "pv-said" }, said)),
    shown && body(),
  );
}

function facet({ raw, scheme, change, opened, open, before }) {
  const now = saidOf(raw, scheme);
  const was = before && saidOf(before, scheme);
  const changed = was !== null && was !== now;
  const says = [now, changed && h("em", null, ` (was: ${was})`)];
  return fold(scheme.id, opened, open, scheme.label, says, `pv-${known(raw, scheme)}${changed ? " pv-changed" : ""}`, () => [
    h("p", { class: "pv-hint" }, scheme.question, " ", h("small", null, scheme.definition)),
    facetFields({ raw, scheme, change, place: "form" }),
  ]);
}

function chooser(engine, id, text, chosen, add) {
  const rest = Object.values(engine.solutions).filter((s) => !chosen.includes(s.id)).sort((a, b) => (a.label < b.label ? -1 : 1));
  return h(
    "p",
    null,
    h("label", { for: id }, text),
    h(
      "select",
      { id, value: "", onchange: (event) => event.target.value && add(event.target.value) },
      h("option", { value: "" }, "Choose a solution"),
      rest.map((s) => h("option", { value: s.id, key: s.id }, s.label)),
    ),
  );
}

function placed({ engine, raw, change, opened, open }) {
  const held = raw.in_place ?? [];
  const said = held.length ? held.map((s) => solutionName(engine, s)).join(", ") : "none named";
  return fold("in_place", opened, open, "Already in place", said, held.length ? "pv-all" : "pv-none", () => [
    h("p", { class: "pv-hint" }, "They count as available, meet what others need, and are never recommended again."),
    chips(held.map((s) => [s, solutionName(engine, s), () => change(withPlaced(raw, s, false), `${solutionName(engine, s)} is not in place`)])),
    chooser(engine, "pv-add-placed", "Add ", held, (s) => change(withPlaced(raw, s, true), `${solutionName(engine, s)} is in place`)),
  ]);
}

function chips(held) {
  return held.length > 0 && h("ul", { class: "pv-plain pv-chips" }, held.map(([key, text, remove]) =>
    h("li", { key }, text, " ", h("button", { type: "button", class: "pv-link", "aria-label": `Take out ${text}`, onclick: remove }, "take out"))));
}

function tried({ engine, raw, change, opened, open }) {
  const held = Object.entries(raw.tried ?? {});
  const said = held.length ? held.map(([s]) => solutionName(engine, s)).join(", ") : "none named";
  return fold("tried", opened, open, "Tried before", said, held.length ? "pv-all" : "pv-none", () => [
    h("p", { class: "pv-hint" }, "What came of it is shown as a caution, so that nobody repeats it unawares."),
    held.map(([s, note]) =>
      h(
        "p",
        { key: s, class: "pv-tried" },
        h("label", { for: `pv-tried-${s}` }, solutionName(engine, s)),
        h("textarea", { id: `pv-tried-${s}`, rows: 2, value: note, oninput: (event) => change(withMember(raw, "tried", s, event.target.value), null) }),
        h("button", { type: "button", class: "pv-link", onclick: () => change(withMember(raw, "tried", s, null), `${solutionName(engine, s)} taken out`) }, "take out"),
      ),
    ),
    chooser(engine, "pv-add-tried", "Add ", held.map(([s]) => s), (s) => change(withMember(raw, "tried", s, ""), `${solutionName(engine, s)} was tried`)),
  ]);
}

const OWN = { maintained: "Maintained software", quick: "Quick results", cheap: "Low cost", "low-knowledge": "Little know-how needed" };
const WEIGHTS = [[0, "no matter"], [0.5, "a little"], [1, "much"]];

function prefer({ engine, raw, change, opened, open }) {
  const held = raw.prefer ?? {};
  const names = [...engine.vocabulary.kind.concepts.map((c) => [c.id, `A ${lower(c.label)}`]), ...Object.entries(OWN)];
  const liked = names.filter(([id]) => held[id] > 0).map(([, text]) => lower(text));
  return fold("prefer", opened, open, "Preferences", liked.length ? capital(joined(liked)) : "none", liked.length ? "pv-all" : "pv-none", () => [
    h("p", { class: "pv-hint" }, "They add a small, visible part to the score and rule nothing out."),
    h(
      "ul",
      { class: "pv-plain" },
      names.map(([id, text]) => {
        const now = held[id] ?? 0;
        const steps = WEIGHTS.some(([w]) => w === now) ? WEIGHTS : [...WEIGHTS, [now, String(now)]];
        return h(
          "li",
          { key: id, class: "pv-value" },
          h("span", null, text),
          h("span", { class: "pv-segments pv-three", role: "radiogroup", "aria-label": text }, steps.map(([w, says]) =>
            h("label", { key: says }, h("input", { type: "radio", name: `prefer-${id}`, value: w, checked: now === w,
              onchange: () => change(withMember(raw, "prefer", id, w || null), `${text}: ${says}`) }), h("span", null, says)))),
        );
      }),
    ),
  ]);
}

/** Name and description of the organisation, which go into links and exports. */
export function naming({ raw, change }) {
  return h(
    "div",
    { class: "pv-naming" },
    h("label", { for: "pv-label" }, "Name of this scenario"),
    h("input", { id: "pv-label", type: "text", maxlength: 120, autocomplete: "off", value: raw.label ?? "", placeholder: "Our organisation",
      oninput: (event) => change(withText(raw, "label", event.target.value), null) }),
  );
}

/** How much of the form is known, in words. */
export function organisationSaid(engine, raw) {
  const asked = facets(engine).filter((scheme) => !scheme.omitted_means_no);
  const said = asked.filter((scheme) => known(raw, scheme) !== "none").length;
  return `${said} of ${count(asked.length, "fact")} known`;
}
