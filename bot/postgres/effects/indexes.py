"""An index is built under a lock that refuses writes, or concurrently and for longer under none."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    Cluster,
    CreateIndex,
    DropIndex,
    MoveIndex,
    Operation,
    ReindexIndex,
    ReindexTable,
    RenameIndex,
)


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case CreateIndex(table) if _is_there(operation, catalog):
            return Effect((_lock(table, operation.concurrently, LockMode.SHARE),))
        case CreateIndex(table):
            return Effect((_lock(table, operation.concurrently, LockMode.SHARE),), (table,))
        case DropIndex(_, QualifiedName() as table, concurrently):
            return Effect((_lock(table, concurrently, LockMode.ACCESS_EXCLUSIVE),))
        case ReindexTable(table) | ReindexIndex(_, QualifiedName() as table) if catalog[
            table
        ].partitioned:
            return _one_by_one(table, operation.concurrently, catalog)
        case ReindexTable(table, concurrently) if catalog.indexes.has_none(table):
            return Effect((_lock(table, concurrently, LockMode.SHARE),))
        case ReindexIndex(_, QualifiedName() as table, concurrently) | ReindexTable(
            table, concurrently
        ):
            return Effect((_lock(table, concurrently, LockMode.SHARE),), (table,))
        case MoveIndex(index, QualifiedName() as table) if catalog.holds_no_rows(table):
            return Effect((Lock(index, LockMode.ACCESS_EXCLUSIVE),))
        case MoveIndex(index):  # which lies there already, or is copied
            return Effect((Lock(index, LockMode.ACCESS_EXCLUSIVE),), perhaps=(index,))
        case ReindexIndex(index, None, concurrently):  # its table is locked as well, whichever
            return Effect((_lock(index, concurrently, LockMode.ACCESS_EXCLUSIVE),), (index,))
        case _:
            return NOTHING


def by_itself(operation: Operation, catalog: Catalog) -> bool:
    """Whether it is about partitions, each in a transaction of its own."""
    match operation:
        case Cluster(table) | ReindexTable(table) | ReindexIndex(_, QualifiedName() as table):
            return catalog[table].partitioned
    return False


def _one_by_one(whole: QualifiedName, concurrently: bool, catalog: Catalog) -> Effect:
    parts = [one for one in catalog.trees.below(whole) if not catalog.indexes.has_none(one)]
    locks = (_lock(one, concurrently, LockMode.SHARE) for one in (whole, *parts))
    return Effect(tuple(locks), tuple(parts) or (whole,))


def _is_there(new: CreateIndex, catalog: Catalog) -> bool:
    """IF NOT EXISTS, and it does."""
    place = QualifiedName(new.table.schema, new.name or "")
    return new.if_not_exists and catalog.is_relation(place.schema, place.name)


def _lock(table: QualifiedName, concurrently: bool, mode: LockMode) -> Lock:
    return Lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrently else mode)


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case CreateIndex(table, str(name), shape) if not _is_there(operation, catalog):
            catalog.indexes.create(table, name, shape)
        case DropIndex(index):
            catalog.indexes.drop(index)
        case RenameIndex(index, new=new):
            catalog.indexes.rename(index, new)
