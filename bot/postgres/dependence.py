"""A constraint can be validated later where nothing until then builds on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AlterTable,
    AttachPartition,
    DropConstraint,
    DropTable,
    Operation,
    RenameConstraint,
    RenameTable,
    ValidateConstraint,
)

# AlterTableType in PostgreSQL's source; what is not here may drop or rewrite a column, or build on
# the constraint as SET NOT NULL does.
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
    "DropNotNull",
}


def constraint_of(operation: Operation) -> tuple[QualifiedName, str] | None:
    """The table and constraint that an operation, with its names resolved, adds or validates."""
    match operation:
        case AddConstraint(table, constraint) if constraint.name:
            return table, constraint.name
        case ValidateConstraint(table, name):
            return table, name
    return None


def disturbed(operation: Operation) -> Iterator[tuple[QualifiedName, str | None]]:
    """What cannot be put off behind `operation`: all of a table's, or one constraint."""
    match operation:
        case ValidateConstraint(table, name) | DropConstraint(table, name):
            yield table, name
        case RenameConstraint(table, old):
            yield table, old
        case RenameTable(table) | DropTable(table):
            yield table, None
        case AttachPartition(table, partition):
            yield table, None
            yield partition, None
        case AlterTable(table, action) if action not in _HARMLESS:
            yield table, None
