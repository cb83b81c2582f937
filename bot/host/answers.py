"""What GitHub answers, as far as it is used; an answer of another shape raises DecodeError.

REST: the schemas `diff-entry`, `blob`, `pull-request-review` and `basic-error` of GitHub's OpenAPI
description. GraphQL: GitHub's public schema, where whatever has no `!` may be null.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.json import Decoder


class Refusal(Struct):
    message: str | None = None


class File(Struct):
    filename: str
    status: str
    sha: str | None = None
    patch: str | None = None
    previous_filename: str | None = None


class Content(Struct):
    content: str


class Posted(Struct):
    html_url: str = ""


class Extensions(Struct, rename="camel"):
    """`code` is "undefinedField" where the server's schema has no `field_name`."""

    code: str | None = None
    type_name: str = ""
    field_name: str = ""


class QueryError(Struct):
    message: str = ""
    type: str | None = None
    extensions: Extensions | None = None

    @property
    def lacking(self) -> str:
        """The field that the server does not know, as in "Blob.text"."""
        more = self.extensions
        is_field = more is not None and more.code == "undefinedField"
        return f"{more.type_name}.{more.field_name}" if more and is_field else ""


class Viewer(Struct):
    login: str


class Author(Struct):
    login: str
    typename: str = field(name="__typename")


class Post(Struct, rename="camel"):
    """A review, or a comment of one."""

    body: str
    author: Author | None = None
    id: str = ""
    is_minimized: bool = False


class Posts(Struct, rename="camel"):
    nodes: tuple[Post | None, ...] | None = ()
    total_count: int = 0


class Thread(Struct, rename="camel"):
    """`line` is null where the present diff does not show the thread."""

    comments: Posts
    path: str = ""
    line: int | None = None
    start_line: int | None = None
    is_resolved: bool = False
    is_outdated: bool = False


class PageInfo(Struct, rename="camel"):
    has_next_page: bool = False
    end_cursor: str | None = None

    @property
    def next(self) -> str | None:
        return self.end_cursor if self.has_next_page else None


class Threads(Struct, rename="camel"):
    nodes: tuple[Thread | None, ...] | None = ()
    page_info: PageInfo = field(default_factory=PageInfo)


class Reviews(Posts, rename="camel"):
    page_info: PageInfo = field(default_factory=PageInfo)


class Pull(Struct, rename="camel"):
    head_ref_oid: str
    base_ref_name: str = ""
    review_threads: Threads = field(default_factory=Threads)
    reviews: Reviews = field(default_factory=Reviews)


class Repository(Struct, rename="camel"):
    pull_request: Pull | None = None


class Entry(Struct):
    name: str
    mode: int
    oid: str = ""


class GitObject(Struct, rename="camel"):
    """A blob has an `oid` here, a tree `entries`, anything else neither."""

    oid: str | None = None
    text: str | None = None
    byte_size: int = 0
    entries: tuple[Entry, ...] | None = None

    @property
    def whole(self) -> bytes | None:
        """The bytes, where `text` has them all: it is null for binaries and cut for long files."""
        content = (self.text or "").encode()
        return content if len(content) == self.byte_size else None


class Data(Struct):
    viewer: Viewer
    repository: Repository | None = None
    objects: Mapping[str, GitObject | None] | None = None


class OfReview(Struct, rename="camel"):
    pull_request: Pull | None = None


class Change(Struct, rename="camel"):
    """What a mutation gives back: the pull request as it is afterwards."""

    pull_request_review: OfReview | None = None
    pull_request_review_comment: OfReview | None = None

    @property
    def pull(self) -> Pull | None:
        of = self.pull_request_review or self.pull_request_review_comment
        return of.pull_request if of else None


class Changed(Struct):
    data: Mapping[str, Change | None] | None = None
    errors: tuple[QueryError, ...] | None = None


class Answer(Struct):
    data: Data | None = None
    errors: tuple[QueryError, ...] | None = None


refusal = Decoder(Refusal).decode
files = Decoder(tuple[File, ...]).decode
content = Decoder(Content).decode
posted = Decoder(Posted).decode
query = Decoder(Answer).decode
changed = Decoder(Changed).decode
