"""PostgreSQL keeps what is below a table like the table itself, and refuses what would part them.

Measured on 14 to 18.
"""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.descent import comes_from_above, is_inherited
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterType,
    Check,
    Constraint,
    DropColumn,
    DropConstraint,
    ForeignKey,
    NotNull,
    OnTable,
    Operation,
    RenameColumn,
    SetNotNull,
    Truncate,
    ValidateConstraint,
)

_BELOW_TOO = "What is below the table needs the same, so `ONLY` is not allowed."


def refusal(operation: Operation, catalog: Catalog) -> str | None:
    """Why the server takes no such thing of a table with others above or below; None if it may."""
    if not isinstance(operation, OnTable):
        return None
    table = operation.table
    if operation.only and catalog.trees.is_parent(table) and _parts(operation, catalog):
        return _BELOW_TOO
    match operation:
        case Truncate(only=True) if catalog[table].partitioned:
            return "A partitioned table has no rows besides those of its partitions."
        case AddConstraint(_, constraint) if catalog[table].partitioned:
            return _on_partitioned(operation, constraint, catalog)
        case DropConstraint(_, name) if comes_from_above(table, name, catalog):
            return "The constraint is inherited: it goes where the table above drops it."
        case AlterType() if _is_partition(table, catalog):
            return "A column of a partition has the type that it has in the whole table."
    return None


def _parts(operation: OnTable, catalog: Catalog) -> bool:
    """Whether ONLY would make the table differ from what is below it."""
    table, partitioned = operation.table, catalog[operation.table].partitioned
    match operation:
        case AddConstraint(_, Check(no_inherit=False) | NotNull()) | AddColumn():
            return True
        case ValidateConstraint(_, name):
            known = catalog.constraint(table, name)
            inherited = known and is_inherited(known.constraint, catalog, table)
            return bool(inherited and known and not known.valid)
        case SetNotNull(_, column):
            return partitioned and not catalog.is_marked_not_null(table, column)
        case DropConstraint():
            return partitioned and catalog.version < 18
        case AlterType() | RenameColumn():
            return True
        case DropColumn():
            return partitioned
    return False


def _on_partitioned(add: AddConstraint, constraint: Constraint, catalog: Catalog) -> str | None:
    match constraint:
        case ForeignKey() if add.only:
            return _BELOW_TOO
        case ForeignKey(not_valid=True) if catalog.version < 18:
            return "Before PostgreSQL 18 a partitioned table takes no foreign key `NOT VALID`."
        case Check(no_inherit=True):
            return "A constraint of a partitioned table is one of its partitions as well."
    return None


def _is_partition(table: QualifiedName, catalog: Catalog) -> bool:
    return any(catalog[parent].partitioned for parent in catalog.trees.parents(table))
