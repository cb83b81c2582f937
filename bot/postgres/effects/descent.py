"""What is asked of a table is asked of its partitions and children too, unless ONLY is said.

Measured on PostgreSQL 14 to 18; ATPrepCmd in src/backend/commands/tablecmds.c says which commands
of ALTER TABLE descend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.postgres.catalog import Catalog, KnownConstraint
from bot.postgres.effects.composites import on_tables
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName, object_name
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterComposite,
    AlterConstraint,
    AlterTable,
    Analyze,
    AttachPartition,
    Check,
    Cluster,
    Constraint,
    CreateIndex,
    CreateTable,
    CreateTrigger,
    CreateView,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    ForeignKey,
    IndexShape,
    Inherit,
    Key,
    NoInherit,
    NotNull,
    OnTable,
    Operation,
    RefreshMaterializedView,
    ReindexTable,
    RenameConstraint,
    RenameTable,
    SetLogged,
    SetNotNull,
    SetOf,
    Take,
    Vacuum,
    ValidateConstraint,
    Write,
)

LOCKS_BELOW_AT_ONCE = 18
"""Since then ADD CONSTRAINT locks whatever is below, also where the constraint stays above."""

MERGES_NOT_VALID = 18
"""Since then a foreign key that comes from above takes over one that is not valid."""

HEEDS_ONLY = 18
"""Before, ALTER CONSTRAINT reaches the partitions all the same."""

TENDS_CHILDREN = 18
"""Since then VACUUM and ANALYZE go on to the children of a table, as before to partitions alone."""

# AlterTableType; what is not here concerns the table alone.
_DESCENDING = {
    "AddIdentity",
    "ColumnDefault",
    "DropIdentity",
    "SetIdentity",
    "SetStatistics",
    "SetStorage",
}


def everywhere(operation: Operation, catalog: Catalog) -> list[Operation]:
    """`operation`, and what it asks of every table below its own that is known."""
    match operation:
        case AddConstraint(table, Check(name=str(name))) if comes_from_above(table, name, catalog):
            return [Take(table, LockMode.ACCESS_EXCLUSIVE, only=True)]
        case AlterComposite():
            made = on_tables(operation, catalog)
            return [part for one in made for part in everywhere(one, catalog)] or [operation]
    if not isinstance(operation, OnTable) or not catalog.trees.is_parent(operation.table):
        return [operation]
    if operation.only and not _disregards_only(operation, catalog):
        return [operation, *_released(operation, catalog)]
    if not _descends(operation, catalog):
        return [operation]
    below = _without_merged(operation, catalog.trees.below(operation.table), catalog)
    return [operation, *(one for table in below for one in _there(operation, table, catalog))]


def _without_merged(
    operation: OnTable, below: list[QualifiedName], catalog: Catalog
) -> list[QualifiedName]:
    """Nothing goes on below a table that has it already: before 18 a constraint, NOT NULL since."""
    since_18 = catalog.version >= LOCKS_BELOW_AT_ONCE
    match operation:
        case AddConstraint(_, Check(name=str(name))) if not since_18:
            merged = [one for one in below if catalog.constraints.get(one, name)]
        case AddConstraint(_, ForeignKey() as key) if not since_18:
            merged = [one for one in below if equal_key(one, key, catalog, operation.table)]
        case SetNotNull(_, column) if since_18:
            merged = [one for one in below if catalog.columns.is_marked_not_null(one, column)]
        case _:
            return below
    done = {under for one in merged for under in catalog.trees.below(one)}
    return [one for one in below if one not in done]


def _released(operation: OnTable, catalog: Catalog) -> Iterator[Operation]:
    """What ONLY drops becomes a matter of those below: they are told, and keep it."""
    table, partitioned = operation.table, catalog[operation.table].partitioned
    match operation:
        case DropConstraint(_, name):
            known = catalog.constraints.get(table, name)
            told = known is not None and is_inherited(known.constraint, catalog, table)
        case DropNotNull():
            marked = catalog.columns.is_marked_not_null(table, operation.column)
            told = marked and catalog.version >= LOCKS_BELOW_AT_ONCE
        case DropColumn():
            told = True
        case _:
            told = False
    if told:
        names = catalog.trees.below(table) if partitioned else catalog.trees.children(table)
        yield from (Take(one, LockMode.ACCESS_EXCLUSIVE, only=True) for one in names)


def _disregards_only(operation: OnTable, catalog: Catalog) -> bool:
    return isinstance(operation, AlterConstraint) and catalog.version < HEEDS_ONLY


def _descends(operation: OnTable, catalog: Catalog) -> bool:
    table = operation.table
    partitioned = catalog[table].partitioned
    match operation:
        case CreateTable() | RenameTable() | AttachPartition() | DetachPartition():
            return False
        case Inherit() | NoInherit() | ReindexTable() | SetLogged() | SetOf():
            return False
        case CreateView() | RefreshMaterializedView():
            return False
        case ValidateConstraint(_, name):
            known = catalog.constraints.get(table, name)
            return known is None or (
                not known.valid and is_inherited(known.constraint, catalog, table)
            )
        case RenameConstraint(_, name) if _is_key(table, name, catalog):
            return False  # rename_constraint_internal in src/backend/commands/tablecmds.c
        case DropConstraint(_, name) | RenameConstraint(_, name) | AlterConstraint(_, name):
            known = catalog.constraints.get(table, name)
            return is_inherited(known.constraint, catalog, table) if known else partitioned
        case AlterTable(_, action):
            return action in _DESCENDING
        case SetNotNull(_, column):
            looks_again = not partitioned and catalog.version < LOCKS_BELOW_AT_ONCE
            return looks_again or not catalog.columns.is_marked_not_null(table, column)
        case DropNotNull(_, column) if catalog.version >= LOCKS_BELOW_AT_ONCE:
            return catalog.columns.is_marked_not_null(table, column)
        case DropTable(_, cascade):
            return partitioned or cascade
        case Analyze() | Vacuum():
            return partitioned or catalog.version >= TENDS_CHILDREN
        case CreateIndex() | CreateTrigger() | Cluster() | Write(inserts=True):
            return partitioned
    return True


def _is_key(table: QualifiedName, name: str, catalog: Catalog) -> bool:
    known = catalog.constraints.get(table, name)
    return known is not None and isinstance(known.constraint, Key | ForeignKey)


def is_inherited(constraint: Constraint, catalog: Catalog, table: QualifiedName) -> bool:
    """Whether what is below `table` has the constraint as well."""
    match constraint:
        case Check(no_inherit=alone) | NotNull(no_inherit=alone):
            return not alone
    return catalog[table].partitioned


def demands_not_null(table: QualifiedName, column: str, catalog: Catalog) -> bool:
    """Whether the column is NOT NULL, there and in all that is below."""
    own = (known.constraint for known in catalog.constraints.latest(table))
    written = [one for one in own if isinstance(one, NotNull) and one.column == column]
    marked = catalog.columns.is_marked_not_null(table, column) or bool(written)
    return marked and not any(one.no_inherit for one in written)


def is_partition(table: QualifiedName, catalog: Catalog) -> bool:
    return any(catalog[parent].partitioned for parent in catalog.trees.parents(table))


def comes_from_above(table: QualifiedName, name: str, catalog: Catalog) -> bool:
    """Whether `table` has inherited a constraint of that name."""
    return any(
        known is not None and is_inherited(known.constraint, catalog, parent)
        for parent in catalog.trees.parents(table)
        for known in (catalog.constraints.get(parent, name),)
    )


def _there(operation: OnTable, table: QualifiedName, catalog: Catalog) -> Iterable[Operation]:
    """What `operation` asks of `table`, which is below its own."""
    match operation:
        case AddConstraint(above, constraint):
            if is_inherited(constraint, catalog, above):
                return _constrained(operation, table, constraint, catalog)
            return _locked(table, constraint, catalog)
        case AddColumn(above, constraints=constraints):
            kept = tuple(one for one in constraints if is_inherited(one, catalog, above))
            return (replace(operation, table=table, constraints=kept),)
        case CreateIndex(whole, shape=shape) if has_spare_index(table, whole, shape, catalog):
            return (Take(table, LockMode.SHARE),)
        case CreateIndex(shape=shape):  # each gets one of its own name
            columns = "_".join((*shape.columns, *shape.including))
            name = object_name(table.name, columns, "idx")
            return (replace(operation, table=table, name=name, if_not_exists=False),)
    return (replace(operation, table=table),)


def _constrained(
    add: AddConstraint, table: QualifiedName, constraint: Constraint, catalog: Catalog
) -> Iterator[Operation]:
    """A constraint that comes from above, or is there already and becomes one with that."""
    before = catalog.version < LOCKS_BELOW_AT_ONCE
    match constraint:
        case ForeignKey() as key if known := equal_key(table, key, catalog, add.table):
            yield Take(key.referenced, LockMode.ACCESS_EXCLUSIVE)  # a trigger there is dropped
            yield (
                Take(table, LockMode.SHARE_ROW_EXCLUSIVE)
                if known.valid
                else replace(add, table=table)
            )
        case Check(name=str(name)) if catalog.constraints.get(table, name):
            yield Take(table, LockMode.ACCESS_EXCLUSIVE)
        case NotNull(column=column) if catalog.columns.is_not_null(table, column):
            yield Take(table, LockMode.ACCESS_EXCLUSIVE)
        case Key(kind=kind, columns=columns):
            marks = kind == "PRIMARY KEY" and not all(
                catalog.columns.is_marked_not_null(table, column) for column in columns
            )
            weak = before and not marks
            mode = LockMode.SHARE if weak else LockMode.ACCESS_EXCLUSIVE
            if weak and constraint.deferrable:  # a trigger is made
                mode = LockMode.SHARE_ROW_EXCLUSIVE
            if marks:
                yield from (SetNotNull(table, column) for column in columns)
            above, own = (equal_keys(one, constraint, catalog) for one in (add.table, table))
            yield Take(table, mode, scans=own <= above)
        case _:
            yield replace(add, table=table)


def _locked(table: QualifiedName, constraint: Constraint, catalog: Catalog) -> Iterator[Operation]:
    """A constraint that stays above; the marks of a primary key do not."""
    match constraint:
        case Key(kind="PRIMARY KEY", columns=columns):
            yield from (SetNotNull(table, column) for column in columns)
        case _ if catalog.version < LOCKS_BELOW_AT_ONCE:
            return
        case ForeignKey():
            yield Take(table, LockMode.SHARE_ROW_EXCLUSIVE)
        case _:
            yield Take(table, LockMode.ACCESS_EXCLUSIVE)


def equal_key(
    table: QualifiedName, key: ForeignKey, catalog: Catalog, whole: QualifiedName | None = None
) -> KnownConstraint | None:
    """The foreign key of `table` that says the same and can become part of it.

    Whatever it is called; before 18 only one that is valid, and none that is part of another,
    unless that one lies below `whole`, to which the key is added.
    """
    equal = (
        known
        for known in catalog.constraints.latest(table)
        if isinstance(known.constraint, ForeignKey)
        and (known.valid or catalog.version >= MERGES_NOT_VALID)
        and replace(known.constraint, name=key.name, not_valid=key.not_valid) == key
        and _is_free(table, known.constraint.name or "", catalog, whole)
    )
    return max(equal, key=lambda known: known.valid, default=None)


def _is_free(
    table: QualifiedName, name: str, catalog: Catalog, whole: QualifiedName | None
) -> bool:
    """Whether a constraint is no part of another, or just of one that is taken over as well."""
    while name and comes_from_above(table, name, catalog):
        above = (one for one in catalog.trees.parents(table) if catalog.constraints.get(one, name))
        table = next(above)
        if whole is None or table == whole:
            return False
    return True


def equal_keys(
    table: QualifiedName, key: Key, catalog: Catalog, *, kind_matters: bool = False
) -> int:
    """How many constraints of `table` have an index that can become part of that of `key`."""
    constraints = (known.constraint for known in catalog.constraints.latest(table))
    equal = [one for one in constraints if isinstance(one, Key) and one.columns == key.columns]
    kinds = (key.kind,) if kind_matters or key.kind == "EXCLUDE" else ("UNIQUE", "PRIMARY KEY")
    return sum(one.kind in kinds for one in equal)


def has_spare_index(
    table: QualifiedName, whole: QualifiedName, shape: IndexShape, catalog: Catalog
) -> bool:
    """Whether an index of `table` is not yet part of one of `whole`, and can become so."""
    own, above = (sum(map(shape.is_like, catalog.indexes.shapes(one))) for one in (table, whole))
    return shape.plain and own > above
