"""The simulation and five servers agree on what is asked of foreign tables, whose rows nobody reads."""

from __future__ import annotations

import pytest

from tests.differential import disagreements
from tests.reviewing import review
from tests.servers.measure import measure
from tests.servers.server import Server

WRAPPER = "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;"
ELSEWHERE = "SERVER s OPTIONS (filename '/nowhere')"
GIVEN = f"""
{WRAPPER}
CREATE DOMAIN d AS int;
CREATE FOREIGN TABLE f (a int, b varchar(10), c d) {ELSEWHERE};
CREATE FOREIGN TABLE loose (a int NOT NULL, b int) {ELSEWHERE};
CREATE TABLE p (a int PRIMARY KEY, b int);
CREATE FOREIGN TABLE below (a int NOT NULL, b int) INHERITS (p) {ELSEWHERE};
CREATE FOREIGN TABLE above (a int) {ELSEWHERE};
CREATE TABLE heir (a int) INHERITS (above);
CREATE TABLE part (a int, b int) PARTITION BY RANGE (a);
CREATE FOREIGN TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10) {ELSEWHERE};
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10) TO (20);
CREATE TABLE keyed (a int PRIMARY KEY) PARTITION BY RANGE (a);
CREATE TABLE linked (a int REFERENCES p) PARTITION BY RANGE (a);
INSERT INTO p VALUES (1, 1);
INSERT INTO heir VALUES (1);
INSERT INTO part VALUES (11, 1);
"""

SCRIPTS = [
    "ALTER FOREIGN TABLE f ADD CHECK (a > 0);",
    "ALTER TABLE f ADD CHECK (a > 0);",
    "ALTER FOREIGN TABLE f ADD CONSTRAINT k CHECK (a > 0) NOT VALID; ALTER FOREIGN TABLE f VALIDATE CONSTRAINT k;",
    "ALTER FOREIGN TABLE f ALTER a SET NOT NULL; ALTER FOREIGN TABLE f ALTER a DROP NOT NULL;",
    "ALTER FOREIGN TABLE f ADD COLUMN z int DEFAULT random(), ADD COLUMN y serial, ADD COLUMN x int CHECK (x > 0);",
    "ALTER FOREIGN TABLE f ADD COLUMN z int NOT NULL;",
    "ALTER FOREIGN TABLE f ALTER a TYPE bigint, ALTER b TYPE varchar(5);",
    "ALTER FOREIGN TABLE f ADD UNIQUE (a);",
    "ALTER FOREIGN TABLE f ADD COLUMN z int REFERENCES p;",
    "ALTER FOREIGN TABLE f ADD EXCLUDE (a WITH =);",
    "ALTER FOREIGN TABLE f OPTIONS (SET filename '/there'); ALTER FOREIGN TABLE f ALTER a SET STATISTICS 10;",
    "ALTER FOREIGN TABLE f DISABLE TRIGGER ALL; ALTER FOREIGN TABLE f DROP COLUMN b;",
    "ALTER FOREIGN TABLE f RENAME a TO z; ALTER FOREIGN TABLE f RENAME TO g; ALTER FOREIGN TABLE g ADD CHECK (z > 0);",
    "CREATE SCHEMA n; ALTER FOREIGN TABLE f SET SCHEMA n; ALTER TABLE n.f ADD CHECK (a > 0); DROP FOREIGN TABLE n.f;",
    "CREATE INDEX ON f (a);",
    "ALTER FOREIGN TABLE f SET TABLESPACE pg_default;",
    "ALTER FOREIGN TABLE f SET LOGGED;",
    "CLUSTER f;",
    "ALTER FOREIGN TABLE loose INHERIT p;",
    "ALTER TABLE p ADD CHECK (b > 0);",
    "ALTER TABLE p ALTER b SET NOT NULL;",
    "ALTER TABLE p ALTER b TYPE bigint, ADD COLUMN z int DEFAULT random();",
    "ALTER FOREIGN TABLE above ADD CHECK (a > 0);",
    "ALTER FOREIGN TABLE above ALTER a TYPE bigint;",
    "ALTER FOREIGN TABLE above ADD CONSTRAINT k CHECK (a > 0) NOT VALID; ALTER TABLE above VALIDATE CONSTRAINT k;",
    "ALTER TABLE part ADD CONSTRAINT k CHECK (a > 0) NOT VALID; ALTER TABLE part VALIDATE CONSTRAINT k;",
    "ALTER TABLE part ALTER b SET NOT NULL; CREATE INDEX ON part (b);",
    "CREATE UNIQUE INDEX ON part (a);",
    "ALTER TABLE part ADD UNIQUE (a);",
    "ALTER TABLE part ADD FOREIGN KEY (b) REFERENCES p;",
    "ALTER TABLE part ATTACH PARTITION loose FOR VALUES FROM (30) TO (40);",
    "ALTER TABLE linked ATTACH PARTITION loose FOR VALUES FROM (30) TO (40);",
    f"CREATE FOREIGN TABLE n PARTITION OF keyed FOR VALUES FROM (0) TO (10) {ELSEWHERE};",
    f"CREATE FOREIGN TABLE n PARTITION OF linked FOR VALUES FROM (0) TO (10) {ELSEWHERE};",
    f"CREATE FOREIGN TABLE n PARTITION OF part DEFAULT {ELSEWHERE}; CREATE TABLE m PARTITION OF part FOR VALUES FROM (60) TO (70);",
    f"CREATE FOREIGN TABLE n (a int CHECK (a > 0)) INHERITS (p) {ELSEWHERE}; ALTER TABLE n ADD CHECK (b > 0);",
    f"CREATE FOREIGN TABLE n (a int PRIMARY KEY) {ELSEWHERE};",
    "ALTER TABLE part DETACH PARTITION part1; ALTER TABLE part1 ADD CHECK (b > 0);",
    "ALTER DOMAIN d ADD CHECK (value > 0);",
    "DROP DOMAIN d CASCADE;",
    "CREATE TRIGGER g BEFORE UPDATE ON f FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();",
    "DROP FOREIGN TABLE f, above CASCADE;",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_simulation_agrees_on_foreign_tables(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


CHANGES = [
    "ADD CHECK (a > 0)",
    "ALTER a SET NOT NULL",
    "ADD COLUMN z int DEFAULT random()",
    "ADD COLUMN z int NOT NULL",
    "ALTER a TYPE text",
    "ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_reads_no_row_is_no_hazard(change: str, server: Server) -> None:
    """There is no such file, so the server would fail if it read one row."""
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        (count,) = measure(connection, "SELECT count(*) FROM f")
        assert count.error
        (one,) = measure(connection, f"ALTER FOREIGN TABLE f {change}")
        assert one.error is None
    assert not review({"1.sql": f"ALTER FOREIGN TABLE f {change};"}, framework="psql").remarks


@pytest.mark.parametrize(
    "before",
    [
        f"CREATE FOREIGN TABLE f (a int) {ELSEWHERE};",
        "IMPORT FOREIGN SCHEMA there LIMIT TO (f) FROM SERVER s INTO public;",
        "ALTER FOREIGN TABLE f OPTIONS (SET filename '/there');",
    ],
)
def test_earlier_migrations_tell_that_a_table_is_foreign(before: str) -> None:
    """Where they are read: what is not known to be foreign may be any table."""
    files = {"V2__b.sql": "ALTER TABLE f ADD CHECK (a > 0);\nALTER TABLE t ADD CHECK (a > 0);"}
    report = review(files, framework="flyway", repository={"V1__a.sql": before})
    assert [remark.finding.table.name for remark in report.remarks if remark.finding.table] == ["t"]


def test_the_lock_on_a_foreign_table_is_held_like_any_other() -> None:
    text = "BEGIN;\nALTER FOREIGN TABLE f ADD COLUMN z int;\nSELECT count(*) FROM t;\nCOMMIT;"
    (remark,) = review({"1.sql": text}, framework="psql").remarks
    assert remark.finding.message.startswith("Reads and writes of `f` wait")
