// From a file there is no server that shows a folder's page: a link to a folder is led to the page in it when it is about to be used.
if (location.protocol === "file:") {
  const lead = (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    // In a drawing a link's address is an object, and not yet whole.
    const target = new URL(link.getAttribute("href"), document.baseURI);
    if (target.protocol !== "file:" || !target.pathname.endsWith("/")) return;
    target.pathname += "index.html";
    link.setAttribute("href", target.href);
  };
  for (const moment of ["pointerdown", "focusin", "click"]) document.addEventListener(moment, lead, true);
}

// What the theme leaves unnamed for those who listen to the page.
document.querySelector("[data-md-component=search][role=dialog]")?.setAttribute("aria-label", "Search");
