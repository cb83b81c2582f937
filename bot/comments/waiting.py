"""A brief lock still waits for its turn, and others wait behind it: its mode tells who."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.comments.titles import CONCURRENTLY, title
from bot.model.finding import Finding, Rewrite
from bot.model.moment import Moment
from bot.model.wording import listed, tables
from bot.postgres.effects import Lock
from bot.postgres.locks import LockMode
from bot.postgres.operations import AddColumn
from bot.postgres.outcome import Outcome
from bot.postgres.session import Session

_DOES = {
    LockMode.ROW_EXCLUSIVE: "has written to",
    LockMode.SHARE: "indexes",
    LockMode.SHARE_UPDATE_EXCLUSIVE: "vacuums",
    LockMode.ACCESS_EXCLUSIVE: "alters",
}
"""What a transaction that holds such a lock on a table usually does there."""

_Steps = dict[tuple[tuple[Lock, ...], bool], dict[str, None]]
"""The operations that take the same locks, and whether they read a table meanwhile."""


def waiting(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What the rewrites of `findings` wait for and who waits for them, in sentences."""
    steps: _Steps = {}
    moments: list[Moment] = []
    for finding in findings:
        if finding.moment and isinstance(finding.rewrite, Rewrite):
            for outcome in _outcomes(finding.moment, finding.rewrite):
                effect = outcome.effect
                step = steps.setdefault((effect.locks, bool(effect.scans)), {})
                step[title(outcome.operation)] = None
            moments += [finding.moment] if finding.rewrite.instead else []
    told_of = {lock for locks, _ in steps for lock in locks}
    untold = tuple(lock for lock in _of_neighbours(moments) if lock not in told_of)
    if untold:
        steps[untold, False] = {"The `ALTER TABLE` as a whole": None}
    alike = tuple(_alike(steps))
    told = [one for step in alike for one in _sentences(*step)]
    told += (_older(locks) for locks, _, titles in alike if CONCURRENTLY in titles)
    if any(lock.mode.blocks for locks, _ in steps for lock in locks):
        told.append("Set a `lock_timeout`, and retry when it strikes.")
    return tuple(told)


def _outcomes(moment: Moment, rewrite: Rewrite) -> Iterator[Outcome]:
    """What each operation of the rewrite does, the later ones in transactions of their own."""
    session = Session(moment.postgres_version)
    match moment.command.operation:
        case AddColumn(name, column) if rewrite.inline is not None:
            yield from session.run(0, [AddColumn(name, column)])  # without what leaves it
    yield from session.run(0, rewrite.instead)
    session.commit()
    for step in rewrite.then:
        for operation in step.operations:
            yield from session.run(0, [operation])
            session.commit()


def _of_neighbours(moments: Iterable[Moment]) -> list[Lock]:
    """The locks that other commands of the same statements add to those of the rewritten ones."""
    several = list(moments)
    own = {lock for moment in several for lock in moment.outcome.effect.locks}
    taken = {moment.number: moment.outcome.taken for moment in several}
    return [lock for locks in taken.values() for lock in locks if lock not in own]


def _alike(steps: _Steps) -> Iterator[tuple[tuple[Lock, ...], bool, tuple[str, ...]]]:
    """What takes the same locks on one table after another, as of many partitions, is one step."""
    together: dict[tuple[bool, tuple[str, ...], frozenset[LockMode]], dict[Lock, None]] = {}
    for (locks, reads), titles in steps.items():
        modes = frozenset(lock.mode for lock in locks)
        together.setdefault((reads, tuple(titles), modes), {}).update(dict.fromkeys(locks))
    return ((tuple(locks), reads, titles) for (reads, titles, _), locks in together.items())


def _sentences(locks: tuple[Lock, ...], reads: bool, titles: tuple[str, ...]) -> Iterator[str]:
    """One for each mode that anything but another change of the schema conflicts with.

    Autovacuum is cancelled by whoever waits for it, unless it prevents wraparound (ProcSleep).
    """
    what = listed(titles)
    needs = "need" if len(titles) > 1 else "needs"
    for mode, several in groupby(sorted(locks, key=_strongest_first), lambda lock: lock.mode):
        names = [lock.table for lock in several]
        if not mode.conflicts_with(LockMode.SHARE_UPDATE_EXCLUSIVE):
            continue
        article = "an" if str(mode).startswith(("A", "E")) else "a"
        lock = f"{article} {mode} lock on {tables(names)}"
        end = f"every transaction that {_users(mode)} {tables(names, 'or')} to end"
        if mode.blocks:
            instant = "" if reads else " for an instant"
            queue = "whoever comes" if "reads" in mode.blocks else "whoever writes"
            yield (
                f"{what} still {needs} {lock}{instant}: it waits for {end}, and {queue} later"
                " queues behind it."
            )
        else:
            yield (
                f"{what} {needs} {lock}: it waits for {end} (autovacuum gives way, unless it"
                " prevents wraparound), and reads and writes go on."
            )


def _older(locks: tuple[Lock, ...]) -> str:
    """Whom an index that is built concurrently waits for, besides its lock (WaitForLockers)."""
    names = tables((lock.table for lock in locks), "or")
    return (
        f"{CONCURRENTLY} also waits for every transaction that has written to {names} to end, and"
        " at last for every query that is older, on whichever table."
    )


def _strongest_first(lock: Lock) -> int:
    return -lock.mode


def _users(mode: LockMode) -> str:
    """Who holds a lock for which `mode` has to wait, as a verb."""
    if mode.conflicts_with(LockMode.ACCESS_SHARE):
        return "uses"
    return listed((verb for held, verb in _DOES.items() if mode.conflicts_with(held)), "or")
