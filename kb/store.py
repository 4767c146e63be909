"""The catalogue in SQL: written whole or not at all, to SQLite or PostgreSQL, and read back into records."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateSchema, DropSchema
from sqlalchemy.sql.schema import ForeignKey

from kb.records import LISTS, Catalogue
from kb.records.words import condition_in_words
from kb.tables import METADATA, Row, indexed, records, rows, tables

WORDS = Table(
    "condition_words",
    METADATA,
    Column("limitation", String, ForeignKey("limitation.id"), primary_key=True),
    Column("words", String),
)
POINTER = Table("provender_catalogue", MetaData(), Column("schema_name", String, primary_key=True), schema="public")


class StoreError(Exception):
    """A database cannot be used; says why and what to do."""


def query(name: str) -> str:
    """Text of one of the stored queries, by file name."""
    return (files("kb") / "queries" / name).read_text(encoding="utf-8")


def feasibility_query(which: str, dialect: str) -> str:
    """One of the two constant SQL queries over a profile.

    Args:
        which: ``certain`` or ``possible``.
        dialect: ``sqlite`` or ``postgresql``.

    Returns:
        SQL with one parameter, ``:profile``, the profile as JSON; rows are (solution, limitation), inherited ones included.
    """
    return query(f"facts.{dialect}.sql") + query("facts.sql") + query(f"{which}.sql")


def _engine(url: str) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _strict(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA foreign_keys = ON")

    return engine


def _fill(connection: Connection, catalogue: Catalogue) -> None:
    filled = rows(catalogue)
    METADATA.create_all(connection)
    quote = connection.dialect.identifier_preparer.quote
    for table, column in indexed():
        connection.exec_driver_sql(f"CREATE INDEX ix_{table}_{column} ON {quote(table)} ({quote(column)})")
    for name, held in filled.items():
        if held:
            connection.execute(insert(METADATA.tables[name]), held)
    vocabulary = catalogue.vocabulary
    said = [{"limitation": x.id, "words": condition_in_words(x.when, vocabulary)} for x in catalogue.limitations]
    if said:
        connection.execute(insert(WORDS), said)
    for statement in filter(str.strip, query("views.sql").split(";\n")):
        connection.execute(text(statement))


def write_sqlite(catalogue: Catalogue, file: Path) -> None:
    """Write the catalogue into one SQLite file; a reader of the old file never sees half of the new one.

    Args:
        catalogue: what to write.
        file: where; replaced in one step when everything has been written and checked.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    os.close(descriptor)
    try:
        engine = _engine(f"sqlite:///{name}")
        with engine.begin() as connection:
            _fill(connection, catalogue)
            _index_text(connection, catalogue)
            _keep_queries(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
        engine.dispose()
        Path(name).chmod(0o644)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def _keep_queries(connection: Connection) -> None:
    """Keep the two feasibility queries in the file, so that who opens it can run them with a profile as the parameter."""
    connection.exec_driver_sql("CREATE TABLE stored_query (name TEXT PRIMARY KEY, about TEXT, sql TEXT)")
    about = "limitations that {} bite; the parameter `profile` is a profile as JSON"
    asked = [
        (f"{how}_bites", about.format(how), feasibility_query(which, "sqlite"))
        for how, which in (("certainly", "certain"), ("possibly", "possible"))
    ]
    connection.exec_driver_sql("INSERT INTO stored_query VALUES (?, ?, ?)", asked)


def _index_text(connection: Connection, catalogue: Catalogue) -> None:
    """Full-text search over what challenges and solutions say (SQLite FTS5): ``SELECT … FROM search WHERE search MATCH ?``."""
    connection.exec_driver_sql(
        "CREATE VIRTUAL TABLE search USING fts5 (kind UNINDEXED, id UNINDEXED, label, also, body, tokenize = 'porter unicode61')"
    )
    found = [
        (
            "challenge",
            c.id,
            c.label,
            "; ".join(c.also),
            " ".join([c.definition, *(s.says for s in c.symptoms)]),
        )
        for c in catalogue.challenges
    ]
    said: dict[str, list[str]] = {}
    for limitation in catalogue.limitations:
        said.setdefault(limitation.solution, []).append(limitation.says)
    found += [
        (
            "solution",
            s.id,
            s.label,
            "; ".join(s.also),
            " ".join([s.summary, *s.how_it_works, *said.get(s.id, [])]),
        )
        for s in catalogue.solutions
    ]
    connection.exec_driver_sql("INSERT INTO search VALUES (?, ?, ?, ?, ?)", found)


def write_postgresql(catalogue: Catalogue, url: str) -> str:
    """Load the catalogue into a PostgreSQL schema of its own and point to it, all in one transaction.

    Args:
        catalogue: what to load; loading the same release again replaces it.
        url: ``postgresql://…``.

    Returns:
        The schema's name; `provender_catalogue` in the public schema names the current one.
    """
    schema = "catalogue_" + catalogue.edition.id.replace(".", "_")
    engine = _engine(url)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(8241)"))
        connection.execute(DropSchema(schema, cascade=True, if_exists=True))
        connection.execute(CreateSchema(schema))
        connection.execute(text(f'SET LOCAL search_path TO "{schema}"'))
        _fill(connection, catalogue)
        POINTER.create(connection, checkfirst=True)
        connection.execute(POINTER.delete())
        connection.execute(insert(POINTER), [{"schema_name": schema}])
    engine.dispose()
    return schema


def write_database(catalogue: Catalogue, url: str) -> str:
    """Load the catalogue into the database of a URL, ``sqlite:///FILE`` or ``postgresql://…``; say where it went.

    Raises:
        StoreError: if the URL is of neither kind or the database cannot be reached.
    """
    kind = url.partition(":")[0]
    if kind == "sqlite" and url.startswith("sqlite:///"):
        write_sqlite(catalogue, Path(url.removeprefix("sqlite:///")))
        return url
    if kind != "postgresql":
        raise StoreError(
            f"{kind}: is no database this program knows; use sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    try:
        return f"schema {write_postgresql(catalogue, url)}"
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreError(f"the database cannot be used: {said}") from None


def connect(url: str) -> Connection:
    """Open a read connection to a stored catalogue; on PostgreSQL to the current release's schema."""
    connection = _engine(url).connect()
    if connection.dialect.name == "postgresql":
        current = connection.execute(text("SELECT schema_name FROM public.provender_catalogue")).scalar_one()
        connection.execute(text(f'SET search_path TO "{current}"'))
    return connection


def read(connection: Connection) -> Catalogue:
    """Rebuild the catalogue from a store."""
    tables()
    held: Mapping[str, Sequence[Row]] = {
        name: [dict(row._mapping) for row in connection.execute(select(table))]
        for name, table in METADATA.tables.items()
    }
    made = records(held)
    return Catalogue.model_validate(
        {"edition": made["edition"][0], **{name: tuple(made[kind]) for kind, name in LISTS.items()}}
    )


def bites(connection: Connection, which: str, profile: str) -> Iterable[tuple[str, str]]:
    """Ask a store which limitations certainly or possibly bite.

    Args:
        connection: from `connect`.
        which: ``certain`` or ``possible``.
        profile: the profile as JSON.

    Returns:
        Pairs (solution, limitation), the limitations inherited from missing prerequisites included.
    """
    asked = feasibility_query(which, connection.dialect.name)
    return [(row[0], row[1]) for row in connection.execute(text(asked), {"profile": profile})]
