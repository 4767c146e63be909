// The bundle made ready to answer from: names to records, limitations to rows of a table of truth values.

export const [FALSE, UNKNOWN, TRUE] = [0, 1, 2];
export const LEVELS = ["none", "partial", "substantial", "full"];
export const FIT = ["modality", "task", "domain", "deployment"];

/**
 * Index a bundle.
 *
 * A signed atom is a row of the table of truth values: two for each concept of a facet, that it holds (even) and that it does not (odd).
 * Every solution gets its `at`, a place in the order of ids, and `rules`, one for each limitation, with `clauses` of such rows.
 */
export class Catalogue {
  constructor(bundle) {
    this.bundle = bundle;
    this.version = bundle.version;
    this.personWeekEuros = bundle.person_week_euros;
    this.schemes = new Map(bundle.schemes.map((s) => [s.id, { ...s, values: s.concepts.map((c) => c.id) }]));
    this.concepts = new Map();
    for (const scheme of bundle.schemes) {
      scheme.concepts.forEach((c, rank) => this.concepts.set(`${scheme.id}.${c.id}`, { ...c, scheme: scheme.id, rank }));
    }
    this.facets = bundle.schemes.filter((s) => s.facet).map((s) => s.id);
    this.atoms = [...this.concepts.keys()].filter((c) => this.schemes.get(facetOf(c)).facet).sort();
    this.rows = new Map(this.atoms.map((c, at) => [c, 2 * at]));
    // The lowest level of an ordered facet is reached by everybody and is no question.
    this.asked = new Map(this.facets.map((f) => [f, this.values(f).slice(this.ordered(f) ? 1 : 0).map((v) => `${f}.${v}`)]));
    this.weights = Object.fromEntries(bundle.criteria.map((c) => [c.id, c.weight]));
    this.criteria = bundle.criteria.map((c) => c.id);
    this.strongest = this.values("evidence").length - 1;
    this.challenges = new Map(bundle.challenges.map((c) => [c.id, c]));
    this.needs = new Map([
      ...bundle.solutions.map((s) => [s.id, s.needs ?? []]),
      ...Object.entries(bundle.retired),
    ]);
    this.solutions = new Map(bundle.solutions.map((s, at) => [s.id, this.solution(s, at)]));
    for (const solution of this.solutions.values()) {
      solution.needed = (solution.needs ?? []).filter((n) => this.solutions.has(n)).map((n) => this.solutions.get(n));
    }
    this.ranked = [...this.solutions.values()];
    this.addressed = new Map(bundle.challenges.map((c) => [c.id, []]));
    for (const solution of this.ranked) {
      solution.addressings.forEach((a, row) => this.addressed.get(a.challenge).push({ solution, row }));
    }
  }

  solution(record, at) {
    const evidence = this.values("evidence");
    const addressings = (record.addressings ?? []).map((a) => ({
      ...a,
      sources: a.sources ?? [],
      stated: LEVELS.indexOf(a.coverage),
      strength: evidence.indexOf(a.evidence),
    }));
    const row = new Map(addressings.map((a, place) => [a.challenge, place]));
    const rules = (record.limitations ?? []).map((limitation, place) => ({
      at: place,
      limitation: { ...limitation, reduces: limitation.reduces ?? [], sources: limitation.sources ?? [] },
      effect: limitation.effect,
      clauses: limitation.when.map((clause) => clause.map((atom) => this.literal(atom)).sort((x, y) => x - y)),
      reduces: (limitation.reduces ?? [])
        .filter(([challenge]) => row.has(challenge))
        .map(([challenge, to]) => ({ row: row.get(challenge), to: LEVELS.indexOf(to) })),
    }));
    const contexts = (record.validated_in ?? []).map((held) =>
      held.map((value, place) => (value === null ? null : `${FIT[place]}.${value}`)),
    );
    return { ...record, at, addressings, row, rules, contexts, liked: record.liked ?? [] };
  }

  /** The row of an atom as the bundle writes it. */
  literal(atom) {
    return atom.startsWith("!") ? this.rows.get(atom.slice(1)) + 1 : this.rows.get(atom);
  }

  /** The concept of a row. */
  concept(row) {
    return this.atoms[row >> 1];
  }

  /** Values of a scheme, lowest first; none for a scheme that is not there. */
  values(scheme) {
    return this.schemes.get(scheme)?.values ?? [];
  }

  ordered(facet) {
    return this.schemes.get(facet).ordered;
  }

  label(concept) {
    return this.concepts.get(concept).label;
  }

  /** Some solutions and all they need: what is in place has its prerequisites in place. */
  withPrerequisites(solutions) {
    const held = solutions.filter((s) => this.needs.has(s));
    return new Set(held.flatMap((s) => [s, ...this.needs.get(s)]));
  }
}

/** The facet of a concept: what stands before its first dot. */
export function facetOf(concept) {
  return concept.slice(0, concept.indexOf("."));
}

/** The value of a concept: what stands after its first dot. */
export function valueOf(concept) {
  return concept.slice(concept.indexOf(".") + 1);
}
