"""What is asked of one column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from bot.postgres.operations.base import OnTable
from bot.postgres.operations.constraints import Constraint, Key, NotNull, NotNullCheck
from bot.postgres.types import Collation, Type, Work, work


class Filling(Enum):
    """What the rows that are there hold in a new column."""

    NULL = "no default: nothing"
    CONSTANT = "one value for all of them, which PostgreSQL stores once"
    VOLATILE = "a default that is computed for each of them"
    UNKNOWN = "a default of which nobody can tell whether it is computed for each of them"
    NUMBERED = "the next number of a sequence: serial or IDENTITY"
    STORED = "an expression that is computed for each of them and stored"
    VIRTUAL = "nothing: the column is computed when it is read"

    @property
    def rewrites(self) -> bool:
        return self in (Filling.VOLATILE, Filling.NUMBERED, Filling.STORED)

    @property
    def leaves_null(self) -> bool:
        return self is Filling.NULL


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a new table; `type` and `collation` are None where nobody can tell."""

    name: str
    type: Type | None = None
    filling: Filling = Filling.NULL
    collation: Collation | None = None


@dataclass(frozen=True, slots=True)
class AddColumn(OnTable):
    """ADD COLUMN with the constraints written on it.

    `functions` are those of its default which are not known, where that decides what it does.
    `constrained` where its type is known to be a domain with constraints.
    """

    column: str
    type: Type | None = None
    filling: Filling = Filling.NULL
    functions: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False
    constrained: bool = False
    collation: Collation | None = None

    @property
    def nullable(self) -> bool:
        """Whether none of its constraints, and of a type that brings some, forbids a null."""
        return not any(
            isinstance(one, NotNull) or (isinstance(one, Key) and one.kind == "PRIMARY KEY")
            for one in self.constraints
        )


@dataclass(frozen=True, slots=True)
class AlterType(OnTable):
    """ALTER COLUMN … TYPE

    `old` is the type that the column is known to have, None until somebody looks it up.
    `casts` are the types between the old one and the new one that USING asks for, and None where
    USING says something else than the column. `collated` where COLLATE is written, `collation`
    what it is sorted by then, None where nobody can tell. `constrained` where the new type is known
    to be a domain with constraints, `rewritten` where the table is written anew for the sake of
    another column in the same statement, `indexed` where an index that has an expression or a
    condition is known to speak of the column, `reordered` where one is known that gets another
    collation or other operators from it, and None where one perhaps does. `utc` where the time zone
    is known to be UTC.
    """

    column: str
    type: Type | None = None
    casts: tuple[Type | None, ...] | None = ()
    collated: bool = False
    collation: Collation | None = None
    old: Type | None = None
    constrained: bool = False
    rewritten: bool = False
    indexed: bool = False
    reordered: bool | None = False
    utc: bool = False

    @property
    def work(self) -> Work:
        """What it takes to turn the column's values into the new type's."""
        if self.casts is None:
            return Work.REWRITE
        steps = (self.old, *self.casts, self.type)
        return Work.REWRITE if self._is_checked(steps) else work(steps, utc=self.utc)

    def _is_checked(self, steps: Iterable[Type | None]) -> bool:
        """Whether each value becomes one of a domain that may refuse it."""
        return self.constrained and any(
            old and old != self.type == new for old, new in pairwise(steps)
        )


@dataclass(frozen=True, slots=True)
class DropColumn(OnTable):
    """ALTER TABLE … DROP COLUMN"""

    column: str


@dataclass(frozen=True, slots=True)
class RenameColumn(OnTable):
    """ALTER TABLE … RENAME COLUMN old TO new"""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetExpression(OnTable):
    """ALTER COLUMN … SET EXPRESSION AS (…), since PostgreSQL 17"""

    column: str


@dataclass(frozen=True, slots=True)
class DropExpression(OnTable):
    """ALTER COLUMN … DROP EXPRESSION"""

    column: str


@dataclass(frozen=True, slots=True)
class SetNotNull(OnTable):
    """ALTER COLUMN … SET NOT NULL

    `constraint` is the name that PostgreSQL 18 gives the constraint it makes, `helper` a
    check that would prove it before; both None until somebody chooses them.
    """

    column: str
    constraint: str | None = None
    helper: NotNullCheck | None = None


@dataclass(frozen=True, slots=True)
class DropNotNull(OnTable):
    """ALTER COLUMN … DROP NOT NULL"""

    column: str
