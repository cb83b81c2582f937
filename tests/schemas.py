"""Generated schemas: tables, keys, partitions, children and domains, and statements on their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

NUMBERS = ("int", "int", "int", "bigint", "numeric(6, 2)")
TYPES = (*NUMBERS, "text", "varchar(5)", "code", "label")
NEW_TABLES = ("v", "s.v", "n")
NEW_COLUMNS = ("y", "z")
NEW_CONSTRAINTS = ("c", "d")
NEW_INDEXES = ("i", "j")


@dataclass
class Table:
    """A table as it was drawn; a statement that fails may have changed it no less."""

    name: str
    columns: dict[str, str]
    constraints: list[str] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    split: str = ""
    key: str = ""

    @property
    def bare(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def schema(self) -> str:
        return self.name[: -len(self.bare)]


@dataclass
class World:
    """What there is to name, more or less."""

    tables: list[Table] = field(default_factory=list)
    inside: bool = False

    def split(self) -> list[Table]:
        return [table for table in self.tables if table.split]


def is_text(kind: str) -> bool:
    return kind in ("text", "varchar(5)", "varchar(9)", "label")


def check_of(column: str, kind: str) -> str:
    return f"{column} <> 'q'" if is_text(kind) else f"{column} > 0"


def value_of(kind: str) -> str:
    return "'1'" if is_text(kind) else "1"


def seldom(draw: st.DrawFn, one_in: int = 6) -> bool:
    return draw(st.integers(0, one_in - 1)) == one_in - 1


@st.composite
def columns(draw: st.DrawFn) -> dict[str, str]:
    kinds = {name: draw(st.sampled_from(TYPES)) for name in "bcd"[: draw(st.integers(1, 3))]}
    return {"a": "int", **kinds}


@st.composite
def column_of(draw: st.DrawFn, name: str, kind: str, others: Sequence[Table], unique: bool) -> str:
    """A column as it is written in CREATE TABLE, with constraints of its own."""
    words = [name, kind]
    words += [f"DEFAULT {value_of(kind)}"] if seldom(draw) else []
    words += ["NOT NULL"] if seldom(draw, 3) else []
    words += [f"CHECK ({check_of(name, kind)})"] if seldom(draw) else []
    words += [draw(st.sampled_from(["UNIQUE", "CONSTRAINT k UNIQUE"]))] if unique else []
    keyed = [other.name for other in others if other.key == "a"]
    if kind == "int" and keyed and seldom(draw, 3):
        words += [f"REFERENCES {draw(st.sampled_from(keyed))}"]
    return " ".join(words)


@st.composite
def tables(draw: st.DrawFn, name: str, others: Sequence[Table]) -> tuple[Table, str]:
    """A table, partitioned or not, and the statement that creates it."""
    split = draw(st.sampled_from(["", "", "RANGE", "LIST"]))
    table = Table(name, draw(columns()), split=split)
    parts = [
        draw(column_of(column, kind, others, unique=not (split and column > "a") and seldom(draw)))
        for column, kind in table.columns.items()
    ]
    if draw(st.booleans()):
        table.key = draw(st.sampled_from(["a", "a", "a, b"]))
        parts.append(f"PRIMARY KEY ({table.key})")
        table.constraints.append(f"{table.bare}_pkey")
        table.indexes.append(f"{table.schema}{table.bare}_pkey")
    if seldom(draw, 3):
        parts.append(f"CONSTRAINT c CHECK ({check_of('a', 'int')})")
        table.constraints.append("c")
    table.constraints += [f"{table.bare}_{column}_check" for column in table.columns]
    table.constraints += [f"{table.bare}_{column}_fkey" for column in table.columns]
    unlogged = "UNLOGGED " if not split and seldom(draw, 9) else ""
    by = f" PARTITION BY {split} (a)" if split else ""
    return table, f"CREATE {unlogged}TABLE {name} ({', '.join(parts)}){by}"


BOUNDS = {
    "RANGE": ("FROM (0) TO (10)", "FROM (10) TO (20)", "FROM (20) TO (30)"),
    "LIST": ("IN (0, 1)", "IN (10)", "IN (20, 21)"),
}


@st.composite
def parts_of(draw: st.DrawFn, whole: Table) -> list[tuple[Table, str]]:
    """Some partitions of a table, one of which may have partitions of its own."""
    made: list[tuple[Table, str]] = []
    bounds = [f"FOR VALUES {one}" for one in BOUNDS[whole.split][: draw(st.integers(0, 2))]]
    for number, bound in enumerate([*bounds, *(["DEFAULT"] if draw(st.booleans()) else [])]):
        split = "LIST" if whole.key != "a" and seldom(draw, 4) else ""
        part = Table(
            f"{whole.name}{number}", dict(whole.columns), list(whole.constraints), split=split
        )
        by = " PARTITION BY LIST (b)" if split else ""
        made.append((part, f"CREATE TABLE {part.name} PARTITION OF {whole.name} {bound}{by}"))
        if split:
            below = Table(f"{part.name}d", dict(whole.columns), list(whole.constraints))
            made.append((below, f"CREATE TABLE {below.name} PARTITION OF {part.name} DEFAULT"))
    return made


@st.composite
def children_of(draw: st.DrawFn, parent: Table) -> list[tuple[Table, str]]:
    if not seldom(draw, 3):
        return []
    own = {"e": "int"} if draw(st.booleans()) else {}
    inherited = list(parent.constraints)
    child = Table(f"{parent.name}h", {**parent.columns, **own}, inherited)
    written = ", ".join(f"{name} {kind}" for name, kind in own.items())
    return [(child, f"CREATE TABLE {child.name} ({written}) INHERITS ({parent.name})")]


@st.composite
def like(draw: st.DrawFn, table: Table) -> list[tuple[Table, str]]:
    """A table that might become a partition or a child of another."""
    if draw(st.booleans()):
        return []
    alike = Table(f"{table.name}l", dict(table.columns))
    parts = [
        f"{name} {kind}{' NOT NULL' if name == 'a' or seldom(draw, 3) else ''}"
        for name, kind in table.columns.items()
    ]
    if seldom(draw, 3):
        parts.append("CONSTRAINT c CHECK (a > 0)")
        alike.constraints.append("c")
    return [(alike, f"CREATE TABLE {alike.name} ({', '.join(parts)})")]


DOMAINS = ("", " CHECK (VALUE > 0)", " NOT NULL", " DEFAULT 1")


@st.composite
def schemas(draw: st.DrawFn) -> tuple[World, list[str]]:
    """A few tables in two schemas, and the statements that make them."""
    world, statements = World(), ["CREATE SCHEMA s"]
    statements.append(f"CREATE DOMAIN code AS int{draw(st.sampled_from(DOMAINS))}")
    statements.append("CREATE DOMAIN label AS text")
    names = st.sampled_from(["t", "u", "s.t", "s.u", "p"])
    for name in draw(st.lists(names, min_size=2, max_size=4, unique=True)):
        table, statement = draw(tables(name, world.tables))
        below = draw(parts_of(table) if table.split else children_of(table))
        several = [(table, statement), *below, *(draw(like(table)) if table.split else [])]
        world.tables += [one for one, _ in several]
        statements += [one for _, one in several]
    for table in world.tables:
        if table.name[-1] not in "012d" and draw(st.booleans()):
            first = draw(st.sampled_from(["1", "1", "20"]))
            values = ", ".join([first, *map(value_of, list(table.columns.values())[1:])])
            statements.append(f"INSERT INTO {table.name} VALUES ({values})")
    return world, statements
