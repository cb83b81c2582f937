"""Generated scripts on partitions and children: servers and simulation agree on every statement."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.differential import disagreements
from tests.servers.server import Server
from tests.test_generated_statements import sound

GIVEN = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE DOMAIN code AS int;
CREATE TABLE w (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE w1 PARTITION OF w FOR VALUES FROM (0) TO (10);
CREATE TABLE w2 PARTITION OF w FOR VALUES FROM (10) TO (20) PARTITION BY LIST (b);
CREATE TABLE w21 PARTITION OF w2 FOR VALUES IN (1, 2);
CREATE TABLE wd PARTITION OF w DEFAULT;
CREATE TABLE l (a int, b int);
CREATE TABLE h (a int, b int);
CREATE TABLE h1 (c int) INHERITS (h);
CREATE TABLE h2 () INHERITS (h1);
INSERT INTO p VALUES (1);
INSERT INTO w VALUES (1, 1), (11, 1), (50, 1);
INSERT INTO l VALUES (25, 1);
INSERT INTO h VALUES (1, 1);
INSERT INTO h1 VALUES (1, 1, 1);
"""

TEMPLATES = """
ALTER TABLE {t} ADD CHECK ({x} > 0)
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK ({x} > 0) NOT VALID
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK ({x} IS NOT NULL)
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK (a IS NOT NULL AND a >= 20 AND a < 30)
ALTER TABLE {t} ADD CONSTRAINT {c} CHECK (a < 20 OR a >= 30)
ALTER TABLE {t} VALIDATE CONSTRAINT {c}
ALTER TABLE {t} DROP CONSTRAINT {c}
ALTER TABLE {t} ALTER CONSTRAINT {c} DEFERRABLE
ALTER TABLE ONLY {t} ALTER CONSTRAINT {c} DEFERRABLE
ALTER TABLE {t} ALTER CONSTRAINT {c} NOT ENFORCED
ALTER TABLE {t} ALTER CONSTRAINT {c} ENFORCED
ALTER TABLE {t} ADD COLUMN {n} code
ALTER TABLE {t} DROP COLUMN IF EXISTS {n}
ALTER DOMAIN code ADD CHECK (VALUE > 0)
ALTER TABLE {t} ADD CONSTRAINT {c} FOREIGN KEY (b) REFERENCES p
ALTER TABLE {t} ALTER {x} SET NOT NULL
ALTER TABLE {t} ALTER {x} DROP NOT NULL
ALTER TABLE {t} ALTER {x} SET DEFAULT 1
ALTER TABLE {t} ALTER {x} SET STATISTICS 5
ALTER TABLE {t} ADD COLUMN {n} int
ALTER TABLE {t} ADD COLUMN {n} int DEFAULT 1 CHECK ({n} > 0)
ALTER TABLE ONLY {t} ADD CONSTRAINT {c} CHECK ({x} > 0)
ALTER TABLE {t} RENAME TO {n}
ALTER TABLE w ATTACH PARTITION {t} FOR VALUES FROM (20) TO (30)
ALTER TABLE w2 ATTACH PARTITION {t} FOR VALUES IN (3, 4)
ALTER TABLE w DETACH PARTITION {t}
ALTER TABLE {t} INHERIT h
ALTER TABLE {t} NO INHERIT h
CREATE TABLE {n} PARTITION OF w FOR VALUES FROM (30) TO (40)
CREATE TABLE {n} PARTITION OF w2 DEFAULT
CREATE TABLE {n} () INHERITS (h)
DROP TABLE {t}
LOCK TABLE {t} IN SHARE MODE
LOCK TABLE ONLY {t} IN SHARE MODE
UPDATE {t} SET b = 1
SELECT * FROM w
BEGIN
COMMIT
ROLLBACK
SAVEPOINT m
ROLLBACK TO m
"""

NAMES = {
    "t": ("w", "w1", "w2", "w21", "wd", "l", "h", "h1", "h2", "n1", "n2"),
    "n": ("n1", "n2"),
    "c": ("c", "d"),
    "x": ("a", "b"),
}


@st.composite
def statements(draw: st.DrawFn) -> str:
    template = draw(st.sampled_from(TEMPLATES.strip().splitlines()))
    return template.format(**{key: draw(st.sampled_from(names)) for key, names in NAMES.items()})


@given(st.lists(statements(), min_size=1, max_size=8))
def test_every_statement_on_a_tree_does_what_is_simulated(
    server: Server, script: list[str]
) -> None:
    text = sound(server, GIVEN, script)
    assert not disagreements(server, GIVEN, text), text
