// What can be done on the session's page: every change of its state.

import { withMoves } from "../planner/ui/profile.js";
import { findApi } from "../planner/ui/roadmap.js";
import { storage } from "../planner/ui/scenario.js";
import { solutionName } from "../planner/ui/terms.js";
import { Refused, client, newKey } from "./api.js";
import { fromFile, fromLink, scenariosKept } from "./entrance.js";
import { facetName, settled, valueSaid } from "./facts.js";
import { fromAddress, keeper, toAddress } from "./keep.js";
import { levelSaid } from "./levels.js";
import { EYES } from "./projector.js";
import { FORMATS } from "./record.js";
import { enter } from "./room.js";
import { nameOf, overrideSaid, subjectSaid, told } from "./telling.js";

const NEEDS = { options: ["options"], road: ["roadmap"], decide: ["options"], organisation: ["options"], record: ["record", "changes"] };

export function actions({ engine, examples, held, root }) {
  const { get, set } = held;
  const page = root.ownerDocument.defaultView;
  const keep = keeper();
  let once = newKey();
  let last = 0;
  let ticking = null;

  const say = (text) => set({ told: text });
  const note = (text, bad = false) => set({ notes: [{ id: ++last, text, bad }, ...get().notes].slice(0, 3) });
  const focus = (selector) => page.setTimeout(() => root.querySelector(selector)?.focus(), 30);
  const address = () => page.history.replaceState(page.history.state, "", get().room ? toAddress(get().room.seat, { view: get().projector ? "projector" : null, step: get().step }) : page.location.pathname + page.location.search);
  const state = () => get().view.state;
  const seen = () => get().view.seq;
  const send = (body, words, round = null) => get().room.box.add(body, words, round);

  // In and out.

  function sit(seat, { view = null, step = null } = {}) {
    get().room?.leave();
    const kept = { name: "", title: "", ...seat, at: new Date().toISOString() };
    keep.keepSeat(kept);
    set({ view: null, line: { live: null }, advice: {}, drafts: keep.drafts(kept), invitation: null, links: {}, join: null, error: null, busy: false, projector: view === "projector", step: step ?? "rate", lasting: keep.lasting, room: null });
    const room = enter({ seat: kept, keep, api: get().api, held: { get, set: (part) => (set(part), part.view && settle(part.view)) }, happened, gone });
    set({ room, seats: keep.seats() });
    address();
    look();
  }

  /** What follows from the newest state, whoever brought it. */
  function settle(view) {
    const { room } = get();
    if (!room) return;
    const me = view.state.people[room.seat.person];
    if (me && (me.name !== room.seat.name || view.state.title !== room.seat.title)) {
      Object.assign(room.seat, { name: me.name, title: view.state.title });
      keep.keepSeat(room.seat);
    }
    page.document.title = `${view.state.title} – Provender`;
    if (me && me.role !== "participant" && !get().invitation) act.invite();
    tick();
  }

  function tick() {
    const { view } = get();
    const round = view?.state.rounds[view.state.round];
    const runs = round?.ends_at && !round.revealed_at && Date.parse(round.ends_at) + 1000 > Date.now() + get().ahead * 1000;
    if (runs && !ticking) ticking = page.setInterval(() => (set({ now: Date.now() }), tick()), 1000);
    if (!runs && ticking) {
      page.clearInterval(ticking);
      ticking = null;
      if (round?.ends_at && !round.revealed_at) say("Time is up.");
    }
    set({ now: Date.now() });
  }

  function happened(event) {
    const { projector, following, room } = get();
    const text = told(engine, state(), event);
    if (text && (event.by !== room.seat.person || projector)) say(text);
    if (projector && following && EYES[event.kind]) {
      set({ step: EYES[event.kind] });
      look();
    }
    if (event.kind === "role" && event.data.person === room.seat.person) set({ invitation: null });
  }

  function gone(why) {
    const { room } = get();
    const { name, title } = room?.seat ?? {};
    out();
    set({ error: why === "deleted" ? `“${title}” was deleted.` : `“${title || "The session"}” does not let ${name || "you"} in any more. If that is wrong, ask the facilitator for a new link of your own; what you had not sent is still kept here.` });
  }

  function out() {
    get().room?.leave();
    page.document.title = "Session – Provender";
    set({ room: null, view: null, projector: false, seats: keep.seats(), step: "rate" });
    address();
  }

  const look = () => get().room?.want(NEEDS[get().step] ?? []);

  function fromPage() {
    const asked = fromAddress(page.location.hash);
    if (asked.join) return set({ join: asked.join, seats: keep.seats() });
    if (!asked.seat) return undefined;
    const kept = keep.seats().find((s) => s.session === asked.seat.session && s.person === asked.seat.person);
    const seat = asked.seat.token ? { ...kept, ...asked.seat } : kept;
    if (seat) return sit(seat, asked);
    return set({ error: "This browser has no way into that session. Open it where you joined, or ask the facilitator for a new link of your own." });
  }

  async function attempt(what) {
    set({ busy: true, error: null });
    try {
      return await what();
    } catch (error) {
      set({ error: error.message });
      if (error instanceof Refused) once = newKey();
      return null;
    } finally {
      set({ busy: false });
    }
  }

  function draft(name, value) {
    const { [name]: _, ...rest } = get().drafts;
    set({ drafts: value === undefined ? rest : { ...rest, [name]: value } });
    keep.keepDraft(get().room.seat, name, value);
  }

  function profileChosen({ from = "nothing", link = "", file }) {
    if (from === "nothing") return {};
    if (from === "link") return fromLink(link);
    if (from === "file") {
      if (!file) throw new Error("Choose the file first.");
      return file;
    }
    return get().scenarios.find((s) => s.id === from)?.profile ?? {};
  }

  async function copy(text, what) {
    try {
      await page.navigator.clipboard.writeText(text);
      note(`${what} is copied.`);
    } catch {
      note(`${what} cannot be copied by itself here; mark it and copy it.`, true);
    }
  }

  const act = {
    async start() {
      const api = await findApi(new URL(root.dataset.root ?? "./", root.ownerDocument.baseURI));
      set({ api, seats: keep.seats(), scenarios: scenariosKept(storage(), examples), lasting: keep.lasting });
      if (!api) return;
      fromPage();
      page.addEventListener("hashchange", fromPage);
    },

    // The entrance.
    type: (name, value) => set({ form: { ...get().form, [name]: value } }),
    sit,
    forget(seat) {
      keep.dropSeat(seat);
      set({ seats: keep.seats() });
    },
    code: () => set({ join: get().form.code.trim(), error: null }),
    otherCode() {
      set({ join: null, error: null });
      address();
    },
    async file(event) {
      const [file] = event.target.files;
      if (file) await attempt(async () => set({ form: { ...get().form, fileName: file.name, file: fromFile(file.name, await file.text()) } }));
    },
    join: () => attempt(async () => {
      const { form, join, api } = get();
      const entry = await client(api).post("sessions/join", { code: join, name: form.name.trim() }, once);
      once = newKey();
      sit({ ...entry, name: form.name.trim(), code: join });
    }),
    begin: () => attempt(async () => {
      const { form, api } = get();
      const profile = profileChosen(form);
      const entry = await client(api).post("sessions", {
        title: form.title.trim(), name: form.mine.trim(), profile, anonymous: !form.named, ...(form.agree && { agree: Number(form.agree) }), ...(form.days && { retention_days: Number(form.days) }),
      }, once);
      once = newKey();
      sit({ ...entry, name: form.mine.trim(), title: form.title.trim() }, { step: "people" });
    }),
    leave() {
      out();
      set({ error: null });
    },
    resume: () => get().room.resume(),

    // Moving about.
    go(step) {
      set({ step, asked: null, following: false });
      address();
      look();
      page.setTimeout(() => {
        root.querySelector("#ps-step")?.focus({ preventScroll: true });
        const steps = root.querySelector(".ps-steps");
        if (steps?.getBoundingClientRect().top < 0) steps.scrollIntoView();
      });
    },
    follow: (following) => set({ following }),
    open: (id, is) => set({ opened: { ...get().opened, [id]: is } }),
    tell(facet) {
      act.open(`fact-${facet}`, true);
      act.go("organisation");
      page.setTimeout(() => {
        const found = root.querySelector(`#ps-fact-${facet}`);
        found?.scrollIntoView({ block: "center" });
        found?.querySelector("summary").focus();
      }, 60);
    },
    attempt(moves) {
      const raw = withMoves(settled(state()), moves, engine.vocabulary);
      const named = [...new Set(moves.map((m) => m.facet))];
      named.forEach((facet) => (draft(`value-${facet}`, { value: raw[facet] ?? null }), act.open(`fact-${facet}`, true)));
      act.tell(named[0]);
      note("Filled in, but not proposed yet: look it over and press “Propose”.");
    },
    ask(id, back = null) {
      set({ asked: id });
      focus(id ? `#ps-sure-${id}` : `#ps-ask-${back}`);
    },
    draft,
    projector: () => page.open(new URL(toAddress(get().room.seat, { view: "projector", step: "people" }), get().page).href, "_blank", "noopener"),
    desk() {
      set({ projector: false });
      address();
    },
    copy,
    dismiss: (id) => set({ notes: get().notes.filter((n) => n.id !== id) }),

    // Inviting.
    async invite() {
      const { room } = get();
      set({ invitation: {} });
      try {
        const made = await room.get("invitation");
        set({ invitation: { ...made, qr: made.link && (await asData(await room.blob("invitation.svg"))) } });
      } catch (error) {
        set({ invitation: { error: error.message } });
      }
    },
    recode: () => attempt(async () => {
      await get().room.post("invitation", {});
      await act.invite();
    }),
    renew: (person) => attempt(async () => {
      const entry = await get().room.post(`people/${person}/token`, {});
      const link = new URL(toAddress({ ...entry, session: get().room.seat.session }, { token: true }), get().page).href;
      set({ links: { ...get().links, [person]: get().invitation?.link ? get().invitation.link.split("#")[0] + new URL(link).hash : link } });
    }),
    role: (person, role) => send({ kind: "role", person, role, seen: seen() }, `${nameOf(state(), person)} becomes ${role}`),
    removal: (person) => send({ kind: "removal", person, seen: seen() }, `${nameOf(state(), person)} is shown out`),
    close: () => send({ kind: "closing", seen: seen() }, "the session is closed"),
    reopen: () => send({ kind: "reopening", seen: seen() }, "the session is reopened"),
    remove: () => attempt(async () => {
      const { seat, remove } = get().room;
      await remove();
      keep.dropSeat(seat);
      out();
      set({ error: `“${seat.title}” is deleted.` });
    }),

    // Rating.
    rate(challenge, severity, comment) {
      const round = state().round;
      draft(`comment-${challenge}`, undefined);
      send({ kind: "rating", challenge, severity, ...(comment.trim() && { comment: comment.trim() }), round }, `${engine.challenges[challenge].label}: ${levelSaid(severity)}`, round);
    },
    timer: (seconds) => send({ kind: "timer", seconds, seen: seen() }, "the clock is set"),
    reveal: () => send({ kind: "reveal", seen: seen() }, `round ${state().round} is revealed`),
    round(challenges, seconds) {
      send({ kind: "round", ...(challenges && { challenges }), seconds, seen: seen() }, "a new round is opened");
      focus("#ps-round");
    },

    // The profile.
    propose(field, value, comment) {
      send({ kind: "proposal", field, value, ...(comment && { comment }) }, value === null ? `the proposal for ${facetName(engine, field)} is taken back` : `${facetName(engine, field)}: ${valueSaid(engine, field, value)}`);
      draft(`value-${field}`, undefined);
      draft(`note-${field}`, undefined);
      say(value === null ? "Taken back." : "Proposed.");
    },
    settle(field, value) {
      send({ kind: "acceptance", field, value, seen: seen() }, `${facetName(engine, field)} is settled: ${valueSaid(engine, field, value)}`);
      draft(`value-${field}`, undefined);
      draft(`note-${field}`, undefined);
      say("Settled.");
    },

    // The roadmap.
    limits({ seen: before, ...typed }) {
      const given = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== "" && value !== null).map(([name, value]) => [name, Number(value)]));
      send({ kind: "limits", ...given, seen: before }, "the limits of the roadmap");
      draft("limits", undefined);
    },
    override(solution, choice, quarter) {
      const { seq: _, ...now } = { choice, quarter };
      send({ kind: "override", solution, ...(choice && { choice }), ...(quarter && choice !== "out" && { quarter }), seen: seen() }, `${solutionName(engine, solution)}: ${overrideSaid(now)}`);
    },

    // Deciding.
    decideOn(solution) {
      const held = solution && state().decisions[solution];
      const { decision = null, owner = "", date = "", reason = "" } = held ?? {};
      draft("decision", solution ? { solution, decision, owner, date, reason, seen: seen() } : undefined);
      if (get().step !== "decide") act.go("decide");
      focus(solution ? "#ps-decide input[type=radio]" : "#ps-solution");
      page.setTimeout(() => root.querySelector("#ps-decide")?.scrollIntoView({ block: "nearest" }), 60);
    },
    decide({ solution, decision, owner, date, reason, seen: before }) {
      const told = Object.fromEntries(Object.entries({ owner, date, reason }).map(([name, text]) => [name, text?.trim()]).filter(([, text]) => text));
      send({ kind: "decision", solution, decision, ...told, seen: before }, `${decision} ${solutionName(engine, solution)}${told.reason ? `, because: ${told.reason}` : ""}`);
      draft("decision", undefined);
      say("Recorded.");
      focus("#ps-solution");
    },
    dissent(solution, reason, withdrawn) {
      send({ kind: "dissent", solution, ...(reason && { reason }), ...(withdrawn && { withdrawn }) }, withdrawn ? `the dissent on ${solutionName(engine, solution)} is withdrawn` : `a dissent on ${solutionName(engine, solution)}`);
      draft(`dissent-${solution}`, undefined);
    },
    undo: (event, name) => send({ kind: "undo", event }, `the last change of ${subjectSaid(engine, name)} is taken back`),
    edition: (catalogue) => send({ kind: "edition", catalogue, seen: seen() }, `the session goes over to release ${catalogue}`),

    // What was refused.
    again: (entry) => get().room.box.again(entry, seen(), state().round),
    dropWaiting: (entry) => get().room.box.drop(entry),

    // Taking it away.
    download: (format) => attempt(async () => {
      const blob = await get().room.blob(`record?format=${format}`);
      const link = page.document.createElement("a");
      link.href = page.URL.createObjectURL(blob);
      link.download = `decisions.${FORMATS[format][1]}`;
      link.click();
      page.setTimeout(() => page.URL.revokeObjectURL(link.href), 10_000);
    }).then(() => get().error && (note(get().error, true), set({ error: null }))),
    print: () => page.print(),
  };
  return act;
}

async function asData(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return `data:image/svg+xml;base64,${btoa(String.fromCharCode(...bytes))}`;
}
