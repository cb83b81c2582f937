"""What a constraint asks of its table, and what is asked of a constraint."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable
from bot.postgres.operations.indexes import IndexShape
from bot.postgres.predicates import Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A table constraint; `name` is None until somebody chooses one."""

    name: str | None = None
    not_valid: bool = False
    enforced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Constraint):
    """CHECK (expression); `columns` are those that the expression names, each once.

    `not_null` are columns that cannot be null where it holds, `predicate` is the expression where
    it is a simple one. With `no_inherit` it binds the table alone, not those below it.
    """

    columns: tuple[str, ...] = ()
    not_null: frozenset[str] = frozenset()
    predicate: Predicate | None = field(default=None, compare=False)
    no_inherit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNullCheck(Check):
    """CHECK (column IS NOT NULL): what proves a column not null before PostgreSQL 18."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey(Constraint):
    """FOREIGN KEY (columns) REFERENCES referenced (referenced_columns).

    Where none are written, those are the primary key's; none at all where it is not known. With
    `period` the last of them is a PERIOD. `terms` are all else that it says.
    """

    columns: tuple[str, ...]
    referenced: QualifiedName
    referenced_columns: tuple[str, ...] = ()
    period: bool = False
    terms: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNull(Constraint):
    """NOT NULL; as a table constraint of its own since PostgreSQL 18."""

    column: str
    no_inherit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Constraint):
    """UNIQUE, PRIMARY KEY or EXCLUDE (`kind`): a constraint that an index enforces.

    The index is `using_index` where that is there already, else one like `index`. `checks` would
    prove the columns of a primary key not null where nothing else is known to. `taken` where a
    table or index of its name is known.
    """

    kind: str
    index: IndexShape
    using_index: str | None = None
    deferrable: bool = False
    deferred: bool = False
    without_overlaps: bool = False
    checks: tuple[NotNullCheck, ...] = ()
    taken: bool = field(default=False, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        return self.index.columns


@dataclass(frozen=True, slots=True)
class AddConstraint(OnTable):
    """ALTER TABLE … ADD [CONSTRAINT name] …

    `lacking` are the known partitions of its table that do not have such a foreign key yet.
    """

    constraint: Constraint
    lacking: tuple[QualifiedName, ...] = ()


@dataclass(frozen=True, slots=True)
class ValidateConstraint(OnTable):
    """ALTER TABLE … VALIDATE CONSTRAINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class DropConstraint(OnTable):
    """ALTER TABLE … DROP CONSTRAINT [IF EXISTS] name [CASCADE]"""

    name: str
    missing_ok: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class RenameConstraint(OnTable):
    """ALTER TABLE … RENAME CONSTRAINT old TO new"""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class AlterConstraint(OnTable):
    """ALTER TABLE … ALTER CONSTRAINT name; `enforced` is None where it says nothing of that.

    `inherits` is whether it says [NO] INHERIT.
    """

    name: str
    enforced: bool | None = None
    inherits: bool = False
