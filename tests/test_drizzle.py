"""What follows in Drizzle's files, and what becomes of the journal that names them."""

from __future__ import annotations

import json

import pytest

from bot.fixing import changes, sums_of
from bot.frameworks import frameworks, read
from bot.model.finding import Fix
from bot.model.report import Report
from bot.model.source import Source
from bot.settings import MigrationsSetting, Settings
from tests.reviewing import Texts, review

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);"
UNIQUE = "ALTER TABLE t ADD CONSTRAINT c UNIQUE (x);"
JOURNAL = "drizzle/meta/_journal.json"
BREAK = "--> statement-breakpoint"
IN_FILE = Settings(follow_up="same-file")
EACH_FILE = Settings(
    migrations=(MigrationsSetting(path="drizzle", framework="drizzle", transaction="file"),)
)


def journal(*entries: tuple[str, int]) -> str:
    """As drizzle-kit writes it."""
    several = [
        {"idx": index, "version": "7", "when": when, "tag": tag, "breakpoints": True}
        for index, (tag, when) in enumerate(entries)
    ]
    return json.dumps({"version": "7", "dialect": "postgresql", "entries": several}, indent=2)


def told(*entries: tuple[str, int]) -> list[str]:
    report = review({"drizzle/0002_b.sql": "SELECT 1;"}, repository={JOURNAL: journal(*entries)})
    return [one.finding.message.partition(":")[0] for one in report.remarks]


def test_a_migration_made_before_one_above_it_never_runs() -> None:
    assert told(("0001_a", 20), ("0002_b", 10)) == [
        "Where `0001_a` has run, Drizzle never runs this file"
    ]


def test_a_migration_made_at_the_same_time_never_runs() -> None:
    assert len(told(("0000_z", 30), ("0001_a", 20), ("0002_b", 30))) == 1


@pytest.mark.parametrize("order", [(10, 20, 30), (10, 30, 20)])
def test_a_migration_made_last_of_those_above_it_runs(order: tuple[int, int, int]) -> None:
    first, second, third = order
    assert not told(("0001_a", first), ("0002_b", second), ("0003_c", third))


def only(text: str, settings: Settings, path: str = "drizzle/0007_totals.sql") -> str:
    (change,) = changes(review({path: text}, repository={JOURNAL: ""}, settings=settings))
    return change.after


VALIDATED = f"""ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;
{BREAK}
COMMIT; BEGIN;
{BREAK}
-- Validates what 0007_totals.sql adds, while reads and writes go on.
ALTER TABLE t VALIDATE CONSTRAINT c;
{BREAK}
COMMIT; BEGIN;
"""
INDEXED = f"""
{BREAK}
COMMIT;
{BREAK}
-- Builds an index for 0007_totals.sql, while reads and writes go on.
CREATE UNIQUE INDEX CONCURRENTLY c ON t (x);
{BREAK}
BEGIN;
{BREAK}
COMMIT; BEGIN;
{BREAK}
-- Makes a constraint of the index that was built for 0007_totals.sql, which takes an instant.
ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX c;
{BREAK}
COMMIT; BEGIN;
"""


def test_on_request_a_migration_commits_what_is_pending_and_goes_on() -> None:
    assert only(f"{ADD}\n", IN_FILE) == VALIDATED


def test_an_index_is_built_between_two_transactions() -> None:
    assert only(f"{UNIQUE}\n", IN_FILE).strip() == INDEXED.strip()


BUILD = "CREATE INDEX CONCURRENTLY i ON t (x);"
HALF = ADD.replace(";", " NOT VALID;")
VALIDATE = "ALTER TABLE t VALIDATE CONSTRAINT c;"


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        (["COMMIT;", BUILD], []),
        (["COMMIT;", BUILD, "BEGIN;", HALF], []),
        ([HALF, "COMMIT;", VALIDATE], []),
        ([f"{HALF} COMMIT;", VALIDATE, "BEGIN;"], []),
        ([HALF, "COMMIT; BEGIN;", VALIDATE], []),
        ([HALF, "COMMIT AND CHAIN;", VALIDATE], []),
        ([BUILD], [1]),
        (["COMMIT;", f"{BUILD} {BUILD.replace(' i ', ' j ')}"], [3, 3]),
        (["COMMIT;", "BEGIN;", BUILD], [5]),
        (["COMMIT;", f"{HALF} {VALIDATE}"], [3]),
        ([HALF, "COMMIT; BEGIN;", BUILD], [5]),
        ([HALF, "DO $$ BEGIN NULL; END $$;", VALIDATE], [5]),
        ([HALF, "SELECT 'COMMIT;';", VALIDATE], [5]),
        ([HALF, "-- COMMIT;\nSELECT 1;", VALIDATE], [6]),
    ],
)
def test_behind_a_commit_each_piece_is_a_message(pieces: list[str], lines: list[int]) -> None:
    text = f"\n{BREAK}\n".join(pieces)
    report = review({"drizzle/0007_totals.sql": text}, repository={JOURNAL: ""})
    asides = ("constraint-never-validated",)
    told = [one.finding for one in report.remarks if one.finding.rule not in asides]
    assert [one.lines.first for one in told] == lines


@pytest.mark.parametrize(
    "text", [f"{ADD}\n", f"{UNIQUE}\n", "ALTER TABLE t ALTER x SET NOT NULL;\n"]
)
def test_what_commits_and_goes_on_is_silent_then(text: str) -> None:
    after = only(text, IN_FILE)
    assert not review({"drizzle/0007_totals.sql": after}, repository={JOURNAL: ""}).remarks


@pytest.mark.parametrize("end", ["", "\n", " -- done", "\r\n"])
def test_what_follows_stands_below_whatever_ends_the_file(end: str) -> None:
    after = only(f"{ADD}{end}", IN_FILE)
    assert not review({"drizzle/0007_totals.sql": after}, repository={JOURNAL: ""}).remarks
    assert after.count("\r\n") == (after.count("\n") if "\r" in end else 0)


def test_in_the_folders_of_version_1_it_does_so_too() -> None:
    path = "drizzle/20261120093000_totals/migration.sql"
    after = changes(review({path: f"{ADD}\n"}, framework="drizzle-1", settings=IN_FILE))[0].after
    assert after == VALIDATED.replace("0007_totals.sql", "20261120093000_totals")


def each_file(before: str) -> tuple[Report, Texts]:
    repository = {JOURNAL: before, "drizzle/0006_a.sql": ""}
    files = {"drizzle/0007_totals.sql": ADD}
    return review(files, repository=repository, settings=EACH_FILE), Texts(repository | files)


def made(before: str) -> str:
    report, tree = each_file(before)
    several = changes(report)
    assert [one.path for one in several][1:] == ["drizzle/0008_validate_totals.sql"]
    return "".join(one.after for one in sums_of(report, several, tree) if one.path == JOURNAL)


def test_a_new_file_gets_its_entry_in_the_journal() -> None:
    before = (("0006_a", 1763000000000), ("0007_totals", 1762000000000))
    after = ("0008_validate_totals", 1763000000001)
    assert made(journal(*before)) == journal(*before, after)


@pytest.mark.parametrize("margin", ["\t", "    "])
def test_the_journal_keeps_its_layout(margin: str) -> None:
    before = journal(("0007_totals", 5)).replace("  ", margin) + "\n"
    after = journal(("0007_totals", 5), ("0008_validate_totals", 6)).replace("  ", margin) + "\n"
    assert made(before) == after


@pytest.mark.parametrize("before", ["", "[]", '{"entries": 1}', '{"entries": [{}]}', "[" * 99_999])
def test_a_journal_that_is_none_stays_as_it_is(before: str) -> None:
    assert made(before) == ""


def test_the_comment_says_that_the_journal_needs_an_entry() -> None:
    report, _ = each_file(journal(("0007_totals", 5)))
    (fix,) = (one.fix for one in report.remarks if isinstance(one.fix, Fix))
    assert "The new file needs an entry in `meta/_journal.json`" in fix.afterwards


def test_an_edited_file_needs_no_other_entry() -> None:
    repository = {JOURNAL: journal(("0007_totals", 5))}
    files = {"drizzle/0007_totals.sql": f"{ADD}\n"}
    report = review(files, repository=repository)
    (fix,) = (one.fix for one in report.remarks if isinstance(one.fix, Fix))
    assert "needs an entry" not in fix.afterwards
    assert sums_of(report, changes(report), Texts(repository | files)) == ()


def test_a_journal_of_any_length_is_read_once() -> None:
    tags = [(f"{number:05}_a", number) for number in range(3_000)]
    tree = Texts({JOURNAL: journal(*tags)})
    for tag, _ in tags:
        source = Source(f"drizzle/{tag}.sql", "SELECT 1;")
        assert not read(frameworks()["drizzle"], source, tree).misread
