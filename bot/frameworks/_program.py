"""How a file says what it asks of PostgreSQL: SQL says it itself, a program says it its own way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from bot.frameworks._lines import lines_below, lines_of
from bot.frameworks._tree import Tree
from bot.model.finding import Finding, Fix, NoFix, Rewrite
from bot.model.migration import Batch, Command, Misreading, Statement, Unreadable
from bot.model.moment import Moment
from bot.model.source import Edit, Source, Span
from bot.postgres.operations import Operation
from bot.sql.amending import amended, builds, concurrently, removed

Beside = Sequence[tuple[Moment, Rewrite]]


class Idiom(Protocol):
    """How a rewrite is written into a file."""

    def objection(self, finding: Finding) -> NoFix | None:
        """Why nobody can write it there."""

    def amended(self, moment: Moment, rewrite: Rewrite, beside: Beside) -> tuple[Edit, ...]:
        """The edits by which a command asks for `rewrite.instead`.

        `beside` are all rewrites of what is sent together with it, this one among them.
        """

    def removed(
        self, statement: Statement, commands: Sequence[Command], beside: Beside
    ) -> tuple[Edit, ...]:
        """The edits by which a statement loses these commands, or goes if none is left."""

    def in_place(self, moment: Moment, steps: Sequence[Sequence[Operation]]) -> Fix:
        """Other statements in the place of one."""


class Program(Idiom, Protocol):
    """A migration tool's files that are no SQL."""

    @property
    def comment(self) -> str:
        """What a comment begins with."""

    def read(self, source: Source, tree: Tree) -> Iterable[Batch | Misreading | Unreadable]:
        """What the tool runs together, and what cannot be told of it; its wrapping is settled."""

    def comments(self, source: Source) -> tuple[Span, ...]:
        """Where the comments stand."""


class InSql:
    """The author's own statements, with the smallest edits."""

    def objection(self, finding: Finding) -> NoFix | None:
        return None

    def amended(self, moment: Moment, rewrite: Rewrite, beside: Beside) -> tuple[Edit, ...]:
        return amended(moment.statement, moment.command, rewrite.instead, rewrite.inline)

    def removed(
        self, statement: Statement, commands: Sequence[Command], beside: Beside
    ) -> tuple[Edit, ...]:
        return removed(statement, commands)

    def in_place(self, moment: Moment, steps: Sequence[Sequence[Operation]]) -> Fix:
        """Other statements, or just a word more in the old one."""
        statement = moment.statement
        match steps:
            case [(operation,), *others] if builds(statement, operation):
                below = [line for step in others for line in lines_of(moment, step)]
                return Fix(concurrently(statement, operation), lines_below(statement, below))
        lines = [line for step in steps for line in lines_of(moment, step)]
        text = f"{statement.source.newline}{statement.indent}".join(lines)
        return Fix((Edit(Span(statement.span.start, statement.end), text),))


IN_SQL = InSql()
