"""A table becomes a part of another where the servers let it, and is refused where they do not."""

from __future__ import annotations

import pytest

from bot.settings import Settings, with_version
from tests.differential import disagreements
from tests.reviewing import review
from tests.servers.server import Server

ATTACHED = [
    ("id int, z int", "id int"),
    ("id int", "id int, z int"),
    ("id int, z int", "z int, id int"),
    ("id int", "id bigint"),
    ("id int, z varchar(5)", "id int, z varchar(6)"),
    ("id int, z timestamp", "id int, z timestamp(6)"),
    ("id int, z numeric(9)", "id int, z numeric(9, 0)"),
    ("id int, z numeric(9)", "id int, z numeric"),
    ("id int, z int[]", "id int, z int"),
    ("id int NOT NULL", "id int"),
    ("id int NOT NULL", "id int NOT NULL"),
    ("id int NOT NULL", "id int PRIMARY KEY"),
    ("id int NOT NULL", "id int CHECK (id IS NOT NULL)"),
    ("id int PRIMARY KEY", "id int"),
    ("id int PRIMARY KEY", "id int PRIMARY KEY"),
    ("id int PRIMARY KEY, z int", "id int NOT NULL, z int PRIMARY KEY"),
    ("id int GENERATED ALWAYS AS IDENTITY", "id int"),
    ("id int CHECK (id > 0)", "id int"),
    ("id int CONSTRAINT k CHECK (id > 0)", "id int CONSTRAINT k CHECK (id > 0)"),
    ("id int CONSTRAINT k CHECK (id > 0)", "id int CONSTRAINT k CHECK (id > 0) NO INHERIT"),
    ("id int", "id int CONSTRAINT k CHECK (id > 0) NO INHERIT"),
]
SCRIPTS = [
    "ALTER TABLE c ADD CONSTRAINT k CHECK (id > 0) NOT VALID; ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0); ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "ALTER TABLE c ADD CONSTRAINT k CHECK (id > 0) NOT VALID; ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0) NOT VALID; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0) NOT VALID; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "CREATE TABLE d () INHERITS (c); ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "CREATE TABLE d () INHERITS (c); ALTER TABLE w ATTACH PARTITION d DEFAULT;",
    "CREATE TABLE d PARTITION OF w DEFAULT; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "CREATE TABLE d PARTITION OF w DEFAULT; CREATE TABLE e PARTITION OF w DEFAULT;",
    "CREATE TABLE d PARTITION OF w FOR VALUES IN (0);",
    "ALTER TABLE w ATTACH PARTITION c FOR VALUES IN (0);",
    "CREATE TABLE l (id int) PARTITION BY LIST (id); CREATE TABLE d PARTITION OF l FOR VALUES FROM (0) TO (10);",
    "CREATE TABLE d PARTITION OF w FOR VALUES FROM (0) TO (1); ALTER TABLE w DETACH PARTITION d; ALTER TABLE w ADD COLUMN z int; ALTER TABLE w ATTACH PARTITION d DEFAULT;",
    "ALTER TABLE w ALTER id SET NOT NULL; CREATE TABLE d PARTITION OF w DEFAULT; ALTER TABLE w DETACH PARTITION d; ALTER TABLE d ALTER id DROP NOT NULL; ALTER TABLE w ATTACH PARTITION d DEFAULT;",
    "CREATE TABLE d PARTITION OF w DEFAULT; ALTER TABLE w DETACH PARTITION d; ALTER TABLE d RENAME id TO z; ALTER TABLE w ATTACH PARTITION d DEFAULT;",
    "ALTER TABLE w ADD COLUMN z int; ALTER TABLE w DROP COLUMN z; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "BEGIN; ALTER TABLE w ADD COLUMN z int; ROLLBACK; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "CREATE TABLE h (id int, b int); ALTER TABLE c INHERIT h;",
    "CREATE TABLE h (id int, b int); ALTER TABLE h INHERIT c; ALTER TABLE h INHERIT c;",
    "CREATE TABLE h (id int PRIMARY KEY); ALTER TABLE c INHERIT h;",
    "ALTER TABLE c ADD PRIMARY KEY (id); CREATE TABLE h (id int, b int PRIMARY KEY); ALTER TABLE h ALTER id SET NOT NULL; ALTER TABLE h INHERIT c;",
    "CREATE TABLE h (id int PRIMARY KEY); ALTER TABLE h DROP CONSTRAINT h_pkey; ALTER TABLE c INHERIT h;",
    "CREATE TABLE h (id int); ALTER TABLE ONLY h ALTER id SET NOT NULL; ALTER TABLE c INHERIT h;",
    "CREATE TABLE h (id int CHECK (id > 0)); ALTER TABLE c INHERIT h;",
    "CREATE TABLE h (id int CHECK (id > 0) NO INHERIT); ALTER TABLE c INHERIT h;",
    "CREATE TABLE h () INHERITS (c); ALTER TABLE c INHERIT h;",
    "ALTER TABLE c INHERIT c;",
]
SINCE_18 = [
    "ALTER TABLE c ADD CONSTRAINT k CHECK (id > 0) NOT ENFORCED; ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0); ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "ALTER TABLE c ADD CONSTRAINT k CHECK (id > 0); ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0) NOT ENFORCED; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "ALTER TABLE c ADD CONSTRAINT k CHECK (id > 0) NOT VALID; ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0) NOT ENFORCED; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "ALTER TABLE c ADD CONSTRAINT n NOT NULL id NOT VALID; ALTER TABLE w ALTER id SET NOT NULL; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "ALTER TABLE c ADD CONSTRAINT n NOT NULL id NO INHERIT; ALTER TABLE w ALTER id SET NOT NULL; ALTER TABLE w ATTACH PARTITION c DEFAULT;",
    "CREATE TABLE h (id int NOT NULL NO INHERIT); ALTER TABLE c INHERIT h;",
]
GIVEN = "CREATE TABLE w (id int) PARTITION BY RANGE (id); CREATE TABLE c (id int);"


@pytest.mark.parametrize(("whole", "part"), ATTACHED)
def test_a_partition_is_made_like_the_whole(whole: str, part: str, server: Server) -> None:
    given = f"CREATE TABLE w ({whole}) PARTITION BY RANGE (id); CREATE TABLE c ({part});"
    assert not disagreements(server, given, "ALTER TABLE w ATTACH PARTITION c DEFAULT;")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_part_goes_with_the_whole(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


@pytest.mark.postgres(18)
@pytest.mark.parametrize("script", SINCE_18)
def test_a_part_keeps_what_the_whole_demands(script: str, server: Server) -> None:
    assert not disagreements(server, GIVEN, script)


NOBODY_KNOWS = [
    "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE c ADD COLUMN z int; END IF; END $$; ALTER TABLE w ADD COLUMN z int;",
    "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE c ADD COLUMN z int; ELSE ALTER TABLE c ADD COLUMN z int; END IF; END $$; ALTER TABLE w ADD COLUMN z int;",
    "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE w ADD COLUMN z int; END IF; END $$;",
    "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE c ALTER id SET NOT NULL; END IF; END $$; ALTER TABLE w ALTER id SET NOT NULL;",
    "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE c ADD CONSTRAINT k CHECK (id > 0); END IF; END $$; ALTER TABLE w ADD CONSTRAINT k CHECK (id > 0);",
    "${more}; ALTER TABLE w ADD COLUMN z int;",
    "SELECT add_column('c', 'z'); ALTER TABLE w ADD COLUMN z int;",
    "ALTER TABLE w ADD COLUMN z int; CREATE TABLE c (LIKE w);",
]


@pytest.mark.parametrize("script", NOBODY_KNOWS)
def test_nothing_is_missed_where_nobody_knows_what_is_there(script: str) -> None:
    text = f"{script} ALTER TABLE w ATTACH PARTITION c DEFAULT;"
    report = review(
        {"2.sql": text},
        framework="psql",
        repository={"1.sql": GIVEN},
        settings=with_version(Settings(), 18),
    )
    assert "refused-by-postgresql" not in {remark.finding.rule for remark in report.remarks}
