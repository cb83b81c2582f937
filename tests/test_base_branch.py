"""What the base branch has gained since a change left it is there once the change is merged."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bot.cli import main
from tests.checkout import Checkout
from tests.stand_in import GitHub
from tests.workflow import Job

SQL = "SELECT 1;\n"
CHECK = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
GOOSE = f"-- +goose Up\n{SQL}"
Files = Mapping[str, str | None]

TAKEN: list[tuple[str, Files, Files, Files, str]] = [
    (
        "the same number",
        {"db/migration/V1__a.sql": SQL},
        {"db/migration/V2__theirs.sql": SQL},
        {"db/migration/V2__ours.sql": SQL},
        "On the base branch `V2__theirs.sql` has the version 2 too: flyway runs one of the two",
    ),
    (
        "the first of all",
        {"README.md": ""},
        {"db/migration/V1__theirs.sql": SQL},
        {"db/migration/V1__ours.sql": SQL},
        "On the base branch `V1__theirs.sql` has the version 1 too",
    ),
    (
        "in the root",
        {"go.mod": ""},
        {"1_theirs.up.sql": SQL},
        {"1_ours.up.sql": SQL},
        "On the base branch `1_theirs.up.sql` has the version 1 too",
    ),
    (
        "a number written otherwise",
        {"go.mod": ""},
        {"migrations/000012_theirs.up.sql": SQL},
        {"migrations/12_ours.up.sql": SQL},
        "On the base branch `000012_theirs.up.sql` has the version 000012, which is the same as 12",
    ),
    (
        "a folder for each",
        {"diesel.toml": "", "migrations/1_a/up.sql": SQL},
        {"migrations/2_theirs/up.sql": SQL},
        {"migrations/2_ours/up.sql": SQL},
        "On the base branch `2_theirs` has the version 2 too",
    ),
    (
        "a later one, which golang-migrate goes by",
        {"go.mod": "", "migrations/1_a.up.sql": SQL},
        {"migrations/3_theirs.up.sql": SQL},
        {"migrations/2_ours.up.sql": SQL},
        "On the base branch `3_theirs.up.sql` comes later: where that has run, golang-migrate never",
    ),
    (
        "a later one, which goose minds",
        {"migrations/1_a.sql": GOOSE},
        {"migrations/3_theirs.sql": GOOSE},
        {"migrations/2_ours.sql": GOOSE},
        "On the base branch `3_theirs.sql` comes later: where that has run, goose refuses",
    ),
    (
        "one that it has renamed",
        {"db/migration/V1__a.sql": SQL},
        {"db/migration/V1__a.sql": None, "db/migration/V2__a.sql": SQL},
        {"db/migration/V2__ours.sql": SQL},
        "On the base branch `V2__a.sql` has the version 2 too",
    ),
]

FREE: list[tuple[str, Files, Files, Files]] = [
    (
        "the same file",
        {"db/migration/V1__a.sql": SQL},
        {"db/migration/V2__same.sql": SQL},
        {"db/migration/V2__same.sql": CHECK},
    ),
    (
        "an earlier one",
        {"db/migration/V1__a.sql": SQL},
        {"db/migration/V2__theirs.sql": SQL},
        {"db/migration/V3__ours.sql": SQL},
    ),
    (
        "the base has renamed what the branch has too",
        {"db/migration/V1__a.sql": SQL},
        {"db/migration/V1__a.sql": None, "db/migration/V1__b.sql": SQL},
        {"db/migration/V2__ours.sql": SQL},
    ),
    (
        "the base has freed the number",
        {"db/migration/V1__a.sql": SQL, "db/migration/V2__b.sql": SQL},
        {"db/migration/V2__b.sql": None},
        {"db/migration/V2__ours.sql": SQL},
    ),
    (
        "the branch has renamed what the base has still",
        {"db/migration/V1__a.sql": SQL},
        {"README.md": ""},
        {"db/migration/V1__a.sql": None, "db/migration/V1__ours.sql": SQL},
    ),
    (
        "the branch has deleted what the base has still",
        {"migrations/1_a.sql": GOOSE, "migrations/2_b.sql": GOOSE},
        {"README.md": ""},
        {"migrations/2_b.sql": None, "migrations/2_ours.sql": GOOSE},
    ),
    (
        "the branch has deleted a folder that the base has still",
        {"diesel.toml": "", "migrations/1_a/up.sql": SQL},
        {"README.md": ""},
        {"migrations/1_a/up.sql": None, "migrations/1_ours/up.sql": SQL},
    ),
    (
        "the base has them elsewhere by now",
        {"db/migration/V1__a.sql": SQL},
        {"db/migration/V1__a.sql": None, "sql/migration/V1__a.sql": SQL},
        {"db/migration/V2__ours.sql": SQL},
    ),
    (
        "the base fills the gap below",
        {"tern.conf": "", "m/001_a.sql": SQL},
        {"m/002_theirs.sql": SQL},
        {"m/003_ours.sql": SQL},
    ),
    (
        "a tool that tells files by their whole names",
        {"prisma/schema.prisma": "", "prisma/migrations/1_a/migration.sql": SQL},
        {"prisma/migrations/2_theirs/migration.sql": SQL},
        {"prisma/migrations/2_ours/migration.sql": SQL},
    ),
]
IDS = [name for name, *_ in TAKEN]
FREE_IDS = [name for name, *_ in FREE]


def on_github(github: GitHub, job: Job, before: Files, theirs: Files, ours: Files) -> list[str]:
    """What is said of a pull request that was opened before the base got `theirs`."""
    repository = github.repository("acme/shop")
    repository.commit("main", before)
    repository.branch("feature", "main")
    repository.commit("feature", ours)
    pull = repository.open_pull("feature")
    repository.commit("main", theirs)
    job.run(pull)
    report = json.loads((job.folder / "lockstep-report.json").read_text())
    return messages(report)


def at_home(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    before: Files,
    theirs: Files,
    ours: Files,
) -> list[str]:
    checkout.start(before)
    checkout.commit(ours)
    checkout.git("switch", "--quiet", "main")
    checkout.commit(theirs)
    checkout.git("switch", "--quiet", "feature")
    main(["check", "--format", "json", "--base", "main"])
    return messages(json.loads(capsys.readouterr().out))


def messages(report: dict[str, list[dict[str, str]]]) -> list[str]:
    assert report["files"]
    rule = "migration-out-of-order"
    return [one["message"] for one in report["findings"] if one["rule"] == rule]


@pytest.mark.parametrize(("name", "before", "theirs", "ours", "sentence"), TAKEN, ids=IDS)
def test_a_version_taken_on_the_base_branch_is_told(
    github: GitHub, job: Job, name: str, before: Files, theirs: Files, ours: Files, sentence: str
) -> None:
    (message,) = on_github(github, job, before, theirs, ours)
    assert message.startswith(sentence)


@pytest.mark.parametrize(("name", "before", "theirs", "ours", "sentence"), TAKEN, ids=IDS)
def test_a_version_taken_on_the_base_branch_is_told_in_a_checkout(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    name: str,
    before: Files,
    theirs: Files,
    ours: Files,
    sentence: str,
) -> None:
    (message,) = at_home(checkout, capsys, before, theirs, ours)
    assert message.startswith(sentence)


@pytest.mark.parametrize(("name", "before", "theirs", "ours"), FREE, ids=FREE_IDS)
def test_a_version_free_on_the_base_branch_is_not(
    github: GitHub, job: Job, name: str, before: Files, theirs: Files, ours: Files
) -> None:
    assert on_github(github, job, before, theirs, ours) == []


@pytest.mark.parametrize(("name", "before", "theirs", "ours"), FREE, ids=FREE_IDS)
def test_a_version_free_on_the_base_branch_is_not_in_a_checkout(
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    name: str,
    before: Files,
    theirs: Files,
    ours: Files,
) -> None:
    assert at_home(checkout, capsys, before, theirs, ours) == []


def test_no_new_file_is_called_as_one_of_the_base_branch(github: GitHub, job: Job) -> None:
    before = {"sqlx.toml": "", "migrations/1_a.sql": SQL}
    theirs, ours = {"migrations/3_theirs.sql": SQL}, {"migrations/2_ours.sql": CHECK}
    assert on_github(github, job, before, theirs, ours) == []
    report = json.loads((job.folder / "lockstep-report.json").read_text())
    assert [one["path"] for one in report["follow_ups"]] == ["migrations/4_validate_ours.sql"]


def test_a_merge_group_has_what_the_base_has_gained(github: GitHub, job: Job) -> None:
    repository = github.repository("acme/shop")
    repository.commit("main", {"db/migration/V1__a.sql": SQL})
    repository.branch("feature", "main")
    repository.commit("feature", {"db/migration/V2__ours.sql": SQL})
    pull = repository.open_pull("feature")
    repository.commit("main", {"db/migration/V2__theirs.sql": SQL})
    environment = job.environment(pull, "merge_group")
    assert "`V2__theirs.sql` has the version 2 too" in job.run_in(environment).log


def test_the_base_branch_costs_no_further_request(github: GitHub, job: Job) -> None:
    _, before, theirs, ours, _ = TAKEN[0]
    assert on_github(github, job, before, theirs, ours)
    asked = [f"{one.method} {one.path.rpartition('/')[2]}" for one in github.requests]
    assert asked == ["GET files", "POST graphql", "POST reviews", "POST graphql"]
