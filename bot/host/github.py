"""Few requests to GitHub: files by page, all texts in one query, one review."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import sleep
from typing import TypeVar
from urllib.parse import quote

from msgspec import DecodeError
from requests.utils import parse_header_links

from bot.host import answers, queries
from bot.host.conversation import own
from bot.host.failures import GitHubError, LackingField, refused_query, unexpected
from bot.host.line import Credentials, Line, Request
from bot.model.change import MAX_BYTES
from bot.model.pull_request import (
    Change,
    Entry,
    FileDiff,
    Place,
    PullRequest,
    Read,
    Review,
    ReviewComment,
    Revision,
    Said,
    Unread,
    Wanted,
)

__all__ = ["Credentials", "GitHub"]

_Cursors = tuple[str | None, str | None]  # of threads and reviews
_PAGES = 30  # "Responses include a maximum of 3000 files", a hundred a page
MAX_READS = 20  # requests for texts; GITHUB_TOKEN has 1,000 an hour for all of a repository's jobs
_AT_ONCE = 350  # texts and folders asked for in one query
_PAUSES = (1.0, 4.0)  # seconds before reading a second and a third time
_READING = "reading the change's files"
_FIRST: _Cursors = ("", "")
_NONE: _Cursors = (None, None)
_T = TypeVar("_T")


class GitHub:
    """GitHub's REST and GraphQL interfaces, for one job; `seen` is what the last look found.

    `mute` says why nothing can be posted here, "" where it can.
    """

    def __init__(
        self,
        credentials: Credentials,
        pause: Callable[[float], None] = sleep,
        pauses: tuple[float, ...] | None = None,
    ) -> None:
        self._pauses = _PAUSES if pauses is None else pauses
        self._line = Line(credentials, pause, self._pauses)
        self._left = MAX_READS
        self._viewer = ""
        self.seen = Read()
        self.looks = 0
        self.mute = ""

    def files(self, pull: PullRequest) -> tuple[FileDiff, ...]:
        """The files that `pull` changes, 3,000 at the most, a request for each hundred.

        They are those of the present head, which `Read.head_sha` tells.
        """
        return tuple(
            _diff(file)
            for page in self._pages(f"listing the files of #{pull.number}", pull)
            for file in page
        )

    def _pages(self, doing: str, pull: PullRequest) -> Iterator[tuple[answers.File, ...]]:
        address: str | None = f"{_address(pull)}/files?per_page=100"
        for _ in range(_PAGES):
            if address is None:
                return
            response = self._line.read(Request(doing, "GET", address))
            yield _decoded(doing, answers.files, response.text)
            links = parse_header_links(response.headers.get("link", ""))
            address = next((link["url"] for link in links if link.get("rel") == "next"), None)

    def read(self, change: Change, wanted: Wanted) -> Read:
        """All that is wanted, and the bot's own texts; usually in one request.

        What takes more than MAX_READS requests in all is left out. `head_sha` is always told, also
        where nothing is wanted.
        """
        portions = list(_portions(wanted))
        found: dict[str | Place, answers.GitObject] = {}
        said = Said()
        pages = _FIRST if isinstance(change, PullRequest) and not self.mute else _NONE
        while True:
            part = portions.pop(0) if portions else Wanted()
            try:
                data = self._asked(queries.read(change, part, *pages))
            except LackingField as error:
                if pages == _NONE:
                    raise
                self.mute, pages = str(error), _NONE
                portions.insert(0, part)
                continue
            found |= _found(part, data)
            told = _pull(change, data)
            self._viewer = data.viewer.login
            said = own(self._viewer, told, said)
            pages = told.review_threads.page_info.next, told.reviews.page_info.next
            if not (portions or pages != _NONE) or self._left <= 0:
                break
        contents = self._contents(change, found.values())
        self.looks += 1
        self.seen = _read(found, contents, said, told)
        return self.seen

    def post(self, pull: PullRequest, review: Review) -> str:
        """Post one review and return its address, "" where an answer of success does not tell it.

        It is sent once whatever happens: a review that was answered with an error may exist.
        """
        body: dict[str, object] = {
            "commit_id": review.commit,
            "body": review.body,
            "event": "COMMENT",
            "comments": [_as_json(comment) for comment in review.comments],
        }
        doing = f"posting the review of #{pull.number}"
        response = self._line.once(Request(doing, "POST", f"{_address(pull)}/reviews", body))
        try:
            return answers.posted(response.text).html_url
        except DecodeError:
            return ""

    def revise(self, pull: PullRequest, revision: Revision) -> Said:
        """Make all changes in one request, sent once, and look at what is there afterwards.

        What is not there any more cannot be changed, and need not be.
        """
        if not revision:
            return self.read(pull, Wanted()).said
        doing = f"revising the comments on #{pull.number}"
        query = queries.revise(revision)
        body = {"query": query.text, "variables": query.variables}
        response = self._line.once(Request(doing, "POST", self._line.graphql_url, body))
        answer = _decoded(doing, answers.changed, response.text)
        for error in answer.errors or ():
            if error.type != "NOT_FOUND":
                raise refused_query(doing, error)
        last = [one.pull for one in (answer.data or {}).values() if one and one.pull]
        if not last or last[0].review_threads.page_info.next or last[0].reviews.page_info.next:
            return self.read(pull, Wanted()).said
        return own(self._viewer, last[0], Said())

    def waits_for(self, error: GitHubError, attempt: int) -> bool:
        """Wait after a failed write until another may pass; False where it is not worth it."""
        if attempt >= len(self._pauses):
            return False
        return self._line.waits_for(error, self._pauses[attempt])

    def _asked(self, query: queries.Query) -> answers.Data:
        self._left -= 1
        body = {"query": query.text, "variables": query.variables}
        response = self._line.read(Request(_READING, "POST", self._line.graphql_url, body))
        answer = _decoded(_READING, answers.query, response.text)
        if answer.errors:
            raise refused_query(_READING, answer.errors[0])
        if answer.data is None:
            raise unexpected(_READING, ValueError("it has no data"))
        return answer.data

    def _contents(
        self, change: Change, objects: Iterable[answers.GitObject]
    ) -> dict[str, bytes | Unread]:
        """The bytes of each blob by its `oid`."""
        blobs = {one.oid: one for one in objects if one.oid is not None}
        return {
            oid: self._blob(change, oid) if (given := _given(blob)) is None else given
            for oid, blob in blobs.items()
        }

    def _blob(self, change: Change, oid: str) -> bytes | Unread:
        """A blob that a query does not give whole."""
        if self._left <= 0:
            return Unread(f"GitHub was not asked for it: {MAX_READS} requests were made")
        self._left -= 1
        doing = "reading a large file"
        address = f"/repos/{quote(change.repository)}/git/blobs/{quote(oid)}"
        response = self._line.read(Request(doing, "GET", address))
        try:
            return b64decode(_decoded(doing, answers.content, response.text).content)
        except ValueError as error:
            raise unexpected(doing, error) from error


def _pull(change: Change, data: answers.Data) -> answers.Pull:
    """How the pull request stands; a merge group stays what it is."""
    if not isinstance(change, PullRequest):
        return answers.Pull(change.head_sha)
    if data.repository is None or data.repository.pull_request is None:
        raise GitHubError("the repository or pull request is not there, or not to be seen", 404)
    return data.repository.pull_request


def _address(pull: PullRequest) -> str:
    return f"/repos/{quote(pull.repository)}/pulls/{pull.number}"


def _decoded(doing: str, decode: Callable[[str], _T], text: str) -> _T:
    try:
        return decode(text)
    except DecodeError as error:
        raise unexpected(doing, error) from error


def _diff(file: answers.File) -> FileDiff:
    before = file.previous_filename or ""
    return FileDiff(file.filename, file.status, file.sha or "", file.patch, before)


def _given(blob: answers.GitObject) -> bytes | Unread | None:
    """What a query tells of a blob: all of it, that it is too long to be read at all, or None."""
    if blob.byte_size > MAX_BYTES:
        return Unread(
            f"the file has {blob.byte_size:,} bytes, more than the {MAX_BYTES:,} that are analysed"
        )
    return blob.whole


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


def _found(wanted: Wanted, data: answers.Data) -> dict[str | Place, answers.GitObject]:
    """What there is of `wanted`, by what was asked for."""
    objects = data.objects or {}
    return {
        value: found
        for alias, value in queries.aliases(wanted)
        if (found := objects.get(alias)) is not None
    }


def _read(
    found: Mapping[str | Place, answers.GitObject],
    contents: Mapping[str, bytes | Unread],
    said: Said,
    told: answers.Pull,
) -> Read:
    texts = [(key, contents[one.oid]) for key, one in found.items() if one.oid is not None]
    return Read(
        {key: text for key, text in texts if isinstance(key, str)},
        {key: text for key, text in texts if isinstance(key, Place) and isinstance(text, bytes)},
        {
            key: {entry.name: Entry(entry.mode, entry.oid) for entry in one.entries}
            for key, one in found.items()
            if isinstance(key, Place) and one.entries is not None
        },
        said,
        told.head_ref_oid,
        told.base_ref_name,
    )
