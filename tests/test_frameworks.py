"""A file belongs to one migration tool, and the next file is named as its neighbours are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.comments.summary import summary
from bot.fixing import changes
from bot.frameworks import detect
from bot.frameworks._numbering import next_number
from bot.model.change import ChangedFile, FileStatus
from bot.model.finding import Fix, Following, NoFix
from bot.model.report import Status
from bot.model.source import Source
from bot.pipeline import Reviewer
from bot.reports import render, verdict
from bot.selection import Selection
from bot.settings import MigrationsSetting, Settings
from tests.reviewing import NO_LOCK_TIMEOUT, Texts, review

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"


@pytest.mark.parametrize(
    ("path", "tool"),
    [
        ("db/migration/V1__a.sql", "flyway"),
        ("src/main/resources/db/migration/V2024.01.02__a b.sql", "flyway"),
        ("sql/R__views.sql", "flyway"),
        ("db/migration/U1__a.sql", "flyway"),
        ("migrations/000001_a.up.sql", "golang-migrate"),
        ("migrations/20240102030405_a.up.sql", "golang-migrate"),
        ("migrations/000001_a.down.sql", "golang-migrate"),
        ("migrations/000001_a.up.pgsql", "golang-migrate"),
        ("migrations/000001_a.up.json", "golang-migrate"),
        ("migrations/001_a.sql", None),
        ("V1__a.sql.txt", None),
        ("db/migration/Vx__a.sql", None),
    ],
)
def test_a_path_tells_the_tool(path: str, tool: str | None) -> None:
    found = detect(path, "", Texts())
    assert (found and found.name) == tool


@pytest.mark.parametrize(
    ("path", "status", "framework"),
    [
        ("db/migration/V1__a.sql", Status.REVIEWED, "flyway"),
        ("db/migration/U1__a.sql", Status.SKIPPED, "flyway"),
        ("migrations/000001_a.down.sql", Status.SKIPPED, "golang-migrate"),
        ("deploy/a.sql", Status.REVIEWED, "sqitch"),
        ("verify/a.sql", Status.SKIPPED, "sqitch"),
        ("app/migrations/1.sql", Status.REVIEWED, "unknown"),
    ],
)
def test_only_what_runs_on_the_way_up_is_reviewed(
    path: str, status: Status, framework: str
) -> None:
    (file,) = review({path: ADD}, repository={"sqitch.plan": "a"}).files
    assert (file.status, file.framework) == (status, framework)


def test_the_configuration_names_a_tool_for_a_folder() -> None:
    entry = MigrationsSetting(path="services/billing", framework="psql")
    report = review({"services/billing/V1__a.sql": ADD}, settings=Settings(migrations=(entry,)))
    assert report.files[0].framework == "psql"


def test_an_unknown_tool_gets_a_finding_and_the_reason_why_there_is_no_suggestion() -> None:
    (remark,) = review({"migrations/1.sql": ADD}).remarks
    assert isinstance(remark.fix, NoFix)
    assert "It is not known which migration tool runs this file" in remark.fix.reason


PRISMA, LOCK = "prisma/migrations", "migration_lock.toml"
JOURNAL = "drizzle/meta/_journal.json"
SNAPSHOT = "out/20261120093000_a/snapshot.json"
HASHED = "--! Previous: -\n--! Hash: sha1:62cdb7020ff920e5aa642c3d4066950dd1f01f4d\n\n"
DEPENDS = "-- depends: 20261119_02_aB3dE-b\n"


@pytest.mark.parametrize(
    ("path", "text", "others", "tool"),
    [
        ("migrations/1763631000000_a.sql", f"-- Up Migration\n{ADD}", [], "node-pg-migrate"),
        ("migrations/0001-a.sql", f"{ADD}\n--- down migration\n", [], "node-pg-migrate"),
        ("migrations/000001_a.up.sql", f"-- Up Migration\n{ADD}", [], "golang-migrate"),
        ("migrations/1763631000000_a.sql", ADD, ["package.json"], None),
        ("drizzle/0000_keen_hulk.sql", ADD, [JOURNAL], "drizzle"),
        ("drizzle/0000_keen_hulk.sql", f"{ADD}--> statement-breakpoint\n{ADD}", [], "drizzle"),
        ("src/db/out/0001_a.sql", ADD, ["drizzle.config.ts"], "drizzle"),
        ("api/migrations/0001_a.sql", f"-- +goose Up\n{ADD}", ["drizzle.config.ts"], "goose"),
        ("db/migration/V1__a.sql", ADD, ["drizzle.config.ts"], "flyway"),
        ("migrations/0001_a.sql", ADD, [JOURNAL], None),
        ("migrations/committed/000012-a.sql", f"{HASHED}{ADD}", [], "graphile-migrate"),
        ("migrations/current.sql", ADD, [".gmrc"], "graphile-migrate"),
        ("db/migrations/current/001-a.sql", ADD, ["db/.gmrc"], "graphile-migrate"),
        ("migrations/current.sql", ADD, [], None),
        ("migrations/20261120_01_kQ3vX-a.sql", f"{DEPENDS}{ADD}", [], "yoyo"),
        ("migrations/0001.a.sql", f"-- transactional: false\n{ADD}", [], "yoyo"),
        ("migrations/0001.a.sql", ADD, ["yoyo.ini"], "yoyo"),
        ("migrations/0001_a.sql", f"-- depends: on the weather\n{ADD}", [], None),
        ("queries/report.sql", ADD, ["yoyo.ini"], None),
        (f"{PRISMA}/20261120093000_a/migration.sql", ADD, [f"{PRISMA}/{LOCK}"], "prisma"),
        ("db/migrations/0_init/migration.sql", ADD, ["db/schema.prisma"], "prisma"),
        ("drizzle/20261120093000_a/migration.sql", ADD, ["drizzle.config.ts"], "drizzle-1"),
        ("out/20261120093000_a/migration.sql", f"{ADD}--> statement-breakpoint", [], "drizzle-1"),
        ("out/20261120093000_a/migration.sql", ADD, [SNAPSHOT], "drizzle-1"),
        ("out/1_a/migration.sql", ADD, ["drizzle.config.ts"], None),
        ("20261120093000_a/migration.sql", ADD, [], None),
        ("deploy/orders.sql", ADD, ["sqitch.plan"], "sqitch"),
        ("db/sqitch/deploy/a/orders.sql", ADD, ["sqitch.conf"], "sqitch"),
        ("revert/orders.sql", ADD, ["sqitch.plan"], "sqitch"),
        ("t/fixture.sql", ADD, ["sqitch.plan"], None),
        ("deploy/orders.sql", ADD, ["Makefile"], None),
    ],
)
def test_a_layout_tells_the_tool(path: str, text: str, others: list[str], tool: str | None) -> None:
    found = detect(path, text, Texts(dict.fromkeys([path, *others], "")))
    assert (found and found.name) == tool


def follow_ups(path: str, *neighbours: str, settings: Settings | None = None) -> list[str]:
    repository = dict.fromkeys(neighbours, "")
    remarks = review({path: ADD}, repository=repository, settings=settings).remarks
    (fix,) = (one.fix for one in remarks if isinstance(one.fix, Fix))
    return [new.path for new in fix.follow_ups]


@pytest.mark.parametrize(
    ("own", "neighbours", "expected"),
    [
        ("V1__a.sql", [], "V2__validate_a.sql"),
        ("V3__a.sql", ["V1__x.sql", "V12__y.sql", "R__z.sql"], "V13__validate_a.sql"),
        ("V007__a.sql", ["V008__b.sql"], "V009__validate_a.sql"),
        ("V099__a.sql", [], "V100__validate_a.sql"),
        ("V1.9__a.sql", ["V1.10__b.sql"], "V1.11__validate_a.sql"),
        ("V1_2__a.sql", [], "V1_3__validate_a.sql"),
        ("V20261231235959__a.sql", [], "V20270101000000__validate_a.sql"),
        ("V99991231235959__a.sql", [], "V99991231235960__validate_a.sql"),
    ],
)
def test_the_next_flyway_version_follows_all_others(
    own: str, neighbours: list[str], expected: str
) -> None:
    others = [f"db/migration/{name}" for name in neighbours]
    assert follow_ups(f"db/migration/{own}", *others) == [f"db/migration/{expected}"]


def test_flyway_searches_the_folders_below_a_location_too() -> None:
    files = {"db/migration/2026/V7__a.sql": ADD, "db/migration/2025/V30__b.sql": "SELECT 1;"}
    (remark,) = review(files).remarks
    assert isinstance(remark.fix, Fix)
    assert remark.fix.follow_ups[0].path == "db/migration/2026/V31__validate_a.sql"


def test_two_migrations_of_a_change_get_two_follow_ups() -> None:
    report = review(
        {"db/migration/V1__a.sql": ADD, "db/migration/V2__b.sql": ADD.replace(" c ", " d ")}
    )
    paths = [
        new.path for one in report.remarks if isinstance(one.fix, Fix) for new in one.fix.follow_ups
    ]
    assert paths == ["db/migration/V3__validate_a.sql", "db/migration/V4__validate_b.sql"]


def test_a_flyway_script_configuration_takes_the_transaction_away() -> None:
    beside = {"db/migration/V1__a.sql.conf": "executeInTransaction=false\n"}
    (remark,) = review({"db/migration/V1__a.sql": ADD}, repository=beside).remarks
    assert isinstance(remark.fix, Fix)
    assert remark.fix.follow_ups == ()
    assert "VALIDATE" in remark.fix.additions[0].text


def test_nothing_can_follow_a_repeatable_migration() -> None:
    (remark,) = review({"db/migration/R__a.sql": ADD}).remarks
    assert isinstance(remark.fix, NoFix)


def test_golang_migrate_gets_a_pair_where_the_migration_is_one() -> None:
    assert follow_ups("m/0009_a.up.sql", "m/0009_a.down.sql", "m/0007_b.up.sql") == [
        "m/0010_validate_a.up.sql",
        "m/0010_validate_a.down.sql",
    ]


def test_golang_migrate_gets_one_file_where_nothing_is_ever_undone() -> None:
    assert follow_ups("m/20260228235959_a.up.sql") == ["m/20260301000000_validate_a.up.sql"]


def test_the_next_migration_of_prisma_has_a_folder_later_than_all_others() -> None:
    own = f"{PRISMA}/20261120093000_a/migration.sql"
    others = [f"{PRISMA}/20261121000000_b/migration.sql", f"{PRISMA}/0_init/migration.sql"]
    expected = [f"{PRISMA}/20261121000001_validate_a/migration.sql"]
    assert follow_ups(own, *others, f"{PRISMA}/{LOCK}") == expected


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        ("0007.a.sql", ["0008.b.sql", "0008.b.rollback.sql"], "0009.validate_a.sql"),
        (
            "20261120_01_kQ3vX-a.sql",
            ["20261120_02_aB3dE-b.sql", "20261119_05_zzzzz-c.sql"],
            "20261120_03_validate_kQ3vX-a.sql",
        ),
    ],
)
def test_the_next_migration_of_yoyo_follows_all_others(
    own: str, others: list[str], expected: str
) -> None:
    neighbours = [f"db/{name}" for name in ("yoyo.ini", *others)]
    settings = Settings(follow_up="new-file")
    assert follow_ups(f"db/{own}", *neighbours, settings=settings) == [f"db/{expected}"]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("009-a.sql", "003-b.sql", "010-validate_a.sql"),
        ("009.sql", "010.sql", "011_validate.sql"),
    ],
)
def test_psql_with_one_transaction_per_file_gets_the_next_number(
    own: str, other: str, expected: str
) -> None:
    entry = MigrationsSetting(path="db", framework="psql", transaction="file")
    settings = Settings(migrations=(entry,))
    assert follow_ups(f"db/{own}", f"db/{other}", settings=settings) == [f"db/{expected}"]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (["7"], "8"),
        (["007", "9"], "10"),
        (["20269999999999"], "20270000000000"),  # 14 digits, but no date
        (["20261120093059"], "20261120093100"),
        (["00010101000000"], "00010101000001"),
    ],
)
def test_the_next_number_is_later_than_all(others: list[str], expected: str) -> None:
    assert next_number(others) == expected


def test_flyway_runs_2_before_2_1_and_repeatable_files_last() -> None:
    report = review(
        {
            "db/migration/R__a.sql": "ALTER TABLE t ADD CHECK (x > 1);",
            "db/migration/V2.1__b.sql": "ALTER TABLE t ADD CHECK (x > 0);",
            "db/migration/V2__c.sql": "CREATE TABLE t (x int);",
        }
    )
    assert not report.remarks


def test_a_number_of_any_length_or_script_is_no_trouble() -> None:
    for name in ("1²2.sql", f"{'9' * 5000}.sql", "٣_a.sql"):
        assert review({f"migrations/{name}": ADD}).remarks


def test_a_name_that_an_earlier_migration_has_taken_is_not_chosen() -> None:
    base = {
        "db/migration/V1__a.sql": "CREATE TABLE t (x int CHECK (x > 0));",
        "db/migration/V2__b.sql": "ALTER TABLE t ADD CHECK (x > 1);",
    }
    report = review(
        {"db/migration/V3__c.sql": "ALTER TABLE t ADD CHECK (x > 2);\n"}, repository=base
    )
    (remark,) = report.remarks
    assert isinstance(remark.fix, Fix)
    assert "CONSTRAINT t_x_check2" in remark.fix.follow_ups[0].text


def test_what_the_history_creates_is_not_new() -> None:
    base = {"db/migration/V1__a.sql": "CREATE TABLE t (x int);"}
    report = review(
        {"db/migration/V3__c.sql": "ALTER TABLE t ADD CHECK (x > 2);\n"}, repository=base
    )
    assert len(report.remarks) == 1


def test_golang_migrate_never_runs_a_file_below_the_latest_version() -> None:
    files = {
        "migrations/000001_a.up.sql": "CREATE TABLE t (x int);",
        "migrations/000009_b.up.sql": "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);",
    }
    assert not review(files).remarks
    assert review(files, repository={"migrations/000005_old.up.sql": ""}).remarks


SILENT = Settings(rules={NO_LOCK_TIMEOUT: "off"})


def test_a_table_of_a_migration_that_is_not_new_is_not_new_either() -> None:
    created = "CREATE TABLE t (x int);\n"
    old = ChangedFile(
        "m/000001_a.up.sql",
        FileStatus.MODIFIED,
        Source("m/000001_a.up.sql", "-- typo\n" + created),
        frozenset({1}),
        Source("m/000001_a.up.sql", "-- tpyo\n" + created),
    )
    new = ChangedFile("m/000002_b.up.sql", FileStatus.ADDED, Source("m/000002_b.up.sql", ADD))
    report = Reviewer(Selection(SILENT, Texts())).review([old, new])
    assert len(report.remarks) == 1


def test_a_constraint_moved_to_another_table_is_a_new_finding() -> None:
    before = "ALTER TABLE colours\n    ADD CONSTRAINT c CHECK (x > 0);\n"
    file = ChangedFile(
        "m/000001_a.up.sql",
        FileStatus.MODIFIED,
        Source("m/000001_a.up.sql", before.replace("colours", "orders")),
        frozenset({1}),
        Source("m/000001_a.up.sql", before),
    )
    assert len(Reviewer(Selection(SILENT, Texts())).review([file]).remarks) == 1


PARTITIONED = {"db/migration/V1__a.sql": "CREATE TABLE t (x int) PARTITION BY RANGE (x);"}
KEY = {"db/migration/V2__b.sql": "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p;\n"}


def test_a_partitioned_table_takes_no_foreign_key_not_valid_before_18() -> None:
    (remark,) = review(KEY, repository=PARTITIONED).remarks
    assert isinstance(remark.fix, NoFix)
    assert remark.fix.reason.startswith("`t` is partitioned, and before PostgreSQL 18")


def test_a_partitioned_table_takes_one_since_18() -> None:
    settings = Settings(postgres_version=18)
    (remark,) = review(KEY, repository=PARTITIONED, settings=settings).remarks
    assert isinstance(remark.fix, Fix)


def test_psql_reads_the_names_of_the_files_beside_it() -> None:
    entry = MigrationsSetting(path="db", framework="psql")
    report = review(
        {"db/2.sql": "ALTER TABLE t ADD CHECK (x > 1);\n"},
        repository={"db/1.sql": "CREATE TABLE t (x int CHECK (x > 0));"},
        settings=Settings(migrations=(entry,)),
    )
    (remark,) = report.remarks
    assert isinstance(remark.fix, Fix)
    assert "VALIDATE CONSTRAINT t_x_check1;" in remark.fix.additions[0].text


def fixed(path: str, text: str, settings: Settings | None = None) -> dict[str, str]:
    return {one.path: one.after for one in changes(review({path: text}, settings=settings))}


@pytest.mark.parametrize(
    ("following", "files"),
    [
        ("auto", ["1_a.sql"]),
        ("same-file", ["1_a.sql"]),
        ("new-file", ["1_a.sql", "2_validate_a.sql"]),
    ],
)
def test_the_configuration_says_where_what_comes_later_goes(
    following: Following, files: list[str]
) -> None:
    settings = Settings(follow_up=following)
    assert list(fixed("1_a.sql", f"-- +goose Up\n{ADD}", settings)) == files


def test_a_folder_named_in_the_configuration_may_hold_files_of_psql() -> None:
    entry = MigrationsSetting(path="db", framework="psql")
    for name in ("db/1_a.psql", "db/1_a.PGSQL"):
        assert review({name: ADD}, settings=Settings(migrations=(entry,))).remarks


def test_a_folder_may_want_what_comes_later_elsewhere_than_the_others() -> None:
    entry = MigrationsSetting(path="db", framework="psql", follow_up="new-file")
    settings = Settings(migrations=(entry,))
    assert list(fixed("db/1_a.sql", ADD, settings)) == ["db/1_a.sql", "db/2_validate_a.sql"]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (f"-- +goose Up\nALTER TABLE t ADD y int;\n{ADD}", 1),
        (f"-- +goose Up\nSET lock_timeout = '1s';\n{ADD}", 2),
        (f"-- +goose Up\nSELECT set_config('role', 'a', false);\n{ADD}", 2),
        ("-- +goose Up\nALTER TABLE t ALTER x SET NOT NULL;\n", 2),
    ],
)
def test_a_transaction_is_left_only_where_the_statements_do_the_same_without(
    text: str, files: int
) -> None:
    assert len(fixed("1_a.sql", text, Settings(follow_up="same-file"))) == files


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("1_a.sql", "-- +goose NO TRANSACTON\n-- +goose Up\n", "goose does not understand this"),
        ("1_a.sql", " -- +goose Up\n", "goose does not understand this"),
        ("1_a.sql", "-- migrate:down\n-- migrate:up transaction: false\n", "dbmate does not"),
        ("1_a.sql", "-- Down Migration\n", "node-pg-migrate runs all of this file"),
        ("1.sql", "-- transactional: no\n", "yoyo fails at this"),
        ("1.sql", "-- Transactional: false\n-- transactional: true\n", "yoyo does not read this"),
        (
            "1.sql",
            f"{HASHED}SELECT 2;\n--! no-transaction\n",
            "graphile-migrate reads this in the first",
        ),
    ],
)
def test_a_directive_misspelt_is_told(path: str, text: str, sentence: str) -> None:
    remark = review({path: f"{text}SELECT 1;\n"}).remarks[-1]
    assert remark.finding.rule == "directive-not-understood"
    assert sentence in remark.finding.message


def test_a_rollback_section_is_not_reviewed() -> None:
    for up, down in (("-- +goose Up", "-- +goose Down"), ("-- migrate:up", "-- migrate:down")):
        assert not review({"1_a.sql": f"{up}\nSELECT 1;\n{down}\n{ADD}"}).remarks


PLAN = "%syntax-version=1.0.0\n\n# comment\norders 2026-11-20T09:30:00Z A <a@b.c>\n@v1\n+ checks\n"
CREATE = "CREATE TABLE t (x int);\n"


def journal(*tags: str) -> dict[str, str]:
    return {JOURNAL: json.dumps({"entries": [{"tag": tag} for tag in tags]})}


@pytest.mark.parametrize(
    ("first", "second", "listing"),
    [
        ("deploy/orders.sql", "deploy/checks.sql", {"sqitch.plan": PLAN}),
        ("drizzle/0002_b.sql", "drizzle/0001_a.sql", journal("0002_b", "0001_a")),
    ],
)
def test_files_run_in_the_order_in_which_the_tool_lists_them(
    first: str, second: str, listing: dict[str, str]
) -> None:
    assert not review({first: CREATE, second: ADD}, repository=listing).remarks
    assert review({second: CREATE, first: ADD}, repository=listing).remarks


@pytest.mark.parametrize(
    ("path", "listing", "sentence"),
    [
        ("deploy/order.sql", {"sqitch.plan": PLAN}, "Sqitch never runs this file"),
        ("drizzle/0001_a.sql", journal("0001_b"), "Drizzle never runs this file"),
        ("drizzle/0001_a.sql", {JOURNAL: '{"entries": 1}'}, None),
    ],
)
def test_a_file_that_the_tool_does_not_list_is_told(
    path: str, listing: dict[str, str], sentence: str | None
) -> None:
    report = review({path: "SELECT 1;\n"}, repository=listing)
    assert report.files[0].framework in ("sqitch", "drizzle")
    told = [remark.finding.message for remark in report.remarks]
    assert [sentence] == [message.partition(",")[0] for message in told] if sentence else not told


EACH_DEPLOYMENT = Settings(
    migrations=(MigrationsSetting(path="db", framework="psql", transaction="all"),)
)


def test_what_comes_later_waits_for_the_next_deployment_where_all_files_are_one_transaction() -> (
    None
):
    (remark,) = review({"db/1_a.sql": ADD}, settings=EACH_DEPLOYMENT).remarks
    assert isinstance(remark.fix, Fix)
    assert remark.fix.postponed == "ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    assert fixed("db/1_a.sql", ADD, EACH_DEPLOYMENT) == {"db/1_a.sql": f"{ADD[:-2]} NOT VALID;\n"}


def test_what_waits_for_the_next_deployment_is_no_transaction_of_its_own() -> None:
    text = "ALTER TABLE t ALTER x SET NOT NULL;\n"
    (remark,) = review({"db/1_a.sql": text}, settings=EACH_DEPLOYMENT).remarks
    assert isinstance(remark.fix, Fix)
    assert "BEGIN" not in remark.fix.postponed


def test_two_files_in_one_transaction_hold_each_other_s_locks() -> None:
    files = {
        "db/1_a.sql": "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n",
        "db/2_b.sql": "ALTER TABLE t VALIDATE CONSTRAINT c;\n",
    }
    found = {one.finding.rule for one in review(files, settings=EACH_DEPLOYMENT).remarks}
    assert found == {"validated-under-lock"}
    apart = Settings(migrations=(MigrationsSetting("db", "psql", "file"),))
    assert not review(files, settings=apart).remarks


def test_a_new_file_is_no_later_than_its_migration_where_all_files_are_one_transaction() -> None:
    settings = replace(EACH_DEPLOYMENT, follow_up="new-file")
    assert list(fixed("db/1_a.sql", ADD, settings)) == ["db/1_a.sql"]


def test_node_pg_migrate_may_be_told_to_run_each_file_in_its_own_transaction() -> None:
    entry = MigrationsSetting("db", "node-pg-migrate", "file")
    files = fixed("db/0001_a.sql", f"-- Up Migration\n{ADD}", Settings(migrations=(entry,)))
    assert files["db/0002_validate_a.sql"].startswith("-- Up Migration\n")


def test_no_index_is_built_concurrently_where_all_files_are_one_transaction() -> None:
    text = "CREATE INDEX i ON t (x);\n"
    (remark,) = review({"db/1_a.sql": text}, settings=EACH_DEPLOYMENT).remarks
    assert isinstance(remark.fix, NoFix)
    assert "build it by hand" in remark.fix.reason


@pytest.mark.parametrize(
    ("file", "text", "grouped"),
    [
        ("flyway.toml", '[flyway]\nlocations = ["filesystem:db"]\ngroup = true\n', True),
        ("conf/flyway.conf", "flyway.group=true\n", True),
        ("flyway.conf", "# flyway.group=true\nflyway.group=false\n", False),
        ("services/a/flyway.conf", "flyway.group=true\n", True),
        ("services/b/flyway.conf", "flyway.group=true\n", False),
        ("services/a/pom.xml", "<configuration><group>true</group></configuration>", True),
        ("pom.xml", "<flyway.group> true </flyway.group>", True),
        ("pom.xml", "<group>org.example</group>", False),
        ("services/application.properties", "spring.flyway.group=true\n", True),
        ("flyway.conf", "flyway.groupings=true\n", False),
        ("db/migration/flyway.txt", "flyway.group=true\n", False),
    ],
)
def test_flyway_may_group_all_pending_files(file: str, text: str, grouped: bool) -> None:
    (remark,) = review({"services/a/db/migration/V1__a.sql": ADD}, repository={file: text}).remarks
    assert isinstance(remark.fix, Fix)
    assert bool(remark.fix.postponed) == grouped
    assert bool(remark.fix.follow_ups) != grouped


HALF = ADD.replace(";", " NOT VALID;")
UP = "-- Up Migration\n"


@pytest.mark.parametrize(
    ("files", "repository", "switch"),
    [
        ({"migrations/1_a.sql": UP + ADD}, {}, "`--no-single-transaction`"),
        (
            {
                "migrations/1_a.sql": UP + HALF,
                "migrations/2_b.sql": f"{UP}ALTER TABLE t VALIDATE CONSTRAINT c;\n",
            },
            {},
            "`--no-single-transaction`",
        ),
        ({"db/migration/V1__a.sql": ADD}, {"flyway.conf": "flyway.group=true\n"}, "`group`"),
    ],
)
def test_what_waits_for_the_next_deployment_tells_the_tool_s_own_switch(
    files: dict[str, str], repository: dict[str, str], switch: str
) -> None:
    (remark,) = review(files, repository=repository).remarks
    assert isinstance(remark.fix, Fix)
    assert remark.fix.postponed
    assert switch in remark.fix.afterwards
    assert switch in render(review(files, repository=repository), "error", "text")


def test_a_tool_that_commits_each_file_needs_no_switch() -> None:
    (remark,) = review({"db/migration/V1__a.sql": ADD}).remarks
    assert isinstance(remark.fix, Fix)
    assert not remark.fix.afterwards


HIDES = f"-- migrate:up\nSELECT 1;\n-- migrate:down\n{ADD}"


IN_KNEX = "exports.up = (knex) => knex.raw('ALTER TABLE t ADD CHECK (x > 0)');\n"
IN_TYPEORM = "export class A1763631000000 implements MigrationInterface {}\n"
IN_KYSELY = 'import { Kysely, sql } from "kysely";\n'
IN_NODE = "exports.up = (pgm) => pgm.sql('SELECT 1');\n"
IN_SEQUELIZE = "module.exports = { async up (queryInterface) {} };\n"


@pytest.mark.parametrize(
    ("path", "text", "beside", "tool"),
    [
        ("db/migrations/20261120093000_a.js", IN_KNEX, [], "Knex"),
        ("db/20261120093000_a.ts", "", ["knexfile.ts"], "Knex"),
        ("src/migrations/1763631000000-A.ts", IN_TYPEORM, [], "TypeORM"),
        ("src/migrations/001_a.ts", IN_KYSELY, [], "Kysely"),
        ("migrations/1763631000000_a.js", IN_NODE, [], "node-pg-migrate"),
        ("migrations/20261120093000-a.js", IN_SEQUELIZE, [], "Sequelize"),
        ("migrations/20261120093000-a.js", "", [".sequelizerc"], "Sequelize"),
    ],
)
def test_a_migration_in_javascript_is_told_not_to_be_reviewed(
    path: str, text: str, beside: list[str], tool: str
) -> None:
    report = review({path: text}, repository=dict.fromkeys(beside, ""))
    (file,) = report.files
    assert (file.status, (file.reason or "").split()[0]) == (Status.SKIPPED, tool)
    assert verdict(report, "notice") == 0
    assert f"{path}` not reviewed: {tool} runs " in summary(report, "error")
    assert f"{path} not reviewed: {tool} runs " in render(report, "error", "text")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/001_a.ts", IN_KYSELY),
        ("db/migrations/20261120093000_a.d.ts", IN_KNEX),
        ("db/migrations/20261120093000_a.js", ""),
        ("db/migrations/a.js", IN_KNEX),
        ("src/migrations/index.ts", "export * from './a';\n"),
    ],
)
def test_other_javascript_is_no_concern(path: str, text: str) -> None:
    changed = ChangedFile(path, FileStatus.ADDED, Source(path, text))
    assert not list(Selection(Settings(), Texts({path: text})).of([changed]))


def test_sql_of_a_tool_in_javascript_is_reviewed_as_that_runs_it() -> None:
    entry = MigrationsSetting(path="db/sql", framework="knex")
    (remark,) = review({"db/sql/a.sql": ADD}, settings=Settings(migrations=(entry,))).remarks
    assert isinstance(remark.fix, Fix)
    assert remark.fix.postponed == "ALTER TABLE t VALIDATE CONSTRAINT c;\n"


def test_javascript_is_no_migration_that_could_have_a_tools_words() -> None:
    repository = {"migrations/index.ts": "export const a = 1;\n"}
    assert not review({"migrations/2_b.sql": HIDES}, repository=repository).unreadable


NAMED = "ALTER TABLE t ADD CONSTRAINT t_x_check CHECK (x < 9) NOT VALID;\n"


@pytest.mark.parametrize("path", ["migrations/current.sql", "migrations/current/001-a.sql"])
def test_what_is_current_runs_after_what_is_committed(path: str) -> None:
    text = "ALTER TABLE t ADD CHECK (x > 0);\n"
    repository = {"migrations/committed/000001.sql": f"{HASHED}{NAMED}", ".gmrc": ""}
    (change,) = changes(review({path: text}, repository=repository))
    assert "ADD CONSTRAINT t_x_check1 CHECK" in change.after


@pytest.mark.parametrize("beside", ["1_a.sql", "first.sql"])
def test_words_that_no_migration_beside_the_file_has_are_not_believed(beside: str) -> None:
    repository = {f"migrations/{beside}": "CREATE TABLE t (x int);\n"}
    (gap,) = review({"migrations/2_b.sql": HIDES}, repository=repository).unreadable
    assert "no migration beside it has any" in gap.reason
    entry = MigrationsSetting(path="migrations", framework="psql")
    told = review(
        {"migrations/2_b.sql": HIDES},
        repository=repository,
        settings=Settings(migrations=(entry,)),
    )
    assert told.remarks
    assert not told.unreadable


@pytest.mark.parametrize(
    "repository",
    [{}, {"migrations/1_a.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"}],
)
def test_words_that_those_beside_the_file_have_are_believed(repository: dict[str, str]) -> None:
    report = review({"migrations/2_b.sql": HIDES}, repository=repository)
    assert not report.remarks
    assert not report.unreadable
