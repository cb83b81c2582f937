"""The simulation and five servers agree on what every statement locks and scans."""

from __future__ import annotations

import pytest

from tests.differential import disagreements
from tests.servers.server import Server

GIVEN = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, x int, y int);
CREATE TABLE u (x int CONSTRAINT u_positive CHECK (x > 0));
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1, 1);
INSERT INTO u VALUES (1);
"""

SCRIPTS = [
    "ALTER TABLE t ADD CHECK (x > 0);",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c;",
    "BEGIN; ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; COMMIT;",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID, VALIDATE CONSTRAINT c;",
    "ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p;",
    "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT f;",
    "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES t (id);",
    "ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p; ALTER TABLE t DROP CONSTRAINT t_x_fkey;",
    "ALTER TABLE u VALIDATE CONSTRAINT u_positive;",
    "ALTER TABLE u DROP CONSTRAINT u_positive;",
    "BEGIN; ALTER TABLE t ADD COLUMN z int; ALTER TABLE u VALIDATE CONSTRAINT u_positive; ROLLBACK;",
    "BEGIN; LOCK TABLE t IN SHARE MODE; ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p; COMMIT;",
    "BEGIN; SAVEPOINT s; ALTER TABLE t ADD COLUMN z int; ROLLBACK TO s; ALTER TABLE t ADD COLUMN z int; COMMIT;",
    "ALTER TABLE t ADD COLUMN z int REFERENCES p;",
    "ALTER TABLE t ADD COLUMN z int DEFAULT 1 REFERENCES p;",
    "ALTER TABLE t ADD COLUMN z int CHECK (z > 0);",
    "ALTER TABLE t ADD COLUMN z int NOT NULL DEFAULT 1;",
    "ALTER TABLE t ADD UNIQUE (x);",
    "ALTER TABLE u ADD PRIMARY KEY (x);",
    "CREATE INDEX ON t (x);",
    "CREATE INDEX CONCURRENTLY ON t (x);",
    "CREATE TABLE n (a int REFERENCES p, b int REFERENCES t);",
    "CREATE TABLE n (a int REFERENCES n, PRIMARY KEY (a));",
    "INSERT INTO t VALUES (2, 2, 2); UPDATE t SET x = 1; DELETE FROM t;",
    "ALTER TABLE t ALTER COLUMN x SET STATISTICS 10;",
    "ALTER TABLE t DISABLE TRIGGER ALL;",
    "DROP TABLE u;",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_simulation_agrees_with_the_server(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)
