"""GitHub's refusals, faults and limits each end as one sentence, and no write is repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
import responses

from bot.host.failures import GitHubError
from bot.host.github import Credentials, GitHub
from bot.model.pull_request import PullRequest, Review, ReviewComment, Wanted
from bot.model.source import Lines

API = "https://api.github.com:443"
FILES = f"{API}/repos/acme/shop/pulls/7/files"
GRAPHQL = f"{API}/graphql"
REVIEWS = f"{API}/repos/acme/shop/pulls/7/reviews"
PULL = PullRequest("acme/shop", 7, "h" * 40, "b" * 40, "feature", "acme/shop")
REVIEW = Review("h" * 40, "body", (ReviewComment("a.sql", Lines(1, 2), "text"),))
EMPTY = {"headRefOid": "h" * 40, "reviewThreads": {"nodes": []}, "reviews": {"nodes": []}}
ANSWER = {
    "data": {"viewer": {"login": "bot[bot]"}, "repository": {"pullRequest": EMPTY}},
}


@pytest.fixture
def github() -> GitHub:
    return GitHub(Credentials("secret", "https://api.github.com"), pause=lambda seconds: None)


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as web:
        yield web


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "the token is not valid"),
        (403, "`pull-requests: write`"),
        (404, "there is no such thing, or the token may not see it"),
        (422, "GitHub answered 422 (no)"),
    ],
)
def test_a_refusal_says_what_to_do(
    github: GitHub, web: responses.RequestsMock, status: int, advice: str
) -> None:
    web.get(FILES, status=status, json={"message": "no"})
    with pytest.raises(GitHubError) as caught:
        github.files(PULL)
    assert str(caught.value).startswith("listing the files of #7: GitHub answered")
    assert advice in str(caught.value)
    assert len(web.calls) == 1


def test_the_secret_is_in_no_message(github: GitHub, web: responses.RequestsMock) -> None:
    web.get(FILES, status=401, json={"message": "no"})
    with pytest.raises(GitHubError) as caught:
        github.files(PULL)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "fault", [requests.ConnectionError("x"), requests.Timeout("x"), requests.exceptions.SSLError()]
)
def test_a_line_that_breaks_is_reported(
    github: GitHub, web: responses.RequestsMock, fault: Exception
) -> None:
    web.get(FILES, body=fault)
    with pytest.raises(GitHubError, match=r"GitHub could not be reached .*; run the job again"):
        github.files(PULL)


def test_a_query_is_asked_three_times(github: GitHub, web: responses.RequestsMock) -> None:
    web.post(GRAPHQL, status=502, body="<html>")
    web.post(GRAPHQL, body=requests.ConnectionError("x"))
    web.post(GRAPHQL, json=ANSWER)
    assert github.read(PULL, Wanted()).head_sha == PULL.head_sha
    assert len(web.calls) == 3


def test_a_fault_that_stays_is_reported(github: GitHub, web: responses.RequestsMock) -> None:
    for _ in range(3):
        web.post(GRAPHQL, status=502, body="<html>")
    with pytest.raises(GitHubError, match="GitHub had a fault of its own; run the job again"):
        github.read(PULL, Wanted())


def test_a_refused_query_is_not_repeated(github: GitHub, web: responses.RequestsMock) -> None:
    web.post(GRAPHQL, json={"errors": [{"type": "FORBIDDEN", "message": "no"}]})
    with pytest.raises(GitHubError):
        github.read(PULL, Wanted())
    assert len(web.calls) == 1


def test_a_pull_request_that_is_not_there_is_reported(
    github: GitHub, web: responses.RequestsMock
) -> None:
    gone = {"data": {"viewer": {"login": "x"}, "repository": {"pullRequest": None}}}
    web.post(GRAPHQL, json=gone)
    with pytest.raises(GitHubError, match="not there, or not to be seen"):
        github.read(PULL, Wanted())


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_review_is_sent_once_whatever_the_answer(
    github: GitHub, web: responses.RequestsMock, status: int
) -> None:
    web.post(REVIEWS, status=status, json={"message": "x"})
    with pytest.raises(GitHubError, match="posting the review of #7"):
        github.post(PULL, REVIEW)
    assert len(web.calls) == 1


def test_an_exhausted_rate_limit_does_not_hold_the_job_for_an_hour(
    github: GitHub, web: responses.RequestsMock
) -> None:
    web.get(
        FILES,
        status=403,
        json={"message": "API rate limit exceeded for installation"},
        headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"},
    )
    with pytest.raises(GitHubError, match="rate limit of the token is used up"):
        github.files(PULL)


def test_a_comment_on_one_line_has_no_start(github: GitHub, web: responses.RequestsMock) -> None:
    web.post(REVIEWS, json={"id": 1, "html_url": "https://github.com/x"})
    comments = (
        ReviewComment("a.sql", Lines(3, 3), "one"),
        ReviewComment("a.sql", Lines(1, 2), "two"),
    )
    assert github.post(PULL, Review("h" * 40, "", comments)) == "https://github.com/x"
    sent = json.loads(web.calls[0].request.body or "")
    assert sent["event"] == "COMMENT"
    assert [sorted(comment) for comment in sent["comments"]] == [
        ["body", "line", "path", "side"],
        ["body", "line", "path", "side", "start_line", "start_side"],
    ]
