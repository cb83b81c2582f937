"""The gate cannot be talked out of it: not by configuration, suppressions, size or silence."""

from __future__ import annotations

import pytest

from tests.stand_in import GitHub
from tests.workflow import Job, opened

PATH = "db/migration/V2__a.sql"
CHECK = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
OFF = "[rules]\ncheck-validated-on-add = 'off'\n"
STATS = ".github/lockstep-stats.json"
WHEN = "takes effect once it is merged; this review goes by the base branch's"
ALLOW = "-- lockstep: allow check-validated-on-add"
REASON = "because the table has forty rows"
Files = dict[str, str | bytes | None]


@pytest.mark.parametrize(
    ("base", "branch", "path"),
    [
        ({}, {"lockstep.toml": OFF}, "lockstep.toml"),
        ({}, {".github/lockstep.toml": OFF}, ".github/lockstep.toml"),
        ({"lockstep.toml": "postgres-version = 16\n"}, {"lockstep.toml": OFF}, "lockstep.toml"),
    ],
)
def test_a_change_of_the_configuration_is_told_when_it_takes_effect(
    github: GitHub, job: Job, base: Files, branch: Files, path: str
) -> None:
    pull = opened(github, {PATH: CHECK, **branch}, base)
    outcome = job.run(pull)
    assert outcome.status == 1
    (notice,) = [one for one in pull.comments if one.path == path]
    assert WHEN in notice.body
    assert f"The change of `{path}` {WHEN}." in outcome.summary
    github.forget()
    job.run(pull)
    assert not [one for one in github.requests if one.path.endswith("/reviews")]


@pytest.mark.parametrize(
    "branch", [{"lockstep.toml": None}, {"lockstep.toml": None, "other.toml": OFF}]
)
def test_a_configuration_that_goes_away_is_told_too(
    github: GitHub, job: Job, branch: Files
) -> None:
    pull = opened(github, branch, {"lockstep.toml": OFF})
    outcome = job.run(pull)
    assert outcome.status == 0
    assert f"`lockstep.toml` The change of the configuration {WHEN}." in pull.reviews[0].body
    assert WHEN in outcome.summary


def test_the_notice_goes_with_the_change_that_it_speaks_of(github: GitHub, job: Job) -> None:
    pull = opened(github, {"lockstep.toml": OFF})
    job.run(pull)
    assert len(pull.comments) == 1
    github.repository("acme/shop").commit("feature", {"lockstep.toml": None, "a.txt": ""})
    job.run(pull)
    assert pull.comments == []


def test_sizes_of_tables_are_part_of_the_configuration(github: GitHub, job: Job) -> None:
    setting = {"lockstep.toml": f"[tables]\nstats = '{STATS}'\n", STATS: "{}"}
    small = '{"public.t": {"rows": 40}}'
    pull = opened(github, {PATH: CHECK, STATS: small}, {**setting})
    assert job.run(pull).status == 1
    assert [one.path for one in pull.comments if WHEN in one.body] == [STATS]


def test_sizes_that_nobody_reads_are_no_configuration(github: GitHub, job: Job) -> None:
    pull = opened(github, {STATS: "{}"})
    assert WHEN not in job.run(pull).summary
    assert pull.reviews == []


def test_another_configuration_is_watched_where_it_is_named(github: GitHub, job: Job) -> None:
    pull = opened(github, {"db/rules.toml": OFF, "lockstep.toml": OFF}, {"db/rules.toml": ""})
    job.run(pull, config="db/rules.toml")
    assert [one.path for one in pull.comments] == ["db/rules.toml"]


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("lockstep.toml", "fail-om = 'never'\n", 'unknown key: "fail-om"; did you mean "fail-on"?'),
        ("lockstep.toml", "[", "lockstep.toml is not valid TOML"),
        ("lockstep.toml", "x = " + "[" * 5_000, "lockstep.toml is not valid TOML"),
        ("lockstep.toml", f'"{"x" * 20_000}" = 1', 'unknown key: "xxx'),
        (STATS, "{", f"{STATS} is not valid JSON"),
    ],
)
def test_a_configuration_that_would_end_every_later_check_ends_this_one(
    github: GitHub, job: Job, path: str, text: str, told: str
) -> None:
    base: Files = {"lockstep.toml": f"[tables]\nstats = '{STATS}'\n", STATS: "{}"}
    outcome = job.run(opened(github, {path: text}, base))
    assert outcome.status == 2
    assert "once it is merged, every check ends with this: " in outcome.log
    assert told in outcome.log


def test_a_configuration_that_is_too_long_is_not_read(github: GitHub, job: Job) -> None:
    outcome = job.run(opened(github, {"lockstep.toml": "#" * 50_001}))
    assert outcome.status == 2
    assert "it has more than 50,000 characters" in outcome.log


def test_a_suppression_passes_and_is_listed_with_its_reason(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: f"{ALLOW} {REASON}\n{CHECK}"})
    outcome = job.run(pull)
    assert outcome.status == 0
    assert (
        f"| `{PATH}:2` | check-validated-on-add | `the table has forty rows` |" in outcome.summary
    )
    place = f"file={PATH},line=2,endLine=2,title=check-validated-on-add allowed"
    assert f"::notice {place}::Because the table has forty rows: Reads and writes" in outcome.log


@pytest.mark.parametrize(
    ("allow", "base"),
    [
        (ALLOW, {}),
        (f"{ALLOW} because", {}),
        (f"{ALLOW} {REASON}", {"lockstep.toml": "allow-suppressions = false\n"}),
    ],
)
def test_a_suppression_without_a_reason_or_a_right_allows_nothing(
    github: GitHub, job: Job, allow: str, base: Files
) -> None:
    allowing: Files = {"lockstep.toml": "allow-suppressions = true\n"} if base else {}
    outcome = job.run(opened(github, {PATH: f"{allow}\n{CHECK}", **allowing}, base))
    assert outcome.status == 1
    assert "suppression-not-honoured" in outcome.summary


def test_files_that_github_does_not_list_fail_the_check(github: GitHub, job: Job) -> None:
    github.limits.files = 2
    pull = opened(github, {"a.txt": "", "b.txt": "", PATH: CHECK})
    outcome = job.run(pull)
    assert outcome.status == 2
    told = "the pull request changes 3 files; GitHub lists 2"
    assert told in outcome.log and told in outcome.summary and told in pull.reviews[0].body


def test_a_file_that_is_too_large_is_named_and_all_others_are_reviewed(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, {PATH: CHECK, "db/migration/V3__b.sql": "-" * 10_000_001})
    outcome = job.run(pull)
    assert outcome.status == 2
    assert "more than the 10,000,000 that are analysed" in outcome.log
    assert f"::error file={PATH},line=1" in outcome.log


@pytest.mark.parametrize("fail_on", ["error", "never"])
def test_no_threshold_lets_pass_what_was_not_analysed(
    github: GitHub, job: Job, fail_on: str
) -> None:
    outcome = job.run(opened(github, {PATH: "SELEC 1;\n"}), fail_on=fail_on)
    assert outcome.status == 2
