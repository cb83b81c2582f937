"""A partition is checked without making anybody wait, as far as that is possible."""

from __future__ import annotations

import pytest

from bot.fixing import changes
from bot.model.finding import NoFix
from bot.settings import Settings, with_version
from tests.reviewing import review
from tests.servers.catalog import catalog
from tests.servers.measure import measure
from tests.servers.server import Server
from tests.test_proof import as_run, slow_under_lock

EARLIER = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE rest PARTITION OF events DEFAULT;
CREATE TABLE old (id int, at date);
CREATE TABLE keyed (id int, p_id int) PARTITION BY RANGE (id);
CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES FROM (1) TO (10);
ALTER TABLE keyed ADD FOREIGN KEY (p_id) REFERENCES p;
CREATE TABLE loose (id int, p_id int);
CREATE TABLE spread (id int, at date) PARTITION BY HASH (id);
CREATE TABLE two (id int, at date) PARTITION BY RANGE (id, at);
CREATE TABLE "Odd"."Wh ole" ("Id" int) PARTITION BY LIST ("Id");
"""


def found(
    text: str, version: int = 14, framework: str = "flyway", earlier: str = EARLIER
) -> list[str]:
    report = review(
        {"V2__a.sql": text},
        framework=framework,
        repository={"V1__a.sql": earlier},
        settings=with_version(Settings(), version),
    )
    assert not report.unreadable
    return [
        remark.fix.reason if isinstance(remark.fix, NoFix) else remark.finding.message
        for remark in report.remarks
    ]


def fixed(text: str, framework: str = "flyway", earlier: str = EARLIER) -> list[str]:
    report = review({"V2__a.sql": text}, framework=framework, repository={"V1__a.sql": earlier})
    return [change.after for change in changes(report)]


@pytest.mark.parametrize(
    "text",
    [
        # The table that is attached is empty, and so is the default partition.
        "CREATE TABLE n (id int, at date); ALTER TABLE spread ATTACH PARTITION n FOR VALUES WITH (MODULUS 2, REMAINDER 0);",
        "CREATE TABLE e (a int) PARTITION BY LIST (a); CREATE TABLE r PARTITION OF e DEFAULT;"
        "CREATE TABLE e1 PARTITION OF e FOR VALUES IN (1);",
        # What a valid check implies, nobody but a server can tell.
        "ALTER TABLE rest ADD CONSTRAINT c CHECK (at >= date '2030-01-01') NOT VALID;"
        "ALTER TABLE rest VALIDATE CONSTRAINT c;"
        "CREATE TABLE n PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        # Neither the table nor what is below it is read.
        "ALTER TABLE ONLY keyed ALTER COLUMN id SET DEFAULT 1;",
        "CREATE INDEX i ON ONLY keyed (id);",
    ],
)
def test_nobody_waits(text: str) -> None:
    assert found(EARLIER + text, framework="psql", earlier="") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "ALTER TABLE keyed ATTACH PARTITION loose FOR VALUES FROM (10) TO (20);",
            "has foreign keys that `loose` lacks",
        ),
        (
            "CREATE INDEX ON events (id);"
            "ALTER TABLE events ATTACH PARTITION old FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
            "has indexes or keys that `old` lacks",
        ),
        (
            "ALTER TABLE spread ATTACH PARTITION old FOR VALUES WITH (MODULUS 2, REMAINDER 0);",
            "satisfies_hash_partition()",
        ),
        (
            "ALTER TABLE two ATTACH PARTITION old FOR VALUES FROM (1, '2024-01-01') TO (2, '2024-01-01');",
            "what the bounds say",
        ),
        (
            "ALTER TABLE unknown ATTACH PARTITION old FOR VALUES FROM (1) TO (2);",
            "what the bounds say",
        ),
        (
            "ALTER TABLE events ATTACH PARTITION old FOR VALUES FROM (now()) TO ('2024-01-01');",
            "what the bounds say",
        ),
        ("ALTER TABLE unknown ATTACH PARTITION old DEFAULT;", "belongs to another"),
        (
            "CREATE TABLE n PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
            "it holds no row of the new partition",
        ),
        (
            "ALTER TABLE events ATTACH PARTITION old FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
            "ALTER TABLE events ALTER COLUMN id SET NOT NULL;",
            "builds on it or changes its table",
        ),
        (
            "ALTER TABLE events ATTACH PARTITION old FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
            "DROP TABLE rest;",
            "builds on it or changes its table",
        ),
    ],
)
def test_a_person_is_told_what_to_do(text: str, reason: str) -> None:
    assert any(reason in one for one in found(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ALTER TABLE ONLY keyed ADD CHECK (id > 0);", "`ONLY` is not allowed"),
        ("ALTER TABLE keyed ADD CHECK (id > 0) NO INHERIT;", "one of its partitions as well"),
        ("ALTER TABLE keyed_1 DROP CONSTRAINT keyed_p_id_fkey;", "is inherited"),
        ("TRUNCATE ONLY keyed;", "has no rows"),
        ("ALTER TABLE keyed_1 ALTER COLUMN id TYPE bigint;", "has the type"),
        (
            "ALTER TABLE keyed ADD FOREIGN KEY (id) REFERENCES p NOT VALID;",
            "takes no foreign key `NOT VALID`",
        ),
        (
            "ALTER TABLE events ATTACH PARTITION rest FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
            "already",
        ),
        ("ALTER TABLE keyed DETACH PARTITION keyed_1 CONCURRENTLY;", "inside a transaction"),
    ],
)
def test_what_would_part_a_table_from_its_partitions_is_refused(text: str, reason: str) -> None:
    assert any("refuses" in one and reason in one for one in found(EARLIER + text, earlier=""))


def test_names_are_quoted_and_qualified_as_they_have_to_be() -> None:
    text = """ALTER TABLE "Odd"."Wh ole" ATTACH PARTITION public."T" FOR VALUES IN (1, NULL)"""
    assert fixed(text, "psql") == [
        """ALTER TABLE public."T" ADD CONSTRAINT "T_partition_check" CHECK ("Id" IS NULL OR "Id" IN (1)) NOT VALID;
BEGIN;
ALTER TABLE public."T" VALIDATE CONSTRAINT "T_partition_check";
ALTER TABLE "Odd"."Wh ole" ATTACH PARTITION public."T" FOR VALUES IN (1, NULL);
ALTER TABLE public."T" DROP CONSTRAINT "T_partition_check";
COMMIT;"""
    ]


def test_lines_end_as_they_do_in_the_file() -> None:
    text = "  ALTER TABLE events\r\n    ATTACH PARTITION old FOR VALUES FROM ('2024-01-01') TO (MAXVALUE);\r\n"
    assert fixed(text)[0] == (
        "  ALTER TABLE old ADD CONSTRAINT old_partition_check"
        " CHECK (at IS NOT NULL AND at >= '2024-01-01') NOT VALID;\r\n"
        "  ALTER TABLE rest ADD CONSTRAINT rest_old_excluded"
        " CHECK (NOT (at IS NOT NULL AND at >= '2024-01-01')) NOT VALID;\r\n"
    )


def test_only_is_kept_from_the_tables_below() -> None:
    (reason,) = found("ALTER TABLE ONLY old ALTER COLUMN id SET NOT NULL;")
    assert "without `ONLY`" in reason


RECIPES = [
    "ALTER TABLE events ATTACH PARTITION old FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    "ALTER TABLE events ATTACH PARTITION old FOR VALUES FROM (MINVALUE) TO (DATE '2025-01-01');",
]


@pytest.mark.parametrize("framework", ["psql", "flyway"])
@pytest.mark.parametrize("text", RECIPES)
def test_an_attachment_that_failed_runs_again_once_the_row_is_corrected(
    text: str, framework: str, server: Server
) -> None:
    """With psql from the line on that failed."""
    first, *later = [as_run(framework, change) for change in fixed(text, framework)]
    later = later or [first[first.index("BEGIN;") :]]
    with server.database() as database, database.connect() as connection:
        connection.execute(b'CREATE SCHEMA "Odd"')
        connection.execute(EARLIER.encode())
        connection.execute("INSERT INTO old VALUES (1, NULL)")
        measure(connection, first)
        assert any(one.error for script in later for one in measure(connection, script))
        connection.execute("ROLLBACK")
        connection.execute("UPDATE old SET at = '2024-05-01'")
        again = [one for script in later for one in measure(connection, script)]
        assert [one.error for one in again] == [None] * len(again)
        assert slow_under_lock(tuple(again)) == []
        done = catalog(connection)
    with server.database() as database, database.connect() as connection:
        connection.execute(b'CREATE SCHEMA "Odd"')
        connection.execute(EARLIER.encode())
        connection.execute(text.encode())
        assert done == catalog(connection)


NEW_PART = "CREATE TABLE new_part PARTITION OF whole FOR VALUES IN (9);"


@pytest.mark.parametrize(
    "created", ["", "CREATE TABLE IF NOT EXISTS whole (a int) PARTITION BY LIST (a);"]
)
def test_a_new_partition_does_not_hide_those_of_before(created: str) -> None:
    text = f"{created}{NEW_PART}ALTER TABLE whole ADD CHECK (a > 0);"
    assert found(text, earlier="") == [
        "Reads and writes of `whole` wait until every row of `whole` is checked."
    ]


def test_a_key_is_not_added_to_the_new_partition_alone() -> None:
    (reason,) = found(f"{NEW_PART}ALTER TABLE whole ADD FOREIGN KEY (a) REFERENCES p;")
    assert "add the key to each partition `NOT VALID`" in reason


def test_a_tree_of_thousands_is_followed_in_time() -> None:
    many = "".join(f"CREATE TABLE p{n} PARTITION OF p FOR VALUES IN ({n});" for n in range(3000))
    altered = "".join(f"ALTER TABLE p ADD COLUMN c{n} int;" for n in range(500))
    start = "CREATE TABLE p (a int) PARTITION BY LIST (a);"
    assert found(start + many + altered, earlier="") == []


def test_a_check_may_be_as_deep_as_it_likes() -> None:
    deep = "NOT (" * 500 + "at IS NULL" + ")" * 500
    text = f"ALTER TABLE rest ADD CHECK ({deep});"
    assert len(found(text, framework="psql")) == 1


WITH_CHILDREN = """CREATE TABLE t (id int, x int);
CREATE TABLE a () INHERITS (t); CREATE TABLE b () INHERITS (t);"""
WITH_PARTITIONS = """CREATE TABLE t (id int, x int) PARTITION BY RANGE (id);
CREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (10) TO (20);"""
READ = [
    ("ALTER TABLE t ADD CHECK (x > 0);", "every row of {} is checked."),
    ("ALTER TABLE t ADD CHECK (x > 0) NO INHERIT;", "every row of `t` is checked."),
    ("ALTER TABLE t ALTER x SET NOT NULL;", "every row of {} is checked for nulls."),
    ("ALTER TABLE t ALTER x TYPE bigint;", "every row of {} is rewritten."),
    (
        "ALTER TABLE t ADD COLUMN z int DEFAULT f() CHECK (z > 0);",
        "every row of {} is rewritten with a value for `z`, unless `f()` is declared `STABLE` or"
        " `IMMUTABLE`.",
    ),
    ("CREATE INDEX ON t (x);", "an index is built from the rows of `t`."),
    ("ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES p;", "every row of `t` is looked up in `p`."),
]


@pytest.mark.parametrize(("text", "read"), READ)
@pytest.mark.parametrize(
    ("history", "below"), [(WITH_CHILDREN, "`t`, `a` and `b`"), (WITH_PARTITIONS, "`t`")]
)
def test_a_message_names_the_tables_whose_rows_are_read(
    text: str, read: str, history: str, below: str
) -> None:
    """What belongs to a partitioned table are its partitions; children are tables besides."""
    report = review({"V2__b.sql": text}, framework="flyway", repository={"V1__a.sql": history})
    found = [remark.finding.message.partition(" until ")[2] for remark in report.remarks]
    refused = "NO INHERIT" in text and history is WITH_PARTITIONS
    assert refused or read.format(below) in found


def test_of_an_empty_partition_no_row_is_looked_up() -> None:
    earlier = (
        "CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE w (a int REFERENCES p, b int)"
        " PARTITION BY RANGE (b); CREATE TABLE wd PARTITION OF w DEFAULT;"
    )
    text = "CREATE TABLE n (LIKE w); ALTER TABLE w ATTACH PARTITION n FOR VALUES FROM (5) TO (9);"
    report = review({"V2__a.sql": text}, framework="flyway", repository={"V1__w.sql": earlier})
    (remark,) = report.remarks
    assert remark.finding.message.endswith(" wait until every row of `wd` is checked.")
