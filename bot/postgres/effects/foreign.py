"""The rows of a foreign table lie elsewhere: PostgreSQL believes what is declared of them.

Measured on 14 to 18; ATRewriteTables in src/backend/commands/tablecmds.c passes over what has no
storage here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import Effect
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    AttachPartition,
    Cluster,
    Constraint,
    CreateIndex,
    CreateTable,
    ForeignKey,
    Key,
    OnTable,
    Operation,
    ReindexTable,
    SetLogged,
    Take,
    Write,
)

_OF_STORAGE = {"SetTableSpace", "SetAccessMethod", "ClusterOn", "DropCluster"}


def without_rows(operation: Operation, done: Effect, catalog: Catalog) -> Effect:
    """What `operation` has done, without reading foreign tables; a query does read them."""
    if isinstance(operation, Take | Write):
        return done

    def here(tables: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
        return tuple(one for one in tables if not _is_foreign(one, operation, catalog))

    return replace(
        done,
        scans=here(done.scans),
        rewrites=here(done.rewrites),
        perhaps=here(done.perhaps),
        fails_on=here(done.fails_on),
    )


def _is_foreign(table: QualifiedName, operation: Operation, catalog: Catalog) -> bool:
    said = isinstance(operation, OnTable) and operation.foreign and operation.table == table
    return said or catalog[table].foreign


def refusal_of_foreign(operation: OnTable, catalog: Catalog) -> str | None:
    """What a foreign table does not take, nor one that has such a part."""
    table = operation.table
    if _is_foreign(table, operation, catalog):
        return _of_itself(operation, catalog)
    match operation:
        case CreateIndex() if not operation.shape.unique:
            return None
        case CreateIndex() | AddConstraint(constraint=Key() | ForeignKey()):
            parts = catalog.trees.below(table) if catalog[table].partitioned else []
            if any(catalog[part].foreign for part in parts):
                return "A partition is a foreign table, which takes no keys."
        case AttachPartition(_, part) if catalog[part].foreign and _has_keys(table, catalog):
            return "A foreign table takes no keys, and the whole has some."
    return None


def _of_itself(operation: OnTable, catalog: Catalog) -> str | None:
    match operation:
        case AddConstraint(_, constraint) if _is_key(constraint):
            return "A foreign table takes no keys."
        case AddColumn(constraints=several) | CreateTable(constraints=several) if any(
            map(_is_key, several)
        ):
            return "A foreign table takes no keys."
        case CreateTable(parent=QualifiedName() as whole) if _has_keys(whole, catalog):
            return "A foreign table takes no keys, and the whole has some."
        case CreateIndex():
            return "A foreign table takes no indexes."
        case AlterTable(_, action) if action in _OF_STORAGE:
            return "A foreign table is not stored here."
        case SetLogged() | Cluster() | ReindexTable():
            return "A foreign table is not stored here."
    return None


def _is_key(constraint: Constraint) -> bool:
    return isinstance(constraint, Key | ForeignKey)


def _has_keys(table: QualifiedName, catalog: Catalog) -> bool:
    return any(_is_key(known.constraint) for known in catalog.constraints.latest(table))
