"""The stand-in answers as GitHub does, and notices what breaks GitHub's published contract."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from github import Auth, Github, GithubException
from github.PullRequest import PullRequest

from tests.stand_in import Comment, GitHub, NotApplicable, Pull, Repository, openapi, suggestion_of

TEN, TWENTY, THIRTY = (
    "".join(f"line {number}\n" for number in range(1, end)) for end in (11, 21, 31)
)
SQL = "db/V2__b.sql"


class Client:
    """A bot that speaks plain HTTP."""

    def __init__(self, github: GitHub, token: str) -> None:
        self.github = github
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> requests.Response:
        url = path if path.startswith("http") else f"{self.github.api_url}/repos/acme/shop{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(method, url, json=body, headers=named, timeout=10)

    def review(self, *comments: dict[str, Any], **more: Any) -> requests.Response:
        return self(
            "POST", "/pulls/1/reviews", {"event": "COMMENT", "comments": list(comments)} | more
        )

    def query(self, text: str, **variables: Any) -> dict[str, Any]:
        answer = self("POST", self.github.graphql_url, {"query": text, "variables": variables})
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told

    def ask(self, fields: str) -> Any:
        return self.query('{ repository(owner: "acme", name: "shop") { %s } }' % fields)["data"][
            "repository"
        ]


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as github:
        yield github


@pytest.fixture
def shop(github: GitHub) -> Repository:
    """On `feature`, line 2 of `long.sql` is changed, lines 21 to 30 are new, and V2 is added."""
    repo = github.repository("acme/shop")
    repo.commit(
        "main", {"long.sql": TWENTY, "db/V1__a.sql": "create table a (id int);\n", "gone.sql": TEN}
    )
    repo.branch("feature")
    repo.commit(
        "feature",
        {
            "long.sql": THIRTY.replace("line 2\n", "line two\n"),
            SQL: "one\ntwo\nthree\n",
            "gone.sql": None,
        },
    )
    return repo


@pytest.fixture
def pull(shop: Repository) -> Pull:
    return shop.open_pull("feature", title="Add b")


@pytest.fixture
def bot(github: GitHub, pull: Pull) -> Client:
    return Client(github, github.token())


def comment(line: int = 1, path: str = SQL, body: str = "Look", **more: Any) -> dict[str, Any]:
    return {"path": path, "line": line, "body": body} | more


def suggestion(text: str, fence: str = "```") -> str:
    return f"Better:\n\n{fence}suggestion\n{text}{fence}\n"


def named(answer: requests.Response) -> dict[str, Any]:
    return {one["filename"]: one for one in answer.json()}


# Reading the change


def test_the_patch_is_the_diff_without_its_file_headers(bot: Client) -> None:
    file = named(bot("GET", "/pulls/1/files"))[SQL]
    assert file["patch"] == "@@ -0,0 +1,3 @@\n+one\n+two\n+three"
    assert (file["status"], file["additions"], file["deletions"], file["changes"]) == (
        "added",
        3,
        0,
        3,
    )


def test_a_hunk_has_three_lines_of_context(bot: Client) -> None:
    patch = named(bot("GET", "/pulls/1/files"))["long.sql"]["patch"]
    assert patch.startswith(
        "@@ -1,5 +1,5 @@\n line 1\n-line 2\n+line two\n line 3\n line 4\n line 5\n@@ -18,3 +18,13 @@"
    )


def test_a_missing_newline_is_told_in_the_patch(shop: Repository, pull: Pull, bot: Client) -> None:
    shop.commit("feature", {SQL: "one"})
    assert (
        named(bot("GET", "/pulls/1/files"))[SQL]["patch"]
        == "@@ -0,0 +1 @@\n+one\n\\ No newline at end of file"
    )


def test_a_binary_file_has_no_patch(shop: Repository, pull: Pull, bot: Client) -> None:
    shop.commit("feature", {"image.png": b"\x89PNG\0\1"})
    assert "patch" not in named(bot("GET", "/pulls/1/files"))["image.png"]


def test_a_large_patch_is_missing(github: GitHub, bot: Client) -> None:
    github.limits.patch_bytes = 40
    files = named(bot("GET", "/pulls/1/files"))
    assert "patch" in files[SQL] and "patch" not in files["long.sql"]


def test_a_removed_file_carries_the_blob_that_it_had(shop: Repository, bot: Client) -> None:
    file = named(bot("GET", "/pulls/1/files"))["gone.sql"]
    assert file["status"] == "removed"
    assert bot("GET", f"/git/blobs/{file['sha']}").json()["size"] == len(TEN)


def test_a_renamed_file_names_its_previous_path(shop: Repository, pull: Pull, bot: Client) -> None:
    shop.commit("feature", {"db/V1__a.sql": None, "db/V3__ü a.sql": "create table a (id int);\n"})
    file = named(bot("GET", "/pulls/1/files"))["db/V3__ü a.sql"]
    assert (file["status"], file["previous_filename"]) == ("renamed", "db/V1__a.sql")


def test_what_the_base_gained_since_is_not_part_of_the_change(
    shop: Repository, pull: Pull, bot: Client
) -> None:
    shop.commit("main", {"later.sql": "select 1;\n"})
    assert "later.sql" not in named(bot("GET", "/pulls/1/files"))


def test_pages_are_linked(shop: Repository, pull: Pull, bot: Client) -> None:
    shop.commit("feature", {f"many/{number:03}.sql": "select 1;\n" for number in range(120)})
    first = bot("GET", "/pulls/1/files?per_page=100")
    assert len(first.json()) == 100 and set(first.links) == {"next", "last"}
    second = bot("GET", first.links["next"]["url"])
    assert len(second.json()) == 23 and set(second.links) == {"prev", "first"}


def test_a_page_holds_thirty_unless_told(shop: Repository, pull: Pull, bot: Client) -> None:
    shop.commit("feature", {f"many/{number:03}.sql": "select 1;\n" for number in range(40)})
    assert len(bot("GET", "/pulls/1/files").json()) == 30


def test_a_page_holds_a_hundred_at_most(shop: Repository, pull: Pull, bot: Client) -> None:
    shop.commit("feature", {f"many/{number:03}.sql": "select 1;\n" for number in range(110)})
    assert len(bot("GET", "/pulls/1/files?per_page=500").json()) == 100


def test_files_above_the_limit_are_left_out(github: GitHub, bot: Client) -> None:
    github.limits.files = 2
    assert len(bot("GET", "/pulls/1/files").json()) == 2
    assert bot("GET", "/pulls/1").json()["changed_files"] == 3


def test_a_blob_comes_in_lines_of_base64(pull: Pull, bot: Client) -> None:
    sha = next(file.blob for file in pull.files if file.path == "long.sql")
    told = bot("GET", f"/git/blobs/{sha}").json()
    assert all(len(line) <= 60 for line in told["content"].splitlines())
    assert base64.b64decode(told["content"]) == pull.read("long.sql")


def test_a_blob_that_is_not_there_is_not_found(bot: Client) -> None:
    assert bot("GET", f"/git/blobs/{'0' * 39}1").status_code == 404


def test_a_tree_lists_everything_below_it(bot: Client) -> None:
    told = bot("GET", "/git/trees/main?recursive=1").json()
    assert [one["path"] for one in told["tree"]] == ["db", "db/V1__a.sql", "gone.sql", "long.sql"]
    assert told["truncated"] is False


def test_a_tree_alone_lists_one_level(bot: Client) -> None:
    assert [one["path"] for one in bot("GET", "/git/trees/main").json()["tree"]] == [
        "db",
        "gone.sql",
        "long.sql",
    ]


def test_a_large_tree_is_truncated(github: GitHub, bot: Client) -> None:
    github.limits.tree_entries = 2
    told = bot("GET", "/git/trees/main?recursive=1").json()
    assert told["truncated"] is True and len(told["tree"]) == 2


def test_contents_are_read_at_a_ref(bot: Client) -> None:
    told = bot("GET", f"/contents/{SQL}?ref=feature").json()
    assert base64.b64decode(told["content"]) == b"one\ntwo\nthree\n"
    assert bot("GET", f"/contents/{SQL}").status_code == 404


def test_contents_of_a_folder_are_a_list(bot: Client) -> None:
    assert [one["name"] for one in bot("GET", "/contents/db?ref=feature").json()] == [
        "V1__a.sql",
        "V2__b.sql",
    ]


def test_contents_follow_a_symbolic_link(shop: Repository, bot: Client) -> None:
    shop.commit("main", {"link.sql": "db/V1__a.sql"}, modes={"link.sql": "120000"})
    told = bot("GET", "/contents/link.sql").json()
    assert told["type"] == "file" and base64.b64decode(told["content"]).startswith(b"create table")


def test_large_contents_come_without_text(github: GitHub, bot: Client) -> None:
    github.limits.contents = 10
    told = bot("GET", "/contents/long.sql").json()
    assert (told["content"], told["encoding"]) == ("", "none")


def test_raw_contents_come_as_they_are(bot: Client) -> None:
    raw = bot("GET", "/contents/gone.sql", Accept="application/vnd.github.raw+json")
    assert raw.text == TEN


# Forks


@pytest.fixture
def forked(shop: Repository) -> Pull:
    fork = shop.fork("mallory/shop")
    fork.branch("theirs")
    fork.commit("theirs", {SQL: "one\ntwo\n"})
    return shop.open_pull("theirs", fork=fork, author="mallory")


def test_a_fork_is_the_head_repository(github: GitHub, forked: Pull) -> None:
    told = Client(github, github.token())("GET", "/pulls/1").json()
    assert (
        told["head"]["repo"]["full_name"] == "mallory/shop" and told["head"]["repo"]["fork"] is True
    )
    assert told["base"]["repo"]["full_name"] == "acme/shop"


def test_a_branch_of_a_fork_is_not_in_the_base_repository(shop: Repository, forked: Pull) -> None:
    assert shop.tip("theirs") is None


def test_objects_of_a_fork_are_read_through_the_base_repository(
    github: GitHub, forked: Pull
) -> None:
    told = Client(github, github.token())("GET", f"/git/blobs/{forked.files[0].blob}").json()
    assert base64.b64decode(told["content"]) == b"one\ntwo\n"


def test_a_suggestion_on_a_fork_is_committed_to_the_fork(forked: Pull) -> None:
    made = forked.comment_as("bob", SQL, 1, suggestion("ONE\n"))
    forked.apply_suggestion(made.id)
    assert forked.head_repository.read("theirs", SQL) == b"ONE\ntwo\n"


# Reviews and comments


def test_a_review_holds_its_comments(bot: Client, pull: Pull) -> None:
    answer = bot.review(
        comment(3, start_line=1, side="RIGHT", start_side="RIGHT"), body="All in all"
    )
    assert answer.status_code == 200 and answer.json()["state"] == "COMMENTED"
    (made,) = pull.comments
    assert (made.login, made.body, made.path, made.line, made.start_line) == (
        "github-actions[bot]",
        "Look",
        SQL,
        3,
        1,
    )
    assert pull.reviews[0].body == "All in all" and pull.reviews[0].comments == [made]


def test_a_bot_is_named_with_its_suffix_in_rest(bot: Client) -> None:
    user = bot.review(body="x").json()["user"]
    assert (user["login"], user["type"]) == ("github-actions[bot]", "Bot")


def test_a_context_line_can_be_commented_on(bot: Client) -> None:
    assert bot.review(comment(5, "long.sql")).status_code == 200


def test_a_deleted_line_can_be_commented_on_from_the_left(bot: Client, pull: Pull) -> None:
    assert bot.review(comment(2, "long.sql", side="LEFT")).status_code == 200
    assert pull.comments[0].thread.diff_hunk.endswith("-line 2")


NOT_IN_THE_DIFF = "Pull request review thread line must be part of the diff"
NO_HUNK = "Pull request review thread diff hunk can't be blank"
OTHER_HUNK = "Pull request review thread start line must be part of the same hunk as the line."

REFUSED = {
    "a line outside of the hunks": (comment(10, "long.sql"), f"{NOT_IN_THE_DIFF} and {NO_HUNK}"),
    "a line that is added, from the left": (
        comment(1, SQL, side="LEFT"),
        f"{NOT_IN_THE_DIFF} and {NO_HUNK}",
    ),
    "no line": ({"path": SQL, "body": "x"}, f"{NOT_IN_THE_DIFF} and {NO_HUNK}"),
    "a path outside of the diff": (
        comment(1, "db/V1__a.sql"),
        f"Pull request review thread path is invalid and {NO_HUNK}",
    ),
    "a start that is the line": (
        comment(2, start_line=2),
        "Pull request review thread start line must precede the end line.",
    ),
    "a range over two hunks": (comment(20, "long.sql", start_line=2), OTHER_HUNK),
    "a range outside of the hunks": (
        comment(11, "long.sql", start_line=9),
        f"{NOT_IN_THE_DIFF}, {OTHER_HUNK}, and {NO_HUNK}",
    ),
    "no text": (comment(body=" \n"), "Pull request review comment body can't be blank"),
    "too much text": (
        comment(body="x" * 65_537),
        "Pull request review comment body is too long (maximum is 65536 characters)",
    ),
}


@pytest.mark.parametrize(("bad", "words"), REFUSED.values(), ids=REFUSED)
def test_one_bad_comment_refuses_the_whole_review(
    bot: Client, pull: Pull, bad: dict[str, Any], words: str
) -> None:
    answer = bot.review(comment(1), bad, comment(2), body="x")
    assert answer.status_code == 422
    assert answer.json()["message"] == "Unprocessable Entity" and answer.json()["errors"] == [words]
    assert pull.reviews == [] and pull.comments == []


def test_a_text_at_the_limit_is_posted(bot: Client) -> None:
    assert bot.review(comment(body="x" * 65_536)).status_code == 200


def test_a_review_has_no_comments_on_files(github: GitHub, bot: Client) -> None:
    answer = bot.review({"path": SQL, "body": "x", "subject_type": "file"})
    assert answer.status_code == 422 and "subject_type" in answer.text
    assert [one.fault for one in github.violations] == ["comments.0.subject_type is not described"]
    github.forget()


def test_a_review_needs_something_to_say(bot: Client) -> None:
    assert bot.review(body="").status_code == 422


def test_a_review_body_has_a_limit(bot: Client) -> None:
    assert bot.review(body="x" * 65_537).status_code == 422


def test_a_review_of_a_foreign_commit_is_refused(shop: Repository, pull: Pull, bot: Client) -> None:
    assert bot.review(comment(), commit_id=shop.tip("main")).status_code == 422


def test_a_review_of_a_commit_that_was_pushed_away_is_refused(
    shop: Repository, pull: Pull, bot: Client
) -> None:
    before = pull.head_sha
    shop.branch("feature", from_="main")
    shop.commit("feature", {SQL: "other\n"})
    assert bot.review(comment(), commit_id=before).status_code == 422


def test_a_review_without_an_event_is_pending(bot: Client, pull: Pull) -> None:
    told = bot("POST", "/pulls/1/reviews", {"body": "x"}).json()
    assert told["state"] == "PENDING" and "submitted_at" not in told


def test_a_pending_review_is_shown_to_its_author_only(github: GitHub, bot: Client) -> None:
    bot("POST", "/pulls/1/reviews", {"body": "x", "comments": [comment()]})
    other = Client(github, github.token(login="alice"))
    assert len(bot("GET", "/pulls/1/reviews").json()) == 1
    assert other("GET", "/pulls/1/reviews").json() == other("GET", "/pulls/1/comments").json() == []


def test_only_a_pending_review_can_be_deleted(bot: Client, pull: Pull) -> None:
    sent = bot.review(comment(), body="x").json()["id"]
    kept = bot("POST", "/pulls/1/reviews", {"body": "x"}).json()["id"]
    assert bot("DELETE", f"/pulls/1/reviews/{sent}").status_code == 422
    assert bot("DELETE", f"/pulls/1/reviews/{kept}").status_code == 200
    assert [one.id for one in pull.reviews] == [sent]


def test_one_author_has_one_pending_review(bot: Client) -> None:
    assert bot("POST", "/pulls/1/reviews", {"body": "x"}).status_code == 200
    assert bot("POST", "/pulls/1/reviews", {"body": "x"}).status_code == 422


def test_an_author_cannot_approve_their_own(github: GitHub, pull: Pull) -> None:
    author = Client(github, github.token(login="alice"))
    assert author.review(event="APPROVE").json()["errors"] == [
        "Can not approve your own pull request"
    ]


def test_a_review_can_be_limited_to_so_many_comments(github: GitHub, bot: Client) -> None:
    github.limits.review_comments = 2
    assert bot.review(comment(1), comment(2), comment(3)).status_code == 422
    assert bot.review(comment(1), comment(2)).status_code == 200


def test_a_line_can_be_refused_for_a_reason_of_githubs_own(github: GitHub, bot: Client) -> None:
    at = comment(2)
    github.limits.refused_lines = frozenset({(at["path"], 2)})
    assert bot.review(comment(1), at).status_code == 422
    assert bot.review(comment(1)).status_code == 200


def test_a_review_body_can_be_edited(bot: Client, pull: Pull) -> None:
    number = bot.review(body="x").json()["id"]
    assert bot("PUT", f"/pulls/1/reviews/{number}", {"body": "y"}).json()["body"] == "y"
    assert bot("GET", f"/pulls/1/reviews/{number}").json()["body"] == "y"
    assert pull.reviews[0].edits == ["github-actions[bot]"]


def test_a_comment_can_stand_on_a_whole_file(pull: Pull, bot: Client) -> None:
    given = {"path": SQL, "body": "x", "subject_type": "file", "commit_id": pull.head_sha}
    answer = bot("POST", "/pulls/1/comments", given)
    assert answer.status_code == 201 and answer.json()["line"] is None
    assert (pull.comments[0].subject_type, pull.comments[0].line) == ("file", None)


def test_a_comment_on_a_whole_file_has_no_line(pull: Pull, bot: Client) -> None:
    given = comment(commit_id=pull.head_sha, subject_type="file")
    assert bot("POST", "/pulls/1/comments", given).status_code == 422


def test_a_file_without_a_patch_takes_comments_on_the_whole_only(
    github: GitHub, pull: Pull, bot: Client
) -> None:
    github.limits.patch_bytes = 5
    given = {"path": SQL, "body": "x", "commit_id": pull.head_sha}
    assert bot("POST", "/pulls/1/comments", given | {"line": 1}).status_code == 422
    assert bot("POST", "/pulls/1/comments", given | {"subject_type": "file"}).status_code == 201


def test_a_refused_comment_names_the_field(pull: Pull, bot: Client) -> None:
    answer = bot("POST", "/pulls/1/comments", comment(10, "long.sql", commit_id=pull.head_sha))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "pull_request_review_thread.line"


def test_a_comment_alone_makes_a_review_without_a_body(pull: Pull, bot: Client) -> None:
    bot("POST", "/pulls/1/comments", comment(commit_id=pull.head_sha))
    assert [(one.state, one.body) for one in pull.reviews] == [("COMMENTED", "")]


def test_a_reply_names_the_comment_that_it_answers(pull: Pull, bot: Client) -> None:
    bot.review(comment())
    pull.reply(pull.comments[0], "Why?")
    question, answer = bot("GET", "/pulls/1/comments").json()
    assert answer["in_reply_to_id"] == question["id"] and answer["user"]["login"] == "alice"


def test_a_comment_can_be_edited_and_deleted(pull: Pull, bot: Client) -> None:
    bot.review(comment())
    path = f"/pulls/comments/{pull.comments[0].id}"
    assert bot("PATCH", path, {"body": "Better"}).json()["body"] == "Better"
    assert bot("DELETE", path).status_code == 204
    assert bot("GET", path).status_code == 404 and pull.comments == []


def test_a_comment_of_the_conversation_can_be_edited_and_deleted(pull: Pull, bot: Client) -> None:
    made = bot("POST", "/issues/1/comments", {"body": "x"})
    path = f"/issues/comments/{made.json()['id']}"
    assert bot("PATCH", path, {"body": "y"}).status_code == 200
    assert [one["body"] for one in bot("GET", "/issues/1/comments").json()] == ["y"]
    assert bot("DELETE", path).status_code == 204 and pull.issue_comments == []


def test_a_sarif_is_received(shop: Repository, pull: Pull, github: GitHub) -> None:
    given = {"commit_sha": pull.head_sha, "ref": "refs/pull/1/head", "sarif": "H4sI"}
    scanner = Client(github, github.token({"security_events": "write"}))
    assert scanner("POST", "/code-scanning/sarifs", given).status_code == 202
    assert shop.sarifs == [given]


# The head moves


def test_a_comment_moves_with_its_line(shop: Repository, pull: Pull, bot: Client) -> None:
    bot.review(comment(2))
    shop.commit("feature", {SQL: "zero\none\ntwo\nthree\n"})
    (told,) = bot("GET", "/pulls/1/comments").json()
    assert (told["line"], told["original_line"], told["commit_id"]) == (3, 2, pull.head_sha)


def test_a_comment_whose_line_changed_is_outdated(
    shop: Repository, pull: Pull, bot: Client
) -> None:
    bot.review(comment(2))
    shop.commit("feature", {SQL: "one\nTWO\nthree\n"})
    (told,) = bot("GET", "/pulls/1/comments").json()
    assert (told["line"], told["position"], told["original_line"]) == (None, None, 2)


def test_a_comment_on_a_deleted_line_stays(shop: Repository, pull: Pull, bot: Client) -> None:
    bot.review(comment(2, "long.sql", side="LEFT"))
    shop.commit("feature", {SQL: "other\n"})
    assert pull.comments[0].line == 2


def test_a_comment_on_a_file_that_is_gone_is_outdated(
    shop: Repository, pull: Pull, bot: Client
) -> None:
    bot.review(comment(2))
    shop.commit("feature", {SQL: None})
    assert pull.comments[0].outdated


def test_a_comment_whose_line_left_the_diff_is_outdated(
    shop: Repository, pull: Pull, bot: Client
) -> None:
    bot.review(comment(5, "long.sql"))
    shop.commit("feature", {"long.sql": THIRTY})
    assert pull.comments[0].outdated


# Suggestions


def suggested(pull: Pull, body: str, line: int = 2, start_line: int | None = None) -> Comment:
    return pull.comment_as("bob", SQL, line, body, start_line=start_line)


def test_a_suggestion_replaces_the_lines_of_its_comment(pull: Pull) -> None:
    pull.apply_suggestion(suggested(pull, suggestion("TWO\nAND\nMORE\n"), 2, 1).id)
    assert pull.read(SQL) == b"TWO\nAND\nMORE\nthree\n"


def test_an_empty_suggestion_deletes_the_lines(pull: Pull) -> None:
    pull.apply_suggestion(suggested(pull, suggestion("")).id)
    assert pull.read(SQL) == b"one\nthree\n"


def test_an_applied_suggestion_resolves_its_conversation(pull: Pull) -> None:
    made = suggested(pull, suggestion("TWO\n"))
    pull.apply_suggestion(made.id)
    assert made.resolved and made.outdated


def test_a_suggestion_ends_every_line_with_a_newline(shop: Repository, pull: Pull) -> None:
    shop.commit("feature", {SQL: "one\r\ntwo\r\nthree"})
    pull.apply_suggestion(suggested(pull, suggestion("TWO\n"), 2).id)
    assert pull.read(SQL) == b"one\r\nTWO\nthree"


def test_a_longer_fence_may_hold_backticks(pull: Pull) -> None:
    assert suggestion_of(suggestion("```\ncode\n```\n", "````")) == "```\ncode\n```\n"


def test_a_fence_may_be_of_tildes() -> None:
    assert suggestion_of(suggestion("x\n", "~~~")) == "x\n"


def test_a_fence_that_its_content_breaks_ends_there() -> None:
    assert suggestion_of(suggestion("before\n```\nafter\n")) == "before\n"


def test_a_batch_is_one_commit(pull: Pull) -> None:
    made = [suggested(pull, suggestion("ONE\nAND\n"), 1), suggested(pull, suggestion("THREE\n"), 3)]
    before = pull.commits
    pull.apply_suggestions([one.id for one in made])
    assert pull.read(SQL) == b"ONE\nAND\ntwo\nTHREE\n" and len(pull.commits) == len(before) + 1


def test_a_batch_that_overlaps_is_refused(pull: Pull) -> None:
    made = [suggested(pull, suggestion("x\n"), 2, 1), suggested(pull, suggestion("y\n"), 2)]
    with pytest.raises(NotApplicable, match="overlap"):
        pull.apply_suggestions([one.id for one in made])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (suggestion("two\n"), "changes nothing"),
        ("```suggestion\nTWO\n", "closing fence"),
        ("```sql\nTWO\n```\n", "no suggestion"),
    ],
)
def test_a_suggestion_that_github_would_not_offer_is_refused(
    pull: Pull, body: str, reason: str
) -> None:
    with pytest.raises(NotApplicable, match=reason):
        pull.apply_suggestion(suggested(pull, body).id)


def test_a_suggestion_on_changed_lines_is_refused(shop: Repository, pull: Pull) -> None:
    made = suggested(pull, suggestion("TWO\n"))
    shop.commit("feature", {SQL: "one\nother\nthree\n"})
    with pytest.raises(NotApplicable, match="outdated"):
        pull.apply_suggestion(made.id)


def test_a_suggestion_on_a_deleted_line_is_refused(pull: Pull) -> None:
    made = pull.comment_as("bob", "long.sql", 2, suggestion("x\n"), side="LEFT")
    with pytest.raises(NotApplicable, match="deleted"):
        pull.apply_suggestion(made.id)


def new_file(
    github: GitHub, repo: str = "acme/shop", branch: str = "feature", path: str = "db/V3__c.sql"
) -> str:
    value = quote("select 'a & b' + 1;\n")
    return f"{github.server_url}/{repo}/new/{branch}?filename={quote(path)}&value={value}"


def test_a_link_to_a_new_file_creates_it(github: GitHub, pull: Pull) -> None:
    pull.create_file(new_file(github))
    assert pull.read("db/V3__c.sql") == b"select 'a & b' + 1;\n"


@pytest.mark.parametrize(
    "wrong", [{"repo": "other/shop"}, {"branch": "main"}, {"path": SQL}, {"path": "x" * 8_000}]
)
def test_a_link_that_leads_elsewhere_is_refused(
    github: GitHub, pull: Pull, wrong: dict[str, str]
) -> None:
    with pytest.raises(NotApplicable):
        pull.create_file(new_file(github, **wrong))


# Tokens, limits, faults


def test_a_request_without_a_token_is_refused(github: GitHub, pull: Pull) -> None:
    assert requests.get(f"{github.api_url}/repos/acme/shop", timeout=10).status_code == 401


def test_an_unknown_token_is_a_bad_credential(github: GitHub, pull: Pull) -> None:
    answer = Client(github, "stolen")("GET", "/pulls/1")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize(
    ("method", "path", "body", "lacking"),
    [
        ("GET", "/git/trees/main", None, "contents"),
        ("GET", "/contents/long.sql", None, "contents"),
        ("GET", "/pulls/1/files", None, "pull_requests"),
        ("POST", "/pulls/1/reviews", {"event": "COMMENT", "body": "x"}, "pull_requests"),
    ],
)
def test_a_missing_permission_is_forbidden(
    github: GitHub, pull: Pull, method: str, path: str, body: Any, lacking: str
) -> None:
    granted = {"contents": "read", "pull_requests": "write"}
    del granted[lacking]
    answer = Client(github, github.token(granted))(method, path, body)
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "Resource not accessible by integration",
    )


def test_a_token_that_reads_does_not_write(github: GitHub, pull: Pull) -> None:
    reader = Client(github, github.token({"contents": "read", "pull_requests": "read"}))
    assert reader("GET", "/pulls/1").status_code == 200
    assert reader.review(body="x").status_code == 403


@pytest.mark.parametrize(
    "path", ["/pulls/7", "/pulls/1/reviews/7", "/pulls/comments/7", "/contents/none.sql"]
)
def test_what_is_not_there_is_not_found(bot: Client, path: str) -> None:
    assert bot("GET", path).status_code == 404


def test_the_rate_is_counted_down(bot: Client) -> None:
    first, second = (int(bot("GET", "/pulls/1").headers["X-RateLimit-Remaining"]) for _ in range(2))
    assert (first, second) == (999, 998)


def test_a_used_up_rate_is_forbidden(github: GitHub, bot: Client) -> None:
    github.limits.requests = 1
    assert [bot("GET", "/pulls/1").status_code for _ in range(2)] == [200, 403]


def test_a_fault_happens_as_often_as_told(github: GitHub, bot: Client) -> None:
    github.fail_next(r"GET .*/files", status=503, times=2, headers={"Retry-After": "1"})
    assert [bot("GET", "/pulls/1/files").status_code for _ in range(3)] == [503, 503, 200]


def test_a_write_may_have_happened_behind_a_502(github: GitHub, bot: Client, pull: Pull) -> None:
    github.fail_next(r"POST .*/reviews", after_doing_it=True)
    assert bot.review(body="x").status_code == 502 and len(pull.reviews) == 1


def test_a_write_may_not_have_happened_behind_a_502(
    github: GitHub, bot: Client, pull: Pull
) -> None:
    github.fail_next(r"POST .*/reviews")
    assert bot.review(body="x").status_code == 502 and pull.reviews == []


def test_a_connection_may_break(github: GitHub, bot: Client) -> None:
    github.fail_next(r"GET .*/files", hang_up=True)
    with pytest.raises(requests.ConnectionError):
        bot("GET", "/pulls/1/files")


def test_the_head_may_move_between_two_requests(
    github: GitHub, shop: Repository, pull: Pull, bot: Client
) -> None:
    before = pull.head_sha
    github.before_next("POST .*/reviews", lambda: shop.commit("feature", {SQL: "moved\n"}))
    assert bot.review(comment(2), commit_id=before).status_code == 200
    assert pull.head_sha != before and pull.comments[0].outdated


def test_requests_are_logged(github: GitHub, bot: Client) -> None:
    bot.review(comment())
    bot("GET", "/pulls/1/files?page=2")
    assert [(one.method, one.path, one.status) for one in github.requests] == [
        ("POST", "/repos/acme/shop/pulls/1/reviews", 200),
        ("GET", "/repos/acme/shop/pulls/1/files", 200),
    ]
    assert github.requests[0].body["comments"] == [comment()] and github.requests[1].query == {
        "page": "2"
    }


# The contract


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "fault"),
    [
        ("GET", "/nowhere", None, 404, "no such route"),
        ("POST", "/pulls/1/reviews", {"event": "SHOUT", "body": "x"}, 422, "'SHOUT' is not one of"),
        (
            "POST",
            "/pulls/1/reviews",
            {"comments": [{"path": SQL}]},
            422,
            "'body' is a required property",
        ),
        ("POST", "/pulls/1/comments", comment(), 422, "'commit_id' is a required property"),
        ("POST", "/issues/1/comments", {"body": "x", "colour": 1}, 201, "colour is not described"),
        ("GET", "/pulls/1/files?size=3", None, 200, "query parameter 'size' is not described"),
        ("GET", "/pulls/one", None, 422, "'one' is not of type 'integer'"),
    ],
)
def test_a_request_against_the_contract_is_kept(
    github: GitHub, bot: Client, method: str, path: str, body: Any, status: int, fault: str
) -> None:
    assert bot(method, path, body).status_code == status
    assert fault in str(github.violations[0])
    github.forget()


def test_an_answer_against_the_contract_is_noticed() -> None:
    route = openapi.route("GET", "/repos/acme/shop/pulls/1/reviews/2")
    assert route is not None
    assert any(
        "'user' is a required property" in fault
        for fault in openapi.response_faults(route.operation, 200, {})
    )


def test_leaving_with_violations_fails() -> None:
    with pytest.raises(AssertionError, match="no such route"), GitHub() as github:
        Client(github, github.token())("GET", "/nowhere")


def test_an_unknown_version_of_the_api_is_refused(bot: Client) -> None:
    assert bot("GET", "/pulls/1", X_GitHub_Api_Version="2000-01-01").status_code == 400


def test_an_enterprise_server_answers_below_its_prefix() -> None:
    with GitHub("/api/v3") as github:
        repo = github.repository("acme/shop")
        repo.commit("main", {"a.sql": "select 1;\n"})
        bot = Client(github, github.token())
        assert bot("GET", "").json()["url"] == f"{github.server_url}/api/v3/repos/acme/shop"
        assert bot.query("{ viewer { login } }")["data"]["viewer"]["login"] == "github-actions[bot]"
        assert github.graphql_url == f"{github.server_url}/api/graphql"


# Events


def test_an_event_tells_where_the_change_is(github: GitHub, forked: Pull) -> None:
    told = json.loads(github.event_file(forked, event="pull_request_target").read_text())
    assert (told["action"], told["number"], told["repository"]["full_name"]) == (
        "opened",
        1,
        "acme/shop",
    )
    head = told["pull_request"]["head"]
    assert (head["sha"], head["ref"], head["repo"]["fork"]) == (forked.head_sha, "theirs", True)


def test_a_merge_group_holds_the_merge(
    github: GitHub, shop: Repository, pull: Pull, bot: Client
) -> None:
    group = json.loads(github.event_file(pull, event="merge_group").read_text())["merge_group"]
    assert group["base_sha"] == shop.tip("main") and group["base_ref"] == "refs/heads/main"
    paths = [
        one["path"]
        for one in bot("GET", f"/git/trees/{group['head_sha']}?recursive=1").json()["tree"]
    ]
    assert SQL in paths and "gone.sql" not in paths


# GraphQL


def test_a_blob_is_read_by_its_oid(bot: Client, pull: Pull) -> None:
    sha = next(one.blob for one in pull.files if one.path == SQL)
    told = bot.ask(
        'object(oid: "%s") { __typename oid ... on Blob { text isBinary isTruncated byteSize } }'
        % sha
    )
    blob = {"text": "one\ntwo\nthree\n", "isBinary": False, "isTruncated": False, "byteSize": 14}
    assert told["object"] == {"__typename": "Blob", "oid": sha} | blob


@pytest.mark.parametrize("content", [b"a\0b", "größe".encode("latin-1")])
def test_a_binary_blob_has_no_text(shop: Repository, bot: Client, content: bytes) -> None:
    shop.commit("main", {"x.bin": content})
    told = bot.ask('object(expression: "main:x.bin") { ... on Blob { text isBinary } }')["object"]
    assert told == {"text": None, "isBinary": True}


def test_a_large_blob_is_truncated(shop: Repository, bot: Client) -> None:
    shop.commit("main", {"big.sql": "x" * 512_001})
    told = bot.ask(
        'object(expression: "main:big.sql") { ... on Blob { text isTruncated byteSize } }'
    )["object"]
    assert (len(told["text"]), told["isTruncated"], told["byteSize"]) == (512_000, True, 512_001)


def test_a_tree_is_read_with_its_files(bot: Client) -> None:
    told = bot.ask(
        'object(expression: "feature:db") { ... on Tree { entries { name object { ... on Blob { text } } } } }'
    )
    assert [one["name"] for one in told["object"]["entries"]] == ["V1__a.sql", "V2__b.sql"]


def test_a_commit_leads_to_its_tree(bot: Client) -> None:
    told = bot.ask(
        'object(expression: "feature") { ... on Commit { tree { entries { name type } } } }'
    )["object"]
    assert told["tree"]["entries"][0] == {"name": "db", "type": "tree"}


def test_an_object_that_is_not_there_is_null(bot: Client) -> None:
    assert bot.ask('object(expression: "main:none.sql") { oid }') == {"object": None}


def test_a_bot_is_named_without_its_suffix_in_graphql_but_for_the_viewer(bot: Client) -> None:
    bot.review(body="x")
    told = bot.query(
        '{ viewer { login } repository(owner: "acme", name: "shop") { pullRequest(number: 1) '
        "{ reviews(first: 1) { nodes { author { __typename login } viewerDidAuthor } } } } }"
    )["data"]
    (review,) = told["repository"]["pullRequest"]["reviews"]["nodes"]
    assert review == {
        "author": {"__typename": "Bot", "login": "github-actions"},
        "viewerDidAuthor": True,
    }
    assert told["viewer"]["login"] == "github-actions[bot]"


THREADS = """pullRequest(number: 1) { reviewThreads(first: 1%s) { totalCount pageInfo { hasNextPage endCursor }
    nodes { isResolved isOutdated line resolvedBy { login } comments(first: 5) { totalCount nodes { body id } } } } }"""


def test_threads_are_read_page_by_page(bot: Client, pull: Pull) -> None:
    bot.review(comment(1, body="first"), comment(2, body="second"))
    pull.reply(pull.comments[0], "Done", author="alice")
    pull.resolve(pull.comments[0])
    page = bot.ask(THREADS % "")["pullRequest"]["reviewThreads"]
    assert page["totalCount"] == 2 and page["pageInfo"]["hasNextPage"] is True
    assert (
        page["nodes"][0]["resolvedBy"] == {"login": "alice"}
        and page["nodes"][0]["comments"]["totalCount"] == 2
    )
    after = f', after: "{page["pageInfo"]["endCursor"]}"'
    (second,) = bot.ask(THREADS % after)["pullRequest"]["reviewThreads"]["nodes"]
    assert second["comments"]["nodes"][0]["body"] == "second" and second["isResolved"] is False


@pytest.mark.parametrize(
    ("size", "kind"),
    [("first: 101", "EXCESSIVE_PAGINATION"), ("", "MISSING_PAGINATION_BOUNDARIES")],
)
def test_a_page_has_a_size_of_a_hundred_at_most(bot: Client, size: str, kind: str) -> None:
    arguments = f"({size})" if size else ""
    told = bot.query(
        '{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { reviews%s { totalCount } } } }'
        % arguments
    )
    assert [one["type"] for one in told["errors"]] == [kind]


def test_a_comment_is_edited_and_deleted_by_its_node(bot: Client, pull: Pull) -> None:
    bot.review(comment())
    node = bot.ask(THREADS % "")["pullRequest"]["reviewThreads"]["nodes"][0]["comments"]["nodes"][
        0
    ]["id"]
    edit = "mutation($id: ID!) { updatePullRequestReviewComment(input: {pullRequestReviewCommentId: $id, body: %s}) "
    told = bot.query(edit % '"y"' + "{ pullRequestReviewComment { body } } }", id=node)
    assert told["data"]["updatePullRequestReviewComment"]["pullRequestReviewComment"]["body"] == "y"
    bot.query(
        "mutation($id: ID!) { deletePullRequestReviewComment(input: {id: $id}) { clientMutationId } }",
        id=node,
    )
    assert pull.comments == []


def test_a_review_is_edited_by_its_node(bot: Client, pull: Pull) -> None:
    node = bot.review(body="x").json()["node_id"]
    change = '{ updatePullRequestReview(input: {pullRequestReviewId: $id, body: "y"}) { clientMutationId } }'
    assert (
        "errors" not in bot.query(f"mutation($id: ID!) {change}", id=node)
        and pull.reviews[0].body == "y"
    )


def test_resolving_a_thread_takes_the_permission_to_write_contents(
    github: GitHub, bot: Client, pull: Pull
) -> None:
    bot.review(comment())
    resolve = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
    query = "pullRequest(number: 1) { reviewThreads(first: 1) { nodes { id } } }"
    node = bot.ask(query)["pullRequest"]["reviewThreads"]["nodes"][0]["id"]
    assert bot.query(resolve, id=node)["errors"][0]["type"] == "FORBIDDEN"
    strong = Client(github, github.token({"contents": "write", "pull_requests": "write"}))
    assert "errors" not in strong.query(resolve, id=node) and pull.comments[0].resolved


def test_a_missing_permission_is_forbidden_in_graphql(github: GitHub, pull: Pull) -> None:
    weak = Client(github, github.token({"pull_requests": "read"}))
    told = weak.query(
        '{ repository(owner: "acme", name: "shop") { object(expression: "main") { oid } } }'
    )
    assert (told["errors"][0]["type"], told["data"]["repository"]["object"]) == ("FORBIDDEN", None)


def test_an_unknown_repository_is_not_found_in_graphql(bot: Client) -> None:
    told = bot.query('{ repository(owner: "acme", name: "none") { id } }')
    assert (told["errors"][0]["type"], told["data"]) == ("NOT_FOUND", {"repository": None})


def test_a_query_against_the_schema_is_answered_with_errors_and_kept(
    github: GitHub, bot: Client
) -> None:
    told = bot.query("{ viewer { shoe } }")
    assert told["errors"][0]["extensions"]["code"] == "undefinedField" and "data" not in told
    assert "shoe" in str(github.violations[0])
    github.forget()


def test_a_number_above_32_bits_is_in_the_full_database_id_only() -> None:
    with GitHub(first_number=2**31) as github:
        repo = github.repository("acme/shop")
        repo.commit("main", {"a": "1\n"})
        repo.branch("feature")
        repo.commit("feature", {SQL: "one\n"})
        number = repo.open_pull("feature").review_as("alice", "x").id
        bot = Client(github, github.token())
        told = bot.ask(
            "pullRequest(number: 1) { reviews(first: 1) { nodes { databaseId fullDatabaseId } } }"
        )
    assert told["pullRequest"]["reviews"]["nodes"] == [
        {"databaseId": None, "fullDatabaseId": str(number)}
    ]


# PyGithub


def test_pygithub_finds_an_enterprise_server() -> None:
    with GitHub("/api/v3") as github:
        github.repository("acme/shop").commit("main", {"a.sql": "select 1;\n"})
        with Github(base_url=github.api_url, auth=Auth.Token(github.token())) as client:
            assert client.get_repo("acme/shop").full_name == "acme/shop"
            assert client.requester.graphql_query("{ viewer { login } }", {})[1]["data"]["viewer"]


@pytest.fixture
def client(github: GitHub, pull: Pull) -> Iterator[Github]:
    auth = Auth.Token(github.token())
    client = Github(
        base_url=github.api_url,
        auth=auth,
        lazy=True,
        per_page=100,
        retry=None,
        seconds_between_writes=0,
    )
    yield client
    client.close()


@pytest.fixture
def theirs(client: Github) -> PullRequest:
    return client.get_repo("acme/shop").get_pull(1)


def test_pygithub_lists_the_files(shop: Repository, pull: Pull, theirs: PullRequest) -> None:
    shop.commit("feature", {f"many/{number:03}.sql": "select 1;\n" for number in range(120)})
    assert len(list(theirs.get_files())) == 123


def test_pygithub_posts_a_review(client: Github, pull: Pull, theirs: PullRequest) -> None:
    commit = client.get_repo("acme/shop").get_commit(pull.head_sha)
    made: Any = [{"path": SQL, "start_line": 1, "line": 2, "side": "RIGHT", "body": "x"}]
    theirs.create_review(commit=commit, body="All in all", event="COMMENT", comments=made)
    assert (pull.comments[0].start_line, pull.comments[0].line) == (1, 2)


def test_pygithub_reads_a_blob(client: Github, pull: Pull) -> None:
    sha = next(one.blob for one in pull.files if one.path == SQL)
    assert (
        base64.b64decode(client.get_repo("acme/shop").get_git_blob(sha).content)
        == b"one\ntwo\nthree\n"
    )


def test_pygithub_reads_comments_and_edits_them(pull: Pull, theirs: PullRequest) -> None:
    pull.comment_as("github-actions[bot]", SQL, 1, "x")
    (made,) = theirs.get_review_comments()
    made.edit("y")
    assert pull.comments[0].body == "y" and made.user.login == "github-actions[bot]"


def test_pygithub_queries_graphql(client: Github) -> None:
    _, told = client.requester.graphql_query(
        'query($n: String!) { repository(owner: "acme", name: $n) { id } }', {"n": "shop"}
    )
    assert told["data"]["repository"]["id"]


def test_pygithub_tells_errors_of_graphql(client: Github) -> None:
    query = '{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { files { totalCount } } } }'
    with pytest.raises(GithubException) as caught:
        client.requester.graphql_query(query, {})
    assert caught.value.data["errors"][0]["type"] == "MISSING_PAGINATION_BOUNDARIES"


def test_pygithub_tells_a_refused_review(theirs: PullRequest) -> None:
    made: Any = [{"path": SQL, "line": 99, "body": "x"}]
    with pytest.raises(GithubException) as caught:
        theirs.create_review(event="COMMENT", comments=made)
    assert caught.value.status == 422 and re.match(NOT_IN_THE_DIFF, caught.value.data["errors"][0])
