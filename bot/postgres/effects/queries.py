"""Rows are read and written under weak locks, which those of earlier statements outlast."""

from __future__ import annotations

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock
from bot.postgres.locks import LockMode
from bot.postgres.operations import Call, Operation, Take, Write


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case Write(table, _, scans):
            return Effect((Lock(table, LockMode.ROW_EXCLUSIVE),), (table,) if scans else ())
        case Take(table, mode, scans, rewrites):
            read, written = (table,) if scans else (), (table,) if rewrites else ()
            return Effect((Lock(table, mode),), read, written)
        case _:
            return NOTHING


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case Write(table, fills=True):
            catalog.tables.fill(table)
        case Call():
            catalog.tables.call()
            catalog.certain.shake()
