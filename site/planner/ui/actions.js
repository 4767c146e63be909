// What can be done with the planner: every change of its state.

import { changedFor } from "./changes.js";
import { comparedSaid } from "./compare.js";
import { asCSV, asJSON, asMarkdown, download, fileName, nameOf } from "./exports.js";
import { asPage } from "./paper.js";
import { equal, withMember, withMoves, withPlaced } from "./profile.js";
import { ask as request } from "./roadmap.js";
import { admit, freeName, fromAddress, fromFile, Refused, storage, toAddress } from "./scenario.js";
import { spoken } from "./summary.js";
import { solutionName } from "./terms.js";

const QUIET = 250;

/** The actions of a planner. `held` is its store, `answers` what the engine said, remembered. */
export function actions({ engine, bundle, held, answers, root }) {
  const { get, set } = held;
  const kept = storage();
  const page = root.ownerDocument.defaultView;
  const examples = bundle.examples ?? [];
  let written = null;
  let later = null;
  let speaking = null;
  let last = 0;

  const current = () => get().trial ?? get().a;
  const say = (text) => set({ told: text });
  const note = (text, bad = false) => set({ notes: [{ id: ++last, text, bad }, ...get().notes].slice(0, 3) });
  const focus = (id) => page.setTimeout(() => root.querySelector(id)?.focus());

  /** Write the address and the draft soon, and say what has become of the answer when it rests. */
  function moved(said = null) {
    page.clearTimeout(later);
    later = page.setTimeout(write, QUIET);
    page.clearTimeout(speaking);
    speaking = page.setTimeout(() => say([said, spoken(answers.of(current()))].filter(Boolean).join(". ")), 2 * QUIET);
    set({ road: { ...get().road, stale: true } });
    firm();
  }

  function write() {
    page.clearTimeout(later);
    later = null;
    const { a, b, trial } = get();
    const hash = toAddress(engine, { a, b, trial });
    if (hash === null) {
      if (!get().notes.some((n) => n.text === TOO_LONG)) note(TOO_LONG, true);
    } else if (hash !== page.location.hash) {
      page.history.replaceState(page.history.state, "", hash || page.location.pathname + page.location.search);
    }
    written = page.location.hash;
    kept.keepDraft({ catalogue: engine.version, profile: a });
  }

  /** Take a scenario from elsewhere, with what changed for it since; what was there can be had back. */
  function take(linked, { b = null, trial = null, says = null, savedId = null } = {}) {
    const { raw, aside } = admit(engine, linked.profile);
    const others = [b, trial].map((x) => x && admit(engine, x.profile));
    const all = [...aside, ...others.flatMap((x) => x?.aside ?? [])];
    const changed = changedFor({ engine, changes: bundle.changes, from: linked.catalogue, raw, answer: answers.of(raw), aside: all });
    const before = snapshot();
    set({ a: raw, b: others[0]?.raw ?? null, trial: others[1]?.raw ?? null, aside: all, changed, savedId, asked: null, passed: [], opened: {}, told: "",
      undo: says && Object.keys(before.a).length && !equal(before.a, raw) ? { says, state: before } : null });
    moved(says);
  }

  function snapshot() {
    const { a, b, trial, saved, savedId, aside, changed } = get();
    return { a, b, trial, saved, savedId, aside, changed };
  }

  function undoable(says, part) {
    set({ undo: { says, state: snapshot() }, ...part });
    moved(says);
  }

  /** Try something that may be refused; then say why and leave everything as it was. */
  function attemptTo(what) {
    try {
      what();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      note(`${error.message} Your own scenario is untouched.`, true);
      return false;
    }
  }

  function fromPage() {
    const hash = page.location.hash;
    if (hash === written) return;
    attemptTo(() => {
      const found = fromAddress(engine, hash);
      if (found) take(found.a, { b: found.b, trial: found.trial, says: written === null ? null : "Opened the scenario of a link." });
    });
    written = hash;
  }

  function keepSaved(saved, part = {}) {
    set({ saved, ...part });
    if (!kept.keep(saved)) note("This browser keeps nothing for this page, so the scenario is not saved. Copy the link or export it instead.", true);
  }

  function save(copy) {
    const { a, saved, savedId } = get();
    const at = copy ? -1 : saved.findIndex((s) => s.id === savedId);
    const entry = { catalogue: engine.version, profile: a, at: new Date().toISOString() };
    if (at >= 0) keepSaved(saved.map((s, n) => (n === at ? { ...s, ...entry } : s)));
    else {
      const id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
      keepSaved([{ id, name: freeName(nameOf(a), saved), ...entry }, ...saved], { savedId: id });
    }
    say("Saved in this browser.");
  }

  /** How firm the lead is, from the server where there is one. */
  function firm() {
    const { api } = get();
    if (!api || answers.of(current()).stability) return;
    const raw = current();
    page.setTimeout(() => {
      if (raw !== current()) return;
      request(api, "recommendations", { profile: raw, first: 0 }).then((answer) => set({ firmness: { raw, stability: answer.stability } }), () => {});
    }, 3 * QUIET);
  }

  const act = {
    examples,

    start() {
      set({ saved: kept.saved() });
      const draft = kept.draft();
      fromPage();
      if (!Object.keys(get().a).length && draft && Object.keys(draft.profile).length) attemptTo(() => take(draft));
      written = page.location.hash;
      page.addEventListener("hashchange", fromPage);
      page.addEventListener("pagehide", () => later !== null && write());
      set({});
    },

    change(raw, said, facet = null) {
      set({ [get().trial ? "trial" : "a"]: raw, undo: null, ...(facet && { asked: facet }) });
      moved(said);
    },

    // Moving about.
    go(step) {
      set({ step });
      focus(step === "answer" ? "#pv-answer" : "#pv-inputs");
      page.setTimeout(() => root.scrollIntoView({ block: "start" }));
    },
    open: (id, is) => set({ opened: { ...get().opened, [id]: is } }),
    tab: (tab) => set({ tab }),
    tabKey(event, ids) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = ids[(ids.indexOf(get().tab) + step + ids.length) % ids.length];
      set({ tab: next });
      focus(`#pv-tab-${next}`);
    },
    tell(facet) {
      set({ step: "organisation", opened: { ...get().opened, [facet]: true } });
      focus(`#pv-${facet} summary`);
      page.setTimeout(() => root.querySelector(`#pv-${facet}`)?.scrollIntoView({ block: "center" }));
    },
    toInterview(facet) {
      set({ step: "organisation", asked: facet });
      focus("#pv-ask h3");
    },
    showChallenge(id) {
      set({ step: "challenges" });
      page.setTimeout(() => {
        const input = root.querySelector(`[name="severity-${id}"]`);
        input?.scrollIntoView({ block: "center" });
        input?.focus();
      });
    },
    show(solution) {
      const id = `option-${solution}`;
      const answer = answers.of(current());
      const there = [...answer.recommendations, ...answer.blocked].some((r) => r.solution === solution);
      if (!there) return say(`${solutionName(engine, solution)} does not bear on your challenges.`);
      set({ tab: "options", opened: { ...get().opened, [id]: true, "all-feasible": true, "all-undecided": true } });
      focus(`#pv-${id} summary`);
    },

    // The interview.
    ask: {
      done(facet) {
        set({ passed: [...new Set([...get().passed, facet])], asked: null });
        focus("#pv-ask h3");
      },
      again: () => set({ passed: [], asked: null }),
    },

    // What-ifs, and A beside B.
    beginTrial() {
      set({ trial: get().a, step: get().step === "answer" ? "organisation" : get().step });
      moved("What-if begun");
      focus("#pv-whatif");
    },
    attempt(moves) {
      const trial = withMoves(current(), moves, engine.vocabulary);
      set({ trial });
      moved(`What if: ${comparedSaid(answers.compared(get().a, trial))}`);
      focus("#pv-whatif");
    },
    keepTrial() {
      undoable("The what-if is kept.", { a: get().trial, trial: null });
      focus("#pv-answer");
    },
    dropTrial() {
      if (equal(get().a, get().trial)) set({ trial: null });
      else undoable("The what-if is dropped.", { trial: null });
      moved();
      focus("#pv-answer");
    },
    setB: () => undoable("B is a copy of A.", { b: current() }),
    swap: () => undoable("A and B are swapped.", { a: get().b, b: current(), trial: null, savedId: null }),
    dropB: () => undoable("B is dropped.", { b: null }),

    // Solutions one knows.
    place: (s) => undoable(`${solutionName(engine, s)} is now counted as in place.`, { [get().trial ? "trial" : "a"]: withPlaced(current(), s, true) }),
    tried(s) {
      act.change(withMember(current(), "tried", s, ""), `${solutionName(engine, s)} was tried`);
      set({ step: "organisation", opened: { ...get().opened, tried: true } });
      focus(`#pv-tried-${s}`);
    },

    // Keeping, sharing, opening.
    save: () => save(false),
    saveCopy: () => save(true),
    rename(id, name) {
      const { saved } = get();
      const text = name.trim();
      if (!text) return set({ saved: [...saved] });
      keepSaved(saved.map((s) => (s.id === id ? { ...s, name: freeName(text, saved.filter((x) => x.id !== id)) } : s)));
    },
    drop(id) {
      const { saved, savedId } = get();
      const name = saved.find((s) => s.id === id).name;
      set({ undo: { says: `“${name}” is deleted.`, state: { saved, savedId } } });
      keepSaved(saved.filter((s) => s.id !== id), { savedId: savedId === id ? null : savedId });
    },
    openSaved(id) {
      const s = get().saved.find((x) => x.id === id);
      attemptTo(() => take({ catalogue: s.catalogue ?? engine.version, profile: s.profile }, { says: `Opened “${s.name}”.`, savedId: id }));
    },
    openBeside(id) {
      const s = get().saved.find((x) => x.id === id);
      attemptTo(() => {
        const { raw, aside } = admit(engine, s.profile);
        undoable(`“${s.name}” stands beside as B.`, { b: raw, tab: "compare", aside });
      });
    },
    example(id) {
      const { id: _, fictional: __, ...profile } = examples.find((e) => e.id === id);
      take({ catalogue: engine.version, profile }, { says: `Opened the example “${profile.label}”.` });
      set({ step: "answer" });
      focus("#pv-answer");
      page.setTimeout(() => root.scrollIntoView({ block: "start" }));
    },
    anew: () => undoable("Started anew.", { a: {}, b: null, trial: null, savedId: null, aside: [], changed: null, passed: [], asked: null, opened: {}, step: "challenges" }),
    async openFile(event) {
      const [file] = event.target.files;
      if (!file) return;
      const text = await file.text();
      event.target.value = "";
      attemptTo(() => take(fromFile(engine, file.name, text), { says: `Opened ${file.name}.` }));
    },
    async share() {
      write();
      const link = page.location.href;
      try {
        await page.navigator.clipboard.writeText(link);
        note("The link is copied. It holds the whole scenario, so share it with those who may know it.");
      } catch {
        note("Copy the address of this page: it holds the whole scenario.");
      }
      say("The link is copied.");
    },
    export(kind) {
      write();
      const raw = current();
      const answer = answers.of(raw);
      const link = /^https?:$/.test(page.location.protocol) ? page.location.href : null;
      if (kind === "print") return page.print();
      const made = {
        json: () => ["json", "application/json", asJSON(raw, answer, link)],
        csv: () => ["csv", "text/csv", asCSV(engine, answer)],
        markdown: () => ["md", "text/markdown", asMarkdown(engine, raw, answer, link)],
        html: () => ["html", "text/html", asPage({ engine, style: bundle.style ?? "", raw, answer, whole: answers.whole(raw), link })],
      };
      const [ending, type, text] = made[kind]();
      download(fileName(raw, ending), type, text);
    },
    undo() {
      const { undo } = get();
      set({ ...undo.state, undo: null });
      if (undo.state.saved) kept.keep(undo.state.saved);
      moved("Undone");
    },
    dismiss: (id) => set({ notes: get().notes.filter((n) => n.id !== id) }),
    dismissChanges: () => set({ changed: null, aside: [] }),

    async plan() {
      const { api } = get();
      const raw = current();
      set({ road: { ...get().road, busy: true, error: null } });
      try {
        const plan = await request(api, "plans", { profile: raw });
        set({ road: { plan, busy: false, error: null, stale: raw !== current() } });
      } catch (error) {
        set({ road: { ...get().road, busy: false, error: error.message } });
      }
    },
  };
  return act;
}

const TOO_LONG = "The scenario is too long for a link; shorten the text, or export it as a file. It is still kept in this browser.";
