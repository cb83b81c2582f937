"""Generated statements on the names of a generated schema, and on some that it does not have."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import strategies as st

from tests.schemas import (
    BOUNDS,
    NEW_COLUMNS,
    NEW_CONSTRAINTS,
    NEW_INDEXES,
    NEW_TABLES,
    TYPES,
    Table,
    World,
    check_of,
    is_text,
    seldom,
    value_of,
)

TEMPLATES = """
ALTER TABLE {t} ADD CHECK ({check})
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK ({check})
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK ({check}) NOT VALID
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK ({check}) NO INHERIT
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK ({x} IS NOT NULL)
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK (a IS NOT NULL AND a >= 20 AND a < 30)
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK (a < 20 OR a >= 30)
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK ({check}) NOT VALID, VALIDATE CONSTRAINT {k}
ALTER TABLE ONLY {t} ADD CONSTRAINT {k} CHECK ({check})
ALTER TABLE {t} ADD CONSTRAINT {k} CHECK ({check}) NOT ENFORCED
ALTER TABLE {t} ADD CONSTRAINT {k} NOT NULL {x}
ALTER TABLE {t} ADD NOT NULL {x} NOT VALID
ALTER TABLE {t} ADD CONSTRAINT {k} FOREIGN KEY ({number}) REFERENCES {r}
ALTER TABLE {t} ADD CONSTRAINT {k} FOREIGN KEY ({number}) REFERENCES {r} NOT VALID
ALTER TABLE {t} ADD FOREIGN KEY ({number}) REFERENCES {r} (a) DEFERRABLE
ALTER TABLE {t} ADD FOREIGN KEY ({number}) REFERENCES {r} ON DELETE CASCADE
ALTER TABLE {t} ADD CONSTRAINT {k} FOREIGN KEY ({number}) REFERENCES {r} NOT ENFORCED
ALTER TABLE ONLY {t} ADD FOREIGN KEY ({number}) REFERENCES {r}
ALTER TABLE {t} VALIDATE CONSTRAINT {c}
ALTER TABLE {t} VALIDATE CONSTRAINT {c}
ALTER TABLE ONLY {t} VALIDATE CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT IF EXISTS {c} CASCADE
ALTER TABLE ONLY {t} DROP CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT {c}, ADD CONSTRAINT {k} CHECK ({check})
ALTER TABLE {t} RENAME CONSTRAINT {c} TO {k}
ALTER TABLE {t} ALTER CONSTRAINT {c} DEFERRABLE
ALTER TABLE ONLY {t} ALTER CONSTRAINT {c} DEFERRABLE
ALTER TABLE {t} ALTER CONSTRAINT {c} NOT ENFORCED
ALTER TABLE {t} ALTER CONSTRAINT {c} ENFORCED
ALTER TABLE {t} ALTER {x} SET NOT NULL
ALTER TABLE {t} ALTER {x} SET NOT NULL
ALTER TABLE ONLY {t} ALTER {x} SET NOT NULL
ALTER TABLE {t} ALTER {x} SET NOT NULL, ALTER {y} SET NOT NULL
ALTER TABLE {t} ALTER {x} DROP NOT NULL
ALTER TABLE ONLY {t} ALTER {x} DROP NOT NULL
ALTER TABLE {t} ALTER {x} SET DEFAULT NULL
ALTER TABLE {t} ALTER {x} SET STATISTICS 5
ALTER TABLE {t} ADD UNIQUE ({x})
ALTER TABLE {t} ADD CONSTRAINT {k} UNIQUE ({x}, {y}) DEFERRABLE
ALTER TABLE {t} ADD UNIQUE (a, {x})
ALTER TABLE {t} ADD PRIMARY KEY ({x})
ALTER TABLE {t} ADD CONSTRAINT {k} PRIMARY KEY (a, {x})
ALTER TABLE ONLY {t} ADD UNIQUE ({x})
ALTER TABLE {t} ADD CONSTRAINT {k} UNIQUE USING INDEX {own}
ALTER TABLE {t} ADD PRIMARY KEY USING INDEX {own}
ALTER TABLE {t} ADD EXCLUDE ({x} WITH =)
ALTER TABLE {t} ADD COLUMN {z} {type}
ALTER TABLE {t} ADD COLUMN {z} code
ALTER TABLE {t} ADD COLUMN {z} int DEFAULT 1 CHECK ({z} > 0)
ALTER TABLE {t} ADD COLUMN {z} int NOT NULL DEFAULT 1 REFERENCES {r}
ALTER TABLE {t} ADD COLUMN {z} int REFERENCES {r}
ALTER TABLE {t} ADD COLUMN {z} int UNIQUE
ALTER TABLE {t} ADD COLUMN {z} int DEFAULT random()
ALTER TABLE {t} ADD COLUMN {z} bigserial
ALTER TABLE {t} ADD COLUMN {z} int GENERATED ALWAYS AS (a + 1) STORED
ALTER TABLE {t} ADD COLUMN IF NOT EXISTS {z} int DEFAULT random()
ALTER TABLE {t} DROP COLUMN {x}
ALTER TABLE {t} DROP COLUMN {x} CASCADE
ALTER TABLE {t} DROP COLUMN IF EXISTS {z}
ALTER TABLE ONLY {t} DROP COLUMN {x}
ALTER TABLE {t} DROP COLUMN {x}, ADD COLUMN {x} varchar(5)
ALTER TABLE {t} ALTER {x} TYPE {type} USING {x}::text::{type}
ALTER TABLE {t} ALTER {number} TYPE int
ALTER TABLE {t} ALTER {number} TYPE bigint
ALTER TABLE {t} ALTER {x} TYPE text
ALTER TABLE {t} ALTER {x} TYPE varchar(9)
ALTER TABLE {t} ALTER {number} TYPE code
ALTER TABLE {t} ALTER {x} TYPE text, ALTER {y} TYPE text
ALTER TABLE {t} ALTER {number} TYPE bigint, ALTER {y} TYPE bigint
ALTER TABLE {t} ALTER {number} TYPE int, DROP CONSTRAINT {c}
ALTER TABLE {t} RENAME COLUMN {x} TO {z}
ALTER TABLE {t} RENAME TO {bare}
ALTER TABLE {t} SET SCHEMA s
ALTER TABLE {t} SET SCHEMA public
ALTER TABLE {t} SET UNLOGGED
ALTER TABLE {t} SET LOGGED
ALTER TABLE {w} ATTACH PARTITION {q} FOR VALUES {bound}
ALTER TABLE {w} ATTACH PARTITION {q} FOR VALUES {bound}
ALTER TABLE {w} ATTACH PARTITION {q} DEFAULT
ALTER TABLE {w} DETACH PARTITION {part}
ALTER TABLE {t} INHERIT {q}
ALTER TABLE {t} NO INHERIT {parent}
CREATE TABLE {n} PARTITION OF {w} FOR VALUES {bound}
CREATE TABLE {n} PARTITION OF {w} DEFAULT
CREATE TABLE {n} () INHERITS ({q})
CREATE TABLE {n} (z int) INHERITS ({q})
CREATE TABLE {n} (a int PRIMARY KEY, b varchar(5), c int CHECK (c > 0))
CREATE TABLE {n} (a int, b int REFERENCES {r}, CONSTRAINT {k} UNIQUE (a))
CREATE TABLE {n} (a int, b code) PARTITION BY RANGE (a)
CREATE TABLE {n} AS SELECT a FROM {q}
CREATE TABLE {n} AS SELECT * FROM {q}
CREATE TABLE {n} (LIKE {q})
CREATE TABLE {n} (LIKE {q} INCLUDING CONSTRAINTS, z int)
CREATE TABLE {n} (LIKE {q} INCLUDING ALL)
CREATE TABLE IF NOT EXISTS {n} (a int, b int)
CREATE TEMP TABLE {bare} (a int, b int)
DROP TABLE {t}
DROP TABLE IF EXISTS {t} CASCADE
TRUNCATE {t}
CREATE INDEX {j} ON {t} ({x})
CREATE UNIQUE INDEX {j} ON {t} ({x})
CREATE UNIQUE INDEX {j} ON {t} (a, {x})
CREATE INDEX ON {t} ({x})
CREATE INDEX ON ONLY {t} ({x})
CREATE INDEX IF NOT EXISTS {j} ON {t} ({x})
CREATE INDEX CONCURRENTLY {j} ON {t} ({x})
DROP INDEX {i}
DROP INDEX CONCURRENTLY {i}
ALTER INDEX {i} RENAME TO {j}
REINDEX INDEX {i}
REINDEX TABLE {t}
REINDEX TABLE CONCURRENTLY {t}
CLUSTER {t} USING {own}
ALTER DOMAIN code ADD CHECK (VALUE > -1)
ALTER DOMAIN code ADD CONSTRAINT k CHECK (VALUE > -1) NOT VALID
ALTER DOMAIN code VALIDATE CONSTRAINT k
ALTER DOMAIN code DROP CONSTRAINT k
ALTER DOMAIN code SET NOT NULL
ALTER DOMAIN code DROP NOT NULL
ALTER DOMAIN label ADD CHECK (VALUE <> 'q')
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a
REFRESH MATERIALIZED VIEW mv
DROP MATERIALIZED VIEW mv
CREATE OR REPLACE VIEW vw AS SELECT 1 AS a
DROP VIEW vw
INSERT INTO {t} SELECT * FROM {q}
UPDATE {t} SET {x} = {value}
DELETE FROM {t}
SELECT * FROM {t}
LOCK TABLE {t} IN SHARE MODE
LOCK TABLE ONLY {t}
SET search_path = s, public
SET search_path = public
SET LOCAL search_path = s
RESET search_path
"""
INSIDE = ("COMMIT", "COMMIT AND CHAIN", "ROLLBACK", "SAVEPOINT m", "ROLLBACK TO m", "RELEASE m")

KINDS = TEMPLATES.strip().splitlines()
PLACES = re.compile(r"\{(\w+)\}")


class Filling:
    """One statement to be filled in: what it says of its table it says of the same one."""

    def __init__(self, draw: st.DrawFn, world: World) -> None:
        self.draw, self.world = draw, world
        self.known: dict[str, str] = {}
        self.table = self._one(world.tables)

    def __call__(self, place: re.Match[str]) -> str:
        name = place[1]
        if name not in self.known:
            self.known[name] = FILLED[name](self)
        return self.known[name]

    def one(self, *names: str) -> str:
        return self.draw(st.sampled_from(names))

    def _one(self, tables: list[Table]) -> Table:
        return self.draw(st.sampled_from(tables or self.world.tables))

    def column(self, *, number: bool = False) -> str:
        if seldom(self.draw, 12):
            return self.one(*NEW_COLUMNS)
        columns = self.table.columns
        fitting = [one for one in columns if not (number and is_text(columns[one]))]
        return self.one(*fitting)

    def among(self, there: list[str], others: tuple[str, ...]) -> str:
        return self.one(*(there if there and not seldom(self.draw) else others))

    def bound(self) -> str:
        split = next((w.split for w in self.world.tables if w.name == self.known.get("w")), "")
        kind = self.one("RANGE", "LIST") if not split or seldom(self.draw, 12) else split
        return self.one(*BOUNDS[kind])

    def check(self) -> str:
        column = self.column()
        self.known["x"] = column
        return check_of(column, self.table.columns.get(column, "int"))

    def value(self) -> str:
        return value_of(self.table.columns.get(self.known["x"], "int"))

    def parts(self) -> list[str]:
        """The tables whose name begins with that of the table it speaks of."""
        whole = self.known.get("w") or self.table.name
        there = [one.name for one in self.world.tables if one.name.startswith(whole)]
        return [one for one in there if one != whole]


FILLED: dict[str, Callable[[Filling], str]] = {
    "t": lambda f: f.table.name,
    "q": lambda f: f._one(f.world.tables).name,
    "r": lambda f: f._one([one for one in f.world.tables if one.key == "a"]).name,
    "w": lambda f: f._one(f.world.split()).name,
    "part": lambda f: f.among(f.parts(), tuple(one.name for one in f.world.tables)),
    "parent": lambda f: f.among(
        [o.name for o in f.world.tables if f.table.name.startswith(o.name)], ("t", "u")
    ),
    "x": lambda f: f.column(),
    "y": lambda f: f.column(),
    "number": lambda f: f.column(number=True),
    "z": lambda f: f.one(*NEW_COLUMNS),
    "c": lambda f: f.among(f.table.constraints, NEW_CONSTRAINTS),
    "k": lambda f: f.one(*NEW_CONSTRAINTS),
    "i": lambda f: f.among([i for one in f.world.tables for i in one.indexes], NEW_INDEXES),
    "own": lambda f: f.among([one.rpartition(".")[2] for one in f.table.indexes], NEW_INDEXES),
    "j": lambda f: f.one(*NEW_INDEXES),
    "n": lambda f: f.one(*NEW_TABLES),
    "bare": lambda f: f.one("v", "n", "t"),
    "type": lambda f: f.one(*TYPES),
    "check": Filling.check,
    "value": Filling.value,
    "bound": Filling.bound,
}


@st.composite
def control(draw: st.DrawFn, world: World) -> str:
    word = draw(st.sampled_from(INSIDE)) if world.inside else "BEGIN"
    world.inside = word not in ("COMMIT", "ROLLBACK")
    return word


@st.composite
def statements(draw: st.DrawFn, world: World) -> str:
    if seldom(draw, 4):
        return draw(control(world))
    filling = Filling(draw, world)
    statement = PLACES.sub(filling, draw(st.sampled_from(KINDS)))
    _remember(statement, filling.table, filling.known, world)
    return statement


def _remember(statement: str, table: Table, known: dict[str, str], world: World) -> None:
    """What it adds can be named by those that come after it."""
    match statement.split():
        case ["CREATE", "TABLE", *_] if "n" in known:
            above = known.get("w") or known.get("q")
            like = next((one for one in world.tables if one.name == above), None)
            columns = dict(like.columns) if like else {"a": "int", "b": "int"}
            split = "RANGE" if "PARTITION BY" in statement else ""
            world.tables.append(Table(known["n"], columns, split=split))
        case ["CREATE", *_] if "j" in known:
            table.indexes.append(f"{table.schema}{known['j']}")
        case ["ALTER", "TABLE", *_, "TO", new] if new == known.get("bare"):
            table.name = f"{table.schema}{new}"
        case ["ALTER", "TABLE", *_, "SET", "SCHEMA", new]:
            table.name = f"{'s.' if new == 's' else ''}{table.bare}"
        case ["ALTER", "TABLE", *_] if "z" in known:
            table.columns[known["z"]] = known.get("type", "int")
    if "k" in known:
        table.constraints += [known["k"], known["k"]]


@st.composite
def scripts(draw: st.DrawFn, world: World) -> list[str]:
    return [draw(statements(world)) for _ in range(draw(st.integers(3, 12)))]
