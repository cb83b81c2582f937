"""Locks are carried from statement to statement, and only where others would wait for them."""

from __future__ import annotations

import pytest

from bot.model.finding import NoFix
from bot.model.report import Report
from bot.settings import MigrationsSetting, Settings, TablesSetting, TableStats
from tests.reviewing import NO_LOCK_TIMEOUT, review

VALIDATE = "ALTER TABLE t VALIDATE CONSTRAINT c;"


def rules(text: str, framework: str = "psql") -> list[str]:
    path = "V1__a.sql" if framework == "flyway" else "1_a.sql"
    return told(review({path: text}, framework=framework))


def told(report: Report) -> list[str]:
    assert not report.unreadable
    return [
        f"{remark.finding.lines.first} {remark.finding.rule} {remark.finding.lock}"
        for remark in report.remarks
    ]


@pytest.mark.parametrize(
    "text",
    [
        # Each is a transaction of its own.
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;" + VALIDATE,
        "BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT;" + VALIDATE,
        "BEGIN; ALTER TABLE t ADD COLUMN a int; ROLLBACK;" + VALIDATE,
        "BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT AND CHAIN;" + VALIDATE + "COMMIT;",
        "BEGIN; SAVEPOINT s; ALTER TABLE t ADD COLUMN a int; ROLLBACK TO s;" + VALIDATE + "COMMIT;",
        # These locks block neither reads nor writes.
        "BEGIN; ALTER TABLE t ALTER COLUMN a SET STATISTICS 10;" + VALIDATE + "COMMIT;",
        "BEGIN; INSERT INTO t VALUES (1); UPDATE u SET a = 1; COMMIT;",
        "BEGIN; LOCK TABLE u IN ROW SHARE MODE;" + VALIDATE + "COMMIT;",
        # Nobody uses a table that this change creates.
        "CREATE TABLE t (x int); ALTER TABLE t ADD CHECK (x > 0);",
        "CREATE TABLE public.t (x int); ALTER TABLE t ADD CHECK (x > 0);",
        "CREATE TABLE t (x int); ALTER TABLE public.t ADD CHECK (x > 0);",
        "CREATE TEMP TABLE t (x int); ALTER TABLE t ADD CHECK (x > 0);",
        "SET search_path = app; CREATE TABLE t (x int); ALTER TABLE app.t ADD CHECK (x > 0);",
        "BEGIN; CREATE TABLE t AS SELECT * FROM u; ALTER TABLE t ADD CHECK (x > 0); COMMIT;",
        "BEGIN; CREATE TABLE t (x int); INSERT INTO t SELECT * FROM u;"
        "ALTER TABLE t ADD CHECK (x > 0); COMMIT;",
        "CREATE TABLE n (x int); ALTER TABLE n RENAME TO t; ALTER TABLE t ADD CHECK (x > 0);",
        "CREATE TABLE t (x int); ALTER TABLE t SET SCHEMA s; ALTER TABLE s.t ADD CHECK (x > 0);",
        "DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (x int); ALTER TABLE t ADD CHECK (x > 0);",
        "CREATE SCHEMA s CREATE TABLE t (x int); ALTER TABLE s.t ADD CHECK (x > 0);",
        "CREATE TABLE n (x int); ALTER TABLE t RENAME TO o; ALTER TABLE n RENAME TO t;"
        "ALTER TABLE t ADD CHECK (x > 0);",
        # Rows that are written out are few, and the server's own tables are small.
        "CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2); ALTER TABLE t ADD CHECK (x > 0);",
        "BEGIN; ALTER TABLE u ADD COLUMN a int; SELECT * FROM pg_class; COMMIT;",
        "BEGIN; ALTER TABLE u ADD COLUMN a int; CREATE TEMP TABLE n AS SELECT 1; TABLE n; COMMIT;",
        "BEGIN; ALTER TABLE u ADD COLUMN a int; DELETE FROM t WHERE false; COMMIT;",
        "BEGIN; TRUNCATE t; ALTER TABLE t ADD CHECK (x > 0); COMMIT;",
        "CREATE TABLE t (x int); DO $$ BEGIN CREATE TYPE c AS ENUM ('a'); END $$;"
        "ALTER TABLE t ADD CHECK (x > 0);",
        # With a WHERE, a LIMIT or a join it is the planner's choice what is read.
        "BEGIN; ALTER TABLE u ADD COLUMN a int; SELECT * FROM t LIMIT 1; SELECT max(x) FROM t;"
        "UPDATE t SET x = 1 WHERE id = 1; INSERT INTO u SELECT * FROM t WHERE id = 1; COMMIT;",
        # A constraint that is valid already is not checked again.
        "BEGIN; CREATE TABLE u (x int CONSTRAINT c CHECK (x > 0)); ALTER TABLE v ADD COLUMN a int;"
        "ALTER TABLE u VALIDATE CONSTRAINT c; COMMIT;",
        # Nothing is checked.
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NO INHERIT NOT VALID;" + VALIDATE,
        "ALTER TABLE t ADD COLUMN p_id int REFERENCES p;",
    ],
)
def test_nobody_waits(text: str) -> None:
    assert rules(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "BEGIN;\nALTER TABLE t ADD COLUMN a int;\n" + VALIDATE + "\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        # The lock is on another table.
        (
            "BEGIN;\nALTER TABLE u ADD COLUMN a int;\n" + VALIDATE + "\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN;\nCREATE TABLE n (p_id int REFERENCES p);\n" + VALIDATE + "\nCOMMIT;",
            ["3 validated-under-lock SHARE ROW EXCLUSIVE"],
        ),
        (
            "BEGIN;\nLOCK TABLE u IN SHARE MODE;\n" + VALIDATE + "\nCOMMIT;",
            ["3 validated-under-lock SHARE"],
        ),
        # A savepoint that is not returned to keeps its locks.
        (
            "BEGIN; SAVEPOINT s;\nALTER TABLE t ADD COLUMN a int; RELEASE s;\n" + VALIDATE,
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        # An unnamed constraint, validated under the name that PostgreSQL chose.
        (
            "BEGIN;\nALTER TABLE t ADD CHECK (x > 0) NOT VALID;\n"
            "ALTER TABLE t VALIDATE CONSTRAINT t_x_check;\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN;\nALTER TABLE u ADD COLUMN a int;\nCREATE INDEX ON t (x);\nCOMMIT;",
            ["3 index-built-under-lock SHARE"],
        ),
        (
            "BEGIN;\nALTER TABLE u ADD COLUMN a int;\nINSERT INTO u SELECT * FROM t;\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN;\nTRUNCATE u;\nCREATE TABLE n AS SELECT * FROM t;\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN;\nCREATE TRIGGER g AFTER INSERT ON u EXECUTE FUNCTION f();\n"
            "WITH w AS (UPDATE t SET x = 1 RETURNING *) SELECT * FROM w;\nCOMMIT;",
            ["3 validated-under-lock SHARE ROW EXCLUSIVE"],
        ),
        (
            "BEGIN;\nALTER TABLE u RENAME COLUMN a TO b;\nSELECT count(*) FROM t;\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        # A temporary table hides the real one only while it is there.
        (
            "CREATE TEMP TABLE t (x int) ON COMMIT DROP;\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TEMP TABLE t (x int);\nDISCARD TEMP;\nALTER TABLE t ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int);\nALTER TABLE n RENAME TO o;\nALTER TABLE t RENAME TO n;\n"
            "ALTER TABLE n ADD CHECK (x > 0);",
            ["4 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        # What seems new and empty is neither.
        (
            "CREATE TABLE p (x int) PARTITION BY RANGE (x);\n"
            "ALTER TABLE p ATTACH PARTITION t DEFAULT;\nALTER TABLE p ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE p (x int);\nALTER TABLE t INHERIT p;\nALTER TABLE p ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN; CREATE TABLE s.t (x int); DROP TABLE s.t;\nALTER TABLE s.t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE s.t (x int); DROP SCHEMA s CASCADE;\nALTER TABLE s.t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN; SAVEPOINT a; DROP TABLE t; CREATE TABLE t (x int); SAVEPOINT a; RELEASE a;"
            "ROLLBACK TO a;\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE SCHEMA AUTHORIZATION me; CREATE TABLE t (x int); SET search_path = public;\n"
            "ALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN; CREATE TABLE t (x int); PREPARE TRANSACTION 'x';\n"
            "ALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int);\nSELECT fill();\nALTER TABLE n ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int);\nDO $$ BEGIN INSERT INTO n SELECT 1; END $$;\n"
            "ALTER TABLE n ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int);\nWITH i AS (INSERT INTO n SELECT 1 RETURNING 1) TABLE i;\n"
            "ALTER TABLE n ADD FOREIGN KEY (x) REFERENCES t;",
            ["3 foreign-key-validated-on-add SHARE ROW EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int);\nSELECT coalesce(fill(), 1);\nALTER TABLE n ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int);\nSELECT * FROM fill();\nALTER TABLE n ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "PREPARE fill AS INSERT INTO n SELECT 1; CREATE TABLE n (x int);\nEXECUTE fill;\nALTER TABLE n ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE p (x int) PARTITION BY RANGE (x);\nCREATE TABLE n PARTITION OF p DEFAULT;\n"
            "INSERT INTO p SELECT * FROM t;\nALTER TABLE n ADD CHECK (x > 0);",
            ["4 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "SELECT set_config('search_path', 'tmp', false), 1; CREATE TABLE t (x int);"
            "SET search_path = public;\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "DO $$ BEGIN PERFORM set_config('search_path', 'tmp', false); END $$;"
            "CREATE TABLE t (x int); SET search_path = public;\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN;\nDROP TRIGGER g ON u;\n" + VALIDATE + "\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        (
            "BEGIN;\nALTER POLICY p ON u RENAME TO q;\n" + VALIDATE + "\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        # A table whose schema nobody can tell is not the one that is meant later.
        (
            "SELECT set_config('search_path', 'tmp', false), 1; CREATE TABLE t (x int);"
            "SELECT set_config('search_path', 'public', false), 1;\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "SELECT set_config('search_path', 'tmp', false), 1; DROP TABLE IF EXISTS t;"
            "SELECT set_config('search_path', 'public', false), 1; CREATE TABLE IF NOT EXISTS t (x int);"
            "\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE n (x int); DROP TABLE n; ALTER TABLE IF EXISTS n RENAME TO t;"
            "CREATE TABLE IF NOT EXISTS t (x int);\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        # A renamed column is another one.
        (
            "ALTER TABLE t ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID;" + VALIDATE + "\n"
            "ALTER TABLE t RENAME COLUMN x TO y; ALTER TABLE t ADD COLUMN x int;\n"
            "ALTER TABLE t ALTER COLUMN x SET NOT NULL;",
            ["3 not-null-validated-on-set ACCESS EXCLUSIVE"],
        ),
        (
            "ALTER TABLE t ALTER COLUMN x DROP NOT NULL;\nDROP TABLE t; CREATE TABLE t (x int);"
            "INSERT INTO t SELECT 1 FROM u;\nALTER TABLE t ALTER x SET NOT NULL;",
            ["3 not-null-validated-on-set ACCESS EXCLUSIVE"],
        ),
        # A condition that names no column chooses no rows.
        (
            "BEGIN;\nALTER TABLE u ADD COLUMN a int;\nUPDATE t SET x = 1 WHERE 1 = 1;\nCOMMIT;",
            ["3 validated-under-lock ACCESS EXCLUSIVE"],
        ),
        # It may have existed, with rows.
        (
            "CREATE TABLE IF NOT EXISTS t (x int);\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        # It does not exist: the transaction was rolled back.
        (
            "BEGIN; CREATE TABLE t (x int); ROLLBACK;\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        # It was filled in an earlier transaction.
        (
            "CREATE TABLE t (x int);\nINSERT INTO t SELECT * FROM u;\n"
            "ALTER TABLE t ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        # Another table of that name.
        (
            "CREATE TABLE app.t (x int);\nALTER TABLE t ADD CHECK (x > 0);",
            ["2 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE t (x int);\nALTER TABLE t RENAME TO n;\nALTER TABLE t ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
        (
            "CREATE TABLE t (x int);\nDROP TABLE t;\nALTER TABLE t ADD CHECK (x > 0);",
            ["3 check-validated-on-add ACCESS EXCLUSIVE"],
        ),
    ],
)
def test_others_wait(text: str, found: list[str]) -> None:
    assert rules(text) == found


def test_a_table_of_an_earlier_file_of_the_change_is_new() -> None:
    report = review(
        {
            "db/migration/V10__b.sql": "ALTER TABLE t ADD CHECK (x > 0);",
            "db/migration/V9__a.sql": "CREATE TABLE t (x int);",
        }
    )
    assert told(report) == []


def test_a_table_of_another_service_is_not_the_same() -> None:
    report = review(
        {
            "a/db/migration/V1__a.sql": "CREATE TABLE t (x int);",
            "b/db/migration/V2__b.sql": "ALTER TABLE t ADD CHECK (x > 0);",
        }
    )
    assert told(report) == ["1 check-validated-on-add ACCESS EXCLUSIVE"]


def test_all_pending_files_may_be_one_transaction() -> None:
    entry = MigrationsSetting(path="db", framework="psql", transaction="all")
    report = review(
        {
            "db/1_a.sql": "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;",
            "db/2_b.sql": VALIDATE,
        },
        settings=Settings(migrations=(entry,)),
    )
    (remark,) = report.remarks
    assert "Line 1 of 1_a.sql locked `t`" in remark.finding.message


def test_a_table_known_to_be_small_is_just_noticed() -> None:
    text = {"1.sql": "ALTER TABLE t ADD CHECK (x > 0);"}
    for rows, severity in ((9, "notice"), (10, "error")):
        report = review(
            text,
            framework="psql",
            settings=Settings(tables=TablesSetting(small_rows=10)),
            stats={"public.t": TableStats(rows=rows)},
        )
        assert [str(remark.severity) for remark in report.remarks] == [severity]


def test_a_message_names_a_few_tables_and_counts_the_others() -> None:
    many = "".join(f"ALTER TABLE t{n} ADD COLUMN a int;\n" for n in range(20))
    (remark,) = review({"V1__a.sql": many + VALIDATE}, framework="flyway").remarks
    assert remark.finding.message.startswith(
        "Reads and writes of `t0`, `t1` and `t2` and users of 17 other tables wait"
    )


@pytest.mark.parametrize(
    ("settings", "table"),
    [
        ("SET search_path = app;", "app.t"),
        ("SELECT set_config('search_path', 'app', false);", "app.t"),
        ('SET search_path = "App", public;', "t"),  # either one
        ("SET search_path = app; RESET ALL;", "public.t"),
        ("SET search_path = app; DISCARD ALL;", "public.t"),
        ("SET search_path = app; RESET search_path;", "public.t"),
        ("BEGIN; SET search_path = app; ROLLBACK;", "public.t"),
        ("BEGIN; SET search_path = app; COMMIT;", "app.t"),
        ("BEGIN; SET LOCAL search_path = app; COMMIT;", "public.t"),
        ("BEGIN; SELECT set_config('search_path', 'app', true); COMMIT;", "public.t"),
        ("BEGIN; SAVEPOINT s; SET search_path = app; ROLLBACK TO s; COMMIT;", "public.t"),
        ("SET LOCAL search_path = app;", "public.t"),
    ],
)
def test_a_name_means_what_the_search_path_says(settings: str, table: str) -> None:
    report = review({"1.sql": f"{settings}\nALTER TABLE t ADD CHECK (x > 0);"}, framework="psql")
    assert [str(remark.finding.table) for remark in report.remarks] == [table]


CHANGE = "ALTER TABLE t ADD COLUMN a int;"
NOTICE = Settings(rules={NO_LOCK_TIMEOUT: "notice"})


@pytest.mark.parametrize(
    "text",
    [
        "SET lock_timeout = '5s';" + CHANGE,
        "SET lock_timeout TO 5000;" + CHANGE,
        "SET SESSION lock_timeout = '2 min';" + CHANGE,
        "SET lock_timeout = 0; SET lock_timeout = '1ms';" + CHANGE,
        "BEGIN; SET LOCAL lock_timeout = '5s';" + CHANGE + "COMMIT;",
        "SELECT pg_catalog.set_config('lock_timeout', '5s', false);" + CHANGE,
        "SET lock_timeout = '5s'; BEGIN; SET LOCAL lock_timeout = 0; COMMIT;" + CHANGE,
        "SET lock_timeout = '5s'; BEGIN; SET lock_timeout = 0; ROLLBACK;" + CHANGE,
        "SET lock_timeout = '5s'; BEGIN; SAVEPOINT s; RESET lock_timeout; ROLLBACK TO s;" + CHANGE,
        "SET statement_timeout = '5s';" + CHANGE,
        "SET lock_timeout = 2.5;" + CHANGE,
        # Nobody waits behind it.
        "CREATE TABLE n (x int); ALTER TABLE n ADD COLUMN a int;",
        "INSERT INTO t VALUES (1); CREATE INDEX CONCURRENTLY i ON t (x);",
    ],
)
def test_waiting_for_a_lock_has_a_limit(text: str) -> None:
    assert told(review({"1_a.sql": text}, framework="psql", settings=NOTICE)) == []


IN_PYTHON = """
from alembic import op
revision, down_revision = "a", None

def upgrade():
    op.execute("ALTER TABLE t ADD COLUMN a int")
"""


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({"1_a.sql": CHANGE}, "Set one at the beginning, such as `SET lock_timeout = '5s';`"),
        ({"versions/a_a.py": IN_PYTHON}, "Execute `SET lock_timeout = '5s'` before it"),
    ],
)
def test_the_advice_is_for_the_language_of_the_file(files: dict[str, str], advice: str) -> None:
    (remark,) = review(files, settings=NOTICE).remarks
    assert isinstance(remark.fix, NoFix)
    assert remark.fix.reason.startswith(advice)


@pytest.mark.parametrize(
    "text",
    [
        CHANGE + "\nALTER TABLE u ADD COLUMN a int;",
        "SET lock_timeout = 0;" + CHANGE,
        "SET lock_timeout = '0ms';" + CHANGE,
        "SET lock_timeout = 0.4;" + CHANGE,
        "SET lock_timeout = '500us';" + CHANGE,
        "SET LOCAL lock_timeout = '5s';" + CHANGE,
        "SET lock_timeout = '5s'; RESET lock_timeout;" + CHANGE,
        "SET lock_timeout = '5s'; SET lock_timeout TO DEFAULT;" + CHANGE,
        "SET lock_timeout = '5s'; RESET ALL;" + CHANGE,
        "SET lock_timeout = '5s'; DISCARD ALL;" + CHANGE,
        "BEGIN; SET LOCAL lock_timeout = '5s'; COMMIT;" + CHANGE,
        "BEGIN; SET lock_timeout = '5s'; ROLLBACK;" + CHANGE,
        "BEGIN; SAVEPOINT s; SET lock_timeout = '5s'; ROLLBACK TO s;" + CHANGE + "COMMIT;",
        "SELECT set_config('lock_timeout', '0', false);" + CHANGE,
        "UPDATE t SET x = 1;" + CHANGE + "\nSET lock_timeout = '5s';",
    ],
)
def test_waiting_for_a_lock_has_no_limit(text: str) -> None:
    report = review({"1_a.sql": text}, framework="psql", settings=NOTICE)
    assert told(report) == ["1 lock-timeout-missing ACCESS EXCLUSIVE"]


def test_each_file_is_a_session_of_its_own() -> None:
    files = {"V1__a.sql": f"SET lock_timeout = '5s';\n{CHANGE}", "V2__b.sql": CHANGE}
    (remark,) = review(files, framework="flyway", settings=NOTICE).remarks
    assert remark.finding.source.path == "V2__b.sql"


LEFT = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;"


@pytest.mark.parametrize(
    "text",
    [
        LEFT + VALIDATE,
        LEFT + "ALTER TABLE t DROP CONSTRAINT c;",
        LEFT + "DROP TABLE t;",
        LEFT + "ALTER TABLE t RENAME CONSTRAINT c TO d; ALTER TABLE t VALIDATE CONSTRAINT d;",
        LEFT + "ALTER TABLE t RENAME TO u; ALTER TABLE u VALIDATE CONSTRAINT c;",
        f"BEGIN; {LEFT} ROLLBACK;",
        "CREATE TABLE n (x int, CONSTRAINT c FOREIGN KEY (x) REFERENCES t NOT VALID);",
    ],
)
def test_what_is_validated_or_gone_in_the_end_is_fine(text: str) -> None:
    assert rules(text) == []


@pytest.mark.parametrize(
    "text",
    [
        LEFT,
        LEFT + "ALTER TABLE u VALIDATE CONSTRAINT c;",
        f"{LEFT} BEGIN; {VALIDATE} ROLLBACK;",
        LEFT + "ALTER TABLE t DROP CONSTRAINT d;",
    ],
)
def test_a_constraint_that_stays_not_valid_is_told(text: str) -> None:
    assert rules(text) == ["1 constraint-never-validated None"]


def test_a_later_file_of_the_change_may_validate() -> None:
    files = {"db/migration/V1__a.sql": LEFT, "db/migration/V2__b.sql": VALIDATE}
    assert told(review(files)) == []


def test_what_an_earlier_migration_left_is_not_told() -> None:
    earlier = {"db/migration/V1__a.sql": LEFT}
    later = {"db/migration/V2__b.sql": "ALTER TABLE t ADD CHECK (x > 1) NOT VALID;"}
    assert told(review(later, repository=earlier)) == ["1 constraint-never-validated None"]


def test_nobody_knows_where_to_validate_with_an_unknown_tool() -> None:
    (remark,) = review({"migrations/a.sql": LEFT}).remarks
    assert remark.finding.rule == "constraint-never-validated"
    assert isinstance(remark.fix, NoFix)
