"""ALTER TABLE drops, changes types, expressions, adds and sets in this order, however written.

Source: AlterTablePass in src/backend/commands/tablecmds.c.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.postgres.operations import (
    AlterType,
    DropColumn,
    DropConstraint,
    DropExpression,
    DropNotNull,
    Operation,
    SetExpression,
)

_PASSES = (
    (DropColumn, DropConstraint, DropExpression, DropNotNull),
    (AlterType,),
    (SetExpression,),
    (Operation,),
)


def in_passes(operations: Sequence[Operation]) -> list[tuple[int, Operation]]:
    """The operations of one statement as they run, each with its place in the text."""
    return sorted(enumerate(operations), key=lambda pair: _pass_of(pair[1]))


def _pass_of(operation: Operation) -> int:
    return next(place for place, kinds in enumerate(_PASSES) if isinstance(operation, kinds))
