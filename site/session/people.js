// Who is here, how others get in, and who leads.

import { h } from "../planner/ui/dom.js";
import { count } from "../planner/ui/words.js";
import { toAddress } from "./keep.js";

/** The first step: invite people and see them come. */
export function people({ room, view, state, leads, isFacilitator, act }) {
  return [
    leads && invitation({ held: state.invitation, act }),
    h("h3", { key: "who" }, `Who is here: ${count(present(view).length, "person", "people")}`),
    h("ul", { class: "pv-plain ps-people", key: "people" }, present(view).map(([id, p]) => person({ id, p, view, room, state, leads, isFacilitator, act }))),
    mine({ room, state, act }),
    leads && ending({ view, state, isFacilitator, act }),
  ];
}

export function present(view) {
  return Object.entries(view.state.people).filter(([, p]) => !p.removed);
}

/** The way in, as large as there is room. */
export function invitation({ held, act, projector = false }) {
  if (held?.error) return h("p", { class: "pv-note pv-bad", key: "invitation" }, held.error);
  if (!held?.code) return h("p", { class: "pv-hint", key: "invitation" }, "Making the invitation …");
  return h("section", { class: "ps-invitation", key: "invitation", "aria-label": "Invitation" },
    held.qr && h("img", { class: "ps-qr", src: held.qr, alt: `QR code for ${held.link}` }),
    h("div", null,
      h("p", { class: "ps-code" }, h("small", null, "Join code"), h("b", null, held.code)),
      held.link
        ? h("p", { class: "ps-link" }, projector ? held.link.split("#")[0] : h("a", { href: held.link }, held.link))
        : h("p", { class: "pv-note pv-bad" }, h("span", null, commanded(held.why))),
      !projector && h("p", { class: "pv-buttons" },
        held.link && h("button", { type: "button", class: "pv-button", onclick: () => act.copy(held.link, "The link") }, "Copy the link"),
        h("button", { type: "button", class: "pv-button", onclick: act.projector }, "Open the projector view"),
        sure(act, "recode", "Replace the code", "The code of now will let nobody in any more; those who are in stay.", act.recode))));
}

/** A sentence whose commands, which stand between backticks, look like commands. */
function commanded(text) {
  return text.split("`").map((part, at) => (at % 2 ? h("code", { key: at }, part) : part));
}

/** A button that asks once more. */
export function sure(act, id, text, says, done, danger = true) {
  const asked = act.asked === id;
  if (!asked) return h("button", { type: "button", key: id, class: "pv-link", id: `ps-ask-${id}`, onclick: () => act.ask(id) }, text);
  return h("span", { class: "ps-sure", key: `${id}-sure`, role: "group", "aria-label": text }, h("span", null, says),
    h("button", { type: "button", id: `ps-sure-${id}`, class: danger ? "pv-button ps-danger" : "pv-button pv-main", onclick: () => (act.ask(null), done()) }, text),
    h("button", { type: "button", class: "pv-link", onclick: () => act.ask(null, id) }, "No"));
}

function person({ id, p, view, room, state, leads, isFacilitator, act }) {
  const own = id === room.seat.person;
  const may = !own && p.role !== "facilitator" && leads;
  const link = state.links[id];
  return h("li", { key: id, class: own ? "ps-person ps-own" : "ps-person", "data-person": id },
    h("span", null, h("b", null, p.name), own && " (you)", p.role !== "participant" && h("small", null, ` ${p.role}`)),
    may && h("details", { class: "ps-more" },
      h("summary", null, "Change", h("span", { class: "pv-sr" }, ` ${p.name}`)),
      h("p", { class: "pv-buttons" },
        isFacilitator && p.role === "participant" && h("button", { type: "button", class: "pv-button", onclick: () => act.role(id, "co-facilitator") }, "Make co-facilitator"),
        isFacilitator && p.role === "co-facilitator" && h("button", { type: "button", class: "pv-button", onclick: () => act.role(id, "participant") }, "Make participant"),
        isFacilitator && sure(act, `hand-${id}`, "Hand the session over", `${p.name} leads from then on, and you become co-facilitator.`, () => act.role(id, "facilitator"), false),
        (isFacilitator || p.role === "participant") && sure(act, `token-${id}`, "New access", `For somebody who lost theirs: what ${p.name} had before ends.`, () => act.renew(id), false),
        sure(act, `out-${id}`, "Show out", `${p.name} loses access, and ratings that are not revealed yet no longer count.`, () => act.removal(id)))),
    link && h("p", { class: "pv-note" }, h("label", { for: `ps-link-${id}` }, `Give this link to ${p.name} alone: whoever has it is ${p.name}.`),
      h("input", { id: `ps-link-${id}`, type: "text", readonly: true, value: link, onfocus: (event) => event.target.select() }),
      h("button", { type: "button", class: "pv-button", onclick: () => act.copy(link, "The link") }, "Copy")));
}

function mine({ room, state, act }) {
  const link = new URL(toAddress(room.seat, { token: true }), state.page).href;
  return h("details", { class: "ps-more", key: "mine" }, h("summary", null, "Go on at another device"),
    h("p", null, h("label", { for: "ps-mine" }, "This link is you. Open it on your other device, and show it to nobody."),
      h("input", { id: "ps-mine", type: "text", readonly: true, value: link, onfocus: (event) => event.target.select() }),
      h("button", { type: "button", class: "pv-button", onclick: () => act.copy(link, "The link") }, "Copy")));
}

function ending({ view, state, isFacilitator, act }) {
  const closed = Boolean(view.state.closed_at);
  return h("p", { class: "pv-buttons ps-ending", key: "ending" },
    closed ? h("button", { type: "button", class: "pv-button", onclick: act.reopen }, "Reopen the session")
      : sure(act, "close", "Close the session", "It stays readable, takes nothing more, and can be reopened.", act.close, false),
    isFacilitator && sure(act, "delete", "Delete the session", `All of it is gone for good, for everybody. Export the record first. Without that it goes by itself on ${view.expires_at.slice(0, 10)}.`, act.remove),
    state.deleting && h("span", null, "Deleting …"));
}
