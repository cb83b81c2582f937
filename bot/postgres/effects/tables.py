"""A table is created unseen, and changed under the lock that its kind of change needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.postgres.catalog import LOOKED_AT, Catalog, Table
from bot.postgres.effects.base import NOTHING, Effect, Lock, exclusive, rewriting, together
from bot.postgres.effects.columns import learn_column
from bot.postgres.effects.partitions import excluding, inherit, referencing
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AlterTable,
    Check,
    Column,
    Copied,
    CreateTable,
    CreateTrigger,
    DropSchema,
    DropTable,
    ForeignKey,
    Key,
    Operation,
    RenameSchema,
    RenameTable,
    SetLogged,
    Truncate,
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
    "EnableTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableAlwaysTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableReplicaTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableTrigAll": LockMode.SHARE_ROW_EXCLUSIVE,
    "EnableTrigUser": LockMode.SHARE_ROW_EXCLUSIVE,
    "DisableTrig": LockMode.SHARE_ROW_EXCLUSIVE,
    "DisableTrigAll": LockMode.SHARE_ROW_EXCLUSIVE,
    "DisableTrigUser": LockMode.SHARE_ROW_EXCLUSIVE,
}


# Unless the table is there, or stored by that method, already.
_PERHAPS_REWRITING = ("SetTableSpace", "SetAccessMethod")


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case CreateTable(table, if_not_exists=True) if _is_there(table, catalog):
            return NOTHING
        case CreateTable():
            return _creating(operation, catalog)
        case DropTable(table, cascade):
            users = exclusive(*_users(table, catalog)) if cascade else NOTHING
            return together((_dropping(table, catalog), users))
        case Truncate(table, cascade=True):
            return exclusive(*_emptied_with(table, catalog))
        case RenameTable(table) | Truncate(table):
            return exclusive(table)
        case DropSchema(schema, cascade=True):
            return together(_dropping(table, catalog) for table in _there(schema, catalog))
        case SetLogged(table, logged):
            return together((exclusive(table), _logging(table, logged, catalog)))
        case AlterTable(table, action) if action in _PERHAPS_REWRITING:
            return together((exclusive(table), Effect(perhaps=(table,))))
        case CreateTrigger(table):
            return Effect((Lock(table, LockMode.SHARE_ROW_EXCLUSIVE),))
        case AlterTable(table, action):
            mode = _WEAKER_ALTER_TABLE.get(action, LockMode.ACCESS_EXCLUSIVE)
            return Effect((Lock(table, mode),))
        case _:
            return NOTHING


def _emptied_with(table: QualifiedName, catalog: Catalog) -> list[QualifiedName]:
    """The table, those that are known to reference it, those that reference these and so on."""
    found = {table: True}
    left = [table]
    while left and len(found) < LOOKED_AT:
        for one in catalog.foreign_keys.referencing(left.pop()):
            if one not in found:
                found[one] = True
                left.append(one)
    return list(found)


def _there(schema: str, catalog: Catalog) -> list[QualifiedName]:
    return [table for table in catalog.tables.in_schema(schema) if not catalog[table].dropped]


def _is_there(table: QualifiedName, catalog: Catalog) -> bool:
    return table in catalog.tables and not catalog[table].dropped


def _logging(table: QualifiedName, logged: bool, catalog: Catalog) -> Effect:
    """Nothing is written anew where the table is that way already."""
    match catalog[table].unlogged:
        case None:
            return Effect(perhaps=(table,))
        case unlogged:
            return rewriting(table) if unlogged == logged else NOTHING


def _creating(new: CreateTable, catalog: Catalog) -> Effect:
    """Indexes are built on the new table too, quickly: it is empty."""
    table, parent = new.table, new.parent
    from_above = catalog.constraints.latest(parent) if parent else []
    constraints = [*new.constraints, *(known.constraint for known in from_above)]
    referenced = [c.referenced for c in constraints if isinstance(c, ForeignKey)]
    others = [Lock(r, LockMode.SHARE_ROW_EXCLUSIVE) for r in referenced if r != table]
    others += [Lock(parent, LockMode.ACCESS_EXCLUSIVE)] if parent else []
    indexed = not new.partition_key and (
        any(isinstance(one, Key) for one in constraints)
        or bool(new.parent and catalog.indexes.shapes(new.parent))
    )
    here = Effect((*exclusive(table).locks, *others), (table,) if indexed else ())
    if parent is None:
        return here
    return together((here, excluding(parent, new.bound, catalog), referencing(parent, catalog)))


def _dropping(table: QualifiedName, catalog: Catalog) -> Effect:
    """What it was a part of has to know, and so have the tables that it references by itself."""
    whole = next((p for p in catalog.trees.parents(table) if catalog[p].partitioned), None)
    if whole is None:
        return exclusive(table, *catalog.foreign_keys.referenced_by(table))
    default = catalog.trees.default(whole)
    shared = _keys(whole, catalog)
    referenced = [key.referenced for key in _keys(table, catalog) if key not in shared]
    return exclusive(table, whole, *([default] if default else []), *referenced)


def _users(table: QualifiedName, catalog: Catalog) -> Iterator[QualifiedName]:
    """The tables that reference it, or what it is a partition of."""
    above = [table]
    while above:
        one = above.pop()
        yield from catalog.foreign_keys.referencing(one)
        above += (parent for parent in catalog.trees.parents(one) if catalog[parent].partitioned)


def _keys(table: QualifiedName, catalog: Catalog) -> list[ForeignKey]:
    """Its foreign keys as they are, whatever they are called."""
    several = (known.constraint for known in catalog.constraints.latest(table))
    keys = (one for one in several if isinstance(one, ForeignKey))
    return [replace(key, name=None, not_valid=False) for key in keys]


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case CreateTable(QualifiedName(None)) | DropTable(QualifiedName(None)):
            pass  # nobody can tell in which schema, so no other name is known to mean it
        case CreateTable(table, if_not_exists=maybe):
            if not maybe or catalog[table].dropped:
                _learn_new(operation, catalog)
            else:
                catalog.tables.note(table)
        case DropTable(table):
            catalog.drop(table)
        case DropSchema(schema):
            for table in catalog.tables.in_schema(schema):
                catalog.drop(table)
        case RenameTable(table) if catalog[table].dropped:
            pass  # IF EXISTS: there is nothing to rename
        case RenameTable(table):
            catalog.rename(table, operation.new)
        case RenameSchema(schema, new):
            for table in _there(schema, catalog):
                catalog.rename(table, QualifiedName(new, table.name))
        case Truncate(table, cascade):
            for one in _emptied_with(table, catalog) if cascade else [table]:
                catalog.tables.truncate(one)
        case SetLogged(table, logged):
            catalog.tables.set_unlogged(table, value=not logged)


def _columns(
    new: CreateTable, parents: tuple[QualifiedName, ...], catalog: Catalog
) -> list[Column]:
    """Its own, and those of its parents, which keep their types where it says more of them."""
    merged = {
        name: replace(_as_there(parent, name, catalog), filling=filling)
        for parent, name in catalog.inventory.handed_down(parents)
        if (filling := catalog.columns.filling_of(parent, name)) is not None
    }
    for own in new.columns:
        above = merged.get(own.name)
        merged[own.name] = replace(own, type=above.type) if above and not own.type else own
    return list(merged.values())


def _as_there(table: QualifiedName, column: str, catalog: Catalog) -> Column:
    known = catalog.columns
    kind, collation = known.type_of(table, column), known.collation_of(table, column)
    return Column(column, kind, collation=collation)


def _copy(copied: Copied, table: QualifiedName, catalog: Catalog) -> None:
    """A domain stays one in the copy; keys and indexes get names that are not looked at."""
    source, columns = copied.source, catalog.columns
    known = copied.names or [name for _, name in catalog.inventory.handed_down((source,))]
    for name in known:
        learn_column(table, _as_there(source, name, catalog), catalog)
        if copied.marks and columns.is_marked_not_null(source, name):
            columns.set_not_null(table, name, value=True)
    for one in reversed(catalog.constraints.latest(source)) if copied.checks else ():
        if isinstance(one.constraint, Check):
            catalog.constraints.add(table, replace(one.constraint, not_valid=False))


def _learn_new(new: CreateTable, catalog: Catalog) -> None:
    parents = (new.parent,) if new.parent else new.parents
    table = Table(
        filled=new.filled,
        declared=new.declared and not parents,
        unlogged=new.unlogged,
        view=new.view,
        foreign=new.foreign,
    )
    catalog.create(new.table, table, new.partition_key)
    if new.of:
        catalog.composites.set(new.table, new.of)
    if new.dropped_on_commit:
        catalog.tables.drop_on_commit(new.table)
    if new.declared and catalog.inventory.hands_all_down(parents):
        catalog.inventory.declare(new.table)
    for copied in new.copies:
        _copy(copied, new.table, catalog)
    for column in _columns(new, parents, catalog):
        learn_column(new.table, column, catalog)
    for parent in parents:
        catalog.link(parent, new.table, is_partition=new.parent is not None)
        inherit(parent, new.table, catalog)
    if new.parent and new.bound:
        catalog.trees.set_bound(new.table, new.bound)
    if new.parent and new.bound and new.bound.kind == "DEFAULT":
        catalog.trees.set_default(new.parent, new.table)
    for constraint in new.constraints:
        catalog.constraints.add(new.table, constraint)
