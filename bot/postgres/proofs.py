"""What would spare partitions a look at all of their rows, were it there and valid before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.effects.descent import equal_key
from bot.postgres.effects.partitions import (
    checked_keys,
    is_all,
    lacks_index,
    predicate_of,
    unproved,
)
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AttachPartition,
    BoundCheck,
    CreateTable,
    ForeignKey,
)
from bot.postgres.predicates import Bound, Predicate

Name = Callable[[QualifiedName, tuple[str, ...], str], str]
"""A free name for a constraint of a table: from it, from other words and a label."""


def with_proofs(attach: AttachPartition, name: Name, catalog: Catalog) -> AttachPartition:
    whole, part, bound = attach.table, attach.partition, attach.bound
    looked_up = () if catalog.holds_no_rows(part) else checked_keys(whole, part, catalog)
    referenced = tuple(dict.fromkeys(key.referenced for key in looked_up))
    attach = replace(attach, unindexed=lacks_index(whole, part, catalog))
    wanted = predicate_of(whole, bound, catalog)
    own: Iterable[QualifiedName] = unproved(whole, part, wanted, catalog)
    needed = not is_all(attach, catalog) and _may_hold_rows(own, catalog)
    if needed and (wanted is None or bound is None):
        return replace(attach, referenced=referenced)
    check = [_check(part, (), "partition_check", wanted, name)] if needed and wanted else []
    more = _exclusion(whole, part, bound, name, catalog)
    proofs = None if more is None else (*check, *more)
    return replace(attach, proofs=proofs, referenced=referenced)


def with_exclusion(new: CreateTable, name: Name, catalog: Catalog) -> CreateTable:
    if new.parent is None:
        return new
    return replace(new, proofs=_exclusion(new.parent, new.table, new.bound, name, catalog))


def with_lacking(add: AddConstraint, catalog: Catalog) -> AddConstraint:
    """A foreign key that every partition has already has no row left to look up."""
    if not isinstance(add.constraint, ForeignKey) or not catalog[add.table].partitioned:
        return add
    below = catalog.trees.below(add.table)
    holding = (table for table in below if not catalog[table].partitioned)
    key = add.constraint
    return replace(add, lacking=tuple(t for t in holding if not _has(t, key, catalog)))


def _has(table: QualifiedName, key: ForeignKey, catalog: Catalog) -> bool:
    known = equal_key(table, key, catalog)
    return known is not None and known.valid


def _exclusion(
    whole: QualifiedName, part: QualifiedName, bound: Bound | None, name: Name, catalog: Catalog
) -> tuple[AddConstraint, ...] | None:
    """What has the default partition hold no row of `part`; None where that is not so simple."""
    default = catalog.trees.default(whole)
    if default is None or bound is None or bound.kind == "DEFAULT":
        return ()
    wanted = predicate_of(whole, bound, catalog)
    opposite = wanted.opposite if wanted else None
    if not _may_hold_rows(unproved(whole, default, opposite, catalog), catalog):
        return ()
    if wanted is None or opposite is None:
        return None
    return (_check(default, (part.name,), "excluded", wanted, name, excluded=True),)


def _may_hold_rows(tables: Iterable[QualifiedName], catalog: Catalog) -> bool:
    return any(not catalog.holds_no_rows(table) for table in tables)


def _check(
    table: QualifiedName,
    words: tuple[str, ...],
    label: str,
    predicate: Predicate,
    name: Name,
    *,
    excluded: bool = False,
) -> AddConstraint:
    check = BoundCheck(
        name=name(table, words, label), predicate=predicate, excluded=excluded, not_valid=True
    )
    return AddConstraint(table, check)
