"""What a statement did in its session, and under which locks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.effects import Effect, Lock
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Operation


@dataclass(frozen=True, slots=True)
class SearchPath:
    """The schemas of unqualified names, None where they are not known.

    `since` is the number of the statement that set it, None for the server's default; `local`
    when it ends with the transaction.
    """

    schemas: tuple[str, ...] | None = ("public",)
    since: int | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Timeout:
    """Whether a setting ends the waiting for a lock; `since` and `local` as in a search path."""

    on: bool = False
    since: int | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class TimeZone:
    """Whether times without a zone are certainly those of UTC."""

    utc: bool = False


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that makes others wait; `since` is the number of the statement that took it."""

    table: QualifiedName
    mode: LockMode
    since: int


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value that the statement `since` has added to an enum in the open transaction."""

    type: QualifiedName
    value: str
    since: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One operation of a statement, with its names resolved, and what it did.

    `scanned` are the tables read from end to end, or rewritten, that may hold rows, and `blocking`
    the locks held meanwhile that make others wait: its own, then others of its statement and the
    earliest of its transaction, `unnamed` of them left out. `taken` are the locks of its statement
    that the transaction did not hold already, in a mode as strong.
    """

    operation: Operation
    effect: Effect
    scanned: tuple[QualifiedName, ...]
    perhaps: tuple[QualifiedName, ...]
    """Those that may hold rows, and are rewritten on conditions of which the text tells nothing."""
    fails_on: tuple[QualifiedName, ...]
    """Those that may hold rows, and must not."""
    search_path: SearchPath
    partitioned: bool
    """Whether its table is known to be partitioned."""
    declared: bool
    """Whether all of the columns of its table are known."""
    refused: str | None
    """Why PostgreSQL takes no such statement, as a sentence; None where it does."""
    limited: bool
    """Whether a timeout that was set ends its waiting for locks."""
    lock_timeout: Timeout
    blocking: tuple[HeldLock, ...] = ()
    unnamed: int = 0
    taken: tuple[Lock, ...] = ()
    new_values: tuple[NewValue, ...] = ()
    """Values of enums that it cannot use, the first of them."""
