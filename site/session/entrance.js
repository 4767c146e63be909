// Outside of a session: begin one, join one, or go back to one's seat.

import { decode } from "../planner/engine/codec.js";
import { h } from "../planner/ui/dom.js";
import { count } from "../planner/ui/words.js";

/** What a file server shows: sessions need somebody who hands on what people write. */
export function needsServer() {
  return h("div", { class: "ps-needs" },
    h("h2", null, "Sessions need a server"),
    h("p", null, "A planning session is shared: what one person writes, everybody sees. These pages came from a file or from a plain file server, which cannot do that. Everything else on this site works without."),
    h("p", null, "On a computer that the others can reach, in the same network for example, run"),
    h("pre", null, h("code", null, "provender serve --host 0.0.0.0")),
    h("p", null, "and open the address that it prints, with ", h("code", null, "/session/"), " behind it."));
}

/** The ways in. `form` is what was typed, `type(name, value)` keeps it. */
export function entrance({ form, type, seats, join, scenarios, busy, error, act }) {
  return h("div", { class: "ps-entrance" },
    error && h("p", { class: "pv-note pv-bad", role: "alert", key: "error" }, error),
    join ? joining({ form, type, seats: seats.filter((s) => s.code === join), busy, act }) : [
      seats.length > 0 && back({ seats, act }),
      h("div", { class: "ps-ways", key: "ways" }, byCode({ form, type, act }), beginning({ form, type, scenarios, busy, act })),
    ]);
}

function joining({ form, type, seats, busy, act }) {
  return h("form", { class: "ps-card", key: "join", onsubmit: (event) => (event.preventDefault(), act.join()) },
    h("h2", null, "Join the session"),
    seats.map((s) => h("p", { key: s.person }, h("button", { type: "button", class: "pv-button pv-main", onclick: () => act.sit(s) }, `Go on as ${s.name}`))),
    h("p", null, h("label", { for: "ps-name" }, seats.length ? "Or join under another name" : "Your name"),
      h("input", { id: "ps-name", type: "text", maxlength: 60, required: true, autocomplete: "name", value: form.name ?? "", oninput: (event) => type("name", event.target.value) })),
    h("p", { class: "pv-hint" }, "Others see this name. No account, no e-mail address. How you rate stays between you and the server unless the session says otherwise."),
    h("p", { class: "pv-buttons" },
      h("button", { type: "submit", class: "pv-button pv-main", disabled: busy }, busy ? "Joining …" : "Join"),
      h("button", { type: "button", class: "pv-link", onclick: act.otherCode }, "I have another code")));
}

function byCode({ form, type, act }) {
  return h("form", { class: "ps-card", key: "code", onsubmit: (event) => (event.preventDefault(), act.code()) },
    h("h2", null, "Join a session"),
    h("p", null, h("label", { for: "ps-code" }, "The code on the screen"),
      h("input", { id: "ps-code", type: "text", maxlength: 40, required: true, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: form.code ?? "", oninput: (event) => type("code", event.target.value) })),
    h("p", { class: "pv-hint" }, "Or scan the QR code with your phone's camera."),
    h("p", null, h("button", { type: "submit", class: "pv-button pv-main" }, "Next")));
}

function back({ seats, act }) {
  return h("section", { class: "ps-card ps-seats", key: "seats", "aria-label": "Your sessions" },
    h("h2", null, "Go back to"),
    h("ul", { class: "pv-plain" }, seats.map((s) => h("li", { key: `${s.session}/${s.person}` },
      h("button", { type: "button", class: "pv-row", onclick: () => act.sit(s) }, h("b", null, s.title || "A session"), h("small", null, ` as ${s.name}, last opened ${s.at.slice(0, 10)}`)),
      h("button", { type: "button", class: "pv-link", onclick: () => act.forget(s) }, "Forget", h("span", { class: "pv-sr" }, ` ${s.title} as ${s.name}`))))));
}

function beginning({ form, type, scenarios, busy, act }) {
  const text = (name, label, props) => h("p", { key: name }, h("label", { for: `ps-${name}` }, label),
    h("input", { id: `ps-${name}`, type: "text", value: form[name] ?? "", oninput: (event) => type(name, event.target.value), ...props }));
  const from = form.from ?? "nothing";
  return h("form", { class: "ps-card", key: "begin", onsubmit: (event) => (event.preventDefault(), act.begin()) },
    h("h2", null, "Begin a session"),
    text("title", "What is planned?", { maxlength: 200, required: true, placeholder: "Data roadmap for next year", autocomplete: "off" }),
    text("mine", "Your name", { maxlength: 60, required: true, autocomplete: "name" }),
    h("p", null, h("label", { for: "ps-from" }, "What is known of the organisation"),
      h("select", { id: "ps-from", value: from, onchange: (event) => type("from", event.target.value) },
        h("option", { value: "nothing" }, "Nothing yet; we fill it in together"),
        scenarios.map((s) => h("option", { value: s.id, key: s.id }, s.name)),
        h("option", { value: "link" }, "A link from the planner"),
        h("option", { value: "file" }, "A file from the planner (JSON)"))),
    from === "link" && text("link", "The link", { required: true, autocomplete: "off", maxlength: 40_000 }),
    from === "file" && h("p", { key: "file" }, h("label", { for: "ps-file" }, "The file"), h("input", { id: "ps-file", type: "file", accept: ".json,application/json", onchange: act.file }), form.fileName && h("small", null, ` ${form.fileName}`)),
    h("details", { class: "ps-more" }, h("summary", null, "More settings"),
      h("p", null, h("label", null, h("input", { type: "checkbox", checked: form.named ?? false, onchange: (event) => type("named", event.target.checked) }), " Show who gave which rating once a round is revealed")),
      text("agree", "Settle a fact without the facilitator when so many propose the same", { inputmode: "numeric", pattern: "[0-9]{1,3}", placeholder: "never", class: "ps-short" }),
      text("days", "Delete the session so many days after its last change", { inputmode: "numeric", pattern: "[0-9]{1,4}", placeholder: "as this server does", class: "ps-short" })),
    h("p", null, h("button", { type: "submit", class: "pv-button pv-main", disabled: busy }, busy ? "Beginning …" : "Begin")));
}

/** Scenarios that this browser keeps for the planner, as `{id, name, profile}`. */
export function scenariosKept(storage, examples) {
  const draft = storage.draft();
  const made = storage.saved().map((s) => ({ id: `saved-${s.id}`, name: `My scenario “${s.name}”`, profile: s.profile }));
  if (draft && Object.keys(draft.profile).length) made.unshift({ id: "draft", name: "What the planner holds now", profile: draft.profile });
  return [...made, ...examples.map(({ id, fictional: _, ...profile }) => ({ id: `example-${id}`, name: `Example: ${profile.label} (${count(Object.keys(profile.challenges ?? {}).length, "challenge")})`, profile }))];
}

/** The profile in a planner's link; throws an error whose message can be shown. */
export function fromLink(link) {
  const word = /[#&]s=([^&\s]+)/.exec(link)?.[1];
  if (!word) throw new Error("This is no link to a scenario; the planner's “Copy link” gives one.");
  return decode(word).profile;
}

/** The profile in a file that the planner exported, or a bare profile; throws an error whose message can be shown. */
export function fromFile(name, text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error(`${name} is no JSON; choose a file that the planner exported as “Data (JSON)”.`);
  }
  if (!data || typeof data !== "object" || Array.isArray(data)) throw new Error(`${name} holds no profile, which is a JSON object.`);
  const { id: _, fictional: __, ...profile } = data.profile && typeof data.profile === "object" ? data.profile : data;
  return profile;
}
