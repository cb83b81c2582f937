"""A column is added in an instant unless something has to be computed or checked row by row."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, exclusive, together
from bot.postgres.effects.constraints import adding
from bot.postgres.operations import (
    AddColumn,
    DropNotNull,
    ForeignKey,
    NotNull,
    Operation,
    SetNotNull,
)


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case AddColumn():
            return _adding(operation)
        case SetNotNull(table, column):
            scans = () if catalog.is_not_null(table, column) else (table,)
            return together((exclusive(table), Effect(scans=scans)))
        case DropNotNull(table):
            return exclusive(table)
        case _:
            return NOTHING


def _adding(new: AddColumn) -> Effect:
    """A new column: REFERENCES without a default has nothing to check, CHECK always scans."""
    parts = [
        # NOT NULL with a constant default is known to hold; without one it fails or is empty.
        adding(
            new.table,
            constraint,
            checks_rows=not isinstance(constraint, NotNull)
            and (new.default or not isinstance(constraint, ForeignKey)),
        )
        for constraint in new.constraints
    ]
    return together((exclusive(new.table), *parts))


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case AddColumn(table, column, constraints=constraints):
            catalog.add_column(table, column)
            for constraint in constraints:
                catalog.add_constraint(table, constraint)
        case SetNotNull(table, column):
            catalog.set_not_null(table, column, value=True)
        case DropNotNull(table, column):
            catalog.set_not_null(table, column, value=False)
