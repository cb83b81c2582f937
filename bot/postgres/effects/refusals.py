"""PostgreSQL refuses what contradicts the tables as they are, or parts one from those below it.

Measured on 14 to 18. Names are left out of the sentences, for they come from strangers.
"""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.composites import refusal_of_composite
from bot.postgres.effects.descent import (
    HEEDS_ONLY,
    LOCKS_BELOW_AT_ONCE,
    comes_from_above,
    demands_not_null,
    is_inherited,
    is_partition,
)
from bot.postgres.effects.foreign import refusal_of_foreign
from bot.postgres.effects.joining import refusal_of_part
from bot.postgres.effects.keys import refusal_of_key, refusal_of_reference
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterComposite,
    AlterConstraint,
    AlterTable,
    AlterType,
    Begin,
    Check,
    Cluster,
    Commit,
    Constraint,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropDomain,
    DropExpression,
    DropIndex,
    DropNotNull,
    DropSchema,
    DropTable,
    Filling,
    ForeignKey,
    Inherit,
    Key,
    NoInherit,
    NotNull,
    OnTable,
    Operation,
    Refused,
    Release,
    RenameColumn,
    Rollback,
    RollbackTo,
    Savepoint,
    SetExpression,
    SetLogged,
    SetNotNull,
    SetTimeout,
    SetTimeZone,
    Truncate,
    ValidateConstraint,
)

_BELOW_TOO = "What is below the table needs the same, so `ONLY` is not allowed."

_SAME_CONSTRAINTS = (
    AlterConstraint,
    Begin,
    Commit,
    Release,
    Rollback,
    RollbackTo,
    Savepoint,
    SetTimeout,
    SetTimeZone,
    ValidateConstraint,
)
"""What adds no constraint to a table and drops none."""


_MAY_DROP_VIEWS = (
    DropColumn,
    DropConstraint,
    DropDomain,
    DropIndex,
    DropSchema,
)


def refusal(operation: Operation, catalog: Catalog) -> str | None:
    """Why PostgreSQL refuses `operation`, as a sentence; None where it does not, or who knows."""
    if isinstance(operation, Refused):
        return operation.reason
    if isinstance(operation, AlterComposite):
        return refusal_of_composite(operation, catalog)
    if isinstance(operation, DropIndex) and operation.table:
        split = operation.concurrently and catalog[operation.table].partitioned
        return "No index of a partitioned table is dropped concurrently." if split else None
    if not isinstance(operation, OnTable):
        return None
    return (
        _in_tree(operation, catalog)
        or refusal_of_foreign(operation, catalog)
        or refusal_of_key(operation, catalog)
        or refusal_of_reference(operation, catalog)
        or refusal_of_part(operation, catalog)
        or _contradiction(operation, catalog)
    )


def _in_tree(operation: OnTable, catalog: Catalog) -> str | None:
    """What a table with others above or below does not take."""
    table = operation.table
    if operation.only and catalog.trees.is_parent(table) and _parts(operation, catalog):
        return _BELOW_TOO
    match operation:
        case AlterConstraint(only=True) if _parts(operation, catalog):
            return _BELOW_TOO
        case Truncate(only=True) if catalog[table].partitioned:
            return "A partitioned table has no rows besides those of its partitions."
        case AddConstraint(_, constraint) if catalog[table].partitioned:
            return _on_partitioned(operation, constraint, catalog)
        case Inherit(_, parent) if catalog[table].partitioned or catalog[parent].partitioned:
            return "A partitioned table inherits nothing, and nothing inherits from it."
        case Inherit() | NoInherit() if is_partition(table, catalog):
            return "A partition belongs to one table."
        case Inherit(_, parent) if is_partition(parent, catalog):
            return "Nothing inherits from a partition."
        case CreateIndex(concurrently=True) if catalog[table].partitioned:
            return "No index is built concurrently on a partitioned table."
        case Cluster() if catalog[table].partitioned and catalog.version < 15:
            return "Before PostgreSQL 15 no partitioned table is clustered."
        case AlterTable(_, "ClusterOn") if catalog[table].partitioned:
            return "No index of a partitioned table is marked for `CLUSTER`."
        case SetLogged() if catalog[table].partitioned and catalog.version >= 18:
            return "A partitioned table has no rows that are logged or not."
        case AlterType(_, column) | DropColumn(_, column) if _splits(table, column, catalog):
            return "The table, or a partition of it, is partitioned by the column."
        case DropConstraint(_, name) if comes_from_above(table, name, catalog):
            return "The constraint is inherited: it goes where the table above drops it."
        case AlterConstraint(_, name) if _is_key_from_above(table, name, catalog):
            return "The constraint is inherited: it changes where the table above changes it."
        case AlterType(_, column) if _is_inherited_column(table, column, catalog):
            return "The column is inherited: it has the type that it has in the table above."
        case DropNotNull(_, column) if _is_marked_above(table, column, catalog):
            return "The column is NOT NULL in the table above."
        case AddColumn() if is_partition(table, catalog):
            return "A partition has the columns of the whole table."
        case DropColumn(_, column) | RenameColumn(_, column) if _is_inherited_column(
            table, column, catalog
        ):
            return "The column is inherited: it changes where the table above changes it."
    return None


def _parts(operation: OnTable, catalog: Catalog) -> bool:
    """Whether ONLY would make the table differ from what is below it."""
    table, partitioned = operation.table, catalog[operation.table].partitioned
    match operation:
        case AddConstraint(_, Check(no_inherit=False) | NotNull(no_inherit=False)) | AddColumn():
            return True
        case ValidateConstraint(_, name):
            known = catalog.constraints.get(table, name)
            inherited = known and is_inherited(known.constraint, catalog, table)
            return bool(inherited and known and not known.valid)
        case SetNotNull(_, column):
            return partitioned and not catalog.columns.is_marked_not_null(table, column)
        case DropConstraint() | DropNotNull():
            return partitioned and catalog.version < 18
        case AlterType() | RenameColumn():
            return True
        case AlterConstraint():
            return partitioned and catalog.version >= HEEDS_ONLY
        case DropColumn():
            return partitioned
    return False


def _on_partitioned(add: AddConstraint, constraint: Constraint, catalog: Catalog) -> str | None:
    match constraint:
        case ForeignKey() if add.only:
            return _BELOW_TOO
        # ATAddForeignKeyConstraint in src/backend/commands/tablecmds.c
        case ForeignKey(not_valid=True) if catalog.version < 18:
            return "Before PostgreSQL 18 a partitioned table takes no foreign key `NOT VALID`."
        case Key(kind="EXCLUDE") if catalog.version < 17:
            return "Before PostgreSQL 17 a partitioned table takes no EXCLUDE constraint."
        case Check(no_inherit=True):
            return "A constraint of a partitioned table is one of its partitions as well."
    return None


def _is_inherited_column(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    return any(
        catalog[parent].partitioned or (parent, column) in catalog.columns
        for parent in catalog.trees.parents(table)
    )


def _splits(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    keys = map(catalog.trees.key, (table, *catalog.trees.below(table)))
    return any(key is not None and column in key.columns for key in keys)


def _is_marked_above(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    return any(
        demands_not_null(parent, column, catalog)
        for parent in catalog.trees.parents(table)
        if catalog[parent].partitioned or catalog.version >= LOCKS_BELOW_AT_ONCE
    )


def _is_key_from_above(table: QualifiedName, name: str, catalog: Catalog) -> bool:
    known = catalog.constraints.get(table, name)
    is_key = known is not None and isinstance(known.constraint, ForeignKey)
    return is_key and comes_from_above(table, name, catalog)


def _contradiction(operation: OnTable, catalog: Catalog) -> str | None:
    """What does not go with the constraints that the table has, or has no more."""
    table = operation.table
    match operation:
        case AddConstraint() | DropConstraint() | ValidateConstraint() if catalog[table].view:
            return "A view has no constraints."
        case AddConstraint(_, Constraint(name=str(name))):
            there = catalog.certain.is_there(table, name)
            return "The table has a constraint of this name already." if there else None
        case ValidateConstraint(_, name):
            return _of_validation(table, name, catalog)
        case SetLogged(logged=False) if any(
            catalog[one].unlogged is False
            for one in catalog.foreign_keys.referencing(table)
            if one != table
        ):
            return "A table that is logged references it."
        case SetLogged(logged=True) if any(
            catalog[one].unlogged
            for one in catalog.foreign_keys.referenced_by(table)
            if one != table
        ):
            return "It references a table that is unlogged."
        case AlterType(_, column) if _is_used_by_a_view(table, column, catalog):
            return "A view uses the column: it has to be dropped before, and created anew."
        case SetExpression(_, column) if _is_virtual_and_checked(table, column, catalog):
            return "A virtual column gets no other expression in a table with a CHECK constraint."
        case DropExpression(_, column) if _is_virtual(table, column, catalog):
            return "A virtual column has no values of its own that could stay."
        case DropConstraint(_, name, missing_ok=False):
            gone = catalog.certain.is_there(table, name) is False
            return "This change has dropped the constraint already." if gone else None
    return None


def _is_used_by_a_view(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    several = (table, *catalog.trees.below(table))
    return any(catalog.views.uses(one, column) for one in several)


def _is_virtual(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    return catalog.columns.filling_of(table, column) is Filling.VIRTUAL


def _is_virtual_and_checked(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    """Whichever column the CHECK speaks of, there or below (ATExecSetExpression in tablecmds.c)."""
    return any(
        isinstance(known.constraint, Check)
        for one in (table, *catalog.trees.below(table))
        if _is_virtual(one, column, catalog)
        for known in catalog.constraints.latest(one)
    )


def _of_validation(table: QualifiedName, name: str, catalog: Catalog) -> str | None:
    known = catalog.constraints.get(table, name)
    if catalog.certain.is_there(table, name) is False:
        return "This change has dropped the constraint."
    if known and not known.constraint.enforced:
        return "A constraint that is NOT ENFORCED is never validated."
    if known and isinstance(known.constraint, Key):
        return "A constraint that an index enforces is valid from the beginning."
    return None


def note(operation: Operation, catalog: Catalog) -> None:
    """Remember which constraint is there after `operation`, or that nobody knows any more.

    What is dropped may take views with it.
    """
    cascades = isinstance(operation, DropTable) and operation.cascade
    if cascades or isinstance(operation, _MAY_DROP_VIEWS):
        catalog.views.forget()
    if isinstance(operation, OnTable) and catalog.trees.is_parent(operation.table):
        catalog.certain.forget()  # of those below
    match operation:
        case AddConstraint(table, Constraint(name=str(name)), if_exists=False):
            catalog.certain.note(table, name, there=True)
        case DropConstraint(table, name):
            catalog.certain.note(table, name, there=False)
        case AddColumn(constraints=()):
            pass
        case _ if not isinstance(operation, _SAME_CONSTRAINTS):
            catalog.certain.forget()
