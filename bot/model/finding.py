"""A finding is a named hazard at a place, with the rewrite that removes it where one exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from bot.model.moment import Moment
from bot.model.source import Edit, Lines, Source, Span
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import OnTable, Operation

SEMICOLON = ";"


class Severity(IntEnum):
    """How bad a finding is; a larger number is worse.

    error: others wait while a table is scanned, rewritten or indexed, or PostgreSQL refuses.
    warning: it will wait or fail under conditions that the file cannot show.
    notice: worth knowing.
    """

    NOTICE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Step:
    """Operations of one transaction, or one that PostgreSQL takes outside of transactions only."""

    operations: tuple[Operation, ...]

    @property
    def alone(self) -> bool:
        return any(operation.alone for operation in self.operations)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What becomes of a command, neutral of any migration tool.

    The command asks for `instead`, and disappears where that is empty. Once its transaction has
    committed, the steps of `then` follow, each one committed before the next starts. `inline` is
    the constraint of a new column that all this is about: it leaves the column, which stays.
    """

    instead: tuple[OnTable, ...]
    then: tuple[Step, ...]
    inline: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`span` is the offending clause; `scans` are the tables read while others wait.

    `moment` is None where no statement is at fault, as for a suppression without a reason.
    """

    rule: str
    severity: Severity
    source: Source
    span: Span
    message: str
    moment: Moment | None = field(default=None, repr=False)
    table: QualifiedName | None = None
    lock: LockMode | None = None
    blocks: tuple[str, ...] = ()
    scans: tuple[QualifiedName, ...] = ()
    rewrite: Rewrite | NoFix | None = None

    @property
    def lines(self) -> Lines:
        return self.source.lines(self.span)


Following = Literal["auto", "same-file", "new-file"]
"""Where what comes later goes: as suits the tool, into the same file where it can, or a new one."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A new file; `turn` is when it runs among others whose names do not tell that."""

    path: str
    text: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Fix:
    """A rewrite in the idiom of the migration tool.

    `amendments` change the command itself, `additions` come behind its transaction, and
    `follow_ups` are new files, to be run after the edited one. `postponed` is SQL for the next
    deployment, where the tool runs all pending files as one transaction. `afterwards` is a sentence
    on what the tool then wants to be done.
    """

    amendments: tuple[Edit, ...]
    additions: tuple[Edit, ...] = ()
    follow_ups: tuple[NewFile, ...] = ()
    postponed: str = ""
    afterwards: str = ""

    @property
    def same_edits(self) -> object:
        """Equal for fixes that share their edits, as very many of one statement may do."""
        return id(self.amendments), id(self.additions)


def merged(fixes: Iterable[Fix]) -> tuple[Edit, ...]:
    """The edits of several fixes of one file, additions behind amendments.

    Commands of one statement may share a fix, and so may all that comes behind a statement without
    a semicolon share that; but two statements may well add the same line, and then there are two.
    What is the very same addition, for several statements together, is there once, and so is what
    takes the place of something.
    """
    different = {fix.same_edits: fix for fix in fixes}.values()
    several = dict.fromkeys((fix.amendments, fix.additions) for fix in different)
    amendments = dict.fromkeys(edit for edits, _ in several for edit in edits)
    additions = {id(edit): edit for _, edits in several for edit in edits}.values()
    semicolons = dict.fromkeys(edit for edit in additions if edit.text == SEMICOLON)
    others = [edit for edit in additions if edit.text != SEMICOLON]
    lines = [edit for edit in others if edit.span.start == edit.span.end]
    instead = dict.fromkeys(edit for edit in others if edit.span.start < edit.span.end)
    return (*amendments, *semicolons, *lines, *_apart(instead))


def _apart(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Those of which none takes the place of what an earlier one does."""
    end = -1
    for edit in sorted(edits):
        if edit.span.start >= end:
            yield edit
            end = edit.span.end


@dataclass(frozen=True, slots=True)
class NoFix:
    """Why there is no fix, as a sentence for the author."""

    reason: str
