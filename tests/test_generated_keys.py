"""Generated migrations of several statements, keys and indexes: each fix ends in the same schema.

And nobody waits for what it becomes, whatever tool runs it. `make differential EXAMPLES=1000` runs as
many as one likes on every server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import example, given
from hypothesis import strategies as st

from bot.fixing import changes
from bot.model.finding import Fix, Severity
from bot.model.report import Report
from bot.settings import Settings, with_version
from tests.reviewing import review
from tests.servers.catalog import Catalog, catalog, difference
from tests.servers.measure import Measured, measure
from tests.servers.server import Server
from tests.test_proof import NEVER_VALIDATED, NO_HAZARDS, REFUSED, as_run, slow_under_lock

LONG = "ü" * 31
GIVEN = f"""
CREATE SCHEMA s;
CREATE TABLE p (id int PRIMARY KEY, a int UNIQUE);
CREATE TABLE t (id int PRIMARY KEY, a int, b int, "Q r" int, name varchar(10));
CREATE TABLE n (a int, b int, c int NOT NULL);
CREATE TABLE s.t (id int, a int, b int, "Q r" int);
CREATE TABLE s.p (id int PRIMARY KEY);
CREATE TABLE "{LONG}" (id int, a int, b int, "Q r" int);
CREATE TABLE w (id int, a int, b int) PARTITION BY RANGE (id);
CREATE TABLE w1 PARTITION OF w FOR VALUES FROM (0) TO (10);
CREATE TABLE wd PARTITION OF w DEFAULT;
CREATE TABLE w2 (id int, a int, b int);
CREATE TABLE parent (id int, a int, b int);
CREATE TABLE child () INHERITS (parent);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE INDEX t_a_idx ON t (a);
CREATE UNIQUE INDEX here ON t (b);
INSERT INTO p VALUES (1, 1);
INSERT INTO t VALUES (1, 1, 1, 1, 'a');
INSERT INTO n VALUES (1, 1, 1);
INSERT INTO s.t VALUES (1, 1, 1, 1);
INSERT INTO s.p VALUES (1);
INSERT INTO "{LONG}" VALUES (1, 1, 1, 1);
INSERT INTO w VALUES (1, 1, 1), (100, 1, 1);
INSERT INTO w2 VALUES (10, 1, 1);
INSERT INTO parent VALUES (1, 1, 1);
INSERT INTO child VALUES (2, 2, 2);
"""

COMMANDS = """
ADD UNIQUE ({x})
ADD UNIQUE ({x}, {y}) INCLUDE (id)
ADD CONSTRAINT {c} UNIQUE ({x}) DEFERRABLE
ADD CONSTRAINT {c} UNIQUE ({x}) WITH (fillfactor = 70) INITIALLY DEFERRED
ADD CONSTRAINT {c} UNIQUE ({y}) WITH (fillfactor = 80) DEFERRABLE
ADD UNIQUE NULLS NOT DISTINCT ({x})
ADD PRIMARY KEY ({x})
ADD PRIMARY KEY (a) INCLUDE (b)
ADD PRIMARY KEY (id, {x})
ADD CONSTRAINT {c} UNIQUE USING INDEX here
ADD PRIMARY KEY USING INDEX here
ADD CHECK ({x} > 0)
ADD CHECK ({x} > {y} - 9)
ADD CONSTRAINT {c} CHECK ({x} > 0) NO INHERIT
ADD CONSTRAINT {c} CHECK ({x} > 0) NOT VALID
ADD CONSTRAINT {c} CHECK ({x} > 0) NOT ENFORCED
ADD CONSTRAINT {c} NOT NULL {x}
ADD NOT NULL {x}
ADD FOREIGN KEY ({x}) REFERENCES {r}
ADD FOREIGN KEY ({x}) REFERENCES p (a) ON DELETE SET NULL
ADD CONSTRAINT {c} FOREIGN KEY ({x}) REFERENCES {r} DEFERRABLE INITIALLY DEFERRED
ADD CONSTRAINT {c} FOREIGN KEY ({x}) REFERENCES {r} NOT VALID
ADD CONSTRAINT {c} FOREIGN KEY ({x}) REFERENCES {r} NOT ENFORCED
ALTER {x} SET NOT NULL
ALTER {x} DROP NOT NULL
VALIDATE CONSTRAINT {c}
DROP CONSTRAINT IF EXISTS {c}
ADD COLUMN {z} int UNIQUE
ADD COLUMN {z} int CONSTRAINT {c} UNIQUE CHECK ({z} > 0)
ADD COLUMN {z} int UNIQUE REFERENCES {r}
ADD COLUMN {z} int UNIQUE NOT NULL DEFAULT 1 CHECK ({z} > 0) REFERENCES {r}
ADD COLUMN {z} int CHECK ({z} > 0) CHECK ({z} < 9)
ADD COLUMN {z} int REFERENCES {r} ON DELETE CASCADE
ADD COLUMN {z} int CONSTRAINT {c} REFERENCES {r} DEFERRABLE
ADD COLUMN {z} int CONSTRAINT {c} NOT NULL DEFAULT 3
ADD COLUMN IF NOT EXISTS {z} int CHECK ({z} > 0)
ADD COLUMN {z} positive
ADD COLUMN {z} int GENERATED ALWAYS AS (id + 1) STORED CHECK ({z} > 0)
ADD COLUMN {z} int GENERATED ALWAYS AS (id + 1) VIRTUAL CHECK ({z} > 0)
"""

STATEMENTS = """
CREATE INDEX ON {t} ({x})
CREATE INDEX {i} ON {t} ({x}, {y})
CREATE UNIQUE INDEX {i} ON {t} ({x})
CREATE UNIQUE INDEX {i} ON {t} ({x}) INCLUDE ({y}) WITH (fillfactor = 70)
CREATE INDEX {i} ON {t} (({x} + 1)) WHERE {y} > 0
CREATE INDEX IF NOT EXISTS {i} ON {t} ({x})
CREATE UNIQUE INDEX {i} ON {t} ({x}); ALTER TABLE {t} ADD CONSTRAINT {c} UNIQUE USING INDEX {i}
CREATE UNIQUE INDEX {i} ON {t} ({x}); ALTER TABLE {t} ADD PRIMARY KEY USING INDEX {i}
ALTER TABLE {t} ADD UNIQUE ({x}); ALTER TABLE {t} DROP CONSTRAINT IF EXISTS {c}
ALTER TABLE {t} RENAME COLUMN {x} TO {z}
ALTER TABLE {t} RENAME TO other
ALTER TABLE {t} RENAME CONSTRAINT {c} TO e
SET search_path = s, public
SET search_path = s
SET search_path = public
SET LOCAL search_path = s
CREATE TABLE fresh (id int PRIMARY KEY, a int UNIQUE, b int REFERENCES {r}, "Q r" int)
UPDATE {t} SET b = 1
ALTER TABLE w ATTACH PARTITION w2 FOR VALUES FROM (10) TO (20)
ALTER TABLE w DETACH PARTITION w1
CREATE TABLE w3 PARTITION OF w FOR VALUES FROM (30) TO (40)
ALTER TABLE w ADD PRIMARY KEY (id)
ALTER TABLE w ADD UNIQUE (id, a)
ALTER TABLE w2 ADD CHECK (id >= 10 AND id < 20)
ALTER TABLE w2 ADD CHECK (id >= 10 AND id < 20 AND id IS NOT NULL)
ALTER TABLE w ADD CHECK (a > 0)
ALTER TABLE w ALTER a SET NOT NULL
ALTER TABLE w ADD FOREIGN KEY (a) REFERENCES {r}
ALTER TABLE ONLY parent ADD CHECK (a > 0) NO INHERIT
ALTER TABLE ONLY {t} ADD UNIQUE ({x})
ALTER TABLE ONLY {t} ALTER {x} SET NOT NULL
ALTER TABLE ONLY {t} ADD FOREIGN KEY ({x}) REFERENCES {r}
ALTER TABLE IF EXISTS {u} ADD CHECK ({x} > 0)
ALTER TABLE IF EXISTS {u} ADD UNIQUE ({x})
CREATE INDEX ON w (a)
ALTER DOMAIN positive ADD CHECK (VALUE < 100)
DROP INDEX IF EXISTS {i}
"""

NAMES = {
    "t": (
        "t",
        "t",
        "n",
        "s.t",
        f'"{LONG}"',
        "parent",
        "w2",
        "fresh",
        "other",
        "public.t",
        "w1",
        "w",
    ),
    "u": ("t", "n"),
    "r": ("p", "s.p", "t", "public.p"),
    "c": ("c", '"C d"', f'"{LONG}"', "t_a_key", "t_a_check", "n_pkey"),
    "x": ("a", "b", "a", '"Q r"', "id"),
    "y": ("b", "id"),
    "z": ("z", '"Z z"', f'"{LONG}"'),
    "i": ("i", "j", "t_b_key", '"I j"', "t_pkey"),
}


@st.composite
def filled(draw: st.DrawFn, templates: str) -> str:
    template = draw(st.sampled_from(templates.strip().splitlines()))
    return template.format(**{key: draw(st.sampled_from(names)) for key, names in NAMES.items()})


@st.composite
def altered(draw: st.DrawFn) -> str:
    commands = draw(st.lists(filled(COMMANDS), min_size=1, max_size=4))
    table = draw(st.sampled_from(NAMES["t"]))
    return f"ALTER TABLE {table}\n    " + ",\n    ".join(commands)


statements = st.one_of(altered(), altered(), filled(STATEMENTS))


@st.composite
def migrations(draw: st.DrawFn) -> str:
    several = draw(st.lists(statements, min_size=1, max_size=4))
    form = draw(st.integers(0, 9))
    if form == 0:
        several = ["BEGIN", *several, "COMMIT"]
    elif form == 1:
        several = [f"DO $$\nBEGIN\n    {several[0]};\nEND\n$$", *several[1:]]
    elif form == 2:
        several = [several[0], "BEGIN", *several[1:], "COMMIT"]
    return ";\n".join(several) + ";\n"


EARLIER = {"psql": "1.sql", "flyway": "V1__given.sql", "golang-migrate": "1_given.up.sql"}
PATHS = {"psql": "2.sql", "flyway": "V2__a.sql", "golang-migrate": "2_a.up.sql"}
NOT_KNOWN = {"2BP01", "25P02", "42701", "42703", "42704", "42710", "42P01", "42P07"}
"""What a server refuses because of names that the simulation does not know, and of rows."""
NOT_TOLD = (
    "cannot create not-null constraint",  # how the constraint that is there is called
    "cannot validate constraint",  # of a constraint that the same statement adds
)


def told(version: int, text: str, framework: str) -> Report:
    return review(
        {PATHS[framework]: text},
        framework=framework,
        repository={EARLIER[framework]: GIVEN},
        settings=with_version(Settings(), version),
    )


@dataclass(frozen=True)
class Result:
    measured: tuple[Measured, ...]
    schema: Catalog

    @property
    def error(self) -> str:
        return next((one.error for one in self.measured if one.error), "")


def result(server: Server, framework: str, texts: list[str]) -> Result:
    """What the files do, one after another, each in the transactions of its tool."""
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        done = [one for text in texts for one in measure(connection, as_run(framework, text))]
        return Result(tuple(map(_without_new, done)), catalog(connection))


def _without_new(one: Measured) -> Measured:
    """What is created here has no rows."""
    return replace(one, scans=one.scans - {"public.fresh", "s.fresh"})


def rules(report: Report) -> set[str]:
    return {remark.finding.rule.replace("-", "_") for remark in report.remarks}


def sure(report: Report) -> set[str]:
    """The rules of errors: a warning is of what the files do not tell."""
    errors = (remark for remark in report.remarks if remark.severity is Severity.ERROR)
    return {remark.finding.rule.replace("-", "_") for remark in errors}


def fixed(report: Report, framework: str, text: str) -> list[str]:
    """The files that run once every suggestion is accepted; nothing where there is none."""
    made = {change.path: change.after for change in changes(report)}
    others = [new for path, new in made.items() if path != PATHS[framework]]
    return [made.get(PATHS[framework], text), *others] if made else []


def is_known(error: str) -> bool:
    """Whether the simulation can know that a server refuses the statement."""
    data = error.startswith("23")
    return not data and error[:5] not in NOT_KNOWN and not any(one in error for one in NOT_TOLD)


FOUND = [
    "ALTER TABLE t ADD UNIQUE (a, id) INCLUDE (id);\n",
    "ALTER TABLE w ADD CONSTRAINT c UNIQUE (id);\n",
    'ALTER TABLE w ADD CONSTRAINT "C d" CHECK (a > 0) NO INHERIT;\n',
    "ALTER TABLE w1 ADD CONSTRAINT c UNIQUE USING INDEX here;\n",
    "ALTER TABLE w ADD CONSTRAINT c UNIQUE (a);\n",
    "ALTER TABLE w1 ADD COLUMN IF NOT EXISTS z int CHECK (z > 0);\n",
    "ALTER TABLE t ADD PRIMARY KEY (a);\n",
    "ALTER TABLE t ALTER id DROP NOT NULL;\n",
    "ALTER TABLE n\n    ADD CONSTRAINT c UNIQUE (a) DEFERRABLE,\n    ADD CHECK (a > 0),\n"
    "    ALTER b SET NOT NULL,\n    ADD FOREIGN KEY (b) REFERENCES p;\n",
    "ALTER TABLE n\n    ADD PRIMARY KEY (a, b),\n    ADD COLUMN z int UNIQUE CHECK (z > 0);\n",
    "BEGIN;\nALTER DOMAIN positive ADD CHECK (VALUE < 100);\nCOMMIT;\n",
    "BEGIN;\nALTER TABLE w ADD COLUMN z int CHECK (z > 0) CHECK (z < 9);\n"
    "ALTER TABLE w ATTACH PARTITION w2 FOR VALUES FROM (10) TO (20);\nCOMMIT;\n",
    "ALTER TABLE w ADD PRIMARY KEY (id, a);\n"
    "ALTER TABLE w ATTACH PARTITION w2 FOR VALUES FROM (10) TO (20);\n",
]


def also(test: Callable[..., None]) -> Callable[..., None]:
    """With every migration that was once wrong."""
    for text in FOUND:
        for framework in PATHS:
            test = example(text, framework)(test)
    return test


@given(migrations(), st.sampled_from(sorted(PATHS)))
@also
def test_a_fix_of_several_statements_ends_in_the_same_schema(
    server: Server, text: str, framework: str
) -> None:
    report = told(server.version, text, framework)
    original = result(server, framework, [text])
    if original.error:
        is_told = rules(report) & REFUSED or report.unreadable
        assert is_told or not is_known(original.error), original.error
        return
    assert "refused_by_postgresql" not in rules(report)
    slow = slow_under_lock(original.measured)
    assert slow or not sure(report) - NO_HAZARDS
    assert rules(report) - NO_HAZARDS or not slow, slow
    steps = fixed(report, framework, text)
    if not steps:
        return
    after = result(server, framework, steps)
    if NEVER_VALIDATED in rules(report):  # what the author leaves unchecked may not hold
        assert not after.error or after.error.startswith("23"), steps
        return
    assert not after.error, steps
    assert original.schema == after.schema, difference(original.schema, after.schema)
    if all(isinstance(remark.fix, Fix) for remark in report.remarks):
        assert slow_under_lock(after.measured) == [], steps
