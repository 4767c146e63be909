// Text as Python has it: its order, its white space, its way of showing a value.

import { repr } from "./numbers.js";

const SURROGATE = /\p{Surrogate}/u;
const BROKEN = /\p{Surrogate}/gu;
const HIDDEN = /\p{C}|(?! )\p{Z}/u;

/** Compare two texts by code points, for sorting; JavaScript's own order is by halves of them. */
export function byCodePoint(a, b) {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return lifted(x) - lifted(y);
  }
  return a.length - b.length;
}

/** Halves of surrogate pairs stand for characters above all that have one unit. */
function lifted(unit) {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}

/** Whether a text holds half of a surrogate pair, which is no character. */
export function isBroken(text) {
  return SURROGATE.test(text);
}

/** A text with U+FFFD for each half of a surrogate pair. */
export function wellFormed(text) {
  return isBroken(text) ? text.replace(BROKEN, "\ufffd") : text;
}

/** A text without white space at its ends. */
export function strip(text) {
  const blank = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
  return text.replace(new RegExp(`^${blank}`), "").replace(new RegExp(`${blank}$`), "");
}

/** How many characters a text has. */
export function characters(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** A value of JSON as Python shows it. */
export function shown(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return repr(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return `{${Object.entries(value).map(([name, held]) => `${quoted(name)}: ${shown(held)}`).join(", ")}}`;
}

function quoted(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let made = "";
  for (const c of text) {
    if (c === mark || c === "\\") made += `\\${c}`;
    else if (c === "\n") made += "\\n";
    else if (c === "\r") made += "\\r";
    else if (c === "\t") made += "\\t";
    else made += HIDDEN.test(c) ? escaped(c.codePointAt(0)) : c;
  }
  return mark + made + mark;
}

function escaped(code) {
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
