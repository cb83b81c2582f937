"""What each event of GitHub makes of a run: which change is reviewed, by which rules, what is posted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.model.pull_request import Entry, MergeGroup, Read, Wanted
from bot.trees import MAX_FILES, differences
from tests.sample import BASE, BRANCH
from tests.stand_in import GitHub, Pull, Repository
from tests.workflow import Job, Outcome

PATH = "db/migration/V2__a.sql"
CHECK = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
OTHER = "ALTER TABLE u ADD CONSTRAINT d CHECK (y > 0);\n"
OFF = "[rules]\ncheck-validated-on-add = 'off'\n"
READ_ONLY = {"contents": "read", "pull_requests": "read"}
EVENTS = ("pull_request", "pull_request_target")


def shop(github: GitHub, base: dict[str, str] | None = None) -> Repository:
    repository = github.repository("acme/shop")
    repository.commit("main", {"README.md": "", **(base or {})})
    return repository


def opened(github: GitHub, branch: dict[str, str], base: dict[str, str] | None = None) -> Pull:
    repository = shop(github, base)
    repository.branch("feature", "main")
    repository.commit("feature", branch)
    return repository.open_pull("feature")


def run(job: Job, pull: Pull, action: str, event: str = "pull_request", **more: Any) -> Outcome:
    """A job that `action` has started; `more` is what its payload says besides."""
    environment = job.environment(pull, event)
    file = job.github.event_file(pull, action, event, **more)
    return job.run_in({**environment, "GITHUB_EVENT_PATH": str(file)})


def writes(github: GitHub) -> list[str]:
    return [
        one.path
        for one in github.requests
        if one.method != "GET" and (b"mutation" in one.raw or not one.path.endswith("/graphql"))
    ]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_every_action_on_a_pull_request_is_reviewed(
    github: GitHub, job: Job, event: str, action: str
) -> None:
    pull = opened(github, {PATH: CHECK})
    assert run(job, pull, action, event).status == 1
    assert len(pull.comments) == 1


def test_a_draft_is_reviewed_and_nothing_is_said_again_once_it_is_ready(
    github: GitHub, job: Job
) -> None:
    repository = shop(github)
    repository.branch("feature", "main")
    repository.commit("feature", {PATH: CHECK})
    pull = repository.open_pull("feature", draft=True)
    assert run(job, pull, "opened").status == 1
    pull.draft = False
    github.forget()
    assert run(job, pull, "ready_for_review").status == 1
    assert writes(github) == []


def test_a_new_title_changes_neither_comments_nor_verdict(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: CHECK})
    run(job, pull, "opened")
    github.forget()
    assert run(job, pull, "edited", changes={"title": {"from": "x"}}).status == 1
    assert writes(github) == []


def retargeted(github: GitHub, job: Job) -> Pull:
    """A pull request for a branch whose configuration lets it pass."""
    repository = shop(github)
    repository.branch("lax", "main")
    repository.commit("lax", {"lockstep.toml": OFF, "db/migration/V1__x.sql": OTHER})
    repository.branch("feature", "lax")
    repository.commit("feature", {PATH: CHECK})
    pull = repository.open_pull("feature", base="lax")
    assert run(job, pull, "opened").status == 0
    return pull


def test_a_new_base_brings_its_own_configuration_and_its_own_difference(
    github: GitHub, job: Job
) -> None:
    pull = retargeted(github, job)
    pull.retarget("main")
    outcome = run(job, pull, "edited", changes={"base": {"ref": {"from": "lax"}}})
    assert outcome.status == 1
    told = {one.path for one in pull.comments}
    assert told == {PATH, "db/migration/V1__x.sql", "lockstep.toml"}


def test_a_run_for_the_base_of_before_passes_nothing(github: GitHub, job: Job) -> None:
    pull = retargeted(github, job)
    environment = job.environment(pull)
    pull.retarget("main")
    outcome = job.run_in(environment)
    assert outcome.status == 2
    assert "`lax` is the base no more: a later run decides" in outcome.log


def queued(github: GitHub, job: Job, pull: Pull) -> Outcome:
    github.forget()
    return run(job, pull, "checks_requested", "merge_group")


def test_a_merge_group_is_decided_on_and_nothing_is_posted(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: CHECK})
    outcome = queued(github, job, pull)
    assert outcome.status == 1
    assert f"::error file={PATH},line=1" in outcome.log
    assert f"`{PATH}:1`" in outcome.summary
    assert outcome.outputs["errors"] == "1"
    assert outcome.outputs["review-url"] == ""
    assert (writes(github), pull.reviews, pull.comments) == ([], [], [])


def test_a_merge_group_without_migrations_passes(github: GitHub, job: Job) -> None:
    pull = opened(github, {"app.py": "print()\n"}, {PATH: CHECK})
    assert queued(github, job, pull).status == 0
    assert len(github.requests) == 2


def test_a_merge_group_needs_no_right_to_write(github: GitHub, tmp_path: Path) -> None:
    job = Job(github, tmp_path, permissions={"contents": "read"})
    assert queued(github, job, opened(github, {PATH: CHECK})).status == 1


def test_a_merge_group_gets_the_verdict_of_its_pull_request(github: GitHub, job: Job) -> None:
    pull = opened(github, BRANCH, BASE)
    asked = job.run(pull)
    merged = queued(github, job, pull)
    assert (merged.status, merged.log) == (asked.status, asked.log)


def test_a_merge_group_holds_everything_that_the_base_has_gained(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: CHECK})
    repository = github.repository("acme/shop")
    repository.commit("main", {"db/migration/V1__b.sql": OTHER})
    outcome = queued(github, job, pull)
    assert outcome.outputs["errors"] == "1"
    assert "V1__b" not in outcome.log


@pytest.mark.parametrize(
    ("base", "branch", "status"),
    [({}, {"lockstep.toml": OFF}, 1), ({"lockstep.toml": OFF}, {}, 0)],
)
def test_a_merge_group_is_held_to_the_configuration_of_its_base(
    github: GitHub, job: Job, base: dict[str, str], branch: dict[str, str], status: int
) -> None:
    assert queued(github, job, opened(github, {PATH: CHECK, **branch}, base)).status == status


@pytest.mark.parametrize(
    ("after", "errors"),
    [
        (f"{CHECK}SELECT 1;\n", "0"),
        (f"-- Positive from now on.\n{CHECK}", "0"),
        (f"{CHECK}{OTHER}", "1"),
        (f"{OTHER}{CHECK}", "1"),
        (f"BEGIN;\n{CHECK}COMMIT;\n{CHECK.replace(' c ', ' e ')}", "1"),
    ],
)
def test_of_a_modified_file_a_merge_group_is_told_what_it_brings(
    github: GitHub, job: Job, after: str, errors: str
) -> None:
    pull = opened(github, {PATH: after}, {PATH: CHECK})
    assert queued(github, job, pull).outputs["errors"] == errors
    assert job.run(pull).outputs["errors"] == errors


def test_of_a_merge_group_only_folders_that_differ_are_read(github: GitHub, job: Job) -> None:
    others = {f"app{number}/src/main.py": "" for number in range(50)}
    pull = opened(github, {PATH: CHECK}, others)
    outcome = queued(github, job, pull)
    assert outcome.status == 1
    assert [one.path for one in github.requests] == ["/graphql"] * 4  # three levels, and the texts


GROUP = MergeGroup("acme/shop", "h" * 40, "b" * 40)
FOLDER, FILE, LINK = Entry(0o40000, "f"), Entry(0o100644, "1"), Entry(0o120000, "1")


def compared(
    base: dict[str, dict[str, Entry]], head: dict[str, dict[str, Entry]]
) -> tuple[list[tuple[str, str]], str]:
    """The files that differ between two trees, by folder, and what was left out."""
    sides = {GROUP.base_sha: base, GROUP.head_sha: head}

    def look(wanted: Wanted) -> Read:
        known = {place: sides[place.commit].get(place.path) for place in wanted.folders}
        return Read(folders={place: one for place, one in known.items() if one is not None})

    found = differences(GROUP, look)
    return [(one.path, one.status) for one in found.files], found.left_out


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        ({"": {"a": FILE}}, {"": {"a": FILE}}, []),
        ({"": {}}, {"": {"a": FILE}}, [("a", "added")]),
        ({"": {"a": FILE}}, {"": {}}, [("a", "removed")]),
        ({"": {"a": FILE}}, {"": {"a": Entry(0o100644, "2")}}, [("a", "modified")]),
        ({"": {"a": FILE}}, {"": {"a": LINK}}, [("a", "modified")]),
        ({"": {"a": FILE}}, {"": {"a": FOLDER}, "a": {"b": FILE}}, [("a", "removed"), ("a/b", "added")]),
        ({"": {"a": FOLDER}, "a": {"b": FILE}}, {"": {}}, [("a/b", "removed")]),
    ],
)  # fmt: skip
def test_two_trees_differ_in_files(
    base: dict[str, dict[str, Entry]],
    head: dict[str, dict[str, Entry]],
    told: list[tuple[str, str]],
) -> None:
    assert compared(base, head) == (told, "")


def test_a_folder_that_is_not_told_is_no_empty_one() -> None:
    assert compared({"": {}}, {"": {"db": FOLDER}}) == ([], "GitHub did not list db")
    assert compared({}, {"": {"a": FILE}}) == ([], "GitHub did not list the root")


def test_trees_without_end_are_not_read_to_the_end() -> None:
    deep = {"/".join(["d"] * depth): {"d": FOLDER} for depth in range(100)}
    _, left_out = compared({"": {}}, deep)
    assert left_out == "the merge group changes files below more than 15 folders"
    many = {"": {f"{number}.sql": FILE for number in range(MAX_FILES + 1)}}
    files, left_out = compared({"": {}}, many)
    assert len(files) == MAX_FILES
    assert left_out == "the merge group changes more than 3,000 files"


def test_what_a_merge_group_is_not_told_of_fails_the_check(
    github: GitHub, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trees._DEEPEST", 2)
    outcome = queued(github, job, opened(github, {"db/migration/x/V2__a.sql": CHECK}))
    assert outcome.status == 2
    assert "not analysed" in outcome.log


@pytest.mark.parametrize("actor", ["mallory", "dependabot[bot]"])
def test_a_token_that_may_only_read_costs_the_comments_and_nothing_else(
    github: GitHub, tmp_path: Path, actor: str
) -> None:
    repository = shop(github)
    fork = repository.fork("mallory/shop") if actor == "mallory" else repository
    fork.branch("feature", "main")
    fork.commit("feature", {PATH: CHECK})
    pull = repository.open_pull("feature", fork=fork, author=actor)
    job = Job(github, tmp_path, permissions=READ_ONLY)
    reading = job.run_in({**job.environment(pull), "GITHUB_ACTOR": actor})
    assert f"::error file={PATH},line=1" in reading.log
    assert "::notice title=pg-lockstep::No comments were posted" in reading.log
    assert "::warning" not in reading.log
    assert "NOT VALID" in reading.summary
    assert pull.reviews == []
    writing = Job(github, tmp_path).run(pull)
    assert reading.status == writing.status == 1
    assert "NOT VALID" in pull.comments[0].body


def test_a_job_without_the_permission_to_write_is_told_which_one_it_lacks(
    github: GitHub, tmp_path: Path
) -> None:
    outcome = Job(github, tmp_path, permissions=READ_ONLY).run(opened(github, {PATH: CHECK}))
    assert outcome.status == 1
    assert "::warning title=pg-lockstep::posting the review of #1" in outcome.log
    assert "`pull-requests: write`" in outcome.log
    assert "NOT VALID" in outcome.summary


LOGINS = ["github-actions[bot]", "lockstep-of-acme[bot]", "alice"]


@pytest.mark.parametrize("login", LOGINS)
def test_each_kind_of_token_knows_its_own_comments_and_no_others(
    github: GitHub, job: Job, login: str
) -> None:
    """Of a workflow, of an App's installation, of a person."""
    pull = opened(github, {PATH: CHECK})
    token = github.token({"contents": "read", "pull_requests": "write"}, login=login)
    environment = {**job.environment(pull), "INPUT_TOKEN": token}
    job.run_in(environment)
    (comment,) = pull.comments
    assert comment.author.login == login
    for other in (login.removesuffix("[bot]") + "x", login.removesuffix("[bot]")):
        if other != login:
            pull.comment_as(other, PATH, 1, comment.body)
    github.forget()
    assert job.run_in(environment).status == 1
    assert writes(github) == []
    github.repository("acme/shop").commit("feature", {PATH: "SELECT 1;\n"})
    assert job.run_in({**job.environment(pull), "INPUT_TOKEN": token}).status == 0
    assert login not in [one.author.login for one in pull.comments]


@pytest.mark.parametrize("event", [*EVENTS, "merge_group"])
def test_an_enterprise_server_is_asked_at_its_own_addresses(tmp_path: Path, event: str) -> None:
    with GitHub(prefix="/api/v3") as github:
        pull = opened(github, {PATH: CHECK})
        outcome = run(Job(github, tmp_path), pull, "opened", event)
        assert outcome.status == 1
        texts = [*(one.body for one in pull.comments), outcome.summary, outcome.log]
        assert not [text for text in texts if "https://github.com/acme" in text]


def test_the_address_for_queries_is_taken_as_it_is_told(github: GitHub, job: Job) -> None:
    environment = job.environment(opened(github, {PATH: CHECK}))
    elsewhere = {**environment, "GITHUB_GRAPHQL_URL": "https://elsewhere.example/graphql"}
    outcome = job.run_in(elsewhere)
    assert outcome.status == 2
    assert "GITHUB_GRAPHQL_URL is not on the host of GITHUB_API_URL" in outcome.log


def lacking(owner: str, name: str) -> dict[str, Any]:
    """What a server answers that is older than a field."""
    code = {"code": "undefinedField", "typeName": owner, "fieldName": name}
    message = f"Field '{name}' doesn't exist on type '{owner}'"
    return {"errors": [{"message": message, "extensions": code}]}


def test_a_server_without_a_field_of_conversations_costs_the_comments_alone(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, {PATH: CHECK})
    body = lacking("PullRequestReviewThread", "startLine")
    github.fail_next("POST /graphql", status=200, body=body)
    outcome = job.run(pull)
    assert outcome.status == 1
    assert pull.reviews == []
    assert "knows no `PullRequestReviewThread.startLine`; update it" in outcome.log


def test_a_server_without_a_field_of_texts_fails_the_check(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: CHECK})
    github.fail_next("POST /graphql", status=200, body=lacking("Blob", "text"), times=2)
    outcome = job.run(pull)
    assert outcome.status == 2
    assert "this GitHub Enterprise Server knows no `Blob.text`; update it" in outcome.log


@pytest.mark.parametrize(
    "event", ["push", "workflow_dispatch", "schedule", "issue_comment", "workflow_run"]
)
def test_an_event_without_a_change_is_refused_with_what_to_do(
    github: GitHub, job: Job, tmp_path: Path, event: str
) -> None:
    file = tmp_path / "payload.json"
    file.write_text('{"schedule": "0 0 * * *"}' if event == "schedule" else '{"ref": "main"}')
    environment = job.environment(opened(github, {PATH: CHECK}))
    outcome = job.run_in(
        {**environment, "GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(file)}
    )
    assert outcome.status == 2
    assert f"the event `{event}` is about no pull request; let `on:` name" in outcome.log
    assert "`lockstep check --base REF --format github`" in outcome.log
