// Shows the links of the challenge that is pointed at, and hides kinds of links. Without this script the whole ring is there.
(() => {
  const graph = document.querySelector(".pic-graph");
  if (!graph) return;
  const arcs = [...graph.querySelectorAll("[data-from]")];
  const nodes = [...graph.querySelectorAll("[data-challenge]")];
  const shown = (arc) => graph.querySelector(`input[value="${arc.dataset.kind}"]`).checked;

  function show(challenge) {
    const near = new Set([challenge]);
    for (const arc of arcs) {
      const { from, to } = arc.dataset;
      const own = !challenge || from === challenge || to === challenge;
      arc.classList.toggle("pic-off", !shown(arc));
      arc.classList.toggle("pic-faint", !own);
      if (own && shown(arc)) near.add(from).add(to);
    }
    for (const node of nodes) node.classList.toggle("pic-faint", Boolean(challenge) && !near.has(node.dataset.challenge));
  }

  for (const node of nodes) {
    for (const moment of ["pointerenter", "focus"]) node.addEventListener(moment, () => show(node.dataset.challenge));
    for (const moment of ["pointerleave", "blur"]) node.addEventListener(moment, () => show(""));
  }
  graph.addEventListener("change", () => show(""));
  show("");
})();
