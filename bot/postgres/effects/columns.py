"""A column is added or changed in an instant unless something is computed or checked row by row."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, exclusive, rewriting, together
from bot.postgres.effects.constraints import adding
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AlterType,
    Column,
    DropColumn,
    DropExpression,
    DropNotNull,
    Filling,
    ForeignKey,
    NotNull,
    Operation,
    RenameColumn,
    SetExpression,
    SetNotNull,
)
from bot.postgres.types import Work

_VIRTUAL = 18


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case AddColumn(table, column, if_not_exists=True) if (table, column) in catalog.columns:
            return exclusive(table)
        case AddColumn():
            return _adding(operation)
        case AlterType(table, column):
            others = _across(table, column, catalog)
            return together((exclusive(table, *others), _retyping(operation, catalog)))
        case SetNotNull(table, column):
            scans = () if catalog.columns.is_not_null(table, column) else (table,)
            return together((exclusive(table), Effect(scans=scans)))
        case SetExpression(table, column):
            return together((exclusive(table), _recomputing(table, column, catalog)))
        case DropColumn(table, column):
            return exclusive(table, *_across(table, column, catalog))
        case DropExpression(table) | DropNotNull(table) | RenameColumn(table):
            return exclusive(table)
        case _:
            return NOTHING


def _across(table: QualifiedName, column: str, catalog: Catalog) -> tuple[QualifiedName, ...]:
    """The tables at the other ends of the column's foreign keys."""
    return (
        *catalog.foreign_keys.of_column(table, column),
        *catalog.foreign_keys.to_column(table, column),
    )


def _adding(new: AddColumn) -> Effect:
    """A new column: REFERENCES without a default has nothing to check, CHECK always scans."""
    parts = [adding(new.table, one, checks_rows=_checks(new, one)) for one in new.constraints]
    if new.filling.rewrites or new.constrained:
        parts.append(rewriting(new.table))
    if new.filling.leaves_null and not new.nullable:
        parts.append(Effect(fails_on=(new.table,)))
    if new.filling is Filling.UNKNOWN and not new.constrained:
        parts.append(Effect(perhaps=(new.table,)))
    return together((exclusive(new.table), *parts))


def _checks(new: AddColumn, constraint: object) -> bool:
    match constraint:
        case NotNull():
            # With a constant default it is known to hold; without one it fails or there is no row.
            return new.filling is Filling.VIRTUAL
        case ForeignKey():
            return not new.filling.leaves_null
    return True


def _retyping(change: AlterType, catalog: Catalog) -> Effect:
    """Constraints that speak of the column are made anew, and so are checked anew.

    Indexes that have an expression or a condition are built anew (CheckIndexCompatible), and so
    are those that get another collation.
    Foreign keys just where the table is rewritten (TryReuseForeignKey in tablecmds.c).
    """
    table = change.table
    keys = catalog.foreign_keys.to_column(table, change.column) if change.rewritten else ()
    match change.work:
        case Work.REWRITE:
            looked_up = Effect(scans=catalog.foreign_keys.to_column(table, change.column))
            return together((rewriting(table), looked_up))
        case done:
            built = change.indexed or change.reordered is True
            checked = catalog.columns.is_checked(table, change.column) or built
            perhaps = (table,) if done is Work.UNKNOWN or change.reordered is None else ()
            return Effect(scans=((table,) if checked or keys else ()) + keys, perhaps=perhaps)


def _recomputing(table: QualifiedName, column: str, catalog: Catalog) -> Effect:
    """A virtual column, which there is since 18, has nothing stored, but may be NOT NULL."""
    match catalog.columns.filling_of(table, column):
        case Filling.VIRTUAL:
            marked = catalog.columns.is_marked_not_null(table, column)
            return Effect(scans=(table,) if marked else ())
        case None if catalog.version >= _VIRTUAL:
            return Effect(perhaps=(table,))
    return rewriting(table)


def learn_column(table: QualifiedName, new: Column, catalog: Catalog) -> None:
    """A numbered column is NOT NULL as well."""
    catalog.add_column(table, new)
    if new.filling is Filling.NUMBERED:
        catalog.columns.set_not_null(table, new.name, value=True)


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case AddColumn(table, column, if_not_exists=True) if (table, column) in catalog.columns:
            pass
        case AddColumn(table, column, kind, filling, constraints=constraints):
            learn_column(table, Column(column, kind, filling, operation.collation), catalog)
            for constraint in constraints:
                catalog.constraints.add(table, constraint)
        case AlterType(table, column, kind, collation=collation):
            catalog.set_type(table, column, kind, collation)
        case RenameColumn(table, old, new):
            catalog.rename_column(table, old, new)
            key = catalog.trees.key(table)
            if key:
                catalog.trees.set_key(table, key.renamed(old, new))
        case DropColumn(table, column):
            catalog.drop_column(table, column)
        case SetNotNull(table, column):
            catalog.columns.set_not_null(table, column, value=True)
        case DropNotNull(table, column):
            catalog.columns.set_not_null(table, column, value=False)
