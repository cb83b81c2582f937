"""A moment is one command at work: its statement, its effect and every lock held meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model.migration import Command, Migration, Statement, Wrapping
from bot.model.wording import NAMED, listed, others, tables
from bot.postgres.effects import Lock
from bot.postgres.names import QualifiedName
from bot.postgres.operations import OnTable
from bot.postgres.outcome import HeldLock, Outcome


@dataclass(frozen=True, slots=True)
class Origin:
    """The command that wrote what rows are checked for; in `outcome` its names are resolved."""

    statement: Statement
    command: Command
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Moment:
    """`statements` are those of the whole change so far, by the number that locks refer to.

    `ends_with` is the statement that ends the transaction: this one itself where each is its
    own, a COMMIT, or None where only the migration tool ends it. `undone` when a rollback takes
    it back. `disturbed_by` is the last statement of the change that builds on its constraint or
    changes its table so that nothing of it can be put off to the end of its transaction, and
    `disturbed_later` to the end of its file. `origin` wrote what is checked here;
    it is None where that is not known, or speaks of names that are gone once the file has run.
    `never_validated` where it adds a constraint NOT VALID that is there and not valid once all
    files of the change have run.
    `first_without_limit` where no command of the file before it has waited, without any limit of
    time, for a lock that makes others wait.
    """

    migration: Migration
    postgres_version: int
    wrapping: Wrapping
    statement: Statement
    command: Command
    number: int
    outcome: Outcome
    ends_with: Statement | None
    undone: bool
    disturbed_by: Statement | None
    disturbed_later: Statement | None
    never_validated: bool
    first_without_limit: bool
    origin: Origin | None = field(repr=False, compare=False)
    statements: Mapping[int, Statement] = field(repr=False, compare=False)

    @property
    def hazardous(self) -> bool:
        """Whether others wait while a table is read from end to end, or rewritten."""
        return bool(self.outcome.scanned and self.outcome.blocking and not self.outcome.refused)

    @property
    def doubtful(self) -> bool:
        """Whether others wait in the same way on conditions of which the text tells nothing."""
        outcome = self.outcome
        return bool(outcome.perhaps and outcome.blocking and not outcome.refused)

    @property
    def blocks_by_itself(self) -> bool:
        """Whether its own lock is one that makes others wait, whatever else is held."""
        did = self.outcome.effect
        return any(
            lock.blocks_reads or (lock.mode.blocks and lock.table not in did.views)
            for lock in did.locks
        )

    @property
    def own(self) -> tuple[HeldLock, ...]:
        """The blocking locks that its statement has taken."""
        return tuple(lock for lock in self.outcome.blocking if lock.since == self.number)

    @property
    def others(self) -> tuple[HeldLock, ...]:
        """The blocking locks that not this command but another one took."""
        own = self.outcome.effect.locks
        return tuple(
            lock
            for lock in self.outcome.blocking
            if lock.since != self.number or Lock(lock.table, lock.mode) not in own
        )

    @property
    def waiting(self) -> str:
        """Who waits, as a clause: "reads and writes of `orders` and writes to `customers` wait"."""
        named, parts = self.outcome.blocking[:NAMED], list[str]()
        unnamed = self.outcome.unnamed + len(self.outcome.blocking) - len(named)
        for blocks, words in (
            (("reads", "writes"), "reads and writes of"),
            (("writes",), "writes to"),
        ):
            several = [lock.table for lock in named if lock.mode.blocks == blocks]
            if several:
                parts.append(f"{words} {tables(several)}")
        if unnamed:
            parts.append(f"users of {others(unnamed)}")
        return f"{listed(parts)} wait"

    @property
    def worst(self) -> HeldLock:
        """The lock to blame: the one on the command's own table, else the strongest."""
        operation = self.outcome.operation
        own = operation.table if isinstance(operation, OnTable) else None
        return max(self.outcome.blocking, key=lambda lock: (lock.table == own, lock.mode))

    @property
    def read(self) -> QualifiedName:
        """The table whose rows are read, also where they lie in its partitions."""
        operation = self.outcome.operation
        if self.outcome.partitioned and isinstance(operation, OnTable):
            return operation.table
        return self.outcome.scanned[0]

    @property
    def rows(self) -> str:
        """The rows that are read for their own sake: "every row of `orders`"."""
        looked_up = self.outcome.effect.looked_up
        return self._every_row(one for one in self.outcome.scanned if one not in looked_up)

    @property
    def rewritten_rows(self) -> str:
        """The rows that are written anew, or perhaps are."""
        outcome = self.outcome
        certain = [one for one in outcome.scanned if one in outcome.effect.rewrites]
        return self._every_row(certain or outcome.perhaps)

    def _every_row(self, read: Iterable[QualifiedName]) -> str:
        """A partitioned table stands for its partitions, and a parent not for its children."""
        operation = self.outcome.operation
        if self.outcome.partitioned and isinstance(operation, OnTable):
            return f"every row of {tables((operation.table,))}"
        return f"every row of {tables(read)}"

    def as_called(self, name: QualifiedName) -> QualifiedName:
        """A table without its schema, where the author finds it so."""
        operation, resolved = self.command.operation, self.outcome.operation
        if not isinstance(operation, OnTable) or not isinstance(resolved, OnTable):
            return name
        same = operation.table.schema is None and name.schema == resolved.table.schema
        return QualifiedName(None, name.name) if same else name

    def where(self, lock: HeldLock) -> str:
        """The place that took `lock`, for a sentence: "line 3", or "line 3 of V7__a.sql"."""
        return self.place(self.statements[lock.since])

    def place(self, statement: Statement) -> str:
        """The place of another statement, as seen from this file."""
        line = f"line {statement.source.line(statement.span.start)}"
        elsewhere = statement.source.path != self.migration.source.path
        return f"{line} of {statement.source.path.rpartition('/')[2]}" if elsewhere else line
