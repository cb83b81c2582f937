"""What GitHub remembers about a review: who wrote what, on which lines."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zlib import crc32

from .diff import Side

if TYPE_CHECKING:
    from .pull import Pull

SubjectType = Literal["line", "file"]
ACTIONS = "github-actions[bot]"


@dataclass(frozen=True)
class User:
    login: str

    @property
    def is_bot(self) -> bool:
        return self.login.endswith("[bot]")

    @property
    def graphql_login(self) -> str:
        """A bot is named without its suffix in GraphQL, except as the viewer."""
        return self.login.removesuffix("[bot]")

    @property
    def id(self) -> int:
        return 41898282 if self.login == ACTIONS else crc32(self.login.encode()) % 90_000_000 + 1


def node_id(kind: str, number: int) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(b'stand-in:%d' % number).decode().rstrip('=')}"


def number_of(node: str) -> int | None:
    _, _, coded = node.partition("_")
    try:
        text = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        return int(text.removeprefix("stand-in:"))
    except ValueError:
        return None


@dataclass
class Clock:
    """Every event is one second after the one before it, and every number is new."""

    number: int
    second: int = 0

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def tick(self) -> int:
        self.second += 1
        return self.second

    def now(self) -> str:
        moment = datetime(2024, 1, 1, 10, tzinfo=UTC) + timedelta(seconds=self.tick())
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Anchor:
    """Where a comment stands: a range on one side of one file's diff, or the whole file."""

    path: str
    line: int | None = None
    side: Side = "RIGHT"
    start_line: int | None = None
    start_side: Side | None = None
    subject_type: SubjectType = "line"

    @property
    def first_side(self) -> Side:
        return self.start_side or self.side


@dataclass(eq=False)
class Thread:
    """A conversation; where it stands now follows from where it began and the present head."""

    id: int
    pull: Pull
    began: Anchor
    commit: str
    diff_hunk: str
    position: int | None
    comments: list[Comment] = field(default_factory=list)
    resolved_by: User | None = None

    @property
    def now(self) -> Anchor | None:
        return self.pull.anchor_now(self)

    @property
    def outdated(self) -> bool:
        return self.now is None


@dataclass(eq=False)
class Comment:
    """One comment of a thread; `edits` names who changed its text, `minimized` why it is hidden."""

    id: int
    thread: Thread
    review: Review
    author: User
    body: str
    created_at: str
    updated_at: str
    in_reply_to: int | None = None
    edits: list[str] = field(default_factory=list)
    minimized: str | None = None

    def edit(self, body: str, editor: User, at: str) -> None:
        self.body, self.updated_at = body, at
        self.edits.append(editor.login)

    def minimize(self, reason: str = "resolved") -> None:
        """What a person does who hides a comment, giving one of GitHub's reasons."""
        self.minimized = reason

    @property
    def login(self) -> str:
        return self.author.login

    @property
    def path(self) -> str:
        now = self.thread.now
        return now.path if now else self.thread.began.path

    @property
    def line(self) -> int | None:
        now = self.thread.now
        return now.line if now else None

    @property
    def start_line(self) -> int | None:
        now = self.thread.now
        return now.start_line if now else None

    @property
    def original_line(self) -> int | None:
        return self.thread.began.line

    @property
    def side(self) -> Side:
        return self.thread.began.side

    @property
    def start_side(self) -> Side | None:
        began = self.thread.began
        return began.first_side if began.start_line is not None else None

    @property
    def subject_type(self) -> SubjectType:
        return self.thread.began.subject_type

    @property
    def outdated(self) -> bool:
        return self.thread.outdated

    @property
    def resolved(self) -> bool:
        return self.thread.resolved_by is not None


@dataclass(eq=False)
class Review:
    """`state` is PENDING, COMMENTED, APPROVED, CHANGES_REQUESTED or DISMISSED."""

    id: int
    pull: Pull
    author: User
    body: str
    state: str
    commit: str
    created_at: str
    submitted_at: str | None
    edits: list[str] = field(default_factory=list)

    @property
    def login(self) -> str:
        return self.author.login

    @property
    def comments(self) -> list[Comment]:
        return [comment for comment in self.pull.comments if comment.review is self]

    def edit(self, body: str, editor: User, at: str) -> None:
        del at
        self.body = body
        self.edits.append(editor.login)


@dataclass(eq=False)
class IssueComment:
    """A comment of the conversation, on no line."""

    id: int
    pull: Pull
    author: User
    body: str
    created_at: str
    updated_at: str
    edits: list[str] = field(default_factory=list)

    @property
    def login(self) -> str:
        return self.author.login

    def edit(self, body: str, editor: User, at: str) -> None:
        self.body, self.updated_at = body, at
        self.edits.append(editor.login)
