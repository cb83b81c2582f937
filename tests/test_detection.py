"""Tools whose files are called alike are told apart by their words, markers and places."""

from __future__ import annotations

import pytest

from bot.base import Base
from bot.frameworks import detect
from bot.model.change import ChangedFile, FileStatus
from bot.model.finding import Severity
from bot.model.source import Source
from bot.selection import Selected, Selection
from bot.settings import MigrationsSetting, Settings
from tests.reviewing import Texts, review

GOLANG = "20240102030405_a.up.sql"


@pytest.mark.parametrize(
    ("path", "text", "others", "tool"),
    [
        # by their own words, whatever lies beside them
        ("migrations/1_a.sql", "-- +goose Up\n", ["Cargo.toml"], "goose"),
        ("migrations/1_a.sql", "--+goose up\n", [], "goose"),
        ("migrations/1_a.sql", "-- migrate:up\n", ["migrations/atlas.sum"], "dbmate"),
        ("migrations/1_a.sql", "-- +migrate Up\n", ["tern.conf"], "sql-migrate"),
        ("migrations/1-a.sql", "-- +migrate Up\n", [], "sql-migrate"),
        ("db/migrations/1_a.sql", "-- +micrate Up\n", ["shard.yml"], "micrate"),
        ("db/migrations/1_a.sql", "-- rambler up\n", [], "rambler"),
        ("migrations/1_a.sql", "x;\n---- create above / drop below ----\n", [], "tern"),
        (f"migrations/{GOLANG}", "-- morph:nontransactional\n", ["go.mod"], "morph"),
        ("db/changelog/orders.sql", "--liquibase formatted sql\n", [], "liquibase"),
        ("V1__a.sql", "\n-- LIQUIBASE FORMATTED SQL\n", ["flyway.conf"], "liquibase"),
        # by markers and hints, the nearest first
        ("migrations/1_a.sql", "", ["tern.conf"], "tern"),
        ("migrations/1_a.sql", "", ["migrations/tern.conf", "Cargo.toml"], "tern"),
        ("migrations/1_a.sql", "", ["migrations/atlas.sum", "go.mod"], "atlas"),
        ("migrations/1_a.sql", "", ["atlas.hcl"], "atlas"),
        ("migrations/1_a.sql", "", ["Cargo.toml"], "sqlx"),
        ("migrations/1_a.sql", "", [".sqlx/query-1.json"], "sqlx"),
        (f"migrations/{GOLANG}", "", [], "golang-migrate"),
        (f"migrations/{GOLANG}", "", ["go.mod"], "golang-migrate"),
        (f"migrations/{GOLANG}", "", ["Cargo.toml"], "sqlx"),
        (f"migrations/{GOLANG}", "", ["database.yml", "go.mod"], "pop"),
        (f"migrations/{GOLANG}", "", ["migrations/atlas.sum", "go.mod"], "golang-migrate"),
        (f"svc/api/migrations/{GOLANG}", "", [".sqlx/a", "svc/api/go.mod"], "golang-migrate"),
        (f"svc/api/migrations/{GOLANG}", "", ["go.mod", "svc/api/Cargo.toml"], "sqlx"),
        ("migrations/1_a.postgres.up.sql", "", ["database.yml"], "pop"),
        ("migrations/V1__a.sql", "", ["Cargo.toml"], "refinery"),
        ("migrations/V1__a.sql", "", ["refinery.toml"], "refinery"),
        ("migrations/V1__a.sql", "", [], "flyway"),
        ("java/db/migration/V1__a.sql", "", ["Cargo.toml", "java/pom.xml"], "flyway"),
        # by folders
        ("supabase/migrations/20240102030405_a.sql", "", ["package.json"], "supabase"),
        ("apps/web/supabase/migrations/1_a.sql", "", ["Cargo.toml"], "supabase"),
        ("migrations/2024-01-02-030405_a/up.sql", "", ["diesel.toml"], "diesel"),
        ("migrations/2024-01-02-030405-0000_a/up.sql", "", ["Cargo.toml"], "diesel"),
        ("migrations/00000000000000_diesel_initial_setup/up.sql", "", ["diesel.toml"], "diesel"),
        ("migrations/default/1700000000000_a/up.sql", "", ["config.yaml"], "hasura"),
        ("hasura/migrations/1700000000000_a/up.sql", "", [], "hasura"),
        # by nothing
        ("migrations/1_a.sql", "", [], None),
        ("migrations/1_a.sql", "", ["go.mod"], None),
        ("migrations/2024-01-02-030405_a/up.sql", "", [], None),
        ("supabase/seed.sql", "", ["supabase/config.toml"], None),
        ("migrations/1_a.up.fizz", "", ["database.yml"], None),
    ],
)
def test_a_layout_tells_the_tool(path: str, text: str, others: list[str], tool: str | None) -> None:
    repository = Texts({path: text, **dict.fromkeys(others, "")})
    found = detect(path, text, repository)
    assert (found and found.name) == tool


ADD = "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);\n"
HALVES = "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;\n"


@pytest.mark.parametrize(
    ("path", "text", "others"),
    [
        ("V2__a.sql", f"-- +migrate Up\n-- +migrate Down\n{ADD}", []),
        ("V2__a.sql", f"--liquibase formatted sql\n--changeset a:b dbms:mysql\n{ADD}", []),
        ("V2__a.sql", f"--liquibase formatted sql\n{ADD}--changeset a:b\nSELECT 1;\n", []),
        (
            "V2__a.sql",
            f"--liquibase formatted sql\n--changeset a:b runInTransaction:false\n{HALVES}",
            [],
        ),
        ("V2__a.sql", f"-- rambler up\n-- rambler down\n{ADD}", []),
        ("revert/V2__a.sql", ADD, ["sqitch.plan"]),
        ("migrations/1_a.sql", f"-- migrate:up\n-- migrate:down\n{ADD}", ["sqlx.toml"]),
        ("migrations/1_a.sql", f"-- migrate:up\n-- migrate:down\n{ADD}", ["Cargo.toml"]),
        ("migrations/1_a.sql", f"-- transactional: false\n{HALVES}", [".sqlx/query-1.json"]),
        ("supabase/migrations/1_a.sql", f"-- +goose Up\n-- +goose Down\n{ADD}", []),
        ("migrations/1_a.sql", f"-- migrate:up\n-- migrate:down\n-- +goose Up\n{ADD}", []),
        ("migrations/1_a.mysql.up.sql", ADD, ["migrations/database.yml"]),
    ],
)
def test_no_words_hide_what_another_tool_would_run(path: str, text: str, others: list[str]) -> None:
    report = review({path: text}, repository=dict.fromkeys(others, ""))
    assert report.unreadable or any(one.severity is Severity.ERROR for one in report.remarks)


@pytest.mark.parametrize(
    ("path", "text", "others"),
    [
        ("migrations/1_a.sql", f"-- migrate:up\nSELECT 1;\n-- migrate:down\n{ADD}", []),
        ("migrations/1_a.sql", f"-- +goose NO TRANSACTION\n-- +goose Up\n{HALVES}", ["go.mod"]),
        ("V2__a.sql", "--liquibase formatted sql\n--changeset a:b\nSELECT 1;\n", []),
        ("migrations/V2__a.sql", "SELECT 1;\n", ["Cargo.toml"]),
        ("migrations/1_a.up.sql", "-- morph:nontransactional\nSELECT 1;\n", ["go.mod"]),
    ],
)
def test_a_tool_without_a_rival_is_believed(path: str, text: str, others: list[str]) -> None:
    assert not review({path: text}, repository=dict.fromkeys(others, "")).unreadable


def test_the_configuration_settles_which_tool_runs_a_file() -> None:
    down = f"-- migrate:up\nSELECT 1;\n-- migrate:down\n{ADD}"
    named = Settings(migrations=(MigrationsSetting(path="migrations", framework="dbmate"),))
    repository = {"sqlx.toml": ""}
    report = review({"migrations/1_a.sql": down}, repository=repository, settings=named)
    assert not report.unreadable
    assert not report.remarks


LISTED = "drizzle/meta/_journal.json"


def recognised(path: str, base: list[str], added: list[str], removed: list[str]) -> str | None:
    """The tool of a new file in a repository of the files `base`, of those that are reviewed."""
    tree = Texts(dict.fromkeys({*base, *added, path} - {*removed}, ""))
    before = Base(tree, [*added, path], removed)
    file = ChangedFile(path, FileStatus.ADDED, Source(path, ""))
    (one,) = Selection(Settings(), tree, base=before).of([file])
    return one.framework.name if isinstance(one, Selected) else None


@pytest.mark.parametrize(
    ("path", "base", "added", "removed", "tool"),
    [
        # beside earlier migrations
        ("sql/2_b.sql", ["sql/1_a.sql", "tern.conf"], ["sql/atlas.sum"], [], "tern"),
        ("sql/2_b.sql", ["sql/1_a.sql", "tern.conf"], [], ["tern.conf"], "tern"),
        ("db/migration/V2__b.sql", ["db/migration/V1__a.sql"], ["refinery.toml"], [], "flyway"),
        ("migrations/deploy/b.sql", ["migrations/deploy/a.sql"], ["sqitch.plan"], [], "unknown"),
        ("drizzle/0001_b.sql", ["drizzle/0000_a.sql", LISTED], [], [LISTED], "drizzle"),
        # in a folder of its own, below one of another tool
        ("db/migration/deploy/V2__b.sql", ["pom.xml"], ["db/migration/sqitch.plan"], [], "flyway"),
        ("db/migration/revert/V2__b.sql", ["pom.xml"], ["db/migration/sqitch.plan"], [], "flyway"),
    ],
)
def test_a_change_cannot_say_whose_its_migrations_are(
    path: str, base: list[str], added: list[str], removed: list[str], tool: str
) -> None:
    assert recognised(path, base, added, removed) == tool


@pytest.mark.parametrize(
    ("path", "base", "added", "tool"),
    [
        ("migrations/1_a.sql", [], ["tern.conf"], "tern"),
        ("migrations/1_a.sql", ["go.mod"], ["migrations/atlas.sum"], "atlas"),
        ("migrations/deploy/a.sql", ["go.mod"], ["migrations/sqitch.plan"], "sqitch"),
        (f"svc/new/migrations/{GOLANG}", ["go.mod"], ["svc/new/Cargo.toml"], "sqlx"),
        ("drizzle/0000_a.sql", ["package.json"], [LISTED], "drizzle"),
        (
            "changes/2_b.sql",
            ["changes/1_a.sql"],
            ["tern.conf"],
            "tern",
        ),  # else it were no migration
    ],
)
def test_the_first_migrations_bring_the_files_of_their_tool(
    path: str, base: list[str], added: list[str], tool: str
) -> None:
    assert recognised(path, base, added, []) == tool
