"""A table that becomes a part of another is locked, and read for whether its rows belong there."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock
from bot.postgres.locks import LockMode
from bot.postgres.operations import AttachPartition, Inherit, Operation


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case Inherit(table, parent):
            own = Lock(table, LockMode.ACCESS_EXCLUSIVE)
            return Effect((own, Lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE)))
        case AttachPartition(table, partition):
            whole = Lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE)
            return Effect((whole, Lock(partition, LockMode.ACCESS_EXCLUSIVE)), (partition,))
        case _:
            return NOTHING


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case AttachPartition(parent) | Inherit(parent=parent):
            catalog.adopt(parent)
