"""Whatever generated migrations once found the simulation to be wrong about stays right."""

from __future__ import annotations

import pytest

from tests.differential import disagreements
from tests.servers.server import Server

W = "CREATE TABLE w (a int, b int) PARTITION BY RANGE (a);"
WHOLE = f"{W} CREATE TABLE wd PARTITION OF w DEFAULT;"
LISTED = (
    "CREATE TABLE w (a int, b int) PARTITION BY LIST (b); CREATE TABLE wd PARTITION OF w DEFAULT;"
)
LOWER = f"{WHOLE} CREATE TABLE n PARTITION OF w FOR VALUES FROM (1) TO (2) PARTITION BY LIST (b); CREATE TABLE o PARTITION OF n DEFAULT; INSERT INTO w VALUES (1, 1), (3, 3);"
KEYED = "CREATE TABLE w (a int PRIMARY KEY, b int) PARTITION BY RANGE (a); CREATE TABLE wd PARTITION OF w DEFAULT;"
LOOSE = "CREATE TABLE l (a int NOT NULL, b int); ALTER TABLE l ADD CHECK (a >= 0 AND a < 10);"
PARENT = "CREATE TABLE h (a int, b int); CREATE TABLE c () INHERITS (h);"
ATTACH = "ALTER TABLE w ATTACH PARTITION l FOR VALUES FROM (0) TO (10);"
REFERENCED = "CREATE TABLE p (a int PRIMARY KEY, b int); CREATE TABLE r (a int REFERENCES p, b int); INSERT INTO p VALUES (1, 1); INSERT INTO r VALUES (1, 1);"

DOMAINS = "CREATE DOMAIN code AS int; CREATE DOMAIN label AS code;"
VIRTUAL = "CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1), c int);"
ANEW = "ALTER TABLE g ALTER b SET EXPRESSION AS (a + 2);"
LAID = "ALTER TABLE w ADD CONSTRAINT k CHECK (a > 0);"
TEXTS = "CREATE TABLE s (a int, t varchar(9), u varchar(9));"
LETTERS = 'CREATE TABLE s (a int, t text, u text COLLATE "C");'
LONGER = "ALTER TABLE s ALTER t TYPE varchar(20);"
VIEWED = """
CREATE TABLE t (a int, b int, c int, d int, e int, f int);
CREATE TABLE u (a int, b int, c int);
CREATE VIEW v AS SELECT a FROM t WHERE b > 0;
CREATE MATERIALIZED VIEW m AS SELECT e + 1 AS e FROM t;
CREATE VIEW j AS SELECT o.c, n.a FROM t o JOIN u n ON o.f = n.b;
"""

FOUND = [
    (KEYED + "CREATE TABLE u (a int, b int REFERENCES w);", "ALTER TABLE u DROP COLUMN b;"),
    (KEYED + "CREATE TABLE u (a int, b int REFERENCES w);", "ALTER TABLE u ALTER b TYPE int;"),
    (KEYED + "CREATE TABLE u (a int, b int REFERENCES w);", "ALTER TABLE u ALTER b TYPE bigint;"),
    (KEYED + "CREATE TABLE u (a int, b int REFERENCES w);", "DROP TABLE u;"),
    (KEYED, "DROP INDEX CONCURRENTLY w_pkey;"),
    (f"{WHOLE} CREATE INDEX i ON w (a);", "DROP INDEX CONCURRENTLY i;"),
    (KEYED, "ALTER TABLE w RENAME CONSTRAINT w_pkey TO c;"),
    (
        f"CREATE TABLE p (a int PRIMARY KEY); {WHOLE} ALTER TABLE w ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p;",
        "ALTER TABLE w RENAME CONSTRAINT f TO c;",
    ),
    (
        f"{WHOLE} ALTER TABLE w ADD CONSTRAINT k CHECK (a > 0);",
        "ALTER TABLE w RENAME CONSTRAINT k TO c;",
    ),
    (W, "ALTER TABLE w ADD EXCLUDE (b WITH =);"),
    (W, "ALTER TABLE w ADD EXCLUDE (a WITH =, b WITH =);"),
    (KEYED, "CREATE TABLE v (LIKE w INCLUDING ALL);"),
    # An index with an expression or a condition is built anew.
    (f"{TEXTS} CREATE INDEX ON s (lower(t));", LONGER),
    (f"{TEXTS} CREATE INDEX ON s (lower(u));", LONGER),
    (f"{TEXTS} CREATE UNIQUE INDEX ON s (t) WHERE a > 0;", LONGER),
    (f"{TEXTS} CREATE INDEX ON s (a) WHERE t <> '';", LONGER),
    (f"{TEXTS} CREATE INDEX ON s (abs(a)) INCLUDE (t);", LONGER),
    (f"{TEXTS} CREATE INDEX ON s (t) INCLUDE (u);", LONGER),
    (f"{TEXTS} CREATE INDEX ON s (lower(t));", "ALTER TABLE s ALTER t TYPE varchar(9);"),
    (f"{TEXTS} CREATE INDEX i ON s (lower(t));", f"DROP INDEX i; {LONGER}"),
    (
        f"{TEXTS} CREATE INDEX ON s (lower(t));",
        f"ALTER TABLE s RENAME t TO v; ALTER TABLE s RENAME u TO t; {LONGER}",
    ),
    (
        f"{TEXTS} CREATE INDEX ON s (lower(u));",
        f"ALTER TABLE s RENAME t TO v; ALTER TABLE s RENAME u TO t; {LONGER}",
    ),
    (f"{TEXTS} ALTER TABLE s ADD EXCLUDE USING btree (t WITH =) WHERE (a > 0);", LONGER),
    (f"{TEXTS} ALTER TABLE s ADD EXCLUDE USING btree (t WITH =);", LONGER),
    (
        "CREATE TABLE c (a int, t varchar(9)) PARTITION BY RANGE (a); CREATE TABLE s PARTITION OF c DEFAULT; CREATE INDEX ON c (lower(t));",
        "ALTER TABLE c ALTER t TYPE varchar(20);",
    ),
    (
        "CREATE TABLE s (a int, t timestamp); CREATE INDEX ON s (t) WHERE a > 0;",
        "SET timezone = 'UTC'; ALTER TABLE s ALTER t TYPE timestamptz;",
    ),
    # So is one that gets another collation.
    *(
        (f"{LETTERS} {index}", f"ALTER TABLE s ALTER {column};")
        for index, column in (
            ("", 't TYPE text COLLATE "C"'),
            ("CREATE INDEX ON s (t);", 't TYPE text COLLATE "C"'),
            ("CREATE INDEX ON s (t);", 't TYPE text COLLATE pg_catalog."C"'),
            ("CREATE INDEX ON s (t);", 't TYPE text COLLATE "default"'),
            ("CREATE INDEX ON s (t);", 't TYPE varchar USING t COLLATE "C"'),
            ("CREATE INDEX ON s (u);", 't TYPE text COLLATE "C"'),
            ("CREATE INDEX ON s (u) INCLUDE (t);", 't TYPE text COLLATE "C"'),
            ('CREATE INDEX ON s (t COLLATE "C");', 't TYPE text COLLATE "C"'),
            ("CREATE INDEX ON s USING hash (t);", 't TYPE text COLLATE "C"'),
            ("ALTER TABLE s ADD UNIQUE (t);", 't TYPE text COLLATE "C"'),
            ("ALTER TABLE s ADD EXCLUDE USING btree (t WITH =);", 't TYPE text COLLATE "C"'),
            ("CREATE INDEX ON s (u);", 'u TYPE text COLLATE "C"'),
            ("CREATE INDEX ON s (u);", 'u TYPE text COLLATE "POSIX"'),
            ("CREATE INDEX ON s (u);", "u TYPE varchar"),
        )
    ),
    (
        f"{LETTERS} CREATE INDEX ON s (t); CREATE TABLE v (LIKE s); CREATE INDEX ON v (u);",
        'ALTER TABLE v ALTER u TYPE text COLLATE "C"; ALTER TABLE v ALTER u TYPE text;',
    ),
    (
        f"{LETTERS} CREATE TABLE v () INHERITS (s); CREATE INDEX ON s (u); CREATE INDEX ON v (u);",
        "ALTER TABLE s ALTER u TYPE varchar; ALTER TABLE s ALTER u TYPE text;",
    ),
    (
        "CREATE TABLE c (a int, t text) PARTITION BY RANGE (a); CREATE TABLE s PARTITION OF c DEFAULT; CREATE INDEX ON c (t);",
        'ALTER TABLE c ALTER t TYPE text COLLATE "C";',
    ),
    # And one of a column whose new type has other operators.
    *(
        (f"CREATE TABLE s (a int, x {old}); {index}", f"ALTER TABLE s ALTER x TYPE {new};")
        for index in ("CREATE INDEX ON s (x);", "CREATE INDEX ON s (a) INCLUDE (x);")
        for old, new in (
            ("text", "varchar"),
            ("text", "bpchar"),
            ("varchar(9)", "bpchar"),
            ("cidr", "inet"),
            ("bit(3)", "varbit"),
            ("varbit", "varbit(3)"),
            ("int", "oid"),
            ("int", "regclass"),
            ("regclass", "oid"),
            ("oid", "regtype"),
            ("regtype", "int"),
        )
    ),
    *(
        (f"CREATE TABLE s (a int, x timestamp, y timestamptz); {index}", script)
        for index in ("", "CREATE INDEX ON s (x); CREATE INDEX ON s (y) INCLUDE (x);")
        for script in (
            "SET timezone = 'UTC'; ALTER TABLE s ALTER x TYPE timestamptz;",
            "SET timezone = 'UTC'; ALTER TABLE s ALTER y TYPE timestamp, ALTER x TYPE timestamptz(3);",
            "SET TIME ZONE 'Europe/Rome'; ALTER TABLE s ALTER x TYPE timestamptz;",
            "BEGIN; SET LOCAL timezone = 'UTC'; COMMIT; ALTER TABLE s ALTER x TYPE timestamptz;",
        )
    ),
    (W, "CREATE TABLE v (z int) INHERITS (w);"),
    (WHOLE, "CREATE TABLE v () INHERITS (wd);"),
    (WHOLE, "ALTER TABLE wd NO INHERIT wd;"),
    (WHOLE, "ALTER TABLE wd INHERIT wd;"),
    ("CREATE TABLE v (a int);", "CREATE TABLE n PARTITION OF v DEFAULT;"),
    (
        "CREATE TABLE v (a int); CREATE TABLE n (a int);",
        "ALTER TABLE v ATTACH PARTITION n DEFAULT;",
    ),
    (W, "CREATE TABLE wd PARTITION OF w DEFAULT PARTITION BY LIST (b); TRUNCATE w;"),
    (
        W,
        "CREATE TABLE wd PARTITION OF w DEFAULT PARTITION BY LIST (b); ALTER TABLE w DROP COLUMN b;",
    ),
    (W, "ALTER TABLE w ALTER a TYPE bigint;"),
    (W, "ALTER TABLE w RENAME a TO z; ALTER TABLE w DROP COLUMN z;"),
    (W, "ALTER TABLE w SET UNLOGGED;"),
    (PARENT, "ALTER TABLE c ALTER b TYPE text;"),
    (PARENT, "ALTER TABLE h ALTER b SET NOT NULL; ALTER TABLE ONLY c ALTER b DROP NOT NULL;"),
    (WHOLE, "ALTER TABLE w ALTER b SET NOT NULL; ALTER TABLE wd ALTER b DROP NOT NULL;"),
    (WHOLE, "ALTER TABLE ONLY w ALTER b DROP NOT NULL;"),
    # Partitions do not overlap.
    (
        WHOLE,
        "CREATE TABLE n PARTITION OF w FOR VALUES FROM (0) TO (10); CREATE TABLE o PARTITION OF w FOR VALUES FROM (9) TO (11);",
    ),
    (
        WHOLE,
        "CREATE TABLE n PARTITION OF w FOR VALUES FROM (0) TO (10); CREATE TABLE o PARTITION OF w FOR VALUES FROM (10) TO (MAXVALUE);",
    ),
    (
        WHOLE,
        "CREATE TABLE n PARTITION OF w FOR VALUES FROM (0) TO (10); ALTER TABLE w DETACH PARTITION n; CREATE TABLE o PARTITION OF w FOR VALUES FROM (9) TO (11);",
    ),
    (
        "CREATE TABLE w (a date) PARTITION BY RANGE (a);",
        "CREATE TABLE n PARTITION OF w FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); CREATE TABLE o PARTITION OF w FOR VALUES FROM ('2024-12-31') TO ('2025-12-31');",
    ),
    (
        LISTED,
        "CREATE TABLE n PARTITION OF w FOR VALUES IN (1, NULL); CREATE TABLE o PARTITION OF w FOR VALUES IN (NULL, 2);",
    ),
    # Rows go to the partitions, to one or the other.
    (WHOLE, "INSERT INTO w VALUES (1, 1);"),
    (WHOLE, "INSERT INTO w SELECT i, i FROM generate_series(1, 9) i;"),
    (LOWER, "BEGIN; INSERT INTO w VALUES (1, 1); UPDATE w SET b = 2; COMMIT;"),
    (LOWER, "BEGIN; INSERT INTO w SELECT * FROM o; ALTER TABLE n ADD CHECK (b > 0); COMMIT;"),
    (LOWER, "DELETE FROM w WHERE a = 1;"),
    (LOWER, "UPDATE w SET a = 2 WHERE a = 1;"),
    (PARENT, "INSERT INTO h VALUES (1, 1); INSERT INTO h SELECT * FROM c;"),
    # A constraint from above becomes one with that of its name.
    (f"{WHOLE} ALTER TABLE wd ADD CONSTRAINT k CHECK (a > 0) NOT VALID;", LAID),
    (f"{WHOLE} ALTER TABLE wd ADD CONSTRAINT k CHECK (a > 0) NO INHERIT;", LAID),
    (f"{WHOLE} ALTER TABLE wd ADD CONSTRAINT k CHECK (a > 0);", LAID),
    (
        f"{WHOLE} ALTER TABLE wd ADD CONSTRAINT k CHECK (a > 0) NOT VALID;",
        "ALTER TABLE w ADD CONSTRAINT k CHECK (a > 0) NOT VALID;",
    ),
    (
        f"{PARENT} ALTER TABLE c ADD CONSTRAINT k CHECK (a > 0) NOT VALID;",
        "ALTER TABLE h ADD CONSTRAINT k CHECK (a > 0) NO INHERIT;",
    ),
    # CASCADE reaches the tables with foreign keys.
    (REFERENCED, "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE;"),
    (REFERENCED, "ALTER TABLE p DROP COLUMN a CASCADE;"),
    (
        REFERENCED,
        "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE; ALTER TABLE p ADD PRIMARY KEY (a); ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE;",
    ),
    (
        f"{REFERENCED} CREATE UNIQUE INDEX i ON p (b); CREATE TABLE o (a int REFERENCES p (b));",
        "DROP INDEX i CASCADE;",
    ),
    (
        f"{REFERENCED} CREATE UNIQUE INDEX i ON p (b); CREATE TABLE o (a int REFERENCES p (b));",
        "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE;",
    ),
    (
        f"{KEYED} CREATE TABLE o (a int REFERENCES w) PARTITION BY LIST (a); CREATE TABLE o0 PARTITION OF o DEFAULT;",
        "ALTER TABLE w DROP CONSTRAINT w_pkey CASCADE;",
    ),
    # A domain is another type than what it is built on.
    (
        f"{DOMAINS} CREATE TABLE v (a int, b int); CREATE TABLE n (a int, b code) PARTITION BY RANGE (a);",
        "ALTER TABLE n ATTACH PARTITION v FOR VALUES FROM (10) TO (20);",
    ),
    (
        f"{DOMAINS} CREATE TABLE v (a int, b label); CREATE TABLE n (a int, b code);",
        "ALTER TABLE v INHERIT n;",
    ),
    (
        f"{DOMAINS} CREATE TABLE v (a int, b code[]); CREATE TABLE n (a int, b code);",
        "ALTER TABLE v INHERIT n;",
    ),
    (
        f"{DOMAINS} CREATE TABLE v (a int, b code); CREATE TABLE n (a int, b code);",
        "ALTER DOMAIN code RENAME TO other; ALTER TABLE v INHERIT n; CREATE TABLE m (b other); ALTER TABLE v INHERIT m;",
    ),
    # What is to belong to a new partition is not in the default one.
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b > 0); CREATE TABLE n PARTITION OF w FOR VALUES IN (20, 21);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b > 30); CREATE TABLE n PARTITION OF w FOR VALUES IN (1, 30);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b IN (1, 2, 3)); CREATE TABLE n PARTITION OF w FOR VALUES IN (4, 5);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b IN (1, 2, 3)); CREATE TABLE n PARTITION OF w FOR VALUES IN (3);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b NOT IN (1, 2, 3)); CREATE TABLE n PARTITION OF w FOR VALUES IN (1, 3);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b > 0 AND b < 9); CREATE TABLE n PARTITION OF w FOR VALUES IN (0, 10);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b <> 4); CREATE TABLE n PARTITION OF w FOR VALUES IN (5, 6);",
    ),
    (
        LISTED,
        "ALTER TABLE wd ADD CHECK (b < 0 OR b > 9); CREATE TABLE n PARTITION OF w FOR VALUES IN (11, 12);",
    ),
    (
        "CREATE TABLE w (b text CHECK (b <> 'q')) PARTITION BY LIST (b); CREATE TABLE wd PARTITION OF w DEFAULT;",
        "CREATE TABLE n PARTITION OF w FOR VALUES IN (0, 1);",
    ),
    (
        "CREATE TABLE w (b text CHECK (b <> 'q')) PARTITION BY LIST (b); CREATE TABLE wd PARTITION OF w DEFAULT;",
        "CREATE TABLE n PARTITION OF w FOR VALUES IN ('q');",
    ),
    # A partition gets the indexes of the whole table, or has them.
    (KEYED, "REINDEX TABLE w;"),
    (KEYED, "REINDEX INDEX w_pkey;"),
    (KEYED, "BEGIN; REINDEX INDEX w_pkey;"),
    (WHOLE, "REINDEX TABLE wd; CREATE INDEX ON w (b); REINDEX TABLE wd;"),
    (
        WHOLE,
        "CREATE INDEX ON w (b); CREATE TABLE n PARTITION OF w FOR VALUES FROM (1) TO (2); ALTER TABLE w DETACH PARTITION n; REINDEX TABLE n;",
    ),
    (WHOLE, "CREATE INDEX ON wd (b); CREATE INDEX ON w (b); CREATE INDEX ON w (b);"),
    (
        WHOLE,
        "ALTER TABLE wd ADD PRIMARY KEY (a); ALTER TABLE w ADD UNIQUE (a); ALTER TABLE w ADD UNIQUE (a);",
    ),
    (
        WHOLE,
        "ALTER TABLE wd ADD UNIQUE (a); CREATE UNIQUE INDEX ON w (a); CREATE UNIQUE INDEX ON w (a);",
    ),
    (
        W,
        "CREATE TABLE n PARTITION OF w DEFAULT PARTITION BY LIST (b); CREATE TABLE o PARTITION OF n DEFAULT; CREATE INDEX ON n (b); CREATE INDEX ON w (b); CREATE INDEX ON w (b);",
    ),
    (W + LOOSE, f"CREATE INDEX ON w (b); {ATTACH}"),
    (W + LOOSE, f"CREATE INDEX ON w (b); CREATE INDEX ON l (b); {ATTACH}"),
    (W + LOOSE, f"ALTER TABLE w ADD PRIMARY KEY (a); {ATTACH}"),
    (W + LOOSE, f"ALTER TABLE w ADD PRIMARY KEY (a); CREATE UNIQUE INDEX ON l (a); {ATTACH}"),
    (W + LOOSE, f"ALTER TABLE w ADD UNIQUE (a); ALTER TABLE l ADD PRIMARY KEY (a); {ATTACH}"),
    (WHOLE, "ALTER TABLE wd ADD EXCLUDE (b WITH =); CREATE INDEX ON w (b);"),
    (WHOLE, "ALTER TABLE w ADD UNIQUE (a); ALTER TABLE w ADD UNIQUE (b, a) DEFERRABLE;"),
    (KEYED, "CLUSTER w USING w_pkey;"),
    (KEYED, "BEGIN; CLUSTER w USING w_pkey;"),
    (KEYED, "ALTER TABLE w CLUSTER ON w_pkey;"),
    (KEYED, "VACUUM FULL w;"),
    (KEYED, "ALTER TABLE w ADD FOREIGN KEY (b) REFERENCES w (a) DEFERRABLE;"),
    # A column that a view uses keeps its type.
    *((VIEWED, f"ALTER TABLE t ALTER {column} TYPE bigint;") for column in "abcdef"),
    (VIEWED, "ALTER TABLE u ALTER a TYPE bigint;"),
    (VIEWED, "ALTER TABLE u ALTER b TYPE bigint;"),
    (VIEWED, "ALTER TABLE u ALTER c TYPE bigint;"),
    (VIEWED, "ALTER TABLE t ALTER a TYPE int;"),
    (VIEWED, "ALTER TABLE t RENAME a TO z; ALTER TABLE t ALTER z TYPE bigint;"),
    (VIEWED, "ALTER TABLE t RENAME TO z; ALTER TABLE z ALTER a TYPE bigint;"),
    (VIEWED, "ALTER TABLE t ADD z int; ALTER TABLE t ALTER z TYPE bigint;"),
    (VIEWED, "DROP VIEW v; ALTER TABLE t ALTER a TYPE bigint;"),
    (VIEWED, "ALTER VIEW v RENAME TO z; DROP VIEW IF EXISTS z; ALTER TABLE t ALTER a TYPE bigint;"),
    (VIEWED, "DROP SCHEMA IF EXISTS s CASCADE; DROP VIEW v, j; ALTER TABLE t ALTER a TYPE bigint;"),
    (VIEWED, "CREATE OR REPLACE VIEW v AS SELECT a FROM t; ALTER TABLE t ALTER b TYPE bigint;"),
    (VIEWED, "CREATE OR REPLACE VIEW v AS SELECT a FROM t; ALTER TABLE t ALTER a TYPE bigint;"),
    (VIEWED, "BEGIN; DROP VIEW v; ROLLBACK; ALTER TABLE t ALTER a TYPE bigint;"),
    (
        f"{VIEWED} CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW w AS SELECT f() AS n, d FROM t; DROP FUNCTION f CASCADE;",
        "ALTER TABLE t ALTER d TYPE bigint;",
    ),
    (VIEWED, "DROP MATERIALIZED VIEW m; ALTER TABLE t ALTER e TYPE bigint;"),
    (PARENT, "CREATE VIEW v AS SELECT a FROM c; ALTER TABLE h ALTER a TYPE bigint;"),
    (PARENT, "CREATE VIEW v AS SELECT * FROM h; ALTER TABLE h ALTER b TYPE bigint;"),
    (
        PARENT,
        "CREATE TEMP VIEW v AS SELECT * FROM h; DROP VIEW v; ALTER TABLE h ALTER b TYPE bigint;",
    ),
    # VACUUM goes on to partitions, and since 18 to other children.
    (PARENT, "VACUUM h;"),
    (PARENT, "VACUUM FULL h;"),
    (PARENT, "VACUUM FULL c, h;"),
    (PARENT, "ANALYZE h; BEGIN; ANALYZE c; ANALYZE h; COMMIT;"),
    (WHOLE, "VACUUM w; ANALYZE w;"),
    # Of tables that reference each other one does not outlive the other.
    (
        "CREATE UNLOGGED TABLE u (a int PRIMARY KEY); CREATE TABLE t (a int);",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u;",
    ),
    ("CREATE UNLOGGED TABLE u (a int PRIMARY KEY);", "CREATE TABLE t (a int REFERENCES u);"),
    (
        "CREATE UNLOGGED TABLE u (a int PRIMARY KEY);",
        "CREATE UNLOGGED TABLE t (a int REFERENCES u);",
    ),
    ("CREATE TABLE t (a int PRIMARY KEY);", "CREATE TEMP TABLE u (a int REFERENCES t);"),
    # Foreign keys are made anew as their table is, for the sake of whatever column.
    (REFERENCED, "ALTER TABLE p ALTER a TYPE int, ALTER b TYPE bigint;"),
    (REFERENCED, "ALTER TABLE p ALTER a TYPE int, ALTER b TYPE int;"),
    (REFERENCED, "ALTER TABLE p ALTER a TYPE int, ADD COLUMN z serial;"),
    (REFERENCED, "ALTER TABLE r ALTER a TYPE int, ALTER b TYPE bigint;"),
    (KEYED + "CREATE TABLE u (a int REFERENCES w);", "DROP TABLE wd CASCADE;"),
    (
        "CREATE TABLE t (a int);",
        "BEGIN; CREATE TABLE n (z int); ALTER TABLE n ALTER z TYPE text; COMMIT; ALTER TABLE n ALTER z TYPE int USING 1;",
    ),
    # Locks stay where they are.
    (WHOLE, "BEGIN; ALTER TABLE wd SET SCHEMA public; CREATE INDEX ON w (b); COMMIT;"),
    (
        "CREATE TABLE t (a int);",
        "BEGIN; CREATE TABLE n (z int); COMMIT AND CHAIN; ALTER TABLE n ALTER z TYPE bigint; COMMIT;",
    ),
    (
        KEYED
        + "CREATE TABLE n PARTITION OF w FOR VALUES FROM (0) TO (1); CREATE TABLE u (a int REFERENCES w) PARTITION BY LIST (a); CREATE TABLE u0 PARTITION OF u DEFAULT;",
        "ALTER TABLE w DETACH PARTITION n;",
    ),
    (
        f"{KEYED} CREATE TABLE t (a int REFERENCES w, b varchar(5), c varchar(5), PRIMARY KEY (a)); INSERT INTO w VALUES (1, 1);",
        "ALTER TABLE w DETACH PARTITION wd;",
    ),
]
SINCE_18 = [
    (PARENT, "VACUUM ONLY h; VACUUM (FULL) ONLY h; ANALYZE ONLY h;"),
    (WHOLE, "VACUUM ONLY w; ANALYZE ONLY w;"),
    (f"{WHOLE} ALTER TABLE wd ADD CONSTRAINT k CHECK (a > 0) NOT ENFORCED;", LAID),
    # A virtual column stays one.
    (VIRTUAL, "ALTER TABLE g ALTER b DROP EXPRESSION;"),
    (VIRTUAL, "ALTER TABLE g ALTER b DROP EXPRESSION IF EXISTS, DROP COLUMN c;"),
    (VIRTUAL, "ALTER TABLE g RENAME b TO d; ALTER TABLE g ALTER d DROP EXPRESSION;"),
    (f"{VIRTUAL} CREATE TABLE h () INHERITS (g);", "ALTER TABLE g ALTER b DROP EXPRESSION;"),
    (
        VIRTUAL,
        "ALTER TABLE g DROP b; ALTER TABLE g ADD b int; ALTER TABLE g ALTER b DROP EXPRESSION IF EXISTS;",
    ),
    (
        f"{VIRTUAL} CREATE TABLE h () INHERITS (g);",
        "ALTER TABLE g ADD d int GENERATED ALWAYS AS (a) STORED; ALTER TABLE g ALTER d DROP EXPRESSION;",
    ),
    # A virtual column and a CHECK in one table.
    (f"{VIRTUAL} ALTER TABLE g ADD CHECK (c > 0);", ANEW),
    (f"{VIRTUAL} ALTER TABLE g ADD CHECK (c > 0) NO INHERIT NOT VALID;", ANEW),
    (f"{VIRTUAL} CREATE TABLE h (CHECK (c > 0)) INHERITS (g);", ANEW),
    (f"{VIRTUAL} ALTER TABLE g ALTER b SET NOT NULL;", ANEW),
    (f"{VIRTUAL} ALTER TABLE g ALTER c SET NOT NULL;", ANEW),
    (VIRTUAL, "ALTER TABLE g ADD CHECK (c > 0), ALTER b SET EXPRESSION AS (a + 2);"),
    (
        f"{VIRTUAL} ALTER TABLE g ADD CONSTRAINT k CHECK (c > 0);",
        "ALTER TABLE g ALTER b SET EXPRESSION AS (a + 2), DROP CONSTRAINT k;",
    ),
    (
        "CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1) STORED, c int CHECK (c > 0));",
        ANEW,
    ),
    (W, "ALTER TABLE ONLY w ALTER CONSTRAINT w_b_fkey DEFERRABLE;"),
    (
        PARENT,
        "ALTER TABLE h ADD CONSTRAINT n NOT NULL b NOT VALID; ALTER TABLE c ALTER b DROP NOT NULL;",
    ),
    (
        "CREATE TABLE h (b int NOT NULL NO INHERIT); CREATE TABLE c (b int NOT NULL);",
        "ALTER TABLE c INHERIT h; ALTER TABLE c ALTER b DROP NOT NULL;",
    ),
]


@pytest.mark.parametrize(("given", "script"), FOUND)
def test_what_once_disagreed_agrees(given: str, script: str, server: Server) -> None:
    assert not disagreements(server, given, script)


@pytest.mark.postgres(18)
@pytest.mark.parametrize(("given", "script"), SINCE_18)
def test_what_once_disagreed_on_18_agrees(given: str, script: str, server: Server) -> None:
    assert not disagreements(server, given, script)
