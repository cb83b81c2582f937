"""The simulation: a session runs statements and carries what its open transaction holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from bot.postgres.catalog import Catalog, Table
from bot.postgres.effects import Effect, Lock, by_itself, effect, learn
from bot.postgres.effects.base import distinct
from bot.postgres.enums import Enums
from bot.postgres.forks import Forks
from bot.postgres.held import HeldLocks, strongest
from bot.postgres.journal import Journal
from bot.postgres.names import TEMPORARY, QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AddEnumValue,
    Begin,
    Commit,
    Constraint,
    CreateEnum,
    CreateTable,
    CreateView,
    DiscardTemporary,
    Fork,
    Join,
    OnTable,
    Operation,
    Otherwise,
    Release,
    RenameTable,
    Rollback,
    RollbackTo,
    Savepoint,
    SetTimeZone,
)
from bot.postgres.outcome import HeldLock, NewValue, Outcome, SearchPath
from bot.postgres.passes import in_passes
from bot.postgres.resolving import beside, in_utc, resolved
from bot.postgres.savepoints import Savepoints
from bot.postgres.variables import Variables

NAMED = 8
"""How many locks an outcome names, and how many of earlier statements it considers."""


class Session:
    """One connection, whose statements run one after another."""

    def __init__(self, version: int) -> None:
        self._journal = Journal()
        self._catalog = Catalog(self._journal, version)
        self._variables = Variables()
        self._held = HeldLocks(self._journal)
        self._enums = Enums(self._journal, version)
        self._savepoints = Savepoints()
        self._forks = Forks[tuple[SearchPath, SearchPath]](self._journal)
        self.in_transaction = False

    @property
    def version(self) -> int:
        return self._catalog.version

    def has_left_unvalidated(self, operation: Operation) -> bool:
        """Whether the constraint that `operation` has added is there now, and still not valid."""
        match operation:
            case AddConstraint(table, Constraint(name=str(name), enforced=True) as added):
                known = self._catalog.constraints.get(table, name)
                unread = self._catalog[table].foreign
                return (
                    known is not None and not (known.valid or unread) and known.constraint == added
                )
        return False

    def begin(self) -> None:
        """Open a transaction; inside one, BEGIN changes nothing (PostgreSQL warns)."""
        if not self.in_transaction:
            self.in_transaction = True
            self._variables.begin()

    def commit(self) -> None:
        self._catalog.commit()
        if self.in_transaction:
            self._variables.commit()
        self._end()

    def rollback(self) -> None:
        if self.in_transaction:
            self._journal.back_to(0)
            self._catalog.names.may_be_free()
            self._variables.rollback()
        self._end()

    def reconnect(self) -> None:
        """A new connection: what was SET is gone, what was created is not."""
        self._variables.reconnect()
        self._drop_temporary()

    def _drop_temporary(self) -> None:
        for table in self._catalog.tables.in_schema(TEMPORARY):
            self._catalog.drop(table)

    def run_unread(self) -> None:
        """A statement that could not be read: it may have done anything."""
        self._variables.forget_zone()
        self._catalog.certain.shake()

    def grow_old(self) -> None:
        """What was created so far has been there before, or may never run."""
        self._catalog.grow_old()

    def run(self, number: int, operations: Sequence[Operation]) -> tuple[Outcome, ...]:
        """Run one statement, the `number`-th.

        A statement holds its locks before it scans, so each of its operations runs under the
        locks of all of them (ALTER TABLE takes the strongest first and scans last). What is refused
        locks nothing; where it is just the version or the transaction that is wrong for it, what it
        would have changed is learnt all the same.
        """
        ran: dict[int, Outcome] = {}
        earlier = self._held.earliest(NAMED)
        own: dict[QualifiedName, HeldLock] = {}
        taken: list[Lock] = []
        if self._variables.in_utc:
            operations = in_utc(operations)
        together = beside(operations, self._variables.search_path.value, self._catalog)
        for index, operation in in_passes(together):
            path = self._variables.search_path.value
            meant = resolved(operation, path, self._catalog)
            what = effect(meant, self._catalog)
            refused = self._refused(meant, what)
            new = self._new(meant)
            if new and self._catalog[new].dropped:
                self._held.forget(new)
            if not refused:
                taken += (lock for lock in what.locks if self._held.take(lock))
                own |= self._block(number, what, new)
            if not what.refused:
                self._learn(number, meant)
            if refused:
                self._catalog.certain.shake()
            ran[index] = self._alone(meant, what, path, refused)
        held, news = {**own, **earlier, **own}, strongest(taken)
        return tuple(self._under(held, news, ran[index]) for index in range(len(operations)))

    def _block(
        self, number: int, what: Effect, new: QualifiedName | None
    ) -> dict[QualifiedName, HeldLock]:
        """Note which of its locks make others wait."""
        waiting = (
            lock
            for lock in what.locks
            if lock.table != new
            and (lock.blocks_reads or lock.table not in what.views)
            and self._makes_wait(lock)
        )
        return {lock.table: self._held.block(lock, number) for lock in waiting}

    def _new(self, operation: Operation) -> QualifiedName | None:
        """What it creates, so that nobody else waits for it."""
        match operation:
            case CreateTable(table):
                return table
            case CreateView(table) if not self._catalog.is_relation(table.schema, table.name):
                return table
        return None

    def _alone(
        self, operation: Operation, what: Effect, path: SearchPath, refused: str | None
    ) -> Outcome:
        """What it did, without the locks that its statement and transaction hold."""
        table = self._catalog[operation.table] if isinstance(operation, OnTable) else Table()
        return Outcome(
            operation=operation,
            effect=what,
            scanned=self._scanned(what),
            perhaps=self._with_rows(what.perhaps),
            fails_on=self._with_rows(what.fails_on),
            search_path=path,
            partitioned=table.partitioned,
            declared=table.declared,
            refused=refused,
            limited=self._variables.waits_are_limited,
            lock_timeout=self._variables.lock_timeout,
        )

    def _under(
        self, held: Mapping[QualifiedName, HeldLock], taken: tuple[Lock, ...], done: Outcome
    ) -> Outcome:
        """The operation's own locks are named first; all that are held are at least counted."""
        own = {lock.table: held[lock.table] for lock in done.effect.locks if lock.table in held}
        rest = (lock for table, lock in held.items() if table not in own)
        blocking = tuple(islice(chain(own.values(), rest), NAMED))
        return replace(
            done,
            blocking=blocking,
            unnamed=max(0, len(self._held) - len(blocking)),
            taken=taken,
            new_values=self._enums.unusable(NAMED),
        )

    def _refused(self, operation: Operation, what: Effect) -> str | None:
        if operation.since > self._catalog.version:
            return f"It needs PostgreSQL {operation.since}."
        # PreventInTransactionBlock in src/backend/access/transam/xact.c
        if self.in_transaction and (operation.alone or by_itself(operation, self._catalog)):
            return "It cannot run inside a transaction."
        # Where it may not run, or what it raises is caught, nothing fails.
        return None if self._forks else what.refused

    def _makes_wait(self, lock: Lock) -> bool:
        """Whether anybody would wait for it."""
        catalog, table = self._catalog, lock.table
        unused = catalog.tables.is_unseen(table) or catalog.tables.is_empty(table)
        return lock.mode.blocks != () and not (
            unused or (catalog[table].view and not lock.blocks_reads)
        )

    def _scanned(self, what: Effect) -> tuple[QualifiedName, ...]:
        # Without rows in the table itself there is nothing to look up in the one it references.
        return self._with_rows((*what.scans, *what.rewrites))

    def _with_rows(self, tables: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
        empty, read = self._catalog.holds_no_rows, distinct(tables)
        if not read or empty(read[0]):
            return ()
        return tuple(table for table in read if not empty(table))

    def _learn(self, number: int, operation: Operation) -> None:
        if isinstance(operation, RenameTable) and not self._catalog[operation.table].dropped:
            self._held.rename(operation.table, operation.new)
        learn(operation, self._catalog)
        self._control(number, operation)

    def _control(self, number: int, operation: Operation) -> None:
        match operation:
            case Begin():
                self.begin()
            case Commit() | Rollback() if self._forks:
                self._perhaps_end()
            case Commit(chain) | Rollback(chain):
                if isinstance(operation, Commit):
                    self.commit()
                else:
                    self.rollback()
                if chain:
                    self.begin()
            case Savepoint(name) if self.in_transaction:
                self._savepoints.set(name, self._journal.mark(), self._variables.mark())
            case RollbackTo(name):
                self._back_to(name)
            case Release(name):
                self._savepoints.release(name)
            case CreateEnum(name):
                self._enums.create(name)
            case AddEnumValue(name, value):
                self._enums.add(NewValue(name, value, number))
            case DiscardTemporary():
                self._drop_temporary()
            case Fork():
                self._forks.fork(self._variables.search_path.mark())
            case Otherwise() | Join():
                self._another_way(joins=isinstance(operation, Join))
            case SetTimeZone() if self._forks:
                self._variables.forget_zone()
            case _:
                self._variables.run(number, operation, in_transaction=self.in_transaction)

    def _back_to(self, name: str) -> None:
        savepoint = self._savepoints.back_to(name)
        if savepoint:
            self._journal.back_to(savepoint.changes)
            self._variables.back_to(savepoint.variables)
            self._catalog.names.may_be_free()

    def _another_way(self, *, joins: bool) -> None:
        """Back to where the ways forked, or to where they come together."""
        self._variables.search_path.back_to(
            self._forks.otherwise(self._variables.search_path.mark())
        )
        if joins and self._forks.join():
            self._variables.search_path.set(SearchPath(None), local=False)
        self._catalog.names.may_be_free()

    def _perhaps_end(self) -> None:
        if self._held.perhaps_give_back():
            self._catalog.tables.perhaps_end_transaction()

    def _end(self) -> None:
        self._catalog.tables.end_transaction()
        self._journal.clear()
        self._held.give_back()
        self._enums.clear()
        self._savepoints.clear()
        self.in_transaction = False
