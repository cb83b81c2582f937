"""A constraint is checked for every row when it is added, or when it is validated later."""

from __future__ import annotations

from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock, distinct, exclusive
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AlterConstraint,
    Check,
    Constraint,
    DropConstraint,
    ForeignKey,
    Key,
    Operation,
    RenameConstraint,
    ValidateConstraint,
)


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case AddConstraint(table, Key(kind="PRIMARY KEY", using_index=str()) as key):
            nullable = key.checks or not key.columns
            return Effect(exclusive(table).locks, (table,) if nullable else ())
        case AddConstraint(table, constraint):
            return adding(table, constraint, checks_rows=True)
        case AlterConstraint():
            return _altering(operation, catalog)
        case ValidateConstraint(table, name):
            return _validating(table, name, catalog)
        case DropConstraint(table, name):
            return _dropping(table, name, catalog)
        case RenameConstraint(table):
            return exclusive(table)
        case _:
            return NOTHING


def adding(table: QualifiedName, constraint: Constraint, *, checks_rows: bool) -> Effect:
    """NOT VALID and, since 18, NOT ENFORCED leave the rows that are there unread."""
    checks = checks_rows and constraint.enforced and not constraint.not_valid
    match constraint:
        case ForeignKey(referenced=referenced):
            locks = (table, referenced)
            taken = tuple(Lock(name, LockMode.SHARE_ROW_EXCLUSIVE) for name in distinct(locks))
            return Effect(taken, _read(table, constraint) if checks else ())
        case Key(using_index=str()):
            return exclusive(table)
        case Key():
            return Effect(exclusive(table).locks, (table,))
        case _:
            return Effect(exclusive(table).locks, (table,) if checks else ())


def _read(table: QualifiedName, key: ForeignKey) -> tuple[QualifiedName, ...]:
    """One query joins both tables; with a PERIOD each row has one of its own (RI_Initial_Check)."""
    return (table,) if key.period else distinct((table, key.referenced))


def _altering(alter: AlterConstraint, catalog: Catalog) -> Effect:
    """A foreign key that becomes enforced checks every row, one that no longer is drops triggers.

    One that nobody knows is taken for one that is not enforced: why else make it so?
    """
    table, known = alter.table, catalog.constraints.get(alter.table, alter.name)
    match known and known.constraint:
        case ForeignKey() as key:
            return _enforcing(table, key, alter.enforced)
        case Check() | Key() if alter.enforced is not None:
            refused = "Only a foreign key can be made ENFORCED or NOT ENFORCED later."
            return replace(exclusive(table), refused=refused)
        case Check() | Key() if alter.inherits:
            refused = "Only a NOT NULL constraint can be made INHERIT or NO INHERIT later."
            return replace(exclusive(table), refused=refused)
        case Check() | Key():
            refused = "Only a foreign key can be made DEFERRABLE later."
            return replace(exclusive(table), refused=refused)
        case None if alter.enforced:
            return replace(exclusive(table), scans=(table,))
        case _:
            return exclusive(table)


def _enforcing(table: QualifiedName, key: ForeignKey, enforced: bool | None) -> Effect:
    own = exclusive(table)
    if enforced is None or enforced == key.enforced:
        return own
    if not enforced:
        return exclusive(table, key.referenced)
    others = distinct((table, key.referenced))[1:]
    locks = (Lock(name, LockMode.SHARE_ROW_EXCLUSIVE) for name in others)
    return Effect((*own.locks, *locks), _read(table, key))


def _validating(table: QualifiedName, name: str, catalog: Catalog) -> Effect:
    own = Lock(table, LockMode.SHARE_UPDATE_EXCLUSIVE)
    match catalog.constraints.get(table, name):
        case None:
            return Effect((own,), (table,))
        case known if known.valid:
            return Effect((own,))
        case known if isinstance(known.constraint, ForeignKey):
            referenced = known.constraint.referenced
            locks = (own, Lock(referenced, LockMode.ROW_SHARE))
            return Effect(locks, _read(table, known.constraint))
        case _:
            return Effect((own,), (table,))


def _dropping(table: QualifiedName, name: str, catalog: Catalog) -> Effect:
    """A dropped foreign key takes its triggers off the referenced table as well."""
    known = catalog.constraints.get(table, name)
    if known and isinstance(known.constraint, ForeignKey):
        return exclusive(table, known.constraint.referenced)
    return exclusive(table)


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case AddConstraint(table, constraint):
            catalog.constraints.add(table, constraint)
        case ValidateConstraint(table, name):
            catalog.constraints.validate(table, name)
        case DropConstraint(table, name):
            catalog.constraints.drop(table, name)
        case AlterConstraint(table, name, enforced=bool(enforced)):
            catalog.constraints.enforce(table, name, enforced=enforced)
        case RenameConstraint(table, old, new):
            catalog.constraints.rename(table, old, new)
