"""A lock waits for exactly those whom its comment names, and those queue behind it whom it names."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from dataclasses import replace

import psycopg
import pytest

from bot.comments.waiting import waiting
from bot.model.finding import Rewrite
from bot.postgres.names import QualifiedName
from bot.postgres.operations import CreateIndex, IndexShape
from bot.settings import Settings, with_version
from tests.reviewing import review
from tests.servers.server import Connection, Database

GIVEN = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, x int, CONSTRAINT old CHECK (x > 0));
ALTER TABLE t ADD CONSTRAINT new CHECK (x < 9) NOT VALID;
"""
USERS = {
    "uses": "SELECT FROM t",
    "has written to": "UPDATE t SET x = 1",
    "indexes": "CREATE INDEX ON t (x)",
    "vacuums": "ANALYZE t",  # it takes the lock of VACUUM, and runs in a transaction
    "alters": "ALTER TABLE t ADD COLUMN y int",
}
STEPS = [
    ("ADD CHECK (x > 1)", "ADD CONSTRAINT … NOT VALID", "ADD CHECK (x > 1) NOT VALID"),
    (
        "ADD FOREIGN KEY (x) REFERENCES p",
        "ADD CONSTRAINT … NOT VALID",
        "ADD FOREIGN KEY (x) REFERENCES p NOT VALID",
    ),
    ("ADD CHECK (x > 1)", "VALIDATE CONSTRAINT", "VALIDATE CONSTRAINT new"),
]
every_step = pytest.mark.parametrize(("found", "title", "step"), STEPS)


def sentences(command: str, version: int = 16) -> tuple[str, ...]:
    text = f"ALTER TABLE t {command};"
    settings = with_version(Settings(), version)
    remarks = review({"1.sql": text}, framework="psql", settings=settings).remarks
    return waiting(remark.finding for remark in remarks)


def sentence(command: str, title: str) -> str:
    (one,) = (one for one in sentences(command) if one.startswith(f"`{title}`"))
    return one


@every_step
@pytest.mark.parametrize("use", USERS)
def test_it_waits_for_whom_the_comment_names(
    found: str, title: str, step: str, use: str, database: Database
) -> None:
    with database.connect() as one, database.connect() as other:
        other.execute(GIVEN.encode())
        other.execute(f"BEGIN; {USERS[use]}".encode())
        told = sentence(found, title)
        assert is_kept_waiting(one, f"ALTER TABLE t {step}") == ("uses" in told or use in told)


@every_step
def test_those_queue_behind_it_whom_the_comment_names(
    found: str, title: str, step: str, database: Database
) -> None:
    with database.connect() as one, database.connect() as other, database.connect() as third:
        other.execute(GIVEN.encode())
        other.execute(b"BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE; SAVEPOINT s")
        if "VALIDATE" in step:  # which writers do not keep waiting
            other.execute(b"ANALYZE t")
        thread = threading.Thread(target=one.execute, args=(f"ALTER TABLE t {step}".encode(),))
        thread.start()
        try:
            wait_for_a_waiting_lock(third)
            told = sentence(found, title)
            reads, writes = "whoever comes" in told, "whoever" in told
            assert is_kept_waiting(third, "SELECT FROM t") == reads
            assert is_kept_waiting(third, "UPDATE t SET x = 1") == writes
        finally:
            other.execute(b"ROLLBACK")
            thread.join()


def is_kept_waiting(connection: Connection, statement: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(b"SET LOCAL lock_timeout = '100ms'")
            connection.execute(statement.encode())
    except psycopg.errors.LockNotAvailable:
        return True
    return False


def wait_for_a_waiting_lock(connection: Connection) -> None:
    for _ in range(500):
        if connection.execute(b"SELECT FROM pg_locks WHERE NOT granted").fetchone() is not None:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_operations_that_take_the_same_lock_are_told_together() -> None:
    first, second, *_ = sentences("ALTER x SET NOT NULL")
    assert first.startswith("`ADD CONSTRAINT … NOT VALID`, `SET NOT NULL` and `DROP CONSTRAINT` ")
    assert second.startswith("`VALIDATE CONSTRAINT` needs a SHARE UPDATE EXCLUSIVE lock on `t`:")


def test_what_the_rest_of_the_statement_locks_is_told_too() -> None:
    told = sentences("ADD FOREIGN KEY (x) REFERENCES p, ADD COLUMN y int")
    assert told[0].startswith(
        "`ADD CONSTRAINT … NOT VALID` still needs a SHARE ROW EXCLUSIVE lock on `t` and `p` for"
    )
    assert any(
        one.startswith("The `ALTER TABLE` as a whole still needs an ACCESS EXCLUSIVE lock on `t`")
        for one in told
    )


PARTITIONS = "".join(f"CREATE TABLE p{n} PARTITION OF t FOR VALUES IN ({n});" for n in range(100))


@pytest.mark.parametrize(
    ("command", "version", "beginning"),
    [
        (
            "ADD FOREIGN KEY (x) REFERENCES q",
            17,
            "`VALIDATE CONSTRAINT` needs a SHARE UPDATE EXCLUSIVE lock on `p0`, `p1`, `p2` and 97"
            " other tables: ",
        ),
        (
            "ADD FOREIGN KEY (x) REFERENCES q, ADD COLUMN y int",
            18,
            "The `ALTER TABLE` as a whole still needs an ACCESS EXCLUSIVE lock on `t`, `p0`, `p1`"
            " and 98 other tables for an instant: ",
        ),
    ],
)
def test_of_many_partitions_a_few_are_named(command: str, version: int, beginning: str) -> None:
    given = {"V1__a.sql": f"CREATE TABLE t (x int) PARTITION BY LIST (x); {PARTITIONS}"}
    settings = with_version(Settings(), version)
    text = {"V2__b.sql": f"ALTER TABLE t {command};"}
    remarks = review(text, framework="flyway", repository=given, settings=settings).remarks
    told = waiting(remark.finding for remark in remarks)
    assert any(one.startswith(beginning) for one in told)
    assert len(told) == 4


def test_a_lock_timeout_is_advised_where_others_queue() -> None:
    assert sentences("ADD CHECK (x > 0)")[-1].startswith("Set a `lock_timeout`")
    text = "BEGIN; ALTER TABLE t ADD y int; ALTER TABLE t VALIDATE CONSTRAINT c; COMMIT;"
    (remark,) = review({"1.sql": text}, framework="psql").remarks
    assert "lock_timeout" not in " ".join(waiting([remark.finding]))


@pytest.mark.parametrize(
    ("use", "waits"),
    [
        ("BEGIN; UPDATE t SET x = 1", True),
        ("BEGIN; SELECT FROM t", False),  # the query is over, and with it what it has to see
        ("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM p", True),
    ],
)
def test_an_index_waits_for_writers_and_older_queries(
    use: str, waits: bool, database: Database
) -> None:
    (remark,) = review({"1.sql": "ALTER TABLE t ADD CHECK (x > 1);"}, framework="psql").remarks
    index = CreateIndex(
        QualifiedName(None, "t"), "i", IndexShape(columns=("x",)), concurrently=True
    )
    told = waiting([replace(remark.finding, rewrite=Rewrite((index,), ()))])
    assert told == (
        "`CREATE INDEX CONCURRENTLY` needs a SHARE UPDATE EXCLUSIVE lock on `t`: it waits for every"
        " transaction that indexes, vacuums or alters `t` to end (autovacuum gives way, unless it"
        " prevents wraparound), and reads and writes go on.",
        "`CREATE INDEX CONCURRENTLY` also waits for every transaction that has written to `t` to"
        " end, and at last for every query that is older, on whichever table.",
    )
    with database.connect() as one, database.connect() as other:
        other.execute(GIVEN.encode())
        other.execute(use.encode())
        one.execute(b"SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable) if waits else nullcontext():
            one.execute(b"CREATE INDEX CONCURRENTLY ON t (x)")
