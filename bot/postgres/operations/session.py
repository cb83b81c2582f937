"""What changes the session and its transactions, and no table."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.operations.base import Operation


@dataclass(frozen=True, slots=True)
class SetSearchPath(Operation):
    """SET search_path or the like; None where the value is not known from the text."""

    schemas: tuple[str, ...] | None
    local: bool = False


TIMEOUTS = ("lock_timeout", "statement_timeout", "transaction_timeout")
"""The settings that end the waiting for a lock, each by itself."""


@dataclass(frozen=True, slots=True)
class SetTimeout(Operation):
    """SET lock_timeout or the like; `on` unless the value is 0, which takes any limit away."""

    name: str
    on: bool
    local: bool = False


@dataclass(frozen=True, slots=True)
class SetTimeZone(Operation):
    """SET TimeZone; `utc` where it is known to be UTC from the text."""

    utc: bool
    local: bool = False


@dataclass(frozen=True, slots=True)
class ResetAll(Operation):
    """RESET ALL or DISCARD ALL: every setting is as at the beginning of the session."""


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


@dataclass(frozen=True, slots=True)
class Fork(Operation):
    """What follows may run or not, up to Join."""


@dataclass(frozen=True, slots=True)
class Otherwise(Operation):
    """What follows runs, if it does, instead of what came since Fork."""


@dataclass(frozen=True, slots=True)
class Join(Operation):
    """Whatever ran since Fork, from here on all runs again."""
