// Before anything is painted: the colours that the reader chose, or those of the system.
(() => {
  const kept = __md_get("__palette");
  const wanted = matchMedia("(prefers-color-scheme: dark)").matches ? "slate" : "default";
  const color = (kept && kept.color) || { scheme: wanted };
  for (const [name, value] of Object.entries(color)) document.body.setAttribute(`data-md-color-${name}`, value);
})();
