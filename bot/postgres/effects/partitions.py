"""A table that becomes a part of another is locked, and read for whether its rows belong there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.effects.base import NOTHING, Effect, Lock, exclusive, together
from bot.postgres.effects.descent import equal_key, equal_keys, is_inherited
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName, object_name
from bot.postgres.operations import (
    AttachPartition,
    Check,
    DetachPartition,
    ForeignKey,
    Inherit,
    Key,
    NoInherit,
    Operation,
)
from bot.postgres.predicates import Bound, Predicate, implied


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case Inherit(table, parent):
            own, below = exclusive(table), catalog.trees.below(table)
            locks = [Lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE)]
            return Effect((*own.locks, *locks, *_locks(below, LockMode.ACCESS_SHARE)))
        case NoInherit(table, parent):
            return Effect((*exclusive(table).locks, Lock(parent, LockMode.ACCESS_SHARE)))
        case AttachPartition():
            return _attaching(operation, catalog)
        case DetachPartition():
            return _detaching(operation, catalog)
        case _:
            return NOTHING


def _attaching(attach: AttachPartition, catalog: Catalog) -> Effect:
    whole, part = attach.table, attach.partition
    own = exclusive(part, *catalog.trees.below(part))
    wanted = predicate_of(whole, attach.bound, catalog)
    checked = () if is_all(attach, catalog) else unproved(whole, part, wanted, catalog)
    locks = (Lock(whole, LockMode.SHARE_UPDATE_EXCLUSIVE), *own.locks)
    keys = (_keyed(part, key, catalog) for key in _keys(whole, catalog))
    built = [part, *catalog.trees.below(part)] if lacks_index(whole, part, catalog) else []
    here = Effect(locks, (*checked, *(one for one in built if not catalog[one].partitioned)))
    known = referencing(whole, catalog)
    return together((here, excluding(whole, attach.bound, catalog), known, *keys))


def is_all(attach: AttachPartition, catalog: Catalog) -> bool:
    """Whether it is the default partition and the only one, of a table that was created here."""
    default = attach.bound is not None and attach.bound.kind == "DEFAULT"
    return default and catalog[attach.table].hollow and not catalog.trees.is_parent(attach.table)


def lacks_index(whole: QualifiedName, part: QualifiedName, catalog: Catalog) -> bool:
    """Whether an index of the whole table is built for the part, of which all is known."""
    if not catalog.inventory.is_entire(part):
        return False
    own = [shape for shape in catalog.indexes.shapes(part) if shape.plain]
    keys, kind_matters = catalog.constraints.latest(whole), catalog.version >= 17
    lacking = (
        isinstance(known.constraint, Key)
        and not equal_keys(part, known.constraint, catalog, kind_matters=kind_matters)
        for known in keys
    )
    return any(lacking) or any(
        shape.plain and not any(shape.is_like(one) for one in own)
        for shape in catalog.indexes.shapes(whole)
    )


def _keyed(part: QualifiedName, key: ForeignKey, catalog: Catalog) -> Effect:
    """A partition gets the foreign keys of the whole, or has had them before."""
    equal = equal_key(part, key, catalog)
    # A trigger there is dropped.
    mode = LockMode.ACCESS_EXCLUSIVE if equal else LockMode.SHARE_ROW_EXCLUSIVE
    read = () if equal and equal.valid else (part, key.referenced)
    return Effect((Lock(key.referenced, mode),), read)


def referencing(whole: QualifiedName, catalog: Catalog) -> Effect:
    """The tables that reference the whole reference a new partition as well."""
    since_15 = catalog.version >= 15
    mode = LockMode.SHARE_ROW_EXCLUSIVE if since_15 else LockMode.ACCESS_SHARE
    return Effect(tuple(_locks(catalog.foreign_keys.referencing(whole), mode)))


def excluding(whole: QualifiedName, bound: Bound | None, catalog: Catalog) -> Effect:
    """The default partition must hold no row that belongs to a new one."""
    default = catalog.trees.default(whole)
    if default is None or bound is None or bound.kind == "DEFAULT":
        return NOTHING
    locked = exclusive(default, *catalog.trees.below(default))
    predicate = predicate_of(whole, bound, catalog)
    opposite = predicate.opposite if predicate else None
    return Effect(locked.locks, tuple(unproved(whole, default, opposite, catalog)))


def predicate_of(whole: QualifiedName, bound: Bound | None, catalog: Catalog) -> Predicate | None:
    key = catalog.trees.key(whole)
    return bound.predicate(key.column) if bound and key and key.column else None


def unproved(
    whole: QualifiedName, table: QualifiedName, wanted: Predicate | None, catalog: Catalog
) -> Iterator[QualifiedName]:
    """`table` and what is below it, unless checks imply what is wanted of a part of `whole`.

    Where they might, and nobody but a server can tell, nothing is claimed.
    """
    if _is_proved(whole, table, wanted, catalog) is False:
        yield table
        for one in catalog.trees.below(table):
            if _is_proved(whole, one, wanted, catalog) is False:
                yield one


def _is_proved(
    whole: QualifiedName, table: QualifiedName, wanted: Predicate | None, catalog: Catalog
) -> bool | None:
    key = catalog.trees.key(whole)
    columns = set(key.columns) - {None} if key else set()
    checks = [
        known.constraint
        for known in catalog.constraints.latest(table)
        if known.valid
        and isinstance(known.constraint, Check)
        and (not columns or columns & set(known.constraint.columns))
    ]
    if wanted is None:
        return None if checks else False
    # What is not null in the whole has to be so in its parts.
    not_null = [
        column
        for column in columns
        if column
        and (
            catalog.columns.is_not_null(table, column)
            or catalog.columns.is_marked_not_null(whole, column)
        )
    ]
    return implied(wanted, [check.predicate for check in checks], not_null)


def _detaching(detach: DetachPartition, catalog: Catalog) -> Effect:
    """Without CONCURRENTLY others wait for a moment; with it, it waits for them."""
    whole, part, default = detach.table, detach.partition, catalog.trees.default(detach.table)
    if detach.concurrently and default:
        reason = "A table with a default partition lets go of none concurrently."
        return Effect(refused=reason)
    # No row may reference one of those that leave.
    quiet = detach.concurrently or detach.finalize
    users = [] if quiet else catalog.foreign_keys.referencing(whole)
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if quiet else LockMode.ACCESS_EXCLUSIVE
    parts = [part, *catalog.trees.below(part), *([default] if default and not quiet else [])]
    weaker = LockMode.SHARE_ROW_EXCLUSIVE
    referenced = [Lock(key.referenced, weaker) for key in _keys(whole, catalog)]
    whole_users = [one for one in users if not set(catalog.trees.parents(one)) & set(users)]
    strong = _locks([*parts, *whole_users], LockMode.ACCESS_EXCLUSIVE)
    locks = (Lock(whole, mode), *strong, *referenced)
    return Effect(locks, tuple(users))


def checked_keys(
    whole: QualifiedName, part: QualifiedName, catalog: Catalog
) -> tuple[ForeignKey, ...]:
    """The foreign keys of the whole for which the rows of a new part are looked up."""
    return tuple(key for key in _keys(whole, catalog) if _keyed(part, key, catalog).scans)


def _keys(table: QualifiedName, catalog: Catalog) -> list[ForeignKey]:
    several = (known.constraint for known in catalog.constraints.latest(table))
    return [one for one in several if isinstance(one, ForeignKey)]


def _locks(tables: list[QualifiedName], mode: LockMode) -> Iterator[Lock]:
    return (Lock(table, mode) for table in dict.fromkeys(tables))


def learn(operation: Operation, catalog: Catalog) -> None:
    match operation:
        case AttachPartition(whole, part, bound):
            catalog.link(whole, part, is_partition=True)
            if bound:
                catalog.trees.set_bound(part, bound)
            if bound and bound.kind == "DEFAULT":
                catalog.trees.set_default(whole, part)
            for key in _keys(whole, catalog):
                if not equal_key(part, key, catalog):
                    catalog.constraints.add(part, replace(key, not_valid=False))
            catalog.columns.mark_alike(whole, part)
            index_alike(whole, part, catalog)
            catalog.tables.adopt(whole)
        case Inherit(table, parent):
            catalog.link(parent, table, is_partition=False)
            catalog.tables.adopt(parent)
        case DetachPartition(whole, part):
            catalog.trees.unlink(whole, part)
        case NoInherit(table, parent):
            catalog.trees.unlink(parent, table)


def inherit(parent: QualifiedName, child: QualifiedName, catalog: Catalog) -> None:
    """A new table has what its parent demands from the beginning."""
    for known in reversed(catalog.constraints.latest(parent)):
        constraint = replace(known.constraint, not_valid=False)
        if isinstance(constraint, Key):
            label = "pkey" if constraint.kind == "PRIMARY KEY" else "key"
            columns = "" if label == "pkey" else "_".join(constraint.columns)
            constraint = replace(constraint, name=object_name(child.name, columns, label))
        if is_inherited(constraint, catalog, parent):
            catalog.constraints.add(child, constraint)
    catalog.columns.mark_alike(parent, child)
    index_alike(parent, child, catalog)


def index_alike(whole: QualifiedName, part: QualifiedName, catalog: Catalog) -> None:
    """A partition has the indexes of the whole table, under names of their own."""
    if not catalog[whole].partitioned:
        return
    own = catalog.indexes.shapes(part)
    for shape in catalog.indexes.shapes(whole):
        if not any(shape.is_like(one) for one in own):
            columns = "_".join((*shape.columns, *shape.including))
            catalog.indexes.create(part, object_name(part.name, columns, "idx"), shape)
