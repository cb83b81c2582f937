"""CREATE SCHEMA s CREATE TABLE t: what is created there, and named there, is in the new schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.postgres import operations as op
from bot.postgres.names import QualifiedName

_NEW = op.CreateTable | op.CreateView

Place = Callable[[QualifiedName], QualifiedName]


def in_schema(operations: Sequence[op.Operation], schema: str) -> Iterator[op.Operation]:
    """The new schema comes first on the search path while its elements are created."""
    new = {one.table.name for one in operations if isinstance(one, _NEW)}

    def place(name: QualifiedName) -> QualifiedName:
        here = name.schema is None and name.name in new
        return QualifiedName(schema, name.name) if here else name

    for one in operations:
        match one:
            case op.CreateTable(table, constraints=constraints):
                placed = tuple(_referring(constraint, place) for constraint in constraints)
                yield replace(one, table=place(table), constraints=placed)
            case op.CreateIndex(QualifiedName(None, name)) | op.CreateTrigger(
                QualifiedName(None, name)
            ):
                yield replace(one, table=QualifiedName(schema, name))
            case op.OnTable(table):
                yield replace(one, table=place(table))
            case _:
                yield one


def _referring(constraint: op.Constraint, place: Place) -> op.Constraint:
    if isinstance(constraint, op.ForeignKey):
        return replace(constraint, referenced=place(constraint.referenced))
    return constraint
