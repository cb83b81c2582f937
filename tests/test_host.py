"""GitHub's refusals, faults and limits each end as one sentence, and no write is repeated."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
import responses

from bot.host.failures import GitHubError
from bot.host.github import MAX_READS, Credentials, GitHub
from bot.model.change import MAX_BYTES
from bot.model.pull_request import (
    FileDiff,
    PullRequest,
    Review,
    ReviewComment,
    Said,
    Unread,
    Wanted,
)
from bot.model.source import Lines

OID = "c" * 40
API = "https://api.github.com:443"
FILES = f"{API}/repos/acme/shop/pulls/7/files"
GRAPHQL = f"{API}/graphql"
REVIEWS = f"{API}/repos/acme/shop/pulls/7/reviews"
PULL = PullRequest("acme/shop", 7, "h" * 40, "b" * 40, "feature", "acme/shop")
REVIEW = Review("h" * 40, "body", (ReviewComment("a.sql", Lines(1, 2), "text"),))
EMPTY = {"headRefOid": "h" * 40, "reviewThreads": {"nodes": []}, "reviews": {"nodes": []}}


@pytest.fixture
def github() -> GitHub:
    return patient([])


def patient(waited: list[float], pauses: tuple[float, ...] = (1, 4)) -> GitHub:
    """A client that waits no time and writes down how long it would have waited."""
    credentials = Credentials("secret", "https://api.github.com")
    return GitHub(credentials, pause=waited.append, pauses=pauses)


def answer(pull: object = EMPTY, **objects: object) -> dict[str, object]:
    repository = {"pullRequest": pull}
    data = {"viewer": {"login": "bot[bot]"}, "repository": repository, "objects": objects}
    return {"data": data}


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
    web.post(GRAPHQL, json=answer())
    assert github.read(PULL, Wanted()).head_sha == PULL.head_sha
    assert len(web.calls) == 3


def test_a_fault_that_stays_is_reported(github: GitHub, web: responses.RequestsMock) -> None:
    for _ in range(3):
        web.post(GRAPHQL, status=502, body="<html>")
    with pytest.raises(
        GitHubError, match=r"GitHub had a fault of its own \(502\); run the job again"
    ):
        github.read(PULL, Wanted())


def test_a_listing_that_keeps_failing_says_whose_fault_it_is(
    github: GitHub, web: responses.RequestsMock
) -> None:
    web.get(FILES, status=502, body="<html>")
    with pytest.raises(GitHubError, match=r"GitHub had a fault of its own \(502\); run the job"):
        github.files(PULL)
    assert len(web.calls) == 3


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("FORBIDDEN", "`pull-requests: write`"),
        ("NOT_FOUND", "the token may not see it"),
        ("RATE_LIMITED", "the rate limit of the token is used up; run the job again later"),
        ("SOMETHING", "run the job again"),
        (None, "run the job again"),
    ],
)
def test_a_refused_query_says_why_and_is_not_repeated(
    github: GitHub, web: responses.RequestsMock, kind: str | None, advice: str
) -> None:
    error = {"type": kind, "message": "because\n::error::x"}
    web.post(GRAPHQL, json={"data": None, "errors": [error]})
    with pytest.raises(GitHubError) as caught:
        github.read(PULL, Wanted())
    assert 'GitHub answered "because\ufffd::error::x"; ' in str(caught.value)
    assert advice in str(caught.value)
    assert len(web.calls) == 1


NONSENSE = ["<html>", "", "[1]", "null", '"x"', "{"]


@pytest.mark.parametrize("text", [*NONSENSE, "{}", '[{"filename": 1}]'])
def test_a_listing_of_another_shape_is_reported(
    github: GitHub, web: responses.RequestsMock, text: str
) -> None:
    web.get(FILES, body=text)
    with pytest.raises(GitHubError, match="files of #7: what was answered is not of GitHub's API"):
        github.files(PULL)


@pytest.mark.parametrize("text", [*NONSENSE, "{}", '{"data": null}', '{"data": {}}'])
def test_an_answer_to_a_query_of_another_shape_is_reported(
    github: GitHub, web: responses.RequestsMock, text: str
) -> None:
    web.post(GRAPHQL, body=text)
    with pytest.raises(GitHubError, match="files: what was answered is not of GitHub's API"):
        github.read(PULL, Wanted())


@pytest.mark.parametrize("text", [*NONSENSE, "{}", '{"html_url": null}'])
def test_a_review_whose_answer_cannot_be_read_may_have_been_posted(
    github: GitHub, web: responses.RequestsMock, text: str
) -> None:
    web.post(REVIEWS, body=text)
    assert github.post(PULL, REVIEW) == ""
    assert len(web.calls) == 1


@pytest.mark.parametrize("text", [*NONSENSE, "{}", '{"content": "x"}', '{"content": "é"}'])
def test_a_blob_of_another_shape_is_reported(
    github: GitHub, web: responses.RequestsMock, text: str
) -> None:
    web.post(GRAPHQL, json=answer(blob0={"oid": OID, "text": None, "byteSize": 3}))
    web.get(f"{API}/repos/acme/shop/git/blobs/{OID}", body=text)
    with pytest.raises(GitHubError, match="reading a large file: what was answered"):
        github.read(PULL, Wanted((OID,)))


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirection_to_elsewhere_is_not_followed(
    github: GitHub, web: responses.RequestsMock, status: int
) -> None:
    web.get(FILES, status=status, headers={"Location": "https://elsewhere.example/files"})
    with pytest.raises(GitHubError, match="listing the files of #7"):
        github.files(PULL)
    assert len(web.calls) == 1


def test_a_redirection_in_circles_is_reported(github: GitHub, web: responses.RequestsMock) -> None:
    web.get(FILES, status=301, headers={"Location": FILES})
    with pytest.raises(GitHubError, match="listing the files of #7"):
        github.files(PULL)


def test_the_head_is_told_where_nothing_is_wanted(
    github: GitHub, web: responses.RequestsMock
) -> None:
    web.post(GRAPHQL, json=answer())
    assert github.read(PULL, Wanted()).head_sha == EMPTY["headRefOid"]


@pytest.mark.parametrize("text", [None, "x", "\N{REPLACEMENT CHARACTER}"])
def test_a_file_too_long_to_be_analysed_is_not_fetched(
    github: GitHub, web: responses.RequestsMock, text: str | None
) -> None:
    size = MAX_BYTES + 1
    web.post(GRAPHQL, json=answer(blob0={"oid": OID, "text": text, "byteSize": size}))
    found = github.read(PULL, Wanted((OID,))).blobs[OID]
    assert found == Unread(
        "the file has 10,000,001 bytes, more than the 10,000,000 that are analysed"
    )
    assert len(web.calls) == 1


def test_a_text_that_is_not_whole_is_fetched_by_itself(
    github: GitHub, web: responses.RequestsMock
) -> None:
    web.post(GRAPHQL, json=answer(blob0={"oid": OID, "text": "SEL", "byteSize": 7}))
    web.get(f"{API}/repos/acme/shop/git/blobs/{OID}", json={"content": "U0VM\nRUNUOw==\n"})
    assert github.read(PULL, Wanted((OID,))).blobs == {OID: b"SELECT;"}


def test_no_more_than_twenty_requests_read_the_texts(
    github: GitHub, web: responses.RequestsMock
) -> None:
    long = tuple(f"{number:040x}" for number in range(30))
    blobs = {f"blob{i}": {"oid": oid, "text": None, "byteSize": 3} for i, oid in enumerate(long)}
    web.post(GRAPHQL, json=answer(**blobs))
    web.get(re.compile(f"{API}/repos/acme/shop/git/blobs/.*"), json={"content": "YWJj"})
    found = github.read(PULL, Wanted(long)).blobs
    assert len(web.calls) == MAX_READS
    assert found[long[18]] == b"abc"
    assert found[long[19]] == Unread("GitHub was not asked for it: 20 requests were made")


def test_threads_without_end_are_not_read_to_the_end(
    github: GitHub, web: responses.RequestsMock
) -> None:
    page = {"nodes": [None], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    web.post(GRAPHQL, json=answer({**EMPTY, "reviewThreads": page}))
    assert github.read(PULL, Wanted()).said == Said()
    assert len(web.calls) == MAX_READS


def test_a_listing_without_end_is_not_read_to_the_end(
    github: GitHub, web: responses.RequestsMock
) -> None:
    file = {"filename": "a.sql", "status": "added", "sha": None}
    web.get(FILES, json=[file], headers={"Link": f'<{FILES}?page=2>; rel="next"'})
    assert github.files(PULL)[0] == FileDiff("a.sql", "added", "", None)
    assert len(web.calls) == 30


def test_a_pull_request_that_is_not_there_is_reported(
    github: GitHub, web: responses.RequestsMock
) -> None:
    web.post(GRAPHQL, json=answer(None))
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


LIMITS = [
    (429, {"Retry-After": "3600"}),
    (429, {"Retry-After": "61"}),
    (429, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}),
    (429, {"Retry-After": "9" * 5000}),
    (429, {}),
    (403, {"Retry-After": "300"}),
    (403, {"X-RateLimit-Remaining": "0"}),
]


@pytest.mark.parametrize(("status", "headers"), LIMITS)
def test_a_limit_that_lasts_is_reported_at_once(
    web: responses.RequestsMock, status: int, headers: dict[str, str]
) -> None:
    waited: list[float] = []
    web.get(FILES, status=status, json={"message": "slow down"}, headers=headers)
    with pytest.raises(GitHubError, match=r"the rate limit .*; run the job again later"):
        patient(waited).files(PULL)
    assert waited == []
    assert len(web.calls) == 1


@pytest.mark.parametrize("status", [403, 429, 503])
def test_all_waiting_of_a_job_together_is_bounded(web: responses.RequestsMock, status: int) -> None:
    waited: list[float] = []
    github = patient(waited)
    web.get(FILES, status=status, headers={"Retry-After": "25"})
    web.post(GRAPHQL, status=status, headers={"Retry-After": "25"})
    with pytest.raises(GitHubError):
        github.files(PULL)
    with pytest.raises(GitHubError):
        github.read(PULL, Wanted())
    assert waited == [25, 25]


def test_a_review_is_sent_once_however_short_the_limit(
    github: GitHub, web: responses.RequestsMock
) -> None:
    web.post(REVIEWS, status=429, headers={"Retry-After": "1"})
    with pytest.raises(GitHubError, match="run the job again later"):
        github.post(PULL, REVIEW)
    assert len(web.calls) == 1


def test_the_library_writes_nothing_to_the_log() -> None:
    program = (
        "import logging; from bot.host.github import Credentials, GitHub;"
        "GitHub(Credentials('x', 'https://api.github.com'));"
        "logging.getLogger('github.Requester').warning('Request failed')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


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
