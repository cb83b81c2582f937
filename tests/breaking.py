"""What lets a first attempt fail, and what goes before the second one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString, NamedTuple

from psycopg import IsolationLevel

from bot.frameworks._again import COMMITTED, INDEX
from bot.model.finding import Fix
from bot.model.report import Report
from tests.servers.server import Connection, Database

DONE = """
    WITH known AS (SELECT oid, oid::regclass AS name FROM pg_class
                   WHERE relname IN ('orders', 'shop_order'))
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', name, conname)
    FROM pg_constraint JOIN known ON conrelid = known.oid WHERE NOT convalidated
    UNION ALL
    SELECT format('ALTER TABLE %s DROP COLUMN note', name)
    FROM pg_attribute JOIN known ON attrelid = known.oid WHERE attname = 'note'
    UNION ALL
    SELECT format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass)
    FROM pg_index JOIN known ON indrelid = known.oid WHERE NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_INVALID = """
    SELECT format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass)
    FROM pg_index WHERE NOT indisvalid
"""
_CLEARED = {COMMITTED: DONE, INDEX: _INVALID}


def named(report: Report) -> list[str]:
    """What the review says has to go by hand, as queries for the statements that do it."""
    fixes = [one.fix for one in report.remarks if isinstance(one.fix, Fix)]
    return [
        query for words, query in _CLEARED.items() if any(words in one.afterwards for one in fixes)
    ]


class Rows(NamedTuple):
    """SQL that adds rows which break constraints, and SQL that takes them away."""

    breaking: str
    mending: str


ON_PAGES = Rows(
    """
    DELETE FROM customers;
    INSERT INTO orders VALUES (2, 99, -1, 'a'), (3, NULL, NULL, NULL), (4, NULL, 100000, 'b');
    """,
    """
    DELETE FROM orders WHERE id > 1;
    INSERT INTO customers VALUES (1);
    """,
)


OLDER_SNAPSHOT: LiteralString = "SELECT 1"
"""What a concurrent build waits for in another transaction, and nothing else in a migration does."""


@dataclass(frozen=True)
class Broken:
    """A database in which constraints do not hold, and an older transaction holds something."""

    connection: Connection
    older: Connection
    rows: Rows

    def mend(self) -> None:
        self.older.rollback()
        self.connection.execute(self.rows.mending.encode())

    def clear(self, by_hand: Sequence[str]) -> None:
        """Do what these queries answer with."""
        for query in by_hand:
            for (statement,) in self.connection.execute(query.encode()).fetchall():
                self.connection.execute(statement.encode())


@contextmanager
def broken(
    connection: Connection,
    database: Database,
    rows: Rows = ON_PAGES,
    held: LiteralString = OLDER_SNAPSHOT,
) -> Iterator[Broken]:
    """Sessions that begin now wait no longer than a moment for what is held, nor does this one."""
    impatient = b"SET lock_timeout = '200ms'"
    connection.execute(b'ALTER DATABASE "%s" %s' % (database.name.encode(), impatient))
    connection.execute(impatient)
    connection.execute(rows.breaking.encode())
    with database.connect() as older:
        older.autocommit = False
        older.isolation_level = IsolationLevel.REPEATABLE_READ
        older.execute(held)
        yield Broken(connection, older, rows)
