"""What a session keeps to itself: tokens, ratings before they are revealed, who rated how, and all of it after its time."""

from __future__ import annotations

import json
import math
import sqlite3
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.workspace.secret import _ALPHABET, new_code, new_token
from tests.api.web.conftest import Running
from tests.api.web.sessions.people import Remote, bearer, everything
from tests.serving import Server

WORDS = ("Whimsical zebra", "Xanthippe", "Quirin", "Sunk two quarters ago.", "Because of the auditors.")
CHALLENGE, SOLUTION = "dirty-data", "data-unit-tests"
DAY = 86_400_000


@pytest.fixture(scope="module")
def hall(running: Running) -> Iterator[Server]:
    """A server that says as much as it ever does, and that phones reach."""
    with running(PROVENDER_PUBLIC_URL="http://192.0.2.7:8000", PROVENDER_LOG_LEVEL="debug") as server:
        yield server


def _room(server: Server, *names: str, **members: object) -> list[Remote]:
    leader = Remote(server, "sessions", title="A room", name="Ada", **members)
    return [leader, *(leader.join(name) for name in names)]


def _files(server: Server) -> bytes:
    """All that there is of the workspace on the disk, without its name."""
    return b"".join(file.read_bytes() for file in sorted(server.log.parent.glob("workspace.sqlite*")))


def test_no_token_or_key_is_on_the_disk_in_a_log_or_in_an_address(hall: Server) -> None:
    key = str(uuid.uuid4())
    asked = {"title": WORDS[0], "name": WORDS[1]}
    first = hall.post("/v1/sessions", json=asked, headers={"Idempotency-Key": key}).json()
    leader = Remote(hall, "sessions", **asked)
    member = leader.join(WORDS[2])
    before, member.seat = member.token, leader.ask("POST", "/people/p2/token", json={}).json()
    member.do("rating", challenge=CHALLENGE, severity=2, comment=WORDS[3])
    leader.do("decision", solution=SOLUTION, decision="trial", reason=WORDS[4])
    code = leader.code()
    tokens = [first["token"], leader.token, before, member.token]
    # Also where it does not belong, and where something is wrong.
    for token in tokens:
        hall.get(f"{leader.seat['url']}?token={token}")
        hall.get(f"/v1/sessions/{token}", headers=bearer(token))
        hall.get(f"/session?token={token}")
        hall.post(f"{leader.seat['url']}/events", content=f'{{"kind": {token}', headers=bearer(token))
        hall.post(f"{leader.seat['url']}/events", json={"kind": token, WORDS[3]: WORDS[4]}, headers=bearer(token))
    hall.post("/v1/sessions/join", json={"code": code, "name": WORDS[2]})
    time.sleep(0.4)
    kept, logged = _files(hall), hall.log.read_text()
    assert leader.seat["session"].encode() in kept, "looked for in the wrong place"
    assert WORDS[3].encode() in kept
    assert not [secret for secret in (*tokens, key) if secret.encode() in kept]
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert sum(line["event"] == "request" and line["path"].startswith("/v1/sessions") for line in lines) > 15
    # A token that is put where the session's id belongs stands in the path, and opens nothing without the id.
    logged = "\n".join(line for line in logged.splitlines() if not any(f"/v1/sessions/{t}" in line for t in tokens))
    assert not [secret for secret in (*tokens, key, code, code.replace("-", ""), *WORDS) if secret in logged]


def test_no_answer_but_the_one_that_gives_it_repeats_a_token(hall: Server) -> None:
    leader, member = _room(hall, "Bo")
    member.do("rating", challenge=CHALLENGE, severity=2)
    for person in (leader, member):
        told = everything(hall, person)
        assert leader.token not in told
        assert member.token not in told
    invited = leader.get("/invitation")
    assert invited["link"] == f"http://192.0.2.7:8000/session/#join={invited['code'].replace('-', '')}"


def test_pages_and_answers_send_no_address_to_other_hosts(hall: Server) -> None:
    leader, _ = _room(hall, "Bo")
    for path in ("", "/events", "/record", "/invitation", "/invitation.svg"):
        answer = leader.ask("GET", path)
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert answer.headers["cache-control"] == "no-store", path
        assert "access-control-allow-origin" not in answer.headers
    for path in ("/session/", "/session"):
        page = hall.get(path)
        assert page.headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert "token" not in page.headers.get("location", "")


def _same_but_ratings(hall: Server, said: list[dict[str, object]], **members: object) -> list[Remote]:
    """A session in which three people rate as told."""
    room = _room(hall, "Bo", "Cy", "Di", **members)
    for person, rating in zip(room, said, strict=False):
        person.do("rating", challenge=CHALLENGE, **rating)
    return room


def test_nothing_tells_of_a_rating_before_its_round_is_revealed(hall: Server) -> None:
    high = [{"severity": 3}, {"severity": 5, "comment": "It stopped us."}, {"severity": None, "comment": "Ask Cy."}]
    low = [{"severity": 3}, {"severity": 0, "comment": "Never seen it."}, {"severity": 4}]
    rooms = [_same_but_ratings(hall, said, anonymous=False) for said in (high, low)]
    for room in rooms:  # what follows must not tell either
        room[0].do("timer", seconds=600)
        room[0].do("decision", solution=SOLUTION, decision="hold")
        room[0].do("removal", person="p3")
    for at in (0, 3):  # the facilitator, and one who has not rated
        told = [everything(hall, room[at]) for room in rooms]
        assert told[0] == told[1]
        assert f'"rated":{{"{CHALLENGE}":{{"p1":true,"p2":true' in told[0], "that they have rated is seen"
    assert "It stopped us." in everything(hall, rooms[0][1]), "their own"


def test_nothing_is_told_of_what_fewer_than_three_judged(hall: Server) -> None:
    said = [
        {"severity": 1, "comment": "quiet"},
        {"severity": 5, "comment": "loud"},
        {"severity": None, "comment": "no idea"},
    ]
    other = [{"severity": 4}, {"severity": 2}, {"severity": None}]
    rooms = [_same_but_ratings(hall, ratings, anonymous=False) for ratings in (said, other)]
    for room in rooms:
        assert room[0].send("reveal").status_code == 409, "nothing was judged by three"
        for person in room[:3]:
            person.do("rating", challenge="data-drift", severity=3)
        room[0].do("reveal")
    told = [everything(hall, room[3]) for room in rooms]
    assert told[0] == told[1]
    assert f'"{CHALLENGE}":{{"too_few":true}}' in told[0]
    assert '"median":3.0' in told[0]


@pytest.mark.parametrize("anonymous", [True, False])
def test_who_rated_how_is_told_only_where_the_session_says_so(hall: Server, anonymous: bool) -> None:
    said = [{"severity": 3}, {"severity": 5, "comment": "It stopped us."}, {"severity": 1, "comment": "Never seen it."}]
    rooms = [_same_but_ratings(hall, ratings, anonymous=anonymous) for ratings in (said, [said[0], said[2], said[1]])]
    for room in rooms:
        room[0].do("reveal")
        room[0].do("closing")
    for at in (0, 3):
        told = [everything(hall, room[at]) for room in rooms]
        assert "It stopped us." in told[0]
        assert (told[0] == told[1]) is anonymous


def test_what_lets_people_in_cannot_be_guessed(hall: Server) -> None:
    rooms = [Remote(hall, "sessions", title="T", name="A") for _ in range(20)]
    ids, codes = {room.seat["session"] for room in rooms}, {room.code() for room in rooms}
    assert len(ids) == len(codes) == len({room.token for room in rooms}) == 20
    assert {len(one) for one in ids} == {22}  # 128 bits in base64
    assert {len(room.token) for room in rooms} == {43}  # 256 bits
    assert len(set(_ALPHABET)) == len(_ALPHABET)
    assert 10 * math.log2(len(_ALPHABET)) > 48
    assert {len(code.replace("-", "")) for code in codes} == {10}
    for make, characters in ((new_token, 60), (new_code, 29)):
        made = [make() for _ in range(2000)]
        assert len(set(made)) == 2000
        assert min(len({one[at] for one in made}) for at in range(len(made[0]) - 1)) >= characters


def test_retention_is_as_asked_but_never_longer_than_the_server_keeps(running: Running) -> None:
    with running(PROVENDER_SESSION_DAYS=30) as server:
        for asked, kept in ((None, 30), (7, 7), (300, 30)):
            room = Remote(
                server, "sessions", title="T", name="A", **({} if asked is None else {"retention_days": asked})
            )
            held = room.get()
            assert held["state"]["retention_days"] == kept
            begun = datetime.fromisoformat(held["state"]["people"]["p1"]["joined_at"])
            assert datetime.fromisoformat(held["expires_at"]) - begun == timedelta(days=kept)
        refused = server.post("/v1/sessions", json={"title": "T", "name": "A", "retention_days": 0})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/retention_days")


def test_what_has_expired_is_opened_by_nobody_and_then_wiped_from_the_disk(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "workspace.sqlite"
    with running(PROVENDER_WORKSPACE=file) as server:
        old = Remote(server, "sessions", title=WORDS[0], name=WORDS[1], retention_days=2)
        code = old.code()
        young = Remote(server, "sessions", title="Goes on", name="Ada", retention_days=4)
        _age(file, days=3)
        assert old.ask("GET").status_code == 401
        assert server.post("/v1/sessions/join", json={"code": code, "name": "Late"}).status_code == 404
        assert young.ask("GET").status_code == 200
    assert WORDS[0].encode() in file.read_bytes()
    with running(PROVENDER_WORKSPACE=file) as server:
        for _ in range(100):
            if "purged" in server.log.read_text():
                break
            time.sleep(0.05)
        young.server = server
        assert young.get()["state"]["title"] == "Goes on"
        kept = b"".join(found.read_bytes() for found in tmp_path.glob("workspace.sqlite*"))
        assert not [said for said in (WORDS[0], WORDS[1], old.seat["session"]) if said.encode() in kept]
        assert b"Goes on" in kept


def _age(file: Path, days: int) -> None:
    """Let all that is in a workspace have happened some days earlier."""
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE events SET at = at - ?", (days * DAY,))
    connection.close()
