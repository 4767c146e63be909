// Changes to a profile as people write it. Every function returns a new profile; what is not known is not written down.

/** What is said of an ordered facet: `{at_least, at_most}`, a level being both; null if nothing. */
export function bounds(raw, facet) {
  const value = raw[facet];
  if (value === undefined || value === null) return null;
  return typeof value === "object" ? value : { at_least: value, at_most: value };
}

export function withBounds(raw, scheme, held) {
  const levels = scheme.concepts.map((c) => c.id);
  let { at_least: low, at_most: high } = held ?? {};
  if (low === levels[0] && high !== low) low = undefined;
  if (high === levels.at(-1) && high !== low) high = undefined;
  if (low === undefined && high === undefined) return without(raw, scheme.id);
  if (low !== undefined && high !== undefined && levels.indexOf(low) > levels.indexOf(high)) [low, high] = [high, low];
  const value = low === high ? low : { ...(low !== undefined && { at_least: low }), ...(high !== undefined && { at_most: high }) };
  return { ...raw, [scheme.id]: value };
}

/** What is said of a value of a set facet: true, false, or null if it is not known. */
export function holds(raw, scheme, value) {
  const held = raw[scheme.id];
  if (held === undefined || held === null) return scheme.omitted_means_no ? false : null;
  if (Array.isArray(held)) return held.includes(value);
  if (held.has?.includes(value)) return true;
  return held.lacks?.includes(value) ? false : null;
}

export function withHolds(raw, scheme, values, said) {
  const all = scheme.concepts.map((c) => c.id);
  const now = (value) => (values.includes(value) ? said : holds(raw, scheme, value));
  const has = all.filter((v) => now(v) === true);
  const lacks = all.filter((v) => now(v) === false);
  if (has.length + lacks.length === all.length) {
    return scheme.omitted_means_no && !has.length ? without(raw, scheme.id) : { ...raw, [scheme.id]: has };
  }
  if (!has.length && !lacks.length) return without(raw, scheme.id);
  return { ...raw, [scheme.id]: { ...(has.length && { has }), ...(lacks.length && { lacks }) } };
}

/** How much of a facet is said: "all", "some" or "none". */
export function known(raw, scheme) {
  if (scheme.ordered) {
    const held = bounds(raw, scheme.id);
    return !held ? "none" : held.at_least === held.at_most ? "all" : "some";
  }
  const said = scheme.concepts.filter((c) => holds(raw, scheme, c.id) !== null).length;
  return said === 0 ? "none" : said === scheme.concepts.length ? "all" : "some";
}

/** What is said of a facet, in a few words. */
export function saidOf(raw, scheme) {
  const name = (id) => scheme.concepts.find((c) => c.id === id)?.label ?? id;
  if (scheme.ordered) {
    const held = bounds(raw, scheme.id);
    if (!held) return "not known";
    if (held.at_least === held.at_most) return name(held.at_least);
    if (held.at_least === undefined) return `at most ${name(held.at_most)}`;
    if (held.at_most === undefined) return `at least ${name(held.at_least)}`;
    return `${name(held.at_least)} to ${name(held.at_most)}`;
  }
  const has = scheme.concepts.filter((c) => holds(raw, scheme, c.id) === true).map((c) => c.label);
  const open = scheme.concepts.filter((c) => holds(raw, scheme, c.id) === null).length;
  if (open === scheme.concepts.length) return "not known";
  const said = has.length ? has.join(", ") : open ? "" : "none of them";
  if (!open) return said;
  const lacks = scheme.concepts.filter((c) => holds(raw, scheme, c.id) === false).map((c) => c.label);
  return [said, lacks.length > 0 && `not: ${lacks.join(", ")}`, `${open} not known`].filter(Boolean).join("; ");
}

/** Apply moves of an unlock: raise a level, gain a skill or facility. */
export function withMoves(raw, moves, vocabulary) {
  return moves.reduce((held, { facet, to }) => {
    const scheme = vocabulary[facet];
    if (!scheme.ordered) return withHolds(held, scheme, [to], true);
    const levels = scheme.concepts.map((c) => c.id);
    const most = bounds(held, facet)?.at_most;
    const kept = most !== undefined && levels.indexOf(most) > levels.indexOf(to) ? most : to;
    return withBounds(held, scheme, { at_least: to, at_most: kept });
  }, raw);
}

export function withSeverity(raw, challenge, severity) {
  return withMember(raw, "challenges", challenge, severity || null);
}

export function withMember(raw, field, name, value) {
  const { [name]: _, ...rest } = raw[field] ?? {};
  const held = value === null ? rest : { ...raw[field], [name]: value };
  return Object.keys(held).length ? { ...raw, [field]: held } : without(raw, field);
}

export function withPlaced(raw, solution, placed) {
  const rest = (raw.in_place ?? []).filter((s) => s !== solution);
  const held = placed ? [...rest, solution].sort() : rest;
  return held.length ? { ...raw, in_place: held } : without(raw, "in_place");
}

export function withText(raw, field, text) {
  return text ? { ...raw, [field]: text } : without(raw, field);
}

export function without(raw, field) {
  const { [field]: _, ...rest } = raw;
  return rest;
}

/** Whether two profiles say the same; order of members does not count. */
export function equal(a, b) {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value) {
  if (Array.isArray(value)) return [...value].sort();
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((k) => [k, sorted(value[k])]));
}
