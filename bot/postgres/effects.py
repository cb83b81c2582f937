"""Each operation takes the locks and makes the scans that were measured on PostgreSQL 14 to 18."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.postgres.catalog import Catalog
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    AttachPartition,
    Constraint,
    CreateIndex,
    CreateTable,
    DropConstraint,
    DropNotNull,
    DropTable,
    ForeignKey,
    Inherit,
    Key,
    NotNull,
    Operation,
    RenameConstraint,
    RenameTable,
    SetNotNull,
    Take,
    Truncate,
    ValidateConstraint,
    Write,
)

# AlterTableGetLockLevel in src/backend/commands/tablecmds.c; all other commands take
# ACCESS EXCLUSIVE.
_WEAKER_ALTER_TABLE = {
    "SetStatistics": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "ClusterOn": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "DropCluster": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "SetOptions": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "ResetOptions": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "SetRelOptions": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "ResetRelOptions": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "AttachPartition": LockMode.SHARE_UPDATE_EXCLUSIVE,
    "EnableTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableAlwaysTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableReplicaTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableTrigAll": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableTrigUser": LockMode.SHARE_ROW_EXCLUSIVE,
    "DisableTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "DisableTrigAll": LockMode.SHARE_ROW_EXCLUSIVE,
    "DisableTrigUser": LockMode.SHARE_ROW_EXCLUSIVE,
}


@dataclass(frozen=True, slots=True)
class Lock:
    table: QualifiedName
    mode: LockMode

    def tells_more_than(self, other: Lock) -> bool:
        """Whether it is on the same table and conflicts with all that `other` does, and more."""
        return self.table == other.table and self.mode > other.mode and self.mode.covers(other.mode)


@dataclass(frozen=True, slots=True)
class Effect:
    """The locks that an operation takes and the tables that it reads from end to end."""

    locks: tuple[Lock, ...] = ()
    scans: tuple[QualifiedName, ...] = ()


def effect(operation: Operation, catalog: Catalog) -> Effect:
    """The effect of `operation`, whose table names are resolved, on what `catalog` knows."""
    match operation:
        case AddConstraint(table, constraint):
            return _adding(table, constraint, checks_rows=True)
        case AddColumn(table, _, default, constraints):
            return _adding_column(table, default, constraints)
        case SetNotNull(table, column):
            scans = () if catalog.is_not_null(table, column) else (table,)
            return Effect((Lock(table, LockMode.ACCESS_EXCLUSIVE),), scans)
        case ValidateConstraint(table, name):
            return _validating(table, name, catalog)
        case DropConstraint(table, name):
            return _dropping(table, name, catalog)
        case CreateTable(table, constraints=constraints, parent=parent):
            return _creating(table, parent, constraints)
        case (
            DropTable(table)
            | RenameTable(table)
            | RenameConstraint(table)
            | DropNotNull(table)
            | Truncate(table)
        ):
            return Effect((Lock(table, LockMode.ACCESS_EXCLUSIVE),))
        case AlterTable(table, action):
            mode = _WEAKER_ALTER_TABLE.get(action, LockMode.ACCESS_EXCLUSIVE)
            return Effect((Lock(table, mode),))
        case CreateIndex(table, concurrently):
            mode = LockMode.SHARE_UPDATE_EXCLUSIVE if concurrently else LockMode.SHARE
            return Effect((Lock(table, mode),), (table,))
        case Write(table, _, scans):
            return Effect((Lock(table, LockMode.ROW_EXCLUSIVE),), (table,) if scans else ())
        case Inherit(table, parent):
            own = Lock(table, LockMode.ACCESS_EXCLUSIVE)
            return Effect((own, Lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE)))
        case Take(table, mode, scans):
            return Effect((Lock(table, mode),), (table,) if scans else ())
        case AttachPartition(table, partition):
            whole = Lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE)
            return Effect((whole, Lock(partition, LockMode.ACCESS_EXCLUSIVE)), (partition,))
        case _:
            return Effect()


def _creating(
    table: QualifiedName, parent: QualifiedName | None, constraints: tuple[Constraint, ...]
) -> Effect:
    """Indexes are built on the new table too, quickly: it is empty."""
    referenced = [c.referenced for c in constraints if isinstance(c, ForeignKey)]
    others = [Lock(r, LockMode.SHARE_ROW_EXCLUSIVE) for r in referenced if r != table]
    others += [Lock(parent, LockMode.ACCESS_EXCLUSIVE)] if parent else []
    indexed = any(isinstance(constraint, Key) for constraint in constraints)
    return Effect((Lock(table, LockMode.ACCESS_EXCLUSIVE), *others), (table,) if indexed else ())


def _adding(table: QualifiedName, constraint: Constraint, *, checks_rows: bool) -> Effect:
    """NOT VALID and, since 18, NOT ENFORCED leave the rows that are there unread."""
    checks = checks_rows and constraint.enforced and not constraint.not_valid
    match constraint:
        case ForeignKey(referenced=referenced):
            both = _distinct((table, referenced))
            locks = tuple(Lock(name, LockMode.SHARE_ROW_EXCLUSIVE) for name in both)
            return Effect(locks, both if checks else ())
        case Key(using_index=using_index):
            return Effect(
                (Lock(table, LockMode.ACCESS_EXCLUSIVE),), () if using_index else (table,)
            )
        case _:
            return Effect((Lock(table, LockMode.ACCESS_EXCLUSIVE),), (table,) if checks else ())


def _adding_column(
    table: QualifiedName, default: bool, constraints: tuple[Constraint, ...]
) -> Effect:
    """A new column: REFERENCES without a default has nothing to check, CHECK always scans."""
    parts = [
        # NOT NULL with a constant default is known to hold; without one it fails or is empty.
        _adding(
            table,
            constraint,
            checks_rows=not isinstance(constraint, NotNull)
            and (default or not isinstance(constraint, ForeignKey)),
        )
        for constraint in constraints
    ]
    own = Effect((Lock(table, LockMode.ACCESS_EXCLUSIVE),))
    return _together((own, *parts))


def _validating(table: QualifiedName, name: str, catalog: Catalog) -> Effect:
    own = Lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE)
    match catalog.constraint(table, name):
        case None:
            return Effect((own,), (table,))
        case known if known.valid:
            return Effect((own,))
        case known if isinstance(known.constraint, ForeignKey):
            referenced = known.constraint.referenced
            locks = (own, Lock(referenced, LockMode.ROW_SHARE))
            return Effect(locks, _distinct((table, referenced)))
        case _:
            return Effect((own,), (table,))


def _dropping(table: QualifiedName, name: str, catalog: Catalog) -> Effect:
    """A dropped foreign key takes its triggers off the referenced table as well."""
    tables = [table]
    known = catalog.constraint(table, name)
    if known and isinstance(known.constraint, ForeignKey):
        tables.append(known.constraint.referenced)
    return Effect(tuple(Lock(t, LockMode.ACCESS_EXCLUSIVE) for t in _distinct(tables)))


def _together(effects: Iterable[Effect]) -> Effect:
    all_of_them = tuple(effects)
    return Effect(
        tuple(dict.fromkeys(lock for e in all_of_them for lock in e.locks)),
        _distinct(scan for e in all_of_them for scan in e.scans),
    )


def _distinct(names: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
    return tuple(dict.fromkeys(names))
