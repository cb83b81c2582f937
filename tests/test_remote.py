"""What is read of a pull request is bounded, and what is not read is said to be so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.event import change
from bot.model.change import FileStatus
from bot.model.pull_request import Entry, FileDiff, Place, PullRequest, Read, Unread, Wanted
from bot.remote import MAX_HISTORY, MAX_OBJECTS, RemoteTree, changed, wanted
from tests.stand_in import GitHub
from tests.workflow import Job

HEAD, BASE, BLOB = "h" * 40, "b" * 40, "c" * 40
PULL = PullRequest("acme/shop", 7, HEAD, BASE, "feature", "acme/shop")
PATH = "db/migration/V2__a.sql"
SQL = b"SELECT 1;\n"


def diff(path: str = PATH, status: str = "added", blob: str = BLOB) -> FileDiff:
    return FileDiff(path, status, blob, "@@ -1 +1 @@\n-a\n+b\n")


def folders(path: str) -> list[str]:
    return [place.path for place in wanted(PULL, (diff(path),), ()).folders]


def test_the_folder_of_a_file_and_those_above_it_are_read() -> None:
    assert folders("a/b/V1__x.sql") == ["", "a", "a/b"]
    assert folders("V1__x.sql") == [""]


@pytest.mark.parametrize(
    ("path", "listing"),
    [
        ("drizzle/0001_a.sql", "drizzle/meta/_journal.json"),
        ("db/deploy/a/b.sql", "db/sqitch.plan"),
    ],
)
def test_the_list_of_all_migrations_is_read(path: str, listing: str) -> None:
    assert Place(HEAD, listing) in wanted(PULL, (diff(path),), ()).files


def test_the_folder_of_what_ran_before_is_read() -> None:
    assert folders("db/current/1.sql") == ["", "db", "db/committed", "db/current"]
    assert folders("db/current.sql") == ["", "db", "db/committed"]


def test_of_a_deep_path_the_nearest_folders_and_the_root_are_read() -> None:
    found = folders("d/" * 1500 + "V1__x.sql")
    assert [name.count("/") for name in found] == [0, *range(1487, 1500)]


def test_a_file_that_github_gives_no_blob_of_is_not_asked_for() -> None:
    assert wanted(PULL, (diff(blob=""),), ()).blobs == ()
    (file,) = changed(PULL, (diff(blob=""),), Read())
    assert file.text == "GitHub did not give its text"


@pytest.mark.parametrize("folder", ["db", "d{0}/" * 30])
def test_what_exceeds_one_review_is_reported(folder: str) -> None:
    files = tuple(
        diff(f"{folder.format(n)}/V{n}__a.sql", "modified", f"{n:040x}") for n in range(3000)
    )
    asked = wanted(PULL, files, ("lockstep.toml",))
    assert len(asked.blobs) + len(asked.files) + len(asked.folders) <= MAX_OBJECTS + 1
    assert Place(BASE, "lockstep.toml") in asked.files
    found = changed(PULL, files, Read(blobs=dict.fromkeys(asked.blobs, SQL)))
    read = [file for file in found if file.source]
    assert len(read) == len(asked.blobs) > 100
    reasons = {file.text for file in found if not file.source}
    assert reasons == {"GitHub was not asked for its text: 2,000 files and folders are read"}


def test_a_file_that_the_host_did_not_read_says_why() -> None:
    (file,) = changed(PULL, (diff(),), Read(blobs={BLOB: Unread("it is too long")}))
    assert file.text == "it is too long"


@pytest.mark.parametrize("status", ["added", "modified"])
@pytest.mark.parametrize(
    ("mode", "reason"),
    [(0o120000, "it is a symbolic link"), (0o160000, "it is a submodule")],
)
def test_what_is_no_file_is_not_read_as_sql(status: str, mode: int, reason: str) -> None:
    there = {Place(HEAD, "db/migration"): {"V2__a.sql": Entry(mode)}}
    (file,) = changed(PULL, (diff(status=status),), Read(blobs={BLOB: SQL}, folders=there))
    assert file.text == reason


@pytest.mark.parametrize("status", ["added", "copied", "renamed"])
def test_a_file_with_a_new_name_is_new_and_all_of_it_is_reviewed(status: str) -> None:
    old = {Place(BASE, PATH): SQL, Place(BASE, "db/migration/V1__a.sql"): SQL}
    (file,) = changed(PULL, (diff(status=status),), Read(blobs={BLOB: SQL}, files=old))
    assert (file.status, file.touched, file.before) == (FileStatus.ADDED, None, None)
    asked = wanted(PULL, (diff(status=status),), ())
    assert all(place.commit == HEAD for place in asked.files)


def test_earlier_migrations_are_fetched_as_far_as_they_are_not_known() -> None:
    asked: list[Wanted] = []

    def fetch(more: Wanted) -> Read:
        asked.append(more)
        return Read(files={place: b"more" for place in more.files if place.path != "0"})

    read = Read(files={Place(HEAD, "1"): b"known"})
    tree = RemoteTree(HEAD, read, fetch)
    assert tree.texts(["0", "1", "2"]) == {"1": "known", "2": "more"}
    assert asked == [Wanted(files=(Place(HEAD, "0"), Place(HEAD, "2")))]
    assert len(tree.texts([f"x{number}" for number in range(5000)])) == MAX_HISTORY
    assert RemoteTree(HEAD, read).texts(["0", "1"]) == {"1": "known"}


def test_a_symbolic_link_fails_the_check(github: GitHub, job: Job) -> None:
    repository = github.repository("acme/shop")
    repository.commit("main", {"README.md": ""})
    repository.branch("feature", "main")
    repository.commit("feature", {PATH: "../../secret"}, modes={PATH: "120000"})
    outcome = job.run(repository.open_pull("feature"))
    assert outcome.status == 2
    assert "it is a symbolic link" in outcome.log


def test_a_renamed_migration_is_reviewed_whole(github: GitHub, job: Job) -> None:
    repository = github.repository("acme/shop")
    text = "ALTER TABLE t ADD CHECK (x > 0);\n"
    repository.commit("main", {"db/migration/V1__a.sql": text})
    repository.branch("feature", "main")
    repository.commit("feature", {"db/migration/V1__a.sql": None, PATH: text})
    assert job.run(repository.open_pull("feature")).status == 1


def test_a_deleted_fork_has_no_repository(tmp_path: Path) -> None:
    side = {"sha": HEAD, "ref": "feature", "repo": None}
    told = {"number": 7, "head": side, "base": {**side, "repo": {"full_name": "acme/shop"}}}
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"full_name": "acme/shop"}, "pull_request": told}))
    pull = change(str(event), "pull_request")
    assert isinstance(pull, PullRequest)
    assert pull.head_repository == ""


@pytest.mark.parametrize("count", [1, 150])
def test_what_changes_how_a_file_runs_is_read_however_many_files_there_are(
    github: GitHub, job: Job, count: int
) -> None:
    """A script configuration that was there before its migration."""
    text = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    path = f"db/migration/V{count}__a.sql"
    repository = github.repository("acme/shop")
    repository.commit("main", {f"{path}.conf": "executeInTransaction=false\n"})
    repository.branch("feature", "main")
    files = {f"db/migration/V{number}__a.sql": "SELECT 1;\n" for number in range(count)}
    repository.commit("feature", {**files, path: text})
    pull = repository.open_pull("feature")
    assert job.run(pull).status == 1
    assert "VALIDATE CONSTRAINT c;\n```" in pull.comments[0].body
