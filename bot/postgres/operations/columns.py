"""What is asked of one column."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import OnTable
from bot.postgres.operations.constraints import Constraint, NotNullCheck


@dataclass(frozen=True, slots=True)
class AddColumn(OnTable):
    """ADD COLUMN with the constraints written on it; `default` where it has one."""

    column: str
    default: bool = False
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetNotNull(OnTable):
    """ALTER COLUMN … SET NOT NULL

    `constraint` is the name that PostgreSQL 18 gives the constraint it makes, `helper` a
    check that would prove it before; both None until somebody chooses them.
    """

    column: str
    constraint: str | None = None
    helper: NotNullCheck | None = None


@dataclass(frozen=True, slots=True)
class DropNotNull(OnTable):
    """ALTER COLUMN … DROP NOT NULL"""

    column: str
