// Where the API answers beside the site, each stored query can be changed and run on its page.
const BASE = "https://w3id.org/provender/";
const root = new URL("..", document.currentScript.src);

function made(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function cell(term) {
  if (!term) return "–";
  if (term.type !== "uri") return term.value;
  const known = term.value.startsWith(BASE);
  const href = known ? new URL(`id/${term.value.slice(BASE.length)}`, root).href : term.value;
  return /^https?:/.test(href) ? made("a", { href }, known ? term.value.slice(BASE.length) : term.value) : term.value;
}

async function answered(query) {
  const headers = { Accept: "application/sparql-results+json, text/turtle;q=0.9", "Content-Type": "application/sparql-query" };
  const answer = await fetch(new URL("sparql", root), { method: "POST", headers, body: query, credentials: "omit" });
  const type = answer.headers.get("Content-Type") ?? "";
  if (!answer.ok) {
    const problem = type.includes("json") ? await answer.json() : {};
    throw new Error(problem.detail ?? `The server answers ${answer.status}.`);
  }
  if (!type.includes("json")) return made("pre", { tabindex: 0 }, made("code", {}, await answer.text()));
  const { head, results, boolean } = await answer.json();
  if (boolean !== undefined) return made("p", {}, boolean ? "Yes." : "No.");
  const rows = results.bindings.map((row) => made("tr", {}, ...head.vars.map((name) => made("td", {}, cell(row[name])))));
  const cut = answer.headers.get("Provender-Truncated") === "true" ? ", and there is more" : "";
  return made("div", {},
    made("p", {}, `${rows.length} row${rows.length === 1 ? "" : "s"}${cut}.`),
    made("div", { class: "pv-wide", tabindex: 0, role: "region", "aria-label": "Answer" },
      made("table", {}, made("thead", {}, made("tr", {}, ...head.vars.map((name) => made("th", { scope: "col" }, name)))), made("tbody", {}, ...rows))));
}

function offer(place) {
  const code = place.querySelector("pre code");
  const label = `Query ${place.dataset.query}, to be changed`;
  const text = made("textarea", { "aria-label": label, rows: 8, spellcheck: "false" });
  text.value = code.textContent.trim();
  const run = made("button", { type: "button", class: "md-button" }, "Run it here");
  const said = made("div", { role: "status" });
  run.addEventListener("click", async () => {
    run.disabled = true;
    said.replaceChildren("Running …");
    try {
      said.replaceChildren(await answered(text.value));
    } catch (error) {
      said.replaceChildren(made("p", { class: "pv-wrong" }, error instanceof TypeError ? "The server does not answer; is it still running?" : error.message));
    }
    run.disabled = false;
  });
  const form = made("div", { class: "pv-try" }, text, run, said);
  place.querySelector("details").append(form);
}

fetch(new URL("api.json", root), { credentials: "omit" })
  .then((answer) => answer.json())
  .then(({ api }) => api && document.querySelectorAll(".pv-query").forEach(offer))
  .catch(() => {}); // Opened from a file or without the API, the stored results stand.
