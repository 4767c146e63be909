// Where scenarios live: in the address bar, in this browser's storage, in files. Whatever is read from there is judged before it is used.

import { equal } from "./profile.js";
import { count } from "./words.js";

const SAVED = "provender.scenarios";
const DRAFT = "provender.draft";
const ADDRESS = { a: "s", b: "b", trial: "w" };
const MOST = 32768;
const LARGEST = 1_000_000;

/** A scenario cannot be used; `message` says what is wrong, where, and what to do. */
export class Refused extends Error {}

/** Read what an address holds: `{a, b, trial}`, each `{catalogue, profile}`, or null if it holds no scenario at all. */
export function fromAddress(engine, hash) {
  const text = hash.replace(/^#/, "");
  if (!/(^|&)[sbw]=/.test(text)) return null;
  const parts = new Map(text.split("&").map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
  const found = {};
  for (const [name, key] of Object.entries(ADDRESS)) {
    if (!parts.has(key)) continue;
    try {
      found[name] = engine.decode(parts.get(key));
    } catch (error) {
      throw new Refused(`This link cannot be read: ${error.message}.`.replace(/\.+$/, ".") + " Ask for it again, or open the scenario from a file.");
    }
  }
  if (!found.a) throw new Refused("This link names no scenario of its own (s=…); it may have been cut off.");
  return found;
}

/** The address of what is on the page. Null if a scenario is too long for a link. */
export function toAddress(engine, held) {
  const parts = [];
  for (const [name, key] of Object.entries(ADDRESS)) {
    if (!held[name] || (name === "a" && !Object.keys(held.a).length && !held.b)) continue;
    const word = engine.encode(held[name]);
    if (word.length > MOST) return null;
    parts.push(`${key}=${word}`);
  }
  return parts.length ? `#${parts.join("&")}` : "";
}

/** Read a file that a planner wrote, or a profile as JSON: `{catalogue, profile}`. */
export function fromFile(engine, name, text) {
  if (text.length > LARGEST) throw new Refused(`${name} is larger than a scenario can be (${count(text.length, "character")}).`);
  let data;
  try {
    data = JSON.parse(/^\s*</.test(text) ? embedded(name, text) : text);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(`${name} is no JSON: ${error.message}. Choose a file that “Export” wrote here, or a profile as JSON.`);
  }
  if (!data || typeof data !== "object" || Array.isArray(data)) throw new Refused(`${name} holds no profile, which is a JSON object.`);
  if (data.profile && typeof data.profile === "object") return { catalogue: String(data.catalogue ?? engine.version), profile: data.profile };
  return { catalogue: engine.version, profile: data };
}

/** The scenario inside a page that a planner exported; the page is parsed, never shown or run. */
function embedded(name, text) {
  const held = new DOMParser().parseFromString(text, "text/html").getElementById("provender-scenario");
  if (!held) throw new Refused(`${name} is a page without a scenario in it.`);
  return held.textContent;
}

/**
 * Make a profile from elsewhere fit this catalogue: names that it no longer has are put aside, everything else must hold.
 *
 * Returns `{raw, aside}`; `aside` lists what was put aside, `[{where, id}]`.
 */
export function admit(engine, profile) {
  const aside = [];
  const raw = {};
  const keep = (where, known) => (id) => {
    if (known(id)) return true;
    aside.push({ where, id: String(id) });
    return false;
  };
  const solution = (id) => Object.hasOwn(engine.solutions, id) || Object.hasOwn(engine.retired ?? {}, id);
  const text = (value) => typeof value === "string";
  for (const [key, value] of Object.entries(profile)) {
    const scheme = Object.hasOwn(engine.vocabulary, key) ? engine.vocabulary[key] : null;
    if (value === null) continue;
    if (scheme?.facet) {
      const values = new Set(scheme.concepts.map((c) => c.id));
      const held = facet(value, keep(scheme.label, (v) => !text(v) || values.has(v)), text);
      if (held !== undefined) raw[key] = held;
    } else if (key === "challenges") raw[key] = members(value, keep("challenges", (id) => Object.hasOwn(engine.challenges, id)));
    else if (key === "tried") raw[key] = members(value, keep("tried before", solution));
    else if (key === "in_place" && Array.isArray(value)) raw[key] = value.filter(keep("already in place", solution));
    else if (key === "fictional" || key === "id") continue;
    else if (OWN.has(key)) raw[key] = value;
    else aside.push({ where: "the profile", id: key });
  }
  try {
    engine.parse(raw);
  } catch (error) {
    const faults = error.faults ?? error.problems ?? [];
    const said = faults.map((f) => `${f.field ?? f.where?.join(".")}: ${f.message}`);
    throw new Refused(`The scenario cannot be used: ${said.length ? said.slice(0, 3).join("; ") : error.message}${said.length > 3 ? `; and ${said.length - 3} more` : ""}.`);
  }
  return { raw, aside };
}

const OWN = new Set(["label", "about", "problem", "prefer", "in_place"]);

function members(value, keep) {
  if (typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([id]) => keep(id)));
}

function facet(value, keep, text) {
  if (text(value)) return keep(value) ? value : undefined;
  if (Array.isArray(value)) return value.filter(keep);
  if (typeof value !== "object") return value;
  const held = Object.fromEntries(Object.entries(value)
    .filter(([bound, v]) => !text(v) || keep(v))
    .map(([side, v]) => [side, Array.isArray(v) ? v.filter(keep) : v]));
  return Object.keys(held).length ? held : undefined;
}

/** This browser's storage; where there is none, nothing is kept and `kept` says so. */
export function storage() {
  const read = (key, otherwise) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  const write = (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  };
  const fits = (s) => s && typeof s.id === "string" && typeof s.name === "string" && s.profile && typeof s.profile === "object";
  return {
    saved: () => {
      const held = read(SAVED, []);
      return Array.isArray(held) ? held.filter(fits) : [];
    },
    keep: (list) => write(SAVED, list),
    draft: () => {
      const held = read(DRAFT, null);
      return held?.profile && typeof held.profile === "object" ? held : null;
    },
    keepDraft: (draft) => write(DRAFT, draft),
  };
}

/** A name that no other saved scenario has. */
export function freeName(name, saved) {
  const taken = new Set(saved.map((s) => s.name));
  if (!taken.has(name)) return name;
  let n = 2;
  while (taken.has(`${name} (${n})`)) n++;
  return `${name} (${n})`;
}

export function unsaved(raw, saved, id) {
  const held = saved.find((s) => s.id === id);
  return !held || !equal(held.profile, raw);
}
