"""SQLModel tables, derived from the record types: one per kind and one per list, nothing in two places.

A single embedded part is spread over columns (``effort_knowledge``). A list becomes a table of its own, keyed by its owner and
a position (``limitation_clauses_literals``). Concepts and references are foreign keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import create_model
from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlmodel import Field as Column
from sqlmodel import MetaData, SQLModel

from kb.records import TYPES, Catalogue, Part, Record
from kb.shape import Field, fields

Row = dict[str, Any]
METADATA = MetaData()


class Base(SQLModel):
    """Common base of the catalogue's tables, with a metadata of their own."""

    metadata = METADATA


@dataclass(frozen=True)
class Spot:
    """A column: its name, the field it stores and the embedded parts on the way to it."""

    column: str
    field: Field
    way: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table, what it stores, and the tables of its lists."""

    name: str
    keys: tuple[str, ...]
    spots: tuple[Spot, ...]
    lists: tuple[tuple[tuple[str, ...], Field, Table], ...]
    model: type[SQLModel]


def _spots(of: type[Part], way: tuple[str, ...] = ()) -> Iterator[Spot]:
    for field in fields(of):
        if field.many:
            continue
        if field.part is not None:
            yield from _spots(field.part, (*way, field.name))
        else:
            yield Spot("_".join((*way, field.name)), field, way)


def _lists(of: type[Part], way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field]]:
    for field in fields(of):
        if field.many:
            yield way, field
        elif field.part is not None:
            yield from _lists(field.part, (*way, field.name))


def _column(table: str, name: str, field: Field, required: bool) -> tuple[Any, Any]:
    python: Any = field.scalar or str
    options: dict[str, Any] = {"primary_key": name == "id"}
    if field.scheme or field.ref:
        target = f"{'concept' if field.scheme else field.ref}.id"
        options["sa_column_args"] = (_foreign(target, table, name),)
    return (python, Column(**options)) if required else (python | None, Column(default=None, **options))


def _foreign(target: str, table: str, name: str) -> ForeignKey:
    """A foreign key checked at commit: a scheme has a basis, which is a concept of a scheme."""
    return ForeignKey(
        target,
        name=f"{table}_{name}_fkey",
        deferrable=True,
        initially="DEFERRED",
        use_alter=table == "scheme",
    )


def _model(
    name: str, columns: Mapping[str, tuple[Any, Any]], foreign: Sequence[ForeignKeyConstraint]
) -> type[SQLModel]:
    of_table: dict[str, Any] = {"__tablename__": (str, name), "__table_args__": (tuple, tuple(foreign)), **columns}
    title = "".join(word.capitalize() for word in name.split("_"))
    return create_model(title, __base__=Base, __cls_kwargs__={"table": True}, **of_table)


def _table(name: str, of: type[Part] | Field, owner: Table | None) -> Table:
    columns: dict[str, tuple[Any, Any]] = {}
    foreign: list[ForeignKeyConstraint] = []
    keys: tuple[str, ...] = ("id",)
    if owner is not None:
        root = owner.name.split("_")[0]
        inherited = tuple(root if k == "id" else "within" if k == "position" else k for k in owner.keys)
        keys = (*inherited, "position")
        for depth, own in enumerate(inherited):
            columns[own] = (int if depth else str, Column(primary_key=True))
        columns["position"] = (int, Column(primary_key=True))
        foreign.append(
            ForeignKeyConstraint(
                inherited, [f"{owner.name}.{k}" for k in owner.keys], deferrable=True, initially="DEFERRED"
            )
        )
    if isinstance(of, Field):
        spots: tuple[Spot, ...] = (Spot("value", of, ()),)
        lists: tuple[tuple[tuple[str, ...], Field], ...] = ()
        columns["value"] = _column(name, "value", of, required=True)
    else:
        spots, lists = tuple(_spots(of)), tuple(_lists(of))
        for spot in spots:
            required = not spot.field.optional and not spot.way
            columns[spot.column] = _column(name, spot.column, spot.field, required=required)
    model = _model(name, columns, foreign)
    bare = Table(name, keys, spots, (), model)
    made = tuple((way, f, _table(f"{name}_{f.name}", f.part or f, bare)) for way, f in lists)
    return Table(name, keys, spots, made, model)


@cache
def tables() -> Mapping[str, Table]:
    """The table of each record kind, foreign keys pointing to earlier ones first."""
    order = (
        "scheme",
        "concept",
        "article",
        "edition",
        "challenge",
        "solution",
        "addressing",
        "limitation",
        "criterion",
    )
    return {kind: _table(kind, TYPES[kind], None) for kind in order}


def indexed() -> list[tuple[str, str]]:
    """Columns that point elsewhere, each worth an index, in a fixed order (SQLAlchemy's own index order changes from run to run)."""
    tables()
    return [
        (name, column.name)
        for name, table in sorted(METADATA.tables.items())
        for column in table.columns
        if column.foreign_keys and not column.primary_key
    ]


def _stored(field: Field, value: Any) -> Any:
    return f"{field.scheme}.{value}" if field.scheme and value is not None else value


def _read(field: Field, value: Any) -> Any:
    return value.partition(".")[2] if field.scheme and value is not None else value


def rows(catalogue: Catalogue) -> dict[str, list[Row]]:
    """Every row of every table, by table name in an order that satisfies the foreign keys."""
    held: dict[str, list[Row]] = {}
    for table in tables().values():
        _prepare(table, held)
    for record in catalogue.records():
        _write(tables()[record.kind_], record, {}, held)
    return held


def _prepare(table: Table, held: dict[str, list[Row]]) -> None:
    held[table.name] = []
    for _, _, inner in table.lists:
        _prepare(inner, held)


def _follow(part: Any, way: tuple[str, ...]) -> Any:
    for step in way:
        part = getattr(part, step, None)
    return part


def _write(table: Table, part: Any, key: Row, held: dict[str, list[Row]]) -> None:
    row = dict(key)
    for spot in table.spots:
        inner = _follow(part, spot.way)
        row[spot.column] = _stored(
            spot.field, inner if not isinstance(inner, Part) else getattr(inner, spot.field.name)
        )
    held[table.name].append(row)
    values = tuple(row[k] for k in table.keys)
    for way, field, inner_table in table.lists:
        for position, item in enumerate(getattr(_follow(part, way), field.name, ())):
            inner_key = dict(zip(inner_table.keys, (*values, position), strict=True))
            _write(inner_table, item, inner_key, held)


def records(held: Mapping[str, Sequence[Row]]) -> dict[str, list[Record]]:
    """Rebuild the records of every kind from rows by table name; the inverse of `rows`."""
    made: dict[str, list[Record]] = {}
    for kind, table in tables().items():
        index = _index(table, held)
        raw = [_assemble(table, row, (row["id"],), index, TYPES[kind]) for row in held[table.name]]
        made[kind] = sorted((TYPES[kind].model_validate(r) for r in raw), key=lambda r: str(r.id))  # type: ignore[attr-defined]
    return made


Index = dict[str, dict[tuple[Any, ...], list[Row]]]


def _index(table: Table, held: Mapping[str, Sequence[Row]]) -> Index:
    index: Index = {}
    for _, _, inner in table.lists:
        by_owner: dict[tuple[Any, ...], list[Row]] = {}
        for row in sorted(held[inner.name], key=lambda r: int(r["position"])):
            by_owner.setdefault(tuple(row[k] for k in inner.keys[:-1]), []).append(row)
        index[inner.name] = by_owner
        index.update(_index(inner, held))
    return index


def _assemble(table: Table, row: Row, key: tuple[Any, ...], index: Index, of: type[Part] | None) -> Any:
    if of is None:
        return _read(table.spots[0].field, row["value"])
    raw: dict[str, Any] = {}
    for spot in table.spots:
        _put(raw, (*spot.way, spot.field.name), _read(spot.field, row[spot.column]))
    for way, field, inner in table.lists:
        items = index[inner.name].get(key, [])
        _put(
            raw,
            (*way, field.name),
            [_assemble(inner, r, (*key, r["position"]), index, field.part) for r in items],
        )
    return _emptied(raw, of)


def _put(raw: dict[str, Any], way: tuple[str, ...], value: Any) -> None:
    for step in way[:-1]:
        raw = raw.setdefault(step, {})
    raw[way[-1]] = value


def _emptied(raw: dict[str, Any], of: type[Part]) -> dict[str, Any]:
    """Drop optional parts none of whose columns hold anything."""
    for field in fields(of):
        held = raw.get(field.name)
        if field.part is not None and not field.many and isinstance(held, dict):
            _emptied(held, field.part)
            if field.optional and not any(v not in (None, [], {}) for v in held.values()):
                raw.pop(field.name)
    return raw


__all__ = ["METADATA", "Base", "Row", "Table", "indexed", "records", "rows", "tables"]
