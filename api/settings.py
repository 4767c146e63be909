"""How the server is set up: by the environment, each variable with its default and its meaning."""

from __future__ import annotations

import difflib
import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "PROVENDER_"
Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """The environment asks for something that cannot be: one sentence for each variable that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """Settings of `provender serve`, read from variables named `PROVENDER_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address to listen at; only this machine unless told.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen at; 0 takes a free one and says which.")
    workers: int = Field(1, ge=1, le=64, description="How many processes answer.")
    data: Path | None = Field(
        None, description="Folder of the catalogue; the one that comes with the program unless given."
    )
    refresh_seconds: float = Field(2.0, gt=0, description="How often a newly built catalogue is looked for.")
    public_url: str | None = Field(
        None, description="Address under which others reach this server, such as https://provender.example.org."
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Addresses or networks, comma-separated, of proxies that are believed about who the client is."
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = Field(
        "x-forwarded-for", description="The one header in which those proxies name the client; the other is not read."
    )
    body_bytes: int = Field(262_144, ge=1024, description="Longest request body.")
    url_bytes: int = Field(16_384, ge=1024, description="Longest path and query.")
    header_bytes: int = Field(32_768, ge=2048, description="Most bytes of all request headers together.")
    json_depth: int = Field(32, ge=4, description="Deepest nesting of a JSON body.")
    header_seconds: float = Field(10.0, gt=0, description="How long a client may take to send its request headers.")
    body_seconds: float = Field(20.0, gt=0, description="How long a client may take to send its body.")
    idle_seconds: int = Field(
        15,
        ge=1,
        description="How long a connection is kept open for the next request, or for a client that does not read its answer.",
    )
    connections: int = Field(1000, ge=1, description="Most connections of each process; more are told to come back.")
    answer_seconds: float = Field(20.0, gt=0, description="How long an answer may take.")
    rate: str = Field(
        "600/minute", description="Answers that one client may ask for, in each process; `off` lifts the limit."
    )
    rate_sparql: str = Field(
        "120/minute", description="SPARQL queries that one client may ask, in each process; `off` lifts the limit."
    )
    rate_lists: str = Field(
        "1200/minute",
        description="Filtered lists that one client may ask for, in each process; `off` lifts the limit.",
    )
    rate_admin: str = Field(
        "10/minute", description="Requests with an admin key, right or wrong, in each process; `off` lifts the limit."
    )
    sparql: bool = Field(True, description="Whether there is a SPARQL endpoint.")
    sparql_seconds: float = Field(5.0, gt=0, description="After this a SPARQL query is stopped.")
    sparql_rows: int = Field(
        10_000, ge=1, description="Most rows or triples of a SPARQL answer; more are cut off, and the answer says so."
    )
    sparql_workers: int = Field(2, ge=1, le=32, description="Processes per server process that run SPARQL queries.")
    sparql_megabytes: int = Field(1024, ge=256, description="Memory that a SPARQL worker may use.")
    admin_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="SHA-256 hashes, comma-separated, of the keys that may reload the catalogue."
    )
    sessions: bool = Field(True, description="Whether there are planning sessions.")
    workspace: Path | None = Field(
        None,
        description="SQLite file in which planning sessions are kept; `provender/workspace.sqlite` among the user's data "
        "(`~/.local/share`) unless given.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL in which planning sessions are kept instead, such as postgresql://user:password@host/database.",
    )
    session_days: int = Field(
        365, ge=1, le=3650, description="Most days after its last event for which a planning session is kept."
    )
    session_events: int = Field(20_000, ge=100, description="Most events of one planning session.")
    session_poll_seconds: float = Field(
        0.05, gt=0, le=0.1, description="How often each process looks for what others wrote to the planning sessions."
    )
    session_heartbeat_seconds: int = Field(
        15, ge=1, le=60, description="How often a stream of events without news says that it lives."
    )
    rate_sessions: str = Field(
        "30/hour", description="Planning sessions that one client may create, in each process; `off` lifts the limit."
    )
    rate_joins: str = Field(
        "120/minute",
        description="Join codes that one client may try, right or wrong, in each process; `off` lifts the limit.",
    )
    rate_events: str = Field(
        "120/minute",
        description="Events that one person in a planning session may send, in each process; `off` lifts the limit.",
    )
    metrics: bool = Field(True, description="Whether /metrics is there.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    access_log: bool = Field(
        True, description="Whether each request is logged (path, status, time; never query or body)."
    )
    shutdown_seconds: int = Field(
        15, ge=0, description="How long requests in flight may take to finish when the server stops."
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> tuple[Network, ...]:
        found = []
        for part in _parts(value):
            try:
                found.append(ip_network(part))
            except ValueError:
                raise ValueError(f"{part} is no address or network; write 10.0.0.5 or 10.0.0.0/24") from None
        return tuple(found)

    @field_validator("admin_keys", mode="before")
    @classmethod
    def _hashes(cls, value: Any) -> tuple[str, ...]:
        hashes = _parts(value)
        for part in hashes:
            if not re.fullmatch("[0-9a-fA-F]{64}", part):  # not repeated: it may be the key itself
                raise ValueError(
                    "each is a SHA-256 hash, 64 hexadecimal digits; `provender serve --make-key` makes one"
                )
        return tuple(part.lower() for part in hashes)

    @field_validator("rate", "rate_sparql", "rate_lists", "rate_admin", "rate_sessions", "rate_joins", "rate_events")
    @classmethod
    def _rates(cls, value: str) -> str:
        if value != "off" and not re.fullmatch(r"[1-9]\d{0,8}/([1-9]\d{0,3} ?)?(second|minute|hour|day)s?", value):
            raise ValueError(f"{value} is no rate; write such as 600/minute or 10/second, or `off`")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"postgres(ql)?(\+psycopg)?://", value.get_secret_value()):
            raise ValueError("write such as postgresql://user:password@host/database")
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError(f"{value} is no address; write such as https://provender.example.org")
        return value.rstrip("/") if value else None


def _parts(value: Any) -> list[str]:
    """What stands between commas."""
    return [p.strip() for p in value.split(",") if p.strip()] if isinstance(value, str) else [str(p) for p in value]


def variable(field: str) -> str:
    """The environment variable of a setting.

    >>> variable("body_bytes")
    'PROVENDER_BODY_BYTES'
    """
    return PREFIX + field.upper()


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: naming every variable that is unknown or whose value does not hold.
    """
    known = [variable(name) for name in Settings.model_fields]
    faults = []
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name not in known:
            (closest,) = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
            faults.append(f"{name}: there is no such setting; the nearest is {closest}")
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            name = str(fault["loc"][0]).upper().removeprefix(PREFIX)
            faults.append(f"{variable(name)}: {fault['msg'].removeprefix('Value error, ').removeprefix('Input ')}")
    if faults:
        raise SettingsError(faults)
    return settings


def described() -> list[tuple[str, str, str]]:
    """Every environment variable with its default and its meaning."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "not set" if field.default in (None, ()) else field.default
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        rows.append((variable(name), shown, field.description or ""))
    return rows


def page() -> str:
    """The documentation of every setting, as it stands in `site/pages/settings.md`."""
    rows = "".join(f"| `{name}` | `{default}` | {meaning} |\n" for name, default, meaning in described())
    return _PAGE + rows


_PAGE = """\
# Settings

<!-- Made by `python -m api.settings`; a test fails when it is stale. -->

`provender serve` is set up by environment variables; `--host`, `--port`, `--workers` and `--data` override theirs. A value
that does not hold, or a variable that begins with `PROVENDER_` and is none of these, stops the server with status 2 before it
listens; the message names the variable and, if there is none of that name, the nearest. (`provender build` loads the catalogue
into the database of `PROVENDER_DATABASE_URL` as well, into a schema of its own.)

Rates are written `600/minute`, `10/second`, `100/5 minutes`. What they count, and what they cannot do, stands in
[security](security.md).

| variable | default | meaning |
|---|---|---|
"""


if __name__ == "__main__":
    print(page(), end="")
