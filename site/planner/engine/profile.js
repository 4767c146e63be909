// An organisation's profile: read as people write it, in normal form, or refused with everything that is wrong with it.

import { nearest } from "./nearest.js";
import { commas } from "./numbers.js";
import { byCodePoint, characters, shown, strip } from "./text.js";

const PLAIN = ["id", "label", "about", "problem"];
const PARTS = { challenges: "readChallenges", in_place: "readInPlace", tried: "readTried", prefer: "readPrefer" };
const KEYS = [...PLAIN, ...Object.keys(PARTS), "fictional"];

/** The profile cannot be used; `faults` are `[{field, message}]`, a field being a path with dots. */
export class ProfileError extends Error {
  constructor(faults) {
    super(faults.map((f) => `${f.field}: ${f.message}`).join("; "));
    this.name = "ProfileError";
    this.faults = faults;
  }
}

/**
 * Bring a profile into normal form.
 *
 * Returns `{id, label, about, problem, facts, severities, in_place, tried, prefer}`. `facts` maps concepts to what is known of them; one that
 * is missing is unknown; for an ordered facet a concept stands for at least this level. `facts`, `severities`, `tried` and `prefer` are Maps.
 * Throws a `ProfileError`.
 */
export function parseProfile(raw, catalogue) {
  if (!isMapping(raw)) {
    const message = "a profile is a mapping of facets to values; see data/profiles for examples";
    throw new ProfileError([{ field: "", message }]);
  }
  const reader = new Reader(catalogue);
  for (const [key, value] of Object.entries(raw)) reader.entry(key, value ?? null);
  if (reader.faults.length) throw new ProfileError(reader.faults);
  for (const scheme of catalogue.schemes.values()) {
    if (!scheme.omitted_means_no || isMapping(own(raw, scheme.id))) continue;
    for (const value of scheme.values) reader.assume(`${scheme.id}.${value}`, false);
  }
  const text = (key) => (own(raw, key) ? strip(raw[key]) : null);
  return {
    id: text("id"),
    label: text("label"),
    about: text("about"),
    problem: text("problem"),
    facts: sorted(reader.facts),
    severities: sorted(reader.severities),
    in_place: [...reader.inPlace].sort(byCodePoint),
    tried: sorted(reader.tried),
    prefer: sorted(reader.prefer),
  };
}

function own(raw, key) {
  return Object.hasOwn(raw, key) ? raw[key] : undefined;
}

function isMapping(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(held) {
  return new Map([...held].sort(([a], [b]) => byCodePoint(a, b)));
}

/** Collects facts and faults while it goes through a profile. */
class Reader {
  constructor(catalogue) {
    this.catalogue = catalogue;
    this.faults = [];
    this.facts = new Map();
    this.severities = new Map();
    this.inPlace = new Set();
    this.tried = new Map();
    this.prefer = new Map();
  }

  wrong(where, message) {
    this.faults.push({ field: where.join("."), message });
  }

  assume(concept, holds) {
    if (!this.facts.has(concept)) this.facts.set(concept, holds);
  }

  entry(key, value) {
    const { facets, bundle } = this.catalogue;
    if (facets.includes(key)) {
      if (value !== null) this[this.catalogue.ordered(key) ? "level" : "values"](key, value);
    } else if (PLAIN.includes(key)) {
      if (value !== null && typeof value !== "string") this.wrong([key], "is text");
      else if (key === "problem" && value !== null && value.length > bundle.longest) this.measure(value, bundle.longest);
    } else if (key === "fictional") {
      if (typeof value !== "boolean") this.wrong([key], "is true or false");
    } else if (Object.hasOwn(PARTS, key)) {
      this[PARTS[key]](value);
    } else {
      this.wrong([key], `is no facet and no field of a profile; ${nearest(key, [...facets, ...KEYS])}`);
    }
  }

  measure(problem, most) {
    const count = characters(problem);
    if (count > most) this.wrong(["problem"], `has ${commas(count)} characters; say it in at most ${commas(most)}`);
  }

  known(where, facet, value) {
    const choices = this.catalogue.values(facet);
    if (choices.includes(value)) return true;
    this.wrong(where, `${shown(value)} is not a value of ${facet}; ${nearest(value, choices)}`);
    return false;
  }

  level(facet, value) {
    const bounds = isMapping(value) ? value : { at_least: value, at_most: value };
    const sides = Object.keys(bounds);
    if (!sides.length || !sides.every((side) => side === "at_least" || side === "at_most")) {
      this.wrong([facet], "is a level or {at_least: …, at_most: …}");
      return;
    }
    const where = (side) => (isMapping(value) ? [facet, side] : [facet]);
    const known = sides.map((side) => this.known(where(side), facet, bounds[side]));
    if (!known.every(Boolean)) return;
    const levels = this.catalogue.values(facet);
    const low = "at_least" in bounds ? levels.indexOf(bounds.at_least) : 0;
    const high = "at_most" in bounds ? levels.indexOf(bounds.at_most) : levels.length - 1;
    if (low > high) {
      this.wrong([facet], `at least ${levels[low]} and at most ${levels[high]} contradict each other`);
      return;
    }
    levels.forEach((level, rank) => {
      if (rank <= low || rank > high) this.facts.set(`${facet}.${level}`, rank <= low);
    });
  }

  values(facet, value) {
    const lists = isMapping(value) ? value : { has: value };
    const sides = Object.keys(lists);
    const fine = sides.length && sides.every((s) => (s === "has" || s === "lacks") && Array.isArray(lists[s]));
    if (!fine) {
      this.wrong([facet], "is a list of values (what is left out is lacking) or {has: [...], lacks: [...]}");
      return;
    }
    for (const side of sides) {
      lists[side].forEach((item, at) => {
        const where = isMapping(value) ? [facet, side, at] : [facet, at];
        if (!this.known(where, facet, item)) return;
        const concept = `${facet}.${item}`;
        const holds = side === "has";
        if ((this.facts.get(concept) ?? holds) !== holds) this.wrong(where, `${item} is said to be there and to be lacking`);
        this.facts.set(concept, holds);
      });
    }
    if (isMapping(value)) return;
    for (const item of this.catalogue.values(facet)) this.assume(`${facet}.${item}`, false);
  }

  readChallenges(value) {
    if (!isMapping(value)) {
      this.wrong(["challenges"], "maps challenges to severities, as in {data-drift: 4}");
      return;
    }
    const { challenges } = this.catalogue;
    for (const [challenge, severity] of Object.entries(value)) {
      const where = ["challenges", challenge];
      if (!challenges.has(challenge)) {
        this.wrong(where, `there is no challenge ${shown(challenge)}; ${nearest(challenge, challenges.keys())}`);
      } else if (!Number.isInteger(severity) || severity < 1 || severity > 5) {
        this.wrong(where, `${shown(severity)} is not a severity; use a whole number from 1 (minor) to 5 (critical)`);
      } else {
        this.severities.set(challenge, severity);
      }
    }
  }

  solution(where, value) {
    const { needs } = this.catalogue;
    if (needs.has(value)) return true;
    this.wrong(where, `there is no solution ${shown(value)}; ${nearest(value, [...needs.keys()].sort())}`);
    return false;
  }

  readInPlace(value) {
    if (!Array.isArray(value)) {
      this.wrong(["in_place"], "is a list of solutions");
      return;
    }
    value.forEach((solution, at) => {
      if (this.solution(["in_place", at], solution)) this.inPlace.add(solution);
    });
  }

  readTried(value) {
    if (!isMapping(value) || !Object.values(value).every((note) => typeof note === "string")) {
      this.wrong(["tried"], "maps solutions to a note on what came of it");
      return;
    }
    for (const [solution, note] of Object.entries(value)) {
      if (this.solution(["tried", solution], solution)) this.tried.set(solution, note);
    }
  }

  readPrefer(value) {
    const choices = this.catalogue.bundle.preferable;
    if (!isMapping(value)) {
      this.wrong(["prefer"], `maps what is preferred to a weight from 0 to 1; ${nearest("", choices)}`);
      return;
    }
    for (const [name, weight] of Object.entries(value)) {
      const where = ["prefer", name];
      if (!choices.includes(name)) {
        this.wrong(where, `${shown(name)} cannot be preferred; ${nearest(name, choices)}`);
      } else if (typeof weight !== "number" || !(weight >= 0 && weight <= 1)) {
        this.wrong(where, `${shown(weight)} is not a weight; use a number from 0 to 1`);
      } else {
        this.prefer.set(name, weight);
      }
    }
  }
}
