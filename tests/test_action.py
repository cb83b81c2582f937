"""The action in its job: what it reads, what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.discussion.marker import LONGEST
from tests.rendered import faults, fences
from tests.stand_in import GitHub, Pull
from tests.workflow import Job, opened

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
PATH = "db/migration/V2__a.sql"


def test_a_change_without_migrations_passes_in_silence(github: GitHub, job: Job) -> None:
    pull = opened(github, {"app.py": "print()\n"})
    outcome = job.run(pull)
    assert (outcome.status, pull.reviews) == (0, [])
    assert "The check passes" in outcome.summary


def test_the_configuration_comes_from_the_base_branch(github: GitHub, job: Job) -> None:
    off = "[rules]\ncheck-validated-on-add = 'off'\n"
    assert job.run(opened(github, {PATH: ADD, "lockstep.toml": off})).status == 1


def test_the_base_branch_decides_what_a_rule_is_worth(github: GitHub, job: Job) -> None:
    off = "[rules]\ncheck-validated-on-add = 'off'\n"
    assert job.run(opened(github, {PATH: ADD}, {"lockstep.toml": off})).status == 0


def test_the_next_file_follows_what_the_head_branch_has(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD}, {"db/migration/V9__old.sql": "SELECT 1;\n"})
    job.run(pull)
    assert "`db/migration/V10__validate_a.sql`" in pull.comments[0].body


def test_a_script_configuration_is_read_at_the_head(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD, f"{PATH}.conf": "executeInTransaction=false\n"})
    job.run(pull)
    assert "VALIDATE CONSTRAINT c;\n```" in pull.comments[0].body


def test_a_migration_that_is_not_new_is_not_edited(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD + ADD.replace(" c ", " d ")}, {PATH: ADD})
    job.run(pull)
    (comment,) = pull.comments
    assert comment.line == 2
    assert "suggestion" not in comment.body
    assert "may have run already" in comment.body


def test_a_finding_away_from_the_diff_is_told_in_the_body(github: GitHub, job: Job) -> None:
    middle = "SELECT 1;\n" * 20
    validate = "ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    before = f"SELECT 0;\n{middle}{validate}"
    after = f"ALTER TABLE t ADD COLUMN a int;\n{middle}{validate}"
    pull = opened(github, {PATH: after}, {PATH: before})
    assert job.run(pull).status == 1
    assert pull.comments == []
    assert f"`{PATH}:22`" in pull.reviews[0].body
    job.run(pull)
    assert len(pull.reviews) == 1


@pytest.mark.parametrize("text", [ADD.replace("\n", "\r\n"), ADD.rstrip()])
def test_what_github_would_apply_wrongly_is_no_suggestion(
    github: GitHub, job: Job, text: str
) -> None:
    pull = opened(github, {PATH: text})
    job.run(pull)
    (comment,) = pull.comments
    assert "```suggestion" not in comment.body
    assert "In place of line 1:" in comment.body


def test_what_cannot_be_read_is_told_on_its_line_and_the_rest_is_reviewed(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, {PATH: f"SELECT 1;\nSELEC 2;\n{ADD}"})
    outcome = job.run(pull)
    assert outcome.status == 2
    assert outcome.outputs["unreadable"] == "1"
    assert {comment.line for comment in pull.comments} == {2, 3}
    assert "not analysed" in outcome.log


@pytest.mark.parametrize(
    "content", [b"SELECT '\xe9';\n", b"\0\1\2", "SELECT 1;".encode("utf-16-le")]
)
def test_a_file_that_is_no_text_fails_the_check(github: GitHub, job: Job, content: bytes) -> None:
    outcome = job.run(opened(github, {PATH: content}))
    assert outcome.status == 2
    assert "not analysed" in outcome.log


def test_a_finding_in_a_file_that_git_takes_for_binary_is_told_in_the_body(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, {PATH: ADD.encode("utf-16")})
    outcome = job.run(pull)
    assert outcome.status == 1
    assert pull.comments == []
    assert f"`{PATH}:1` **error**" in pull.reviews[0].body


def test_a_file_too_long_for_a_query_is_read_all_the_same(github: GitHub, job: Job) -> None:
    text = "-- " + "x" * 600_000 + "\n" + ADD
    assert job.run(opened(github, {PATH: text})).outputs["errors"] == "1"


def test_more_than_a_page_of_files_is_read(github: GitHub, job: Job) -> None:
    files: dict[str, str | bytes | None] = {
        f"db/migration/V{n}__a.sql": f"ALTER TABLE t{n} ADD CHECK (x > 0);\n" for n in range(120)
    }
    outcome = job.run(opened(github, files))
    assert outcome.outputs["errors"] == "120"
    assert outcome.log.count("::error ") == 10


def test_more_findings_than_max_comments_are_listed_in_the_body(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: "".join(ADD.replace(" t ", f" t{n} ") for n in range(5))})
    job.run(pull, max_comments="2")
    assert len(pull.comments) == 2
    listed = pull.reviews[0].body.partition("Not beside a line")[2]
    assert listed.count(PATH) == 3


def test_what_the_summary_was_said_to_hold_is_not_posted_again(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: "ALTER TABLE t ADD CHECK (x > 0); " * 1000 + "\n"})
    job.run(pull)
    job.run(pull)
    assert len(pull.reviews) == 1


def test_statistics_may_lie_anywhere_on_the_base_branch(github: GitHub, job: Job) -> None:
    base: dict[str, str | bytes | None] = {
        "lockstep.toml": "[tables]\nstats = 'db/stats.json'\n",
        "db/stats.json": '{"public.t": {"rows": 40}}',
    }
    outcome = job.run(opened(github, {PATH: f"SET lock_timeout = '5s';\n{ADD}"}, base))
    assert (outcome.status, outcome.outputs["findings"]) == (0, "1")


def test_what_is_just_worth_knowing_stands_in_the_summary_alone(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: "ALTER TABLE t ADD COLUMN x int;\n"})
    outcome = job.run(pull)
    assert (outcome.status, pull.reviews) == (0, [])
    assert "::notice" not in outcome.log
    assert "No `lock_timeout` is set" in outcome.summary


def test_a_name_of_an_earlier_migration_is_not_chosen(github: GitHub, job: Job) -> None:
    base: dict[str, str | bytes | None] = {
        "db/migration/V1__a.sql": "CREATE TABLE t (x int CHECK (x > 0));\n"
    }
    pull = opened(github, {PATH: "ALTER TABLE t ADD CHECK (x > 1);\n"}, base)
    job.run(pull)
    assert "ADD CONSTRAINT t_x_check1 CHECK" in pull.comments[0].body


def test_a_deleted_fork_has_no_branch_to_create_a_file_on(
    github: GitHub, job: Job, tmp_path: Path
) -> None:
    pull = opened(github, {PATH: ADD})
    environment = job.environment(pull)
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text())
    event["pull_request"]["head"]["repo"] = None
    (tmp_path / "event.json").write_text(json.dumps(event))
    job.run_in({**environment, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")})
    assert "/new/" not in pull.comments[0].body
    assert "`db/migration/V3__validate_a.sql`" in pull.comments[0].body


def test_a_body_stays_within_githubs_limit(github: GitHub, job: Job) -> None:
    text = "".join(f"ALTER TABLE t{n} ADD CHECK (x > 0);\n" for n in range(1000))
    pull = opened(github, {PATH: text})
    job.run(pull, comments="summary")
    assert len(pull.reviews[0].body) < 65_536
    assert "more, which the job's summary lists" in pull.reviews[0].body


def test_a_summary_instead_of_comments(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD})
    assert job.run(pull, comments="summary").status == 1
    assert pull.comments == []
    assert PATH in pull.reviews[0].body


def test_no_comments_at_all(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD})
    outcome = job.run(pull, comments="off", sarif="out.sarif")
    assert (outcome.status, pull.reviews) == (1, [])
    assert json.loads((job.folder / "out.sarif").read_text())["runs"][0]["results"]
    assert json.loads((job.folder / "lockstep-report.json").read_text())["findings"]


def test_a_read_only_token_costs_the_comments_and_not_the_verdict(
    github: GitHub, tmp_path: Path
) -> None:
    pull = opened(github, {PATH: ADD})
    job = Job(github, tmp_path, permissions={"contents": "read", "pull_requests": "read"})
    outcome = job.run(pull)
    assert outcome.status == 1
    assert "pull-requests: write" in outcome.log
    assert f"::error file={PATH},line=1" in outcome.log


def test_a_fork_gets_its_review_and_links_to_its_own_branch(github: GitHub, job: Job) -> None:
    repository = github.repository("acme/shop")
    repository.commit("main", {"README.md": ""})
    fork = repository.fork("mallory/shop")
    fork.branch("feature", "main")
    fork.commit("feature", {PATH: ADD})
    pull = repository.open_pull("feature", fork=fork)
    assert job.run(pull, event="pull_request_target").status == 1
    assert f"{github.server_url}/mallory/shop/new/feature?filename=" in pull.comments[0].body


def test_a_forged_marker_hides_nothing(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD})
    job.run(pull)
    marker = pull.comments[0].body.splitlines()[-1]
    identity = marker.partition(" text=")[0]
    twin = opened_again(github)
    twin.comment_as("mallory", PATH, 1, f"nothing to see\n\n{marker}")
    twin.comment_as("github-actions", PATH, 1, f"nothing to see\n\n{marker}")
    job.run(twin)
    (ours,) = [one for one in twin.comments if one.author.login == "github-actions[bot]"]
    assert (ours.path, ours.line) == (PATH, 1)
    assert identity in ours.body


def test_a_table_called_like_a_marker_hides_nothing(github: GitHub, job: Job) -> None:
    other = "ALTER TABLE u ADD CONSTRAINT c CHECK (x > 0);\n"
    first = opened(github, {PATH: other})
    job.run(first)
    marker = first.comments[0].body.splitlines()[-1]
    repository = github.repository("acme/shop")
    repository.branch("again", "main")
    named = f'ALTER TABLE "{marker}" ADD CONSTRAINT c CHECK (x > 0);\n'
    repository.commit("again", {PATH: named})
    pull = repository.open_pull("again")
    job.run(pull)
    repository.commit("again", {PATH: named + other})
    job.run(pull)
    assert len(pull.comments) == 2


def opened_again(github: GitHub) -> Pull:
    repository = github.repository("acme/shop")
    repository.branch("again", "main")
    repository.commit("again", {PATH: ADD})
    return repository.open_pull("again")


def test_a_run_on_a_head_that_has_moved_posts_nothing(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD})
    environment = job.environment(pull)
    github.repository("acme/shop").commit("feature", {"other.sql": "SELECT 1;\n"})
    outcome = job.run_in(environment)
    assert outcome.status == 2
    assert "is the head no more" in outcome.log
    assert pull.reviews == []


def test_an_enterprise_server_has_its_own_addresses(tmp_path: Path) -> None:
    with GitHub(prefix="/api/v3") as github:
        pull = opened(github, {PATH: ADD})
        assert Job(github, tmp_path).run(pull).status == 1
        assert f"({github.server_url}/acme/shop/new/feature" in pull.comments[0].body


@pytest.mark.parametrize(
    ("fault", "status"),
    [("GET .*/files", 502), ("POST /graphql", 502), ("POST /graphql", 503)],
)
def test_a_passing_fault_of_github_is_waited_out(
    github: GitHub, job: Job, monkeypatch: pytest.MonkeyPatch, fault: str, status: int
) -> None:
    monkeypatch.setattr("bot.host.github._PAUSES", (0, 0))
    pull = opened(github, {PATH: ADD})
    github.fail_next(fault, status=status)
    assert job.run(pull).status == 1
    assert len(pull.reviews) == 1


def test_a_review_is_never_sent_twice(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD})
    github.fail_next("POST .*/reviews", status=502, after_doing_it=True)
    outcome = job.run(pull)
    assert outcome.status == 1
    assert "::warning" not in outcome.log
    assert len(pull.reviews) == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"INPUT_TOKEN": ""}, "the input `token` is empty"),
        ({"INPUT_TOKEN": "wrong"}, "the token is not valid"),
        ({"GITHUB_EVENT_PATH": ""}, "GITHUB_EVENT_PATH is not set"),
        ({"GITHUB_EVENT_PATH": "/nowhere.json"}, "cannot be read: No such file"),
        (
            {"GITHUB_API_URL": "http://127.0.0.1:9", "GITHUB_GRAPHQL_URL": ""},
            "GitHub could not be reached",
        ),
        ({"INPUT_MAX-COMMENTS": "many"}, 'the input `max-comments` is "many"; right is a whole'),
        ({"INPUT_FAIL-ON": "errors"}, "right is error, warning, notice or never"),
        ({"INPUT_COMMENTS": "loud"}, "right is inline, summary or off"),
        ({"INPUT_POSTGRES-VERSION": "9"}, "PostgreSQL 9 is not known here"),
        ({"INPUT_CONFIG": "none.toml"}, "none.toml, which the base lacks"),
        ({"INPUT_SARIF": "no/such/folder/x"}, "cannot be written"),
        ({"INPUT_SARIF": "../x"}, "not below the workspace"),
        ({"GITHUB_STEP_SUMMARY": "/no/such/folder/x"}, "/no/such/folder/x cannot be written"),
    ],
)
def test_a_mistake_ends_with_one_clear_line_and_status_2(
    github: GitHub,
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    complaint: str,
) -> None:
    monkeypatch.setattr("bot.host.github._PAUSES", ())
    outcome = job.run_in({**job.environment(opened(github, {PATH: ADD})), **changes})
    assert outcome.status == 2
    (line,) = [line for line in outcome.log.splitlines() if line.startswith("::error title")]
    assert complaint in line
    assert "Traceback" not in outcome.log


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ("{", "is not what GitHub sends"),
        (
            '{"repository": {"full_name": "acme/shop"}}',
            "the event `push` is about no pull request; let `on:` name `pull_request_target`",
        ),
    ],
)
def test_another_event_is_refused_with_advice(
    github: GitHub, job: Job, tmp_path: Path, event: str, complaint: str
) -> None:
    file = tmp_path / "event.json"
    file.write_text(event)
    environment = job.environment(opened(github, {}))
    outcome = job.run_in(
        {**environment, "GITHUB_EVENT_PATH": str(file), "GITHUB_EVENT_NAME": "push"}
    )
    assert outcome.status == 2
    assert complaint in outcome.log


def test_an_unknown_pull_request_is_named(github: GitHub, job: Job, tmp_path: Path) -> None:
    environment = job.environment(opened(github, {PATH: ADD}))
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text())
    event["pull_request"]["number"] = 4711
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event))
    outcome = job.run_in({**environment, "GITHUB_EVENT_PATH": str(file)})
    assert outcome.status == 2
    assert "listing the files of #4711: GitHub answered 404" in outcome.log


def test_a_comment_carries_the_query_for_the_rows_in_the_way(github: GitHub, job: Job) -> None:
    pull = opened(github, {PATH: ADD})
    job.run(pull)
    body = pull.comments[0].body
    assert ("sql", "SELECT * FROM t WHERE NOT (x > 0);\n") in fences(body)
    assert "<summary>Locks, rows in the way and why</summary>" in body


def test_a_query_cannot_break_out_of_its_block(github: GitHub, job: Job) -> None:
    hostile = "(x <> '\n```\n</details>\n\n<b>\n````suggestion\nDROP TABLE t\n')"
    pull = opened(github, {PATH: f"ALTER TABLE t ADD CONSTRAINT c CHECK {hostile};\n"})
    job.run(pull)
    body = pull.comments[0].body
    assert ("sql", f"SELECT * FROM t WHERE NOT {hostile};\n") in fences(body)
    assert faults(body, f"{github.server_url}/acme/shop") == []
    assert len([info for info, _ in fences(body) if info == "suggestion"]) == 1


def test_a_comment_is_rather_short_than_left_out(github: GitHub, job: Job) -> None:
    keys = "".join(f", ADD FOREIGN KEY (x) REFERENCES p{n} (x)" for n in range(150))
    pull = opened(github, {PATH: f"ALTER TABLE t{keys[1:]};\n"})
    job.run(pull)
    (comment,) = pull.comments
    assert "in the way" not in comment.body
    assert len(comment.body) <= LONGEST
    assert fences(comment.body)[0][0] == "suggestion"
