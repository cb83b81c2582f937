"""Tools whose files are called alike are told apart by their words, markers and places."""

from __future__ import annotations

import pytest

from bot.frameworks import detect
from tests.reviewing import Texts

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
