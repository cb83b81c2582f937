"""A valid check of IS NOT NULL spares SET NOT NULL its look at the rows, and then has served."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.finding import Step
from bot.model.hazard import validation
from bot.postgres.operations import (
    AddConstraint,
    DropConstraint,
    NotNullCheck,
    OnTable,
    SetNotNull,
)


def checked(written: OnTable, checks: Sequence[NotNullCheck]) -> tuple[OnTable, ...]:
    """What adds the checks, not valid."""
    return tuple(AddConstraint(written.table, c, if_exists=written.if_exists) for c in checks)


def proved(written: OnTable, checks: Sequence[NotNullCheck]) -> Step:
    """The columns become NOT NULL, and the checks go: all is read before the first strong lock."""
    exists, steps = written.if_exists, [validation(written, str(one.name)) for one in checks]
    after: list[OnTable] = []
    for one in checks:
        after.append(SetNotNull(written.table, one.column, if_exists=exists))
        after.append(DropConstraint(written.table, str(one.name), if_exists=exists))
    return Step((*steps, *after))
