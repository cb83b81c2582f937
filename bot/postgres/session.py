"""The simulation: a session runs statements and carries what its open transaction holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from bot.postgres.catalog import Catalog, Table
from bot.postgres.effects import Effect, Lock, effect, learn
from bot.postgres.effects.base import distinct
from bot.postgres.forks import Forks
from bot.postgres.held import HeldLocks, strongest
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.naming import named
from bot.postgres.operations import (
    TIMEOUTS,
    AddConstraint,
    AddEnumValue,
    AlterType,
    Begin,
    Commit,
    Constraint,
    CreateEnum,
    CreateTable,
    CreateView,
    DiscardTemporary,
    DropColumn,
    DropConstraint,
    DropNotNull,
    Fork,
    Join,
    OnTable,
    Operation,
    Otherwise,
    Release,
    RenameTable,
    ResetAll,
    Rollback,
    RollbackTo,
    Savepoint,
    SetSearchPath,
    SetTimeout,
)
from bot.postgres.outcome import HeldLock, NewValue, Outcome, SearchPath
from bot.postgres.setting import Setting

TEMPORARY = "pg_temp"

NAMED = 8
"""How many locks an outcome names, and how many of earlier statements it considers."""


@dataclass(frozen=True, slots=True)
class _Done:
    operation: Operation
    effect: Effect
    scanned: tuple[QualifiedName, ...]
    perhaps: tuple[QualifiedName, ...]
    fails_on: tuple[QualifiedName, ...]
    search_path: SearchPath
    table: Table
    refused: str | None
    limited: bool


@dataclass(frozen=True, slots=True)
class _Savepoint:
    name: str
    changes: int
    settings: tuple[tuple[Any, Any], ...]


class Session:
    """One connection, whose statements run one after another."""

    def __init__(self, version: int) -> None:
        self._journal = Journal()
        self._catalog = Catalog(self._journal, version)
        self._search_path = Setting(SearchPath())
        self._timeouts = {name: Setting(default=False) for name in TIMEOUTS}
        self._settings: list[Setting[Any]] = [self._search_path, *self._timeouts.values()]
        self._held = HeldLocks(self._journal)
        self._new_enums: dict[QualifiedName, bool] = {}
        self._new_values: dict[tuple[QualifiedName, str], NewValue] = {}
        self._savepoints: list[_Savepoint] = []
        self._forks = Forks[tuple[SearchPath, SearchPath]](self._journal)
        self.in_transaction = False

    @property
    def version(self) -> int:
        return self._catalog.version

    def has_left_unvalidated(self, operation: Operation) -> bool:
        """Whether the constraint that `operation` has added is there now, and still not valid."""
        match operation:
            case AddConstraint(table, Constraint(name=str(name), enforced=True) as added):
                known = self._catalog.constraint(table, name)
                return known is not None and not known.valid and known.constraint == added
        return False

    def begin(self) -> None:
        """Open a transaction; inside one, BEGIN changes nothing (PostgreSQL warns)."""
        if not self.in_transaction:
            self.in_transaction = True
            for setting in self._settings:
                setting.begin()

    def commit(self) -> None:
        self._catalog.commit()
        if self.in_transaction:
            for setting in self._settings:
                setting.commit()
        self._end()

    def rollback(self) -> None:
        if self.in_transaction:
            self._journal.back_to(0)
            self._catalog.forget_free_names()
            for setting in self._settings:
                setting.rollback()
        self._end()

    def reconnect(self) -> None:
        """A new connection: what was SET is gone, what was created is not."""
        for setting in self._settings:
            setting.reset()
        self._drop_temporary()

    def _drop_temporary(self) -> None:
        for table in self._catalog.in_schema(TEMPORARY):
            self._catalog.drop(table)

    def run_unread(self) -> None:
        """A statement that could not be read: it may have done anything."""
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
        ran: dict[int, _Done] = {}
        earlier = self._held.earliest(NAMED)
        own: dict[QualifiedName, HeldLock] = {}
        taken: list[Lock] = []
        for index, operation in _in_passes(operations):
            resolved = self._resolved(operation)
            what = effect(resolved, self._catalog)
            refused = self._refused(resolved, what)
            path = self._search_path.value
            new = self._new(resolved)
            if new and self._catalog[new].dropped:
                self._held.forget(new)
            for lock in () if refused else what.locks:
                taken += [lock] if self._held.take(lock) else []
                unread = lock.table in what.views and not lock.blocks_reads
                if lock.table != new and not unread and self._makes_wait(lock):
                    own[lock.table] = self._held.block(lock, number)
            if not what.refused:
                self._learn(number, resolved)
            if refused:
                self._catalog.certain.shake()
            table = self._catalog[resolved.table] if isinstance(resolved, OnTable) else Table()
            ran[index] = _Done(
                resolved,
                what,
                scanned=self._scanned(what),
                perhaps=self._with_rows(what.perhaps),
                fails_on=self._with_rows(what.fails_on),
                search_path=path,
                table=table,
                refused=refused,
                limited=any(timeout.value for timeout in self._timeouts.values()),
            )
        held, news = {**own, **earlier, **own}, strongest(taken)
        return tuple(self._outcome(ran[index], held, news) for index in range(len(operations)))

    def _new(self, operation: Operation) -> QualifiedName | None:
        """What it creates, so that nobody else waits for it."""
        match operation:
            case CreateTable(table):
                return table
            case CreateView(table) if not self._catalog.is_relation(table.schema, table.name):
                return table
        return None

    def _outcome(
        self, done: _Done, held: Mapping[QualifiedName, HeldLock], taken: tuple[Lock, ...]
    ) -> Outcome:
        """The operation's own locks are named first; all that are held are at least counted."""
        own = {lock.table: held[lock.table] for lock in done.effect.locks if lock.table in held}
        rest = (lock for table, lock in held.items() if table not in own)
        blocking = tuple(islice(chain(own.values(), rest), NAMED))
        unnamed = max(0, len(self._held) - len(blocking))
        return Outcome(
            operation=done.operation,
            effect=done.effect,
            scanned=done.scanned,
            perhaps=done.perhaps,
            fails_on=done.fails_on,
            blocking=blocking,
            unnamed=unnamed,
            taken=taken,
            search_path=done.search_path,
            partitioned=done.table.partitioned,
            declared=done.table.declared,
            refused=done.refused,
            limited=done.limited,
            new_values=tuple(islice(self._new_values.values(), NAMED)),
        )

    def _refused(self, operation: Operation, what: Effect) -> str | None:
        if operation.since > self._catalog.version:
            return f"It needs PostgreSQL {operation.since}."
        # PreventInTransactionBlock in src/backend/access/transam/xact.c
        if operation.alone and self.in_transaction:
            return "It cannot run inside a transaction."
        # Where it may not run, or what it raises is caught, nothing fails.
        return None if self._forks else what.refused

    def _makes_wait(self, lock: Lock) -> bool:
        """Whether anybody would wait for it."""
        catalog, table = self._catalog, lock.table
        unused = catalog.is_unseen(table) or catalog.is_empty(table)
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

    def _resolved(self, operation: Operation) -> Operation:
        return named(operation, self._place_of_new, self._qualified, self._catalog)

    def _place_of_new(self, name: QualifiedName) -> QualifiedName:
        """A new table goes into the first schema of the path."""
        if name.schema or not self._search_path.value.schemas:
            return name
        return QualifiedName(self._search_path.value.schemas[0], name.name)

    def _qualified(self, name: QualifiedName) -> QualifiedName:
        """The table, index or domain that an unqualified name means: a known one on the path.

        Of several schemas nobody can tell which one holds it; then it stays unqualified.
        """
        schemas = self._search_path.value.schemas
        if name.schema or schemas is None:
            return name
        places = [QualifiedName(schema, name.name) for schema in (TEMPORARY, *schemas)]
        found = (one for one in places if self._catalog.is_there(one))
        return next(found, places[1] if len(schemas) == 1 else name)

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
                settings = tuple(setting.mark() for setting in self._settings)
                self._savepoints.append(_Savepoint(name, self._journal.mark(), settings))
            case RollbackTo(name):
                self._back_to(name)
            case Release(name):
                index = self._savepoint(name)
                del self._savepoints[index:]
            case SetSearchPath(schemas, local) if self.in_transaction or not local:
                self._search_path.set(SearchPath(schemas, number, local), local=local)
            case SetTimeout(name, on, local) if self.in_transaction or not local:
                self._timeouts[name].set(on, local=local)
            case ResetAll():
                self._search_path.set(SearchPath(since=number), local=False)
                for timeout in self._timeouts.values():
                    timeout.set(value=False, local=False)
            case CreateEnum(name):
                self._journal.put(self._new_enums, name, True)
            case AddEnumValue(name, value) if not self._takes_values_at_once(name):
                new = NewValue(name, value, number)
                self._journal.put(self._new_values, (name, value), new)
            case DiscardTemporary():
                self._drop_temporary()
            case Fork():
                self._forks.fork(self._search_path.mark())
            case Otherwise() | Join():
                self._another_way(joins=isinstance(operation, Join))
            case _:
                pass

    def _takes_values_at_once(self, enum: QualifiedName) -> bool:
        """Since 17, where the open transaction has created it (check_safe_enum_use in enum.c)."""
        return enum in self._new_enums and self.version >= 17

    def _back_to(self, name: str) -> None:
        """To the latest savepoint of that name, which stays."""
        index = self._savepoint(name)
        if index < len(self._savepoints):
            del self._savepoints[index + 1 :]
            self._journal.back_to(self._savepoints[index].changes)
            marks = self._savepoints[index].settings
            for setting, mark in zip(self._settings, marks, strict=True):
                setting.back_to(mark)
            self._catalog.forget_free_names()

    def _savepoint(self, name: str) -> int:
        """The place of the latest savepoint of that name, behind the last where there is none."""
        places = range(len(self._savepoints) - 1, -1, -1)
        found = (place for place in places if self._savepoints[place].name == name)
        return next(found, len(self._savepoints))

    def _another_way(self, *, joins: bool) -> None:
        """Back to where the ways forked, or to where they come together."""
        self._search_path.back_to(self._forks.otherwise(self._search_path.mark()))
        if joins and self._forks.join():
            self._search_path.set(SearchPath(None), local=False)
        self._catalog.forget_free_names()

    def _perhaps_end(self) -> None:
        if self._held.perhaps_give_back():
            self._catalog.perhaps_end_transaction()

    def _end(self) -> None:
        self._catalog.end_transaction()
        self._journal.clear()
        self._held.give_back()
        self._new_enums.clear()
        self._new_values.clear()
        self._savepoints.clear()
        self.in_transaction = False


def _in_passes(operations: Sequence[Operation]) -> list[tuple[int, Operation]]:
    """ALTER TABLE drops, then changes types, then adds and sets (AlterTablePass)."""
    passes = ((DropColumn, DropConstraint, DropNotNull), (AlterType,), (Operation,))
    places = {
        index: next(place for place, kinds in enumerate(passes) if isinstance(one, kinds))
        for index, one in enumerate(operations)
    }
    return sorted(enumerate(operations), key=lambda pair: places[pair[0]])
