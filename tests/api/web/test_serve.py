"""`provender serve` as a process: how it is set up, how it starts, and how it stops."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings, described, page, variable
from kb.home import build_folder
from tests.api.test_cli import PROVENDER, output, run
from tests.api.web.raw import connect, receive
from tests.conftest import ROOT

READY = re.compile(r"Provender answers at http://(\S+):(\d+); Ctrl\+C stops it\.\n")


def _environment(**env: Any) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROVENDER_")}
    return {**inherited, **{f"PROVENDER_{k}": str(v) for k, v in env.items()}}


class Served:
    """A running server: its process, where it listens, and what it has written."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process, self.errors = process, errors
        assert process.stdout is not None
        alarm = threading.Timer(60, process.kill)
        alarm.start()
        self.line = process.stdout.readline()
        alarm.cancel()
        found = READY.fullmatch(self.line)
        assert found, self.line + errors.read_text()
        self.address = (found[1].strip("[]"), int(found[2]))
        self.url = f"http://{found[1]}:{found[2]}"


@pytest.fixture
def serve(data: Path, tmp_path: Path) -> Iterator[Any]:
    with contextlib.ExitStack() as stack:

        def start(*args: str, **env: Any) -> Served:
            errors = tmp_path / "stderr.txt"
            process = subprocess.Popen(
                [PROVENDER, "serve", *args], env=_environment(DATA=data, **{"PORT": 0, **env}), stdout=subprocess.PIPE,
                stderr=stack.enter_context(errors.open("w")), text=True, cwd=ROOT,
            )  # fmt: skip
            stack.callback(_end, process)
            return Served(process, errors)

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
    process.communicate()


def refused(*args: str, **env: Any) -> str:
    """What `provender serve` says when it does not start."""
    done = subprocess.run(
        [PROVENDER, "serve", *args], env=_environment(**env), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr


# --- settings ---------------------------------------------------------------------------------------------------------------------


def test_help_lists_every_setting_with_default_and_meaning() -> None:
    text = " ".join(output("serve", "--help").split())
    for name, default, meaning in described():
        assert name in text
        assert f"{meaning} [{default}]" in text, name


def test_the_page_of_settings_is_current() -> None:
    assert (ROOT / "site/pages/settings.md").read_text() == page(), (
        "run `python -m api.settings > site/pages/settings.md`"
    )
    assert all(f"`{variable(name)}`" in page() for name in Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "99999", "PROVENDER_PORT: should be less than or equal to 65535"),
        ("WORKERS", "0", "PROVENDER_WORKERS: should be greater than or equal to 1"),
        ("RATE", "lots", "PROVENDER_RATE: lots is no rate; write such as 600/minute or 10/second, or `off`"),
        ("RATE_SPARQL", "0/minute", "PROVENDER_RATE_SPARQL: 0/minute is no rate"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "PROVENDER_TRUSTED_PROXIES: 10.0.0.1/8 is no address or network"),
        ("PUBLIC_URL", "provender.example", "PROVENDER_PUBLIC_URL: provender.example is no address"),
        ("LOG_LEVEL", "loud", "PROVENDER_LOG_LEVEL: should be 'debug', 'info', 'warning' or 'error'"),
        ("METRICS", "maybe", "PROVENDER_METRICS: should be a valid boolean"),
        ("FORWARDED_HEADER", "x-real-ip", "PROVENDER_FORWARDED_HEADER: should be 'x-forwarded-for' or 'forwarded'"),
        ("RATES", "5/minute", "PROVENDER_RATES: there is no such setting; the nearest is PROVENDER_RATE"),
        ("BODY_BITES", "5", "PROVENDER_BODY_BITES: there is no such setting; the nearest is PROVENDER_BODY_BYTES"),
    ],
)
def test_a_setting_that_does_not_hold_is_named(name: str, value: str, said: str) -> None:
    assert said in refused(**{name: value})


def test_an_option_that_does_not_hold_is_named_as_it_was_written() -> None:
    assert refused("--port", "99999", WORKERS="0").splitlines() == [
        "--port: should be less than or equal to 65535",
        "PROVENDER_WORKERS: should be greater than or equal to 1",
    ]


def test_all_that_is_wrong_is_said_at_once_and_a_key_given_for_its_hash_is_not_repeated() -> None:
    said = refused(PORT="x", RATE="y", ADMIN_KEYS="kummerspeck").splitlines()
    assert [line.partition(":")[0] for line in said] == ["PROVENDER_PORT", "PROVENDER_RATE", "PROVENDER_ADMIN_KEYS"]
    assert "kummerspeck" not in str(said)


def test_settings_are_read_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from api.settings import read_settings

    for name, value in {
        "TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "RATE": "100/5 minutes",
        "PUBLIC_URL": "https://p.example.org/",
        "DATA": "",
        "DATABASE_URL": "postgresql://u@h/d",
    }.items():
        monkeypatch.setenv(f"PROVENDER_{name}", value)
    settings = read_settings()
    assert [str(n) for n in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert (settings.rate, settings.public_url, settings.data) == ("100/5 minutes", "https://p.example.org", None)


def test_a_made_key_goes_with_its_hash() -> None:
    done = run("serve", "--make-key")
    key, digest = re.fullmatch(r"key   (\S{40,})\nhash  ([0-9a-f]{64})\n", done.stdout).groups()  # type: ignore[union-attr]
    assert sha256(key.encode()).hexdigest() == digest
    assert "PROVENDER_ADMIN_KEYS" in done.stderr


# --- starting ---------------------------------------------------------------------------------------------------------------------


def test_a_port_in_use_or_an_address_elsewhere_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port}: Address already in use; take another with --port" in refused("--port", str(port))
    assert "203.0.113.1" in refused("--host", "203.0.113.1", "--port", "0")
    assert "no address" in refused("--host", "nowhere.invalid", "--port", "0")
    assert "there is no folder" in refused("--data", "/nowhere", "--port", "0")


def test_options_override_the_environment(serve: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = serve("--port", str(port), "--host", "127.0.0.2", PORT=1, HOST="127.0.0.1")
    assert served.address == ("127.0.0.2", port)
    response = httpx.get(f"{served.url}/health/ready")
    assert response.status_code == 200
    assert "server" not in response.headers
    assert response.headers["date"].endswith("GMT")


def test_it_listens_only_to_this_machine_unless_told_and_warns_if_told(serve: Any) -> None:
    served = serve()
    assert served.address[0] == "127.0.0.1"
    assert "Warning" not in served.errors.read_text()
    assert "PROVENDER_PUBLIC_URL" in serve("--host", "0.0.0.0").errors.read_text()
    assert "Warning" not in serve("--host", "0.0.0.0", PUBLIC_URL="https://provender.example.org").errors.read_text()


def _second_line(served: Served) -> str:
    """What a server says after its address."""
    served.process.terminate()
    served.process.wait(30)
    assert served.process.stdout is not None
    return served.process.stdout.read()


def test_it_says_where_phones_find_the_planning_sessions(serve: Any, data: Path) -> None:
    assert "run `provender site build`" in _second_line(serve())
    page = build_folder(data) / "site/session/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("x")
    try:
        assert "Phones cannot join" in _second_line(serve())
        everywhere = serve("--host", "0.0.0.0")
        line = _second_line(everywhere)
        said = re.search(r"Planning sessions: http://([\d.]+):(\d+)/session/, also for phones", line)
        if said:
            assert said[1] not in ("0.0.0.0", "127.0.0.1")
            assert int(said[2]) == everywhere.address[1]
        else:
            assert "no address in a network" in line
        named = serve("--host", "0.0.0.0", PUBLIC_URL="https://provender.example.org")
        assert "https://provender.example.org/session/" in _second_line(named)
    finally:
        shutil.rmtree(build_folder(data) / "site")
    assert "sessions" not in _second_line(serve(SESSIONS="false"))


def test_ipv6(serve: Any) -> None:
    """Where a machine has no IPv6, that is told; everywhere else it is served."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        assert "::1" in refused("--host", "::1")
        return
    served = serve("--host", "::1")
    assert served.url.startswith("http://[::1]:")
    assert httpx.get(f"{served.url}/health/live").status_code == 200


def test_a_build_that_is_missing_is_made_first(serve: Any, data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "data")
    served = serve("--data", str(tmp_path / "data"))
    said = served.errors.read_text()
    assert "Building" in said
    assert "wrote  catalogue.json" in said
    assert httpx.get(f"{served.url}/health/ready").status_code == 200
    assert (build_folder(tmp_path / "data") / "fingerprint.txt").is_file()


def test_a_whole_build_of_the_same_sources_is_told_from_a_damaged_one(data: Path, tmp_path: Path) -> None:
    from api.commands.serve import _is_whole

    shutil.copytree(build_folder(data), tmp_path / "build")
    assert _is_whole(tmp_path / "build")
    with (tmp_path / "build" / "provender.ttl").open("a") as file:
        file.write("# changed")
    assert not _is_whole(tmp_path / "build")
    (tmp_path / "build" / "provender.ttl").unlink()
    assert not _is_whole(tmp_path / "build")


@pytest.mark.parametrize("workers", [2])
def test_a_build_by_another_version_of_the_program_is_made_anew(
    serve: Any, data: Path, tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    shutil.copytree(build_folder(data), build_folder(folder))
    index, sums = build_folder(folder) / "match.json", build_folder(folder) / "SHA256SUMS"
    before = sha256(index.read_bytes()).hexdigest()
    index.write_text("{}")
    sums.write_text(sums.read_text().replace(before, sha256(b"{}").hexdigest()))
    served = serve("--data", str(folder), WORKERS=2)
    assert sha256(index.read_bytes()).hexdigest() == before
    assert httpx.get(f"{served.url}/health/ready").status_code == 200
    served.process.terminate()
    assert served.process.wait(20) == 0


def test_a_server_that_cannot_start_says_so_and_does_not_try_for_ever(data: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['api.web.reads'] = None\n")
    for workers in (1, 2):
        env = {**_environment(DATA=data, PORT=0, WORKERS=workers), "PYTHONPATH": str(tmp_path)}
        done = subprocess.run([PROVENDER, "serve"], env=env, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert '"event": "start-failed"' in done.stderr


# --- stopping ---------------------------------------------------------------------------------------------------------------------

POST = b"POST /v1/match HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BODY = b'{"text": "nobody knows which version of the data the model was trained on"}'


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_finished_and_a_new_one_refused(
    serve: Any, workers: int, number: signal.Signals
) -> None:
    served = serve(WORKERS=workers)
    with connect(served.address) as sock, connect(served.address) as idle:
        sock.sendall(POST % len(BODY) + BODY[:10])
        time.sleep(0.3)
        served.process.send_signal(number)
        assert idle.recv(1) == b"", "a connection without a request is closed at once"
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            connect(served.address)
        assert served.process.poll() is None
        sock.sendall(BODY[10:])
        answer = receive(sock, wait_for_end=True)
        assert answer is not None
        assert (answer.status, answer.closed) == (200, True)
    assert served.process.wait(10) == 0
    assert "Traceback" not in served.errors.read_text()


def test_what_takes_too_long_is_told_that_the_server_stops(serve: Any) -> None:
    served = serve(SHUTDOWN_SECONDS=1)
    with connect(served.address) as sock:
        sock.sendall(POST % len(BODY) + BODY[:10])
        time.sleep(0.3)
        served.process.terminate()
        answer = receive(sock, wait_for_end=True)
        assert answer is not None
        assert (answer.status, answer.kind) == (503, "unavailable")
    assert served.process.wait(10) == 0


def _workers(served: Served) -> set[int]:
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(served.process.pid)], capture_output=True, text=True, check=True
    ).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if "spawn_main" in line}


def test_a_worker_that_dies_is_replaced(serve: Any) -> None:
    served = serve(WORKERS=2)
    before = _workers(served)
    assert len(before) == 2
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until = time.monotonic() + 20
    while time.monotonic() < until and (len(_workers(served)) < 2 or victim in _workers(served)):
        time.sleep(0.1)
    assert victim not in _workers(served)
    assert len(_workers(served)) == 2
    for _ in range(20):
        assert httpx.get(f"{served.url}/health/ready").status_code == 200
    assert '"event": "worker-replaced"' in served.errors.read_text()


def test_workers_end_with_their_parent_however_it_ends(serve: Any) -> None:
    served = serve(WORKERS=2)
    workers = _workers(served)
    assert len(workers) == 2
    served.process.kill()
    served.process.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(Path(f"/proc/{n}").exists() for n in workers):
        time.sleep(0.1)
    assert not any(Path(f"/proc/{n}").exists() for n in workers)


def test_docstrings() -> None:
    import doctest

    import api.settings
    import api.web.guard
    import api.web.limits
    import api.web.logs
    import api.web.operations

    for module in (api.settings, api.web.guard, api.web.limits, api.web.logs, api.web.operations):
        result = doctest.testmod(module)
        assert result.attempted
        assert not result.failed
    assert sys.version_info >= (3, 11)
