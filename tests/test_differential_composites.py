"""The simulation and five servers agree on what reaches tables that a statement does not name."""

from __future__ import annotations

import pytest

from tests.differential import disagreements
from tests.reviewing import review
from tests.servers.server import Server

GIVEN = """
CREATE TYPE pair AS (a int, b int);
CREATE TABLE first OF pair;
CREATE TABLE second OF pair (CHECK (a > 0));
CREATE TABLE below () INHERITS (second);
CREATE TYPE used AS (a int);
CREATE TABLE uses (u used);
CREATE TABLE fits (a int, b int);
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (x int PRIMARY KEY REFERENCES p);
CREATE TABLE g (x int REFERENCES c);
CREATE SCHEMA sc;
CREATE TABLE sc.a (x int REFERENCES p);
CREATE TABLE sc.b (x int);
CREATE TABLE t (x int);
INSERT INTO first VALUES (1, 1);
INSERT INTO fits VALUES (1, 1);
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1);
INSERT INTO t VALUES (1);
"""

SCRIPTS = [
    "ALTER TYPE pair ALTER ATTRIBUTE b TYPE bigint CASCADE;",
    "ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint CASCADE, ADD ATTRIBUTE z int CASCADE;",
    "ALTER TYPE pair ADD ATTRIBUTE z int CASCADE, DROP ATTRIBUTE b CASCADE;",
    "ALTER TYPE pair RENAME ATTRIBUTE b TO z CASCADE;",
    "ALTER TYPE pair ADD ATTRIBUTE z int;",
    "ALTER TYPE pair RENAME ATTRIBUTE b TO z;",
    "ALTER TYPE pair RENAME TO two; ALTER TYPE two ADD ATTRIBUTE z int CASCADE;",
    "ALTER TYPE pair SET SCHEMA sc; ALTER TYPE sc.pair ADD ATTRIBUTE z int CASCADE;",
    "ALTER TABLE first NOT OF; ALTER TYPE pair DROP ATTRIBUTE b CASCADE;",
    "ALTER TABLE fits OF pair; ALTER TYPE pair ALTER ATTRIBUTE b TYPE bigint CASCADE;",
    "ALTER TYPE used ADD ATTRIBUTE z int; ALTER TYPE used ALTER ATTRIBUTE a TYPE bigint;",
    "BEGIN; CREATE TYPE new AS (a int); CREATE TABLE n OF new; ALTER TYPE new ADD ATTRIBUTE z int CASCADE; COMMIT;",
    "DROP TYPE pair CASCADE;",
    "TRUNCATE p CASCADE; ALTER TABLE c ADD CHECK (x > 0);",
    "DROP SCHEMA sc CASCADE;",
    "CREATE SCHEMA s CREATE TABLE t (x int) CREATE INDEX ON t (x);",
    "CREATE SCHEMA s CREATE TABLE t (x int) CREATE VIEW v AS SELECT * FROM t;",
    "CREATE SCHEMA s CREATE TABLE p (id int PRIMARY KEY) CREATE TABLE n (a int REFERENCES p);",
    "ALTER SCHEMA sc RENAME TO s; ALTER TABLE s.a ADD CHECK (x > 0); ALTER TABLE s.a DROP CONSTRAINT a_x_fkey;",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_simulation_agrees_on_what_reaches_other_tables(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


def messages(text: str) -> list[str]:
    return [remark.finding.message for remark in review({"1.sql": text}, framework="psql").remarks]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "ALTER TYPE far ALTER ATTRIBUTE a TYPE varchar(5) CASCADE;",
            "Reads and writes of every table of type `far` wait until all of its rows are rewritten,"
            " unless `a` is a `varchar` of at most 5 characters already.",
        ),
        (
            "ALTER INDEX ti SET TABLESPACE fast;",
            "Reads and writes of its table wait until the index `ti` is copied, unless it lies there"
            " already.",
        ),
        (
            "CREATE INDEX CONCURRENTLY ti ON t (x); ALTER INDEX ti SET TABLESPACE fast;",
            "Reads and writes of `t` wait until the index `ti` is copied, unless it lies there"
            " already.",
        ),
        (
            "ALTER TABLE ALL IN TABLESPACE slow SET TABLESPACE fast;",
            "Reads and writes of each table in the tablespace wait until every row of it is"
            " rewritten.",
        ),
        (
            "ALTER INDEX ALL IN TABLESPACE slow SET TABLESPACE fast;",
            "Reads and writes of each table with an index in the tablespace wait until it is copied.",
        ),
        (
            "REINDEX DATABASE production;",
            "Reads and writes of one table after the other wait until every index of it is built anew from its rows.",
        ),
    ],
)
def test_what_names_no_table_is_no_reason_to_be_silent(text: str, message: str) -> None:
    assert messages(text) == [message]


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TYPE far ADD ATTRIBUTE a int CASCADE;",
        "ALTER TYPE far ALTER ATTRIBUTE a TYPE bigint;",
        "CREATE TABLE n (x int); CREATE INDEX i ON n (x); ALTER INDEX i SET TABLESPACE fast;",
        "REINDEX (CONCURRENTLY) SCHEMA public;",
    ],
)
def test_what_rewrites_nothing_is_passed_over(text: str) -> None:
    assert messages(text) == []
