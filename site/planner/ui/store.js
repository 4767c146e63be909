// One state, changed in one place, drawn after each change.

/** A store: `get()`, `set(part)`, and `draw`, called once after any number of changes in a row. */
export function store(state, draw) {
  let waiting = false;
  const get = () => state;
  const set = (part) => {
    state = { ...state, ...part };
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      draw(state);
    });
  };
  return { get, set };
}

/** A function that remembers its answers to the last few different arguments, which are compared as they are. */
export function remembered(make, most = 4) {
  const held = [];
  return (...args) => {
    const at = held.findIndex((h) => h.args.every((a, n) => a === args[n]));
    const found = at >= 0 ? held.splice(at, 1)[0] : { args, value: make(...args) };
    held.unshift(found);
    held.length = Math.min(held.length, most);
    return found.value;
  };
}
