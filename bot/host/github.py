"""Few requests to GitHub: files by page, all texts in one query, one review."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import sleep
from typing import Any
from urllib.parse import quote

from github import Auth, Github, GithubRetry

from bot.host import queries
from bot.host.failures import GitHubError, told
from bot.model.pull_request import (
    FileDiff,
    Place,
    PullRequest,
    Read,
    Review,
    ReviewComment,
    Wanted,
)

API_VERSION = "2022-11-28"
MAX_FILES = 3000  # "Responses include a maximum of 3000 files"
_PAUSES = (1, 4)  # seconds before reading a second and a third time
_PATIENCE = 60  # seconds to wait for a rate limit at the most
_AT_ONCE = 200  # texts and folders asked for in one query


@dataclass(frozen=True, slots=True)
class Credentials:
    """`api_url` is https://api.github.com, or an Enterprise Server's."""

    token: str
    api_url: str


class GitHub:
    """GitHub's REST and GraphQL interfaces, for one job."""

    def __init__(self, credentials: Credentials, pause: Callable[[float], None] = sleep) -> None:
        # Only reads are repeated: a review that was answered with an error may exist.
        retry = GithubRetry(
            total=len(_PAUSES),
            backoff_factor=1,
            allowed_methods=frozenset({"GET"}),
            max_rate_limit_wait=_PATIENCE,
        )
        self._github = Github(
            auth=Auth.Token(credentials.token),
            base_url=credentials.api_url,
            per_page=100,
            retry=retry,
            timeout=30,
            lazy=True,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=API_VERSION,
        )
        self._pause = pause

    def files(self, pull: PullRequest) -> tuple[FileDiff, ...]:
        """The files that `pull` changes, 3,000 at the most, a request for each hundred."""
        repository = self._github.get_repo(pull.repository)
        with told(f"listing the files of #{pull.number}"):
            return tuple(
                FileDiff(file.filename, file.status, file.sha, file.patch, file.previous_filename)
                for file in repository.get_pull(pull.number).get_files()
            )

    def read(self, pull: PullRequest, wanted: Wanted) -> Read:
        """All that is wanted, and the bot's own texts; usually in one request."""
        known = Read()
        threads: str | None = ""
        reviews: str | None = ""
        for part in _portions(wanted):
            data = self._query(queries.read(pull, part, threads, reviews))
            known = self._with(pull, known, part, data)
            threads, reviews = _next_pages(data)
        while threads is not None or reviews is not None:
            data = self._query(queries.read(pull, Wanted(), threads, reviews))
            known = self._with(pull, known, Wanted(), data)
            threads, reviews = _next_pages(data)
        return known

    def post(self, pull: PullRequest, review: Review) -> str:
        """Post one review and return its address."""
        repository = self._github.get_repo(pull.repository)
        with told(f"posting the review of #{pull.number}"):
            posted = repository.get_pull(pull.number).create_review(
                commit=repository.get_commit(review.commit),
                body=review.body,
                event="COMMENT",
                comments=[_as_json(comment) for comment in review.comments],  # type: ignore[misc]
            )
            return posted.html_url

    def _query(self, query: queries.Query) -> Mapping[str, Any]:
        """A query changes nothing, so it is asked again after a passing failure."""
        for pause in _PAUSES:
            try:
                return self._asked(query)
            except GitHubError as error:
                if not error.passing:
                    raise
                self._pause(pause)
        return self._asked(query)

    def _asked(self, query: queries.Query) -> Mapping[str, Any]:
        with told("reading the pull request's files"):
            _, answer = self._github.requester.graphql_query(query.text, query.variables)
        data: Mapping[str, Any] = answer["data"]
        if not data.get("repository") or not data["repository"].get("pullRequest"):
            raise GitHubError("the repository or pull request is not there, or not to be seen", 404)
        return data

    def _with(
        self, pull: PullRequest, known: Read, wanted: Wanted, data: Mapping[str, Any]
    ) -> Read:
        """`known` and what one answer adds to it."""
        found = data["repository"]
        blobs = {
            blob: self._content(pull, found[f"blob{i}"])
            for i, blob in enumerate(wanted.blobs)
            if found[f"blob{i}"]
        }
        files = {
            place: self._content(pull, found[f"file{i}"])
            for i, place in enumerate(wanted.files)
            if found[f"file{i}"] and "oid" in found[f"file{i}"]
        }
        folders = {
            place: frozenset(entry["name"] for entry in found[f"folder{i}"].get("entries", ()))
            for i, place in enumerate(wanted.folders)
            if found[f"folder{i}"]
        }
        return replace(
            known,
            blobs={**known.blobs, **blobs},
            files={**known.files, **files},
            folders={**known.folders, **folders},
            own_texts=(*known.own_texts, *_own_texts(data)),
            head_sha=found["pullRequest"]["headRefOid"],
        )

    def _content(self, pull: PullRequest, blob: Mapping[str, Any]) -> bytes:
        """A blob's bytes; long ones and those that are no text are fetched by themselves."""
        if blob["text"] is not None and not blob["isTruncated"]:
            return str(blob["text"]).encode()
        with told("reading a large file"):
            _, answer = self._github.requester.requestJsonAndCheck(
                "GET", f"/repos/{quote(pull.repository)}/git/blobs/{blob['oid']}"
            )
        return b64decode(answer["content"])


def _as_json(comment: ReviewComment) -> dict[str, str | int]:
    """GitHub refuses a start_line that equals the line."""
    lines = comment.lines
    one: dict[str, str | int] = {
        "path": comment.path,
        "body": comment.body,
        "line": lines.last,
        "side": "RIGHT",
    }
    if lines.first < lines.last:
        one |= {"start_line": lines.first, "start_side": "RIGHT"}
    return one


def _portions(wanted: Wanted) -> Iterator[Wanted]:
    """`wanted` in portions that one query can carry; at least one."""
    everything: list[tuple[str, str | Place]] = [
        *(("blobs", blob) for blob in wanted.blobs),
        *(("files", place) for place in wanted.files),
        *(("folders", place) for place in wanted.folders),
    ]
    for start in range(0, max(len(everything), 1), _AT_ONCE):
        portion = everything[start : start + _AT_ONCE]
        yield Wanted(
            tuple(item for kind, item in portion if kind == "blobs" and isinstance(item, str)),
            tuple(item for kind, item in portion if kind == "files" and isinstance(item, Place)),
            tuple(item for kind, item in portion if kind == "folders" and isinstance(item, Place)),
        )


def _next_pages(data: Mapping[str, Any]) -> tuple[str | None, str | None]:
    pull = data["repository"]["pullRequest"]
    pages = (pull.get(name, {}).get("pageInfo", {}) for name in ("reviewThreads", "reviews"))
    threads, reviews = (page["endCursor"] if page.get("hasNextPage") else None for page in pages)
    return threads, reviews


def _own_texts(data: Mapping[str, Any]) -> Iterator[str]:
    """The bodies that the token's own login wrote: nobody else's are believed."""
    viewer, pull = data["viewer"]["login"], data["repository"]["pullRequest"]
    posts = [
        comment
        for thread in pull.get("reviewThreads", {}).get("nodes", ())
        for comment in thread["comments"]["nodes"]
    ]
    for post in (*posts, *pull.get("reviews", {}).get("nodes", ())):
        if post["author"] and _is(post["author"], viewer):
            yield post["body"]


def _is(author: Mapping[str, Any], viewer: str) -> bool:
    """A bot's login lacks in GraphQL the "[bot]" that REST and `viewer` give it."""
    login = str(author["login"]).removesuffix("[bot]")
    is_bot = author["__typename"] == "Bot"
    return login == viewer.removesuffix("[bot]") and is_bot == viewer.endswith("[bot]")
