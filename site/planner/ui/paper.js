// A scenario as one page that stands alone: no script, nothing from elsewhere, everything unfolded or to be unfolded without one.

import { blockedList, openingList } from "./blocked.js";
import { h, toHTML } from "./dom.js";
import { nameOf } from "./exports.js";
import { map } from "./map.js";
import { optionList } from "./options.js";
import { known, saidOf } from "./profile.js";
import { challengeStates, counts, opening } from "./summary.js";
import { facets } from "./terms.js";

// What the site's theme would say of plain elements; the rest is the planner's own style sheet, which the bundle holds.
const PLAIN = `html{font-size:20px;color-scheme:light}body{margin:0;font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{max-width:52rem;margin:auto;padding:1rem}h1{font-size:1.5rem;line-height:1.2;margin:0.5rem 0}a{color:inherit}section{margin-top:1.2rem}blockquote{margin:0.4rem 0;padding-left:0.7rem;border-left:3px solid}
.pv .pv-wide{overflow-x:auto}:root{--md-default-bg-color:Canvas}`;
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The page as HTML. It holds the scenario as data too, so that the planner can open it again. */
export function asPage({ engine, style, raw, answer, whole, link }) {
  const name = nameOf(raw);
  const data = JSON.stringify({ catalogue: answer.catalogue, profile: raw }).replaceAll("<", "\\u003c");
  const view = { engine, raw, answer, opened: {}, paper: true };
  const said = facets(engine).filter((scheme) => known(raw, scheme) !== "none");
  const body = [
    h("header", null, h("h1", null, name), raw.about && h("p", null, raw.about), raw.problem && h("blockquote", null, raw.problem), counts(answer)),
    h("section", null, opening(view)),
    h("section", null, h("h2", null, "The challenges"), challengeStates(view)),
    h("section", null, h("h2", null, "The answer"), optionList(view), blockedList(view), openingList({ ...view, attempt: null })),
    h("section", { class: "pv-wide" }, h("h2", null, "The map"), map({ engine, raw, answer, whole, show: null })),
    h("section", null, h("h2", null, "What was told"), h("table", { class: "pv-table pv-told" }, h("tbody", null, said.map((scheme) =>
      h("tr", null, h("th", { scope: "row" }, scheme.label), h("td", null, saidOf(raw, scheme))))))),
    h("footer", null, h("p", null, `Made with Provender from catalogue ${answer.catalogue} (CC BY 4.0).`, link && [" ", h("a", { href: link }, "Open in the planner")])),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
${toHTML(h("title", null, `${name}: what can be done about its data`))}
<style>${PLAIN}${style.replaceAll("<", "\\3c ")}</style>
</head>
<body>
<main class="pv">${toHTML(body)}</main>
<script type="application/json" id="provender-scenario">${data}</script>
</body>
</html>
`;
}
