"""What the pages claim happens on PostgreSQL 14 to 18, measured there statement by statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import LiteralString

import psycopg
import pytest

from bot.fixing import changes
from bot.frameworks import frameworks, read
from bot.model.migration import Wrapping
from bot.model.source import Source
from bot.postgres.locks import LockMode
from bot.settings import Settings, with_version
from tests.pages import Example, examples, sql_of
from tests.reviewing import Texts, review
from tests.servers.catalog import catalog, difference
from tests.servers.lockmodes import Lock
from tests.servers.measure import Measured, measure
from tests.servers.server import Server

REFUSED = {
    "refused_by_postgresql",
    "enum_value_used_before_commit",
    "not_null_added_without_default",
}
NEVER_VALIDATED = "constraint_never_validated"
Files = dict[str, str]
NO_HAZARDS = {*REFUSED, NEVER_VALIDATED, "lock_timeout_missing"}

found = [example for example in examples() if not example.harmless]
found_examples = [example for example in found if example.page.stem not in NO_HAZARDS]
refused_examples = [example for example in found if example.page.stem in REFUSED]
fixed_examples = [example for example in found_examples if example.files]
never_validated = [example for example in found if example.page.stem == NEVER_VALIDATED]


@dataclass(frozen=True)
class Ran:
    """The statements for which others waited, and the schema in the end."""

    waited: list[str]
    schema: frozenset[str]


def ran(server: Server, example: Example, files: dict[str, str], postponed: str = "") -> Ran:
    """What the tool runs of `files`, one after another, and what is `postponed` later."""
    with server.database() as database, database.connect() as connection:
        for text in (example.given, *scripts(example.framework, dict(example.earlier))):
            connection.execute(text.encode())
        views = frozenset(name for (name,) in connection.execute(VIEWS).fetchall())
        waited: list[str] = []
        for script in scripts(example.framework, files, dict(example.earlier)):
            waited += slow_under_lock(measure(connection, script), views)
        if postponed:
            script = f"BEGIN;\n{postponed}\nCOMMIT;"
            waited += slow_under_lock(measure(connection, script), views)
        return Ran(waited, catalog(connection))


def scripts(framework: str, files: dict[str, str], earlier: Files | None = None) -> list[str]:
    """What the tool sends of those of `files` that it runs, behind the `earlier` ones."""
    tool, tree = frameworks()[framework], Texts({**(earlier or {}), **files})
    names = {path: path.rpartition("/")[2] for path in files}
    run = [
        path
        for path, name in names.items()
        if (name.endswith("sql") or (name.endswith(".py") and tool.file.fullmatch(name)))
        and not tool.ignored.fullmatch(name)
    ]
    return [as_run(tool.name, files[path], path, tree) for path in run]


def as_run(framework: str, text: str, path: str = "1.sql", tree: Texts | None = None) -> str:
    """`text` in the transactions that the migration tool puts around it."""
    source = Source(path, text)
    migration = read(frameworks()[framework], source, tree or Texts())
    return "\n".join(
        f"BEGIN;\n{sql_of(batch, source)}\nCOMMIT;"
        if batch.wrapping is not Wrapping.STATEMENT
        else sql_of(batch, source)
        for batch in migration.batches
    )


COMMENTS = re.compile(r"\A(?:\s*--[^\n]*\n)*")
VIEWS = "SELECT schemaname || '.' || matviewname FROM pg_matviews"


def _hinders(lock: Lock, views: frozenset[str]) -> bool:
    table, mode = lock
    blocks = LockMode[mode.replace(" ", "_")].blocks
    return "reads" in blocks if table in views else bool(blocks)


def slow_under_lock(
    measured: tuple[Measured, ...], views: frozenset[str] = frozenset()
) -> list[str]:
    """The statements that read or rewrite a table while a lock makes others wait.

    Nobody writes to materialized `views`.
    """
    held: set[Lock] = set()
    in_transaction = False
    found: list[str] = []
    for one in measured:
        assert one.error is None, f"{one.statement}: {one.error}"
        held |= one.locks
        if (one.scans or one.rewrites) and any(_hinders(lock, views) for lock in held):
            found.append(one.statement)
        word = COMMENTS.sub("", one.statement).upper().split()[0]
        in_transaction = word == "BEGIN" or (in_transaction and word not in ("COMMIT", "ROLLBACK"))
        if not in_transaction:
            held.clear()
    return found


@pytest.mark.parametrize("example", found_examples, ids=str)
def test_others_wait_as_the_page_says(example: Example, server: Server) -> None:
    if server.version < example.version:
        return
    assert ran(server, example, {example.file: example.text}).waited


@pytest.mark.parametrize("example", refused_examples, ids=str)
def test_the_server_refuses_what_the_page_says(example: Example, server: Server) -> None:
    """The page speaks of the version that is configured, and of every later one or of older ones."""
    if server.version != example.version:
        return
    with server.database() as database, database.connect() as connection:
        connection.execute(example.before.encode())
        assert any(
            one.error for one in measure(connection, as_run(example.framework, example.text))
        )


@pytest.mark.parametrize("example", fixed_examples, ids=str)
def test_the_fix_makes_nobody_wait_and_ends_in_the_same_schema(
    example: Example, server: Server
) -> None:
    if server.version < example.version:
        return
    original = ran(server, example, {example.file: example.text})
    fixed = ran(server, example, example.files, example.postponed)
    assert not fixed.waited
    assert original.schema == fixed.schema, difference(original.schema, fixed.schema)


@pytest.mark.parametrize("example", never_validated, ids=str)
def test_the_fix_validates_what_was_never_validated(example: Example, server: Server) -> None:
    before = ran(server, example, {example.file: example.text})
    assert any("not validated" in line for line in before.schema)
    after = ran(server, example, example.files, example.postponed)
    assert not after.waited
    assert not any("not validated" in line for line in after.schema)


RETRIED = [
    (14, "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);"),
    (14, "ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p;"),
    (14, "ALTER TABLE t ALTER COLUMN x SET NOT NULL;"),
    (18, "ALTER TABLE t ALTER COLUMN x SET NOT NULL;"),
]
WITH_A_BAD_ROW = """
CREATE TABLE p (id int PRIMARY KEY);
INSERT INTO p VALUES (1);
CREATE TABLE t (id int PRIMARY KEY, x int);
INSERT INTO t VALUES (1, 1), (2, %s);
"""


@pytest.mark.parametrize(("version", "text"), RETRIED)
def test_a_validation_that_failed_runs_again_once_the_row_is_corrected(
    version: int, text: str, server: Server
) -> None:
    if server.version < version:
        return
    settings = with_version(Settings(), version)
    made = changes(review({"V1__a.sql": text}, framework="flyway", settings=settings))
    first, second = (as_run("flyway", change.after) for change in made)
    bad = "NULL" if "NOT NULL" in text else "-1"
    with server.database() as database, database.connect() as connection:
        connection.execute((WITH_A_BAD_ROW % bad).encode())
        measured = measure(connection, first)
        assert [one.error for one in measured] == [None] * len(measured)
        assert any(one.error for one in measure(connection, second))
        connection.execute("UPDATE t SET x = 1 WHERE id = 2")
        assert slow_under_lock(measure(connection, second)) == []
        again = catalog(connection)
    with server.database() as database, database.connect() as connection:
        connection.execute((WITH_A_BAD_ROW % 1).encode())
        connection.execute(text.encode())
        assert again == catalog(connection)


def test_a_partitioned_table_takes_a_foreign_key_not_valid_since_18(server: Server) -> None:
    """And before, the same-named keys of its partitions spare it the rows."""
    keys = "FOREIGN KEY (x) REFERENCES p"
    given = """
        CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE t (x int) PARTITION BY RANGE (x);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
        INSERT INTO p VALUES (1);
        INSERT INTO t VALUES (1);
    """
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        (one,) = measure(connection, f"ALTER TABLE t ADD CONSTRAINT f {keys} NOT VALID")
        assert (one.error is None) == (server.version >= 18)
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        steps = f"""
            ALTER TABLE t1 ADD CONSTRAINT f {keys} NOT VALID;
            ALTER TABLE t1 VALIDATE CONSTRAINT f;
            ALTER TABLE t ADD CONSTRAINT f {keys};
        """
        assert slow_under_lock(measure(connection, steps)) == []


def in_a_pipeline(
    connection: psycopg.Connection[tuple[object, ...]], *several: LiteralString
) -> None:
    with connection.pipeline():
        for statement in several:
            connection.execute(statement)


def test_a_pipeline_takes_a_concurrent_build_as_its_first_statement_alone(server: Server) -> None:
    """Supabase sends a file and the record that it has run as one pipeline."""
    build, record = "CREATE INDEX CONCURRENTLY i ON t (x)", "INSERT INTO ran VALUES (1)"
    with server.database() as database, database.connect() as connection:
        connection.execute("CREATE TABLE t (x int)")
        connection.execute("CREATE TABLE ran (x int)")
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            in_a_pipeline(connection, record, build)
        in_a_pipeline(connection, build, record)
        assert connection.execute("SELECT count(*) FROM ran").fetchone() == (1,)


def test_the_entries_of_referenced_partitions_are_validated_too_since_18(server: Server) -> None:
    given = """
        CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE t (x int);
    """
    keys = "SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f' AND {}"
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        connection.execute(b"ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p NOT VALID")
        connection.execute(b"ALTER TABLE t VALIDATE CONSTRAINT f")
        whole = connection.execute(keys.format("conparentid = 0").encode()).fetchone()
        parts = connection.execute(keys.format("conparentid <> 0").encode()).fetchone()
    assert (whole, parts) == ((True,), (server.version >= 18,))


def test_a_concurrent_build_that_failed_runs_again_once_the_row_is_corrected(
    server: Server,
) -> None:
    text = "ALTER TABLE t ADD CONSTRAINT one_x UNIQUE (x);"
    files = changes(review({"V1__a.sql": text}, framework="flyway"))
    build, constrain = (as_run("flyway", change.after) for change in files)
    with server.database() as database, database.connect() as connection:
        connection.execute((WITH_A_BAD_ROW % 1).encode())
        assert measure(connection, build)[-1].error is not None
        connection.execute("UPDATE t SET x = 2 WHERE id = 2")
        assert slow_under_lock((*measure(connection, build), *measure(connection, constrain))) == []
        again = catalog(connection)
    with server.database() as database, database.connect() as connection:
        connection.execute((WITH_A_BAD_ROW % 2).encode())
        connection.execute(text.encode())
        assert again == catalog(connection)
