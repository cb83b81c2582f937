"""An unqualified name means what the search path makes of it."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.names import QualifiedName
from bot.postgres.naming import named
from bot.postgres.operations import Operation
from bot.postgres.outcome import SearchPath

TEMPORARY = "pg_temp"


def resolved(operation: Operation, path: SearchPath, catalog: Catalog) -> Operation:
    """With qualified names, and with names for the constraints that have none."""
    return named(
        operation,
        lambda name: _place_of_new(name, path),
        lambda name: _place_of_known(name, path, catalog),
        catalog,
    )


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
