"""An unqualified name means what the search path makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.names import TEMPORARY, QualifiedName
from bot.postgres.naming import named
from bot.postgres.operations import AlterComposite, AlterType, Operation
from bot.postgres.outcome import SearchPath
from bot.postgres.types import Work


def resolved(operation: Operation, path: SearchPath, catalog: Catalog) -> Operation:
    """With qualified names, and with names for the constraints that have none."""
    return named(
        operation,
        lambda name: _place_of_new(name, path),
        lambda name: _place_of_known(name, path, catalog),
        catalog,
    )


def beside(
    operations: Sequence[Operation], path: SearchPath, catalog: Catalog
) -> Sequence[Operation]:
    """The operations of one statement: of several new types each knows what the others do."""
    types = [resolved(one, path, catalog) for one in operations if isinstance(one, AlterType)]
    works = [one.work for one in types if isinstance(one, AlterType)]
    if len(works) < 2 or Work.REWRITE not in works:
        return operations
    return [
        replace(one, rewritten=True) if isinstance(one, AlterType) else one for one in operations
    ]


def in_utc(operations: Sequence[Operation]) -> list[Operation]:
    """The operations of one statement, where the time zone is known to be UTC."""
    return [_in_utc(one) for one in operations]


def _in_utc(operation: Operation) -> Operation:
    match operation:
        case AlterType():
            return replace(operation, utc=True)
        case AlterComposite(change=AlterType() as change):
            return replace(operation, change=replace(change, utc=True))
    return operation


def _place_of_new(name: QualifiedName, path: SearchPath) -> QualifiedName:
    """A new table goes into the first schema of the path."""
    if name.schema or not path.schemas:
        return name
    return QualifiedName(path.schemas[0], name.name)


def _place_of_known(name: QualifiedName, path: SearchPath, catalog: Catalog) -> QualifiedName:
    """The table, index or domain that an unqualified name means: a known one on the path.

    Of several schemas nobody can tell which one holds it; then it stays unqualified.
    """
    schemas = path.schemas
    if name.schema or schemas is None:
        return name
    places = [QualifiedName(schema, name.name) for schema in (TEMPORARY, *schemas)]
    found = (one for one in places if catalog.is_there(one))
    return next(found, places[1] if len(schemas) == 1 else name)
