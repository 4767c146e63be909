// One facet of an organisation, to be filled in: a level or bounds, or yes, no and not known for each value.

import { h } from "./dom.js";
import { bounds, holds, known, saidOf, withBounds, withHolds, without } from "./profile.js";
import { lower } from "./words.js";

/** The fields of a facet. `change(profile, said)` is called with the profile as it is to be; `place` tells two copies on a page apart. */
export function facetFields({ raw, scheme, change, place }) {
  const set = (next) => change(next, `${scheme.label}: ${saidOf(next, scheme)}`);
  if (scheme.ordered) return levels(raw, scheme, set, place);
  return scheme.omitted_means_no ? boxes(raw, scheme, set, place) : values(raw, scheme, set, place);
}

const MODES = ["exactly", "at least", "at most", "between"];

function modeOf(held) {
  if (!held || held.at_least === held.at_most) return "exactly";
  return held.at_most === undefined ? "at least" : held.at_least === undefined ? "at most" : "between";
}

function levels(raw, scheme, set, place) {
  const held = bounds(raw, scheme.id);
  const mode = modeOf(held);
  const chosen = held ? (held.at_least ?? held.at_most) : null;
  const ids = scheme.concepts.map((c) => c.id);
  const pick = (id) => {
    if (id === null) return set(without(raw, scheme.id));
    if (mode === "at most") return set(withBounds(raw, scheme, { at_most: id }));
    if (mode === "at least") return set(withBounds(raw, scheme, { at_least: id }));
    if (mode === "between") return set(withBounds(raw, scheme, { at_least: id, at_most: held.at_most }));
    return set(withBounds(raw, scheme, { at_least: id, at_most: id }));
  };
  const turn = (next) => {
    const above = ids[Math.min(ids.indexOf(chosen) + 1, ids.length - 1)];
    const high = held.at_most && held.at_most !== chosen ? held.at_most : above;
    const made = {
      exactly: { at_least: chosen, at_most: chosen },
      "at least": { at_least: chosen },
      "at most": { at_most: chosen },
      between: { at_least: chosen, at_most: high },
    };
    set(withBounds(raw, scheme, made[next]));
  };
  return h(
    "div",
    { class: "pv-levels" },
    h(
      "div",
      { class: "pv-segments", role: "radiogroup", "aria-label": scheme.label },
      radio(`${place}-${scheme.id}`, "unknown", "Don't know", chosen === null, () => pick(null), "pv-unknown"),
      scheme.concepts.map((c) =>
        radio(`${place}-${scheme.id}`, c.id, c.label, chosen === c.id, () => pick(c.id), "", c.definition),
      ),
    ),
    chosen !== null &&
      h(
        "p",
        { class: "pv-exact" },
        h("label", { for: `${place}-${scheme.id}-mode` }, "That is "),
        h(
          "select",
          { id: `${place}-${scheme.id}-mode`, onchange: (event) => turn(event.target.value) },
          MODES.map((m) => h("option", { value: m, selected: m === mode }, m === "exactly" ? "exactly so" : m)),
        ),
        mode === "between" && [
          h("label", { for: `${place}-${scheme.id}-most` }, " and at most "),
          h(
            "select",
            {
              id: `${place}-${scheme.id}-most`,
              onchange: (event) => set(withBounds(raw, scheme, { at_least: chosen, at_most: event.target.value })),
            },
            scheme.concepts.slice(ids.indexOf(chosen)).map((c) => h("option", { value: c.id, selected: c.id === held.at_most }, c.label)),
          ),
        ],
        h("small", null, ` ${scheme.concepts[ids.indexOf(chosen)].definition}`),
      ),
  );
}

function radio(name, value, text, checked, onchange, extra = "", title = null) {
  return h(
    "label",
    { key: value, class: extra, title },
    h("input", { type: "radio", name, value, checked, onchange }),
    h("span", null, text),
  );
}

const ANSWERS = [[true, "yes"], [false, "no"], [null, "?"]];

function values(raw, scheme, set, place) {
  const open = scheme.concepts.filter((c) => holds(raw, scheme, c.id) === null).map((c) => c.id);
  return h(
    "div",
    { class: "pv-values" },
    h("ul", { class: "pv-plain" }, scheme.concepts.map((c) => {
      const now = holds(raw, scheme, c.id);
      const said = now === true ? " pv-yes" : now === false ? " pv-no" : "";
      return h(
        "li",
        { key: c.id, class: `pv-value${said}` },
        h("span", null, c.label, h("small", null, c.definition)),
        h(
          "span",
          { class: "pv-segments pv-three", role: "radiogroup", "aria-label": c.label },
          ANSWERS.map(([answer, text]) =>
            h(
              "label",
              { key: text },
              h("input", {
                type: "radio", name: `${place}-${scheme.id}-${c.id}`, value: text, checked: now === answer,
                onchange: () => set(withHolds(raw, scheme, [c.id], answer)),
              }),
              h("span", { "aria-hidden": "true" }, text),
              h("span", { class: "pv-sr" }, answer === null ? "not known" : text),
            ),
          ),
        ),
      );
    })),
    h(
      "p",
      { class: "pv-rest" },
      open.length > 0 &&
        h("button", { type: "button", class: "pv-link", onclick: () => set(withHolds(raw, scheme, open, false)) },
          open.length === scheme.concepts.length ? "None of these" : "No to the rest"),
      known(raw, scheme) !== "none" &&
        h("button", { type: "button", class: "pv-link", onclick: () => set(without(raw, scheme.id)) }, "Forget all answers here"),
    ),
  );
}

function boxes(raw, scheme, set, place) {
  return h(
    "div",
    { class: "pv-boxes", role: "group", "aria-label": scheme.label },
    h("ul", { class: "pv-plain" }, scheme.concepts.map((c) =>
      h(
        "li",
        { key: c.id },
        h(
          "label",
          null,
          h("input", {
            type: "checkbox", name: `${place}-${scheme.id}-${c.id}`, checked: holds(raw, scheme, c.id) === true,
            onchange: (event) => set(withHolds(raw, scheme, [c.id], event.target.checked)),
          }),
          h("span", null, c.label, h("small", null, ` ${lower(c.definition)}`)),
        ),
      ),
    )),
  );
}
