"""A constraint can be validated later where nothing until then builds on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    AlterType,
    AttachPartition,
    Check,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    ForeignKey,
    Key,
    OnTable,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetExpression,
    SetLogged,
    SetNotNull,
    ValidateConstraint,
    Write,
)

# AlterTableType in PostgreSQL's source; what is not here may drop or rewrite a column, or build on
# the constraint.
_HARMLESS = {
    "ColumnDefault",
    "SetStatistics",
    "SetOptions",
    "ResetOptions",
    "SetRelOptions",
    "ResetRelOptions",
    "SetStorage",
    "ChangeOwner",
    "ClusterOn",
    "DropCluster",
    "EnableTrig",
    "EnableAlwaysTrig",
    "EnableReplicaTrig",
    "EnableTrigAll",
    "EnableTrigUser",
    "DisableTrig",
    "DisableTrigAll",
    "DisableTrigUser",
    "EnableRowSecurity",
    "DisableRowSecurity",
    "ForceRowSecurity",
    "NoForceRowSecurity",
    "ReplicaIdentity",
}


Subject = tuple[QualifiedName, str | tuple[str, str] | None]
"""All of a table (None), one of its constraints or indexes, or ("not null", column).

("key", "any") is a unique index that something builds on, ("name", "any") the name of a column,
("rows", "any") which rows a table has and what holds for them.
"""

_KEY = ("key", "any")
_COLUMN_NAME = ("name", "any")
_ROWS = ("rows", "any")


def subjects(operation: Operation) -> tuple[Subject, ...]:
    """What an operation, with its names resolved, would put off; nothing where it puts off none."""
    match operation:
        case AddConstraint(table, Check(name=str(name), not_null=columns)):
            return (table, name), (table, None), *((table, ("not null", one)) for one in columns)
        case AddConstraint(table, Key(name=str(name))):
            return (table, name), (table, None), (table, _KEY), (table, _COLUMN_NAME)
        case AddConstraint(table, constraint, several) if constraint.name:
            return (table, constraint.name), (table, None), *((one, None) for one in several)
        case AddColumn(table, constraints=several):
            own = ((table, one.name) for one in several)
            with_key = any(isinstance(one, Key) for one in several)
            more = ((table, _KEY), (table, _COLUMN_NAME)) if with_key else ()
            return (table, None), *own, *more
        case CreateIndex(table, str(name), shape):
            keys = ((table, _KEY),) if shape.unique else ()
            return (table, name), (table, None), (table, _COLUMN_NAME), *keys
        case ValidateConstraint(table, name):
            return (table, name), (table, None), (table, ("not null", "any"))
        case AttachPartition(table, partition, proofs=proofs):
            checked = ((add.table, _ROWS) for add in proofs or ())
            return (table, _ROWS), (partition, _ROWS), (partition, None), *checked
        case SetNotNull(table, column):
            return (table, None), (table, ("null", column)), (table, _COLUMN_NAME)
    return ()


def disturbed(operation: Operation) -> Iterator[Subject]:
    """What cannot be put off behind `operation`: all of a table's, or one constraint."""
    if isinstance(operation, OnTable) and not isinstance(operation, AttachPartition | CreateTable):
        yield operation.table, _ROWS  # what is asked of a table is asked of its partitions
    match operation:
        case ValidateConstraint(table, name) | DropConstraint(table, name):
            yield table, name
        case RenameConstraint(table, old):
            yield table, old
        case SetNotNull(table, column):
            yield table, ("null", column)
            yield table, ("not null", column)
            yield table, ("not null", "any")  # nobody knows which constraint a VALIDATE speaks of
        case DropNotNull(table, column):
            yield table, ("null", column)
        case AddConstraint(table, Key() as key):
            if key.using_index:
                yield table, key.using_index
            if key.kind == "PRIMARY KEY":  # it makes its columns NOT NULL
                yield from (
                    (table, (kind, column))
                    for kind in ("null", "not null")
                    for column in key.columns
                )
                yield table, ("not null", "any")
        case AlterType(table) | DropColumn(table) | SetExpression(table) | SetLogged(table):
            yield table, None
        case RenameTable(table) | DropTable(table):
            yield table, None
        case (
            AddConstraint(constraint=ForeignKey(referenced=referenced))
            | Write(referenced, upserts=True)
            | AlterTable(referenced, "ReplicaIdentity" | "ClusterOn")
        ):
            yield referenced, _KEY
        case AddColumn(constraints=several) | CreateTable(constraints=several):
            for one in several:
                if isinstance(one, ForeignKey):
                    yield one.referenced, _KEY
        case RenameColumn(table):
            yield table, _COLUMN_NAME
        case DropIndex(index, QualifiedName() as table) | RenameIndex(
            index, QualifiedName() as table
        ):
            yield table, index.name
        case AttachPartition(table, partition):
            yield table, None
            yield partition, None
        case DetachPartition(table, partition):
            yield table, None
            yield partition, None
            yield partition, _ROWS
        case AlterTable(table, action) if action not in _HARMLESS:
            yield table, None
