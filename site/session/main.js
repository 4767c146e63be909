// Where the session's page starts: the page holds an element `session`, the script the catalogue's records.

import { Catalogue } from "../planner/engine/catalogue.js";
import { explain } from "../planner/engine/explain.js";
import { parseProfile } from "../planner/engine/profile.js";
import { withRecords } from "../planner/ui/terms.js";
import { mount } from "./app.js";

const { bundle } = globalThis.Provender;
const place = document.getElementById("session");
if (place) {
  const catalogue = new Catalogue(bundle);
  mount(place, withRecords({ explain: (raw, solution) => explain(catalogue, parseProfile(raw, catalogue), solution) }, bundle), bundle.examples ?? []);
}
