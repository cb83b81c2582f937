"""The life of a comment: posted once, kept while it holds, edited, and gone once it is fixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stand_in import Comment, GitHub, Pull
from tests.workflow import Job

PATH = "db/migration/V2__a.sql"
CHECK = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
OTHER = "ALTER TABLE u ADD CONSTRAINT d CHECK (y > 0);\n"
FIXED = "CREATE TABLE t (x int, CONSTRAINT c CHECK (x > 0));\n"
BOT = "github-actions[bot]"


def opened(
    github: GitHub, text: str, base: str | None = None, path: str = PATH, **more: str
) -> Pull:
    repository = github.repository("acme/shop")
    repository.commit("main", {"README.md": "", **({path: base} if base else {})})
    repository.branch("feature", "main")
    repository.commit("feature", {path: text, **more})
    return repository.open_pull("feature")


def push(github: GitHub, text: str | None, path: str = PATH) -> None:
    github.repository("acme/shop").commit("feature", {path: text})


def own(pull: Pull) -> list[Comment]:
    return [one for one in pull.comments if one.author.login == BOT]


def writes(github: GitHub) -> list[str]:
    """What was posted, and which mutations were sent, since the log was emptied."""
    return [
        f"{one.method} {one.path}"
        for one in github.requests
        if one.path.endswith(("/reviews", "/comments")) or b"mutation" in one.raw
    ]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.host.github._PAUSES", (0, 0))


def test_a_second_run_changes_nothing(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK + OTHER)
    job.run(pull)
    github.forget()
    job.run(pull)
    assert writes(github) == []
    assert len(own(pull)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "-- Positive from now on.\n\n" + CHECK,
        CHECK + "-- The end.\n",
        "CREATE TABLE w (x int);\n" + CHECK,
    ],
)
def test_a_comment_is_left_alone_while_its_lines_move(github: GitHub, job: Job, text: str) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    push(github, text)
    github.forget()
    job.run(pull)
    assert writes(github) == []
    (comment,) = own(pull)
    pull.apply_suggestion(comment.id)
    assert b"NOT VALID" in pull.read(PATH)


def test_a_comment_survives_a_rebase(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    repository = github.repository("acme/shop")
    repository.commit("main", {"other.txt": "x"})
    repository.branch("feature", "main")
    repository.commit("feature", {PATH: CHECK})
    github.forget()
    assert job.run(pull).status == 1
    assert writes(github) == []


def test_what_is_fixed_is_deleted(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK + OTHER)
    job.run(pull)
    push(github, FIXED + OTHER)
    job.run(pull)
    (comment,) = own(pull)
    assert "`u`" in comment.body


def test_what_is_fixed_and_was_answered_says_in_which_commit(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    pull.reply(own(pull)[0], "good point")
    push(github, FIXED)
    fixed_in = pull.head_sha
    assert job.run(pull).status == 0
    (comment,) = own(pull)
    assert comment.body.startswith(f"Fixed as of {fixed_in[:12]}.")
    assert "> **Error:** Reads and writes of `t` wait" in comment.body
    assert "suggestion" not in comment.body
    push(github, FIXED + "-- more\n")
    github.forget()
    job.run(pull)
    assert writes(github) == []


def test_what_is_allowed_with_a_reason_is_not_called_fixed(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    pull.reply(own(pull)[0], "the table has forty rows")
    push(github, f"-- lockstep: allow check-validated-on-add because it has 40 rows\n{CHECK}")
    job.run(pull)
    assert own(pull)[0].body.startswith("Allowed, with a reason, as of ")


def test_what_comes_back_is_told_where_it_was_answered(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    pull.reply(own(pull)[0], "good point")
    for text in (FIXED, CHECK):
        push(github, text)
        job.run(pull)
    (comment,) = own(pull)
    assert comment.body.startswith("**Error:**")
    assert comment.edits == [BOT, BOT]


def test_what_is_partly_fixed_says_the_rest(github: GitHub, job: Job) -> None:
    both = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0), ADD CONSTRAINT d CHECK (y > 0);\n"
    pull = opened(github, both)
    job.run(pull)
    assert own(pull)[0].body.startswith("**2 errors:**")
    push(github, both.replace("(x > 0)", "(x > 0) NOT VALID"))
    job.run(pull)
    (comment,) = own(pull)
    assert comment.body.count("**Error:**") == 1
    pull.apply_suggestion(comment.id)
    assert job.run(pull).status == 0
    assert [one.resolved for one in own(pull)] == [True]


def test_an_answered_comment_is_edited_where_it_stands(github: GitHub, job: Job) -> None:
    both = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0), ADD CONSTRAINT d CHECK (y > 0);\n"
    pull = opened(github, both)
    job.run(pull)
    pull.reply(own(pull)[0], "one of them is needed")
    push(github, both.replace("(x > 0)", "(x > 0) NOT VALID"))
    job.run(pull)
    (comment,) = own(pull)
    assert comment.body.count("**Error:**") == 1
    assert comment.edits == [BOT]


def test_a_comment_follows_the_next_free_number(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    assert "`db/migration/V3__validate_a.sql`" in own(pull)[0].body
    push(github, "SELECT 1;\n", "db/migration/V3__b.sql")
    job.run(pull)
    (comment,) = own(pull)
    assert "`db/migration/V4__validate_a.sql`" in comment.body
    assert comment.edits == [BOT]


@pytest.mark.parametrize("text", [CHECK, FIXED, CHECK + OTHER])
def test_what_a_person_resolved_stays_resolved(github: GitHub, job: Job, text: str) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    (first,) = own(pull)
    pull.resolve(first)
    push(github, f"SELECT 1;\n{text}")
    job.run(pull)
    assert first in own(pull)
    assert (first.resolved, first.edits) == (True, [])
    assert len([one for one in own(pull) if "of `t` wait" in one.body]) == 1


def test_what_a_person_hid_is_not_said_again(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    own(pull)[0].minimize()
    github.forget()
    job.run(pull)
    assert writes(github) == []


def test_what_a_person_deleted_is_said_again(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    pull.delete(own(pull)[0])
    job.run(pull)
    assert len(own(pull)) == 1


def test_what_cannot_be_read_for_now_is_not_called_fixed(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    push(github, "\0binary")
    job.run(pull)
    assert [one for one in own(pull) if "`t`" in one.body]


def test_all_pages_of_threads_are_read(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    for number in range(120):
        pull.comment_as("alice", PATH, 1, f"question {number}")
    job.run(pull)
    github.forget()
    job.run(pull)
    assert writes(github) == []
    push(github, FIXED)
    job.run(pull)
    assert own(pull) == []


def test_the_list_of_a_review_loses_what_is_fixed(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK + OTHER)
    job.run(pull, max_comments="0")
    (review,) = pull.reviews
    assert review.body.count(f"`{PATH}:") == 2
    push(github, FIXED + OTHER)
    job.run(pull, max_comments="0")
    assert review.body.count(f"`{PATH}:") == 1
    push(github, FIXED)
    job.run(pull, max_comments="0")
    assert "What this review listed is not found any more." in review.body
    assert pull.reviews == [review]


def test_the_list_of_a_review_follows_moving_lines(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull, max_comments="0")
    push(github, f"SELECT 1;\n{CHECK}")
    job.run(pull, max_comments="0")
    (review,) = pull.reviews
    assert f"`{PATH}:2`" in review.body
    github.forget()
    job.run(pull, max_comments="0")
    assert writes(github) == []


def test_what_is_new_in_the_list_is_posted_and_the_old_list_points_there(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, CHECK)
    job.run(pull, max_comments="0")
    push(github, CHECK + OTHER)
    job.run(pull, max_comments="0")
    first, second = pull.reviews
    assert first.body == "What this review listed is listed anew in a later one."
    assert second.body.count(f"`{PATH}:") == 2


def test_open_comments_of_all_runs_together_stay_within_the_limit(github: GitHub, job: Job) -> None:
    texts = [CHECK.replace(" t ", f" t{n} ") for n in range(6)]
    pull = opened(github, "".join(texts[:3]))
    job.run(pull, max_comments="2")
    push(github, "".join(texts))
    job.run(pull, max_comments="2")
    assert len(own(pull)) == 2
    assert pull.reviews[-1].body.count(f"`{PATH}:") == 4


def test_the_worst_findings_get_the_comments(github: GitHub, job: Job) -> None:
    pull = opened(github, "ALTER TABLE w ADD COLUMN y int NOT NULL;\n" * 3 + CHECK)
    job.run(pull, max_comments="1")
    (comment,) = own(pull)
    assert comment.line == 4


MANY = "".join(f"UPDATE t SET x = {n};\n" for n in range(118))
TRANSACTION = "ALTER TABLE t ADD COLUMN y int;\n"


def test_a_rule_that_finds_the_same_many_times_gets_one_comment(github: GitHub, job: Job) -> None:
    pull = opened(github, TRANSACTION + MANY)
    outcome = job.run(pull)
    assert outcome.outputs["errors"] == "118"
    (comment,) = own(pull)
    assert "**118 findings of one rule in this file.**" in comment.body
    assert "All of them: lines 2 to 119." in comment.body
    github.forget()
    job.run(pull)
    assert writes(github) == []


@pytest.mark.parametrize(("left", "told"), [(50, "**50 findings"), (2, "**2 findings")])
def test_a_group_is_edited_as_it_shrinks(github: GitHub, job: Job, left: int, told: str) -> None:
    pull = opened(github, TRANSACTION + MANY)
    job.run(pull)
    push(github, TRANSACTION + "".join(MANY.splitlines(keepends=True)[:left]))
    job.run(pull)
    (comment,) = own(pull)
    assert told in comment.body
    assert comment.edits == [BOT]


def test_a_handful_gets_single_comments(github: GitHub, job: Job) -> None:
    pull = opened(github, TRANSACTION + "".join(MANY.splitlines(keepends=True)[:5]))
    job.run(pull)
    assert len(own(pull)) == 5


def test_findings_with_suggestions_of_their_own_keep_their_comments(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, "".join(CHECK.replace(" t ", f" t{n} ") for n in range(8)))
    job.run(pull)
    assert len(own(pull)) == 8
    pull.apply_suggestions([one.id for one in own(pull)])
    assert pull.read(PATH).count(b"NOT VALID") == 8


def test_two_runs_at_once_comment_once(github: GitHub, job: Job, tmp_path: Path) -> None:
    pull = opened(github, CHECK + OTHER)
    (tmp_path / "twin").mkdir()
    twin = Job(github, tmp_path / "twin")
    github.before_next("POST .*/reviews", lambda: twin.run(pull))
    assert job.run(pull).status == 1
    assert [one.line for one in own(pull)] == [2, 1]
    github.forget()
    job.run(pull)
    assert writes(github) == []


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("done", [True, False])
def test_a_review_whose_answer_was_lost_is_posted_once(
    github: GitHub, job: Job, status: int, done: bool
) -> None:
    pull = opened(github, CHECK)
    github.fail_next("POST .*/reviews", status=status, after_doing_it=done)
    outcome = job.run(pull)
    assert outcome.status == 1
    assert "::warning" not in outcome.log
    assert (len(pull.reviews), len(own(pull))) == (1, 1)


def test_a_line_that_breaks_after_posting_does_not_post_twice(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    github.fail_next("POST .*/reviews", hang_up=True, after_doing_it=True)
    job.run(pull)
    assert (len(pull.reviews), len(own(pull))) == (1, 1)


def test_a_revision_whose_answer_was_lost_is_looked_after(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    job.run(pull)
    push(github, FIXED)
    github.before_next("POST /graphql", lambda: None)
    github.fail_next("POST /graphql", after_doing_it=True)
    assert "::warning title=pg-lockstep::" not in job.run(pull).log
    assert own(pull) == []


SECONDARY = {"message": "You have exceeded a secondary rate limit."}


def test_a_short_secondary_limit_is_waited_out(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    limited = {"Retry-After": "1"}
    github.fail_next("POST .*/reviews", status=403, headers=limited, body=SECONDARY)
    assert job.run(pull).status == 1
    assert len(pull.reviews) == 1


def test_a_limit_that_lasts_costs_the_comments_and_not_the_verdict(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, CHECK)
    limited = {"Retry-After": "3600"}
    github.fail_next("POST .*/reviews", status=403, headers=limited, body=SECONDARY)
    outcome = job.run(pull)
    assert outcome.status == 1
    assert "the rate limit of the token is used up; run the job again later" in outcome.log
    assert pull.reviews == []


def test_a_budget_that_is_gone_after_reading_costs_no_verdict(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    github.limits.requests = 2
    outcome = job.run(pull)
    assert outcome.status == 1
    assert "the rate limit of the token is used up" in outcome.log


def test_the_comment_that_github_refuses_is_listed_and_the_rest_is_posted(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, "".join(CHECK.replace(" t ", f" t{n} ") for n in range(9)))
    github.limits.refused_lines = frozenset({(PATH, 4)})
    outcome = job.run(pull)
    assert outcome.status == 1
    assert sorted(one.line or 0 for one in own(pull)) == [1, 2, 3, 5, 6, 7, 8, 9]
    (listing,) = [one for one in pull.reviews if "Not beside a line" in one.body]
    assert f"`{PATH}:4`" in listing.body
    github.forget()
    job.run(pull)
    assert writes(github) == []


def test_a_review_with_too_many_comments_is_posted_in_parts(github: GitHub, job: Job) -> None:
    pull = opened(github, "".join(CHECK.replace(" t ", f" t{n} ") for n in range(12)))
    github.limits.review_comments = 5
    job.run(pull)
    assert len(own(pull)) == 12
    assert not [one for one in pull.reviews if "Not beside a line" in one.body]


def test_where_github_refuses_every_comment_all_are_listed(github: GitHub, job: Job) -> None:
    pull = opened(github, "".join(CHECK.replace(" t ", f" t{n} ") for n in range(12)))
    github.limits.review_comments = 0
    github.forget()
    job.run(pull)
    assert pull.reviews[-1].body.count(f"`{PATH}:") == 12
    assert len(writes(github)) <= 20


def test_a_push_during_the_review_is_left_to_its_own_run(github: GitHub, job: Job) -> None:
    pull = opened(github, CHECK)
    github.fail_next("POST .*/reviews", status=502)
    github.before_next("POST /graphql", lambda: None)
    github.before_next("POST /graphql", lambda: push(github, FIXED))
    outcome = job.run(pull)
    assert outcome.status == 1
    assert "is the head no more: a later run comments" in outcome.log
    assert pull.reviews == []


UNNAMED = "ALTER TABLE s ADD CHECK (x > 0);\n"


def with_history(github: GitHub, text: str) -> Pull:
    """A name has to be chosen beside those of earlier migrations, which are read for it."""
    repository = github.repository("acme/shop")
    repository.commit("main", {"db/migration/V1__s.sql": "CREATE TABLE s (x int);\n"})
    repository.branch("feature", "main")
    repository.commit("feature", {PATH: text})
    return repository.open_pull("feature")


def test_reading_earlier_migrations_is_another_look_at_the_comments(
    github: GitHub, job: Job, tmp_path: Path
) -> None:
    pull = with_history(github, UNNAMED)
    (tmp_path / "twin").mkdir()
    twin = Job(github, tmp_path / "twin")
    github.before_next("POST /graphql", lambda: None)
    github.before_next("POST /graphql", lambda: twin.run(pull))
    job.run(pull)
    assert len(pull.reviews) == 1


def test_what_two_runs_said_at_the_same_instant_the_next_one_deletes(
    github: GitHub, job: Job, tmp_path: Path
) -> None:
    pull = with_history(github, UNNAMED)
    (tmp_path / "twin").mkdir()
    twin = Job(github, tmp_path / "twin")
    github.before_next("POST .*/reviews", lambda: twin.run(pull))
    job.run(pull)
    first, second = own(pull)
    job.run(pull)
    assert own(pull) == [first]
    assert second.body == first.body


@pytest.mark.parametrize("text", [UNNAMED, UNNAMED * 20])
def test_a_review_beside_earlier_migrations_takes_four_requests(
    github: GitHub, job: Job, text: str
) -> None:
    pull = with_history(github, text)
    job.run(pull)
    assert len(github.requests) == 4
    github.forget()
    job.run(pull)
    assert len(github.requests) == 3


def hundred(count: int) -> dict[str, str]:
    return {
        f"db/migration/V{n}__a.sql": f"ALTER TABLE t{n} ADD CHECK (x > 0);\n" * 2
        for n in range(1, count)
    }


@pytest.mark.parametrize(("files", "most"), [(1, 4), (100, 4), (200, 5), (300, 6), (600, 10)])
def test_how_many_requests_a_review_takes(github: GitHub, job: Job, files: int, most: int) -> None:
    pull = opened(github, CHECK, path="db/migration/V0__a.sql", **hundred(files))
    job.run(pull)
    assert len(github.requests) <= most
    github.forget()
    job.run(pull)
    assert len(github.requests) <= most - 2


def test_a_run_that_posts_edits_and_deletes_takes_four_requests(github: GitHub, job: Job) -> None:
    both = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0), ADD CONSTRAINT d CHECK (y > 0);\n"
    pull = opened(github, both + OTHER)
    job.run(pull)
    pull.reply(own(pull)[0], "why?")
    third = "ALTER TABLE v ADD CONSTRAINT e CHECK (z > 0);\n"
    push(github, third + both.replace("(x > 0)", "(x > 0) NOT VALID"))
    github.forget()
    job.run(pull)
    assert len(github.requests) == 4


def test_a_change_cannot_bring_a_tool_that_waits_less(github: GitHub, job: Job) -> None:
    steps = CHECK.replace(";", " NOT VALID;") + "ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    repository = github.repository("acme/shop")
    repository.commit("main", {"tern.conf": "", "sql/1_a.sql": "SELECT 1;\n"})
    repository.branch("feature", "main")
    loose = f"-- atlas:txmode none\n\n{steps}"
    repository.commit("feature", {"sql/2_b.sql": loose, "sql/atlas.sum": ""})
    assert job.run(repository.open_pull("feature")).status == 1
