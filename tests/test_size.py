"""A statement may have thousands of parts, and each takes no longer than one of few."""

from __future__ import annotations

from time import process_time

import pytest

from tests.reviewing import review

COLUMNS = ", ".join(f"ADD COLUMN c{n} int CHECK (c{n} > 0)" for n in range(1500))
CHECKS = " ".join(["CHECK (c > 0)"] * 1500)
TABLES = ", ".join(f"t{n}" for n in range(8000))


@pytest.mark.parametrize(
    ("statement", "findings"),
    [
        (f"ALTER TABLE t {COLUMNS};", 1500),
        (f"ALTER TABLE t ADD COLUMN c int {CHECKS};", 1500),
        (f"DROP TABLE {TABLES};", 0),
    ],
    ids=["columns of a table", "checks of a column", "dropped tables"],
)
def test_many_parts_take_no_longer_each_than_few(statement: str, findings: int) -> None:
    start = process_time()
    report = review({"V1__a.sql": statement}, framework="flyway")
    assert process_time() - start < 10
    assert len(report.remarks) == findings
