// Sorts, filters and walks the matrix. Without this script it is a table of links like any other.
(() => {
  const table = document.querySelector(".pic-matrix");
  const form = document.querySelector(".pic-sieve");
  if (!table || !form) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.querySelectorAll("thead th[data-challenge]")];
  const phases = [...table.querySelectorAll("thead th[data-span]")];
  const status = form.querySelector("output");
  const first = heads[0].cellIndex;
  const empty = document.createElement("p");
  empty.className = "pic-empty";
  empty.textContent = "No solution of the catalogue is left; loosen a filter.";
  table.after(empty);
  const cellOf = (row, head) => row.cells[head.cellIndex];
  const shown = (cell) => !(cell.hidden || cell.classList.contains("pic-below"));
  const level = (cell, what) => (shown(cell) ? Number(cell.dataset[what] || 0) : 0);
  const best = (what) => (a, b) => {
    const [x, y] = [a, b].map((row) => [...row.cells].slice(first).map((cell) => level(cell, what)));
    const sum = (levels) => levels.reduce((all, one) => all + one, 0);
    return Math.max(...y) - Math.max(...x) || sum(y) - sum(x);
  };

  const orders = {
    phase: (a, b) => a.dataset.order - b.dataset.order,
    name: (a, b) => a.dataset.name.localeCompare(b.dataset.name, "en"),
    effort: (a, b) => a.dataset.effort - b.dataset.effort,
    coverage: best("rank"),
    evidence: best("evidence"),
  };

  const has = (names, one) => names.split(" ").includes(one);
  function limits(row, wanted) {
    const [way, factor] = wanted.split(":");
    return way === "free" ? !has(row.dataset.blockers, factor) : way === "has" ? has(row.dataset.factors, factor) : true;
  }

  function show() {
    const wanted = Object.fromEntries(new FormData(form));
    for (const head of heads) head.hidden = Boolean(wanted.phase) && head.dataset.phase !== wanted.phase;
    for (const phase of phases) phase.hidden = Boolean(wanted.phase) && phase.dataset.phase !== wanted.phase;
    let count = 0;
    for (const row of rows) {
      let helps = false;
      for (const head of heads) {
        const cell = cellOf(row, head);
        cell.hidden = head.hidden;
        const { rank, evidence } = cell.dataset;
        cell.classList.toggle("pic-below", rank < Number(wanted.coverage) || evidence < Number(wanted.evidence));
        helps ||= level(cell, "rank") > 0;
      }
      row.hidden = !(helps && limits(row, wanted.factor) && (!wanted.modality || has(row.dataset.modalities, wanted.modality)));
      count += !row.hidden;
    }
    const head = heads.find((one) => one.dataset.challenge === wanted.sort);
    const order = head ? (a, b) => level(cellOf(b, head), "rank") - level(cellOf(a, head), "rank") || level(cellOf(b, head), "evidence") - level(cellOf(a, head), "evidence") : orders[wanted.sort];
    body.append(...[...rows].sort((a, b) => order(a, b) || orders.phase(a, b)));
    for (const one of heads) {
      const sorted = one === head;
      sorted ? one.setAttribute("aria-sort", "descending") : one.removeAttribute("aria-sort");
    }
    const columns = heads.filter((one) => !one.hidden).length;
    empty.hidden = count > 0;
    status.value = `${count} of ${rows.length} solutions, ${columns} of ${heads.length} challenges`;
    if (!visible(current)) enter(stops()[0]);
  }

  // One stop of the Tab key; the arrow keys lead from it to the next link in a row or column.
  const visible = (link) => Boolean(link) && !link.closest("[hidden], .pic-below");
  const stops = () => [...table.querySelectorAll("a[href]")].filter(visible);
  let current = null;

  function enter(link, focus = false) {
    if (!link) return;
    if (current) current.tabIndex = -1;
    current = link;
    link.tabIndex = 0;
    if (focus) {
      link.focus({ preventScroll: true });
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  function toward(link, key, far) {
    const cell = link.closest("th, td");
    const row = cell.parentElement;
    const inRow = () => [...row.cells].map((one) => one.querySelector("a[href]")).filter(visible);
    const inColumn = () =>
      [...table.rows]
        .filter((one) => one.parentElement === body || one.cells.length === row.cells.length)
        .map((one) => one.cells[cell.cellIndex]?.querySelector("a[href]"))
        .filter(visible);
    const all = far ? stops() : inRow();
    if (key === "Home") return all[0];
    if (key === "End") return all.at(-1);
    const line = key === "ArrowLeft" || key === "ArrowRight" ? inRow() : inColumn();
    return line[line.indexOf(link) + (key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1)];
  }

  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.altKey || event.metaKey || !/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) return;
    event.preventDefault();
    enter(toward(link, event.key, event.ctrlKey), true);
  });
  table.addEventListener("focusin", (event) => enter(event.target.closest("a[href]")));
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-sort]");
    if (!button) return;
    form.elements.sort.value = button.dataset.sort;
    show();
  });
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));

  table.setAttribute("role", "grid");
  for (const link of table.querySelectorAll("a[href]")) link.tabIndex = -1;
  for (const button of table.querySelectorAll("button[data-sort]")) {
    button.hidden = false;
    // Reached by the arrow keys' users through the form, which sorts by the same.
    button.tabIndex = -1;
  }
  form.hidden = false;
  show();
})();
