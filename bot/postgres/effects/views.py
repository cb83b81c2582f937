"""A view is a query; a materialized one is a table that is written anew, or corrected."""

from __future__ import annotations

from bot.postgres.catalog import Catalog, Table
from bot.postgres.effects.base import NOTHING, Effect, Lock, exclusive, together
from bot.postgres.locks import LockMode
from bot.postgres.operations import (
    CreateView,
    DropDependents,
    Operation,
    RefreshMaterializedView,
    UseColumns,
)


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case CreateView(table):
            return exclusive(table)
        case RefreshMaterializedView(table, concurrently=True):
            lock = Lock(table, LockMode.EXCLUSIVE)  # for others who refresh it
            return Effect((lock,), scans=(table,), views=(table,))
        case RefreshMaterializedView(table, with_data=True):
            indexed = catalog.indexes.has(table, lambda shape: True)
            scans = (table,) if indexed else ()
            written = Effect(scans=scans, rewrites=(table,), views=(table,))
            return together((exclusive(table), written))
        case RefreshMaterializedView(table):
            return exclusive(table)
        case _:
            return NOTHING


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case CreateView(table, replace=True) if catalog.is_there(table):
            catalog.views.change(table)
        case CreateView(table) if table.schema and not catalog.is_relation(
            table.schema, table.name
        ):
            catalog.create(table, Table(filled=True, view=True))
        case UseColumns(view, table, columns, every):
            catalog.views.use(view, table, columns, every=every)
        case DropDependents():
            catalog.views.forget()
        case RefreshMaterializedView(table, with_data=with_data):
            if with_data:
                catalog.tables.fill(table)
            else:
                catalog.tables.empty(table)
