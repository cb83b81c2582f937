"""An operation leaves here with every table qualified and every constraint named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.postgres.catalog import Catalog
from bot.postgres.names import QualifiedName, constraint_name, truncated
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Check,
    Constraint,
    CreateTable,
    ForeignKey,
    Key,
    NotNull,
    OnTable,
    Operation,
)

Resolve = Callable[[QualifiedName], QualifiedName]


def named(operation: Operation, resolve: Resolve, catalog: Catalog) -> Operation:
    """`operation` with its table resolved and its constraints named as PostgreSQL would."""
    match operation:
        case CreateTable(table, constraints=constraints):
            place = resolve(table)
            done = _named_constraints(place, constraints, resolve, catalog)
            return replace(operation, table=place, constraints=done)
        case AddColumn(table, constraints=constraints):
            place = resolve(table)
            done = _named_constraints(place, constraints, resolve, catalog)
            return replace(operation, table=place, constraints=done)
        case AddConstraint(table, constraint):
            place = resolve(table)
            (one,) = _named_constraints(place, (constraint,), resolve, catalog)
            return replace(operation, table=place, constraint=one)
        case OnTable(table):
            return replace(operation, table=resolve(table))
        case _:
            return operation


def _named_constraints(
    table: QualifiedName, constraints: tuple[Constraint, ...], resolve: Resolve, catalog: Catalog
) -> tuple[Constraint, ...]:
    taken = _names_in_schema(table, catalog)
    done: list[Constraint] = []
    for written in constraints:
        constraint = written
        if isinstance(written, ForeignKey):
            constraint = replace(written, referenced=resolve(written.referenced))
        name = truncated(constraint.name) if constraint.name else _chosen(table, constraint, taken)
        taken.add(name)
        done.append(replace(constraint, name=name))
    return tuple(done)


def _names_in_schema(table: QualifiedName, catalog: Catalog) -> set[str]:
    """ChooseConstraintName avoids every constraint name of the table's schema."""
    return {
        name
        for other, known in catalog.tables.items()
        if other.schema == table.schema
        for name in known.constraints
    }


def _chosen(table: QualifiedName, constraint: Constraint, taken: set[str]) -> str:
    match constraint:
        case Check(columns=columns):
            return constraint_name(table.name, columns if len(columns) == 1 else (), "check", taken)
        case ForeignKey(columns=columns):
            return constraint_name(table.name, columns, "fkey", taken)
        case NotNull(column=column):
            return constraint_name(table.name, (column,), "not_null", taken)
        case Key(kind="PRIMARY KEY"):
            return constraint_name(table.name, (), "pkey", taken)
        case Key(kind="EXCLUDE", columns=columns):
            return constraint_name(table.name, columns, "excl", taken)
        case Key(columns=columns):
            return constraint_name(table.name, columns, "key", taken)
        case _:
            raise TypeError(f"no name is known for {constraint}")
