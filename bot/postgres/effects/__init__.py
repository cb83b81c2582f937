"""Each operation locks, scans and rewrites what was measured on PostgreSQL 14 to 18.

A family of operations has a module of the same name here: `effect` says what an operation does
and, where it changes what is known, `learn` what is known of the catalog afterwards. Names are
resolved and constraints named.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from bot.postgres.catalog import Catalog
from bot.postgres.effects import (
    columns,
    composites,
    constraints,
    domains,
    foreign,
    indexes,
    maintenance,
    partitions,
    queries,
    tables,
    views,
)
from bot.postgres.effects.base import NOTHING, Effect, Lock, together
from bot.postgres.effects.cascade import dependents
from bot.postgres.effects.descent import everywhere
from bot.postgres.effects.indexes import by_itself
from bot.postgres.effects.references import before_15, beside, looked_up
from bot.postgres.effects.refusals import note, refusal
from bot.postgres.names import QualifiedName
from bot.postgres.operations import OnTable, Operation

__all__ = ["Effect", "Lock", "by_itself", "effect", "learn"]

_FAMILIES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        columns,
        composites,
        constraints,
        domains,
        indexes,
        maintenance,
        partitions,
        queries,
        tables,
        views,
    )
}


def effect(operation: Operation, catalog: Catalog) -> Effect:
    """The effect of `operation` on what `catalog` knows, on all tables that it reaches."""
    if isinstance(operation, OnTable) and operation.if_exists and catalog[operation.table].dropped:
        return NOTHING
    reason = refusal(operation, catalog)
    if reason:
        return Effect(refused=reason)
    parts = [_effect(one, catalog) for one in _all(operation, catalog)]
    done = together(parts) if len(parts) > 1 else parts[0]
    done = together((done, beside(operation, done, catalog)))
    return _in_order(operation, before_15(operation, done, catalog), catalog)


def _in_order(operation: Operation, done: Effect, catalog: Catalog) -> Effect:
    """What is read for its own rows comes first, and first of all what may hold some.

    A partitioned table holds none but those of its partitions, which are read themselves.
    """
    alone = operation.table if isinstance(operation, OnTable) and operation.only else None
    done = foreign.without_rows(operation, done, catalog)
    read = [
        table
        for table in done.scans
        if not _holds_none(table, catalog) and not (table == alone and catalog[table].partitioned)
    ]
    others = looked_up(operation, catalog)
    if all(table in others for table in read):  # without rows nothing is looked up
        read = []
    first = sorted(read, key=lambda table: (table in others, catalog.holds_no_rows(table)))
    written = tuple(table for table in done.rewrites if not _holds_none(table, catalog))
    for_others = tuple(table for table in first if table in others)
    return replace(done, scans=tuple(first), rewrites=written, looked_up=for_others)


def _holds_none(table: QualifiedName, catalog: Catalog) -> bool:
    """A partitioned table stands for its partitions until one is known that may hold rows.

    Where all that are known are new and empty, others may have been there before.
    """
    known = catalog[table]
    if known.hollow or not known.partitioned:
        return known.hollow
    return not all(catalog.holds_no_rows(part) for part in catalog.trees.children(table))


def _all(operation: Operation, catalog: Catalog) -> list[Operation]:
    """`operation`, on all tables that it reaches, and what goes with what it drops."""
    several = (operation, *dependents(operation, catalog))
    return [one for each in several for one in everywhere(each, catalog)]


def _effect(operation: Operation, catalog: Catalog) -> Effect:
    """The effect on its own table and on those that it names."""
    family = _family(operation)
    done: Effect = family.effect(operation, catalog) if family else NOTHING
    return done


def learn(operation: Operation, catalog: Catalog) -> None:
    """Tell `catalog` what `operation` has changed, on all tables that it reaches."""
    if isinstance(operation, OnTable) and operation.foreign:
        catalog.tables.note_foreign(operation.table)
    for one in _all(operation, catalog):
        family = _family(one)
        if family:
            family.learn(one, catalog)
    note(operation, catalog)


def _family(operation: Operation) -> ModuleType | None:
    """None for what concerns the session alone."""
    return _FAMILIES.get(type(operation).__module__.rpartition(".")[2])
