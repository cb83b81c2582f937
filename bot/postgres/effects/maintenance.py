"""CLUSTER and VACUUM FULL write a table anew; VACUUM and ANALYZE hinder nobody."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock, exclusive, rewriting, together
from bot.postgres.locks import LockMode
from bot.postgres.operations import Analyze, Cluster, Operation, Vacuum


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case Cluster(table) | Vacuum(table, full=True):
            return together((exclusive(table), rewriting(table)))
        case Vacuum(table) | Analyze(table):
            return Effect((Lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE),))
        case _:
            return NOTHING


def learn(operation: Operation, catalog: Catalog) -> None:
    """The rows stay what they were."""
