"""A constraint can be validated later where nothing until then builds on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres.names import QualifiedName, Template
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    AlterType,
    AttachPartition,
    Check,
    Constraint,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropExpression,
    DropIndex,
    DropNotNull,
    DropTable,
    ForeignKey,
    Key,
    NotNull,
    OnTable,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetExpression,
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

("key", columns) is a unique index that something builds on, ("rows", "any") which rows a table has
and what holds for them. ("column", x) is a column as it is, ("name", x) what it is called; "any"
where nobody knows which one matters.
"""

_KEY = ("key", "any")
_UNKNOWN_KEY = ("key", "unknown")
_ROWS = ("rows", "any")


def subjects(operation: Operation) -> tuple[Subject, ...]:
    """What an operation, with its names resolved, would put off; nothing where it puts off none."""
    match operation:
        case AddConstraint(table, constraint, several):
            return (table, None), *_of(table, constraint), *((one, None) for one in several)
        case AddColumn(table, constraints=several):
            return (table, None), *(subject for one in several for subject in _of(table, one))
        case CreateIndex(table, str(name), shape):
            keys = _keys(table, shape.columns) if shape.unique else ()
            columns = (*shape.columns, *shape.including) if shape.plain else ()
            return (table, name), (table, None), *_by_name(table, columns), *keys
        case ValidateConstraint(table, name):
            any_column = (table, ("column", "any"))
            return (table, name), (table, None), (table, ("not null", "any")), any_column
        case AttachPartition(table, partition, proofs=proofs):
            checked = ((add.table, _ROWS) for add in proofs or ())
            own = (partition, None), (partition, ("column", "any"))
            return (table, _ROWS), (partition, _ROWS), *own, *checked
        case SetNotNull(table, column):
            return (table, None), (table, ("null", column)), *_by_name(table, (column,))
    return ()


def _of(table: QualifiedName, constraint: Constraint) -> Iterator[Subject]:
    """What a constraint that is put off builds on."""
    yield table, constraint.name
    match constraint:
        case Key(index=index):
            yield from _keys(table, index.columns)
            yield from _by_name(table, (*index.columns, *index.including))
        case Check(columns=columns, not_null=not_null):
            yield from ((table, ("not null", one)) for one in not_null)
            yield from ((table, ("column", one)) for one in columns or ("any",))
        case ForeignKey(columns=columns):
            yield from ((table, ("column", one)) for one in columns)
        case NotNull(column=column):
            yield table, ("column", column)


def _keys(table: QualifiedName, columns: tuple[str, ...]) -> tuple[Subject, ...]:
    return (table, _KEY), (table, _key_on(columns) or _UNKNOWN_KEY)


def _referenced(key: ForeignKey) -> tuple[Subject, ...]:
    """What a foreign key builds on; it may name the columns in any order."""
    named = _key_on(key.referenced_columns)
    if named is None:
        return ((key.referenced, _KEY),)
    return (key.referenced, named), (key.referenced, _UNKNOWN_KEY)


def _key_on(columns: tuple[str, ...]) -> tuple[str, str] | None:
    known = columns and not any(isinstance(one, Template) for one in columns)
    return ("key", str(sorted(columns))) if known else None


def _by_name(table: QualifiedName, columns: tuple[str, ...]) -> Iterator[Subject]:
    """The columns that are named when it is done; all of them where an expression names some."""
    known = columns if columns and "expr" not in columns else ("any",)
    yield from ((table, (kind, column)) for kind in ("column", "name") for column in known)


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
        case (
            AlterType(table, column)
            | DropColumn(table, column)
            | DropExpression(table, column)
            | SetExpression(table, column)
        ):
            yield from ((table, ("column", one)) for one in (column, "any"))
        case RenameTable(table) | DropTable(table):
            yield table, None
        case AddConstraint(constraint=ForeignKey() as key):
            yield from _referenced(key)
        case AddColumn(constraints=several) | CreateTable(constraints=several):
            for one in several:
                if isinstance(one, ForeignKey):
                    yield from _referenced(one)
        case Write(table, upserts=True) | AlterTable(table, "ReplicaIdentity" | "ClusterOn"):
            yield table, _KEY
        case RenameColumn(table, old):
            yield from ((table, ("name", one)) for one in (old, "any"))
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
