"""A statement that refuses to run in a transaction is watched by other connections, which make it wait."""

import threading
import time
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from tests.servers.lockmodes import ACCESS_SHARE, SHARE_UPDATE_EXCLUSIVE
from tests.servers.observed import Observed, held_locks, observe, tables
from tests.servers.server import Connection

WAITS = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
SCANS = "SELECT relid, seq_scan FROM pg_stat_user_tables"
SECONDS_BETWEEN_REPORTS = 0.6  # 14 reports, and lets itself be asked, every half second


@dataclass(frozen=True)
class Outside:
    before: Observed
    after: Observed
    error: psycopg.Error | None


class Running(threading.Thread):
    """The statement on its way, so that this thread can watch."""

    def __init__(self, connection: Connection, statement: str) -> None:
        super().__init__(daemon=True)
        self.connection = connection
        self.statement = statement
        self.error: psycopg.Error | None = None

    def run(self) -> None:
        try:
            self.connection.execute(self.statement.encode())
        except psycopg.Error as error:
            self.error = error


def watched_from_outside(connection: Connection, statement: str) -> Outside:
    before = replace(observe(connection), scans=reported_scans(connection))
    running = Running(connection, statement)
    seen = locks_while(running, connection)
    running.join()
    after = Observed(
        tables=tables(connection),
        locks=before.locks | seen,
        scans=reported_scans(connection),
    )
    return Outside(before, after, running.error)


def locks_while(running: Running, connection: Connection) -> frozenset[tuple[int, str]]:
    """Every lock seen, waited for or held, while obstacles are taken out of the statement's way."""
    backend = connection.info.backend_pid
    dsn = connection.info.dsn
    seen: frozenset[tuple[int, str]] = frozenset()
    with psycopg.connect(dsn) as beginning, psycopg.connect(dsn) as end, psycopg.connect(dsn) as on:
        on.autocommit = True
        be_in_the_way(beginning, SHARE_UPDATE_EXCLUSIVE)  # a vacuum or a build waits for this
        be_in_the_way(end, ACCESS_SHARE)  # builds and drops wait for this before they finish
        running.start()
        for obstacle in (beginning, end, None):
            waiting = False
            while running.is_alive() and not waiting:
                waiting = obstacle is not None and on.execute(WAITS, [backend]).fetchall() != [(0,)]
                seen |= held_locks(on, backend)
            if obstacle:
                obstacle.rollback()
    return seen


def be_in_the_way(obstacle: Connection, mode: str) -> None:
    """Lock every table, read every materialized view, and keep an old snapshot."""
    obstacle.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    for table in tables(obstacle).values():
        name = sql.Identifier(*table.name.split(".", 1))
        if table.kind in ("r", "p"):
            obstacle.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(name, sql.SQL(mode)))
        elif table.kind == "m" and mode == ACCESS_SHARE:
            obstacle.execute(sql.SQL("SELECT FROM {} LIMIT 0").format(name))


def reported_scans(connection: Connection) -> dict[int, int]:
    """The counts of this connection once they have reached the statistics."""
    if connection.info.server_version >= 150000:
        connection.execute("SELECT pg_stat_force_next_flush()")
    else:
        time.sleep(SECONDS_BETWEEN_REPORTS)
        connection.execute("SELECT 1")
        time.sleep(SECONDS_BETWEEN_REPORTS / 4)
    return dict(connection.execute(SCANS).fetchall())
