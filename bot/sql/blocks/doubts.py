"""An edit in a block is safe where the statement stands as it is and certainly runs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.migration import Statement
from bot.model.source import Source
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Check,
    ForeignKey,
    Key,
    NotNull,
    Operation,
    SetNotNull,
)
from bot.sql.blocks.pieces import Kind, Piece

_OUTSIDE = "outside of the block it could be done in steps."

ASSEMBLED = (
    "The statement is put together when it runs, so it is not edited here: written out, it could be"
    " done in steps."
)
_ESCAPED = (
    "The block is a string with escapes, so it is not edited here: in dollar quotes it could be."
)
_COMMITS = f"The block ends transactions by itself, so it is not edited here: {_OUTSIDE}"
_NO_STATEMENT = "Outside of the block it is no statement."
_EXECUTED = f"It cannot leave its EXECUTE behind, so it is not edited here: {_OUTSIDE}"


@dataclass(frozen=True, slots=True)
class Doubts:
    """`start` is where the body begins in `source`, None where it does not stand as it is.

    `commits` where the block ends transactions.
    """

    source: Source
    start: int | None
    commits: bool

    def about(self, piece: Piece, statement: Statement) -> str | None:
        """Why what `piece` runs cannot be edited, as a sentence."""
        if self.start is None:
            return _ESCAPED
        if self.commits:
            return _COMMITS
        if piece.kind is Kind.PERFORM or piece.fills:
            return _NO_STATEMENT
        if piece.kind is Kind.EXECUTE and not _stays(statement):
            return _EXECUTED
        if _makes_sure(piece, statement):
            return None
        if piece.caught is not None:
            line = self.source.line(self.start + piece.caught)
            return f"Line {line} may take it back, and nobody would know: {_OUTSIDE}"
        if piece.condition is not None:
            line = self.source.line(self.start + piece.condition)
            return (
                f"Line {line} decides whether it runs, so nobody knows what there will be to do"
                f" later: {_OUTSIDE}"
            )
        return None


def _makes_sure(piece: Piece, statement: Statement) -> bool:
    """Whether a constraint that can be validated later is there in any case."""
    match [command.operation for command in statement.commands]:
        case [AddConstraint(constraint=Check() | ForeignKey() | NotNull() as constraint)]:
            return piece.makes_sure_of(constraint.name or "")
    return False


def _stays(statement: Statement) -> bool:
    """Whether something is left of it, however it is done in steps."""
    return all(_is_changed(command.operation) for command in statement.commands)


def _is_changed(operation: Operation) -> bool:
    match operation:
        case AddConstraint(constraint=constraint):
            return not isinstance(constraint, Key)
        case _:
            return isinstance(operation, AddColumn | SetNotNull)
