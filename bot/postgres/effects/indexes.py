"""An index is built under a lock that refuses writes, or concurrently and for longer under none."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock
from bot.postgres.locks import LockMode
from bot.postgres.operations import CreateIndex, Operation


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case CreateIndex(table, concurrently):
            mode = LockMode.SHARE_UPDATE_EXCLUSIVE if concurrently else LockMode.SHARE
            return Effect((Lock(table, mode),), (table,), alone=concurrently)
        case _:
            return NOTHING


def learn(operation: Operation, catalog: Catalog) -> None:
    """Nothing is known of indexes."""
