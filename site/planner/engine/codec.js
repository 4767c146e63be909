// A profile as one word that fits into an address; the form is described in api/codec.py, which writes and reads the same words.

import { commas } from "./numbers.js";
import { byCodePoint, characters, isBroken, shown, wellFormed } from "./text.js";

const FORM = "1";
const MOST = 32768;
const WORD = /^1\.([0-9]+(?:\.[0-9]+)*)\.([A-Za-z0-9_-]+)$/;

/** The word cannot be read; says why. */
export class CodeError extends Error {
  constructor(message) {
    super(message);
    this.name = "CodeError";
  }
}

/** Write a profile, as people write it, as a word for an address; half a surrogate pair, which is no character, becomes U+FFFD. */
export function encode(raw, version) {
  let bytes = "";
  for (const byte of new TextEncoder().encode(canonical(raw))) bytes += String.fromCharCode(byte);
  const payload = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${FORM}.${version}.${payload}`;
}

/** Read a word: `{catalogue, profile}`; whether the profile holds is for `parse` to say. Throws a `CodeError`. */
export function decode(word) {
  const length = characters(word);
  if (length > MOST) throw new CodeError(`it has ${commas(length)} characters; at most ${commas(MOST)} go into a link`);
  const form = word.split(".", 1)[0];
  if (form !== FORM) {
    throw new CodeError(`its form is ${shown(form.slice(0, 20))}; this page reads form '${FORM}', as in ${FORM}.2026.11.1.e30`);
  }
  const found = WORD.exec(word);
  if (!found) throw new CodeError(`it is not ${FORM}, a catalogue's version and base64url without padding, with dots between`);
  const profile = strict(bytesOf(found[2]));
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) {
    throw new CodeError("its last part does not hold a profile, which is a JSON object");
  }
  return { catalogue: found[1], profile };
}

function bytesOf(payload) {
  try {
    return Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  } catch {
    throw new CodeError("its last part is not base64url; it may have been cut off");
  }
}

/** Read JSON from a stranger, and nothing that two readers may take differently. */
function strict(bytes) {
  const wrong = (why) => new CodeError(`its last part does not hold JSON: ${why}`);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wrong("it is not UTF-8");
  }
  let members = 0;
  const judge = (value) => {
    if (value === Infinity || value === -Infinity) throw wrong("a number is out of range");
    if (typeof value === "string" && isBroken(value)) throw wrong("a text holds half of a surrogate pair, which is no character");
    if (typeof value !== "object" || value === null) return;
    const entries = Array.isArray(value) ? value.map((held) => ["", held]) : Object.entries(value);
    if (!Array.isArray(value)) members += entries.length;
    for (const [name, held] of entries) {
      judge(name);
      judge(held);
    }
  };
  try {
    const value = JSON.parse(text);
    judge(value);
    // Outside texts a colon stands only between a member's name and its value.
    if (text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1 !== members) throw wrong("a member is given twice in one object");
    return value;
  } catch (error) {
    if (error instanceof CodeError) throw error;
    throw wrong(error instanceof RangeError ? "it is nested too deeply" : error.message);
  }
}

/** The one JSON text of a profile: members that are null dropped, members and lists of texts sorted, nothing twice in those lists. */
export function canonical(raw) {
  return written(Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null)));
}

function written(value) {
  if (typeof value === "string") return JSON.stringify(wellFormed(value));
  if (Array.isArray(value)) {
    const isSet = value.every((v) => typeof v === "string");
    return `[${(isSet ? [...new Set(value)].sort(byCodePoint) : value).map(written).join(",")}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, held]) => held !== undefined);
  return `{${members.sort(([a], [b]) => byCodePoint(a, b)).map(([name, held]) => `${written(name)}:${written(held)}`).join(",")}}`;
}
