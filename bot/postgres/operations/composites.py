"""What is asked of a composite type, and through it of every table that is made of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable, Operation


@dataclass(frozen=True, slots=True)
class AlterComposite(Operation):
    """ALTER TYPE … ADD, DROP, ALTER or RENAME ATTRIBUTE [CASCADE]

    `change` is what the same would be for a table that is called as the type is.
    """

    type: QualifiedName
    change: OnTable
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class SetOf(OnTable):
    """ALTER TABLE … OF type, or NOT OF"""

    of: QualifiedName | None
