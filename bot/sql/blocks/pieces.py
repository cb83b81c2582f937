"""A piece of a block is what runs there, or what decides whether it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bot.model.source import Span

_LISTS = ("pg_constraint", "table_constraints", "check_constraints", "referential_constraints")
"""Where PostgreSQL lists the constraints that there are."""


class Kind(Enum):
    SQL = "a statement"
    PERFORM = "PERFORM and a query without its SELECT"
    EXECUTE = "EXECUTE and an expression whose value is a statement"
    EXPRESSION = "a condition, an assignment or whatever else is evaluated"
    COMMIT = "COMMIT"
    ROLLBACK = "ROLLBACK"
    FORK = "what follows runs or not"
    OTHERWISE = "what follows runs instead"
    JOIN = "from here on all runs again"


@dataclass(slots=True, eq=False)
class Level:
    """A construct that holds others: `condition` is the place of what decides on it, if any.

    `question` are the words of an IF that has no ELSE. `exception` is the place of an EXCEPTION
    part, `handled` are the conditions that it has, and `statements` how many stand before.
    """

    word: str
    condition: int | None = None
    question: tuple[str, ...] = ()
    exception: int | None = None
    handled: set[str] = field(default_factory=set)
    statements: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """`condition` is the place of what decides whether it runs, None where it does.

    `fills` where there is an INTO that may name variables of the block.
    """

    kind: Kind
    span: Span
    levels: tuple[Level, ...] = ()
    condition: int | None = None
    fills: bool = False

    def makes_sure_of(self, constraint: str) -> bool:
        """Whether the constraint is there in the end, as it was already if this does not run."""
        *outer, level = self.levels
        if any(one.condition is not None or one.exception is not None for one in outer):
            return False
        if self.condition is None:
            return level.handled == {"duplicate_object"} and level.statements == 1
        return (
            self.condition == level.condition
            and level.question[:2] == ("not", "exists")
            and f"'{constraint.lower()}'" in level.question
            and any(word in _LISTS for word in level.question)
        )

    @property
    def caught(self) -> int | None:
        """The place of the innermost EXCEPTION that may take it back in silence."""
        handling = [one.exception for one in self.levels if one.exception is not None]
        return handling[-1] if handling else None
