"""What migration tools make of a file: their words, their versions and the files beside it."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from bot.comments.body import Desk, body
from bot.comments.proposal import proposals
from bot.fixing import changes, sums_of
from bot.frameworks import frameworks, page, read
from bot.frameworks.atlas import FRAMEWORK as ATLAS
from bot.model.change import ChangedFile, FileStatus
from bot.model.finding import Fix, NoFix
from bot.model.migration import Wrapping
from bot.model.report import Applicability, Remark, Report
from bot.model.source import Source
from bot.pipeline import Reviewer
from bot.selection import Selection
from bot.settings import Settings
from tests.reviewing import NO_LOCK_TIMEOUT, Texts, review

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
BUILD = "CREATE INDEX CONCURRENTLY i ON t (x);\n"


def told(path: str, text: str, tool: str, *others: str) -> list[str]:
    repository = dict.fromkeys(others, "")
    report = review({path: text}, framework=tool, repository=repository)
    return [one.finding.message for one in report.remarks]


@pytest.mark.parametrize(
    ("tool", "text", "sentence"),
    [
        ("goose", "-- +goose NO TRANSACTON\n-- +goose Up\n", "goose does not understand this"),
        ("goose", "-- +goose Up\n-- +goose Up\n", "a second `-- +goose Up`"),
        ("goose", "-- +goose Down\n-- +goose Up\n", "takes one `-- +goose Down`, below"),
        ("goose", "SELECT 1;\n", "goose runs nothing of this file"),
        ("goose", "-- +goose Up\nx;\n\nSELECT 2\n", "lacks a `;` at the end of a line"),
        ("goose", "-- +goose Up\nSELECT\n2; /* x */\n-- +goose Down\n", "lacks a `;` at the end"),
        ("dbmate", " -- migrate:up\n-- migrate:up\n-- migrate:down\n", "dbmate does not under"),
        ("dbmate", "-- migrate:up\n", "lacks a line `-- migrate:down`"),
        ("dbmate", "-- migrate:down\n-- migrate:up\n", "to each `-- migrate:up` belongs one"),
        ("dbmate", "x;\n-- migrate:up\n-- migrate:down\n", "for what stands above this line"),
        ("sql-migrate", "-- +migrate Up noTransaction\n", "it knows `notransaction`"),
        ("sql-migrate", "-- +migrate up\n", "sql-migrate does not understand this"),
        ("sql-migrate", "-- +migrate Down\n", "sql-migrate runs nothing of this file"),
        ("tern", " ---- tern: disable-tx ----\n", "tern does not understand this"),
        ("tern", "---- tern: disable-tx ----\r\n", "ends with a line feed alone"),
        ("tern", "x;\n---- create above / drop below ---\n", "tern does not understand this"),
        ("atlas", "-- atlas:txmode none\nSELECT 1;\n", "with an empty line below"),
        ("atlas", "-- atlas:txmode none\r\n\r\nSELECT 1;\r\n", "ends with a line feed alone"),
        ("atlas", "-- atlas:txmode all\n\n", "Atlas does not understand this"),
        ("atlas", "\n-- atlas:txmode none\n\n", "Atlas does not understand this"),
        ("sqlx", "\n-- no-transaction\n", "very first characters"),
        ("sqlx", "\ufeff-- no-transaction\n", "very first characters"),
        ("morph", "-- x\n-- morph:nontransactional\n", "very first characters"),
        ("micrate", "-- +micrate Upp\n-- +micrate Up\n", "micrate does not understand this"),
        ("micrate", "-- +micrate Down\n", "micrate runs nothing of this file"),
        ("rambler", "-- rambler  UP\n-- rambler up\n", "rambler does not understand this"),
        ("rambler", "-- rambler down\n", "rambler runs nothing of this file"),
        ("liquibase", "--changeset a:1 runInTransaction: false\n", "without a blank in it"),
        ("liquibase", "--changeset a: 1\n", "without a blank before the id"),
        ("liquibase", "-changeset a:1\n", "without a blank before the id"),
        ("liquibase", "--changeset a:1\nx;\n--changeset a:1\n", "has this change set already"),
        ("liquibase", "SELECT 1;\n", "Liquibase runs nothing of this file"),
    ],
)
def test_words_without_their_effect_are_told(tool: str, text: str, sentence: str) -> None:
    text = text.replace("x;", "SELECT 1;")
    assert any(sentence in message for message in told("1_a.sql", text, tool))


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("goose", "-- +goose Up\nSELECT\n1; -- x\n\n -- y\n-- +goose Down\nSELECT 2\n"),
        ("goose", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\n"),
        ("goose", "-- +goose up\n-- +goose No Transaction\nSELECT 1;\n-- +goose Down\n"),
        ("dbmate", "-- note\n--migrate:up transaction:false\n-- migrate:down transaction:true\n"),
        ("sql-migrate", "-- note\n-- +migrate Up notransaction\n-- +migrate StatementBegin\n"),
        ("tern", "\n---- tern: disable-tx ----\nSELECT 1;\n---- create above / drop below ----\n"),
        ("atlas", "-- a note\n-- atlas:nolint\n-- atlas:txmode none\n \t\nSELECT 1;\n"),
        ("sqlx", "-- no-transaction\nSELECT 1;\n"),
        ("morph", "-- morph:nontransactional\nSELECT 1;\n"),
        ("micrate", "-- +micrate Up \n-- +micrate Down\n"),
        ("rambler", "-- rambler up\n-- rambler down\n-- rambler up\n"),
        ("liquibase", '--changeset "a b":"1 2" labels:"x y" runInTransaction:false\nSELECT 1;\n'),
    ],
)
def test_words_with_their_effect_are_not(tool: str, text: str) -> None:
    assert told("1_a.sql", text, tool) == []


@pytest.mark.parametrize(
    ("tool", "own", "others", "sentence"),
    [
        ("goose", "7_a.sql", ["7_b.sql"], "`7_b.sql` has the version 7 too"),
        ("goose", "7_a.sql", ["007_b.sql"], "`007_b.sql` has the version 007, which is the same"),
        ("tern", "1_a.sql", ["001_b.sql"], "which is the same as 1: tern runs one of the two"),
        ("flyway", "V1.0__a.sql", ["V1__b.sql"], "`V1__b.sql` has the version 1, which is the"),
        ("diesel", "2026-11-20-093000_a/up.sql", ["20261120093000_b/up.sql"], "which is the same"),
        ("flyway", "V7__a.sql", ["V7__b.sql"], "`V7__b.sql` has the version 7 too"),
        ("sqlx", "7_a.up.sql", ["7_a.down.sql", "7_b.up.sql"], "`7_b.up.sql` has the version 7"),
        ("diesel", "7_a/up.sql", ["7_b/up.sql"], "`7_b` has the version 7 too"),
        ("tern", "009_a.sql", ["007_b.sql"], "No migration has the number before 009"),
        ("tern", "007_a.sql", ["006_b.sql", "008_c.sql"], "tern never runs this file"),
        ("golang-migrate", "7_a.up.sql", ["8_b.up.sql"], "golang-migrate never runs this file"),
        ("goose", "7_a.sql", ["8_b.sql"], "goose refuses this file"),
        ("refinery", "V7__a.sql", ["V8__b.sql"], "refinery refuses to migrate at all"),
        ("flyway", "V7__a.sql", ["V8__b.sql", "R__c.sql"], "`V8__b.sql` comes later"),
        ("supabase", "7_a.sql", ["8_b.sql"], "`--include-all`"),
    ],
)
def test_a_version_out_of_order_is_told_on_the_first_line(
    tool: str, own: str, others: list[str], sentence: str
) -> None:
    repository = {f"m/{name}": "" for name in others}
    text = "-- +goose Up\nSELECT 1;\n"
    (remark,) = review({f"m/{own}": text}, framework=tool, repository=repository).remarks
    assert (remark.finding.rule, remark.finding.lines.last) == ("migration-out-of-order", 1)
    assert sentence in remark.finding.message


@pytest.mark.parametrize(
    ("tool", "own", "others"),
    [
        ("sqlx", "7_a.up.sql", ["7_a.down.sql", "8_b.up.sql"]),  # runs what is missing
        ("sql-migrate", "7_a.sql", ["7_b.sql", "8_c.sql"]),  # tells files by their whole names
        ("dbmate", "7_a.sql", ["007_b.sql"]),  # a text to it
        ("flyway", "R__a.sql", ["V8__b.sql"]),
        ("flyway", "V9__a.sql", ["V8__b.sql", "R__c.sql", "V10__d.sql.conf"]),
        ("tern", "001_a.sql", []),
        ("goose", "8_a.sql", ["7_b.sql", "9_readme.md"]),
    ],
)
def test_a_version_in_order_is_not(tool: str, own: str, others: list[str]) -> None:
    text = "-- +goose Up\n-- +migrate Up\nSELECT 1;\n" if tool in ("goose", "sql-migrate") else ""
    repository = {f"m/{name}": "" for name in others}
    report = review({f"m/{own}": text}, framework=tool, repository=repository)
    assert not [one for one in report.remarks if one.finding.rule == "migration-out-of-order"]


@pytest.mark.parametrize("tool", ["refinery", "pop", "micrate", "hasura"])
def test_a_tool_that_cannot_build_concurrently_is_said_to(tool: str) -> None:
    path = {"hasura": "1700000000000_a/up.sql", "refinery": "V1__a.sql"}.get(tool, "1_a.up.sql")
    text = f"-- +micrate Up\n{ADD.replace('CHECK (x > 0)', 'UNIQUE (x)')}"
    (remark,) = review({path: text}, framework=tool).remarks
    assert isinstance(remark.fix, NoFix)
    assert "in which no index can be built concurrently" in remark.fix.reason


LOOSE = {
    "goose": "-- +goose NO TRANSACTION\n-- +goose Up\n",
    "sql-migrate": "-- +migrate Up notransaction\n",
}


@pytest.mark.parametrize("tool", LOOSE)
def test_statements_on_one_line_are_one_message(tool: str) -> None:
    text = f"{LOOSE[tool]}SELECT 1; -- x\nSELECT 2; SELECT 3;\nSELECT\n4;\n"
    migration = read(frameworks()[tool], Source("1_a.sql", text), Texts())
    sent = [(one.wrapping, len(one.statements)) for one in migration.batches if one.statements]
    assert sent == [(Wrapping.STATEMENT, 1), (Wrapping.FILE, 2), (Wrapping.STATEMENT, 1)]


@pytest.mark.parametrize(
    ("metadata", "refused"),
    [
        (None, True),
        ("run_in_transaction = true\n", True),
        ("run_in_transaction = false\n", False),
        ("# nothing said\n", False),
        ("run_in_transaction false\n", True),
    ],
)
def test_diesel_asks_its_metadata_for_the_transaction(metadata: str | None, refused: bool) -> None:
    beside = {} if metadata is None else {"m/2024_a/metadata.toml": metadata}
    report = review({"m/2024_a/up.sql": BUILD}, framework="diesel", repository=beside)
    assert bool(report.remarks) == refused


@pytest.mark.parametrize(
    ("line", "refused"),
    [("", True), ("-- hasura:no-transaction\n", False), ("--hasura:no-transaction\n", True)],
)
def test_the_first_line_tells_hasura_of_no_transaction(line: str, refused: bool) -> None:
    report = review({"m/1700000000000_a/up.sql": f"{line}{BUILD}"}, framework="hasura")
    assert bool(report.remarks) == refused


def test_a_folder_that_is_a_migration_is_followed_by_one() -> None:
    repository = {
        "m/2024-01-02-030405-0000_a/down.sql": "",
        "m/2024-01-02-040000-0000_b/up.sql": "",
    }
    path = "m/2024-01-02-030405-0000_a/up.sql"
    (remark,) = review({path: ADD}, framework="diesel", repository=repository).remarks
    assert isinstance(remark.fix, Fix)
    assert [new.path for new in remark.fix.follow_ups] == [
        "m/2024-01-02-040001-0000_validate_a/up.sql",
        "m/2024-01-02-040001-0000_validate_a/down.sql",
    ]


SUM = "m/atlas.sum"
FIRST = {"m/1_a.sql": "CREATE TABLE t (x int);\n"}


def test_the_sums_of_a_folder_are_made_anew() -> None:
    assert ATLAS.sums
    repository = {**FIRST, SUM: "h1:old\n"}
    report = review({"m/2_b.sql": ADD}, repository=repository)
    made = changes(report)
    tree = Texts({**repository, "m/2_b.sql": ADD})
    (change,) = sums_of(report, made, tree)
    after = {"1_a.sql": FIRST["m/1_a.sql"], "2_b.sql": made[0].after}
    assert (change.path, change.after) == (SUM, ATLAS.sums.of("", after, ()))


def test_nothing_is_summed_where_nothing_changes() -> None:
    report = review({"m/2_b.sql": "SELECT 1;\n"}, repository={**FIRST, SUM: "h1:old\n"})
    assert sums_of(report, changes(report), Texts({**FIRST, SUM: ""})) == ()


def b64_sum(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def test_a_sum_is_of_all_files_up_to_its_own() -> None:
    assert ATLAS.sums
    one, other = b64_sum("1.sqlSELECT 1;\n"), b64_sum("1.sqlSELECT 1;\n2.sqlSELECT 2;\n")
    whole = b64_sum(f"1.sql{one}2.sql{other}")
    texts = {"2.sql": "SELECT 2;\n", "1.sql": "SELECT 1;\n"}
    assert ATLAS.sums.of("", texts, ()) == f"h1:{whole}\n1.sql h1:{one}\n2.sql h1:{other}\n"


def test_a_file_may_want_not_to_be_summed() -> None:
    assert ATLAS.sums
    one = b64_sum("0.sql1.sqlSELECT 1;\n")
    texts = {"0.sql": "-- atlas:sum ignore\nSELECT 0;\n", "1.sql": "SELECT 1;\n"}
    assert ATLAS.sums.of("", texts, ()) == f"h1:{b64_sum(f'1.sql{one}')}\n1.sql h1:{one}\n"


def test_a_comment_says_how_to_make_the_sums() -> None:
    report = review({"m/2_b.sql": ADD}, repository={**FIRST, SUM: ""})
    text = body(proposals(report.remarks)[0], Desk("", "b"), suggest=True)
    assert "Run `atlas migrate hash` then" in text


def test_a_comment_tells_a_file_that_says_how_another_is_run() -> None:
    unique = "ALTER TABLE t ADD CONSTRAINT c UNIQUE (x);\n"
    report = review({"m/2024_a/up.sql": unique}, framework="diesel")
    text = body(proposals(report.remarks)[0], Desk("", "b"), suggest=True)
    assert "With it `m/2024_a/metadata.toml`, a file that says how it is run:" in text


MARKS = {
    "goose": "-- +goose Up",
    "dbmate": "-- migrate:up",
    "sql-migrate": "-- +migrate Up",
    "micrate": "-- +micrate Up",
    "rambler": "-- rambler up",
    "liquibase": "--changeset a:1",
    "atlas": "-- atlas:txmode",
    "tern": "---- tern:",
    "sqlx": "--",
}


@pytest.mark.parametrize("tool", MARKS)
def test_a_line_of_any_length_is_read_at_once(tool: str) -> None:
    mark = MARKS[tool]
    for text in (f"{mark}{' ' * 300_000}x\n", f"{' ' * 300_000}{mark}\n", f"{mark}\n" * 5_000):
        read(frameworks()[tool], Source("1_a.sql", text), Texts())


HEADER = "--liquibase formatted sql\n\n"


def fixed(text: str, tool: str = "liquibase") -> str:
    (change,) = changes(review({"orders.sql": text}, framework=tool))
    return change.after


def test_a_change_set_follows_without_a_last_line_feed() -> None:
    text = f"{HEADER}--changeset a:1\n{ADD.rstrip()}"
    assert fixed(text).endswith("c;")
    assert "NOT VALID;\n\n--changeset a:1-validate\n" in fixed(text)


def test_a_change_set_follows_what_leaves_its_last_line() -> None:
    unique = ADD.replace("CHECK (x > 0)", "UNIQUE (x)")
    after = fixed(f"{HEADER}--changeset a:1\nALTER TABLE t ADD y int;\n{unique}")
    assert after.startswith(
        f"{HEADER}--changeset a:1\nALTER TABLE t ADD y int;\n\n--changeset a:1-index "
    )


def test_a_change_set_follows_with_the_line_ends_of_the_file() -> None:
    text = f"{HEADER}--changeset a:1\n{ADD}".replace("\n", "\r\n")
    assert fixed(text).count("\n") == fixed(text).count("\r\n") == 8


def test_a_change_set_that_follows_runs_on_the_same_conditions() -> None:
    options = 'context:"a or b" labels:x dbms:postgresql runOnChange:true'
    text = f'{HEADER}--changeset "a b":"1 2" {options}\n{ADD}'
    follows = '--changeset "a b":"1 2-validate" context:"a or b" labels:x dbms:postgresql\n'
    assert follows in fixed(text)


def test_the_id_of_a_change_set_is_one_that_no_other_has() -> None:
    text = f"{HEADER}--changeset a:1\n{ADD}\n--changeset a:1-validate\nSELECT 1;\n"
    assert "--changeset a:1-validate-2\n" in fixed(text)


def test_many_findings_of_one_change_set_have_change_sets_of_their_own() -> None:
    several = "".join(ADD.replace(" t ", f" t{i} ") for i in range(51))
    after = fixed(f"{HEADER}--changeset a:1\n{several}")
    assert after.count("--changeset a:1-validate\n") == 1
    assert after.count("--changeset a:1-validate-2\n") == 1


@pytest.mark.parametrize(
    ("options", "findings"),
    [
        ("", 1),
        ("dbms:postgresql", 1),
        ("dbms:mysql,postgresql", 1),
        ("dbms:!mysql", 1),
        ("dbms:mysql", 0),
        ("dbms:!postgresql", 0),
        ("ignore:true", 0),
    ],
)
def test_a_change_set_for_another_database_is_not_reviewed(options: str, findings: int) -> None:
    report = review({"o.sql": f"{HEADER}--changeset a:1 {options}\n{ADD}"}, framework="liquibase")
    assert len(report.remarks) == findings


def test_lines_that_liquibase_ignores_are_not_reviewed() -> None:
    text = f"--changeset a:1\nSELECT 1;\n--ignoreLines:start\n{ADD}--ignoreLines:end\nSELECT 2;\n"
    assert not review({"o.sql": HEADER + text}, framework="liquibase").remarks


def test_what_ends_a_statement_may_be_no_semicolon() -> None:
    text = f"--changeset a:1 endDelimiter:\\n/\nSELECT 1\n/\n{ADD}/\n"
    report = review({"o.sql": HEADER + text}, framework="liquibase")
    assert not report.unreadable
    assert len(report.remarks) == 1


def modified(before: str, after: str) -> Report:
    old, new = Source("o.sql", HEADER + before), Source("o.sql", HEADER + before + after)
    lines = range(old.text.count("\n") + 1, new.text.count("\n") + 1)
    file = ChangedFile("o.sql", FileStatus.MODIFIED, new, frozenset(lines), old)
    settings = Settings(rules={NO_LOCK_TIMEOUT: "off"})
    return Reviewer(Selection(settings, Texts({"o.sql": new.text}))).review([file])


def test_a_change_set_added_to_a_file_is_as_new_as_a_file() -> None:
    (remark,) = modified("--changeset a:1\nSELECT 1;\n", f"\n--changeset a:2\n{ADD}").remarks
    assert remark.applicability is Applicability.SAFE


def test_a_statement_added_to_a_change_set_is_not() -> None:
    (remark,) = modified("--changeset a:1\nSELECT 1;\n", ADD).remarks
    assert remark.applicability is Applicability.DISPLAY


def test_a_table_of_an_added_change_set_is_new() -> None:
    created = "--changeset a:2\nCREATE TABLE t (x int);\n"
    added = f"--changeset a:3\n{ADD}"
    assert not modified("--changeset a:1\nSELECT 1;\n", created + added).remarks
    assert modified("--changeset a:1\nSELECT 1;\n" + created, added).remarks


def test_a_remark_on_no_statement_can_be_made_of_an_old_change_set() -> None:
    remarks: tuple[Remark, ...] = modified(
        "--changeset a:1\nSELECT 1;\n", "--changeset b\n"
    ).remarks
    assert [one.fix for one in remarks] == [None]


def test_a_build_in_place_tells_the_setting_that_flyway_needs() -> None:
    report = review({"V2__a.sql": "CREATE INDEX i ON t (x);\n"}, framework="flyway")
    (fix,) = (one.fix for one in report.remarks if isinstance(one.fix, Fix))
    assert "`postgresql.transactional.lock=false`" in fix.afterwards
    report = review({"V2__a.sql": ADD}, framework="flyway")
    (fix,) = (one.fix for one in report.remarks if isinstance(one.fix, Fix))
    assert fix.afterwards == ""


REBUILD = "REINDEX TABLE CONCURRENTLY t;\n"


@pytest.mark.parametrize(
    ("sql", "conf", "refused"),
    [
        (BUILD, None, False),
        (f"/* why */ {BUILD}", None, False),
        ("VACUUM t;\n", None, False),
        (BUILD, "executeInTransaction=true\n", True),
        (REBUILD, None, True),
        (REBUILD, "executeInTransaction=false\n", False),
        (REBUILD, "# why\nexecuteInTransaction = FALSE", False),
        (REBUILD, "executeintransaction=false\n", True),
        (REBUILD, "#executeInTransaction=false\n", True),
        (f"SELECT 1;\n{BUILD}", None, True),
        (f"SELECT 1;\n{BUILD}", "executeInTransaction=false\n", False),
    ],
)
def test_flyway_knows_what_needs_no_transaction(sql: str, conf: str | None, refused: bool) -> None:
    beside = {} if conf is None else {"V2__a.sql.conf": conf}
    report = review({"V2__a.sql": sql}, framework="flyway", repository=beside)
    assert bool(report.remarks) == refused


@pytest.mark.parametrize(
    ("text", "path"), [("", "V2__a.sql.conf"), ("SELECT 1;\n", "V3__index_a.sql.conf")]
)
def test_what_flyway_does_not_know_gets_a_script_configuration(text: str, path: str) -> None:
    report = review({"V2__a.sql": f"{text}REINDEX TABLE t;\n"}, framework="flyway")
    made = {change.path: change.after for change in changes(report)}
    assert made[path] == "executeInTransaction=false\n"
    assert not review(made, framework="flyway").remarks


UNREAD = sorted(name for name, tool in frameworks().items() if tool.unread)


@pytest.mark.parametrize("tool", UNREAD)
def test_the_page_tells_what_is_not_read_and_how_sql_is(tool: str) -> None:
    text = page(tool)
    assert "Detected only" in text
    assert re.search(r"^(\*\*Support\*\*: modelled on|Proved with) ", text, re.MULTILINE)


@pytest.mark.parametrize("tool", sorted(frameworks().keys() - {"unknown", *UNREAD}))
def test_the_page_shows_each_constraint_and_tells_how_the_tool_was_proved(tool: str) -> None:
    text = page(tool)
    titles = {line[3:].partition(",")[0] for line in text.splitlines() if line.startswith("## ")}
    assert {"CHECK", "FOREIGN KEY", "NOT NULL", "UNIQUE"} <= titles
    assert re.search(r"^(\*\*Support\*\*: modelled on|Proved with) ", text, re.MULTILINE)
