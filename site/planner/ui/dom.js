// Views are descriptions of elements; `render` brings the page in line with them and leaves alone what is equal already, so that focus,
// caret, scrolling and opened details stay where they are. Text only ever becomes text nodes: nothing in a scenario can be markup.

const SVG = "http://www.w3.org/2000/svg";
const LIVE = new Set(["value", "checked"]);
const PROPERTIES = new Set([...LIVE, "disabled", "open", "selected", "hidden"]);
const VOID = new Set(["br", "hr", "input", "img", "meta", "link"]);
const drawn = new WeakMap();
const lists = new WeakMap();

/**
 * Describe an element.
 *
 * `props` are attributes; besides: `key` (tells siblings apart when they move), `on…` (listeners), `deps` (with a function as only child:
 * it is called again only when one of them is another value). Children are descriptions, texts, numbers, lists of them; false and null are left out.
 */
export function h(tag, props, ...kids) {
  const { key = null, deps = null, ...rest } = props ?? {};
  const make = typeof kids[0] === "function" ? kids[0] : null;
  return { tag, key, deps, make, props: rest, kids: make ? null : flat(kids) };
}

function flat(kids, into = []) {
  for (const kid of kids) {
    if (Array.isArray(kid)) flat(kid, into);
    else if (kid !== null && kid !== undefined && kid !== false && kid !== true && kid !== "") {
      into.push(typeof kid === "object" ? kid : String(kid));
    }
  }
  return into;
}

/** Make the children of an element those described. */
export function render(parent, ...kids) {
  children(parent, flat(kids));
}

function children(parent, kids) {
  const before = lists.get(parent) ?? [];
  const byKey = new Map();
  const rest = [];
  for (const node of before) {
    const key = drawn.get(node)?.key;
    if (key != null) byKey.set(key, node);
    else rest.push(node);
  }
  const taken = new Set();
  let at = 0;
  const after = kids.map((kid) => {
    let node = kid.key != null ? byKey.get(kid.key) : null;
    if (kid.key == null) {
      while (at < rest.length && taken.has(rest[at])) at++;
      if (at < rest.length && fits(rest[at], kid)) node = rest[at++];
    }
    if (node && !taken.has(node) && fits(node, kid)) update(node, kid);
    else node = create(kid, parent);
    taken.add(node);
    return node;
  });
  for (const node of before) if (!taken.has(node)) node.remove();
  let place = parent.firstChild;
  for (const node of after) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  lists.set(parent, after);
}

function fits(node, kid) {
  return typeof kid === "string" ? node.nodeType === 3 : drawn.get(node)?.tag === kid.tag;
}

function create(kid, parent) {
  if (typeof kid === "string") return document.createTextNode(kid);
  const inside = parent.namespaceURI === SVG && parent.localName !== "foreignObject";
  const node = kid.tag === "svg" || inside ? document.createElementNS(SVG, kid.tag) : document.createElement(kid.tag);
  update(node, kid);
  return node;
}

function update(node, kid) {
  if (typeof kid === "string") {
    if (node.data !== kid) node.data = kid;
    return;
  }
  const before = drawn.get(node);
  drawn.set(node, kid);
  if (!before || !kid.deps || !same(kid.deps, before.deps)) children(node, kid.make ? flat([kid.make()]) : kid.kids);
  const was = before?.props ?? {};
  for (const name of Object.keys(was)) if (!(name in kid.props)) put(node, name, null, was[name]);
  for (const [name, value] of Object.entries(kid.props)) {
    if (LIVE.has(name) ? node[name] !== value : was[name] !== value) put(node, name, value, was[name]);
  }
}

function same(a, b) {
  return b !== null && a.length === b.length && a.every((x, at) => x === b[at]);
}

function put(node, name, value, was) {
  if (name.startsWith("on")) {
    // One listener per kind and element looks up the newest function.
    if (!was) node.addEventListener(name.slice(2), (event) => drawn.get(node).props[name]?.(event));
  } else if (PROPERTIES.has(name)) node[name] = value ?? false;
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** The same description as a text of HTML, for a page that stands alone. */
export function toHTML(kid) {
  if (typeof kid === "string") return escape(kid);
  if (Array.isArray(kid)) return flat(kid).map(toHTML).join("");
  const held = Object.entries(kid.props)
    .filter(([name, value]) => !name.startsWith("on") && value !== null && value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escape(String(value))}"`))
    .join("");
  if (VOID.has(kid.tag)) return `<${kid.tag}${held}>`;
  const inner = toHTML(kid.make ? flat([kid.make()]) : kid.kids);
  return `<${kid.tag}${held}>${inner}</${kid.tag}>`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
