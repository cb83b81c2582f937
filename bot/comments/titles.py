"""A step is called by the words that ask for it."""

from __future__ import annotations

from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AttachPartition,
    CreateIndex,
    CreateTable,
    DropConstraint,
    DropIndex,
    Key,
    Operation,
    RefreshMaterializedView,
    ReindexIndex,
    ReindexTable,
    SetNotNull,
    ValidateConstraint,
)

OTHER = "The change"
CONCURRENTLY = "`CREATE INDEX CONCURRENTLY`"


def title(operation: Operation) -> str:
    """What the author would call it; of what no rule suggests, just that it is something else."""
    match operation:
        case AddConstraint(constraint=Key(using_index=str())):
            return "`ADD CONSTRAINT … USING INDEX`"
        case AddConstraint(constraint=constraint):
            return "`ADD CONSTRAINT … NOT VALID`" if constraint.not_valid else "`ADD CONSTRAINT`"
        case ValidateConstraint():
            return "`VALIDATE CONSTRAINT`"
        case SetNotNull():
            return "`SET NOT NULL`"
        case DropConstraint():
            return "`DROP CONSTRAINT`"
        case AddColumn():
            return "`ADD COLUMN`"
        case CreateIndex(concurrently=True):
            return CONCURRENTLY
        case DropIndex(concurrently=True):
            return "`DROP INDEX CONCURRENTLY`"
        case ReindexIndex() | ReindexTable():
            return "`REINDEX CONCURRENTLY`"
        case RefreshMaterializedView():
            return "`REFRESH MATERIALIZED VIEW CONCURRENTLY`"
        case AttachPartition():
            return "`ATTACH PARTITION`"
        case CreateTable():
            return "`CREATE TABLE`"
    return OTHER
