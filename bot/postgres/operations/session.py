"""What changes the session and its transactions, and no table."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import Operation


@dataclass(frozen=True, slots=True)
class SetSearchPath(Operation):
    """SET search_path or the like; None where the value is not known from the text."""

    schemas: tuple[str, ...] | None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Begin(Operation):
    """BEGIN or START TRANSACTION"""


@dataclass(frozen=True, slots=True)
class Commit(Operation):
    """COMMIT or END; `chain` opens the next transaction at once."""

    chain: bool = False


@dataclass(frozen=True, slots=True)
class Rollback(Operation):
    """ROLLBACK or ABORT; `chain` opens the next transaction at once."""

    chain: bool = False


@dataclass(frozen=True, slots=True)
class Savepoint(Operation):
    """SAVEPOINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class Release(Operation):
    """RELEASE SAVEPOINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class RollbackTo(Operation):
    """ROLLBACK TO SAVEPOINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class DiscardTemporary(Operation):
    """DISCARD TEMP: all temporary tables of the session are dropped."""
