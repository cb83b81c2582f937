"""PostgreSQL refuses a key that does not go with the keys, indexes and partitions of its table.

Measured on 14 to 18. Names are left out of the sentences, for they come from strangers.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres.catalog import Catalog
from bot.postgres.names import TEMPORARY, QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Constraint,
    CreateIndex,
    CreateTable,
    DropNotNull,
    ForeignKey,
    IndexShape,
    Key,
    OnTable,
)


def refusal_of_key(operation: OnTable, catalog: Catalog) -> str | None:
    """Why PostgreSQL refuses a key or its parts; None where it does not, or who knows."""
    if catalog.certain.shaken:
        return None
    match operation:
        case AddColumn(table, constraints=several):
            return next(
                filter(None, (_of(table, one, operation, catalog) for one in several)), None
            )
        case AddConstraint(table, constraint):
            return _of(table, constraint, operation, catalog)
        case CreateIndex(table, shape=IndexShape(unique=True) as shape):
            return _beside_partitions(table, shape, operation, catalog)
        case DropNotNull(table, column) if column in catalog.columns.primary_key(table):
            return "The column is part of the primary key."
    return None


def refusal_of_reference(operation: OnTable, catalog: Catalog) -> str | None:
    """ATAddForeignKeyConstraint in src/backend/commands/tablecmds.c"""
    match operation:
        case CreateTable(if_not_exists=True):
            return None
        case AddConstraint(table, ForeignKey(referenced=referenced)):
            return _of_reference(table, catalog[table].unlogged, referenced, catalog)
        case AddColumn(table, constraints=several):
            unlogged = catalog[table].unlogged
        case CreateTable(table, constraints=several, unlogged=unlogged):
            pass
        case _:
            return None
    keys = (one for one in several if isinstance(one, ForeignKey) and one.referenced != table)
    reasons = (_of_reference(table, unlogged, key.referenced, catalog) for key in keys)
    return next(filter(None, reasons), None)


def _of_reference(
    table: QualifiedName, unlogged: bool | None, referenced: QualifiedName, catalog: Catalog
) -> str | None:
    if table.schema is None or referenced.schema is None:
        return None
    temporary = [one.schema == TEMPORARY for one in (table, referenced)]
    if any(temporary) and not all(temporary):
        return "Of two tables of which one references the other both are temporary, or none."
    if not any(temporary) and unlogged is False and catalog[referenced].unlogged:
        return "A table that is logged references none that is unlogged."
    return None


def _of(
    table: QualifiedName, constraint: Constraint, operation: OnTable, catalog: Catalog
) -> str | None:
    match constraint:
        case Key(kind="PRIMARY KEY") if catalog.columns.primary_key(table):
            return "The table has a primary key already."
        case Key(using_index=str(name)):
            return _of_index(table, QualifiedName(table.schema, name), constraint, catalog)
        case Key(index=shape):  # of EXCLUDE since 17, before which no whole table takes one
            return _beside_partitions(table, shape, operation, catalog)
    return None


def _of_index(table: QualifiedName, name: QualifiedName, key: Key, catalog: Catalog) -> str | None:
    """transformIndexConstraint in src/backend/parser/parse_utilcmd.c"""
    if catalog[table].partitioned:
        return "A partitioned table takes no constraint that uses an index."
    known = catalog.indexes.get(name)
    if known is None:
        return None
    if known.table != catalog[table].oid:
        return "The index belongs to another table."
    there = catalog.constraints.get(table, name.name)
    if there and isinstance(there.constraint, Key):
        return "The index is that of a constraint already."
    if not known.shape.unique:
        return "The index is not unique."
    if not known.shape.plain:
        return "The index is not one of all rows by plain columns in the default order."
    if known.shape.nulls_not_distinct and key.kind == "PRIMARY KEY":
        return "The index of a primary key has no NULLS NOT DISTINCT."
    return None


def _beside_partitions(
    table: QualifiedName, shape: IndexShape, operation: OnTable, catalog: Catalog
) -> str | None:
    """DefineIndex in src/backend/commands/indexcmds.c"""
    columns = set(shape.columns)
    if all(columns >= one for one in _partitioned_by(table, operation, catalog)):
        return None
    return (
        "What is unique or excluded in a partitioned table names all columns that it is split by."
    )


def _partitioned_by(
    table: QualifiedName, operation: OnTable, catalog: Catalog
) -> Iterator[set[str]]:
    """The columns alone: of an expression nobody can tell."""
    below = [] if operation.only else catalog.trees.below(table)
    for one in (table, *below):
        key = catalog.trees.key(one)
        if key:
            yield {column for column in key.columns if column}
