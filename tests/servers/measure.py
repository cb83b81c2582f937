"""What every statement of a script locks, scans and rewrites is read off the server that runs it.

A statement outside BEGIN is wrapped in a transaction of its own, in which it can be observed to its
end. One that refuses (CREATE INDEX CONCURRENTLY, VACUUM) is watched from outside instead.

What this cannot see: locks that a statement gives back before its end (an error, a procedure that
commits); whether a lock was held for the whole of a scan or for a moment after it; and of a statement
watched from outside, locks held only briefly after its last wait for other transactions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pglast
import psycopg
from psycopg.pq import TransactionStatus

from tests.servers.lockmodes import Lock, telling
from tests.servers.observed import Observed, locks, observe
from tests.servers.outside import watched_from_outside
from tests.servers.server import Connection

CONTROL = re.compile(
    r"(begin|start\s+transaction|commit|end|rollback|abort|savepoint|release)\b", re.IGNORECASE
)
CHAIN = re.compile(r"\band\s+chain\b", re.IGNORECASE)
NOTHING: frozenset[str] = frozenset()
REFUSES_A_TRANSACTION = (
    psycopg.errors.ActiveSqlTransaction,
    psycopg.errors.InvalidTransactionTermination,
)


@dataclass(frozen=True)
class Measured:
    """What one statement did.

    `locks` holds what it newly took of user tables, a table it created included: the strongest mode
    where one covers another. `rewrites` are tables whose storage was replaced, also by TRUNCATE;
    `error` begins with the SQLSTATE.
    """

    statement: str
    locks: frozenset[Lock] = frozenset()
    scans: frozenset[str] = NOTHING
    rewrites: frozenset[str] = NOTHING
    error: str | None = None


def measure(
    connection: Connection, script: str | Iterable[str], indexes: bool = False
) -> tuple[Measured, ...]:
    """Run the script on an autocommit connection, to its end whatever fails, as psql would."""
    statements = statements_of(script) if isinstance(script, str) else script
    return tuple(Measuring(connection, indexes).each(statements))


def statements_of(script: str) -> tuple[str, ...]:
    # The scanner alone, since the parser refuses what only a newer PostgreSQL knows.
    pieces: tuple[str, ...] = pglast.split(script, with_parser=False)
    return pieces


class Measuring:
    """A script under way: it knows which tables were there when its transaction began."""

    def __init__(self, connection: Connection, indexes: bool) -> None:
        self.connection = connection
        self.indexes = indexes
        self.old_tables = observe(connection).tables.keys()

    def each(self, statements: Iterable[str]) -> Iterable[Measured]:
        for statement in statements:
            match self.connection.info.transaction_status:
                case TransactionStatus.INERROR:
                    yield self.plainly(statement)
                case _ if CONTROL.match(without_comments(statement)):
                    yield self.plainly(statement)
                case TransactionStatus.INTRANS:
                    yield self.inside(statement)
                case _:
                    yield self.wrapped(statement)

    def plainly(self, statement: str) -> Measured:
        if self.connection.info.transaction_status == TransactionStatus.IDLE:
            self.old_tables = observe(self.connection).tables.keys()
        try:
            self.connection.execute(statement)
        except psycopg.Error as error:
            return Measured(statement, error=described(error))
        if CHAIN.search(statement):
            self.old_tables = observe(self.connection).tables.keys()
        return Measured(statement)

    def wrapped(self, statement: str) -> Measured:
        self.old_tables = observe(self.connection).tables.keys()
        self.connection.execute("BEGIN")
        try:
            measured = self.observed(statement)
            self.connection.execute("COMMIT")  # runs deferred checks
        except REFUSES_A_TRANSACTION:
            self.connection.execute("ROLLBACK")
            return self.from_outside(statement)
        except psycopg.Error as error:
            return Measured(statement, error=described(error))
        return measured

    def inside(self, statement: str) -> Measured:
        try:
            return self.observed(statement)
        except REFUSES_A_TRANSACTION as error:
            return Measured(statement, error=described(error))

    def observed(self, statement: str) -> Measured:
        before = observe(self.connection)
        try:
            self.connection.execute(statement)
        except REFUSES_A_TRANSACTION:
            raise
        except psycopg.Error as error:
            return Measured(statement, error=described(error))
        return self.difference(statement, before, observe(self.connection))

    def from_outside(self, statement: str) -> Measured:
        outside = watched_from_outside(self.connection, statement)
        if outside.error:
            return Measured(statement, error=described(outside.error))
        return self.difference(statement, outside.before, outside.after)

    def difference(self, statement: str, before: Observed, after: Observed) -> Measured:
        return Measured(
            statement,
            telling(locks(after, before, self.indexes), locks(before, before, self.indexes)),
            scans=frozenset(
                after.name(table, before)
                for table, scans in after.scans.items()
                if scans > before.scans.get(table, 0)
                and (table in after.tables or table in before.tables)  # not a temporary one
            ),
            rewrites=frozenset(
                before.tables[table].name
                for table in before.tables.keys() & after.tables.keys() & self.old_tables
                if before.tables[table].storage != after.tables[table].storage
                and (self.indexes or not before.tables[table].is_index)
            ),
        )


def without_comments(statement: str) -> str:
    return re.sub(r"\A(\s+|--[^\n]*(\n|\Z)|/\*.*?\*/)*", "", statement, flags=re.DOTALL)


def described(error: psycopg.Error) -> str:
    return f"{error.sqlstate}: {error.diag.message_primary or error}"
