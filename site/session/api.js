// Requests to the sessions' routes. A token goes into a header and nowhere else.

/** The server refused; `kind` is the problem's type, `problem` all that it said. */
export class Refused extends Error {
  constructor(problem, status, after) {
    super(said(problem, status));
    this.kind = String(problem.type ?? "").split("/").at(-1);
    this.problem = problem;
    this.status = status;
    this.after = after;
  }

  /** Whether the same request may well succeed later. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer came. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached.");
  }
}

function said(problem, status) {
  const faults = (problem.errors ?? []).map((e) => `${e.pointer.split("/").filter(Boolean).join(", ") || "it"} ${e.detail}`);
  return faults.length ? `${faults.join("; ")}.`.replace(/\.\.$/, ".") : problem.detail || problem.title || `The server answered with status ${status}.`;
}

/** A key that nobody can guess; also where a page from plain http may not ask for a UUID. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Requests below an address, for whoever has a token; `late(seconds)` is told by how much the server's clock is ahead of this one. */
export function client(base, token = null, late = () => {}) {
  async function ask(path, { method = "GET", body = null, key = null, accept = "application/json", headers = {}, signal } = {}) {
    let answer;
    try {
      answer = await fetch(new URL(path, base), {
        method, signal, body: body && JSON.stringify(body), credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
        headers: {
          Accept: accept, ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }),
          ...(key && { "Idempotency-Key": key }), ...headers,
        },
      });
    } catch (error) {
      throw signal?.aborted ? error : new Unreachable();
    }
    const date = Date.parse(answer.headers.get("Date"));
    if (date) late((date - Date.now()) / 1000);
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(problem, answer.status, Number(answer.headers.get("Retry-After")) || null);
  }
  const read = async (path, options) => {
    const answer = await ask(path, options);
    try {
      return await answer.json();
    } catch {
      throw new Unreachable();
    }
  };
  return {
    get: (path) => read(path),
    post: (path, body, key = null) => read(path, { method: "POST", body, key }),
    remove: (path) => ask(path, { method: "DELETE" }),
    blob: async (path) => (await ask(path, { accept: "*/*" })).blob(),
    stream: (path, after, signal) =>
      ask(path, { accept: "text/event-stream", signal, headers: after === null ? {} : { "Last-Event-ID": String(after) } }),
  };
}
