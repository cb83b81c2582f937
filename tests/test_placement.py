"""Where a finding is told: beside the lines that the diff shows, else in the review's body, never nowhere."""

from __future__ import annotations

import pytest

from bot.hunks import added
from tests.stand_in import GitHub, Pull
from tests.workflow import Job, opened

PATH = "db/migration/V2__a.sql"
CHECK = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
FAR = "SELECT 1;\n" * 20
WIDE = "ALTER TABLE t\n    ADD CHECK (\n        x > 0\n    );\n"


def places(pull: Pull) -> list[tuple[int | None, int | None]]:
    return sorted((one.start_line or one.line, one.line) for one in pull.comments)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        # A line that goes, and what it leaves behind: the finding stands on a line of context.
        (f"CREATE TABLE t (x int);\n{CHECK}", CHECK, [(1, 1)]),
        # Two hunks, a finding in each.
        (f"SELECT 0;\n{FAR}", f"{CHECK}{FAR}{CHECK.replace(' t ', ' u ')}", [(1, 1), (22, 22)]),
        # Added lines between lines of context.
        (f"SELECT 0;\n{FAR}", f"SELECT 0;\n{CHECK}{FAR}", [(2, 2)]),
        # A range as the statement has it, within one hunk.
        (f"SELECT 0;\n{FAR}", f"SELECT 0;\n{WIDE}{FAR}", [(3, 5)]),
    ],
)
def test_a_finding_stands_where_the_diff_shows_it(
    github: GitHub, job: Job, before: str, after: str, told: list[tuple[int, int]]
) -> None:
    pull = opened(github, {PATH: after}, {PATH: before})
    assert job.run(pull).status == 1
    assert places(pull) == told


def test_a_finding_on_lines_of_two_hunks_stands_on_the_first_that_is_shown(
    github: GitHub, job: Job
) -> None:
    values = "".join(f"    x <> {number} AND\n" for number in range(30))
    check = f"ALTER TABLE t ADD CHECK (\n{values}    x > 0\n);\n"
    changed = check.replace("x <> 2 ", "x <> -2 ").replace("x <> 28 ", "x <> -28 ")
    pull = opened(github, {PATH: changed}, {PATH: check})
    assert job.run(pull).status == 1
    assert places(pull) == [(1, 1)]


def test_a_deletion_alone_brings_no_finding(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: CHECK}, {PATH: f"{CHECK}SELECT 1;\n"})
    assert job.run(pull).status == 0
    assert pull.reviews == []


def test_a_migration_that_is_deleted_is_named_in_the_summary(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: None, "x.sql": None}, {PATH: CHECK, "x.sql": CHECK})
    outcome = job.run(pull)
    assert (outcome.status, pull.reviews) == (0, [])
    told = f"- `{PATH}` not reviewed: it is deleted; where it has run already, what it did stays"
    assert told in outcome.summary
    assert "x.sql" not in outcome.summary


@pytest.mark.parametrize(
    ("base", "branch"),
    [
        ({}, {PATH: f"{CHECK}-- {'x' * 2_000}\n"}),
        ({PATH: "SELECT 1;\n"}, {PATH: f"SELECT 1;\n{CHECK}-- {'x' * 2_000}\n"}),
        ({"db/migration/V1__a.sql": CHECK}, {"db/migration/V1__a.sql": None, PATH: CHECK}),
        ({}, {PATH: CHECK.encode("utf-16")}),
    ],
)
def test_what_is_found_in_a_file_without_a_patch_is_told_in_the_body(
    github: GitHub,
    job: Job,
    base: dict[str, str | bytes | None],
    branch: dict[str, str | bytes | None],
) -> None:
    """Too large, added or modified; renamed as it is; of an encoding that git takes for binary."""
    github.limits.patch_bytes = 1_000
    pull = opened(github, branch, base)
    outcome = job.run(pull)
    assert (outcome.status, pull.comments) == (1, [])
    assert f"- `{PATH}:" in pull.reviews[0].body
    assert f"::error file={PATH}" in outcome.log


def test_of_a_modified_file_without_a_patch_only_what_is_new_is_told(
    github: GitHub, job: Job
) -> None:
    github.limits.patch_bytes = 1_000
    long = f"-- {'x' * 2_000}\n"
    pull = opened(github, {PATH: f"{CHECK}{long}"}, {PATH: CHECK})
    assert job.run(pull).status == 0


def test_a_file_renamed_with_a_change_has_a_patch_and_its_comments(
    github: GitHub, job: Job
) -> None:
    text = "-- The first step.\n-- The second one.\n-- The third one.\n-- The last one.\n"
    old = "db/migration/V1__a.sql"
    pull = opened(github, {old: None, PATH: f"{text}{CHECK}"}, {old: text})
    assert job.run(pull).status == 1
    assert places(pull) == [(5, 5)]


@pytest.mark.parametrize(
    ("before", "now", "lines"),
    [
        ("a\nb\n", "a\nb\n", set()),
        ("a\nb\n", "a\nx\nb\n", {2}),
        ("a\nb\n", "b\n", set()),
        ("a\nb\n", "b\na\n", set()),
        ("a\nx\nb\n", "x\na\nx\nx\nb\n", {1, 3}),
        ("", "a\nb", {1, 2}),
        ("a", "a\n", {2}),
    ],
)
def test_the_lines_that_a_text_has_beyond_another(before: str, now: str, lines: set[int]) -> None:
    assert added(before, now) == lines


def test_long_texts_are_compared_in_no_time() -> None:
    text = "SELECT 1;\n" * 200_000
    assert added(text, f"{text}x\n{text}") - {200_001} <= set(range(1, 400_002))
