"""What a change of type does to the rows is what five servers say of every pair of types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import psycopg
import pytest

from bot.postgres.types import OWN, Type, Work, work
from bot.sql.tree import parsed
from bot.sql.types import type_of
from tests.servers.server import Connection, Server

WITH_MODIFIERS = (
    *("varchar(5)", "varchar(10)", "char(5)", "char(10)", "bit(4)", "bit(8)", "varbit(4)"),
    *(
        "varbit(8)",
        "numeric(10,2)",
        "numeric(12,2)",
        "numeric(12,4)",
        "numeric(10)",
        "numeric(9,0)",
    ),
    *("timestamp(3)", "timestamp(6)", "timestamptz(3)", "timestamptz(0)", "time(3)", "time(4)"),
    *("timetz(2)", "interval(3)", "interval(6)", "interval year", "interval day to second(3)"),
    *("interval month", "interval hour to minute", "interval minute"),
)
ARRAYS = ("int[]", "bigint[]", "text[]", "varchar[]", "varchar(5)[]", "varchar(10)[]")
TYPES = (
    *sorted(name if name != "char" else '"char"' for name in OWN),
    *WITH_MODIFIERS,
    *ARRAYS,
)


def lowered(name: str) -> Type:
    (tree,) = parsed(f"ALTER TABLE t ADD COLUMN x {name}")
    found = type_of(tree.stmt.cmds[0].def_.typeName)
    assert found
    return found


def rewritten(
    connection: Connection, types: Sequence[str], zone: str
) -> Iterator[tuple[str, str, bool]]:
    """Every pair of types that can be turned into each other, and whether it takes a rewrite."""
    connection.execute("SELECT set_config('timezone', %s, false)", [zone])
    connection.autocommit = False
    storage = "SELECT relfilenode FROM pg_class WHERE relname = 't'"
    for old in types:
        connection.execute(f"CREATE TABLE t (x {old})".encode())
        connection.execute("SAVEPOINT s")
        before = connection.execute(storage).fetchone()
        for new in types:
            try:
                connection.execute(f"ALTER TABLE t ALTER x TYPE {new} USING x::{new}".encode())
            except psycopg.Error:
                pass  # there is no such cast
            else:
                yield old, new, connection.execute(storage).fetchone() != before
            connection.execute("ROLLBACK TO s")
        connection.rollback()


def test_a_change_of_type_rewrites_the_table_where_the_server_does(server: Server) -> None:
    with server.database() as database, database.connect() as connection:
        pairs = list(rewritten(connection, TYPES, "UTC"))
    assert len(pairs) > 500
    assert not [
        f"from {old} to {new}: {said.name} was said, rewritten: {there}"
        for old, new, there in pairs
        if (said := work((lowered(old), lowered(new)))) is not Work.UNKNOWN
        and there != (said is Work.REWRITE)
    ]


def test_only_the_time_zone_decides_what_is_unknown_of_the_server_s_own_types(
    server: Server,
) -> None:
    times = [name for name in TYPES if name.startswith("timestamp")]
    found: dict[tuple[str, str], set[bool]] = defaultdict(set)
    with server.database() as database:
        for zone in ("UTC", "Europe/Berlin"):
            with database.connect() as connection:
                for old, new, there in rewritten(connection, times, zone):
                    found[old, new].add(there)
    assert {pair for pair, both in found.items() if len(both) == 2} == {
        (old, new)
        for old in TYPES
        for new in TYPES
        if work((lowered(old), lowered(new))) is Work.UNKNOWN
    }


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((None, "text"), Work.UNKNOWN),
        (("varchar(10)", "varchar", "varchar(20)"), Work.REWRITE),
        ((None, "text", "int"), Work.REWRITE),
        (("mood", "mood"), Work.NONE),
        (("mood", "text"), Work.UNKNOWN),
        (("shop.mood", "mood"), Work.UNKNOWN),
    ],
)
def test_a_chain_of_casts_is_as_much_work_as_its_worst_part(
    steps: tuple[str | None, ...], said: Work
) -> None:
    assert work(lowered(step) if step else None for step in steps) is said
