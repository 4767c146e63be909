// What the theme keeps between pages, under one scope for the whole site. The theme calls these names.
var __md_scope = new URL(document.currentScript.dataset.base.replace(/\/?$/, "/"), location);
var __md_hash = (text) => [...text].reduce((sum, letter) => (sum << 5) - sum + letter.charCodeAt(0), 0);
var __md_get = (key, store = localStorage, scope = __md_scope) => {
  try {
    return JSON.parse(store.getItem(`${scope.pathname}.${key}`));
  } catch {
    return null;
  }
};
var __md_set = (key, value, store = localStorage, scope = __md_scope) => {
  try {
    store.setItem(`${scope.pathname}.${key}`, JSON.stringify(value));
  } catch {
    // Storage may be full or switched off; then the choice lasts for this page.
  }
};
