"""A migration is a file of statements, in the batches in which its tool runs them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from bot.model.source import Source, Span
from bot.postgres.operations import Operation


class Wrapping(Enum):
    """What a migration tool puts around a batch of statements."""

    STATEMENT = "statement"
    """Nothing: each statement is a transaction of its own unless BEGIN is written."""
    FILE = "file"
    """One transaction or one message, which BEGIN and COMMIT inside it can split."""
    MESSAGE = "message"
    """As FILE, but one statement alone is in no transaction block; a batch has it settled."""
    ALL = "all"
    """One transaction for all pending files together."""


@dataclass(frozen=True, slots=True)
class Command:
    """One operation and the text that asks for it: one command of an ALTER TABLE, say.

    `parts` are the places of the constraints of a new column.
    """

    operation: Operation
    span: Span
    parts: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """`span` ends before the semicolon; `end` is behind it, or the same where there is none.

    `body` are the statements that a block runs, in one transaction. `doubt` is why an edit of one
    of those is not safe, as a sentence. `sent` is what reaches PostgreSQL, where the file is not
    SQL itself.
    """

    source: Source
    span: Span
    end: int
    commands: tuple[Command, ...]
    body: tuple[Statement, ...] = ()
    doubt: str | None = None
    sent: Sent | None = None

    @property
    def in_sql(self) -> Statement:
        """The statement as SQL, with the same operations."""
        return self.sent.statement if self.sent else self

    @property
    def all_commands(self) -> tuple[Command, ...]:
        """What it asks for: of a block what its body does."""
        inside = tuple(command for one in self.body for command in one.commands)
        return inside if self.body else self.commands

    @property
    def text(self) -> str:
        return self.source[self.span]

    @property
    def alone(self) -> bool:
        """Whether PostgreSQL takes it outside of transactions only."""
        return any(command.operation.alone for command in self.commands)

    @property
    def indent(self) -> str:
        """The blanks before it, where its first line begins with them."""
        start = self.source.span_of(self.source.lines(self.span)).start
        margin = self.source.text[start : self.span.start]
        return margin if margin.isspace() else ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The SQL that a program sends, a text of its own.

    `places` are where its characters stand in the program, and one more for its end; None where it
    does not stand there as it is. `by` is what the program says, for whoever can rewrite that, and
    `within` the place of all that it sends together.
    """

    statement: Statement
    places: tuple[int, ...] | None = None
    by: object = None
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a file that could not be analysed, and why."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Misreading:
    """Words for the migration tool that do not do what they seem to, as a sentence says."""

    span: Span
    sentence: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What its tool runs together; `span` is the part of the file in which it stands."""

    statements: tuple[Statement, ...]
    wrapping: Wrapping
    span: Span


@dataclass(frozen=True, slots=True)
class Migration:
    """`framework` is the name of the migration tool.

    `ran` where it has run before the change, or may never run: what it creates is there already,
    with rows and users.
    """

    source: Source
    framework: str
    batches: tuple[Batch, ...]
    unreadable: tuple[Unreadable, ...] = ()
    misread: tuple[Misreading, ...] = ()
    ran: bool = False

    def batch_of(self, span: Span) -> Batch:
        """The batch that holds what stands at `span`."""
        later = bisect_right(self.batches, span.start, key=lambda batch: batch.span.start)
        return self.batches[later - 1]
