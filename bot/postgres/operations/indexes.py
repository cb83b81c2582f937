"""What is asked of an index."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexShape:
    """`columns` and those that it just carries, "expr" for each expression.

    `options` are its storage parameters with their values as SQL. A `plain` one is a btree over
    all rows in the default order, so that it can become a constraint. `tied` are all columns of
    one that has an expression or a condition: PostgreSQL builds it anew with a new type of any,
    and any index with another collation of those by which it is `ordered` as they are.
    """

    columns: tuple[str, ...] = ()
    including: tuple[str, ...] = ()
    unique: bool = False
    nulls_not_distinct: bool = False
    options: tuple[tuple[str, str], ...] = ()
    tablespace: str | None = None
    plain: bool = True
    tied: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()

    def is_like(self, other: IndexShape) -> bool:
        """Whether one of them can be a partition of the other, as far as is known."""
        alike = self.unique == other.unique and self.nulls_not_distinct == other.nulls_not_distinct
        return alike and (self.columns, self.plain) == (other.columns, other.plain)


@dataclass(frozen=True, slots=True)
class CreateIndex(OnTable):
    """CREATE [UNIQUE] INDEX [CONCURRENTLY] [name] ON [ONLY] table; `retried` where an index of
    that name can only be what a failed attempt has left, `taken` where one is known.
    """

    name: str | None
    shape: IndexShape
    concurrently: bool = False
    if_not_exists: bool = False
    retried: bool = False
    taken: bool = False

    @property
    def alone(self) -> bool:
        return self.concurrently


@dataclass(frozen=True, slots=True)
class OnIndex(Operation):
    """An operation on one index, `table` being the one that it is known to belong to."""

    index: QualifiedName
    table: QualifiedName | None = None


@dataclass(frozen=True, slots=True)
class DropIndex(OnIndex):
    """DROP INDEX [CONCURRENTLY] … [CASCADE], for each index that it names."""

    concurrently: bool = False
    cascade: bool = False

    @property
    def alone(self) -> bool:
        return self.concurrently


@dataclass(frozen=True, slots=True)
class RenameIndex(OnIndex):
    """ALTER INDEX … RENAME TO new"""

    new: str = ""


@dataclass(frozen=True, slots=True)
class ReindexIndex(OnIndex):
    """REINDEX INDEX [CONCURRENTLY]"""

    concurrently: bool = False

    @property
    def alone(self) -> bool:
        return self.concurrently


@dataclass(frozen=True, slots=True)
class ReindexAll(Operation):
    """REINDEX SCHEMA, DATABASE or SYSTEM [CONCURRENTLY]: one table after another."""

    concurrently: bool = False

    @property
    def alone(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class MoveIndex(OnIndex):
    """ALTER INDEX … SET TABLESPACE"""


@dataclass(frozen=True, slots=True)
class ReindexTable(OnTable):
    """REINDEX TABLE [CONCURRENTLY]"""

    concurrently: bool = False

    @property
    def alone(self) -> bool:
        return self.concurrently
