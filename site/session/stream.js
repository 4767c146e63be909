// Server-sent events, read with `fetch`, since an EventSource cannot send a token in a header. Goes on after a broken connection.

const SILENCE = 70_000;
const DOUBT = 4_000;
const LONGEST = 4_000;

/** Read server-sent events out of pieces of text; `tell({event, data})` is called for each. */
export function parser(tell) {
  let rest = "";
  let [event, data] = ["", []];
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (data.length) tell({ event: event || "message", data: data.join("\n") });
        [event, data] = ["", []];
        continue;
      }
      const at = line.indexOf(":");
      const name = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
      if (name === "event") event = value;
      else if (name === "data") data.push(value);
    }
  };
}

/**
 * Follow a stream for good.
 *
 * `connect(signal)` gives a response, `tell(message)` takes what comes, `turn(live, error)` is told when the connection is made or lost;
 * whichever throws or answers `false` ends it. Returns `{nudge, stop}`: `nudge()` looks at once whether the connection still holds.
 */
export function follow({ connect, tell, turn }) {
  let stopped = false;
  let control = null;
  let heard = 0;
  let tries = 0;
  let wake = () => {};
  const pause = (ms) => new Promise((done) => {
    const timer = setTimeout(done, ms);
    wake = () => (clearTimeout(timer), done());
  });

  async function once() {
    control = new AbortController();
    const watch = setInterval(() => Date.now() - heard > SILENCE && control.abort(), 1000);
    heard = Date.now();
    try {
      const answer = await connect(control.signal);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const take = parser((message) => tell(message) === false && (stopped = true));
      tries = 0;
      turn(true, null);
      for (;;) {
        const { done, value } = await reader.read();
        if (done || stopped) return;
        heard = Date.now();
        take(value);
      }
    } finally {
      clearInterval(watch);
      control.abort();
    }
  }

  async function run() {
    while (!stopped) {
      let lost = null;
      try {
        await once();
      } catch (error) {
        lost = error;
      }
      if (stopped || turn(false, lost) === false) return;
      const wait = Math.min(LONGEST, 250 * 2 ** tries++);
      await pause((lost?.after ?? 0) * 1000 || wait * (0.75 + Math.random() / 2));
    }
  }
  run();
  return {
    nudge() {
      if (Date.now() - heard > DOUBT) control?.abort();
      wake();
    },
    stop() {
      stopped = true;
      control?.abort();
      wake();
    },
  };
}
