// A scenario and its answer as Markdown, JSON and CSV.

import { leaders } from "./options.js";
import { challengeName, cite, deciders, solutionName } from "./terms.js";
import { AVAILABILITY, capital, count, euros, joined, lower, range, scoreSaid } from "./words.js";

export function nameOf(raw) {
  return raw.label?.trim() || "Your organisation";
}

/** Everything for programs: the profile, the catalogue that answered, and the answer as the server gives it. */
export function asJSON(raw, answer, link) {
  return `${JSON.stringify({ catalogue: answer.catalogue, link, profile: raw, answer }, null, 2)}\n`;
}

const COLUMNS = ["place", "solution", "label", "verdict", "score", "worst", "covers", "to_find_out", "because"];

/** A row per solution, for a spreadsheet (RFC 4180). */
export function asCSV(engine, answer) {
  const ranked = answer.recommendations.map((r, at) => [
    at + 1, r.solution, r.label, r.verdict, r.score, r.worst,
    r.challenges.filter((s) => s.high !== "none").map((s) => `${challengeName(engine, s.challenge)}: ${range(s.low, s.high)}`).join("; "),
    deciders(engine, r.deciders).map((d) => `${d.label} (${d.asks})`).join("; "), "",
  ]);
  const blocked = answer.blocked.map((b) => ["", b.solution, b.label, "blocked", "", "", "", "", b.because.map((x) => x.because).join("; ")]);
  return [COLUMNS, ...ranked, ...blocked].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A page for the minutes. */
export function asMarkdown(engine, raw, answer, link) {
  const lines = [`# ${plain(nameOf(raw))}: what can be done about its data`, "", `Answered from catalogue ${answer.catalogue}.`, ""];
  const add = (...more) => lines.push(...more);
  if (link) add(`Scenario: <${link}>`, "");
  for (const note of answer.notice) add(`> ${note}`, ">");
  add("", "## The challenges", "");
  for (const c of answer.challenges) {
    add(`- **${c.label}**, severity ${c.severity}${c.assumed ? " (assumed)" : ""}: ${AVAILABILITY[c.availability].says} (best coverage: ${range(c.low, c.high)}). ${leaders(engine, c) ?? ""}`.trimEnd());
  }
  for (const verdict of ["feasible", "undecided"]) {
    const held = answer.recommendations.map((r, at) => [r, at + 1]).filter(([r]) => r.verdict === verdict);
    add("", verdict === "feasible" ? `## What can be used: ${count(held.length, "solution")}, best first` : `## What depends on things not known: ${count(held.length, "solution")}`, "");
    for (const [r, place] of held) {
      const score = scoreSaid(r, " to ");
      add(`${place}. **${r.label}** (${r.kind}, score ${score})`);
      for (const s of r.challenges.filter((x) => x.high !== "none")) add(`   - ${challengeName(engine, s.challenge)}, ${range(s.low, s.high)}: ${s.how} What remains: ${s.remains}${cited(engine, s.sources)}`);
      for (const c of r.cautions) add(`   - ${c.certain ? "Caution" : `Caution if ${plain(c.when)}`}: ${plain(c.says)}`);
      if (r.deciders.length) add(`   - To find out: ${deciders(engine, r.deciders).map((d) => `${d.label} (${d.asks}?)`).join("; ")}`);
    }
  }
  add("", `## What is blocked: ${count(answer.blocked.length, "solution")}`, "");
  for (const b of answer.blocked) {
    add(`- **${b.label}**, for ${joined(b.challenges.map((c) => lower(challengeName(engine, c))))}`);
    for (const r of b.because) add(`   - since ${r.because}: ${r.says}${cited(engine, r.sources)}`);
  }
  if (answer.unlocks.length) add("", "## What change would open more", "");
  for (const o of answer.unlocks) add(`- ${capital(o.moves.map((m) => m.words).join(", and "))}, about ${euros(o.cost)} by our estimate: opens ${joined(o.solutions.map((s) => solutionName(engine, s)))}`);
  if (answer.gaps.length) add("", "## What stays open", "");
  for (const g of answer.gaps) add(`- ${challengeName(engine, g.challenge)}: ${g.says}`);
  return `${lines.join("\n")}\n`;
}

function cited(engine, held) {
  return held.length ? ` [${held.map((s) => cite(engine, s)).join("; ")}]` : "";
}

/** Text of the organisation's own, so that it stays text in Markdown. */
function plain(text) {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~!]/g, "\\$&");
}

/** Offer a file for download. */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A name for a file, from the name of a scenario. */
export function fileName(raw, ending) {
  const stem = nameOf(raw).toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
  return `${stem || "scenario"}.${ending}`;
}
