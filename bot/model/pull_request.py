"""A change as GitHub tells of it, a pull request or a merge group, and what is to be posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.source import Lines


@dataclass(frozen=True, slots=True)
class PullRequest:
    """`repository` is the base, as "owner/name"; `head_repository` a fork's where it is one.

    `head_repository` is "" where the fork has been deleted: no file can be created there.
    `file_count` is None where the event does not tell it. `base_ref` is the base's branch.
    """

    repository: str
    number: int
    head_sha: str
    base_sha: str
    head_ref: str
    head_repository: str
    file_count: int | None = None
    base_ref: str = ""

    @property
    def is_from_a_fork(self) -> bool:
        return self.head_repository != self.repository


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """What a merge queue is about to put on its base, as one commit; nothing is posted on it."""

    repository: str
    head_sha: str
    base_sha: str


Change = PullRequest | MergeGroup


@dataclass(frozen=True, slots=True)
class Listed:
    """The files of a change; `left_out` says what was not listed, "" for nothing."""

    files: tuple[FileDiff, ...]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a folder holds under a name: git's mode, and what identifies the content."""

    mode: int
    oid: str = ""

    @property
    def is_folder(self) -> bool:
        return self.mode == 0o040000


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A file of the change; `patch` is None where GitHub leaves it out.

    `before` is the path that it had, "" where it has not been renamed.
    """

    path: str
    status: str
    blob: str
    patch: str | None
    before: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A path, "" for the root, as it is at a commit."""

    commit: str
    path: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read in one request."""

    blobs: tuple[str, ...] = ()
    files: tuple[Place, ...] = ()
    folders: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is there and was not read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment that the bot has written, first in its thread.

    `lines` are where it stands now, None where GitHub shows it no more. `settled`: a person has
    resolved its thread or hidden it. `id` is "" for one that was posted a moment ago.
    """

    id: str
    body: str
    path: str
    lines: Lines | None
    answered: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class OwnReview:
    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot has written on a pull request so far, the oldest first."""

    comments: tuple[OwnComment, ...] = ()
    reviews: tuple[OwnReview, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What was read; what does not exist is missing from the mappings.

    `head_sha` and `base_ref` are the head and the base's branch while it was read, which may be
    others than the event's. `said` is what the bot itself has posted here.
    """

    blobs: Mapping[str, bytes | Unread] = field(default_factory=dict)
    files: Mapping[Place, bytes] = field(default_factory=dict)
    folders: Mapping[Place, Mapping[str, Entry]] = field(default_factory=dict)
    said: Said = Said()
    head_sha: str = ""
    base_ref: str = ""


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A comment on lines of the new side of a file."""

    path: str
    lines: Lines
    body: str


@dataclass(frozen=True, slots=True)
class Review:
    """What is posted in one request; on `commit`, the head that was reviewed."""

    commit: str
    body: str
    comments: tuple[ReviewComment, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """A new text for an own comment, or an own review."""

    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What becomes of earlier comments and reviews."""

    comments: tuple[Edit, ...] = ()
    reviews: tuple[Edit, ...] = ()
    deletions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.comments or self.reviews or self.deletions)
