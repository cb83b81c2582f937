"""No kind of statement passes unless it is known what it does, or that nobody waits for it."""

from __future__ import annotations

import pytest

from bot.postgres.locks import LockMode
from bot.sql.lowering import LOWERINGS
from bot.sql.lowering.harmless import HARMLESS
from bot.sql.tree import ast, parsed
from tests.servers.measure import measure
from tests.servers.server import Server

LOWERED_ELSEWHERE = {ast.CreateSchemaStmt, ast.ExplainStmt}
KINDS = sorted((name for name in dir(ast) if name.endswith("Stmt")), key=str)

GIVEN = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, x int REFERENCES p DEFERRABLE, y text);
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1, 'a');
CREATE INDEX ti ON t (x);
CREATE SEQUENCE sq OWNED BY t.x;
CREATE STATISTICS st ON id, x FROM t;
CREATE PUBLICATION pub;
CREATE TYPE comp AS (a int);
CREATE FUNCTION fn(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tg();
CREATE RULE r AS ON INSERT TO t WHERE false DO NOTHING;
CREATE POLICY pol ON t;
CREATE VIEW v AS SELECT * FROM t;
CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION ev();
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE USER MAPPING FOR public SERVER s;
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
CREATE COLLATION co FROM "C";
CREATE TEXT SEARCH CONFIGURATION tc (copy = simple);
CREATE TEXT SEARCH DICTIONARY td (template = simple);
CREATE EXTENSION dblink;
"""

EXAMPLES = """
ALTER DATABASE postgres SET work_mem = '1MB'
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public
ALTER EVENT TRIGGER et DISABLE
ALTER FOREIGN DATA WRAPPER w OPTIONS (ADD a 'b')
ALTER SERVER s OPTIONS (ADD a 'b')
ALTER FUNCTION fn(int) STABLE
ALTER FUNCTION fn(int) DEPENDS ON EXTENSION dblink
ALTER TRIGGER g ON t DEPENDS ON EXTENSION dblink
ALTER INDEX ti DEPENDS ON EXTENSION dblink
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int, int)
ALTER OPERATOR === (int, int) SET (RESTRICT = eqsel)
ALTER TYPE comp OWNER TO postgres
ALTER STATISTICS st OWNER TO postgres
ALTER SCHEMA public OWNER TO postgres
ALTER ROLE postgres SET work_mem = '1MB'
ALTER ROLE postgres SUPERUSER
ALTER TEXT SEARCH CONFIGURATION tc ALTER MAPPING REPLACE simple WITH simple
ALTER TEXT SEARCH DICTIONARY td (stopwords)
ALTER TABLESPACE pg_default SET (seq_page_cost = 1)
ALTER USER MAPPING FOR public SERVER s OPTIONS (ADD a 'b')
CHECKPOINT
CREATE TYPE c2 AS (a int)
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler
CREATE CAST (comp AS int) WITH INOUT
CREATE CONVERSION cv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1
CREATE EVENT TRIGGER eu ON ddl_command_end EXECUTE FUNCTION ev()
CREATE FOREIGN DATA WRAPPER w2
CREATE SERVER s2 FOREIGN DATA WRAPPER w
CREATE FUNCTION g() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t'
CREATE PROCEDURE g() LANGUAGE plpgsql AS 'BEGIN ALTER TABLE t ADD CHECK (x > 0); END'
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int)
CREATE OPERATOR FAMILY fam2 USING btree
CREATE TYPE r2 AS RANGE (subtype = int)
CREATE USER MAPPING FOR postgres SERVER s
CREATE AGGREGATE ag (int) (sfunc = int4pl, stype = int)
CREATE COLLATION co2 FROM "C"
CREATE TEXT SEARCH PARSER tp (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype)
DROP USER MAPPING FOR public SERVER s
DEALLOCATE ALL
LISTEN a
NOTIFY a
UNLISTEN a
LOAD 'plpgsql'
SHOW search_path
ALTER SEQUENCE sq RESTART
ALTER SEQUENCE sq OWNED BY t.id
ALTER SEQUENCE sq AS smallint
ALTER SEQUENCE sq RENAME TO sr
CREATE SEQUENCE s3 OWNED BY t.id
GRANT SELECT ON t TO public
REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM public
ALTER EXTENSION dblink ADD TABLE p
ALTER PUBLICATION pub ADD TABLE t
CREATE PUBLICATION q FOR TABLE t
CREATE PUBLICATION q FOR ALL TABLES
ALTER STATISTICS st SET STATISTICS 10
CREATE STATISTICS st2 ON x, y FROM t
COMMENT ON TABLE t IS 'a'
COMMENT ON COLUMN t.x IS 'a'
COMMENT ON INDEX ti IS 'a'
COMMENT ON TRIGGER g ON t IS 'a'
COMMENT ON POLICY pol ON t IS 'a'
COMMENT ON CONSTRAINT t_pkey ON t IS 'a'
COMMENT ON VIEW v IS 'a'
SET CONSTRAINTS ALL IMMEDIATE
CREATE EXTENSION file_fdw
ALTER EXTENSION dblink UPDATE
ALTER INDEX ti SET (fillfactor = 50)
ALTER INDEX ti RENAME TO tj
DROP STATISTICS st
DROP SEQUENCE sq
DROP FUNCTION fn(int)
DROP EXTENSION dblink
DROP SERVER s CASCADE
DROP OPERATOR === (int, int)
DROP COLLATION co
DROP PUBLICATION pub
DROP EVENT TRIGGER et
ALTER FUNCTION fn(int) RENAME TO gn
ALTER TYPE comp RENAME TO comq
ALTER TYPE comp ADD ATTRIBUTE b int
ALTER SCHEMA public RENAME TO private
""".strip().splitlines()

UNASKED = {
    ast.AlterCollationStmt: "only a collation of another version can be refreshed",
    ast.AlterDatabaseRefreshCollStmt: "PostgreSQL 14 has no such statement",
    ast.AlterSubscriptionStmt: "there is no other server",
    ast.AlterTypeStmt: "it takes functions in C",
    ast.ClosePortalStmt: "a cursor is declared before",
    ast.CreatePLangStmt: "nothing is left of the old form",
    ast.CreateRoleStmt: "roles are shared by all databases",
    ast.CreateTransformStmt: "it takes functions in C",
    ast.DropRoleStmt: "roles are shared by all databases",
    ast.DropSubscriptionStmt: "there is no other server",
    ast.FetchStmt: "a cursor is declared before",
    ast.GrantRoleStmt: "roles are shared by all databases",
    ast.SecLabelStmt: "no provider is loaded",
}
PARTS = "it is part of another statement"


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_statement_is_lowered_or_said_to_be_harmless(name: str) -> None:
    kind = getattr(ast, name)
    assert (kind in LOWERINGS or kind in LOWERED_ELSEWHERE) != (kind in HARMLESS)


def test_every_harmless_kind_has_an_example() -> None:
    asked = {type(parsed(example)[0].stmt) for example in EXAMPLES}
    parts = {kind for kind, reason in HARMLESS.items() if reason == PARTS}
    assert set(HARMLESS) - asked - parts == set(UNASKED)


@pytest.mark.parametrize("example", EXAMPLES)
def test_nobody_waits_for_what_is_harmless(example: str, server: Server) -> None:
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        (one,) = measure(connection, example)
    assert one.error is None
    assert not (one.scans or one.rewrites)
    assert not any(LockMode[mode.replace(" ", "_")].blocks for _, mode in one.locks)
