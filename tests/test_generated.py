"""Generated migrations: what is found waits on a server, and what is fixed does not.

`make differential EXAMPLES=1000` runs as many as one likes on every server.
"""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.fixing import changes
from bot.model.finding import Fix
from bot.settings import Settings, with_version
from tests.reviewing import review
from tests.servers.catalog import catalog, difference
from tests.servers.measure import measure
from tests.servers.server import Server
from tests.test_proof import as_run, slow_under_lock

GIVEN = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, y int CHECK (y > 0), "Q r" int, name varchar(10));
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1, 1, 'a');
"""
names = st.sampled_from(["c", '"C d"', "ü"])
keys = st.sampled_from(["", " ON DELETE CASCADE", " DEFERRABLE INITIALLY DEFERRED", " MATCH FULL"])


@st.composite
def new_columns(draw: st.DrawFn, number: int) -> str:
    """A column with constraints of its own, in any order."""
    name = draw(names)
    column = f'"{name.strip(chr(34))}{number}"'
    default = draw(st.booleans())
    some = [
        draw(st.sampled_from(["", f"CONSTRAINT k{number}{index} "])) + what
        for index, what in enumerate(
            draw(
                st.lists(
                    st.sampled_from(
                        [
                            f"CHECK ({column} > 0)",
                            f"CHECK ({column} IS NOT NULL OR id > 0)",
                            f"CHECK ({column} > 0) NO INHERIT",
                            f"REFERENCES p{draw(keys)}",
                        ]
                    ),
                    max_size=2,
                )
            )
        )
    ]
    some += ["DEFAULT 1"] if default else []
    some += ["NOT NULL"] if default and draw(st.booleans()) else []
    return f"ADD COLUMN {column} int {' '.join(draw(st.permutations(some)))}"


@st.composite
def migrations(draw: st.DrawFn) -> str:
    """One ALTER TABLE of a few commands on tables that hold rows."""
    commands = [
        draw(
            st.one_of(
                new_columns(number),
                st.sampled_from(
                    [
                        "ADD CHECK (y < 9)",
                        f'ADD CONSTRAINT "n {number}" CHECK ("Q r" > 0)',
                        "ADD FOREIGN KEY (y) REFERENCES p",
                        f"ADD CONSTRAINT f{number} FOREIGN KEY (id) REFERENCES p{draw(keys)}",
                        "ALTER y SET NOT NULL",
                        'ALTER COLUMN "Q r" SET NOT NULL',
                        "ALTER y SET DEFAULT 5",
                        f"ADD COLUMN n{number} serial",
                        f"ADD COLUMN n{number} int DEFAULT random()",
                        f"ADD COLUMN n{number} timestamptz DEFAULT now()",
                        "ALTER y TYPE bigint",
                        'ALTER "Q r" TYPE int USING "Q r"::int',
                        "ALTER name TYPE varchar(20)",
                        "ALTER name TYPE varchar(5)",
                        "SET UNLOGGED",
                    ]
                ),
            )
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    return "ALTER TABLE t\n    " + ",\n    ".join(commands) + ";\n"


FORMS = ["{}", "DO $$\nBEGIN\n{}END\n$$;\n", "DO $x$ BEGIN EXECUTE $$ {} $$; END $x$;\n"]


@given(
    st.builds(str.format, st.sampled_from(FORMS), migrations()), st.sampled_from(["psql", "flyway"])
)
@example("ALTER TABLE t ALTER y SET NOT NULL, ADD CHECK (y < 9), ADD CHECK (y < 9);", "flyway")
@example("ALTER TABLE t ALTER y SET NOT NULL, ALTER y SET NOT NULL;", "psql")
def test_a_fix_ends_in_the_same_schema_and_makes_nobody_wait(
    server: Server, text: str, framework: str
) -> None:
    report = review(
        {"V1__a.sql": text},
        framework=framework,
        repository={"V0__given.sql": GIVEN},
        settings=with_version(Settings(), server.version),
    )
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        original = measure(connection, text)
        schema = catalog(connection)
    if any(one.error for one in original):
        return
    assert bool(report.remarks) == bool(slow_under_lock(original))
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        ran = [measure(connection, as_run(framework, change.after)) for change in changes(report)]
        waited = [statement for several in ran for statement in slow_under_lock(several)]
        fixed = catalog(connection)
    if ran:
        assert schema == fixed, difference(schema, fixed)
    if all(isinstance(remark.fix, Fix) for remark in report.remarks):
        assert waited == []
