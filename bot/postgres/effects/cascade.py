"""CASCADE drops with a key or its index the foreign keys that rely on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres.catalog import Catalog
from bot.postgres.names import QualifiedName
from bot.postgres.operations import DropConstraint, DropIndex, ForeignKey, Key, Operation


def dependents(operation: Operation, catalog: Catalog) -> Iterator[DropConstraint]:
    """What goes with the key or the index that `operation` drops."""
    match operation:
        case DropConstraint(table, name, cascade=True):
            known = catalog.constraints.get(table, name)
            if known and isinstance(known.constraint, Key):
                primary = known.constraint.kind == "PRIMARY KEY"
                yield from _relying(table, known.constraint.columns, primary, catalog)
        case DropIndex(index, QualifiedName() as table, cascade=True):
            there = catalog.indexes.get(index)
            if there and there.shape.unique:
                yield from _relying(table, there.shape.columns, False, catalog)


def _relying(
    table: QualifiedName, columns: tuple[str, ...], primary: bool, catalog: Catalog
) -> Iterator[DropConstraint]:
    """A foreign key relies on one unique index of its columns; of several nobody can tell which."""
    unique = [one.columns for one in catalog.indexes.shapes(table) if one.unique]
    alone = sum(set(one) == set(columns) for one in unique) < 2
    for place in catalog.foreign_keys.referencing(table):
        for known in catalog.constraints.latest(place):
            match known.constraint:
                case ForeignKey(name=str(name), referenced=there) as key if there == table:
                    named = key.referenced_columns
                    if (primary and not named) or (alone and set(named) == set(columns)):
                        yield DropConstraint(place, name)
