// One seat in one session: the state as the server tells it, kept up to date, and what is done from here.

import { Refused, client } from "./api.js";
import { outbox } from "./outbox.js";
import { patched } from "./patch.js";
import { follow } from "./stream.js";

const SOON = 120;
const AGAIN = 3_000;

/**
 * Enter a session.
 *
 * `seat` is `{session, person, token}`, `keep` a keeper, `api` the address of the API, `held` the store whose members `view` (`{seq, state,
 * expires_at}`), `line` (how the connection is), `out` (what waits) and `advice` (answers of the engine by name) are set here.
 * `happened(event, before)` is called for each event that comes in live, `gone(why)` when the seat is no longer valid.
 */
export function enter({ seat, keep, api, held, happened, gone }) {
  const { get, set } = held;
  const server = client(api, seat.token, (ahead) => Math.abs(ahead - get().ahead) > 2 && set({ ahead }));
  const at = (path) => `sessions/${seat.session}${path && `/${path}`}`;
  const here = {
    get: (path) => server.get(at(path)),
    post: (path, body, key) => server.post(at(path), body, key),
    remove: () => server.remove(at("")),
    blob: (path) => server.blob(at(path)),
  };
  const box = outbox({
    kept: { all: () => keep.waiting(seat), keep: (e) => keep.keepWaiting(seat, e), drop: (e) => keep.dropWaiting(seat, e) },
    post: (body, key) => here.post("events", body, key),
    done: (entry, answer) => take(answer),
    changed: () => queueMicrotask(() => set({ out: box.all() })),
    shut: () => leave("access"),
  });
  let ended = false;

  function whole(snapshot) {
    const { view } = get();
    if (view && snapshot.seq < view.seq) return;
    set({ view: { seq: snapshot.seq, state: snapshot.state, expires_at: snapshot.expires_at } });
    later();
  }

  /** Take an event in if it is the next one; says whether nothing is missing before it. */
  function take(event) {
    const { view } = get();
    if (!view || event.seq > view.seq + 1) return false;
    if (event.seq <= view.seq) return true;
    const before = view.state;
    set({ view: { ...view, seq: event.seq, state: patched(before, event.patch) } });
    happened(event, before);
    later();
    return true;
  }

  function open() {
    return follow({
      connect: (signal) => server.stream(at("events"), get().view?.seq ?? null, signal),
      tell({ event, data }) {
        const told = JSON.parse(data);
        if (event === "state") whole(told);
        else if (event === "event") {
          // Something is missing, which the stream never lets happen; begin again with the whole state rather than show a wrong one.
          if (!take(told)) here.get("").then(whole, () => {});
        } else if (event === "end") return over(told.why);
        return true;
      },
      turn(live, error) {
        if (ended) return false;
        if (error instanceof Refused && error.status === 401) {
          leave("access");
          return false;
        }
        if (live) {
          set({ line: { live: true, since: Date.now() } });
          box.flush();
          later();
        } else if (get().line.live !== false) set({ line: { live: false, since: Date.now() } });
        return true;
      },
    });
  }

  function over(why) {
    if (why === "replaced") {
      set({ line: { live: false, replaced: true, since: Date.now() } });
      ended = true;
      return false;
    }
    if (why === "access" || why === "deleted") {
      leave(why);
      return false;
    }
    return true;
  }

  function leave(why) {
    if (ended) return;
    ended = true;
    gone(why);
  }

  // What the engine says: asked for where it is looked at, and again when what it depends on has changed.
  const wanted = new Set();
  let timer = null;

  function later(ms = SOON) {
    clearTimeout(timer);
    timer = setTimeout(() => wanted.forEach(look), ms);
  }

  async function look(name) {
    const { view, advice } = get();
    if (!view || ended) return;
    const key = dependsOn[name](view);
    const now = advice[name];
    if (now?.key === key && !now.error) return;
    if (now?.asking === key) return;
    const put = (part) => set({ advice: { ...get().advice, [name]: { ...get().advice[name], ...part } } });
    put({ asking: key });
    try {
      const value = await here.get(name);
      put({ key, value, asking: null, error: null });
    } catch (error) {
      put({ asking: null, error: error.message });
      if (!(error instanceof Refused) || error.passing) later(AGAIN);
      else put({ key });
    }
    if (dependsOn[name](get().view) !== key) look(name);
  }

  let stream = open();
  box.flush();
  const nudge = () => document.visibilityState === "visible" && (stream.nudge(), box.flush());
  const page = [["online", globalThis], ["focus", globalThis], ["visibilitychange", document]];
  page.forEach(([kind, target]) => target.addEventListener(kind, nudge));
  set({ out: box.all() });

  return {
    ...here,
    seat,
    box,

    /** Look at some of the engine's answers from now on, and at no others. */
    want(names) {
      if (names.length === wanted.size && names.every((n) => wanted.has(n))) return;
      wanted.clear();
      names.forEach((n) => wanted.add(n));
      later(0);
    },
    resume() {
      ended = false;
      stream = open();
    },
    leave() {
      ended = true;
      stream.stop();
      box.stop();
      clearTimeout(timer);
      page.forEach(([kind, target]) => target.removeEventListener(kind, nudge));
    },
  };
}

const organisation = ({ state }) => [state.catalogue, state.severities, Object.entries(state.profile ?? {}).map(([name, f]) => [name, f.value]).sort()];
const dependsOn = {
  options: (view) => JSON.stringify(organisation(view)),
  roadmap: (view) => JSON.stringify([organisation(view), view.state.limits, view.state.overrides]),
  changes: (view) => JSON.stringify([organisation(view), decided(view)]),
  record: (view) => String(view.seq),
};

function decided({ state }) {
  return Object.entries(state.decisions ?? {}).map(([solution, d]) => [solution, d.decision]).sort();
}
