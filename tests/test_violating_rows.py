"""The query of a comment finds the rows that break its constraint: all of them and no other."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pglast import ast, parse_sql

from bot.frameworks import frameworks, read
from bot.model.source import Source
from bot.simulation import simulate
from bot.sql.violating import violating_rows
from tests.reviewing import Texts, review
from tests.servers.server import Connection
from tests.test_rewrites import migrations

P = "CREATE TABLE p (id int PRIMARY KEY);"


def query(text: str, before: str = "") -> str | None:
    """The query for the last command of a file, which others have come before."""
    flyway = frameworks()["flyway"]
    files = [read(flyway, Source(name, sql), Texts()) for name, sql in (("1", before), ("2", text))]
    return violating_rows(list(simulate(files, 18))[-1])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "ALTER TABLE t ADD CHECK (x > 0) NOT VALID;",
            "SELECT * FROM t WHERE NOT (x > 0);",
        ),
        (
            'ALTER TABLE "T,u" ADD CONSTRAINT "check" CHECK (x > 0 -- positive\n);',
            'SELECT * FROM "T,u" WHERE NOT (x > 0 -- positive\n);',
        ),
        (
            "ALTER TABLE s.t ADD CHECK (x > 0) NO INHERIT;",
            "SELECT * FROM ONLY s.t WHERE NOT (x > 0);",
        ),
        (
            "ALTER TABLE /* not ONLY */ t ALTER x SET NOT NULL;",
            "SELECT * FROM t WHERE x IS NULL;",
        ),
        (
            "SET search_path = app; ALTER TABLE t ADD CHECK (x > 0);",
            "SELECT * FROM app.t WHERE NOT (x > 0);",
        ),
        (
            "ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES p (x, y);",
            "SELECT * FROM t AS child\nWHERE child.a IS NOT NULL AND child.b IS NOT NULL\n"
            "  AND NOT EXISTS (SELECT FROM p AS parent WHERE parent.x = child.a AND parent.y = child.b);",
        ),
        (
            f"{P} ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",
            "SELECT * FROM t AS child\nWHERE child.a IS NOT NULL\n"
            "  AND NOT EXISTS (SELECT FROM p AS parent WHERE parent.id = child.a);",
        ),
        (
            "CREATE TABLE p (id int, PRIMARY KEY (id) INCLUDE (x));"
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",
            "SELECT * FROM t AS child\nWHERE child.a IS NOT NULL\n"
            "  AND NOT EXISTS (SELECT FROM p AS parent WHERE parent.id = child.a);",
        ),
        (
            "ALTER TABLE t ADD UNIQUE (a, b) INCLUDE (c);",
            "SELECT a, b, count(*) FROM t WHERE a IS NOT NULL AND b IS NOT NULL\n"
            "GROUP BY a, b HAVING count(*) > 1;",
        ),
        (
            "ALTER TABLE t ADD EXCLUDE USING gist (a WITH =, b WITH OPERATOR(pg_catalog.&&)) WHERE (a > 0);",
            "SELECT * FROM (SELECT ctid, * FROM t WHERE (a > 0)) AS x\n"
            "JOIN (SELECT ctid, * FROM t WHERE (a > 0)) AS y"
            " ON x.ctid < y.ctid AND x.a = y.a AND x.b OPERATOR(pg_catalog.&&) y.b;",
        ),
        (
            'CREATE DOMAIN d AS int; CREATE TABLE t (a d); CREATE TABLE "T\'s" (b d);'
            "ALTER DOMAIN d ADD CHECK (VALUE > 0);",
            "SELECT 't' AS \"table\", a::text AS value\nFROM t WHERE NOT (a > 0)\nUNION ALL\n"
            'SELECT \'"T\'\'s"\' AS "table", b::text AS value\nFROM "T\'s" WHERE NOT (b > 0);',
        ),
    ],
)
def test_the_query_says_what_the_constraint_says(text: str, written: str) -> None:
    assert query(text) == written


@settings(max_examples=200, deadline=None)
@given(migrations())
def test_whatever_the_layout_the_query_is_one_statement(text: str) -> None:
    for remark in review({"V1__a.sql": text}, framework="flyway").remarks:
        assert remark.violating_rows
        (statement,) = parse_sql(remark.violating_rows)
        assert isinstance(statement.stmt, ast.SelectStmt)


def test_a_deep_expression_is_no_danger() -> None:
    deep = f"({'(' * 9_000}x > 0{')' * 9_000})"
    assert query(f"ALTER TABLE t ADD CHECK {deep};") == f"SELECT * FROM t WHERE NOT {deep};"


def test_a_validation_asks_for_what_the_change_has_added_before() -> None:
    add = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;"
    wanted = "SELECT * FROM t WHERE NOT (x > 0);"
    assert query("ALTER TABLE t VALIDATE CONSTRAINT c;", before=add) == wanted
    assert query(f"{add} ALTER TABLE t VALIDATE CONSTRAINT c;") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE t ADD COLUMN x int CHECK (x > 0);",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",
        f"{P} ALTER TABLE p RENAME id TO key; ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",
        f"{P} ALTER TABLE p DROP CONSTRAINT p_pkey; ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",
        "ALTER TABLE t ADD UNIQUE USING INDEX i;",
        "ALTER TABLE t ADD EXCLUDE (lower(a) WITH =);",
        "ALTER TABLE pg_temp.t ADD CHECK (x > 0);",
        "SET search_path = a, b; ALTER TABLE t ADD CHECK (x > 0);",
        "ALTER TABLE t VALIDATE CONSTRAINT nobody_knows_which;",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID; ALTER TABLE t RENAME CONSTRAINT c TO d;"
        " ALTER TABLE t RENAME CONSTRAINT e TO c; ALTER TABLE t VALIDATE CONSTRAINT c;",
        "CREATE INDEX ON t (x);",
        "ALTER TABLE t ADD CHECK (x > 0\n\\echo and nothing else\n);",
        f"ALTER TABLE {'/* far away */' * 100} t ADD CHECK (x > 0);",
    ],
)
def test_where_nothing_is_sure_there_is_no_query(text: str) -> None:
    assert query(text) is None


@pytest.mark.parametrize(
    "later",
    [
        "ALTER TABLE t RENAME TO u;",
        "ALTER TABLE t RENAME x TO y;",
        "ALTER TABLE t SET SCHEMA app;",
        "ALTER TABLE t DROP COLUMN x;",
        "DROP TABLE t;",
        "ALTER TABLE p RENAME id TO key;",
        "ROLLBACK;",
    ],
)
def test_names_that_are_gone_when_the_file_has_run_are_not_asked_for(later: str) -> None:
    add = "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES p (id);"
    (remark, *_) = review({"V1__a.sql": f"BEGIN; {add} {later}"}, framework="flyway").remarks
    assert remark.violating_rows is None
    assert query("ALTER TABLE t VALIDATE CONSTRAINT c;", before=f"{add} {later}") is None


RENAMES = ["ALTER TABLE u RENAME TO t;", "ALTER TABLE t RENAME y TO x;"]


@pytest.mark.parametrize("before", RENAMES)
def test_names_that_there_are_not_before_the_file_runs_are_not_asked_for(before: str) -> None:
    assert query(f"{before} ALTER TABLE t ADD CHECK (x > 0);") is None
    assert query(f"{before} ALTER TABLE t ALTER x SET NOT NULL;") is None
    assert query(f"{before} ALTER TABLE r ADD FOREIGN KEY (a) REFERENCES t (x);") is None


@pytest.mark.parametrize("before", RENAMES)
def test_names_that_a_file_before_has_made_are_asked_for(before: str) -> None:
    wanted = "SELECT * FROM t WHERE NOT (x > 0);"
    assert query("ALTER TABLE t ADD CHECK (x > 0);", before=before) == wanted
    add = f"{before} ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;"
    assert query("ALTER TABLE t VALIDATE CONSTRAINT c;", before=add) == wanted


@dataclass(frozen=True)
class Case:
    """A constraint on tables with rows, of which `bad` break it."""

    name: str
    given: str
    add: str
    bad: int

    def __str__(self) -> str:
        return self.name


T = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);"
CASES = [
    Case(
        "a CHECK passes on NULL",
        f"{T} INSERT INTO t VALUES (1, 1), (2, -1), (3, NULL), (4, 0);",
        "ALTER TABLE t ADD CHECK (a > 0);",
        2,
    ),
    Case(
        "a CHECK of its own layout",
        f"{T} INSERT INTO t VALUES (1, 1, 1), (2, -1, 1), (3, 1, NULL);",
        "ALTER TABLE ONLY public.t ADD CONSTRAINT c CHECK (a > 0\n  OR t.b IS NULL -- ')\n);",
        1,
    ),
    Case(
        "a CHECK and the tables that inherit it",
        f"{T} CREATE TABLE c () INHERITS (t); INSERT INTO t VALUES (1, 1);"
        " INSERT INTO c VALUES (2, -1), (3, 1);",
        "ALTER TABLE t ADD CHECK (a > 0);",
        1,
    ),
    Case(
        "a CHECK that nobody inherits",
        f"{T} CREATE TABLE c () INHERITS (t); INSERT INTO t VALUES (1, -1);"
        " INSERT INTO c VALUES (2, -1), (3, 1);",
        "ALTER TABLE t ADD CHECK (a > 0) NO INHERIT;",
        1,
    ),
    Case(
        "quoted names",
        'CREATE SCHEMA "S s"; CREATE TABLE "S s"."T,t" ("a""b" int);'
        ' INSERT INTO "S s"."T,t" VALUES (1), (-1);',
        'ALTER TABLE "S s"."T,t" ADD CONSTRAINT "check (" CHECK ("a""b" > 0);',
        1,
    ),
    Case(
        "a schema that the file sets",
        "CREATE SCHEMA app; CREATE TABLE app.t (a int); CREATE TABLE public.t (a int);"
        " INSERT INTO app.t VALUES (-1), (1); INSERT INTO public.t VALUES (-1), (-1);",
        "SET search_path = app; ALTER TABLE t ADD CHECK (a > 0);",
        1,
    ),
    Case(
        "a foreign key and nulls",
        f"{P} {T} INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL), (4, 3);",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",
        2,
    ),
    Case(
        "MATCH SIMPLE lets a row with a null pass",
        f"CREATE TABLE p (x int, y int, UNIQUE (y, x)); {T} INSERT INTO p VALUES (1, 2);"
        " INSERT INTO t VALUES (1, 1, 2), (2, 2, 1), (3, NULL, 7), (4, 7, NULL), (5, NULL, NULL);",
        "ALTER TABLE t ADD FOREIGN KEY (b, a) REFERENCES p (y, x);",
        1,
    ),
    Case(
        "MATCH FULL lets only nulls pass",
        f"CREATE TABLE p (x int, y int, PRIMARY KEY (x, y)); {T} INSERT INTO p VALUES (1, 2);"
        " INSERT INTO t VALUES (1, 1, 2), (2, 2, 1), (3, NULL, 2), (4, 1, NULL), (5, NULL, NULL);",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES p MATCH FULL;",
        3,
    ),
    Case(
        "MATCH FULL of one column",
        f"{P} {T} INSERT INTO t VALUES (1, NULL), (2, 2);",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id) MATCH FULL;",
        1,
    ),
    Case(
        "a table that references itself",
        f"{T} INSERT INTO t VALUES (1, 1), (2, 1), (3, NULL), (4, 5);",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t (id);",
        1,
    ),
    Case(
        "a table that references itself and is inherited",
        f"{T} CREATE TABLE c () INHERITS (t); INSERT INTO t VALUES (1, 1), (2, 9), (3, 8);"
        " INSERT INTO c VALUES (8, 1), (9, 7);",
        "ALTER TABLE ONLY t ADD FOREIGN KEY (a) REFERENCES t;",
        2,
    ),
    Case(
        "a foreign key in other schemas",
        "CREATE SCHEMA s; CREATE TABLE s.p (child int PRIMARY KEY); CREATE TABLE t (child int, parent int);"
        " INSERT INTO s.p VALUES (1); INSERT INTO t VALUES (1, 2), (2, 1);",
        "ALTER TABLE t ADD FOREIGN KEY (parent) REFERENCES s.p;",
        1,
    ),
    Case(
        "a domain",
        "CREATE DOMAIN d AS int; CREATE SCHEMA s; CREATE TABLE s.t (a d, b int);"
        " INSERT INTO s.t VALUES (1, 1), (-1, 1), (NULL, -1);",
        "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0 AND VALUE < 9);",
        1,
    ),
    Case(
        "a domain that is NOT NULL",
        "CREATE DOMAIN d AS int; CREATE TABLE t (a d); INSERT INTO t VALUES (1), (NULL);",
        "ALTER DOMAIN d SET NOT NULL;",
        1,
    ),
    Case(
        "NOT NULL",
        f"{T} INSERT INTO t VALUES (1, 1), (2, NULL);",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
        1,
    ),
    Case(
        "a partitioned table",
        "CREATE TABLE t (a int, b int) PARTITION BY LIST (a);"
        " CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);"
        " CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);"
        " INSERT INTO t VALUES (1, 1), (1, NULL), (2, NULL), (2, 1);",
        "ALTER TABLE t ALTER b SET NOT NULL;",
        2,
    ),
    Case(
        "the foreign key of a partitioned table",
        f"{P} CREATE TABLE t (a int, b int) PARTITION BY LIST (a);"
        " CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); INSERT INTO p VALUES (1);"
        " INSERT INTO t VALUES (1, 1), (1, 2), (1, NULL);",
        "ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p;",
        1,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_the_rows_that_are_found_the_constraint_holds(
    case: Case, connection: Connection
) -> None:
    asked = query(case.add, before=case.given)
    assert asked
    connection.execute(case.given.encode())
    first = rows(connection, asked)
    assert len(first) == case.bad
    assert not holds(connection, case.add)
    found = first
    while found:  # where a table references itself, a row may lose its partner
        for table, place in found:
            connection.execute(f"DELETE FROM {table} WHERE ctid = %s".encode(), (place,))
        found = rows(connection, asked)
    assert holds(connection, case.add)


def rows(connection: Connection, asked: str) -> list[tuple[str, str]]:
    """The tables and places of the rows that a query finds."""
    assert asked.startswith("SELECT * ")
    places = asked.replace("SELECT *", "SELECT tableoid::regclass::text, ctid", 1)
    return [(str(table), str(place)) for table, place in connection.execute(places.encode())]


def holds(connection: Connection, text: str) -> bool:
    """Whether a constraint can be added; it is not there afterwards."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
    except psycopg.errors.IntegrityError:
        return False
    return True


VALUES = st.sampled_from(["NULL", "1", "2"])
PAIRS = st.lists(st.tuples(VALUES, VALUES), max_size=4)
SHAPES = [
    ("CHECK (a < 2)", 14),
    ("CHECK (a < 2 OR b > 1)", 14),
    ("CHECK (a IS NOT NULL)", 14),
    ("CONSTRAINT n NOT NULL a", 18),
    ("FOREIGN KEY (a) REFERENCES p (x)", 14),
    ("FOREIGN KEY (a, b) REFERENCES q (x, y)", 14),
    ("FOREIGN KEY (b, a) REFERENCES q (x, y) MATCH FULL", 14),
    ("FOREIGN KEY (a, b) REFERENCES q (y, x)", 14),
    ("FOREIGN KEY (a) REFERENCES t (id) MATCH FULL", 14),
    ("UNIQUE (a)", 14),
    ("UNIQUE (a, b)", 14),
    ("UNIQUE NULLS NOT DISTINCT (a)", 15),
    ("UNIQUE NULLS NOT DISTINCT (a, b)", 15),
    ("PRIMARY KEY (b, a)", 14),
    ("EXCLUDE (a WITH =)", 14),
    ("EXCLUDE (a WITH =, b WITH =) WHERE (id > 1)", 14),
]


@pytest.mark.parametrize(("shape", "since"), SHAPES)
def test_nothing_is_found_exactly_where_the_constraint_holds(
    shape: str, since: int, connection: Connection
) -> None:
    if connection.info.server_version < since * 10_000:
        return
    add = f"ALTER TABLE t ADD {shape};"
    asked = query(add)
    assert asked
    connection.execute(
        "CREATE TABLE t (id int UNIQUE, a int, b int); CREATE TABLE p (x int UNIQUE);"
        "CREATE TABLE q (x int, y int, UNIQUE (x, y), UNIQUE (y, x));"
    )

    @settings(max_examples=int(os.environ.get("LOCKSTEP_EXAMPLES", "50")), deadline=None)
    @given(PAIRS, PAIRS)
    def agree(own: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> None:
        numbered = [f"({number}, {a}, {b})" for number, (a, b) in enumerate(own, start=1)]
        referenced = [f"({x}, {y})" for x, y in theirs]
        with connection.transaction(force_rollback=True):
            for table, several in (("t", numbered), ("q", referenced)):
                for row in several:
                    insert = f"INSERT INTO {table} VALUES {row} ON CONFLICT DO NOTHING"
                    connection.execute(insert.encode())
            connection.execute(b"INSERT INTO p SELECT x FROM q ON CONFLICT DO NOTHING")
            found = connection.execute(asked.encode()).fetchall()
            assert bool(found) != holds(connection, add)

    agree()


PERIODS = st.lists(
    st.tuples(
        st.sampled_from(["NULL", "'[1,2)'", "'[2,3)'"]),
        st.sampled_from(["NULL", "'empty'", "'[1,3)'", "'[3,5)'", "'[2,4)'", "'[1,9)'"]),
    ),
    max_size=4,
)


@pytest.mark.parametrize(
    "shape",
    [
        "UNIQUE (a, b WITHOUT OVERLAPS)",
        "PRIMARY KEY (a, b WITHOUT OVERLAPS)",
        "FOREIGN KEY (a, PERIOD b) REFERENCES q (x, PERIOD y)",
    ],
)
def test_periods_that_overlap_or_are_not_covered_are_found(
    shape: str, connection: Connection
) -> None:
    if connection.info.server_version < 180_000:
        return
    add = f"ALTER TABLE t ADD {shape};"
    asked = query(add)
    assert asked
    connection.execute(
        b"CREATE TABLE t (a int4range, b int4range);"
        b"CREATE TABLE q (x int4range, y int4range, UNIQUE (x, y WITHOUT OVERLAPS));"
    )

    @given(PERIODS, PERIODS)
    def agree(own: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> None:
        with connection.transaction(force_rollback=True):
            for table, several in (("t", own), ("q", theirs)):
                for key, period in several:
                    insert = f"INSERT INTO {table} VALUES ({key}, {period})"
                    if holds(connection, insert):
                        connection.execute(insert.encode())
            found = connection.execute(asked.encode()).fetchall()
            assert bool(found) != holds(connection, add), found

    agree()
