"""An operation is one thing that a statement asks of PostgreSQL, free of syntax."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A table constraint; `name` is None until somebody chooses one."""

    name: str | None = None
    not_valid: bool = False
    enforced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Constraint):
    """CHECK (expression); `columns` are those that the expression names, each once.

    `not_null` are columns that cannot be null where it holds.
    """

    columns: tuple[str, ...] = ()
    not_null: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNullCheck(Check):
    """CHECK (column IS NOT NULL): what proves a column not null before PostgreSQL 18."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey(Constraint):
    """FOREIGN KEY (columns) REFERENCES referenced."""

    columns: tuple[str, ...]
    referenced: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNull(Constraint):
    """NOT NULL; as a table constraint of its own since PostgreSQL 18."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Constraint):
    """UNIQUE, PRIMARY KEY or EXCLUDE (`kind`): a constraint that an index enforces."""

    kind: str
    columns: tuple[str, ...] = ()
    using_index: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Anything a statement may ask; also a statement that takes no table lock worth knowing."""


@dataclass(frozen=True, slots=True)
class OnTable(Operation):
    """An operation on one table; with `if_exists`, none on a table that is missing."""

    table: QualifiedName
    if_exists: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class CreateTable(OnTable):
    """CREATE TABLE in any form; `filled` where it comes with rows (AS SELECT).

    `parent` is the partitioned table that it becomes a part of, `dropped_on_commit` is for
    temporary tables only.
    """

    if_not_exists: bool = False
    filled: bool = False
    constraints: tuple[Constraint, ...] = ()
    parent: QualifiedName | None = None
    partitioned: bool = False
    dropped_on_commit: bool = False


@dataclass(frozen=True, slots=True)
class DropTable(OnTable):
    """DROP TABLE, for each table that it names."""


@dataclass(frozen=True, slots=True)
class AddConstraint(OnTable):
    """ALTER TABLE … ADD [CONSTRAINT name] …

    `inline` is for a rewrite: which constraint of a new column it takes out of the column.
    """

    constraint: Constraint
    inline: int | None = None


@dataclass(frozen=True, slots=True)
class ValidateConstraint(OnTable):
    """ALTER TABLE … VALIDATE CONSTRAINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class DropConstraint(OnTable):
    """ALTER TABLE … DROP CONSTRAINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class AddColumn(OnTable):
    """ADD COLUMN with the constraints written on it; `default` where it has one."""

    column: str
    default: bool = False
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetNotNull(OnTable):
    """ALTER COLUMN … SET NOT NULL

    `constraint` is the name that PostgreSQL 18 gives the constraint it makes, `helper` one that is
    free for a check before; both None until somebody chooses them.
    """

    column: str
    constraint: str | None = None
    helper: str | None = None


@dataclass(frozen=True, slots=True)
class DropNotNull(OnTable):
    """ALTER COLUMN … DROP NOT NULL"""

    column: str


@dataclass(frozen=True, slots=True)
class AlterTable(OnTable):
    """Any other ALTER TABLE command, named as `AlterTableType` in PostgreSQL's source, sans AT_."""

    action: str


@dataclass(frozen=True, slots=True)
class AttachPartition(OnTable):
    """ALTER TABLE … ATTACH PARTITION partition"""

    partition: QualifiedName


@dataclass(frozen=True, slots=True)
class Inherit(OnTable):
    """ALTER TABLE … INHERIT parent"""

    parent: QualifiedName


@dataclass(frozen=True, slots=True)
class DropSchema(Operation):
    """DROP SCHEMA … CASCADE, for each schema that it names."""

    schema: str


@dataclass(frozen=True, slots=True)
class Call(Operation):
    """A function or block that may write to any table."""


@dataclass(frozen=True, slots=True)
class Truncate(OnTable):
    """TRUNCATE, for each table that it names: empty until the transaction writes to it."""


@dataclass(frozen=True, slots=True)
class Take(OnTable):
    """A statement of which no more matters than its lock, and whether it reads the whole table."""

    mode: LockMode
    scans: bool = False


@dataclass(frozen=True, slots=True)
class RenameTable(OnTable):
    """ALTER TABLE … RENAME TO name, or SET SCHEMA; None is what stays as it was."""

    name: str | None = None
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class RenameConstraint(OnTable):
    """ALTER TABLE … RENAME CONSTRAINT old TO new"""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CreateIndex(OnTable):
    """CREATE [UNIQUE] INDEX [CONCURRENTLY] … ON table"""

    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class Write(OnTable):
    """INSERT, UPDATE, DELETE, MERGE or COPY FROM; `scans` where every row of the table is read."""

    fills: bool = False
    scans: bool = False


@dataclass(frozen=True, slots=True)
class SetSearchPath(Operation):
    """SET search_path or the like; None where the value is not known from the text."""

    schemas: tuple[str, ...] | None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Begin(Operation):
    """BEGIN or START TRANSACTION"""


@dataclass(frozen=True, slots=True)
class Commit(Operation):
    """COMMIT or END; `chain` opens the next transaction at once."""

    chain: bool = False


@dataclass(frozen=True, slots=True)
class Rollback(Operation):
    """ROLLBACK or ABORT; `chain` opens the next transaction at once."""

    chain: bool = False


@dataclass(frozen=True, slots=True)
class Savepoint(Operation):
    """SAVEPOINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class Release(Operation):
    """RELEASE SAVEPOINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class RollbackTo(Operation):
    """ROLLBACK TO SAVEPOINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class DiscardTemporary(Operation):
    """DISCARD TEMP: all temporary tables of the session are dropped."""
