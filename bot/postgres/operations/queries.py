"""What reads and writes rows, and what just takes a lock."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.locks import LockMode
from bot.postgres.operations.base import OnTable, Operation


@dataclass(frozen=True, slots=True)
class Call(Operation):
    """A function or block that may write to any table."""


@dataclass(frozen=True, slots=True)
class Take(OnTable):
    """A statement of which no more matters than its lock, and whether it reads the whole table.

    `rewrites` where it writes all of the table anew.
    """

    mode: LockMode
    scans: bool = False
    rewrites: bool = False


@dataclass(frozen=True, slots=True)
class Write(OnTable):
    """INSERT, UPDATE, DELETE, MERGE or COPY FROM; `scans` where every row of the table is read.

    `upserts` where it needs a unique index: ON CONFLICT. `inserts` where it only adds rows: of a
    partitioned table they go to its partitions.
    """

    fills: bool = False
    scans: bool = False
    upserts: bool = False
    inserts: bool = False
