// The colours that the reader chose, or else those of the system: before anything is painted, and when either changes.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.querySelector(".pv-scheme");
  let chosen = __md_get("__palette")?.color?.scheme;
  const dark = () => (chosen ? chosen === "slate" : system.matches);
  const show = () => {
    document.body.setAttribute("data-md-color-scheme", dark() ? "slate" : "default");
    button.setAttribute("aria-pressed", String(dark()));
  };
  button.addEventListener("click", () => {
    chosen = dark() ? "default" : "slate";
    __md_set("__palette", { color: { scheme: chosen } });
    show();
  });
  system.addEventListener("change", show);
  button.hidden = false;
  show();
})();
