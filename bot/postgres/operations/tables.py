"""What is asked of a whole table."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable, Operation
from bot.postgres.operations.columns import Column
from bot.postgres.operations.constraints import AddConstraint, Constraint
from bot.postgres.predicates import Bound, PartitionKey


@dataclass(frozen=True, slots=True)
class Copied:
    """Columns of another table with their types: those of `names`, or all where it is None.

    `marks` where they are NOT NULL as there (LIKE), `checks` where its CHECKs come too.
    """

    source: QualifiedName
    names: tuple[str, ...] | None = None
    marks: bool = False
    checks: bool = False


@dataclass(frozen=True, slots=True)
class CreateTable(OnTable):
    """CREATE TABLE in any form; `filled` where it comes with rows (AS SELECT).

    `view` where it is a materialized view, `declared` where all of its columns are written out,
    here or in its parents. `parent` is the partitioned table that it becomes a part of, for the
    rows within `bound`, and `parents` are those that it inherits from. `proofs` are the checks that
    spare it the rows of the default partition, where that is simple. `partition_key` is None where
    it is not partitioned. `copies` are columns of other tables (LIKE, or AS SELECT of nothing
    else). `of` is the composite type that it is made of. `dropped_on_commit` is
    for temporary tables only.
    """

    if_not_exists: bool = False
    filled: bool = False
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    parent: QualifiedName | None = None
    bound: Bound | None = None
    proofs: tuple[AddConstraint, ...] | None = None
    parents: tuple[QualifiedName, ...] = ()
    partition_key: PartitionKey | None = None
    copies: tuple[Copied, ...] = ()
    of: QualifiedName | None = None
    dropped_on_commit: bool = False
    declared: bool = False
    unlogged: bool = False
    view: bool = False


@dataclass(frozen=True, slots=True)
class DropTable(OnTable):
    """DROP TABLE, for each table that it names, CASCADE or not."""

    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterTable(OnTable):
    """Any other ALTER TABLE command, named as `AlterTableType` in PostgreSQL's source, sans AT_."""

    action: str


@dataclass(frozen=True, slots=True)
class SetLogged(OnTable):
    """ALTER TABLE … SET LOGGED, or UNLOGGED"""

    logged: bool


@dataclass(frozen=True, slots=True)
class CreateTrigger(OnTable):
    """CREATE TRIGGER; one for statements concerns the table `only`."""


@dataclass(frozen=True, slots=True)
class RenameTable(OnTable):
    """ALTER TABLE … RENAME TO name, or SET SCHEMA; None is what stays as it was."""

    name: str | None = None
    schema: str | None = None

    @property
    def new(self) -> QualifiedName:
        """The name that it goes by afterwards."""
        return QualifiedName(self.schema or self.table.schema, self.name or self.table.name)


@dataclass(frozen=True, slots=True)
class Truncate(OnTable):
    """TRUNCATE, for each table that it names: empty until the transaction writes to it.

    With `cascade` those that reference it are emptied too.
    """

    cascade: bool = False


@dataclass(frozen=True, slots=True)
class DropSchema(Operation):
    """DROP SCHEMA [CASCADE], for each schema that it names."""

    schema: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class RenameSchema(Operation):
    """ALTER SCHEMA … RENAME TO new"""

    schema: str
    new: str
