"""The simulation: a session runs statements and carries what its open transaction holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.postgres.catalog import Catalog, KnownConstraint, Table
from bot.postgres.effects import Effect, Lock, effect
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.naming import named
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Begin,
    Commit,
    Constraint,
    CreateTable,
    DropConstraint,
    DropTable,
    Operation,
    Rollback,
    RollbackTo,
    Savepoint,
    SetSearchPath,
    ValidateConstraint,
    Write,
)

DEFAULT_SEARCH_PATH = ("public",)


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock of the open transaction; `since` is the number of the statement that took it."""

    table: QualifiedName
    mode: LockMode
    since: int


@dataclass(frozen=True, slots=True)
class State:
    """What a rollback returns to."""

    catalog: Catalog = field(default_factory=Catalog)
    search_path: tuple[str, ...] | None = DEFAULT_SEARCH_PATH
    held: tuple[HeldLock, ...] = ()
    created: frozenset[QualifiedName] = frozenset()  # by the open transaction: nobody sees them


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction; `explicit` when BEGIN opened it."""

    before: State
    explicit: bool
    savepoints: tuple[tuple[str, State], ...] = ()
    local_search_path: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One operation of a statement, with its names resolved, and what it did.

    `held` are all locks held while it runs: the transaction's and those of its own statement.
    `state` is what was known when it started.
    """

    operation: Operation
    effect: Effect
    held: tuple[HeldLock, ...]
    state: State

    @property
    def blocking(self) -> tuple[HeldLock, ...]:
        """The held locks that make somebody wait: not those on tables that nobody uses yet."""
        return tuple(
            lock
            for lock in self.held
            if lock.mode.blocks
            and lock.table not in self.state.created
            and not self.state.catalog[lock.table].empty
        )

    @property
    def scanned(self) -> tuple[QualifiedName, ...]:
        """The tables read from end to end that may hold rows."""
        scans, catalog = self.effect.scans, self.state.catalog
        # Without rows in the table itself there is nothing to look up in the one it references.
        if scans and catalog[scans[0]].empty:
            return ()
        return tuple(table for table in scans if not catalog[table].empty)


@dataclass(frozen=True, slots=True)
class Session:
    """Immutable: every method returns the session as it is afterwards."""

    state: State = field(default_factory=State)
    transaction: Transaction | None = None

    def begin(self, *, explicit: bool) -> Session:
        if self.transaction:
            transaction = replace(self.transaction, explicit=explicit or self.transaction.explicit)
            return replace(self, transaction=transaction)
        return replace(self, transaction=Transaction(self.state, explicit))

    def commit(self) -> Session:
        path = self.state.search_path
        if self.transaction and self.transaction.local_search_path:
            path = self.transaction.before.search_path
        return Session(replace(self.state, held=(), created=frozenset(), search_path=path))

    def rollback(self) -> Session:
        before = self.transaction.before if self.transaction else self.state
        return Session(replace(before, held=(), created=frozenset()))

    def run(
        self, number: int, operations: Iterable[Operation]
    ) -> tuple[Session, tuple[Outcome, ...]]:
        """Run one statement, the `number`-th, inside the open transaction.

        A statement holds its locks before it scans, so each of its operations runs under the
        locks of all of them (ALTER TABLE takes the strongest first and scans last).
        """
        session, planned = self, list[tuple[Operation, Effect, State]]()
        for operation in operations:
            resolved = session._resolved(operation)
            what = effect(resolved, session.state.catalog)
            planned.append((resolved, what, session.state))
            session = session._after(resolved)
        locks = tuple(lock for _, what, _ in planned for lock in what.locks)
        held = _strongest((*self.state.held, *_held(locks, number)))
        outcomes = tuple(Outcome(resolved, what, held, state) for resolved, what, state in planned)
        kept = _strongest((*session.state.held, *_held(locks, number)))
        return replace(session, state=replace(session.state, held=kept)), outcomes

    def _resolved(self, operation: Operation) -> Operation:
        if isinstance(operation, CreateTable) and self.state.search_path:
            schema = operation.table.schema or self.state.search_path[0]
            place = QualifiedName(schema, operation.table.name)
            operation = replace(operation, table=place)
        return named(operation, self._qualified, self.state.catalog)

    def _qualified(self, name: QualifiedName) -> QualifiedName:
        """The table that an unqualified name means: a known one on the path, else the first."""
        path = self.state.search_path
        if name.schema or path is None:
            return name
        temporary = QualifiedName("pg_temp", name.name)
        if temporary in self.state.catalog.tables:
            return temporary
        candidates = [QualifiedName(schema, name.name) for schema in path]
        known = [found for found in candidates if found in self.state.catalog.tables]
        return (known or candidates or [name])[0]

    def _after(self, operation: Operation) -> Session:
        match operation:
            case Begin():
                return self.begin(explicit=True)
            case Commit(chain):
                committed = self.commit()
                return committed.begin(explicit=True) if chain else committed
            case Rollback(chain):
                undone = self.rollback()
                return undone.begin(explicit=True) if chain else undone
            case Savepoint(name) if self.transaction:
                marks = (*self.transaction.savepoints, (name, self.state))
                return replace(self, transaction=replace(self.transaction, savepoints=marks))
            case RollbackTo(name) if self.transaction:
                return self._rolled_back_to(name, self.transaction)
            case SetSearchPath(schemas, local):
                return self._with_search_path(schemas, local)
            case _:
                catalog = _learned(operation, self.state.catalog)
                created = self.state.created
                if isinstance(operation, CreateTable) and catalog[operation.table].created:
                    created |= {operation.table}
                return replace(self, state=replace(self.state, catalog=catalog, created=created))

    def _rolled_back_to(self, name: str, transaction: Transaction) -> Session:
        names = [mark for mark, _ in transaction.savepoints]
        if name not in names:
            return self
        index = len(names) - 1 - names[::-1].index(name)
        marks = transaction.savepoints[: index + 1]
        return Session(marks[-1][1], replace(transaction, savepoints=marks))

    def _with_search_path(self, schemas: tuple[str, ...] | None, local: bool) -> Session:
        if local and not self.transaction:
            return self  # PostgreSQL warns and changes nothing
        transaction = self.transaction and replace(
            self.transaction, local_search_path=local or self.transaction.local_search_path
        )
        return Session(replace(self.state, search_path=schemas), transaction)


def _learned(operation: Operation, catalog: Catalog) -> Catalog:
    match operation:
        case CreateTable(table, if_not_exists, filled, constraints):
            if if_not_exists:
                return catalog  # it may have been there already, with rows
            new = catalog.with_table(table, Table(created=True, filled=filled))
            return _with_constraints(new, table, constraints)
        case DropTable(table):
            return catalog.with_table(table, Table())
        case AddConstraint(table, constraint):
            return _with_constraints(catalog, table, (constraint,))
        case AddColumn(table, constraints=constraints):
            return _with_constraints(catalog, table, constraints)
        case ValidateConstraint(table, name):
            known = catalog[table].constraints.get(name)
            return (
                catalog.with_constraint(table, name, replace(known, valid=True))
                if known
                else catalog
            )
        case DropConstraint(table, name):
            return catalog.without_constraint(table, name)
        case Write(table, fills=True):
            return catalog.with_table(table, replace(catalog[table], filled=True))
        case _:
            return catalog


def _with_constraints(
    catalog: Catalog, table: QualifiedName, constraints: tuple[Constraint, ...]
) -> Catalog:
    for constraint in constraints:
        if constraint.name:
            known = KnownConstraint(constraint, valid=not constraint.not_valid)
            catalog = catalog.with_constraint(table, constraint.name, known)
    return catalog


def _held(locks: Iterable[Lock], number: int) -> tuple[HeldLock, ...]:
    return tuple(HeldLock(lock.table, lock.mode, number) for lock in locks)


def _strongest(locks: Iterable[HeldLock]) -> tuple[HeldLock, ...]:
    """Per table the strongest lock, at the place where it was first taken."""
    best: dict[QualifiedName, HeldLock] = {}
    for lock in locks:
        if lock.table not in best or lock.mode > best[lock.table].mode:
            best[lock.table] = lock
    return tuple(best.values())
