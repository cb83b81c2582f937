"""An operation leaves here with every table qualified, every constraint named and a key's columns.

The columns are those that a foreign key references without naming them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from itertools import count
from typing import Any

from bot.postgres.catalog import Catalog
from bot.postgres.names import QualifiedName, Template, constraint_name, distinct_columns, truncated
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterType,
    AttachPartition,
    Check,
    Constraint,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateTable,
    CreateView,
    ForeignKey,
    Key,
    NotNull,
    NotNullCheck,
    OnIndex,
    Operation,
    RefreshMaterializedView,
    SetNotNull,
)
from bot.postgres.proofs import with_exclusion, with_lacking, with_proofs
from bot.postgres.types import Type, have_other_operators

Resolve = Callable[[QualifiedName], QualifiedName]


def named(
    operation: Operation, place_of_new: Resolve, resolve: Resolve, catalog: Catalog
) -> Operation:
    """`operation` with its table resolved and its constraints named as PostgreSQL would."""
    resolved = _resolved(operation, place_of_new, resolve)
    match resolved:
        case CreateTable(table, constraints=constraints):
            done = _named_constraints(table, constraints, resolve, catalog)
            new = replace(resolved, constraints=done)
            return with_exclusion(new, _chooser(catalog), catalog)
        case AddColumn(table, type=kind, constraints=constraints):
            done = _named_constraints(table, constraints, resolve, catalog)
            return replace(resolved, constraints=done, constrained=catalog.is_constrained(kind))
        case AddConstraint(table, constraint):
            (one,) = _named_constraints(table, (constraint,), resolve, catalog)
            return with_lacking(replace(resolved, constraint=one), catalog)
        case OnIndex(index):
            return replace(resolved, table=catalog.indexes.table_of(index))
        case CreateIndex(table, None, shape):
            taken = _Taken(table.schema, catalog, constraints=False, relations=True)
            columns = distinct_columns((*shape.columns, *shape.including))
            return replace(resolved, name=constraint_name(table.name, columns, "idx", taken))
        case CreateIndex(table, str(name)):
            taken_by = catalog.is_relation(table.schema, truncated(name))
            return replace(resolved, name=truncated(name), taken=taken_by)
        case AlterType(table, column):
            old, constrained = (
                catalog.columns.type_of(table, column),
                catalog.is_constrained(resolved.type),
            )
            return replace(
                resolved,
                old=old,
                constrained=constrained,
                indexed=catalog.indexes.tie(table, column),
                reordered=_is_reordered(resolved, catalog),
            )
        case RefreshMaterializedView(table):
            return replace(resolved, readable=_can_be_refreshed_concurrently(table, catalog))
        case SetNotNull(table, column):
            taken = _Taken(table.schema, catalog)
            name = constraint_name(table.name, (column,), "not_null", taken)
            return replace(resolved, constraint=name, helper=_check(table, column, taken))
        case AttachPartition():
            return with_proofs(resolved, _chooser(catalog), catalog)
        case _:
            return resolved


def _is_reordered(change: AlterType, catalog: Catalog) -> bool | None:
    """Whether an index is known that gets another collation or other operators.

    None where it perhaps does.
    """
    if not catalog.indexes.follow(change.table, change.column):
        return False
    if have_other_operators(catalog.columns.type_of(change.table, change.column), change.type):
        return True
    if change.collation is None:
        return False
    before = catalog.columns.collation_of(change.table, change.column)
    if before is None:  # nearly every column has that of its type
        return None if change.collated else False
    return before != change.collation


def _can_be_refreshed_concurrently(view: QualifiedName, catalog: Catalog) -> bool:
    """It holds data, and a unique index on plain columns covers all rows (ExecRefreshMatView)."""
    return catalog[view].filled and catalog.indexes.has(
        view, lambda shape: shape.unique and shape.plain and "expr" not in shape.columns
    )


def _chooser(catalog: Catalog) -> Callable[[QualifiedName, tuple[str, ...], str], str]:
    def choose(table: QualifiedName, words: tuple[str, ...], label: str) -> str:
        return constraint_name(table.name, words, label, _Taken(table.schema, catalog))

    return choose


def _resolved(operation: Operation, place_of_new: Resolve, resolve: Resolve) -> Operation:
    """Every name in it is one that exists, but for that of a new table."""
    places: dict[str, Any] = {
        part.name: (place_of_new if _is_new(operation, part.name) else resolve)(name)
        for part in fields(operation)
        if isinstance(name := getattr(operation, part.name), QualifiedName)
    }
    if isinstance(operation, CreateTable) and (operation.parents or operation.copies):
        places["parents"] = tuple(map(resolve, operation.parents))
        copies = (replace(one, source=resolve(one.source)) for one in operation.copies)
        places["copies"] = tuple(copies)
    return _typed(replace(operation, **places) if places else operation, resolve)


def _typed(operation: Operation, resolve: Resolve) -> Operation:
    """Its types are those that their names mean."""

    def place(kind: Type | None) -> Type | None:
        if kind is None or kind.own:
            return kind
        return replace(kind, schema=resolve(kind.qualified).schema)

    match operation:
        case CreateTable(columns=columns) if columns:
            typed = tuple(replace(one, type=place(one.type)) for one in columns)
            return replace(operation, columns=typed)
        case AddColumn(type=kind):
            return replace(operation, type=place(kind))
        case AlterType(type=kind, casts=casts):
            steps = None if casts is None else tuple(place(one) for one in casts)
            return replace(operation, type=place(kind), casts=steps)
    return operation


def _is_new(operation: Operation, part: str) -> bool:
    return (
        (isinstance(operation, CreateTable | CreateView) and part == "table")
        or (isinstance(operation, CreateDomain) and part == "domain")
        or isinstance(operation, CreateEnum)
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """ChooseConstraintName avoids every constraint name of the table's schema.

    ChooseRelationName avoids the names of tables and indexes, and for a constraint both.
    """

    schema: str | None
    catalog: Catalog
    here: set[str] = field(default_factory=set)
    constraints: bool = True
    relations: bool = False

    def __contains__(self, name: object) -> bool:
        return (
            name in self.here
            or (self.constraints and self.catalog.names.is_taken(self.schema, str(name)))
            or (self.relations and self.catalog.is_relation(self.schema, str(name)))
        )

    def first_free(self, names: Callable[[int], str]) -> str:
        """The first of `names(0)`, `names(1)` … that nobody has."""
        known = self.catalog.names.first_free(self.schema, names(0))
        number = next(n for n in count(known) if names(n) not in self)
        self.catalog.names.note_first_free(self.schema, names(0), number)
        return names(number)


def _named_constraints(
    table: QualifiedName, constraints: tuple[Constraint, ...], resolve: Resolve, catalog: Catalog
) -> tuple[Constraint, ...]:
    taken = _Taken(table.schema, catalog)
    with_index = replace(taken, relations=True)  # an index of the same name comes with it
    done: list[Constraint] = []
    for written in constraints:
        constraint = written
        if isinstance(written, ForeignKey):
            referenced = resolve(written.referenced)
            columns = written.referenced_columns or catalog.columns.primary_key(referenced)
            constraint = replace(written, referenced=referenced, referenced_columns=columns)
        names = with_index if isinstance(constraint, Key) else taken
        name = truncated(constraint.name or _chosen(table, constraint, names))
        taken.here.add(name)
        if isinstance(constraint, Key):
            there = catalog.is_relation(table.schema, name)
            constraint = replace(_completed(table, constraint, taken), taken=there)
        done.append(replace(constraint, name=name))
    return tuple(done)


def _completed(table: QualifiedName, key: Key, taken: _Taken) -> Key:
    """A key with what is known of its index, and of the nulls in its columns."""
    catalog = taken.catalog
    known = catalog.indexes.get(QualifiedName(table.schema, key.using_index or ""))
    index = known.shape if known else key.index
    if key.kind != "PRIMARY KEY":
        return replace(key, index=index)
    nullable = [
        column for column in index.columns if not catalog.columns.is_not_null(table, column)
    ]
    checks = tuple(_check(table, column, taken) for column in nullable)
    return replace(key, index=index, checks=checks)


def _check(table: QualifiedName, column: str, taken: _Taken) -> NotNullCheck:
    """What proves a column not null, under a name that is free."""
    name = constraint_name(table.name, (column,), "not_null_check", taken)
    taken.here.add(name)
    return NotNullCheck(
        name=name,
        column=column,
        columns=(column,),
        not_null=frozenset({column}),
        not_valid=True,
    )


def _chosen(table: QualifiedName, constraint: Constraint, taken: _Taken) -> str:
    match constraint:
        case Check(columns=columns):
            # Whether a placeholder is a column, nobody knows.
            unknown = any(isinstance(column, Template) for column in columns)
            named = columns if len(columns) == 1 or unknown else ()
            return constraint_name(table.name, named, "check", taken)
        case ForeignKey(columns=columns):
            return constraint_name(table.name, columns, "fkey", taken)
        case NotNull(column=column):
            return constraint_name(table.name, (column,), "not_null", taken)
        case Key(using_index=str(index)):
            return index
        case Key(kind="PRIMARY KEY"):
            return constraint_name(table.name, (), "pkey", taken)
        case Key(kind="EXCLUDE", columns=columns):
            return constraint_name(table.name, distinct_columns(columns), "excl", taken)
        case Key(index=index):
            columns = distinct_columns((*index.columns, *index.including))
            return constraint_name(table.name, columns, "key", taken)
        case _:
            raise TypeError(f"no name is known for {constraint}")
