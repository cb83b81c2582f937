"""A moment of one connection: the tables there are, the locks it holds, the scans it has counted."""

from dataclasses import dataclass

from tests.servers.lockmodes import DISPLAYED, Lock
from tests.servers.server import Connection

USER_SCHEMA = "nspname !~ '^pg_' AND nspname <> 'information_schema'"

TABLES = f"""
    SELECT c.oid, nspname || '.' || relname, relkind::text, relfilenode
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'i', 'I', 'f') AND {USER_SCHEMA}
"""
LOCKS = """
    SELECT relation, mode FROM pg_locks
    WHERE locktype = 'relation' AND pid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SCANS = "SELECT relid, seq_scan FROM pg_stat_xact_user_tables"


@dataclass(frozen=True)
class Table:
    """A table, foreign or not, a view of either kind or an index, by its `relkind` in pg_class."""

    name: str
    kind: str
    storage: int

    @property
    def is_index(self) -> bool:
        return self.kind in ("i", "I")


@dataclass(frozen=True)
class Observed:
    """By object id, so that a table keeps its identity when it is renamed."""

    tables: dict[int, Table]
    locks: frozenset[tuple[int, str]]
    scans: dict[int, int]

    def name(self, table: int, before: "Observed") -> str:
        """The name it had before the statement, since that is the one others wait for."""
        return (before.tables.get(table) or self.tables[table]).name


def observe(connection: Connection) -> Observed:
    return Observed(
        tables=tables(connection),
        locks=held_locks(connection, connection.info.backend_pid),
        scans=dict(connection.execute(SCANS).fetchall()),
    )


def tables(connection: Connection) -> dict[int, Table]:
    return {oid: Table(*rest) for oid, *rest in connection.execute(TABLES).fetchall()}


def held_locks(connection: Connection, backend: int) -> frozenset[tuple[int, str]]:
    return frozenset(connection.execute(LOCKS, [backend]).fetchall())


def locks(moment: Observed, before: Observed, indexes: bool) -> frozenset[Lock]:
    """By the names that the tables had before."""
    known = {**moment.tables, **before.tables}
    return frozenset(
        (known[relation].name, DISPLAYED[mode])
        for relation, mode in moment.locks
        if relation in known and (indexes or not known[relation].is_index)
    )
