"""What a tool's own parser takes for its words divides a file, and nothing less does."""

from __future__ import annotations

from time import process_time

import pytest

from bot.frameworks import frameworks, read
from bot.model.source import Source
from tests.reviewing import Texts, review

ADD = "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);\n"
NBSP = "\u00a0"
CHANGE_SET = "--liquibase formatted sql\n--changeset a:b dbms:mysql\nSELECT 1;\n"


def up_again(tool: str, line: str) -> str:
    words = f"-- {tool}"
    return f"{words} Up\nSELECT 1;\n{words} Down\nSELECT 2;\n{line}\n{ADD}"


@pytest.mark.parametrize(
    "text",
    [
        up_again("+migrate", "-- +migrate Up"),
        up_again("+migrate", "-- +migrate  Up"),
        up_again("+migrate", f"-- +migrate Up{NBSP}"),
        up_again("+migrate", "-- +migrate Up\r\r"),
        up_again("+migrate", "-- +migrate Up notransaction"),
        up_again("+micrate", "-- +micrate Up"),
        up_again("+micrate", f"-- +micrate Up{NBSP}"),
        up_again("rambler", "-- rambler up\r\r").replace("Up", "up").replace("Down", "down"),
        f"-- migrate:up\nSELECT 1;\n-- migrate:down\n--\fmigrate:up\n{ADD}-- migrate:down\n",
        f"-- migrate:up\nSELECT 1;\n-- migrate:down\n-- migrate:up\f\n{ADD}-- migrate:down\n",
        f"-- +goose Up{NBSP}\n{ADD}",
        f"-- +goose{NBSP}Up\n{ADD}",
        f"-- +goose ENVSUB OFF\n-- Up +goose\n{ADD}",
        f"{CHANGE_SET}--\fchangeset a:c\n{ADD}",
        f"{CHANGE_SET}-- x\r--changeset a:c\r{ADD}",
    ],
)
def test_what_runs_on_the_way_up_is_reviewed_however_it_is_marked(text: str) -> None:
    report = review({"db/migrations/20261120000001_a.sql": text})
    assert "check-validated-on-add" in [one.finding.rule for one in report.remarks]


@pytest.mark.parametrize(
    "lines",
    [
        f"SELECT '\n-- ';\nSELECT '; {ADD.strip()} --';\n",
        f"SELECT $$\n-- $$;\nSELECT $$; {ADD.strip()} --$$;\n",
    ],
)
def test_a_string_whose_end_sql_migrate_leaves_out_is_not_analysed(lines: str) -> None:
    (gap,) = review({"1_a.sql": f"-- +migrate Up\n{lines}"}).unreadable
    assert gap.reason.startswith("sql-migrate leaves this line out")


def test_comments_that_sql_migrate_leaves_out_hide_nothing() -> None:
    body = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- it's 1;\nSELECT 1\n$$;\n"
    text = f"-- +migrate Up\n-- it's one;\n-- +migrate StatementBegin\n{body}-- +migrate StatementEnd\n{ADD}"
    report = review({"1_a.sql": text})
    assert not report.unreadable
    assert "check-validated-on-add" in [one.finding.rule for one in report.remarks]


HIDDEN = "; ALTER TABLE orders ADD CHECK (total > 0)"
FORMATTED = "--liquibase formatted sql\n--property"


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("psql", f"\\set x '{HIDDEN}'\nSELECT 1 :x;\n"),
        ("psql", "\\set x int UNIQUE\nALTER TABLE orders ADD COLUMN y :x;\n"),
        ("psql", f"SELECT '{HIDDEN}' AS x \\gset\nSELECT 1 :x;\n"),
        ("liquibase", f'{FORMATTED} name:x value:"{HIDDEN}"\n--changeset a:b\nSELECT 1 ${{x}};\n'),
        ("liquibase", f"{FORMATTED} name=x value={HIDDEN}\n--changeset a:b\nSELECT 1 ${{x}};\n"),
    ],
)
def test_what_a_file_puts_into_its_own_statements_is_not_taken_for_a_name(
    tool: str, text: str
) -> None:
    assert len(review({"1_a.sql": text}, framework=tool).unreadable) == 1


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("psql", "\\set ON_ERROR_STOP on\n\\set s 'shop'\nSELECT * FROM :s.orders;\n"),
        ("psql", "\\set who 'two words; more'\nSELECT :'who';\n"),
        ("psql", "SELECT 1 AS n \\gset\nSELECT :'n', '1'::int;\n"),
        (
            "liquibase",
            f"{FORMATTED} name:t value:varchar(255) dbms:postgresql\n--changeset a:b\nSELECT '1'::${{t}};\n",
        ),
    ],
)
def test_a_name_or_value_that_a_file_sets_itself_is_read(tool: str, text: str) -> None:
    assert not review({"1_a.sql": text}, framework=tool).unreadable


@pytest.mark.parametrize("tool", ["goose", "dbmate", "sql-migrate"])
def test_a_long_line_takes_no_longer_than_it_is(tool: str) -> None:
    word = {"goose": "+goose Up", "dbmate": "migrate:up", "sql-migrate": "+migrate Up"}[tool]
    source = Source("1_a.sql", f"-- {word}{' ' * 200_000}x\n")
    before = process_time()
    read(frameworks()[tool], source, Texts())
    assert process_time() - before < 1
