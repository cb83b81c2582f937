"""A transaction holds every lock until it ends, and others wait for some of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from bot.postgres.effects import Lock
from bot.postgres.journal import Journal
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.outcome import HeldLock

GIVEN_BACK = 100
"""How many locks a COMMIT may give back that perhaps does not run."""


class HeldLocks:
    """The locks of the open transaction; savepoints and forks take them back by the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._modes: dict[QualifiedName, tuple[LockMode, ...]] = {}
        self._blocking: dict[QualifiedName, HeldLock] = {}
        journal.join_by(self._modes, _both_modes)
        journal.join_by(self._blocking, _stronger)

    def __len__(self) -> int:
        """How many of them make others wait."""
        return len(self._blocking)

    def earliest(self, most: int) -> dict[QualifiedName, HeldLock]:
        """Those that make others wait, by their tables."""
        return dict(islice(self._blocking.items(), most))

    def take(self, lock: Lock) -> bool:
        """Hold `lock` until the transaction ends; whether it is news."""
        held = self._modes.get(lock.table, ())
        if any(mode.covers(lock.mode) for mode in held):
            return False
        self._journal.put(self._modes, lock.table, (*held, lock.mode))
        return True

    def block(self, lock: Lock, number: int) -> HeldLock:
        """Note that others wait for `lock`, which the `number`-th statement takes."""
        held = self._blocking.get(lock.table)
        if held is None or lock.mode > held.mode:
            held = HeldLock(lock.table, lock.mode, number)
            self._journal.put(self._blocking, lock.table, held)
        return held

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        """Locks are held on tables, not on names."""
        if old == new:
            return
        held = self._blocking.get(old)
        if held:
            self._journal.remove(self._blocking, old)
            self._journal.put(self._blocking, new, replace(held, table=new))
        if old in self._modes:
            self._journal.put(self._modes, new, self._modes[old])
            self._journal.remove(self._modes, old)

    def forget(self, table: QualifiedName) -> None:
        """Another table gets the name of one that was locked and dropped."""
        self._journal.remove(self._modes, table)

    def perhaps_give_back(self) -> bool:
        """The transaction ends, if this runs, and the next one begins with no locks.

        It is remembered lock by lock, so very many count as held.
        """
        if len(self._modes) > GIVEN_BACK:
            return False
        self._journal.remove_all(self._modes)
        self._journal.remove_all(self._blocking)
        return True

    def give_back(self) -> None:
        self._blocking.clear()
        self._modes.clear()


def strongest(taken: Sequence[Lock]) -> tuple[Lock, ...]:
    """Without the locks that another one on the same table makes say nothing."""
    by_table: dict[QualifiedName, list[Lock]] = {}
    for lock in taken:
        by_table.setdefault(lock.table, []).append(lock)
    return tuple(lock for several in by_table.values() for lock in _telling(several))


def _telling(several: list[Lock]) -> Iterable[Lock]:
    return (lock for lock in several if not any(one.tells_more_than(lock) for one in several))


def _both_modes(
    one: tuple[LockMode, ...] | None, other: tuple[LockMode, ...] | None
) -> tuple[LockMode, ...]:
    return tuple(dict.fromkeys((*(one or ()), *(other or ()))))


def _stronger(one: HeldLock | None, other: HeldLock | None) -> HeldLock | None:
    """A lock that may be held makes others wait, if it is."""
    return max((lock for lock in (one, other) if lock), key=lambda lock: lock.mode, default=None)
