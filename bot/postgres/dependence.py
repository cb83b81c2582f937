"""A constraint can be validated later where nothing until then builds on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    AttachPartition,
    Check,
    DropConstraint,
    DropNotNull,
    DropTable,
    Key,
    Operation,
    RenameConstraint,
    RenameTable,
    SetNotNull,
    ValidateConstraint,
)

# AlterTableType in PostgreSQL's source; what is not here may drop or rewrite a column, or build on
# the constraint.
_HARMLESS = {
    "ColumnDefault",
    "RenameColumn",
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
"""All of a table (None), one of its constraints, or ("not null", column)."""


def subjects(operation: Operation) -> tuple[Subject, ...]:
    """What an operation, with its names resolved, would put off; nothing where it puts off none."""
    match operation:
        case AddConstraint(table, Check(name=str(name), not_null=columns)):
            return (table, name), (table, None), *((table, ("not null", one)) for one in columns)
        case AddConstraint(table, constraint) if constraint.name:
            return (table, constraint.name), (table, None)
        case AddColumn(table, constraints=several):
            return (table, None), *((table, one.name) for one in several)
        case ValidateConstraint(table, name):
            return (table, name), (table, None), (table, ("not null", "any"))
        case SetNotNull(table, column):
            return (table, None), (table, ("null", column))
    return ()


def disturbed(operation: Operation) -> Iterator[Subject]:
    """What cannot be put off behind `operation`: all of a table's, or one constraint."""
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
        case RenameTable(table) | DropTable(table) | AddConstraint(table, Key(kind="PRIMARY KEY")):
            yield table, None
        case AttachPartition(table, partition):
            yield table, None
            yield partition, None
        case AlterTable(table, action) if action not in _HARMLESS:
            yield table, None
