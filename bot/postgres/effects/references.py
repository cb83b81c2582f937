"""A foreign key to a partitioned table reaches the partitions of that as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import Effect, Lock
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterConstraint,
    AlterType,
    AttachPartition,
    Constraint,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropTable,
    ForeignKey,
    OnTable,
    Operation,
    ValidateConstraint,
)


def beside(operation: Operation, done: Effect, catalog: Catalog) -> Effect:
    """What `operation`, which has `done` that, does to the partitions of referenced tables."""
    modes = {lock.table: lock.mode for lock in done.locks}
    locks: list[Lock] = []
    scans: list[QualifiedName] = []
    for table in dict.fromkeys(_referenced(operation, catalog)):
        if not catalog[table].partitioned or table not in modes:
            continue
        mode = modes[table]
        there = LockMode.ACCESS_SHARE if mode is LockMode.ROW_SHARE else mode
        below = catalog.trees.below(table)
        locks += (Lock(one, there) for one in below)
        scans += below if table in done.scans else ()
    return Effect(tuple(locks), tuple(scans))


def before_15(operation: Operation, done: Effect, catalog: Catalog) -> Effect:
    """PostgreSQL 14 locks the partitions of a referenced table and less, or nothing, of itself."""
    match operation:
        case DropColumn(table) | DropTable(table) | AlterType(table) if catalog.version < 15:
            weaker = LockMode.SHARE_ROW_EXCLUSIVE if isinstance(operation, AlterType) else None
        case _:
            return done
    whole = {one for one in _referenced(operation, catalog) if catalog[one].partitioned} - {table}
    locks = [
        Lock(lock.table, weaker) if weaker and lock.table in whole else lock
        for lock in done.locks
        if weaker or lock.table not in whole
    ]
    return replace(done, locks=tuple(locks))


def looked_up(operation: Operation, catalog: Catalog) -> frozenset[QualifiedName]:
    """The tables that are read only for the rows of others that reference them."""
    tables = set(_referenced(operation, catalog))
    below = [one for table in tables for one in catalog.trees.below(table)]
    own = {operation.table} if isinstance(operation, OnTable) else set()
    own |= {one for table in tables & own for one in catalog.trees.below(table)}
    return frozenset({*tables, *below} - own)


def _referenced(operation: Operation, catalog: Catalog) -> Iterator[QualifiedName]:
    match operation:
        case AddConstraint(_, constraint):
            yield from _by((constraint,))
        case CreateTable(parent=QualifiedName() as whole):
            yield from _of(whole, catalog)
        case AddColumn(constraints=several) | CreateTable(constraints=several):
            yield from _by(several)
        case AlterConstraint(enforced=None):
            pass
        case DropColumn(table, column) | AlterType(table, column):
            yield from catalog.foreign_keys.of_column(table, column)
        case (
            ValidateConstraint(table, name)
            | DropConstraint(table, name)
            | AlterConstraint(table, name)
        ):
            known = catalog.constraints.get(table, name)
            yield from _by((known.constraint,) if known else ())
        case AttachPartition(table) | DetachPartition(table) | DropTable(table):
            yield from _of(table, catalog)


def _by(constraints: Iterable[Constraint]) -> Iterator[QualifiedName]:
    return (one.referenced for one in constraints if isinstance(one, ForeignKey))


def _of(table: QualifiedName, catalog: Catalog) -> Iterator[QualifiedName]:
    """The tables that the foreign keys of `table` reference."""
    return _by(known.constraint for known in catalog.constraints.latest(table))
