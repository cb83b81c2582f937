"""An effect is what one operation locks, reads and rewrites on a server of one version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName


@dataclass(frozen=True, slots=True)
class Lock:
    table: QualifiedName
    mode: LockMode

    @property
    def blocks_reads(self) -> bool:
        return "reads" in self.mode.blocks

    def tells_more_than(self, other: Lock) -> bool:
        """Whether it is on the same table and conflicts with all that `other` does, and more."""
        return self.table == other.table and self.mode > other.mode and self.mode.covers(other.mode)


@dataclass(frozen=True, slots=True)
class Effect:
    """The locks that an operation takes and the tables that it reads from end to end.

    `rewrites` are tables whose rows are written anew, which the server counts as a scan only at
    times. `perhaps` are those that are rewritten on conditions of which the text tells nothing,
    `fails_on` those that must not hold a row, `looked_up` those that are read only for the rows of
    others, `views` materialized views, to which nobody writes.
    `values` are columns whose values are checked in all tables that are read.
    `refused` says why PostgreSQL takes no such operation, as a sentence. With `elsewhere` tables
    that nobody knows are locked and read as well.
    """

    locks: tuple[Lock, ...] = ()
    scans: tuple[QualifiedName, ...] = ()
    rewrites: tuple[QualifiedName, ...] = ()
    perhaps: tuple[QualifiedName, ...] = ()
    fails_on: tuple[QualifiedName, ...] = ()
    views: tuple[QualifiedName, ...] = ()
    looked_up: tuple[QualifiedName, ...] = ()
    values: tuple[tuple[QualifiedName, str], ...] = ()
    refused: str | None = None
    elsewhere: bool = False


NOTHING = Effect()


def exclusive(*tables: QualifiedName) -> Effect:
    """ACCESS EXCLUSIVE locks and no more."""
    return Effect(tuple(Lock(name, LockMode.ACCESS_EXCLUSIVE) for name in distinct(tables)))


def rewriting(table: QualifiedName) -> Effect:
    """Every row is read and written anew; the lock for that is the operation's."""
    return Effect(scans=(table,), rewrites=(table,))


def together(effects: Iterable[Effect]) -> Effect:
    several = tuple(effects)
    return Effect(
        tuple(dict.fromkeys(lock for one in several for lock in one.locks)),
        distinct(scan for one in several for scan in one.scans),
        distinct(table for one in several for table in one.rewrites),
        distinct(table for one in several for table in one.perhaps),
        distinct(table for one in several for table in one.fails_on),
        distinct(table for one in several for table in one.views),
        distinct(table for one in several for table in one.looked_up),
        tuple(dict.fromkeys(value for one in several for value in one.values)),
        next((one.refused for one in several if one.refused), None),
        any(one.elsewhere for one in several),
    )


def distinct(names: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
    return tuple(dict.fromkeys(names))
