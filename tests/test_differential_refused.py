"""The simulation refuses what a server of its version refuses, and nothing else."""

from __future__ import annotations

import pytest

from bot.settings import Settings, with_version
from tests.differential import disagreements
from tests.reviewing import review
from tests.servers.measure import measure
from tests.servers.server import Server

GIVEN = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, x int, y int NOT NULL);
CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1) STORED);
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1, 1);
CREATE TABLE s (id int4range, during int4range);
CREATE TABLE r (id int4range, during int4range);
CREATE TABLE m (a text);
CREATE TABLE parts (a int) PARTITION BY RANGE (a);
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p;
ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);
ALTER TABLE t ADD CONSTRAINT u UNIQUE (x);
CREATE TABLE q (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (100);
INSERT INTO q VALUES (1);
CREATE TABLE w (a int, x int) PARTITION BY RANGE (a);
CREATE TABLE w1 PARTITION OF w FOR VALUES FROM (0) TO (10);
CREATE TABLE w2 PARTITION OF w FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (a);
CREATE TABLE w21 PARTITION OF w2 DEFAULT;
INSERT INTO w VALUES (1, 1), (11, 1);
ALTER TABLE w ADD CONSTRAINT wf FOREIGN KEY (x) REFERENCES p;
CREATE TABLE rq (x int);
INSERT INTO rq VALUES (1);
ALTER TABLE rq ADD CONSTRAINT qf FOREIGN KEY (x) REFERENCES q;
"""

SCRIPTS = [
    "ALTER TABLE t ADD CONSTRAINT n NOT NULL x;",
    "ALTER TABLE t ADD NOT NULL x NOT VALID;",
    "ALTER TABLE t ADD NOT NULL x NO INHERIT;",
    "ALTER TABLE t ADD COLUMN z int DEFAULT 1 NOT NULL NO INHERIT;",
    "ALTER TABLE t ADD CHECK (x > 0) NOT ENFORCED;",
    "ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p NOT ENFORCED;",
    "ALTER TABLE t ADD COLUMN z int CHECK (z > 0) NOT ENFORCED;",
    "ALTER TABLE t ADD COLUMN z int REFERENCES p ENFORCED;",
    "CREATE TABLE n (x int CHECK (x > 0) NOT ENFORCED);",
    "CREATE TABLE n (x int, NOT NULL x);",
    "CREATE TABLE n (x int NOT NULL NO INHERIT);",
    "ALTER TABLE s ADD PRIMARY KEY (id, during WITHOUT OVERLAPS);",
    "ALTER TABLE s ADD UNIQUE (id, during WITHOUT OVERLAPS);",
    "CREATE TABLE n (id int4range, r int4range, UNIQUE (id, r WITHOUT OVERLAPS));",
    "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (x);",
    "ALTER TABLE t ADD COLUMN z int UNIQUE NULLS NOT DISTINCT;",
    "CREATE TABLE n (x int UNIQUE NULLS NOT DISTINCT);",
    "CREATE UNIQUE INDEX ON t (x) NULLS NOT DISTINCT;",
    "CREATE UNIQUE INDEX ON t (x) NULLS DISTINCT;",
    "ALTER TABLE t ADD UNIQUE nulls /* all */ distinct (x);",
    "ALTER TABLE t ADD COLUMN z int UNIQUE NULLS DISTINCT;",
    "CREATE TABLE n (x int, UNIQUE NULLS DISTINCT (x));",
    "CREATE INDEX ON t (x) WHERE x IS DISTINCT FROM 1;",
    "CREATE INDEX ON t (x NULLS FIRST);",
    "CREATE TABLE n (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL);",
    "CREATE TABLE n (a int, b int GENERATED ALWAYS AS (a + 1));",
    "CREATE TABLE n (a text STORAGE EXTERNAL);",
    "ALTER TABLE t SET ACCESS METHOD heap;",
    "ALTER TABLE t SET ACCESS METHOD DEFAULT;",
    "ALTER TABLE m ALTER a SET STORAGE DEFAULT;",
    "ALTER TABLE t ALTER x SET STATISTICS DEFAULT;",
    "CREATE DATABASE d; DROP DATABASE d;",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0) NOT ENFORCED;",
    "ALTER TABLE parts ADD FOREIGN KEY (a) REFERENCES p NOT VALID;",
    "ALTER TABLE t ALTER CONSTRAINT f DEFERRABLE;",
    "ALTER TABLE w ALTER CONSTRAINT wf DEFERRABLE;",
    "ALTER TABLE ONLY w ALTER CONSTRAINT wf DEFERRABLE;",
    "ALTER TABLE w ALTER CONSTRAINT wf NOT ENFORCED; ALTER TABLE w ALTER CONSTRAINT wf ENFORCED;",
    "ALTER TABLE rq ALTER CONSTRAINT qf NOT ENFORCED; ALTER TABLE rq ALTER CONSTRAINT qf ENFORCED;",
    "ALTER TABLE rq ALTER CONSTRAINT qf DEFERRABLE;",
    "ALTER TABLE w1 ALTER CONSTRAINT wf DEFERRABLE;",
    "ALTER TABLE w1 ALTER CONSTRAINT wf NOT ENFORCED;",
    "ALTER TABLE w ADD CONSTRAINT k CHECK (x > 0); ALTER TABLE w1 DROP CONSTRAINT k; ALTER TABLE w DROP CONSTRAINT k; ALTER TABLE w1 ADD CONSTRAINT k CHECK (x > 0); ALTER TABLE w ADD CONSTRAINT k CHECK (x > 0);",
    "ALTER TABLE w1 ADD CONSTRAINT k CHECK (x > 0); ALTER TABLE w1 DROP CONSTRAINT k; ALTER TABLE w ADD CONSTRAINT k CHECK (x > 0); ALTER TABLE w1 VALIDATE CONSTRAINT k;",
    "ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD COLUMN z int CONSTRAINT c CHECK (z > 0); ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t DROP CONSTRAINT c;",
    "ALTER TABLE w ADD EXCLUDE USING btree (a WITH =);",
    "ALTER TABLE t ALTER CONSTRAINT f NOT ENFORCED; ALTER TABLE t ALTER CONSTRAINT f ENFORCED;",
    "ALTER TABLE t ALTER CONSTRAINT f ENFORCED;",
    "ALTER TABLE t ALTER CONSTRAINT f NOT ENFORCED; ALTER TABLE t ALTER CONSTRAINT f DEFERRABLE;",
    "ALTER TABLE t ADD CONSTRAINT h FOREIGN KEY (x) REFERENCES p NOT VALID; ALTER TABLE t ALTER CONSTRAINT h ENFORCED;",
    "BEGIN; ALTER TABLE t ALTER CONSTRAINT f INITIALLY DEFERRED; COMMIT;",
    "ALTER TABLE t ALTER CONSTRAINT c ENFORCED;",
    "ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE;",
    "ALTER TABLE t ALTER CONSTRAINT u DEFERRABLE;",
    "ALTER TABLE t ALTER CONSTRAINT c NO INHERIT;",
    "ALTER TABLE t ADD CHECK (x > 0) NO INHERIT;",
]
SINCE_18 = [
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0) NOT ENFORCED; ALTER TABLE t VALIDATE CONSTRAINT h;",
    "ALTER TABLE t ADD CONSTRAINT h FOREIGN KEY (x) REFERENCES p NOT ENFORCED; ALTER TABLE t VALIDATE CONSTRAINT h;",
    "ALTER TABLE t ALTER CONSTRAINT f NOT ENFORCED; ALTER TABLE t VALIDATE CONSTRAINT f;",
    "ALTER TABLE t ALTER CONSTRAINT f NOT ENFORCED; ALTER TABLE t DROP CONSTRAINT f, ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT f;",
    "ALTER TABLE t ADD CONSTRAINT n NOT NULL x; ALTER TABLE t ALTER CONSTRAINT n NO INHERIT;",
    "ALTER TABLE t ADD CONSTRAINT n NOT NULL x; ALTER TABLE t ALTER x DROP NOT NULL; ALTER TABLE t ADD CONSTRAINT n NOT NULL x;",
    "ALTER TABLE w ADD CONSTRAINT e FOREIGN KEY (x) REFERENCES q NOT ENFORCED; ALTER TABLE w ALTER CONSTRAINT e ENFORCED;",
    "ALTER TABLE t ADD CONSTRAINT h FOREIGN KEY (x) REFERENCES t NOT ENFORCED; ALTER TABLE t ALTER CONSTRAINT h ENFORCED;",
]
CONTRADICTIONS = [
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE t ADD CONSTRAINT h CHECK (y > 0);",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE m ADD CONSTRAINT h CHECK (a > '');",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0) NOT VALID; ALTER TABLE t DROP CONSTRAINT h; ALTER TABLE t VALIDATE CONSTRAINT h;",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE t DROP CONSTRAINT h; ALTER TABLE t DROP CONSTRAINT h;",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE t DROP CONSTRAINT h; ALTER TABLE t DROP CONSTRAINT IF EXISTS h;",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE t DROP CONSTRAINT h, ADD CONSTRAINT h CHECK (y > 0);",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE t ADD CONSTRAINT i CHECK (y > 0), DROP CONSTRAINT h;",
    "BEGIN; ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ROLLBACK; ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0);",
    "BEGIN; ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); SAVEPOINT s; ALTER TABLE t DROP CONSTRAINT h; ROLLBACK TO s; ALTER TABLE t DROP CONSTRAINT h; COMMIT;",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (y > 0); ALTER TABLE t DROP COLUMN y; ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0);",
    "ALTER TABLE t ADD CONSTRAINT h CHECK (x > 0); ALTER TABLE t RENAME CONSTRAINT h TO i; ALTER TABLE t ADD CONSTRAINT h CHECK (y > 0);",
    "ALTER TABLE t VALIDATE CONSTRAINT u;",
    "CREATE INDEX CONCURRENTLY ON parts (a);",
    "CREATE INDEX CONCURRENTLY ON ONLY parts (a);",
]
TEMPORAL = [
    "ALTER TABLE r ADD FOREIGN KEY (id, PERIOD during) REFERENCES s (id, PERIOD during);",
    "ALTER TABLE r ADD FOREIGN KEY (id, PERIOD during) REFERENCES s (id, PERIOD during) NOT VALID; ALTER TABLE r VALIDATE CONSTRAINT r_id_during_fkey;",
    "ALTER TABLE r ADD FOREIGN KEY (id, PERIOD during) REFERENCES s (id, PERIOD during) NOT ENFORCED; ALTER TABLE r ALTER CONSTRAINT r_id_during_fkey ENFORCED;",
    "ALTER TABLE r ADD UNIQUE (id, during WITHOUT OVERLAPS); ALTER TABLE r DROP CONSTRAINT r_id_during_key;",
    "ALTER TABLE r ADD PRIMARY KEY (id, during WITHOUT OVERLAPS); ALTER TABLE r ALTER id SET NOT NULL;",
    "CREATE TABLE n (id int4range, during int4range, FOREIGN KEY (id, PERIOD during) REFERENCES s (id, PERIOD during));",
]
OF_KEYS = [
    "ALTER TABLE t ADD PRIMARY KEY (x);",
    "ALTER TABLE t ADD COLUMN z serial PRIMARY KEY;",
    "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (y);",
    "ALTER TABLE t ALTER id DROP NOT NULL;",
    "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ALTER id DROP NOT NULL;",
    "ALTER TABLE t DROP CONSTRAINT t_pkey, ALTER id DROP NOT NULL;",
    "CREATE UNIQUE INDEX i ON m (a); ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX i;",
    "CREATE INDEX i ON t (y); ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX i;",
    "CREATE UNIQUE INDEX i ON t (y) WHERE x > 0; ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX i;",
    "CREATE UNIQUE INDEX i ON t (y DESC); ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX i;",
    "CREATE UNIQUE INDEX i ON t ((y + 1)); ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX i;",
    "CREATE UNIQUE INDEX i ON t (y) INCLUDE (x) WITH (fillfactor = 70); ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX i DEFERRABLE;",
    "ALTER TABLE t ADD CONSTRAINT h UNIQUE USING INDEX u;",
    "CREATE UNIQUE INDEX i ON parts (a); ALTER TABLE parts ADD CONSTRAINT h UNIQUE USING INDEX i;",
    "ALTER TABLE w ADD UNIQUE (x);",
    "ALTER TABLE w ADD UNIQUE (x, a);",
    "ALTER TABLE ONLY w ADD UNIQUE (x);",
    "ALTER TABLE w ADD PRIMARY KEY (x);",
    "ALTER TABLE w ADD COLUMN z int UNIQUE;",
    "CREATE UNIQUE INDEX ON w (x);",
    "CREATE INDEX ON w (x);",
    "CREATE UNIQUE INDEX ON w1 (x);",
    "ALTER TABLE w1 ADD COLUMN z int;",
    "ALTER TABLE w1 ADD COLUMN IF NOT EXISTS x int;",
    "ALTER TABLE w1 DROP COLUMN x;",
    "ALTER TABLE w1 RENAME COLUMN x TO z;",
    "CREATE TABLE c () INHERITS (t); ALTER TABLE c DROP COLUMN x; ALTER TABLE c ADD COLUMN z int; ALTER TABLE c DROP COLUMN z;",
    "CREATE TABLE c () INHERITS (t); ALTER TABLE c RENAME COLUMN x TO z;",
    "ALTER TABLE p SET UNLOGGED;",
    "CREATE VIEW v AS SELECT 1 AS a; ALTER TABLE v ADD PRIMARY KEY (a);",
    "CREATE VIEW v AS SELECT 1 AS a; ALTER TABLE v DROP CONSTRAINT IF EXISTS h;",
    "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; ALTER TABLE v ADD CHECK (a > 0);",
    "ALTER TABLE t SET UNLOGGED; ALTER TABLE p SET UNLOGGED; ALTER TABLE t SET LOGGED; ALTER TABLE p SET LOGGED;",
]
OLDER = [
    (15, "MERGE INTO t USING p ON t.id = p.id WHEN MATCHED THEN UPDATE SET x = 2;"),
    (17, "MERGE INTO t USING p ON t.id = p.id WHEN NOT MATCHED BY SOURCE THEN DELETE;"),
    (17, "MERGE INTO t USING p ON true WHEN MATCHED THEN DELETE RETURNING t.id;"),
    (17, "ALTER TABLE g ALTER COLUMN b SET EXPRESSION AS (a + 2);"),
    (18, "ALTER TABLE t ADD COLUMN z int GENERATED ALWAYS AS (x + 1) VIRTUAL;"),
    (18, "ALTER TABLE t ALTER CONSTRAINT n INHERIT;"),
    (16, "REINDEX DATABASE;"),
    (18, "VACUUM ONLY t;"),
    (18, "BEGIN; ANALYZE p, ONLY t; COMMIT;"),
    (17, "ALTER TABLE parts ADD CONSTRAINT h EXCLUDE (a WITH =);"),
]

IN_A_TRANSACTION = [
    "CREATE DATABASE d;",
    "DROP DATABASE IF EXISTS d;",
    "ALTER DATABASE postgres SET TABLESPACE pg_default;",
    "ALTER SYSTEM SET work_mem = '4MB';",
    "CREATE TABLESPACE d LOCATION '/nowhere';",
    "DROP TABLESPACE IF EXISTS d;",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p;",
    "DISCARD ALL;",
    "REINDEX SCHEMA public;",
    "REINDEX DATABASE postgres;",
    "COMMIT PREPARED 'x';",
    "CREATE INDEX CONCURRENTLY ON t (x);",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_form_is_refused_by_the_servers_that_do_not_know_it(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


@pytest.mark.postgres(18)
@pytest.mark.parametrize("script", SINCE_18)
def test_what_is_not_enforced_is_never_validated(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


@pytest.mark.parametrize("script", CONTRADICTIONS)
def test_what_contradicts_the_change_itself_is_refused(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


@pytest.mark.parametrize("script", OF_KEYS)
def test_a_key_goes_with_its_table_and_its_index(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


CAUGHT = [
    "IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 't_pkey') THEN {} END IF;",
    "BEGIN {} EXCEPTION WHEN OTHERS THEN NULL; END;",
]
REFUSED = [
    "ALTER TABLE t ADD PRIMARY KEY (x);",
    "ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE;",
]


@pytest.mark.parametrize("form", CAUGHT)
@pytest.mark.parametrize("statement", REFUSED)
def test_nothing_is_refused_where_a_block_decides_or_catches_it(form: str, statement: str) -> None:
    text = f"DO $$ BEGIN {form.format(statement)} END $$;"
    told = review({"2.sql": text}, framework="psql", repository={"1.sql": GIVEN}).remarks
    assert "refused-by-postgresql" not in {remark.finding.rule for remark in told}


UNREAD = [
    "${drop};",
    "SELECT drop_everything();",
    "DO $$ DECLARE n text := key_of('t'); BEGIN EXECUTE 'ALTER TABLE t DROP CONSTRAINT ' || n; END $$;",
]


@pytest.mark.parametrize("unread", UNREAD)
def test_nothing_contradicts_what_could_not_be_read(unread: str) -> None:
    added = "ALTER TABLE t ADD CONSTRAINT k CHECK (x > 0); ALTER TABLE t ADD PRIMARY KEY (x);"
    given = "CREATE TABLE t (id int, x int);"
    told = review(
        {"2.sql": f"{added} {unread} {added}"}, framework="psql", repository={"1.sql": given}
    ).remarks
    assert "refused-by-postgresql" not in {remark.finding.rule for remark in told}


@pytest.mark.postgres(18)
@pytest.mark.parametrize("script", TEMPORAL)
def test_keys_of_periods_are_keys(script: str, server: Server) -> None:
    key = "ALTER TABLE s ADD PRIMARY KEY (id, during WITHOUT OVERLAPS);"
    assert not disagreements(server, GIVEN + key, script)


@pytest.mark.parametrize(("since", "script"), OLDER)
def test_an_older_server_does_not_know_it(since: int, script: str, server: Server) -> None:
    if server.version < since:
        assert not disagreements(server, GIVEN, script)


OF_ENUMS = [
    "ALTER TYPE mood ADD VALUE 'happy'; UPDATE m SET a = 'happy';",
    "ALTER TYPE mood ADD VALUE 'happy'; SELECT 'happy'::mood;",
    "ALTER TYPE mood ADD VALUE 'it''s'; SELECT 'it''s'::mood;",
    "ALTER TYPE mood ADD VALUE 'happy'; CREATE TABLE n (m mood DEFAULT 'happy');",
    "ALTER TYPE mood ADD VALUE 'happy'; ALTER TYPE mood ADD VALUE 'glad' AFTER 'happy';",
    "ALTER TYPE mood ADD VALUE 'happy'; ALTER TYPE mood RENAME VALUE 'happy' TO 'merry';",
    "SAVEPOINT s; ALTER TYPE mood ADD VALUE 'happy'; ROLLBACK TO s; SELECT 'happy';",
    "ALTER TYPE mood ADD VALUE 'happy'; COMMIT; SELECT 'happy'::mood;",
    "CREATE TYPE n AS ENUM ('a'); SELECT 'a'::n;",
    "CREATE TYPE n AS ENUM ('a'); ALTER TYPE n ADD VALUE 'b'; SELECT 'b'::n;",
    "ALTER TYPE mood RENAME TO moods; ALTER TYPE moods ADD VALUE 'b'; SELECT 'b'::moods;",
]


@pytest.mark.parametrize("script", OF_ENUMS)
def test_a_new_value_of_an_enum_waits_for_the_commit(script: str, server: Server) -> None:
    given = GIVEN + "CREATE TYPE mood AS ENUM ('sad'); ALTER TABLE m ALTER a TYPE mood USING 'sad';"
    settings = with_version(Settings(), server.version)
    report = review({"1.sql": f"BEGIN; {script}"}, framework="psql", settings=settings)
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        refused = any(one.error for one in measure(connection, f"BEGIN; {script}"))
    told = {remark.finding.rule for remark in report.remarks}
    assert ("enum-value-used-before-commit" in told) == refused


NEVER_TAKEN = [
    ("ALTER TABLE t ADD UNIQUE (x) NOT VALID", "NOT VALID"),
    ("ALTER TABLE t ADD PRIMARY KEY (x) not  valid", "not  valid"),
    ("ALTER TABLE t ADD COLUMN é int, ADD EXCLUDE (x WITH =) NOT VALID", "NOT VALID"),
    ("ALTER TABLE t ADD CHECK (x > 0) DEFERRABLE", "DEFERRABLE"),
    ("ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p NO INHERIT", "NO INHERIT"),
    ("CREATE TABLE n (a int, UNIQUE (a) NOT VALID)", "NOT VALID"),
]


@pytest.mark.parametrize(("statement", "words"), NEVER_TAKEN)
def test_what_no_version_takes_is_found_where_it_stands(
    statement: str, words: str, server: Server
) -> None:
    settings = with_version(Settings(), server.version)
    (remark,) = review({"1.sql": f"{statement};"}, framework="psql", settings=settings).remarks
    assert remark.finding.rule == "refused-by-postgresql"
    assert remark.finding.source[remark.finding.span] == words
    assert not disagreements(server, GIVEN, statement)


def test_in_a_block_what_no_version_takes_is_not_passed_over() -> None:
    text = "DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD UNIQUE (x) NOT VALID'; END $$;"
    assert review({"1.sql": text}, framework="psql").unreadable
    text = "DO $$ BEGIN ALTER TABLE t ADD UNIQUE (x) NOT VALID; END $$;"
    assert review({"1.sql": text}, framework="psql").unreadable


@pytest.mark.parametrize("statement", IN_A_TRANSACTION)
def test_no_transaction_holds_it(statement: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, f"BEGIN; {statement} ROLLBACK;")
