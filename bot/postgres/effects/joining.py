"""PostgreSQL refuses a part that lacks what the whole table has, or has what that has not.

Measured on 14 to 18. Source: MergeAttributesIntoExisting and MergeConstraintsIntoExisting in
src/backend/commands/tablecmds.c. Names are left out of the sentences, for they come from strangers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bot.postgres.catalog import LOOKED_AT, Catalog, KnownConstraint
from bot.postgres.effects.descent import demands_not_null, is_inherited, is_partition
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AttachPartition,
    Check,
    CreateTable,
    DetachPartition,
    Inherit,
    NotNull,
    OnTable,
)
from bot.postgres.predicates import Bound


def refusal_of_part(operation: OnTable, catalog: Catalog) -> str | None:
    """Why a table cannot become a part of another; None where it can, or who knows."""
    return next(_reasons(operation, catalog), None)


def _reasons(operation: OnTable, catalog: Catalog) -> Iterator[str]:
    match operation:
        case CreateTable(if_not_exists=True):
            pass  # it may be there
        case (
            AttachPartition(whole)
            | DetachPartition(whole)
            | CreateTable(parent=QualifiedName() as whole)
        ) if catalog.inventory.is_entire(whole) and not catalog[whole].partitioned:
            yield "The table is not partitioned."
        case AttachPartition(whole, part, bound):
            yield from _elsewhere(part, catalog)
            yield from _out_of_bounds(whole, bound, catalog)
            yield from _misfits(whole, part, catalog)
            yield from _superfluous(whole, part, catalog)
        case CreateTable(_, parent=QualifiedName() as whole, bound=bound):
            yield from _out_of_bounds(whole, bound, catalog)
        case CreateTable(_, parents=parents):
            if any(catalog[one].partitioned or is_partition(one, catalog) for one in parents):
                yield "Nothing inherits from a partitioned table, nor from a partition."
        case AddConstraint(table, Check(name=str(name), no_inherit=False) as check) if (
            catalog.constraints.get(table, name) is None
        ):
            for one in islice(catalog.trees.children(table), LOOKED_AT):
                yield from _conflicts(check, catalog.constraints.get(one, name))
        case Inherit(table, parent):
            if parent in (table, *catalog.trees.below(table)):
                yield "A table inherits neither from itself nor from what is below it."
            if parent in catalog.trees.parents(table):
                yield "The table inherits from that one already."
            yield from _misfits(parent, table, catalog)


def _elsewhere(part: QualifiedName, catalog: Catalog) -> Iterator[str]:
    if catalog.trees.parents(part):
        yield "The table is a partition or a child of another one already."
    if catalog.trees.is_parent(part) and not catalog[part].partitioned:
        yield "Other tables inherit from it."


def _out_of_bounds(whole: QualifiedName, bound: Bound | None, catalog: Catalog) -> Iterator[str]:
    key, kind = catalog.trees.key(whole), bound.kind if bound else "DEFAULT"
    if key and bound and kind not in ("DEFAULT", key.strategy):
        yield f"The table is partitioned by {key.strategy}."
    elif bound and any(map(bound.overlaps, islice(catalog.trees.bounds(whole), LOOKED_AT))):
        yield "Another partition holds some of these rows."
    if bound and kind == "DEFAULT" and catalog.trees.default(whole):
        yield "The table has a default partition already."


def _misfits(above: QualifiedName, below: QualifiedName, catalog: Catalog) -> Iterator[str]:
    for column in islice(catalog.inventory.columns(above), LOOKED_AT):
        if catalog.inventory.has(below, column) is False:
            yield "The table lacks a column of the one above."
        elif catalog.differ(above, below, column):
            yield "A column is of another type in the table above."
    if catalog.inventory.is_entire(below):
        if catalog.columns.primary_key(above) and _has_other_key(above, below, catalog):
            yield "The table has a primary key already, of other columns."
        yield from _unmarked(above, below, catalog)
        yield from _unconstrained(above, below, catalog)


def _has_other_key(above: QualifiedName, below: QualifiedName, catalog: Catalog) -> bool:
    own = catalog.columns.primary_key(below)
    return catalog[above].partitioned and own not in ((), catalog.columns.primary_key(above))


def _unmarked(above: QualifiedName, below: QualifiedName, catalog: Catalog) -> Iterator[str]:
    for column in islice(catalog.inventory.columns(above), LOOKED_AT):
        if not demands_not_null(above, column, catalog):
            continue
        if not catalog.columns.is_marked_not_null(below, column):
            yield "A column is NOT NULL in the table above, and is not here."
        for one in catalog.constraints.latest(below):
            if isinstance(one.constraint, NotNull) and one.constraint.column == column:
                yield from _weaker(one)


def _unconstrained(above: QualifiedName, below: QualifiedName, catalog: Catalog) -> Iterator[str]:
    for known in catalog.constraints.latest(above):
        match known.constraint:
            case Check(name=str(name)) as check if is_inherited(check, catalog, above):
                there = catalog.constraints.get(below, name)
                if there is None:
                    yield "The table lacks a constraint of the one above."
                elif not is_inherited(there.constraint, catalog, below):
                    yield "A constraint of the table above is here one that is `NO INHERIT`."
                elif check.enforced and not there.constraint.enforced:
                    yield "A constraint of the table above is here one that is `NOT ENFORCED`."
                elif check.enforced and known.valid and not there.valid:
                    yield "A constraint of the table above is here one that is `NOT VALID`."


def _conflicts(check: Check, there: KnownConstraint | None) -> Iterator[str]:
    """MergeWithExistingConstraint in src/backend/catalog/heap.c"""
    match there and there.constraint:
        case Check(no_inherit=True):
            yield "A table below has a constraint of that name that is `NO INHERIT`."
        case Check(enforced=False) if check.enforced:
            yield "A table below has a constraint of that name that is `NOT ENFORCED`."
        case Check() if there and check.enforced and not check.not_valid and not there.valid:
            yield "A table below has a constraint of that name that is `NOT VALID`."


def _weaker(there: KnownConstraint) -> Iterator[str]:
    if isinstance(there.constraint, NotNull) and there.constraint.no_inherit:
        yield "A constraint of the table above is here one that is `NO INHERIT`."
    elif not there.valid:
        yield "A constraint of the table above is here one that is `NOT VALID`."


def _superfluous(whole: QualifiedName, part: QualifiedName, catalog: Catalog) -> Iterator[str]:
    for column in islice(catalog.inventory.columns(part), LOOKED_AT):
        if catalog.inventory.has(whole, column) is False:
            yield "A partition has no column that the whole table has not."
