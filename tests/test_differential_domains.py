"""The simulation and five servers agree on which tables a domain locks and scans."""

from __future__ import annotations

import pytest

from tests.differential import disagreements
from tests.servers.server import Server

GIVEN = """
CREATE DOMAIN email AS text;
CREATE DOMAIN strict AS email CONSTRAINT strict_ok CHECK (VALUE <> '');
CREATE DOMAIN free AS text;
CREATE DOMAIN never AS int NOT NULL;
CREATE TABLE t (id int, e email);
CREATE TABLE st (id int, e strict);
CREATE TABLE fr (id int, e free);
CREATE TABLE gone (id int, e email);
DROP TABLE gone;
CREATE SCHEMA s;
CREATE TABLE s.u (e public.free, x int);
INSERT INTO t VALUES (1, 'a');
CREATE DOMAIN code AS int;
CREATE TABLE w (a int, c code) PARTITION BY RANGE (a);
CREATE TABLE w1 PARTITION OF w FOR VALUES FROM (0) TO (10);
CREATE TABLE w2 PARTITION OF w FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (a);
CREATE TABLE w21 PARTITION OF w2 DEFAULT;
CREATE TABLE h (c code);
CREATE TABLE h1 (x int) INHERITS (h);
INSERT INTO w VALUES (1, 1), (11, 1);
INSERT INTO h1 VALUES (1, 1);
"""

SCRIPTS = [
    "CREATE TABLE l (LIKE t); ALTER DOMAIN email ADD CHECK (VALUE <> '');",
    "CREATE TABLE l AS SELECT * FROM t; ALTER DOMAIN email ADD CHECK (VALUE <> '');",
    "CREATE TABLE l AS TABLE t WITH NO DATA; ALTER DOMAIN email ADD CHECK (VALUE <> '');",
    "CREATE TABLE l (LIKE t INCLUDING ALL); INSERT INTO l VALUES (1, 'a'); ALTER TABLE l ALTER id SET NOT NULL;",
    "ALTER DOMAIN email ADD CHECK (VALUE <> '');",
    "ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID; ALTER DOMAIN email VALIDATE CONSTRAINT c; ALTER DOMAIN email VALIDATE CONSTRAINT c;",
    "ALTER DOMAIN strict ADD CHECK (VALUE <> 'x');",
    "ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "ALTER DOMAIN free ADD CHECK (VALUE <> 'x');",
    "ALTER DOMAIN email SET NOT NULL; ALTER DOMAIN email SET NOT NULL; ALTER DOMAIN email DROP NOT NULL; ALTER DOMAIN email SET NOT NULL;",
    "ALTER DOMAIN email ADD CHECK (VALUE IS NOT NULL); ALTER DOMAIN email SET NOT NULL;",
    "ALTER DOMAIN never SET NOT NULL; CREATE TABLE n (a never); ALTER DOMAIN never SET NOT NULL;",
    "BEGIN; ALTER DOMAIN email SET NOT NULL; ROLLBACK; ALTER DOMAIN email SET NOT NULL;",
    "ALTER DOMAIN strict DROP CONSTRAINT strict_ok; ALTER DOMAIN strict SET DEFAULT 'a'; ALTER DOMAIN strict DROP DEFAULT;",
    "ALTER DOMAIN strict RENAME CONSTRAINT strict_ok TO ok; ALTER DOMAIN strict RENAME TO narrow; ALTER DOMAIN narrow VALIDATE CONSTRAINT ok;",
    "ALTER DOMAIN strict SET SCHEMA s; ALTER DOMAIN s.strict VALIDATE CONSTRAINT strict_ok;",
    "ALTER TYPE email RENAME TO mail; ALTER DOMAIN mail SET NOT NULL;",
    "DROP DOMAIN strict CASCADE; ALTER DOMAIN email SET NOT NULL;",
    "DROP TYPE email CASCADE;",
    "ALTER TABLE fr ADD COLUMN f email; ALTER DOMAIN email ADD CHECK (VALUE <> '');",
    "BEGIN; ALTER TABLE fr ADD COLUMN f email; ROLLBACK; ALTER DOMAIN email ADD CHECK (VALUE <> '');",
    "ALTER TABLE st RENAME TO su; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "DROP TABLE st; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "ALTER TABLE st DROP COLUMN e; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "ALTER TABLE st ALTER COLUMN e TYPE text; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "CREATE DOMAIN positive AS int DEFAULT 1 NOT NULL CHECK (VALUE > 0); CREATE TABLE n (a positive); ALTER DOMAIN positive ADD CHECK (VALUE < 10); ALTER DOMAIN positive SET NOT NULL;",
    "CREATE TABLE n (a strict[]); ALTER DOMAIN strict ADD CHECK (VALUE <> 'x');",
    "CREATE TABLE n (a strict[]); ALTER DOMAIN email SET NOT NULL;",
    "CREATE TABLE n (a strict[]); ALTER DOMAIN strict ADD CHECK (VALUE <> 'x') NOT VALID;",
    "ALTER TABLE fr ADD COLUMN f strict; ALTER TABLE fr ADD COLUMN g strict[]; ALTER TABLE fr ADD COLUMN h email;",
    "ALTER DOMAIN email ADD CHECK (VALUE <> '') NOT VALID; CREATE DOMAIN derived AS email; ALTER TABLE fr ADD COLUMN f derived;",
    "ALTER DOMAIN strict DROP CONSTRAINT strict_ok; ALTER TABLE fr ADD COLUMN f strict;",
    "CREATE TABLE n (a int); ALTER TABLE n ADD COLUMN z never DEFAULT 1;",
    "ALTER TABLE t ADD COLUMN f strict DEFAULT lower('A'); ALTER TABLE t ADD COLUMN g strict DEFAULT random()::text;",
    "ALTER TABLE fr ALTER COLUMN e TYPE strict; ALTER DOMAIN strict ADD CHECK (VALUE <> 'x'); ALTER DOMAIN free ADD CHECK (VALUE <> 'x');",
    "ALTER TABLE st ALTER COLUMN e TYPE strict; ALTER TABLE st ALTER COLUMN e TYPE text; ALTER TABLE st ALTER COLUMN e TYPE strict USING e::strict;",
    "ALTER TABLE st ALTER COLUMN e TYPE strict USING e::text::strict; ALTER TABLE st ALTER COLUMN e TYPE strict USING e::strict;",
    "ALTER TABLE s.u ALTER COLUMN x TYPE never; ALTER TABLE s.u ALTER COLUMN x TYPE public.never;",
    "ALTER TABLE st RENAME COLUMN e TO f; ALTER TABLE st ADD COLUMN e int; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "ALTER TABLE st DROP COLUMN e, ADD COLUMN e text; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "BEGIN; ALTER TABLE st DROP COLUMN e; ROLLBACK; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "ALTER DOMAIN strict RENAME TO narrow; ALTER TABLE fr ADD COLUMN f narrow; ALTER DOMAIN narrow VALIDATE CONSTRAINT strict_ok;",
    "ALTER DOMAIN code ADD CHECK (VALUE > 0); ALTER DOMAIN code SET NOT NULL;",
    "ALTER TABLE w ADD COLUMN d strict; ALTER DOMAIN strict ADD CHECK (VALUE <> 'x'); ALTER TABLE h ADD COLUMN d strict;",
    "ALTER TABLE w DROP COLUMN c; ALTER DOMAIN code ADD CHECK (VALUE > 0);",
    "ALTER TABLE h ALTER COLUMN c TYPE never; ALTER DOMAIN code ADD CHECK (VALUE > 0); ALTER DOMAIN never ADD CHECK (VALUE > 0);",
    "DROP DOMAIN code CASCADE;",
    "SET search_path = s, public; ALTER TABLE u ADD COLUMN f strict; ALTER DOMAIN strict VALIDATE CONSTRAINT strict_ok;",
    "BEGIN; ALTER DOMAIN strict SET NOT NULL; ALTER TABLE t ADD COLUMN z int; COMMIT;",
]

SINCE_17 = [
    "ALTER DOMAIN email ADD NOT NULL; ALTER DOMAIN email ADD CONSTRAINT n NOT NULL;",
    "ALTER DOMAIN email ADD CONSTRAINT n NOT NULL; ALTER DOMAIN email DROP CONSTRAINT n; ALTER DOMAIN email SET NOT NULL;",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_domain_locks_and_scans_what_the_server_says(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


@pytest.mark.postgres(17, 18)
@pytest.mark.parametrize("script", SINCE_17)
def test_not_null_of_a_domain_is_a_constraint_since_17(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


@pytest.mark.postgres(14, 15, 16)
def test_not_null_of_a_domain_is_not_added_before_17(server: Server) -> None:
    assert not disagreements(server, GIVEN, "ALTER DOMAIN email ADD NOT NULL;")
