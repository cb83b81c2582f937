"""What PostgreSQL takes outside of transactions only is put where each tool takes it."""

from __future__ import annotations

import pytest

from bot.fixing import changes
from bot.model.finding import Fix, NoFix
from bot.settings import Settings, with_version
from tests.reviewing import review


def made(files: dict[str, str], framework: str, version: int = 14) -> dict[str, str]:
    settings = with_version(Settings(), version)
    report = review(files, framework=framework, settings=settings)
    return {change.path: change.after for change in changes(report)}


def reasons(text: str, framework: str = "psql") -> list[str]:
    path = "V1__a.sql" if framework == "flyway" else "1.sql"
    remarks = review({path: text}, framework=framework).remarks
    return [remark.fix.reason for remark in remarks if isinstance(remark.fix, NoFix)]


def test_two_keys_of_one_statement_leave_it_together() -> None:
    text = "ALTER TABLE t ADD UNIQUE (a), ADD UNIQUE (b);\n"
    assert made({"1.sql": text}, "psql") == {
        "1.sql": "CREATE UNIQUE INDEX CONCURRENTLY t_a_key ON t (a);\n"
        "ALTER TABLE t ADD CONSTRAINT t_a_key UNIQUE USING INDEX t_a_key;\n"
        "CREATE UNIQUE INDEX CONCURRENTLY t_b_key ON t (b);\n"
        "ALTER TABLE t ADD CONSTRAINT t_b_key UNIQUE USING INDEX t_b_key;\n"
    }


def test_a_check_and_a_key_go_to_files_in_the_order_of_their_steps() -> None:
    text = "ALTER TABLE t\n    ADD UNIQUE (a),\n    ADD CHECK (b > 0);\n"
    files = made({"V1__a.sql": text}, "flyway")
    assert list(files) == [
        "V1__a.sql",
        "V2__validate_a.sql",
        "V3__index_a.sql",
        "V4__constrain_a.sql",
    ]
    assert files["V1__a.sql"] == (
        "ALTER TABLE t\n    ADD CONSTRAINT t_b_check CHECK (b > 0) NOT VALID;\n"
    )


def test_a_concurrent_build_leaves_a_transaction_behind() -> None:
    text = "BEGIN;\nALTER TABLE t ADD COLUMN b int;\nCREATE INDEX i ON t (b);\nCOMMIT;\n"
    assert made({"1.sql": text}, "psql") == {
        "1.sql": "BEGIN;\nALTER TABLE t ADD COLUMN b int;\nCOMMIT;\n"
        "CREATE INDEX CONCURRENTLY i ON t (b);\n"
    }


TWICE = "CREATE INDEX ON t (a);\nCREATE INDEX ON t (a);\n"


def test_two_equal_indexes_without_a_name_stay_two() -> None:
    text = f"BEGIN;\nALTER TABLE t ADD COLUMN b int;\n{TWICE}COMMIT"
    build = "CREATE INDEX CONCURRENTLY ON t (a);\n"
    assert made({"1.sql": text}, "psql") == {
        "1.sql": f"BEGIN;\nALTER TABLE t ADD COLUMN b int;\nCOMMIT;\n{build * 2}".removesuffix("\n")
    }
    files = made({"V1__a.sql": f"ALTER TABLE t ADD COLUMN b int;\n{TWICE}"}, "flyway")
    assert files["V2__index_a.sql"].endswith(build)
    assert files["V3__index_a.sql"].endswith(build)


def test_golang_migrate_runs_one_concurrent_build_per_file() -> None:
    text = "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (b);\n"
    files = made({"1_a.up.sql": text, "1_a.down.sql": "DROP INDEX i, j;"}, "golang-migrate")
    assert files["1_a.up.sql"] == "CREATE INDEX CONCURRENTLY i ON t (a);\n"
    assert files["2_index_a.up.sql"].endswith("CREATE INDEX CONCURRENTLY j ON t (b);\n")


def test_a_single_concurrent_build_in_a_file_is_no_transaction_for_golang_migrate() -> None:
    text = "CREATE INDEX CONCURRENTLY i ON t (a);\n"
    assert not review({"1_a.up.sql": text}, framework="golang-migrate").remarks


def test_a_second_statement_in_the_message_makes_it_one() -> None:
    text = "CREATE INDEX CONCURRENTLY i ON t (a);\nCOMMENT ON INDEX i IS 'of a';\n"
    remarks = review({"1_a.up.sql": text}, framework="golang-migrate").remarks
    assert [remark.finding.rule for remark in remarks] == ["refused-by-postgresql"]


BUILT_UPON = [
    "CREATE TABLE u (a int REFERENCES t (a));",
    "ALTER TABLE u ADD COLUMN a int REFERENCES t (a);",
    "ALTER TABLE u ADD FOREIGN KEY (a) REFERENCES t (a) NOT VALID;",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING;",
    "ALTER TABLE t RENAME COLUMN a TO b;",
    "ALTER TABLE t REPLICA IDENTITY USING INDEX t_a_key;",
    "ALTER INDEX t_a_key RENAME TO k;",
    "DROP TABLE t;",
]


@pytest.mark.parametrize("later", BUILT_UPON)
def test_a_key_that_something_builds_on_is_left_to_a_person(later: str) -> None:
    found = reasons(f"ALTER TABLE t ADD UNIQUE (a);\n{later}", "flyway")
    assert found == [
        "Line 2 builds on it or changes its table, so a person has to decide how to do it later."
    ]


OTHER_KEYS = [
    ("a", "CREATE TABLE u (b int REFERENCES t (b))", True),
    ("a, b", "CREATE TABLE u (b int REFERENCES t (b))", True),
    ("a, b", "ALTER TABLE u ADD FOREIGN KEY (x, y) REFERENCES t (b, a) NOT VALID", False),
    ("a", "CREATE TABLE u (b int REFERENCES t)", False),
    (":column", "CREATE TABLE u (b int REFERENCES t (b))", False),
    ("a", "CREATE TABLE u (b int REFERENCES t (:column))", False),
]


@pytest.mark.parametrize(("columns", "later", "apart"), OTHER_KEYS)
def test_a_foreign_key_builds_on_the_key_of_its_columns(
    columns: str, later: str, *, apart: bool
) -> None:
    text = f"ALTER TABLE t ADD CONSTRAINT k UNIQUE ({columns});\n{later};\n"
    remark = review({"V1__a.sql": text}, framework="flyway").remarks[0]
    assert isinstance(remark.fix, Fix if apart else NoFix)


@pytest.mark.parametrize(
    "together",
    [
        "ADD UNIQUE (a),\n    ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES t (a) NOT VALID",
        "ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES u (a),\n    VALIDATE CONSTRAINT f",
        "ADD CONSTRAINT c CHECK (a > 0),\n    ALTER COLUMN a SET DATA TYPE text",
    ],
)
def test_a_statement_that_builds_on_its_own_constraint_is_no_line_above_or_below(
    together: str,
) -> None:
    first, *_ = reasons(f"ALTER TABLE t\n    {together};", "flyway")
    assert first.startswith("Another command of the same statement builds on it")


def test_also_where_a_later_file_builds_on_it() -> None:
    files = {
        "V1__a.sql": "ALTER TABLE t ADD UNIQUE (a);",
        "V2__b.sql": "CREATE TABLE u (a int REFERENCES t (a));",
    }
    (remark,) = review(files, framework="flyway").remarks
    assert isinstance(remark.fix, NoFix)
    assert remark.fix.reason.startswith("Line 1 of V2__b.sql builds on it")


def test_a_search_path_of_the_transaction_does_not_reach_outside_of_it() -> None:
    (reason,) = reasons("SET search_path = app; ALTER TABLE t ADD UNIQUE (a);", "flyway")
    assert reason.endswith("write the schema before the table's name.")
    assert not reasons("SET search_path = app; ALTER TABLE app.t ADD UNIQUE (a);", "flyway")


def test_quoted_names_stay_quoted() -> None:
    text = 'ALTER TABLE "App"."T t" ADD CONSTRAINT "K ""1""" UNIQUE ("A b");\n'
    assert made({"1.sql": text}, "psql") == {
        "1.sql": 'DROP INDEX CONCURRENTLY IF EXISTS "App"."K ""1""";\n'
        'CREATE UNIQUE INDEX CONCURRENTLY "K ""1""" ON "App"."T t" ("A b");\n'
        'ALTER TABLE "App"."T t" ADD CONSTRAINT "K ""1""" UNIQUE USING INDEX "K ""1""";\n'
    }


NO_OTHER_WAY = [
    ("ALTER TABLE IF EXISTS t ADD UNIQUE (a);", "IF EXISTS"),
    ("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int UNIQUE;", "IF NOT EXISTS"),
    ("ALTER TABLE t ADD COLUMN a serial PRIMARY KEY;", "fill it in batches"),
    ("ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&);", "PostgreSQL has no way"),
]


@pytest.mark.parametrize(("text", "reason"), NO_OTHER_WAY)
def test_what_has_no_other_way_says_so(text: str, reason: str) -> None:
    assert any(reason in found for found in reasons(text))


def test_columns_that_are_not_null_need_no_check() -> None:
    files = {
        "V1__a.sql": "CREATE TABLE IF NOT EXISTS t (a int);\nALTER TABLE t ALTER a SET NOT NULL;",
        "V2__b.sql": "ALTER TABLE t ADD PRIMARY KEY (a);",
    }
    assert "CHECK" not in made(files, "flyway")["V2__b.sql"]


def test_a_known_nullable_column_is_proved_before_the_index_becomes_the_key() -> None:
    history = "CREATE TABLE t (a int, b int);"
    text = "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a, b);\nALTER TABLE t ADD PRIMARY KEY USING INDEX i;\n"
    remarks = review({"2.sql": text}, framework="psql", repository={"1.sql": history}).remarks
    (change,) = changes(review({"2.sql": text}, framework="psql", repository={"1.sql": history}))
    assert [str(remark.severity) for remark in remarks] == ["error"]
    assert change.after.splitlines()[1:] == [
        "ALTER TABLE t ADD CONSTRAINT t_a_not_null_check CHECK (a IS NOT NULL) NOT VALID, "
        "ADD CONSTRAINT t_b_not_null_check CHECK (b IS NOT NULL) NOT VALID;",
        "BEGIN;",
        "ALTER TABLE t VALIDATE CONSTRAINT t_a_not_null_check;",
        "ALTER TABLE t VALIDATE CONSTRAINT t_b_not_null_check;",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
        "ALTER TABLE t DROP CONSTRAINT t_a_not_null_check;",
        "ALTER TABLE t ALTER COLUMN b SET NOT NULL;",
        "ALTER TABLE t DROP CONSTRAINT t_b_not_null_check;",
        "COMMIT;",
        "ALTER TABLE t ADD CONSTRAINT i PRIMARY KEY USING INDEX i;",
    ]


PARTITIONED = "CREATE TABLE w (id int, a int) PARTITION BY RANGE (id);"
NAMED_KEYS = [
    "ALTER TABLE w ADD CONSTRAINT one_id UNIQUE (id);",
    "ALTER TABLE w ADD CONSTRAINT one_id PRIMARY KEY (id);",
    "ALTER TABLE w ADD CONSTRAINT one_id UNIQUE (id, a);",
]


@pytest.mark.parametrize("text", NAMED_KEYS)
def test_a_key_with_a_name_of_its_own_on_a_partitioned_table_has_no_concurrent_build(
    text: str,
) -> None:
    """An earlier migration tells that it is one; CREATE INDEX CONCURRENTLY would be refused."""
    (remark,) = review(
        {"V2__b.sql": text}, framework="flyway", repository={"V1__a.sql": PARTITIONED}
    ).remarks
    assert isinstance(remark.fix, NoFix)
    assert "is partitioned" in remark.fix.reason


HOLDS_A_NAME = "CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE INDEX one ON u (a);"
TAKEN = [
    "ALTER TABLE t ADD CONSTRAINT one UNIQUE (a);",
    "ALTER TABLE t ADD CONSTRAINT one PRIMARY KEY (a);",
    "ALTER TABLE t ADD COLUMN b int CONSTRAINT one UNIQUE;",
    "CREATE UNIQUE INDEX one ON t (a);",
]


@pytest.mark.parametrize("text", TAKEN)
def test_an_index_that_the_migrations_have_made_is_never_dropped_for_another(text: str) -> None:
    """The migration fails as it is, and so it does with the fix."""
    report = review({"2.sql": text}, framework="psql", repository={"1.sql": HOLDS_A_NAME})
    (change,) = changes(report)
    assert "CREATE UNIQUE INDEX CONCURRENTLY one ON t" in change.after
    assert "DROP INDEX" not in change.after
