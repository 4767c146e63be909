// What was done here and is not acknowledged yet. It is kept in this browser until the server has it, and sent again with the same key, so
// that nothing is lost and nothing done twice. What the server refuses stays, with the reason, until its author says what to do with it.

import { Refused, newKey } from "./api.js";

const FIRST = 500;
const LONGEST = 15_000;

/** What an event changes; another one of the same name replaces it. */
export function subject(body) {
  const what = body.challenge ?? body.field ?? body.solution ?? body.person ?? "";
  return `${{ acceptance: "profile", proposal: "profile" }[body.kind] ?? body.kind}/${what}`;
}

/**
 * An outbox.
 *
 * `kept` remembers entries (`all`, `keep`, `drop`), `post(body, key)` sends one, `done(entry, answer)` is told what came of it, `changed()`
 * that something is different, `shut(error)` that the seat is no longer valid.
 */
export function outbox({ kept, post, done, changed, shut }) {
  let entries = kept.all();
  let sending = null;
  let tries = 0;
  let timer = null;

  const replace = (entry, by) => {
    entries = entries.flatMap((e) => (e.key === entry.key ? (by ? [by] : []) : [e]));
    if (by) kept.keep(by);
    else kept.drop(entry);
    changed();
  };

  async function flush() {
    clearTimeout(timer);
    if (sending) return;
    for (;;) {
      const entry = entries.find((e) => !e.refused);
      if (!entry) return;
      sending = entry.key;
      changed();
      try {
        const answer = await post(entry.body, entry.key);
        tries = 0;
        replace(entry, null);
        // What was done here after it was done in view of it.
        for (const e of entries) {
          if (e.body.seen < answer.seq && subject(e.body) === subject(entry.body)) replace(e, { ...e, body: { ...e.body, seen: answer.seq } });
        }
        done(entry, answer);
      } catch (error) {
        if (error instanceof Refused && error.status === 401) return shut(error);
        if (error instanceof Refused && !error.passing) replace(entry, { ...entry, refused: { kind: error.kind, says: error.message, since: error.problem.since ?? [] } });
        else {
          timer = setTimeout(flush, error.after ? error.after * 1000 : Math.min(LONGEST, FIRST * 2 ** tries++));
          return;
        }
      } finally {
        sending = null;
        changed();
      }
    }
  }

  return {
    all: () => entries,
    isSending: (entry) => sending === entry.key,
    flush,

    /** Do something: `body` is the event, `words` what it is in words, `round` the round that it was meant for. */
    add(body, words, round = null) {
      const before = entries.filter((e) => !e.refused && e.key !== sending && e.body.kind === body.kind && subject(e.body) === subject(body));
      before.forEach((e) => replace(e, null));
      const seen = before[0]?.body.seen;
      const entry = { key: newKey(), at: Date.now(), words, round, body: seen === undefined ? body : { ...body, seen } };
      entries = [...entries, entry];
      kept.keep(entry);
      changed();
      flush();
      return entry;
    },

    /** Send again what was refused, in view of what happened since. */
    again(entry, seen, round) {
      replace(entry, null);
      const { refused: _, ...rest } = entry;
      const body = { ...entry.body, ...("seen" in entry.body && { seen }), ...("round" in entry.body && { round }) };
      const made = { ...rest, key: newKey(), body, round };
      entries = [...entries, made];
      kept.keep(made);
      changed();
      flush();
    },
    drop: (entry) => replace(entry, null),
    stop: () => clearTimeout(timer),
  };
}
