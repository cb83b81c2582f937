"""An operation is one thing that a statement asks of PostgreSQL, free of syntax."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.postgres.names import QualifiedName

OLDEST = 14
"""The first server that is simulated."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Anything a statement may ask; also a statement that takes no table lock worth knowing.

    `since` is the first PostgreSQL that takes it in the form in which it is written.
    """

    since: int = field(default=OLDEST, kw_only=True)

    @property
    def alone(self) -> bool:
        """Whether PostgreSQL takes it outside of transactions only (PreventInTransactionBlock)."""
        return False


@dataclass(frozen=True, slots=True)
class Refused(Operation):
    """What no PostgreSQL takes, and why, as a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class OnTable(Operation):
    """An operation on one table; with `if_exists`, none on a table that is missing.

    `only`: on the table alone, not on those below it. `foreign` where it says so.
    """

    table: QualifiedName
    if_exists: bool = field(default=False, kw_only=True)
    only: bool = field(default=False, kw_only=True)
    foreign: bool = field(default=False, kw_only=True)
