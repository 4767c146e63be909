// What this browser keeps of sessions: whose seats it has, what people typed, and what could not be sent yet. Each entry has a key of its
// own, so that two tabs never write over each other. A token stays in here, or behind the `#` of an address, which no server is told.

const SEAT = "provender.session.seat.";
const DRAFT = "provender.session.draft.";
const OUT = "provender.session.out.";

/** This browser's storage, or none: then everything lasts as long as the page, and `lasting` is false. */
export function keeper(storage = found()) {
  const memory = new Map();
  let lasting = storage !== null;
  const write = (key, value) => {
    const text = JSON.stringify(value);
    memory.set(key, text);
    try {
      storage?.setItem(key, text);
    } catch {
      lasting = false;
    }
  };
  const remove = (key) => {
    memory.delete(key);
    try {
      storage?.removeItem(key);
    } catch {
      // What cannot be reached is not kept either.
    }
  };
  const all = (start) => {
    const held = new Map(memory);
    for (let at = 0; at < (storage?.length ?? 0); at++) held.set(storage.key(at), storage.getItem(storage.key(at)));
    return [...held].filter(([key]) => key.startsWith(start)).map(([key, text]) => [key, parsed(text)]).filter(([, value]) => value !== null);
  };
  const of = (seat) => `${seat.session}/${seat.person}`;
  return {
    get lasting() {
      return lasting;
    },

    /** Seats, the latest first. */
    seats: () => all(SEAT).map(([, seat]) => seat).filter(isSeat).sort((a, b) => (a.at < b.at ? 1 : -1)),
    keepSeat: (seat) => write(SEAT + of(seat), seat),
    dropSeat(seat) {
      remove(SEAT + of(seat));
      for (const start of [DRAFT, OUT]) for (const [key] of all(`${start}${of(seat)}/`)) remove(key);
    },

    /** What was typed in a seat and is not sent: values by name. */
    drafts(seat) {
      const start = `${DRAFT}${of(seat)}/`;
      return Object.fromEntries(all(start).map(([key, value]) => [key.slice(start.length), value]));
    },
    keepDraft(seat, name, value) {
      const key = `${DRAFT}${of(seat)}/${name}`;
      if (value === undefined) remove(key);
      else write(key, value);
    },

    /** What waits to be sent from a seat, in the order in which it was done. */
    waiting: (seat) => all(`${OUT}${of(seat)}/`).map(([, entry]) => entry).filter((e) => e.key && e.body).sort((a, b) => a.at - b.at),
    keepWaiting: (seat, entry) => write(`${OUT}${of(seat)}/${entry.key}`, entry),
    dropWaiting: (seat, entry) => remove(`${OUT}${of(seat)}/${entry.key}`),
  };
}

function found() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isSeat(seat) {
  return ["session", "person", "token"].every((name) => typeof seat?.[name] === "string" && /^[\w-]{1,100}$/.test(seat[name]));
}

/** What the address asks for: `{join}` a code, `{seat}` a session and a person, perhaps with their token, `{view}` how to show it. */
export function fromAddress(hash) {
  const parts = new Map(hash.replace(/^#/, "").split("&").map((part) => [part.split("=")[0], decode(part.slice(part.indexOf("=") + 1))]));
  const [session, person, token] = (parts.get("seat") ?? "").split(".");
  return {
    join: parts.get("join") || null,
    seat: session && person ? { session, person, token: token || null } : null,
    view: parts.get("view") ?? null,
    step: parts.get("step") ?? null,
  };
}

/** The address of a seat; with the token only where it is to be carried to another browser. */
export function toAddress(seat, { token = false, view = null, step = null } = {}) {
  return `#seat=${seat.session}.${seat.person}${token ? `.${seat.token}` : ""}${view ? `&view=${view}` : ""}${step ? `&step=${step}` : ""}`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
