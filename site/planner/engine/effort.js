// Where a solution's effort goes beyond what an organisation has: our estimates, so cautions and no verdicts.

import { commas, general, rint } from "./numbers.js";

/** What an organisation has at most of money, people and time, where something is known of it. */
export class Means {
  constructor(catalogue, profile) {
    this.catalogue = catalogue;
    this.budget = most(catalogue, profile, "budget", "euros");
    this.people = most(catalogue, profile, "people", "fte");
    this.horizon = most(catalogue, profile, "horizon", "weeks");
  }

  /** Where the least money, working time and delay that a solution takes exceed the most that there is. */
  cautions(solution) {
    const { concepts } = this.catalogue;
    const { budget, people, horizon } = this;
    const found = [];
    const tiers = [solution.one_off_cost, solution.running_cost].map((tier) => concepts.get(`cost.${tier}`).euros);
    const least = tiers.reduce((total, range) => total + (range ? range[0] : 0), 0);
    if (budget && least >= budget.high) {
      found.push(`It takes at least €${commas(rint(least))} in the first year; your budget is “${budget.label}”.`);
    }
    const [fewest] = solution.person_weeks;
    if (people && horizon && fewest > people.high * horizon.high) {
      const have = `“${people.label}” over “${horizon.label}” give at most ${general(people.high * horizon.high)}`;
      found.push(`It takes at least ${general(fewest)} person-weeks; ${have}.`);
    }
    const shows = concepts.get(`horizon.${solution.time_to_value}`);
    if (horizon && shows.weeks && shows.weeks[0] >= horizon.high) {
      const label = shows.label.toLowerCase();
      found.push(`It shows its value after “${label}”; your time horizon is “${horizon.label}”.`);
    }
    return found.map((said) => ({
      limitation: null,
      effect: "warns",
      factor: "cost",
      certain: true,
      says: `${said} (Our estimate.)`,
      when: "always",
      residual_risk: null,
      sources: [],
    }));
  }
}

/** The highest level that is not ruled out, and the upper end of its range; nothing where nothing is known. */
function most(catalogue, profile, facet, unit) {
  const values = catalogue.values(facet);
  if (!values.some((v) => profile.facts.has(`${facet}.${v}`))) return null;
  const level = values.toReversed().find((v) => profile.facts.get(`${facet}.${v}`) !== false) ?? values[0];
  const concept = catalogue.concepts.get(`${facet}.${level}`);
  return concept[unit] ? { label: concept.label.toLowerCase(), high: concept[unit][1] } : null;
}
