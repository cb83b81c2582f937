"""The simulation: a session runs statements and carries what its open transaction holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bot.postgres.catalog import Catalog, Table
from bot.postgres.effects import Effect, Lock, effect, learn
from bot.postgres.effects.base import distinct
from bot.postgres.forks import Forks
from bot.postgres.journal import Journal
from bot.postgres.locks import LockMode
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
from bot.postgres.setting import Setting

TEMPORARY = "pg_temp"

NAMED = 8
"""How many locks an outcome names, and how many of earlier statements it considers."""

_GIVEN_BACK = 100
"""How many locks a COMMIT may give back that perhaps does not run."""


@dataclass(frozen=True, slots=True)
class SearchPath:
    """The schemas of unqualified names, None where they are not known.

    `since` is the number of the statement that set it, None for the server's default; `local`
    when it ends with the transaction.
    """

    schemas: tuple[str, ...] | None = ("public",)
    since: int | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that makes others wait; `since` is the number of the statement that took it."""

    table: QualifiedName
    mode: LockMode
    since: int


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value that the statement `since` has added to an enum in the open transaction."""

    type: QualifiedName
    value: str
    since: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One operation of a statement, with its names resolved, and what it did.

    `scanned` are the tables read from end to end, or rewritten, that may hold rows, and `blocking`
    the locks held meanwhile that make others wait: its own, then others of its statement and the
    earliest of its transaction, `unnamed` of them left out. `taken` are the locks of its statement
    that the transaction did not hold already, in a mode as strong.
    """

    operation: Operation
    effect: Effect
    scanned: tuple[QualifiedName, ...]
    perhaps: tuple[QualifiedName, ...]
    """Those that may hold rows, and are rewritten on conditions of which the text tells nothing."""
    fails_on: tuple[QualifiedName, ...]
    """Those that may hold rows, and must not."""
    blocking: tuple[HeldLock, ...]
    unnamed: int
    taken: tuple[Lock, ...]
    search_path: SearchPath
    partitioned: bool
    """Whether its table is known to be partitioned."""
    declared: bool
    """Whether all of the columns of its table are known."""
    refused: str | None
    """Why PostgreSQL takes no such statement, as a sentence; None where it does."""
    limited: bool
    """Whether a timeout that was set ends its waiting for locks."""
    new_values: tuple[NewValue, ...]
    """Values of enums that it cannot use, the first of them."""


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
        self._modes: dict[QualifiedName, tuple[LockMode, ...]] = {}
        self._blocking: dict[QualifiedName, HeldLock] = {}
        self._new_enums: dict[QualifiedName, bool] = {}
        self._new_values: dict[tuple[QualifiedName, str], NewValue] = {}
        self._savepoints: list[_Savepoint] = []
        self._forks = Forks[tuple[SearchPath, SearchPath]](self._journal)
        self._journal.join_by(self._modes, _both_modes)
        self._journal.join_by(self._blocking, _stronger)
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
        earlier = dict(islice(self._blocking.items(), NAMED))
        own: dict[QualifiedName, HeldLock] = {}
        taken: list[Lock] = []
        for index, operation in _in_passes(operations):
            resolved = self._resolved(operation)
            what = effect(resolved, self._catalog)
            refused = self._refused(resolved, what)
            path = self._search_path.value
            new = self._new(resolved)
            if new and self._catalog[new].dropped:
                self._journal.remove(self._modes, new)  # what is locked is the one of before
            for lock in () if refused else what.locks:
                self._take(lock, taken)
                if lock.table != new and not (lock.table in what.views and not lock.blocks_reads):
                    self._block(lock, number, own)
            if not what.refused:
                self._learn(number, resolved)
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
        held, news = {**own, **earlier, **own}, _strongest(taken)
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
        blocking = tuple(islice((*own.values(), *rest), NAMED))
        unnamed = max(0, len(self._blocking) - len(blocking))
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
        return what.refused

    def _take(self, lock: Lock, taken: list[Lock]) -> None:
        """Hold `lock` until the transaction ends, and note it in `taken` where it is news."""
        held = self._modes.get(lock.table, ())
        if not any(mode.covers(lock.mode) for mode in held):
            self._journal.put(self._modes, lock.table, (*held, lock.mode))
            taken.append(lock)

    def _block(self, lock: Lock, number: int, own: dict[QualifiedName, HeldLock]) -> None:
        """Note `lock` as one that others wait for, unless nobody would."""
        if (
            not lock.mode.blocks
            or self._catalog.is_unseen(lock.table)
            or self._catalog.is_empty(lock.table)
            or (self._catalog[lock.table].view and not lock.blocks_reads)
        ):
            return
        held = self._blocking.get(lock.table)
        if held is None or lock.mode > held.mode:
            held = HeldLock(lock.table, lock.mode, number)
            self._journal.put(self._blocking, lock.table, held)
        own[lock.table] = held

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
            self._rename(operation.table, operation.new)
        learn(operation, self._catalog)
        self._control(number, operation)

    def _rename(self, old: QualifiedName, new: QualifiedName) -> None:
        """Locks are held on tables, not on names."""
        held = self._blocking.get(old)
        if held:
            self._journal.remove(self._blocking, old)
            self._journal.put(self._blocking, new, replace(held, table=new))
        if old in self._modes:
            self._journal.put(self._modes, new, self._modes[old])
            self._journal.remove(self._modes, old)

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
        """The transaction ends, if this runs, and the next one begins with no locks.

        It is remembered lock by lock, so of very many they count as held.
        """
        if len(self._modes) > _GIVEN_BACK:
            return
        self._journal.remove_all(self._modes)
        self._journal.remove_all(self._blocking)
        self._catalog.perhaps_end_transaction()

    def _end(self) -> None:
        self._catalog.end_transaction()
        self._journal.clear()
        self._blocking.clear()
        self._modes.clear()
        self._new_enums.clear()
        self._new_values.clear()
        self._savepoints.clear()
        self.in_transaction = False


def _both_modes(
    one: tuple[LockMode, ...] | None, other: tuple[LockMode, ...] | None
) -> tuple[LockMode, ...]:
    return tuple(dict.fromkeys((*(one or ()), *(other or ()))))


def _stronger(one: HeldLock | None, other: HeldLock | None) -> HeldLock | None:
    """A lock that may be held makes others wait, if it is."""
    return max((lock for lock in (one, other) if lock), key=lambda lock: lock.mode, default=None)


def _strongest(taken: list[Lock]) -> tuple[Lock, ...]:
    """Without the locks that another one on the same table makes say nothing."""
    by_table: dict[QualifiedName, list[Lock]] = {}
    for lock in taken:
        by_table.setdefault(lock.table, []).append(lock)
    return tuple(
        lock
        for several in by_table.values()
        for lock in several
        if not any(other.tells_more_than(lock) for other in several)
    )


def _in_passes(operations: Sequence[Operation]) -> list[tuple[int, Operation]]:
    """ALTER TABLE drops, then changes types, then adds and sets (AlterTablePass)."""
    passes = ((DropColumn, DropConstraint, DropNotNull), (AlterType,), (Operation,))
    places = {
        index: next(place for place, kinds in enumerate(passes) if isinstance(one, kinds))
        for index, one in enumerate(operations)
    }
    return sorted(enumerate(operations), key=lambda pair: places[pair[0]])
