"""The statements that Alembic sends for one of its operations, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.alembic import altering, constraints, tables
from bot.alembic.sender import Asked, Sender
from bot.python.values import Call

_OPERATIONS: dict[str, Callable[[Sender, Call], Iterator[Asked]]] = {
    "create_check_constraint": constraints.check,
    "create_foreign_key": constraints.foreign_key,
    "create_unique_constraint": constraints.unique,
    "create_primary_key": constraints.primary_key,
    "create_exclude_constraint": constraints.exclude,
    "drop_constraint": constraints.drop,
    "add_column": altering.add_column,
    "drop_column": altering.drop_column,
    "alter_column": altering.alter_column,
    "create_table": tables.create_table,
    "drop_table": tables.drop_table,
    "rename_table": tables.rename_table,
    "create_table_comment": tables.comment,
    "drop_table_comment": tables.comment,
    "create_index": tables.create_index,
    "drop_index": tables.drop_index,
    "bulk_insert": tables.bulk_insert,
}


def asked(sender: Sender, name: str, call: Call) -> Iterator[Asked] | None:
    """What the operation `name` sends; None where Alembic has none of that name."""
    send = _OPERATIONS.get(name)
    return send(sender, call) if send else None
