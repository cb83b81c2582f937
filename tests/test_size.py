"""A statement may have thousands of parts, and each takes no longer than one of few."""

from __future__ import annotations

from time import process_time

import pytest

from tests.reviewing import review

COLUMNS = ", ".join(f"ADD COLUMN c{n} int CHECK (c{n} > 0)" for n in range(1500))
CHECKS = " ".join(["CHECK (c > 0)"] * 1500)
KEYS = ", ".join(f"ADD UNIQUE (c{n})" for n in range(2000))
CHILDREN = " ".join(f"CREATE TABLE t{n + 1} (c{n} int) INHERITS (t{n});" for n in range(2000))
MOVES = (
    "".join(f"CREATE INDEX i{n} ON a.t (x);" for n in range(2000))
    + "ALTER TABLE a.t SET SCHEMA b; ALTER TABLE b.t SET SCHEMA a;" * 1000
)
TABLES = ", ".join(f"t{n}" for n in range(8000))


@pytest.mark.parametrize(
    ("statement", "findings"),
    [
        (f"ALTER TABLE t {COLUMNS};", 1500),
        (f"ALTER TABLE t ADD COLUMN c int {CHECKS};", 1500),
        (f"ALTER TABLE t ADD COLUMN c int, {KEYS};", 2000),
        (f"DROP TABLE {TABLES};", 0),
        (CHILDREN, 0),
        (f"CREATE TABLE a.t (x int); {MOVES}", 0),
    ],
    ids=[
        "columns of a table",
        "checks of a column",
        "keys of a table",
        "dropped tables",
        "columns of children",
        "moved indexes",
    ],
)
def test_many_parts_take_no_longer_each_than_few(statement: str, findings: int) -> None:
    start = process_time()
    report = review({"V1__a.sql": statement}, framework="flyway")
    assert process_time() - start < 10
    assert len(report.remarks) == findings
