"""A unique index that is built concurrently becomes a UNIQUE or PRIMARY KEY constraint."""

from __future__ import annotations

from dataclasses import replace

from bot.model.finding import NoFix, Step
from bot.model.moment import Moment
from bot.model.wording import table
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    CreateIndex,
    IndexShape,
    Key,
    OnTable,
)


def by_an_index(moment: Moment, key: Key, inline: int | None = None) -> tuple[Step, ...]:
    """The index concurrently, and then the constraint; `key` bears the name of both.

    Where the author wrote the name, an index that is called so can only be what a failed attempt
    has left, unless the migrations have made one; a name that PostgreSQL chose could be somebody
    else's.
    """
    operation, name = _on_table(moment), key.name or ""
    index = CreateIndex(
        operation.table,
        name,
        key.index,
        concurrently=True,
        retried=_written_name(operation, inline) is not None and not key.taken,
    )
    constraint = replace(key, index=IndexShape(), using_index=name)
    return Step((index,)), Step((AddConstraint(operation.table, constraint),))


def _on_table(moment: Moment) -> OnTable:
    operation = moment.command.operation
    if not isinstance(operation, OnTable):
        raise TypeError(f"{operation} is not on a table")
    return operation


def _written_name(operation: OnTable, inline: int | None) -> str | None:
    match operation:
        case AddConstraint(constraint=constraint):
            return constraint.name
        case AddColumn(constraints=several) if inline is not None:
            return several[inline].name
    return None


def no_index_for(moment: Moment, key: Key) -> NoFix | None:
    """Why no index that is built concurrently can become this constraint."""
    operation = _on_table(moment)
    name = table(moment.read)
    if operation.if_exists:
        return NoFix("`CREATE INDEX` knows no `IF EXISTS` of its table: without it, it is easy.")
    if isinstance(operation, AddColumn) and operation.if_not_exists:
        return NoFix(
            "Where the column exists already, nothing is added, its constraint neither: without"
            " `IF NOT EXISTS` an index could be built concurrently and become the constraint."
        )
    if key.without_overlaps:
        return NoFix(
            "There is no way to add `WITHOUT OVERLAPS` that lets others work: set a"
            " `lock_timeout`, and take a time when few use the table."
        )
    if moment.outcome.partitioned:
        return NoFix(
            f"{name} is partitioned, and no index is built concurrently on all of its partitions"
            " at once: build one on each of them concurrently, make it a constraint there"
            " (`USING INDEX`), and then add this one, which finds them and builds none."
        )
    return None
