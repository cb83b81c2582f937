"""Each operation locks, scans and rewrites what was measured on PostgreSQL 14 to 18.

A family of operations has a module of the same name here: `effect` says what an operation does
and, where it changes what is known, `learn` what is known of the catalog afterwards. Names are
resolved and constraints named.
"""

from __future__ import annotations

from types import ModuleType

from bot.postgres.catalog import Catalog
from bot.postgres.effects import (
    columns,
    constraints,
    indexes,
    maintenance,
    partitions,
    queries,
    tables,
    views,
)
from bot.postgres.effects.base import NOTHING, Effect, Lock
from bot.postgres.operations import OnTable, Operation

__all__ = ["Effect", "Lock", "effect", "learn"]

_FAMILIES = {
    module.__name__.rpartition(".")[2]: module
    for module in (columns, constraints, indexes, maintenance, partitions, queries, tables, views)
}


def effect(operation: Operation, catalog: Catalog) -> Effect:
    """The effect of `operation` on what `catalog` knows."""
    if isinstance(operation, OnTable) and operation.if_exists and catalog[operation.table].dropped:
        return NOTHING
    family = _family(operation)
    done: Effect = family.effect(operation, catalog) if family else NOTHING
    return done


def learn(operation: Operation, catalog: Catalog) -> None:
    """Tell `catalog` what `operation` has changed."""
    family = _family(operation)
    if family:
        family.learn(operation, catalog)


def _family(operation: Operation) -> ModuleType | None:
    """None for what concerns the session alone."""
    return _FAMILIES.get(type(operation).__module__.rpartition(".")[2])
