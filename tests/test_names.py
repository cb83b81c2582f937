"""A constraint without a name gets the name that PostgreSQL would choose."""

from __future__ import annotations

import pytest

from bot.frameworks import frameworks, read
from bot.model.source import Source
from bot.postgres.names import truncated
from bot.postgres.operations import AddConstraint, CreateIndex, CreateTable
from bot.simulation import simulate
from tests.reviewing import Texts
from tests.servers.server import Connection, Server

LONG = "t" * 63
UMLAUTS = "ü" * 31

# Each statement adds constraints to tables that the first lines create.
MIGRATIONS = [
    "ALTER TABLE t ADD CHECK (x > 0);",
    "ALTER TABLE t ADD CHECK (x > 0), ADD CHECK (x < 9), ADD CHECK (x <> 5);",
    "ALTER TABLE t ADD CHECK (x > y);",
    "ALTER TABLE t ADD CHECK (true), ADD CHECK (false OR true);",
    "ALTER TABLE t ADD CHECK (x > 0); ALTER TABLE t DROP CONSTRAINT t_x_check, ADD CHECK (x > 1);",
    "ALTER TABLE t ADD CHECK (x > 0), ADD CHECK (x < 9); ALTER TABLE t DROP CONSTRAINT t_x_check; ALTER TABLE t ADD CHECK (x > 1);",
    "ALTER TABLE t ADD CONSTRAINT t_x_check CHECK (y > 0); ALTER TABLE t ADD CHECK (x > 0);",
    "CREATE TABLE n (CONSTRAINT t_x_check CHECK (true)); ALTER TABLE t ADD CHECK (x > 0);",
    "CREATE TABLE n (CONSTRAINT t_x_check CHECK (true)); DROP TABLE n; ALTER TABLE t ADD CHECK (x > 0);",
    "CREATE TABLE other.n (CONSTRAINT t_x_check CHECK (true)); ALTER TABLE t ADD CHECK (x > 0);",
    "BEGIN; ALTER TABLE t ADD CHECK (x > 0); ROLLBACK; ALTER TABLE t ADD CHECK (x > 0);",
    "BEGIN; SAVEPOINT s; ALTER TABLE t ADD CHECK (x > 0); ROLLBACK TO s; ALTER TABLE t ADD CHECK (x > 1); COMMIT;",
    "ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p;",
    "ALTER TABLE t ADD FOREIGN KEY (y, x) REFERENCES q (a, b);",
    'ALTER TABLE "T b" ADD CHECK ("X y" > 0), ADD CHECK ("X y" < 1);',
    f"ALTER TABLE {LONG} ADD CHECK (x > 0), ADD CHECK (x < 1), ADD FOREIGN KEY ({'c' * 63}) REFERENCES p;",
    f"ALTER TABLE {LONG} ADD CHECK ({'c' * 63} > 0), ADD CHECK ({'c' * 63} < 9);",
    f"ALTER TABLE {UMLAUTS} ADD CHECK (x > 0);",
    f"ALTER TABLE {UMLAUTS} ADD CHECK ({'bé' * 31} IS NULL);",
    f"ALTER TABLE t ADD CONSTRAINT {'long' * 20} CHECK (x > 0);",
]
GIVEN = f"""
CREATE SCHEMA other;
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE q (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (x int, y int);
CREATE TABLE "T b" ("X y" int);
CREATE TABLE {LONG} (x int, {"c" * 63} int);
CREATE TABLE {UMLAUTS} (x int, {"bé" * 31} int);
"""


@pytest.mark.parametrize("migration", MIGRATIONS)
def test_the_simulation_chooses_the_names_that_the_server_chooses(
    migration: str, server: Server
) -> None:
    found: list[set[str]] = []
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        before = constraints(connection)
        for statement in migration.split(";")[:-1]:
            connection.execute(statement.encode())
            after = constraints(connection)
            found.append({name for oid, name in after.items() if oid not in before})
            before |= after
    assert chosen(migration) == found


def constraints(connection: Connection) -> dict[int, str]:
    rows = connection.execute("SELECT oid, conname FROM pg_constraint WHERE contype IN ('c', 'f')")
    return {oid: str(name) for oid, name in rows}


def chosen(migration: str) -> list[set[str]]:
    """The names of the constraints that each statement adds."""
    whole = read(frameworks()["psql"], Source("a.sql", migration), Texts())
    names: dict[int, set[str]] = {}
    for moment in simulate([whole], 14):
        names.setdefault(moment.number, set())
        match moment.outcome.operation:
            case AddConstraint(constraint=constraint):
                names[moment.number] |= {constraint.name or ""}
            case CreateTable(constraints=constraints):
                names[moment.number] |= {constraint.name or "" for constraint in constraints}
    return list(names.values())


def test_a_name_is_cut_to_63_bytes_and_never_inside_a_character() -> None:
    assert truncated("é" * 40) == "é" * 31
    assert truncated("aé" + "é" * 40) == "a" + "é" * 31


def test_the_lowest_free_number_is_appended() -> None:
    text = "".join(
        f"ALTER TABLE t ADD CONSTRAINT {name} CHECK (x > 0);"
        for name in ("t_x_check", "t_x_check1", "t_x_check3")
    )
    assert chosen(text + "ALTER TABLE t ADD CHECK (x > 0);")[-1] == {"t_x_check2"}


REPEATED = [
    "ALTER TABLE t ADD UNIQUE (x, y) INCLUDE (x);",
    "ALTER TABLE t ADD UNIQUE (x) INCLUDE (x);",
    "CREATE INDEX ON t (x, x, y, x);",
    "CREATE INDEX ON t ((x + 1), (y + 1));",
    f'ALTER TABLE t ADD COLUMN "{UMLAUTS}" int; CREATE INDEX ON t ("{UMLAUTS}", "{UMLAUTS}");',
]


@pytest.mark.parametrize("migration", REPEATED)
def test_a_column_that_is_there_twice_has_two_names_in_an_index(
    connection: Connection, migration: str
) -> None:
    """And so in the name that is chosen for it."""
    given = "CREATE TABLE t (x int, y int);"
    connection.execute((given + migration).encode())
    rows = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 't'::regclass"
    )
    whole = read(frameworks()["psql"], Source("a.sql", given + migration), Texts())
    *_, last = simulate([whole], connection.info.server_version // 10000)
    match last.outcome.operation:
        case AddConstraint(constraint=one):
            name = one.name
        case CreateIndex(name=name):
            pass
    assert [str(found).strip('"') for (found,) in rows] == [name]
