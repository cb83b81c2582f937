"""The attributes of a composite type are the columns of the tables that are made of it.

Measured on PostgreSQL 14 to 18: with CASCADE, ALTER TYPE does to them what ALTER TABLE would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, exclusive
from bot.postgres.operations import AlterComposite, AlterType, OnTable, Operation, SetOf


def on_tables(alter: AlterComposite, catalog: Catalog) -> Iterator[OnTable]:
    """The same for each table that is known to be made of the type."""
    for table in catalog.composites.tables(alter.type):
        match alter.change:
            case AlterType(_, column) as change:
                yield replace(change, table=table, old=catalog.columns.type_of(table, column))
            case change:
                yield replace(change, table=table)


def effect(operation: Operation, catalog: Catalog) -> Effect:
    """Who writes CASCADE knows of tables, even if nobody else does."""
    match operation:
        case SetOf(table):
            return exclusive(table)
        case AlterComposite(change=AlterType(), cascade=True):
            return Effect(elsewhere=True)
    return NOTHING


def refusal_of_composite(alter: AlterComposite, catalog: Catalog) -> str | None:
    if not alter.cascade and catalog.composites.tables(alter.type):
        return "A table is made of the type, so it takes `CASCADE`."
    if isinstance(alter.change, AlterType) and catalog.composites.has_columns(alter.type):
        return "Some column is of the type."
    return None


def learn(operation: Operation, catalog: Catalog) -> None:
    if isinstance(operation, SetOf):
        catalog.composites.set(operation.table, operation.of)
