"""What a statement runs under another name, or in another session, does not pass in silence."""

from __future__ import annotations

import pytest

from bot.model.report import Report
from tests.reviewing import review

LOCKED = "BEGIN;\nALTER TABLE u ADD COLUMN y int;\n"
PREPARED = "PREPARE q AS SELECT count(*) FROM t;\n"


def reviewed(text: str) -> Report:
    return review({"1.sql": text}, framework="psql")


def gaps(text: str) -> list[tuple[int, str]]:
    return [(gap.line or 0, gap.reason) for gap in reviewed(text).unreadable]


@pytest.mark.parametrize(
    "runs",
    ["EXECUTE q;", "EXPLAIN (ANALYZE) EXECUTE q;", "CREATE TABLE n AS EXECUTE q;"],
)
def test_execute_under_a_lock_makes_others_wait_as_its_query_does(runs: str) -> None:
    (remark,) = reviewed(f"{PREPARED}{LOCKED}{runs}\nCOMMIT;").remarks
    assert remark.finding.rule == "validated-under-lock"
    assert remark.finding.lines.first == 4


@pytest.mark.parametrize("runs", ["PREPARE r AS SELECT count(*) FROM t;", "EXPLAIN EXECUTE q;"])
def test_what_only_prepares_or_plans_reads_nothing(runs: str) -> None:
    report = reviewed(f"{PREPARED}{LOCKED}{runs}\nCOMMIT;")
    assert (report.remarks, report.unreadable) == ((), ())


@pytest.mark.parametrize("before", ["", f"{PREPARED}DEALLOCATE q;", f"{PREPARED}DISCARD ALL;"])
def test_what_another_file_has_prepared_is_not_known(before: str) -> None:
    (gap,) = gaps(f"{before}EXECUTE q;")
    assert gap[1] == "what EXECUTE runs here is prepared elsewhere, and cannot be read"


CHANGES = "ALTER TABLE t ADD CHECK (x > 0)"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT dblink_exec('dbname=a', '{CHANGES}');",
        f"SELECT public.dblink_exec('a', '{CHANGES}', false);",
        f"SELECT * FROM dblink('a', '{CHANGES}') AS r (x text);",
        f"SELECT dblink_send_query('a', '{CHANGES}');",
        "SELECT dblink_exec('a', command) FROM commands;",
        "SELECT * FROM dblink('a', 'SELECT do_it()') AS r (x int);",
        "CREATE TABLE n AS SELECT * FROM dblink('a', 'SELECT do_it()') AS r (x int);",
        f"DO $$ BEGIN PERFORM dblink_exec('a', '{CHANGES}'); END $$;",
        f"DO $$ BEGIN EXECUTE 'SELECT dblink_exec(''a'', ''{CHANGES}'')'; END $$;",
    ],
)
def test_what_runs_in_another_session_is_not_passed_over(text: str) -> None:
    assert gaps(text) == [(1, "what dblink runs in another session cannot be simulated")]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT dblink_connect('a', 'dbname=a');",
        "INSERT INTO t SELECT * FROM dblink('a', 'SELECT x FROM t') AS r (x int);",
        "SELECT dblink_exec('a', 'INSERT INTO log VALUES (1)');",
        "SELECT dblink_exec('a', 'BEGIN'), dblink_exec('a', 'UPDATE t SET x = 1');",
        "COMMENT ON TABLE t IS 'filled by dblink';",
    ],
)
def test_what_reads_and_writes_rows_there_locks_nobody_out(text: str) -> None:
    assert gaps(text) == []
