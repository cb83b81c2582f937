"""Generated scripts: every statement locks, scans and rewrites on five servers what is simulated.

`make differential EXAMPLES=1000` runs as many as one likes on every server. What a server says of
a name that is not there, or is taken, of rows that it finds and of objects that depend on others is no
matter of the simulation, which does not know the whole database: such statements are left out. All
others that a server refuses stay, since a predicted error must be a measured one.
"""

from __future__ import annotations

import psycopg
from hypothesis import example, given
from hypothesis import strategies as st

from tests.differential import disagreements
from tests.servers.measure import CONTROL
from tests.servers.server import Connection, Server

GIVEN = """
CREATE SCHEMA s;
CREATE TABLE p (id int PRIMARY KEY, a int UNIQUE);
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int CHECK (b > 0));
CREATE TABLE u (a int CONSTRAINT c CHECK (a > 0), b int REFERENCES p);
CREATE TABLE s.t (id int PRIMARY KEY, a int, b int);
CREATE INDEX i ON t (a);
CREATE DOMAIN email AS int;
INSERT INTO p VALUES (1, 1);
INSERT INTO t VALUES (1, 1, 1);
INSERT INTO u VALUES (1, 1);
INSERT INTO s.t VALUES (1, 1, 1);
"""

TEMPLATES = """
ALTER TABLE {t} ADD CHECK ({x} > 0)
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK ({x} > 0) NOT VALID
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK ({x} IS NOT NULL)
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK ({x} > 0) NOT VALID, VALIDATE CONSTRAINT {c}
ALTER TABLE {t} ADD CONSTRAINT {c} FOREIGN KEY ({x}) REFERENCES {r}
ALTER TABLE {t} ADD CONSTRAINT {c} FOREIGN KEY ({x}) REFERENCES {r} NOT VALID
ALTER TABLE {t} ADD FOREIGN KEY ({x}) REFERENCES p (a)
ALTER TABLE {t} VALIDATE CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT IF EXISTS {c}
ALTER TABLE {t} ALTER CONSTRAINT {c} DEFERRABLE
ALTER TABLE {t} ALTER CONSTRAINT {c} NOT ENFORCED
ALTER TABLE {t} ALTER CONSTRAINT {c} ENFORCED
ALTER TABLE {t} ADD CONSTRAINT {c} FOREIGN KEY ({x}) REFERENCES {r} NOT ENFORCED
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK ({x} > 0) NOT ENFORCED
ALTER TABLE {t} ADD COLUMN {x} email
ALTER TABLE {t} ALTER {x} TYPE email
CREATE TABLE {n} (a email, b int)
ALTER DOMAIN email ADD CHECK (VALUE > 0)
ALTER DOMAIN email SET NOT NULL
ALTER DOMAIN email DROP NOT NULL
ALTER TABLE {t} DROP CONSTRAINT {c}, ADD CONSTRAINT {c} CHECK ({x} > 0)
ALTER TABLE {t} RENAME CONSTRAINT {c} TO {d}
ALTER TABLE {t} ALTER {x} SET NOT NULL
ALTER TABLE {t} ALTER {x} DROP NOT NULL
ALTER TABLE {t} ALTER {x} SET NOT NULL, ALTER {y} SET NOT NULL
ALTER TABLE {t} ADD UNIQUE ({x})
ALTER TABLE {t} ADD CONSTRAINT {c} UNIQUE ({x}, {y}) DEFERRABLE
ALTER TABLE {t} ADD PRIMARY KEY ({x})
ALTER TABLE {t} ADD CONSTRAINT {c} UNIQUE USING INDEX {i}
ALTER TABLE {t} ADD CONSTRAINT {c} PRIMARY KEY USING INDEX {i}
ALTER TABLE {t} ADD EXCLUDE ({x} WITH =)
ALTER TABLE {t} ADD COLUMN {x} int
ALTER TABLE {t} ADD COLUMN {x} int NOT NULL DEFAULT 1 REFERENCES {r}
ALTER TABLE {t} ADD COLUMN {x} int UNIQUE
ALTER TABLE {t} ADD COLUMN {y} int DEFAULT random() CHECK ({y} > -1)
ALTER TABLE {t} ADD COLUMN {y} bigserial
ALTER TABLE {t} ADD COLUMN IF NOT EXISTS {y} int DEFAULT random()
ALTER TABLE {t} DROP COLUMN {x}
ALTER TABLE {t} DROP COLUMN {x} CASCADE
ALTER TABLE {t} DROP COLUMN {x}, ADD COLUMN {x} varchar(5)
ALTER TABLE {t} ALTER {x} TYPE int
ALTER TABLE {t} ALTER {x} TYPE bigint
ALTER TABLE {t} ALTER {x} TYPE text, ALTER {y} TYPE int
ALTER TABLE {t} ALTER {x} TYPE varchar(9)
ALTER TABLE {t} ALTER {x} TYPE int, DROP CONSTRAINT {c}
ALTER TABLE {t} SET UNLOGGED
ALTER TABLE {t} SET LOGGED
CREATE UNLOGGED TABLE {n} (id int PRIMARY KEY, a varchar(5), b int GENERATED ALWAYS AS (1) STORED)
CREATE MATERIALIZED VIEW {n} AS SELECT 1 AS a, 2 AS b
REFRESH MATERIALIZED VIEW {n}
REFRESH MATERIALIZED VIEW CONCURRENTLY {n}
DROP MATERIALIZED VIEW {n}
CREATE VIEW {n} AS SELECT 1 AS a
CREATE OR REPLACE VIEW {n} AS SELECT 1 AS a
DROP VIEW {n}
ALTER TABLE {t} RENAME COLUMN {x} TO {y}
ALTER TABLE {t} RENAME TO {n}
ALTER TABLE {t} SET SCHEMA s
ALTER TABLE s.{n} SET SCHEMA public
CREATE INDEX {i} ON {t} ({x})
CREATE UNIQUE INDEX {i} ON {t} ({x}, {y})
CREATE INDEX ON {t} ({x})
CREATE INDEX IF NOT EXISTS {i} ON {t} ({x})
CREATE INDEX CONCURRENTLY {i} ON {t} ({x})
DROP INDEX {i}
DROP INDEX CONCURRENTLY {i}
ALTER INDEX {i} RENAME TO {j}
REINDEX INDEX {i}
REINDEX TABLE {t}
REINDEX TABLE CONCURRENTLY {t}
CREATE TABLE {n} (id int PRIMARY KEY, a int CHECK (a > 0), b int REFERENCES p)
CREATE TABLE s.{n} (a int, b int, CONSTRAINT {c} UNIQUE (a))
CREATE TABLE {n} (LIKE {t})
CREATE TABLE {n} AS SELECT * FROM {t}
CREATE TABLE IF NOT EXISTS {n} (a int, b int)
CREATE TEMP TABLE {n} (a int, b int)
DROP TABLE {t}
DROP TABLE IF EXISTS {t}
TRUNCATE {t}
INSERT INTO {t} SELECT * FROM {r}
UPDATE {t} SET {x} = 1
DELETE FROM {t}
SELECT * FROM {t}
LOCK TABLE {t} IN SHARE MODE
LOCK TABLE {t}
CLUSTER {t} USING {i}
SET search_path = s, public
SET search_path = public
SET LOCAL search_path = s
RESET search_path
BEGIN
COMMIT
COMMIT AND CHAIN
ROLLBACK
SAVEPOINT m
ROLLBACK TO m
RELEASE m
"""

NAMES = {
    "t": ("t", "u", "s.t", "p", "v", "s.v"),
    "r": ("p", "t", "u", "s.t"),
    "n": ("v", "w", "t", "u"),
    "c": ("c", "d", "t_a_check", "u_a_not_null"),
    "d": ("d", "e"),
    "x": ("a", "b", "id"),
    "y": ("b", "id", "z"),
    "i": ("i", "j", "t_a_idx", "t_pkey", "s.j"),
    "j": ("j", "k"),
}


TOLD = {"0A000", "25001", "42601", "42809", "42P16", "55000"}
NOT_TOLD = (
    "is not a view",  # of kinds of relations just those are told apart that are locked apart
    "is not a materialized view",
    "is not a table",
    "cannot be performed on relation",
    "more expressions than target columns",  # which columns a table has
    "cannot alter type of column",  # what else the same ALTER TABLE does to the column
    "is not an index for table",  # which index a table is clustered by
    "cannot truncate a table referenced",  # which tables are emptied together
    'at or near "."',  # the parser refuses it itself, and it is not analysed
)
"""What those errors say where they speak of what the simulation does not look at."""


@st.composite
def statements(draw: st.DrawFn) -> str:
    template = draw(st.sampled_from(TEMPLATES.strip().splitlines()))
    return template.format(**{key: draw(st.sampled_from(names)) for key, names in NAMES.items()})


scripts = st.lists(statements(), min_size=1, max_size=8)


def sound(server: Server, tables: str, script: list[str], *, refused: bool = False) -> str:
    """The statements that run, in their order: those that miss or repeat a name are left out."""
    with server.database() as database, database.connect() as connection:
        connection.execute(tables.encode())
        kept = [statement for statement in script if _runs(connection, statement, refused)]
    return "; ".join(kept)


def _runs(connection: Connection, statement: str, refused: bool) -> bool:
    inside = connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    guarded = inside and not CONTROL.match(statement)
    passed_over = list[str]()
    connection.add_notice_handler(lambda notice: passed_over.append(str(notice.message_primary)))
    if guarded:
        connection.execute("SAVEPOINT probe")
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        if guarded:
            connection.execute("ROLLBACK TO probe")
        return refused and not inside and _is_told(error)
    return not any("does not exist, skipping" in notice for notice in passed_over)


def _is_told(error: psycopg.Error) -> bool:
    message = str(error.diag.message_primary)
    return error.sqlstate in TOLD and not any(one in message for one in NOT_TOLD)


@given(scripts)
@example(
    [
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
    ]
)
def test_every_statement_does_what_is_simulated(server: Server, script: list[str]) -> None:
    text = sound(server, GIVEN, script, refused=True)
    assert not disagreements(server, GIVEN, text), text
